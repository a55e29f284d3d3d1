--- How an assertion fails: an error with the place in the suite that asked for it.

local failure = {}

local OWN = "=[tim3tool " -- the chunk names of the dialect's own files

local Failure = { __type = "failure", __index = {} }

function Failure.__tostring(raised) return tostring(raised.message) end

--- Whether a raised value comes from a failed assertion.
function failure.is(raised) return getmetatable(raised) == Failure end

-- The place of the innermost function that is not ours, or of one further out.
local function place(out)
  local level = 2
  local info = debug.getinfo(level, "Sl")
  while info and info.source:sub(1, #OWN) == OWN do
    level = level + 1
    info = debug.getinfo(level, "Sl")
  end
  if out > 1 then info = debug.getinfo(level + out - 1, "Sl") end
  if not info or info.currentline < 1 then return "" end
  return ("%s:%d: "):format(info.short_src, info.currentline)
end

--- Raises a failed assertion.
--- @param message any a text gets the place of the suite in front
--- @param out integer|nil 1 (the default) for the function that asks, 2 for its caller, and so on
function failure.raise(message, out)
  if type(message) == "string" then message = place(out or 1) .. message end
  error(setmetatable({ message = message }, Failure), 0)
end

--- Raises an error about wrong use, at the place of the suite.
function failure.misuse(message) error(place(1) .. message, 0) end

return failure
