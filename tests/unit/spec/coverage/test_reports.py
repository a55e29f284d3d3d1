"""The same coverage in every kind of report."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tim3tool.spec.coverage.cobertura import cobertura
from tim3tool.spec.coverage.hits import FileHits, Hits
from tim3tool.spec.coverage.html import write_html
from tim3tool.spec.coverage.lcov import lcov
from tim3tool.spec.coverage.model import Coverage, Ratio
from tim3tool.spec.coverage.reports import Report, write
from tim3tool.spec.coverage.text import text_report


def test_what_was_reached(coverage):
    (file,) = coverage.files
    assert file.lines == {1: 1, 3: 1, 4: 2, 5: 1, 6 + 1: 0, 9: 1, 10: 0, 11: 0, 15: 1, 17: 1}
    assert file.missing == ((7, 7), (10, 11))
    assert file.partial == {15}
    assert [(branch.line, branch.label, branch.hits) for branch in file.branches] == [
        (4, "if", 1), (6, "elseif", 0), (4, "no else", 1), (9, "body", 0), (9, "no turn", 1), (15, "if", 0),
        (15, "no else", 0),
    ]  # fmt: skip
    assert [(function.name, function.hits) for function in file.functions] == [
        ("sign.of", 2), ("sign.never", 0), ("(anonymous)", 1),
    ]  # fmt: skip
    assert file.missing_branches(9) == ["body"]
    assert file.missing_branches(15) == []  # its `if` was never reached


@pytest.mark.parametrize(
    ("hit", "total", "shown"),
    [(0, 0, "100%"), (0, 9, "0%"), (1, 999, "1%"), (998, 999, "99%"), (9, 9, "100%"), (2, 3, "67%")],
)
def test_all_and_nothing_are_exact(hit, total, shown):
    assert Ratio(hit=hit, total=total).shown == shown


def test_text(coverage):
    assert text_report(coverage) == (
        "file          lines  branches  functions  cover  missing\n"
        "src/sign.lua   7/10       3/7        2/3    59%  7, 10-11, 6:elseif, 9:body\n"
        "total          7/10       3/7        2/3    59%\n"
        "\n"
        "handlers of bank  sent  errors\n"
        "Transfer             3       0  error arm never taken\n"
        "Transfer: Void       0       0  never sent\n"
        "all                  3       3  only ever answered with an error"
    )


def test_a_file_that_cannot_be_counted_is_named(hits, tmp_path):
    hits.files["src/gone.lua"] = FileHits(fingerprint="")
    (tmp_path / "src" / "sign.lua").write_text("return 1")
    found = Coverage.of(hits, tmp_path)
    assert found.uncounted == ("src/gone.lua", "src/sign.lua")
    assert "not counted: src/gone.lua" in text_report(found)


def test_nothing_at_all_is_covered():
    nothing = Coverage.of(Hits(), Path())
    assert nothing.total.shown == "100%"
    assert text_report(nothing).splitlines()[-1].split() == ["total", "-", "-", "-", "100%"]


def test_lcov(coverage):
    lines = lcov(coverage).splitlines()
    assert lines[:2] == ["TN:", "SF:src/sign.lua"]
    assert "FNDA:2,sign.of" in lines
    assert [line for line in lines if line.startswith("BRDA")] == [
        "BRDA:4,0,0,1", "BRDA:6,0,1,0", "BRDA:4,0,2,1", "BRDA:9,1,0,0", "BRDA:9,1,1,1", "BRDA:15,2,0,-",
        "BRDA:15,2,1,-",
    ]  # fmt: skip
    assert "DA:7,0" in lines
    assert not [line for line in lines if re.match(r"(DA|FN|BRDA):0,", line)]
    assert lines[-3:] == ["LF:10", "LH:7", "end_of_record"]


def test_cobertura(coverage, tmp_path):
    top = ET.fromstring(cobertura(coverage, root=tmp_path, timestamp=1_700_000_000))
    assert (top.get("lines-covered"), top.get("lines-valid")) == ("7", "10")
    (each,) = top.iter("class")
    assert each.get("filename") == "src/sign.lua"
    assert {int(line.get("number")): int(line.get("hits")) for line in each.find("lines")} == {
        1: 1, 3: 1, 4: 2, 5: 1, 6: 0, 7: 0, 9: 1, 10: 0, 11: 0, 15: 1, 17: 1,
    }  # fmt: skip
    (loop,) = [line for line in each.find("lines") if line.get("number") == "9"]
    assert loop.get("condition-coverage") == "50% (1/2)"


class Page(HTMLParser):
    """The classes of rows, the links, and whatever a page would load."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.text = path.read_text()
        self.rows: dict[str, str] = {}
        self.links: list[str] = []
        self.loads: list[str] = []
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "tr" and found.get("id"):
            self.rows[str(found["id"])] = found.get("class") or ""
        if tag == "a":
            self.links.append(str(found["href"]))
        if tag in ("link", "img") or (tag == "script" and "src" in found):
            self.loads.append(tag)


def test_html(coverage, tmp_path):
    folder = tmp_path / "out"
    write_html(folder, coverage, timestamp=1_700_000_000)
    index = Page(folder / "index.html")
    assert "error arm never taken" in index.text
    (link,) = index.links
    page = Page(folder / link)
    assert {row: state for row, state in page.rows.items() if state} == {
        "L1": "hit", "L3": "hit", "L4": "hit", "L5": "hit", "L6": "partial", "L7": "miss", "L9": "partial", "L10": "miss",
        "L11": "miss", "L15": "partial", "L17": "hit",
    }  # fmt: skip
    assert "&lt;b&gt;never&lt;/b&gt;" in page.text
    assert "sign.never never called" in page.text
    assert index.loads == page.loads == []
    assert "http" not in index.text + page.text
    assert (folder / link).parent.joinpath(page.links[0]).resolve() == (folder / "index.html").resolve()


@pytest.mark.parametrize(
    ("text", "kind", "path"),
    [("text", "text", None), ("lcov", "lcov", "coverage.lcov"), ("html:C:/x", "html", "C:/x"), ("text:a", "text", "a")],
)
def test_a_report_is_asked_for_by_kind_and_path(text, kind, path):
    assert Report.of(text) == Report(kind=kind, path=None if path is None else Path(path))


@pytest.mark.parametrize(
    ("text", "says"), [("lcovv", "did you mean `lcov`"), ("", "there are text, lcov"), ("pdf:x", "there are")]
)
def test_a_report_that_does_not_exist_is_refused(text, says):
    with pytest.raises(ValueError, match=says):
        Report.of(text)


@pytest.mark.parametrize("kind", ["text", "lcov", "cobertura", "html"])
def test_every_kind_is_written_where_it_was_asked_for(coverage, tmp_path, kind):
    path = tmp_path / "new" / "report"
    write(kind, path, coverage, root=tmp_path, timestamp=0)
    assert (path / "index.html" if kind == "html" else path).stat().st_size > 100
