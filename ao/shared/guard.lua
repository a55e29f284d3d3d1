--- The guard: what may be believed of a message. It runs before every other handler of the process and turns the
-- message into a *request*, the only thing the rest of the code sees:
--
--   from       who sent it (`msg.From`; never `Owner`, which all messages between processes share)
--   isParty    whether the sender may have rights or a balance here
--   tags       the message's tags by name, the first of duplicates; no tag is read from the message's root, where the
--              last of duplicates wins and a sender's tags overwrite the scheduler's fields
--   id         the message's id, nil where the sender forged it
--   isTainted  whether a tag tried to overwrite what the scheduler says of the message
--   isLarge    whether a tag or the data is larger than the process accepts
--   now        milliseconds, never decreasing
--   height     block height, never decreasing
--   process    the id of this process

local addresses = require("addresses")

local guard = {}

guard.MAX_TAG_BYTES = 1024
guard.MAX_DATA_BYTES = 4096

-- What aos copies from tags over the scheduler's own fields of a message.
local FORGEABLE = { "Timestamp", "Id", "Block-Height", "Cron", "Module", "Nonce", "Epoch", "Hash-Chain" }

--- Tell whether a tag of a message overwrote what the scheduler says of it.
-- The message that spawned the process carries a Module tag by right.
--- @param message table
--- @return boolean
local function isTainted(message)
  local tags = message.Tags
  local isSpawn = tags.Id == nil and message.Id == ao.id
  for _, name in ipairs(FORGEABLE) do
    if tags[name] ~= nil and not (isSpawn and name == "Module") then
      return true
    end
  end
  return false
end

--- Measure data, which is a table where the sender declared it to be JSON. Stops counting past the limit.
--- @param data any
--- @return integer bytes, about
local function sizeOf(data)
  if type(data) ~= "table" then
    return type(data) == "string" and #data or 1
  end
  local bytes = 1
  for key, value in pairs(data) do
    bytes = bytes + sizeOf(key) + sizeOf(value)
    if bytes > guard.MAX_DATA_BYTES then
      break
    end
  end
  return bytes
end

--- Tell whether a tag or the data is too large, or a tag's value is no string.
--- @param message table
--- @return boolean
local function isLarge(message)
  for _, tag in ipairs(message.TagArray) do
    if type(tag.value) ~= "string" or #tag.value > guard.MAX_TAG_BYTES then
      return true
    end
  end
  return sizeOf(message.Data) > guard.MAX_DATA_BYTES
end

--- Return the later of two moments; whatever is not a whole number counts as none.
--- @param known integer
--- @param reported any
--- @return integer
local function later(known, reported)
  return math.max(known, math.tointeger(tonumber(reported)) or known)
end

--- Turn a message into a request, and move the process's clock.
--- @param state table the process's state; its `Now` and `Height` are the clock
--- @param message table as aos hands it to a handler
--- @return table request
function guard.inspect(state, message)
  local tainted = isTainted(message)
  if not tainted then
    state.Now = later(state.Now, message.Timestamp)
    state.Height = later(state.Height, message["Block-Height"])
  end
  return {
    from = message.From,
    isParty = addresses.isParty(message.From),
    tags = message.Tags,
    id = message.Tags.Id == nil and message.Id or nil,
    isTainted = tainted,
    isLarge = isLarge(message),
    now = state.Now,
    height = state.Height,
    process = ao.id,
  }
end

return guard
