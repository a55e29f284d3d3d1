"""What a deploy makes of answers: expected replies, smoke checks, and code that goes with the spawn."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from tim3tool.bundle import build
from tim3tool.deploy.apply import deploy
from tim3tool.deploy.state import load as load_state
from tim3tool.errors import LimitExceeded, ManifestError, NetworkError, ProcessFailed, StateError, Unfinished, explain
from tim3tool.network.embedded import Embedded
from tim3tool.network.log import Log
from tim3tool.project import load

LEDGER = """
Total = Total or 0
Handlers.add("mint", "Mint", function(msg)
  Total = Total + tonumber(msg.Quantity)
  print("minted " .. msg.Quantity)
  msg.reply{ Action = "Minted", Total = tostring(Total), Data = '{"total": ' .. Total .. '}' }
end)
Handlers.add("info", "Info", function(msg)
  Total = Total + 1000
  msg.reply{ Action = "Told", Total = tostring(Total), Asker = msg.From }
end)
Handlers.add("break", "Break", function() error("broken on purpose") end)
"""


class World:
    """A project with one process, its wallet and the network `local`."""

    def __init__(self, root, wallet):
        self.root, self.wallet, self.now = root, wallet, 1_800_000_000_000
        (root / "ledger.lua").write_text(LEDGER)

    def write(self, keys, *, lua=None):
        (self.root / "aoform.yaml").write_text(f"processes:\n  ledger:\n    entry: ledger.lua\n{keys}")
        if lua is not None:
            (self.root / "ledger.lua").write_text(lua)

    @property
    def port(self):
        def clock():
            self.now += 1
            return self.now

        return Embedded(self.root / ".tim3" / "networks" / "local.sqlite", clock=clock)

    def deploy(self, *, port=None, **options):
        manifest = load(self.root / "aoform.yaml")
        bundles = {s.name: build(s.entry, name=s.name, root=self.root) for s in manifest.processes.values()}
        steps = options.pop("steps", [])
        return deploy(
            manifest,
            bundles,
            port=port or self.port,
            wallet=self.wallet,
            environ={},
            report=steps.append,
            **options,
        )

    def refusal(self, error=ProcessFailed, **options):
        with pytest.raises(error) as caught:
            self.deploy(**options)
        return explain(caught.value).replace(f"{self.root}/", "")

    @property
    def state(self):
        return load_state(self.root / ".tim3" / "state" / "local.json", network="local").processes["ledger"]

    @property
    def items(self):
        return [entry.item for entry in Log(self.root / ".tim3" / "networks" / "local.sqlite", patience=1).after(0)]

    @property
    def sent(self):
        return Counter(item.tag("Action") or item.tag("Type") for item in self.items)

    def read(self, expression):
        tags = [("Action", "Eval")]
        code = f"return tostring({expression})"
        return self.port.dry_run(self.state.id, owner=self.wallet.address, tags=tags, data=code).text


@pytest.fixture
def world(tmp_path, wallet):
    return World(tmp_path, wallet)


MINT = '    setup:\n      - {action: Mint, tags: {Quantity: "5"}, expect: %s}\n'
ONCE = {"Process": 1, "Eval": 1, "Mint": 1}


def test_a_reply_that_is_as_expected(world):
    world.write(MINT % "[{action: Minted, tags: {Total: 5}}, {json: {total: 5}}, {output: minted 5}]")
    assert world.deploy().sent == 3
    assert world.state.setup["1-Mint"].met
    assert world.deploy().sent == 0
    assert world.sent == ONCE


def test_another_reply_fails_the_deploy_and_the_message_is_not_sent_again(world):
    world.write(MINT % '{action: Minted, tags: {Total: "7"}}')
    told = world.refusal()
    assert told.startswith(
        "error: the set-up message `1-Mint` of `ledger` was not answered as expected\n --> aoform.yaml:5:55\n"
    )
    assert "note: Total: expected `7`, came `5`" in told
    assert "help: it was handled, and is not sent again" in told
    assert world.state.setup["1-Mint"].met is None
    for _ in range(2):
        assert world.refusal() == told
    assert world.sent == ONCE
    assert world.read("Total") == "5"


def test_a_corrected_expectation_is_compared_with_the_same_answer(world):
    world.write(MINT % '{tags: {Total: "7"}}')
    world.refusal()
    world.write(MINT % '{tags: {Total: "5"}}')
    assert world.deploy().sent == 0
    assert world.sent == ONCE
    assert not world.deploy().changed


def test_a_message_of_another_name_is_sent_once_more(world):
    world.write(MINT % '{tags: {Total: "10"}}')
    world.refusal()
    world.write((MINT % '{tags: {Total: "10"}}').replace("{action", "{name: again, action"))
    assert world.deploy().sent == 1
    assert world.sent == ONCE | {"Mint": 2}


def test_an_expectation_that_comes_later_is_compared_too(world):
    world.write((MINT % "x").replace(", expect: x", ""))
    world.deploy()
    assert world.state.setup["1-Mint"].met is None
    world.write(MINT % "{action: Burnt}")
    assert "Action: expected `Burnt`, came `Minted`" in world.refusal()
    assert world.sent == ONCE


def test_what_comes_after_an_unexpected_answer_waits(world):
    world.write((MINT % "{action: Burnt}") + '      - {action: Mint, tags: {Quantity: "1"}}\n')
    world.refusal()
    assert world.sent == ONCE
    world.write((MINT % "{action: Minted}") + '      - {action: Mint, tags: {Quantity: "1"}}\n')
    assert world.deploy().sent == 1


def test_a_message_that_raised_is_sent_again_and_then_compared(world):
    world.write(MINT.replace("Mint", "Break") % "{action: Minted}")
    assert "broken on purpose" in world.refusal()
    world.write(MINT.replace("Mint", "Break") % "{action: Mended}", lua=LEDGER.replace('error("broken on purpose")', "Send{Target = Owner, Action = 'Mended'}"))  # fmt: skip
    world.deploy()
    assert world.sent == {"Process": 1, "Eval": 2, "Break": 2}


RESENT = MINT.replace("expect: %s", "expect: %s, resend: true")


def test_a_message_that_may_be_sent_again_is_until_it_is_answered_as_expected(world):
    world.write(RESENT % '{tags: {Total: "15"}}')
    for _ in range(2):
        told = world.refusal()
        assert told.endswith("help: the next deploy sends it again")
        assert world.state.setup == {}
    assert world.deploy().sent == 1
    assert world.deploy().sent == 0
    assert world.sent == ONCE | {"Mint": 3}


@pytest.mark.parametrize("calls", range(6))
def test_a_deploy_that_was_stopped_sends_no_message_twice_before_its_answer_was_seen(world, calls):
    world.write(RESENT % "{action: Burnt}")
    with pytest.raises(Unfinished if calls else NetworkError):
        world.deploy(port=Silent(world.port, calls))
    world.refusal()
    assert world.sent == ONCE


class Silent:
    """A network that answers nothing more from the n-th call on."""

    def __init__(self, port, calls):
        self._port, self._left = port, calls
        self.name, self.terms, self.scheduler, self.authority = port.name, port.terms, port.scheduler, port.authority

    def __getattr__(self, name):
        method = getattr(self._port, name)

        def called(*args, **kwargs):
            self._left -= 1
            if self._left < 0:
                msg = "no answer"
                raise NetworkError(msg)
            return method(*args, **kwargs)

        return called


@pytest.mark.parametrize("calls", range(6))
def test_a_deploy_that_was_stopped_compares_the_answer_when_it_goes_on(world, calls):
    world.write(MINT % "{action: Burnt}")
    with pytest.raises(Unfinished if calls else NetworkError):
        world.deploy(port=Silent(world.port, calls))
    assert "expected `Burnt`" in world.refusal()
    assert world.sent == ONCE


def test_a_state_that_does_not_say_whether_an_answer_was_met_is_read(world):
    world.write(MINT % "{action: Minted}")
    world.deploy()
    file = world.root / ".tim3" / "state" / "local.json"
    document = json.loads(file.read_text())
    del document["processes"]["ledger"]["setup"]["1-Mint"]["met"]
    file.write_text(json.dumps(document))
    assert world.deploy().sent == 0
    assert world.state.setup["1-Mint"].met
    document["processes"]["ledger"]["setup"]["1-Mint"]["met"] = 7
    file.write_text(json.dumps(document))
    with pytest.raises(StateError, match="damaged"):
        world.deploy()


# Smoke checks --------------------------------------------------------------------------------------------------------

INFO = "    smoke:\n      - {action: Info, expect: %s}\n"


def test_a_smoke_check_is_asked_after_each_deploy_and_changes_nothing(world):
    world.write(INFO % '{action: Told, tags: {Asker: "{{ owner }}"}}')
    for _ in range(2):
        deployment = world.deploy()
        assert deployment.as_dict()["smoke"] == ({"process": "ledger", "name": "1-Info", "ok": True, "message": None},)
    assert world.sent == {"Process": 1, "Eval": 1}
    assert world.read("Total") == "0"


def test_a_smoke_check_that_fails_says_so_and_undoes_nothing(world):
    world.write(
        (INFO % "{action: Old}")
        + "      - {name: nobody, action: Nothing}\n"
        + f"      - {{action: Info, from: {'a' * 43}, expect: {{tags: {{Asker: {'a' * 43}}}}}}}\n"
        + "      - {name: breaks, action: Break}\n"
    )
    told = world.refusal()
    assert told.startswith(
        "error: the smoke check `1-Info` of `ledger` was not answered as expected\n --> aoform.yaml:5:32\n"
    )
    assert "note: Action: expected `Old`, came `Told`" in told
    assert "note: the smoke check `nobody` of `ledger` was taken by no handler and went to the Inbox" in told
    assert "note: the smoke check `breaks` of `ledger` failed: " in told
    assert "3-Info" not in told
    assert "help: all is deployed, and nothing was undone" in told
    assert world.state.code_hash
    assert world.deploy(smoke=False).smoke == ()
    assert world.sent == {"Process": 1, "Eval": 1}


def test_a_smoke_check_that_raises_is_shown_at_its_line(world):
    world.write("    smoke: [{action: Break}]\n")
    assert " --> ledger.lua:12\n" in world.refusal()


def test_where_nobody_may_say_who_asks_that_is_said_before_anything_is_sent(world):
    from tim3tool.network.terms import HYPERBEAM

    class Nobody(Silent):
        terms = HYPERBEAM

        def __init__(self, port):
            super().__init__(port, 100)
            self.terms = HYPERBEAM

    world.write(f"    smoke: [{{action: Info, from: {'a' * 43}}}]\n")
    told = world.refusal(ManifestError, port=Nobody(world.port))
    assert told.startswith("error: network `local` does not let a smoke check say who asks\n --> aoform.yaml:4:34\n")
    assert world.items == []
    world.deploy(port=Nobody(world.port), smoke=False)
    world.write(INFO % "{action: Told}")
    world.deploy(port=Nobody(world.port))


# Code with the spawn -------------------------------------------------------------------------------------------------

BOOT = "    onBoot: true\n"


def test_code_goes_with_the_spawn_and_later_code_as_an_eval(world):
    world.write(BOOT)
    steps, plans = [], []
    assert world.deploy(steps=steps, review=plans.append).sent == 1
    assert (plans[0].items, plans[0].changes[0].lines) == (1, ("code with the spawn: 1 source",))
    (spawn,) = world.items
    assert (spawn.tag("On-Boot"), spawn.tag("Type")) == ("Data", "Process")
    assert [step.kind for step in steps] == ["spawn"]
    assert world.state.eval_message == spawn.id == world.state.id
    assert world.state.modules == {"ledger.lua": world.state.modules["ledger.lua"]}
    assert world.read("Total") == "0"
    assert world.deploy().sent == 0
    world.write(BOOT, lua=LEDGER + "More = 1\n")
    assert world.deploy().sent == 1
    assert world.sent == {"Process": 1, "Eval": 1}
    assert world.read("More") == "1"


def test_to_give_code_with_the_spawn_is_no_change_of_a_living_process(world):
    world.write("")
    world.deploy()
    world.write(BOOT)
    assert world.deploy().sent == 0


def test_code_that_cannot_boot_is_no_process_and_the_next_run_spawns_another(world):
    (world.root / "before.lua").write_text("Pre = 1\n")
    world.write(BOOT + "    prerun: before.lua\n", lua="Count = 1\nerror('no boot')\n")
    told = world.refusal()
    assert told.startswith("error: the spawn of `ledger` failed: no boot\n --> ledger.lua:2\n")
    (first,) = world.items
    assert f"help: process `{first.id}` is of no use; mend the code, and the next deploy spawns another" in told
    world.write(BOOT, lua="Count = 1\n")
    assert world.deploy().sent == 1
    assert world.state.id != first.id
    assert world.read("Count") == "1"
    assert world.sent == {"Process": 2}


@pytest.mark.parametrize("calls", range(2))
def test_a_spawn_with_code_that_was_stopped_goes_on(world, calls):
    world.write(BOOT)
    with pytest.raises(Unfinished if calls else NetworkError):
        world.deploy(port=Silent(world.port, calls))
    world.deploy()
    assert world.sent == {"Process": 1}
    assert world.state.code_hash


def test_a_spawn_with_broken_code_that_was_stopped_is_mended_in_one_run(world):
    world.write(BOOT, lua="error('no boot')\n")
    with pytest.raises(Unfinished):
        world.deploy(port=Silent(world.port, 1))
    world.write(BOOT, lua="Count = 1\n")
    world.deploy()
    assert world.sent == {"Process": 2}
    assert world.read("Count") == "1"


def test_code_too_large_for_a_spawn_is_refused_before_anything_is_sent(world):
    world.write(BOOT, lua=f"x = '{'y' * 99_000}'\n")
    told = world.refusal(LimitExceeded)
    assert "the code of `ledger` has 99," in told
    assert "a spawn may carry 97,2" in told
    assert world.items == []


def test_a_network_changes_what_is_sent(world):
    world.write(
        "    tags: {Stage: one}\n    networks:\n      local: {tags: {stage: two}, onBoot: true, setup: [{action: Info}]}\n"
    )
    assert world.deploy().sent == 2
    assert (world.items[0].tag("stage"), world.items[0].tag("Stage"), world.items[0].tag("On-Boot")) == (
        "two",
        None,
        "Data",
    )


COMPARED = """
    smoke:
      - name: equal
        action: Info
        expect: {tags: {Total: "{{ answers['bank']['Total'] }}"}}
