"""TIM3 as it is deployed: five real processes and the collateral token, users who mint, transfer, burn and claim, and
a network that loses, repeats, delays and reorders what they send each other."""

from __future__ import annotations

from random import Random  # noqa: TC003
from typing import TYPE_CHECKING, Final

import conduct
import invariants
import rest
from views import PROCESSES, STATES, C, L, S, T, U, change, tag, view

from tim3tool.sim import Delivery, Faults, Mail, Order
from tim3tool.simulate import Scenario, World

if TYPE_CHECKING:
    from collections.abc import Mapping

USERS = ("alice", "bob", "carol", "dave")
PEERS = {"Coordinator": C, "State-Manager": S, "Token-Manager": T, "Lock-Manager": L, "Usda": U}
FAULTS = Faults(reorder=1, drop=0.03, duplicate=0.05, delay=0.02, replay=0.04, crash=0.002, upgrade=0.004)
LIMITS = {
    "Min-Amount": "1",
    "Cooldown-Ms": "0",
    "Max-In-Flight": "3",
    "Flood-Requests": "off",
    "Breaker-Faults": "1000",
    "User-Mint-24h": "500",
    "Block-Mint": "450",
    "User-Share-Percent": "60",
    "Net-Mint-1h": "600",
    "Supply-Cap": "800",
    "Block-Burn": "300",
    "User-Burn-24h": "300",
    "Net-Burn-4h": "150",
    "Net-Burn-4h-Percent": "40",
}
ROUNDS = 40
SLEEP, HOURS_5 = 0.4, 18_000_000


def start(world: World, mode: str, limits: Mapping[str, str], usda: str | None = None) -> None:
    """Spawn, configure and activate everything, and give users collateral.

    Args:
        world: the world.
        mode: `custody` or `lock`.
        limits: the coordinator's, by name.
        usda: the code of another collateral token than mock-usda.
    """
    for process in PROCESSES:
        world.spawn(process, source=usda if process == U else None)
    world.send("owner", C, {"Action": "Set-Limits", **limits})
    tags = {name: world.address(peer) for name, peer in PEERS.items()} | {
        "Action": "Configure",
        "Collateral-Mode": mode,
    }
    for process in (L, T, S, C):
        world.send("owner", process, tags)
    world.send("owner", C, {"Action": "Activate"})
    for process in (L, T, S, C):
        assert world.read(process, "Tim3.Active"), f"{process} is not active"
    for user in USERS:
        world.send("owner", U, {"Action": "Mint", "Recipient": world.address(user), "Quantity": "1000"})
        if mode == "lock":
            world.send(user, U, {"Action": "Approve", "Spender": world.address(L), "Quantity": "1000000"})
    for process in PROCESSES:
        change(world, process)


def quantity(chance: Random) -> str:
    """Return an amount."""
    return str(chance.choice((1, 10, 50, chance.randint(1, 300))))


def is_of(world: World, delivery: Delivery, sender: str, receiver: str, action: str) -> bool:
    """Tell whether a delivery is of a message between these two, with this action."""
    ends = (world.name(str(delivery.message["From"])), world.name(delivery.process))
    return ends == (sender, receiver) and tag(delivery.message, "Action") == action


def is_payout(world: World, mail: Mail) -> bool:
    """Tell whether a message is a transfer out of custody."""
    return mail.pair == (world.address(L), world.address(U)) and tag(mail.message, "Action") == "Transfer"


def made(
    mode: str,
    *,
    order: Order = "fifo",
    raw: bool = False,
    limits: Mapping[str, str] = LIMITS,
    is_checked: bool = True,
    but: tuple[str, ...] = (),
    usda: str | None = None,
) -> Scenario:
    """Return the scenario of a collateral mode.

    Args:
        mode: `custody` or `lock`.
        order: see `Scenario`.
        raw: see `Scenario`.
        limits: the coordinator's, by name.
        is_checked: whether it has invariants.
        but: how the names of those begin which a test breaks on purpose, and which are not looked at.
        usda: the code of another collateral token than mock-usda.
    """
    scenario = Scenario(
        f"TIM3, {mode} mode", actions=30, faults=FAULTS, order=order, raw=raw, errors_allowed=usda is not None
    )
    scenario.setup(lambda world: start(world, mode, limits, usda))
    if is_checked:
        invariants.register(scenario, mode)
        conduct.register(scenario, mode, limits)
    for process, names in (
        (U, ("Balances", "Locked")),
        (L, ("Collateral", "Claimable")),
        (T, ("Balances", "TotalSupply")),
    ):
        scenario.watch(process, *(f"{STATES[process]}.{name}" for name in names))
    scenario.spares(is_payout)
    _users(scenario, mode)
    _around(scenario)
    _come_to_rest(scenario)
    if is_checked:
        rest.register(scenario, mode)
    for start_ in but:
        broken = [name for name in scenario.invariants if name.startswith(start_)]
        assert broken, f"no invariant is called {start_}"
        for name in broken:
            del scenario.invariants[name]
    return scenario


