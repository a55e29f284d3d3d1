"""Repeating what may work later."""

from __future__ import annotations

import pytest
from waiting import Waiting

from tim3tool.errors import NetworkError, NetworkRefused, RateLimited
from tim3tool.network.patience import Later


def after(failures, *, limited=False):
    left = [failures]

    def attempt():
        if left[0]:
            left[0] -= 1
            msg = "is not there"
            raise Later(msg, limited=limited)
        return "done"

    return attempt


def test_pauses_grow_to_a_limit():
    waiting = Waiting()
    patience = waiting.patience(first=1.0, factor=2.0, longest=5.0)
    assert patience.until(after(5), who="it") == "done"
    assert waiting.pauses == [1.0, 2.0, 4.0, 5.0, 5.0]


def test_what_works_at_once_waits_for_nothing():
    waiting = Waiting()
    assert waiting.patience().until(after(0), who="it") == "done"
    assert waiting.pauses == []


def test_it_ends_at_the_deadline_and_says_who_did_not_answer():
    waiting = Waiting()
    with pytest.raises(NetworkError, match=r"^the unit is not there$") as caught:
        waiting.patience(deadline=30.0).until(after(10_000), who="the unit")
    assert caught.value.exit_code == 3
    assert caught.value.notes == ("asked for 30 s",)
    assert 20 < waiting.now <= 30


def test_one_request_too_many_is_followed_by_a_long_pause():
    waiting = Waiting()
    waiting.patience(first=1.0, limited=20.0).until(after(2, limited=True), who="it")
    assert waiting.pauses == [20.0, 20.0]


def test_a_limit_that_does_not_end_is_an_error_of_its_own():
    with pytest.raises(RateLimited) as caught:
        Waiting().patience(deadline=50.0).until(after(10_000, limited=True), who="the unit")
    assert (caught.value.exit_code, caught.value.kind) == (3, "rate-limited")


def test_what_never_works_is_not_repeated():
    waiting = Waiting()

    def attempt():
        msg = "no"
        raise NetworkRefused(msg)

    with pytest.raises(NetworkRefused):
        waiting.patience().until(attempt, who="it")
    assert waiting.pauses == []
