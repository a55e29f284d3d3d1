"""Modules by id: fetched over real HTTP, and refused whenever the bytes are not those of the id."""

from __future__ import annotations

import hashlib
import json
import threading
from pathlib import Path

import loopback as gateways
import pytest
from loopback import reply

from tim3tool.errors import NetworkError, UsageError
from tim3tool.network import dataitem
from tim3tool.network.gateway import Gateway
from tim3tool.network.modules import module_file, modules_folder

RECORDED = json.loads((Path(__file__).parents[2] / "data" / "arweave" / "transactions.json").read_text())
HEADER = RECORDED["transaction"]
DATA = bytes((i * 31 + (i >> 8) * 7 + (i >> 16)) & 255 for i in range(RECORDED["bytes"]))
TAGS = (("Data-Protocol", "ao"), ("Type", "Module"))
CODE = b"\0asm\1\0\0\0" + bytes(range(256)) * 40


@pytest.fixture
def served():
    with gateways.running() as loopback:
        yield loopback


@pytest.fixture(scope="module")
def item(wallet):
    return dataitem.sign(wallet, tags=TAGS, data=CODE, anchor=b"a" * 32)


@pytest.fixture
def fetch(served, tmp_path):
    """Fetch a module without ever waiting between attempts; returns its bytes."""
    waits: list[float] = []

    def run(module, **options):
        gateway = Gateway(served.url, **({"sleep": waits.append} | options))
        return module_file(module, gateway=gateway, folder=tmp_path / "modules").read_bytes()

    run.waits = waits
    return run


def refused(fetch, module, **options) -> str:
    with pytest.raises(NetworkError) as caught:
        fetch(module, **options)
    assert caught.value.exit_code == 3
    assert caught.value.help
    return caught.value.message


def transaction(served, **changed):
    served.routes[f"/tx/{HEADER['id']}"] = json.dumps(HEADER | changed).encode()
    served.routes[f"/raw/{HEADER['id']}"] = DATA
    return HEADER["id"]


# What is right --------------------------------------------------------------------------------------------------------


def test_the_data_of_a_transaction(served, fetch):
    assert fetch(transaction(served)) == DATA


@pytest.mark.parametrize("as_text", [False, True])
def test_the_data_of_a_bundled_item_however_the_gateway_writes_anchors(served, fetch, item, as_text):
    served.serve_item(item, as_text=as_text)
    assert fetch(item.id) == CODE


def test_a_bundled_item_with_a_target_and_no_anchor(served, fetch, wallet):
    plain = dataitem.sign(wallet, tags=TAGS, data=CODE, target="A" * 43)
    served.serve_item(plain, anchor=None)
    assert fetch(plain.id) == CODE


def test_a_gateway_without_raw_data_is_asked_for_the_plain_path(served, fetch, item):
    served.serve_item(item)
    served.routes[f"/{item.id}"] = served.routes.pop(f"/raw/{item.id}")
    assert fetch(item.id) == CODE


def test_redirects_are_followed(served, fetch, item):
    served.serve_item(item)
    served.routes["/elsewhere"] = served.routes[f"/raw/{item.id}"]
    served.routes[f"/raw/{item.id}"] = lambda h: reply(h, b"", status=302, Location="/elsewhere")
    assert fetch(item.id) == CODE


def test_what_fails_now_and_then_is_asked_again_ever_later(served, fetch, item):
    served.serve_item(item)
    left = [500, 429, 503]
    served.routes[f"/raw/{item.id}"] = lambda h: reply(h, b"", status=left.pop()) if left else reply(h, CODE)
    assert fetch(item.id) == CODE
    assert fetch.waits == [0.5, 1.0, 2.0]


def test_progress_is_told(served, tmp_path, wallet):
    big = dataitem.sign(wallet, tags=TAGS, data=CODE * 1700)
    served.serve_item(big)
    said: list[str] = []
    module_file(big.id, gateway=Gateway(served.url), folder=tmp_path, say=said.append)
    assert said == [
        f"fetching module {big.id} from {served.url}",
        "  8 MB",
        "  17 MB",
        f"module {big.id}: {len(big.data):,} bytes, signature and contents checked",
    ]


# What is not the module -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", DATA[:-1], DATA + b"!", b"?" + DATA[1:]], ids=["none", "less", "more", "other"])
def test_other_data_of_a_transaction_is_refused(served, fetch, tmp_path, data):
    module = transaction(served)
    served.routes[f"/raw/{module}"] = data
    assert refused(fetch, module) == f"the gateway {served.url} gave other data than that of module {module}"
    assert list((tmp_path / "modules").glob("*.wasm")) == []


