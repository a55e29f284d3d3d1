-- Assertions as luassert has them: deep comparison and how tables are shown. Many fail on purpose: their messages are compared.

it("tables 1", function()
  assert.same({1},{1},{2})
end)

it("tables 2", function()
  assert.same({1},{2},'msg')
end)

it("tables 3", function()
  assert.same({1},{2},{3})
end)

it("tables 4", function()
  return assert:get_parameter('TableFormatLevel'), assert:get_parameter('TableFormatShowRecursion'), assert:get_parameter('TableErrorHighlightCharacter'), assert:get_parameter('TableErrorHighlightColor'), assert:get_parameter('TableFormatMaxDepth')
end)

it("tables 5", function()
  assert.same({},{1,2,a=1,b={c={d={e={}}}}})
end)

it("tables 6", function()
  local t={} t.t=t assert.same({},t)
end)

it("tables 7", function()
  local t={} t.t=t assert:set_parameter('TableFormatShowRecursion',true) local ok,e=pcall(assert.same,{},t) assert:set_parameter('TableFormatShowRecursion',false) error(e,0)
end)

it("tables 8", function()
  local t={} t.t=t local u={} u.t=u assert.same(t,u)
end)

it("tables 9", function()
  assert:set_parameter('TableFormatLevel',-1) local ok,e=pcall(assert.same,{x=1},{x={y={z={w={v=1}},q={}}}}) assert:set_parameter('TableFormatLevel',3) error(e,0)
end)

it("tables 10", function()
  assert:set_parameter('TableFormatLevel',0) local ok,e=pcall(assert.same,{x=1},{x={y={z={w={v=1}},q={}}}}) assert:set_parameter('TableFormatLevel',3) error(e,0)
end)

it("tables 11", function()
  assert:set_parameter('TableFormatLevel',1) local ok,e=pcall(assert.same,{x=1},{x={y={z={w={v=1}},q={}}}}) assert:set_parameter('TableFormatLevel',3) error(e,0)
end)

it("tables 12", function()
  assert:set_parameter('TableFormatLevel',2) local ok,e=pcall(assert.same,{x=1},{x={y={z={w={v=1}},q={}}}}) assert:set_parameter('TableFormatLevel',3) error(e,0)
end)

it("tables 13", function()
  assert:set_parameter('TableFormatLevel',4) local ok,e=pcall(assert.same,{x=1},{x={y={z={w={v=1}},q={}}}}) assert:set_parameter('TableFormatLevel',3) error(e,0)
end)

it("tables 14", function()
  assert.same({a={b={c={d={e=1}}}}},{a={b={c={d={e=2}}}}})
end)

it("tables 15", function()
  assert.same({[{1}]=1},{})
end)

it("tables 16", function()
  assert.same({[{1}]=1},{[{1}]=1})
end)

it("tables 17", function()
  assert.same({a=1,b=2},{a=1,b=3})
end)

it("tables 18", function()
  assert.same({1,2,3},{1,2})
end)

it("tables 19", function()
  assert.same({1,2},{1,2,3})
end)

it("tables 20", function()
  assert.same({{1},{2}},{{1},{3}})
end)

it("tables 21", function()
  assert.same({1,{2}},{1,2})
end)

it("tables 22", function()
  assert.same({a={b=1}},{a={b=1,c=2}})
end)

it("tables 23", function()
  assert.same({x='a',y={}},{x='a'})
end)

it("tables 24", function()
  assert.same({a=nil},{a=false})
end)

it("tables 25", function()
  assert.not_same({a={1}},{a={1}})
end)

it("tables 26", function()
  assert.same(0/0,0/0)
end)

it("tables 27", function()
  assert.same({0/0},{0/0})
end)

it("tables 28", function()
  assert.same({1},{1.0})
end)

it("tables 29", function()
  assert.same({[1]=1},{[1.0]=1})
end)

it("tables 30", function()
  assert.same('a','b')
end)

it("tables 31", function()
  assert.same(nil,{})
end)

it("tables 32", function()
  assert.same(os.clock,function() end)
end)

it("tables 33", function()
  assert.same({os.clock},{function() end})
end)

it("tables 34", function()
  assert.same(1,'1')
end)

