-- Assertions as luassert has them: what functions raise. Many fail on purpose: their messages are compared.

it("errors 1", function()
  return assert.has_error(function() error('boom') end)
end)

it("errors 2", function()
  return assert.has_error(function() error('boom',0) end)
end)

it("errors 3", function()
  return assert.has_error(function() error('boom') end,'boom')
end)

it("errors 4", function()
  return assert.has_error(function() error('boom') end,'boo')
end)

it("errors 5", function()
  return assert.has_error(function() error('boom',0) end,'boo')
end)

it("errors 6", function()
  return assert.has_error(function() end)
end)

it("errors 7", function()
  return assert.has_error(function() end,'x')
end)

it("errors 8", function()
  return assert.has_error(function() end,nil)
end)

it("errors 9", function()
  return assert.has_error(function() error(nil) end,nil)
end)

it("errors 10", function()
  return assert.has_error(function() error(nil) end)
end)

it("errors 11", function()
  return assert.has_error(function() error({1}) end,{1})
end)

it("errors 12", function()
  return assert.has_error(function() error({1}) end,{2})
end)

it("errors 13", function()
  return assert.has_error(function() error({1}) end,'x')
end)

it("errors 14", function()
  return assert.has_error(function() error('x') end,{1})
end)

it("errors 15", function()
  return assert.has_error(function() error('x') end,'x','msg')
end)

it("errors 16", function()
  return assert.has_error(function() error('x') end,'y','msg')
end)

it("errors 17", function()
  return assert.has_no.errors(function() error('x') end)
end)

it("errors 18", function()
  return assert.has_no.errors(function() error({1}) end)
end)

it("errors 19", function()
  return assert.has_no.errors(function() error('x') end,'y')
end)

it("errors 20", function()
  return assert.has_no.errors(function() error('x') end,'x')
end)

it("errors 21", function()
  return assert.has_no.errors(function() error('x') end,'x','msg')
end)

it("errors 22", function()
  return assert.has_no.errors(function() return 1,2 end)
end)

it("errors 23", function()
  return assert.has_no.errors(function() error() end)
end)

it("errors 24", function()
  return assert.has_error(5)
end)

it("errors 25", function()
  return assert.has_error()
end)

it("errors 26", function()
  return assert.has_error(setmetatable({},{__call=function() error('x',0) end}),'x')
end)

it("errors 27", function()
  return assert.has_error(function() error(setmetatable({},{__tostring=function() return 'x' end})) end,'x')
end)

it("errors 28", function()
  return assert.has_error(function() error(setmetatable({},{__tostring=function() return 'x' end})) end,'y')
end)

it("errors 29", function()
  return assert.has_error(function() error(5) end, 5)
end)

it("errors 30", function()
  return assert.has_error(function() error(5) end, '5')
end)

it("errors 31", function()
  return assert.has_error(function() error(5,0) end, 5)
end)

it("errors 32", function()
  return assert.has_error(function() local x=nil; x.y=1 end, 'x')
end)

it("errors 33", function()
  return assert.has_error(function() error('a:1: b',0) end,'b')
end)

it("errors 34", function()
  return assert.has_error(function() error('x:y',2) end,'x:y')
end)

it("errors 35", function()
  return assert.has_error(function() error('t:1: q') end,'q')
end)

it("errors 36", function()
  return assert.error_matches(function() error('abc') end,'b')
end)

it("errors 37", function()
  return assert.error_matches(function() error('abc') end,'^b')
end)

it("errors 38", function()
  return assert.error_matches(function() error('abc') end,'^abc')
end)

it("errors 39", function()
  return assert.error_matches(function() error('abc') end,'^t:1: abc')
end)

it("errors 40", function()
  return assert.error_matches(function() error('abc') end,'x')
end)

it("errors 41", function()
  return assert.error_matches(function() end,'x')
end)

it("errors 42", function()
  return assert.error_matches(function() error({}) end,'x')
end)

it("errors 43", function()
  return assert.error_matches(function() error({1}) end,{1})
end)

it("errors 44", function()
  return assert.error_matches(function() error(nil) end,nil)
end)

it("errors 45", function()
  return assert.error_matches(function() error('x') end)
end)

it("errors 46", function()
  return assert.error_matches(function() error('x') end,nil)
end)

