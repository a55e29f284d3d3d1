"""The real aos modules answer as they did when the transcripts were recorded, and keep to our limits."""

from __future__ import annotations

import gc
import json
import sys
import time
from pathlib import Path

import pytest
from real import ABSENT, BASE, BOOT, COMPILED, ENV, TRANSCRIPTS, compare, message, module_file, needs_module

from tim3tool.aos import MODULES, Limits, Process
from tim3tool.aos.wasm import WasmMachine
from tim3tool.errors import ProcessFailed, UsageError

NAMES = sorted(path.stem for path in TRANSCRIPTS.glob("*.json"))
VERSIONS = {f"aos{version.replace('.', '_')}": version for version in MODULES.values()}


def evaluation(code: str, number: int = 1):
    return message(code, number)


def started(**options) -> Process:
    process = Process(ENV, engine="wasm", module=module_file("2.0.6"), cache=COMPILED, **options)
    process.handle(BOOT)
    return process


@needs_module
@pytest.mark.parametrize("name", NAMES)
def test_transcript(name: str):
    recorded = json.loads((TRANSCRIPTS / f"{name}.json").read_text())
    module = module_file(VERSIONS[name.split(".")[1]])
    process = Process(recorded["env"], engine="wasm", module=module, raw=True, cache=COMPILED)
    differences = []
    for step in recorded["steps"]:
        answer = process.handle(step["input"]).transcript()
        difference = compare.first_difference(compare.normal(step["output"]), compare.normal(answer))
        if difference:
            differences.append(f"{step['label']}: {difference}")
    assert differences == []


@needs_module
def test_an_endless_loop_ends_and_leaves_no_trace():
    process = started(limits=Limits(instructions=30_000_000))
    process.handle(evaluation("X = 1"))
    began = time.monotonic()
    result = process.handle(evaluation("X = 2; while true do end", 2))
    assert time.monotonic() - began < 5
    assert result.threw
    assert result.error == "time limit of 1 s for one message exceeded"
    assert process.read("X") == 1
    assert process.handle(evaluation("return X", 3)).text == "1"


@needs_module
def test_memory_is_limited_and_the_error_can_be_caught():
    process = started(limits=Limits(memory=32 * 2**20))
    result = process.handle(evaluation("local t = {} while true do t[#t+1] = string.rep('x', 1e6) .. #t end"))
    assert "not enough memory (the limit is 33,554,432 bytes a process)" in result.error
    assert not result.threw
    caught = process.handle(evaluation("return (pcall(string.rep, 'x', 1e9)) and 'made' or 'refused'", 2))
    assert caught.text == "refused"
    assert process.memory_used < 32 * 2**20 + 2**20


@needs_module
def test_the_module_may_hold_as_much_as_on_the_network():
    process = started()
    assert process.handle(evaluation("return #string.rep('x', 200e6)")).text == "200000000"
    assert "not enough memory" in process.handle(evaluation("return #string.rep('x', 600e6)", 2)).error


@needs_module
@pytest.mark.parametrize(
    "code",
    [
        "local function f(n) return 1 + f(n) end return f(1)",
        "local function f(n) return pcall(f, n) end return select(2, f(1)) or 'deep'",
        "local function f(t) table.sort({1, 2}, function() return pcall(f) end) end f()",
        "local function f() return coroutine.wrap(f)() end return f()",
        "local s = string.rep('(', 300) return load(s)",
        "return string.rep('a?', 3000) .. string.rep('a', 3000)",
        "return (string.rep('x', 1e5)):find(string.rep('.-', 300) .. 'y')",
        "local t = setmetatable({}, {__index = function(t, k) return t[k] end}) return t.x",
        "return tostring(setmetatable({}, {__tostring = function(t) return tostring(t) end}))",
    ],
)
def test_deep_recursion_and_long_work_end(code: str):
    process = started(limits=Limits(instructions=30_000_000))
    process.handle(evaluation(code))
    assert process.handle(evaluation("return 1 + 1", 2)).text == "2"


