"""What a reply means: units hide what they mean in texts, proxies answer with HTML."""

from __future__ import annotations

import json

import pytest

from tim3tool.errors import NetworkRefused
from tim3tool.network.http import Reply
from tim3tool.network.patience import Later
from tim3tool.network.verdict import refusal, said


def reply(status, body):
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return Reply(status=status, headers={}, body=raw)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, {"error": "Error: Forbidden, process not whitelisted"}),
        (500, {"error": "Process spawning is not supported"}),
        (400, {"error": "Process x is not allowed on this SU"}),
        (403, {"error": "Access denied for process x"}),
        (500, {"error": "A valid and signed data item must be provided as the body"}),
        (413, "too large"),
        (400, {"error": "bad requrest"}),
        (400, "Message is not valid."),
        (400, "No scheduler information provided."),
        (402, "Insufficient funds"),
        (404, {"error": True}),
    ],
)
def test_what_time_does_not_mend_is_refused(status, body):
    verdict = refusal(reply(status, body), who="the unit")
    assert isinstance(verdict, NetworkRefused)
    assert verdict.message.startswith(f"the unit answered with HTTP status {status}")
    assert verdict.help


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (400, "Process x is not allowed on this SU"),
        (500, "Error: 400: Process x is not allowed on this SU"),
        (500, "Process spawning is not supported"),
        (500, "Error: Forbidden, process not whitelisted"),
        (403, "Process not found in whitelist"),
    ],
)
def test_units_that_take_no_new_processes_lead_to_hyperbeam(status, text):
    verdict = refusal(reply(status, {"error": text}), who="the unit")
    assert isinstance(verdict, NetworkRefused)
    assert "--network hyperbeam" in (verdict.help or "")


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, {"error": "Error: Rate limit exceeded"}), (429, "slow down"), (429, "<html></html>")],
)
def test_one_request_too_many_is_seen_by_status_or_text(status, body):
    verdict = refusal(reply(status, body), who="the unit")
    assert isinstance(verdict, Later)
    assert verdict.limited


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, {"error": "TypeError: fetch failed"}),
        (500, "<html>oops</html>"),
        (502, ""),
        (504, "<!DOCTYPE html>"),
        (503, {"error": "warming up"}),
        (400, ""),
        (404, {"error": "not Found"}),
        (400, {"error": "Could not locate process x"}),
        (404, {"reason": "Requested slot not yet available in schedule."}),
        (500, {"details": "{necessary_message_not_found,<<'/'>>}"}),
    ],
)
def test_the_rest_may_work_later(status, body):
    verdict = refusal(reply(status, body), who="the unit")
    assert isinstance(verdict, Later)
    assert not verdict.limited


def test_html_says_nothing_and_long_texts_are_cut():
    assert said(reply(500, "<!DOCTYPE html><p>Bad Gateway</p>")) == ""
    assert said(reply(500, {"error": "a\n  b"})) == "a b"
    assert said(reply(500, "x" * 1000)) == "x" * 199 + "…"
    assert said(reply(400, {"error": {"code": 5}})) == "{'code': 5}"
    assert said(reply(400, b"\xff".decode("latin-1"))) == "ÿ"