it("errors 47", function()
  return assert.error_matches(function() error('x') end,5)
end)

it("errors 48", function()
  return assert.error_matches(function() error(5) end,'5')
end)

it("errors 49", function()
  return assert.error_matches(function() error('a.c') end,'.c',1,true)
end)

it("errors 50", function()
  return assert.error_matches(function() error('a.c') end,'.d',1,true)
end)

it("errors 51", function()
  return assert.error_matches(function() error('a.c') end,'z','msg')
end)

it("errors 52", function()
  return assert.error_matches(function() error('a.c') end,'c',8)
end)

it("errors 53", function()
  return assert.error_matches(function() error('a.c') end,'a',2)
end)

it("errors 54", function()
  return assert.error_matches(function() error('a.c') end,'z',1,false,'msg')
end)

it("errors 55", function()
  return assert.error_matches(function() error('a.c') end,'z',1,'msg')
end)

it("errors 56", function()
  return assert.has_no.error_matches(function() error('a.c') end,'a')
end)

it("errors 57", function()
  return assert.has_no.error_matches(function() error('a.c') end,'z')
end)

it("errors 58", function()
  return assert.has_no.error_matches(function() end,'z')
end)

it("errors 59", function()
  return assert.error_matches(function() error(setmetatable({},{__tostring=function() return 'x' end})) end,'x')
end)

it("errors 60", function()
  return assert.error_matches(function() error(setmetatable({},{__tostring=function() return 'x' end})) end,'y')
end)

it("errors 61", function()
  return assert.error.matches(function() error('a.c') end,'a')
end)

it("errors 62", function()
  return assert.has.error.matches(function() error('a.c') end,'a')
end)

it("errors 63", function()
  return assert.error_matches(5,'a')
end)

it("errors 64", function()
  return assert.error_matches(function() error(true) end,'a')
end)

it("errors 65", function()
  local ok,e=pcall(assert.same,{x=1},{x={y={z={w={v=1}},q={}}}}) error(e,0)
end)

it("errors 66", function()
  return assert.has.error_matches(function() error('x') end,'x')
end)

it("errors 67", function()
  return assert.has_error.matches(function() error('x') end,'x')
end)

it("errors 68", function()
  return assert.has.matches.error(function() error('x') end,'x')
end)

it("errors 69", function()
  local function inner() error('x',2) end

inner()
end)

it("errors 70", function()
  local function h() assert.has_error(5,assert.level(2)) return 1 end 
 h(0)
end)

it("errors 71", function()
  local function h() assert.has_error(function() end,assert.level(2)) return 1 end 
 h(0)
end)

it("errors 72", function()
  local function h() assert.has_error(function() end,nil,assert.level(2)) return 1 end 
 h(0)
end)

it("errors 73", function()
  local function h() assert.has_error(function() end,'x',assert.level(2)) return 1 end 
 h(0)
end)

it("errors 74", function()
  local b=setmetatable({},{__call=function() error('x') end}) return assert.has_error(b)
end)

it("errors 75", function()
  return assert.has.no.error(function() end), assert.Not.has_error(function() end)
end)

it("errors 76", function()
  return assert.error(function() error('x',0) end)
end)

it("errors 77", function()
  return assert.errors(function() error('x',0) end, 'x')
end)

it("errors 78", function()
  return assert.error_match(function() error('x',0) end, 'x')
end)

it("errors 79", function()
  return assert.match_error(function() error('x',0) end, 'x')
end)

it("errors 80", function()
  return assert.matches_error(function() error('x',0) end, 'x')
end)

it("errors 81", function()
  return assert.errors_match(function() end,'x')
end)

it("errors 82", function()
  return assert.errors_matches(function() end,'x')
end)

it("errors 83", function()
  assert.has_error(function() error('line1\nline2') end, 'line2')
end)

it("errors 84", function()
  assert.has_error(function() error('/a/b.lua:12: m',0) end, 'm')
end)

it("errors 85", function()
  assert.has_error(function() error('[string "x"]:12: m',0) end, 'm')
end)

it("errors 86", function()
  assert.has_error(function() error('C:\\x.lua:12: m',0) end, 'm')
end)

it("errors 87", function()
  assert.has_error(function() error('12: m',0) end, 'm')
end)

