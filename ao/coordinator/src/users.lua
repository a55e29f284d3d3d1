--- What is remembered of each user: operations under way, the end of the cooldown, and the volume of a day. Users who
-- have not been heard of for a day are forgotten.

local holders = require("holders")
local limits = require("limits")
local window = require("window")

local users = {}

local DAY_MS = 86400000
local FORGOTTEN_AT_ONCE = 2

--- How many users' requests are remembered.
users.MAX_FLOODERS = 200

--- What is known of a user of whom nothing is known.
--- @return table
local function nobody()
  return {
    open = 0,
    cooldownUntil = 0,
    mint = window.new(),
    burn = window.new(),
    mintBlock = window.new(),
    burnBlock = window.new(),
  }
end

--- Return what is known of a user, without remembering it.
--- @param tim3 table state
--- @param user string
--- @return table
function users.get(tim3, user)
  return tim3.Users[user] or nobody()
end

--- Move a user to the end of a list.
--- @param list table of `holders`
--- @param user string
--- @param isListed boolean
local function touch(list, user, isListed)
  if isListed then
    holders.remove(list, user)
  end
  holders.add(list, user)
end

--- Remember a user whose operation is accepted, and forget some that are long gone.
--- @param tim3 table state
--- @param user string
--- @param now integer milliseconds
--- @return table
function users.remember(tim3, user, now)
  local known = tim3.Users[user]
  touch(tim3.Recent, user, known ~= nil)
  known = known or nobody()
  known.seenAt = now
  tim3.Users[user] = known
  for _ = 1, FORGOTTEN_AT_ONCE do
    local oldest = tim3.Recent.First
    local entry = tim3.Users[oldest]
    if entry.open > 0 or now - entry.seenAt <= DAY_MS then
      break
    end
    holders.remove(tim3.Recent, oldest)
    tim3.Users[oldest] = nil
  end
  return known
end

--- Count a request of a user's, refused or not, and tell whether there were too many lately.
--- @param tim3 table state
--- @param user string
--- @param now integer milliseconds
--- @return integer|nil milliseconds until the next may come; nil where this one may
function users.flood(tim3, user, now)
  local most, span = limits.get(tim3, "Flood-Requests"), limits.get(tim3, "Flood-Ms")
  if not most or most < 1 then
    return nil
  end
  local known = tim3.Flood[user]
  touch(tim3.Flooders, user, known ~= nil)
  if not known or #known.times > most then
    known = { times = {}, next = 1 }
    tim3.Flood[user] = known
  end
  if tim3.Flooders.Count > users.MAX_FLOODERS then
    local oldest = tim3.Flooders.First
    holders.remove(tim3.Flooders, oldest)
    tim3.Flood[oldest] = nil
  end
  local oldest = known.times[known.next] -- of the last `most` requests
  if oldest and now - oldest < span then
    return span - (now - oldest)
  end
  known.times[known.next] = now
  known.next = known.next % most + 1
  return nil
end

return users
