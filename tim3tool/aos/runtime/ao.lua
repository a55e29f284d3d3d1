-- The `ao` module: identity of the process, its outbox, and the functions that fill it.
local type, ipairs, pairs, assert, tostring, getmetatable, setmetatable, select =
  type, ipairs, pairs, assert, tostring, getmetatable, setmetatable, select
local insert, format, gmatch = table.insert, string.format, string.gmatch
local _, version = ... -- what differs between the aos versions; see versions.py

local ao = {
  _version = "0.0.6",
  _module = "",
  id = "",
  reference = 0,
  authorities = {},
  assignables = {},
  outbox = { Output = {}, Messages = {}, Spawns = {}, Assignments = {} },
  nonExtractableTags = {
    "Data-Protocol", "Variant", "From-Process", "From-Module", "Type", "From", "Owner", "Anchor", "Target", "Data",
    "Tags",
  },
  nonForwardableTags = {
    "Data-Protocol", "Variant", "From-Process", "From-Module", "Type", "From", "Owner", "Anchor", "Target", "Tags",
    "TagArray", "Hash-Chain", "Timestamp", "Nonce", "Epoch", "Signature", "Forwarded-By", "Pushed-For", "Read-Only",
    "Cron", "Block-Height", "Reference", "Id", "Reply-To",
  },
}
if version.readOnlyTagStays then insert(ao.nonExtractableTags, "Read-Only") end

local function includes(list, value)
  for _, item in ipairs(list) do
    if item == value then return true end
  end
  return false
end

local function isArray(t)
  local count = 0
  for key in pairs(t) do
    if type(key) ~= "number" then return false end
    count = count + 1
  end
  return count == #t
end

function ao.clone(value, seen)
  if type(value) ~= "table" then return value end
  seen = seen or {}
  if seen[value] then return seen[value] end
  local copy = {}
  seen[value] = copy
  for key, item in pairs(value) do copy[ao.clone(key, seen)] = ao.clone(item, seen) end
  return setmetatable(copy, getmetatable(value))
end

function ao.normalize(msg)
  for _, tag in ipairs(msg.Tags) do
    if not includes(ao.nonExtractableTags, tag.name) then msg[tag.name] = tag.value end
  end
  return msg
end

function ao.sanitize(msg)
  local copy = ao.clone(msg)
  for key in pairs(copy) do
    if includes(ao.nonForwardableTags, key) then copy[key] = nil end
  end
  return copy
end

local function addAuthority(value)
  if version.authoritiesSplit then
    for part in gmatch(value, "[^,]+") do
      if not includes(ao.authorities, part) then insert(ao.authorities, part) end
    end
  else
    insert(ao.authorities, value)
  end
end

function ao.init(env)
  if ao.id == "" then ao.id = env.Process.Id end
  local fresh = #ao.authorities == 0
  for _, tag in ipairs(env.Process.Tags) do
    if tag.name == "Module" and ao._module == "" then ao._module = tag.value end
    if tag.name == "Authority" and (fresh or version.authoritiesSplit) then addAuthority(tag.value) end
  end
  ao.outbox = { Output = {}, Messages = {}, Spawns = {}, Assignments = {} }
  ao.env = env
end

-- Answers nothing and shows in no result, whatever tags the message has.
if version.hints then
  function ao.registerHint(msg)
    local _ = msg.Tags
  end
end

function ao.log(text)
  if type(ao.outbox.Output) == "string" then ao.outbox.Output = { ao.outbox.Output } end
  insert(ao.outbox.Output, text)
end

function ao.clearOutbox() ao.outbox = { Output = {}, Messages = {}, Spawns = {}, Assignments = {} } end

local NOT_TAGS = { Target = true, Data = true, Anchor = true, Tags = true, From = true }

