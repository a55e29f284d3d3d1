"""What the manifest says to a process, and what it expects to be answered: set-up messages and smoke checks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from tim3tool.errors import ManifestError
from tim3tool.project.config import constant
from tim3tool.project.document import ListNode
from tim3tool.project.fields import Fields
from tim3tool.project.keys import EXPECT, SETUP, SMOKE
from tim3tool.project.model import Expected, SetupMessage, SmokeCheck, Tag
from tim3tool.project.rules import check_id, check_name
from tim3tool.project.tags import read_tags
from tim3tool.project.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tim3tool.project.document import Node, Scalar

__all__ = ["read_id", "read_setup", "read_smoke"]

_Message = TypeVar("_Message", SetupMessage, SmokeCheck)


def read_setup(given: Fields, text_of: Callable[[Scalar], Text]) -> tuple[SetupMessage, ...]:
    """Return the set-up messages under the key ``setup``.

    Args:
        given: the keys of a process.
        text_of: makes a text of a scalar, and checks what it refers to.

    Raises:
        ManifestError: one of them could not be sent, or two have one name.
    """
    messages = []
    for number, node in enumerate(given.items("setup"), start=1):
        of = f"set-up message {number} of {given.of}"
        keys = Fields(node, of, SETUP)
        tags = (_action(keys, text_of), *_tags(keys, text_of))
        messages.append(
            SetupMessage(
                name=_name(keys, number, tags[0].value, "a set-up message"),
                tags=tags,
                data=_data(keys, text_of) or Text(value="", where=node.where),
                where=node.where,
                expect=_expect(keys, text_of),
                resend=_resend(keys),
            )
        )
    return _of_different_names(messages, "set-up messages", given.of)


def read_smoke(given: Fields, text_of: Callable[[Scalar], Text]) -> tuple[SmokeCheck, ...]:
    """Return the smoke checks under the key ``smoke``; see `read_setup`."""
    checks = []
    for number, node in enumerate(given.items("smoke"), start=1):
        keys = Fields(node, f"smoke check {number} of {given.of}", SMOKE)
        tags = (_action(keys, text_of), *_tags(keys, text_of))
        checks.append(
            SmokeCheck(
                name=_name(keys, number, tags[0].value, "a smoke check"),
                tags=tags,
                data=_data(keys, text_of) or Text(value="", where=node.where),
                where=node.where,
                sender=read_id(keys.text("from"), keys.named("from"), text_of) if "from" in keys else None,
                expect=_expect(keys, text_of),
            )
        )
    return _of_different_names(checks, "smoke checks", given.of)


def read_id(scalar: Scalar, of: str, text_of: Callable[[Scalar], Text]) -> Text:
    """Return an id or a template for one.

    Raises:
        ManifestError: it is neither.
    """
    value = text_of(scalar)
    if not value.is_template:
        check_id(scalar, of)
    return value


def _expect(given: Fields, text_of: Callable[[Scalar], Text]) -> tuple[Expected, ...]:
    if "expect" not in given:
        return ()
    node = given["expect"]
    of = given.named("expect")
    if not isinstance(node, ListNode):
        return (_expected(node, of, text_of),)
    if not node.items:
        msg = f"{of} is empty"
        raise ManifestError(msg, where=node.where, help="leave it out where any answer will do")
    return tuple(_expected(item, f"item {number} of {of}", text_of) for number, item in enumerate(node.items, start=1))


def _resend(given: Fields) -> bool:
    resend = given.boolean("resend", default=False)
    if resend and "expect" not in given:
        msg = f"{given.of} has `resend` without `expect`"
        raise ManifestError(msg, where=given["resend"].where, help="say what it expects: any answer will do now")
    return resend


def _expected(node: Node, of: str, text_of: Callable[[Scalar], Text]) -> Expected:
    given = Fields(node, of, EXPECT)
    if not any(key in given for key in EXPECT):
        msg = f"{of} expects nothing"
        known = ", ".join(f"`{key}`" for key in EXPECT)
        raise ManifestError(msg, where=node.where, help=f"give one of {known}")
    if "data" in given and "json" in given:
        msg = f"{of} has both `data` and `json`"
        raise ManifestError(msg, where=given["json"].where, help="keep one")
    return Expected(
        where=node.where,
        tags=(*((_action(given, text_of),) if "action" in given else ()), *_tags(given, text_of)),
        data=_data(given, text_of),
        json=constant(given["json"], given.named("json"), text_of) if "json" in given else None,
        target=read_id(given.text("target"), given.named("target"), text_of) if "target" in given else None,
        output=text_of(given.text("output")) if "output" in given else None,
    )


def _action(given: Fields, text_of: Callable[[Scalar], Text]) -> Tag:
    return Tag(name="Action", value=text_of(given.text("action")))


def _tags(given: Fields, text_of: Callable[[Scalar], Text]) -> tuple[Tag, ...]:
    """Return the tags beside the action."""
    tags = read_tags(given)
    for name, _ in tags:
        if "action" in given and name.value.casefold() == "action":
            msg = f"the tag `{name.value}` is given twice"
            raise ManifestError(msg, where=name.where, label="again", help="keep the key `action`")
    return tuple(Tag(name=name.value, value=text_of(value)) for name, value in tags)


def _data(given: Fields, text_of: Callable[[Scalar], Text]) -> Text | None:
    return text_of(given.text("data", may_be_empty=True)) if "data" in given else None


def _name(given: Fields, number: int, action: Text, of: str) -> str:
    """Return the name that is given, or one that is made: ``1-Mint``."""
    if "name" in given:
        return check_name(given.text("name"), of)
    stem = "" if action.is_template else "-" + re.sub(r"[^A-Za-z0-9._-]+", "-", action.value)
    return f"{number}{stem}"[:64]


def _of_different_names(messages: Iterable[_Message], what: str, of: str) -> tuple[_Message, ...]:
    seen: dict[str, _Message] = {}
    for message in messages:
        if message.name in seen:
            msg = f"two {what} of {of} are named `{message.name}`"
            note = f"first given at line {seen[message.name].where.line}"
            raise ManifestError(msg, where=message.where, label="again", notes=[note], help="rename one")
        seen[message.name] = message
    return tuple(seen.values())
