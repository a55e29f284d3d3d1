--- Who the five processes are, and whether they agree on it.
--
-- The admin tells each process the same configuration once (Configure). Each then greets the others (Hello), and
-- believes in one that answers with an equal hash (Hello-Ack). Later changes are proposed, wait a day, and need an
-- idle process.

local addresses = require("addresses")
local alarms = require("alarms")
local fields = require("fields")
local roles = require("roles")

local setup = {}

--- The version of the protocol; processes of different versions do not work together.
setup.VERSION = "1"
setup.DENOMINATION = "12"

--- How long a proposed configuration waits once the process is active.
setup.DELAY_MS = 86400000

local ROLES = { "coordinator", "lock-manager", "state-manager", "token-manager", "usda" }
local TAGS = {
  coordinator = "Coordinator",
  ["lock-manager"] = "Lock-Manager",
  ["state-manager"] = "State-Manager",
  ["token-manager"] = "Token-Manager",
  usda = "Usda",
}
local MODES = { custody = true, lock = true }

--- Read the address of a process, which may be this one.
--- @param value any
--- @return string|nil, string|nil
local function process(value)
  if addresses.isAddress(value) and not addresses.isAuthority(value) then
    return value
  end
  return nil, "must be the id of a process"
end

--- Read a collateral mode.
--- @param value any
--- @return string|nil, string|nil
local function mode(value)
  if MODES[value] then
    return value
  end
  return nil, "must be `custody` or `lock`"
end

