"""What the processes and users say to each other has the shape that docs/protocol.md promises, all of it is said, and
nothing else is."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import play
import pytest
import tim3
from play import MODES, ask, burn, claim, mint, runner_of
from views import C, L, S, T, U, tag

if TYPE_CHECKING:
    from tim3tool.simulate import World

# sender, receiver, action, its tags; `both`, `custody` or `lock`: the mode in which it is said
SHAPES: Final = """
user coordinator Mint Quantity both
user coordinator Burn Quantity both
coordinator lock-manager Lock-Collateral Op-Id,User,Quantity,Deadline lock
coordinator lock-manager Expect-Deposit Op-Id,User,Quantity,Deadline custody
lock-manager coordinator Collateral-Held Op-Id,User,Quantity both
lock-manager coordinator Collateral-Failed Op-Id,Error-Code lock
lock-manager mock-usda Lock Lock-Id,User,Quantity lock
mock-usda lock-manager Lock-Confirmed Lock-Id lock
mock-usda lock-manager Lock-Error Lock-Id,Error-Code lock
mock-usda lock-manager Credit-Notice Sender,Quantity,Reference custody
lock-manager coordinator Deposit-Received Op-Id,User,Quantity custody
coordinator lock-manager Deposit-Decision Op-Id,Decision custody
lock-manager token-manager Voucher Op-Id,User,Quantity both
token-manager lock-manager Voucher-Ack Op-Id both
token-manager lock-manager Voucher-Used Op-Id,Quantity both
token-manager lock-manager Voucher-Void Op-Id,Quantity both
lock-manager token-manager Ack Op-Id both
coordinator token-manager Mint Op-Id,User,Quantity both
token-manager coordinator Mint-Confirmed Op-Id,User,Quantity both
token-manager coordinator Mint-Waiting Op-Id both
token-manager user Credit-Notice Sender,Quantity both
coordinator lock-manager Cancel-Collateral Op-Id both
lock-manager coordinator Collateral-Cancelled Op-Id,Result both
lock-manager coordinator Collateral-Returned Op-Id,Result both
coordinator token-manager Cancel-Mint Op-Id both
token-manager coordinator Mint-Cancelled Op-Id,Result both
coordinator token-manager Burn Op-Id,User,Quantity both
coordinator token-manager Cancel-Burn Op-Id both
token-manager coordinator Burn-Confirmed Op-Id,User,Quantity both
token-manager coordinator Burn-Rejected Op-Id,Error-Code both
token-manager coordinator Burn-Cancelled Op-Id both
token-manager user Debit-Notice Quantity both
token-manager lock-manager Release-Order Op-Id,User,Quantity both
lock-manager token-manager Release-Ack Op-Id,Result,Payout-State both
lock-manager coordinator Release-Ack Op-Id,Result,Payout-State both
user lock-manager Claim - custody
lock-manager user Claim-Sent Quantity,Payout-Id custody
lock-manager user Claim-Error Error-Code,Error,Message-Id custody
lock-manager mock-usda Transfer Recipient,Quantity,X-Action,X-Op-Id custody
lock-manager mock-usda Capture Lock-Id lock
mock-usda lock-manager Capture-Confirmed Lock-Id lock
lock-manager mock-usda Unlock - lock
mock-usda lock-manager Unlock-Confirmed - lock
coordinator user Mint-Pending Op-Id,Quantity,Deadline,Collateral-Mode both
coordinator user Mint-Complete Op-Id,Quantity,Outcome both
coordinator user Mint-Failed Op-Id,Quantity,Outcome both
coordinator user Mint-Error Error-Code,Error both
coordinator user Burn-Pending Op-Id both
coordinator user Burn-Complete Op-Id,Quantity,Outcome,Payout-State both
coordinator user Burn-Failed Op-Id,Quantity,Outcome both
state-manager token-manager Get-Report Round both
state-manager lock-manager Get-Report Round both
state-manager coordinator Get-Report Round both
token-manager state-manager Report Role,Seq,Round,Minted,Burned,Restored,Supply both
lock-manager state-manager Report Role,Seq,Round,Vouched,Voided,Released,Returned,Collateral,Backing both
coordinator state-manager Report Role,Seq,Round,Risk,In-Flight both
state-manager coordinator Risk-Alert Level,Code,Evidence both
state-manager user Refresh-Ok Round both
state-manager user Refresh-Error Error-Code,Error,Message-Id,Retry-After-Ms both
state-manager user Status-Reply Level,Ratio,Net-Ratio,Supply,Backing,Round both
state-manager user History-Reply Last both
lock-manager user Claimable-Reply User,Quantity both
lock-manager user Set-Payee-Ok Payee custody
lock-manager user Set-Payee-Error Error-Code,Error,Message-Id both
lock-manager user Resolve-Ok Payout-Id,Verdict custody
coordinator user Op-Status-Reply Op-Id,Kind,State,User,Quantity,Deadline,Outcome both
coordinator user Op-Status-Error Error-Code,Error,Message-Id both
coordinator user Limits-Reply User,Mint-Remaining,Burn-Remaining,Min-Amount,Supply-Cap,User-In-Flight both
coordinator user Nudge-Ok Op-Id,State both
coordinator user Nudge-Error Error-Code,Error,Message-Id both
coordinator user Configure-Ok Config-Hash both
coordinator user Activate-Ok Config-Hash both
coordinator user Set-Limits-Ok Min-Amount both
coordinator user Pause-Ok Scope both
coordinator user Unpause-Ok Scope both
coordinator user Set-Guardian-Ok Guardian both
coordinator user Transfer-Admin-Ok Admin both
coordinator user Propose-Config-Ok Config-Hash,Apply-At both
coordinator user Admin-Log-Reply Last both
coordinator user Alarms-Reply Last both
coordinator lock-manager Hello Role,Config-Hash,Version both
lock-manager coordinator Hello-Ack Role,Config-Hash,Version both
"""
# What only the admin may say, and to whom; anybody else gets an error that says why.
ADMIN: Final = """
coordinator Configure Activate Set-Limits Pause Unpause Set-Guardian Transfer-Admin Propose-Config Apply-Config
lock-manager Configure Set-Limits Transfer-Admin Resolve Propose-Config Apply-Config
token-manager Configure Set-Limits Transfer-Admin Propose-Config Apply-Config
state-manager Configure Set-Limits Transfer-Admin Propose-Config Apply-Config
"""
ROWS: Final = [
    (sender, receiver, action, () if tags == "-" else tuple(tags.split(",")), mode)
    for sender, receiver, action, tags, mode in (line.split() for line in SHAPES.split("\n") if line)
]
SEEDS: Final = 12


def said(world: World) -> dict[tuple[str, str, str], list[dict[str, Any]]]:
    """Return what was said, by sender, receiver and action."""
    found: dict[tuple[str, str, str], list[dict[str, Any]]] = {}

    def role(address: str) -> str:
        name = world.name(address)
        return name if name in tim3.PROCESSES else "user"

    messages = [one.message for one in world.network.deliveries]
    for user in (*tim3.USERS, "owner", "guardian"):
        messages += world.network.mail(world.address(user))
    for message in messages:
        key = (role(str(message["From"])), role(str(message["Target"])), tag(message, "Action") or "")
        found.setdefault(key, []).append(message)
    return found


@pytest.mark.parametrize("mode", MODES)
def test_all_that_is_documented_is_said_with_its_tags(mode: str):
    runner = runner_of(mode)
    heard: dict[tuple[str, str, str], int] = {}
    shapes = {row[:3]: row[3] for row in ROWS}

    def note(world: World) -> None:
        for key, messages in said(world).items():
            heard[key] = heard.get(key, 0) + len(messages)
            for message in messages:
                if key[0] != "user":
                    missing = [name for name in shapes.get(key, ()) if tag(message, name) is None]
                    assert not missing, (key, missing, message)

    for seed in range(SEEDS):
        assert runner.explore(seed).violation is None
        note(runner.world)
    for script in (_refused, _waiting, _late, _read, _ruled, _resolved if mode == "custody" else _read):
        note(play.play(mode, script))
    note(play.play(mode, partial(_alarmed, mode=mode), but=play.TAKEN))
    wanted = {row[:3] for row in ROWS if row[4] in ("both", mode)}
    assert wanted <= set(heard), sorted(wanted - set(heard))
    protocol = {key for key in heard if set(key[:2]) <= {C, L, T, S} and key[2]}
    undocumented = {key for key in protocol if key[2] not in {row[2] for row in ROWS} and key[0] != key[1]}
    assert undocumented <= {(sender, receiver, "Hello") for sender in (C, L, T, S) for receiver in (C, L, T, S)}


@pytest.mark.parametrize("mode", MODES)
def test_the_admin_alone_is_obeyed_and_others_are_told_why(mode: str):
    def script(world: World) -> None:
        for line in filter(None, ADMIN.splitlines()):
            process, *actions = line.split()
            for action in actions:
                refused = ask(world, "bob", process, action, Scope="all", Min_Amount="7")
                assert refused, (process, action)
                assert tag(refused, "Action") == f"{action}-Error"
                assert tag(refused, "Error-Code") == "unauthorised"
                assert tag(refused, "Error")
                assert tag(refused, "Message-Id") == world.last.message_id

    play.play(mode, script)


def _read(world: World) -> None:
    """Let anybody ask what anybody may ask."""
    id_ = mint(world, "alice", 10)
    info = ask(world, "bob", C, "Info")
    assert info
    wanted = ("Role", "Version", "Config-Hash", "Collateral-Mode", "Active", "Paused-Mint", "Paused-Burn", "Breaker")
    assert not [name for name in wanted if tag(info, name) is None]
    for action in ("Op-Status", "Nudge"):
        ask(world, "bob", C, action, Op_Id=id_)
        ask(world, "bob", C, action, Op_Id="99-" + "x" * 43)
    for process, action in (
        (C, "Limits"),
        (C, "Admin-Log"),
        (C, "Alarms"),
        (L, "Claimable"),
        (S, "Status"),
        (S, "History"),
    ):
        ask(world, "bob", process, action)
    for _ in range(2):
        ask(world, "bob", S, "Refresh")
    ask(world, "bob", L, "Set-Payee", Payee=world.address("carol"))


def _ruled(world: World) -> None:
    """Let the admin do all that it may."""
    ask(world, "owner", C, "Set-Limits", Min_Amount="2")
    ask(world, "owner", C, "Set-Guardian", Guardian=world.address("guardian"))
    ask(world, "guardian", C, "Pause", Scope="mint", Reason="a drill")
    ask(world, "owner", C, "Unpause", Scope="mint")
    peers = {name.replace("-", "_"): world.address(peer) for name, peer in tim3.PEERS.items()}
    ask(world, "owner", C, "Propose-Config", Collateral_Mode="lock", **peers)
    ask(world, "owner", C, "Transfer-Admin", Admin=world.address("carol"))


def _resolved(world: World) -> None:
    """Let the notice of a payout get lost, and the admin look it up; another account names who claims for it."""
    mint(world, "alice", 10)
    mint(world, "bob", 10)
    for user in ("alice", "bob"):
        ask(world, user, C, "Burn", Quantity="5")
    ask(world, "bob", L, "Set-Payee", Payee=world.address("carol"))
    id_ = world.post("alice", L, {"Action": "Claim"})
    play.drive(world, play.drop_first(world, f"{U} > {L} Debit-Notice"))
    world.advance(3_700_000)
    ask(world, "owner", L, "Resolve", Payout_Id=id_, Verdict="settled")


def _alarmed(world: World, mode: str) -> None:
    """Let collateral be missing for some rounds."""
    mint(world, "alice", 100)
    for missing in (60, 0, 0, 0, -60, 0):
        if missing:
            play.take_away(world, mode, missing)
        world.advance(61_000)
        ask(world, "bob", S, "Refresh")


def _waiting(world: World) -> None:
    """Let the voucher come behind the coordinator's command."""
    play.posted(world, play.drop_first(world, f"{L} > {T} Voucher"))
    play.wait(world, 31_000)


def _late(world: World) -> None:
    """Let a burn get lost until nobody waits for it any more."""
    play.posted(world, play.drop_first(world, f"{C} > {T} Burn"))
    play.wait(world, 301_000)


def _refused(world: World) -> None:
    play.post_mint(world, "carol", 5_000)
    world.settle()
    mint(world, "alice", 10)
    burn(world, "alice", 5)
    ask(world, "alice", L, "Claim")
    ask(world, "bob", C, "Mint", Quantity="0")
    ask(world, "bob", S, "Refresh")
    claim(world, "bob")
    ask(world, "bob", U, "Balance")
    ask(world, "bob", T, "Balance")
