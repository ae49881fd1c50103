"""What no lint may say a word about: our examples, and schedules of other systems in their runs.

``ordinary.json`` holds the schedules, each with the place where it was read, what is said there,
its text, the run it is used in, and the rates that its optimizer is built with. A place is a file
of a repository at a commit, an object of a package at a version, whose documentation is meant, or
a page. The run is empty where the place names none. What the place leaves to a default of its
system or to the size of a data set, such as ImageNet's 1,281,167 images, is taken from there.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TypedDict, cast

import pytest
import torch

import lrdsl
from lrdsl.check import library
from lrdsl.resolve.run_arguments import RunArguments
from tests.diagnostics.examples import findings, read_run
from tools.pages import recipes

HERE = Path(__file__).parent
EXAMPLES = sorted(path for path in recipes.FOLDER.parent.glob("*.lrs"))
RECIPES = sorted(recipes.FOLDER.rglob("*.lrs"))


DEFINITIONS = [found for name in library.names() if (found := library.find(name))]
EXAMPLES_OF_LIBRARY = {
    found.name: example for found in DEFINITIONS if (example := library.notes(found).example)
}


class Ordinary(TypedDict):
    """A schedule as its file has it."""

    source: str
    what: str
    text: str
    run: str
    base: dict[str, float]


ORDINARY = cast(list[Ordinary], json.loads((HERE / "ordinary.json").read_text("utf-8")))
REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+@[0-9a-f]{8}: \S+")
PACKAGE = re.compile(r"\w+==[0-9.]+: [\w.]+")
PAGE = re.compile(r"https://\S+")


def compiled(text: str, run: RunArguments, bases: dict[str, float]) -> None:
    """Compiles a text for an optimizer with a group for each base; any finding is an error."""
    groups = [
        {"params": [torch.nn.Parameter(torch.ones(1))], "lr": base, "name": name}
        for name, base in bases.items()
    ]
    lrdsl.compile(text, torch.optim.SGD(groups, momentum=0.9), lint="error", **run)


def test_there_are_enough_of_them_and_each_says_where_it_is_from() -> None:
    assert len(ORDINARY) >= 130
    assert len({(case["source"], case["what"]) for case in ORDINARY}) == len(ORDINARY)
    for case in ORDINARY:
        assert any(form.fullmatch(case["source"]) for form in (REPOSITORY, PACKAGE, PAGE))


@pytest.mark.parametrize("case", ORDINARY, ids=lambda case: f"{case['source']}, {case['what']}")
def test_a_schedule_of_another_system_is_silent(case: Ordinary) -> None:
    assert findings(case["text"], read_run(case["run"])) == []
    compiled(case["text"], read_run(case["run"]), case["base"])


@pytest.mark.parametrize(
    "text", ["warmup(10%) >> linear(rest, 2e-5)", "warmup(5%) >> cosine(rest, 0.4)"]
)
def test_an_optimizer_may_be_left_at_its_default_rate(text: str) -> None:
    """As DINO leaves AdamW, and writes its rates into the schedule."""
    compiled(text, {"total": 1000}, {"all": 1e-3})


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
@pytest.mark.parametrize("base", [1e-3, 0.1])
def test_a_recipe_is_silent(path: Path, base: float) -> None:
    run = recipes.run(recipes.read(path).words)
    assert findings(path.read_text("utf-8"), run) == []
    compiled(path.read_text("utf-8"), run, {"all": recipes.read(path).schedule()(10**4) or base})


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_silent(path: Path) -> None:
    # A step of this one is an epoch, as it says.
    steps = 1.0 if path.stem == "d2l_cosine" else 1251.0
    run: RunArguments = {"total": "90ep", "steps_per_epoch": steps}
    assert findings(path.read_text("utf-8"), run) == []
    compiled(path.read_text("utf-8"), run, {"all": 0.4})


@pytest.mark.parametrize("name", EXAMPLES_OF_LIBRARY)
def test_an_example_of_the_library_is_silent(name: str) -> None:
    text = EXAMPLES_OF_LIBRARY[name]
    assert [d for d in findings(text, {}) if d.severity == "warning"] == []
