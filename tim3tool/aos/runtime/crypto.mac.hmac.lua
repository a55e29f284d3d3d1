-- .crypto.mac.hmac: RFC 2104.
local array, stream = require(".crypto.util.array"), require(".crypto.util.stream")
local _, aos = ...
local bytes = aos.private("bytes")
local error, tostring = error, tostring

local DIGESTS = {
  sha1 = require(".crypto.digest.sha1").SHA1,
  sha256 = require(".crypto.digest.sha2_256").SHA2_256,
}

local BLOCK = 64 -- bytes a block of SHA-1 and SHA-256
local BLOCK_ON_AO = 32

--- Return an HMAC object: set its digest, then its key, then init, update and finish.
local function HMAC()
  local object, blockSize, digest, inner, outer, code = {}, BLOCK, nil, nil, nil, nil

  function object.setBlockSize(size)
    blockSize = size
    return object
  end

  --- Set the constructor of the digest's objects, such as SHA1.
  function object.setDigest(constructor)
    digest, code = constructor, constructor()
    return object
  end

  --- Set the key, an array, for the block size set before.
  function object.setKey(key)
    if not digest then error("Digest not set") end
    if array.size(key) > blockSize then key = digest().update(stream.fromArray(key)).finish().asBytes() end
    inner, outer = {}, {}
    for at = 1, blockSize do
      local byte = key[at] or 0
      inner[at], outer[at] = byte ~ 0x36, byte ~ 0x5c
    end
    return object
  end

  function object.init()
    code = digest().update(stream.fromArray(inner))
    return object
  end

  function object.update(message)
    code.update(message)
    return object
  end

  function object.finish()
    local hash = code.finish().asBytes()
    code = digest().update(stream.fromArray(outer)).update(stream.fromArray(hash)).finish()
    return object
  end

  function object.asBytes() return code.asBytes() end

  function object.asHex() return bytes.hex(object.asString()) end

  function object.asString() return code.asString() end

  return object
end

--- Return the code of a stream.
-- @param key an array
-- @param algorithm "sha1", the default, or "sha256"
local function hmac(data, key, algorithm)
  algorithm = algorithm or "sha1"
  local digest = DIGESTS[algorithm]
  if not digest then error("Unsupported algorithm: " .. tostring(algorithm)) end
  -- AO sets a block of 32 bytes where both digests have 64: the code is not that of RFC 2104.
  return HMAC().setBlockSize(BLOCK_ON_AO).setDigest(digest).setKey(key).init().update(data).finish()
end

return { HMAC = HMAC, hmac = hmac }
