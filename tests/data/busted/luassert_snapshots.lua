-- Assertions as luassert has them: snapshots, parameters and formatters. Many fail on purpose: their messages are compared.

it("snapshots 1", function()
  assert:set_parameter('p',1) local s=assert:snapshot() assert:set_parameter('p',2) local s2=assert:snapshot() assert:set_parameter('p',3) s:revert() return assert:get_parameter('p')
end)

it("snapshots 2", function()
  assert:set_parameter('p',1) local s=assert:snapshot() assert:set_parameter('p',nil) s:revert() return assert:get_parameter('p'), assert:get_parameter('nope')
end)

it("snapshots 3", function()
  local s=assert:snapshot() local s2=assert:snapshot() s2:revert() s:revert() s:revert() return pcall(s2.revert,s2)
end)

it("snapshots 4", function()
  assert:set_parameter('p',1) local s=assert:snapshot() assert:set_parameter('p',2) local s2=assert:snapshot() assert:set_parameter('p',3) s2:revert() local a=assert:get_parameter('p') s:revert() return a, assert:get_parameter('p')
end)

it("snapshots 5", function()
  local f=function(v) if v==5 then return 'FIVE' end end assert:add_formatter(f) local a=assert:format({5,6,n=2}) assert:remove_formatter(f) local b=assert:format({5,6,n=2}) return a,b
end)

it("snapshots 6", function()
  return assert:format({1,'x',nil,n=3})
end)

it("snapshots 7", function()
  return assert:format({1,'x'})
end)

it("snapshots 8", function()
  return assert:format({n=0})
end)

it("snapshots 9", function()
  return assert:format(5)
end)

it("snapshots 10", function()
  return assert:format({{1},n=1,fmtargs={{crumbs={1}}}})
end)

it("snapshots 11", function()
  return assert:format({1,2,3,n=3,nofmt={[1]=true,[3]=true}})
end)

it("snapshots 12", function()
  local b=require'luassert.formatters.binarystring' return b('abc'), b(5), b(('x'):rep(40)..'\0\n'), b('')
end)

it("snapshots 13", function()
  local s=assert:snapshot() local f=function() return 'FF' end assert:add_formatter(f) local a=assert:format({1,n=1}) s:revert() return a,assert:format({1,n=1})
end)

it("snapshots 14", function()
  local f=function(v) if type(v)=='string' then return '<'..v..'>' end end assert:add_formatter(f) local ok,e=pcall(assert.same,{'x',{'y'}},'z') assert:remove_formatter(f) return e
end)

it("snapshots 15", function()
  local args assert:add_formatter(function(v,fa) if v==77 then args=fa return 'SS' end end) pcall(assert.same,77,1) return args
end)

it("snapshots 16", function()
  assert:remove_formatter(os.clock)
end)
