local counters = require("counters")
local dispatch = require("dispatch")
local fields = require("fields")
local journal = require("journal")

local SELF = string.rep("s", 43)
local ALICE = string.rep("a", 43)

describe("dispatch", function()
  local state

  before_each(function()
    state = { Now = 0, Height = 0, Counters = {}, Alarms = journal.new(4) }
  end)

  --- Make a request as the guard does.
  local function request(changes)
    local made = {
      from = ALICE, isParty = true, tags = {}, id = "id-1", isTainted = false, isLarge = false, now = 0, height = 0,
      process = SELF,
    }
    for name, value in pairs(changes or {}) do
      made[name] = value
    end
    return made
  end

  --- Make a route of a kind that answers "done".
  local function route(kind, more)
    local made = {
      kind = kind,
      run = function(_, served)
        return { { Target = served.from, Action = "Done" } }
      end,
    }
    for name, value in pairs(more or {}) do
      made[name] = value
    end
    return made
  end

  local function serve(made, changes)
    return dispatch.serve(state, "Act", made, request(changes))
  end

  it("returns what the route answers", function()
    assert.same({ { Target = ALICE, Action = "Done" } }, serve(route("command")))
    assert.same({}, state.Counters)
  end)

  it("answers a refused command to its sender", function()
    local refusing = route("command", {
      run = function()
        return nil, "too-late", "it is over", { Limit = "5" }
      end,
    })
    local expected = {
      Target = ALICE, Action = "Act-Error", ["Error-Code"] = "too-late", Error = "it is over", ["Message-Id"] = "id-1",
      Limit = "5",
    }
    assert.same({ expected }, serve(refusing))
    assert.equal(1, state.Counters.refused)
  end)

  it("A7 never answers a refused notice or a peer's command", function()
    local stranger = {
      from = function()
        return false
      end,
    }
    assert.same({}, serve(route("peer", stranger)))
    assert.same({}, serve(route("notice", stranger)))
    assert.equal("unauthorised", serve(route("command", stranger))[1]["Error-Code"])
  end)

  it("A15 refuses commands with forged tags, and serves notices and reads", function()
    local tainted = { isTainted = true }
    assert.equal("tainted", serve(route("command"), tainted)[1]["Error-Code"])
    assert.same({}, serve(route("peer"), tainted))
    assert.equal("Done", serve(route("notice"), tainted)[1].Action)
    assert.equal("Done", serve(route("read"), tainted)[1].Action)
    assert.equal(2, state.Counters.tainted)
  end)

  it("A3 serves nothing but reads to a sender that can hold no rights", function()
    local nobody = { isParty = false }
    assert.same({}, serve(route("command"), nobody))
    assert.same({}, serve(route("notice"), nobody))
    assert.equal("Done", serve(route("read"), nobody)[1].Action)
    assert.equal(2, state.Counters.dropped)
  end)

  it("A32 drops what the process sent to itself", function()
    assert.same({}, serve(route("read"), { from = SELF }))
    assert.equal(1, state.Counters.dropped)
  end)

  it("A31 refuses what is too large", function()
    assert.equal("too-large", serve(route("read"), { isLarge = true })[1]["Error-Code"])
  end)

  it("reads the tags a route takes, and repeats the ones an error should", function()
    local taking = route("command", {
      takes = { { "Lock-Id", fields.id }, { "Quantity", fields.quantity } },
      echo = { "Lock-Id" },
      run = function(_, served)
        return { { Target = served.from, Quantity = served.input.Quantity } }
      end,
    })
    assert.equal("7", serve(taking, { tags = { ["Lock-Id"] = "a", Quantity = "7" } })[1].Quantity)
    local refused = serve(taking, { tags = { ["Lock-Id"] = "a", Quantity = "07" } })[1]
    assert.equal("invalid-quantity", refused["Error-Code"])
    assert.equal("a", refused["Lock-Id"])
    refused = serve(taking, { tags = { ["Lock-Id"] = "a b", Quantity = "7" } })[1]
    assert.equal("invalid-lock-id", refused["Error-Code"])
    assert.is_nil(refused["Lock-Id"])
  end)

  it("lets a variant serve the messages that have its tag", function()
    local other = route("command", {
      tag = "Release-Id",
      run = function()
        return { { Action = "Released" } }
      end,
    })
    local made = route("command", { variant = other })
    assert.equal("Done", serve(made)[1].Action)
    assert.equal("Released", serve(made, { tags = { ["Release-Id"] = "r" } })[1].Action)
  end)

  it("refuses to install what is no route", function()
    assert.has_error(function()
      dispatch.install(state, { Act = { kind = "comand", run = print } })
    end)
  end)

  it("bounds its counters", function()
    state.Counters.dropped = counters.MAX
    counters.count(state, "dropped")
    assert.equal(counters.MAX, state.Counters.dropped)
  end)

  describe("installed with what is due", function()
    local real, handlers, sent

    before_each(function()
      real, handlers, sent = { ao = ao, Handlers = Handlers }, {}, {}
      _G.ao = {
        id = SELF,
        authorities = {},
        send = function(message)
          sent[#sent + 1] = message.Target
        end,
      }
      _G.Handlers = {
        add = function(name, ...)
          handlers[name] = select(select("#", ...), ...)
        end,
        remove = function() end,
      }
      dispatch.install(state, { Act = route("command"), Rest = route("command", { quiet = true }) }, {
        check = function(book)
          return book.Broken
        end,
        sweep = function(book)
          book.Broken = book.Due
          return { { Target = "due", Action = "Reminder" } }
        end,
      })
    end)

    after_each(function()
      _G.ao, _G.Handlers = real.ao, real.Handlers
    end)

    --- Hand a message to the guard and the dispatcher; return whom they wrote to.
    local function receive(action)
      sent = {}
      local message = { From = ALICE, Id = "id-1", Timestamp = 1, Tags = { Action = action }, TagArray = {} }
      handlers.guard(message)
      handlers.dispatch(message)
      return sent
    end

    it("sends it after the answer, but not for a quiet route", function()
      assert.same({ ALICE, "due" }, receive("Act"))
      assert.same({ ALICE }, receive("Rest"))
    end)

    it("sends nothing, and stops, where what was due broke an invariant", function()
      state.Due = "what was due"
      assert.same({}, receive("Act"))
      assert.equal("what was due", state.Halted)
      assert.equal("halted", state.Alarms.Items[1].code)
      state.Due = nil
      assert.same({ ALICE }, receive("Act")) -- the refusal
      assert.equal(1, state.Counters.refused)
    end)
  end)
end)
