"""The Jinja2 of the manifest: ``{{ expressions }}`` over a handful of names, checked before they are ever evaluated.

Statements, calls and arithmetic are refused. So the processes a text needs are known without running it, it cannot
loop or grow without bound, and nothing of Python is within its reach: what Jinja2 evaluates holds, in place of
``processes['x'].id``, a variable whose value is a string.

Jinja2 counts places in lines. Here its tokens are numbered by their offset in the text instead, so that every node's
``lineno``, and every error's, is an exact place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, nodes
from jinja2.lexer import TokenStream
from jinja2.parser import Parser
from jinja2.sandbox import SandboxedEnvironment
from jinja2.visitor import NodeTransformer

from tim3tool.errors import ManifestError, suggestion
from tim3tool.project.document import token
from tim3tool.project.keys import ADDRESSES, NETWORK_URLS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tim3tool.project.document import Scalar
    from tim3tool.project.text import Context, Text

__all__ = ["Template"]

_ENVIRONMENT: Final = SandboxedEnvironment(
    undefined=StrictUndefined,
    keep_trailing_newline=True,
    autoescape=False,
)
_FILTERS: Final = ("d", "default", "lower", "tojson", "trim", "upper")
_TESTS: Final = ("defined", "undefined")
_ALLOWED: Final = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Const, nodes.Concat, nodes.CondExpr, nodes.Compare),
    *(nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Filter, nodes.Keyword, nodes.Test),
)
_USES: Final = {
    "answers": "`answers['NAME']['TAG']`",
    "env": "`env.NAME`",
    "network": "`network.name`",
    "owner": "`owner`",
    "processes": "`processes['NAME'].id` or `processes['NAME'].bundle.sha256`",
}
_OF_NETWORK: Final = ("name", "kind", *dict.fromkeys(key for urls in NETWORK_URLS.values() for key in urls), *ADDRESSES)
_OF_PROCESS: Final = ("id", "bundle", "module", "scheduler")
_MEMBERS: Final = {
    "network": "one of " + ", ".join(f"`network.{key}`" for key in _OF_NETWORK),
    "processes": "`processes['NAME'].id`, or its `.bundle.sha256`, `.module` or `.scheduler`",
}
_BY_PROCESS: Final = ("answers", "processes")
_SUBSET: Final = (
    "a template is `{{ … }}` with names, texts, `~`, `==`, `!=`, `and`, `or`, `not`, `if … else` and filters"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reference:
    """A dotted name in a template, and (offset, length) of each of its parts."""

    path: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]

    def __str__(self) -> str:
        root, *rest = self.path
        if root in _BY_PROCESS and rest:
            root, rest = f"{root}['{rest[0]}']", rest[1:]
        return ".".join([root, *rest])


class Template:
    """A text that has been read and found right.

    Args:
        text: a text that holds a template.

    Attributes:
        paths: what it refers to, such as ``("processes", "mock-usda", "id")``, in the order of the text.

    Raises:
        ManifestError: it is not Jinja2, uses more of it than the manifest has, or a name that does not exist.
    """

    def __init__(self, text: Text) -> None:
        self._text = text
        reader = _Reader(text)
        try:
            self._tree: nodes.Template = reader.visit(_parse(text))
        except RecursionError:
            msg = "the template is nested too deeply"
            raise ManifestError(msg, where=text.where, help="use fewer brackets") from None
        self._tree.set_environment(_ENVIRONMENT)
        self._references = reader.references
        self.paths = tuple(reference.path for reference in self._references)

    def check_processes(self, known: Mapping[str, Scalar]) -> None:
        """Refuse references to processes that the manifest does not define.

        Args:
            known: the name of each process, as it stands in the file.

        Raises:
            ManifestError: at the first unknown name.
        """
        for reference in self._references:
            if reference.path[0] not in _BY_PROCESS or reference.path[1] in known:
                continue
            near = suggestion(reference.path[1], known)
            msg = f"unknown process reference {token(reference.path[1])}"
            raise ManifestError(
                msg,
                where=self._text.where_of(*reference.spans[1]),
                label="not defined",
                help=f"did you mean `{near}`? (defined at line {known[near].where.line})"
                if near
                else "processes in the manifest: " + ", ".join(f"`{name}`" for name in known),
            )

    def render(self, context: Context) -> str:
        """Return the text with every reference resolved.

        Raises:
            ManifestError: a reference that is needed has no value.
        """
        values: dict[str, str | StrictUndefined] = {}
        missing: dict[str, _Reference] = {}
        for number, reference in enumerate(self._references):
            value, problem = _look_up(reference.path, context)
            if value is None:
                missing.setdefault(problem, reference)
            values[_variable(number)] = StrictUndefined(hint=problem) if value is None else value
        try:
            return _ENVIRONMENT.from_string(self._tree).render(values)
        except Exception as error:  # a filter may raise anything, and so may Python's compiler over deep nesting
            unknown = missing.get(error.message or "") if isinstance(error, TemplateError) else None
            if unknown is None:
                msg = "the template cannot be evaluated: " + " ".join(str(error).split())
                raise ManifestError(msg, where=self._text.where) from None
            where = self._text.where_of(*unknown.spans[1])
            raise ManifestError(str(error), where=where, label="has no value", help=_way_out(unknown)) from None


class _Reader(NodeTransformer):
    """Checks a tree against the manifest's subset, and puts a variable in the place of each reference."""

    def __init__(self, text: Text) -> None:
        self._text = text
        self.references: list[_Reference] = []

    def visit(self, node: nodes.Node, *args: object, **kwargs: object) -> Any:
        match node:
            case nodes.Name() | nodes.Getattr() | nodes.Getitem():
                return self._variable_for(node)
            case nodes.Filter(name=name) if name not in _FILTERS:
                raise self._refuse(node, f"the filter `{name}`", _instead(name, _FILTERS))
            case nodes.Test(name=name) if name not in _TESTS:
                raise self._refuse(node, f"the test `{name}`", _instead(name, _TESTS))
            case nodes.Compare(ops=operands) if any(operand.op not in {"eq", "ne"} for operand in operands):
                raise self._refuse(node.expr, "this comparison")
            case nodes.CondExpr(expr2=None):
                raise self._refuse(node, "`if` without `else`")
            case nodes.Call():
                raise self._refuse(node, "a call")
            case nodes.Sub():
                raise self._refuse(node, "arithmetic", "a name with `-` is written `processes['a-name']`")
            case _ if not isinstance(node, _ALLOWED):
                raise self._refuse(node, "arithmetic" if isinstance(node, nodes.BinExpr) else "this expression")
        return self.generic_visit(node, *args, **kwargs)

    def _variable_for(self, node: nodes.Expr) -> nodes.Name:
        parts = self._parts(node)
        path = tuple(name for name, _ in parts)
        reference = _Reference(path=path, spans=tuple(span for _, span in parts))
        match path:
            case ("owner",) | ("env", _) | ("processes", _, "bundle", "sha256"):
                pass
            case ("network", member) if member in _OF_NETWORK:
                pass
            case ("processes", _, "id" | "module" | "scheduler") | ("answers", _, _):
                pass
            case (root, *_) if root in _USES:
                raise self._no_value(reference)
            case _:
                near = suggestion(path[0], _USES)
                known = "names: " + ", ".join(_USES.values())
                where = self._text.where_of(*reference.spans[0])
                hint = f"did you mean `{near}`?" if near else known
                msg = f"unknown name `{path[0]}`"
                raise ManifestError(msg, where=where, label="not defined", help=hint)
        self.references.append(reference)
        return nodes.Name(_variable(len(self.references) - 1), "load", lineno=node.lineno)

    def _no_value(self, reference: _Reference) -> ManifestError:
        root, *rest = reference.path
        near = None
        if root == "network" and len(rest) == 1:
            near = suggestion(rest[0], _OF_NETWORK)
        elif root == "processes" and len(rest) == 2:
            near = suggestion(rest[1], _OF_PROCESS)
        hint = f"write {_MEMBERS.get(root, _USES[root])}"
        where = self._text.where_of(*reference.spans[-1])
        msg = f"{token(str(reference))} is not a value"
        return ManifestError(msg, where=where, help=f"did you mean `{near}`?\n{hint}" if near else hint)

    def _parts(self, node: nodes.Expr) -> list[tuple[str, tuple[int, int]]]:
        """Return each name of a dotted expression with its (offset, length)."""
        parts: list[tuple[str, tuple[int, int]]] = []
        while not isinstance(node, nodes.Name):
            match node:
                case nodes.Getattr(node=inner, attr=name):
                    parts.append((name, (self._text.value.find(name, node.lineno), len(name))))
                case nodes.Getitem(node=inner, arg=nodes.Const(value=str(name)) as arg):
                    parts.append((name, (arg.lineno + 1, len(name))))
                case nodes.Getitem():
                    raise self._refuse(node, "a name that is not written out", "write `processes['NAME'].id`")
                case _:
                    raise self._refuse(node, "looking into a value")
            node = inner
        parts.append((node.name, (node.lineno, len(node.name))))
        return parts[::-1]

    def _refuse(self, node: nodes.Node, what: str, hint: str = _SUBSET) -> ManifestError:
        where = self._text.where_of(node.lineno, 1)
        return ManifestError(f"{what} is not supported in a template", where=where, help=hint)


