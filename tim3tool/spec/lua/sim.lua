--- `require("tim3tool.sim")`: processes in closed VMs of their own, on a network that a suite drives.

local _, host = ...

local error, getmetatable, setmetatable = error, getmetatable, setmetatable

local sim, Network, Process = {}, {}, {}
Network.__index, Process.__index = Network, Process

local function ask(operation, ...)
  local ok, value = host(operation, ...)
  if not ok then error(value, 0) end
  return value
end

local function check(self, kind, call)
  if getmetatable(self) ~= kind then error("call it with a colon: `" .. call .. "`", 0) end
  return self
end

--- A valid address that always belongs to this label.
--- @param label string
--- @return string
function sim.address(label) return ask("address", label) end

--- A new network without processes.
--- @param options table|nil `seed`, `now` (ms since 1970), `height`, `order` ("fifo" or "depth-first"), `raw` (keep the
--- state after an error), `faults` (see `Network:faults`)
function sim.network(options)
  return setmetatable({ number = ask("network", options), processes = {} }, Network)
end

local function known(network, found)
  local process = setmetatable({ id = found.id, owner = found.owner, name = found.name, network = network }, Process)
  network.processes[found.id] = process
  return process
end

--- Spawns a process and lets its owner evaluate its code.
--- @param options table one of `process` (a name in the manifest), `file` and `source`; then `name`, `owner`, `tags`
--- and `module`
function Network:spawn(options)
  check(self, Network, "net:spawn{ ... }")
  return known(self, ask("spawn", self.number, options))
end

--- A process by its id, such as one that another process has spawned.
function Network:process(id)
  check(self, Network, "net:process(id)")
  return self.processes[id] or known(self, ask("process", self.number, id))
end

--- Sends a message to the process that `Target` names, and delivers all that follows from it.
--- @param message table `Target`, `From`, `Owner`, `Data`, `Tags`; every other key is a tag
--- @return table result `Error`, `Output`, `Messages`, `Spawns`, `Assignments`
function Network:send(message)
  check(self, Network, "net:send{ ... }")
  return ask("send", self.number, message)
end

--- The messages that processes sent to an address that is no process, in order.
function Network:mail(address)
  check(self, Network, "net:mail(address)")
  return ask("mail", self.number, address)
end

--- Decides what goes wrong on the way from now on: names of faults and shares of the messages, nil for nothing.
--- @param shares table|nil `reorder`, `drop`, `duplicate`, `delay`, `replay`, `crash`, `upgrade`, each from 0 to 1
function Network:faults(shares)
  check(self, Network, "net:faults{ ... }")
  ask("faults", self.number, shares)
end

--- What was delivered, for people.
--- @param names table|nil what to call addresses: names and the addresses they stand for
--- @return table `tree` and `mermaid`, both text
function Network:trace(names)
  check(self, Network, "net:trace(names)")
  return ask("trace", self.number, names)
end

--- Lets time pass.
--- @param ms integer milliseconds
function Network:advance(ms)
  check(self, Network, "net:advance(ms)")
  ask("advance", self.number, ms)
end

--- Milliseconds since 1970.
function Network:now() return ask("now", check(self, Network, "net:now()").number) end

--- The block height.
function Network:height() return ask("height", check(self, Network, "net:height()").number) end

--- Sends a message to this process, from its owner unless `From` says otherwise; see `Network:send`.
function Process:send(message)
  check(self, Process, "process:send{ ... }")
  return ask("send", self.network.number, message, self.id)
end

--- What this process would answer to a message, without any trace.
function Process:dry_run(message)
  check(self, Process, "process:dry_run{ ... }")
  return ask("dry_run", self.network.number, message, self.id)
end

--- Lets the process crash: its state is what replaying its messages gives.
function Process:restart()
  check(self, Process, "process:restart()")
  ask("restart", self.network.number, self.id)
end

--- Evaluates Lua as the owner, and raises where that ends in an error.
--- @return string what it printed and returned
function Process:eval(code)
  check(self, Process, "process:eval(code)")
  return ask("eval", self.network.number, self.id, self.owner, code)
end

--- Evaluates the process's code once more, or other code, as an upgrade does; its state stays.
--- @param options table|nil `file` or `source`; without one, the code it was spawned with
function Process:reload(options)
  check(self, Process, "process:reload{ ... }")
  ask("reload", self.network.number, self.id, self.owner, options)
end

--- All messages that this process has sent, in order.
function Process:outbox()
  check(self, Process, "process:outbox()")
  return ask("outbox", self.network.number, self.id)
end

--- The messages that no handler of this process took, as its `Inbox` keeps them.
function Process:inbox()
  check(self, Process, "process:inbox()")
  return ask("read", self.network.number, self.id, "Inbox")
end

--- A plain copy of the value of a Lua expression in the process.
function Process:read(expression)
  check(self, Process, "process:read(expression)")
  return ask("read", self.network.number, self.id, expression)
end

package.preload["tim3tool.sim"] = function() return sim end
