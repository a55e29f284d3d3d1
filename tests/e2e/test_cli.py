"""The command line from outside: what is printed where, and the exit codes."""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from loopback import running
from real import module_file, needs_module

from tim3tool.lua.vm import LuaVM
from tim3tool.network.dataitem import sign

ID = re.compile(r"[A-Za-z0-9_-]{43}")

SPAWNING_SUITE = """\
local sim = require("tim3tool.sim")
describe("counter in a network", function()
  it("is evaluated by the real module", function()
    local process = sim.network():spawn{ process = "counter" }
    process:eval("setmetatable({}, { __gc = function() Finalised = true end }) collectgarbage()")
    assert.is_true(process:read("Finalised")) -- never in the mock
  end)
end)
"""


# Building ----------------------------------------------------------------------------------------------------------------


def test_build_writes_bundles_and_says_what_it_did(project):
    ran = project.run("build")
    assert ran.code == 0, ran.err
    assert (project.folder / "build" / "counter.lua").is_file()
    assert "written" in ran.out
    assert "unchanged" in project.run("build").out


def test_build_prints_one_document(project):
    (bundle,) = project.run("build", "--json").document["bundles"]
    assert bundle["name"] == "counter"
    assert [module["path"] for module in bundle["modules"]] == ["ao/counter/src/counter.lua"]
    assert re.fullmatch(r"[0-9a-f]{64}", bundle["sha256"])
    assert bundle["bytes"] == (project.folder / "build" / "counter.lua").stat().st_size


def test_build_gives_the_same_bytes_from_any_folder(project):
    first = project.run("build", "--json").document
    second = project.run("--json", "build", cwd="ao/counter").document
    assert first["bundles"][0]["sha256"] == second["bundles"][0]["sha256"]


def test_build_check_fails_when_an_output_is_stale(project):
    assert project.run("build", "--check").code == 1
    project.run("build")
    assert project.run("build", "--check").code == 0
    project.write("ao/counter/src/counter.lua", "return {}\n")
    ran = project.run("build", "--check")
    assert ran.code == 1
    assert ran.err == "error: stale: counter\n = help: run `tim3tool build`\n"
    assert project.run("build", "--check", "--json").document["bundles"][0]["status"] == "stale"


def test_a_missing_lua_module_is_shown_where_it_is_required(project):
    project.write("ao/counter/src/main.lua", 'local ok = 1\nlocal gone = require("gone")\n')
    ran = project.run("build")
    assert ran.code == 1
    assert ran.out == ""
    assert ran.err == "\n".join([
        "error: Lua module `gone` is not found",
        " --> ao/counter/src/main.lua:2:23",
        "  |",
        '2 | local gone = require("gone")',
        "  |                       ^^^^ no file for it",
        "  = help: create one of the files tried, or add its folder to `path:` in the manifest",
        "          ao/counter/src/gone.lua",
        "          ao/counter/src/gone/init.lua",
        "",
    ])  # fmt: skip
    assert not (project.folder / "build").exists()


def test_a_syntax_error_is_shown_with_its_line_and_a_caret(project):
    project.write("ao/counter/src/counter.lua", "local x = 1\nlocal y = = 2\n")
    ran = project.run("build")
    assert ran.code == 1
    assert ran.err.splitlines()[1:5] == [
        " --> ao/counter/src/counter.lua:2:11",
        "  |",
        "2 | local y = = 2",
        "  |           ^",
    ]
    error = project.run("build", "--json").document["error"]
    assert error["kind"] == "lua-syntax"
    assert error["where"] == {"path": "ao/counter/src/counter.lua", "line": 2, "column": 11}


# The manifest ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("manifest", "message", "place"),
    [
        ("processes:\n  a:\n    entri: x.lua\n", "entri", "aoform.yaml:3:5"),
        ("processes:\n  a:\n    entry: none.lua\n", "none.lua", "aoform.yaml:3:12"),
        ("processes:\n  a: {}\n  a: {}\n", "a", "aoform.yaml:3:3"),
        ("processes:\n  - [\n", "", "aoform.yaml:"),
        (
            "processes:\n  counter:\n    entry: ao/counter/src/main.lua\n    tags:\n      X: \"{{ processes['countr'].id }}\"\n",
            "countr",
            "aoform.yaml:5:",
        ),
    ],
)
def test_a_wrong_manifest_is_shown_with_its_place(project, manifest: str, message: str, place: str):
    project.write("aoform.yaml", manifest)
    for verb in ("build", "deploy", "test"):
        ran = project.run(verb)
        assert ran.code == 2, (verb, ran.err)
        assert message in ran.err
        assert f"--> {place}" in ran.err
        assert "Traceback" not in ran.err