def _parse(text: Text) -> nodes.Template:
    tokens = _tokens(text)
    parser = Parser(_ENVIRONMENT, "")
    try:
        parser.stream = TokenStream(_ENVIRONMENT.lexer.wrap(iter(tokens)), None, None)
        return parser.parse()
    except TemplateSyntaxError as error:
        length = next((len(value) for offset, _, value in tokens if offset == error.lineno), 1)
        raise _syntax_error(text, error.message, error.lineno, length) from None
    except ValueError as error:  # Python's limit on the digits of a number
        msg = f"not a valid template: {error}"
        raise ManifestError(msg, where=text.where) from None


def _tokens(text: Text) -> list[tuple[int, str, str]]:
    """Return Jinja2's tokens as (offset, kind, text)."""
    source, offset = text.value, 0
    if "\r" in source:
        msg = "a text with a template cannot hold carriage returns"
        raise ManifestError(msg, where=text.where_of(source.index("\r"), 1), help="Jinja2 would drop them")
    tokens: list[tuple[int, str, str]] = []
    try:
        for _, kind, value in _ENVIRONMENT.lexer.tokeniter(source, None):
            offset = source.find(value, offset)  # `{{-` leaves out the white space before it
            tokens.append((offset, kind, value))
            offset += len(value)
    except TemplateSyntaxError as error:
        raise _syntax_error(text, error.message, offset, 1) from None
    opened = None
    for offset, kind, value in tokens:
        if kind == "block_begin":
            msg = "statements (`{% … %}`) are not supported in a template"
            raise ManifestError(msg, where=text.where_of(offset, len(value)), help=_SUBSET)
        if kind in {"variable_begin", "variable_end"}:
            opened = offset if kind == "variable_begin" else None
    if opened is not None:
        msg = "`{{` is never closed"
        raise ManifestError(msg, where=text.where_of(opened, 2), help="close it with `}}`")
    return tokens


