"""Coverage as an LCOV tracefile (geninfo(1), "TRACEFILE FORMAT")."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tim3tool.spec.coverage.model import Coverage, FileCoverage

__all__ = ["lcov"]


def lcov(coverage: Coverage) -> str:
    """Return the tracefile.

    A branch is ``-`` where its statement never ran and ``0`` where it did without taking the branch. Two functions of
    one name in a file get their lines behind their names, because names tell them apart.

    Args:
        coverage: what was reached; paths are relative to the root.
    """
    return "".join(f"{line}\n" for file in coverage.files for line in _record(file))


def _record(file: FileCoverage) -> Iterator[str]:
    yield "TN:"
    yield f"SF:{file.path}"
    names = [function.name for function in file.functions]
    unique = [
        name.replace(",", " ") if names.count(name) == 1 else f"{name.replace(',', ' ')}:{function.line}.{number}"
        for number, (name, function) in enumerate(zip(names, file.functions, strict=True))
    ]
    for name, function in zip(unique, file.functions, strict=True):
        yield f"FN:{function.line},{name}"
    for name, function in zip(unique, file.functions, strict=True):
        yield f"FNDA:{function.hits},{name}"
    yield f"FNF:{file.function_ratio.total}"
    yield f"FNH:{file.function_ratio.hit}"
    blocks = groupby(file.branches, key=lambda branch: branch.group)
    for block, (_, branches) in enumerate(blocks):
        for number, branch in enumerate(branches):
            yield f"BRDA:{branch.line},{block},{number},{branch.hits if branch.is_reached else '-'}"
    yield f"BRF:{file.branch_ratio.total}"
    yield f"BRH:{file.branch_ratio.hit}"
    for line, hits in sorted(file.lines.items()):
        yield f"DA:{line},{hits}"
    yield f"LF:{file.line_ratio.total}"
    yield f"LH:{file.line_ratio.hit}"
    yield "end_of_record"
