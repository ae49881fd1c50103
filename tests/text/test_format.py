"""The formatter: golden cases, and what holds for every program."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lrdsl
from lrdsl.text.format import formatted
from lrdsl.text.format_tokens import comments, pieces
from lrdsl.text.line_breaking import WIDTH
from lrdsl.text.nodes import Definition, Module
from lrdsl.text.parse import parse_module
from lrdsl.text.source import Source, Span
from tests import strategies

ROOT = Path(lrdsl.__file__).parents[1]
CASES = sorted((Path(__file__).parent / "format_cases").glob("*.in.lrs"))
EXAMPLES = sorted((ROOT / "examples").rglob("*.lrs"))
UPDATE = bool(os.environ.get("LRDSL_UPDATE_GOLDENS"))


def parsed(text: str) -> Module:
    module, errors = parse_module(Source("a.lrs", text))
    assert errors == []
    return module


def fmt(text: str) -> str:
    return formatted(parsed(text))


def meaning(node: Any) -> Any:
    """A tree without its places."""
    if isinstance(node, tuple):
        return tuple(map(meaning, node))
    if hasattr(node, "__match_args__"):
        fields = {name: getattr(node, name) for name in node.__match_args__}
        kept = {n: meaning(v) for n, v in fields.items() if not isinstance(v, Span | Source)}
        return type(node).__name__, kept
    return node


def written(text: str) -> tuple[list[str], list[str]]:
    """The tokens of a text but for closing commas, and its comments."""
    found = [piece.text for piece in pieces(text)]
    kept = [a for a, b in pairwise([*found, ""]) if not (a == "," and b in {")", "]"})]
    return kept, sorted(word for c in comments(text) for word in c.text.split())


def holds(text: str) -> str:
    """Checks what is true of every text, and gives its formatted one."""
    tree = parsed(text)
    new = formatted(tree)
    again = parsed(new)
    assert meaning(again) == meaning(tree)
    assert written(new) == written(text)
    assert formatted(again) == new
    assert [line for line in new.splitlines() if line != line.rstrip()] == []
    assert "\n\n\n" not in new
    assert new == "" or (new.endswith("\n") and not new.startswith("\n"))
    return new


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name.partition(".")[0])
def test_golden(path: Path) -> None:
    found = holds(path.read_bytes().decode())
    wanted = path.with_name(path.name.replace(".in.", ".out."))
    if UPDATE:
        wanted.write_text(found, encoding="utf-8", newline="\n")
    assert found == wanted.read_bytes().decode()


def test_every_output_has_an_input() -> None:
    outputs = (Path(__file__).parent / "format_cases").glob("*.out.lrs")
    assert {p.name.replace(".out.", ".in.") for p in outputs} == {p.name for p in CASES}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_and_recipes_are_laid_out(path: Path) -> None:
    text = path.read_text("utf-8")
    assert holds(text) == text


@strategies.MANY
@given(strategies.programs())
def test_any_program(text: str) -> None:
    """Only a line that cannot be broken is wider than others."""
    program = lrdsl.parse(text)
    new = holds(text)
    assert lrdsl.parse(new) == program
    for line in new.splitlines():
        code = line.partition("  #")[0]
        assert len(code) <= WIDTH or (" >> " not in code.strip() and not code.startswith("#"))


_GAPS = st.sampled_from(
    [" ", "  ", "\n", "\n\n\n", "\t", "\r\n", " # c\n", "\n# own\n", "\n\n  ## two\n", "#\n"]
)


@strategies.MANY
@given(strategies.programs(), st.data())
def test_any_program_with_comments_anywhere(text: str, data: st.DataObject) -> None:
    run = pieces(text)
    new = ""
    for piece, following in zip(run, [*run[1:], None], strict=True):
        new += piece.text
        # These touch what follows them, or share its line.
        joined = piece.kind in {"CALLEE", "TARGET"} or (following and following.kind == "COLON")
        new += "" if joined or following is None else data.draw(_GAPS)
    holds(new)


@pytest.mark.parametrize("spelling", ["1_000", "10k", "1E-3", ".5", "0.50", "5ep", "2Btok", "10%"])
def test_numbers_stay_as_they_are_spelled(spelling: str) -> None:
    assert spelling in fmt(f"let x={spelling} const(value=x)")


def test_documentation_stays_with_its_definition() -> None:
    text = "let a=1\n## One.\n##   Two.\ndef f(n)=const(n) f(a)"
    (definition,) = (
        s for s in parsed(fmt(text)).statements if isinstance(s, Definition) and s.keyword == "def"
    )
    assert definition.doc == "One.\n  Two."


@pytest.mark.parametrize("after", [0, 1, 2])
def test_lines_are_broken_where_they_have_to_be(after: int) -> None:
    start = "const(5) >> const(value = 0."
    text = start + "1" * (WIDTH - len(start) - 2 + after) + ")"
    assert len(text) == WIDTH - 1 + after
    assert len(fmt(text).splitlines()) == (1 if after < 2 else 2)
