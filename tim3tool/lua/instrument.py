"""Counters in Lua sources: where they stand, and the same source with them in it.

Every counter goes on a line that is there already, so a line of an error is the same with and without. A source reaches
its counters through upvalues and no global, whatever becomes of ``_ENV``. They are the items of a table; those in the
deepest loops are locals of the chunk instead, which takes half the time, and are added to the table when it is read.
What is counted:

- each **statement**; it shares the counter of the one before it where nothing can happen between the two;
- each **function** that is entered;
- the **branches** of ``if`` (an ``else`` that is not written is one too), and of each loop that need not run: its body,
  and passing it by. ``and`` and ``or`` are no branches: a counter inside an expression would have to be a call.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tim3tool.lua.source import Lines, strip
from tim3tool.lua.tree import nodes
from tim3tool.lua.vm import syntax_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tree_sitter import Node

__all__ = ["FAST_NAMES", "Branch", "Function", "Instrumented", "Points", "fastest", "instrument", "wrapped"]

_COUNTERS: Final = "_tim3_hits"
_BEFORE: Final = "_tim3_before"
_HIT: Final = "{0}={0}+1;"
_OPEN_LOOP: Final = "do local {b}={0} "
_CLOSE_LOOP: Final = " if {b}=={0} then {1}={1}+1 end end"
_FAST: Final = 60  # of the 200 locals of a chunk and the 255 upvalues of a function
_UNCOUNTED: Final = frozenset({"label_statement", "empty_statement", "comment", "hash_bang_line"})
_CONSTANTS: Final = frozenset({"number", "string", "nil", "true", "false", "function_definition", "vararg_expression"})
_NODES: Final = (
    "chunk",
    "block",
    "function_definition",
    "function_declaration",
    "if_statement",
    "while_statement",
    "for_statement",
    "repeat_statement",
)
_LOOPS: Final = _NODES[-3:]

FAST_NAMES: Final = tuple(f"_tim3_{number}" for number in range(_FAST))
"""The names of counters that are locals."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Branch:
    """One way that a run can take.

    Args:
        line: where it begins, 1-based; for an ``else`` that is not written, where its ``if`` stands.
        group: the offset of the statement whose ways exclude each other.
        label: ``if``, ``elseif``, ``else``, ``no else``, ``body`` or ``no turn``.
        counter: how often it was taken.
        reached: the counter of the statement itself.
    """

    line: int
    group: int
    label: str
    counter: int
    reached: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Function:
    """A function.

    Args:
        name: as the source names it.
        line: where it begins, 1-based.
        counter: how often it was entered.
    """

    name: str
    line: int
    counter: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Points:
    """What the counters of a source mean.

    Args:
        counters: how many there are; they are numbered from 0.
        lines: line and counter of each statement, in the order of the source.
        branches: in the order of the source, those of one statement together.
        functions: in the order of the source.
    """

    counters: int
    lines: tuple[tuple[int, int], ...]
    branches: tuple[Branch, ...]
    functions: tuple[Function, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Insertion:
    offset: int
    text: str
    counters: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Instrumented:
    """A source and where its counters go.

    Args:
        text: the source, stripped.
        points: what is counted.
        insertions: sorted by offset.
        depths: how many loops each counter lies in, by its number.
    """

    text: bytes
    points: Points
    insertions: tuple[_Insertion, ...] = field(repr=False)
    depths: tuple[int, ...] = field(repr=False)

    def code(self, base: int = 0, fast: Mapping[int, str] = MappingProxyType({})) -> bytes:
        """Return the source with its counters, for `wrapped`.

        Args:
            base: how many counters of other sources stand in front of these.
            fast: the names of those that are locals, by number, `base` included.
        """
        parts, done = [], 0
        for at in self.insertions:
            numbers = [base + counter for counter in at.counters]
            counters = (fast.get(number) or _item(number) for number in numbers)
            parts += [self.text[done : at.offset], at.text.format(*counters, b=_BEFORE).encode()]
            done = at.offset
        return b"".join((*parts, self.text[done:]))

    @cached_property
    def chunk(self) -> bytes | None:
        """The source as `wrapped` gives it; None where a limit of the compiler's has no room for counters."""
        fast = fastest([(0, self)])
        chunks = (wrapped(self.code(fast=names), names) for names in (fast, {}))
        return next((chunk for chunk in chunks if syntax_error(chunk) is None), None)


def fastest(sources: Iterable[tuple[int, Instrumented]]) -> dict[int, str]:
    """Return which counters of a chunk are locals and how they are called: those in the deepest loops.

    Args:
        sources: what the chunk is made of, each with the number of counters in front of its own.
    """
    depths = ((-depth, base + number) for base, source in sources for number, depth in enumerate(source.depths))
    return {number: name for name, (_, number) in zip(FAST_NAMES, sorted(depths), strict=False)}


def wrapped(code: bytes, fast: Mapping[int, str] = MappingProxyType({})) -> bytes:
    """Return a chunk that, called with a table of counters, gives two functions.

    The first runs the code; ``_ENV`` is its first upvalue, as it is a main chunk's. The second adds to the table what
    the locals have counted; there is none without locals.

    Args:
        code: Lua with counters; no line is added to it.
        fast: see `Instrumented.code`.
    """
    run = b"return function(...) do local _=_ENV end %s\nend" % code
    if not fast:
        return b"local %s=... %s" % (_COUNTERS.encode(), run)
    names = ",".join((_COUNTERS, *fast.values()))
    flush = "".join(f"{_item(number)}={_item(number)}+{name} {name}=0 " for number, name in fast.items())
    return f"local {names}=(...){',0' * len(fast)} ".encode() + run + f",function() {flush}end".encode()


def _item(number: int) -> str:
    return f"{_COUNTERS}[{number + 1}]"


def instrument(source: bytes) -> Instrumented | None:
    """Find where the counters of a source go.

    Args:
        source: the bytes of a Lua file that compiles.

    Returns:
        The counters, or None for a source that the syntax tree does not cover or that uses our names.
    """
    text = strip(source)
    if b"_tim3_" in text:
        return None
    found = nodes(text, _NODES)
    return None if found is None else _Placing(text, found).run()


class _Placing:
    """Places the counters of one source.

    Args:
        text: the source.
        found: its nodes of `_NODES`, by type.
    """

    def __init__(self, text: bytes, found: dict[str, list[Node]]) -> None:
        self._text = text
        self._found = found
        self._line_at = Lines(text, "").line_at
        self._count = 0
        self._statements: dict[int, int] = {}  # counter by offset, which tells statements apart
        self._insertions: list[_Insertion] = []
        self._lines: list[tuple[int, int]] = []
        self._branches: list[Branch] = []
        self._functions: list[Function] = []

    def run(self) -> Instrumented:
        # Blocks run before all else, so that the counters of statements stand first where several meet.
        for kinds, place in (
            (("chunk", "block"), self._block),
            (("function_declaration", "function_definition"), self._function),
            (("if_statement",), self._if),
            (("while_statement", "for_statement"), self._loop),
        ):
            for node in sorted(
                (node for kind in kinds for node in self._found[kind]), key=lambda node: node.start_byte
            ):
                place(node)
        points = Points(
            counters=self._count,
            lines=tuple(sorted(self._lines)),
            branches=tuple(sorted(self._branches, key=lambda branch: branch.group)),
            functions=tuple(self._functions),
        )
        ordered = tuple(sorted(self._insertions, key=lambda insertion: insertion.offset))
        return Instrumented(text=self._text, points=points, insertions=ordered, depths=self._depths())

    def _depths(self) -> tuple[int, ...]:
        loops = [node for kind in _LOOPS for node in self._found[kind]]
        starts, ends = sorted(loop.start_byte for loop in loops), sorted(loop.end_byte for loop in loops)
        depths = [0] * self._count
        for insertion in self._insertions:
            depth = bisect_left(starts, insertion.offset) - bisect_right(ends, insertion.offset)
            for counter in insertion.counters:
                depths[counter] = max(depths[counter], depth)
        return tuple(depths)

    def _block(self, block: Node) -> None:
        shared: int | None = None
        for statement in block.named_children:
            if statement.type == "label_statement":
                shared = None  # a `goto` may come in here
            if statement.type in _UNCOUNTED:
                continue
            counter = self._hit(statement.start_byte) if shared is None else shared
            self._statements[statement.start_byte] = counter
            self._lines.append((self._line_at(statement.start_byte), counter))
            shared = counter if _is_plain(statement) else None

    def _function(self, node: Node) -> None:
        parameters = node.child_by_field_name("parameters")
        assert parameters is not None  # noqa: S101 - the grammar demands them
        counter = self._entry(node.child_by_field_name("body"), parameters.end_byte)
        name = _name_of(node, self._text) or "(anonymous)"
        self._functions.append(Function(name=name, line=self._line_at(node.start_byte), counter=counter))

    def _if(self, node: Node) -> None:
        self._arm(node, node, "if", "consequence", "then")
        alternatives = node.children_by_field_name("alternative")
        for arm in alternatives:
            if arm.type == "else_statement":
                self._arm(node, arm, "else", "body", "else")
            else:
                self._arm(node, arm, "elseif", "consequence", "then")
        if not alternatives or alternatives[-1].type != "else_statement":
            end = node.children[-1].start_byte
            counter = self._next()
            self._insert(end, f" else {_HIT} ", counter)
            self._branch(node, node, "no else", counter)

    def _arm(self, statement: Node, arm: Node, label: str, body: str, keyword: str) -> None:
        self._branch(statement, arm, label, self._entry(arm.child_by_field_name(body), _end_of(arm, keyword)))

    def _loop(self, node: Node) -> None:
        if _always_runs(node):
            return
        entry = self._entry(node.child_by_field_name("body"), _end_of(node, "do"))
        skipped = self._next()
        self._insert(node.start_byte, _OPEN_LOOP, entry)
        self._insert(node.end_byte, _CLOSE_LOOP, entry, skipped)
        self._branch(node, node, "body", entry)
        self._branch(node, node, "no turn", skipped)

    def _entry(self, body: Node | None, opening: int) -> int:
        """Return the counter of what begins right behind an offset: that of its first statement, if there is one."""
        children = [child for child in body.named_children if child.type != "empty_statement"] if body else []
        if children and children[0].start_byte in self._statements:
            return self._statements[children[0].start_byte]
        return self._hit(opening)

    def _branch(self, statement: Node, at: Node, label: str, counter: int) -> None:
        self._branches.append(
            Branch(
                line=self._line_at(at.start_byte),
                group=statement.start_byte,
                label=label,
                counter=counter,
                reached=self._statements[statement.start_byte],
            )
        )

    def _hit(self, offset: int) -> int:
        counter = self._next()
        self._insert(offset, f" {_HIT}", counter)
        return counter

    def _insert(self, offset: int, text: str, *counters: int) -> None:
        self._insertions.append(_Insertion(offset=offset, text=text, counters=counters))

    def _next(self) -> int:
        self._count += 1
        return self._count - 1


def _end_of(node: Node, keyword: str) -> int:
    return next(child.end_byte for child in node.children if child.type == keyword)


def _is_plain(statement: Node) -> bool:
    """Tell whether the next statement always follows: this one calls nothing, and has nothing to raise about."""
    if statement.type == "function_declaration":
        return statement.children[0].type == "local"
    if statement.type != "variable_declaration":
        return False
    values = [child for child in statement.named_children if child.type == "assignment_statement"]
    lists = [inner for value in values for inner in value.named_children if inner.type == "expression_list"]
    return all(_is_constant(value) for each in lists for value in each.named_children)


def _is_constant(value: Node) -> bool:
    return value.type in _CONSTANTS or (value.type == "table_constructor" and not value.named_children)


def _always_runs(loop: Node) -> bool:
    """Tell whether a loop has a first turn whatever happens, as far as the source alone shows it."""
    if loop.type == "while_statement":
        condition = loop.child_by_field_name("condition")
        return condition is not None and condition.type in ("true", "number", "string")
    clause = loop.child_by_field_name("clause")
    if clause is None or clause.type != "for_numeric_clause":
        return False
    bounds = [clause.child_by_field_name(name) for name in ("start", "end")]
    texts = [bound.text.decode() if bound and bound.type == "number" and bound.text else "" for bound in bounds]
    step = clause.child_by_field_name("step")
    return step is None and all(text.isdigit() for text in texts) and int(texts[0]) <= int(texts[1])


def _name_of(function: Node, text: bytes) -> str | None:
    """Return the name that a source gives to a function."""
    node = function.child_by_field_name("name") or _assigned_name(function)
    return text[node.start_byte : node.end_byte].decode("utf-8", "replace") if node else None


def _assigned_name(function: Node) -> Node | None:
    above = function.parent
    if above is None:
        return None
    if above.type == "field":
        return above.child_by_field_name("name")
    assignment = above.parent
    if above.type != "expression_list" or assignment is None or assignment.type != "assignment_statement":
        return None
    names = assignment.children[0].named_children
    position = above.named_children.index(function)
    return names[position] if position < len(names) else None
