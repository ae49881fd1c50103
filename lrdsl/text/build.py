"""Syntax nodes from the rules of the grammar, built by Lark while it parses."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

from lark import Token, Transformer, v_args

from lrdsl import limits
from lrdsl.record import record, replace
from lrdsl.text.nodes import (
    Argument,
    Call,
    Definition,
    Expression,
    Items,
    Name,
    Number,
    Operation,
    Parameter,
    RunItem,
    RunStatement,
    Statement,
    Target,
    Text,
    widen,
)
from lrdsl.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

# The stretch of a source that is being parsed. Lark hands a rule's children to its method and
# nothing else; a context variable keeps threads that parse at the same time apart.
STRETCH: ContextVar[Span] = ContextVar("STRETCH")


class TooDeep(Exception):
    """An expression lies in too many others; what holds it is not built.

    Attributes:
        span: where the limit is passed.
    """

    def __init__(self, span: Span) -> None:
        super().__init__(span)
        self.span = span


@record
class Kind:
    """The annotation of a parameter."""

    span: Span
    name: str


class KeywordOnly:
    """The ``*`` among parameters: those after it are passed by name."""


def span_of(stretch: Span, token: Token) -> Span:
    """The place of a token.

    Args:
        stretch: the part of a source that was parsed.
        token: one of its tokens.
    """
    assert token.start_pos is not None
    start = stretch.start + token.start_pos
    return Span(stretch.source, start, start + len(token))


def _place(token: Token) -> Span:
    return span_of(STRETCH.get(), token)


def _between(first: Span, last: Span) -> Span:
    """``first.to(last)``: as for each node of a text, without going to another file."""
    return Span(first.source, first.start, last.end)


@v_args(inline=True)
class NodeBuilder(Transformer[Token, tuple[Statement | RunStatement, ...]]):
    """One method for each rule of ``lrs.lark``, with the rule's symbols as its parameters.

    It keeps nothing, so that a saved parser names this class and holds no copy of it.
    """

    def start(self, *statements: Statement | RunStatement) -> tuple[Statement | RunStatement, ...]:
        """The statements of a text."""
        return statements

    def let(self, keyword: Token, name: Token, _: Token, body: Expression) -> Definition:
        """``let x = …`` or ``param x = …``."""
        place = _place(keyword)
        doc = _documentation(place.source.text, place.start)
        span = _between(place, body.span)
        return Definition(span, str(keyword), str(name), _place(name), body, doc=doc)

    param = let

    def run(self, keyword: Token, *children: Token | RunItem) -> RunStatement:
        """``run total = 90ep, 1ep = 1251st``."""
        items = tuple(child for child in children if isinstance(child, RunItem))
        return RunStatement(_between(_place(keyword), items[-1].span), items)

    def run_item(self, key: Token, _: Token, value: Expression) -> RunItem:
        """``1ep = 1251st``."""
        place = _place(key)
        node = Number(place, str(key)) if key.type == "NUMBER" else Name(place, str(key))
        return RunItem(_between(place, value.span), node, value)

    def definition(
        self,
        keyword: Token,
        name: Token,
        parameters: tuple[Parameter, ...],
        guards: tuple[Expression, ...] | None,
        _: Token,
        body: Expression,
    ) -> Definition:
        """``def f(…) = …`` or ``shape f(…) where … = …``."""
        place = _place(keyword)
        return Definition(
            _between(place, body.span),
            str(keyword),
            str(name),
            _place(name),
            body,
            parameters,
            guards or (),
            _documentation(place.source.text, place.start),
        )

    def parameters(self, *children: Token | Parameter | KeywordOnly) -> tuple[Parameter, ...]:
        """``(a, b = 1, *, c = 2)``."""
        found: list[Parameter] = []
        only = False
        for child in children:
            if isinstance(child, KeywordOnly):
                only = True
            elif isinstance(child, Parameter):
                found.append(replace(child, keyword_only=True) if only else child)
        return tuple(found)

    def parameter(
        self, name: Token, kind: Kind | None, _: Token | None, default: Expression | None
    ) -> Parameter:
        """``length: steps = rest``."""
        place = _place(name)
        span = _between(place, default.span) if default else place
        if kind is None:
            return Parameter(span, str(name), default=default)
        return Parameter(span, str(name), kind.name, kind.span, default)

    def kind(self, _: Token, name: Token) -> Kind:
        """``: steps``."""
        return Kind(_place(name), str(name))

    def list_kind(self, _: Token, first: Token, name: Token, last: Token) -> Kind:
        """``: [steps]``."""
        return Kind(_between(_place(first), _place(last)), f"[{name}]")

    def keyword_only(self, _: Token) -> KeywordOnly:
        """``*``."""
        return KeywordOnly()

    def guards(self, *children: Token | Expression) -> tuple[Expression, ...]:
        """``where a > 0, b > 0``."""
        return tuple(child for child in children if not isinstance(child, Token))

    def target(
        self,
        keyword: Token | None,
        name: Token,
        selector: tuple[str, Name | None] | None,
        _: Token,
        body: Expression,
    ) -> Target:
        """``lr["head"]: …`` or ``scalar kl_weight: …``."""
        place = _place(name)
        first = place if keyword is None else _place(keyword)
        groups, option = selector or (None, None)
        span = _between(first, body.span)
        return Target(span, str(name), place, groups, body, option, keyword is not None)

    def selector(
        self, _: Token, groups: Token, __: Token | None, option: Token | None, last: Token
    ) -> tuple[str, Name | None]:
        """``["head"]``, or ``["head", optional]``."""
        return str(groups), None if option is None else self.name(option)

    def sequence(self, *children: Expression | Token) -> Operation:
        """``a >> b >> c``."""
        operands = tuple(child for child in children if not isinstance(child, Token))
        symbol = children[1]
        assert isinstance(symbol, Token)
        return _operation(symbol, operands, operands[0].span)

    def binary(self, left: Expression, symbol: Token, right: Expression) -> Operation:
        """``a * b``."""
        return _operation(symbol, (left, right), left.span)

    def negative(self, symbol: Token, operand: Expression) -> Operation:
        """``-a``."""
        return _operation(symbol, (operand,), _place(symbol))

    def number(self, token: Token) -> Number:
        """``5ep``."""
        return Number(_place(token), str(token))

    def name(self, token: Token) -> Name:
        """``prev``."""
        return Name(_place(token), str(token))

    def text(self, token: Token) -> Text:
        """``"head"``."""
        return Text(_place(token), str(token)[1:-1])

    def call(self, callee: Token, *children: Token | Argument) -> Call:
        """``cosine(20, end = 0.1)``."""
        arguments = tuple(child for child in children if isinstance(child, Argument))
        close = children[-1]
        assert isinstance(close, Token)
        place = _place(callee)
        depth = _around([argument.value for argument in arguments], place)
        return Call(_between(place, _place(close)), place, str(callee), arguments, depth)

    def argument(self, name: Token | None, _: Token | None, value: Expression) -> Argument:
        """``20``, or ``end = 0.1``."""
        if name is None:
            return Argument(value.span, None, value)
        return Argument(_between(_place(name), value.span), str(name), value)

    def items(self, first: Token, *children: Token | Expression) -> Items:
        """``[30ep, 60ep]``."""
        items = tuple(child for child in children if not isinstance(child, Token))
        last = children[-1]
        assert isinstance(last, Token)
        span = _between(_place(first), _place(last))
        return Items(span, items, _around(items, span))

    def group(self, first: Token, inner: Expression, last: Token) -> Expression:
        """``(a)``: the node inside, with the span of the parentheses."""
        return widen(inner, _between(_place(first), _place(last)))


def _operation(symbol: Token, operands: tuple[Expression, ...], first: Span) -> Operation:
    place = _place(symbol)
    depth = _around(operands, place)
    return Operation(_between(first, operands[-1].span), place, str(symbol), operands, depth)


def _around(nodes: Sequence[Expression], place: Span) -> int:
    """The depth of what holds these nodes.

    Raises:
        TooDeep: it is over the limit.
    """
    depth = 1 + max((node.depth for node in nodes), default=0)
    if depth > limits.DEPTH:
        raise TooDeep(place)
    return depth


def _documentation(text: str, offset: int) -> str:
    """The ``##`` lines directly above an offset that starts its line, without their marks."""
    found: list[str] = []
    end = text.rfind("\n", max(0, offset - limits.WORD), offset)
    if end < 0 or text[end + 1 : offset].strip():
        return ""
    while end >= 0:
        start = text.rfind("\n", 0, end) + 1
        line = text[start:end].strip()
        if not line.startswith("##"):
            break
        found.append(line[2:].removeprefix(" "))
        end = start - 1
    return "\n".join(reversed(found))