-- No network can sign a value that is not a string. The module sends it all the same; where it was sent from is kept
-- beside the message, for the error at delivery.
local function keepPlace(entry)
  local places = version and version.places
  if not places then return end
  local clean = entry.Data == nil or type(entry.Data) == "string"
  for _, tag in ipairs(entry.Tags) do clean = clean and type(tag) == "table" and type(tag.value) == "string" end
  if not clean then places[entry] = version.placeOfUser() end
end

-- Appends the caller's root keys, then its Tags (array or map), to the fixed ones; nothing is de-duplicated.
local function appendTags(tags, msg)
  for name, value in pairs(msg) do
    if not NOT_TAGS[name] then insert(tags, { name = name, value = value }) end
  end
  if not msg.Tags then return end
  if isArray(msg.Tags) then
    for _, tag in ipairs(msg.Tags) do insert(tags, tag) end
  else
    for name, value in pairs(msg.Tags) do insert(tags, { name = name, value = value }) end
  end
end

local function nextReference()
  ao.reference = ao.reference + 1
  return tostring(ao.reference), format("%032d", ao.reference)
end

function ao.send(msg)
  assert(type(msg) == "table", "msg should be a table")
  local reference, anchor = nextReference()
  local tags = {
    { name = "Data-Protocol", value = "ao" },
    { name = "Variant", value = "ao.TN.1" },
    { name = "Type", value = "Message" },
    { name = "Reference", value = reference },
  }
  appendTags(tags, msg)
  local target = msg.Target
  local entry = { Target = target, Data = msg.Data, Anchor = anchor, Tags = tags }
  keepPlace(entry)
  insert(ao.outbox.Messages, entry)
  return {
    Target = target,
    Data = msg.Data,
    Anchor = anchor,
    Tags = tags,
    onReply = function(...)
      local from, handle = target, ...
      if select("#", ...) == 2 then
        from, handle = ...
      end
      Handlers.once({ From = from, ["X-Reference"] = reference }, handle)
    end,
    receive = function(from) return Handlers.receive({ From = from or target, ["X-Reference"] = reference }) end,
  }
end

function ao.spawn(module, msg)
  assert(type(module) == "string", "Module source id is required!")
  assert(type(msg) == "table", "Message must be a table")
  local reference, anchor = nextReference()
  local tags = {
    { name = "Data-Protocol", value = "ao" },
    { name = "Variant", value = "ao.TN.1" },
    { name = "Type", value = "Process" },
    { name = "From-Process", value = ao.id },
    { name = "From-Module", value = ao._module },
    { name = "Module", value = module },
    { name = "Reference", value = reference },
  }
  appendTags(tags, msg)
  local entry = { Data = msg.Data or "NODATA", Anchor = anchor, Tags = tags }
  keepPlace(entry)
  insert(ao.outbox.Spawns, entry)
  local spawned = { Action = "Spawned", From = ao.id, Reference = reference }
  return {
    Data = msg.Data or "NODATA",
    Anchor = anchor,
    Tags = tags,
    onReply = function(handle) Handlers.once(spawned, handle) end,
    receive = function() return Handlers.receive(spawned) end,
  }
end

function ao.assign(assignment)
  assert(type(assignment) == "table", "assignment should be a table")
  assert(type(assignment.Processes) == "table", "Processes should be a table")
  assert(type(assignment.Message) == "string", "Message should be a string")
  insert(ao.outbox.Assignments, assignment)
end

function ao.isTrusted(msg)
  for _, authority in ipairs(ao.authorities) do
    if msg.From == authority or msg.Owner == authority then return true end
  end
  return false
end

function ao.result(result)
  if ao.outbox.Error or result.Error then return { Error = result.Error or ao.outbox.Error } end
  return {
    Output = result.Output or ao.outbox.Output,
    Messages = result.Messages or ao.outbox.Messages,
    Spawns = result.Spawns or ao.outbox.Spawns,
    Assignments = result.Assignments or ao.outbox.Assignments,
  }
end

return ao
