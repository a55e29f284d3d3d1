"""A coordinator that lies: users, the token, the lock-manager and the token-manager are real, and the coordinator sends
whatever chance makes up. It may refuse and delay, but neither mint what is not backed nor take collateral."""

from __future__ import annotations

from random import Random  # noqa: TC003

import invariants
from views import STATES, L, T, U, change, tag, view

from tim3tool.sim import Faults, Mail, address
from tim3tool.simulate import Scenario, World

USERS = ("alice", "bob", "carol")
PEERS = {
    "Coordinator": "coordinator",
    "State-Manager": "state-manager",
    "Token-Manager": T,
    "Lock-Manager": L,
    "Usda": U,
}
FAULTS = Faults(reorder=1, drop=0.12, duplicate=0.08, replay=0.15)
OPS = 10


def op(number: int) -> str:
    """Return an Op-Id such as the coordinator gives."""
    return f"{number}-{address(f'message {number}')}"


def configure(world: World, mode: str) -> None:
    """Tell L and T who their peers are, and let the coordinator and the state-manager greet them."""
    tags = {name: world.address(peer) for name, peer in PEERS.items()} | {
        "Action": "Configure",
        "Collateral-Mode": mode,
    }
    for process in (L, T):
        sent = world.send("owner", process, tags).messages
        answer = next(message for message in sent if tag(message, "Action") == "Configure-Ok")
        greeting = {"Action": "Hello", "Config-Hash": str(tag(answer, "Config-Hash")), "Version": "1"}
        for role in ("coordinator", "state-manager"):
            world.send(role, process, {**greeting, "Role": role})
    for process in (L, T):
        assert world.read(process, "Tim3.Active"), f"{process} is not active"


def start(world: World, mode: str) -> None:
    """Spawn U, L and T, and give users collateral."""
    for process in (U, T, L):
        world.spawn(process)
    configure(world, mode)
    for user in USERS:
        world.send("owner", U, {"Action": "Mint", "Recipient": world.address(user), "Quantity": "1000"})
        if mode == "lock":
            world.send(user, U, {"Action": "Approve", "Spender": world.address(L), "Quantity": "1000"})
    for process in (U, T, L):
        change(world, process)


def command(world: World, target: str, action: str, **tags: str) -> None:
    """Let the coordinator say something."""
    named = {name.replace("_", "-"): value for name, value in tags.items()}
    world.post("coordinator", target, {"Action": action, **named})


def known_op(world: World, process: str, chance: Random, *states: str) -> tuple[str, str, str] | None:
    """Return Op-Id, user and quantity of an operation in one of some states."""
    known = view(world, process).ops.items()
    found = sorted((id_, op.user, str(op.quantity)) for id_, op in known if op.state in states and op.user)
    return chance.choice(found) if found else None


def any_op(world: World, chance: Random) -> str:
    """Return the Op-Id of an operation that there is, or may be."""
    return chance.choice([*sorted({*view(world, L).ops, *view(world, T).ops}), *(op(n + 1) for n in range(OPS))])


def quantity(chance: Random) -> str:
    return str(chance.choice((10, 10, 25, 40, chance.randint(1, 400))))


def made(mode: str) -> Scenario:
    """Return the scenario of a collateral mode."""
    scenario = Scenario(f"a coordinator that lies, {mode} mode", actions=60, faults=FAULTS)
    scenario.setup(lambda world: start(world, mode))
    invariants.register(scenario, mode)
    for process in (U, L, T):
        names = (
            ("Balances", "Locked", "TotalSupply")
            if process != L
            else ("Collateral", "Releasing", "Claimable", "Pending")
        )
        scenario.watch(process, *(f"{STATES[process]}.{name}" for name in names))

    @scenario.spares
    def filtered(world: World, mail: Mail) -> bool:
        """A payout is sent while evaluating a root message, and compute units drop its repetition."""
        return mail.pair == (world.address(L), world.address(U)) and tag(mail.message, "Action") == "Transfer"

    _users(scenario)
    _leads(scenario, mode)
    _oversteps(scenario)
    if mode == "custody":
        _custody(scenario)
    return scenario


