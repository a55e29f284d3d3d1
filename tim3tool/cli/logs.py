"""`tim3tool logs`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tim3tool.cli.options import AsJson, Directory, FromMark, Limit, ManifestFile, NetworkName, Process, Timeout, Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tim3tool.cli.reach import Reached
    from tim3tool.network.port import Answered

__all__ = ["logs"]


def logs(
    process: Process,
    *,
    mark: FromMark = None,
    limit: Limit = 100,
    watch: Watch = False,
    network: NetworkName = "local",
    directory: Directory = None,
    file: ManifestFile = None,
    timeout: Timeout = None,
    as_json: AsJson = False,
) -> int:
    """Print what a process printed, and its errors at their lines in the sources; with --json one JSON line each."""
    from tim3tool.cli.following import tell, waiting
    from tim3tool.cli.reach import reach

    to = reach(process, network, directory, file, timeout=waiting(timeout, watch=watch))
    return tell(to, _show(to, as_json=as_json), mark=mark, limit=limit, watch=watch)


def _show(to: Reached, *, as_json: bool) -> Callable[[Answered], None]:
    from tim3tool.cli.terminal import record

    def as_records(answered: Answered) -> None:
        for each in _entries(to, answered):
            record("log", {"process": to.process, "mark": answered.mark, "message": answered.message, **each})

    return as_records if as_json else lambda answered: _print(to, answered)


def _print(to: Reached, answered: Answered) -> None:
    from tim3tool.cli.answers import output_of
    from tim3tool.cli.terminal import line, printed

    mark = _short(answered)
    for text in output_of(answered.result).splitlines():
        if printed(text, colours=False).strip():
            line(f"{mark}  {printed(text)}".rstrip())
    for each in _went_wrong(to, answered):
        where = each["where"]
        place = f" ({where['path']}:{where['line']})" if where else ""
        line(f"{mark}  {'error: ' if each['error'] else ''}{each['text']}{place}")


def _entries(to: Reached, answered: Answered) -> Iterator[dict[str, Any]]:
    """Yield the lines that were printed, and what went wrong."""
    from tim3tool.aos import plain_text
    from tim3tool.cli.answers import output_of

    for text in plain_text(output_of(answered.result)).splitlines():
        if text.strip():
            yield {"text": text, "error": False, "where": None}
    yield from _went_wrong(to, answered)


def _went_wrong(to: Reached, answered: Answered) -> Iterator[dict[str, Any]]:
    """Yield the lines of an ``Error``; the one that says what it was comes last."""
    from tim3tool.deploy.judge import explained

    if answered.result.error is not None:
        first, rest, where = explained(answered.result, to.lines)
        yield from ({"text": text, "error": False, "where": None} for text in rest)
        place = {"path": where.path, "line": where.line} if where else None
        yield {"text": first, "error": True, "where": place}


def _short(answered: Answered) -> str:
    """Return a mark in a few characters: what a scheduler counts by, where the mark is a unit's cursor."""
    import base64
    import json

    try:
        return str(json.loads(base64.b64decode(answered.mark, validate=True))["ordinate"])
    except (ValueError, KeyError, TypeError):
        return answered.mark
