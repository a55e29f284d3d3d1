"""Lua suites here and under busted, in one run: wall time of 500 light and 500 heavy tests, with one worker and with
two, and of one trivial test.

.venv/bin/python benchmarks/suites.py
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TOOL = str(Path(sys.executable).with_name("tim3tool"))
TEST = """it('t{n}', function()
  local t = {{}}
  for k = 1, 200 do t[k] = {{ k, tostring(k) }} end
  assert.same(t, t)
  assert.equal(200, #t)
end)
"""
# Some milliseconds of work in Lua, as tests of parsers and codecs do.
HEAVY = """it('t{n}', function()
  local words = {{}}
  for k = 1, 4000 do words[#words + 1] = ("%05d"):format((k * 7919) % 10007) end
  table.sort(words)
  assert.equal(4000, #words)
end)
"""


def best(command: list[str], folder: Path, times: int = 3) -> float:
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        subprocess.run(command, cwd=folder, capture_output=True, check=True)
        taken.append(time.perf_counter() - start)
    return min(taken)


def write(folder: Path, test: str) -> None:
    folder.mkdir()
    for number in range(10):
        tests = "".join(test.format(n=n) for n in range(50))
        (folder / f"s{number}_spec.lua").write_text(f"describe('s{number}', function()\n{tests}end)\n")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "one_spec.lua").write_text("it('x', function() end)\n")
        print(f"tim3tool, one trivial file: {best([TOOL, 'test', 'one_spec.lua'], folder):.2f} s")
        for kind, test in (("light", TEST), ("heavy", HEAVY)):
            write(folder / kind, test)
            busted = best(["busted", kind], folder) if shutil.which("busted") else None
            print(f"busted, 500 {kind} tests: " + (f"{busted:.2f} s" if busted else "not installed"))
            for workers in (1, 2):
                words = [TOOL, "test", kind, *(("-n", "2") if workers == 2 else ())]
                seconds = best(words, folder)
                ratio = f" ({seconds / busted:.2f}x busted)" if busted else ""
                print(f"tim3tool, 500 {kind} tests, workers: {workers}: {seconds:.2f} s{ratio}")


if __name__ == "__main__":
    main()
