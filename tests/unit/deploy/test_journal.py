"""The journal: what was written is there after any crash, and nothing else is believed."""

from __future__ import annotations

import contextlib
import hashlib
import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from proof import sample

from tim3tool.deploy.journal import Entry, Journal, journal_path
from tim3tool.errors import StateError
from tim3tool.network import dataitem

OWNER = "O" * 43
CODE = {"build_hash": "b", "code_hash": "c", "modules": {"main": "d"}}
SPAWN = {"module": "m", "scheduler": "s", "authority": ["a"], "tags": [["Name", "n"], ["Name", "o"]]}


@pytest.fixture
def path(tmp_path):
    return journal_path(tmp_path, "local")


def opened(path, network="local", owner=OWNER):
    return Journal(path, network=network, owner=owner)


def an_entry(wallet, process="a"):
    item = dataitem.sign(wallet, data=process.encode())
    return Entry(kind="eval", process=process, record=CODE, item=item)


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
        complete = max(0, sum(end - 1 <= cut for end in ends) - 1)
        journal = opened(written)
        assert journal.pending == tuple(entries[:complete])
        if complete < len(entries):
            journal.write(entries[complete])
            assert opened(written).pending == tuple(entries[: complete + 1])


@pytest.mark.parametrize("tail", [b"\0" * 600, b'{"item":"', b'{"item' + b"\0" * 512 + b'"}\n'])
def test_a_last_line_that_was_never_finished_is_dropped(written, entries, tail):
    whole = written.read_bytes()
    written.write_bytes(whole + tail)
    assert opened(written).pending == tuple(entries)
    assert written.read_bytes() == whole


@pytest.mark.parametrize("lost", [b"", b"\0"])
def test_a_last_line_that_lacks_only_its_end_counts_and_takes_new_ones(written, entries, wallet, lost):
    whole = written.read_bytes()
    written.write_bytes(whole[:-1] + lost)
    journal = opened(written)
    assert journal.pending == tuple(entries)
    journal.write(further := an_entry(wallet, "d"))
    assert opened(written).pending == (*entries, further)


def test_a_first_line_that_was_torn_with_the_head_is_no_journal(path, entries):
    opened(path).write(entries[0])
    whole = path.read_bytes()
    for start, end in ((0, 100), (0, 512), (20, len(whole) - 20), (0, len(whole) - 1)):
        path.write_bytes(whole[:start] + b"\0" * (end - start) + whole[end:])
        journal = opened(path)
        assert journal.pending == ()
        journal.write(entries[1])
        assert opened(path).pending == (entries[1],)


def replaced(path, number, line):
    lines = path.read_bytes().splitlines(keepends=True)
    lines[number - 1] = line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n"
    path.write_bytes(b"".join(lines))


def line_of(path, number, **members):
    """Return a line with other members, as a tim3tool that writes such would have written it: with its checksum."""
    line = json.loads(path.read_bytes().splitlines()[number - 1]) | members
    del line["sha256"]
    return line | {"sha256": hashlib.sha256(json.dumps(line, sort_keys=True).encode()).hexdigest()}


@pytest.mark.parametrize(
    "line", [b"\n", b"garbage\n", b"[]\n", b"\xff\n", b'{"closed":"unknown"}\n', b'{"closed":[]}\n', b"{}\n"]
)
def test_damage_anywhere_else_is_named_by_its_line(written, line):
    replaced(written, 3, line)
    with pytest.raises(StateError, match=r"`.*local\.jsonl` is damaged at line 3") as caught:
        opened(written)
    assert "`tim3tool verify --network local`" in caught.value.help


