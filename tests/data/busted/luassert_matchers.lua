-- Assertions as luassert has them: matchers. Many fail on purpose: their messages are compared.

it("matchers 1", function()
  assert.equal(match.is_string(),1)
end)

it("matchers 2", function()
  assert.equal(match.is_not_equal(5),1)
end)

it("matchers 3", function()
  return match.is_string()
end)

it("matchers 4", function()
  return match.is_string
end)

it("matchers 5", function()
  return match.foo
end)

it("matchers 6", function()
  return match.foo()
end)

it("matchers 7", function()
  return match._
end)

it("matchers 8", function()
  return match.is_
end)

it("matchers 9", function()
  return match.has
end)

it("matchers 10", function()
  return match.is_string()('x'), match.is_string()(5), match.is_not_string()(5), match.not_nil()(nil), match.Not.Nil()(5)
end)

it("matchers 11", function()
  return match.is_near(5,1)(5.5), match.near(5,1)(7), match.near(5)(1)
end)

it("matchers 12", function()
  return match.near('x',1)(1)
end)

it("matchers 13", function()
  return match.near(1,1)('x')
end)

it("matchers 14", function()
  return match.equals(5)(5), match.equal(5)(6), match.same({1})({1}), match.same({1})({2}), match.equals()(nil), match.same()(1)
end)

it("matchers 15", function()
  return match.match('a')('cat'), match.matches('a')(5), match.matches('5')(5), match.matches('a',2)('ab'), match.matches('.',1,true)('ab'), match.matches('a')(nil)
end)

it("matchers 16", function()
  return match.has_match('a')('a')
end)

it("matchers 17", function()
  return match.ref({})({})
end)

it("matchers 18", function()
  return match.ref(5)(5)
end)

it("matchers 19", function()
  return match.is_ref()
end)

it("matchers 20", function()
  return match.all_of()(1)
end)

it("matchers 21", function()
  return match.all_of(match.is_number(),match.is_not.equal(5))(5)
end)

it("matchers 22", function()
  return match.any_of(match.is_string(), match.equals(5))(5)
end)

it("matchers 23", function()
  return match.none_of(match.is_string(), match.equals(5))(5)
end)

it("matchers 24", function()
  return match.any_of(5)(5)
end)

it("matchers 25", function()
  return match.any_of({})({})
end)

it("matchers 26", function()
  return match.any_of()(1)
end)

it("matchers 27", function()
  return match.none_of()(1)
end)

it("matchers 28", function()
  return match.is_truthy()(1), match.falsy()(nil), match.is_true()(1), match['false']()(false), match.is_function()(os.clock), match.is_table()({}),match.is_thread()(1), match.userdata()(io.stdout)
end)

it("matchers 29", function()
  return match.is_all_of(match._)(1)
end)

it("matchers 30", function()
  return match.is_not_all_of(match._)(1)
end)

it("matchers 31", function()
  return match.is_matcher(match._), match.is_matcher(5), match.is_matcher({}), match.is_ref_matcher(match.ref({})), match.is_ref_matcher(match._)
end)

it("matchers 32", function()
  return match._(1), match._()
end)

it("matchers 33", function()
  return tostring(match.is_string()), tostring(match._)
end)

it("matchers 34", function()
  return assert.has.match.error(function() error('x') end,'x')
end)

it("matchers 35", function()
  assert.same({match.is_string()},{})
end)

it("matchers 36", function()
  assert.equal(match.Not.all_of(match.is_string(), match.is_not_nil()), 1)
end)

it("matchers 37", function()
  assert.equal(match.has_match('x',1,true), 1)
end)

it("matchers 38", function()
  return match.is_same({setmetatable({1},{__eq=function() return true end})})({{1}})
end)

it("matchers 39", function()
  return match.is_true()(1)
end)

it("matchers 40", function()
  return match.is_true()(true)
end)

it("matchers 41", function()
  return match.is_true()(false)
end)

it("matchers 42", function()
  return match.is_false()(false)
end)

it("matchers 43", function()
  return match.is_false()(nil)
end)

it("matchers 44", function()
  return match.is_false()(true)
end)

it("matchers 45", function()
  return match.is_falsy()(false)
end)

it("matchers 46", function()
  return match.is_nil()(nil), match.is_nil()(false)
end)

it("matchers 47", function()
  assert.same({a=match._},{a=1})
end)

it("matchers 48", function()
  assert.equal(match.is_number(),1)
end)