def test_no_manifest_says_what_to_do(project):
    (project.folder / "aoform.yaml").unlink()
    ran = project.run("build")
    assert ran.code == 2
    assert "aoform.yaml" in ran.err


def test_an_unknown_process_is_corrected(project):
    ran = project.run("build", "countre")
    assert ran.code == 2
    assert "did you mean `counter`?" in ran.err


@pytest.mark.parametrize(
    "words", [["bild"], ["build", "--nope"], ["deploy", "extra"], ["message"], ["message", "counter", "-t", "x"]]
)
def test_a_wrong_command_line_is_two(project, words: list[str]):
    ran = project.run(*words)
    assert ran.code == 2
    assert ran.err.startswith("error: ")
    assert "Traceback" not in ran.err
    assert project.run(*words, "--json").document["error"]["kind"] == "usage"


# Testing -----------------------------------------------------------------------------------------------------------------


def test_suites_pass(project):
    ran = project.run("test")
    assert ran.code == 0, ran.out + ran.err
    assert "1 passed" in ran.out


@needs_module
def test_an_error_in_the_real_module_is_shown_in_the_source(project):
    project.write(
        "ao/counter/test/counter_spec.lua",
        """
it("breaks", function()
  local counter = require("tim3tool.sim").network():spawn{ process = "counter" }
  assert.is_nil(counter:send{ Action = "Break" }.Error)
end)
""",
    )
    ran = project.run("test", "--engine", "wasm", "--module", str(module_file("2.0.6")))
    assert ran.code == 1, ran.out + ran.err
    assert "ao/counter/src/main.lua:6: broken on purpose" in ran.out
    assert '[string "aos"]' not in ran.out


def test_a_failing_test_shows_its_line_and_both_values(project):
    project.write("ao/counter/test/counter_spec.lua", 'it("fails", function()\n  assert.equal(1, 2)\nend)\n')
    ran = project.run("test", "counter")
    assert ran.code == 1
    assert "ao/counter/test/counter_spec.lua:2" in ran.out
    assert re.search(r"Passed in:\s+\(number\) 2", ran.out)
    assert re.search(r"Expected:\s+\(number\) 1", ran.out)


def test_a_suite_that_does_not_compile_fails_and_the_others_run(project):
    project.write("ao/counter/test/broken_spec.lua", "it('x', function(\n")
    ran = project.run("test")
    assert ran.code == 1
    assert "ao/counter/test/broken_spec.lua:2" in ran.out
    assert "1 passed" in ran.out


def test_no_test_at_all_is_a_failure(project):
    (project.folder / "ao/counter/test/counter_spec.lua").unlink()
    assert project.run("test").code == 1


def test_options_reach_pytest(project):
    assert "1 deselected" in project.run("test", "-k", "nothing").out
    assert "counter_spec.lua::counter::adds PASSED" in project.run("test", "-v").out
    assert "<" in project.run("test", "--", "--collect-only").out
    assert project.run("test", "--junit-xml", "report.xml").code == 0
    assert "counter" in (project.folder / "report.xml").read_text()


def test_the_engines_are_two_and_the_real_one_needs_its_module(project):
    for words, said in (
        (["--engine", "wasmtime"], "unknown engine `wasmtime`"),
        (["--module", "x.wasm"], "--module needs --engine wasm"),
        (["--engine", "wasm", "--module", "none.wasm"], "there is no module `none.wasm`"),
        (["--engine", "wasm", "--gateway", "nowhere"], "`nowhere` is not the URL of a gateway"),
    ):
        ran = project.run("test", *words)
        assert ran.code == 2
        assert said in ran.err


def test_the_module_of_several_processes_must_be_chosen(project):
    project.write(
        "aoform.yaml",
        (project.folder / "aoform.yaml").read_text()
        + "  other:\n    entry: ao/counter/src/main.lua\n    module: "
        + "M" * 42
        + "E\n",
    )
    ran = project.run("test", "--engine", "wasm")
    assert ran.code == 2
    assert "error: --engine wasm needs a module, and the processes run on several" in ran.err
    assert "= help: choose it with --module FILE or --module ID" in ran.err


@pytest.mark.parametrize("word", ["A" * 43, "-" + "A" * 42])
def test_a_module_that_the_gateway_does_not_know(project, word):
    with running() as loopback:
        loopback.routes["/graphql"] = b'{"data": {"transactions": {"edges": []}}}'
        ran = project.run("test", "--engine", "wasm", "--module", word, TIM3_GATEWAY=loopback.url)
        assert loopback.asked == [f"/tx/{word}", "/graphql"]
    assert ran.code == 3
    assert f"has no module {word}" in ran.err


