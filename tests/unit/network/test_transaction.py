"""Arweave transactions: those that arweave.js makes are known, and none other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tim3tool.errors import NetworkError
from tim3tool.network import base64url, transaction

RECORDED = json.loads((Path(__file__).parents[2] / "data" / "arweave" / "transactions.json").read_text())
HEADER = RECORDED["transaction"]


def contents(size: int) -> bytes:
    return bytes((i * 31 + (i >> 8) * 7 + (i >> 16)) & 255 for i in range(size))


DATA = contents(RECORDED["bytes"])


@pytest.mark.parametrize("size", sorted(map(int, RECORDED["roots"])))
def test_the_root_of_arweave_js_is_among_those_of_the_data(size):
    assert base64url.decode(RECORDED["roots"][str(size)]) in transaction.data_roots(contents(size))


def test_a_transaction_of_arweave_js_belongs_to_its_data():
    parsed = transaction.parse(HEADER)
    assert parsed.id == HEADER["id"]
    assert transaction.verify(parsed, DATA)


@pytest.mark.parametrize("data", [b"", DATA[:-1], DATA + b"\0", DATA[:-1] + bytes([DATA[-1] ^ 1])])
def test_other_data_does_not(data):
    assert not transaction.verify(transaction.parse(HEADER), data)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reward", "1"),
        ("quantity", "8"),
        ("target", ""),
        ("last_tx", ""),
        ("tags", []),
        ("owner", base64url.encode(b"\xff" * 512)),
        ("data_size", str(len(DATA) + 1)),
    ],
)
def test_nothing_of_a_header_can_be_changed(field, value):
    assert not transaction.verify(transaction.parse(HEADER | {field: value}), DATA)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": 1}, "a transaction of format 1 cannot be checked, only one of format 2"),
        ({"owner": "=="}, "the gateway's answer is not an Arweave transaction"),
        ({"owner": 5}, "the gateway's answer is not an Arweave transaction"),
        ({"reward": "-1"}, "the gateway's answer is not an Arweave transaction"),
        ({"data_size": "٣"}, "the gateway's answer is not an Arweave transaction"),
        ({"tags": None}, "the gateway's answer is not an Arweave transaction"),
        ({"tags": [{"name": "QQ"}]}, "the gateway's answer is not an Arweave transaction"),
    ],
)
def test_what_is_no_transaction_is_named(change, said):
    with pytest.raises(NetworkError) as caught:
        transaction.parse(HEADER | change)
    assert caught.value.message == said
