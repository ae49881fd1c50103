"""What shows a text asks its analysis, and reaches for nothing below it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_import_boundary import ROOT

# Where texts are shown: files, by pattern.
SURFACES = ("lsp/**/*.py", "page/**/*.py", "analysis/notebook.py", "cli/drawing.py",
            "cli/resolving.py", "cli/commands/check.py", "cli/commands/explain.py",
            "cli/commands/fmt.py", "cli/commands/lsp.py", "cli/commands/preview.py",
            "cli/commands/serve.py")  # fmt: skip
# What they would compute for themselves otherwise.
BELOW = ("lrdsl.check", "lrdsl.formula", "lrdsl.lints", "lrdsl.schedule", "lrdsl.text",
         "lrdsl.resolve.resolve", "lrdsl.resolve.without_run")  # fmt: skip
# Types that annotations name, and how a number of an option is spelled.
ALLOWED = {
    ("analysis/notebook.py", "lrdsl.schedule.schedule"),
    ("cli/commands/explain.py", "lrdsl.check.targets"),
    ("cli/commands/preview.py", "lrdsl.text.numbers"),
    ("cli/drawing.py", "lrdsl.text"),
    ("cli/resolving.py", "lrdsl.check.targets"),
}


def surfaces() -> list[Path]:
    found = [path for pattern in SURFACES for path in (ROOT / "lrdsl").glob(pattern)]
    return sorted(set(found))


def reached(text: str) -> Iterator[str]:
    """The modules that a file imports past the analysis."""
    for node in ast.walk(ast.parse(text)):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom) and node.module:
            # `from lrdsl import check` names a folder, and `from lrdsl.text.parse import x` a file.
            whole = node.module == "lrdsl"
            names = [f"lrdsl.{a.name}" for a in node.names] if whole else [node.module]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            if any(name == one or name.startswith(f"{one}.") for one in BELOW):
                yield name


@pytest.mark.parametrize("path", surfaces(), ids=lambda path: path.name)
def test_a_surface_reaches_no_further_than_its_analysis(path: Path) -> None:
    file = path.relative_to(ROOT / "lrdsl").as_posix()
    found = reached(path.read_text("utf-8"))
    assert [name for name in found if (file, name) not in ALLOWED] == []


def test_a_surface_that_does_is_found() -> None:
    lines = ("from lrdsl.text.parse import parse_module", "import lrdsl.lints.engine")
    text = "\n".join((*lines, "from lrdsl import check, analyze"))
    assert [*reached(text)] == ["lrdsl.text.parse", "lrdsl.lints.engine", "lrdsl.check"]