@needs_module
def test_suites_run_in_a_module_fetched_by_the_id_that_the_manifest_names(project, wallet):
    item = sign(wallet, tags=(("Type", "Module"),), data=module_file("2.0.6").read_bytes())
    project.write("aoform.yaml", (project.folder / "aoform.yaml").read_text() + f"    module: {item.id}\n")
    project.write("ao/counter/test/counter_spec.lua", SPAWNING_SUITE)
    with running() as loopback:
        loopback.serve_item(item)
        ran = project.run("test", "--engine", "wasm", TIM3_GATEWAY=loopback.url)
        assert ran.code == 0, ran.out + ran.err
        assert "signature and contents checked" in ran.err
    assert project.run("test", "--engine", "wasm", TIM3_GATEWAY=loopback.url).code == 0
    assert "1 passed" in ran.out


# Deploying ---------------------------------------------------------------------------------------------------------------


def test_deploying_twice_changes_nothing_the_second_time(project):
    first = project.run("deploy", "--json").document
    assert first["changed"] is True
    (process,) = first["processes"]
    assert ID.fullmatch(process["id"])
    second = project.run("deploy", "--json").document
    assert second["changed"] is False
    assert second["sent"] == 0
    assert second["processes"][0]["id"] == process["id"]
    assert "no change" in project.run("deploy").out


def test_changed_code_is_deployed_and_the_state_is_kept(project):
    project.run("deploy")
    project.write(
        "ao/counter/src/counter.lua",
        "Count = (Count or 0) return {add = function(n) Count = Count + 100 return Count end}\n",
    )
    assert project.run("deploy", "--json").document["processes"][0]["action"] == "updated"
    ran = project.run("message", "counter", "--action", "Add", "-t", "Amount=1")
    assert "105" in ran.out


def test_the_development_key_lies_outside_the_project_for_its_user_alone(project, home):
    project.run("deploy")
    (key,) = home.glob("*wallet*.json")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    secret = key.read_text()[20:80]
    for path in project.folder.rglob("*"):
        if path.is_file():
            assert secret.encode() not in path.read_bytes()


def test_code_that_raises_is_shown_at_its_source_and_nothing_is_lost(project):
    project.write("ao/counter/src/counter.lua", "local M = {}\nerror('at load')\nreturn M\n")
    ran = project.run("deploy")
    assert ran.code == 1
    assert "at load" in ran.err
    assert "ao/counter/src/counter.lua:2" in ran.err
    project.write("ao/counter/src/counter.lua", "return {add = function() return 1 end}\n")
    done = project.run("deploy", "--json").document
    assert done["sent"] == 2, "the process was spawned by the first run"


def test_a_setup_message_that_fails_says_so(project):
    text = (project.folder / "aoform.yaml").read_text()
    project.write("aoform.yaml", text.replace("action: Add", "action: Break"))
    ran = project.run("deploy")
    assert ran.code == 1
    assert "broken on purpose" in ran.err


@pytest.mark.parametrize("damage", ["{", "[]", '{"format": 99}', ""])
def test_a_damaged_state_is_refused_with_the_way_out(project, damage: str):
    project.run("deploy")
    project.write(".tim3/state/local.json", damage)
    ran = project.run("deploy")
    assert ran.code == 2
    assert "local.json" in ran.err
    assert "Traceback" not in ran.err


def test_a_damaged_log_is_refused_with_the_way_out(project):
    project.run("deploy")
    project.write(".tim3/networks/local.sqlite", "not a database, and long enough to look at" * 50)
    ran = project.run("deploy")
    assert ran.code == 2
    assert "local.sqlite" in ran.err
    assert "help:" in ran.err


def test_a_state_whose_log_is_gone_says_how_to_mend_it(project):
    project.run("deploy")
    (project.folder / ".tim3/networks/local.sqlite").unlink()
    ran = project.run("deploy")
    assert ran.code == 2
    assert "help:" in ran.err
    assert "`counter`" in ran.err


def test_an_unknown_network_is_two(project):
    ran = project.run("deploy", "--network", "lokal")
    assert ran.code == 2
    assert "did you mean `local`?" in ran.err


@pytest.mark.parametrize("content", ["", "{}", "not json", '{"kty": "EC"}'])
def test_a_wallet_that_is_none_is_four(project, content: str):
    project.write("wallet.json", content)
    ran = project.run("deploy", "--wallet", "wallet.json")
    assert ran.code == 4
    assert "wallet.json" in ran.err


def test_a_missing_wallet_is_four_and_none_is_made(project):
    ran = project.run("deploy", "--wallet", "mine.json")
    assert ran.code == 4
    assert not (project.folder / "mine.json").exists()


def test_another_wallet_is_refused_for_what_is_deployed(project):
    project.run("deploy")
    assert project.run("wallet", "new", "other.json").code == 0
    ran = project.run("deploy", "--wallet", "other.json")
    assert ran.code == 2
    assert "belongs to wallet" in ran.err


