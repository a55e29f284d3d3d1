--- Runs cases against a `cjson` and writes what each answers, so that two of them can be compared.
--- @param cjson table
--- @param cases table Lua chunks that get a `cjson` of their own
--- @return table texts
return function(cjson, cases)
  local function shown(value)
    local kind = type(value)
    if value == cjson.null then return "null" end
    if kind == "string" then return string.format("%q", value) end
    if kind == "number" then
      return math.type(value) .. (value ~= value and " nan" or string.format(" %.17g", value))
    end
    if kind ~= "table" then return kind == "boolean" and tostring(value) or kind end
    local parts = {}
    for key, item in pairs(value) do parts[#parts + 1] = shown(key) .. "=" .. shown(item) end
    table.sort(parts)
    return "{" .. table.concat(parts, ", ") .. "}"
  end
  local answers = {}
  for index, case in ipairs(cases) do
    local chunk = assert(load("local cjson = ... " .. case, "=case"))
    local results = table.pack(pcall(chunk, cjson.new()))
    for n = 1, results.n do results[n] = shown(results[n]) end
    answers[index] = table.concat(results, " | ")
  end
  return answers
end
