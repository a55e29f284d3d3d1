"""The line tables of what was deployed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tim3tool.bundle import LineTable
from tim3tool.deploy.lines import KeptLines

TABLE = LineTable(name="x", build_hash="0" * 64, code="1" * 64, sources=(("x.lua", "2" * 64),), spans=((1, 1, 0, 1),))


def test_several_threads_keep_the_tables_of_the_same_and_of_other_code(tmp_path):
    for number in range(20):
        lines = KeptLines(tmp_path / str(number))
        codes = [f"{code:064x}" for code in (1, 1, 1, 2, 3, 4)]
        with ThreadPoolExecutor(len(codes)) as pool:
            list(pool.map(lambda code, lines=lines: lines.keep(code, TABLE), codes))
        assert all(lines.of_code(code) for code in codes)
