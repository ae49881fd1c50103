"""The grammar has nothing to spare, and its tables are run as lark itself would run them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lark
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrdsl.text import grammar
from lrdsl.text.lalr import END, Parser, Token, UnexpectedInput
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


class Trees:
    """Makes of every rule what lark makes of it without a transformer."""

    def __getattr__(self, name: str) -> Callable[[list[Any]], lark.Tree[Any]]:
        return lambda children: lark.Tree(name, children)


@pytest.fixture(scope="module")
def ours() -> Parser:
    return Parser(grammar.load(), Trees())


def places(tree: lark.Tree[Any]) -> list[tuple[str, int]]:
    """The terminal and the start of every token of a tree, in order."""
    found = tree.scan_values(lambda value: isinstance(value, str))
    return [(t.type, t.start if isinstance(t, Token) else t.start_pos) for t in found]


@pytest.mark.parametrize("text", [*TEXTS, RARE, ""], ids=lambda text: text[:40])
def test_the_tables_give_the_trees_of_lark(parser: lark.Lark, ours: Parser, text: str) -> None:
    expected = parser.parse(text)
    assert ours.parse(text) == expected
    assert places(ours.parse(text)) == places(expected)


def refusal(parser: lark.Lark, text: str) -> tuple[str, int, set[str] | None] | None:
    """The terminal at which lark gives up, its place, and what it would have taken."""
    try:
        parser.parse(text)
    except lark.UnexpectedToken as error:
        token = error.token
        # The end of the text has the place of the last token there.
        start = token.end_pos if token.type == END else token.start_pos
        return token.type, start or 0, error.accepts
    except lark.UnexpectedCharacters as error:
        return "", error.pos_in_stream or 0, None
    return None


REFUSED = ["const(", "const(5))", "let = 5", "const(\uff15)", "1 = 2", "(", "def f(", "~", "let"]
PIECES = [t for text in [*TEXTS, RARE] for t in re.findall(r"\w+|\s+|.", text)]


@pytest.mark.parametrize("text", REFUSED)
def test_the_tables_refuse_what_lark_refuses(parser: lark.Lark, ours: Parser, text: str) -> None:
    expected = refusal(parser, text)
    assert expected is not None
    with pytest.raises(UnexpectedInput) as caught:
        ours.parse(text)
    token = caught.value.token
    assert (token.type, token.start) == expected[:2]
    assert expected[2] is None or caught.value.accepts == expected[2]


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_text_is_to_the_tables_what_it_is_to_lark(
    parser: lark.Lark, ours: Parser, text: str
) -> None:
    try:
        tree = ours.parse(text)
    except UnexpectedInput as error:
        expected = refusal(parser, text)
        assert expected is not None
        assert (error.token.type, error.token.start) == expected[:2]
        assert expected[2] is None or error.accepts == expected[2]
    else:
        assert tree == parser.parse(text)


def test_the_saved_tables_are_those_of_the_grammar(tmp_path: Path) -> None:
    path = tmp_path / "lrs.tables"
    grammar.save(path)
    assert grammar.load(path) == grammar.tables(grammar.grammar_text())


def test_saved_tables_are_what_is_used(tmp_path: Path) -> None:
    path = tmp_path / "lrs.tables"
    path.write_text(json.dumps([grammar.grammar_text(), {"rows": []}]))
    assert grammar.load(path) == {"rows": []}


@pytest.mark.parametrize("stale", ["", "[]", "5", "{}", '["start: X", {}]', "\x00"])
def test_stale_saved_tables_are_not(tmp_path: Path, stale: str) -> None:
    path = tmp_path / "lrs.tables"
    path.write_text(stale)
    assert grammar.load(path)["rows"]
