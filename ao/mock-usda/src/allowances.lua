--- How much of an owner's balance a spender may lock. Without an allowance nobody can lock anything of anybody's.

local amounts = require("amounts")

local allowances = {}

--- How many spenders an owner may have at a time.
allowances.MAX_SPENDERS = 100

--- Return what a spender may lock now.
--- @param usda table state
--- @param owner string
--- @param spender string
--- @param now integer milliseconds
--- @return string amount
--- @return integer|nil milliseconds when that ends
function allowances.get(usda, owner, spender, now)
  local allowance = (usda.Allowances[owner] or {})[spender]
  if not allowance or allowance.expires and allowance.expires <= now then
    return "0"
  end
  return allowance.qty, allowance.expires
end

--- Set what a spender may lock; "0" forgets the allowance.
--- @param usda table state
--- @param owner string
--- @param spender string
--- @param quantity string
--- @param expires integer|nil milliseconds
local function set(usda, owner, spender, quantity, expires)
  local spenders = usda.Allowances[owner] or {}
  spenders[spender] = quantity ~= "0" and { qty = quantity, expires = expires } or nil
  usda.Allowances[owner] = next(spenders) and spenders or nil
end

--- Use up part of an allowance that is large enough.
--- @param usda table state
--- @param owner string
--- @param spender string
--- @param quantity string
function allowances.consume(usda, owner, spender, quantity)
  local allowance = usda.Allowances[owner][spender]
  set(usda, owner, spender, amounts.subtract(allowance.qty, quantity), allowance.expires)
end

--- Tell whether an owner has as many spenders as it may, and this is none of them. Expired allowances are forgotten.
--- @param usda table state
--- @param owner string
--- @param spender string
--- @param now integer milliseconds
--- @return boolean
local function isFull(usda, owner, spender, now)
  local spenders, count = usda.Allowances[owner] or {}, 0
  if spenders[spender] then
    return false
  end
  for other in pairs(spenders) do
    if allowances.get(usda, owner, other, now) == "0" then
      spenders[other] = nil
    else
      count = count + 1
    end
  end
  return count >= allowances.MAX_SPENDERS
end

--- Approve: set what a spender may lock of the sender's, whatever it was before; "0" revokes.
--- @param usda table state
--- @param request table
--- @return table[]|nil messages
--- @return string|nil error code
--- @return string|nil text
function allowances.approve(usda, request)
  local owner, input = request.from, request.input
  local spender, quantity, expires = input.Spender, input.Quantity, input["Expires-At"]
  if spender == owner then
    return nil, "invalid-spender", "an account cannot be its own spender"
  end
  if expires and expires <= request.now then
    return nil, "invalid-expires-at", ("`Expires-At` must be later than %d"):format(request.now)
  end
  if quantity ~= "0" and isFull(usda, owner, spender, request.now) then
    return nil, "too-many-spenders", ("an account has at most %d spenders"):format(allowances.MAX_SPENDERS)
  end

  set(usda, owner, spender, quantity, expires)
  return {
    {
      Target = owner,
      Action = "Approve-Confirmed",
      Spender = spender,
      Quantity = quantity,
      ["Expires-At"] = expires and tostring(expires),
    },
  }
end

--- Allowance: what a spender may lock of a user's, by default of the sender's.
--- @param usda table state
--- @param request table
--- @return table[] messages
function allowances.status(usda, request)
  local user, spender = request.input.User or request.from, request.input.Spender
  local quantity, expires = allowances.get(usda, user, spender, request.now)
  return {
    {
      Target = request.from,
      User = user,
      Spender = spender,
      Allowance = quantity,
      ["Expires-At"] = expires and tostring(expires),
      Data = quantity,
    },
  }
end

return allowances