@pytest.mark.parametrize("data", [b"", CODE[:-1], CODE + b"!", b"?" + CODE[1:]], ids=["none", "less", "more", "other"])
def test_other_data_of_an_item_is_refused(served, fetch, item, data):
    served.serve_item(item)
    served.routes[f"/raw/{item.id}"] = data
    assert "gave other data than that of module" in refused(fetch, item.id)


def test_other_tags_of_an_item_are_refused(served, fetch, item):
    served.serve_item(item, tags=[{"name": "Type", "value": "Module"}])
    assert "gave other data than that of module" in refused(fetch, item.id)


def test_an_honest_answer_about_another_module_is_refused(served, fetch, item, stranger):
    other = dataitem.sign(stranger, tags=TAGS, data=CODE)
    served.serve_item(other, id=item.id)
    served.routes[f"/raw/{item.id}"] = CODE
    assert refused(fetch, item.id) == f"the gateway {served.url} answered for {other.id} when asked for {item.id}"
    served.routes[f"/tx/{item.id}"] = json.dumps(HEADER).encode()
    assert refused(fetch, item.id) == f"the gateway {served.url} answered for {HEADER['id']} when asked for {item.id}"


def test_a_signature_of_somebody_else_under_the_id_is_refused(served, fetch, item, stranger):
    forged = dataitem.sign(stranger, tags=TAGS, data=b"\0asm evil")
    served.serve_item(item, owner={"key": gateways.base64url.encode(forged.owner)})
    served.routes[f"/raw/{item.id}"] = forged.data
    assert "gave other data than that of module" in refused(fetch, item.id)


# What a gateway does not know or say ---------------------------------------------------------------------------------------


def test_an_id_that_no_gateway_knows(served, fetch):
    served.routes["/graphql"] = b'{"data": {"transactions": {"edges": []}}}'
    assert refused(fetch, "A" * 43) == f"the gateway {served.url} has no module {'A' * 43}"
    assert served.asked == [f"/tx/{'A' * 43}", "/graphql"]


def test_data_that_is_gone(served, fetch, item):
    served.serve_item(item)
    del served.routes[f"/raw/{item.id}"]
    assert refused(fetch, item.id) == f"the gateway {served.url} knows module {item.id} but has not its data"


@pytest.mark.parametrize("change", [{"signature": ""}, {"owner": None}, {"tags": None}, {"recipient": "?"}])
def test_a_gateway_that_keeps_the_signature_to_itself(served, fetch, item, change):
    served.serve_item(item, **change)
    assert refused(fetch, item.id).endswith(f"does not say enough of module {item.id} to check it")


@pytest.mark.parametrize("answer", [b"[]", b"null", b'{"data": null}', b'{"data": {"transactions": {"edges": [1]}}}'])
def test_an_answer_that_is_not_of_graphql(served, fetch, answer):
    served.routes["/graphql"] = answer
    assert refused(fetch, "A" * 43) == f"the gateway {served.url} answered a GraphQL query with something else"


@pytest.mark.parametrize("answer", [b"<html>", b"\xff\xfe{", b"[" * 100_000])
def test_an_answer_that_is_not_json(served, fetch, answer):
    served.routes[f"/tx/{'A' * 43}"] = answer
    assert refused(fetch, "A" * 43).endswith("with something other than JSON")


def test_a_transaction_of_the_first_format(served, fetch):
    assert refused_format(served, fetch) == "a transaction of format 1 cannot be checked, only one of format 2"


def refused_format(served, fetch) -> str:
    with pytest.raises(NetworkError) as caught:
        fetch(transaction(served, format=1))
    return caught.value.message


# What goes wrong on the way --------------------------------------------------------------------------------------------------


def test_an_answer_that_breaks_off(served, fetch, item):
    served.serve_item(item)
    served.routes[f"/raw/{item.id}"] = lambda h: reply(h, CODE[:1000], Content_Length=str(len(CODE)))
    message = refused(fetch, item.id)
    assert message == f"the gateway {served.url} failed 4 times at `/raw/{item.id}`: the answer broke off"
    assert len(fetch.waits) == 3


def test_a_gateway_that_says_nothing(served, fetch):
    gone = threading.Event()
    served.routes[f"/tx/{'A' * 43}"] = lambda _: gone.wait(5)
    try:
        message = refused(fetch, "A" * 43, timeout=0.1)
    finally:
        gone.set()
    assert message == f"the gateway {served.url} failed 4 times at `/tx/{'A' * 43}`: no answer within 0.1 s"


