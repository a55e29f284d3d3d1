"""What minifying changes: eight options, and the levels that are usual choices of them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Final

from tim3tool.errors import UsageError, suggestion

__all__ = ["LEVELS", "Minify"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Minify:
    """What may be changed in a source; the names are those of squish's options ``minify-…``.

    Args:
        comments: leave comments out.
        whitespace: leave out blanks that separate nothing.
        emptylines: leave out lines with nothing on them.
        eols: leave out line ends where an error still leads to its source line without.
        numbers: write numbers, and what is calculated from numbers alone, as short as Lua reads them.
        strings: write strings, and strings joined to strings, as short as Lua reads them.
        locals: give local names one or two letters.
        entropy: choose the letters of local names by how often the rest of the source has them, to compress well.
    """

    comments: bool = False
    whitespace: bool = False
    emptylines: bool = False
    eols: bool = False
    numbers: bool = False
    strings: bool = False
    locals: bool = False
    entropy: bool = False

    @classmethod
    def level(cls, level: str, **options: bool) -> Minify:
        """Return the options of a level, some of them changed.

        Args:
            level: one of `LEVELS`.
            options: which of the options are otherwise.

        Raises:
            UsageError: there is no such level or option.
        """
        if level not in LEVELS:
            msg = f"there is no minify level `{level}`"
            near = suggestion(level, LEVELS)
            raise UsageError(msg, help=f"did you mean `{near}`?" if near else f"the levels are {', '.join(LEVELS)}")
        unknown = sorted(options.keys() - set(cls.names()))
        if unknown:
            msg = f"there is no option `minify-{unknown[0]}`"
            raise UsageError(msg, help=f"the options are minify-{', minify-'.join(cls.names())}")
        return replace(LEVELS[level], **options)

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names of the options."""
        return tuple(field.name for field in fields(cls))

    @property
    def chosen(self) -> tuple[str, ...]:
        """The names of the options that are on; none for code that stays as it is."""
        return tuple(name for name in self.names() if getattr(self, name))


_DEBUG: Final = Minify(comments=True, whitespace=True, numbers=True, strings=True, locals=True)
_DEFAULT: Final = replace(_DEBUG, emptylines=True)
LEVELS: Final = {
    "none": Minify(),
    "debug": _DEBUG,  # every line keeps its number
    "basic": Minify(comments=True, whitespace=True, emptylines=True),
    "default": _DEFAULT,  # no line of the bundle holds two lines of a source
    # Line ends go where the source line that an error leads to stays the same.
    "full": replace(_DEFAULT, eols=True, entropy=True),
}