it("tables 35", function()
  assert.same({1.5,2^63,'x"y',true,1e300,0/0,1/0,-1/0},{})
end)

it("tables 36", function()
  local m={__eq=function(a,b) return true end} assert.same(setmetatable({1},m),setmetatable({2},m))
end)

it("tables 37", function()
  local m={__eq=function(a,b) return a.x==b.x end} assert.same({setmetatable({x=1,y=2},m)},{setmetatable({x=1,y=3},m)})
end)

it("tables 38", function()
  local m={__eq=function(a,b) return false end} assert.same(setmetatable({1},m),setmetatable({1},m))
end)

it("tables 39", function()
  local m={__eq=function(a,b) return true end} assert.same(setmetatable({1},m),{2})
end)

it("tables 40", function()
  local m={__eq=function(a,b) return true end} assert.same({2},setmetatable({1},m))
end)

it("tables 41", function()
  local m={__eq=function(a,b) return true end} local m2={__eq=m.__eq} assert.same(setmetatable({1},m),setmetatable({2},m2))
end)

it("tables 42", function()
  local m={__eq=function(a,b) return true end} local m2={__eq=function() return true end} assert.same(setmetatable({1},m),setmetatable({2},m2))
end)

it("tables 43", function()
  assert.same(setmetatable({1},{__index={a=1}}),{1})
end)

it("tables 44", function()
  assert.same(setmetatable({1},{}),{1})
end)

it("tables 45", function()
  assert.same(setmetatable({},{__index={a=1}}),{a=1})
end)

it("tables 46", function()
  assert.same({a=1},setmetatable({},{__index={a=1}}))
end)

it("tables 47", function()
  assert.same(setmetatable({},{__pairs=function() return next,{a=1} end}),{a=1})
end)

it("tables 48", function()
  assert.same({a=1},setmetatable({},{__pairs=function() return next,{a=1} end}))
end)

it("tables 49", function()
  assert.same(setmetatable({1},{__tostring=function() return 'T' end}),{2})
end)

it("tables 50", function()
  assert.same({setmetatable({1},{__tostring=function() return 'T' end})},{2})
end)

it("tables 51", function()
  assert.same(setmetatable({1},{__name='Foo'}),2)
end)

it("tables 52", function()
  assert.same({setmetatable({1},{__metatable='locked'})},{setmetatable({2},{__metatable='locked'})})
end)

it("tables 53", function()
  assert.same(setmetatable({1},{__metatable=false}),{1})
end)

it("tables 54", function()
  assert.same(setmetatable({},{__len=function() return 3 end}),{1})
end)

it("tables 55", function()
  assert.same({'a\nb'},{})
end)

it("tables 56", function()
  assert.same({[1]='x', [3]='y'},{'x',nil,'z'})
end)

it("tables 57", function()
  assert:set_parameter('TableErrorHighlightCharacter','>') local ok,e=pcall(assert.same,{1,{2}},{1,{3}}) assert:set_parameter('TableErrorHighlightCharacter','') local ok,e2=pcall(assert.same,{1,{2}},{1,{3}}) assert:set_parameter('TableErrorHighlightCharacter','>>>') local ok,e3=pcall(assert.same,{1,{2}},{1,{3}}) assert:set_parameter('TableErrorHighlightCharacter','*') return e,e2,e3
end)

it("tables 58", function()
  assert:set_parameter('TableErrorHighlightColor','red') local ok,e=pcall(assert.same,{1,{2}},{1,{3}}) assert:set_parameter('TableErrorHighlightColor','none') return (tostring(e):gsub('\27','ESC'))
end)

it("tables 59", function()
  assert:set_parameter('TableErrorHighlightColor','green') local ok,e=pcall(assert.same,{1,{2}},{1,{3}}) assert:set_parameter('TableErrorHighlightColor','none') return (tostring(e):gsub('\27','ESC'))
end)

it("tables 60", function()
  assert:set_parameter('TableErrorHighlightColor','blue') local ok,e=pcall(assert.same,{1,{2}},{1,{3}}) assert:set_parameter('TableErrorHighlightColor','none') return (tostring(e):gsub('\27','ESC'))
end)

