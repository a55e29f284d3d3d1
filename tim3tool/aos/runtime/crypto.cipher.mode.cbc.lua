-- .crypto.cipher.mode.cbc: cipher block chaining.
local _, aos = ...
local mode, XOR = aos.private("mode"), require(".crypto.util.array").XOR

local function encrypt(cipher, key, block, last)
  if not last then return nil, block end
  local answer = cipher.encrypt(key, XOR(block, last))
  return answer, answer
end

local function decrypt(cipher, key, block, last)
  if not last then return nil, block end
  return XOR(cipher.decrypt(key, block), last), block
end

return { Cipher = mode(encrypt), Decipher = mode(decrypt) }
