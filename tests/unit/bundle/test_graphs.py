"""Whatever Lua modules require each other, in whatever way: bundled and unbundled are the same."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from proof import sample

from tim3tool.bundle import LEVELS, Minify

SEGMENTS = ["a", "b-c", "d'e", 'f"g', "h i", "é", "j\\k", "init", "%d", "["]
RESULTS = ["M", "M, 2", "nil", "false", "'text'", "42", "...", "(...)", "select('#', ...)", ""]
# LITERAL stands for the name of a Lua module.
AT_LOAD = [
    "print(type(require LITERAL))",
    "print(type((require)((LITERAL))), 1) print(require LITERAL == require LITERAL)",
    "local r = require print(type(r(LITERAL)))",
    "if false then require LITERAL end",
    "if print then print(type(require(LITERAL))) end",
    "print((pcall(require, LITERAL)))",
    "print((pcall(require, 'missing')))",
    "print((pcall(function() return require 'missing' end)))",
    "do local require = function(name) return 'shadow ' .. name end print(require 'ghost') end",
    "--[==[ require 'ghost' ]] ]==] print [[ require 'ghost' ]]",
    "-- require 'ghost'",
    "COUNT = (COUNT or 0) + 1 print('count', COUNT)",
    "print('name', (...))",
    "print(package.loaded[ LITERAL ] ~= nil)",
    "print(select('#', ...), type(select(2, ...)))",
    "STATE = STATE or {} STATE[#STATE + 1] = ... print(#STATE)",
    "local _ENV = setmetatable({}, {__index = _ENV}) X = 1 print(X)",
    "package.loaded[ LITERAL ] = nil print(pcall(require, LITERAL) and true)",
    "package.loaded[ ... ] = 'set by itself'",
    "for index = 1, 2 do if index == 1 then goto continue end print(pcall(require, LITERAL)) ::continue:: end",
    "print((pcall(_G.require, LITERAL)))",
    "local ok, fault = pcall(function() local x = require LITERAL error('after ' .. type(x), 0) end) print(ok, fault)",
    "if not FAILED then FAILED = true error({}) end",
    "if COUNT == 1 then error('on purpose', 0) end",
]
IN_CALL = [
    "call(require LITERAL, depth)",
    "call(pcall(require, LITERAL) and require(LITERAL), depth)",
    "if depth > 5 then require LITERAL end",
    "local function require() return {f = print} end call(require(), depth) require 'ghost'",
    "package.loaded[ LITERAL ] = nil print((pcall(require, LITERAL)))",
    "print(pcall(require, LITERAL))",
]


def literals(name: str) -> st.SearchStrategy[str]:
    """Return the ways to write a name in Lua."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"').replace("'", "\\'")
    return st.sampled_from(
        [
            f'"{escaped}"',
            f"'{escaped}'",
            f"[==[{name}]==]",
            '"' + "".join(f"\\{byte:03}" for byte in name.encode()) + '"',
        ]
    )


@st.composite
def programs_of_modules(draw) -> dict[str, str]:
    name = st.lists(st.sampled_from(SEGMENTS), min_size=1, max_size=3).map(".".join)
    names = draw(st.lists(name, min_size=1, max_size=7, unique=True))
    names += [other.replace(".", "/") for other in names if "." in other and draw(st.booleans())]  # the same file
    files: dict[str, str] = {}

    def lines(templates: list[str], choice: list[str]) -> str:
        chosen = draw(st.lists(st.sampled_from(templates), max_size=4)) if choice else []
        return "\n".join(line.replace("LITERAL", draw(literals(draw(st.sampled_from(choice))))) for line in chosen)

    for index, module in enumerate(names):
        stem = module.replace(".", "/")
        # While it loads, a Lua module requires earlier files only; when it is called, any.
        earlier = [other for other in names[:index] if other.replace(".", "/") != stem]
        files.setdefault(
            f"{stem}.lua",
            f"print('load', (...))\n{lines(AT_LOAD, earlier)}\n"
            "local M = {}\n"
            "local function call(m, depth) if depth > 0 and type(m) == 'table' then m.f(depth - 1) end end\n"
            f"function M.f(depth) print('call', depth)\n{lines(IN_CALL, names)}\nend\n"
            f"do return {draw(st.sampled_from(RESULTS))} end -- end",
        )
    calls = "".join(
        f"call((pcall(require, {draw(literals(module))})) and require {draw(literals(module))})\n" for module in names
    )
    files["main.lua"] = (
        "local function call(m) if type(m) == 'table' then m.f(2) end end\n"
        f"{lines(AT_LOAD, names)}\n{calls}return 1, nil, 'x'"
    )
    return files


@settings(max_examples=sample(50), derandomize=True, deadline=None)
@given(files=programs_of_modules(), level=st.sampled_from(sorted(LEVELS)))
def test_bundled_is_as_unbundled(programs_in, files, level):
    with tempfile.TemporaryDirectory() as folder:
        programs = programs_in(Path(folder))
        programs.write(files)
        unbundled = programs.unbundled()
        assert programs.bundled(minify=Minify.level(level)) == unbundled
        assert all("ghost" not in module.name for module in programs.build().modules)


LUA = shutil.which("lua5.3")
# Addresses, and the chunk name and the line of an error, are not what a program does.
RUN = r"""
local print, tostring, pack, program = print, tostring, table.pack, ...
local function plain(value) return (tostring(value):gsub("0x%x+", ""):gsub("^[^ ]*:%d+: ", "")) end
_G.print = function(...)
  local texts = pack(...)
  for index = 1, texts.n do texts[index] = plain(texts[index]) end
  print(table.concat(texts, "\\t"))
end
for _, result in ipairs { pcall(assert(loadfile(program))) } do _G.print(plain(result):match("^[^\\n]*")) end
"""


@pytest.mark.skipif(LUA is None, reason="the command lua5.3 is not installed")
@settings(max_examples=sample(10), derandomize=True, deadline=None)
@given(files=programs_of_modules(), level=st.sampled_from(sorted(LEVELS)))
def test_bundled_is_as_unbundled_in_the_lua_of_the_machine(programs_in, files, level):
    with tempfile.TemporaryDirectory() as folder:
        programs = programs_in(Path(folder) / "src")
        programs.write(files)
        (Path(folder) / "bundle.lua").write_bytes(
            programs.build(keep_all_results=True, minify=Minify.level(level)).code
        )
        (Path(folder) / "run.lua").write_text(RUN)
        printed = [
            subprocess.run(
                [LUA, "../run.lua", program],
                cwd=programs.root,
                env={"LUA_PATH": "?.lua;?/init.lua", "LUA_PATH_5_3": path},
                capture_output=True,
                check=True,
            ).stdout
            for program, path in (("main.lua", "?.lua;?/init.lua"), ("../bundle.lua", "nowhere"))
        ]
        assert printed[0] == printed[1]
        assert printed[0].splitlines()
