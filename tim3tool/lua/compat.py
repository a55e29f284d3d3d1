"""What a usual build of Lua 5.3 has and lupa's has not: the parts that it keeps for programs written for Lua 5.2."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tim3tool.lua.vm import LuaVM

__all__ = ["COMPAT", "compat_source", "complete"]

COMPAT: Final = ("bit32", "mathcompat")
_CHUNKS: Final = ("=bit32", "=math")

_COMPLETE: Final = b"""
local bits, maths = ...
maths()
bit32 = bits()
package.loaded.bit32 = bit32
local ipairs, getmetatable, rawget, select, error = ipairs, debug.getmetatable, rawget, select, error
function _G.ipairs(...)
  if select("#", ...) == 0 then error("bad argument #1 to 'ipairs' (table expected, got no value)", 2) end
  local meta = getmetatable((...))
  local own = meta and rawget(meta, "__ipairs")
  if own == nil then return ipairs((...)) end
  local step, state, start = own((...))
  return step, state, start
end
"""


@cache
def compat_source(name: str) -> bytes:
    """Return one of the Lua files of `COMPAT`."""
    return resources.files("tim3tool.lua").joinpath(f"{name}.lua").read_bytes()


def complete(vm: LuaVM) -> None:
    """Give a VM ``bit32``, ``math.pow`` and its like, and an ``ipairs`` that knows ``__ipairs``.

    Source: ``LUA_COMPAT_5_2``, which Lua's own makefile sets (``luaconf.h`` of Lua 5.3).
    """
    bits, maths = (vm.load_own(compat_source(name), chunk) for name, chunk in zip(COMPAT, _CHUNKS, strict=True))
    vm.call(vm.load_own(_COMPLETE, "=compat"), bits, maths)
