--- What the coordinator says to its peers and to users about an operation.

local setup = require("setup")

local commands = {}

-- Who is asked, and whether the user and quantity are told.
local ASKED = {
  ["Lock-Collateral"] = { role = "lock-manager", full = true },
  ["Expect-Deposit"] = { role = "lock-manager", full = true },
  ["Cancel-Collateral"] = { role = "lock-manager" },
  Mint = { role = "token-manager", full = true },
  ["Cancel-Mint"] = { role = "token-manager" },
  Burn = { role = "token-manager", full = true },
  ["Cancel-Burn"] = { role = "token-manager" },
}

--- Make the command an operation waits for an answer to.
--- @param tim3 table state
--- @param id string Op-Id
--- @param op table
--- @return table message
function commands.command(tim3, id, op)
  local asked = ASKED[op.asked]
  local message = { Target = setup.peer(tim3, asked.role), Action = op.asked, ["Op-Id"] = id }
  if asked.full then
    message.User, message.Quantity = op.user, op.qty
    message.Deadline = op.kind == "mint" and tostring(op.deadline) or nil
  end
  return message
end

--- Make the answer to a user whose operation is under way.
--- @param tim3 table state
--- @param id string Op-Id
--- @param op table
--- @return table message
local function pending(tim3, id, op)
  local message = {
    Target = op.user,
    Action = op.kind == "mint" and "Mint-Pending" or "Burn-Pending",
    ["Op-Id"] = id,
    Quantity = op.qty,
    Deadline = tostring(op.deadline),
    ["Client-Ref"] = op.ref,
  }
  if op.kind == "mint" then
    message["Collateral-Mode"] = tim3.Config.mode
    if tim3.Config.mode == "custody" then
      message["Deposit-To"] = setup.peer(tim3, "lock-manager")
      message["Deposit-Token"] = setup.peer(tim3, "usda")
      message["Deposit-Quantity"] = op.qty
    end
  end
  return message
end

--- Tell the user how an operation stands.
--- @param tim3 table state
--- @param id string Op-Id
--- @param op table
--- @return table message
function commands.notice(tim3, id, op)
  if not op.outcome then
    return pending(tim3, id, op)
  end
  local name = op.kind == "mint" and "Mint" or "Burn"
  return {
    Target = op.user,
    Action = name .. (op.outcome == "completed" and "-Complete" or "-Failed"),
    ["Op-Id"] = id,
    Quantity = op.qty,
    Outcome = op.outcome,
    ["Payout-State"] = op.payout,
    ["Error-Code"] = op.code,
    ["Client-Ref"] = op.ref,
  }
end

return commands
