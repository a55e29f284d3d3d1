"""Which messages give a process code."""

from __future__ import annotations

import hashlib

import pytest

from tim3tool.network.evals import evaluated, is_eval

OWNER = "O" * 43


def message(*actions, sender=OWNER):
    tags = [{"name": "Type", "value": "Message"}, *({"name": name, "value": value} for name, value in actions)]
    return {"Id": "I", "From": sender, "Tags": tags, "Data": "return 1"}


@pytest.mark.parametrize(
    ("actions", "is_one"),
    [
        ([("Action", "Eval")], True),
        ([("action", "Eval")], True),
        ([("Action", "eval")], False),
        ([("Action", "Add"), ("Action", "Eval")], True),
        ([("Action", "Eval"), ("action", "Add")], False),
        ([], False),
    ],
)
def test_an_eval_is_known_by_its_last_action(actions, is_one):
    assert is_eval(message(*actions), OWNER) is is_one
    assert not is_eval(message(*actions, sender="S" * 43), OWNER)


def test_code_has_the_hash_of_its_bytes():
    found = evaluated(message())
    assert (found.message, found.code_hash) == ("I", hashlib.sha256(b"return 1").hexdigest())
