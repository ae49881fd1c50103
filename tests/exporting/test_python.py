"""``lrdsl export --to python``: the functions are the schedule at every step."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import pytest

import lrdsl
from lrdsl import Part, Resolved
from tests.exporting import programs
from tests.exporting.programs import library_texts, random_texts, recipe_programs, resolved
from tests.library import PARTS

BASE = 0.7
# Steps after the end, where the last value is held, and as many as are looked at without an end.
AFTER, ENDLESS = 5, 2_000


def functions(code: str) -> dict[str, Callable[..., float]]:
    """The public functions of a file."""
    names: dict[str, Callable[..., float]] = {}
    exec(compile(code, "<exported>", "exec"), names)
    found = re.findall(r"^def ([a-z]\w*)\(step: int", code, re.MULTILINE)
    return {name: names[name] for name in found}


def parts(found: tuple[Part, ...]) -> int:
    """The parts of a schedule, those inside of others too."""
    return sum(1 + parts(part.children) for part in found)


def assert_equal(one: Resolved, code: str) -> None:
    """Compares every function of a file with its schedule, at every step."""
    curves = functions(code)
    assert len(curves) == len(one)
    for schedule, curve in zip(one.values(), curves.values(), strict=True):
        steps = range(
            int(min(schedule.length, ENDLESS) if math.isinf(schedule.length) else schedule.length)
            + AFTER
        )
        base = () if "base" not in curve.__code__.co_varnames else (BASE,)
        wanted = schedule.values(len(steps), base=BASE)
        unit = math.ulp(wanted.max())
        found = [curve(step, *base) for step in steps]
        assert abs(found - wanted).max() <= 4 * unit


def lines_of(one: Resolved, code: str) -> tuple[int, int]:
    """The lines of a file without the text it quotes, and the most that it may have."""
    quoted = len(one.program.source.strip("\n").split("\n"))
    allowed = 3 * sum(parts(schedule.parts) for schedule in one.values()) + 20
    return len(code.splitlines()) - quoted, allowed


@pytest.mark.parametrize("name", PARTS)
def test_every_part_of_the_library(name: str) -> None:
    for text in library_texts(name):
        one = resolved(text, total=programs.TOTAL)
        assert_equal(one, lrdsl.export(one))


@pytest.mark.parametrize("name", recipe_programs())
def test_every_recipe(name: str) -> None:
    one = recipe_programs()[name]
    code = lrdsl.export(one)
    assert_equal(one, code)
    found, allowed = lines_of(one, code)
    assert found <= allowed


def test_random_programs() -> None:
    compared = longer = 0
    for text in random_texts():
        one = resolved(text)
        code = lrdsl.export(one)
        assert_equal(one, code)
        found, allowed = lines_of(one, code)
        longer += found > allowed
        compared += 1
    assert compared >= programs.RANDOM
    assert longer <= compared / 100
