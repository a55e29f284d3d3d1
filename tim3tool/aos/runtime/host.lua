-- The boundary to Python: builds the message from flat arguments, bounds its evaluation, answers JSON text.
local sandbox, process, json, places = ...
local select, pcall, type, tostring, next, ipairs = select, pcall, type, tostring, next, ipairs
local unpack, concat, gsub, format = table.unpack, table.concat, string.gsub, string.format
local budget, load, handle, encode, decode = sandbox.budget, sandbox.load, process.handle, json.encode, json.decode

local newEnvironment -- returns the env of the process as given; each message gets its own
local busy = false
local USUAL = { Target = true, Data = true, Anchor = true, Tags = true }

-- Lua code for a value: a table that a constructor makes costs a fraction of one that is copied.
local function literal(value)
  local kind = type(value)
  if kind == "string" or kind == "number" then return format("%q", value) end
  if kind ~= "table" then return tostring(value) end
  local parts = {}
  for key, item in next, value do parts[#parts + 1] = "[" .. literal(key) .. "] = " .. literal(item) end
  return "{ " .. concat(parts, ", ") .. " }"
end

-- Arguments: instruction limit, number of root fields, then key, value of each field, then name, value of each tag.
-- A root field or tag value that JSON made an object or array arrives as JSON text in a table of one element.
local function message(roots, tagged, ...)
  local flat, msg = { ... }, {}
  local function value(index)
    local v = flat[index]
    if type(v) == "userdata" or type(v) == "table" then return decode(v[1]) end
    return v
  end
  for index = 1, roots * 2, 2 do msg[flat[index]] = value(index + 1) end
  if tagged then
    local tags, n = {}, 0
    for index = roots * 2 + 1, select("#", ...), 2 do
      n = n + 1
      tags[n] = { name = flat[index], value = value(index + 1) }
    end
    msg.Tags = tags
  end
  return msg
end

-- Appends an entry of the outbox; false when it holds anything but strings where strings are usual.
local function appendEntry(flat, n, entry, hasTarget)
  local target, data, anchor, tags = entry.Target, entry.Data, entry.Anchor, entry.Tags
  if type(anchor) ~= "string" or type(tags) ~= "table" then return false end
  if not (data == nil or type(data) == "string") or not (target == nil or hasTarget and type(target) == "string") then
    return false
  end
  local count = #tags
  flat[n + 1], flat[n + 2], flat[n + 3], flat[n + 4] = target, data, anchor, count
  n = n + 4
  for index = 1, count do
    local tag = tags[index]
    local name, value = tag.name, tag.value
    if type(name) ~= "string" or type(value) ~= "string" then return false end
    flat[n + 1], flat[n + 2] = name, value
    n = n + 2
    for key in next, tag do
      if key ~= "name" and key ~= "value" then return false end
    end
  end
  for key in next, entry do
    if not USUAL[key] then return false end
  end
  return n
end

-- The usual result crosses as flat strings, which is much cheaper than JSON: data, prompt, test, then the counts and
-- fields of messages and spawns. Returns nil for any other result.
local function flattened(response)
  local output = response.Output
  if response.Error ~= nil or type(output) ~= "table" or next(response.Assignments) ~= nil then return nil end
  if type(output.data) ~= "string" or type(output.prompt) ~= "string" then return nil end
  if output.test ~= nil and type(output.test) ~= "string" then return nil end
  local flat = { output.data, output.prompt, output.test, #response.Messages }
  local n = 4
  for _, sent in ipairs(response.Messages) do
    n = appendEntry(flat, n, sent, true)
    if not n then return nil end
  end
  n = n + 1
  flat[n] = #response.Spawns
  for _, spawn in ipairs(response.Spawns) do
    n = appendEntry(flat, n, spawn, false)
    if not n then return nil end
  end
  return flat, n
end

-- Where the entries that no network can sign were sent from, a line for each: list, number, line, chunk.
local function placesOf(response)
  local lines = {}
  for _, list in ipairs({ "Messages", "Spawns" }) do
    for number, entry in ipairs(type(response[list]) == "table" and response[list] or {}) do
      local place = places[entry]
      if place then
        local chunk = gsub(place.chunk, "%c", " ") -- the process names its chunks
        lines[#lines + 1] = list .. " " .. number .. " " .. place.line .. " " .. chunk
      end
    end
  end
  return concat(lines, "\n")
end

-- Reading a result can run code of the process (metamethods), and so counts as a part of the message.
local function answer(response)
  local usual, flat, n = pcall(flattened, response)
  if usual and flat then return true, nil, unpack(flat, 1, n) end
  return true, encode(response), placesOf(response)
end

local function run(...) return answer(handle(message(...), newEnvironment())) end

local function answered(limit, ok, ...)
  local why, _ = ...
  if not ok and not budget.exceeded and type(why) ~= "string" then _, why = budget.run(limit, tostring, why) end
  busy = false
  if budget.exceeded then return false, "limit exceeded", true, budget.where, budget.seconds end
  if why == true then return ... end
  return false, type(why) == "string" and why or "error object is a " .. type(why) .. " value"
end

local function evaluate(limit, ...)
  if busy then return false, "the process is already evaluating a message" end
  busy = true
  return answered(limit, budget.run(limit, run, ...))
end

local function setEnvironment(text) newEnvironment = load("return " .. literal(decode(text)), "=host", "t", {}) end

-- Compiles an expression of the host's, for `read`.
local function compile(expression) return load("return " .. expression, "=read", "t", _G) end

-- Evaluates a compiled expression, outside any message and budgeted like one.
local function read(limit, chunk)
  local ok, value = budget.run(limit, chunk)
  if budget.exceeded then return false, "a limit was exceeded" end
  return ok, value
end

-- The global through which the module's own host enters it.
function _G.handle(msgJSON, envJSON)
  local ok, response = pcall(process.handle, decode(msgJSON), decode(envJSON))
  return encode({ ok = ok, response = response })
end

return evaluate, setEnvironment, compile, read
