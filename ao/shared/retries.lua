--- Commands that are sent again until they are answered: first after 30 seconds, then after twice as long each time, up
-- to an hour. A record with an unanswered command has `tries` and `retryAt`.

local agenda = require("agenda")
local alarms = require("alarms")

local retries = {}

retries.FIRST_MS = 30000
retries.LONGEST_MS = 3600000

--- How many attempts are normal; after them somebody has to look at it.
retries.MAX = 10

--- How many due records one message looks after.
retries.SWEEP = 5

--- Plan the next attempt.
--- @param state table with its Agenda
--- @param id string of the record
--- @param record table
--- @param now integer milliseconds
local function plan(state, id, record, now)
  local delay = math.min(retries.FIRST_MS << math.min(record.tries, 20), retries.LONGEST_MS)
  record.retryAt = now + delay
  agenda.add(state.Agenda, record.retryAt, id)
end

--- Note that a record's command was just sent for the first time.
--- @param state table
--- @param id string
--- @param record table
--- @param now integer milliseconds
function retries.start(state, id, record, now)
  record.tries, record.stuck = 0, nil
  plan(state, id, record, now)
end

--- Note that the command was answered.
--- @param record table
function retries.stop(record)
  record.tries, record.retryAt, record.stuck = nil, nil, nil
end

--- Note that the command was sent once more.
--- @param state table
--- @param id string
--- @param record table
--- @param now integer milliseconds
function retries.again(state, id, record, now)
  record.tries = record.tries + 1
  if record.tries == retries.MAX then
    record.stuck = true
    alarms.raise(state, "stuck", id)
  end
  plan(state, id, record, now)
end

--- Make the function that sends again what is due, a few records at a time.
--- @param find function(state, id) -> record or nil
--- @param resend function(state, id, record) -> messages
--- @return function(state, request) -> messages
function retries.sweeper(find, resend)
  return function(state, request)
    local messages = {}
    for _ = 1, retries.SWEEP do
      local id, at = agenda.take(state.Agenda, request.now)
      if not id then
        break
      end
      local record = find(state, id)
      if record and record.retryAt == at then
        retries.again(state, id, record, request.now)
        for _, message in ipairs(resend(state, id, record)) do
          messages[#messages + 1] = message
        end
      end
    end
    return messages
  end
end

return retries
