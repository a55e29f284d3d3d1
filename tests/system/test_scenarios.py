"""What can happen to TIM3 as a whole, each with the real five processes in both collateral modes; the invariants are
checked after every message and at rest. The numbers are those of the table in docs/protocol.md."""

from __future__ import annotations

from itertools import count
from random import Random
from typing import TYPE_CHECKING, Any

import play
import pytest
import tim3
from invariants import backing
from play import FREE, MODES, answers, ask, burn, claim, deposit, holds, mint, outcome, transfer, wait
from proof import sample
from rest import is_of_a_process
from views import C, L, S, T, U, tag, view, view_anew

from tim3tool.sim import Faults
from tim3tool.simulate import Scenario

if TYPE_CHECKING:
    from tim3tool.sim import Mail
    from tim3tool.simulate import World

both = pytest.mark.parametrize("mode", MODES)
TOKENS = (play.HERE / "token_double.lua").read_text()
DOUBLE = "Kind = '%s'\n"
EACH = [(mode, one) for mode in MODES for one in play.flow(mode)]
hops = pytest.mark.parametrize(("mode", "hop"), EACH, ids=[f"{mode}: {hop}" for mode, hop in EACH])


@both
def test_01_a_mint(mode: str):
    def script(world: World) -> None:
        id_ = mint(world, "alice", 100)
        assert outcome(world, id_) == "completed"
        assert tag(answers(world, "alice", "Mint-Complete")[-1], "Op-Id") == id_

    world = play.play(mode, script)
    assert holds(world, "alice") == (100, 900)


@both
def test_02_a_burn(mode: str):
    def script(world: World) -> None:
        mint(world, "alice", 100)
        assert outcome(world, burn(world, "alice", 100)) == "completed"

    world = play.play(mode, script)
    assert holds(world, "alice") == (0, 1000)
    assert view(world, T).sums["TotalSupply"] == 0


@both
def test_03_what_one_minted_another_burns(mode: str):
    def script(world: World) -> None:
        mint(world, "alice", 100)
        transfer(world, "alice", "bob", 60)
        burn(world, "bob", 60)

    world = play.play(mode, script)
    assert (holds(world, "alice"), holds(world, "bob")) == ((40, 900), (0, 1060))


@both
def test_04_partial_burns(mode: str):
    def script(world: World) -> None:
        mint(world, "alice", 100)
        for quantity in (1, 33, 66):
            assert outcome(world, burn(world, "alice", quantity)) == "completed"
        assert outcome(world, burn(world, "alice", 1)) == "rejected"

    assert holds(play.play(mode, script), "alice") == (0, 1000)


@both
@pytest.mark.parametrize("seed", range(5))
def test_05_many_users_at_once(mode: str, seed: int):
    def script(world: World) -> None:
        chance = Random(seed)
        for user in tim3.USERS * 2:
            play.post_mint(world, user, chance.randint(1, 90))
        while heads := world.network.heads():
            world.network.deliver(chance.choice(heads))
            world.after()

    world = play.play(mode, script)
    assert all(sum(holds(world, user)) == 1000 > holds(world, user)[1] for user in tim3.USERS)


@hops
def test_06_a_timeout_at_a_hop(mode: str, hop: str):
    def script(world: World) -> None:
        ids = play.posted(world, play.drop_first(world, hop))
        assert len(world.network.lost) == 1
        wait(world, 301_000)
        wait(world, 31_000)
        states = [outcome(world, id_) for id_ in ids if id_]
        assert not {"collateral", "held", "minting", "burning"} & set(states), states

    world = play.play(mode, script)
    assert sum(holds(world, "alice")) + view(world, L).held.get(world.address("alice"), 0) == 1000


@hops
def test_07_an_answer_that_comes_after_the_deadline(mode: str, hop: str):
    def script(world: World) -> None:
        held: list[int] = []

        def decide(mail: Mail, _number: int) -> None:
            if not held and play.is_between_processes(world, mail) and play.name_of(world, mail) == hop:
                held.append(mail.number)
                world.network.delay(mail, 400_000)
                world.network.advance(301_000)
                for process in (C, L, T):
                    world.post("dave", process, {"Action": "Tick"})

        play.posted(world, decide)
        assert held

    world = play.play(mode, script)
    assert sum(holds(world, "alice")) + view(world, L).held.get(world.address("alice"), 0) == 1000


