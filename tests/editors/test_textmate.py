"""The TextMate grammars: VS Code's engine finds the tokens that the language has."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import get_args

import pytest

import lrdsl
from lrdsl.analysis.tokens import TokenKind
from tests.blocks import ROOT
from tests.editors.highlighted import differences, kinds, texts
from tools import npm
from tools.editors import textmate

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or shutil.which("npm") is None, reason="needs Node.js with npm"
)

Scopes = list[list[str]]

# A TextMate grammar sees a line at a time. A word that ends its line is taken for what it most
# likely is; it is a name in these cases.
KNOWN = {
    "scalars": ["58: 'scalar': 'keyword.other.lrs', not 'variable.other.lrs'"],
    "a name at the end of its line": [
        "9: 'run': 'keyword.other.lrs', not 'variable.other.lrs'",
    ],
    "a run whose sign is apart": ["0: 'run': 'variable.other.lrs', not 'keyword.other.lrs'"],
}


@pytest.fixture(scope="module")
def modules() -> Path:
    return npm.install(ROOT / "tools" / "editors", ROOT / "build" / "npm-editors")


def scopes(modules: Path, texts: list[str], *, yaml: bool = False) -> list[Scopes]:
    """The scopes of each character of some texts, the innermost last."""
    resources = modules / "@codingame" / "monaco-vscode-yaml-default-extension" / "resources"
    asked = {
        "modules": str(modules),
        "grammars": [
            *map(str, (textmate.LANGUAGE, textmate.IN_YAML, textmate.IN_FLOW_YAML)),
            *map(str, resources.glob("*.tmLanguage.json")),
        ],
        "scope": "source.yaml" if yaml else "source.lrs",
        "injections": ["injection.lrs.yaml", "injection.lrs.flow.yaml"],
        "texts": texts,
    }
    done = subprocess.run(
        ["node", str(Path(__file__).with_name("textmate.cjs"))],
        input=json.dumps(asked), capture_output=True, text=True, encoding="utf-8", check=True,
    )  # fmt: skip
    return [
        _by_character(text, pieces)
        for text, pieces in zip(texts, json.loads(done.stdout), strict=True)
    ]


def _by_character(text: str, pieces: list[tuple[int, int, list[str]]]) -> Scopes:
    found: Scopes = [[] for _ in text]
    for start, end, names in pieces:
        found[start:end] = [names] * (end - start)
    return found


def own(names: list[str]) -> str:
    """The scope of a piece; empty for what has only that of a whole text."""
    last = names[-1] if names else ""
    return last if last.endswith(".lrs") and not last.startswith(("source.", "meta.")) else ""


def wanted(text: str) -> list[str]:
    return [textmate.SCOPES.get(kind, "") for kind in kinds(text)]


def test_every_kind_has_a_scope() -> None:
    assert {*textmate.SCOPES} == {*get_args(TokenKind)} - {"blank", "error"}
    assert len({*textmate.SCOPES.values()}) == len(textmate.SCOPES)


def test_the_engine_of_vs_code_finds_the_tokens_of_the_language(modules: Path) -> None:
    named = texts()
    assert len(named) > 150
    found = scopes(modules, [*named.values()])
    wrong = {
        name: lines
        for (name, text), each in zip(named.items(), found, strict=True)
        if (lines := differences(text, wanted(text), [own(names) for names in each]))
    }
    assert wrong == KNOWN


YAML = {
    "plain": "optimizer:\n  schedule: !lrs warmup(5) >> cosine(20, 0.3)  # why\nnext: base\n",
    "in a list": "a:\n- !lrs warmup(5) >> const\n-   - b: !lrs base\n- base: 5\n",
    "alone": "!lrs warmup(5)\n",
    "plain, over lines": "a: !lrs warmup(5)\n  >> cosine(20,\n    0.3)\nb: base >> 3\n",
    "plain, below its tag": "a:\n  b: !lrs\n    warmup(5) >>\n    const\n  base: 3\n",
    "in double quotes": 'a: !lrs "lr: warmup(5) >> const"  # base\nbase: "base"\n',
    "in double quotes, over lines": 'a: !lrs "warmup(5)\n  >> const"\nb: "base"\n',
    "in single quotes": "a: !lrs 'lr[\"head\"]: warmup(5) >> const'\nbase: 'base'\n",
    "below its tag, in quotes": "a: !lrs\n  'warmup(5)'\nb: !lrs\n  \"const\"\nbase: 3\n",
    "literal": (
        "a:\n  b: !lrs |\n    # why\n    let n = 5\n\n    lr: warmup(n)\n      >> const\n"
        "  c: base  # d\ne: prev\n"
    ),
    "folded": "a: !lrs >-\n  warmup(5)\n  >> cosine(20,\n  0.3)\nb: 5\n",
    "literal, with the indentation said": "a: !lrs |2-\n   warmup(5)\n  >> const\nb: 5\n",
    "literal, in a list": "- !lrs |  # why\n  warmup(5)\n- !lrs >\n  const\n- base\n",
    "literal, at the end": "a: !lrs |\n  warmup(5)",
    "in a mapping in brackets": "a: {b: !lrs warmup(5) >> const, base: 3, c: !lrs 'const(3, 4)'}\n",
    "in a list in brackets": 'a: [!lrs warmup(5) >> const, base, !lrs "const(3, 4)"]\nbase: 3\n',
    "in brackets, over lines": "a: {\n  b: !lrs warmup(5),  # base\n  c: base}\n",
    "a key in quotes": "\"a\": !lrs const(5)\n'b c': !lrs base\n",
    "a key with a sign": "a#b: !lrs warmup(5)\n",
    "a later key of a mapping": "a:\n  b: 4\n  c: !lrs warmup(5)\n    >> const  # d\n  e: base\n",
    "a later key, literal": "a:\n  b: 4\n  c: !lrs |\n    base\n\n    >> const\n  e: base\nf: 3\n",
    "a later key, in quotes": "a:\n  b: 4\n  c: !lrs 'base'\n  e: !lrs\n    \"base\"\n  f: base\n",
    "mappings in a list": "- a: 3\n  b: !lrs base\n  c: base\n- d: !lrs |\n    base\n  e: base\n",
    "deep": "a:\n  b:\n    c: 3\n    d: !lrs >\n      base\n    e: base\n  f: !lrs base\ng: base\n",
    "after a mapping in brackets": "a: {b: 3}\nc:\n  d: SGD\n  e: !lrs warmup(5)\n  f: 3\n",
    "two documents": "a: !lrs warmup(5)\n---\nb: !lrs const\n",
}
PLAIN = {
    "no tag": "a: warmup(5) >> const\nb: base\n",
    "a comment": "a: 3  # !lrs warmup(5)\n# b: !lrs base\n",
    "a text": "a: '!lrs warmup(5)'\nb: \"!lrs base\"\n",
    "a block": "a: |\n  b: !lrs warmup(5)\n",
    "another tag": "a: !lrsx base\nb: !lr base\n",
}


def expected(text: str) -> list[str]:
    """The scopes that the schedules of a config have at each character of it."""
    found = [""] * len(text)
    for schedule in lrdsl.analyze_config(text, name="a.yaml").schedules:
        for token in schedule.tokens:
            scope = textmate.SCOPES.get(token.kind, "")
            found[token.start : token.end] = [scope] * (token.end - token.start)
    return found


def test_schedules_in_yaml_are_highlighted_and_nothing_else(modules: Path) -> None:
    named = YAML | PLAIN
    found = scopes(modules, [*named.values()], yaml=True)
    wrong = {
        name: lines
        for (name, text), each in zip(named.items(), found, strict=True)
        if (lines := differences(text, expected(text), [own(names) for names in each]))
    }
    assert wrong == {}
    assert all(any(expected(text)) for text in YAML.values())


def test_strings_in_double_quotes_are_strings(modules: Path) -> None:
    schedule = 'lr["head"]: warmup(5) >> own("lr_scale")'
    text = 'a: !lrs "' + schedule.replace('"', '\\"') + '"\nb: "c"\n'
    (found,) = scopes(modules, [text], yaml=True)
    quoted = [scope for one, scope in zip(schedule, wanted(schedule), strict=True)
              for _ in range(2 if one == '"' else 1)]  # fmt: skip
    start = text.index('"') + 1
    end = start + len(quoted)
    assert differences(text[start:end], quoted, [own(names) for names in found[start:end]]) == []
    assert not any(own(names) for names in [*found[:start], *found[end:]])


def test_what_surrounds_a_schedule_stays_yaml(modules: Path) -> None:
    text = "a:\n  b: !lrs |  # why\n    base\n  c: !lrs const  # why\n- d: !lrs 'const'\n"
    (found,) = scopes(modules, [text], yaml=True)
    for name in "abcd":
        assert "entity.name.tag.yaml" in found[text.index(f"{name}:")], name
    assert {found[start][-1].split(".")[0] for start in places(text, "# why")} == {"comment"}
    assert {found[start][-1] for start in places(text, "!lrs")} == {"storage.type.tag.lrs.yaml"}


def places(text: str, piece: str) -> list[int]:
    return [match.start() for match in re.finditer(re.escape(piece), text)]
