--- Gives a suite the global `ao`, which collects what is sent; each test starts with an empty outbox.

local steps, process, module = ...

local ao = require(".ao")

ao.init {
  Process = { Id = process, Owner = process, Tags = { { name = "Module", value = module } } },
  Module = { Id = module, Tags = {} },
}
table.insert(steps.each, function() ao.clearOutbox() end)

_G.ao = ao
