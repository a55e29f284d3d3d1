--- What the admin may change.

local roles = require("roles")

local admin = {}

--- Faucet-Cap: set how much the faucet gives to one account in all; "0" closes it.
--- @param usda table state
--- @param request table
--- @return table[] messages
function admin.setFaucetCap(usda, request)
  usda.FaucetCap = request.input.Quantity
  roles.log(usda, request, "Faucet-Cap", usda.FaucetCap)
  return { { Target = request.from, Action = "Faucet-Cap-Ok", Quantity = usda.FaucetCap } }
end

return admin
