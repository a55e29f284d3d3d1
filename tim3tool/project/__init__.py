"""``aoform.yaml``: what there is to build and deploy, and on which networks.

All but the search for it is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from tim3tool.project.finding import find

if TYPE_CHECKING:
    from tim3tool.project.about import facts
    from tim3tool.project.config import Value, config_of, value_of
    from tim3tool.project.manifest import load
    from tim3tool.project.model import Expected, Manifest, NetworkSpec, ProcessSpec, SetupMessage, SmokeCheck, Tag
    from tim3tool.project.order import spawn_order, spawn_waves
    from tim3tool.project.process import STANDARD_AUTHORITY, STANDARD_SCHEDULER
    from tim3tool.project.text import Context, Text, paths, references, render

__all__ = [
    "STANDARD_AUTHORITY",
    "STANDARD_SCHEDULER",
    "Context",
    "Expected",
    "Manifest",
    "NetworkSpec",
    "ProcessSpec",
    "SetupMessage",
    "SmokeCheck",
    "Tag",
    "Text",
    "Value",
    "config_of",
    "facts",
    "find",
    "load",
    "paths",
    "references",
    "render",
    "spawn_order",
    "spawn_waves",
    "value_of",
]

_HOMES: Final = {
    "STANDARD_AUTHORITY": "process",
    "STANDARD_SCHEDULER": "process",
    "Context": "text",
    "Expected": "model",
    "Manifest": "model",
    "NetworkSpec": "model",
    "ProcessSpec": "model",
    "SetupMessage": "model",
    "SmokeCheck": "model",
    "Tag": "model",
    "Text": "text",
    "Value": "config",
    "config_of": "config",
    "facts": "about",
    "load": "manifest",
    "paths": "text",
    "references": "text",
    "render": "text",
    "spawn_order": "order",
    "value_of": "config",
    "spawn_waves": "order",
}


def __getattr__(name: str) -> Any:
    """Load a name from its home."""
    if name not in _HOMES:
        msg = f"module 'tim3tool.project' has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(f"tim3tool.project.{_HOMES[name]}"), name)
