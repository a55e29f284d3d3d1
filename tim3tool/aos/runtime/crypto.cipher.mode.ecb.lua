-- .crypto.cipher.mode.ecb: electronic codebook, without an initialization vector.
local _, aos = ...
local mode = aos.private("mode")

return {
  Cipher = mode(function(cipher, key, block) return cipher.encrypt(key, block) end),
  Decipher = mode(function(cipher, key, block) return cipher.decrypt(key, block) end),
}
