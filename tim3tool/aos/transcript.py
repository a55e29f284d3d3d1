"""Recorded conversations with a process, and how what it answers now differs from what it answered then.

A transcript is ``{"env": {...}, "steps": [{"label", "input", "output"}]}``; an output is a result as the compute unit
gives it, or ``{"__throw": text}`` where the module itself raised.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tim3tool.aos.versions import DEFAULT_VERSION, MODULES
from tim3tool.errors import UsageError, Where

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tim3tool.aos.process import Process

__all__ = ["Difference", "Step", "Transcript", "difference", "load", "replay"]

_MEMBERS: Final = ("__throw", "Error", "Output", "Messages", "Spawns", "Assignments")
_FIXED_TAGS: Final = {"Message": 4, "Process": 7}  # tags of one order; those behind them come as Lua's pairs gives them
_ADDRESS: Final = re.compile(r"\b((?:table|function|thread|userdata): )(?:builtin: )?(?:0x)?[0-9a-fA-F]{4,}")
_RUNTIME_LINE: Final = re.compile(r'(\[string \\*"(?:\.[^"\\]*|json|ao)\\*"\]):\d+:')
_SHOWN: Final = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One message of a transcript, and what was answered.

    Args:
        label: what it is called.
        message: the message as the compute unit sent it.
        output: what was answered then.
    """

    label: str
    message: dict[str, Any]
    output: dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Transcript:
    """A recorded conversation.

    Args:
        name: what it is called.
        aos: the aos version that it was recorded from, as far as the transcript tells.
        env: the env of the process.
        steps: in order, the Process message among them.
    """

    name: str
    aos: str
    env: dict[str, Any]
    steps: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """Where an answer first differs from the recorded one.

    Args:
        at: the member, such as ``output.Messages[0].Data``.
        want: what was recorded, as JSON; None when nothing was.
        got: what is answered now, as JSON; None when nothing is.
    """

    at: str
    want: str | None
    got: str | None

    def __str__(self) -> str:
        """Return the place and both values, on three lines."""
        return f"{self.at}\n  recorded: {_short(self.want)}\n  now:      {_short(self.got)}"


def load(path: Path) -> Transcript:
    """Read a transcript.

    Args:
        path: a JSON file.

    Raises:
        UsageError: the file cannot be read, or is no transcript.
    """
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        msg = f"`{path}` cannot be read: {error.strerror}"
        raise UsageError(msg) from None
    except json.JSONDecodeError as error:
        raise UsageError(error.msg, where=Where(path=str(path), line=error.lineno, column=error.colno)) from None
    except (UnicodeDecodeError, RecursionError):
        msg = f"`{path}` is not JSON"
        raise UsageError(msg) from None
    return _read(document, path)


def _read(document: Any, path: Path) -> Transcript:
    def expect(condition: object, what: str) -> None:
        if not condition:
            msg = f"`{path}` is no transcript: {what}"
            raise UsageError(msg, help='a transcript is {"env": …, "steps": [{"label", "input", "output"}]}')

    expect(isinstance(document, dict), "it is not an object")
    env, steps = document.get("env"), document.get("steps")
    expect(isinstance(env, dict) and isinstance(env.get("Process"), dict), "`env.Process` is missing")
    expect(isinstance(steps, list), "`steps` is missing")
    read = []
    for number, step in enumerate(steps):
        expect(isinstance(step, dict), f"step {number} is not an object")
        label = str(step.get("label", f"step {number}"))
        expect(isinstance(step.get("input"), dict), f"`input` of {label} is missing")
        expect(isinstance(step.get("output"), dict), f"`output` of {label} is missing")
        tags = step["input"].get("Tags") or []
        proper = isinstance(tags, list) and all(isinstance(tag, dict) for tag in tags)
        expect(proper, f"`input.Tags` of {label} is no list of tags")
        read.append(Step(label=label, message=step["input"], output=step["output"]))
    return Transcript(
        name=str(document.get("name", path.stem)), aos=_version(document), env=env, steps=tuple(read)
    )  # fmt: skip


