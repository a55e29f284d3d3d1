"""The kinds of coverage reports, and where each goes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tim3tool.errors import suggestion
from tim3tool.spec.coverage.cobertura import cobertura
from tim3tool.spec.coverage.lcov import lcov
from tim3tool.spec.coverage.text import text_report

if TYPE_CHECKING:
    from tim3tool.spec.coverage.model import Coverage

__all__ = ["KINDS", "Report", "write"]

# Each kind, and where it goes when nothing is said; text then goes to the terminal.
KINDS: Final = {
    "text": None,
    "lcov": Path("coverage.lcov"),
    "cobertura": Path("coverage.xml"),
    "html": Path("coverage"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """A report that is asked for.

    Args:
        kind: one of `KINDS`.
        path: where it goes; None for the terminal.
    """

    kind: str
    path: Path | None

    @classmethod
    def of(cls, text: str) -> Report:
        """Read ``KIND`` or ``KIND:PATH``.

        Raises:
            ValueError: there is no such kind; the text says which there are.
        """
        kind, _, path = text.partition(":")
        if kind not in KINDS:
            near = suggestion(kind, KINDS)
            hint = f"did you mean `{near}`?" if near else f"there are {', '.join(KINDS)}"
            msg = f"no coverage report is called `{kind}`: {hint}"
            raise ValueError(msg)
        return cls(kind=kind, path=Path(path) if path else KINDS[kind])


def write(kind: str, path: Path, coverage: Coverage, *, root: Path, timestamp: int) -> None:
    """Write a report.

    Args:
        kind: one of `KINDS`.
        path: a file, or the folder of the HTML pages.
        coverage: what was reached.
        root: the folder that paths are relative to.
        timestamp: when the run ended, in seconds since 1970.

    Raises:
        OSError: it cannot be written.
    """
    if kind == "html":
        from tim3tool.spec.coverage.html import write_html  # noqa: PLC0415 - jinja2 takes a while to start

        write_html(path, coverage, timestamp=timestamp)
        return
    text = {
        "text": lambda: text_report(coverage) + "\n",
        "lcov": lambda: lcov(coverage),
        "cobertura": lambda: cobertura(coverage, root=root, timestamp=timestamp),
    }[kind]()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
