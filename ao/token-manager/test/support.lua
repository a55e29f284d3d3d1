--- What the suites of the token-manager share.

local assert = require("luassert")
local rig = require("test.rig")

local support = {}

--- Spawn a configured token-manager.
--- @return table process
--- @return table network
function support.spawn()
  local token, network = rig.spawn("token-manager", "Token-Manager")
  return token, network
end

--- Make the functions that speak as the token-manager's peers.
--- @param token table process
--- @return table
function support.peers(token)
  local function teller(from)
    return function(action, id, user, quantity, more)
      local message = { From = from, Action = action, ["Op-Id"] = id, User = user, Quantity = quantity }
      return token:send(rig.merge(message, more or {}))
    end
  end
  return {
    coordinator = teller(rig.PEERS.Coordinator),
    locks = teller(rig.PEERS["Lock-Manager"]),
  }
end

--- Mint with both keys.
--- @param token table process
--- @param id string Op-Id
--- @param user string
--- @param quantity string
--- @return table result of the second key
function support.mint(token, id, user, quantity)
  local peers = support.peers(token)
  peers.locks("Voucher", id, user, quantity)
  return peers.coordinator("Mint", id, user, quantity)
end

--- Return what an account holds.
--- @param token table process
--- @param account string
--- @return string
function support.balance(token, account)
  return token:dry_run({ From = account, Action = "Balance" }).Messages[1].Tags.Balance
end

local CHECK = [[(function()
  local bint = require(".bint")(256)
  local sum, holders = bint(0), 0
  for _, balance in pairs(Tim3.Balances) do
    if balance == "0" or not balance:find("^[1-9]%d*$") then return "balance " .. balance end
    sum, holders = sum + bint(balance), holders + 1
  end
  if tostring(sum) ~= Tim3.TotalSupply then return "I3" end
  if holders ~= Tim3.Holders.Count then return "holders" end
  if not bint.eq(sum, bint(Tim3.Minted) - bint(Tim3.Burned) + bint(Tim3.Restored)) then return "I4" end
  local minted, burned = bint(0), bint(0)
  for _, record in pairs(Tim3.Ops.Records) do
    if record.state == "minted" then minted = minted + bint(record.qty) end
    if record.state == "burned" or record.state == "released" then burned = burned + bint(record.qty) end
  end
  if not bint.eq(minted, bint(Tim3.Minted)) then return "I5" end
  if not bint.eq(burned, bint(Tim3.Burned) - bint(Tim3.Restored)) then return "I9" end
  return Tim3.Halted or ""
end)()]]

--- Fail unless I3, I4, I5 and I9 hold in the process, counted anew.
--- @param token table process
function support.checkInvariants(token)
  assert.equal("", token:read(CHECK))
end

return support
