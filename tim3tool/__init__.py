"""Build, test and deploy AO processes written in Lua.

What is listed here is loaded when it is first used, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tim3tool.aos import Limits, Process, Result
    from tim3tool.bundle import Bundle, build
    from tim3tool.errors import Tim3Error
    from tim3tool.project import Manifest, load
    from tim3tool.sim import Delivery, Message, Network

__all__ = [
    "Bundle",
    "Delivery",
    "Limits",
    "Manifest",
    "Message",
    "Network",
    "Process",
    "Result",
    "Tim3Error",
    "build",
    "load",
]

__version__ = "0.1.0"

_HOMES = {
    "Bundle": "bundle",
    "Delivery": "sim",
    "Limits": "aos",
    "Manifest": "project",
    "Message": "sim",
    "Network": "sim",
    "Process": "aos",
    "Result": "aos",
    "Tim3Error": "errors",
    "build": "bundle",
    "load": "project",
}


def __getattr__(name: str) -> Any:
    """Load a public name from its home."""
    if name not in _HOMES:
        msg = f"module 'tim3tool' has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(f"tim3tool.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """List the public names."""
    return [*__all__, "__version__"]
