--- The one place that sends. A message to send is a flat table of strings: Target, Data, and tags by name. A patch,
-- which makes state readable over HyperBEAM, has no Target, and tables of strings among its values.

local outbox = {}

--- Make a patch: what changed of the state that is published. Keys are lower-case.
--- @param changes table<string, any> strings, or tables of strings by key
--- @return table message
function outbox.patch(changes)
  changes.device = "patch@1.0"
  return changes
end

--- Send messages, the tags of each in the order of their names, so that equal runs give equal bytes.
--- @param messages table[] each {Target = string, Data = string or nil, [tag name] = string, ...}
function outbox.send(messages)
  for _, message in ipairs(messages) do
    local tags = {}
    for name, value in pairs(message) do
      if name ~= "Target" and name ~= "Data" then
        tags[#tags + 1] = { name = name, value = value }
      end
    end
    table.sort(tags, function(left, right)
      return left.name < right.name
    end)
    ao.send({ Target = message.Target, Data = message.Data, Tags = tags })
  end
end

return outbox
