--- The X- tags of a transfer, which its notices repeat so that the recipient knows what the transfer is for.

local forwarding = {}

forwarding.MAX_TAGS = 16
forwarding.MAX_BYTES = 2048

-- aos gives these a meaning of its own; a sender who could choose them could pass a notice off as an awaited answer.
local NEVER = { ["x-reference"] = true, ["x-origin"] = true }

--- Collect the tags to forward.
--- @param tags table<string, string>
--- @return table<string, string>|nil by name
--- @return string|nil error code
--- @return string|nil text
function forwarding.collect(tags)
  local forwarded, count, bytes = {}, 0, 0
  for name, value in pairs(tags) do
    local plain = name:lower():gsub("_", "-") -- as aos spells names before it compares them
    if plain:sub(1, 2) == "x-" and not NEVER[plain] then
      forwarded[name] = value
      count = count + 1
      bytes = bytes + #name + #value
    end
  end
  if count > forwarding.MAX_TAGS or bytes > forwarding.MAX_BYTES then
    local text = "a transfer forwards at most %d X- tags of %d bytes in all"
    return nil, "too-many-tags", text:format(forwarding.MAX_TAGS, forwarding.MAX_BYTES)
  end
  return forwarded
end

return forwarding
