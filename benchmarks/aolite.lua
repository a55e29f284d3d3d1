-- Measures pings in aolite, from what its README documents. Arguments: a checkout, how many. Prints messages a second.
local checkout, count = arg[1], tonumber(arg[2])
package.path = table.concat({
  checkout .. "/lua/?.lua", checkout .. "/lua/?/init.lua", checkout .. "/lua/?/main.lua", package.path,
}, ";")
local aolite = require("aolite")

local SOURCE = [[
Handlers.add("Ping", "Ping", function(m)
  Count = (Count or 0) + 1
  m.reply({ Data = "pong", Action = "Pong" })
end)
]]
local ON_BOOT = { { name = "On-Boot", value = "Data" } }
aolite.spawnProcess("target", SOURCE, ON_BOOT)
aolite.spawnProcess("sender", "Ready = true", ON_BOOT)

local clock = os.clock
local start = clock()
for _ = 1, count do aolite.send({ From = "sender", Target = "target", Action = "Ping" }) end
local seconds = clock() - start
assert(tonumber(aolite.eval("target", "return Count")) == count, "not every ping was answered")
io.stdout:write(("%.1f\n"):format(count / seconds))