# Talking to a process ----------------------------------------------------------------------------------------------------


def test_a_message_prints_what_the_process_answers(project):
    project.run("deploy")
    ran = project.run("message", "counter", "--action", "Add", "-t", "Amount=3")
    assert ran.code == 0, ran.err
    assert "Added to " in ran.out
    assert re.search(r"^Data\s+8$", ran.out, re.MULTILINE)


def test_a_dry_run_changes_nothing(project):
    project.run("deploy")
    for _ in range(2):
        document = project.run("dryrun", "counter", "--action", "Add", "-t", "Amount=3", "--json").document
        assert document["result"]["Messages"][0]["Data"] == "8"


@pytest.mark.parametrize("verb", ["message", "dryrun"])
def test_an_error_of_the_process_is_one(project, verb: str):
    project.run("deploy")
    ran = project.run(verb, "counter", "--action", "Break")
    assert ran.code == 1
    assert "broken on purpose" in ran.err
    as_json = project.run(verb, "counter", "--action", "Break", "--json")
    assert as_json.code == 1
    assert as_json.document["ok"] is False
    assert "broken on purpose" in as_json.document["result"]["Error"]


def test_a_process_is_named_by_its_id_too_even_one_that_starts_with_a_dash(project):
    process = project.run("deploy", "--json").document["processes"][0]["id"]
    assert project.run("dryrun", process, "--action", "Add", "-t", "Amount=1").code == 0
    ran = project.run("dryrun", "-" + "A" * 42, "--action", "Add")
    assert ran.code != 0
    assert f"`-{'A' * 42}`" in ran.err


def test_a_process_that_is_not_deployed_says_how_to(project):
    ran = project.run("message", "counter", "--action", "Add")
    assert ran.code == 2
    assert "tim3tool deploy" in ran.err


# Around it all -----------------------------------------------------------------------------------------------------------


def test_help_and_version(project):
    assert project.run("--version").out.startswith("tim3tool ")
    for words in ([], ["build"], ["test"], ["deploy"], ["message"], ["dryrun"], ["wallet"]):
        ran = project.run(*words, "--help")
        assert ran.code == 0
        assert "Usage: tim3tool" in ran.out
        assert "\x1b[" not in ran.out


def test_help_has_no_colours_in_github_actions_either(project):
    assert "\x1b[" not in project.run("--help", GITHUB_ACTIONS="1", CI="1").out


def test_a_new_wallet_is_never_written_over_another(project):
    made = project.run("wallet", "new", "mine.json")
    assert ID.fullmatch(made.out.strip())
    assert project.run("wallet", "address", "--wallet", "mine.json").out == made.out
    assert project.run("wallet", "new", "mine.json").code == 4