def test_a_gateway_that_drips(served, fetch, item):
    served.serve_item(item)
    ticks = iter(range(0, 10_000, 100))
    message = refused(fetch, item.id, clock=lambda: float(next(ticks)), deadline=50.0)
    assert message.endswith("not done after 50 s")


def test_a_gateway_that_never_ends(served, fetch):
    def endless(handler):
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b"x" * 65536)

    served.routes[f"/tx/{'A' * 43}"] = endless
    assert refused(fetch, "A" * 43) == f"the gateway {served.url} sends more than 4,194,304 bytes at `/tx/{'A' * 43}`"
    assert fetch.waits == []


def test_redirects_without_end(served, fetch):
    served.routes[f"/tx/{'A' * 43}"] = lambda h: reply(h, b"", status=302, Location=h.path)
    assert refused(fetch, "A" * 43) == f"the gateway {served.url} redirects more than 5 times at `/tx/{'A' * 43}`"


def test_a_status_that_says_no(served, fetch):
    served.routes[f"/tx/{'A' * 43}"] = lambda h: reply(h, b"", status=403)
    assert refused(fetch, "A" * 43) == f"the gateway {served.url} answered `/tx/{'A' * 43}` with HTTP status 403"
    assert fetch.waits == []


def test_a_gateway_that_is_not_there(tmp_path):
    gateway = Gateway("http://127.0.0.1:1", sleep=lambda _: None)
    with pytest.raises(NetworkError) as caught:
        module_file("A" * 43, gateway=gateway, folder=tmp_path)
    assert caught.value.message.endswith("there is no connection")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("arweave.net", "`arweave.net` is not the URL of a gateway"),
        ("ftp://arweave.net", "`ftp://arweave.net` is not the URL of a gateway"),
        ("https://", "`https://` is not the URL of a gateway"),
        ("http://[", "`http://[` is not the URL of a gateway"),
        ("http://host:99999", "`http://host:99999` is not the URL of a gateway"),
        ("https://me:secret@host", "the URL of a gateway must not hold a name or password"),
        ("https://host/?a=b", "the URL of a gateway has neither query nor fragment: `https://host/?a=b`"),
    ],
)
def test_a_url_that_is_no_gateway(url, said):
    with pytest.raises(UsageError) as caught:
        Gateway(url)
    assert caught.value.message == said


# What is kept ----------------------------------------------------------------------------------------------------------------


def test_a_kept_module_needs_no_network(served, fetch, item):
    served.serve_item(item)
    fetch(item.id)
    served.asked.clear()
    served.routes.clear()
    assert fetch(item.id) == CODE
    assert served.asked == []


@pytest.mark.parametrize("spoiled", [b"", CODE + b"\0", b"\0asm evil"])
def test_a_kept_module_that_was_changed_is_fetched_again(served, fetch, item, tmp_path, spoiled):
    served.serve_item(item)
    fetch(item.id)
    (file,) = (tmp_path / "modules").glob("*.wasm")
    file.write_bytes(spoiled)
    served.asked.clear()
    assert fetch(item.id) == CODE
    assert f"/raw/{item.id}" in served.asked
    assert len(list((tmp_path / "modules").glob("*.wasm"))) == 1


def test_the_latest_sixteen_are_kept(served, fetch, item, tmp_path):
    folder = tmp_path / "modules"
    folder.mkdir()
    for number in range(20):
        name, data = f"{number:043}", str(number).encode()
        (folder / f"{name}.{hashlib.sha256(data).hexdigest()}.wasm").write_bytes(data)
    served.serve_item(item)
    fetch(item.id)
    assert len(list(folder.glob("*.wasm"))) == 16
    assert fetch(item.id) == CODE


def test_a_folder_that_cannot_be_used(served, item, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="modules cannot be kept in"):
        module_file(item.id, gateway=Gateway(served.url), folder=tmp_path / "file" / "modules")


def test_where_modules_are_kept():
    assert modules_folder({"TIM3_HOME": "/a", "XDG_CACHE_HOME": "/b"}) == Path("/a/modules")
    assert modules_folder({"XDG_CACHE_HOME": "/b"}) == Path("/b/tim3tool/modules")
    assert modules_folder({"XDG_CACHE_HOME": "relative"}) == Path.home() / ".cache/tim3tool/modules"
