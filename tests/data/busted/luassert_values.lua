-- Assertions as luassert has them: values. Many fail on purpose: their messages are compared.

it("values 1", function()
  assert.is_true(nil)
end)

it("values 2", function()
  assert.is_true('x')
end)

it("values 3", function()
  assert.is_not_true(({['true']=true,['false']=false,truthy=1,falsy=false,boolean=true,number=1,string='',table={},['nil']=nil,userdata=io.stdout,['function']=os.clock,thread=coroutine.create(os.clock)})['true'])
end)

it("values 4", function()
  assert.is_true()
end)

it("values 5", function()
  assert.is_false(nil)
end)

it("values 6", function()
  assert.is_false('x')
end)

it("values 7", function()
  assert.is_not_false(({['true']=true,['false']=false,truthy=1,falsy=false,boolean=true,number=1,string='',table={},['nil']=nil,userdata=io.stdout,['function']=os.clock,thread=coroutine.create(os.clock)})['false'])
end)

it("values 8", function()
  assert.is_false()
end)

it("values 9", function()
  assert.is_truthy(nil)
end)

it("values 10", function()
  assert.is_truthy('x')
end)

it("values 11", function()
  assert.is_not_truthy(({['true']=true,['false']=false,truthy=1,falsy=false,boolean=true,number=1,string='',table={},['nil']=nil,userdata=io.stdout,['function']=os.clock,thread=coroutine.create(os.clock)})['truthy'])
end)

it("values 12", function()
  assert.is_truthy()
end)

it("values 13", function()
  assert.is_falsy(nil)
end)

it("values 14", function()
  assert.is_falsy('x')
end)

it("values 15", function()
  assert.is_not_falsy(({['true']=true,['false']=false,truthy=1,falsy=false,boolean=true,number=1,string='',table={},['nil']=nil,userdata=io.stdout,['function']=os.clock,thread=coroutine.create(os.clock)})['falsy'])
end)

it("values 16", function()
  assert.is_falsy()
end)

it("values 17", function()
  assert.is_boolean(nil)
end)

it("values 18", function()
  assert.is_boolean('x')
end)

it("values 19", function()
  assert.is_not_boolean(({['true']=true,['false']=false,truthy=1,falsy=false,boolean=true,number=1,string='',table={},['nil']=nil,userdata=io.stdout,['function']=os.clock,thread=coroutine.create(os.clock)})['boolean'])
end)

it("values 20", function()
  assert.is_boolean()
end)

it("values 21", function()
  assert.is_number(nil)
end)

it("values 22", function()
  assert.is_number('x')
end)

it("values 23", function()
  assert.is_not_number(({['true']=true,['false']=false,truthy=1,falsy=false,boolean=true,number=1,string='',table={},['nil']=nil,userdata=io.stdout,['function']=os.clock,thread=coroutine.create(os.clock)})['number'])
end)

it("values 24", function()
  assert.is_number()
end)

it("values 25", function()
  assert.is_string(nil)
end)

it("values 26", function()
  assert.is_string('x')
end)

it("values 27", function()
  assert.is_not_string(({['true']=true,['false']=false,truthy=1,falsy=false,boolean=true,number=1,string='',table={},['nil']=nil,userdata=io.stdout,['function']=os.clock,thread=coroutine.create(os.clock)})['string'])
end)

it("values 28", function()
  assert.is_string()
end)

it("values 29", function()
  assert.is_table(nil)
end)

it("values 30", function()
  assert.is_table('x')
end)

it("values 31", function()
  assert.is_not_table(({['true']=true,['false']=false,truthy=1,falsy=false,boolean=true,number=1,string='',table={},['nil']=nil,userdata=io.stdout,['function']=os.clock,thread=coroutine.create(os.clock)})['table'])
end)

it("values 32", function()
  assert.is_table()
end)

it("values 33", function()
  assert.is_nil(nil)
end)

it("values 34", function()
  assert.is_nil('x')
end)

it("values 35", function()
  assert.is_not_nil(({['true']=true,['false']=false,truthy=1,falsy=false,boolean=true,number=1,string='',table={},['nil']=nil,userdata=io.stdout,['function']=os.clock,thread=coroutine.create(os.clock)})['nil'])
end)

it("values 36", function()
  assert.is_nil()
end)

it("values 37", function()
  assert.is_userdata(nil)
end)

it("values 38", function()
  assert.is_userdata('x')
end)

it("values 39", function()
  assert.is_not_userdata(({['true']=true,['false']=false,truthy=1,falsy=false,boolean=true,number=1,string='',table={},['nil']=nil,userdata=io.stdout,['function']=os.clock,thread=coroutine.create(os.clock)})['userdata'])
end)

it("values 40", function()
  assert.is_userdata()
end)

