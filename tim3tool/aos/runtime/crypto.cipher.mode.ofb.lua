-- .crypto.cipher.mode.ofb: output feedback.
local _, aos = ...
local mode, XOR = aos.private("mode"), require(".crypto.util.array").XOR

local function apply(cipher, key, block, last)
  if not last then return nil, block end
  local pad = cipher.encrypt(key, last)
  return XOR(pad, block), pad
end

return { Cipher = mode(apply), Decipher = mode(apply) }
