"""Sending the same bytes until the network has them: when they are sent again, and when they are only looked for."""

from __future__ import annotations

import pytest
from waiting import Waiting

from tim3tool.errors import NetworkError, NetworkRefused
from tim3tool.network.http import BadReply, NoReply, Reply
from tim3tool.network.patience import Later
from tim3tool.network.sending import send_until_taken

SETTLE = 3.0
OK = Reply(status=200, headers={}, body=b"")
LOST = NoReply("the connection broke off", arrived=True)
AWAY = NoReply("there is no connection", arrived=False)


class Server:
    """Answers each request with the next of what it was given, and has an item from some time on.

    Args:
        *answers: of each request, an exception or a reply; the last for all that follow.
        arrives: seconds after which it has the item, whatever it answered.
    """

    def __init__(self, *answers, arrives=float("inf")):
        self.waiting = Waiting()
        self.answers = list(answers)
        self.arrives = arrives
        self.posts = []
        self.looks = 0

    def post(self):
        self.posts.append(self.waiting.now)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def check(self, reply):
        if reply.status != 200:
            msg = "answered otherwise"
            raise Later(msg, undone=reply.status == 404)

    def find(self):
        self.looks += 1
        return self.waiting.now >= self.arrives

    def send(self, **given):
        send_until_taken(
            self.post,
            check=self.check,
            find=self.find,
            settle=SETTLE,
            patience=self.waiting.patience(**given),
            who="the server",
        )


def test_what_is_taken_at_once_is_neither_looked_for_nor_sent_again():
    server = Server(OK)
    server.send()
    assert (len(server.posts), server.looks) == (1, 0)


@pytest.mark.parametrize("arrives", [0.0, 0.2, 1.0, 2.9])
def test_an_item_that_arrives_late_is_not_sent_again(arrives):
    server = Server(LOST, OK, arrives=arrives)
    server.send()
    assert len(server.posts) == 1


@pytest.mark.parametrize("answer", [LOST, Reply(status=502, headers={}, body=b"")])
def test_an_item_that_does_not_arrive_is_looked_for_before_it_is_sent_again_and_again(answer):
    server = Server(answer, answer, OK)
    server.send()
    first, second, third = server.posts
    assert second - first >= SETTLE
    assert third - second >= SETTLE


@pytest.mark.parametrize("answer", [AWAY, Reply(status=404, headers={}, body=b"")])
def test_an_attempt_that_had_no_effect_is_repeated_soon(answer):
    server = Server(answer, OK)
    server.send()
    assert len(server.posts) == 2
    assert server.looks == 0
    assert server.waiting.now < 1


def test_doubt_stays_when_a_later_attempt_had_no_effect():
    server = Server(LOST, AWAY, OK, arrives=4.0)
    server.send()
    assert len(server.posts) == 2


def test_what_is_told_in_the_end_is_why_it_was_in_doubt():
    with pytest.raises(NetworkError, match="the server did not answer: the connection broke off"):
        Server(LOST).send(deadline=2.0)


def test_a_reply_that_no_repetition_makes_better_ends_it():
    with pytest.raises(NetworkRefused, match="the server redirects"):
        Server(BadReply("redirects more than 5 times")).send()
