"""How the verbs that talk to a process reach it, and what they check of what is said to it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tim3tool.errors import LimitExceeded, ProcessFailed, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tim3tool.deploy.lines import KeptLines, Located
    from tim3tool.network.dataitem import DataItem
    from tim3tool.network.port import Port
    from tim3tool.project import Manifest, NetworkSpec

__all__ = ["Reached", "check_size", "check_text", "pairs", "reach"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reached:
    """A process on a network.

    Args:
        port: the network.
        network: what the manifest says of the network.
        process: the process id.
        manifest: the manifest.
        kept: the lines of what was deployed.
    """

    port: Port
    network: NetworkSpec
    process: str
    manifest: Manifest
    kept: KeptLines

    @property
    def lines(self) -> Located | None:
        """The lines of what the process runs, where they are known.

        Raises:
            StateError: the state cannot be used.
        """
        return self.kept.of_process(self.process, network=self.port.name)

    @contextmanager
    def locating(self) -> Iterator[None]:
        """Show the error of a process at its line in the sources."""
        try:
            yield
        except ProcessFailed as error:
            located = self.kept.of_process(error.process, network=self.port.name) if error.process else None
            raise located.error(error) if located else error from None


def reach(process: str, network: str, directory: Path | None, file: Path | None, *, timeout: float | None) -> Reached:
    """Return the process that the options name.

    Args:
        process: its name, or its id.
        network: the network's name.
        directory: the folder to work in.
        file: the manifest, relative to that folder.
        timeout: seconds to go on asking for one answer; None for the usual time.

    Raises:
        UsageError: there is no such network or process.
        ManifestError: there is no manifest, or it cannot be used.
        StateError: the state cannot be used.
    """
    from tim3tool.cli.network import open_network, process_id
    from tim3tool.cli.project import manifest_of
    from tim3tool.deploy.lines import KeptLines

    manifest = manifest_of(directory, file)
    return Reached(
        port=open_network(manifest, network, timeout=timeout),
        network=manifest.network(network),
        process=process_id(manifest, network, process),
        manifest=manifest,
        kept=KeptLines(manifest.root),
    )


def pairs(action: str | None, tags: Sequence[str] | None) -> tuple[tuple[str, str], ...]:
    """Return the tags that the options give, in order.

    Args:
        action: the value of ``--action``.
        tags: words of the form NAME=VALUE.

    Raises:
        UsageError: a word has another form, a text is not UTF-8, or there are two Actions.
    """
    given = [] if action is None else [("Action", action)]
    for word in tags or ():
        name, equals, value = word.partition("=")
        check_text("the name of a tag", name)
        if not equals or not name:
            msg = f"`{word}` is not a tag"
            raise UsageError(msg, help="write NAME=VALUE, such as -t Quantity=5")
        if action is not None and name.casefold() == "action":
            msg = f"there are two Actions: `{action}` of --action and `{value}` of -t {name}"
            raise UsageError(msg, help="leave one of them out; a process goes by the last it gets")
        given.append((name, value))
    for name, value in given:
        check_text(f"tag `{name}`", value)
    return tuple(given)


def check_text(what: str, value: str) -> None:
    """Refuse what the shell passed on that is no UTF-8, which Python keeps as lone surrogates."""
    try:
        value.encode()
    except UnicodeEncodeError:
        msg = f"{what} is not UTF-8"
        raise UsageError(msg) from None


def check_size(item: DataItem, port: Port) -> None:
    """Refuse a message that the network does not carry, before anything is sent.

    Raises:
        LimitExceeded: it is too large.
    """
    most = port.terms.max_bytes
    if len(item.raw) > most:
        msg = f"the message has {len(item.raw):,} bytes; network `{port.name}` takes {most:,}"
        raise LimitExceeded(msg, help="send less, in several messages")
