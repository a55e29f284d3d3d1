it("is seen", function() end)
error("at the end")
