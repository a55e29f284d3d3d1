--- What the admin may change. At first the admin is the process's owner.

local admin = {}

--- Tell whether a request comes from the admin.
--- @param usda table state
--- @param request table
--- @return boolean
function admin.is(usda, request)
  return request.from == usda.Admin
end

--- Faucet-Cap: set how much the faucet gives to one account in all; "0" closes it.
--- @param usda table state
--- @param request table
--- @return table[] messages
function admin.setFaucetCap(usda, request)
  usda.FaucetCap = request.input.Quantity
  return { { Target = request.from, Action = "Faucet-Cap-Ok", Quantity = usda.FaucetCap } }
end

--- Transfer-Admin: hand the role to another address, at once and entirely.
--- @param usda table state
--- @param request table
--- @return table[] messages
function admin.transfer(usda, request)
  usda.Admin = request.input.Admin
  return { { Target = request.from, Action = "Transfer-Admin-Ok", Admin = usda.Admin } }
end

return admin
