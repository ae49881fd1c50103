"""What is exported in these tests, and how what comes out is compared with the schedule."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

import lrdsl
from lrdsl import Resolved
from lrdsl.check import library as shapes
from tests import library, strategies
from tools.pages import recipes

RANDOM = 300
# The run of the calls of the library.
TOTAL = 600


def drawn(strategy: st.SearchStrategy[str], count: int) -> tuple[str, ...]:
    """Examples of a strategy, always the same ones, without repetitions."""
    found: dict[str, None] = {}

    @seed(20)
    @settings(
        max_examples=count, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(strategy)
    def collect(text: str) -> None:
        found[text] = None

    collect()
    return tuple(found)


@lru_cache(maxsize=1)
def random_texts() -> tuple[str, ...]:
    """Programs of the generator, which fit its run."""
    return drawn(strategies.programs(), RANDOM * 6 // 5)[:RANDOM]


@cache
def library_texts(name: str) -> tuple[str, ...]:
    """Calls of a part of the library, with arguments that were drawn."""
    return drawn(library.calls(name).map(lambda call: call.text), 12)[-4:]


@lru_cache(maxsize=1)
def recipe_programs() -> dict[str, Resolved]:
    """The recipes, laid out for the runs that they were published with."""
    found = [recipe for _, pictures in recipes.pictures() for recipe in pictures]
    return {r.name: r.program.resolve_all(**recipes.run(r.words)) for r in found}


def resolved(text: str, **run: Any) -> Resolved:
    """A program, laid out for the run that `random_texts` fit."""
    return lrdsl.parse(text).resolve_all(**(run or strategies.RUN))


def examples() -> dict[str, Resolved]:
    """The examples of the library: one of everything in it that has a formula."""
    sections = shapes.sections()
    left_out = {
        name for section, names in sections.items() for name in names
        if section == "driven by a metric" or section.startswith("events")
    }  # fmt: skip
    texts = {name: notes.example for name, notes in shapes.all_notes().items()}
    return {
        name: resolved(text, total=100)
        for name, text in texts.items()
        if text is not None and name not in left_out
    }
