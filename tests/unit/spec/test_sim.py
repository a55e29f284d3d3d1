"""`require("tim3tool.sim")` in suites."""

from __future__ import annotations

import pytest

COUNTER = """
local sim = require("tim3tool.sim")
local alice, bob = sim.address("alice"), sim.address("bob")
local net, counter
before_each(function()
  net = sim.network()
  counter = net:spawn{ name = "counter", tags = { Kind = "counter" }, source = [[
    Count = Count or 0
    Handlers.add("add", "Add", function(msg)
      Count = Count + tonumber(msg.By or "1")
      print("counted")
      msg.reply{ Action = "Added", Count = tostring(Count), Data = msg.Data }
    end)
    Handlers.add("fail", "Fail", function() Count = 99; error("no way") end)
    Handlers.add("pass", "Pass", function(msg) Send{ Target = msg.To, Action = "Add", By = "5" } end)
    Handlers.add("seen", "Seen", function(msg) Seen = msg end)
    Handlers.add("child", "Child", function() Spawn(ao.env.Module.Id, { Data = "" }) end)
    Handlers.add("number", "Number", function(msg) ao.send{ Target = msg.From, Data = 5 } end)
  ]] }
end)
"""

PASSING = {
    "addresses": """
      assert.equal(43, #alice); assert.equal(alice, sim.address("alice")); assert.is_not.equal(alice, bob)""",
    "process": """
      assert.equal(43, #counter.id); assert.equal("counter", counter.name)
      assert.equal(sim.address("owner"), counter.owner)
      assert.equal("counter", counter:read("ao.env.Process.Tags.Kind"))
      local mine = net:spawn{ owner = alice, source = "" }; assert.equal(alice, mine:read("Owner"))""",
    "result": """
      local result = counter:send{ From = alice, Action = "Add", By = "3", Data = "hi" }
      assert.is_nil(result.Error); assert.matches("counted", result.Output.data)
      assert.equal(1, #result.Messages); assert.same({}, result.Spawns); assert.same({}, result.Assignments)
      local sent = result.Messages[1]
      assert.equal(alice, sent.Target); assert.equal("Added", sent.Action); assert.equal("3", sent.Count)
      assert.equal("hi", sent.Data); assert.equal("3", sent.Tags.Count); assert.is_nil(sent.Type)
      assert.equal("Message", sent.Tags.Type)
      local names = {}; for _, tag in ipairs(sent.TagArray) do names[#names + 1] = tag.name end
      assert.same({ "Data-Protocol", "Variant", "Type", "Reference" }, { table.unpack(names, 1, 4) })""",
    "message": """
      counter:send{ From = alice, Action = "Seen", Tags = { { name = "X", value = "1" }, { name = "X", value = "2" } } }
      assert.equal(alice, counter:read("Seen.From")); assert.equal(alice, counter:read("Seen.Owner"))
      assert.equal("1", counter:read("Seen.Tags.X")); assert.equal("2", counter:read("Seen.X"))
      assert.equal("Seen", counter:read("Seen.TagArray[1].value"))
      counter:send{ Action = "Seen", Tags = { ["X-B"] = "b", ["X-A"] = "a" }, Kind = "k" }
      assert.equal(counter.owner, counter:read("Seen.From")); assert.equal("b", counter:read("Seen['X-B']"))
      assert.equal("k", counter:read("Seen.Kind"))""",
    "error": """
      local result = counter:send{ Action = "Fail" }
      assert.matches("no way", result.Error); assert.same({}, result.Messages); assert.same({}, result.Output)
      assert.equal(0, counter:read("Count"))""",
    "faults": """
      net:faults{ duplicate = 0.5 }
      local other = net:spawn{ source = [[Handlers.add("Go", function(m)
        for _ = 1, 20 do Send{ Target = m.To, Action = "Add" } end end)]] }
      other:send{ Action = "Go", To = counter.id }
      assert.is_true(counter:read("Count") > 20)
      local before = counter:read("Count")
      net:faults(nil); other:send{ Action = "Go", To = counter.id }
      assert.equal(before + 20, counter:read("Count"))""",
    "restart and reload": """
      counter:send{ Action = "Add" }; counter:restart(); assert.equal(1, counter:read("Count"))
      counter:reload(); assert.equal(1, counter:read("Count"))
      local loads = net:spawn{ source = "Loads = (Loads or 0) + 1" }
      loads:reload(); assert.equal(2, loads:read("Loads"))""",
    "raw and order": """
      local rough = sim.network{ raw = true, order = "depth-first", faults = { reorder = 1 } }
      local keeps = rough:spawn{ source = [[N = 0 Handlers.add("Fail", function() N = 1 error("no") end)]] }
      assert.is_string(keeps:send{ Action = "Fail" }.Error); assert.equal(1, keeps:read("N"))""",
    "trace": """
      counter:send{ From = alice, Action = "Add", By = "2" }
      local trace = net:trace{ alice = alice, counter = counter.id }
      assert.matches("alice %-> counter: Add By=2", trace.tree)
      assert.matches("counter%-%->>alice: Added", trace.mermaid)""",
    "mail": """
      assert.same({}, net:mail(alice)); counter:send{ From = alice, Action = "Add" }
      counter:send{ From = alice, Action = "Add" }
      assert.equal(2, #net:mail(alice)); assert.equal("2", net:mail(alice)[2].Count)
      assert.equal(counter.id, net:mail(alice)[1].From)""",
    "between processes": """
      local other = net:spawn{ source = "" }
      other:eval("Handlers.add('add', 'Add', function(m) From, By = m.From, m.By end)")
      counter:send{ Action = "Pass", To = other.id }
      assert.equal(counter.id, other:read("From")); assert.equal("5", other:read("By"))""",
    "net:send": """
      local result = net:send{ Target = counter.id, From = bob, Action = "Add" }
      assert.equal(bob, result.Messages[1].Target)
      assert.equal(counter.owner, net:send{ Target = counter.id, Action = "Add" }.Messages[1].Target)
      assert.equal("3", counter:send{ Target = counter.id, Action = "Add" }.Messages[1].Count)""",
    "eval": """
      assert.equal("2", counter:eval("1 + 1")); counter:eval("Count = 7"); assert.equal(7, counter:read("Count"))
      assert.error_matches(function() counter:eval("error('oops')") end, "oops")
      assert.has_error(function() counter:eval("x = = 1") end, "unexpected symbol near '='")""",
    "dry run": """
      assert.equal("1", counter:dry_run{ From = alice, Action = "Add" }.Messages[1].Count)
      assert.equal(0, counter:read("Count")); assert.same({}, net:mail(alice))""",
    "read": """
      counter:eval("Plain = { 1, 2, { a = true, f = print } }")
      assert.same({ 1, 2, { a = true, f = "<function>" } }, counter:read("Plain"))
      assert.is_nil(counter:read("Nothing")); assert.equal(0.5, counter:read("1 / 2"))""",
    "time": """
      assert.equal(1700000000000, net:now()); assert.equal(1300000, net:height())
      net:advance(240000); assert.equal(1700000240000, net:now()); assert.equal(1300002, net:height())
      counter:send{ Action = "Seen" }; assert.equal(1700000240000, counter:read("Seen.Timestamp"))
      assert.equal(1300002, counter:read("Seen['Block-Height']"))""",
    "options of a network": """
      local other = sim.network{ seed = 5, now = 1000, height = 7 }
      assert.equal(1000, other:now()); assert.equal(7, other:height())
      assert.is_not.equal(other:spawn{ source = "" }.id, net:spawn{ source = "" }.id)
      assert.equal(sim.network():spawn{ source = "" }.id, sim.network():spawn{ source = "" }.id)""",
    "children": """
      counter:send{ Action = "Child" }
      local child = counter:read("Inbox[#Inbox].Process")
      assert.equal(child, net:process(child).id); assert.equal(counter, net:process(counter.id))""",
    "reload": """
      local p = net:spawn{ source = "Count = (Count or 0) + 1; Kept = Kept or 'first'" }
      p:reload(); assert.equal(2, p:read("Count"))
      p:reload{ source = "Count = Count * 10" }; assert.equal(20, p:read("Count")); assert.equal("first", p:read("Kept"))
      p:reload(); assert.equal(200, p:read("Count"))
      counter:send{ Action = "Add" }; counter:reload(); assert.equal(p.owner, counter.owner)""",
    "outbox and inbox": """
      assert.same({}, counter:outbox()); counter:send{ From = alice, Action = "Add" }
      counter:dry_run{ From = alice, Action = "Add" }
      counter:send{ From = bob, Action = "Add" }
      assert.equal(2, #counter:outbox()); assert.message(counter:outbox()[2]).has{ Target = bob, Count = "2" }
      counter:send{ From = alice, Action = "Nobody-Knows", Data = "hello" }
      local inbox = counter:inbox()
      assert.message(inbox).has{ From = alice, Action = "Nobody-Knows", Data = "hello" }""",
    "messages": """
      local result = counter:send{ From = alice, Action = "Add" }
      assert.message(result).has{ Target = alice, Count = "1" }
      assert.message(net:mail(alice)).has{ From = counter.id, Count = match.matches("^%d+$") }
      assert.message(net:mail(bob)).has_no{ Count = "1" }""",
    "networks are apart": """
      local far = sim.network():spawn{ source = "Count = 5" }
      counter:send{ Action = "Add" }; assert.equal(5, far:read("Count")); assert.equal(1, counter:read("Count"))""",
}

