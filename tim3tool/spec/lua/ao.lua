--- Gives a suite the global `ao`, which collects what is sent; each test starts with an empty outbox.

local dialect, process, module = ...

local ao = require(".ao")

ao.init {
  Process = { Id = process, Owner = process, Tags = { { name = "Module", value = module } } },
  Module = { Id = module, Tags = {} },
}
table.insert(dialect.root.before_each, 1, function() ao.clearOutbox() end)

_G.ao = ao
