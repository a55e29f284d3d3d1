"""Measures bundling: speed against the npm package luabundle on the same input, memory, and growth.

Every figure is of a whole process, from its start to the written bundle, with its Source Map and line table where it
is ours, and the best of several.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SIZE = 5_000_000
BUILD = """
import resource, sys
from pathlib import Path
from tim3tool.bundle import Minify, build, outputs, write
program, output, level = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
bundle = build(program / "main.lua", name="program", root=program, minify=Minify.level(level))
write(outputs(bundle, output, root=program))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
FUNCTION = """
--- Weighs the items of a message.
-- @param a a number
function M.compute_{0}(a, b, message)
  local total, count = 0, #message
  for index = 1, count do
    local item = message[index]
    if item.kind == "number" and item.value ~= nil then
      total = total + item.value * {0} -- weighted
    elseif type(item.handler) == 'function' then
      total = total + item.handler(a, b, {{ name = "n{0}", index }})
    end
  end
  return total // (count + 1), string.format("%d items of %s", count, tostring(a))
end
"""


def write_program(folder: Path, modules: int, size: int) -> None:
    """Write a program: a tree of Lua modules, each of which requires two others."""
    body, number = "", 0
    while len(body) < size // modules - 120:
        body += FUNCTION.format(number)
        number += 1
    for index in range(modules):
        children = [child for child in (2 * index + 1, 2 * index + 2) if child < modules]
        head = "".join(f'local dep{child} = require("part{child % 10}.m{child}")\n' for child in children)
        path = folder / ("main.lua" if index == 0 else f"part{index % 10}/m{index}.lua")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"local M = {{}}\n{head}{body}return M\n")


def ours(program: Path, output: Path, level: str = "none", *, runs: int = 5) -> tuple[float, float]:
    """Return the seconds and the megabytes that a build takes."""
    return min(timed(sys.executable, "-c", BUILD, program, output, level) for _ in range(runs))


def timed(*words: str | Path) -> tuple[float, float]:
    """Return the seconds that a command takes, and the number that it prints."""
    start = time.perf_counter()
    printed = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    return time.perf_counter() - start, float(printed or 0)


def peer(program: Path, output: Path, seconds: float) -> str:
    """Return how luabundle does with the same program."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    installed = Path(os.environ.get("TIM3_LUABUNDLE") or cache / "tim3tool-luabundle" / "1.7.0")
    node = shutil.which("node")
    if node is None or not (installed / "node_modules").is_dir():
        return "not available: see benchmarks/README.md"
    script = Path(__file__).with_name("luabundle.js")
    theirs = min(timed(node, script, installed, program, output) for _ in range(5))[0]
    return f"{theirs:.2f} s, ours takes {seconds / theirs:.2f} of it"


def rows() -> list[tuple[str, str, str]]:
    """Return what was measured: the figure's name, its value, and the promise."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        output = folder / "bundle.lua"
        write_program(folder / "large", 1_000, SIZE)
        for modules in (1, 100, 10_000):
            write_program(folder / str(modules), modules, modules * 2_000)
        seconds, megabytes = ours(folder / "large", output)
        one, few, many = (ours(folder / str(modules), output, runs=5)[0] for modules in (1, 100, 10_000))
        full, most = ours(folder / "large", output, "full", runs=2)
        bundler = peer(folder / "large", output, seconds)
    growth = (many - one) / (few - one) * 99 / 9_999
    return [
        ("bundling 1,000 Lua modules of 5 MB, wall", f"{seconds:.2f} s", "-"),
        ("the same with luabundle", bundler, "ours: at most 0.5 of it"),
        ("peak memory of that", f"{megabytes:.0f} MB", "< 300 MB"),
        ("the same minified to level full, wall and peak memory", f"{full:.1f} s, {most:.0f} MB", "< 300 MB"),
        ("time a Lua module with 10,000 of them, against 100", f"{growth:.2f} x", "linear"),
    ]


if __name__ == "__main__":
    for row in rows():
        sys.stdout.write(f"| {' | '.join(row)} |\n")