FAILING = {
    'net:spawn{ sorce = "" }': "`net:spawn` has no option `sorce` (did you mean `source`?)",
    "net:spawn{}": "`net:spawn` needs exactly one of `process`, `file` and `source`, and has 0",
    'net:spawn{ source = "", file = "" }': "`net:spawn` needs exactly one of `process`, `file` and `source`, and has 2",
    "net:spawn{ source = 5 }": "`source` of `net:spawn` must be a string and is a number (use tostring(...))",
    "net:spawn(5)": "`net:spawn` needs a table of options and got a number",
    'net:spawn{ source = "", tags = { X = 5 } }': "tag `X` must be a string and is a number (use tostring(...))",
    'net:spawn{ source = "", tags = "x" }': "`tags` of `net:spawn` must be a table and is a string",
    'net:spawn{ source = "", tags = { "x" } }': (
        "`tags` of `net:spawn`[1] must be { name = ..., value = ... } and is a string"
    ),
    'net:spawn{ "source" }': "`net:spawn` takes names only, and one key is a number",
    'net:spawn{ source = "x = = 1" }': (
        "process `process` does not start: [string \"aos\"]:1: unexpected symbol near '='"
    ),
    "sim.network{ sed = 1 }": "`sim.network` has no option `sed` (did you mean `seed`?)",
    "sim.network{ port = 1 }": "`sim.network` has no option `port` (there are `faults`, `height`, `now`, `order`, "
    "`raw`, `seed`, `shuffle`)",
    "sim.network{ order = 'random' }": "`order` of `sim.network` must be `depth-first`, `fifo`, and is `random`",
    "sim.network{ raw = 1 }": "`raw` of `sim.network` must be true or false and is a number",
    "sim.network{ faults = 1 }": "`faults` of `sim.network` must be a table and is a number",
    "sim.network{ faults = { drop = 'x' } }": "`drop` of `faults` of `sim.network` must be a number and is a string",
    "sim.network{ faults = { dorp = 1 } }": "`sim.network` has no fault `dorp` (did you mean `drop`?)",
    "net:faults{ drop = 2 }": "`drop` of `net:faults` must be from 0 to 1 and is 2",
    "sim.network{ now = -1 }": "`now` of `sim.network` must be a whole number, not negative, and is -1",
    'sim.network{ now = "x" }': "`now` of `sim.network` must be a whole number, not negative, and is a string",
    "sim.address()": "the label of `sim.address` must be a string and is nil",
    "counter.send{ Action = 'x' }": "call it with a colon: `process:send{ ... }`",
    "net.spawn{ source = '' }": "call it with a colon: `net:spawn{ ... }`",
    "counter:send{ Action = 'Add', By = 5 }": "`By` of `send` must be a string and is a number (use tostring(...))",
    "counter:send{ Data = {} }": '`Data` of `send` must be a string and is a table (use require("json").encode(...))',
    "counter:send{ Data = print }": "`Data` of `send` must be a string and is a function",
    'counter:send{ Data = "\\xff" }': (
        "`Data` of `send` is not UTF-8, and messages are text (encode it, for example with .base64)"
    ),
    "counter:send{ from = alice }": (
        "`send` has no field `from` (did you mean `From`? A tag of that name goes into `Tags`)"
    ),
    "counter:send{ Target = alice }": (
        "`send` of a process sends to itself, and `Target` is another (use `net:send{ Target = ... }`)"
    ),
    "net:send{ Action = 'x' }": "`net:send` needs a `Target`",
    'counter:reload{ file = "x.lua", source = "" }': "`process:reload` takes `file` or `source`, and has both",
    'counter:reload{ process = "x" }': ("`process:reload` has no option `process` (there are `file`, `source`)"),
    'counter:reload{ source = "x = = 1" }': (
        "process `counter` does not reload: [string \"aos\"]:1: unexpected symbol near '='"
    ),
    'counter:send{ Action = "Child" } net:process(counter:read("Inbox[#Inbox].Process")):reload()': (
        "`process:reload` does not know the code of a process that the suite did not spawn "
        "(reload with `file = ...` or `source = ...`)"
    ),
    "counter.outbox()": "call it with a colon: `process:outbox()`",
    "counter.inbox()": "call it with a colon: `process:inbox()`",
    "net:advance(1.5)": "the time of `net:advance` must be a whole number, not negative, and is 1.5",
    "counter:read('x = = 1')": "cannot read `x = = 1`",
    "counter:eval(5)": "the code of `eval` must be a string and is a number (use tostring(...))",
    "counter:send{ Action = 'Number' }": '[string "aos"]:11: the Data of message 1 of the result is a number',
}