def _syntax_error(text: Text, message: str | None, offset: int, length: int) -> ManifestError:
    problem = re.sub(r" at \d+$|\.$", "", message or "").replace("end of print statement", "}}")
    return ManifestError(
        f"not a valid template: {problem[:1].lower()}{problem[1:]}", where=text.where_of(offset, length)
    )


def _instead(name: str, known: tuple[str, ...]) -> str:
    near = suggestion(name, known)
    return f"did you mean `{near}`?" if near else "known ones: " + ", ".join(f"`{each}`" for each in known)


def _variable(number: int) -> str:
    return f"reference_{number}"


def _look_up(path: tuple[str, ...], context: Context) -> tuple[str | None, str]:
    """Return what a reference stands for, or None, and what to say when it is None."""
    match path:
        case ("env", name):
            return context.env.get(name), f"{token(f'env.{name}')} is not set"
        case ("network", member):
            value = context.network if member == "name" else context.known.get(path)
            return value, f"network `{context.network}` has no `{member}`"
        case ("processes", name, *of):
            return _look_up_process(name, tuple(of), context)
        case ("answers", name, tag):
            problem = f"no smoke check before this one was answered by {token(name)} with {token(tag)}"
            return context.known.get(path), problem
        case _:
            return context.owner, ""


def _look_up_process(name: str, of: tuple[str, ...], context: Context) -> tuple[str | None, str]:
    match of:
        case ("id",):
            problem = f"process {token(name)} is not spawned yet on network `{context.network}`"
            return context.processes.get(name), problem
        case ("bundle", _):
            return context.bundles.get(name), f"the bundle of {token(name)} is not built"
        case _:
            return context.known.get(("processes", name, *of)), f"the {of[0]} of process {token(name)} is not known"


def _way_out(reference: _Reference) -> str:
    match reference.path:
        case ("env", name):
            return f"set it, or give it a default: {token(f'env.{name} | default(…)')}"
        case ("processes", name, "id"):
            return f"deploy {token(name)} first"
        case ("answers", name, _):
            return f"processes are asked in the order of the manifest; check {token(name)} first"
        case ("processes", name, "bundle", _):
            return f"build {token(name)} first"
        case ("network", member):
            return f"give the network the key `{member}`, or use a default: {token(f'network.{member} | default(…)')}"
    return ""
