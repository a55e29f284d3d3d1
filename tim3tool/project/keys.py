"""The keys of a manifest and what each is: the loader takes no others, and the JSON Schema is made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tim3tool.project.rules import ID, MAX_TAG_NAME, MAX_TAG_VALUE, MINIFY_LEVELS, NAME, PROTOCOL_TAGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "ADDRESSES",
    "AOFORM",
    "DEFAULTS",
    "EXPECT",
    "FURTHER",
    "NAMED_TAG",
    "NETWORK",
    "NETWORK_URLS",
    "ON_NETWORK",
    "PROCESS",
    "REPLY",
    "REQUIRED_URLS",
    "SETUP",
    "SHAPES",
    "SMOKE",
    "TOP",
    "Key",
    "Shape",
]

Shape: TypeAlias = "dict[str, Any]"
"""What a value may be, in the words of JSON Schema."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """A key of a mapping with fixed keys.

    Args:
        shape: what its value may be.
        meaning: one line, as an editor shows it.
        required: whether it must be given.
    """

    shape: Shape
    meaning: str
    required: bool = False


def _named(name: str) -> Shape:
    return {"$ref": f"#/definitions/{name}"}


def _list(of: Shape) -> Shape:
    return {"type": "array", "items": of}


def _mapping(to: Shape, *, names: Shape | None = None) -> Shape:
    return {"type": "object", "additionalProperties": to} | ({"propertyNames": names} if names else {})


def _any_case(names: Iterable[str]) -> str:
    """Return a pattern of JSON Schema, which knows no flags, for names in capitals or not."""
    letters = ("".join(f"[{c.upper()}{c.lower()}]" if c.isalpha() else c for c in name) for name in names)
    return f"^({'|'.join(letters)})$"


# Values are text as written, also those that look like numbers or booleans to an editor.
_TEXT: Final[Shape] = {"type": ["string", "number", "boolean"], "minLength": 1}
_ANY_TEXT: Final[Shape] = {"type": ["string", "number", "boolean"]}
_SWITCH: Final[Shape] = {"type": "boolean"}
_TEMPLATE: Final = r"\{\{|\{%|\{#"

# Shapes that several keys share, by the name the schema gives them.
SHAPES: Final[Mapping[str, Shape]] = {
    "name": _ANY_TEXT | {"pattern": f"^{NAME}$", "not": {"type": "string", "pattern": f"^{ID}$"}},
    "id": {"type": "string", "pattern": f"^{ID}$"},
    "id-or-template": {"type": "string", "pattern": f"^{ID}$|{_TEMPLATE}"},
    "url": {"type": "string", "pattern": "^https?://[!-~]+$"},
    "constant": {
        "anyOf": [
            _ANY_TEXT,
            _list(_named("constant")),
            _mapping(_named("constant")),
        ]
    },
    "tag-name": _TEXT | {"maxLength": MAX_TAG_NAME, "not": {"type": "string", "pattern": _any_case(PROTOCOL_TAGS)}},
    "tag-value": _TEXT | {"maxLength": MAX_TAG_VALUE},
    "tags": {"anyOf": [_mapping(_named("tag-value"), names=_named("tag-name")), _list(_named("named-tag"))]},
}

NAMED_TAG: Final[Mapping[str, Key]] = {
    "name": Key(shape=_named("tag-name"), meaning="the tag's name", required=True),
    "value": Key(shape=_named("tag-value"), meaning="its value, a template", required=True),
}

_ID: Final = _named("id")
_URL: Final = _named("url")
_TAGS: Final = _named("tags")
_CONSTANTS: Final = _mapping(_named("constant"))
_NAMES: Final = _list(_TEXT)

REPLY: Final[Mapping[str, Key]] = {
    "action": Key(shape=_TEXT, meaning="its tag Action, a template"),
    "tags": Key(shape=_TAGS, meaning="tags that it has among others"),
    "data": Key(shape=_ANY_TEXT, meaning="its data, a template"),
    "json": Key(shape=_named("constant"), meaning="what its data holds as JSON; further members may be there"),
    "target": Key(shape=_named("id-or-template"), meaning="whom it is for; who sent the message by default"),
}
EXPECT: Final[Mapping[str, Key]] = {
    **REPLY,
    "output": Key(shape=_TEXT, meaning="a part of what the process prints, a template"),
}
_EXPECT: Final[Shape] = {"anyOf": [_named("expect"), _list(_named("expect")) | {"minItems": 1}]}
_MESSAGE: Final[Mapping[str, Key]] = {
    "name": Key(shape=_named("name"), meaning="its name; place and action by default: 1-Mint"),
    "action": Key(shape=_TEXT, meaning="its tag Action, a template", required=True),
    "tags": Key(shape=_TAGS, meaning="its other tags"),
    "data": Key(shape=_ANY_TEXT, meaning="its data, a template"),
}
SETUP: Final[Mapping[str, Key]] = {
    **_MESSAGE,
    "expect": Key(shape=_EXPECT, meaning="the reply, or replies, that must be among the answer"),
    "resend": Key(shape=_SWITCH, meaning="send it again at the next deploy when it is answered otherwise"),
}
SMOKE: Final[Mapping[str, Key]] = {
    **_MESSAGE,
    "from": Key(shape=_named("id-or-template"), meaning="who asks; the owner by default"),
    "expect": SETUP["expect"],
}

_SPAWN: Final[Mapping[str, Key]] = {
    "module": Key(shape=_ID, meaning="the aos module it runs on"),
    "scheduler": Key(shape=_ID, meaning="its scheduler"),
    "authority": Key(
        shape={"anyOf": [_named("id-or-template"), _list(_named("id-or-template"))]},
        meaning="whom it trusts to pass on messages of other processes",
    ),
    "tags": Key(shape=_TAGS, meaning="tags of the spawn, fixed for ever"),
}
_BUNDLE: Final[Mapping[str, Key]] = {
    "minify": Key(shape={"enum": list(MINIFY_LEVELS)}, meaning="how far bundles are minified"),
    "include": Key(shape=_NAMES, meaning="names and globs of Lua modules to bundle beside those that are required"),
    "external": Key(shape=_NAMES, meaning="names and globs of Lua modules that are there where the process runs"),
}
_PRERUN: Final = Key(shape=_TEXT, meaning="Lua in front of the bundle, in the same chunk")
_RESET: Final = Key(shape=_SWITCH, meaning="forget loaded Lua modules before the code runs; true by default")
_DIRECTORY: Final = Key(shape=_SWITCH, meaning='give the Lua all process ids: require("aoform.directory")')
_RUN: Final[Mapping[str, Key]] = {
    "prerun": _PRERUN,
    "resetModules": _RESET,
    "directory": _DIRECTORY,
    "onBoot": Key(shape=_SWITCH, meaning="send the code with the spawn, not as an Eval after it"),
    "config": Key(shape=_CONSTANTS, meaning='what require("tim3tool.config") gives its Lua'),
    "setup": Key(shape=_list(_named("setup")), meaning="what the owner sends once when the code runs, in this order"),
    "smoke": Key(shape=_list(_named("smoke")), meaning="what must be answered after each deploy; dry-runs"),
}

DEFAULTS: Final[Mapping[str, Key]] = {**_SPAWN, **_BUNDLE}
ON_NETWORK: Final[Mapping[str, Key]] = {**_SPAWN, **_RUN}
PROCESS: Final[Mapping[str, Key]] = {
    "entry": Key(shape=_TEXT, meaning="its first Lua file; what it requires is bundled with it", required=True),
    **DEFAULTS,
    **_RUN,
    "networks": Key(
        shape=_mapping(_named("process-on-network"), names=_named("name")),
        meaning="what is different on single networks, by their names",
    ),
}
AOFORM: Final[Mapping[str, Key]] = {
    "name": Key(shape=_named("name"), meaning="its name", required=True),
    "file": Key(shape=_TEXT, meaning="its Lua file", required=True),
    "prerun": _PRERUN,
    "scheduler": _SPAWN["scheduler"],
    "module": _SPAWN["module"],
    "tags": Key(shape=_TAGS, meaning="tags of the spawn; the name of another process stands for its id"),
    "resetModules": _RESET,
    "directory": _DIRECTORY,
    "pack": Key(shape=_SWITCH, meaning="bundle what the file requires; false by default"),
}

# Which keys a network has depends on its kind.
NETWORK_URLS: Final[Mapping[str, tuple[str, ...]]] = {
    "embedded": (),
    "legacynet": ("mu", "cu", "su", "gateway"),
    "hyperbeam": ("node",),
}
REQUIRED_URLS: Final = frozenset({"mu", "cu", "node"})
ADDRESSES: Final = ("scheduler", "authority")
FURTHER: Final[Mapping[str, tuple[str, ...]]] = {
    "embedded": (),
    "legacynet": ADDRESSES,
    "hyperbeam": ("reads", *ADDRESSES),
}
_NO_URL: Final[Shape] = {"anyOf": [_URL, {"const": ""}]}
NETWORK: Final[Mapping[str, Key]] = {
    "kind": Key(shape={"enum": list(NETWORK_URLS)}, meaning="what it is", required=True),
    "mu": Key(shape=_URL, meaning="the messenger unit"),
    "cu": Key(shape=_URL, meaning="the compute unit"),
    "su": Key(shape=_NO_URL, meaning="the scheduler unit, or a router to it"),
    "gateway": Key(shape=_NO_URL, meaning="a GraphQL endpoint, asked where there is no su"),
    "node": Key(shape=_URL, meaning="the node that schedules and computes"),
    "reads": Key(shape=_list(_URL), meaning="nodes that are asked for results when `node` has none"),
    "scheduler": Key(shape=_ID, meaning="stands in for AO's usual scheduler"),
    "authority": Key(shape=_ID, meaning="stands in for AO's usual authority"),
    "config": Key(shape=_CONSTANTS, meaning="constants for every process there, before those of a process"),
    "wallet": Key(shape=_TEXT, meaning="the file of the key that signs there, where no other is named"),
}

TOP: Final[Mapping[str, Key]] = {
    "networks": Key(shape=_named("networks"), meaning="where processes can be deployed"),
    "defaults": Key(shape=_named("defaults"), meaning="what every process starts from"),
    "processes": Key(
        shape=_mapping(_named("process"), names=_named("name")) | {"minProperties": 1},
        meaning="what there is to build and deploy",
        required=True,
    ),
    "path": Key(
        shape=_list({"type": "string", "pattern": r"\?"}),
        meaning="search templates for Lua modules, after the folder of each entry",
    ),
}
