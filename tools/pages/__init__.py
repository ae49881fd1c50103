"""What is derived from library, recipes, lints, help texts and grammar: most of it pages.

``python -m tools.pages`` writes them, as ``make goldens`` does; the tests compare them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import lrdsl
from lrdsl.check import library
from lrdsl.preview import Curve
from lrdsl.preview.units import spoken
from lrdsl.resolve.run_arguments import RunArguments
from tools.editors import textmate
from tools.pages import commands, departures, elsewhere, gallery, lints, shapes
from tools.pages.pictures import picture
from tools.pages.recipes import ROOT

DOCS = ROOT / "docs"
FOLDERS = (DOCS / "images" / "gallery", DOCS / "images" / "shapes")
"""What holds derived files only."""


def derived() -> dict[Path, Callable[[], str]]:
    """Every derived file, and what makes its text."""
    found: dict[Path, Callable[[], str]] = {
        DOCS / "reference" / "command-line.md": commands.page,
        DOCS / "reference" / "elsewhere.md": elsewhere.page,
        DOCS / "reference" / "gallery.md": gallery.page,
        DOCS / "reference" / "shapes.md": shapes.page,
        DOCS / "reference" / "language.md": partial(
            _with, "reference/language.md", "shapes", shapes.table
        ),
        DOCS / "how-to" / "checking.md": partial(_with, "how-to/checking.md", "lints", lints.table),
        DOCS / "reference" / "departures.md": partial(
            _with, "reference/departures.md", "runs", departures.table
        ),
        DOCS / "images" / "resnet50.svg": readme_picture,
        textmate.LANGUAGE: textmate.language,
        textmate.IN_YAML: textmate.in_yaml,
        textmate.IN_FLOW_YAML: textmate.in_flow_yaml,
    }
    for name in gallery.pictures():
        found[FOLDERS[0] / f"{name}.svg"] = partial(gallery.picture, name)
    for name in library.names():
        found[FOLDERS[1] / f"{name}.svg"] = partial(shapes.picture, name)
    return found


def readme_picture() -> str:
    """The picture at the top of the README."""
    program = lrdsl.load(ROOT / "examples" / "resnet50.lrs")
    run: RunArguments = {"steps_per_epoch": 1251}
    return picture([Curve("resnet50", program.resolve(**run))], spoken([program], run))


def _with(page: str, name: str, table: Callable[[], str]) -> str:
    """A page with what stands between the two comments of a name made anew."""
    before, start, rest = (DOCS / page).read_text("utf-8").partition(f"<!-- {name} -->\n")
    _, end, after = rest.partition(f"<!-- /{name} -->\n")
    assert start and end, f"docs/{page} has lost the comments around its table of {name}"
    return f"{before}{start}\n{table()}\n{end}{after}"


def surplus() -> list[Path]:
    """Pictures that no page has any more."""
    wanted = derived().keys()
    return [path for folder in FOLDERS for path in folder.glob("*") if path not in wanted]


def write() -> None:
    """Writes every derived file, and removes the surplus."""
    for folder in FOLDERS:
        folder.mkdir(parents=True, exist_ok=True)
    for path, text in derived().items():
        path.write_text(text(), encoding="utf-8")
    for path in surplus():
        path.unlink()
