"""Habits of writing that make a reader stumble, wherever lrdsl speaks to one.

Only what a machine can see; the rest is for whoever reads a text before it is committed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

import lrdsl
from lrdsl.check import library
from lrdsl.cli import COMMANDS
from lrdsl.diagnostics import catalogue
from tests.blocks import BLOCK, PAGES, ROOT
from tests.test_public import documented
from tools.pages import commands

PACKAGE = Path(lrdsl.__file__).parent
QUOTED = {"benchmarks.md", "command-line.md"}
"""Pages of numbers, and of help, which is read as it is printed."""

BRITISH = (
    r"licence|colou\w+|behaviour\w*|neighbour\w*|favou\w+|honou\w+|\w*labelled|misspelt|grey|centre"
    r"|(?:maxim|minim|normal|initial|summar|special|general|serial)is(?:e[sd]?|ing|ation)"
)

# What to look for, and what to write instead.
WORDS = {
    # A schedule that lags is behind, or falls behind.
    r"(?<!left )(?<!falls )(?<!fell )(?<!far )(?<!is )behind": "`after`",
    r"for ever": "`forever`",
    BRITISH: "American spelling",
    r"thousand million|thousands of millions": "`billion`",
}
TURNS = {
    r"(is|are) (to be )?told": "`gets`, or name who says it",
    r"(?<!there )(?<!that )(is|are) (?-i:none)": "`is not a …`, `has no …`, `invalid`",
    r"hands? (it |them )?(on|out)": "`passes`",
    r"stands? (in|at|on|beside|under|above|below|there|alone)": "`is in`, `goes on`",
    r"(is|are) had": "`comes from`, or an imperative",
    r"without a word": "`silently`",
    r"(is|are) asked for": "`is requested`, or name who asks",
    r"thing else than|another \w+ than": "`other than`, `a different …`",
    r"mostly": "`usually`, for what happens often",
    r"who reads|who wants|who has": "`readers`, `if you …`",
    r"simply|obviously|of course|easily|please|really|quite|very(?! Fast)": "nothing: leave it out",
}


def prose(text: str) -> str:
    """A text without its code: in blocks, in backticks, in links and comments."""
    text = BLOCK.sub("", text)
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r"``.+?``|`[^`\n]+`|\]\([^)]*\)", "", text)
    return re.sub(r"^\s*>>> .*\n.*$", "", text, flags=re.MULTILINE)


@cache
def docstrings() -> list[tuple[str, str]]:
    """Every docstring of the package, by its place."""
    return [
        (f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}", ast.get_docstring(node) or "")
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.Module)
    ]


@cache
def read() -> list[tuple[str, str]]:
    """What a user reads, by its place: pages, explanations, help, shapes and public docstrings."""
    return [*_read()]


def _read() -> Iterator[tuple[str, str]]:
    for page in [*PAGES, ROOT / "CHANGELOG.md"]:
        if page.name not in QUOTED:
            yield str(page.relative_to(ROOT)), prose(page.read_text("utf-8"))
    for slug in catalogue.CODES:
        yield f"page of {slug}", prose(catalogue.page(slug))
    yield "help", re.sub(r"`.*?`", "", "".join(map(commands.section, COMMANDS)))
    for name in library.names():
        definition = library.find(name)
        assert definition
        yield f"shape {name}", prose(definition.doc)
    for name, thing in documented():
        yield f"lrdsl.{name}", prose(thing.__doc__ or "")


def found(pattern: str, texts: Iterable[tuple[str, str]]) -> list[str]:
    """Every place where a pattern is found, with the words around it."""
    habit = re.compile(rf"\b({pattern})\b", re.IGNORECASE)
    return [
        f"{place}: … {' '.join(text[max(0, m.start() - 40) : m.end() + 30].split())} …"
        for place, text in texts
        for m in habit.finditer(text)
    ]


@pytest.mark.parametrize("habit", WORDS)
def test_a_word_is_nowhere(habit: str) -> None:
    assert found(habit, read()) == [], WORDS[habit]
    assert found(habit, docstrings()) == [], WORDS[habit]


@pytest.mark.parametrize("folder", ["lrdsl", "tests", "tools"])
def test_spelling_is_american_in_code_too(folder: str) -> None:
    """Names have no boundaries between their words that a pattern of words would see."""
    texts = [
        (
            str(path.relative_to(ROOT)),
            re.sub(r"_|(?<=[a-z])(?=[A-Z])", " ", path.read_text("utf-8")),
        )
        for path in (ROOT / folder).rglob("*.py")
        if path.name != Path(__file__).name
    ]
    assert len(texts) > 5
    assert found(BRITISH, texts) == []


def test_roles_of_sphinx_are_in_no_docstring() -> None:
    roles = re.compile(r":[a-z]+:`")
    assert [place for place, text in docstrings() if roles.search(text)] == []


@pytest.mark.parametrize("habit", TURNS)
def test_a_turn_is_in_nothing_that_users_read(habit: str) -> None:
    assert found(habit, read()) == [], TURNS[habit]


def test_code_is_no_prose() -> None:
    text = "It is `behind`.\n\n```lrs\n# behind\n```\n\n[a](behind.md) <!-- behind --> behind"
    (only,) = found("behind", [("here", prose(text))])
    assert only.endswith("behind …")
