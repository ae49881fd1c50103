"""What mutation testing left unnoticed: writes ``docs/mutation.md``.

    python -m tools.mutants [FOLDER]

Reads what ``mutmut run`` found, in the checkout or in another folder, and says of each change that
no test and no type noticed why that is so.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from tools.unnoticed import REASONS

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "mutation.md"
# What is said of a change that no reason fits.
UNKNOWN = "Not explained yet"
# So much of a line is shown around what changed in it.
AROUND, SHOWN = 40, 160
# The status of what mypy refuses, and of what was not tried.
REFUSED, UNTRIED = "caught by type check", "not checked"

_HEAD = """\
# Mutation testing

Written by `make mutation`. It changes the code of formulas, of the layout, of the checker and of
the torch targets in {total:,} small ways, one at a time (with mutmut {version}), and sees whether
mypy refuses the change or one of the tests fails. **{share:.1%} are noticed.** What is not noticed
is listed below, under the reason.{more}

"""
_UNTRIED = """

Another {count:,} changes have not been tried yet. The command goes on where it was stopped."""


class Mutant(NamedTuple):
    """One change.

    Attributes:
        path: the file, from the package on.
        function: the function or method.
        status: what came of it, in mutmut's words.
        before: what stood there; empty unless nothing noticed the change.
        after: what stood there then.
    """

    path: str
    function: str
    status: str
    before: str
    after: str

    @property
    def noticed(self) -> bool:
        """Whether a test failed, did not end, or mypy refused it."""
        return self.status in {"killed", "timeout", "segfault", REFUSED}

    @property
    def reason(self) -> str:
        """Why nothing noticed it."""
        shown = f"{self.path} {self.function}: {self.before} => {self.after}"
        return next((why for why, patterns in REASONS.items() if _any(patterns, shown)), UNKNOWN)


def _any(patterns: Iterable[str], text: str) -> bool:
    return any(re.search(pattern, text) for pattern in patterns)


def results(folder: Path) -> str:
    """What mutmut says of every change.

    Args:
        folder: where ``mutmut run`` ran.
    """
    command = [sys.executable, "-m", "mutmut", "results", "--all", "true"]
    told = subprocess.run(command, cwd=folder, capture_output=True, check=True, encoding="utf-8")
    return told.stdout


def tried(listing: str, folder: Path) -> Iterator[Mutant]:
    """Every change that has been tried.

    Args:
        listing: what :func:`results` returned.
        folder: where ``mutmut run`` ran.
    """
    for line in listing.splitlines():
        name, _, status = line.strip().partition(": ")
        if status == UNTRIED:
            continue
        module, _, mangled = name.rpartition(".")
        path = f"{module.replace('.', '/')}.py"
        function = re.sub(r"__mutmut_\d+$", "", mangled)
        said = function.removeprefix("x").replace("ǁ", ".").removeprefix("_").removeprefix(".")
        mutant = Mutant(path.removeprefix("lrdsl/"), said, status, "", "")
        if not mutant.noticed:
            texts = _functions(folder / "mutants" / path)
            before, after = change(texts[f"{function}__mutmut_orig"], texts[mangled])
            mutant = mutant._replace(before=before, after=after)
        yield mutant


@cache
def _functions(path: Path) -> dict[str, list[str]]:
    """The lines of every function that mutmut wrote, without their names."""
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    mutated = [n for n in nodes if isinstance(n, ast.FunctionDef) and "__mutmut_" in n.name]
    return {node.name: ast.unparse(node).replace(node.name, "").splitlines() for node in mutated}


def change(old: list[str], new: list[str]) -> tuple[str, str]:
    """What differs between the lines of two functions, with something around it."""
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    parts = [block[1:] for block in blocks if block[0] != "equal"]
    before = " ".join(line.strip() for i, j, _, _ in parts for line in old[i:j])
    after = " ".join(line.strip() for _, _, i, j in parts for line in new[i:j])
    same = takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False))
    start = max(0, len(list(same)) - AROUND)
    return before[start:][:SHOWN], after[start:][:SHOWN]


def page(mutants: list[Mutant], untried: int, version: str) -> str:
    """The text of the page.

    Args:
        mutants: the changes that were tried.
        untried: how many were not.
        version: of mutmut.
    """
    more = _UNTRIED.format(count=untried) if untried else ""
    parts = [
        _HEAD.format(total=len(mutants), version=version, share=_share(mutants), more=more),
        _table(mutants),
    ]
    left = [mutant for mutant in mutants if not mutant.noticed]
    for reason in (*REASONS, UNKNOWN):
        if those := [mutant for mutant in left if mutant.reason == reason]:
            parts.append(f"## {reason}\n\n{_listed(those)}")
    return "\n".join(parts)


def _share(mutants: list[Mutant]) -> float:
    return sum(mutant.noticed for mutant in mutants) / len(mutants)


def _table(mutants: list[Mutant]) -> str:
    head = "| | changes | a test fails | mypy refuses | left | noticed |"
    rows = [head, "|:--|--:|--:|--:|--:|--:|"]
    for folder in [*dict.fromkeys(mutant.path.partition("/")[0] for mutant in mutants), ""]:
        those = [mutant for mutant in mutants if mutant.path.startswith(folder)]
        refused = sum(mutant.status == REFUSED for mutant in those)
        left = sum(not mutant.noticed for mutant in those)
        counts = (len(those), len(those) - refused - left, refused, left)
        cells = [folder or "all", *(f"{count:,}" for count in counts), f"{_share(those):.1%}"]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def _listed(mutants: list[Mutant]) -> str:
    lines = ["```diff"]
    above = ""
    for mutant in mutants:
        where = f"@@ {mutant.path}: {mutant.function} @@"
        lines += [where] if where != above else []
        above = where
        lines += [f"-{mutant.before}", f"+{mutant.after}"]
    return "\n".join([*lines, "```", ""])


def main(folder: Path) -> None:
    """Writes the page, and says what has no reason yet."""
    from importlib.metadata import version

    listing = results(folder)
    mutants = list(tried(listing, folder))
    PAGE.write_text(page(mutants, listing.count(UNTRIED), version("mutmut")), encoding="utf-8")
    unexplained = [mutant for mutant in mutants if not mutant.noticed and mutant.reason == UNKNOWN]
    sys.stdout.write(f"{PAGE.relative_to(ROOT)}: {_share(mutants):.1%} noticed\n")
    sys.stdout.write(_listed(unexplained) if unexplained else "")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT)
