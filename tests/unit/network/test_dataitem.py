"""ANS-104 data items: real ones, made ones, broken ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from proof import sample

from tim3tool.errors import UsageError
from tim3tool.network import dataitem

CAPTURES = Path(__file__).parents[2] / "data" / "captures"
CAPTURED = sorted(
    path for path in CAPTURES.glob("*/*.body") if path.read_bytes()[:2] == b"\1\0" and path.stat().st_size > 1044
)
PROCESS = "OYC42N-HNH86SqkZOAXASRU5PDo277B10W_Oxy5hZO8"
HEAD = 2 + 512 + 512  # signature type, signature, owner

few = settings(
    max_examples=sample(40),
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def test_the_captures_hold_fifteen_data_items():
    assert len(CAPTURED) == 15


@pytest.mark.parametrize("path", CAPTURED, ids=lambda path: path.stem)
def test_a_captured_item_parses_verifies_and_is_rebuilt(path, wallet):
    raw = path.read_bytes()
    item = dataitem.parse(raw)
    assert dataitem.verify(item)
    rebuilt = dataitem.sign(wallet, target=item.target, anchor=item.anchor, tags=item.tags, data=item.data)
    assert rebuilt.raw[:2] + item.signature + item.owner + rebuilt.raw[HEAD:] == raw


def test_the_parts_of_a_captured_spawn():
    item = dataitem.parse((CAPTURES / "legacynet" / "leg98-02.body").read_bytes())
    assert (item.target, item.anchor, item.data) == ("", b"", b" ")
    assert [name for name, _ in item.tags][-6:] == [
        "Data-Protocol",
        "Variant",
        "Type",
        "Module",
        "Scheduler",
        "Timestamp",
    ]
    assert item.tag("Type") == "Process"
    assert item.tag("type") is None
    assert item.id == "0kjn5FWx9phXxyNFOdZTXLjX5V84iABDUHE3jlswxgQ"
    assert repr(item) == "DataItem(id='0kjn5FWx9phXxyNFOdZTXLjX5V84iABDUHE3jlswxgQ', target='', 10 tags, 1 bytes)"


def test_the_parts_of_a_captured_message_with_an_anchor():
    item = dataitem.parse((CAPTURES / "legacynet" / "leg98-07.body").read_bytes())
    assert item.target == PROCESS
    assert item.anchor == b"12345678901234567890123456789012"


text = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)


@few
@given(
    target=st.sampled_from(["", PROCESS]),
    anchor=st.one_of(st.just(b""), st.binary(min_size=32, max_size=32)),
    tags=st.lists(st.tuples(text, text), max_size=8),
    data=st.binary(max_size=200),
)
def test_a_signed_item_reads_back_and_verifies(wallet, target, anchor, tags, data):
    item = dataitem.sign(wallet, target=target, anchor=anchor, tags=tags, data=data)
    again = dataitem.parse(item.raw)
    assert again == item
    assert (again.target, again.anchor, again.tags, again.data) == (target, anchor, tuple(tags), data)
    assert again.address == wallet.address
    assert dataitem.verify(again)


@pytest.fixture(scope="module")
def item(wallet):
    tags = [("Action", "Eval"), ("SDK", "tim3tool")]
    return dataitem.sign(wallet, target=PROCESS, anchor=b"a" * 32, tags=tags, data=b"return 1")


@few
@given(bit=st.integers(min_value=16, max_value=8 * 1100 - 1))
def test_a_flipped_bit_is_refused_or_does_not_verify(item, bit):
    raw = bytearray(item.raw)
    bit %= 8 * len(raw)
    raw[bit // 8] ^= 1 << bit % 8
    try:
        changed = dataitem.parse(bytes(raw))
    except UsageError:
        return
    assert not dataitem.verify(changed)


def test_each_signed_part_counts(item):
    for offset in (2, 2 + 512, HEAD + 1, HEAD + 34, len(item.raw) - len(item.data) - 3, len(item.raw) - 1):
        raw = bytearray(item.raw)
        raw[offset] ^= 1
        assert not dataitem.verify(dataitem.parse(bytes(raw))), offset


def test_an_item_cut_off_anywhere_is_refused_or_does_not_verify(item):
    start_of_data = len(item.raw) - len(item.data)
    for end in range(start_of_data):
        with pytest.raises(UsageError, match="not a data item"):
            dataitem.parse(item.raw[:end])
    for end in range(start_of_data, len(item.raw)):
        assert not dataitem.verify(dataitem.parse(item.raw[:end]))


@settings(max_examples=sample(300), derandomize=True)
@given(tail=st.binary(max_size=200), owner=st.binary(min_size=512, max_size=512))
def test_garbage_is_an_error_or_no_valid_item(tail, owner):
    try:
        item = dataitem.parse(b"\1\0" + bytes(512) + owner + tail)
    except UsageError:
        return
    assert not dataitem.verify(item)


def test_the_same_contents_get_another_id_each_time(wallet):
    assert dataitem.sign(wallet).id != dataitem.sign(wallet).id


def framed(item, *, tag_bytes: bytes, count: int) -> bytes:
    """The bytes of an item that has other tag bytes; its signature no longer fits."""
    return item.raw[: HEAD + 2] + count.to_bytes(8, "little") + len(tag_bytes).to_bytes(8, "little") + tag_bytes


@pytest.fixture(scope="module")
def plain(wallet):
    return dataitem.sign(wallet)


@pytest.mark.parametrize(
    ("tag_bytes", "tags"),
    [
        (b"", ()),
        (b"\0", ()),
        (b"\x02\x02a\x02b\0", (("a", "b"),)),
        (b"\x01\x08\x02a\x02b\0", (("a", "b"),)),
        (b"\x02\x02a\x02b\x02\x02c\x02d\0", (("a", "b"), ("c", "d"))),
    ],
    ids=["none", "lone-end", "one-block", "negative-count", "two-blocks"],
)
def test_every_form_of_the_tags_is_read(plain, tag_bytes, tags):
    assert dataitem.parse(framed(plain, tag_bytes=tag_bytes, count=len(tags))).tags == tags


@pytest.mark.parametrize(
    ("tag_bytes", "count", "message"),
    [
        (b"\x02\x02a\x02b\0", 2, "it says 2 tags and holds 1"),
        (b"", 1, "it says 1 tags and holds 0"),
        (b"\x02\x02a\x02b", 1, r"it ends inside its tag block"),
        (b"\x02\x02a\x02b\0\0", 1, "bytes after the last tag"),
        (b"\x02\x02\xff\x02b\0", 1, "a tag name is not UTF-8"),
        (b"\x02\x01a\x02b\0", 1, "it ends inside its tag name"),
        (b"\x02\x7fa", 1, "it ends inside its tag name"),
        (b"\xff" * 11, 1, "a number in its tag block is too long"),
        (b"\xfe" + b"\xff" * 8 + b"\x01", 1, "it ends inside its tag name"),
    ],
)
def test_broken_tags_are_named(plain, tag_bytes, count, message):
    with pytest.raises(UsageError, match=message):
        dataitem.parse(framed(plain, tag_bytes=tag_bytes, count=count))


def test_a_mark_other_than_0_and_1_is_named(plain):
    raw = bytearray(plain.raw)
    raw[HEAD] = 2
    with pytest.raises(UsageError, match="the mark before its target is 2, not 0 or 1"):
        dataitem.parse(bytes(raw))


def test_another_signature_type_is_named(plain):
    with pytest.raises(UsageError, match=r"signature type 3, where only 1 \(Arweave RSA\) is known"):
        dataitem.parse(b"\3\0" + plain.raw[2:])


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ([("n", "v")] * 129, "at most 128 tags, not 129"),
        ([("", "v")], "the tag name `` has 0 bytes; 1 to 1024 are allowed"),
        ([("é" * 513, "v")], "has 1026 bytes; 1 to 1024 are allowed"),
        ([("Action", "")], "the value of the tag `Action` has 0 bytes; 1 to 3072 are allowed"),
        ([("Action", "v" * 3073)], "the value of the tag `Action` has 3073 bytes"),
        ([("a", "v" * 3000), ("b", "v" * 1090)], "the tags have 4100 bytes together; 4096 are allowed"),
        ([("a", "\udcff")], r"the tag text `\?` is not Unicode"),
    ],
)
def test_a_broken_limit_is_named(wallet, tags, message):
    with pytest.raises(UsageError, match=message):
        dataitem.sign(wallet, tags=tags)


def test_tags_at_the_limits_are_accepted(wallet):
    widest = [("n" * 1018, "v" * 3072)]
    most = [(f"n{i}", "v") for i in range(128)]
    assert len(dataitem.sign(wallet, tags=widest).tag_bytes) == 4096
    for tags in (widest, most):
        assert dataitem.verify(dataitem.parse(dataitem.sign(wallet, tags=tags).raw))


def test_a_target_that_is_no_id_is_named(wallet):
    with pytest.raises(UsageError, match="`mock-usda` is not a process id"):
        dataitem.sign(wallet, target="mock-usda")


def test_an_anchor_of_another_size_is_named(wallet):
    with pytest.raises(UsageError, match="an anchor has exactly 32 bytes, not 3"):
        dataitem.sign(wallet, anchor=b"abc")
