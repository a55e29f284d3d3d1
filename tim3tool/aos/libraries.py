"""The runtime's Lua modules, and how a VM gets them."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Final

from tim3tool.aos.versions import DEFAULT_VERSION, version_named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tim3tool.lua.vm import LuaVM

__all__ = ["install_libraries", "library_sources", "runtime_file"]

_RUNTIME: Final = resources.files("tim3tool.aos") / "runtime"
# Run at boot, unknown to `require`.
_PRIVATE: Final = frozenset({"matcher", "bounded", "system", "sandbox", "snapshot", "host", "observer"})

_OPEN: Final = b"""
local sources, version = ...
local privates = {}
function version.private(name)
  privates[name] = privates[name] or assert(load(sources[".private." .. name], "private", "t"))(name, version)
  return privates[name]
end
for name, source in pairs(sources) do
  local function open() return assert(load(source, name, "t"))(name, version) end
  if not name:find("^%.private%.") then
    local short = name:gsub("%.init$", "")
    package.preload[name], package.preload[short] = open, open
  end
end
local buildUtils = package.preload[".utils"]
package.preload[".utils"] = function() return buildUtils()(version.name) end
package.preload.ao = function() return require(".ao") end
"""


@cache
def library_sources() -> Mapping[str, bytes]:
    """Return the source of each Lua module of the runtime by the name that `require` knows it by.

    A module is called with its name and the table of version switches (`AosVersion.as_lua`), whose function ``private``
    returns those modules that AO does not have (``.private.…``); ``.utils`` returns a function that builds it for a
    version's name. ``.x.init`` is found as ``.x`` too.
    """
    files = (file.name.removesuffix(".lua") for file in _RUNTIME.iterdir() if file.name.endswith(".lua"))
    return {
        name if name == "json" else f".{name}": runtime_file(name) for name in sorted(files) if name not in _PRIVATE
    }


@cache
def runtime_file(name: str) -> bytes:
    """Return one of the runtime's Lua files by its name without ``.lua``."""
    return _RUNTIME.joinpath(f"{name}.lua").read_bytes()


def install_libraries(vm: LuaVM, *, aos: str = DEFAULT_VERSION) -> None:
    """Let `require` find AO's Lua modules in a VM that is no process, such as a test suite's.

    Args:
        vm: the VM, completed (`tim3tool.lua.compat`) as AO's are.
        aos: the aos version.

    Raises:
        UsageError: the mock does not speak that version.
    """
    switches = vm.table(dict(version_named(aos).as_lua()))
    sources = vm.table(dict(library_sources()))
    vm.run(_OPEN, "=libraries", sources, switches)
