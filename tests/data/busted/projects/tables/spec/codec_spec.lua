local function encode(v)
  if type(v) == "string" then return ("%q"):format(v) end
  if type(v) == "number" and math.type(v) == "float" then return ("%.14g"):format(v) end
  return tostring(v)
end

local cases = {
  { "null", nil, "nil" }, { "true", true, "true" }, { "integer", 10, "10" }, { "float", 1.5, "1.5" },
  { "exponent", 1e300, "1e+300" }, { "minus", -0.0, "-0" }, { "text", "a\n", '"a\\\n"' }, { "wrong", 3, "4" },
  { "[brackets] and :: colons", "x", '"x"' }, { "same", 1, "1" }, { "same", 2, "2" }, { "same", 3, "4" },
  { "tab\there", 1, "1" }, { "  spaces  ", 1, "1" }, { "ünïcode ✓", 1, "1" }, { "", 1, "1" }, { "%d %s", 1, "1" },
}

describe("encoding", function()
  for i, case in ipairs(cases) do
    it(case[1], function() assert.equal(case[3], encode(case[2])) end)
    if i % 4 == 0 then pending(case[1] .. " backwards") end
  end
  for n = 1, 20 do
    it("number " .. n, function() assert.equal(n, tonumber(encode(n))) end)
  end
  it(42, function() assert.truthy(true) end)
end)

describe("limits", function()
  local list = { [0] = "zero", 1, 2, nil, 4, n = 4 }
  for _, key in ipairs { 0, 1, 2, 4, "n" } do
    it("has " .. key, function() assert.is_not_nil(list[key]) end)
  end
  it("is deep", function()
    local a = {}
    local t = a
    for _ = 1, 200 do t.x = {} t = t.x end
    assert.same(a, a)
  end)
end)