@both
def test_08_every_message_twice(mode: str):
    def script(world: World) -> None:
        twice: set[str] = set()

        def decide(mail: Mail, _number: int) -> None:
            if play.is_between_processes(world, mail) and mail.id not in twice:
                twice.add(mail.id)
                world.network.duplicate(mail)

        play.posted(world, decide)
        claim(world, "alice")
        assert len(twice) > 10

    assert holds(play.play(mode, script), "alice") == (60, 940)


@both
def test_09_any_order_across_senders(mode: str):
    runner = play.Runner(tim3.made(mode), folder=play.HERE, faults=Faults(reorder=1))
    play.explored(runner, range(sample(25)))


@hops
def test_10_a_lost_message_and_a_nudge(mode: str, hop: str):
    def script(world: World) -> None:
        ids = play.posted(world, play.drop_first(world, hop))
        for _ in range(3):
            world.advance(11_000)
            for mail in world.network.lost:
                if play.name_of(world, mail).endswith("Credit-Notice"):  # anybody may push it again
                    world.network.resend(mail)
            for id_ in filter(None, ids):
                world.post("bob", C, {"Action": "Nudge", "Op-Id": id_})
            wait(world, 31_000)
        states = [outcome(world, id_) for id_ in ids if id_]
        assert set(states) <= {"completed", "rejected"}, states

    play.play(mode, script)


@both
@pytest.mark.parametrize("refund", [False, True], ids=["11 drain", "12 refund"])
def test_11_12_a_pause_in_the_middle_of_each_state(mode: str, refund: bool):
    for moment in range(len(play.flow(mode))):

        def script(world: World, moment: int = moment) -> None:
            moments = count()

            def decide(_mail: Mail, _number: int) -> None:
                if next(moments) == moment:
                    tags = {"Scope": "all", "Reason": "a drill", "Mode": "refund" if refund else "drain"}
                    world.post("owner", C, {"Action": "Pause", **tags})

            play.posted(world, decide)
            refused = ask(world, "bob", C, "Mint", Quantity="5")
            assert refused
            assert tag(refused, "Error-Code") == "paused"
            wait(world, 301_000)

        world = play.play(mode, script)
        states = {op.state for op in view(world, C).ops.values()}
        assert states <= {"completed", "rejected", "expired", *({"refunded"} if refund else ())}


@both
def test_13_collateral_disappears_and_comes_back(mode: str):
    def refresh(world: World) -> None:
        for _ in range(4):
            world.advance(61_000)
            ask(world, "bob", S, "Refresh")

    def script(world: World) -> None:
        mint(world, "alice", 100)
        refresh(world)
        assert view(world, S).facts["ratio"] == "10000"
        play.take_away(world, mode, 60)
        refresh(world)
        assert view(world, S).facts["level"] == "Critical"
        for user, action in (("bob", "Mint"), ("owner", "Unpause")):
            refused = ask(world, user, C, action, Quantity="5", Scope="mint")
            assert refused
            assert tag(refused, "Error-Code") == {"Mint": "paused", "Unpause": "critical"}[action]
        play.take_away(world, mode, -60)
        refresh(world)
        assert view(world, S).facts["level"] == "Normal"
        ask(world, "owner", C, "Unpause", Scope="mint")
        assert outcome(world, mint(world, "bob", 5)) == "completed"

    play.play(mode, script, but=play.TAKEN)


TIGHT = FREE | {
    "Max-In-Flight": "9", "User-Mint-24h": "150", "Block-Mint": "100", "User-Share-Percent": "60", "Supply-Cap": "120",
    "Unfunded-Percent": "50", "Max-Per-Op": "90",
}  # fmt: skip


