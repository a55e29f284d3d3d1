-- .crypto: digests, ciphers, codes and key derivation in plain Lua, with what the real modules get wrong: their callers
-- get the same answers here. `.crypto.digest.sha2_512` and its like are the same functions, each loaded alone.
local cipher = require(".crypto.cipher")

return {
  _version = "0.0.1",
  cipher = cipher,
  digest = require(".crypto.digest"),
  kdf = require(".crypto.kdf"),
  mac = require(".crypto.mac"),
  random = cipher.issac.random,
  utils = require(".crypto.util"),
}
