"""`tim3tool simulate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tim3tool.cli.options import AsJson, Quiet
from tim3tool.errors import CheckFailed, UsageError

if TYPE_CHECKING:
    from tim3tool.simulate import Campaign, Summary

__all__ = ["simulate"]

_RUNS = 100


def simulate(
    scenario: Annotated[
        str, typer.Argument(metavar="FILE[::SCENARIO]", help="A Python file that declares a scenario.")
    ],
    *,
    runs: Annotated[
        int | None, typer.Option("--runs", metavar="N", help="How many runs; 100, or all that --time allows.")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option("--time", metavar="SECONDS", help="Start no further run after this time.")
    ] = None,
    workers: Annotated[int, typer.Option("--workers", metavar="N", help="How many processes.")] = 1,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="The seed of the first run.")] = 0,
    fault: Annotated[
        list[str] | None,
        typer.Option("--fault", metavar="NAME=SHARE,...", help="How often what goes wrong; repeat for more."),
    ] = None,
    mermaid: Annotated[
        Path | None, typer.Option("--mermaid", metavar="FILE", help="Also write the failure as a sequence diagram.")
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Run a scenario under many schedules, and shrink the first that violates an invariant."""
    from tim3tool.cli.terminal import Talk, document
    from tim3tool.simulate import Campaign

    _check(runs, seconds, workers)
    if mermaid is not None and not mermaid.parent.is_dir():
        raise _unwritable(mermaid, "there is no such folder")
    path, _, name = scenario.partition("::")
    campaign = Campaign(
        path=Path(path),
        name=name or None,
        seed=seed,
        runs=_RUNS if runs is None and seconds is None else runs,
        seconds=seconds,
        workers=workers,
        faults=",".join(fault or ()),
    )
    talk = Talk(quiet=quiet or as_json)
    summary = campaign.run(progress=lambda *so_far: talk.progress(_so_far(*so_far)))
    talk.progress("")
    if mermaid is not None and summary.failure is not None:
        _write(mermaid, summary.failure.mermaid)
    if as_json:
        document("simulate", _content(campaign, summary))
    else:
        _show(campaign, summary)
    return 0 if summary.failure is None else CheckFailed.exit_code


def _so_far(runs: int, deliveries: int, seconds: float) -> str:
    return f"{runs:,} runs, {deliveries:,} deliveries, {runs / max(seconds, 1e-9):,.0f} runs/s"


def _check(runs: int | None, seconds: float | None, workers: int) -> None:
    given = (("--runs", runs, 1), ("--time", seconds, 0), ("--workers", workers, 1))
    for option, value, least in given:
        if value is not None and not value >= least:
            msg = f"{option} must be at least {least} and is {value}"
            raise UsageError(msg)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise _unwritable(path, error.strerror) from None


def _unwritable(path: Path, why: str | None) -> UsageError:
    return UsageError(f"cannot write `{path}`: {why}")


def _show(campaign: Campaign, summary: Summary) -> None:
    from tim3tool.cli.terminal import line

    failure = summary.failure
    if failure is not None:
        for text in failure.lines():
            line(text)
        line()
        line(f"again: tim3tool simulate {_words(campaign, failure.seed)}")
    found = "no invariant violated" if failure is None else "1 invariant violated"
    line(f"{_so_far(summary.runs, summary.deliveries, summary.seconds)} in {summary.seconds:.1f} s: {found}")


def _words(campaign: Campaign, seed: int) -> str:
    target = f"{campaign.path}::{campaign.name}" if campaign.name else str(campaign.path)
    faults = f" --fault {campaign.faults}" if campaign.faults else ""
    return f"{target} --seed {seed} --runs 1{faults}"


def _content(campaign: Campaign, summary: Summary) -> dict[str, object]:
    return {
        "ok": summary.failure is None,
        "seed": campaign.seed,
        "runs": summary.runs,
        "deliveries": summary.deliveries,
        "seconds": round(summary.seconds, 3),
        "failure": None if summary.failure is None else summary.failure.as_dict(),
    }