def _version(document: dict[str, Any]) -> str:
    recorded = re.fullmatch(r"aos(\d+)_(\d+)_(\d+)", str(document.get("module", "")))
    if recorded:
        return ".".join(recorded.groups())
    module = document["env"].get("Module")
    return MODULES.get(module.get("Id", "") if isinstance(module, dict) else "", DEFAULT_VERSION)


def replay(transcript: Transcript, process: Process) -> Iterator[tuple[Step, dict[str, Any], Difference | None]]:
    """Feed a transcript to a process, step by step.

    Args:
        transcript: what to feed.
        process: a new process with the transcript's env.

    Returns:
        For each step: the step, what is answered now, and where that first differs.
    """
    for step in transcript.steps:
        answer = process.handle(step.message).transcript()
        yield step, answer, difference(step.output, answer)


def difference(want: Any, got: Any) -> Difference | None:
    """Return where an output first differs from a recorded one, or None.

    What no two runs of the real module share is left out: the order of tags behind the fixed ones and of members,
    addresses of tables and functions, and line numbers inside the runtime.
    """
    return _differ(_normal(want), _normal(got), "output")


def _normal(output: dict[str, Any]) -> Any:
    return _walk({key: output[key] for key in _MEMBERS if output.get(key) is not None})


def _walk(value: Any) -> Any:
    if isinstance(value, str):
        return _RUNTIME_LINE.sub(r"\1:*:", _ADDRESS.sub(r"\1*", value))
    if isinstance(value, list):
        return [_walk(item) for item in value]
    if not isinstance(value, dict):
        return value
    normal = {}
    for key, item in value.items():
        if item is None:
            continue
        walked = _walk(_canonical(item) if key == "Data" and isinstance(item, str) else item)
        if key == "Tags" and isinstance(walked, list):
            fixed = _fixed(walked)
            walked = walked[:fixed] + sorted(walked[fixed:], key=lambda tag: json.dumps(tag, sort_keys=True))
        normal[key] = walked
    return normal


def _fixed(tags: list[Any]) -> int:
    kind = tags[2].get("value") if len(tags) > 2 and isinstance(tags[2], dict) else None
    return _FIXED_TAGS.get(kind, 0) if isinstance(kind, str) else 0


class _Number(str):
    """A JSON number as it was written: ``1e+14`` and ``100000000000000`` are different data."""

    __slots__ = ()


def _canonical(data: str) -> str:
    """Return data that is a JSON object or array with its members in one order."""
    if data.strip()[:1] not in ("{", "["):
        return data
    try:
        value = json.loads(data, parse_int=_Number, parse_float=_Number)
    except (ValueError, RecursionError):
        return data
    return "json " + _written(value)


def _written(value: Any) -> str:
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{_written(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_written, value)) + "]"
    return json.dumps(value)


_ABSENT: Final = object()


def _differ(want: Any, got: Any, at: str) -> Difference | None:
    if isinstance(want, dict) and isinstance(got, dict):
        keys = sorted({*want, *got})
        pairs = [(f"{at}.{key}", want.get(key, _ABSENT), got.get(key, _ABSENT)) for key in keys]
    elif isinstance(want, list) and isinstance(got, list):
        longest = range(max(len(want), len(got)))
        pairs = [
            (f"{at}[{n}]", want[n] if n < len(want) else _ABSENT, got[n] if n < len(got) else _ABSENT) for n in longest
        ]
    else:
        return None if _same(want, got) else Difference(at=at, want=_json(want), got=_json(got))
    return next((found for place, a, b in pairs if (found := _differ(a, b, place))), None)


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, int | float) and isinstance(b, int | float):
        return a == b
    return type(a) is type(b) and bool(a == b)


def _json(value: Any) -> str | None:
    return None if value is _ABSENT else json.dumps(value, ensure_ascii=False)


def _short(value: str | None) -> str:
    if value is None:
        return "nothing"
    return value if len(value) <= _SHOWN else f"{value[:_SHOWN]}… ({len(value)} characters)"