def _users(scenario: Scenario, mode: str) -> None:
    """Register what users do."""

    @scenario.action(weight=6)
    def mint(world: World, chance: Random) -> None:
        world.post(chance.choice(USERS), C, {"Action": "Mint", "Quantity": quantity(chance)})

    @scenario.action(weight=4)
    def burn(world: World, chance: Random) -> None:
        balances = sorted((world.name(who), amount) for who, amount in view(world, T).held.items())
        user, balance = chance.choice(balances or [("alice", 10)])
        amount = chance.choice((balance, chance.randint(1, balance), quantity(chance)))
        world.post(user, C, {"Action": "Burn", "Quantity": str(amount)})

    @scenario.action(weight=3)
    def transfer(world: World, chance: Random) -> None:
        sender, recipient = chance.sample(USERS, 2)
        tags = {"Action": "Transfer", "Recipient": world.address(recipient), "Quantity": quantity(chance)}
        world.post(sender, chance.choice((T, T, U)), tags)

    if mode == "custody":

        @scenario.action(weight=8)
        def deposit(world: World, chance: Random) -> None:
            """Send what a pending mint waits for; now and then something else."""
            user = chance.choice(USERS)
            pending = [m for m in world.network.mail(world.address(user)) if tag(m, "Action") == "Mint-Pending"]
            tags = {"Action": "Transfer", "Recipient": world.address(L), "Quantity": quantity(chance)}
            if pending and chance.random() < 0.8:
                wanted = chance.choice(pending)
                tags |= {"Quantity": str(tag(wanted, "Quantity")), "X-Op-Id": str(tag(wanted, "Op-Id"))}
            world.post(user, U, tags)

        @scenario.action(weight=3)
        def claim(world: World, chance: Random) -> None:
            world.post(chance.choice(USERS), L, {"Action": "Claim"})


def _around(scenario: Scenario) -> None:
    """Register what happens around the users: time, the admin, and strangers."""

    @scenario.action(weight=4)
    def wait(world: World, chance: Random) -> None:
        world.advance(chance.choice((1_000, 40_000, 40_000, 320_000)))
        for process in (C, L, T, S):
            world.post("dave", process, {"Action": "Tick"})

    @scenario.action
    def sleep(world: World, chance: Random) -> None:
        """Let so much time pass that the mints of before count no more."""
        if chance.random() < SLEEP:
            world.advance(HOURS_5)

    @scenario.action
    def pause(world: World, chance: Random) -> None:
        action, scope = chance.choice(("Pause", "Unpause", "Unpause")), chance.choice(("mint", "burn", "all"))
        mode = {"Mode": chance.choice(("drain", "refund"))} if action == "Pause" else {"Force": "yes"}
        world.post("owner", C, {"Action": action, "Scope": scope, "Reason": "a drill", **mode})

    @scenario.action
    def mallory(world: World, chance: Random) -> None:
        """Say what only a process may say, about an operation that there is."""
        ops = sorted(view(world, C).ops) or ["1-" + "x" * 43]
        target, action = chance.choice(
            (
                *((T, name) for name in ("Mint", "Burn", "Voucher", "Release-Ack", "Cancel-Mint")),
                *(
                    (L, name)
                    for name in ("Release-Order", "Voucher-Used", "Voucher-Void", "Credit-Notice", "Cancel-Collateral")
                ),
                *((C, name) for name in ("Collateral-Held", "Mint-Confirmed", "Burn-Restored", "Risk-Alert", "Pause")),
            )
        )
        user = world.address("mallory")
        tags = {"Op-Id": chance.choice(ops), "User": user, "Quantity": "100", "Result": "failed", "Reference": "9999"}
        world.post("mallory", target, {"Action": action, **tags, "Sender": user, "Level": "Critical", "Scope": "all"})


OPEN: Final = (
    "(function() local n = 0 for _, r in pairs(Tim3.Ops.Records) do if %s then n = n + 1 end end return n end)()"
)


def unfinished(world: World) -> int:
    """Return how many operations are under way anywhere."""
    waiting = sum(int(world.read(process, OPEN % "r.retryAt and not r.stuck")) for process in (L, T))
    return waiting + int(world.read(C, OPEN % "not r.outcome"))


def _come_to_rest(scenario: Scenario) -> None:
    """Register how a run ends."""

    @scenario.before_rest
    def come_to_rest(world: World) -> None:
        """Push lost transfers and notices again, and let time pass until no operation is under way."""
        for mail in world.network.lost:
            if {world.name(mail.pair[0]), world.name(mail.pair[1])} == {U, L}:
                world.network.resend(mail)
        world.settle()
        for _ in range(ROUNDS):
            if not unfinished(world):
                return
            world.advance(3_700_000)
            for process in (C, L, T):
                world.post("dave", process, {"Action": "Tick"})
            world.settle()


custody, lock = made("custody"), made("lock")
