--- What the suites of TIM3's processes share.

local assert = require("luassert")
local sim = require("tim3tool.sim")

local rig = {}

rig.OWNER = sim.address("owner")
rig.ALICE = sim.address("alice")
rig.BOB = sim.address("bob")
rig.CAROL = sim.address("carol")
rig.MALLORY = sim.address("mallory")

-- Addresses in the place of the other processes.
rig.PEERS = {
  Coordinator = sim.address("coordinator"),
  ["Lock-Manager"] = sim.address("lock-manager"),
  ["State-Manager"] = sim.address("state-manager"),
  ["Token-Manager"] = sim.address("token-manager"),
  Usda = sim.address("usda"),
}

--- Amounts that no field may hold.
rig.BAD_AMOUNTS = {
  "", "0", "00", "01", "007", "-1", "+1", "0x10", "1e3", "1.0", ".5", "1,000", " 1", "1 ", "1\n", "nan", "inf", "１２",
  "1" .. string.rep("0", 38), -- one digit too many
  "115792089237316195423570985008687907853269984665640564039457584007913129639941", -- 2^256 + 5
}

--- Make an Op-Id as the coordinator does.
--- @param number integer
--- @return string
function rig.op(number)
  return ("%d-%s"):format(number, sim.address("message " .. number))
end

--- Spawn one process whose peers are plain addresses, and configure it.
--- @param name string of the process
--- @param tag string the configuration's tag that names it
--- @param mode string|nil custody or lock
--- @return table process
--- @return table network
--- @return table<string, string> the configuration's tags
function rig.spawn(name, tag, mode)
  local network = sim.network()
  local process = network:spawn({ process = name })
  local config = { Action = "Configure", ["Collateral-Mode"] = mode or "custody" }
  for peer, address in pairs(rig.PEERS) do
    config[peer] = address
  end
  config[tag] = process.id
  rig.ok(process:send(config))
  return process, network, config
end

--- Fail if a message was answered with an error of the process or by it.
--- @param result table of a send
--- @return table result
function rig.ok(result)
  assert.is_nil(result.Error)
  for _, message in ipairs(result.Messages) do
    local action = message.Action or ""
    assert.is_nil(action:match("%-Error$") and (action .. ": " .. message.Tags["Error-Code"]))
  end
  return result
end

--- Merge tables into a new one.
--- @param ... table
--- @return table
function rig.merge(...)
  local merged = {}
  for _, part in ipairs({ ... }) do
    for name, value in pairs(part) do
      merged[name] = value
    end
  end
  return merged
end

--- Find the first message of an action.
--- @param result table of a send
--- @param action string
--- @return table|nil message
function rig.find(result, action)
  for _, message in ipairs(result.Messages) do
    if message.Action == action then
      return message
    end
  end
  return nil
end

--- Return the actions of the messages of a result that have a target, sorted.
--- @param result table of a send
--- @return string[]
function rig.actions(result)
  assert.is_nil(result.Error)
  local actions = {}
  for _, message in ipairs(result.Messages) do
    if message.Target then
      actions[#actions + 1] = message.Action
    end
  end
  table.sort(actions)
  return actions
end

--- Return the error code of the only message of a result.
--- @param result table of a send
--- @return string
function rig.refusal(result)
  assert.is_nil(result.Error)
  assert.equal(1, #result.Messages)
  return result.Messages[1].Tags["Error-Code"]
end

--- Fail unless every value sent is a string.
--- @param result table of a send
function rig.checkStrings(result)
  for _, message in ipairs(result.Messages) do
    for _, tag in ipairs(message.Target and message.TagArray or {}) do
      assert.equal("string", type(tag.value))
    end
  end
end

--- Read a file of the source.
--- @param name string of a Lua module
--- @return string
local function source(name)
  local file = assert(io.open(assert(package.searchpath(name, package.path))))
  local text = file:read("a")
  file:close()
  return text
end

--- Put the source of the process that a suite belongs to into one chunk, as a deployment does.
--- @return string code
function rig.bundle()
  local parts, seen = {}, {}
  local function collect(text)
    for name in text:gmatch('require%("([%a]+)"%)') do
      if not seen[name] then
        seen[name] = true
        local module = source(name)
        local form = "package.loaded.%s = nil\npackage.preload.%s = function(...)\n%s\nend\n"
        parts[#parts + 1] = form:format(name, name, module)
        collect(module)
      end
    end
  end
  local main = source("main")
  collect(main)
  return table.concat(parts) .. main
end

--- Load the code anew in a running process, and fail unless it keeps the state, its handlers and their order.
--- @param process table
function rig.checkReload(process)
  local names = "(function() local t = {} for i, h in ipairs(Handlers.list) do t[i] = h.name end return t end)()"
  local before = process:read("Tim3")
  local code = rig.bundle()
  process:eval(code)
  process:eval(code)
  local after = process:read("Tim3")
  assert.equal("New-Code", after.Log.Items[after.Log.Last].act)
  after.Log = before.Log
  assert.same(before, after)
  assert.same({ "_eval", "_default", "guard", "dispatch", "catch-all" }, process:read(names))
end

--- Make a generator of whole numbers from 1 to n, the same on every machine.
--- @param seed integer
--- @return function
function rig.generator(seed)
  local state = seed
  return function(n)
    state = (state * 1103515245 + 12345) % 2147483648
    return (state >> 8) % n + 1
  end
end

return rig