@pytest.mark.parametrize(
    "members",
    [
        {"kind": "other"},
        {"kind": ["eval"]},
        {"process": 7},
        {"record": {}},
        {"record": CODE | {"code_hash": 7}},
        {"record": CODE | {"modules": ["util"]}},
        {"record": CODE | {"more": "d"}},
        {"record": SPAWN | {"authority": "a"}, "kind": "spawn"},
        {"record": SPAWN | {"tags": [["Name"]]}, "kind": "spawn"},
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


@pytest.mark.parametrize(("kind", "record"), [("spawn", SPAWN), ("eval", CODE)], ids=["spawn", "eval"])
def test_what_the_state_keeps_of_an_item_comes_back_as_it_was(path, wallet, kind, record):
    entry = Entry(kind=kind, process="a", record=record, item=an_entry(wallet).item)
    opened(path).write(entry)
    assert opened(path).pending == (entry,)


def test_an_item_that_was_changed_is_damage(written):
    item = line_of(written, 2)["item"]
    replaced(written, 2, line_of(written, 2, item=item[:40] + ("A" if item[40] != "A" else "B") + item[41:]))
    with pytest.raises(StateError, match="is damaged at line 2"):
        opened(written)


@pytest.mark.parametrize("members", [{"process": "b"}, {"record": CODE | {"code_hash": "d"}}, {"kind": "setup"}])
def test_a_member_that_was_changed_is_damage_although_it_makes_sense(written, members):
    line = json.loads(written.read_bytes().splitlines()[1]) | members
    replaced(written, 2, line)
    with pytest.raises(StateError, match="is damaged at line 2"):
        opened(written)


@pytest.fixture(scope="session")
def some(wallet):
    """A few entries that stay the same for all examples."""
    return [an_entry(wallet, process) for process in ("a", "b")]


@settings(max_examples=sample(200), deadline=None)
@given(data=st.data())
def test_a_byte_that_was_changed_anywhere_is_never_believed(some, tmp_path_factory, data):
    path = journal_path(tmp_path_factory.mktemp("flipped"), "local")
    closed = data.draw(st.booleans(), label="closed")
    journal = opened(path)
    for entry in some:
        journal.write(entry)
    if closed:
        journal.close(some[0])
    expected = journal.pending
    whole = bytearray(path.read_bytes())
    # The long middle of an item is one place like another; heads, ends and members are many.
    edges = [at for end in _ends(whole) for at in range(end - 160, end + 160) if 0 <= at < len(whole)]
    at = data.draw(st.one_of(st.sampled_from(edges), st.integers(0, len(whole) - 1)), label="at")
    whole[at] = data.draw(st.integers(0, 255).filter(lambda byte: byte != whole[at]), label="byte")
    path.write_bytes(whole)
    with contextlib.suppress(StateError):
        assert opened(path).pending == expected


@settings(max_examples=sample(100), deadline=None)
@given(data=st.data())
def test_a_journal_that_was_cut_holds_what_was_whole(some, tmp_path_factory, data):
    path = journal_path(tmp_path_factory.mktemp("cut"), "local")
    journal = opened(path)
    for entry in some:
        journal.write(entry)
    whole = path.read_bytes()
    cut = data.draw(st.one_of(st.sampled_from(_ends(whole)), st.integers(0, len(whole))), label="cut")
    path.write_bytes(whole[:cut])
    complete = max(0, sum(end - 1 <= cut for end in _ends(whole)) - 1)
    assert opened(path).pending == tuple(some[:complete])


def _ends(whole):
    return [index + 1 for index, byte in enumerate(whole) if byte == 0x0A]


FULL_DISK = """
import resource, sys
from pathlib import Path
from tim3tool.deploy.journal import Journal
from tim3tool.errors import StateError
path, whole = Path(sys.argv[1]), Path(sys.argv[2])
source = Journal(whole, network="local", owner="O" * 43)
first, second, third = source.pending
journal = Journal(path, network="local", owner="O" * 43)
journal.write(first)
resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 700, resource.RLIM_INFINITY))
for attempt in (lambda: journal.write(second), lambda: journal.write(third)):
    try:
        attempt()
    except StateError as error:
        print(error)
print([entry.process for entry in journal.pending])
"""


def test_a_disk_that_is_full_tears_one_line_and_no_other_comes_behind_it(written, tmp_path, entries):
    path = journal_path(tmp_path / "other", "local")
    run = subprocess.run(
        [sys.executable, "-c", FULL_DISK, path, written], capture_output=True, text=True, timeout=60, check=True
    )
    first, second, pending = run.stdout.splitlines()
    assert "cannot be written: File too large" in first
    assert "cannot be written: an earlier line could not be written" in second
    assert pending == "['a']"
    assert len(path.read_bytes().split(b"\n")[-1]) == 700
    assert opened(path).pending == (entries[0],)


def test_the_journal_of_another_wallet_or_network_or_format_is_left_alone(written):
    before = written.read_bytes()
    with pytest.raises(StateError, match=f"was left by a deploy with owner `{OWNER}`, not `X`") as caught:
        opened(written, owner="X")
    way_out = f"finish that deploy first, with owner `{OWNER}`; `tim3tool state rm` gives up what it began"
    assert caught.value.help == way_out
    with pytest.raises(StateError, match="was left by a deploy with network `local`, not `test`"):
        opened(written, network="test")
    assert written.read_bytes() == before
    replaced(written, 1, line_of(written, 1, format=9))
    with pytest.raises(StateError, match="was left by a deploy with format `9`, not `2`"):
        opened(written)


def test_a_journal_that_cannot_be_used_is_named(tmp_path, path, wallet):
    path.mkdir(parents=True)
    with pytest.raises(StateError, match="cannot be read: Is a directory"):
        opened(path)
    journal = opened(tmp_path / "later" / "x.jsonl")
    (tmp_path / "later").write_text("")
    with pytest.raises(StateError, match="cannot be written: Not a directory"):
        journal.write(an_entry(wallet))
