local balancer = require "proxy.balancer"
local M = { phases = {} }

function M.run(phase)
  local handler = M.phases[phase]
  if not handler then return nil, "unknown phase: " .. phase end
  return handler(ngx.ctx)
end

function M.phases.access(ctx)
  local target, why = balancer.pick(ctx.host)
  if not target then return ngx.exit(502), why end
  ctx.target = target
  return target
end

return M