@both
def test_14_limits_from_end_to_end_with_refunds(mode: str):
    def refused(world: World, quantity: int) -> str | None:
        before, had = len(answers(world, "alice", "Mint-Error")), holds(world, "alice")
        play.post_mint(world, "alice", quantity)
        world.settle()
        errors = answers(world, "alice", "Mint-Error")[before:]
        if not errors:
            return None
        if mode == "custody":
            assert tag(errors[0], "Payout-State") == "claimable"
            assert view(world, L).held[world.address("alice")] == quantity
            claim(world, "alice")
        assert holds(world, "alice") == had
        return tag(errors[0], "Error-Code")

    def script(world: World) -> None:
        assert refused(world, 91) == "above-maximum"
        assert refused(world, 61) == "block-limit"  # 60 percent of a block are one user's
        assert refused(world, 60) is None
        assert refused(world, 1) == "block-limit"
        wait(world, 120_000)
        assert refused(world, 60) is None
        wait(world, 120_000)
        assert refused(world, 31) == "user-limit"
        wait(world, 86_400_000 + 300_000)
        assert refused(world, 1) == "global-limit"  # the supply is at its cap
        burn(world, "alice", 50)
        assert refused(world, 50) is None
        wait(world, 120_000)
        intent = ask(world, "bob", C, "Mint", Quantity="50")
        assert intent
        assert tag(intent, "Error-Code") == "global-limit"
        assert tag(intent, "Remaining") == "0"

    world = play.play(mode, script, limits=tuple(TIGHT.items()))
    assert holds(world, "alice") == (120, 880)


@both
def test_14_a_refused_request_moves_nothing(mode: str):
    def script(world: World) -> None:
        refused = ask(world, "alice", C, "Mint", Quantity="91")
        assert refused
        assert (tag(refused, "Action"), tag(refused, "Limit")) == ("Mint-Error", "90")
        assert not view(world, C).ops

    play.play(mode, script, limits=tuple(TIGHT.items()))


@both
def test_15_answers_reflected_to_processes(mode: str):
    def script(world: World) -> None:
        mint(world, "alice", 100)
        burn(world, "alice", 30)
        before = [view(world, process).ops.items() for process in (L, T, C)]
        op = next(iter(view(world, C).ops))
        for process in tim3.PROCESSES:
            for target in (L, T, C):
                for action in ("Transfer", "Balance", "Mint", "Info", "Claim", "Total-Supply", "Unlock", "Op-Status"):
                    world.post(
                        "mallory",
                        process,
                        {
                            "Action": action, "Recipient": world.address("alice"), "Quantity": "5",
                            "Reply-To": world.address(target), "X-Reference": "7", "X-Op-Id": op, "Op-Id": op,
                        },
                    )  # fmt: skip
                    world.settle()
        after = [view(world, process).ops.items() for process in (L, T, C)]
        assert all(old <= new for old, new in zip(before, after, strict=True))

    assert holds(play.play(mode, script), "alice") == (70, 930)


@both
def test_16_every_message_pushed_again(mode: str):
    def script(world: World) -> None:
        mint(world, "alice", 100)
        burn(world, "alice", 40)
        before = [view(world, process).held for process in (U, L, T)]
        made = list(world.network.deliveries)
        replayed = [one for one in made if world.network.replay(one) is not None]
        world.settle()
        assert len(replayed) > 5
        assert before == [view(world, process).held for process in (U, L, T)]
        payouts = [one for one in made if tim3.is_of(world, one, L, U, "Transfer")]
        assert len(payouts) == (mode == "custody")
        assert not set(map(id, payouts)) & set(map(id, replayed))  # sent under a root message: a unit drops it

    play.play(mode, script)


def test_16_a49_a_pushed_payout_pays_twice_where_the_admin_allows_it():
    def script(world: World) -> None:
        ask(world, "owner", L, "Set-Limits", Push_Max_Per_Op="1000", Push_Max_Per_Day="1000")
        wait(world, 90_000_000)
        mint(world, "alice", 100)
        mint(world, "bob", 100)
        ask(world, "alice", C, "Burn", Quantity="100")
        assert holds(world, "alice") == (0, 1000)
        payout = next(one for one in world.network.deliveries if tim3.is_of(world, one, L, U, "Transfer"))
        assert world.network.replay(payout) is not None
        world.settle()

    runner = play.runner_of("custody")
    violated = runner.play(script).violation
    assert violated
    assert holds(runner.world, "alice") == (0, 1100) or "I11" in violated.invariant


def test_16_a49_a_release_that_comes_twice_is_paid_once_in_lock_mode():
    def script(world: World) -> None:
        mint(world, "alice", 100)
        mint(world, "bob", 100)
        burn(world, "alice", 100)
        paid = [one for one in world.network.deliveries if tim3.is_of(world, one, L, U, "Unlock")]
        assert len(paid) == 1
        for _ in range(2):
            world.network.repeat(paid[0])
            assert world.network.replay(paid[0]) is not None  # a pushed message: no unit drops it
            world.settle()
        assert holds(world, "alice") == (0, 1000)
        assert backing(world, "lock") == 100

    play.play("lock", script)


