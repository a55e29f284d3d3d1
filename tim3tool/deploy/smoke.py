"""Smoke checks: questions that deployed processes must answer well. They are dry-runs, so nothing is sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from tim3tool.deploy import expect, judge
from tim3tool.errors import ManifestError, ProcessFailed
from tim3tool.project import paths, render

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tim3tool.deploy.lines import KeptLines
    from tim3tool.network.port import Port
    from tim3tool.project import Context, ProcessSpec, SmokeCheck

__all__ = ["Smoked", "check_askers", "paths_of", "raise_failed", "run_smoke"]


_DEPLOYED: Final = "all is deployed, and nothing was undone; mend it and deploy again"


@dataclass(frozen=True, kw_only=True, slots=True)
class Smoked:
    """What became of a smoke check.

    Args:
        process: the name of the process.
        name: the name of the check.
        error: why it failed; None when it passed.
    """

    process: str
    name: str
    error: ProcessFailed | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {
            "process": self.process,
            "name": self.name,
            "ok": self.error is None,
            "message": self.error.message if self.error else None,
        }


def check_askers(specs: Iterable[ProcessSpec], *, port: Port) -> None:
    """Refuse checks that say who asks where the network does not let them, before anything is sent.

    Args:
        specs: processes, as they are on the network.
        port: the network.

    Raises:
        ManifestError: there is such a check.
    """
    for spec in specs:
        for check in spec.smoke:
            if check.sender is not None and not port.terms.any_owner:
                msg = f"network `{port.name}` does not let a smoke check say who asks"
                hint = f"leave `from` out, or give `{spec.name}` other checks below `networks: {{{port.name}: …}}`"
                raise ManifestError(msg, where=check.sender.where, help=hint)


def run_smoke(
    specs: Iterable[ProcessSpec],
    ids: Mapping[str, str],
    *,
    port: Port,
    context: Context,
    lines: KeptLines,
) -> tuple[Smoked, ...]:
    """Ask every question, also after one that failed; not those that need answers of processes that are not asked.

    Args:
        specs: processes, as they are on the network (see `Manifest.on`).
        ids: the id of each process by name; those without one are left out.
        port: the network.
        context: what texts of the manifest are rendered with; its owner asks.
        lines: the lines of what runs there, for errors.

    Returns:
        What became of each, in the order of the manifest.

    Raises:
        ManifestError: a text refers to what is not known.
        NetworkError: the network did not answer.
    """
    asked = {spec.name: spec for spec in specs if spec.name in ids}
    answers: dict[tuple[str, ...], str] = {}
    smoked = []
    for spec in asked.values():
        for check in spec.smoke:
            if not _needed(check) <= asked.keys():
                continue
            known = replace(context, known={**context.known, **answers})
            error, answer = _ask(spec, check, ids[spec.name], port=port, context=known, lines=lines)
            smoked.append(Smoked(process=spec.name, name=check.name, error=error))
            answers |= {("answers", spec.name, name): value for name, value in answer.items()}
    return tuple(smoked)


def raise_failed(smoked: Iterable[Smoked], *, help: str = _DEPLOYED) -> None:  # noqa: A002 - as of errors
    """Raise the error of the first check that failed, with notes of the others.

    Args:
        smoked: what became of each check.
        help: what to do, where the error does not say it.

    Raises:
        ProcessFailed: one failed.
    """
    failed = [(each, each.error) for each in smoked if each.error is not None]
    if not failed:
        return
    (_, first), *others = failed
    raise ProcessFailed(
        first.message,
        process=first.process,
        where=first.where,
        label=first.label,
        notes=[*first.notes, *(f"{error.message}" for _, error in others)],
        help=first.help or help,
    )


def _ask(
    spec: ProcessSpec, check: SmokeCheck, process: str, *, port: Port, context: Context, lines: KeptLines
) -> tuple[ProcessFailed | None, Mapping[str, str]]:
    """Ask one question; return why the answer is not good, and what it says."""
    sender = render(check.sender, context) if check.sender else context.owner
    what = f"the smoke check `{check.name}` of `{spec.name}`"
    answer: Mapping[str, str] = {}
    try:
        wanted = expect.rendered(check.expect, context, sender=sender if port.terms.any_owner else None)
        tags = [(tag.name, render(tag.value, context)) for tag in check.tags]
        result = port.dry_run(process, owner=sender, tags=tags, data=render(check.data, context))
        judge.check_handled(result, what, lines=lines.of_process(process, network=port.name))
        answer = expect.reply(result)
        expect.check(result, what, wanted)
    except ProcessFailed as error:
        return _placed(error, check), answer
    except ManifestError as error:
        if not _needed(check):
            raise
        msg = f"{what} needs an answer that there is none of: {error.message}"
        return ProcessFailed(msg, where=error.where, label=error.label, help=error.help), answer
    return None, answer


def paths_of(check: SmokeCheck) -> Iterator[tuple[str, ...]]:
    """Yield what the texts of a check refer to; see `project.paths`."""
    expected = (text for each in check.expect for text in (each.data, each.target, each.output))
    tags = (*check.tags, *(tag for each in check.expect for tag in each.tags))
    for text in (check.data, check.sender, *expected, *(tag.value for tag in tags)):
        if text is not None:
            yield from paths(text)


def _needed(check: SmokeCheck) -> frozenset[str]:
    """Return the names of the processes whose answers a check compares with."""
    return frozenset(path[1] for path in paths_of(check) if path[0] == "answers")


def _placed(error: ProcessFailed, check: SmokeCheck) -> ProcessFailed:
    """Return an error that shows where the check stands, where it shows no other place."""
    if error.where is not None:
        return error
    return ProcessFailed(
        error.message, process=error.process, where=check.where, notes=error.notes, help=error.help, label=error.label
    )