setup.TAKES = { { "Collateral-Mode", mode } }
for _, role in ipairs(ROLES) do
  setup.TAKES[#setup.TAKES + 1] = { TAGS[role], process }
end

--- Hash a configuration.
--- @param config table
--- @return string 64 hexadecimal digits
local function hash(config)
  local lines = { "version=" .. setup.VERSION, "denomination=" .. setup.DENOMINATION, "mode=" .. config.mode }
  for _, role in ipairs(ROLES) do
    lines[#lines + 1] = role .. "=" .. config.peers[role]
  end
  local crypto = require(".crypto")
  return crypto.digest.sha2_256(crypto.utils.stream.fromString(table.concat(lines, "\n"))).asHex()
end

--- Make a configuration of a request's input.
--- @param state table
--- @param request table
--- @return table|nil config {peers, roles, mode, hash}
--- @return string|nil error code
--- @return string|nil text
local function read(state, request)
  local config = { peers = {}, roles = {}, mode = request.input["Collateral-Mode"] }
  for _, role in ipairs(ROLES) do
    local id = request.input[TAGS[role]]
    if config.roles[id] then
      return nil, "invalid-" .. role, ("`%s` and `%s` must differ"):format(TAGS[role], TAGS[config.roles[id]])
    end
    config.peers[role], config.roles[id] = id, role
  end
  if config.peers[state.Role] ~= request.process then
    return nil, "invalid-" .. state.Role, ("`%s` must be this process"):format(TAGS[state.Role])
  end
  config.hash = hash(config)
  return config
end

--- Return the id of a peer.
--- @param state table
--- @param role string
--- @return string|nil nil while there is no configuration
function setup.peer(state, role)
  return state.Config and state.Config.peers[role]
end

--- Tell whether an address is one of the five processes or the collateral token.
--- @param state table
--- @param address string
--- @return boolean
function setup.isPeer(state, address)
  return state.Config ~= nil and state.Config.roles[address] ~= nil
end

--- Make a predicate for routes: the sender is the peer of one of these roles.
--- @param ... string roles
--- @return function
function setup.from(...)
  local permitted = {}
  for _, role in ipairs({ ... }) do
    permitted[role] = true
  end
  return function(state, request)
    local role = state.Config and state.Config.roles[request.from]
    return role ~= nil and permitted[role] == true
  end
end

--- Tell whether a request comes from somebody who is no peer.
--- @param state table
--- @param request table
--- @return boolean
function setup.isUser(state, request)
  return not setup.isPeer(state, request.from)
end

--- Make a greeting.
--- @param state table
--- @param role string whom to greet
--- @param action string
--- @return table message
local function greeting(state, role, action)
  return {
    Target = setup.peer(state, role),
    Action = action,
    Role = state.Role,
    ["Config-Hash"] = state.Config.hash,
    Version = setup.VERSION,
  }
end

--- Greet the peers that have not greeted yet. A process that is still silent has to make sure of something first.
--- @param state table
--- @param isFirst boolean|nil whether to greet all: those whose greetings met silence wait for one
--- @return table[] messages
function setup.greet(state, isFirst)
  local messages = {}
  for _, role in ipairs(ROLES) do
    if not state.Silent and role ~= "usda" and role ~= state.Role and (isFirst or not state.Seen[role]) then
      messages[#messages + 1] = greeting(state, role, "Hello")
    end
  end
  return messages
end

--- List the peers that did not greet with the same configuration.
--- @param state table
--- @return string[] roles
function setup.missing(state)
  local missing = {}
  for _, role in ipairs(ROLES) do
    if role ~= "usda" and role ~= state.Role and not state.Seen[role] then
      missing[#missing + 1] = role
    end
  end
  return missing
end

--- Believe or disbelieve in a peer that greeted.
--- @param state table
--- @param request table
--- @return string|nil role of the peer, nil where it claims another one
local function note(state, request)
  local role, claimed = state.Config.roles[request.from], request.tags
  if claimed.Role ~= role then
    alarms.raise(state, "role-mismatch", tostring(claimed.Role))
    return nil
  end
  local agrees = claimed["Config-Hash"] == state.Config.hash and claimed.Version == setup.VERSION
  state.Seen[role] = agrees or nil
  if not agrees then
    alarms.raise(state, "config-mismatch", role)
  end
  -- the coordinator waits for its admin, the others are led by the coordinator
  state.Active = state.Active or state.Role ~= "coordinator" and #setup.missing(state) == 0
  return role
end

--- Hello: a peer greets.
--- @param state table
--- @param request table
--- @return table[] messages
function setup.hello(state, request)
  local role = note(state, request)
  if not role or state.Silent then
    return {}
  end
  return { greeting(state, role, "Hello-Ack") }
end

--- Hello-Ack: a peer greets back.
--- @param state table
--- @param request table
--- @return table[] messages
function setup.helloAck(state, request)
  note(state, request)
  return {}
end

--- Configure: tell the process who its peers are. A repeat with the same is harmless.
--- @param state table
--- @param request table
--- @return table[]|nil messages
--- @return string|nil error code
--- @return string|nil text
function setup.configure(state, request)
  local config, problem, text = read(state, request)
  if not config then
    return nil, problem, text
  end
  if state.Config and state.Config.hash ~= config.hash then
    return nil, "configured", "the process is configured already: see Propose-Config"
  end
  if not state.Config then
    state.Config = config
    roles.log(state, request, "Configure", config.hash)
  end
  local messages = setup.greet(state)
  messages[#messages + 1] = { Target = request.from, Action = "Configure-Ok", ["Config-Hash"] = config.hash }
  return messages
end

--- Propose-Config: announce another configuration.
--- @param state table
--- @param request table
--- @return table[]|nil messages
--- @return string|nil error code
--- @return string|nil text
function setup.propose(state, request)
  local config, problem, text = read(state, request)
  if not config then
    return nil, problem, text
  end
  local at = request.now + (state.Active and setup.DELAY_MS or 0)
  state.Proposal = { config = config, at = at }
  roles.log(state, request, "Propose-Config", config.hash)
  return {
    {
      Target = request.from,
      Action = "Propose-Config-Ok",
      ["Config-Hash"] = config.hash,
      ["Apply-At"] = tostring(at),
    },
  }
end

--- Make the handler of Apply-Config, which puts what was proposed in force and starts from the greetings again.
--- @param refuse function(state, config) -> string|nil error code, string|nil text: why the process is not idle
--- @return function
function setup.applier(refuse)
  return function(state, request)
    local proposal = state.Proposal
    if not proposal then
      return nil, "no-proposal", "nothing was proposed"
    end
    if request.now < proposal.at then
      return nil, "too-early", ("it can be applied at %d"):format(proposal.at)
    end
    local problem, text = refuse(state, proposal.config)
    if problem then
      return nil, problem, text
    end
    state.Config, state.Proposal, state.Seen, state.Active = proposal.config, nil, {}, false
    state.Silent = state.Silent ~= nil or nil -- who has something to make sure of does so again
    roles.log(state, request, "Apply-Config", state.Config.hash)
    local messages = setup.greet(state)
    messages[#messages + 1] =
      { Target = request.from, Action = "Apply-Config-Ok", ["Config-Hash"] = state.Config.hash }
    return messages
  end
end

--- Make a route that every process has for its peers' greetings.
--- @param run function
--- @return table route
local function greetingRoute(run)
  return {
    kind = "peer",
    from = setup.from("coordinator", "lock-manager", "state-manager", "token-manager"),
    takes = { { "Config-Hash", fields.id } },
    run = run,
  }
end

--- Return the routes that configure a process.
--- @param refuse function see `applier`
--- @return table<string, table>
function setup.routes(refuse)
  return {
    Configure = { kind = "command", from = roles.isAdmin, takes = setup.TAKES, run = setup.configure },
    ["Propose-Config"] = { kind = "command", from = roles.isAdmin, takes = setup.TAKES, run = setup.propose },
    ["Apply-Config"] = { kind = "command", from = roles.isAdmin, run = setup.applier(refuse) },
    Hello = greetingRoute(setup.hello),
    ["Hello-Ack"] = greetingRoute(setup.helloAck),
  }
end

return setup
