"""What differs between the aos versions that the mock speaks (aos-runtime facts, section 11)."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tim3tool.errors import UsageError, suggestion

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DEFAULT_MODULE", "DEFAULT_VERSION", "MODULES", "AosVersion", "version_named"]


@dataclass(frozen=True, kw_only=True, slots=True)
class AosVersion:
    """One packaged aos module.

    Args:
        name: the packaging name, such as ``2.0.6``.
        prints: what ``Version()`` and the prompt show.
        anyone_owns: the first sender owns a process without an owner, and ``_boot`` is registered on each message.
        authorities_split: Authority tags are split at commas and added again on each message.
        normalizes: tag names and root keys are brought to Title-Case.
        untrusted_answered: a message that is not trusted is answered.
        read_only_tag_stays: a Read-Only tag stays in ``Tags``.
        keeps_nonce: ``ao.Nonce`` follows the messages.
        hints: there is an ``ao.registerHint``.
        traceback_line: the line of the runtime that stands in the traceback of a handler's error.
    """

    name: str
    prints: str
    anyone_owns: bool
    authorities_split: bool
    normalizes: bool
    untrusted_answered: bool
    read_only_tag_stays: bool
    keeps_nonce: bool
    hints: bool
    traceback_line: int

    def as_lua(self) -> dict[str, str | bool]:
        """Return the switches as the runtime's Lua files read them."""
        return {
            "name": self.name,
            "prints": self.prints,
            "anyoneOwns": self.anyone_owns,
            "authoritiesSplit": self.authorities_split,
            "normalizes": self.normalizes,
            "untrustedAnswered": self.untrusted_answered,
            "readOnlyTagStays": self.read_only_tag_stays,
            "keepsNonce": self.keeps_nonce,
            "hints": self.hints,
            "traceback": "stack traceback:\n\t"
            f"[string \".process\"]:{self.traceback_line}: in function '.process.handle'",
        }


_VERSIONS: Final[Mapping[str, AosVersion]] = MappingProxyType(
    {
        "2.0.1": AosVersion(
            name="2.0.1",
            prints="2.0.1",
            anyone_owns=True,
            authorities_split=False,
            normalizes=False,
            untrusted_answered=True,
            read_only_tag_stays=False,
            keeps_nonce=False,
            hints=False,
            traceback_line=871,
        ),
        "2.0.3": AosVersion(
            name="2.0.3",
            prints="2.0.3",
            anyone_owns=False,
            authorities_split=False,
            normalizes=False,
            untrusted_answered=True,
            read_only_tag_stays=True,
            keeps_nonce=False,
            hints=False,
            traceback_line=877,
        ),
        "2.0.6": AosVersion(
            name="2.0.6",
            prints="2.0.4",
            anyone_owns=False,
            authorities_split=True,
            normalizes=True,
            untrusted_answered=False,
            read_only_tag_stays=True,
            keeps_nonce=True,
            hints=True,
            traceback_line=967,
        ),
    }
)

DEFAULT_VERSION: Final = "2.0.6"
DEFAULT_MODULE: Final = "ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s"
MODULES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Do_Uc2Sju_ffp6Ev0AnLVdPtot15rvMjP-a9VVaA5fM": "2.0.1",
        "JArYBF-D8q2OmZ4Mok00sD2Y_6SYEQ7Hjx-6VZ_jl3g": "2.0.3",
        DEFAULT_MODULE: "2.0.6",
    }
)
"""Module ids of the network, and the aos version that each one is."""


def version_named(name: str) -> AosVersion:
    """Return an aos version by its packaging name.

    Args:
        name: such as ``2.0.6``.

    Raises:
        UsageError: the mock does not speak that version.
    """
    version = _VERSIONS.get(name)
    if version is None:
        near = suggestion(name, _VERSIONS)
        msg = f"unknown aos version `{name}`"
        raise UsageError(
            msg, help=f"known versions: {', '.join(_VERSIONS)}" + (f"; did you mean `{near}`?" if near else "")
        )
    return version
