local tests = require "spec.parts"
describe("one", function() tests("one", true) end)
describe("two", function() tests("two", false) end)
require "spec.more"
