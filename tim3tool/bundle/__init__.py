"""Squish: the Lua modules of one process in one Lua file that behaves as they do."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tim3tool.bundle.line_table import LineTable
    from tim3tool.bundle.minify import LEVELS, Minify
    from tim3tool.bundle.model import Bundle, BundledModule, BundleWarning, Inputs, Mapping, Span
    from tim3tool.bundle.output import is_current, outputs, write
    from tim3tool.bundle.squish import build, take
    from tim3tool.bundle.squishy import build_squishy, read_squishy

__all__ = [
    "LEVELS",
    "Bundle",
    "BundleWarning",
    "BundledModule",
    "Inputs",
    "LineTable",
    "Mapping",
    "Minify",
    "Span",
    "build",
    "build_squishy",
    "is_current",
    "outputs",
    "read_squishy",
    "take",
    "write",
]

_HOMES = {
    "LEVELS": "minify",
    "LineTable": "line_table",
    "Minify": "minify",
    "build": "squish",
    "build_squishy": "squishy",
    "is_current": "output",
    "outputs": "output",
    "read_squishy": "squishy",
    "take": "squish",
    "write": "output",
}  # the others are in model


def __getattr__(name: str) -> Any:
    """Load a name from its home: a build that finds nothing to do needs no parser and no VM."""
    if name not in __all__:
        msg = f"module 'tim3tool.bundle' has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(f"tim3tool.bundle.{_HOMES.get(name, 'model')}"), name)