it("tables 61", function()
  assert:set_parameter('TableErrorHighlightColor','none') local ok,e=pcall(assert.same,{1,{2}},{1,{3}}) assert:set_parameter('TableErrorHighlightColor','none') return (tostring(e):gsub('\27','ESC'))
end)

it("tables 62", function()
  assert:set_parameter('TableErrorHighlightColor','cyan') local ok,e=pcall(assert.same,{1,{2}},{1,{3}}) assert:set_parameter('TableErrorHighlightColor','none') return (tostring(e):gsub('\27','ESC'))
end)

it("tables 63", function()
  assert.same({a='x\'y'},{})
end)

it("tables 64", function()
  return assert.same_equal(1,1)
end)

it("tables 65", function()
  local t={} t.t=t local u={t={}} u.t.t=u return (pcall(assert.same,t,u))
end)

it("tables 66", function()
  local t={} t.t=t local u={t={t={t={t={}}}}} return (pcall(assert.same,t,u))
end)

it("tables 67", function()
  local t={} t.t=t local u={t={t={t={t={}}}}} return (pcall(assert.same,u,t))
end)

it("tables 68", function()
  local t={{},{}} t[1][1]=t t[2][1]=t local u={{},{}} u[1][1]=u u[2][1]=u[1] return (pcall(assert.same,t,u))
end)

it("tables 69", function()
  local a={} a.x=a a.n=1 local b={x=a,n=1} return (pcall(assert.same,a,b))
end)

it("tables 70", function()
  local a={} a.x=a a.n=1 local b={x={n=1}} b.x.x=b b.n=1 return (pcall(assert.same,a,b))
end)

it("tables 71", function()
  local a={} a.x=a a.n=1 local b={x={n=2}} b.x.x=b b.n=1 return (pcall(assert.same,a,b))
end)

it("tables 72", function()
  local m={__eq=function() return true end} local m2={__eq=function() return true end} return (pcall(assert.same,{setmetatable({1},m)},{setmetatable({2},m2)}))
end)

it("tables 73", function()
  local eq=function() return true end local m={__eq=eq} local m2={__eq=eq} return (pcall(assert.same,{setmetatable({1},m)},{setmetatable({2},m2)}))
end)

it("tables 74", function()
  local eq=function() return true end local m={__eq=eq} return (pcall(assert.same,{setmetatable({1},m)},{{2}}))
end)

it("tables 75", function()
  local eq=function() return true end local m={__eq=eq} return (pcall(assert.same,{{2}},{setmetatable({1},m)}))
end)

it("tables 76", function()
  local eq=function() return false end local m={__eq=eq} return (pcall(assert.same,{setmetatable({1},m)},{setmetatable({1},m)}))
end)

it("tables 77", function()
  local eq=function() return false end local m={__eq=eq} local x=setmetatable({1},m) return (pcall(assert.same,{x},{x}))
end)

it("tables 78", function()
  local m={__eq=function() return 1 end} return (pcall(assert.same,{a={setmetatable({1},m)}},{a={setmetatable({2},m)}}))
end)

it("tables 79", function()
  local m={__eq=function() return false end} return select(2,pcall(assert.same,{setmetatable({1},m)},{setmetatable({1},m)}))
end)

it("tables 80", function()
  return (pcall(assert.same,{[{1}]=1},{[{1}]=1}))
end)

it("tables 81", function()
  return (pcall(assert.same,io.stdout,io.stdout))
end)

it("tables 82", function()
  return (pcall(assert.same,setmetatable({},{__index=function(t,k) return 1 end}),{a=1}))
end)

it("tables 83", function()
  assert.same({a={[0]=1,[3]=3,[2]=2}},{})
end)

it("tables 84", function()
  assert.same({10,20,nil,40,[0]=0,n=4},{})
end)

it("tables 85", function()
  assert.same({coroutine.create(os.clock),io.stdout,true},{})
end)

it("tables 86", function()
  local t={} for i=1,30 do t[i]=i end assert.same(t,{})
end)

it("tables 87", function()
  assert.same({a=1,b={}},{a=1,b={}},'x') assert.same(1,1,2) return assert.same(1,1.0)
end)

it("tables 88", function()
  return assert.same_equal({},{})
end)

it("tables 89", function()
  assert.same({[math.huge]=1},{})
end)
