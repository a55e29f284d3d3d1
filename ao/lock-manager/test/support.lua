--- What the suites of the lock-manager share.

local assert = require("luassert")
local rig = require("test.rig")

local support = {}

--- Spawn a configured lock-manager, whose token said that it has 12 decimals, and make the functions that speak as its
--- peers.
--- @param mode string custody or lock
--- @return table process
--- @return table network
--- @return table peers: functions (action, id, tags) -> result
function support.spawn(mode)
  local manager, network, config = rig.spawn("lock-manager", "Lock-Manager", mode)
  local reference = 0
  local function teller(from, field)
    return function(action, id, tags)
      local message = { From = from, Action = action, [field] = id }
      if from == rig.PEERS.Usda and not (tags or {}).Reference then
        reference = reference + 1
        message.Reference = tostring(reference)
      end
      return manager:send(rig.merge(message, tags or {}))
    end
  end
  local peers = {
    coordinator = teller(rig.PEERS.Coordinator, "Op-Id"),
    token = teller(rig.PEERS["Token-Manager"], "Op-Id"),
    usda = teller(rig.PEERS.Usda, "Lock-Id"),
  }
  peers.usda(nil, nil, { Denomination = "12", Ticker = "USDA" })
  return manager, network, peers, config
end

--- Make the notice of a deposit.
--- @param sender string
--- @param quantity string
--- @param reference string
--- @param more table|nil
--- @return table tags
function support.deposit(sender, quantity, reference, more)
  return rig.merge({ Sender = sender, Quantity = quantity, Reference = reference }, more or {})
end

--- Read a record's state.
--- @param manager table process
--- @param id string Op-Id
--- @return string|nil
function support.state(manager, id)
  local record = manager:read(("Tim3.Ops.Records[%q]"):format(id))
  return record and record.state
end

--- Fail unless the sums agree with the records, counted anew.
--- @param manager table process
function support.checkInvariants(manager)
  local problem = manager:read([[(function()
    local bint = require(".bint")(256)
    local owed, held, pending = bint(0), bint(0), bint(0)
    for _, amount in pairs(Tim3.Claimable) do owed = owed + bint(amount) end
    for _, record in pairs(Tim3.Ops.Records) do
      local isHeld = record.state == "held" or record.state == "used" or record.state == "captured"
      if record.kind == "collateral" and isHeld then
        held = held + bint(record.qty)
      elseif record.state == "asking" then
        pending = pending + bint(record.qty)
      elseif record.kind == "release" and (record.state == "done" or record.state == "releasing") then
        held = held - bint(record.qty)
      end
    end
    if tostring(owed) ~= Tim3.Owed then return "claimable" end
    if tostring(held) ~= Tim3.Collateral then return "collateral " .. tostring(held) .. " " .. Tim3.Collateral end
    if tostring(pending) ~= Tim3.Pending then return "pending" end
    return Tim3.Halted or ""
  end)()]])
  assert.equal("", problem)
end

--- Bring an operation's collateral to be held, in either mode.
--- @param mode string
--- @param peers table
--- @param id string Op-Id
--- @param user string
--- @param quantity string
--- @param reference string of the deposit
--- @return table result of what made it held
function support.hold(mode, peers, id, user, quantity, reference)
  local fields = { User = user, Quantity = quantity }
  if mode == "lock" then
    peers.coordinator("Lock-Collateral", id, fields)
    return peers.usda("Lock-Confirmed", id, fields)
  end
  peers.coordinator("Expect-Deposit", id, fields)
  peers.usda("Credit-Notice", nil, support.deposit(user, quantity, reference, { ["X-Op-Id"] = id }))
  return peers.coordinator("Deposit-Decision", "d" .. reference, { Decision = "accept", As = id })
end

return support
