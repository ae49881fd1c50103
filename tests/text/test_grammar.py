"""The grammar has nothing to spare, and a saved parser is the one that the grammar gives."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import lark
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrdsl.text import grammar
from lrdsl.text.build import STRETCH, NodeBuilder, TooDeep
from lrdsl.text.source import Source, Span
from tests.test_conformance import cases

TEXTS = [case.values[0]["text"] for case in cases(errors=False)]
# What no other text has: every kind of statement, parameter and selector.
RARE = """\
lr["head"]: const
lr[0]: const
def f(a: steps, b: [steps] = [1, 2], *, c = -1,) = if(1 < 2, 3 / 4, (5 ^ 6)) # why
shape g(length: steps) where 1 == 1, 2 != 3 = u
"""


@pytest.fixture(scope="module")
def parser() -> lark.Lark:
    return grammar.build(grammar.grammar_text())


def defined(pattern: str) -> set[str]:
    """The names of rules or terminals that the grammar's text defines."""
    return set(
        re.findall(rf"^[?!]?({pattern})(?:\.[0-9]+)?:", grammar.grammar_text(), re.MULTILINE)
    )


def test_every_rule_is_used(parser: lark.Lark) -> None:
    """Lark drops the rules that nothing leads to."""
    names = defined("_?[a-z][a-z_]*")
    assert len(names) > 20
    assert names <= {rule.origin.name for rule in parser.rules}


def test_every_terminal_is_used(parser: lark.Lark) -> None:
    names = defined("[A-Z]+")
    used = {symbol.name for rule in parser.rules for symbol in rule.expansion if symbol.is_term}
    assert len(names) > 20
    assert names == used | set(parser.ignore_tokens)


def test_the_texts_of_the_tests_have_every_token(parser: lark.Lark) -> None:
    seen = {token.type for text in [*TEXTS, RARE] for token in parser.lex(text)}
    assert seen == {terminal.name for terminal in parser.terminals} - {"BLANK"}


def test_no_shape_is_named_in_the_grammar() -> None:
    """It holds syntax only."""
    prelude = Path(grammar.__file__).parents[1] / "prelude.lrs"
    names = re.findall(r"^(?:shape|def) (\w+)", prelude.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(names) > 10
    rules = re.sub(r"//.*", "", grammar.grammar_text())
    assert [name for name in names if re.search(rf'"{name}\b', rules)] == []


def test_every_rule_has_a_method_and_every_method_a_rule(parser: lark.Lark) -> None:
    """All but those that stand for one other rule, or whose symbols go to the rule around them."""
    rules = {rule.alias or rule.origin.name for rule in parser.rules}
    transparent = {rule.origin.name for rule in parser.rules if rule.options.expand1}
    expected = {name for name in rules - transparent if not name.startswith("_")}
    assert expected == {name for name in vars(NodeBuilder) if name[0].islower()}


@pytest.fixture(scope="module")
def saved() -> bytes:
    return grammar.dumped()


@pytest.fixture(scope="module")
def restored(saved: bytes) -> lark.Lark:
    return grammar.load(saved)


@pytest.fixture(scope="module")
def built() -> lark.Lark:
    return grammar.load(b"")


def outcome(parser: lark.Lark, text: str) -> object:
    """The nodes of a text, or where it breaks and what could stand there."""
    outer = STRETCH.set(Span(Source("test", text), 0, len(text)))
    try:
        return parser.parse(text)
    except lark.UnexpectedToken as error:
        return error.token.type, error.token.end_pos, error.accepts
    except lark.UnexpectedCharacters as error:
        return error.pos_in_stream
    except TooDeep as error:
        return error.span
    finally:
        STRETCH.reset(outer)


REFUSED = ["const(", "const(5))", "let = 5", "const(\uff15)", "1 = 2", "(", "def f(", "~", "let"]
PIECES = [t for text in [*TEXTS, RARE] for t in re.findall(r"\w+|\s+|.", text)]


@pytest.mark.parametrize("text", [*TEXTS, RARE, "", *REFUSED], ids=lambda text: text[:40])
def test_a_saved_parser_does_what_a_built_one_does(
    restored: lark.Lark, built: lark.Lark, text: str
) -> None:
    assert outcome(restored, text) == outcome(built, text)


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_on_any_text(restored: lark.Lark, built: lark.Lark, text: str) -> None:
    assert outcome(restored, text) == outcome(built, text)


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The grammars that are built from here on."""
    found: list[str] = []
    own: Callable[..., lark.Lark] = grammar.build

    def build(text: str, builder: NodeBuilder | None = None) -> lark.Lark:
        found.append(text)
        return own(text, builder)

    monkeypatch.setattr(grammar, "build", build)
    return found


def test_a_saved_parser_is_used(saved: bytes, builds: list[str]) -> None:
    grammar.load(saved)
    assert builds == []


class OtherBuilder(NodeBuilder):
    """Stands for the builder of another version of lrdsl."""


def test_a_parser_saved_for_something_else_is_not(
    saved: bytes, builds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(grammar, "NodeBuilder", OtherBuilder)
        grammar.load(saved)
    assert len(builds) == 1
    with monkeypatch.context() as patch:
        patch.setattr(lark, "__version__", "1.3.99")
        grammar.load(saved)
    assert len(builds) == 2
    text = f"{grammar.grammar_text()}\n// changed\n"
    monkeypatch.setattr(grammar, "grammar_text", lambda: text)
    grammar.load(saved)
    assert builds[2:] == [text]


@pytest.mark.parametrize("kept", [0, 1, 64, 65, 66, 1000, -1])
def test_nor_is_one_that_is_cut_off(saved: bytes, builds: list[str], kept: int) -> None:
    parser = grammar.load(saved[:kept])
    assert len(builds) == 1
    assert outcome(parser, "const")


def test_the_package_may_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grammar, "SAVED", "text/nothing")
    assert grammar.saved() == b""
