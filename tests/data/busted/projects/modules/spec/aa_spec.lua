it("has a counter of its own", function() assert.equal(1, require "counter".next()) end)
