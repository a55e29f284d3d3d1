"""Source maps and line tables lead every line of a bundle back to its source."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from proof import sample

from tim3tool.bundle import Bundle, BundledModule, LineTable, Span
from tim3tool.bundle.source_map import source_map

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def decoded(mappings: str) -> list[tuple[int, int, int, int, int]]:
    """Read mappings as the format's own text says: (line, column, source, line, column), all from 0."""
    found = []
    source = source_line = source_column = 0
    for line, segments in enumerate(mappings.split(";")):
        column = 0
        for segment in filter(None, segments.split(",")):
            numbers, value, shift = [], 0, 0
            for digit in map(DIGITS.index, segment):
                value |= (digit & 31) << shift
                shift += 5
                if not digit & 32:
                    numbers.append(-(value >> 1) if value & 1 else value >> 1)
                    value = shift = 0
            column += numbers[0]
            source, source_line, source_column = (
                source + numbers[1],
                source_line + numbers[2],
                source_column + numbers[3],
            )
            found.append((line, column, source, source_line, source_column))
    return found


def a_bundle(spans: list[Span]) -> Bundle:
    paths = list(dict.fromkeys(span.path for span in spans)) or ["none.lua"]
    files = [BundledModule(name=path, path=path, size=0, sha256=f"sha of {path}") for path in paths]
    return Bundle(
        name="demo",
        code=b"",
        build_hash="b",
        main=files[0],
        modules=tuple(files[1:]),
        externals=(),
        line_map=tuple(spans),
        warnings=(),
    )


@st.composite
def line_maps(draw) -> list[Span]:
    spans, line, column = [], 1, 1
    for _ in range(draw(st.integers(0, 12))):
        if draw(st.booleans()):
            line, column = line + draw(st.integers(1, 40)), draw(st.integers(1, 90))
        else:
            column += draw(st.integers(1, 90))
        lines = draw(st.integers(1, 5))
        spans.append(
            Span(
                path=draw(st.sampled_from(["src/a.lua", "b.lua", "é.lua"])),
                source_line=draw(st.integers(1, 9999)),
                bundle_line=line,
                lines=lines,
                source_column=draw(st.integers(1, 300)),
                bundle_column=column,
            )
        )
        if lines > 1:
            line, column = line + lines, 1
    return spans


@settings(max_examples=sample(100), derandomize=True)
@given(spans=line_maps())
def test_a_source_map_says_what_the_bundle_says(spans):
    bundle = a_bundle(spans)
    document = json.loads(source_map(bundle, Path("/p/build/demo.lua"), root=Path("/p")))
    assert (document["version"], document["file"], document["names"]) == (3, "demo.lua", [])
    assert [
        (line + 1, column + 1, document["sources"][source].removeprefix("../"), source_line + 1, source_column + 1)
        for line, column, source, source_line, source_column in decoded(document["mappings"])
    ] == [(at.line, at.column, at.path, at.source_line, at.source_column) for at in bundle.mappings]


@settings(max_examples=sample(100), derandomize=True)
@given(spans=line_maps())
def test_a_line_table_says_what_the_bundle_says(spans):
    bundle = a_bundle(spans)
    table = LineTable.read(LineTable.of(bundle).data())
    assert table == LineTable.of(bundle)
    for line in range(1, 60):
        assert table.source_of(line) == bundle.source_of(line)


def test_a_built_bundle_leads_to_the_lines_of_its_sources(programs, tmp_path):
    programs.write(
        {"src/main.lua": "local m = require 'm'\nreturn m.f()", "src/m.lua": "return {f = function()\n  error'x'\nend}"}
    )
    bundle = programs.build("src/main.lua")
    table = LineTable.of(bundle)
    line = bundle.code.splitlines().index(b"  error'x'") + 1
    text = f'[string ".handlers"]:723: [string "aos"]:{line}: x\n\tin function <[string "aos"]:{line - 1}>'
    assert table.translated(text) == '[string ".handlers"]:723: src/m.lua:2: x\n\tin function <src/m.lua:1>'
    place = table.first_place(text, tmp_path)
    assert (str(place), place.text) == ("src/m.lua:2", "  error'x'")
    programs.write({"src/m.lua": "-- another"})
    changed = table.first_place(text, tmp_path)
    assert (str(changed), changed.text) == ("src/m.lua:2", None)
    (tmp_path / "src/m.lua").unlink()
    assert table.first_place(text, tmp_path) == changed
    for other in ('[string "aos"]:1: x', f'[string "aos"]:{10**9}: x', "no place", ""):
        assert table.translated(other) == other
        assert table.first_place(other, tmp_path) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b'{"format": 2}',
        b'{"format": 1}',
        b'{"format":1,"name":"a","build_hash":"b","code":"c","sources":[],"spans":[[1,1,0,1]]}',
        b'{"format":1,"name":"a","build_hash":"b","code":"c","sources":[["a"]],"spans":[]}',
        b'{"format":1,"name":"a","build_hash":"b","code":"c","sources":[["a","b"]],"spans":[["x",1,0,1]]}',
    ],
)
def test_what_is_no_line_table_is_none(data):
    assert LineTable.read(data) is None
