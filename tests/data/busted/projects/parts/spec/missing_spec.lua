describe("x", function() it("is there", function() end) require "not.there" end)
it("is there, too", function() end)