@needs_module
def test_exit_ends_the_message_alone():
    process = started()
    result = process.handle(evaluation("os.exit(3)"))
    assert result.threw
    assert result.error == "the module stopped: the process called os.exit(3)"
    assert process.handle(evaluation("return 1 + 1", 2)).text == "2"


@needs_module
def test_an_error_leaves_no_trace_unless_the_process_is_raw():
    code = "X = (X or 0) + 1; if X == 2 then error('no') end; return X"
    process = started()
    assert [process.handle(evaluation(code, n)).error is None for n in range(3)] == [True, False, False]
    raw = started(raw=True)
    assert [raw.handle(evaluation(code, n)).error is None for n in range(3)] == [True, False, True]


@needs_module
def test_many_errors_among_many_messages_cost_little():
    process = started()
    for number in range(60):
        process.handle(evaluation("N = (N or 0) + 1" if number % 3 else "N = 0 error('no')", number))
    assert process.read("N") == 40


@needs_module
def test_dry_run_leaves_no_trace():
    process = started()
    assert process.dry_run(evaluation("X = 1; return X")).text == "1"
    assert process.read("X") is None


@needs_module
def test_read_brings_out_any_value():
    process = started()
    process.handle(
        evaluation("T = {l = {1, 2.0, 'x\\0é'}, d = {[3] = true, [1] = 1}, big = 2^53 | 0, e = {}}; T.t = T")
    )
    assert process.read("T") == {
        "l": [1, 2.0, "x\0é"],
        "d": {1: 1, 3: True},
        "big": 2**53,
        "e": {},
        "t": "<circular>",
    }
    assert type(process.read("2.0")) is float
    assert type(process.read("2")) is int
    assert process.read("print") == "<function>"
    assert process.read("1/0, 2") == float("inf")
    assert process.read("os.time()") == BASE["Timestamp"]
    assert process.read("#Inbox") == 1
    with pytest.raises(ProcessFailed, match=r"cannot read `error\('x'\)`: .*x"):
        process.read("error('x')")
    with pytest.raises(ProcessFailed, match=r"cannot read `=`: .*unexpected symbol"):
        process.read("=")
    process.handle(evaluation("Handlers.prepend('all', function() return true end, function() end)", 2))
    with pytest.raises(ProcessFailed, match="the process did not evaluate it"):
        process.read("1")


@needs_module
def test_read_needs_a_message():
    process = Process(ENV, engine="wasm", module=module_file("2.0.6"), cache=COMPILED)
    with pytest.raises(ProcessFailed, match="has had no message yet"):
        process.read("1")


@needs_module
def test_machines_save_and_restore_and_do_not_share_state():
    first, second = (WasmMachine(module_file("2.0.6"), Limits(), COMPILED) for _ in "ab")
    assert not first.restore()
    answers = [machine.handle(BOOT, ENV)[0] for machine in (first, second)]
    assert answers[0] == answers[1]
    first.handle(evaluation("X = 'first'; C = os.clock()"), ENV)
    assert first.save() > 0
    mark = first.handle(evaluation("X = string.rep('x', 1e7); return #X, nil, os.clock()", 2), ENV)
    second.handle(evaluation("return X", 2), ENV)
    assert second.read("X") is None
    assert first.restore()
    assert first.read("X") == "first"
    assert first.handle(evaluation("X = string.rep('x', 1e7); return #X, nil, os.clock()", 2), ENV) == mark


@needs_module
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux tells what is held")
def test_machines_that_are_gone_hold_no_memory():
    def held() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

    started().handle(evaluation("X = string.rep('x', 4e6)"))
    before = held()
    for _ in range(20):
        started().handle(evaluation("X = string.rep('x', 4e6)"))
    gc.collect()
    assert held() - before < 40_000_000


