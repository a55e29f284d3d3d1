"""A file of which something was reached and something was not."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tim3tool.lua.counting import Counting, Tally
from tim3tool.lua.instrument import instrument, wrapped
from tim3tool.lua.vm import LuaVM
from tim3tool.spec.coverage.hits import FileHits, HandlerHits, Hits
from tim3tool.spec.coverage.model import Coverage
from tim3tool.spec.coverage.recorder import fingerprint

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = """\
local sign = {}

function sign.of(n)
  if n > 0 then
    return 1
  elseif n < 0 then
    return -1 -- <b>never</b>
  end
  while n > 100 do
    n = n - 1
    n = n + 0
  end
end

function sign.never() if true then return false end end

return sign.of(1), sign.of(0), (function() return 1 end)() or 2
"""


@pytest.fixture
def hits(tmp_path: Path) -> Hits:
    """What running the source leaves."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "sign.lua").write_text(SOURCE)
    found = instrument(SOURCE.encode())
    assert found is not None
    tally, vm = Tally(), LuaVM()
    unit = tally.add(name="sign", code=wrapped(found.code()), counters=found.points.counters)
    counting = Counting(vm)
    vm.call(*vm.call(counting.lua[b"compile"], unit.number, unit.code, unit.counters, b"=sign"))
    tally.take(counting)
    file = FileHits(fingerprint=fingerprint(SOURCE.encode()), counters=Counter(tally.hits(unit)))
    handlers = {
        ("bank", "Transfer"): HandlerHits(
            place="src/sign.lua:3", actions={"Transfer", "Void"}, ran=Counter(Transfer=3), refused=Counter(Transfer=0)
        ),
        ("bank", "all"): HandlerHits(ran=Counter({"": 2, "X": 1}), refused=Counter({"": 2, "X": 1})),
    }
    return Hits(files={"src/sign.lua": file}, handlers=handlers)


@pytest.fixture
def coverage(hits: Hits, tmp_path: Path) -> Coverage:
    return Coverage.of(hits, tmp_path)
