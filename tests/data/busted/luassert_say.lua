-- Assertions as luassert has them: say. Many fail on purpose: their messages are compared.
local util, say = require("luassert.util"), require("say")
it("say 1", function()
  say:set('k','v %s') return say('k',{1}), say('k',{}), say('nope'), say('k'), say('k',{nil,n=1}), say('k',{'a','b'})
end)

it("say 2", function()
  say:set_namespace('fr') say:set('k','vfr') local a=say('k') say:set_namespace('en') return a, say('k',{1})
end)

it("say 3", function()
  say:set_namespace('de2') local r=say('k',{1}) say:set_namespace('en') return r
end)

it("say 4", function()
  say:set_fallback('fr') local r=say('k') say:set_fallback('en') return r
end)

it("say 5", function()
  say:set_namespace('xx') local r=say('nothere') say:set_namespace('en') return r
end)

it("say 6", function()
  say:set('k2',nil) return say('k2')
end)

it("say 7", function()
  return say:set('a','b'), say:set_namespace('en'), say:set_fallback('en')
end)

it("say 8", function()
  say:set('p','100%% %s %d') return say('p',{'x',3})
end)

it("say 9", function()
  say:set('p','%s') return say('p',{true}), say('p',{{}})~=nil
end)

it("say 10", function()
  return say(nil)
end)

it("say 11", function()
  return say('k','x')
end)

it("say 12", function()
  say:set('q','%s %s') return say('q',{1})
end)

it("say 13", function()
  return say.foo, say.k
end)

it("say 14", function()
  return say:set('assertion.equals.positive','EQ %s %s')
end)

it("say 15", function()
  return say:set('assertion.equals.positive',nil)
end)

it("say 16", function()
  say:set('x','%s|%s') return say('x',{1,nil,n=2}), say('x',{nil,2})
end)

it("say 17", function()
  say:set('x',5) return say('x',{1})
end)

it("say 18", function()
  return say('x',{n=1})
end)
