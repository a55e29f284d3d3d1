-- Assertions as luassert has them: where a failure is reported. Many fail on purpose: their messages are compared.

it("places 1", function()
  local function inner() assert.equal(1,2) end

inner()
end)

it("places 2", function()
  local t=setmetatable({},{__index=function() assert.equal(1,2) return 1 end})
 local x=t.y
end)

it("places 3", function()
  assert.level(2)
end)

it("places 4", function()
  local function h(l) assert.equal(1,2,assert.level(l)) return 1 end 
 h(2)
end)

it("places 5", function()
  local function h(l) assert.is_true(false,'msg',assert.level(l)) return 1 end 
 h(2)
end)

it("places 6", function()
  local function h(l) assert.is_true(false,assert.level(l)) return 1 end 
 h(1)
end)

it("places 7", function()
  local function h(l) assert.is_true(false,assert.level(l)) return 1 end 
 h(0)
end)

it("places 8", function()
  return assert.level('x')
end)

it("places 9", function()
  return assert.level()
end)

it("places 10", function()
  return assert:get_level(assert.level(2)), assert.get_level(assert.level(2))
end)

it("places 11", function()
  local function h(l) assert(false,'mm',assert.level(2)) return 1 end 
 h(0)
end)

it("places 12", function()
  local function h(l) assert.level(2).equal(1,2) return 1 end 
 h(0)
end)

it("places 13", function()
  return assert.is_true(true,'m',assert.level(2))
end)

it("places 14", function()
  return assert.equal(1,1,assert.level(2),5)
end)

it("places 15", function()
  local function h() assert.message('QQ').equal(1,2,assert.level(2)) return 1 end 
 h(0)
end)

it("places 16", function()
  local function h() assert.equal(1,assert.level(2)) return 1 end 
 h(0)
end)

it("places 17", function()
  local function h(l) assert.equal(1,2,assert:level(l)) return 1 end 
 h(2)
end)

it("places 18", function()
  local function h(l) assert.is_true(false,'msg',assert:level(l)) return 1 end 
 h(2)
end)

it("places 19", function()
  local function h(l) assert.is_true(false,assert:level(l)) return 1 end 
 h(1)
end)

it("places 20", function()
  local function h(l) assert.is_true(false,assert:level(l)) return 1 end 
 h(2)
end)

it("places 21", function()
  local function h(l) assert.is_true(false,nil,assert:level(l)) return 1 end 
 h(2)
end)

it("places 22", function()
  local function h(l) assert(false,'mm',assert:level(2)) return 1 end 
 h(0)
end)

it("places 23", function()
  local function h(l) assert(false,assert:level(2)) return 1 end 
 h(0)
end)

it("places 24", function()
  return assert.is_true(true,'m',assert:level(2))
end)

it("places 25", function()
  return assert.equal(1,1,assert:level(2))
end)

it("places 26", function()
  local function h() assert.equal(1,assert:level(2)) return 1 end 
 h(0)
end)

it("places 27", function()
  local function h() assert.is_nil(assert:level(2)) return 1 end 
 h(0)
end)

it("places 28", function()
  local function h() assert.is_nil(1,assert:level(2)) return 1 end 
 h(0)
end)

it("places 29", function()
  return assert:level('x')
end)

it("places 30", function()
  return assert:level()
end)

it("places 31", function()
  local function h() assert.matches('a','b',assert:level(2)) return 1 end 
 h(0)
end)

it("places 32", function()
  local function h() assert.near(1,2,0.1,assert:level(2)) return 1 end 
 h(0)
end)

it("places 33", function()
  local function h() assert.unique({1,1},assert:level(2)) return 1 end 
 h(0)
end)