@needs_module
def test_a_compiled_module_is_kept_and_only_used_unchanged(tmp_path: Path):
    from tim3tool.aos.wasm.module import load_module

    # Another byte in a custom section at the end makes a module of another digest, which no other test has loaded.
    copy = tmp_path / "copy.wasm"
    copy.write_bytes(module_file("2.0.6").read_bytes() + b"\0\2\1x")
    cache = tmp_path / "cache"
    load_module(copy, cache)
    (kept,) = cache.iterdir()
    whole = kept.read_bytes()
    assert kept.stat().st_mode & 0o077 == 0
    script = (
        "import sys, time; from pathlib import Path; from tim3tool.aos.wasm.module import load_module\n"
        "import wasmtime; t = time.perf_counter()\n"
        "load_module(Path(sys.argv[1]), Path(sys.argv[2])); print(time.perf_counter() - t)"
    )

    def seconds() -> float:
        return float(_run(script, copy, cache))

    assert seconds() < 0.2
    kept.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    seconds()
    assert kept.read_bytes()[-1] == whole[-1]
    kept.chmod(0o666)
    seconds()
    assert kept.stat().st_mode & 0o022 == 0


def _run(script: str, *arguments: object) -> str:
    import subprocess

    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@needs_module
def test_an_unusable_cache_folder_only_costs_time(tmp_path: Path):
    from tim3tool.aos.wasm.module import load_module

    copy, cache = tmp_path / "copy.wasm", tmp_path / "cache"
    copy.write_bytes(module_file("2.0.6").read_bytes() + b"\0\2\1y")
    cache.write_text("no folder")
    assert load_module(copy, cache).digest


WAT = {
    "empty": ("(module)", "is not an aos module: it does not export `__wasm_call_ctors`"),
    "narrow": ('(module (memory (export "memory") 1))', "is a 32-bit module"),
}


@pytest.mark.skipif("wasmtime" in ABSENT, reason=ABSENT or "-")
@pytest.mark.parametrize("name", WAT)
def test_modules_of_another_shape_are_refused(name: str, tmp_path: Path):
    import wasmtime

    text, message = WAT[name]
    path = tmp_path / "other.wasm"
    path.write_bytes(wasmtime.wat2wasm(text))
    with pytest.raises(UsageError) as caught:
        WasmMachine(path, Limits(), tmp_path)
    assert caught.value.message == f"`{path}` {message}"


@pytest.mark.skipif("wasmtime" in ABSENT, reason=ABSENT or "-")
def test_files_that_are_no_module_are_refused(tmp_path: Path):
    path = tmp_path / "m.wasm"
    with pytest.raises(UsageError, match=r"cannot read the module `.*m.wasm`: No such file or directory"):
        WasmMachine(path, Limits(), tmp_path)
    path.write_text("print(1)")
    with pytest.raises(UsageError, match=r"`.*m.wasm` is not a WebAssembly file"):
        WasmMachine(path, Limits(), tmp_path)
    path.write_bytes(b"\0asm\1\0\0\0garbage")
    with pytest.raises(UsageError, match=r"`.*m.wasm` is not valid WebAssembly: .+"):
        WasmMachine(path, Limits(), tmp_path)


def test_engine_and_module_go_together():
    with pytest.raises(UsageError, match="unknown engine `lua`"):
        Process(ENV, engine="lua")
    with pytest.raises(UsageError, match="the wasm engine needs a module"):
        Process(ENV, engine="wasm")
    with pytest.raises(UsageError, match="the engine `mock` runs no module"):
        Process(ENV, module=Path("aos.wasm"))


def test_without_wasmtime_the_error_says_what_to_install():
    script = (
        "import sys; sys.modules['wasmtime'] = None\n"
        "from pathlib import Path; from tim3tool.aos import Process; from tim3tool.errors import explain, UsageError\n"
        "try: Process({'Process': {}}, engine='wasm', module=Path('x')).handle({})\n"
        "except UsageError as error: print(explain(error))"
    )
    assert _run(script).splitlines() == [
        "error: the wasm engine needs wasmtime, which is not installed",
        ' = help: pip install "tim3tool[wasm]"',
    ]
