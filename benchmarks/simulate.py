"""Measures how many schedules a second `tim3tool simulate` runs, by the number of workers."""

from __future__ import annotations

import os
import time
from pathlib import Path

from tim3tool.simulate import Campaign, Runner, load

ROOT = Path(__file__).parents[1]
SCENARIO = ROOT / "tests" / "system" / "mock_usda.py"
RUNS = 400


def main() -> None:
    """Print a table."""
    start = time.perf_counter()
    runner = Runner(load(SCENARIO), folder=SCENARIO.parent)
    print(f"spawning the processes of {SCENARIO.name}: {(time.perf_counter() - start) * 1000:,.0f} ms, once")
    start = time.perf_counter()
    for seed in range(200):
        runner.begin(seed)
        runner.world.read("mock-usda", "Usda.TotalSupply")
    print(f"going back to where a run begins: {(time.perf_counter() - start) * 5:,.2f} ms")
    for workers in range(1, (os.cpu_count() or 1) + 1):
        summary = Campaign(path=SCENARIO, runs=RUNS, workers=workers).run()
        rate, messages = summary.runs / summary.seconds, summary.deliveries / summary.seconds
        print(f"{workers} workers: {rate:,.0f} schedules/s, {messages:,.0f} messages/s ({RUNS} runs)")


if __name__ == "__main__":
    main()
