"""Squish: the Lua modules of one process in one Lua file that behaves as they do."""

from tim3tool.bundle.minify import LEVELS, Minify
from tim3tool.bundle.model import Bundle, BundledModule, BundleWarning, Mapping, Span
from tim3tool.bundle.output import is_current, write
from tim3tool.bundle.squish import build, take
from tim3tool.bundle.squishy import build_squishy, read_squishy

__all__ = [
    "LEVELS",
    "Bundle",
    "BundleWarning",
    "BundledModule",
    "Mapping",
    "Minify",
    "Span",
    "build",
    "is_current",
    "Span",
    "build",
    "build_squishy",
    "is_current",
    "read_squishy",
    "take",
    "write",
]
