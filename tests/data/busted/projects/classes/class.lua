local class = {}
local function include(target, mixin)
  for name, method in pairs(mixin) do if name ~= "included" then target[name] = method end end
  if mixin.included then mixin:included(target) end
  return target
end
setmetatable(class, { __call = function(_, name, super)
  assert(type(name) == "string", "A name (string) is needed for the new class")
  local made = { name = name, super = super, static = {} }
  made.__index = made
  made.__tostring = function(self) return "instance of class " .. self.class.name end
  made.new = function(self, ...)
    local object = setmetatable({ class = self }, self)
    if object.initialize then object:initialize(...) end
    return object
  end
  made.subclass = function(self, sub) return class(sub, self) end
  made.include = function(self, ...)
    for _, mixin in ipairs { ... } do include(self, mixin) end
    return self
  end
  return setmetatable(made, { __index = super, __call = made.new, __tostring = function() return "class " .. name end })
end })
return class
