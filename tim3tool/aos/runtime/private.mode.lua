-- mode: the frame of the modes of operation (NIST SP 800-38A).
local queue, array = require(".crypto.util.queue"), require(".crypto.util.array")

--- Return the constructor of a mode's objects. Their asBytes, asHex and asString empty the output.
-- @param step function(cipher, key, block, last): the answer to a block, and what the next step gets as last
return function(step)
  return function()
    local object, cipher, key, padding, input, output, count, last = {}, nil, nil, nil, nil, nil, nil, nil

    function object.setBlockCipher(blockCipher)
      cipher = blockCipher
      return object
    end

    --- Set the key, an array.
    function object.setKey(bytes)
      key = bytes
      return object
    end

    --- Set the padding, a function(blockSize, byteCount) that returns a stream.
    function object.setPadding(streamOf)
      padding = streamOf
      return object
    end

    function object.init()
      input, output, count, last = queue(), queue(), 0, nil
      return object
    end

    --- Take a stream in; the first block is the initialization vector where the mode has one.
    function object.update(stream)
      for byte in stream do
        input.push(byte)
        count = count + 1
        if input.size() == cipher.blockSize then
          local answer
          answer, last = step(cipher, key, array.readFromQueue(input, cipher.blockSize), last)
          if answer then array.writeToQueue(output, answer) end
        end
      end
      return object
    end

    function object.finish() return object.update(padding(cipher.blockSize, count)) end

    function object.getOutputQueue() return output end

    function object.asBytes() return array.readFromQueue(output, output.size()) end

    function object.asHex() return array.toHex(object.asBytes()) end

    function object.asString() return array.toString(object.asBytes()) end

    return object
  end
end
