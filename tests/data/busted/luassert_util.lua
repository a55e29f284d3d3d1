-- Assertions as luassert has them: luassert.util. Many fail on purpose: their messages are compared.
local util, say = require("luassert.util"), require("say")
it("util 1", function()
  return util.deepcompare({1,{2}},{1,{3}})
end)

it("util 2", function()
  return util.deepcompare({1},{1})
end)

it("util 3", function()
  return util.deepcompare({1},{2},true)
end)

it("util 4", function()
  local m={__eq=function() return true end} return util.deepcompare(setmetatable({1},m),setmetatable({2},m),true)
end)

it("util 5", function()
  local m={__eq=function() return true end} return util.deepcompare(setmetatable({1},m),setmetatable({2},m),false)
end)

it("util 6", function()
  return util.deepcompare(1,2)
end)

it("util 7", function()
  return util.deepcompare({a={b={c=1}}},{a={b={c=2}}})
end)

it("util 8", function()
  return util.deepcompare({a=1},{a=1,b=2})
end)

it("util 9", function()
  return util.shallowcopy({1,{2}}), util.shallowcopy(5)
end)

it("util 10", function()
  local t={1,{2}} t.t=t local c=util.deepcopy(t) return c==t, c.t==c, c[2][1], c[2]==t[2]
end)

it("util 11", function()
  local k={} local c=util.deepcopy({[k]=1}) return next(c)==k
end)

it("util 12", function()
  local s=spy.new(os.clock) local c=util.deepcopy({s=s}) return c.s==s
end)

it("util 13", function()
  return util.tinsert({1,2,n=2},3)
end)

it("util 14", function()
  local t={1,nil,3,n=3} local r=util.tremove(t,1) return r,t
end)

it("util 15", function()
  local t={1,nil,3,n=3} local r=util.tremove(t) return r,t
end)

it("util 16", function()
  local t={1,2} return util.tremove(t),t
end)

it("util 17", function()
  return util.tinsert({},1,2,3)
end)

it("util 18", function()
  return util.tremove({n=0})
end)

it("util 19", function()
  return util.tremove({1,2,n=2},5)
end)

it("util 20", function()
  return util.pack(1,nil)
end)

it("util 21", function()
  return util.unpack({1,2,nil,n=3})
end)

it("util 22", function()
  return util.unpack({1,2,3},2)
end)

it("util 23", function()
  return util.unpack({1,2,3,n=5},2)
end)

it("util 24", function()
  return util.callable(os.clock), util.callable({}), util.callable(setmetatable({},{__call=os.clock})), util.callable(nil), util.callable('x')
end)

it("util 25", function()
  return util.hastostring({}), util.hastostring('x'), util.hastostring(setmetatable({},{__tostring=os.clock})), util.hastostring(5), util.hastostring(io.stdout)
end)

it("util 26", function()
  return util.errorlevel(), util.errorlevel(1), util.errorlevel(5)
end)

it("util 27", function()
  return util.extract_keys('assertion',{'is','equal'})
end)

it("util 28", function()
  return util.extract_keys('assertion',{'error','matches'})
end)

it("util 29", function()
  local a=util.make_arglist(1,nil,3) return a, util.is_arglist(a), util.is_arglist({n=1})
end)

it("util 30", function()
  local a=util.make_arglist(1,nil,3) local c=util.copyargs(a) return c, util.is_arglist(c)
end)

it("util 31", function()
  local a=util.make_arglist(1,nil,3) return util.cleararglist(a), a
end)

it("util 32", function()
  return util.copyargs({n=2,{1},{2}})
end)

it("util 33", function()
  return util.matchargs({{vals={1,n=1},refs={1,n=1}}},{1,n=1})
end)

it("util 34", function()
  return util.matchargs({{vals={1,n=1},refs={1,n=1}}},{2,n=1})
end)

it("util 35", function()
  return util.matchoncalls({{vals={1,n=1},refs={1,n=1}}},{1,n=1})
end)

it("util 36", function()
  assert.equal(util.make_arglist(1,{2},'x'),5)
end)

it("util 37", function()
  assert.same({util.make_arglist(1,{2},'x')},5)
end)

it("util 38", function()
  local s=spy.new(function() return 5 end) s(1) return s:called(), s:called(2), s:called_with(util.make_arglist(1)), s:returned_with(util.make_arglist(5))
end)

it("util 39", function()
  local s=spy.new(function() return 5 end) s(1) return s:called_with(util.make_arglist(2))
end)

it("util 40", function()
  return util.deepcompare({setmetatable({},{__eq=function() return true end})},{{}})
end)

it("util 41", function()
  local u=io.stdout return util.deepcopy({u,os.clock,1,'x'})[1]==u
end)

it("util 42", function()
  return util.shallowcopy(setmetatable({1},{}))
end)
