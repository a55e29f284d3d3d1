-- .pretty: a table as indented text.
local pairs, rep, tostring, type = pairs, string.rep, tostring, type

local pretty = { _version = "0.0.1" }

--- Return a line for each member of a table, and below a table its members, one column further in.
-- A key or value that cannot be joined to a string raises, as it does on AO.
-- @param tbl the table; it must not hold itself
-- @param indent columns that it stands at, 0 by default
function pretty.tprint(tbl, indent)
  indent = indent or 0
  local text = ""
  for key, value in pairs(tbl) do
    text = text .. rep(" ", indent) .. key .. ": "
    if type(value) == "table" then
      text = text .. "\n" .. pretty.tprint(value, indent + 1)
    elseif type(value) == "boolean" then
      text = text .. tostring(value) .. "\n"
    else
      text = text .. value .. "\n"
    end
  end
  return text
end

return pretty
