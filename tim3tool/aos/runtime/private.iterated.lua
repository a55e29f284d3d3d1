-- iterated: the frame of MD4, MD5, SHA-1 and SHA-256: 64-byte blocks of 32-bit words, and a padding that
-- ends in the length.
local _, aos = ...
local bytes = aos.private("bytes")
local pack, rep, sub = string.pack, string.rep, string.sub
local unpack = table.unpack

local BLOCK = 64

--- Return the constructor of a digest's object.
-- @param order "<" or ">", the order of the bytes of a word
-- @param initial the words of the first state
-- @param compress function(state, text, at): takes the block at a place of the text into the state
return function(order, initial, compress)
  local layout = order .. rep("I4", #initial)

  return function()
    local object, state, rest, count = {}, nil, nil, nil

    local function take(text)
      rest = rest .. text
      local at = 1
      while #rest - at + 1 >= BLOCK do
        compress(state, rest, at)
        at = at + BLOCK
      end
      rest = sub(rest, at)
    end

    function object.init()
      state, rest, count = { unpack(initial) }, "", 0
      return object
    end

    function object.update(stream)
      local text = bytes.read(stream)
      count = count + #text
      take(text)
      return object
    end

    function object.finish()
      take("\x80" .. rep("\0", (BLOCK - 9 - count) % BLOCK) .. pack(order .. "I8", count * 8))
      return object
    end

    function object.asString() return pack(layout, unpack(state)) end

    function object.asBytes() return bytes.list(object.asString()) end

    function object.asHex() return bytes.hex(object.asString()) end

    return object.init()
  end
end
