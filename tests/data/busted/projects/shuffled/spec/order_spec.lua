local ran = 0
randomize(7)
describe("any order", function()
  for n = 1, 8 do
    describe("block " .. n, function()
      randomize(n % 2 == 0)
      for m = 1, 4 do
        it("test " .. m, function()
          ran = ran + 1
          assert.is_true(m ~= 3 or n ~= 5)
        end)
      end
    end)
  end
end)
describe("all of them", function()
  randomize(false)
  it("ran", function() assert.is_true(ran <= 32) end)
  it("ran before", function() assert.is_true(ran >= 0) end)
end)
