"""A deliberate mistake in a process's code, which the invariants of a scenario should notice."""

from __future__ import annotations

from dataclasses import dataclass

from tim3tool.errors import UsageError

__all__ = ["Mutation"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Mutation:
    """A piece of a process's Lua that is replaced in its bundle.

    Args:
        process: the process, by its name in the manifest.
        old: what stands there, exactly once.
        new: what stands there instead.
    """

    process: str
    old: str
    new: str

    def applied(self, code: str) -> str:
        """Return the code with the mistake.

        Raises:
            UsageError: the code does not hold the old piece exactly once.
        """
        found = code.count(self.old)
        if found != 1:
            first = self.old.strip().splitlines()[0] if self.old.strip() else ""
            msg = f"the mutation of `{self.process}` fits {found} places, and must fit one: `{first}`"
            raise UsageError(msg, help="copy the piece from the present source")
        return code.replace(self.old, self.new)
