-- .crypto.cipher.mode.cfb: cipher feedback of whole blocks.
local _, aos = ...
local mode, XOR = aos.private("mode"), require(".crypto.util.array").XOR

local function encrypt(cipher, key, block, last)
  if not last then return nil, block end
  local answer = XOR(cipher.encrypt(key, last), block)
  return answer, answer
end

local function decrypt(cipher, key, block, last)
  if not last then return nil, block end
  return XOR(cipher.encrypt(key, last), block), block
end

return { Cipher = mode(encrypt), Decipher = mode(decrypt) }
