-- Assignments: which messages that are addressed to somebody else this process is willing to evaluate.
local type, ipairs, assert, select = type, ipairs, assert, select
local insert, remove = table.insert, table.remove
local utils = require(".utils")

local function find(list, name)
  for index, entry in ipairs(list) do
    if entry.name == name then return index end
  end
end

local assignment = { _version = "0.1.0" }

function assignment.init(ao)
  function ao.addAssignable(...)
    local name, pattern
    if select("#", ...) == 1 then
      pattern = ...
    else
      name, pattern = ...
      assert(type(name) == "string", "MatchSpec name MUST be a string")
    end
    local index = name and find(ao.assignables, name)
    if index then
      ao.assignables[index].pattern = pattern
    else
      insert(ao.assignables, { name = name, pattern = pattern })
    end
  end

  function ao.removeAssignable(name)
    local index = name
    if type(name) == "string" then
      index = find(ao.assignables, name)
    else
      assert(type(name) == "number", "index MUST be a number")
    end
    if ao.assignables[index] ~= nil then remove(ao.assignables, index) end
  end

  function ao.isAssignment(msg) return msg.Target ~= ao.id end

  function ao.isAssignable(msg)
    for _, entry in ipairs(ao.assignables) do
      if utils.matchesSpec(msg, entry.pattern) then return true end
    end
    return false
  end
end

return assignment
