--- Addresses of wallets and processes.

local addresses = {}

--- Tell whether a value is a well-formed address: 43 base64url characters, or "0x" and 40 hexadecimal digits.
--- @param value any
--- @return boolean
function addresses.isAddress(value)
  if type(value) ~= "string" then
    return false
  end
  return #value == 43 and value:find("^[%w_-]+$") ~= nil or #value == 42 and value:find("^0x%x+$") ~= nil
end

--- Tell whether an address is one that the network signs the messages between processes with. Any wallet can send in
-- its name (a forged From-Process passes aos's trust gate), so it never has a right or a balance.
--- @param address string
--- @return boolean
function addresses.isAuthority(address)
  for _, authority in ipairs(ao.authorities) do
    if authority == address then
      return true
    end
  end
  return false
end

--- Tell whether an address may hold rights or a balance here: well-formed, no authority, not this process itself.
--- @param value any
--- @return boolean
function addresses.isParty(value)
  return addresses.isAddress(value) and value ~= ao.id and not addresses.isAuthority(value)
end

return addresses
