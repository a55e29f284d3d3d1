"""`tim3tool replay`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tim3tool.cli.options import AsJson
from tim3tool.errors import CheckFailed, UsageError

if TYPE_CHECKING:
    from tim3tool.aos.transcript import Transcript

__all__ = ["replay"]


def replay(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Transcripts, as JSON.")],
    *,
    raw: Annotated[bool, typer.Option("--raw", help="Keep the state after an Error, as the bare module does.")] = False,
    aos: Annotated[str | None, typer.Option("--aos", metavar="VERSION", help="Behave as this aos version.")] = None,
    write: Annotated[
        Path | None, typer.Option("--write", metavar="FILE", help="Write what is answered now (of one transcript).")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Replay recorded transcripts against the mocked AO and report every difference."""
    from tim3tool.aos.transcript import load
    from tim3tool.cli.terminal import document

    if write is not None and len(files) != 1:
        msg = "--write takes the answers of one transcript"
        raise UsageError(msg, help="replay the transcripts one by one")
    reports = [_replayed(load(path), path, raw=raw, aos=aos, quiet=as_json) for path in files]
    if write is not None:
        _write(write, reports[0]["answers"])
    different = sum(len(report["differences"]) for report in reports)
    if as_json:
        shown = [{key: value for key, value in report.items() if key != "answers"} for report in reports]
        document("replay", {"ok": not different, "transcripts": shown})
    return CheckFailed.exit_code if different else 0


def _replayed(transcript: Transcript, path: Path, *, raw: bool, aos: str | None, quiet: bool) -> dict[str, Any]:
    from tim3tool.aos import Process
    from tim3tool.aos.transcript import replay as steps
    from tim3tool.cli.terminal import line

    process = Process(transcript.env, aos=aos or transcript.aos, raw=raw)
    answers, differences = [], []
    for step, answer, found in steps(transcript, process):
        answers.append(answer)
        if found:
            differences.append({"step": step.label, "at": found.at, "want": found.want, "got": found.got})
            if not quiet:
                line(f"{path}: {step.label}: {found}")
    total = len(transcript.steps)
    if not quiet:
        line(f"{path}: {total - len(differences)} of {total} steps answered as recorded (aos {aos or transcript.aos})")
    return {"file": str(path), "steps": total, "differences": differences, "answers": answers}


def _write(path: Path, answers: list[dict[str, Any]]) -> None:
    text = json.dumps({"steps": [{"output": answer} for answer in answers]}, indent=1, ensure_ascii=False)
    try:
        path.write_text(text + "\n")
    except OSError as error:
        msg = f"`{path}` cannot be written: {error.strerror}"
        raise UsageError(msg) from None
