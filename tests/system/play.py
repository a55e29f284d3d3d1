"""Steps of which the whole-system scenarios are made: users who mint, burn and claim, and a network under control."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import tim3
from views import C, L, T, U, tag, view

from tim3tool.simulate import Failure, Runner

if TYPE_CHECKING:
    from collections.abc import Callable

    from tim3tool.sim import Mail
    from tim3tool.simulate import World

HERE: Final = Path(__file__).parent
MODES: Final = ("custody", "lock")
FREE: Final = {"Min-Amount": "1", "Cooldown-Ms": "0", "Max-In-Flight": "3", "Flood-Requests": "off"}


@cache
def runner_of(mode: str, *, is_checked: bool = True, **options: Any) -> Runner:
    """Return the runner of a mode; it is made once for the same options, which are those of `tim3.made`."""
    limits = dict(options.pop("limits", FREE.items()))
    return Runner(tim3.made(mode, is_checked=is_checked, limits=limits, **options), folder=HERE)


def play(mode: str, script: Callable[[World], object], **options: Any) -> World:
    """Let a script happen in a fresh system, check the invariants after every message and at rest, return the world."""
    runner = runner_of(mode, **options)
    run = runner.play(script)
    assert run.violation is None, f"{run.violation}\n{runner.world.network.trace(runner.world.names).tree()}"
    return runner.world


def explored(runner: Runner, seeds: range) -> None:
    """Run seeds; fail at a violation."""
    for seed in seeds:
        run = runner.explore(seed)
        assert run.violation is None, "\n".join(Failure.of(runner, run).lines())


def ask(world: World, user: str, target: str, action: str, **tags: str) -> dict[str, Any] | None:
    """Send as a user, deliver everything, and return the last message that came back to him, if any."""
    address = world.address(user)
    before = len(world.network.mail(address))
    world.post(user, target, {"Action": action} | {name.replace("_", "-"): value for name, value in tags.items()})
    world.settle()
    return next(reversed(world.network.mail(address)[before:]), None)


def answers(world: World, user: str, action: str) -> list[dict[str, Any]]:
    """Return what came to a user with an action."""
    return [message for message in world.network.mail(world.address(user)) if tag(message, "Action") == action]


def post_mint(world: World, user: str, quantity: int) -> None:
    """Let a user ask for a mint; in custody mode also send the deposit, unannounced."""
    if world.read(L, "Tim3.Config.mode") == "lock":
        world.post(user, C, {"Action": "Mint", "Quantity": str(quantity)})
    else:
        world.post(user, U, {"Action": "Transfer", "Recipient": world.address(L), "Quantity": str(quantity)})


def mint(world: World, user: str, quantity: int) -> str:
    """Mint from the request to the end; return the Op-Id."""
    ask(world, user, C, "Mint", Quantity=str(quantity))
    id_ = str(tag(answers(world, user, "Mint-Pending")[-1], "Op-Id"))
    if world.read(L, "Tim3.Config.mode") == "custody":
        deposit(world, user, quantity, X_Op_Id=id_)
    return id_


def deposit(world: World, user: str, quantity: int, **tags: str) -> None:
    """Transfer collateral to the lock-manager, and deliver all that follows."""
    ask(world, user, U, "Transfer", Recipient=world.address(L), Quantity=str(quantity), **tags)


def burn(world: World, user: str, quantity: int) -> str:
    """Burn, and claim what it frees in custody mode; return the Op-Id."""
    ask(world, user, C, "Burn", Quantity=str(quantity))
    claim(world, user)
    return str(tag(answers(world, user, "Burn-Pending")[-1], "Op-Id"))


def claim(world: World, user: str) -> None:
    """Claim all that a user may, where there is something."""
    if world.address(user) in view(world, L).held:
        ask(world, user, L, "Claim")


def transfer(world: World, sender: str, recipient: str, quantity: int) -> None:
    """Transfer TIM3."""
    ask(world, sender, T, "Transfer", Recipient=world.address(recipient), Quantity=str(quantity))


def holds(world: World, user: str) -> tuple[int, int]:
    """Return a user's TIM3 and collateral."""
    address = world.address(user)
    return view(world, T).held.get(address, 0), view(world, U).held.get(address, 0)


