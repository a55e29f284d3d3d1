"""Imports point one way, each foreign library has one door, and importing the package is cheap."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "tim3tool"
BELOW = {
    "errors": set(),
    "lua": {"errors"},
    "bundle": {"errors", "lua"},
    "project": {"errors"},
    "aos": {"errors", "lua"},
    "sim": {"errors", "lua", "aos"},
    "network": {"errors", "lua", "aos", "sim"},
    "localnet": {"errors", "lua", "aos", "sim", "network"},
    "deploy": {"errors", "lua", "aos", "sim", "network", "bundle", "project"},
    "spec": {"errors", "lua", "aos", "sim", "network", "bundle", "project"},
    "simulate": {"errors", "lua", "aos", "sim", "bundle", "project", "spec"},
    "cli": {"errors", "lua", "aos", "sim", "network", "bundle", "project", "deploy", "spec", "simulate"},
}
DOORS = {
    "lupa": {"lua/vm.py"},
    "tree_sitter": {"lua/tree.py", "lua/instrument.py"},
    "tree_sitter_lua": {"lua/tree.py"},
    "typer": {"cli"},
    "rich": {"cli"},
    "yaml": {"project"},
    "jinja2": {"project", "spec/coverage/html.py"},
    "cryptography": {"network"},
    "sqlite3": {"network"},
    "requests": {"network/http.py"},
    "urllib3": {"network/http.py"},
    "pytest": {"spec"},
}
FILES = sorted(PACKAGE.rglob("*.py"))


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide where a name comes from"
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    return names


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_downwards(path: Path):
    room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if room in ("__init__", "__main__"):
        return
    used = {name.split(".")[1] for name in imported(path) if name.startswith("tim3tool.") and name.count(".") >= 1}
    used &= set(BELOW)
    assert used <= BELOW[room] | {room}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_each_foreign_library_has_one_door(path: Path):
    shown = path.relative_to(PACKAGE).as_posix()
    for name in {name.split(".")[0] for name in imported(path)} & set(DOORS):
        assert any(shown == door or shown.startswith(f"{door}/") for door in DOORS[name]), f"{shown} imports {name}"


def test_every_file_of_the_package_has_a_room():
    rooms = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in FILES}
    assert rooms - {"__init__", "__main__"} == set(BELOW)


@pytest.mark.parametrize(
    ("statements", "unwanted"),
    [
        (
            "import tim3tool",
            ["typer", "rich", "requests", "lupa", "tree_sitter", "pytest", "jinja2", "yaml", "cryptography"],
        ),
        (
            "from tim3tool.cli.app import app_for; app_for(())",
            ["rich", "requests", "lupa", "tree_sitter", "pytest", "jinja2", "yaml", "cryptography"],
        ),
    ],
)
def test_importing_loads_nothing_heavy(statements: str, unwanted: list[str]):
    code = f"import sys; {statements}; print([n for n in {unwanted!r} if n in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
