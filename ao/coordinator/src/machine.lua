--- The states of an operation, and what brings it from one to the next. An event is a peer's message, with its result
-- where it has one, or the deadline. What a state does not name changes nothing. Final states name nothing.

local machine = {}

local MINT_ANSWERS = {
  ["Mint-Waiting"] = "minting",
  ["Mint-Confirmed"] = "completed",
  ["Mint-Rejected"] = "cancelling",
  deadline = "cancelling",
}

machine.STATES = {
  mint = {
    collateral = {
      ["Collateral-Held"] = "held",
      ["Collateral-Failed"] = "rejected",
      deadline = "cancelling",
    },
    held = MINT_ANSWERS, -- the token-manager was asked to mint
    minting = MINT_ANSWERS, -- and waits for the voucher
    cancelling = {
      ["Collateral-Cancelled never-held"] = "expired",
      ["Collateral-Cancelled returning"] = "cancelling",
      ["Collateral-Cancelled too-late"] = "cancelling",
      ["Collateral-Returned never-held"] = "expired",
      ["Collateral-Returned returned"] = "refunded",
      ["Collateral-Failed"] = "rejected",
      ["Mint-Cancelled never"] = "cancelling",
      ["Mint-Cancelled voided"] = "cancelling",
      ["Mint-Confirmed"] = "completed",
    },
  },
  burn = {
    burning = {
      ["Burn-Confirmed"] = "releasing",
      ["Burn-Rejected"] = "rejected",
      ["Burn-Restored"] = "restored",
      ["Release-Ack done"] = "completed",
      ["Release-Ack failed"] = "restoring",
      deadline = "cancelling",
    },
    releasing = {
      ["Burn-Confirmed"] = "releasing",
      ["Burn-Restored"] = "restored",
      ["Release-Ack done"] = "completed",
      ["Release-Ack failed"] = "restoring",
    },
    restoring = { ["Burn-Restored"] = "restored" },
    cancelling = {
      ["Burn-Cancelled"] = "expired",
      ["Burn-Confirmed"] = "releasing",
      ["Burn-Rejected"] = "rejected",
      ["Burn-Restored"] = "restored",
      ["Release-Ack done"] = "completed",
      ["Release-Ack failed"] = "restoring",
    },
  },
}

local FINAL = { completed = true, refunded = true, expired = true, rejected = true, restored = true }

--- Tell whether a state is final.
--- @param state string
--- @return boolean
function machine.isFinal(state)
  return FINAL[state] == true
end

--- Return the state an event leads to.
--- @param op table {kind, state}
--- @param event string
--- @return string|nil nil where the event means nothing now
function machine.next(op, event)
  local events = machine.STATES[op.kind][op.state]
  return events and events[event]
end

return machine
