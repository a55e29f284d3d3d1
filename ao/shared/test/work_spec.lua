-- How much work a step is, in instructions of the VM, must not depend on how much there is.

local agenda = require("agenda")
local holders = require("holders")
local ledger = require("ledger")
local opbook = require("opbook")
local rig = require("test.rig")
local sim = require("tim3tool.sim")
local window = require("window")

--- Count the instructions of a function.
--- @param run function
--- @return integer
local function work(run)
  local count = 0
  local thread = coroutine.create(run)
  debug.sethook(thread, function()
    count = count + 1
  end, "", 1)
  assert(coroutine.resume(thread))
  return count
end

describe("A33 the work of a step", function()
  it("A33 is the same for a transfer among few holders and among 20,000", function()
    local function transfer(others)
      local book = ledger.new()
      for index = 1, others do
        ledger.mint(book, "holder" .. index, "1000000")
      end
      ledger.mint(book, rig.ALICE, "1000000")
      ledger.mint(book, rig.BOB, "1000000")
      return work(function()
        ledger.move(book, rig.ALICE, rig.BOB, "400000")
        ledger.move(book, rig.ALICE, sim.address("new"), "600000")
        holders.page(book.Holders, nil, 5)
      end)
    end
    local few, many = transfer(10), transfer(20000)
    assert.is_true(many <= few * 1.2, ("%d, then %d instructions"):format(few, many))
  end)

  it("A33 is the same for an operation among few and among 20,000", function()
    local keep = { count = 100000, ms = 0 }
    local function operate(others)
      local book = opbook.new()
      for number = 1, others do
        opbook.put(book, number .. "-x", {})
        opbook.finish(book, number .. "-x", 0, keep)
      end
      return work(function()
        opbook.put(book, "99999-x", {})
        opbook.finish(book, "99999-x", 1, keep)
        opbook.isStale(book, "5-y")
      end)
    end
    assert.equal(operate(10), operate(20000))
  end)

  it("A33 grows by a step each time that what is planned doubles", function()
    local function plan(others)
      local book = agenda.new()
      for index = 1, others do
        agenda.add(book, index * 7919 % 10007, "x")
      end
      return work(function()
        agenda.add(book, 0, "first")
        agenda.take(book, 0)
      end)
    end
    assert.is_true(plan(20000) <= plan(20) * 5)
  end)

  it("A33 is bounded for a window by the number of its ticks", function()
    local book = window.new()
    for index = 1, 20000 do
      window.add(book, index // 10, "5")
      window.sum(book, index // 10, 288)
    end
    assert.is_true(work(function()
      window.remove(book, 1990, "5")
      window.add(book, 2000, "5")
      window.sum(book, 2000, 288)
    end) < 5000)
  end)
end)