@both
def test_17_forged_clocks(mode: str):
    def script(world: World) -> None:
        clocks = {process: view(world, process).now for process in (C, L, T, U)}
        for name in ("Timestamp", "Id", "Block-Height", "Cron", "Module", "Nonce", "Epoch", "Hash-Chain"):
            for target, action in (
                (C, "Mint"),
                (C, "Burn"),
                (T, "Transfer"),
                (U, "Transfer"),
                (C, "Pause"),
                (L, "Claim"),
            ):
                tags = {"Quantity": "5", "Recipient": world.address("bob"), "Scope": "all", name: "99999999999999"}
                user = "owner" if action == "Pause" else "alice"
                refused = ask(world, user, target, action, **tags)
                assert refused
                assert tag(refused, "Error-Code") == "tainted", (action, name)
        assert clocks == {process: view(world, process).now for process in (C, L, T, U)}
        assert outcome(world, mint(world, "bob", 5)) == "completed"

    play.play(mode, script)


@both
def test_17_a40_what_is_assigned_to_another_process_changes_nothing(mode: str):
    orders = {U: ("owner", "Mint"), T: ("alice", "Transfer"), C: ("owner", "Pause")}

    def script(world: World) -> None:
        mint(world, "alice", 100)
        tags = {"Quantity": "5", "Recipient": world.address("bob"), "Scope": "all"}
        for process, (sender, action) in orders.items():
            before, id_ = view_anew(world, process), world.address(process)
            for target in (world.address("another process"), id_):
                named = [{"name": name, "value": value} for name, value in (tags | {"Action": action}).items()]
                message = {
                    "Target": target,
                    "From": world.address(sender),
                    "Owner": world.address(sender),
                    "Tags": named,
                }
                message |= {"Id": world.address(f"to {target}"), "Timestamp": before.now, "Block-Height": before.block}
                sent = world.network.process(id_).handle(message).messages
                assert view_anew(world, process).is_like(before) == (target != id_)
                assert target == id_ or not [one for one in sent if tag(one, "Action")]

    play.play(mode, script, is_checked=False)


@both
def test_18_a_coordinator_that_orders_what_it_may_not(mode: str):
    """What chance lets it say is in test_rogue.py; this is what it would want to say."""

    def script(world: World) -> None:
        mint(world, "alice", 100)
        mallory = world.address("mallory")
        commands = (
            (T, "Mint", {}), (T, "Burn", {}), (L, "Release-Order", {}), (L, "Deposit-Decision", {"Decision": "accept"}),
            (T, "Voucher", {}), (L, "Voucher-Void", {}), (T, "Release-Ack", {"Result": "failed"}), (L, "Claim", {}),
        )  # fmt: skip
        for id_ in (next(iter(view(world, C).ops)), "900-" + "x" * 43):
            for target, action, further in commands:
                tags = {"Action": action, "Op-Id": id_, "User": mallory, "Quantity": "50", **further}
                world.post(C, target, tags)
                world.settle()
        assert holds(world, "mallory") == (0, 0)
        assert holds(world, "alice") == (100, 900)

    play.play(mode, script)


@both
@pytest.mark.parametrize("way", ["crash", "upgrade"])
def test_19_a_process_is_reloaded_in_the_middle(mode: str, way: str):
    for process in tim3.PROCESSES:

        def script(world: World, process: str = process) -> None:
            def decide(_mail: Mail, _number: int) -> None:
                id_ = world.address(process)
                world.network.restart(id_) if way == "crash" else world.network.upgrade(id_)

            play.posted(world, decide)
            claim(world, "alice")

        assert holds(play.play(mode, script), "alice") == (60, 940)


