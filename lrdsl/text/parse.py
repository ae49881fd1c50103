"""Text to syntax tree, with every syntax error of the text."""

from __future__ import annotations

from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from lrdsl import limits
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.text import grammar, precheck
from lrdsl.text.lalr import Parser, Token, UnexpectedInput
from lrdsl.text.nodes import (
    Argument,
    Call,
    Definition,
    Expression,
    Items,
    Module,
    Name,
    Number,
    Operation,
    Parameter,
    Target,
    widen,
)
from lrdsl.text.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Statement = Definition | Target | Expression


class TooDeep(Exception):
    """An expression lies in too many others; what it is made of is not built any further."""

    def __init__(self, span: Span) -> None:
        super().__init__(span)
        self.span = span


class _Builder:
    """Builds nodes while rules are recognised; every position is read off a token."""

    def __init__(self) -> None:
        self.source = Source("", "")
        self.offset = 0

    def span(self, token: Token) -> Span:
        start = token.start + self.offset
        return Span(self.source, start, start + len(token))

    def start(self, children: list[Any]) -> tuple[Statement, ...]:
        return tuple(children)

    def bare(self, children: list[Any]) -> Any:
        return children[0]

    def let(self, children: list[Any]) -> Definition:
        keyword, name, _, body = children
        return self._definition(keyword, name, body)

    param = let

    def definition(self, children: list[Any]) -> Definition:
        keyword, name, *rest, body = children
        only, parameters, guards = False, [], ()
        for child in rest:
            if child is _KEYWORD_ONLY:
                only = True
            elif isinstance(child, tuple):
                guards = child
            elif isinstance(child, dict):
                parameters.append(Parameter(**child, keyword_only=only))
        return self._definition(keyword, name, body, tuple(parameters), guards)

    def _definition(
        self,
        keyword: Token,
        name: Token,
        body: Expression,
        parameters: tuple[Parameter, ...] = (),
        guards: tuple[Expression, ...] = (),
    ) -> Definition:
        head = self.span(keyword)
        documented = keyword in {"def", "shape"}
        doc = _documentation(self.source.text, head.start) if documented else ""
        return Definition(
            head.to(body.span),
            str(keyword),
            str(name),
            self.span(name),
            body,
            parameters,
            guards,
            doc,
        )

    def parameter(self, children: list[Any]) -> dict[str, Any]:
        name, *rest = children
        found: dict[str, Any] = {"span": self.span(name), "name": str(name)}
        for child in rest:
            if isinstance(child, dict):
                found |= child
            elif not isinstance(child, Token):
                found |= {"default": child, "span": found["span"].to(child.span)}
        return found

    def kind(self, children: list[Any]) -> dict[str, Any]:
        return {"kind": str(children[1]), "kind_span": self.span(children[1])}

    def list_kind(self, children: list[Any]) -> dict[str, Any]:
        _, first, name, last = children
        return {"kind": f"[{name}]", "kind_span": self.span(first).to(self.span(last))}

    def keyword_only(self, children: list[Any]) -> object:
        return _KEYWORD_ONLY

    def guards(self, children: list[Any]) -> tuple[Expression, ...]:
        return tuple(child for child in children if not isinstance(child, Token))

    def target(self, children: list[Any]) -> Target:
        name, *selector, _, body = children
        span = self.span(name)
        return Target(span.to(body.span), str(name), span, selector[0] if selector else None, body)

    def selector(self, children: list[Any]) -> str:
        return str(children[1])

    def sequence(self, children: list[Any]) -> Operation:
        operands = tuple(children[::2])
        return self._operation(children[1], operands, operands[0].span)

    def binary(self, children: list[Any]) -> Operation:
        left, symbol, right = children
        return self._operation(symbol, (left, right), left.span)

    def negative(self, children: list[Any]) -> Operation:
        symbol, operand = children
        return self._operation(symbol, (operand,), self.span(symbol))

    def _operation(self, symbol: Token, operands: tuple[Any, ...], first: Span) -> Operation:
        span, place = first.to(operands[-1].span), self.span(symbol)
        return Operation(span, place, str(symbol), operands, _around(operands, place))

    def number(self, children: list[Any]) -> Number:
        return Number(self.span(children[0]), str(children[0]))

    def name(self, children: list[Any]) -> Name:
        return Name(self.span(children[0]), str(children[0]))

    def call(self, children: list[Any]) -> Call:
        callee, *rest = children
        arguments = tuple(child for child in rest if isinstance(child, Argument))
        head = self.span(callee)
        depth = _around([argument.value for argument in arguments], head)
        return Call(head.to(self.span(rest[-1])), head, str(callee), arguments, depth)

    def argument(self, children: list[Any]) -> Argument:
        if len(children) == 1:
            return Argument(children[0].span, None, children[0])
        name, _, value = children
        return Argument(self.span(name).to(value.span), str(name), value)

    def items(self, children: list[Any]) -> Items:
        items = tuple(child for child in children if not isinstance(child, Token))
        span = self.span(children[0]).to(self.span(children[-1]))
        return Items(span, items, _around(items, span))

    def group(self, children: list[Any]) -> Any:
        first, inner, last = children
        return widen(inner, self.span(first).to(self.span(last)))


_KEYWORD_ONLY = object()
_LOCK = Lock()


def _around(nodes: Sequence[Any], place: Span) -> int:
    """The depth of what holds these nodes."""
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


@lru_cache(maxsize=1)
def _parser() -> tuple[Parser, _Builder]:
    builder = _Builder()
    return Parser(grammar.load(), builder), builder


def parse_statements(source: Source, start: int, end: int) -> tuple[Statement, ...]:
    """Parses one stretch of a source; errors count from the start of the stretch."""
    parser, builder = _parser()
    with _LOCK:  # the builder is told where it is through attributes
        builder.source, builder.offset = source, start
        return parser.parse(source.text[start:end])  # type: ignore[no-any-return]  # from start()


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a text; the first character that belongs to none has no type."""
    parser, _ = _parser()
    return parser.tokens(text)


def parse_module(source: Source) -> tuple[Module, list[Diagnostic]]:
    """Parses a text as far as it can be.

    Returns:
        The tree, and the errors. After an error, what does parse goes on to be checked.
    """
    if found := precheck.refusals(source):
        return Module(source, (), complete=False), found
    try:
        statements = parse_statements(source, 0, len(source.text))
    except (UnexpectedInput, TooDeep):
        from lrdsl.text.recover import recover

        return recover(source)
    return Module(source, statements), []
