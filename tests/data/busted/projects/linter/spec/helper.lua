local helper = {}
function helper.place() return debug.getinfo(1, "S").source end
function helper.fields(list, name)
  local found = {}
  for i, v in ipairs(list) do found[i] = v[name] end
  return found
end
function helper.case(code, expected)
  return function()
    local f, message = load(code, "=code")
    if expected then require("luassert").matches(expected, message) else require("luassert").is_function(f) end
  end
end
function helper.temp(text)
  local name = os.tmpname()
  local file = assert(io.open(name, "w"))
  file:write(text)
  file:close()
  return name
end
return helper
