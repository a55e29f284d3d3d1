"""What a process says that it runs, where the network lets one ask as its owner. It is a dry-run: nothing is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tim3tool.deploy import judge
from tim3tool.errors import ProcessFailed

if TYPE_CHECKING:
    from tim3tool.network.port import Port

__all__ = ["Running", "ask", "read_back", "short"]

# A bundle tells what it is by `require "tim3tool.build"`; what was not built by tim3tool tells nothing.
_QUESTION: Final = (
    "(function() local known, build = pcall(require, 'tim3tool.build')"
    " return known and type(build) == 'table' and tostring(build.hash) or 'none' end)()"
)
_NOTHING: Final = "none"
_SHOWN: Final = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Running:
    """What a process says of itself.

    Args:
        obeys: whether it evaluates what that owner sends.
        build_hash: that of the bundle it runs; None where it runs none, or does not obey.
    """

    obeys: bool
    build_hash: str | None


def ask(process: str, *, port: Port, owner: str) -> Running:
    """Ask a process what it runs.

    Args:
        process: the process id.
        port: a network on which a dry-run is of whatever owner it says.
        owner: address of the wallet that should own the process.

    Raises:
        ProcessFailed: the process answers with an error.
        NetworkError: the network did not answer.
    """
    result = port.dry_run(process, owner=owner, tags=[("Action", "Eval")], data=_QUESTION)
    judge.check(result, "the question for its build hash")
    if judge.went_to_inbox(result):
        return Running(obeys=False, build_hash=None)
    told = result.text.strip()
    return Running(obeys=True, build_hash=None if told == _NOTHING else told)


def read_back(name: str, process: str, build_hash: str, *, port: Port, owner: str) -> None:
    """Make sure that a process runs the bundle that it was just given; one that gave up its owner is not asked.

    Args:
        name: the name of the process, for the error.
        process: its id.
        build_hash: that of the bundle.
        port: the network; nothing is asked where a dry-run is of nobody.
        owner: address of the wallet that deployed.

    Raises:
        ProcessFailed: it runs another, or answers with an error.
        NetworkError: the network did not answer.
    """
    if not port.terms.any_owner:
        return
    running = ask(process, port=port, owner=owner)
    if running.obeys and running.build_hash != build_hash:
        runs = f"runs {short(running.build_hash)} and not {short(build_hash)}"
        msg = f"process `{name}` took its code, and yet {runs}"
        raise ProcessFailed(msg, process=process, help="look at what its code does with `tim3tool.build`")


def short(build_hash: str | None) -> str:
    """Return a build hash as texts name it."""
    return f"build `{build_hash[:_SHOWN]}`" if build_hash else "no bundle of tim3tool"
