"""The sequence diagrams in docs/protocol.md show what the processes really say."""

from __future__ import annotations

import diagrams


def test_the_diagrams_are_those_of_the_processes():
    document = diagrams.DOCUMENT.read_text()
    assert diagrams.text() in document, "run `.venv/bin/python tests/system/diagrams.py`"
