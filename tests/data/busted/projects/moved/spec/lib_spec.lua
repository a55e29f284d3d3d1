it("is not looked at", function() error("x") end)
