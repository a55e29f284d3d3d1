-- The Process message: it opens the Inbox, and its On-Boot tag may have code evaluated.
local insert = table.insert

return function(ao)
  local eval = require(".eval")(ao)
  return function(msg)
    if #Inbox == 0 then insert(Inbox, msg) end
    local onBoot = msg.Tags["On-Boot"]
    if onBoot == nil then return end
    -- Any other value names a transaction on WeaveDrive, which is not mounted: the module finds no code there.
    if onBoot ~= "Data" then msg.Data = nil end
    eval(msg)
  end
end
