"""Lua suites here and under busted, in one run: 500 light and 500 heavy tests, with one worker and with two, and one
trivial test. Wall time counts, on a machine that does nothing else; CPU time stands beside it, which suffers less when
it does.

.venv/bin/python benchmarks/suites.py
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TOOL = str(Path(sys.executable).with_name("tim3tool"))
# An installed tool has its bytecode, and its output is buffered.
SURROUNDINGS = {
    name: value for name, value in os.environ.items() if name not in ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")
}
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


def best(command: list[str], folder: Path, times: int = 5) -> tuple[float, float]:
    """Return the least wall and the least CPU seconds that a command takes."""
    walls, cpus = [], []
    for _ in range(times):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(command, cwd=folder, env=SURROUNDINGS, capture_output=True, check=True)
        walls.append(time.perf_counter() - start)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpus.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(walls), min(cpus)


def write(folder: Path, test: str) -> None:
    """Write 500 tests, in ten files."""
    folder.mkdir()
    for number in range(10):
        tests = "".join(test.format(n=n) for n in range(50))
        (folder / f"s{number}_spec.lua").write_text(f"describe('s{number}', function()\n{tests}end)\n")


def rows() -> list[tuple[str, str, str]]:
    """Return what was measured: the figure's name, its value, and the promise."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "one_spec.lua").write_text("it('x', function() end)\n")
        wall, cpu = best([TOOL, "test", "one_spec.lua"], folder)
        found = [("`tim3tool test` on one trivial file", f"{wall:.2f} s (CPU {cpu:.2f} s)", "< 0.6 s")]
        for kind, test in (("light", TEST), ("heavy", HEAVY)):
            write(folder / kind, test)
            busted = best(["busted", kind], folder) if shutil.which("busted") else None
            for workers, promise in ((1, "<= 1.5 x busted"), (2, "<= 1 x busted")):
                wall, cpu = best([TOOL, "test", kind, "-n", str(workers)], folder)
                value = f"{wall:.2f} s (CPU {cpu:.2f} s)"
                if busted is not None:
                    value += f", busted {busted[0]:.2f} s (CPU {busted[1]:.2f} s): {wall / busted[0]:.2f} x"
                    value += f" (CPU {cpu / busted[1]:.2f} x)"
                found.append((f"500 {kind} Lua tests, {workers} worker{'s' * (workers > 1)}", value, promise))
    return found


def main() -> None:
    """Print the rows."""
    for row in rows():
        print(*row, sep=" | ")


if __name__ == "__main__":
    main()