it("values 41", function()
  assert.is_function(nil)
end)

it("values 42", function()
  assert.is_function('x')
end)

it("values 43", function()
  assert.is_not_function(({['true']=true,['false']=false,truthy=1,falsy=false,boolean=true,number=1,string='',table={},['nil']=nil,userdata=io.stdout,['function']=os.clock,thread=coroutine.create(os.clock)})['function'])
end)

it("values 44", function()
  assert.is_function()
end)

it("values 45", function()
  assert.is_thread(nil)
end)

it("values 46", function()
  assert.is_thread('x')
end)

it("values 47", function()
  assert.is_not_thread(({['true']=true,['false']=false,truthy=1,falsy=false,boolean=true,number=1,string='',table={},['nil']=nil,userdata=io.stdout,['function']=os.clock,thread=coroutine.create(os.clock)})['thread'])
end)

it("values 48", function()
  assert.is_thread()
end)

it("values 49", function()
  assert.equal(1,1,2)
end)

it("values 50", function()
  assert.equal(1,1,'msg',4)
end)

it("values 51", function()
  assert.equal(1,1,1,2)
end)

it("values 52", function()
  assert.equal(1,2,nil)
end)

it("values 53", function()
  assert.equal(nil,nil)
end)

it("values 54", function()
  assert.equal(nil,1)
end)

it("values 55", function()
  assert.equal()
end)

it("values 56", function()
  assert.equal(1,2,false)
end)

it("values 57", function()
  assert.equal(1,2,5)
end)

it("values 58", function()
  assert.not_equal(1,1,'m')
end)

it("values 59", function()
  assert.not_equal(1,1,2)
end)

it("values 60", function()
  assert.not_equal(1,2,1)
end)

it("values 61", function()
  assert.equal('a','b')
end)

it("values 62", function()
  assert.equal('a\nb','b\0\1\'')
end)

it("values 63", function()
  assert.equal(1.0,1.5)
end)

it("values 64", function()
  assert.equal(0/0,-0.0)
end)

it("values 65", function()
  assert.equal(1/0, 1e100)
end)

it("values 66", function()
  assert.equal(2^53, 1e15)
end)

it("values 67", function()
  assert.equal(0.1+0.2,0.3)
end)

it("values 68", function()
  assert.equal(3,3.0)
end)

it("values 69", function()
  assert.equal(123456789012,1.0)
end)

it("values 70", function()
  assert.equal(os.clock,nil)
end)

it("values 71", function()
  assert.equal(function() end,nil)
end)

it("values 72", function()
  assert.equal(coroutine.create(os.clock),io.stdout)
end)

it("values 73", function()
  assert.matches('a','b')
end)

it("values 74", function()
  assert.matches('a',5)
end)

it("values 75", function()
  assert.matches('a',nil)
end)

it("values 76", function()
  assert.matches('a')
end)

it("values 77", function()
  assert.matches('(a)(b)','xab')
end)

it("values 78", function()
  return assert.matches('(a)(b)','xab')
end)

it("values 79", function()
  return assert.matches('b','xab')
end)

it("values 80", function()
  return assert.matches('b','xab',3)
end)

it("values 81", function()
  return assert.matches('b','xab',4)
end)

it("values 82", function()
  return assert.matches('.b','xab',1,true)
end)

it("values 83", function()
  return assert.matches('b','xab','msg')
end)

it("values 84", function()
  return assert.matches('c','xab','msg')
end)

it("values 85", function()
  return assert.matches('c','xab',1,'msg')
end)

it("values 86", function()
  return assert.matches('c','xab',1,true,'msg')
end)

it("values 87", function()
  return assert.not_matches('a','xab')
end)

it("values 88", function()
  return assert.matches({}, 'x')
end)

it("values 89", function()
  assert.matches('a',{})
end)

it("values 90", function()
  assert.matches(5, 5)
end)

it("values 91", function()
  assert.matches('a',setmetatable({},{__tostring=function() return 'a' end}))
end)

it("values 92", function()
  assert.matches('[', 'x')
end)

it("values 93", function()
  assert.matches('a','b',nil,nil,'msg')
end)

it("values 94", function()
  assert.matches('a','b','x')
end)

it("values 95", function()
  assert.matches('a','b','5')
end)

it("values 96", function()
  return assert.returned_arguments(2, 1, 2)
end)

it("values 97", function()
  return assert.returned_arguments(2, 1, 2, 3)
end)

it("values 98", function()
  return assert.returned_arguments(2, 1, nil)
end)

it("values 99", function()
  return assert.returned_arguments(0)
end)

it("values 100", function()
  return assert.not_returned_arguments(1,2)
end)

it("values 101", function()
  return assert.returned_arguments(1)
end)

