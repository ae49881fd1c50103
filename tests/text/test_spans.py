"""Every node knows the text it was written as."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given

from lrdsl.text.canonical import expression
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
)
from lrdsl.text.parse import parse_module
from lrdsl.text.source import Source, Span
from tests import strategies

Node = Expression | Argument | Parameter | Definition | Target

TEXT = """\
# all there is
let  peak = 0.3   # a number
param n = 5ep
## Doc.
def tent(a, b = a / 2, *, c = 1,) = (a + b) * -c
shape f(length: steps = rest, m: [steps] = [3, 5]) where 1 < 2 = v ^ 2
lr: warmup(n, end = peak) >> (cosine(20)
  >> max(f(tent(1)), 1e-5))
"""


def module_of(text: str) -> Module:
    module, errors = parse_module(Source("test", text))
    assert errors == []
    return module


def nodes(node: Node) -> Iterator[Node]:
    """A node and every node in it."""
    yield node
    children: tuple[Node | None, ...] = ()
    if isinstance(node, Items):
        children = node.items
    elif isinstance(node, Call):
        children = node.arguments
    elif isinstance(node, Operation):
        children = node.operands
    elif isinstance(node, Argument):
        children = (node.value,)
    elif isinstance(node, Parameter):
        children = (node.default,)
    elif isinstance(node, Definition):
        children = (*node.parameters, *node.guards, node.body)
    elif isinstance(node, Target):
        children = (node.body,)
    for child in children:
        if child is not None:
            yield from nodes(child)


def every_node(text: str) -> list[Node]:
    return [node for statement in module_of(text).statements for node in nodes(statement)]


def check_words(node: Node) -> None:
    """The spans of single words: what stands there is the word itself."""
    if isinstance(node, Number):
        assert bare(node.span) == node.spelling
    elif isinstance(node, Name):
        assert bare(node.span) == node.id
    elif isinstance(node, Call):
        assert node.callee.text == node.id
        assert bare(node.span).startswith(f"{node.id}(")
    elif isinstance(node, Operation):
        assert node.symbol.text == node.op
    elif isinstance(node, Definition):
        assert node.name_span.text == node.name
        assert node.span.text.startswith(node.keyword)
    elif isinstance(node, Target):
        assert node.name_span.text == node.name
    elif isinstance(node, Parameter):
        assert node.span.text.startswith(node.name)
        if node.kind_span:
            assert node.kind_span.text == node.kind


def bare(span: Span) -> str:
    """The text of a span without the parentheses around it."""
    text = span.text
    while text.startswith("("):
        text = text[1:-1].strip()
    return text


def check_alone(node: Node) -> None:
    """The text of an expression means by itself what it means in its place."""
    if isinstance(node, Number | Name | Items | Call | Operation):
        (alone,) = module_of(node.span.text).statements
        assert not isinstance(alone, Definition | Target)
        assert expression(alone) == expression(node)


def test_of_every_kind_of_node() -> None:
    found = every_node(TEXT)
    kinds = {type(node) for node in found}
    assert kinds == {
        Number, Name, Items, Call, Operation, Argument, Parameter, Definition, Target,
    }  # fmt: skip
    for node in found:
        check_words(node)
        check_alone(node)


@strategies.SOME
@given(strategies.programs())
def test_of_any_program(text: str) -> None:
    for node in every_node(text):
        check_words(node)
        check_alone(node)


def test_a_few_by_hand() -> None:
    """The places of some nodes, counted by a person."""
    text = "warmup(5)>>(cosine( 20, end = .1 ))"
    operation = module_of(text).statements[0]
    assert isinstance(operation, Operation)
    warmup, cosine = operation.operands
    assert isinstance(cosine, Call)
    places = [warmup.span, operation.symbol, cosine.span, cosine.callee, cosine.arguments[1].span]
    assert [(p.start, p.end) for p in places] == [(0, 9), (9, 11), (11, 35), (12, 18), (24, 32)]


def test_lines_and_columns() -> None:
    source = Source("test", "ab\ncd\r\n\nef")
    starts = [
        (1, 1),
        (1, 2),
        (1, 3),
        (2, 1),
        (2, 2),
        (2, 3),
        (2, 4),
        (3, 1),
        (4, 1),
        (4, 2),
        (4, 3),
    ]
    assert [source.position(offset) for offset in range(11)] == starts
    assert [source.line(number) for number in range(1, 5)] == ["ab", "cd", "", "ef"]


def test_a_span_to_another_and_the_place_behind_one() -> None:
    source = Source("test", "abcdef")
    whole = Span(source, 1, 2).to(Span(source, 4, 5))
    assert whole.text == "bcde"
    assert (whole.after().start, whole.after().text) == (5, "")
