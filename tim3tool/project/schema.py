"""The JSON Schema of the manifest, for editors, made of the tables that the loader goes by.

``aoform.schema.json`` beside this file is what `document` returns. It knows no more than a schema can say: what refers
to what, and which files there are, only the loader sees.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tim3tool.project import keys
from tim3tool.project.networks import known_networks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tim3tool.project.keys import Key, Shape

__all__ = ["FILE", "document", "text"]

FILE: Final = Path(__file__).with_name("aoform.schema.json")
_TABLES: Final = {
    "named-tag": keys.NAMED_TAG,
    "expect": keys.EXPECT,
    "setup": keys.SETUP,
    "smoke": keys.SMOKE,
    "defaults": keys.DEFAULTS,
    "process": keys.PROCESS,
    "process-on-network": keys.ON_NETWORK,
}


def document() -> dict[str, Any]:
    """Return the schema (draft 7) of both shapes of a manifest."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "aoform.yaml",
        "description": "AO processes to build, test and deploy, and the networks they live on",
        "if": {"type": "array"},
        "then": {"type": "array", "items": _table(keys.AOFORM), "minItems": 1},
        "else": _table(keys.TOP),
        "definitions": {
            **keys.SHAPES,
            **{name: _table(table) for name, table in _TABLES.items()},
            **_networks(),
        },
    }


def text() -> str:
    """Return what stands in the file."""
    return json.dumps(document(), indent=2) + "\n"


def _table(table: Mapping[str, Key], *, required: bool = True) -> Shape:
    needed = [name for name, key in table.items() if key.required and required]
    shape: Shape = {
        "type": "object",
        "properties": {name: {"description": key.meaning, "allOf": [key.shape]} for name, key in table.items()},
        "additionalProperties": False,
    }
    if table is keys.EXPECT:
        shape |= {"minProperties": 1, "not": {"required": ["data", "json"]}}
    if "resend" in table:
        shape["dependencies"] = {"resend": ["expect"]}
    if "onBoot" in table:
        both = ("onBoot", "directory")
        shape["not"] = {"properties": {name: {"const": True} for name in both}, "required": list(both)}
    return shape | ({"required": needed} if needed else {})


def _networks() -> dict[str, Shape]:
    """Return networks: which keys one has depends on its kind, and those that every manifest knows need none."""
    kinds = [
        {
            "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
            "then": {"propertyNames": {"enum": ["kind", *urls, *keys.FURTHER[kind], "config", "wallet"]}},
        }
        for kind, urls in keys.NETWORK_URLS.items()
    ]
    needs = [
        {"if": rule["if"], "then": {"required": sorted(keys.REQUIRED_URLS.intersection(keys.NETWORK_URLS[kind]))}}
        for kind, rule in zip(keys.NETWORK_URLS, kinds, strict=True)
    ]
    known = {"$ref": "#/definitions/known-network"}
    return {
        "known-network": _table(keys.NETWORK, required=False) | {"allOf": kinds},
        "network": _table(keys.NETWORK) | {"allOf": [*kinds, *needs]},
        "networks": {
            "type": "object",
            "properties": dict.fromkeys(known_networks(), known),
            "additionalProperties": {"$ref": "#/definitions/network"},
            "propertyNames": {"$ref": "#/definitions/name"},
        },
    }
