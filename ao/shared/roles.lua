--- Who may change a process: the admin its parameters, the guardian only pause it. Both are the owner's at first.

local journal = require("journal")

local roles = {}

--- Tell whether a request comes from the admin.
--- @param state table
--- @param request table
--- @return boolean
function roles.isAdmin(state, request)
  return request.from == state.Admin
end

--- Tell whether a request comes from the admin or the guardian.
--- @param state table
--- @param request table
--- @return boolean
function roles.isGuardian(state, request)
  return request.from == state.Admin or request.from == state.Guardian
end

--- Write down what an admin did.
--- @param state table
--- @param request table
--- @param act string
--- @param detail string|nil
function roles.log(state, request, act, detail)
  journal.append(state.Log, { at = request.now, by = request.from, act = act, detail = detail or "" })
end

--- Transfer-Admin: hand the role to another address, at once and entirely.
--- @param state table
--- @param request table
--- @return table[] messages
function roles.transferAdmin(state, request)
  state.Admin = request.input.Admin
  roles.log(state, request, "Transfer-Admin", state.Admin)
  return { { Target = request.from, Action = "Transfer-Admin-Ok", Admin = state.Admin } }
end

--- Set-Guardian: name who may pause.
--- @param state table
--- @param request table
--- @return table[] messages
function roles.setGuardian(state, request)
  state.Guardian = request.input.Guardian
  roles.log(state, request, "Set-Guardian", state.Guardian)
  return { { Target = request.from, Action = "Set-Guardian-Ok", Guardian = state.Guardian } }
end

return roles
