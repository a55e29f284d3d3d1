"""Reading the states that aoform and other projects have left."""

from __future__ import annotations

import json

import pytest

from tim3tool.errors import ManifestError
from tim3tool.project.imported import imported_ids

A, B = "A" * 43, "-" + "B" * 42
OWNER = {"owner": "W" * 43, "variant": "ao.TN.1"}


def read(tmp_path, *texts, **more):
    paths = [tmp_path / f"state{number}.yaml" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
    return imported_ids(paths, **OWNER | more)


def test_names_and_ids_of_aoform_are_read_from_several_files(tmp_path):
    one = f"token:\n  processId: {A}\n  hash: 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae\n"
    two = f'lock-manager: {{processId: "{B}"}}\ntoken: {{processId: {A}}}\n'
    assert read(tmp_path, one, two) == {"token": A, "lock-manager": B}


def test_a_state_of_tim3tool_is_read_for_its_own_wallet_and_variant(tmp_path):
    state = {"format": 2, "processes": {"token": {"id": A, "module": None, "tags": [["x", "y"]]}}, **OWNER}
    assert read(tmp_path, json.dumps(state)) == {"token": A}
    assert read(tmp_path, json.dumps({**state, "variant": None})) == {"token": A}
    with pytest.raises(
        ManifestError, match=f"these processes are of owner `{OWNER['owner']}`, not of `other`"
    ) as caught:
        read(tmp_path, json.dumps(state), owner="other")
    assert caught.value.where.line == 1
    with pytest.raises(ManifestError, match=r"of variant `ao.TN.1`, not of `ao.N.1`"):
        read(tmp_path, json.dumps(state), variant="ao.N.1")


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ("a: [", "", 0),
        ("- a\n", "a state such as `state0.yaml` must be a mapping of process names", 1),
        ("token: x\n", "process `token`", 8),
        ("token: {hash: x}\n", "process `token` has no `processId`", 1),
        ("token: {processid: x}\n", "unknown key `processid` in process `token`", 9),
        ("token: {processId: abc}\n", "the id of `token` is not an id", 20),
        ("bad name: {processId: abc}\n", "`bad name` cannot be the name of a process", 1),
        (f"a: {{processId: {A}}}\nb: {{processId: {A}}}\n", "`a` and `b` have the same id", 16),
        ('{"format": 2, "processes": {"a": {}}}', "process `a` has no `id`", 29),
        ('{"format": 2, "processes": []}', "`processes` must be a mapping", 28),
    ],
)
def test_what_is_no_state_is_shown_at_its_place(tmp_path, text, message, column):
    with pytest.raises(ManifestError) as caught:
        read(tmp_path, text)
    assert message in caught.value.message
    assert caught.value.exit_code == 2
    assert not column or caught.value.where.column == column


def test_two_files_that_disagree(tmp_path):
    with pytest.raises(ManifestError, match=f"`token` is `{A}` in another place, and `{B}` here") as caught:
        read(tmp_path, f"token: {{processId: {A}}}\n", f"token: {{processId: {B}}}\n")
    assert caught.value.where.path.endswith("state1.yaml")


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ManifestError, match=r"there is no file `.*none.yaml`"):
        imported_ids([tmp_path / "none.yaml"], **OWNER)
