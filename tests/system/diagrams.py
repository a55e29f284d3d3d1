"""The sequence diagrams of docs/protocol.md, drawn from what the real processes say; run this file to write them there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import play
from play import burn, mint
from views import C, L, T, U

from tim3tool.sim import Delivery, Trace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tim3tool.sim import Mail
    from tim3tool.simulate import World

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "protocol.md"


def _mint(world: World) -> None:
    mint(world, "alice", 100)


def _burn(world: World) -> None:
    mint(world, "alice", 100)
    world.memory["from"] = len(world.network.deliveries)
    burn(world, "alice", 40)


def _timeout(world: World) -> None:
    """The voucher is lost, and the deadline comes."""

    def decide(mail: Mail, _number: int) -> None:
        if play.name_of(world, mail) == f"{L} > {T} Voucher":
            world.network.drop(mail)

    world.post("alice", C, {"Action": "Mint", "Quantity": "100"})
    play.drive(world, decide)
    id_ = str(play.tag(play.answers(world, "alice", "Mint-Pending")[-1], "Op-Id"))
    tags = {"Action": "Transfer", "Recipient": world.address(L), "Quantity": "100", "X-Op-Id": id_}
    world.post("alice", U, tags)
    play.drive(world, decide)
    world.advance(301_000)
    play.ask(world, "bob", C, "Tick")
    play.claim(world, "alice")


# title: the mode, what happens, and whether it is shown from the start of the system
DIAGRAMS: Final[dict[str, tuple[str, Callable[[World], None], bool]]] = {
    "A mint in custody mode": ("custody", _mint, False),
    "A mint in lock mode": ("lock", _mint, False),
    "A burn in custody mode, and its claim": ("custody", _burn, False),
    "A burn in lock mode": ("lock", _burn, False),
    "A timeout, and a refund": ("custody", _timeout, False),
    "Activation": ("custody", lambda _world: None, True),
}


def diagram(title: str) -> str:
    """Return a diagram as mermaid text."""
    mode, script, is_from_start = DIAGRAMS[title]
    world = play.play(mode, script, is_checked=False)
    runner = play.runner_of(mode, is_checked=False)
    since = 0 if is_from_start else world.memory.get("from", runner.started)
    end = runner.started if is_from_start else None
    deliveries = [one for one in world.network.deliveries[since:end] if not _is_aside(world, one)]
    names = {address: _short(name) for address, name in world.names.items()}
    return Trace(deliveries=deliveries, lost=world.network.lost, names=names).mermaid()


def _is_aside(world: World, delivery: Delivery) -> bool:
    """Tell whether a delivery is no part of what is shown: code, reminders, and what gives users their collateral."""
    action = play.tag(delivery.message, "Action")
    is_faucet = world.name(delivery.process) == U and action in ("Mint", "Approve")
    return is_faucet or (action in ("Eval", "Tick", "Set-Limits", None) and delivery.parent is None)


def _short(name: str) -> str:
    return {"mock-usda": "usda"}.get(name, name)


def text() -> str:
    """Return the section of all diagrams."""
    parts = [f"### {title}\n\n```mermaid\n{diagram(title).strip()}\n```\n" for title in DIAGRAMS]
    return (
        "<!-- diagrams: tests/system/diagrams.py writes them -->\n\n" + "\n".join(parts) + "\n<!-- end of diagrams -->"
    )


def written(document: str) -> str:
    """Return a document with its diagrams as they are now."""
    section = re.compile(r"<!-- diagrams:.*?<!-- end of diagrams -->", re.DOTALL)
    return section.sub(lambda _match: text(), document)


if __name__ == "__main__":
    DOCUMENT.write_text(written(DOCUMENT.read_text()))
