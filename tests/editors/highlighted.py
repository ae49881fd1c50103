"""Texts to highlight, and what lrdsl's own tokens say of each character of one."""

from __future__ import annotations

from lrdsl.analysis.tokens import TokenKind, tokens
from tests.blocks import ROOT, blocks

FILES = [
    *sorted((ROOT / "examples").rglob("*.lrs")),
    *sorted((ROOT / "tests").rglob("*.lrs")),
    ROOT / "lrdsl" / "prelude.lrs",
]
HARD = {
    "a word of the library as a name": "lr: warmup(base = 3)\nrest: const  pi(3)",
    "words that are parts of names": "letter defined params shapes runs whereas bases scalars",
    "a definition": (
        "## Doc.\nshape f(n: steps, xs: [numbers], *, ease: function = x, base: rate)\n"
        "  where n > 0, p != 2 = base * xs  # end ## no doc"
    ),
    "a kind apart from its colon": "def f(n:\n  steps, m : # why\n  [ # how\n numbers ]) = n",
    "names after kinds": "def f(n: steps = m, xs: [numbers]) = f(x)(y: z) g:[h] [i: [j]]",
    "a bracket of the other kind closes": "f([a: b) c: d] e: f",
    "more close than open": ") ] f: g (h: i)",
    "targets": 'lr["a:b"]: x  lr [0, betas] : y  momentum: z  lr["é"]: w',
    "a target in brackets": "(lr: x [lr: y] lr: z) lr: w",
    "runs": "run total = 90ep, 1ep = 100st\nrun 90ep\nrun(3) run = 3 run == 3 run total == 3",
    "a run over lines": "run\n  total = 90ep\nrun # why\n total = 2",
    "scalars": 'scalar weight: x  scalar w["a"] : y  scalar = 3 scalar(4) scalar',
    "a scalar over lines": "scalar\n  weight: const",
    "a name at the end of its line": "const(\n  run\n)",
    "a run whose sign is apart": "run total\n  = 3",
    "numbers": "5 0.3 .5 1e-5 1E+5 1_000 10k 5ep 10% 2Btok 1e 1e- 1e5e5 5epp .5.5 1..2 3.e-4x",
    "operators": "a>>b >>> >= <= == != > < = ! + - * / ^",
    "strings": '"a" "" "# none" "é" "open',
    "comments": "#\n##\n###\n#### x\n# a ## b\n\t# c",
    "no tokens": "é ; $ a;b {x} 'y' &",
    "letters elsewhere": "leté clét café x² warmup(5, ñ)",
    "line ends": "let x = 3\r\n# c\r\nlr: warmup(5)\r\n",
    "unfinished": "warmup(5) >> cosine(20, en",
    "nothing": "",
}


def texts() -> dict[str, str]:
    """Files, blocks of the docs and hard cases, by name."""
    files = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in FILES}
    return files | {repr(block): block.text for block in blocks("lrs")} | HARD


def kinds(text: str) -> list[TokenKind]:
    """The kind of each character."""
    return [token.kind for token in tokens(text) for _ in range(token.start, token.end)]


def differences(text: str, wanted: list[str], found: list[str]) -> list[str]:
    """The stretches of a text of which two lists say different things, a line each."""
    lines: list[str] = []
    start = 0
    while start < len(text):
        end = start + 1
        if wanted[start] != found[start]:
            same = wanted[start], found[start]
            while end < len(text) and (wanted[end], found[end]) == same:
                end += 1
            lines.append(f"{start}: {text[start:end]!r}: {found[start]!r}, not {wanted[start]!r}")
        start = end
    return lines
