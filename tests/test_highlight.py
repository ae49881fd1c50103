"""The Pygments lexer: its pieces are the text, and they are those of the language."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.token import Comment, Error, Keyword, Name, Number, Operator, Punctuation, String

from lrdsl.analysis.tokens import KINDS, TokenKind
from lrdsl.highlight import STYLES, LrsLexer
from lrdsl.text import grammar
from tests.blocks import ROOT, Block, blocks
from tests.strategies import damaged, programs

FILES = [
    *sorted((ROOT / "examples").rglob("*.lrs")),
    *sorted((ROOT / "tests").rglob("*.lrs")),
    ROOT / "lrdsl" / "prelude.lrs",
]
WRONG = [
    "",
    "é",
    "warmup(5) >> cosine(20, é",
    "warmup(5",
    'lr["head',
    'lr["head # no comment',
    "let",
    "let x = ",
    "$ lrdsl check",
    "def f(n: steps, x) = ] ) const",
    "\ufeffwarmup(5)",
    "\r\n\t # one\r\n## two",
    "warmup(5) ; cosine(3)\x00\x07",
    "1e5e5 5epp .5.5 >>> >== => !",
]


def pieces(text: str) -> list[tuple[object, str]]:
    """What a text is highlighted as, without its blanks; checks that nothing is lost or moved."""
    found = list(LrsLexer().get_tokens_unprocessed(text))
    assert "".join(piece for _, _, piece in found) == text
    place = 0
    for start, _, piece in found:
        assert (start, bool(piece)) == (place, True)
        place += len(piece)
    return [(style, piece) for _, style, piece in found if piece.strip()]


def errors(text: str) -> list[str]:
    return [piece for style, piece in pieces(text) if style is Error]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_file_that_parses_is_highlighted_throughout(path: Path) -> None:
    text = path.read_text("utf-8")
    assert errors(text) == []


def test_there_are_files_and_blocks() -> None:
    assert len(FILES) > 30
    assert len(blocks("lrs")) > 70


@pytest.mark.parametrize("block", blocks("lrs"), ids=repr)
def test_a_block_of_the_docs_is_highlighted_throughout(block: Block) -> None:
    assert errors(block.text) == []


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_text_is_kept_as_it_is(text: str) -> None:
    pieces(text)


@given(st.one_of(programs(), damaged(), st.text()))
def test_any_text_is_kept_as_it_is(text: str) -> None:
    pieces(text)


@given(programs())
def test_a_program_has_no_errors(text: str) -> None:
    assert errors(text) == []


def test_what_follows_an_error_is_highlighted() -> None:
    assert pieces("warmup(5, é) >> const") == [
        (Name.Function, "warmup"),
        (Punctuation, "("),
        (Number, "5"),
        (Punctuation, ","),
        (Error, "é"),
        (Punctuation, ")"),
        (Operator, ">>"),
        (Name.Variable, "const"),
    ]


def test_what_each_word_is() -> None:
    text = (
        "# a note\n## Verb: climbs.\nshape f(n: steps, xs: [numbers], p = 2) where p > 0 = base\n"
        'lr["head"]: f(10%, mult = prev)'
    )
    found = [(style, piece) for style, piece in pieces(text) if style is not Punctuation]
    assert found == [
        (Comment.Single, "# a note"),
        (String.Doc, "## Verb: climbs."),
        (Keyword.Declaration, "shape"),
        (Name.Function, "f"),
        (Name.Variable, "n"),
        (Keyword.Type, "steps"),
        (Name.Variable, "xs"),
        (Keyword.Type, "numbers"),
        (Name.Variable, "p"),
        (Operator, "="),
        (Number, "2"),
        (Keyword.Declaration, "where"),
        (Name.Variable, "p"),
        (Operator, ">"),
        (Number, "0"),
        (Operator, "="),
        (Name.Builtin.Pseudo, "base"),
        (Name.Tag, "lr"),
        (String, '"head"'),
        (Name.Function, "f"),
        (Number, "10%"),
        (Name.Variable, "mult"),
        (Operator, "="),
        (Name.Builtin.Pseudo, "prev"),
    ]


def test_every_terminal_has_a_style() -> None:
    terminals = {terminal.name for terminal in grammar.build(grammar.grammar_text()).terminals}
    assert set(KINDS) == terminals - {"BLANK"} | {""}
    assert set(STYLES) == set(get_args(TokenKind))


def test_other_tools_find_the_lexer_by_name() -> None:
    assert isinstance(get_lexer_by_name("lrs"), LrsLexer)
    assert isinstance(get_lexer_for_filename("resnet50.lrs"), LrsLexer)
