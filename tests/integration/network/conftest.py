"""Processes on the test nodes, and a clock that only moves when somebody waits."""

from __future__ import annotations

import itertools

import pytest
from waiting import Waiting

from tim3tool.network.embedded import Embedded


@pytest.fixture
def waiting():
    return Waiting()


@pytest.fixture
def embedded(tmp_path):
    ticks = itertools.count(1_800_000_000_000)
    return Embedded(tmp_path / "behind.sqlite", clock=lambda: next(ticks))