# An interrupt while Python itself starts is Python's to answer, so the program first says that it has begun.
BEGUN = "import runpy; print('begun', flush=True); runpy.run_module('tim3tool', run_name='__main__', alter_sys=True)"


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.3, 0.6, 0.9])
def test_ctrl_c_at_any_time_leaves_a_state_that_goes_on(project, seconds: float):
    command = subprocess.Popen(
        [sys.executable, "-c", BEGUN, "deploy"],
        cwd=project.folder,
        env=project.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert command.stdout
    assert command.stdout.readline() == "begun\n"
    time.sleep(seconds)
    command.send_signal(signal.SIGINT)
    _, err = command.communicate(timeout=60)
    assert command.returncode in (0, 130, -signal.SIGINT), err
    ran = project.run("deploy", "--json")
    assert ran.code == 0, ran.err
    (process,) = ran.document["processes"]
    assert "105" in project.run("message", "counter", "--action", "Add", "-t", "Amount=100").out
    assert project.run("deploy", "--json").document["processes"][0]["id"] == process["id"]


@pytest.mark.parametrize("words", [["deploy"], ["logs", "A" * 43]], ids=" ".join)
def test_ctrl_c_under_json_prints_one_document(project, words):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        node = f"http://127.0.0.1:{silent.getsockname()[1]}"
        manifest = (project.folder / "aoform.yaml").read_text()
        project.write("aoform.yaml", f"networks: {{silent: {{kind: hyperbeam, node: '{node}'}}}}\n{manifest}")
        command = subprocess.Popen(
            [sys.executable, "-m", "tim3tool", *words, "--network", "silent", "--json"],
            cwd=project.folder,
            env=project.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        asked, _ = silent.accept()
        with asked:
            while asked.recv(1024)[-4:] != b"\r\n\r\n":
                pass
            time.sleep(0.5)
            command.send_signal(signal.SIGINT)
            out, err = command.communicate(timeout=60)
    assert (command.returncode, err.splitlines()[-1][:12]) == (130, "interrupted:")
    document = json.loads(out)
    assert (document["schema"], document["error"]["kind"]) == ("tim3tool.error/1", "interrupted")
    assert document["error"].keys() == {"code", "kind", "message", "hint", "notes", "where"}
    assert (document["error"]["code"], out.count("\n") == 1) == (130, words[0] == "logs")


# Replaying ---------------------------------------------------------------------------------------------------------------

TRANSCRIPTS = Path(__file__).parents[1] / "data" / "transcripts"


def test_a_transcript_of_the_real_module_is_answered_as_recorded(project):
    ran = project.run("replay", "--raw", str(TRANSCRIPTS / "eval.aos2_0_6.json"))
    assert ran.code == 0, ran.out
    assert "18 of 18 steps answered as recorded (aos 2.0.6)" in ran.out


def test_another_version_answers_differently_and_that_is_one(project):
    ran = project.run("replay", "--raw", "--aos", "2.0.1", str(TRANSCRIPTS / "patterns.aos2_0_6.json"))
    assert ran.code == 1
    assert "recorded: " in ran.out
    document = project.run(
        "replay", "--raw", "--aos", "2.0.1", "--json", str(TRANSCRIPTS / "patterns.aos2_0_6.json")
    ).document
    assert document["ok"] is False
    assert document["transcripts"][0]["differences"][0]["at"].startswith("output.")


def test_what_is_answered_now_can_be_written(project):
    transcript = TRANSCRIPTS / "print.aos2_0_6.json"
    assert project.run("replay", "--raw", "--write", "actual.json", str(transcript)).code == 0
    written = json.loads((project.folder / "actual.json").read_text())
    assert written["steps"][1]["output"] == json.loads(transcript.read_text())["steps"][1]["output"]
    both = [str(transcript), str(transcript)]
    assert project.run("replay", "--write", "actual.json", *both).code == 2


def test_what_is_no_transcript_is_two(project):
    project.write("no.json", "{")
    ran = project.run("replay", "no.json")
    assert ran.code == 2
    assert "--> no.json:1:2" in ran.err


# Bundles -----------------------------------------------------------------------------------------------------------------


def test_a_build_with_nothing_to_do_loads_no_parser_and_no_lua(project):
    code = (
        "import sys; from tim3tool.cli import main; main(['build', '-q']);"
        "print([name for name in ('tree_sitter', 'lupa', 'cryptography', 'rich', 'jinja2') if name in sys.modules])"
    )

    def loaded() -> str:
        return subprocess.run(
            [sys.executable, "-c", code],
            cwd=project.folder,
            env=project.environment(),
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()[-1]

    assert "lupa" in loaded()
    assert loaded() == "[]"
    project.write("ao/counter/src/counter.lua", "return {}\n")
    assert "lupa" in loaded()


def test_a_bundle_needs_no_manifest(project):
    (project.folder / "aoform.yaml").unlink()
    project.write("lib/tools.lua", "return require('vendor.x')")
    project.write("plugins/a.lua", "return 'plugin'")
    project.write("main.lua", 'local t = require("tools")\nreturn t, 2')
    words = ["bundle", "main.lua", "--path", "lib/?.lua;more/?.lua", "-o", "out/main.lua"]
    missing = project.run(*words)
    assert missing.code == 1
    assert "--> lib/tools.lua:1:17" in missing.err
    assert not (project.folder / "out").exists()
    ran = project.run(*words, "--external", "vendor.*", "--include", "plugins.*", "--json")
    assert ran.code == 0, ran.err
    (bundle,) = ran.document["bundles"]
    assert bundle["path"] == "out/main.lua"
    assert [(module["name"], module["requires"]) for module in bundle["modules"]] == [
        ("plugins.a", []),
        ("tools", ["vendor.x"]),
    ]
    assert [(module["path"], module["requires"]) for module in bundle["main"]] == [("main.lua", ["tools"])]
    code = (project.folder / "out/main.lua").read_bytes()
    vm = LuaVM()
    vm.run(b"package.preload['vendor.x'] = function() return 'x' end", "=x")
    assert vm.run(code, "=x") == (b"x", 2)
    allowed = project.run(*words, "--allow-missing")
    assert allowed.code == 0
    assert "warning: lib/tools.lua:1:17: Lua module `vendor.x` is not found" in allowed.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "needs a Lua file, or a squishy file"),
        (["main.lua", "--squishy", "squishy"], "needs a Lua file, or a squishy file"),
        (["main.lua"], "add `-o OUT`"),
        (["main.lua", "-o", "main.lua"], "is a source of `main`"),
        (["main.lua", "-o", "ao"], "cannot write"),
        (["main.lua", "-o", "x.lua", "--path", "lib"], "has no `?`"),
        (["--squishy", "squishy", "--external", "x"], "do not go with --squishy"),
    ],
)
def test_a_bundle_that_cannot_be_asked_for(project, words: list[str], said: str):
    project.write("main.lua", "return 1")
    project.write("squishy", 'Main "main.lua"')
    ran = project.run("bundle", *words)
    assert ran.code == 2
    assert said in ran.err
    assert (project.folder / "main.lua").read_text() == "return 1"


