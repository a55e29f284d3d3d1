local busted = require "busted"
local it, describe, before_each, pending = busted.it, busted.describe, busted.before_each, busted.pending
local assert = require "luassert"

return function(name, good)
  local value
  before_each(function() value = good end)
  it("is good " .. name, function() assert.is_true(value) end)
  describe("more", function()
    it("is a boolean", function() assert.is_boolean(value) end)
    pending("is more")
  end)
end
