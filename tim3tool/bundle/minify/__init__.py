"""Minifying: the same Lua program in fewer bytes."""

from tim3tool.bundle.minify.options import LEVELS, Minify

__all__ = ["LEVELS", "Minify"]
