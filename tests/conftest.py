"""Fixtures for the whole test run."""

from __future__ import annotations

import signal

import pytest

from tim3tool.network import wallet as wallets

# A shell makes commands in the background ignore Ctrl-C, and all that they start with them: tests here send it.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def wallet():
    """A wallet made for this run; a key of 4096 bits takes a second to find."""
    return wallets.generate()


@pytest.fixture(scope="session")
def stranger():
    """Another wallet, for those who own nothing."""
    return wallets.generate()
