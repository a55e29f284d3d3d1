-- Assertions as luassert has them: arrays. Many fail on purpose: their messages are compared.

it("arrays 1", function()
  return assert.array({1,2,3}).has.no.holes()
end)

it("arrays 2", function()
  return assert.array({1,nil,3}).has.holes()
end)

it("arrays 3", function()
  return assert.array({1,nil,3}).has.no.holes()
end)

it("arrays 4", function()
  return assert.array({1,2}).has.holes()
end)

it("arrays 5", function()
  return assert.array({1,nil,3}).has.holes(2)
end)

it("arrays 6", function()
  return assert.array({1,nil,3}).has.no.holes(3)
end)

it("arrays 7", function()
  return assert.array({1,2}).has.holes(3)
end)

it("arrays 8", function()
  return assert.array({1,2}).has.no.holes(2)
end)

it("arrays 9", function()
  return assert.array({1,2}).has.no.holes(3)
end)

it("arrays 10", function()
  return assert.array({}).has.holes()
end)

it("arrays 11", function()
  return assert.array({[5]=1}).has.no.holes()
end)

it("arrays 12", function()
  return assert.array({1,nil,3,a=1,[2.5]=1}).has.no.holes('msg')
end)

it("arrays 13", function()
  return assert.holes()
end)

it("arrays 14", function()
  return assert.array({1,2}).has.holes('msg')
end)

it("arrays 15", function()
  return assert.array({1,2}).has.holes(nil,'msg')
end)

it("arrays 16", function()
  return assert.array({1,nil,3}).has.no.holes(3,'msg')
end)

it("arrays 17", function()
  return assert.array({1}, 'x').has.holes()
end)

it("arrays 18", function()
  assert.array({1,nil,3}).has.no.holes(3)
end)

it("arrays 19", function()
  assert.array({1,2}).has.holes(2)
end)

it("arrays 20", function()
  assert.array({1,2,nil}).has.holes(3)
end)

it("arrays 21", function()
  return assert.array({1,2}).has.no.holes(1)
end)

it("arrays 22", function()
  return assert.array({1,2,3}).has.holes(1)
end)

it("arrays 23", function()
  return assert.array({[0]=1,1,2,[-1]=1}).has.no.holes()
end)

it("arrays 24", function()
  return assert.array({1,[3]=1,[2.5]=1}).has.holes(0)
end)
