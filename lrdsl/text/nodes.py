"""The syntax tree: the text and its places, without the meaning of any word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrdsl.record import record, replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lrdsl.text.source import Source, Span


@record
class Number:
    """A number as it was spelled, its unit included: ``10k``, ``5ep``, ``1e-5``."""

    span: Span
    spelling: str
    depth = 1


@record
class Name:
    """A word by itself."""

    span: Span
    id: str
    depth = 1


@record
class Text:
    """A text in double quotes, such as the name of something outside; it has no escapes."""

    span: Span
    text: str
    depth = 1


@record
class Items:
    """A list: ``[30ep, 60ep]``."""

    span: Span
    items: tuple[Expression, ...]
    depth: int


@record
class Argument:
    """One argument of a call; ``name`` is None for a positional one."""

    span: Span
    name: str | None
    value: Expression


@record
class Call:
    """``id(arguments)``."""

    span: Span
    callee: Span
    id: str
    arguments: tuple[Argument, ...]
    depth: int


@record
class Operation:
    """An operator and its operands: two or more for ``>>``, one for a sign, else two."""

    span: Span
    symbol: Span
    op: str
    operands: tuple[Expression, ...]
    depth: int


Expression = Number | Name | Text | Items | Call | Operation


@record
class Parameter:
    """A parameter of a ``def`` or ``shape``; ``kind`` is its annotation as written, or ``""``."""

    span: Span
    name: str
    kind: str = ""
    kind_span: Span | None = None
    default: Expression | None = None
    keyword_only: bool = False


@record
class Definition:
    """A ``let``, ``param``, ``def`` or ``shape``. ``body`` is None where its text did not parse."""

    span: Span
    keyword: str
    name: str
    name_span: Span
    body: Expression | None
    parameters: tuple[Parameter, ...] = ()
    guards: tuple[Expression, ...] = ()
    doc: str = ""

    @property
    def depth(self) -> int:
        """How deep its expressions are nested."""
        defaults = (p.default for p in self.parameters)
        return max((e.depth for e in (self.body, *self.guards, *defaults) if e), default=0)


@record
class Target:
    """``lr: …`` or ``lr["head"]: …``: which hyperparameter of which groups an expression drives.

    ``option`` is the word after a selector: ``lr["head", optional]: …``.
    """

    span: Span
    name: str
    name_span: Span
    selector: str | None
    body: Expression
    option: Name | None = None

    @property
    def depth(self) -> int:
        """How deep its expression is nested."""
        return self.body.depth


Statement = Definition | Target | Expression


@record
class Module:
    """A whole text, statement by statement; a bare expression stands for itself.

    It is ``complete`` when all of the text parsed.
    """

    source: Source
    statements: tuple[Statement, ...]
    complete: bool = True


# How tightly an operator holds what is on its sides, and what needs no parentheses anywhere.
BINDING = {">>": 1, "+": 3, "-": 3, "*": 4, "/": 4, "^": 6}
ATOM = 7


def walk(node: Expression) -> Iterator[Expression]:
    """An expression and every expression in it."""
    yield node
    children: tuple[Expression, ...] = ()
    if isinstance(node, Call):
        children = tuple(argument.value for argument in node.arguments)
    elif isinstance(node, Items):
        children = node.items
    elif isinstance(node, Operation):
        children = node.operands
    for child in children:
        yield from walk(child)


def widen(node: Expression, span: Span) -> Expression:
    """The node with another span: that of the parentheses around it."""
    return replace(node, span=span)
