"""Evaluating Lua in a process, listing and following what it answers, on every kind of network."""

from __future__ import annotations

import itertools
import json
import signal
import subprocess
import threading
from contextlib import contextmanager

import pytest

from tim3tool.localnet import Answer, Fault, HyperbeamNode, LegacynetNode, serving
from tim3tool.network import wallet as wallets
from tim3tool.network.embedded import Embedded

ABSENT = "A" * 43
MAIN = """\
local counter = require("counter")
Handlers.add("Add", "Add", function(msg)
  print("adding " .. msg.Tags.Amount)
  msg.reply({ Action = "Added", Data = tostring(counter.add(msg.Tags.Amount)) })
end)
Handlers.add("Break", "Break", function(msg)
  print("about to break")
  error("broken on purpose")
end)
Handlers.add("Colour", "Colour", function(msg)
  print("\\27[31mred\\27[0m\\27]0;title\\7")
end)
"""


class Place:
    """A project that is deployed to a network, and the words that name it."""

    def __init__(self, project, served=None):
        self.project = project
        self.served = served
        self.words = () if served is None else ("--network", "there")
        self.keys = () if served is None else ("--wallet", "key.json")

    def ask(self, verb, *words):
        keys = self.keys if verb in ("deploy", "message", "eval", "dryrun") else ()
        return self.project.call(verb, *words, *self.words, *keys)

    @property
    def process(self):
        name = "local" if self.served is None else "there"
        state = json.loads((self.project.folder / ".tim3" / "state" / f"{name}.json").read_text())
        return state["processes"]["counter"]["id"]

    @contextmanager
    def watching(self, verb, *words):
        """Run a verb with --watch; end it as Ctrl-C does when the block ends."""
        watched = Watched(self.project, verb, *words, "--watch", *self.words, *(self.keys if verb == "message" else ()))
        try:
            yield watched
        finally:
            watched.stop()


