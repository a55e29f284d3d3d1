"""What a run of tests says to GitHub Actions: annotations beside the lines at fault, and a summary of the step."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tim3tool.spec.coverage.model import Coverage
    from tim3tool.spec.outcomes import Outcomes

__all__ = ["commands", "summary", "tell"]


def tell(outcomes: Outcomes, environment: Mapping[str, str], *, base: Path, write: Callable[[str], object]) -> None:
    """Tell GitHub Actions of a run, where this is one of its steps.

    Args:
        outcomes: what happened.
        environment: where ``GITHUB_ACTIONS``, ``GITHUB_WORKSPACE`` and ``GITHUB_STEP_SUMMARY`` are looked up.
        base: the root of the run, which the paths of outcomes start from.
        write: takes each annotation, a line.
    """
    if environment.get("GITHUB_ACTIONS") != "true":
        return
    for line in commands(outcomes, root=Path(environment.get("GITHUB_WORKSPACE") or Path.cwd()), base=base):
        write(line + "\n")
    if path := environment.get("GITHUB_STEP_SUMMARY"):
        try:
            with Path(path).open("a", encoding="utf-8") as file:
                file.write(summary(outcomes))
        except OSError as error:
            write(f"::warning::the step summary cannot be written: {error.strerror}\n")


def commands(outcomes: Outcomes, *, root: Path, base: Path) -> Iterator[str]:
    """Return a workflow command for each failure.

    Args:
        outcomes: what happened.
        root: the repository, which the paths of annotations start from.
        base: the root of the run, which the paths of outcomes start from.
    """
    for outcome in outcomes.bad:
        where = outcome.where
        path, line = (where.path, where.line) if where else (outcome.path, outcome.line)
        properties = {"file": _from(root, base / path), "line": str(line) if line else "", "title": outcome.id}
        shown = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value)
        yield f"::error {shown}::{_data(outcome.message or outcome.verdict)}"


def summary(outcomes: Outcomes) -> str:
    """Return the summary of a step, in Markdown."""
    counts = {verdict: outcomes.count(verdict) for verdict in ("passed", "failed", "error", "skipped")}
    said = ", ".join(f"{number} {verdict}" for verdict, number in counts.items() if number) or "no tests"
    lines = [f"### Lua tests: {said}", ""]
    for outcome in outcomes.bad:
        lines += [f"<details><summary>{_html(outcome.id)}</summary>", "", f"<pre>{_html(outcome.text)}</pre>", ""]
        lines += ["</details>", ""]
    if outcomes.coverage is not None:
        lines += _coverage(outcomes.coverage)
    return "\n".join((*lines, ""))


def _coverage(coverage: Coverage) -> list[str]:
    lines = [f"### Coverage: {coverage.total.shown}", "", "| file | lines | branches | cover |", "|---|--:|--:|--:|"]
    lines += [
        f"| {_html(file.path)} | {file.line_ratio.hit}/{file.line_ratio.total} "
        f"| {file.branch_ratio.hit}/{file.branch_ratio.total} | {file.total.shown} |"
        for file in coverage.files
    ]
    return [*lines, ""]


def _from(root: Path, path: Path) -> str:
    whole = Path(os.path.normpath(path.absolute()))
    return whole.relative_to(root).as_posix() if whole.is_relative_to(root) else str(path)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
