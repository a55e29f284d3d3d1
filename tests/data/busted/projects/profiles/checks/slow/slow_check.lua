it("is #slow", function() end)
it("is not", function() end)