@pytest.fixture(scope="module")
def one_run(tmp_path_factory):
    """Run every example below in one suite."""
    folder = tmp_path_factory.mktemp("sim")
    tests = [f'it("pass {number}", function() {code} end)' for number, code in enumerate(PASSING.values())]
    tests += [f'it("fail {number}", function()\n{code} end)' for number, code in enumerate(FAILING)]
    (folder / "a_spec.lua").write_text(COUNTER + "\n".join(tests))
    reports = {}

    class Keep:
        def pytest_runtest_logreport(self, report):
            if report.when == "call" or report.outcome != "passed":
                reports[report.nodeid.partition("::")[2]] = report

    options = ["-c", "/dev/null", f"--rootdir={folder}", "-q", "-p", "no:faulthandler", "-p", "no:cacheprovider"]
    plugins = ["-p", "tim3tool.spec.plugin", "-p", "no:hypothesispytest", "-p", "no:xdist"]
    pytest.main([*options, *plugins, str(folder)], plugins=[Keep()])
    return reports


@pytest.mark.parametrize("name", PASSING)
def test_it_works(one_run, name):
    report = one_run[f"pass {list(PASSING).index(name)}"]
    assert report.outcome == "passed", report.longreprtext


@pytest.mark.parametrize("code", FAILING)
def test_a_mistake_is_told_at_the_line_of_the_call(one_run, code):
    report = one_run[f"fail {list(FAILING).index(code)}"]
    assert report.outcome == "failed"
    place, _, text = report.longreprtext.partition(": ")
    assert text.startswith(FAILING[code])
    path, line = place.rsplit(":", 1)
    number = list(FAILING).index(code)
    assert path.endswith("a_spec.lua")
    assert int(line) > len(COUNTER.splitlines()) + len(PASSING) + number
    assert "Traceback" not in report.longreprtext
