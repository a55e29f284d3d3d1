"""The JSON document of `tim3tool test`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tim3tool.spec.coverage.model import Coverage, Ratio
    from tim3tool.spec.outcomes import Outcome, Outcomes

__all__ = ["test_document"]


def test_document(outcomes: Outcomes, code: int) -> dict[str, Any]:
    """Return the members of the document (docs/reference/cli.md).

    Args:
        outcomes: what happened.
        code: the exit code.
    """
    return {
        "ok": code == 0,
        "exit_code": code,
        "counts": {verdict: outcomes.count(verdict) for verdict in ("passed", "failed", "error", "skipped")},
        "seconds": round(sum(outcome.seconds for outcome in outcomes.all), 6),
        "tests": [_test(outcome) for outcome in outcomes.all],
        "coverage": _coverage(outcomes.coverage) if outcomes.coverage else None,
    }


def _test(outcome: Outcome) -> dict[str, Any]:
    where = outcome.where
    return {
        "id": outcome.id,
        "path": outcome.path,
        "line": outcome.line or None,
        "outcome": outcome.verdict,
        "seconds": round(outcome.seconds, 6),
        "message": outcome.message or None,
        "where": {"path": where.path, "line": where.line or None} if where else None,
    }


def _coverage(coverage: Coverage) -> dict[str, Any]:
    return {
        "percent": round(coverage.total.percent, 2),
        "lines": _ratio(coverage.line_ratio),
        "branches": _ratio(coverage.branch_ratio),
        "functions": _ratio(coverage.function_ratio),
        "files": [
            {
                "path": file.path,
                "percent": round(file.total.percent, 2),
                "lines": _ratio(file.line_ratio),
                "branches": _ratio(file.branch_ratio),
                "functions": _ratio(file.function_ratio),
                "missing": [list(stretch) for stretch in file.missing],
            }
            for file in coverage.files
        ],
        "handlers": [
            {
                "process": each.process,
                "handler": each.handler,
                "action": each.action,
                "place": each.place or None,
                "sent": each.ran,
                "errors": each.refused,
                "remark": each.remark or None,
            }
            for each in coverage.handlers
        ],
        "uncounted": list(coverage.uncounted),
    }


def _ratio(ratio: Ratio) -> dict[str, int]:
    return {"hit": ratio.hit, "total": ratio.total}
