-- The process: globals that user code sees, the gates, and the evaluation of one message.
local type, tostring, ipairs, pairs, next, pcall, tonumber = type, tostring, ipairs, pairs, next, pcall, tonumber
local concat, insert, remove, byte = table.concat, table.insert, table.remove, string.byte
local create, resume, status = coroutine.create, coroutine.resume, coroutine.status

local _, version = ...
local json = require("json")
local chance = require(".chance")
local stringify = require(".stringify")
local ao = require(".ao")
require(".assignment").init(ao)

local process = { _version = version.prints }

-- Globals -----------------------------------------------------------------------------------------------------------

_G.ao = ao
Colors = { red = "\27[31m", green = "\27[32m", blue = "\27[34m", reset = "\27[0m", gray = "\27[90m" }
Bell = "\7"
Utils = require(".utils")
Handlers = require(".handlers")
Dump = require(".dump")
HANDLER_PRINT_LOGS = {}

function Prompt()
  local unread = tostring(#Inbox)
  return Colors.green .. Name .. Colors.gray .. "@" .. Colors.blue .. "aos-" .. process._version .. Colors.gray
    .. "[Inbox:" .. Colors.red .. unread .. Colors.gray .. "]" .. Colors.reset .. "> "
end

local COLOUR = { boolean = "blue", number = "green", ["nil"] = "red" }

function print(a) -- luacheck: ignore 121
  local colour = COLOUR[type(a)]
  if type(a) == "table" then
    a = stringify.format(a)
  elseif colour then
    a = Colors[colour] .. tostring(a) .. Colors.reset
  end
  -- Only what follows an earlier print is joined at once, so a function fails here then, and else at the very end.
  local data = a
  if ao.outbox.Output.data then data = ao.outbox.Output.data .. "\n" .. a end
  ao.outbox.Output = { data = data, prompt = Prompt(), print = true }
  insert(HANDLER_PRINT_LOGS, a)
end

function Version() print("version: " .. process._version) end

local function encodeData(msg)
  msg["Content-Type"] = "application/json"
  msg.Data = json.encode(msg.Data)
end

local send, spawn = ao.send, ao.spawn

function ao.send(msg)
  if type(msg.Data) == "table" then encodeData(msg) end
  return send(msg)
end

function ao.spawn(module, msg)
  if type(msg.Data) == "table" then encodeData(msg) end
  return spawn(module, msg)
end

function Send(msg)
  if not msg.Target then
    print("WARN: No target specified for message. Data will be stored, but no process will receive it.")
  end
  local sent = ao.send(msg)
  return { output = "Message added to outbox", receive = sent.receive, onReply = sent.onReply }
end

function Spawn(...)
  local module, msg = ...
  if select("#", ...) == 1 then
    module, msg = ao._module, module
  end
  local spawned = ao.spawn(module, msg or {})
  return { output = "Spawn process request added to outbox", receive = spawned.receive }
end

function Receive(pattern) return Handlers.receive(pattern) end

function Assign(assignment)
  ao.assign(assignment)
  print("Assignment added to outbox.")
  return "Assignment added to outbox."
end

function Tab(msg)
  local tags = {}
  for _, tag in ipairs(msg.Tags) do
    if tags[tag.name] == nil then tags[tag.name] = tag.value end
  end
  return tags
end

function math.random(...) return chance.random(...) end -- luacheck: ignore 122

-- Preparing a message -----------------------------------------------------------------------------------------------

-- Names come back message after message: each is normalised once. The count keeps hostile names from piling up.
local normalized, remembered = {}, 0
local REMEMBERED = 1000

local function titleCase(name)
  local known = normalized[name]
  if known then return known end
  if remembered == REMEMBERED then
    normalized, remembered = {}, 0
  end
  known = Utils.normalize(name)
  normalized[name], remembered = known, remembered + 1
  return known
end

local function normalizeNames(msg)
  local renamed
  for key in next, msg do
    if titleCase(key) ~= key then
      renamed = renamed or {}
      insert(renamed, key)
    end
  end
  for _, key in ipairs(renamed or {}) do
    local value = msg[key]
    msg[key] = nil
    msg[titleCase(key)] = value
  end
  for _, tag in ipairs(msg.Tags) do tag.name = titleCase(tag.name) end
end

local function tagValue(tags, name)
  for _, tag in ipairs(tags) do
    if tag.name == name then return tag.value end
  end
end

local function byteSum(text)
  local sum = 0
  for index = 1, #text do sum = sum + byte(text, index) end
  return sum
end

local function openState(msg, env, isProcessMessage)
  if not Seeded then
    chance.seed(tonumber(msg["Block-Height"] .. byteSum(msg.Owner .. msg.Module .. msg.Id)))
    Seeded = true
  end
  Errors = Errors or {}
  Inbox = Inbox or {}
  if Owner == nil and (isProcessMessage or version.anyoneOwns) then
    Owner = tagValue(env.Process.Tags, "From-Process") or msg.From
  end
  if Name == nil then Name = tagValue(env.Process.Tags, "Name") or "aos" end
end

local function tagMap(holder)
  holder.TagArray = holder.Tags
  holder.Tags = Tab(holder)
end

local function decodeData(msg)
  if msg.Tags["Content-Type"] == "application/json" then msg.Data = json.decode(msg.Data or "{}") end
end

local function attach(msg)
  function msg.reply(replyMsg)
    replyMsg.Target = msg["Reply-To"] or replyMsg.Target or msg.From
    replyMsg["X-Reference"] = msg["X-Reference"] or msg.Reference
    replyMsg["X-Origin"] = msg["X-Origin"]
    return ao.send(replyMsg)
  end

  function msg.forward(target, changes)
    local copy = ao.sanitize(msg)
    for key, value in pairs(copy) do
      if type(value) == "function" then copy[key] = nil end
    end
    for key, value in pairs(changes or {}) do copy[key] = value end
    copy.Target = target
    copy["Reply-To"] = msg["Reply-To"] or msg.From
    copy["X-Reference"] = msg["X-Reference"] or msg.Reference
    copy["X-Origin"] = msg["X-Origin"] or msg.From
    ao.send(copy)
  end
end

-- Gates and results -------------------------------------------------------------------------------------------------

local function output()
  return { data = concat(HANDLER_PRINT_LOGS, "\n"), prompt = Prompt(), print = true }
end

local function refuse(kind, notice, msg, answers)
  if answers and msg.From ~= ao.id then ao.send({ Target = msg.From, Data = notice }) end
  print(kind .. " is not trusted! From: " .. msg.From .. " - Owner: " .. msg.Owner)
  return ao.result({ Output = output() })
end

local function gate(msg)
  if msg.From ~= msg.Owner and not ao.isTrusted(msg) then
    return refuse("Message", "Message is not trusted by this process!", msg, version.untrustedAnswered)
  end
  if ao.isAssignment(msg) and not ao.isAssignable(msg) then
    return refuse("Assignment", "Assignment is not trusted by this process!", msg, true)
  end
end

local function register(msg, isProcessMessage)
  Handlers.add("_eval", function(m) return m.Action == "Eval" and Owner == m.From end, require(".eval")(ao))
  if isProcessMessage or version.anyoneOwns then
    Handlers.once("_boot", function(m) return m.Tags.Type == "Process" and Owner == m.From end, require(".boot")(ao))
  end
  Handlers.append("_default", function() return true end, require(".default")())
  attach(msg)
end

local function red(text) return Colors.red .. text end

local function failure(msg, result)
  if msg.Action == "Eval" then
    insert(Errors, result)
    return { Error = concat(HANDLER_PRINT_LOGS, "\n") .. "\n\n" .. red("error:\n") .. Colors.reset .. result }
  end
  local action = msg.Action and " handling message with Action = " .. msg.Action or " handling message "
  print(red("Error") .. Colors.gray .. action .. Colors.reset)
  print(Colors.green .. result .. Colors.reset)
  print("\n" .. Colors.gray .. version.traceback .. Colors.reset)
  return { Error = concat(HANDLER_PRINT_LOGS, "\n") .. "\n\n" .. red("error:\n") .. Colors.reset .. result }
end

local function keepOneCoroutine(latest)
  local kept = Handlers.coroutines
  insert(kept, latest)
  for index = #kept, 1, -1 do
    if status(kept[index]) == "dead" then remove(kept, index) end
  end
end

local function success(msg)
  if version.keepsNonce then ao.Nonce = msg.Nonce end
  if msg.Action ~= "Eval" then return ao.result({ Output = output() }) end
  local prints = HANDLER_PRINT_LOGS
  return ao.result({ Output = { data = concat(prints, "\n"), prompt = Prompt(), test = Dump(prints) } })
end

-- Evaluates one message: `msg` and `env` are fresh tables that nobody else holds.
function process.handle(msg, env)
  ao.init(env)
  if version.normalizes then normalizeNames(msg) end
  ao.normalize(msg)
  ao.id = env.Process.Id
  local isProcessMessage = msg.Id == env.Process.Id
  openState(msg, env, isProcessMessage)
  HANDLER_PRINT_LOGS = {}
  os.time = function() return msg.Timestamp end -- luacheck: ignore 122
  tagMap(msg)
  tagMap(env.Process)
  decodeData(msg)
  ao.clearOutbox()

  local refused = gate(msg)
  if refused then return refused end

  register(msg, isProcessMessage)
  local co = create(function() return pcall(Handlers.evaluate, msg, env) end)
  local _, ok, result = resume(co)
  keepOneCoroutine(co)
  if not ok then return failure(msg, result) end
  return success(msg)
end

return process
