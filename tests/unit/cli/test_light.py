"""Values that are passed on as they are: the same ones, and the same refusals, as with typer's own conversion."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer

from tim3tool.cli.light import lighten

COMMANDS = [
    [],
    ["name"],
    ["name", "a", "b"],
    ["name", "--text", "", "--flag", "--several", "x", "--several", "y", "--path", "p", "--number", "3"],
    ["name", "--text", "-"],
    ["name", "--default", "other", "--ratio", "0.5", "--number", "5"],
    ["name", "--number", "x"],
    ["name", "--number", "-1"],
    ["name", "--ratio", "y"],
    ["name", "--no-such"],
    ["name", "--called", "loud"],
    ["name", "--text"],
    ["--help"],
    ["one", "--flag=1"],
]
ENVIRONMENTS: list[dict[str, str]] = [{}, {"FLAG": "1"}, {"FLAG": "nonsense"}, {"SEVERAL": "a b"}, {"NUMBER": "7"}]


def loud(value: str | None) -> str | None:
    return value and value.upper()


def program(seen: list[Any]) -> Any:
    """Return a command that notes what it is called with."""
    app = typer.Typer(rich_markup_mode=None, add_completion=False)

    @app.command()
    def run(
        name: str,
        rest: Annotated[list[str] | None, typer.Argument()] = None,
        *,
        text: Annotated[str | None, typer.Option()] = None,
        default: Annotated[str, typer.Option()] = "given",
        several: Annotated[list[str] | None, typer.Option(envvar="SEVERAL")] = None,
        flag: Annotated[bool, typer.Option("--flag", envvar="FLAG")] = False,
        path: Annotated[Path | None, typer.Option()] = None,
        number: Annotated[int, typer.Option(min=0, envvar="NUMBER")] = 5,
        ratio: Annotated[float | None, typer.Option()] = None,
        called: Annotated[str | None, typer.Option(callback=loud)] = None,
    ) -> None:
        seen.append((name, rest, text, default, several, flag, path, number, ratio, called))

    @app.command("other")
    def other() -> None:
        seen.append("other")

    return typer.main.get_command(app)


def outcome(words: list[str], *, light: bool) -> tuple[Any, ...]:
    """Return what a command line is called with, or how it is refused."""
    seen: list[Any] = []
    command = program(seen)
    if light:
        lighten(command)
    try:
        code = command.main(args=["run", *words], prog_name="program", standalone_mode=False)
    except Exception as error:
        return type(error).__name__, error.format_message() if hasattr(error, "format_message") else str(error)
    return code, seen, [[type(value) for value in call] for call in seen]


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=str)
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_command_line_means_the_same(words, environment, monkeypatch, capsys):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    usual = outcome(words, light=False)
    printed = capsys.readouterr()
    assert outcome(words, light=True) == usual
    assert capsys.readouterr() == printed


def test_a_command_of_texts_and_paths_loads_no_pydantic():
    code = (
        "import sys; from tim3tool.cli import main; "
        "codes = [main(['bundle']), main(['message', 'x', '--action', 'A', '-t', 'B=C', '-C', '/nowhere'])]; "
        "print(codes, 'pydantic' in sys.modules); "
        "codes = [main(['dryrun', 'x', '-C', '/nowhere', '--timeout', '5'])]; print(codes, 'pydantic' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines() == ["[2, 2] False", "[2] True"], "of all these a number alone is converted"


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"exists": True},
        {"dir_okay": False},
        {"file_okay": False},
        {"resolve_path": True},
        {"allow_dash": True},
        {"exists": True, "writable": True},
        {"path_type": str},
    ],
    ids=str,
)
def test_paths_are_refused_as_before(asked, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    Path("folder").mkdir()
    Path("unreadable").touch(mode=0)
    seen: list[object] = []

    def run(place: Path) -> None:
        seen.append((place, type(place)))

    run.__annotations__["place"] = Annotated[Path, typer.Option(**asked)]
    app = typer.Typer(rich_markup_mode=None, add_completion=False)
    app.command()(run)
    usual, light = typer.main.get_command(app), typer.main.get_command(app)
    lighten(light)

    def called(command: Any, word: str) -> tuple[object, ...]:
        seen.clear()
        try:
            command.main(args=["--place", word], prog_name="program", standalone_mode=False)
        except Exception as error:
            return type(error).__name__, str(error)
        return tuple(seen)

    for word in ("file", "folder", "nothing", "", "-", "folder/../file", "folder//", "unreadable"):
        assert called(light, word) == called(usual, word), word
