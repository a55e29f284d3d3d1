"""What was counted adds up, crosses as JSON, and is kept."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from tim3tool.errors import StateError
from tim3tool.spec.coverage.hits import FileHits, HandlerHits, Hits


def hits(fingerprint: str = "f", **counters: int) -> Hits:
    numbers = Counter({int(name[1:]): number for name, number in counters.items()})
    handler = HandlerHits(place="a.lua:1", actions={"A"}, ran=Counter(A=1), refused=Counter(A=0))
    return Hits(files={"a.lua": FileHits(fingerprint=fingerprint, counters=numbers)}, handlers={("p", "h"): handler})


def test_counters_add_up():
    total = hits(c0=1, c1=2)
    total.add(hits(c1=3, c2=4))
    assert total.files["a.lua"].counters == {0: 1, 1: 5, 2: 4}
    assert total.handlers["p", "h"].ran == {"A": 2}


def test_adding_leaves_the_other_alone():
    total, other = Hits(), hits(c0=1)
    total.add(other)
    total.add(other)
    assert total.files["a.lua"].counters == {0: 2}
    assert other.files["a.lua"].counters == {0: 1}


def test_a_file_that_has_changed_starts_again():
    total = hits("old", c0=9)
    total.add(hits("new", c1=1))
    assert total.files["a.lua"].counters == {1: 1}


def test_it_crosses_as_json():
    assert Hits.from_dict(json.loads(json.dumps(hits(c0=1, c7=2).as_dict()))) == hits(c0=1, c7=2)


def test_it_is_kept(tmp_path):
    path = tmp_path / "below" / "hits.json"
    assert Hits.load(path) == Hits()
    hits(c0=1).save(path)
    assert Hits.load(path) == hits(c0=1)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": "tim3tool.coverage/1"}', '{"schema": "other"}', "\x00"])
def test_a_file_of_another_kind_is_refused(tmp_path, text):
    path = tmp_path / "hits.json"
    path.write_text(text)
    with pytest.raises(StateError, match="holds no coverage that can be added to"):
        Hits.load(path)
