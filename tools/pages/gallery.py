"""``docs/reference/gallery.md``: every recipe with its source, its text and its picture."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lrdsl.preview.units import spoken
from tools.pages import pictures as svg
from tools.pages import recipes
from tools.pages.recipes import FOLDER, ROOT, Recipe

INTRODUCTION = """\
# Gallery

Schedules as they were published, in the order of their years. Each is a file of
[examples/recipes](../../examples/recipes), drawn as `lrdsl preview` draws it, for the run that its
comments name. Rates are absolute, so the optimizer's own does not matter. What a shape does stands
in [shapes.md](shapes.md).
"""


def page() -> str:
    """The page, without the pictures."""
    return "\n".join([INTRODUCTION, *(_section(*entry) for entry in recipes.pictures())])


def pictures() -> dict[str, Sequence[Recipe]]:
    """The recipes of each picture, by its name."""
    return dict(recipes.pictures())


def picture(name: str) -> str:
    """The picture of that name, as SVG."""
    drawn = pictures()[name]
    unit = spoken([recipe.program for recipe in drawn], recipes.run(drawn[0].words))
    return svg.picture([recipe.curve() for recipe in drawn], unit)


def _section(name: str, drawn: Sequence[Recipe]) -> str:
    first = drawn[0]
    title = first.title.rpartition(": ")[0] if len(drawn) > 1 else first.title
    remarks = [_linked(first.remarks), ""] if first.remarks else []
    programs = _table(drawn) if len(drawn) > 1 else _program(first)
    shown = title if len(drawn) > 1 else " ".join(_code(first).split())
    image = f"![{shown}](../images/gallery/{name}.svg)"
    lines = [f"## {title}", "", _linked(first.source), "", *remarks, *programs, "", image, ""]
    return "\n".join(lines)


def _program(recipe: Recipe) -> list[str]:
    return [
        f"{_file(recipe)}, drawn with `{recipe.options()}`:",
        "",
        f"<!-- run: {recipe.words} -->",
        "```lrs",
        recipe.text.rstrip("\n"),
        "```",
    ]


def _table(drawn: Sequence[Recipe]) -> list[str]:
    """Several short programs for the same run."""
    rows = [f"| {recipe.label} | `{_code(recipe)}` | {_file(recipe)} |" for recipe in drawn]
    head = ["| curve | program | file |", "|---|---|---|"]
    return [f"Drawn with `{drawn[0].options()}`:", "", *head, *rows]


def _file(recipe: Recipe) -> str:
    file = recipe.path.relative_to(FOLDER)
    return f"[{file.name}](../../{recipe.path.relative_to(ROOT).as_posix()})"


def _code(recipe: Recipe) -> str:
    """The program without its comments."""
    lines = recipe.text.splitlines()
    return "\n".join(line for line in lines if line and not line.startswith("#"))


def _linked(text: str) -> str:
    """A text whose papers and repositories can be followed."""
    text = re.sub(r"arXiv:(\d{4}\.\d{5})", r"[arXiv:\1](https://arxiv.org/abs/\1)", text)
    return re.sub(r"https://github\.com/([\w-]+/[\w-]+)", r"[\1](https://github.com/\1)", text)
