"""The HTTP client against servers that redirect, break off, and say too much."""

from __future__ import annotations

import itertools

import pytest

from tim3tool.errors import UsageError
from tim3tool.localnet import Answer, Fault, serving
from tim3tool.network.http import BadReply, Http, NoReply, check_url, redirected


def echo(request):
    said = f"{request.method} {request.path} {request.query} {request.body.decode()}"
    return Answer(body=said.encode(), headers={"X-Kind": "echo"})


def sending(status):
    def answer(request):
        if request.path == "/old":
            return Answer(status=status, headers={"Location": "/new?a=b"})
        return echo(request)

    return answer


@pytest.fixture
def http():
    return Http(timeout=0.3)


def test_a_reply_has_a_status_headers_in_small_letters_and_a_body(http):
    with serving(lambda _: Answer(status=418, body=b' {"a": 1} ', headers={"X-Kind": "tea"})) as served:
        reply = http.get(served.url)
    assert (reply.status, reply.headers["x-kind"], reply.text, reply.document) == (418, "tea", '{"a": 1}', {"a": 1})


def test_what_is_no_json_is_no_document(http):
    with serving(lambda _: Answer(body=b"<html>\xff")) as served:
        assert http.get(served.url).document is None


@pytest.mark.parametrize("status", [307, 308])
def test_a_redirected_post_takes_its_body_along(http, status):
    with serving(sending(status)) as served:
        reply = http.send("POST", f"{served.url}/old", headers={}, body=b"item")
    assert reply.text == "POST /new {'a': 'b'} item"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirected_get_goes_on(http, status):
    with serving(sending(status)) as served:
        assert http.get(f"{served.url}/old").text == "GET /new {'a': 'b'}"


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_post_that_would_become_a_get_is_refused(http, status):
    with serving(sending(status)) as served, pytest.raises(BadReply, match=f"redirects with HTTP status {status}"):
        http.send("POST", f"{served.url}/old", headers={}, body=b"item")


def test_redirects_end(http):
    with serving(lambda r: Answer(status=307, headers={"Location": r.path})) as served:
        with pytest.raises(BadReply, match="redirects more than 5 times"):
            http.get(served.url)
        assert len(served.asked) == 6


@pytest.mark.parametrize(
    ("url", "location", "said"),
    [
        ("https://a.example/", "http://a.example/", "is not encrypted"),
        ("http://a.example/", "file:///etc/passwd", "is not HTTP"),
        ("http://a.example/", "ftp://a.example/", "is not HTTP"),
    ],
)
def test_a_redirect_to_where_nothing_must_go(url, location, said):
    with pytest.raises(BadReply, match=said):
        redirected("GET", url, location, 307)


def test_a_redirect_is_relative_to_where_the_request_went():
    assert redirected("GET", "http://a.example/x/y", "z", 302) == "http://a.example/x/z"
    assert redirected("GET", "http://a.example/x", "https://b.example/", 302) == "https://b.example/"


@pytest.mark.parametrize("kind", ["request-lost", "reply-lost", "truncated"])
def test_what_broke_off_may_have_arrived(http, kind):
    with serving(echo) as served:
        served.fail(Fault(kind=kind))
        with pytest.raises(NoReply, match="broke off") as caught:
            http.get(served.url)
    assert caught.value.arrived


def test_what_takes_too_long_may_have_arrived(http):
    with serving(echo) as served:
        served.fail(Fault(kind="slow", seconds=0.6))
        with pytest.raises(NoReply, match=r"no answer within 0\.3 s") as caught:
            http.get(served.url)
    assert caught.value.arrived


def test_what_never_connected_has_not_arrived(http):
    with pytest.raises(NoReply, match="there is no connection") as caught:
        http.get("http://127.0.0.1:1/")
    assert not caught.value.arrived


def test_a_reply_has_a_largest_size_and_a_longest_time(http):
    with serving(lambda _: Answer(body=b"x" * 1001)) as served:
        with pytest.raises(BadReply, match="sends more than 1,000 bytes"):
            http.send("GET", served.url, headers={}, limit=1000)
        ticks = itertools.count(step=10)
        with pytest.raises(NoReply, match="not done after 5 s"):
            Http(deadline=5.0, clock=lambda: float(next(ticks))).get(served.url)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("localhost:4002", "is not the URL of a unit"),
        ("ftp://a.example", "is not the URL of a unit"),
        ("http://", "is not the URL of a unit"),
        ("http://a.example:99999", "is not the URL of a unit"),
        ("http://me:secret@a.example", "must not hold a name or password"),
        ("http://a.example/?x=1", "has neither query nor fragment"),
    ],
)
def test_what_is_no_url_of_a_server(url, said):
    with pytest.raises(UsageError, match=said) as caught:
        check_url(url, "a unit", example="give one")
    assert caught.value.help == "give one"
    assert "secret" not in caught.value.message


def test_a_url_loses_its_last_slash():
    assert check_url("http://a.example/x/", "a unit", example="") == "http://a.example/x"
