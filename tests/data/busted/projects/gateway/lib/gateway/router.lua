local router = { loads = (rawget(_G, "LOADS") or 0) + 1 }
rawset(_G, "LOADS", router.loads)
local routes = {}
function router.add(path, handler) routes[path] = handler end
function router.exec()
  local handler = routes[ngx.var.uri]
  if not handler then return ngx.exit(404) end
  ngx.say(handler(ngx.req.get_headers()))
  return ngx.exit(200)
end
return router
