"""What the package shows to Python developers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import tim3tool

ROOT = Path(__file__).parents[2]


def test_every_public_name_loads_and_the_list_is_sorted():
    assert tim3tool.__all__ == sorted(tim3tool.__all__)
    for name in tim3tool.__all__:
        assert getattr(tim3tool, name).__name__ == name
    assert set(tim3tool.__all__) < set(dir(tim3tool))


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = tim3tool.nothing


def test_the_version_is_the_newest_of_the_changelog():
    newest = re.search(r"^## \[?(\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest is not None
    assert newest[1] == tim3tool.__version__
