-- Assertions as luassert has them: spies. Many fail on purpose: their messages are compared.

it("spies 1", function()
  assert.spy(5)
end)

it("spies 2", function()
  spy(function() end)
end)

it("spies 3", function()
  local t={f=function() return 5 end} local s=spy.on(t,'f') s:revert() s() return #s.calls, t.f==s
end)

it("spies 4", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was_not.called()
end)

it("spies 5", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was.called(1)
end)

it("spies 6", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was_not.called(1)
end)

it("spies 7", function()
  local s=spy.new(function(...) return 'r' end) return assert.spy(s).was.called(1)
end)

it("spies 8", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was.called(2)
end)

it("spies 9", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was_not.called(2)
end)

it("spies 10", function()
  local s=spy.new(function(...) return 'r' end) return assert.spy(s).was.called(2)
end)

it("spies 11", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was.called(0)
end)

it("spies 12", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was_not.called(0)
end)

it("spies 13", function()
  local s=spy.new(function(...) return 'r' end) return assert.spy(s).was.called(0)
end)

it("spies 14", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was.called('x')
end)

it("spies 15", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was_not.called('x')
end)

it("spies 16", function()
  local s=spy.new(function(...) return 'r' end) return assert.spy(s).was.called('x')
end)

it("spies 17", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was.called(nil)
end)

it("spies 18", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was_not.called(nil)
end)

it("spies 19", function()
  local s=spy.new(function(...) return 'r' end) return assert.spy(s).was.called(nil)
end)

it("spies 20", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was.called(1,'msg')
end)

it("spies 21", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was_not.called(1,'msg')
end)

it("spies 22", function()
  local s=spy.new(function(...) return 'r' end) return assert.spy(s).was.called(1,'msg')
end)

it("spies 23", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was.called('msg')
end)

it("spies 24", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was_not.called('msg')
end)

it("spies 25", function()
  local s=spy.new(function(...) return 'r' end) return assert.spy(s).was.called('msg')
end)

it("spies 26", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was.called_at_least(2)
end)

it("spies 27", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was_not.called_at_least(2)
end)

it("spies 28", function()
  local s=spy.new(function(...) return 'r' end) return assert.spy(s).was.called_at_least(2)
end)

it("spies 29", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was.called_at_least(1)
end)

it("spies 30", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was_not.called_at_least(1)
end)

it("spies 31", function()
  local s=spy.new(function(...) return 'r' end) return assert.spy(s).was.called_at_least(1)
end)

it("spies 32", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was.called_at_most(0)
end)

it("spies 33", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was_not.called_at_most(0)
end)

it("spies 34", function()
  local s=spy.new(function(...) return 'r' end) return assert.spy(s).was.called_at_most(0)
end)

it("spies 35", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was.called_at_most(1)
end)

it("spies 36", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was_not.called_at_most(1)
end)

it("spies 37", function()
  local s=spy.new(function(...) return 'r' end) return assert.spy(s).was.called_at_most(1)
end)

it("spies 38", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was.called_more_than(1)
end)

it("spies 39", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was_not.called_more_than(1)
end)

it("spies 40", function()
  local s=spy.new(function(...) return 'r' end) return assert.spy(s).was.called_more_than(1)
end)

it("spies 41", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was.called_more_than(0)
end)

it("spies 42", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was_not.called_more_than(0)
end)

it("spies 43", function()
  local s=spy.new(function(...) return 'r' end) return assert.spy(s).was.called_more_than(0)
end)

it("spies 44", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was.called_less_than(1)
end)

it("spies 45", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was_not.called_less_than(1)
end)

it("spies 46", function()
  local s=spy.new(function(...) return 'r' end) return assert.spy(s).was.called_less_than(1)
end)

it("spies 47", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was.called_less_than(2)
end)

it("spies 48", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was_not.called_less_than(2)
end)

it("spies 49", function()
  local s=spy.new(function(...) return 'r' end) return assert.spy(s).was.called_less_than(2)
end)

it("spies 50", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was.called_at_least(2,'msg')
end)

it("spies 51", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was_not.called_at_least(2,'msg')
end)

it("spies 52", function()
  local s=spy.new(function(...) return 'r' end) return assert.spy(s).was.called_at_least(2,'msg')
end)

it("spies 53", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was.called_with()
end)

it("spies 54", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was_not.called_with()
end)

it("spies 55", function()
  local s=spy.new(function(...) return 'r' end) return assert.spy(s).was.called_with()
end)

it("spies 56", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was.called_with(1)
end)

it("spies 57", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was_not.called_with(1)
end)

