local helpers = require "spec.helpers"

describe("balancer", function()
  local balancer

  setup(function() helpers.unload("^proxy") balancer = require "proxy.balancer" end)

  for size = 0, 3 do
    describe("with " .. size .. " targets", function()
      local targets
      lazy_setup(function()
        targets = {}
        for n = 1, size do targets[n] = { host = "h" .. n } end
        balancer.add("up" .. size, targets)
      end)
      for turn = 1, math.max(size, 1) do
        it(("turn #%d"):format(turn), function()
          local target = balancer.pick("up" .. size)
          if size == 0 then return assert.equal(503, target) end
          assert.contains_entry({ host = "h" .. turn }, targets)
          assert.same({ host = "h" .. turn }, target)
        end)
      end
    end)
  end

  it("refuses", function()
    assert.has_error(function() balancer.add(1, {}) end, "name must be a string, got number")
    assert.error_matches(function() balancer.add({}) end, "got table$")
    assert.same({ n = 2, nil, "no upstream named x" }, table.pack(balancer.pick("x")))
  end)
  it("fails with an assertion of its own", function() assert.contains_entry(5, { 1, 2 }) end)
  it("formats", function() assert.equal(ngx.null, "x") end)
  it("is #flaky", function() assert.is_true(false) end)
  it("logs", function()
    local log = stub(ngx, "log")
    finally(function() log:revert() end)
    balancer.pick("up0")
    assert.stub(log).was.called_with(ngx.ERR, match.is_string(), match.matches("^up%d$"))
    assert.stub(log).was.called(1)
  end)
  it("is quiet again", function() assert.is_false(require("luassert.util").callable(rawget(ngx, "calls"))) end)
end)
