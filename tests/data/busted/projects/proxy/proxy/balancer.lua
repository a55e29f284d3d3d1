local M = { built = (BUILT or 0) + 1 }
BUILT = M.built

local pools = {}

function M.add(name, targets)
  if type(name) ~= "string" then error("name must be a string, got " .. type(name), 2) end
  pools[name] = { targets = targets, at = 0 }
end

function M.pick(name)
  local pool = pools[name]
  if not pool then return nil, "no upstream named " .. name end
  if #pool.targets == 0 then
    ngx.log(ngx.ERR, "empty upstream ", name)
    return ngx.exit(503)
  end
  pool.at = pool.at % #pool.targets + 1
  return pool.targets[pool.at]
end

return M
