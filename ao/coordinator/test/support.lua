--- What the suites of the coordinator share.

local assert = require("luassert")
local rig = require("test.rig")

local support = {}

--- Spawn a configured coordinator, all of whose peers have greeted.
--- @param mode string custody or lock
--- @param limits table|nil limits to set before it is active
--- @return table process
--- @return table network
--- @return table peers: functions (action, id, tags) -> result
function support.spawn(mode, limits)
  local coordinator, network, config = rig.spawn("coordinator", "Coordinator", mode)
  local function teller(from)
    return function(action, id, tags)
      return coordinator:send(rig.merge({ From = from, Action = action, ["Op-Id"] = id }, tags or {}))
    end
  end
  local peers = {
    locks = teller(rig.PEERS["Lock-Manager"]),
    token = teller(rig.PEERS["Token-Manager"]),
    state = teller(rig.PEERS["State-Manager"]),
  }
  support.greet(coordinator, peers)
  local development = { Action = "Set-Limits", ["Min-Amount"] = "1", ["Cooldown-Ms"] = "0", ["Flood-Requests"] = "off" }
  rig.ok(coordinator:send(rig.merge(development, limits or {})))
  rig.ok(coordinator:send({ Action = "Activate" }))
  return coordinator, network, peers, config
end

--- Greet as all peers.
--- @param coordinator table process
--- @param peers table
function support.greet(coordinator, peers)
  local roles = { locks = "lock-manager", token = "token-manager", state = "state-manager" }
  for name, role in pairs(roles) do
    local hello = { Role = role, Version = "1", ["Config-Hash"] = coordinator:read("Tim3.Config.hash") }
    rig.ok(peers[name]("Hello", nil, hello))
  end
end

--- Ask for a mint or burn, and return its Op-Id.
--- @param coordinator table process
--- @param action string Mint or Burn
--- @param user string
--- @param quantity string
--- @return string Op-Id
--- @return table result
function support.open(coordinator, action, user, quantity)
  local result = rig.ok(coordinator:send({ From = user, Action = action, Quantity = quantity }))
  return rig.find(result, action .. "-Pending").Tags["Op-Id"], result
end

--- Return the error code of a refused request.
--- @param coordinator table process
--- @param action string
--- @param user string
--- @param quantity string
--- @return string error code
--- @return table tags of the error
function support.refused(coordinator, action, user, quantity)
  local result = coordinator:send({ From = user, Action = action, Quantity = quantity })
  return rig.refusal(result), result.Messages[1].Tags
end

--- Read an operation's state.
--- @param coordinator table process
--- @param id string Op-Id
--- @return string
function support.state(coordinator, id)
  return coordinator:read(("Tim3.Ops.Records[%q].state"):format(id))
end

--- Bring a mint or burn to its end.
--- @param coordinator table process
--- @param peers table
--- @param action string
--- @param user string
--- @param quantity string
--- @return string Op-Id
function support.complete(coordinator, peers, action, user, quantity)
  local id = support.open(coordinator, action, user, quantity)
  if action == "Mint" then
    peers.locks("Collateral-Held", id)
    peers.token("Mint-Confirmed", id)
  else
    peers.token("Burn-Confirmed", id)
    peers.locks("Release-Ack", id, { Result = "done", ["Payout-State"] = "claimable" })
  end
  assert.equal("completed", support.state(coordinator, id))
  return id
end

--- Fail unless what is reserved is what the operations under way add up to (I20).
--- @param coordinator table process
function support.checkInvariants(coordinator)
  assert.equal("", coordinator:read([[(function()
    local open, reserved, unfunded, count = {}, 0, 0, 0
    for _, op in pairs(Tim3.Ops.Records) do
      if not op.outcome then
        open[op.user] = (open[op.user] or 0) + 1
        count = count + 1
        if op.kind == "mint" then
          reserved = reserved + math.tointeger(tonumber(op.qty))
          unfunded = unfunded + (op.isUnfunded and math.tointeger(tonumber(op.qty)) or 0)
        end
      end
    end
    for user, known in pairs(Tim3.Users) do
      if known.open ~= (open[user] or 0) then return "open of " .. user end
    end
    if tostring(reserved) ~= Tim3.Reserved then return "reserved" end
    if tostring(unfunded) ~= Tim3.Unfunded then return "unfunded" end
    if count ~= Tim3.Ops.Size - (Tim3.Ops.Last - Tim3.Ops.First + 1) then return "open" end
    return Tim3.Halted or ""
  end)()]]))
end

return support
