"""The syntax for Vim: it finds the tokens that the language has."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from lrdsl.analysis.tokens import TokenKind
from tests.blocks import ROOT
from tests.editors.highlighted import differences, kinds, texts

pytestmark = pytest.mark.skipif(shutil.which("vim") is None, reason="needs Vim")

FOLDER = ROOT / "editors" / "vim"
GROUPS: dict[str, TokenKind] = {
    "lrsColon": "punctuation",
    "lrsComment": "comment",
    "lrsDocumentation": "documentation",
    "lrsFunction": "function",
    "lrsKeyword": "keyword",
    "lrsKind": "kind",
    "lrsKindComment": "comment",
    "lrsNumber": "number",
    "lrsOperator": "operator",
    "lrsParameter": "variable",
    "lrsPunctuation": "punctuation",
    "lrsString": "string",
    "lrsTarget": "target",
    "lrsVariable": "variable",
    "lrsWord": "word",
}
KNOWN: dict[str, list[str]] = {}


def groups(texts: list[str], folder: Path) -> list[list[str]]:
    """What Vim says of each character of some texts; empty for what is in no group."""
    asked, found = folder / "texts.json", folder / "groups.json"
    asked.write_text(json.dumps(texts, ensure_ascii=False), "utf-8")
    subprocess.run(
        [
            "vim", "-N", "-u", "NONE", "-i", "NONE", "-n", "-es",
            "-c", f"set runtimepath^={FOLDER}", "-c", "syntax enable | filetype plugin on",
            "-c", f"let g:texts = '{asked}' | let g:groups = '{found}'",
            "-S", str(Path(__file__).with_name("vim.vim")),
        ],
        timeout=250, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return [
        _by_character(text, lines)
        for text, lines in zip(texts, json.loads(found.read_text("utf-8")), strict=True)
    ]


def _by_character(text: str, lines: list[list[str]]) -> list[str]:
    found: list[str] = []
    for line, columns in zip(text.split("\n"), lines, strict=True):
        start = 0
        for character in line:
            found.append(columns[start])
            start += len(character.encode())
        found.append("")
    return found[: len(text)]


def test_vim_finds_the_tokens_of_the_language(tmp_path: Path) -> None:
    named = texts()
    wrong: dict[str, list[str]] = {}
    for (name, text), found in zip(named.items(), groups([*named.values()], tmp_path), strict=True):
        wanted = ["" if kind in ("blank", "error") else kind for kind in kinds(text)]
        if lines := differences(text, wanted, [GROUPS.get(group, "") for group in found]):
            wrong[name] = lines
    assert wrong == KNOWN
