"""The power goes at any moment of a deploy: whatever the disk kept of it, the next run finishes the work once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paper import Paper
from powerless import SECTOR, Loss, Recorder
from proof import sample

from tim3tool.bundle import build
from tim3tool.deploy.apply import deploy
from tim3tool.deploy.state import load as load_state
from tim3tool.deploy.state import state_path
from tim3tool.project import load

MANIFEST = """
networks:
  paper: { kind: embedded }
processes:
  first:
    entry: first.lua
    tags: { Second: "{{ processes['second'].id }}" }
    setup:
      - { action: Add, tags: { Quantity: "5" } }
      - { action: Remove, tags: { Quantity: "5" } }
  second:
    entry: second.lua
"""
ONCE = {"spawn": 2, "Eval": 2, "Add": 1, "Remove": 1}


@dataclass
class Run:
    """A deploy, as it went on the disk and on the network.

    Args:
        trace: what it did to the disk, and which items it sent meanwhile.
        begins: where in the trace it began.
        before: the items that the network had before it.
        items: all that it had behind it, by id.
        counts: how often each kind of item came in all.
        comment: what the sources end in.
    """

    trace: list[Any]
    begins: int
    before: list[Any]
    items: dict[str, Any]
    counts: dict[str, int]
    comment: str


def deployed(root, wallet, port, comment):
    (root / "aoform.yaml").write_text(MANIFEST)
    for name in ("first", "second"):
        (root / f"{name}.lua").write_text(f"Name = '{name}'{comment}\n")
    manifest = load(root / "aoform.yaml")
    bundles = {name: build(spec.entry, name=name, root=root) for name, spec in manifest.processes.items()}
    return deploy(manifest, bundles, port=port, wallet=wallet, environ={}, report=lambda _: None)


@pytest.fixture(scope="module", params=["fresh", "changed"])
def run(request, wallet, tmp_path_factory):
    root = tmp_path_factory.mktemp("power")
    counts, comment, before = dict(ONCE), "", []
    if request.param == "changed":
        first = Paper()
        deployed(root, wallet, first, comment)
        counts["Eval"], comment, before = 4, " -- changed", list(first.items.values())
    (root / ".tim3").mkdir(exist_ok=True)
    recorder = Recorder(root / ".tim3")
    port = Paper(after_call=lambda _, item: recorder.note(item))
    for item in before:
        port.hold(item)
    with recorder.recording():
        deployed(root, wallet, port, comment)
    assert port.counts == counts
    return Run(
        trace=recorder.trace, begins=recorder.begins, before=before, items=port.items, counts=counts, comment=comment
    )


def torn(draw):
    """Return what tears a file: nothing, its end, or blocks of what is new in it."""

    def tears(old: bytes, new: bytes) -> bytes:
        if not new.startswith(old):
            return draw(st.sampled_from([old, new]))
        match draw(st.sampled_from(["none", "all", "some", "zeros"])):
            case "none":
                return old
            case "all":
                return new
            case "some":
                return new[: draw(st.integers(len(old), len(new)))]
        first = draw(st.integers(len(old), len(new)).map(lambda at: at // SECTOR * SECTOR))
        last = draw(st.sampled_from([first + SECTOR, first + 2 * SECTOR, len(new)]))
        start, end = max(first, len(old)), min(last, len(new))
        return new[:start] + b"\0" * (end - start) + new[end:]

    return tears


@settings(max_examples=sample(25), deadline=None)
@given(data=st.data())
def test_whatever_the_disk_kept_the_next_run_finishes_the_work_once(run, wallet, tmp_path_factory, data):
    loss = Loss(run.trace[: data.draw(st.integers(run.begins, len(run.trace)), label="records")])
    root = tmp_path_factory.mktemp("left")
    (root / ".tim3").mkdir()
    kept = data.draw(st.sampled_from(["none", "all", "some"]), label="kept")
    loss.leave(
        root / ".tim3",
        keeps=lambda _: data.draw(st.booleans()) if kept == "some" else kept == "all",
        tears=torn(data.draw),
    )
    port = Paper()
    for item in run.before:
        port.hold(item)
    for item_id in loss.noted:
        port.hold(run.items[item_id])
    deployed(root, wallet, port, run.comment)
    assert set(port.came.values()) == {1}
    assert port.counts == run.counts
    state = load_state(state_path(root, "paper"), network="paper")
    spawned = {item.id for item in port.items.values() if not item.target}
    assert {process.id for process in state.processes.values()} == spawned
    assert not list((root / ".tim3" / "journal").glob("*.jsonl"))


def test_the_trace_is_of_everything_that_a_deploy_relies_on(run):
    names = {name for record in run.trace for name in getattr(record, "entries", {})}
    assert {"paper.jsonl", ".paper.json.tmp", "paper.json"} <= names
    assert sum(type(record).__name__ == "Synced" for record in run.trace) > 20
