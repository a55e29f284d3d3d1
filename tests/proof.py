"""How much of each long proof runs: a sample in `make test`, all of it in `make proof`."""

from __future__ import annotations

import os

FULL = bool(os.environ.get("TIM3_PROOF"))
_FACTOR = 20


def sample(number: int) -> int:
    """Return how many examples to try: this many, or twenty times as many in the full proof."""
    return number * _FACTOR if FULL else number
