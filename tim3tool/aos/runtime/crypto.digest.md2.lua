-- .crypto.digest.md2: RFC 1319.
local _, aos = ...
local bytes = aos.private("bytes")
local byte, char, gsub, rep = string.byte, string.char, string.gsub, string.rep
local tonumber, unpack = tonumber, table.unpack

-- The permutation that the RFC makes from the digits of pi.
local PI = gsub(
  [[
    292e43c9a2d87c013d3654a1ecf0061362a705f3c0c7738c98932bd9bc4c82ca
    1e9b573cfdd4e01667426f188a17e512be4ec4d6da9ede49a0fbf58ebb2fee7a
    a968799115b2073f94c210890b225f21807f5d9a5a903227353ecce7bff79703
    ff1930b348a5b5d1d75e922aac56aac64fb838d296a47db676fc6be29c7404f1
    459d705964718720865bcf65e62da8021b6025adaeb0b9f61c46616934407e0f
    5547a323dd51af3ac35cf9cebac5ea262c530d6e85288409d3dfcdf441814d52
    6adc37c86cc1abfa24e17b080cbdb14a7888958be363e86de9cbd5fe3b001d39
    f2efb70e6658d0e4a67772f8eb754b0a314450b48fed1f1adb998d339f118314
  ]],
  "%s*(%x%x)%s*",
  function(pair) return char(tonumber(pair, 16)) end
)

--- Return the digest of a stream.
return function(stream)
  local text = bytes.read(stream)
  local left = 16 - #text % 16
  text = text .. rep(char(left), left)

  local sum, last = bytes.list(rep("\0", 16)), 0
  for at = 0, #text - 1 do
    local index = at % 16 + 1
    last = sum[index] ~ byte(PI, (byte(text, at + 1) ~ last) + 1)
    sum[index] = last
  end
  text = text .. char(unpack(sum))

  local state = bytes.list(rep("\0", 48))
  for at = 0, #text - 1, 16 do
    for index = 1, 16 do
      local value = byte(text, at + index)
      state[index + 16], state[index + 32] = value, value ~ state[index]
    end
    local mixed = 0
    for round = 0, 17 do
      for index = 1, 48 do
        mixed = state[index] ~ byte(PI, mixed + 1)
        state[index] = mixed
      end
      mixed = (mixed + round) % 256
    end
  end
  return bytes.result(char(unpack(state, 1, 16)))
end