it("spies 58", function()
  local s=spy.new(function(...) return 'r' end) return assert.spy(s).was.called_with(1)
end)

it("spies 59", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was.called_with(1,2)
end)

it("spies 60", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was_not.called_with(1,2)
end)

it("spies 61", function()
  local s=spy.new(function(...) return 'r' end) return assert.spy(s).was.called_with(1,2)
end)

it("spies 62", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was.called_with(1,nil)
end)

it("spies 63", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was_not.called_with(1,nil)
end)

it("spies 64", function()
  local s=spy.new(function(...) return 'r' end) return assert.spy(s).was.called_with(1,nil)
end)

it("spies 65", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was.called_with({1})
end)

it("spies 66", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was_not.called_with({1})
end)

it("spies 67", function()
  local s=spy.new(function(...) return 'r' end) return assert.spy(s).was.called_with({1})
end)

it("spies 68", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was.called_with({2})
end)

it("spies 69", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was_not.called_with({2})
end)

it("spies 70", function()
  local s=spy.new(function(...) return 'r' end) return assert.spy(s).was.called_with({2})
end)

it("spies 71", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was.called_with(match.is_string())
end)

it("spies 72", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was_not.called_with(match.is_string())
end)

it("spies 73", function()
  local s=spy.new(function(...) return 'r' end) return assert.spy(s).was.called_with(match.is_string())
end)

it("spies 74", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was.returned_with()
end)

it("spies 75", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was_not.returned_with()
end)

it("spies 76", function()
  local s=spy.new(function(...) return 'r' end) return assert.spy(s).was.returned_with()
end)

it("spies 77", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was.returned_with(1)
end)

it("spies 78", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was_not.returned_with(1)
end)

it("spies 79", function()
  local s=spy.new(function(...) return 'r' end) return assert.spy(s).was.returned_with(1)
end)

it("spies 80", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was.returned_with('r')
end)

it("spies 81", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was_not.returned_with('r')
end)

it("spies 82", function()
  local s=spy.new(function(...) return 'r' end) return assert.spy(s).was.returned_with('r')
end)

it("spies 83", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was.returned_with({1})
end)

it("spies 84", function()
  local s=spy.new(function(...) return 'r' end) s({1}) return assert.spy(s).was_not.returned_with({1})
end)

it("spies 85", function()
  local s=spy.new(function(...) return 'r' end) return assert.spy(s).was.returned_with({1})
end)

it("spies 86", function()
  local s=spy.new(function() end) s(1) s(1,2) s() assert.spy(s).was.called_with(1,3)
end)

it("spies 87", function()
  local s=spy.new(function() end) s(1) s(1,2) s() assert.spy(s).was_not.called_with(1,2)
end)

it("spies 88", function()
  local s=spy.new(function() end) s(1) s(1,nil) assert.spy(s).was.called_with(1,nil,nil)
end)

it("spies 89", function()
  local s=spy.new(function() end) s(1,nil) assert.spy(s).was.called_with(1)
end)

it("spies 90", function()
  local s=spy.new(function() end) s(nil) assert.spy(s).was.called_with()
end)

it("spies 91", function()
  local s=spy.new(function() end) s() assert.spy(s).was.called_with(nil)
end)

it("spies 92", function()
  local s=spy.new(function() end) local t={1} s(t) t[1]=2 assert.spy(s).was.called_with({1}) assert.spy(s).was.called_with(t)
end)

it("spies 93", function()
  local s=spy.new(function() end) local t={1} s(t) t[1]=2 assert.spy(s).was.called_with({2})
end)

it("spies 94", function()
  local s=spy.new(function() end) local t={1} s(t) assert.spy(s).was.called_with(match.is_ref(t))
end)

it("spies 95", function()
  local s=spy.new(function() end) local t={1} s(t) assert.spy(s).was.called_with(match.is_ref({1}))
end)

it("spies 96", function()
  local s=spy.new(function() error('x') end) pcall(s,1) return s, #s.calls, #s.returnvals
end)

it("spies 97", function()
  return assert.called()
end)

it("spies 98", function()
  return assert.called_with(1)
end)

it("spies 99", function()
  return assert.was.called(1)
end)

it("spies 100", function()
  local s=spy.new(os.clock) return assert.spy(s)
end)

it("spies 101", function()
  local s=spy.new(os.clock) return assert.called(s)
end)

it("spies 102", function()
  local s=spy.new(os.clock) s() return assert.spy(s).called()
end)

it("spies 103", function()
  local s=spy.new(os.clock) s(1,{2}) assert.spy(s).was.called_with(1,{3})
end)

it("spies 104", function()
  local s=spy.new(os.clock) return tostring(s)
end)

