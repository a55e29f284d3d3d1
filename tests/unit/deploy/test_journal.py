"""The journal: what was written is there after any crash, and nothing else is believed."""

from __future__ import annotations

import json

import pytest

from tim3tool.deploy.journal import Entry, Journal, journal_path
from tim3tool.errors import StateError
from tim3tool.network import dataitem

OWNER = "O" * 43


@pytest.fixture
def path(tmp_path):
    return journal_path(tmp_path, "local")


def opened(path, network="local", owner=OWNER):
    return Journal(path, network=network, owner=owner)


def an_entry(wallet, process="a"):
    item = dataitem.sign(wallet, data=process.encode())
    return Entry(kind="eval", process=process, record={"build_hash": "b", "code_hash": "c"}, item=item)


@pytest.fixture
def entries(wallet):
    return [an_entry(wallet, process) for process in ("a", "b", "c")]


@pytest.fixture
def written(path, entries):
    journal = opened(path)
    for entry in entries:
        journal.write(entry)
    return path


def test_a_journal_that_is_not_there_is_empty_and_not_made(path):
    assert opened(path).pending == ()
    assert not path.exists()


def test_what_was_written_is_pending_with_its_bytes(written, entries):
    assert opened(written).pending == tuple(entries)
    assert [entry.item.raw for entry in opened(written).pending] == [entry.item.raw for entry in entries]


def test_what_was_closed_is_not(written, entries):
    opened(written).close(entries[1])
    assert opened(written).pending == (entries[0], entries[2])


def test_the_file_is_removed_with_the_last_outcome(written, entries):
    journal = opened(written)
    for entry in entries:
        assert written.exists()
        journal.close(entry)
    assert not written.exists()
    assert journal.pending == ()


def test_it_can_be_written_again_after_that(written, entries):
    journal = opened(written)
    for entry in entries:
        journal.close(entry)
    journal.write(entries[0])
    assert opened(written).pending == (entries[0],)


def test_a_journal_cut_off_at_any_byte_keeps_every_line_before_and_takes_new_ones(written, entries):
    whole = written.read_bytes()
    ends = [index + 1 for index, byte in enumerate(whole) if byte == 0x0A]
    for cut in sorted({0, 1, *ends, *(end - 1 for end in ends), *(end - 50 for end in ends[1:])}):
        written.write_bytes(whole[:cut])
        complete = max(0, sum(end <= cut for end in ends) - 1)
        journal = opened(written)
        assert journal.pending == tuple(entries[:complete])
        if complete < len(entries):
            journal.write(entries[complete])
            assert opened(written).pending == tuple(entries[: complete + 1])


@pytest.mark.parametrize("tail", [b"\0" * 600, b'{"item":"', b"garbage\n", b"[]\n"])
def test_a_last_line_that_was_never_finished_is_dropped(written, entries, tail):
    whole = written.read_bytes()
    written.write_bytes(whole + tail)
    assert opened(written).pending == tuple(entries)
    assert written.read_bytes() == whole


def replaced(path, number, line):
    lines = path.read_bytes().splitlines(keepends=True)
    lines[number - 1] = line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n"
    path.write_bytes(b"".join(lines))


def line_of(path, number, **members):
    return json.loads(path.read_bytes().splitlines()[number - 1]) | members


@pytest.mark.parametrize(
    "line", [b"\n", b"garbage\n", b"[]\n", b"\xff\n", b'{"closed":"unknown"}\n', b'{"closed":[]}\n', b"{}\n"]
)
def test_damage_anywhere_else_is_named_by_its_line(written, line):
    replaced(written, 3, line)
    with pytest.raises(StateError, match=r"`.*local\.jsonl` is damaged at line 3") as caught:
        opened(written)
    assert "check on the network" in caught.value.help


@pytest.mark.parametrize(
    "members",
    [
        {"kind": "other"},
        {"kind": ["eval"]},
        {"process": 7},
        {"record": {}},
        {"record": {"build_hash": "b", "code_hash": 7}},
        {"record": {"build_hash": "b", "code_hash": "c", "modules": ["util"]}},
        {"record": {"build_hash": "b", "code_hash": "c", "more": "d"}},
        {"record": {"module": "m", "scheduler": "s", "authority": "a"}, "kind": "spawn"},
        {"record": {"module": "m", "scheduler": "s", "tags": [["Name"]]}, "kind": "spawn"},
        {"record": "text"},
        {"item": "!!!"},
        {"item": 7},
        {"item": ""},
    ],
)
def test_an_entry_that_says_nothing_sensible_is_damage(written, members):
    replaced(written, 2, line_of(written, 2, **members))
    with pytest.raises(StateError, match="is damaged at line 2"):
        opened(written)


@pytest.mark.parametrize(
    ("kind", "record"),
    [
        ("spawn", {"module": "m", "scheduler": "s", "authority": ["a"], "tags": [["Name", "n"], ["Name", "o"]]}),
        ("eval", {"build_hash": "b", "code_hash": "c", "modules": {"util": "d"}}),
        ("spawn", {"module": "m", "scheduler": "s"}),
    ],
    ids=["spawn", "eval", "spawn of an older tim3tool"],
)
def test_what_the_state_keeps_of_an_item_comes_back_as_it_was(path, wallet, kind, record):
    entry = Entry(kind=kind, process="a", record=record, item=an_entry(wallet).item)
    opened(path).write(entry)
    assert opened(path).pending == (entry,)


def test_an_item_that_was_changed_is_damage(written):
    item = line_of(written, 2)["item"]
    replaced(written, 2, line_of(written, 2, item=item[:40] + ("A" if item[40] != "A" else "B") + item[41:]))
    with pytest.raises(StateError, match="is damaged at line 2"):
        opened(written)


def test_the_journal_of_another_wallet_or_network_or_format_is_left_alone(written):
    before = written.read_bytes()
    with pytest.raises(StateError, match=f"was left by a deploy with owner `{OWNER}`, not `X`") as caught:
        opened(written, owner="X")
    assert caught.value.help == f"finish that deploy first, with owner `{OWNER}`"
    with pytest.raises(StateError, match="was left by a deploy with network `local`, not `test`"):
        opened(written, network="test")
    assert written.read_bytes() == before
    replaced(written, 1, line_of(written, 1, format=9))
    with pytest.raises(StateError, match="was left by a deploy with format `9`, not `1`"):
        opened(written)


def test_a_journal_that_cannot_be_used_is_named(tmp_path, path, wallet):
    path.mkdir(parents=True)
    with pytest.raises(StateError, match="cannot be read: Is a directory"):
        opened(path)
    journal = opened(tmp_path / "later" / "x.jsonl")
    (tmp_path / "later").write_text("")
    with pytest.raises(StateError, match="cannot be written: Not a directory"):
        journal.write(an_entry(wallet))
