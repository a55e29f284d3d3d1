-- Runs the tests of a file one after the other and writes what became of each: with luassert in Lua itself, and in the
-- VM of a suite. Before this come `FILE`, `NAME` and `OUT`.
local assert, spy = require("luassert"), require("luassert.spy") -- luacheck: ignore 211
local records = {}

local function shown(value, depth)
  local meta = getmetatable(value)
  if type(value) == "table" and type(meta) == "table" and meta.__type == "failure" then return shown(value.message, depth) end
  if spy.is_spy(value) then return "spy" end
  if type(value) ~= "table" or depth > 3 then return tostring(value) end
  local parts = {}
  for key, item in pairs(value) do parts[#parts + 1] = tostring(key) .. " = " .. shown(item, depth + 1) end
  table.sort(parts)
  return "{ " .. table.concat(parts, ", ") .. " }"
end

function _G.it(name, body)
  local results = table.pack(pcall(body))
  for index = 1, results.n do results[index] = shown(results[index], 1) end
  records[#records + 1] = name .. "\31" .. table.concat(results, "\31", 1, results.n)
end

_G.assert, _G.say, _G.spy = assert, require("say"), spy
_G.stub, _G.mock, _G.match = require("luassert.stub"), require("luassert.mock"), require("luassert.match")
_G.util = require("luassert.util")

local file = io.open(FILE, "rb")
local chunk, message = load(file:read("a"), "@" .. NAME)
if not chunk then error(message) end
file:close()
chunk()

local out = io.open(OUT, "wb")
out:write(table.concat(records, "\30"))
out:close()
