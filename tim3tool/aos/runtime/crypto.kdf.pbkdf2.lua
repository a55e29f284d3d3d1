-- .crypto.kdf.pbkdf2: RFC 8018 section 5.2.
local array, stream = require(".crypto.util.array"), require(".crypto.util.stream")
local HMAC = require(".crypto.mac.hmac").HMAC
local error, pack, tostring = error, string.pack, tostring

local DIGESTS = {
  sha1 = { constructor = require(".crypto.digest.sha1").SHA1, size = 20 },
  sha256 = { constructor = require(".crypto.digest.sha2_256").SHA2_256, size = 32 },
}

--- Return a PBKDF2 object: set all of it, then finish.
local function PBKDF2()
  local object, blockLen, dKeyLen, iterations, salt, prf, key = {}, 16, nil, nil, nil, nil, nil

  --- Set how many bytes of each block of the derived key are counted.
  function object.setBlockLen(length)
    blockLen = length
    return object
  end

  function object.setDKeyLen(length)
    dKeyLen = length
    return object
  end

  function object.setIterations(count)
    iterations = count
    return object
  end

  --- Set the password, an array.
  function object.setPassword(password)
    key = password
    return object
  end

  --- Set the salt, an array.
  function object.setSalt(bytes)
    salt = bytes
    return object
  end

  --- Set the pseudo-random function, an HMAC object with a digest.
  function object.setPRF(hmac)
    prf = hmac
    return object
  end

  local function block(index)
    local sum = {}
    local message = array.concat(salt, array.fromString(pack(">I4", index)))
    for iteration = 1, iterations - 0 do
      message = prf.init().update(stream.fromArray(message)).finish().asBytes()
      sum = iteration == 1 and message or array.XOR(sum, message)
    end
    return sum
  end

  function object.finish()
    local blocks = (dKeyLen + blockLen - 1) // blockLen
    prf.setKey(key)
    local derived = {}
    for index = 1, blocks do
      derived = array.concat(derived, block(index))
    end
    key = array.truncate(derived, dKeyLen)
    return object
  end

  function object.asBytes() return key end

  function object.asHex() return array.toHex(key) end

  function object.asString() return array.toString(key) end

  return object
end

--- Return the key derived from a password.
-- @param password an array
-- @param salt an array
-- @param iterations how often the pseudo-random function is applied
-- @param keyLen bytes of the key
-- @param digest "sha1", the default, or "sha256"
local function pbkdf2(password, salt, iterations, keyLen, digest)
  digest = digest or "sha1"
  local known = DIGESTS[digest]
  if not known then error("Unsupported algorithm: " .. tostring(digest)) end
  return PBKDF2()
    .setPRF(HMAC().setDigest(known.constructor))
    .setBlockLen(known.size)
    .setDKeyLen(keyLen)
    .setIterations(iterations)
    .setPassword(password)
    .setSalt(salt)
    .finish()
end

return { PBKDF2 = PBKDF2, pbkdf2 = pbkdf2 }
