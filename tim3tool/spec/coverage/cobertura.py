"""Coverage as Cobertura's XML (coverage-04.dtd)."""

from __future__ import annotations

from itertools import groupby
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from pathlib import Path

    from tim3tool.spec.coverage.model import Coverage, FileCoverage, Ratio

__all__ = ["cobertura"]

_DOCTYPE: Final = '<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">'


def cobertura(coverage: Coverage, *, root: Path, timestamp: int) -> str:
    """Return the document: a package for each folder, a class for each file, a method for each function.

    Args:
        coverage: what was reached.
        root: the folder that paths are relative to.
        timestamp: when the run ended, in seconds since 1970.
    """
    top = ET.Element("coverage", _rates(coverage.line_ratio, coverage.branch_ratio))
    top.set("lines-covered", str(coverage.line_ratio.hit))
    top.set("lines-valid", str(coverage.line_ratio.total))
    top.set("branches-covered", str(coverage.branch_ratio.hit))
    top.set("branches-valid", str(coverage.branch_ratio.total))
    top.set("complexity", "0")
    top.set("version", "tim3tool")
    top.set("timestamp", str(timestamp))
    ET.SubElement(ET.SubElement(top, "sources"), "source").text = str(root)
    packages = ET.SubElement(top, "packages")
    folders = groupby(sorted(coverage.files, key=lambda file: (_folder(file), file.path)), key=_folder)
    for folder, files in folders:
        _package(packages, folder, list(files))
    ET.indent(top)
    return f'<?xml version="1.0" ?>\n{_DOCTYPE}\n{ET.tostring(top, encoding="unicode")}\n'


def _folder(file: FileCoverage) -> str:
    return PurePosixPath(file.path).parent.as_posix()


def _rates(lines: Ratio, branches: Ratio) -> dict[str, str]:
    return {"line-rate": f"{lines.percent / 100:.4g}", "branch-rate": f"{branches.percent / 100:.4g}"}


def _package(packages: ET.Element, folder: str, files: list[FileCoverage]) -> None:
    lines = [file.line_ratio for file in files]
    branches = [file.branch_ratio for file in files]
    total = type(lines[0])
    rates = _rates(total.sum(lines), total.sum(branches))
    package = ET.SubElement(packages, "package", {"name": folder, **rates, "complexity": "0"})
    classes = ET.SubElement(package, "classes")
    for file in files:
        _class(classes, file)


def _class(classes: ET.Element, file: FileCoverage) -> None:
    rates = _rates(file.line_ratio, file.branch_ratio)
    name = PurePosixPath(file.path).name
    each = ET.SubElement(classes, "class", {"name": name, "filename": file.path, **rates, "complexity": "0"})
    methods = ET.SubElement(each, "methods")
    for function in file.functions:
        rate = "1" if function.hits else "0"
        attributes = {"name": function.name, "signature": "", "line-rate": rate, "branch-rate": rate}
        method = ET.SubElement(methods, "method", {**attributes, "complexity": "0"})
        line = {"number": str(function.line), "hits": str(function.hits)}
        ET.SubElement(ET.SubElement(method, "lines"), "line", line)
    lines = ET.SubElement(each, "lines")
    arms: dict[int, int] = {}  # an `else` or `elseif` stands on a line where no statement begins
    for branch in file.branches:
        arms[branch.line] = max(branch.hits, arms.get(branch.line, 0))
    for number, hits in sorted((arms | file.lines).items()):
        _line(lines, file, number, hits)


def _line(lines: ET.Element, file: FileCoverage, number: int, hits: int) -> None:
    taken = [branch.hits for branch in file.branches if branch.line == number]
    line = ET.SubElement(lines, "line", {"number": str(number), "hits": str(hits)})
    if taken:
        hit = sum(1 for each in taken if each)
        line.set("branch", "true")
        line.set("condition-coverage", f"{100 * hit // len(taken)}% ({hit}/{len(taken)})")
