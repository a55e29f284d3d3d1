"""Several things at once: how many, in which order, and what happens when one fails."""

from __future__ import annotations

import signal
import threading
from functools import partial

import pytest

from tim3tool.deploy.crew import side_by_side
from tim3tool.errors import NetworkError, ProcessFailed


def failing(error):
    def task():
        raise error

    return task


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_every_task_is_done_once(limit):
    done = []
    side_by_side([partial(done.append, number) for number in range(20)], limit=limit)
    assert sorted(done) == list(range(20))


def test_with_a_limit_of_one_they_follow_each_other_in_this_thread():
    done = []
    tasks = [lambda number=number: done.append((number, threading.current_thread())) for number in range(5)]
    side_by_side(tasks, limit=1)
    assert done == [(number, threading.main_thread()) for number in range(5)]


def test_as_many_are_under_way_as_the_limit_says_and_no_more():
    together, under_way, most = threading.Barrier(3, timeout=30), set(), []

    def task(number):
        under_way.add(number)
        most.append(len(under_way))
        together.wait()  # passes only when three have come
        under_way.discard(number)

    side_by_side([partial(task, number) for number in range(9)], limit=3)
    assert max(most) == 3


def test_after_a_failure_none_begins_and_those_that_have_begun_go_on_to_their_end():
    begun, failed, done = threading.Barrier(2, timeout=30), threading.Event(), []

    def fails():
        begun.wait()
        failed.set()
        msg = "away"
        raise NetworkError(msg)

    def goes_on():
        begun.wait()
        assert failed.wait(30)
        done.append("went on")

    with pytest.raises(NetworkError, match="away"):
        side_by_side([fails, goes_on, *[partial(done.append, "began")] * 5], limit=2)
    assert done[0] == "went on"
    assert done.count("began") < 5


def test_with_a_limit_of_one_the_failure_is_the_end():
    done = []
    with pytest.raises(NetworkError):
        side_by_side([failing(NetworkError("away")), partial(done.append, 1)], limit=1)
    assert done == []


def test_of_several_failures_the_first_tasks_is_raised_and_names_the_others():
    together = threading.Barrier(3, timeout=30)

    def task(error):
        together.wait()
        raise error

    errors = [ProcessFailed("a failed", notes=["why"]), NetworkError("b is away"), ProcessFailed("c failed")]
    with pytest.raises(ProcessFailed, match="a failed") as caught:
        side_by_side([partial(task, error) for error in errors], limit=3)
    assert caught.value.notes == ("why", "also: b is away", "also: c failed")


def test_a_bug_goes_before_what_a_user_can_act_on():
    together = threading.Barrier(2, timeout=30)

    def task(error):
        together.wait()
        raise error

    with pytest.raises(KeyError):
        side_by_side([partial(task, NetworkError("away")), partial(task, KeyError("bug"))], limit=2)


def test_nothing_to_do():
    side_by_side([], limit=8)


def test_ctrl_c_waits_for_what_is_under_way_and_lets_nothing_begin():
    begun, interrupted, over, done = threading.Barrier(2, timeout=30), threading.Event(), threading.Event(), []

    def interrupt(number, frame):
        interrupted.set()
        signal.default_int_handler(number, frame)

    def task(*, is_first):
        begun.wait()
        if is_first:
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)  # in the midst of its wait
        assert interrupted.wait(30)
        done.append(not over.wait(0.5 if is_first else 0))  # whoever does not wait has gone on by then

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            side_by_side([partial(task, is_first=True), partial(task, is_first=False), failing(KeyError())], limit=2)
        over.set()
    finally:
        signal.signal(signal.SIGINT, before)
    assert done == [True, True]
