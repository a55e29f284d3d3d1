"""How fast the real module answers under wasmtime, and how soon: prints one line for each measure.

usage: wasm_engine.py MODULE.wasm
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tim3tool.aos import Process

PID, OWNER = "P" * 43, "O" * 43
ENV = {"Process": {"Id": PID, "Owner": OWNER, "Tags": []}, "Module": {"Id": "M" * 43, "Owner": OWNER, "Tags": []}}
BASE = {"Target": PID, "From": OWNER, "Owner": OWNER, "Module": "M" * 43, "Block-Height": 1, "Timestamp": 1000}
BOOT = {**BASE, "Id": PID, "Tags": [{"name": "Type", "value": "Process"}]}
CODE = 'Handlers.add("ping", "Ping", function(msg) msg.reply({Data = "pong"}) end)'
EVAL = {**BASE, "Id": "eval", "Data": CODE, "Tags": [{"name": "Action", "value": "Eval"}]}
PING = {**BASE, "Id": "ping", "Tags": [{"name": "Action", "value": "Ping"}]}
SECONDS = 5.0


def started(module: Path, cache: Path) -> Process:
    process = Process(ENV, engine="wasm", module=module, cache=cache)
    process.handle(BOOT)
    return process


def timed(action) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def messages_a_second(process: Process) -> float:
    process.handle(EVAL)
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < SECONDS:
        result = process.handle({**PING, "Id": f"ping{count}"})
        assert result.messages[0]["Data"] == "pong"
        count += 1
    return count / (time.perf_counter() - began)


def main() -> None:
    module = Path(sys.argv[1])
    if len(sys.argv) > 2:  # the cold start, wasmtime's own import included, in an interpreter of its own
        cache = Path(sys.argv[2])
        print(timed(lambda: started(module, cache)))
        return
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "cache"
        print(f"compile and start     {timed(lambda: started(module, cache)):8.3f} s")
        again = subprocess.run([sys.executable, __file__, module, cache], check=True, capture_output=True, text=True)
        print(f"start from the cache  {float(again.stdout):8.3f} s")
        print(f"start once more       {timed(lambda: started(module, cache)):8.3f} s")
        print(f"ping                  {messages_a_second(started(module, cache)):8.0f} messages/s")


if __name__ == "__main__":
    main()