it("values 102", function()
  return assert.returned_arguments()
end)

it("values 103", function()
  return assert.returned_arguments('a')
end)

it("values 104", function()
  return assert.returned_arguments(3,2,1)
end)

it("values 105", function()
  return assert.unique({1,2,3})
end)

it("values 106", function()
  return assert.unique({1,2,1})
end)

it("values 107", function()
  return assert.unique({{1},{1}})
end)

it("values 108", function()
  return assert.unique({{1},{1}},true)
end)

it("values 109", function()
  return assert.unique({a=1,b=1})
end)

it("values 110", function()
  return assert.unique({{1},{1}},true,'msg')
end)

it("values 111", function()
  return assert.unique({1,1},'msg')
end)

it("values 112", function()
  return assert.not_unique({1,2})
end)

it("values 113", function()
  return assert.not_unique({1,1})
end)

it("values 114", function()
  return assert.unique({1,1},false,'msg')
end)

it("values 115", function()
  return assert.unique({a={x=1},b={x=1,y=2},c={x=1}}, true)
end)

it("values 116", function()
  return assert.near(1,1.5,0.5)
end)

it("values 117", function()
  return assert.not_near(1,1.5,0.5)
end)

it("values 118", function()
  return assert.near(1,2,0.5,'msg')
end)

it("values 119", function()
  return assert.near(1,2)
end)

it("values 120", function()
  return assert.near('a',2,3)
end)

it("values 121", function()
  return assert.near(1,2,{})
end)

it("values 122", function()
  return assert.near('1',2,'0.5')
end)

it("values 123", function()
  return assert.near(0/0,1,1)
end)

it("values 124", function()
  return assert.near(1/0,1/0,1)
end)

it("values 125", function()
  return assert:state()
end)

it("values 126", function()
  return assert.state()
end)

it("values 127", function()
  local t={} t.t=t t.x=1 local u={} u.t=u u.x=2 assert.equal(t,u)
end)

it("values 128", function()
  local t={} t.t=t t.a={1} local u={} u.t=u u.a={2} assert.equal(t,u)
end)

it("values 129", function()
  assert.equal({[1]=1,[2]=2,[10]=3,a=1,b=2,[true]=1,[false]=2,[1.5]=3,[-1]=4,['1']=5,['a b']=6,['x\ny']=7},{})
end)

it("values 130", function()
  assert.equal({[{}]=1,[os.clock]=2,[io.stdout]=3},{})
end)

it("values 131", function()
  assert.equal({a=1,b=2},{a=2,b=3})
end)

it("values 132", function()
  assert.equal(setmetatable({1},{__tostring=function() return 'T' end}),2)
end)

it("values 133", function()
  assert.equal('\27[0m','a\tb\r')
end)

it("values 134", function()
  assert.equal(1,2)
end)

it("values 135", function()
  assert.no.Not.equal(1,1)
end)

it("values 136", function()
  assert.is_not_not.equal(1,1)
end)

it("values 137", function()
  assert.Not_Not_equal(1,1)
end)

it("values 138", function()
  return assert.is_true_(true)
end)

it("values 139", function()
  return assert.is__true(true)
end)

it("values 140", function()
  return assert._is_true(true)
end)

it("values 141", function()
  return assert.Is.TRUE(true)
end)

it("values 142", function()
  return assert.IsTrue(true)
end)

it("values 143", function()
  return assert.istrue(true)
end)

it("values 144", function()
  return assert.are.be.equal(1,1)
end)

it("values 145", function()
  return assert.were.equal(1,1)
end)

it("values 146", function()
  return assert.to.equal(1,1)
end)

it("values 147", function()
  return assert.have.equal(1,1)
end)

it("values 148", function()
  return assert.was_not_equal(1,2)
end)

it("values 149", function()
  return assert.is_not_nil(5)
end)

it("values 150", function()
  return assert.Nil(nil)
end)

it("values 151", function()
  return assert['is true'](true)
end)

it("values 152", function()
  return assert.equal.equal(1,1)
end)

it("values 153", function()
  return assert.is.equal.is(1,1)
end)

it("values 154", function()
  local a=assert.is a.equal(1,1) return a.equal(1,2)
end)

it("values 155", function()
  local a=assert.are.equal a(1,1) return a(1,1)
end)

it("values 156", function()
  local e=assert.equal e(1,1) e(1,2)
end)

it("values 157", function()
  assert.x=5 return assert.x
end)

it("values 158", function()
  assert.my=function(a) return a end return assert.my(7), assert.is_true(true)
end)

it("values 159", function()
  return assert.message('a').message('b').is_true(false)
end)

it("values 160", function()
  return assert.message().is_true(false)
end)

it("values 161", function()
  return assert.message(nil).is_true(false)
end)

