"""What each kind of network wants of the items that are sent to it: their tags beside the user's, and their size."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from tim3tool.errors import UsageError
from tim3tool.network.tags import MAX_TAG_BYTES, encode_tags

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tim3tool.network.tags import Tags

__all__ = ["EMBEDDED", "HYPERBEAM", "LEGACYNET", "Terms"]

_FRAME_BYTES: Final = 2 + 512 + 512 + 33 + 1 + 8 + 8  # signature type, signature, owner, target, no anchor, two counts


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What a kind of network wants of the items that are sent to it.

    Args:
        variant: the value of the tag ``Variant``.
        max_bytes: bytes that a whole Message item may have.
        spawn_tags: further tags of a Process item; a tag of the user's with such a name goes before it.
        message_tags: likewise of a Message item.
        unique_tags: a name, in capitals or not, stands for one value only.
        any_owner: a dry-run is of whatever owner it says; else it is of nobody.
        parallel: how many requests it is asked at once.
        settle: seconds in which an item whose sending was cut off may still arrive; it is looked for that long before
            it is sent again, because the network may do twice what comes twice.
        ready_at_once: a process takes messages as soon as its spawn is taken; one that cannot boot refuses the first.
    """

    variant: str
    max_bytes: int
    spawn_tags: Tags = ()
    message_tags: Tags = ()
    unique_tags: bool = False
    any_owner: bool = True
    parallel: int = 1
    settle: float = 0.0
    ready_at_once: bool = False

    def for_spawn(self, tags: Sequence[tuple[str, str]], own: Tags) -> Tags:
        """Return the tags of a Process item: the user's, the network's, and AO's own.

        Raises:
            UsageError: a tag comes twice where the network takes it once.
        """
        return self._complete(tags, self.spawn_tags, "Process", own)

    def for_message(self, tags: Sequence[tuple[str, str]]) -> Tags:
        """Return the tags of a Message item; see `for_spawn`."""
        return self._complete(tags, self.message_tags, "Message", ())

    @property
    def eval_bytes(self) -> int:
        """How many bytes of Lua one Eval carries: the rest of its item is signature, owner, target and tags."""
        return self.max_bytes - _FRAME_BYTES - len(encode_tags(self.for_message([("Action", "Eval")])))

    @property
    def boot_bytes(self) -> int:
        """How many bytes of Lua one spawn carries at least, however many tags it has."""
        return self.max_bytes - _FRAME_BYTES - MAX_TAG_BYTES

    def _complete(self, tags: Sequence[tuple[str, str]], defaults: Tags, kind: str, own: Tags) -> Tags:
        given = {name.casefold() for name, _ in tags}
        further = tuple(tag for tag in defaults if tag[0].casefold() not in given)
        common = (("SDK", "tim3tool"), ("Data-Protocol", "ao"), ("Variant", self.variant), ("Type", kind))
        complete = (*tags, *further, *common, *own)
        if self.unique_tags:
            _refuse_repeated(complete)
        return complete


# The scheduler unit's default limit. It takes an item once; units for tests, which do not, are near and quick.
LEGACYNET: Final = Terms(variant="ao.TN.1", max_bytes=102_400, parallel=8, settle=1.0)

# A small legacynet in this process, where nothing is gained by asking for two things at once, or is ever on its way.
EMBEDDED: Final = replace(LEGACYNET, parallel=1, settle=0.0)

# The tags that aoconnect 0.0.98 sends. A node answers a signed POST with JSON when the item itself asks for it.
_ANSWER: Final = (("accept-bundle", "true"), ("require-codec", "application/json"))
HYPERBEAM: Final = Terms(
    variant="ao.N.1",
    max_bytes=9_000_000,  # what a real node has been seen to take
    spawn_tags=(
        ("device", "process@1.0"),
        ("scheduler-device", "scheduler@1.0"),
        ("push-device", "push@1.0"),
        ("execution-device", "genesis-wasm@1.0"),
        *_ANSWER,
    ),
    message_tags=_ANSWER,
    unique_tags=True,
    any_owner=False,
    parallel=8,
    settle=3.0,
    ready_at_once=True,
)


def _refuse_repeated(tags: Sequence[tuple[str, str]]) -> None:
    seen: dict[str, str] = {}
    for name, _ in tags:
        if name.casefold() in seen:
            msg = f"the tags `{seen[name.casefold()]}` and `{name}` are one tag on a HyperBEAM node"
            raise UsageError(msg, help="give one of them another name")
        seen[name.casefold()] = name
