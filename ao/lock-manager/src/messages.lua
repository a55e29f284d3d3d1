--- The messages the lock-manager sends to its peers.

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

--- Make a command to the collateral token.
--- @param tim3 table state
--- @param action string
--- @param tags table by name
--- @return table message
function messages.usda(tim3, action, tags)
  tags.Target, tags.Action = setup.peer(tim3, "usda"), action
  return tags
end

--- Tell the coordinator how an operation's collateral stands.
--- @param tim3 table state
--- @param id string Op-Id
--- @param record table
--- @return table[] messages; none while the answer is not known
function messages.answer(tim3, id, record)
  local state = record.state
  local function tell(action, further)
    return { messages.to(tim3, "coordinator", action, id, further) }
  end
  if state == "held" or state == "used" or state == "captured" then
    return tell("Collateral-Held", { User = record.user, Quantity = record.qty })
  elseif state == "failed" or state == "merged" then
    return tell("Collateral-Failed", { ["Error-Code"] = record.code or state })
  elseif state == "cancelled" then
    return tell("Collateral-Cancelled", { Result = "never-held" })
  elseif state == "returning" then
    return tell("Collateral-Cancelled", { Result = "returning" })
  elseif state == "returned" then
    return tell("Collateral-Returned", { Result = record.result, Quantity = record.qty })
  end
  return {}
end

return messages
