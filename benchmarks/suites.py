"""Lua suites here and under busted, in one run: wall time of 500 tests with one and two workers, and of one test.

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


def best(command: list[str], folder: Path, times: int = 5) -> float:
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        subprocess.run(command, cwd=folder, capture_output=True, check=True)
        taken.append(time.perf_counter() - start)
    return min(taken)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "spec").mkdir()
        for number in range(10):
            tests = "".join(TEST.format(n=n) for n in range(50))
            (folder / "spec" / f"s{number}_spec.lua").write_text(f"describe('s{number}', function()\n{tests}end)\n")
        (folder / "one_spec.lua").write_text("it('x', function() end)\n")
        busted = best(["busted", "spec"], folder) if shutil.which("busted") else None
        rows = [
            ("500 tests, one worker", best([TOOL, "test", "spec"], folder)),
            ("500 tests, two workers", best([TOOL, "test", "spec", "-n", "2"], folder)),
            ("one trivial file", best([TOOL, "test", "one_spec.lua"], folder)),
        ]
    print(f"busted, 500 tests: {busted:.2f} s" if busted else "busted is not installed")
    for what, seconds in rows:
        ratio = f" ({seconds / busted:.2f}x busted)" if busted and "500" in what else ""
        print(f"tim3tool, {what}: {seconds:.2f} s{ratio}")


if __name__ == "__main__":
    main()