def test_a_folder_with_only_a_squishy_file_builds(project):
    folder = project.folder / "squished"
    project.write("squished/.git", "")
    project.write("squished/squishy", 'Main "main.lua" Module "m" "lib/m.lua" Output "dist/all.lua" Option "gzip"')
    project.write("squished/main.lua", "return require('m')")
    project.write("squished/lib/m.lua", "return 'm'")
    ran = project.run("build", cwd="squished")
    assert ran.code == 0, ran.err
    assert "option `gzip` has no effect" in ran.err
    assert LuaVM().run((folder / "dist/all.lua").read_bytes(), "=x") == (b"m",)
    assert project.run("build", "--check", cwd="squished").code == 0
    project.write("squished/lib/m.lua", "return 'n'")
    assert project.run("build", "--check", cwd="squished").code == 1
    assert project.run("bundle", "--squishy", "squished/squishy").code == 0
    assert project.run("bundle", "--squishy", "squished/squishy", "-o", "elsewhere.lua").code == 0
    assert (project.folder / "elsewhere.lua.map").is_file()
    project.write("squished/squishy", 'Main "main.lua" Output "../out.lua"')
    outside = project.run("build", cwd="squished")
    assert outside.code == 2
    assert "lies outside the project" in outside.err


def test_a_bundle_too_large_for_a_message_is_warned_of(project):
    project.write("ao/counter/src/counter.lua", f"return {{add = function() return '{'x' * 110_000}' end}}")
    ran = project.run("build")
    assert ran.code == 0
    bundle = (project.folder / "build/counter.lua").stat().st_size
    assert f"has {bundle:,} bytes, {bundle - 101_251:,} more than one Eval carries" in ran.err


def test_outputs_that_collide_are_refused(project):
    text = (project.folder / "aoform.yaml").read_text()
    project.write("aoform.yaml", text + "  Counter:\n    entry: ao/counter/src/main.lua\n")
    ran = project.run("build")
    assert ran.code == 2
    assert "`counter` and `Counter` have the same output" in ran.err


def test_what_the_manifest_leaves_out_and_takes_in(project):
    project.write("ao/counter/src/extra/a.lua", "return 1")
    project.write("ao/counter/src/main.lua", 'require("vendor.json")')
    project.write(
        "aoform.yaml",
        "defaults: {external: [vendor.*]}\nprocesses:\n  counter:\n    entry: ao/counter/src/main.lua\n    include: [extra.*]\n",
    )
    (bundle,) = project.run("build", "--json").document["bundles"]
    assert [module["name"] for module in bundle["modules"]] == ["extra.a"]
    assert bundle["externals"] == ["vendor.json"]
    project.write("ao/counter/src/main.lua", 'Found = require("extra." .. "a")')
    project.write(
        "ao/counter/test/counter_spec.lua",
        """it("is there in suites too", function()
  local counter = require("tim3tool.sim").network():spawn{ process = "counter" }
  assert.equal(1, counter:read("Found"))
end)""",
    )
    ran = project.run("test")
    assert ran.code == 0, ran.out


# Errors at their lines in the sources ------------------------------------------------------------------------------------

FRAME = "\n".join(["--> ao/counter/src/main.lua:6", "  |", '6 |   error("broken on purpose")'])


@pytest.mark.parametrize("verb", ["message", "dryrun"])
@pytest.mark.parametrize("minify", ["none", "debug", "default"])
def test_an_error_in_a_handler_is_shown_in_the_source(project, verb: str, minify: str):
    project.write("aoform.yaml", (project.folder / "aoform.yaml").read_text() + f"    minify: {minify}\n")
    project.run("deploy")
    ran = project.run(verb, "counter", "--action", "Break")
    assert ran.code == 1
    assert "error: the process answered with an Error: broken on purpose" in ran.err
    assert FRAME in ran.err
    document = project.run(verb, "counter", "--action", "Break", "--json").document
    assert document["where"] == {"path": "ao/counter/src/main.lua", "line": 6}


def test_an_error_leads_to_what_was_deployed_when_the_build_has_moved_on(project):
    project.run("deploy")
    source = (project.folder / "ao/counter/src/main.lua").read_text()
    project.write("ao/counter/src/main.lua", "-- one\n-- two\n" + source)
    project.run("build")
    ran = project.run("dryrun", "counter", "--action", "Break")
    assert "--> ao/counter/src/main.lua:6\n" in ran.err
    assert 'error("broken' not in ran.err.replace("error: ", ""), "line 6 is another one now"


