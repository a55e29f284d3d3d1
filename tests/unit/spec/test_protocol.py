"""A test in Lua is run in fewer steps than pytest takes, which nothing can tell from pytest's own."""

from __future__ import annotations

import pytest

SUITE = """
print("body")
local ran = 0
describe("block", function()
  setup(function() print("setup") end)
  before_each(function() ran = ran + 1 end)
  it("passes", function() end)
  it("prints", function() print("call") io.stderr:write("err\\n") end)
  it("fails", function() print("why") assert.equal(1, 2) end)
  it("raises", function() error("oh") end)
  it("skips", function() pending("later") end)
  pending("waits")
  describe("inner", function()
    teardown(function() error("teardown") end)
    after_each(function() print("after") end)
    it("is torn down badly", function() end)
  end)
  describe("lost", function()
    setup(function() error("setup") end)
    it("never runs", function() end)
    it("nor this", function() end)
  end)
  describe("each", function()
    before_each(function() error("before") end)
    after_each(function() error("after") end)
    it("is blamed", function() end)
  end)
  describe("begins badly", function()
    lazy_setup(function() error("lazy") end)
    it("is lost", function() end)
    it("too", function() end)
  end)
  if ran == 3 then it("appears late", function() end) end
end)
describe("broken", function()
  it("runs in spite of that", function() print("spite") end)
  error("broken")
end)
it("ends", function() assert.truthy(ran) end)
"""
PLUGINS = (
    "faulthandler",
    "hypothesispytest",
    "rerunfailures",
    "xdist",
    "logging",
    "threadexception",
    "unraisableexception",
    "unittest",
)


class Seen:
    """Everything that pytest tells of the tests."""

    def __init__(self) -> None:
        self.all: list[object] = []
        self.code = -1

    def pytest_runtest_logstart(self, nodeid, location):
        self.all.append(("start", nodeid, location))

    def pytest_runtest_logfinish(self, nodeid, location):
        self.all.append(("finish", nodeid, location))

    def pytest_runtest_logreport(self, report):
        told = vars(report) | {
            "nodeid": report.nodeid,
            "longrepr": report.longreprtext,
            "keywords": sorted(report.keywords),
        }
        assert told.pop("duration") >= 0
        assert told.pop("stop") >= told.pop("start")
        self.all.append(told)

    def pytest_exception_interact(self, node, call, report):
        self.all.append(("interact", node.nodeid, call.when, report.when, type(call.excinfo.value)))

    def steps(self, name):
        return [told["when"] for told in self.all if isinstance(told, dict) and told["nodeid"].endswith(name)]


class Listening:
    """A plugin that pytest's own way is needed for."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def pytest_runtest_call(self, item):
        self.heard.append(item.name)


@pytest.fixture
def told(tmp_path, monkeypatch):
    """Run a suite, and return what pytest told of it."""
    (tmp_path / "x_spec.lua").write_text(SUITE)
    monkeypatch.chdir(tmp_path)

    def run(*arguments, plugins=()):
        seen = Seen()
        off = [word for name in PLUGINS for word in ("-p", f"no:{name}")]
        base = ["-p", "tim3tool.spec.plugin", *off, "-c", "/dev/null", "--rootdir=."]
        seen.code = int(pytest.main([*base, "-q", *arguments], plugins=[seen, *plugins]))
        return seen

    return run


@pytest.mark.parametrize(
    "arguments", [(), ("-x",), ("--maxfail=3",), ("-s",), ("--capture=sys",), ("--no-summary", "-v")]
)
def test_what_is_told_is_what_pytest_tells(told, arguments):
    own, pytests = told(*arguments), told(*arguments, plugins=[Listening()])
    assert own.all == pytests.all
    assert own.code == pytests.code == 1
    assert own.steps("::passes") == ["setup", "call", "teardown"]


def test_a_plugin_that_listens_hears_every_test(told):
    listening = Listening()
    told("-k", "passes or prints", plugins=[listening])
    assert listening.heard == ["passes", "prints"]


def test_another_protocol_wins(told):
    class Rerun:
        def __init__(self):
            self.taken = []

        def pytest_runtest_protocol(self, item, nextitem):  # noqa: ARG002 - pytest's signature
            self.taken.append(item.name)
            return True

    rerun = Rerun()
    told("-k", "passes or prints", plugins=[rerun])
    assert rerun.taken == ["passes", "prints"]


def test_marks_of_a_conftest_count(told, tmp_path):
    (tmp_path / "conftest.py").write_text(
        "import pytest\n"
        "def pytest_collection_modifyitems(items):\n"
        "    for item in items:\n"
        "        item.add_marker(pytest.mark.skip(reason='no'))\n"
    )
    seen = told("-k", "passes")
    assert seen.code == 0
    assert [told["outcome"] for told in seen.all if isinstance(told, dict)] == ["skipped", "passed"]


def test_setup_show_shows(told, capfd):
    told("--setup-show", "-k", "passes")
    assert "        x_spec.lua::block::passes" in capfd.readouterr().out


def test_the_running_test_stands_in_the_environment(told, tmp_path):
    (tmp_path / "x_spec.lua").write_text(
        "local now = function() return os.getenv('PYTEST_CURRENT_TEST') end\n"
        "before_each(function() assert.equal('x_spec.lua::one (setup)', now()) end)\n"
        "it('one', function() assert.equal('x_spec.lua::one (call)', now()) end)\n"
    )
    assert told().code == 0