class Watched:
    """A command that goes on, with what it has printed so far."""

    def __init__(self, project, *words):
        self.run = subprocess.Popen(
            project.command(*words),
            cwd=project.folder,
            env=project.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.out, self.err = [], []
        self._changed = threading.Condition()
        self._readers = [
            threading.Thread(target=self._read, args=each, daemon=True)
            for each in ((self.run.stdout, self.out), (self.run.stderr, self.err))
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, stream, lines):
        for line in stream:
            with self._changed:
                lines.append(line.rstrip("\n"))
                self._changed.notify_all()

    def until(self, said, *, on="out"):
        """Wait for a line that holds a text."""
        lines = getattr(self, on)
        with self._changed:
            found = self._changed.wait_for(lambda: any(said in line for line in lines), timeout=60)
        assert found, f"{said!r} is not in {self.out} {self.err}"

    def stop(self):
        if self.run.poll() is None:
            self.run.send_signal(signal.SIGINT)
        try:
            self.run.wait(timeout=60)
        finally:
            self.run.kill()
            for reader in self._readers:
                reader.join(timeout=10)
            self.run.stdout.close()
            self.run.stderr.close()


@pytest.fixture(params=["embedded", "legacynet", "hyperbeam"])
def place(request, project, tmp_path_factory, wallet):
    project.write("ao/counter/src/main.lua", MAIN)
    if request.param == "embedded":
        made = Place(project)
        assert made.ask("deploy").code == 0
        yield made
        return
    ticks = itertools.count(1_800_000_000_000)
    wallets.save(wallet, project.folder / "key.json")
    once = request.param == "legacynet"
    embedded = Embedded(tmp_path_factory.mktemp("node") / "node.sqlite", clock=lambda: next(ticks), once=once)
    node = LegacynetNode(embedded) if once else HyperbeamNode(embedded)
    with serving(node.answer) as served:
        urls = (
            f"kind: legacynet, mu: '{served.url}/mu', cu: '{served.url}/cu', su: '{served.url}/su-router'"
            if once
            else f"kind: hyperbeam, node: '{served.url}'"
        )
        manifest = (project.folder / "aoform.yaml").read_text()
        project.write("aoform.yaml", f"networks:\n  there: {{{urls}}}\n{manifest}")
        made = Place(project, served)
        ran = made.ask("deploy")
        assert ran.code == 0, ran.err
        yield made


@pytest.fixture
def local(project):
    project.write("ao/counter/src/main.lua", MAIN)
    made = Place(project)
    assert made.ask("deploy").code == 0
    return made


# eval -----------------------------------------------------------------------------------------------------------------


def test_an_eval_prints_what_the_code_returns_and_nothing_else_on_stdout(place):
    ran = place.ask("eval", "counter", "return Count")
    assert (ran.code, ran.out) == (0, "5\n"), ran.err
    assert "message " in ran.err
    assert "does not know what this Eval changed" in ran.err
    ran = place.ask("eval", place.process, "Count = Count + 1 print('now') return Count", "-q")
    assert ran.out == "now\n6\n"
    assert "message " not in ran.err
    said = place.ask("eval", "counter", "Count", "--json").document
    assert (said["schema"], said["ok"], said["result"]["Output"]["data"]) == ("tim3tool.eval/1", True, "6")
    assert said["process"] == place.process


def test_an_error_of_an_eval_is_shown_at_its_line_in_the_code(place):
    place.project.write("fix.lua", "-- one\nlocal x\nreturn x.y -- here\n")
    ran = place.ask("eval", "counter", "--script", "fix.lua")
    assert ran.code == 1
    assert "error: the Eval failed: attempt to index a nil value (local 'x')\n --> fix.lua:3\n" in ran.err
    assert "3 | return x.y -- here" in ran.err
    ran = place.ask("eval", "counter", "x = = 1", "--json")
    assert ran.code == 1
    assert ran.document["ok"] is False
    assert ran.document["where"] == {"path": "CODE", "line": 1}
    assert ran.document["problem"] == "the Eval failed: unexpected symbol near '='"


def test_an_eval_by_another_wallet_says_that_it_was_not_evaluated(place):
    assert place.project.call("wallet", "new", "other.json").code == 0
    for words, told in (((), "err"), (("--json",), "out")):
        ran = place.project.call("eval", "counter", "Count = 99", *place.words, "--wallet", "other.json", *words)
        assert ran.code == 1
        assert "the Eval was not evaluated: wallet `" in getattr(ran, told)
    assert place.ask("eval", "counter", "Count").out == "5\n"


def test_nothing_on_stdin_is_two(local):
    ran = local.project.run("eval", "counter", "-")
    assert ran.code == 2
    assert "`stdin` is empty" in ran.err


def test_code_comes_from_stdin_and_an_error_deeper_down_leads_to_the_sources(local):
    command = local.project.command("eval", "counter", "-")
    code = 'return require("counter").add("x")\n'
    ran = subprocess.run(
        command,
        cwd=local.project.folder,
        env=local.project.environment(),
        input=code,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert "--> ao/counter/src/counter.lua:4" in ran.stderr


def test_a_line_that_both_have_is_taken_for_the_given_code_and_the_other_is_named(local):
    long = "\n" * 60 + 'error("mine")'
    local.project.write("long.lua", long)
    ran = local.ask("eval", "counter", "--script", "long.lua")
    assert "--> long.lua:61" in ran.err
    assert "or it is" not in ran.err
    ran = local.ask("message", "counter", "--action", "Break")
    assert "ao/counter/src/main.lua:8" in ran.err
    code = "\n" * 60 + 'return require("counter").add("x")'
    local.project.write("long.lua", code)
    ran = local.ask("eval", "counter", "--script", "long.lua")
    assert "or it is ao/counter/src/counter.lua:4, which the process ran before" in ran.err


def test_a_script_may_begin_as_programs_do_and_its_lines_keep_their_numbers(local):
    local.project.write("tool.lua", "#!/usr/bin/env lua\nreturn #Handlers.list > 2\n")
    assert local.ask("eval", "counter", "--script", "tool.lua").out == "true\n"
    assert local.ask("eval", "counter", "#Handlers.list > 2").out == "true\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "there is no code to evaluate"),
        (["return 1", "--script", "a.lua"], "there are two codes to evaluate"),
        (["--script", "none.lua"], "`none.lua` cannot be read: No such file or directory"),
        (["--script", "ao"], "`ao` cannot be read: Is a directory"),
        (["--script", "latin.lua"], "`latin.lua` is not UTF-8: byte 9"),
        (["--script", "empty.lua"], "`empty.lua` is empty"),
        ([" \n"], "`CODE` is empty"),
    ],
)
def test_code_that_cannot_be_sent_is_two_and_nothing_is_sent(local, words, said):
    local.project.write("a.lua", "return 1")
    local.project.write("empty.lua", "\n")
    (local.project.folder / "latin.lua").write_bytes(b'return "\xe4"')
    before = local.ask("results", "counter", "--json").document
    for more, told in (((), "err"), (("--json",), "out")):
        ran = local.ask("eval", "counter", *words, *more)
        assert ran.code == 2
        assert said in getattr(ran, told)
    assert local.ask("results", "counter", "--json").document == before


