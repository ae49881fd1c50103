"""The blocks of README and docs."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

import lrdsl

ROOT = Path(lrdsl.__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


class Block:
    """A fenced block of a page.

    Attributes:
        place: its page and line.
        language: what it is written in.
        mark: the comment on the line above it, without its delimiters.
        text: what it says.
    """

    def __init__(self, page: Path, match: re.Match[str]) -> None:
        line = match.string.count("\n", 0, match.start("fence")) + 1
        self.place = f"{page.name}:{line}"
        self.language, self.text = match["language"], match["text"]
        self.mark = (match["mark"] or "").strip()

    def __repr__(self) -> str:
        return self.place


BLOCK = re.compile(
    r"^(?:<!-- (?P<mark>[^\n]*) -->\n)?(?P<fence>```)(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@cache
def _all() -> list[Block]:
    return [Block(page, m) for page in PAGES for m in BLOCK.finditer(page.read_text("utf-8"))]


def blocks(language: str) -> list[Block]:
    """The blocks of every page in one language."""
    return [block for block in _all() if block.language == language]


def each(language: str, *, marked: str = "") -> pytest.MarkDecorator:
    """One test for each block, or each block with a mark."""
    found = [block for block in blocks(language) if block.mark.startswith(marked)]
    assert found
    return pytest.mark.parametrize("block", found, ids=repr)
