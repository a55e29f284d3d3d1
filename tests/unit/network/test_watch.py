"""Following a process: each answer once, whatever the network does meanwhile."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from proof import sample
from waiting import Waiting

from tim3tool.aos import Result
from tim3tool.errors import LockHeld, NetworkError, NetworkRefused, RateLimited
from tim3tool.network.port import Answered
from tim3tool.network.watch import watch

AWAY = NetworkError("no answer")


def answer(number):
    return Answered(mark=f"m{number}", message=None, result=Result({"Output": {"data": str(number)}}))


class Growing:
    """A network whose process has more answers at each poll, or that does not answer.

    Args:
        polls: for each poll how many answers there are by then, or what is raised after one of the new ones.
        forgetful: it begins at the first answer whatever the mark.
    """

    def __init__(self, polls, *, forgetful=False):
        self.polls = iter(polls)
        self.asked = []
        self.have = 0
        self.forgetful = forgetful

    def results(self, process, *, after="", newest_first=False):
        assert (process, newest_first) == ("p", False)
        self.asked.append(after)
        poll = next(self.polls, KeyboardInterrupt())
        if not isinstance(poll, int):
            raise poll
        self.have = max(self.have, poll)
        start = 0 if self.forgetful or not after else int(after[1:])
        yield from (answer(number) for number in range(start + 1, self.have + 1))


def followed(port, waiting, *, after=""):
    """Return the marks that come until the user stops it, and what was told of the network."""
    told, marks = [], []
    pace = waiting.patience(first=1.0, factor=2.0, longest=5.0, limited=30.0)
    coming = watch(
        port, "p", after=after, pace=pace, away=lambda error: told.append(str(error)), back=lambda: told.append("")
    )
    with pytest.raises(KeyboardInterrupt):
        marks.extend(each.mark for each in coming)
    return marks, told


def test_it_begins_behind_the_mark_and_asks_behind_the_last_it_saw():
    waiting, port = Waiting(), Growing([2, 4, 4])
    assert followed(port, waiting, after="m1") == (["m2", "m3", "m4"], [])
    assert port.asked == ["m1", "m2", "m4", "m4"]


def test_pauses_grow_while_nothing_comes_and_are_short_again_after():
    waiting = Waiting()
    followed(Growing([0, 0, 0, 0, 0, 1, 1]), waiting)
    assert waiting.pauses == [1.0, 2.0, 4.0, 5.0, 5.0, 1.0, 2.0]


def test_a_network_that_is_away_is_told_once_and_so_is_its_return():
    waiting = Waiting()
    marks, told = followed(Growing([1, AWAY, AWAY, LockHeld("busy"), 2, AWAY, 3]), waiting)
    assert marks == ["m1", "m2", "m3"]
    assert told == ["no answer", "", "no answer", ""]


def test_one_request_too_many_is_followed_by_a_long_pause():
    waiting = Waiting()
    followed(Growing([RateLimited("slowly"), 0]), waiting)
    assert waiting.pauses == [30.0, 2.0]


def test_what_a_network_will_never_tell_ends_it():
    with pytest.raises(NetworkRefused):
        next(watch(Growing([NetworkRefused("never")]), "p", after="", away=print, back=print))


def test_it_takes_what_there_is_before_it_asks_again():
    port = Growing([3])
    assert len(list(islice(watch(port, "p", after="", away=print, back=print), 3))) == 3
    assert len(port.asked) == 1


@settings(max_examples=sample(200), deadline=None)
@given(
    polls=st.lists(st.one_of(st.integers(0, 9), st.sampled_from([AWAY, RateLimited("slowly")])), max_size=12),
    forgetful=st.booleans(),
)
def test_each_answer_comes_once_and_in_order(polls, forgetful):
    port = Growing(polls, forgetful=forgetful)
    marks, told = followed(port, Waiting())
    assert marks == [f"m{number}" for number in range(1, port.have + 1)]
    assert len(told) <= len(polls) + 1