def _leads(scenario: Scenario, mode: str) -> None:
    """Register commands that only the coordinator gives, some of them as an honest one would."""

    @scenario.action(weight=4)
    def collateral(world: World, chance: Random) -> None:
        id_, user, amount = op(chance.randint(1, OPS)), chance.choice(USERS), quantity(chance)
        action = "Lock-Collateral" if mode == "lock" else "Expect-Deposit"
        command(world, L, action, Op_Id=id_, User=world.address(user), Quantity=amount)
        if mode == "custody" and chance.random() < 0.7:
            tags = {"Action": "Transfer", "Recipient": world.address(L), "Quantity": amount, "X-Op-Id": id_}
            world.post(user if chance.random() < 0.9 else chance.choice(USERS), U, tags)

    @scenario.action(weight=3)
    def mint(world: World, chance: Random) -> None:
        found = known_op(world, L, chance, "held") if chance.random() < 0.9 else None
        id_, user, amount = found or (any_op(world, chance), world.address(chance.choice(USERS)), quantity(chance))
        command(world, T, "Mint", Op_Id=id_, User=user, Quantity=amount)

    @scenario.action(weight=2)
    def burn(world: World, chance: Random) -> None:
        user = world.address(chance.choice(USERS))
        id_ = any_op(world, chance) if chance.random() < 0.2 else op(chance.randint(OPS + 1, 2 * OPS))
        command(world, T, "Burn", Op_Id=id_, User=user, Quantity=quantity(chance))

    @scenario.action(weight=3)
    def cancel(world: World, chance: Random) -> None:
        target, action = chance.choice(((L, "Cancel-Collateral"), (T, "Cancel-Mint"), (T, "Cancel-Burn")))
        pending = known_op(world, L, chance, "locking", "expected", "asking", "held")
        id_ = pending[0] if pending and chance.random() < 0.6 else any_op(world, chance)
        command(world, target, action, Op_Id=id_)


def _oversteps(scenario: Scenario) -> None:
    @scenario.action(weight=1)
    def overstep(world: World, chance: Random) -> None:
        """Say what only another process may say."""
        target, action = chance.choice(
            (
                (L, "Release-Order"),
                (L, "Voucher-Used"),
                (L, "Voucher-Void"),
                (L, "Claim"),
                (T, "Voucher"),
                (T, "Release-Ack"),
            )
        )
        found = known_op(world, L, chance, "held", "used", "captured", "done") or (any_op(world, chance), "", "")
        user = found[1] or world.address(chance.choice(USERS))
        result = chance.choice(("done", "failed"))
        id_ = found[0] if chance.random() < 0.5 else op(chance.randint(OPS + 1, 2 * OPS))
        command(world, target, action, Op_Id=id_, User=user, Quantity=found[2] or "10", Result=result)


def _users(scenario: Scenario) -> None:
    @scenario.action(weight=2)
    def transfer(world: World, chance: Random) -> None:
        sender, recipient = chance.sample(USERS, 2)
        tags = {"Action": "Transfer", "Recipient": world.address(recipient), "Quantity": quantity(chance)}
        world.post(sender, chance.choice((U, T)), tags)

    @scenario.action(weight=2)
    def wait(world: World, chance: Random) -> None:
        world.advance(chance.choice((1_000, 60_000, 400_000)))
        for process in (L, T):
            world.post("alice", process, {"Action": "Tick"})


def _custody(scenario: Scenario) -> None:
    @scenario.action(weight=8)
    def decide(world: World, chance: Random) -> None:
        deposit = known_op(world, L, chance, "asking")
        id_ = deposit[0] if deposit else any_op(world, chance)
        tags = {"Op_Id": id_, "Decision": chance.choice(("accept", "accept", "accept", "refuse"))}
        if chance.random() < 0.5:
            expected = known_op(world, L, chance, "expected")
            tags["As"] = expected[0] if expected and chance.random() < 0.8 else any_op(world, chance)
        command(world, L, "Deposit-Decision", **tags)

    @scenario.action(weight=4)
    def claim(world: World, chance: Random) -> None:
        world.post(chance.choice(USERS), L, {"Action": "Claim"})

    @scenario.action(weight=3)
    def reflect(world: World, chance: Random) -> None:
        """Have the token send an error or notice about somebody's own transfer to the lock-manager."""
        paid = world.read(
            L, "(function() local l = {} for id in pairs(Tim3.Sent) do l[#l + 1] = id end return l end)()"
        )
        if paid:
            action = chance.choice(("Transfer-Error", "Debit-Notice"))
            world.post(U, L, {"Action": action, "X-Op-Id": chance.choice(sorted(paid)), "X-Reference": "7"})

    @scenario.action
    def spoof(world: World, chance: Random) -> None:
        """Announce a deposit that never was, or send what nobody should credit."""
        tags = {"Action": "Credit-Notice", "Sender": world.address("mallory"), "Quantity": "500", "Reference": "77"}
        world.post("mallory", L, tags)
        world.post(
            chance.choice(USERS),
            U,
            {"Action": "Transfer", "Recipient": world.address(L), "Quantity": "2", "X-Action": "Top-Up"},
        )


custody, lock = made("custody"), made("lock")