def test_without_a_cache_the_line_table_of_the_build_serves(project):
    project.run("deploy")
    shutil.rmtree(project.folder / ".tim3/cache")
    assert '[string "aos"]' in project.run("dryrun", "counter", "--action", "Break").err
    project.run("build")
    assert FRAME in project.run("dryrun", "counter", "--action", "Break").err


def test_a_message_that_cannot_arrive_is_shown_where_it_was_sent(project):
    project.write(
        "ao/counter/src/main.lua",
        'Handlers.add("Add", "Add", function(msg)\n  ao.send({Target = msg.From, Tags = {Count = 5}})\nend)\n',
    )
    project.write("aoform.yaml", "processes:\n  counter:\n    entry: ao/counter/src/main.lua\n")
    assert project.run("deploy").code == 0
    ran = project.run("message", "counter", "--action", "Add")
    assert ran.code == 1
    assert "tag `Count` of message 1 of the result is a number" in ran.err
    assert "--> ao/counter/src/main.lua:2\n  |\n2 |   ao.send({Target = msg.From, Tags = {Count = 5}})" in ran.err
    assert '[string "aos"]' not in ran.err


def test_a_suite_shows_the_error_of_a_process_in_the_source(project):
    project.write(
        "ao/counter/test/counter_spec.lua",
        """
local sim = require("tim3tool.sim")
it("breaks", function()
  local net = sim.network()
  local counter = net:spawn{ process = "counter" }
  local result = counter:send{ Action = "Break" }
  assert.is_nil(result.Error)
end)
it("is configured", function()
  local config = require("tim3tool.config")
  assert.equal(5, config.limit)
  assert.equal("x", config.word)
  local counter = sim.network():spawn{ process = "counter" }
  assert.equal(5, counter:read("require('tim3tool.config').limit"))
end)
""",
    )
    manifest = (project.folder / "aoform.yaml").read_text()
    project.write(
        "aoform.yaml",
        "networks:\n  local: {kind: embedded, config: {limit: 5}}\n" + manifest + "    config: {limit: 9, word: x}\n",
    )
    ran = project.run("test")
    assert ran.code == 1
    assert "ao/counter/src/main.lua:6: broken on purpose" in ran.out
    assert "1 failed, 1 passed" in ran.out


# Tests, their reports and coverage ---------------------------------------------------------------------------------------

BAD_SUITE = (
    'it("adds", function()\n  assert.equal(1, 2)\nend)\npending("later")\nit("raises", function() finally(5) end)\n'
)


def test_test_prints_one_document_and_pytest_talks_on_stderr(project):
    ran = project.run("test", "--json")
    assert ran.code == 0, ran.err
    document = ran.document
    assert document["schema"] == "tim3tool.test/1"
    assert (document["ok"], document["exit_code"], document["coverage"]) == (True, 0, None)
    assert document["counts"] == {"passed": 1, "failed": 0, "error": 0, "skipped": 0}
    (test,) = document["tests"]
    assert (test["path"], test["line"], test["outcome"]) == ("ao/counter/test/counter_spec.lua", 3, "passed")
    assert "1 passed" in ran.err


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_the_document_tells_of_failures(project, workers):
    project.write("ao/counter/test/bad_spec.lua", BAD_SUITE)
    project.write("ao/counter/test/broken_spec.lua", "it(")
    ran = project.run("--json", "test", *workers)
    assert ran.code == 1
    document = ran.document
    assert (document["ok"], document["exit_code"]) == (False, 1)
    found = {test["id"].removeprefix("ao/counter/test/"): test for test in document["tests"]}
    outcomes = {name: test["outcome"] for name, test in found.items()}
    assert outcomes == {
        "counter_spec.lua::counter::adds": "passed",
        "bad_spec.lua::adds": "failed",
        "bad_spec.lua::later": "skipped",
        "bad_spec.lua::raises": "error",
        "broken_spec.lua": "error",
    }
    assert found["bad_spec.lua::adds"]["where"] == {"path": "ao/counter/test/bad_spec.lua", "line": 2}
    assert found["bad_spec.lua::adds"]["message"].startswith("Expected objects to be equal.")
    assert found["bad_spec.lua::later"]["message"] == "pending"


def test_a_run_that_cannot_be_is_one_document_too(project):
    ran = project.run("test", "--json", "--coverage-report", "pdf")
    assert ran.code == 2
    assert (ran.document["ok"], ran.document["exit_code"], ran.document["tests"]) == (False, 2, [])
    assert "no coverage report is called `pdf`" in ran.err
    ran = project.run("test", "--json", "--coverage-include", "x")
    assert ran.code == 2
    assert ran.document["schema"] == "tim3tool.error/1"
    assert ran.document["error"]["message"] == "--coverage-include and --coverage-exclude go with --coverage"


