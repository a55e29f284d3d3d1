-- .crypto.cipher.mode.ctr: counter. Only the last 8 bytes of the initialization vector count, as on AO.
local _, aos = ...
local mode, array = aos.private("mode"), require(".crypto.util.array")

local function after(counter)
  local following = array.copy(counter)
  for at = 16, 9, -1 do
    following[at] = (following[at] + 1) % 256
    if following[at] ~= 0 then break end
  end
  return following
end

local function apply(cipher, key, block, counter)
  if not counter then return nil, block end
  return array.XOR(cipher.encrypt(key, counter), block), after(counter)
end

return { Cipher = mode(apply), Decipher = mode(apply) }