@both
def test_20_what_was_pruned_and_comes_again(mode: str):
    def script(world: World) -> None:
        for process in (C, L, T):
            ask(world, "owner", process, "Set-Limits", Keep_Ops="1", Keep_Ms="0")
        world.advance(86_400_001)  # less is looser
        for quantity in (10, 20, 30, 40):
            mint(world, "alice", quantity)
            world.advance(1_000)
            burn(world, "alice", quantity // 10)
        assert all(len(view(world, process).ops) < 6 for process in (C, T))
        before = [view(world, process).held for process in (U, L, T)]
        for delivery in [one for one in world.network.deliveries if is_of_a_process(world, one)]:
            world.network.repeat(delivery)
            world.network.replay(delivery)
        wait(world, 400_000)
        assert before == [view(world, process).held for process in (U, L, T)]
        assert backing(world, mode) == view(world, T).sums["TotalSupply"]

    play.play(mode, script)


def misconfigured(fault: str, where: str) -> str:
    """Configure all processes with one mistake, and return what the coordinator says to Activate."""
    scenario = Scenario("misconfigured", actions=0)
    answered: list[str] = []

    @scenario.setup
    def start(world: World) -> None:
        for process in tim3.PROCESSES:
            other = DOUBLE % "blueprint" + "Denomination = '6'\n" + TOKENS if fault == "denomination" else None
            is_deaf = (fault, where) == ("authority", process)
            world.network.authority = world.address("another unit" if is_deaf else "the unit")
            world.spawn(process, source=other if process == U else None)
        world.network.authority = world.address("the unit")
        config = {"Action": "Configure", "Collateral-Mode": "custody"}
        config |= {name: world.address(peer) for name, peer in tim3.PEERS.items()}
        for process in (L, T, S, C):
            change = {"State-Manager" if where != S else "Token-Manager": world.address("typo")}
            mistake = change if fault == "peer" else {"Collateral-Mode": "lock"}
            wrong = mistake if fault in ("peer", "mode") and process == where else {}
            world.send("owner", process, config | wrong)
        for _ in range(2):
            ask(world, "owner", C, "Activate")
            world.advance(60_000)
        answered.extend(str(tag(message, "Action")) for message in world.network.mail(world.address("owner")))
        refused = ask(world, "alice", C, "Mint", Quantity="5" + "0" * 12)
        assert (fault, where) == ("none", "nowhere") or (refused and tag(refused, "Error-Code") == "not-active")

    play.Runner(scenario, folder=play.HERE)
    return answered[-1]


FAULTS = [(fault, process) for fault in ("peer", "mode", "authority") for process in (L, T, S, C)]


@pytest.mark.parametrize(("fault", "where"), [*FAULTS, ("denomination", U)])
def test_21_a38_nothing_starts_while_something_is_configured_otherwise(fault: str, where: str):
    assert misconfigured(fault, where) == "Activate-Error"


def test_21_nothing_else_keeps_the_system_from_starting():
    assert misconfigured("none", "nowhere") == "Activate-Ok"


@both
def test_22_a_flood_of_junk(mode: str):
    def sizes(world: World) -> list[int]:
        kept = "(function() collectgarbage() return math.tointeger(collectgarbage('count') * 1024 // 1) end)()"
        return [world.read(process, kept) for process in tim3.PROCESSES]

    def flood(world: World, chance: Random, many: int) -> None:
        actions = ("Junk", "Mint-Error", "Credit-Notice", "Voucher", "Balance-Error", "mint", "MINT", "", "__index")
        for _ in range(many):
            tags = {"Action": chance.choice(actions), "Op-Id": "x" * chance.randint(0, 200), "Quantity": "-1"}
            world.post(
                f"user {chance.randint(1, 50)}", chance.choice(tim3.PROCESSES), tags, "x" * chance.randint(0, 900)
            )
            world.settle()

    def script(world: World) -> None:
        mint(world, "alice", 100)
        chance = Random(7)
        flood(world, chance, 200)
        views, before = [view(world, one) for one in tim3.PROCESSES], sizes(world)
        flood(world, chance, sample(1000))
        assert all(view(world, one).is_like(old) for one, old in zip(tim3.PROCESSES, views, strict=True))
        assert all(now < 1.1 * old for old, now in zip(before, sizes(world), strict=True)), (before, sizes(world))
        assert not any(world.network.mail(world.address(f"user {number}")) for number in range(1, 51))

    play.play(mode, script)


@both
def test_23_errors_that_keep_their_effects(mode: str):
    play.explored(play.runner_of(mode, raw=True), range(sample(2)))


@both
def test_24_depth_first_and_by_the_names_of_numbers(mode: str):
    def script(world: World) -> None:
        mint(world, "alice", 100)
        burn(world, "alice", 40)

    assert holds(play.play(mode, script, order="depth-first"), "alice") == (60, 940)
    play.explored(play.runner_of(mode, order="depth-first"), range(sample(2)))


@pytest.mark.parametrize("kind", ["blueprint", "without X- tags", "strict, with zeros"])
def test_25_other_tokens_in_custody(kind: str):
    def there(world: World, user: str) -> int:
        return int(world.read(U, f"Balances['{world.address(user)}'] or '0'"))

    def backed(world: World) -> None:
        assert view(world, L).problem is view(world, T).problem is None
        sums = view(world, L).sums
        assert view(world, T).sums["TotalSupply"] <= sums["Credits"] - sums["Payouts"] <= there(world, L)

    def script(world: World) -> None:
        if kind.startswith("strict"):  # what it cannot send is its whole balance
            ask(world, "owner", U, "Mint", Quantity="5")
            deposit(world, "owner", 1, X_Action="Top-Up")
        mint(world, "alice", 100)
        deposit(world, "bob", 50)
        backed(world)
        assert view(world, T).held == {world.address("alice"): 100, world.address("bob"): 50}
        before = view(world, L).sums
        for quantity in ("0x10", "+7", "007", "0", str(2**256 + 5)):
            ask(world, "bob", U, "Transfer", Recipient=world.address(L), Quantity=quantity)
            backed(world)
        ask(world, "bob", U, "Burn", Recipient=world.address(L), Quantity="9")
        assert view(world, L).sums == before
        ask(world, "owner", U, "Mint", Recipient=world.address(L), Quantity="7")  # to whom did the token say so?
        backed(world)
        burn(world, "alice", 100)
        burn(world, "bob", 50)
        backed(world)
        assert there(world, "alice") == 1000
        assert not view(world, L).held

    play.play("custody", script, but=("I2 I8",), usda=DOUBLE % kind + TOKENS)


@pytest.mark.parametrize("kind", ["blueprint", "without X- tags", "strict, with zeros"])
def test_25_a_token_without_locks_in_lock_mode_costs_nobody(kind: str):
    def script(world: World) -> None:
        ask(world, "alice", C, "Mint", Quantity="100")
        wait(world, 301_000)
        deposit(world, "bob", 50)  # nobody asked for it
        assert view(world, T).sums["TotalSupply"] == 0
        assert view(world, U).held[world.address("alice")] == 1000
        refused = ask(world, "alice", L, "Claim")
        assert refused
        assert tag(refused, "Error-Code") == "nothing-to-claim"
        assert view(world, L).sums["Quarantined"] == 50

    # nothing answers, so that the mint waits for ever; the books of locks know nothing of what is in quarantine
    play.play("lock", script, but=("I14 I18", "I2 I8"), usda=DOUBLE % kind + TOKENS)


@both
def test_26_what_a_frontend_reads_is_what_there_is(mode: str):
    def said(message: dict[str, Any] | None, name: str) -> str | None:
        assert message
        return tag(message, name)

    def script(world: World) -> None:
        minted, burned = mint(world, "alice", 100), burn(world, "alice", 30)
        alice = world.address("alice")
        assert said(ask(world, "bob", T, "Balance", Recipient=alice), "Balance") == "70"
        total = ask(world, "bob", T, "Total-Supply")
        assert total
        assert total["Data"] == "70"
        assert (said(ask(world, "bob", T, "Info"), "Ticker"), said(ask(world, "bob", T, "Info"), "Denomination")) == (
            "TIM3",
            "12",
        )
        for id_, kind in ((minted, "mint"), (burned, "burn")):
            status = ask(world, "bob", C, "Op-Status", Op_Id=id_)
            assert [said(status, name) for name in ("Kind", "State", "User")] == [kind, "completed", alice]
        assert said(ask(world, "bob", C, "Limits", User=alice), "User-In-Flight") == "0"
        assert said(ask(world, "bob", L, "Claimable", User=alice), "Quantity") == "0"
        ask(world, "bob", S, "Refresh")
        status = ask(world, "bob", S, "Status")
        assert [said(status, name) for name in ("Level", "Ratio", "Supply")] == ["Normal", "10000", "70"]

    play.play(mode, script)