def test_code_too_large_for_a_message_is_refused_before_it_is_sent(place):
    place.project.write("big.lua", f"-- {'x' * 9_100_000}\n")
    before = place.ask("results", "counter", "--json").document
    ran = place.ask("eval", "counter", "--script", "big.lua")
    assert ran.code == 1
    assert "the message has" in ran.err
    assert place.ask("results", "counter", "--json").document == before


# results and logs -------------------------------------------------------------------------------------------------------


def test_results_are_the_newest_and_a_mark_leads_to_what_came_behind_it(place):
    sent = [
        place.ask("message", "counter", "--action", "Add", "-t", f"Amount={number}", "--json").document["message"]
        for number in (1, 2, 3)
    ]
    found = place.ask("results", "counter", "--json").document
    assert (found["schema"], found["process"]) == ("tim3tool.results/1", place.process)
    assert len(found["results"]) == 6
    newest = place.ask("results", "counter", "--limit", "2", "--json").document["results"]
    assert newest == found["results"][-2:]
    assert [each["result"]["Messages"][0]["Data"] for each in newest] == ["8", "11"]
    if newest[0]["message"]:  # compute units tell no ids
        assert [each["message"] for each in newest] == sent[1:]
    behind = place.ask("results", place.process, "--from", found["results"][2]["mark"], "--json").document
    assert behind["results"] == found["results"][3:]
    first = place.ask("results", "counter", "--from", found["results"][2]["mark"], "--limit", "1", "--json").document
    assert first["results"] == found["results"][3:4]
    assert place.ask("results", "counter", "--limit", "0").out == ""


def test_results_and_logs_tell_in_lines_what_was_printed_sent_and_went_wrong(place):
    place.ask("message", "counter", "--action", "Add", "-t", "Amount=1")
    place.ask("message", "counter", "--action", "Break")
    place.ask("message", "counter", "--action", "Colour")
    ran = place.ask("results", "counter", "--limit", "3")
    assert ran.code == 0
    assert "\n  adding 1\n  sends Added to " in ran.out
    assert ": Data=6\n" in ran.out
    assert "  error: broken on purpose (ao/counter/src/main.lua:8)\n" in ran.out
    assert "\n  red\ufffd]0;title\ufffd\n" in ran.out
    logs = place.ask("logs", "counter").out.splitlines()
    assert [line.split("  ", 1) for line in logs if "adding" in line] == [["2", "adding 5"], ["3", "adding 1"]]
    assert "4  error: broken on purpose (ao/counter/src/main.lua:8)" in logs
    assert "4  about to break" in logs
    lines = [json.loads(line) for line in place.ask("logs", "counter", "--json", "--limit", "2").out.splitlines()]
    assert {line["schema"] for line in lines} == {"tim3tool.log/1"}
    (error,) = [line for line in lines if line["error"]]
    assert (error["text"], error["where"]) == ("broken on purpose", {"path": "ao/counter/src/main.lua", "line": 8})
    assert lines[-1]["text"].startswith("red")


@pytest.mark.parametrize("verb", ["results", "logs"])
def test_what_cannot_be_listed(local, verb):
    for words, code, said in (
        (("nobody",), 2, "unknown process `nobody`"),
        ((ABSENT,), 3, f"there is no process `{ABSENT}` on network `local`"),
        (("-" + ABSENT[1:],), 3, f"there is no process `-{ABSENT[1:]}`"),
        (("counter", "--from", "x"), 2, "`x` is no mark of a result on network `local`"),
        (("counter", "--limit", "-1"), 2, "greater than or equal to 0"),
        (("counter", "--limit", "x"), 2, "invalid value for '--limit'"),
        (("counter", "--network", "nowhere"), 2, "no network is named `nowhere`"),
        ((), 2, "missing argument 'PROCESS'"),
    ):
        ran = local.ask(verb, *words)
        assert (ran.code, said in ran.err) == (code, True), ran.err
        ran = local.ask(verb, *words, "--json")
        assert ran.code == code
        assert said in json.loads(ran.out)["error"]["message"]


