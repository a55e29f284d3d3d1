-- .crypto.padding.zero: zero bytes up to the end of a block, and two more, which no cipher reads.

--- Return a stream of the padding.
-- @param blockSize bytes a block
-- @param byteCount bytes of the message
return function(blockSize, byteCount)
  local left = blockSize - (byteCount - 1) % blockSize + 1
  return function()
    if left > 0 then
      left = left - 1
      return 0
    end
  end
end
