-- Assertions as luassert has them: words of a suite's own. Many fail on purpose: their messages are compared.
local util, say = require("luassert.util"), require("say")
it("custom 1", function()
  assert.foo(2,'x')
end)

it("custom 2", function()
  assert.foo(2)
end)

it("custom 3", function()
  assert.not_foo(1)
end)

it("custom 4", function()
  return assert.foo(1,2,3)
end)

it("custom 5", function()
  return assert.is.foo(1,2,3)
end)

it("custom 6", function()
  assert.foo(2, {1}, nil)
end)

it("custom 7", function()
  assert:register('assertion','bar',function(s,a) return false end) assert.bar(1)
end)

it("custom 8", function()
  assert.Not.bar(1) return 5
end)

it("custom 9", function()
  assert:register('assertion','bar2',function(s,a) return true, {9,8} end,'assertion.foo.positive','assertion.foo.negative') return assert.bar2(1)
end)

it("custom 10", function()
  assert:register('assertion','bar4',function(s,a) s.failure_message='FM' return false end,'assertion.foo.positive') assert.bar4(1,2)
end)

it("custom 11", function()
  assert:register('assertion','bar5',function(s,a,l) error('inside',l) end) assert.bar5(1)
end)

it("custom 12", function()
  assert:register('assertion','bar6',function(s,a) return nil end,'nokey') assert.bar6(1)
end)

it("custom 13", function()
  assert:unregister('assertion','foo') assert.foo(1)
end)

it("custom 14", function()
  assert:unregister('assertion','nope')
end)

it("custom 15", function()
  assert:register('nope','x',os.clock)
end)

it("custom 16", function()
  assert:register('modifier','tog',function(state,args,level) state.payload=args and args[1] return state end) assert:register('assertion','pay',function(state,args) return state.payload==args[1] end,'assertion.foo.positive') assert.tog(5).pay(5) assert.tog(5).is.Not.pay(6) return assert.tog(5).is.pay(5)
end)

it("custom 17", function()
  return assert.tog(5).pay(6)
end)

it("custom 18", function()
  assert:register('modifier','neg',function(state) state.mod=not state.mod return state end) assert.neg.equal(1,2) assert.neg_equal(1,2) assert.neg.neg.equal(1,1)
end)

it("custom 19", function()
  assert:register('matcher','ev',function(state,args,level) return function(v) return v%2==args[1] end end) return match.ev(0)(4), match.is_ev(1)(4), match.is_not.ev(0)(4)
end)

it("custom 20", function()
  local s=spy.new(function() end) s(3) assert.spy(s).was.called_with(match.ev(0))
end)

it("custom 21", function()
  assert:register('matcher','bad',function() return 5 end) return match.bad()(1)
end)

it("custom 22", function()
  local m=match.ev(0) assert.equal(m,1)
end)

it("custom 23", function()
  assert:register('assertion','lv',function(s,a,l) return false end,'assertion.foo.positive') local function h() assert.lv(1,2) end 
 h()
end)

it("custom 24", function()
  assert:register('assertion','lv',function(s,a,l) return false end) say:set('lvp','LV %s') assert:register('assertion','lv2',function(s,a,l) return false end,'lvp') local function h() assert.lv2(1,assert:level(2)) end 
 h()
end)

it("custom 25", function()
  return assert:register('assertion','lv3',os.clock), assert:unregister('assertion','lv3')
end)

it("custom 26", function()
  say:set('n1','%s') assert:register('assertion','na',function(s,a) a.nofmt={true} return false end,'n1') assert.na('raw')
end)

it("custom 27", function()
  assert:register('assertion','nb',function(s,a) rawset(s,'failure_message','RAW') return false end,'n1') assert.nb('raw')
end)

it("custom 28", function()
  assert:register('assertion','nc',function(s,a) return false end, nil) assert.message('MM').nc('raw')
end)

it("custom 29", function()
  assert:register('assertion','nd',function(s,a) a.fmtargs={{crumbs={'k'}}} return false end,'n1') assert.nd({k=1})
end)

it("custom 30", function()
  assert:register('assertion','UP',function(s,a) return true end,'n1') return assert.UP(1)
end)

it("custom 31", function()
  assert:register('assertion','multi_word_name',function(s,a) return false end,'n1') assert.is.multi.word_name(1)
end)

it("custom 32", function()
  assert:register('assertion','nf',function(s,a) return false end,'n1','n1') return pcall(match.is_nf)
end)

it("custom 33", function()
  assert:register('assertion','pp',function(s,a) return type(s.payload)=='nil' end) assert.pp()
end)

it("custom 34", function()
  assert:register('assertion','pr',function(s,a) error(type(s.failure_message)..type(s.mod)..type(s.tokens)..type(rawget(s,'payload')),0) end) assert.pr()
end)

it("custom 35", function()
  assert:register('modifier','obj',function(s,a) rawset(s,'payload',a[1]) return s end) assert:register('assertion','ps',function(s,a) error(type(s.payload)..type(rawget(s,'payload')),0) end) assert.obj(5).is.ps()
end)

it("custom 36", function()
  assert:register('assertion','pt',function(s,a) error(type(s.payload),0) end) assert.obj(nil).is.pt()
end)

it("custom 37", function()
  assert:register('matcher','mm',function(s,a) return function(v) return true, 'extra' end end) return match.mm()(1)
end)

it("custom 38", function()
  assert:register('matcher','m1',function(s,a) return function(v) return v end end) return match.m1()(1), match.no.m1()(1), match.m1()(nil), match.no.m1()(nil), match.m1()(true), match.no.m1()(false), match.no.m1()(true), match.m1()(false)
end)

it("custom 39", function()
  assert:register('assertion','a1',function(s,a) return a[1] end) return pcall(assert.a1,1)
end)
