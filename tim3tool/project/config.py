"""Constants that the manifest gives to Lua: typed values, with templates in their texts."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final, TypeAlias

from tim3tool.errors import ManifestError
from tim3tool.project.document import ListNode, MapNode, Scalar, token
from tim3tool.project.text import Text, render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tim3tool.project.document import Node
    from tim3tool.project.fields import Fields
    from tim3tool.project.model import NetworkSpec, ProcessSpec
    from tim3tool.project.text import Context

__all__ = ["Constant", "Value", "config_of", "constant", "read_config", "texts_of", "value_of"]

Constant: TypeAlias = "bool | int | float | Text | tuple[Constant, ...] | dict[str, Constant]"
Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value]"

_INTEGER: Final = re.compile(r"-?(0|[1-9][0-9]*)")  # numbers as JSON writes them; all else is text
_FLOAT: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def read_config(given: Fields, text_of: Callable[[Scalar], Text]) -> dict[str, Constant]:
    """Return the constants of the key ``config``, none when it is not given.

    Args:
        given: the keys of a process or a network.
        text_of: makes a text of a scalar, and checks what it refers to.

    Raises:
        ManifestError: a value is empty, or a number that Lua does not have.
    """
    return {key.value: constant(node, given.named("config"), text_of) for key, node in given.pairs("config")}


def config_of(process: ProcessSpec | None, network: NetworkSpec, context: Context) -> dict[str, Value]:
    """Return what ``require("tim3tool.config")`` gives a process on a network.

    Args:
        process: the process; None for Lua that belongs to none.
        network: the network; its constants go before those of the process.
        context: what the texts among them may refer to.

    Raises:
        ManifestError: a text refers to what is not known.
    """
    own, last = (process.config, process.network_config) if process else ({}, {})
    constants: Mapping[str, Constant] = {**own, **network.config, **last}
    return {name: value_of(each, context) for name, each in constants.items()}


def texts_of(constants: Constant) -> Iterator[Text]:
    """Yield every text in a constant."""
    match constants:
        case Text():
            yield constants
        case dict():
            for each in constants.values():
                yield from texts_of(each)
        case tuple():
            for each in constants:
                yield from texts_of(each)


def constant(node: Node, of: str, text_of: Callable[[Scalar], Text]) -> Constant:
    """Return the typed value that a node stands for.

    Args:
        node: the node.
        of: what it belongs to, for messages: ``` `config` of process `x` ```.
        text_of: makes a text of a scalar, and checks what it refers to.

    Raises:
        ManifestError: it is empty, or a number that Lua does not have.
    """
    match node:
        case ListNode():
            return tuple(constant(item, of, text_of) for item in node.items)
        case MapNode():
            return {key.value: constant(item, of, text_of) for key, item in node.items}
        case Scalar(style="", value=value) if value in ("", "~", "null"):
            msg = f"a constant in {of} has no value"
            raise ManifestError(msg, where=node.where, help="leave the key out")
        case Scalar(style="", value="true" | "false" as value):
            return value == "true"
        case Scalar(style="", value=value) if _FLOAT.fullmatch(value):
            return _number(node)
    return text_of(node)


def _number(node: Scalar) -> int | float:
    digits = node.value
    if _INTEGER.fullmatch(digits):
        # More digits than 64 bits have are not even read: Python would refuse thousands of them.
        if len(digits) <= 20 and -(2**63) <= int(digits) < 2**63:
            return int(digits)
    elif math.isfinite(float(digits)):
        return float(digits)
    msg = f"Lua has no number {token(digits)}"
    raise ManifestError(msg, where=node.where, help="integers have 64 bits; put amounts in quotes, as text")


def value_of(given: Constant, context: Context) -> Value:
    """Return a constant with its texts rendered.

    Raises:
        ManifestError: a text refers to what is not known.
    """
    if isinstance(given, Text):
        return render(given, context)
    if isinstance(given, tuple):
        return [value_of(item, context) for item in given]
    if isinstance(given, dict):
        return {name: value_of(item, context) for name, item in given.items()}
    return given