def outcome(world: World, id_: str) -> str:
    """Return the state of an operation at the coordinator."""
    return view(world, C).ops[id_].state


def wait(world: World, ms: int) -> None:
    """Let time pass, remind the processes of it, and deliver all that follows."""
    world.advance(ms)
    for process in (C, L, T):
        world.post("dave", process, {"Action": "Tick"})
    world.settle()


TAKEN: Final = ("I1:", "I8 I16", "I25")  # the invariants that `take_away` breaks


def take_away(world: World, mode: str, quantity: int) -> None:
    """Let collateral of the lock-manager disappear by its owner's hand; a negative quantity brings it back."""
    pool = f"Usda.Locked[l], Usda.Pools[l] = less(Usda.Locked[l], {quantity}), less(Usda.Pools[l], {quantity})"
    world.post(
        "owner",
        U,
        {"Action": "Eval"},
        f"local l = '{world.address(L)}' local function less(a, n) return ('%d'):format(tonumber(a) - n) end "
        f"Usda.Balances[l] = less(Usda.Balances[l], {quantity}) Usda.TotalSupply = less(Usda.TotalSupply, {quantity}) "
        f"Usda.Burned = less(Usda.Burned, {-quantity}) {pool if mode == 'lock' else ''}",
    )
    world.settle()


def drive(world: World, decide: Callable[[Mail, int], object], *, most: int = 2_000) -> None:
    """Deliver one message after the other, as `World.settle`, telling a function of each before it is delivered.

    Args:
        world: the world.
        decide: takes the message and its number; it may take it out of the queue, delay it, or add to the queue.
        most: how many messages may come.
    """
    for number in range(most):
        heads = world.network.heads()
        if not heads:
            return
        mail = min(heads, key=lambda one: (one.due, one.number))
        decide(mail, number)
        mail = next((one for one in world.network.heads() if one.number == mail.number and one.due == mail.due), None)
        if mail is not None:
            world.network.deliver(mail)
            world.after()
    msg = f"more than {most} messages"
    raise AssertionError(msg)


def name_of(world: World, mail: Mail) -> str:
    """Return a message as `sender > receiver Action`."""
    sender, receiver = world.name(mail.pair[0]), world.name(mail.process)
    return f"{sender} > {receiver} {tag(mail.message, 'Action') or 'answer'}"


def is_between_processes(world: World, mail: Mail) -> bool:
    """Tell whether a message is one of the protocol's own, which faults may concern; payouts are not."""
    return world.name(mail.pair[0]) in tim3.PROCESSES and not tim3.is_payout(world, mail)


@cache
def flow(mode: str) -> tuple[str, ...]:
    """Return the messages between processes of a mint and a burn without any fault, in order."""
    seen: list[str] = []

    def script(world: World) -> None:
        def note(mail: Mail, _number: int) -> None:
            if is_between_processes(world, mail):
                seen.append(name_of(world, mail))

        posted(world, note)

    play(mode, script)
    return tuple(dict.fromkeys(seen))


def posted(world: World, decide: Callable[[Mail, int], object]) -> tuple[str, str]:
    """Mint and burn under control of a function, see `drive`; return the Op-Ids as far as they were given."""
    world.post("alice", C, {"Action": "Mint", "Quantity": "100"})
    drive(world, decide)
    ids = ["", ""]
    if pending := answers(world, "alice", "Mint-Pending"):
        ids[0] = str(tag(pending[-1], "Op-Id"))
        if world.read(L, "Tim3.Config.mode") == "custody":
            tags = {"Action": "Transfer", "Recipient": world.address(L), "Quantity": "100", "X-Op-Id": ids[0]}
            world.post("alice", U, tags)
            drive(world, decide)
    world.post("alice", C, {"Action": "Burn", "Quantity": "40"})
    drive(world, decide)
    if pending := answers(world, "alice", "Burn-Pending"):
        ids[1] = str(tag(pending[-1], "Op-Id"))
    return ids[0], ids[1]


def drop_first(world: World, hop: str) -> Callable[[Mail, int], None]:
    """Return what drops the first message of a hop."""
    dropped: list[Mail] = []

    def decide(mail: Mail, _number: int) -> None:
        if not dropped and is_between_processes(world, mail) and name_of(world, mail) == hop:
            dropped.append(mail)
            world.network.drop(mail)

    return decide
