"""The grammar has nothing to spare, and the parser saved at build time is the parser."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import lark
import pytest

from lrdsl.text import grammar
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


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("saved") / "lrs.parser"
    grammar.save(path)
    return path


@pytest.mark.parametrize("text", [*TEXTS, RARE], ids=lambda text: text[:40])
def test_the_saved_parser_gives_the_same_trees(parser: lark.Lark, saved: Path, text: str) -> None:
    assert grammar.load(saved=saved).parse(text) == parser.parse(text)


@pytest.mark.parametrize("text", ["const(", "const(5))", "let = 5", "const(\uff15)", "1 = 2"])
def test_the_saved_parser_refuses_the_same_texts(parser: lark.Lark, saved: Path, text: str) -> None:
    with pytest.raises(lark.UnexpectedInput) as built:
        parser.parse(text)
    with pytest.raises(lark.UnexpectedInput) as loaded:
        grammar.load(saved=saved).parse(text)
    assert type(loaded.value) is type(built.value)
    assert loaded.value.pos_in_stream == built.value.pos_in_stream


def test_a_saved_parser_is_what_is_used(tmp_path: Path) -> None:
    """One that carries the right key and nothing else is read, and cannot be."""
    path = tmp_path / "lrs.parser"
    path.write_bytes(grammar.key(grammar.grammar_text()).encode() + b"nothing")
    with pytest.raises(pickle.UnpicklingError):
        grammar.load(saved=path)


@pytest.mark.parametrize(
    "stale", [b"", b"0" * 64 + b"nothing", b"0"], ids=["empty", "other", "cut"]
)
def test_a_stale_saved_parser_is_not(tmp_path: Path, stale: bytes) -> None:
    path = tmp_path / "lrs.parser"
    path.write_bytes(stale)
    assert grammar.load(saved=path).parse("const").data == "start"


def test_the_key_is_that_of_the_grammar_and_of_lark() -> None:
    text = grammar.grammar_text()
    assert grammar.key(text) != grammar.key(text + "\n")
    assert re.fullmatch("[0-9a-f]{64}", grammar.key(text))
