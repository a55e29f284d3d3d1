"""The `sandbox` fixture: processes in Python tests."""

from __future__ import annotations

pytest_plugins = ("pytester",)

COUNTER = """
Count = Count or 0
Handlers.add("add", "Add", function(msg)
  Count = Count + tonumber(msg.By or "1")
  msg.reply{ Action = "Added", Count = tostring(Count), Data = msg.Data }
end)
"""

TESTS = f"""
import pytest
from tim3tool.errors import ProcessFailed, SourceError, UsageError
from tim3tool.sim import address

ALICE = address("alice")
COUNTER = '''{COUNTER}'''

@pytest.fixture
def counter(sandbox):
    return sandbox.spawn(source=COUNTER, name="counter", tags={{"Kind": "counter"}})

def test_send(sandbox, counter):
    result = counter.send({{"Action": "Add", "By": "3"}}, sender=ALICE, data="hi")
    assert result["Error"] is None
    assert result["Messages"][0]["Count"] == "3"
    assert sandbox.mail(ALICE)[0]["Data"] == "hi"
    assert sandbox.mail(ALICE)[0]["From"] == counter.id
    assert counter.read("Count") == 3
    assert counter.read("ao.env.Process.Tags.Kind") == "counter"

def test_dry_run_leaves_no_trace(sandbox, counter):
    assert counter.dry_run({{"Action": "Add"}})["Messages"][0]["Count"] == "1"
    assert counter.read("Count") == 0
    assert counter.outbox() == []

def test_eval(counter):
    assert counter.eval("1 + 1") == "2"
    with pytest.raises(ProcessFailed, match="oops"):
        counter.eval("error('oops')")

def test_boxes(counter):
    counter.send({{"Action": "Add"}})
    counter.send({{"Action": "Unknown"}}, sender=ALICE)
    assert [message["Action"] for message in counter.outbox()] == ["Added"]
    assert counter.inbox()[-1]["From"] == ALICE

def test_reload(counter):
    counter.send({{"Action": "Add"}})
    counter.reload()
    assert counter.read("Count") == 1
    counter.reload(source="Count = Count + 10")
    counter.reload()
    assert counter.read("Count") == 21

def test_between_processes_and_time(sandbox, counter):
    other = sandbox.spawn(source="Handlers.add('go', 'Go', function(m) Send{{ Target = m.To, Action = 'Add' }} end)")
    other.send({{"Action": "Go", "To": counter.id}})
    assert counter.read("Count") == 1
    before = sandbox.network.height
    sandbox.network.advance(240_000)
    assert sandbox.network.height == before + 2

def test_a_file(sandbox, tmp_path):
    process = sandbox.spawn(file="main.lua", owner=ALICE)
    assert (process.owner, process.read("Loaded")) == (ALICE, True)

@pytest.mark.parametrize(("options", "message"), [
    ({{}}, "`spawn` needs exactly one of `process`, `file` and `source`, and has 0"),
    ({{"sorce": ""}}, "`spawn` has no option `sorce`"),
    ({{"source": 5}}, "`source` of `spawn` must be a string and is of type int"),
    ({{"source": "", "tags": "x"}}, "`tags` of `spawn` must be tags by name and is a string"),
    ({{"file": "none.lua"}}, "there is no file `none.lua`"),
    ({{"process": "x"}}, "`spawn` finds no process `x`: no `aoform.yaml` is above the suite"),
])
def test_mistakes(sandbox, options, message):
    with pytest.raises(UsageError) as caught:
        sandbox.spawn(**options)
    assert str(caught.value).startswith(message)

def test_reload_mistakes(counter):
    with pytest.raises(UsageError, match="takes `file` or `source`"):
        counter.reload(source="", file="main.lua")
    with pytest.raises(ProcessFailed, match="process `counter` does not reload"):
        counter.reload(source="x = = 1")
"""


def test_the_sandbox_fixture(pytester):
    pytester.makepyfile(test_it=TESTS)
    pytester.makefile(".lua", main="Loaded = true\n")
    done = pytester.runpytest_inprocess(
        "-p", "tim3tool.spec.plugin", "-p", "no:faulthandler", "-p", "no:hypothesispytest", "-p", "no:xdist"
    )
    done.assert_outcomes(passed=14)


def test_projects_without_the_plugin_do_not_see_it(pytester):
    pytester.makepyfile(test_it="def test_x(sandbox): pass")
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(errors=1)
