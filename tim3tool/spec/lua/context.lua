--- The environments that suites run in, and what insulated blocks put back.
---
--- All code of a suite's file has one environment. What it reads is looked up in the block or test that runs now, then
--- in the blocks around it, then in `_G`; what it writes stays in the one that runs now.

local globals = ...

local context = {}

local looked = {} -- the metatable of the environment; it follows what runs now
local inner = setmetatable({}, { __mode = "k" }) -- by environment: the metatable of those inside it

--- What every suite sees, and no Lua module does: the words, and luassert's.
context.root = setmetatable({}, { __index = globals })

--- What the functions of a suite's file have as their `_ENV`.
context.environment = setmetatable({}, looked)

--- Makes an environment the one that is read and written now.
function context.focus(environment) looked.__index, looked.__newindex = environment, environment end

--- Returns a new environment inside another.
function context.inside(outer)
  local meta = inner[outer]
  if not meta then
    meta = { __index = outer }
    inner[outer] = meta
  end
  return setmetatable({}, meta)
end

local function copy(from)
  local made = {}
  for key, value in next, from do made[key] = value end
  return made
end

local function become(target, saved)
  for key in next, copy(target) do
    if saved[key] == nil then rawset(target, key, nil) end
  end
  for key, value in next, saved do rawset(target, key, value) end
end

--- Returns what `restore` puts back: the globals and the loaded Lua modules.
function context.save() return { globals = copy(globals), loaded = copy(globals.package.loaded) } end

--- Puts back what `save` returned.
function context.restore(saved)
  become(globals, saved.globals)
  become(globals.package.loaded, saved.loaded)
end

--- Gives what stands in an environment to another.
function context.give(from, to)
  for key, value in next, from do rawset(to, key, value) end
end

context.focus(context.root)

return context