it("errors 88", function()
  assert.has_error(function() error('a b:12: m',0) end, 'm')
end)

it("errors 89", function()
  assert.has_error(function() error('a:12:m',0) end, 'm')
end)

it("errors 90", function()
  assert.has_error(function() error('a:1: b:2: m',0) end, 'm')
end)

it("errors 91", function()
  assert.has_error(function() error('a:1: b:2: m',0) end, 'b:2: m')
end)

it("errors 92", function()
  assert.has_error(function() error('a:1: m',0) end, 'a:1: m')
end)

it("errors 93", function()
  assert.has_error(function() error('t:1: m',0) end, 't:1: m')
end)

it("errors 94", function()
  assert.has_error(function() error('x\ny:1: m',0) end, 'm')
end)

it("errors 95", function()
  assert.has_error(function() error('t:1: m') end, 't:1: t:1: m')
end)

it("errors 96", function()
  local function h() assert.has_error(5,assert:level(2)) return 1 end 
 h(0)
end)

it("errors 97", function()
  local function h() assert.has_error(function() end,assert:level(2)) return 1 end 
 h(0)
end)

it("errors 98", function()
  local function h() assert.has_error(function() end,nil,assert:level(2)) return 1 end 
 h(0)
end)

it("errors 99", function()
  assert.has_error(function() error('x',0) end, nil)
end)

it("errors 100", function()
  assert.has_error(function() error() end, 'x')
end)

it("errors 101", function()
  return assert.has_error(function() error(false) end)
end)

it("errors 102", function()
  return assert.has_error(function() error(false) end, false)
end)

it("errors 103", function()
  return assert.has_error(function() end, false)
end)

it("errors 104", function()
  return assert.has_no.errors(function() end, 'x')
end)

it("errors 105", function()
  return assert.error_matches(function() error('f.lua:1: abc',0) end,'^f')
end)

it("errors 106", function()
  return assert.error_matches(function() error(setmetatable({},{__tostring=function() return 'a:1: x' end})) end,'^a')
end)

it("errors 107", function()
  return assert.error_matches(function() error('abc') end,'(a)(b)')
end)

it("errors 108", function()
  return assert.error_matches(function() error(12) end,'1')
end)

it("errors 109", function()
  return assert.has_error(function() error(setmetatable({a=1},{})) end,{a=1})
end)

it("errors 110", function()
  return assert.has_error(function() error(setmetatable({a=1},{__tostring=function() return 'x' end})) end,{a=1})
end)

it("errors 111", function()
  assert.message('x').has.error(function() end)
end)

it("errors 112", function()
  return assert.has.message('x').no.errors(function() end)
end)

it("errors 113", function()
  assert.has_error(function() local a = {} a.b.c() end, "attempt to index a nil value (field 'b')")
end)

it("errors 114", function()
  local f=function() error({code=2}) end assert.has.error(f,{code=3})
end)

it("errors 115", function()
  return assert.error_matches(function() error(false) end,'a')
end)

it("errors 116", function()
  return assert.error_matches(function() error(nil) end,'a')
end)

it("errors 117", function()
  return assert.no.error_matches(function() error(false) end,'a')
end)

it("errors 118", function()
  return assert.no.error_matches(function() error(nil) end,'a')
end)

it("errors 119", function()
  return assert.error_matches(function() error(false) end,'false')
end)

it("errors 120", function()
  return assert.no.error_matches(function() error(true) end,'a')
end)

it("errors 121", function()
  return assert.has_error(function() error('1.0') end,1)
end)

it("errors 122", function()
  return assert.has_error(function() error('1') end,1.0)
end)

it("errors 123", function()
  return assert.has_error(function() error('0x1') end,1)
end)

it("errors 124", function()
  return assert.has_error(function() error(true) end,'true')
end)

it("errors 125", function()
  return assert.has_error(function() error('true') end,true)
end)

it("errors 126", function()
  return assert.has_error(function() error('nope') end,1)
end)

it("errors 127", function()
  return assert.has_error(function() error('10') end,10)
end)

it("errors 128", function()
  return assert.has_error(function() error('TS') end, setmetatable({},{__tostring=function() return 'TS' end}))
end)

it("errors 129", function()
  return assert.has_error(function() error(setmetatable({},{__tostring=function() return '5' end})) end, 5)
end)
