"""Measures what coverage costs: the same program plain, with counters in its source, and under a line hook.

Each figure is CPU time, the best of several runs. The worst case is arithmetic in tight loops, where a counter is as
much work as the statement it counts; the suites of this repository are the usual case.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from tim3tool.lua.counting import Counting, Tally
from tim3tool.lua.instrument import instrument
from tim3tool.lua.vm import LuaVM

ROOT = Path(__file__).parents[1]
PROGRAMS = {
    "arithmetic": (
        b"""
local function gcd(a, b)
  while b ~= 0 do
    a, b = b, a % b
  end
  return a
end
local total = 0
for i = 1, 400 do
  for j = 1, 200 do
    if gcd(i, j) == 1 then
      total = total + 1
    end
  end
end
return total
"""
    ),
    "big integers": b"local bint = require('.bint')(256)\n"
    b"local a = bint(1)\nfor i = 1, 150 do\n  a = a * bint(i) % bint('98765432109876543211')\nend\nreturn tostring(a)",
    "words": b"""
local words = {}
for word in (("the quick brown fox jumps over the lazy dog "):rep(400)):gmatch("%a+") do
  local key = word:sub(1, 1):upper() .. word:sub(2)
  words[key] = (words[key] or 0) + 1
end
local keys = {}
for key in pairs(words) do
  keys[#keys + 1] = key
end
table.sort(keys)
return table.concat(keys, " ")
""",
}
HOOK = b"""
local run, hits = ...
debug.sethook(function(_, line) hits[line] = (hits[line] or 0) + 1 end, "l")
run()
debug.sethook()
"""


def spent() -> float:
    """Return the CPU seconds of this process and of those it has waited for, whatever else the machine does."""
    times = os.times()
    return time.process_time() + times.children_user + times.children_system


def best(action, runs: int = 25) -> float:
    times = []
    for _ in range(runs):
        before = spent()
        action()
        times.append(spent() - before)
    return min(times)


def library(vm: LuaVM, counting: Counting | None) -> None:
    """Give a VM the big integers, counted where the program is."""
    source = (ROOT / "tim3tool" / "aos" / "runtime" / "bint.lua").read_bytes()
    found = instrument(source)
    assert found is not None
    if counting is None:
        chunk = vm.load(source, "=bint")
    else:
        size = found.points.counters
        (chunk,) = vm.call(counting.lua[b"compile"], 1, found.chunk, size, b"=bint")
    vm.run(b"package.preload['.bint'] = ...", "=preload", chunk)


def measured(name: str, source: bytes) -> tuple[str, float, float, float]:
    found = instrument(source)
    assert found is not None
    plain = LuaVM()
    library(plain, None)
    program = plain.load(source, "=program")
    counted = LuaVM()
    counting = Counting(counted)
    library(counted, counting)
    unit = Tally().add(name=name, code=found.chunk, counters=found.points.counters)
    (with_counters,) = counted.call(counting.lua[b"compile"], unit.number, unit.code, unit.counters, b"=program")
    assert plain.call(program) == counted.call(with_counters)
    hook = plain.load(HOOK, "=hook")
    return (
        name,
        best(lambda: plain.call(program)),
        best(lambda: counted.call(with_counters)),
        best(lambda: plain.call(hook, program, plain.table({}))),
    )


def suites(*options: str) -> float:
    command = [sys.executable, "-m", "tim3tool", "test", *options]
    return best(lambda: subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL), 5)


def main() -> None:
    print("| program | plain | counters | line hook |")
    print("|---|--:|--:|--:|")
    for name, plain, counters, hook in (measured(name, source) for name, source in PROGRAMS.items()):
        print(f"| {name} | {plain * 1000:.1f} ms | {counters / plain:.2f}x | {hook / plain:.2f}x |")
    plain, counters = suites(), suites("--coverage")
    print(f"| this repository's suites, with start-up | {plain:.2f} s | {counters / plain:.2f}x | |")
    source = (ROOT / "tim3tool" / "aos" / "runtime" / "bint.lua").read_bytes()
    seconds = best(lambda: instrument(source))
    print(f"\nInstrumenting {len(source):,} bytes of Lua: {seconds * 1000:.1f} ms")


if __name__ == "__main__":
    main()
