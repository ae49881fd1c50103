"""The derived pages are those that ``make goldens`` writes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from lrdsl.check import library
from lrdsl.cli import main
from tests.library import names_elsewhere
from tools import pages
from tools.pages import gallery, recipes, shapes
from tools.pages.recipes import ROOT

DERIVED = pages.derived()


@pytest.mark.parametrize("path", DERIVED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_derived_file_is_up_to_date(path: Path) -> None:
    found = path.read_text("utf-8") if path.exists() else ""
    assert found == DERIVED[path](), "stale: run `make goldens`"


def test_nothing_else_lies_among_the_pictures() -> None:
    assert pages.surplus() == []


def test_writing_changes_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "FOLDERS", (tmp_path / "a",))
    monkeypatch.setattr(pages, "derived", lambda: {tmp_path / "a" / "b.svg": lambda: "new"})
    pages.FOLDERS[0].mkdir()
    (tmp_path / "a" / "old.svg").write_text("old", encoding="utf-8")
    assert pages.surplus() == [tmp_path / "a" / "old.svg"]
    pages.write()
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b.svg"]
    assert (tmp_path / "a" / "b.svg").read_text("utf-8") == "new"


def test_pictures_are_those_of_the_command_line(tmp_path: Path) -> None:
    recipe = next(drawn[0] for name, drawn in recipes.pictures() if name == "gpt3")
    path = tmp_path / "curve.svg"
    words = ["preview", str(recipe.path), *recipe.options().split(), "-o", str(path)]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    # A page calls it by its title, the command line by its file.
    drawn, shown = path.read_text("utf-8"), gallery.picture("gpt3")
    title = f"<title>{recipe.path}</title>"
    assert drawn.replace(title, "<title>GPT-3</title>") == shown


def test_a_picture_is_small() -> None:
    sizes = sorted(len(DERIVED[path]()) for path in DERIVED if path.suffix == ".svg")
    assert sizes[len(sizes) // 2] < 1500
    assert sizes[-3] < 2500
    assert sizes[-2] < 6000  # seven curves
    assert sizes[-1] < 8000  # 300 stairs


@pytest.mark.parametrize("page", ["gallery.md", "shapes.md"])
def test_a_page_shows_every_picture_once(page: str) -> None:
    text = (pages.DOCS / "reference" / page).read_text("utf-8")
    folder = pages.DOCS / "images" / page.removesuffix(".md")
    shown = re.findall(r"^!\[.*\]\((.*)\)$", text, re.MULTILINE)
    assert len(shown) == len(set(shown)) > 10
    assert {pages.DOCS / link.removeprefix("../") for link in shown} == set(folder.iterdir())


def test_what_a_metric_drives_is_drawn_with_its_drops() -> None:
    for name in ("plateau", "reduce_on_plateau"):
        (line,) = re.findall(r'stroke-width="2".* d="M(.*)"', shapes.picture(name))
        assert len(set(line.split()[1::2])) > 3


def test_what_a_helper_computes_is_called_no_rate() -> None:
    assert ">value</text>" in shapes.picture("between")
    assert ">rate</text>" in shapes.picture("cosine")


def test_the_page_of_shapes_has_every_definition_in_order() -> None:
    headings = re.findall(r"^### `(\w+)`$", shapes.page(), re.MULTILINE)
    assert headings == list(library.names())
    listed = re.findall(r"^\| \[`(\w+)\(.*\)`\]", shapes.table(), re.MULTILINE)
    assert listed == list(library.names())


def test_every_name_elsewhere_stands_in_the_table() -> None:
    _, _, table = shapes.page().partition("## Names in other systems\n")
    there = " ".join(line.split("|")[2] for line in table.splitlines() if line.startswith("| "))
    for definition in filter(None, map(library.find, library.names())):
        for name in names_elsewhere(definition):
            assert name in there