"""
BANK = """
  bank:
    entry: ledger.lua
    smoke: [{name: first, action: Info}]
"""


def two(world, *, lua=LEDGER):
    """Write a bank, and a ledger whose total must be the bank's."""
    world.write("", lua=LEDGER)
    (world.root / "other.lua").write_text(lua)
    manifest = f"processes:{BANK}  ledger:\n    entry: other.lua\n{COMPARED}"
    (world.root / "aoform.yaml").write_text(manifest)


def test_a_smoke_check_compares_with_what_another_process_answered(world):
    two(world)
    assert [each["name"] for each in world.deploy().smoke] == ["first", "equal"]
    two(world, lua=LEDGER + "Total = 7\n")
    told = world.refusal()
    assert "the smoke check `equal` of `ledger` was not answered as expected" in told
    assert "Total: expected `1000`, came `1007`" in told


def test_a_comparison_with_a_process_that_is_not_asked_is_left_out(world):
    two(world)
    world.deploy(smoke=False)
    assert world.deploy(only=["ledger"]).smoke == ()


def test_a_comparison_with_an_answer_that_is_not_there_fails_and_shows_its_place(world):
    two(world)
    manifest = world.root / "aoform.yaml"
    manifest.write_text(manifest.read_text().replace("['Total']", "['Sum']"))
    told = world.refusal()
    assert "no smoke check before this one was answered by `bank` with `Sum`" in told
    assert "aoform.yaml:11:" in told
    assert "help: processes are asked in the order of the manifest; check `bank` first" in told


# What a process runs is read back ------------------------------------------------------------------------------------


FOREIGN = "package.loaded['tim3tool.build'] = {hash = ('f'):rep(64)} "


def test_code_that_is_not_in_force_afterwards_is_told(world):
    world.write("", lua=FOREIGN + LEDGER)
    told = world.refusal()
    assert told.startswith("error: process `ledger` took its code, and yet runs build `ffffffffffff` and not build `")
    assert world.refusal() == told  # what drifts at once is given its code in vain
    world.write("", lua=LEDGER)
    assert world.deploy().changed


def test_it_is_not_read_back_with_no_smoke_nor_from_who_gave_up_its_owner(world):
    world.write("", lua=FOREIGN + LEDGER)
    assert world.deploy(smoke=False).changed
    world.write("", lua=LEDGER + "Owner = nil\n")
    assert world.deploy().changed
