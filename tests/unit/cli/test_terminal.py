"""What of a process's text reaches a terminal."""

from __future__ import annotations

import pytest

from tim3tool.cli.terminal import printed

RED = "\x1b[31mred\x1b[0m"


@pytest.mark.parametrize(
    ("text", "plain", "coloured"),
    [
        ("as it is\n\tin lines", "as it is\n\tin lines", "as it is\n\tin lines"),
        (RED, "red", RED + "\x1b[0m"),
        ("\x1b[1;32mleft open", "left open", "\x1b[1;32mleft open\x1b[0m"),
        ("\x1b[2J\x1b]0;title\x07", "\ufffd[2J\ufffd]0;title\ufffd", "\ufffd[2J\ufffd]0;title\ufffd"),
        ("back\rto\x08the\x9bstart\x7f", "back\ufffdto\ufffdthe\ufffdstart\ufffd", None),
    ],
)
def test_colours_may_stay_and_nothing_else_acts_on_a_terminal(text, plain, coloured):
    assert printed(text, colours=False) == plain
    assert printed(text, colours=True) == (plain if coloured is None else coloured)


class Terminal:
    """A stream that is a terminal."""

    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("variables", "keeps"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_a_terminal_gets_colours_unless_it_wants_none(monkeypatch, variables, keeps):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert printed(RED) == "red", "what is no terminal gets none"
    monkeypatch.setattr("sys.stdout", Terminal())
    assert ("\x1b" in printed(RED)) is keeps
