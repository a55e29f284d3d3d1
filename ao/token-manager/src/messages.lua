--- The messages the token-manager sends to its peers and to users.

local notices = require("notices")
local outbox = require("outbox")
local setup = require("setup")

local messages = {}

--- Make a message about an operation to a peer.
--- @param tim3 table state
--- @param role string
--- @param action string
--- @param id string Op-Id
--- @param further table|nil tags by name
--- @return table message
function messages.to(tim3, role, action, id, further)
  local message = { Target = setup.peer(tim3, role), Action = action, ["Op-Id"] = id }
  for name, value in pairs(further or {}) do
    message[name] = value
  end
  return message
end

--- Tell the coordinator that a command names a known operation with other fields.
--- @param tim3 table state
--- @param id string Op-Id
--- @param of string the action
--- @return table[] messages
function messages.conflict(tim3, id, of)
  return { messages.to(tim3, "coordinator", "Op-Conflict", id, { Of = of }) }
end

--- Tell an account what came to it or left it by an operation.
--- @param make function credit or debit of `notices`
--- @param first string
--- @param second string|nil
--- @param record table
--- @param action string the X-Action
--- @param id string Op-Id
--- @return table message
local function notice(make, first, second, record, action, id)
  return make(first, second, record.qty, { ["X-Action"] = action, ["X-Op-Id"] = id })
end

--- Tell a user that an amount was created.
--- @param process string the token's id
--- @param record table
--- @param action string Mint or Restore
--- @param id string Op-Id
--- @return table message
function messages.created(process, record, action, id)
  return notice(notices.credit, process, record.user, record, action, id)
end

--- Tell a user that an amount was burned.
--- @param record table
--- @param id string Op-Id
--- @return table message
function messages.burned(record, id)
  return notice(notices.debit, record.user, nil, record, "Burn", id)
end

--- Publish the balances that changed, and the supply.
--- @param tim3 table state
--- @param accounts string[]
--- @return table message
function messages.patch(tim3, accounts)
  local balances = {}
  for _, account in ipairs(accounts) do
    balances[account] = tim3.Balances[account] or "0"
  end
  return outbox.patch({ balances = balances, supply = tim3.TotalSupply })
end

return messages