it("values 162", function()
  return assert.is_true(false,nil)
end)

it("values 163", function()
  return assert.message('a').is_true(false,'b')
end)

it("values 164", function()
  return assert.near(1,2,0.1)
end)

it("values 165", function()
  return assert.near(1,2,1e-9)
end)

it("values 166", function()
  return assert.near(1.5,2,0.1)
end)

it("values 167", function()
  local ok,e=pcall(assert.equal,1,2) return e
end)

it("values 168", function()
  assert.equal(1,2,3)
end)

it("values 169", function()
  assert.equal({[coroutine.create(os.clock)]=1,[io.stdout]=2,[os.clock]=3,[{}]=4,[true]=5,x=6,[0]=7,[false]=8},{})
end)

it("values 170", function()
  assert.equal({[false]=1,[true]=2},{})
end)

it("values 171", function()
  assert.equal({[true]=2,[false]=1},{})
end)

it("values 172", function()
  assert.equal({[2]=1,[1]=1,[3]=1,B=1,a=1,A=1,_=1,['']=1},{})
end)

it("values 173", function()
  assert.equal({[1.0]=1,[2^53]=2,[0.1]=3},{})
end)

it("values 174", function()
  assert(false,'a','b')
end)

it("values 175", function()
  assert(nil,function() end)
end)

it("values 176", function()
  local ok,e=pcall(assert,false,setmetatable({},{__tostring=function() return 'TS' end})) return type(e)
end)

it("values 177", function()
  return pcall(assert,false,5)
end)

it("values 178", function()
  return select('#',assert(1,nil,nil))
end)

it("values 179", function()
  assert(false,nil)
end)

it("values 180", function()
  return select(2,pcall(function() assert(false,'pos') end))
end)

it("values 181", function()
  return assert.equal_same({},{})
end)

it("values 182", function()
  assert.is_true(false, false)
end)

it("values 183", function()
  assert.truthy(nil, 'm')
end)

it("values 184", function()
  assert.is_string(5, 'm')
end)

it("values 185", function()
  assert.is_nil(5, 'm', 'x')
end)

it("values 186", function()
  assert.equal(0, -0.0) assert.equal(0.0, 'x')
end)

it("values 187", function()
  assert.equal(100000000000000000000.0, 'x')
end)

it("values 188", function()
  assert.equal(-5.25, 'x')
end)

it("values 189", function()
  assert.equal(math.mininteger, math.huge)
end)

it("values 190", function()
  assert.equal(1e15, 1e16)
end)

it("values 191", function()
  assert.equal(1e20, 1e21)
end)

it("values 192", function()
  assert.equal(-0/0 , -1/0)
end)

it("values 193", function()
  assert.equal({[1e300]=1,[-1.0e10]=2},{})
end)

it("values 194", function()
  local t=setmetatable({},{__tostring=function() return 'TS' end}) assert.equal({[t]=1, k=t},{})
end)

it("values 195", function()
  assert.equal(setmetatable({},{__metatable='x',__tostring=function() return 'Q' end}),1)
end)

it("values 196", function()
  assert.is_true(true, 'm'); return assert['is_true'](true)
end)

it("values 197", function()
  return type(assert.truthy), tostring(assert.is)
end)

it("values 198", function()
  local co=coroutine.create(function() assert.equal(1,2) end) return coroutine.resume(co)
end)

it("values 199", function()
  local t=setmetatable({},{__index=function(t,k) return assert.is_string(k) end}) return t[5]
end)

it("values 200", function()
  for _=1,1 do assert.equal(1,2) end
end)

it("values 201", function()
  assert.obj(5).obj(nil).is.pt()
end)

it("values 202", function()
  assert.is_not_same({1},{1})
end)

it("values 203", function()
  assert.are_not_equals(1,1)
end)

it("values 204", function()
  return assert.truthy(5,'x')
end)

it("values 205", function()
  return assert.falsy(nil)
end)

it("values 206", function()
  return assert.is_falsy(false,'m',3)
end)

it("values 207", function()
  assert.has_match('a','b')
end)

it("values 208", function()
  assert.no_match('a','a')
end)

it("values 209", function()
  assert.does_not_match('a','a')
end)

it("values 210", function()
  assert.is_nil(nil) assert.is_not_nil(nil,'msg')
end)

it("values 211", function()
  assert.are.unique({1,1})
end)

it("values 212", function()
  assert.has_property('x')
end)

it("values 213", function()
  return (pcall(assert.no.a1,1))
end)

it("values 214", function()
  return (pcall(assert.no.a1,nil))
end)

it("values 215", function()
  return (pcall(assert.a1,nil))
end)

it("values 216", function()
  return (pcall(assert.no.a1,false))
end)