@pytest.mark.parametrize("verb", ["results", "logs", "message", "eval", "dryrun"])
def test_a_network_that_refuses_is_three(project, verb, wallet):
    wallets.save(wallet, project.folder / "key.json")
    manifest = (project.folder / "aoform.yaml").read_text()
    with serving(lambda _: Answer(status=404)) as served:
        project.write("aoform.yaml", f"networks:\n  there: {{kind: hyperbeam, node: '{served.url}'}}\n{manifest}")
        key = [] if verb in ("results", "logs") else ["--wallet", "key.json"]
        ran = project.call(verb, ABSENT, *(["return 1"] if verb == "eval" else []), "--network", "there", *key)
    assert ran.code == 3
    assert f"the node of network `there` ({served.url}) answered with HTTP status 404" in ran.err


# --watch ------------------------------------------------------------------------------------------------------------------


def test_results_are_watched_until_ctrl_c_over_a_network_that_was_away(place):
    with place.watching("results", "counter", "--limit", "1", "--json", "--timeout", "0.3") as watched:
        watched.until('"Data": "5"')
        watched.until("Ctrl-C ends it", on="err")
        if place.served:
            place.served.fail(Fault(kind="request-lost", on="GET", times=6))
            watched.until("asking again until it answers", on="err")
        place.ask("message", "counter", "--action", "Add", "-t", "Amount=1")
        place.ask("message", "counter", "--action", "Break")
        watched.until("broken on purpose")
        if place.served:
            watched.until("network `there` answers again", on="err")
    assert watched.run.returncode == 130
    lines = [json.loads(line) for line in watched.out]
    assert {line["schema"] for line in lines} == {"tim3tool.result/1"}
    assert [line["ok"] for line in lines] == [True, True, False]
    assert len({line["mark"] for line in lines}) == 3
    stopped = [f"stopped; `--from {line['mark']}` goes on from here" for line in lines[-2:]]
    assert watched.err[-1] in stopped, "one is rather told twice than left out"


def test_logs_are_watched_as_lines(place):
    with place.watching("logs", "counter", "--limit", "0") as watched:
        watched.until("Ctrl-C ends it", on="err")
        place.ask("message", "counter", "--action", "Add", "-t", "Amount=1")
        watched.until("adding 1")
    assert watched.run.returncode == 130
    assert watched.out == ["3  adding 1"]


def test_a_message_is_watched_from_its_own_answer_on(place):
    with place.watching("message", "counter", "--action", "Add", "-t", "Amount=2", "--json") as watched:
        watched.until('"Data": "7"')
        place.ask("message", "counter", "--action", "Add", "-t", "Amount=1")
        watched.until('"Data": "8"')
    assert watched.run.returncode == 130
    sent, first, second = (json.loads(line) for line in watched.out)
    assert (sent["schema"], sent["process"]) == ("tim3tool.sent/1", place.process)
    assert first["message"] in (None, sent["message"])
    assert second["schema"] == "tim3tool.result/1"


def test_what_can_never_be_watched_ends_with_its_error_as_one_line(local):
    ran = local.ask("results", ABSENT, "--watch", "--json")
    assert ran.code == 3
    assert len(ran.out.splitlines()) == 1
    assert "there is no process" in json.loads(ran.out)["error"]["message"]


# Tags and texts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["message", "dryrun"])
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-t", "Amount"], "`Amount` is not a tag"),
        (["-t", "=5"], "`=5` is not a tag"),
        (["-t", "action=Add"], "there are two Actions: `Add` of --action and `Add` of -t action"),
        (["-t", "Action=Sub"], "leave one of them out"),
    ],
)
def test_a_tag_of_another_form_is_two(local, verb, words, said):
    ran = local.ask(verb, "counter", "--action", "Add", *words)
    assert ran.code == 2
    assert said in ran.err


@pytest.mark.parametrize("name", ["Data-Protocol", "variant", "Type", "SDK"])
def test_a_tag_of_aos_own_is_two_and_says_why(local, name):
    ran = local.ask("message", "counter", "--action", "Add", "-t", f"{name}=x")
    assert ran.code == 2
    assert f"the tag `{name}` is set by tim3tool" in ran.err
    assert "help: leave it out" in ran.err


def test_what_a_message_sends_can_do_no_harm_to_a_terminal(local):
    local.ask("eval", "counter", 'Handlers.add("Evil", "Evil", function(m) m.reply({Data = "\\27[2J\\7"}) end)')
    ran = local.ask("message", "counter", "--action", "Evil")
    assert ran.code == 0
    assert "\x1b" not in ran.out
    assert "\x07" not in ran.out
