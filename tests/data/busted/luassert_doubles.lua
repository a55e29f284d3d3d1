-- Assertions as luassert has them: stubs and mocks. Many fail on purpose: their messages are compared.

it("doubles 1", function()
  return spy.is_spy(5), spy.is_spy({}), spy.is_spy(spy.new(os.clock)), spy.is_spy(stub({x=os.clock},'x')), spy.is_spy(nil)
end)

it("doubles 2", function()
  local s=spy.new(os.clock) s() return assert.stub(s).was.called(1)
end)

it("doubles 3", function()
  local t={x=os.clock} local s=stub(t,'x') return s(1,2)
end)

it("doubles 4", function()
  local t={x=os.clock} local s=stub(t,'x',1,nil,3) return t.x()
end)

it("doubles 5", function()
  local t={x=os.clock} local s=stub(t,'x',function(a) return a+1 end) return t.x(4)
end)

it("doubles 6", function()
  local t={x=os.clock} local s=stub(t,'x').returns(1,nil) return t.x()
end)

it("doubles 7", function()
  local t={x=os.clock} local s=stub(t,'x').invokes(function(a) return a end) return t.x(5)
end)

it("doubles 8", function()
  local t={x=os.clock} local s=stub(t,'x').by_default.returns(9) return t.x(), s==t.x
end)

it("doubles 9", function()
  local t={x=os.clock} local s=stub(t,'x').by_default.invokes(function(...) return ... end) return t.x(1,2), s==t.x
end)

it("doubles 10", function()
  local t={x=os.clock} local s=stub(t,'x') s.on_call_with(1).returns('one') s.on_call_with(match.is_string()).invokes(function(a) return a..a end) return t.x(1), t.x('a'), t.x({}), s
end)

it("doubles 11", function()
  local t={x=os.clock} local s=stub(t,'x',7) s.on_call_with(1).returns('one').on_call_with(2).returns('two') return t.x(1), t.x(2), t.x(3)
end)

it("doubles 12", function()
  local t={x=os.clock} local s=stub(t,'x') s.on_call_with(match._).returns('any') s.on_call_with(1).returns('one') return t.x(1), t.x(2)
end)

it("doubles 13", function()
  local t={x=os.clock} local s=stub(t,'x') s.on_call_with(1).returns('a') s.on_call_with(1).returns('b') return t.x(1)
end)

it("doubles 14", function()
  local t={x=os.clock} local s=stub(t,'x') s.on_call_with(1) return t.x(1)
end)

it("doubles 15", function()
  local t={x=os.clock} local s=stub(t,'x') s:revert() return t.x==os.clock, s==t.x
end)

it("doubles 16", function()
  local t={x=os.clock} local s=stub(t,'x') s.returns(nil) return select('#',t.x())
end)

it("doubles 17", function()
  local t={x=os.clock} local s=stub(t,'x',nil) return select('#',t.x())
end)

it("doubles 18", function()
  local t={x=os.clock} local s=stub(t,'x',nil,nil) return select('#',t.x())
end)

it("doubles 19", function()
  local t={a=os.clock,b={c=os.clock},n=5,s='x'} local m=mock(t) return m==t, spy.is_spy(t.a), spy.is_spy(t.b.c), t.n, type(t.b)
end)

it("doubles 20", function()
  local t={a=function() return 5 end} local m=mock(t,true) return m.a()
end)

it("doubles 21", function()
  local t={a=function() return 5 end} local m=mock(t,true,1,2) return m.a()
end)

it("doubles 22", function()
  local t={a=function() return 5 end} local m=mock(t,true,function() return 9 end) return m.a()
end)

it("doubles 23", function()
  local t={a=function() return 5 end} local m=mock(t) m.a() mock.clear(m) return #m.a.calls, mock.revert(m)==m, m.a()
end)

it("doubles 24", function()
  return mock(5)
end)

it("doubles 25", function()
  return mock()
end)

it("doubles 26", function()
  local s=spy.new(os.clock) local m=mock({s=s}) return m.s==s
end)

it("doubles 27", function()
  local base={f=os.clock} local o=setmetatable({},{__index=base}) local m=mock(o) return spy.is_spy(m.f), m.f==os.clock
end)

it("doubles 28", function()
  return mock('x'), mock(nil)
end)

it("doubles 29", function()
  return mock(os.clock)==os.clock
end)

it("doubles 30", function()
  local s=stub.new() s.on_call_with(1).returns(2) return s(1), s(2)
end)

it("doubles 31", function()
  local t={} local s=stub(t,'f') s:revert() return t.f
end)

it("doubles 32", function()
  local t={x=os.clock} local s=stub(t,'x') s.on_call_with(1).returns(5) s.returns(9) return t.x(1),t.x(2)
end)

it("doubles 33", function()
  local t={x=os.clock} local s=stub(t,'x') s.on_call_with(1).invokes(function(a) return a+1 end) s.invokes(function() return 'inv' end) return t.x(1),t.x(2)
end)

it("doubles 34", function()
  local t={x=os.clock} local s=stub(t,'x') return s.invokes(5)
end)

it("doubles 35", function()
  local t={x=os.clock} local s=stub(t,'x') s.by_default.invokes(setmetatable({},{__call=function(_,a) return a end})) return t.x(3)
end)

it("doubles 36", function()
  local t={x=os.clock} local s=stub(t,'x') s(1) s:clear() return #s.calls, #s.returnvals
end)

it("doubles 37", function()
  local t={a={f=os.clock}} local m=mock(t) mock.revert(m) return t.a.f==os.clock
end)

it("doubles 38", function()
  local f=function() return 1 end local t={f=f,g=f} mock(t) t.f() return #t.g.calls, t.f==t.g
end)

it("doubles 39", function()
  local s=stub({x=os.clock},'x') s(1) return assert.stub(s).was_called_with(1), assert.spy(s).was_called(), assert.spy(s).called_with(1)
end)

it("doubles 40", function()
  return assert.spy(stub({x=os.clock},'x')).was_not_called()
end)

it("doubles 41", function()
  local t={x=os.clock} stub(t,'x') t.x(1) assert.stub(t.x).was.called_with(2)
end)

it("doubles 42", function()
  local t=setmetatable({},{__index={m=function() return 'base' end}}) local s=stub(t,'m') t.m:revert() return rawget(t,'m')==nil, t.m()
end)
