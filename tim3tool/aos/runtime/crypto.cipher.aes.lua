-- .crypto.cipher.aes: AES over strings, padded with zeros.
local array, stream = require(".crypto.util.array"), require(".crypto.util.stream")
local zero = require(".crypto.padding.zero")

local CIPHERS = {
  [128] = require(".crypto.cipher.aes128"),
  [192] = require(".crypto.cipher.aes192"),
  [256] = require(".crypto.cipher.aes256"),
}
local MODES = {
  CBC = require(".crypto.cipher.mode.cbc"),
  CFB = require(".crypto.cipher.mode.cfb"),
  CTR = require(".crypto.cipher.mode.ctr"),
  ECB = require(".crypto.cipher.mode.ecb"),
  OFB = require(".crypto.cipher.mode.ofb"),
}
local NO_IV = ("\0"):rep(16)

-- An unknown mode is CBC, an unknown length 128. The vector goes through the mode as any block: ECB enciphers it too.
local function run(way, data, key, iv, mode, keyLength)
  local object = (MODES[mode] or MODES.CBC)[way]()
    .setBlockCipher(CIPHERS[keyLength] or CIPHERS[128])
    .setKey(array.fromString(key))
    .setPadding(zero)
    .init()
    .update(stream.fromString(iv or NO_IV))
    .update(stream.fromArray(data))
    .finish()
  return { asBytes = object.asBytes, asHex = object.asHex, asString = object.asString }
end

local aes = {}

--- Return what a string is enciphered to; the answer can be read once.
-- @param mode "CBC", "CFB", "CTR", "ECB" or "OFB"; CBC by default
-- @param keyLength bits of the key; 128 by default
function aes.encrypt(data, key, iv, mode, keyLength)
  return run("Cipher", array.fromString(data), key, iv, mode, keyLength)
end

--- Return what a hexadecimal text is deciphered to, with its padding; the answer can be read once.
function aes.decrypt(cipher, key, iv, mode, keyLength)
  return run("Decipher", array.fromHex(cipher), key, iv, mode, keyLength)
end

return aes