it("spies 105", function()
  local s=spy.new(function() end) assert.equal(s,1)
end)

it("spies 106", function()
  return assert.is.called_with
end)

it("spies 107", function()
  assert.same({[1]=spy.new(os.clock)},{})
end)

it("spies 108", function()
  local s=spy.new(function() return 5 end) s(1) s(2) return s:called(2), s:called(1), s:called(1,function(a,b) return a>b end)
end)

it("spies 109", function()
  local s=spy.new(function() end) s(1,2) local t=s.calls[1] return t.vals, t.refs, t[1]
end)

it("spies 110", function()
  local s=spy.new(function() end) return s:clear()==s, s:revert()
end)

it("spies 111", function()
  local t={f=os.clock} local s=spy.on(t,'f') return s:revert()==os.clock, s:revert()
end)

it("spies 112", function()
  local t={f=os.clock} spy.on(t,'f') local s2=spy.on(t,'f') t.f:revert() return spy.is_spy(t.f), t.f==os.clock
end)

it("spies 113", function()
  local s=spy.new(function() end) s({1,{2}}) local m=match.is_same({1,{3}}) assert.spy(s).was.called_with(m, match.is_all_of(match.is_string(), match.is_not_nil()))
end)

it("spies 114", function()
  local s=spy.new(function() end) s('a') s('b') s('c') assert.spy(s).was.called_with('b') assert.spy(s).was_not.called_with(match.is_string())
end)

it("spies 115", function()
  assert.spy(spy.new(os.clock)).was.called_with({a={b={c={d={e={}}}}}})
end)

it("spies 116", function()
  local function h() assert.spy(spy.new(os.clock)).was.called(assert:level(2)) return 1 end 
 h(0)
end)

it("spies 117", function()
  local function h() assert.spy(spy.new(os.clock)).was.called_with(1,assert:level(2)) return 1 end 
 h(0)
end)

it("spies 118", function()
  local s=spy.new(function() end) s(1) s(2) assert.spy(s).was.called_with(match.is_ref({}))
end)

it("spies 119", function()
  local s=spy.new(function() end) return pcall(function() return s.foo end)
end)

it("spies 120", function()
  local s=spy.new(function() end) s(nil,nil) return s.calls[1].vals.n
end)

it("spies 121", function()
  local s=spy.on(string,'rep') local x=('x'):rep(2) s:revert() return x, #s.calls
end)

it("spies 122", function()
  local t={f=function(self,a) return a end} local s=spy.on(t,'f') t:f(3) assert.spy(s).was.called_with(t,3) assert.spy(s).was.called_with(match.is_ref(t),3)
end)

it("spies 123", function()
  local t={f=function(self,a) return a end} local s=spy.on(t,'f') t:f(3) assert.spy(s).was.called_with(t,4)
end)

it("spies 124", function()
  local s=spy.new(function(a,b) return b,a end) s(1,nil) assert.spy(s).returned_with(nil,1)
end)

it("spies 125", function()
  local s=spy.new(function(a,b) return b,a end) s(1,nil) assert.spy(s).returned_with(1)
end)

it("spies 126", function()
  local s=spy.new(function() return {1} end) s().x=5 assert.spy(s).returned_with({1})
end)

it("spies 127", function()
  local t={} local s=spy.on(t,'missing') return t.missing(), #s.calls
end)

it("spies 128", function()
  local t=setmetatable({},{__index={m=function() return 'base' end}}) local s=spy.on(t,'m') local r=t.m() s:revert() return r, rawget(t,'m')==nil, t.m()
end)

it("spies 129", function()
  local a,b={},{} local s=spy.new(function() end) s(a) return s.calls[1].refs[1]==a, s.calls[1].vals[1]==a
end)

it("spies 130", function()
  local s=spy.new(function() end) s(function() end) assert.spy(s).was.called_with(match.is_function()) assert.spy(s).was.called_with(os.clock)
end)

it("spies 131", function()
  local obj={v=1} local s=spy.new(function() end) s(obj) obj.v=2 assert.spy(s).was.called_with(match.is_same({v=1})) assert.spy(s).was.called_with(match.is_ref(obj))
end)

it("spies 132", function()
  local s=spy.new(function() end) s({a={b=1}}) assert.spy(s).was.called_with({a=match._})
end)

it("spies 133", function()
  local s=spy.new(function() end) s({a={b=1}}) assert.spy(s).was.called_with({a={b=match.is_number()}})
end)

it("spies 134", function()
  local s=spy.new(function() end) s(5) return pcall(function() assert.spy(s).was.called_with(match.m1()) end)
end)