def test_no_test_is_a_failure_unless_allowed(project):
    assert project.run("test", "-k", "nothing").code == 1
    assert project.run("test", "-k", "nothing", "--allow-empty").code == 0
    (project.folder / "ao/counter/test/counter_spec.lua").unlink()
    assert project.run("test").code == 1
    assert project.run("test", "--allow-empty").code == 0


def test_github_is_told_of_failures(project):
    project.write("ao/counter/test/bad_spec.lua", BAD_SUITE)
    summary = project.folder / "summary.md"
    summary.write_text("before\n")
    environment = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_STEP_SUMMARY": str(summary),
        "GITHUB_WORKSPACE": str(project.folder),
    }
    ran = project.run("test", "--coverage", cwd="ao/counter", **environment)
    assert ran.code == 1
    commands = [line for line in ran.err.splitlines() if line.startswith("::")]
    assert commands[0].startswith(
        "::error file=ao/counter/test/bad_spec.lua,line=2,"
        "title=ao/counter/test/bad_spec.lua%3A%3Aadds::Expected objects to be equal."
    )
    assert len(commands) == 2
    text = summary.read_text()
    assert text.startswith("before\n### Lua tests: 1 passed, 1 failed, 1 error, 1 skipped\n")
    assert "<details><summary>ao/counter/test/bad_spec.lua::adds</summary>" in text
    assert "### Coverage: " in text
    assert "::error" not in project.run("test", **(environment | {"GITHUB_ACTIONS": ""})).err


def test_a_summary_that_cannot_be_written_is_said(project):
    ran = project.run("test", GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY="gone/summary.md")
    assert ran.code == 0
    assert "::warning::the step summary cannot be written" in ran.err


SPAWNING_SUITE = """\
local sim = require("tim3tool.sim")
it("adds", function()
  local counter = sim.network():spawn({ process = "counter" })
  assert.equal("3", counter:send({ Action = "Add", Amount = "3" }).Messages[1].Data)
end)
"""


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_coverage_of_suites_and_processes_adds_up(project, workers):
    project.write("ao/counter/test/spawning_spec.lua", SPAWNING_SUITE)
    report = ("--coverage-report", "lcov:out.lcov", "--coverage-report", "text")
    ran = project.run("test", "--json", *report, *workers)
    assert ran.code == 0, ran.err
    coverage = ran.document["coverage"]
    assert coverage["lines"] == {"hit": 10, "total": 11}
    assert coverage["handlers"][1] == {
        "process": "counter",
        "handler": "Break",
        "action": "Break",
        "place": "ao/counter/src/main.lua:5",
        "sent": 0,
        "errors": 0,
        "remark": "never sent",
    }
    lcov = (project.folder / "out.lcov").read_text()
    assert "SF:ao/counter/src/counter.lua\n" in lcov
    assert "DA:4,2\n" in lcov
    assert re.search(r"Break +0 +0  never sent", ran.err)


def test_too_little_coverage_is_1(project):
    assert project.run("test", "--fail-under", "10").code == 0
    ran = project.run("test", "--fail-under", "99")
    assert ran.code == 1
    assert re.search(r"coverage is [\d.]+%, which is [\d.]+ below the 99% demanded", ran.out)


def test_bundle_runs_what_was_built(project):
    project.write("ao/counter/test/spawning_spec.lua", SPAWNING_SUITE)
    ran = project.run("test", "--bundle")
    assert ran.code == 1
    assert "`build/counter.lua` is missing (run `tim3tool build`, or leave --bundle out)" in ran.out
    project.run("build")
    assert project.run("test", "--bundle").code == 0
    project.write("ao/counter/src/counter.lua", COUNTER_TWICE)
    ran = project.run("test", "--bundle")
    assert ran.code == 1
    assert "`build/counter.lua` is stale" in ran.out


COUNTER_TWICE = "return { add = function(amount) return 2 * amount end }\n"


def test_ctrl_c_is_one_document_and_130(project):
    project.write(
        "ao/counter/test/a_spec.lua", 'it("x", function() io.open("started", "w"):close() while true do end end)'
    )
    command = project.command("test", "--json", "ao/counter/test/a_spec.lua")
    with subprocess.Popen(
        command, cwd=project.folder, env=project.environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as running:
        try:
            deadline = time.monotonic() + 30
            while not (project.folder / "started").exists():
                assert time.monotonic() < deadline
                time.sleep(0.05)
            running.send_signal(signal.SIGINT)
            out, _ = running.communicate(timeout=30)
        finally:
            running.kill()
    assert running.returncode == 130
    assert json.loads(out)["exit_code"] == 130
