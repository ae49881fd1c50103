"""What every array library is asked: schedules of all kinds, with the runs they need."""

from __future__ import annotations

from typing import Any

import lrdsl
from lrdsl import Schedule
from lrdsl.check import library
from tests.library import DEFINITIONS
from tools.pages import recipes

EXAMPLES = {
    name: text
    for name, definition in DEFINITIONS.items()
    if (text := library.notes(definition).example) is not None
}
RECIPES = {recipe.name: recipe for _, drawn in recipes.pictures() for recipe in drawn}

# Those that are more than a shape or two: text and run.
COMBINED: dict[str, tuple[str, dict[str, Any]]] = {
    "warm-up": ("warmup(5) >> cosine(85, 0.3, 0.01) >> const", {}),
    "one value": ("const(value = 0.3)", {}),
    "single steps": ("const(1, 0.3) >> linear(1, 0.2, 0) >> warmup(1, 0, 1) >> const(2)", {}),
    "stretch and decay": (
        "repeat(cosine(15, 0.3, 0.01) >> linear(5), 4, stretch = 2, decay = 0.5)",
        {},
    ),
    "thirds": ("restarts(100%, 1, 0.3, 0.01, times = 7)", {"total": 100}),
    "thirds for ever": ("repeat(cosine(7ep / 3, 0.3, 0.01))", {"steps_per_epoch": 10}),
    "held thirds": ("over(90, repeat(cosine(7ep / 3, 1, 0), 3))", {"steps_per_epoch": 10}),
    "decay for ever": ("warmup(3) >> repeat(linear(7, 0.3, 0.01), decay = 0.5)", {}),
    "long cycles": ("repeat(warmup(600, 0, 0.1) >> linear(700, 0.1, 0), decay = 0.5)", {}),
    "cycles of cycles": (
        "repeat(repeat(linear(2.3ep, 1, 0.2) >> const(1.1ep, 0.3), 3) >> linear(1.7ep, 0.2, 0.1))",
        {"steps_per_epoch": 1},
    ),
    "lower cycles of cycles": (
        "repeat(over(9.3ep, max(repeat(cosine(2.3ep, 1, 0), 3, decay = 0.5), 0.1)), 40)",
        {"steps_per_epoch": 1},
    ),
    "held": ("over(100, repeat(linear(3, 0.1, 1), 7) >> const(5))", {}),
    "cut": ("until(37, warmup(9, 0.1, 1) >> cosine(99, 1, 0.2)) >> linear(20, prev, 0.1)", {}),
    "entered": ("warmup(9, 0.1, 1) >> skip(13, repeat(cosine(7, 1, 0.2), 9)) * 0.5", {}),
    "held a stretch": ("every(9, warmup(20, 0.1, 1) >> skip(20, cosine(99, 1, 0.2)))", {}),
    "held a fraction": (
        "const(0.4ep, 1) >> every(7ep / 3, linear(90.7ep, 1, 0.2)) >> const(9)",
        {"steps_per_epoch": 1},
    ),
    "pointwise": (
        "min(0.5, (warmup(10, 0, 1) >> cosine(20)) * exponential(0.99, start = 1), poly(30, 1, 0))",
        {},
    ),
    "arithmetic": ("max((linear(30, 1, 0) + step(10, 0.5, start = 1)) / 2 - 0.25, 1e-3)", {}),
    "adaptive": ("const(50) * adaptive(1, 2, max = 4) >> linear(10)", {}),
    "plateau": ("warmup(5) >> const(50) * plateau(0.5) >> linear(10)", {}),
    "a choice": ("shape a(length: steps) = if(u < 0.3, u, if(t >= 20.5, 1, v ^ 2)) a(40)", {}),
    "a root": ("warmup(10, ease = sqrt) >> cooldown(20, ease = one_minus_sqrt)", {}),
    "far milestones": ("multistep([30, 3B, 5000B], length = 10000B)", {}),
}


def schedules() -> dict[str, tuple[str, dict[str, Any]]]:
    """All texts, and their runs, by name."""
    found: dict[str, tuple[str, dict[str, Any]]] = {
        f"example {name}": (text, {}) for name, text in EXAMPLES.items()
    }
    return {**found, **COMBINED}


def schedule(name: str) -> Schedule:
    """One of the schedules, laid out."""
    if name in RECIPES:
        return RECIPES[name].schedule()
    text, run = schedules()[name]
    found = lrdsl.parse(text).resolve(**run)
    return found.after({event.key: 17 for event in found.events})


NAMES = [*schedules(), *RECIPES]


def steps_of(found: Schedule) -> list[int]:
    """Steps of a schedule: around the ends of its parts, the first ones, some between and after."""
    last = int(min(found.length, 3000))
    ends = [part.start_step for part in found.parts] + [int(min(found.length, 2**30))]
    near = {max(0, end + more) for end in ends for more in (-2, -1, 0, 1, 2)}
    between = {last * i // 37 for i in range(38)}
    return sorted({*range(40), *near, *between, last + 1000})


def factors_of(found: Schedule) -> tuple[float, ...] | None:
    """Some factors for the meters of a schedule."""
    return tuple(0.5 for _ in found.meters) or None
