it("is never seen", function() end)
local x = 
