"""Bounds find what looking at thousands of places finds, and say nothing that is not so."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lrdsl
from lrdsl.check.library import notes
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.formula.bounds import Undecided
from lrdsl.formula.formula import UNDEFINED
from lrdsl.program import Program
from lrdsl.schedule import faults
from lrdsl.schedule.block import Block
from lrdsl.schedule.bounds import block_bounds
from lrdsl.schedule.views import blocks_of, faults_of
from tests import library, strategies

RECIPES = sorted(Path(__file__).parents[2].glob("examples/recipes/**/*.lrs"))
# Curves that are no rates somewhere, each in its own way; 1e5 steps leave room between probes.
FAULTY = [
    "linear(100k, 0.1, -0.1)",
    "cosine(100k, 0.1, -1e-9)",
    "warmup(100k, -1e-12, 0.1) >> const",
    "shape f(length: steps) = 0.5 - u f(99_999)",
    "shape f(length: steps) = sin(9 * u) f(99_999) >> const(10, 0.1)",
    "shape f(length: steps) = 1 / (u - 0.5) f(100k)",
    "shape f(length: steps) = log(0.7 - u) + 9 f(100k)",
    "shape f(length: steps) = if(u < 0.3, 1, 1 - 2 * u) f(100k)",
    "shape f(length: steps) = interpolate(t, [0, 50k, 100k], [1, -0.25, 1]) f(100k)",
    "shape f(length: steps) = pick([1, 0.5, -1], passed([10, 60k], t)) f(100k)",
    "shape f(length: steps) = exp(900 * u) f(100k)",
    "shape f(length: steps) = (0.5 - u) ^ 3 f(100k)",
    "shape f(length: steps) = (0.5 - u) ^ 0.5 f(100k)",
    "shape f(length: steps) = remainder(t, 7) - 0.1 f(100k)",
    "shape f(length: steps) = cos(t) f(100k)",
    "shape f(length: steps = rest) = 1 - t / 100 f",
    "const(10, 0.1) - linear(50k, 0.2, 0.05)",
    "repeat(linear(5k, 0.3, -0.1), 4)",
    "repeat(linear(5k, 0.3, 0.1), 4, decay = 0.5) - 0.05",
    "max(linear(50k, 1, -1), -0.5)",
    "over(100k, linear(60k, 1, 0) >> const(value = -1))",
    "linear(100k, base, -base)",
    "linear(100k, 0.1, base - 1.5)",
]


def everywhere(block: Block, *_: object) -> list[tuple[int, int]]:
    """What takes the place of bounds: no stretch is known to be good."""
    return [(0, faults.FAR if math.isinf(block.length) else int(block.length))]


def outcome(text: str, base: float, run: Mapping[str, Any]) -> list[Diagnostic]:
    """What is found wrong with a program when it is laid out, and for a base."""
    try:
        schedules = Program(text).resolve_all(**run)
    except LrsError as error:
        return list(error.diagnostics)
    return [found for schedule in schedules.values() for found in faults_of(schedule, base)]


def assert_same(
    text: str, base: float, run: Mapping[str, Any] = strategies.RUN
) -> list[Diagnostic]:
    """Asserts that bounds change nothing in what is found."""
    found = outcome(text, base, run)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(faults, "_doubtful", everywhere)
        assert found == outcome(text, base, run)
    return found


@pytest.mark.parametrize("text", FAULTY)
def test_what_is_wrong_is_found(text: str) -> None:
    assert assert_same(text, 1.0)


def test_what_is_wrong_far_out_is_found() -> None:
    (found,) = assert_same("shape f(length: steps = rest) = 1 - t / 1M f", 1.0, {})
    assert "turns negative at step 1,000,001" in found.message


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_recipes(path: Path) -> None:
    assert_same(path.read_text(), 0.1)


@strategies.SOME
@given(strategies.programs(), st.sampled_from([1.0, 0.1, -2.0, 0.0, 1e300]))
def test_programs(text: str, base: float) -> None:
    assert_same(text, base)


@strategies.SOME
@given(st.data(), st.sampled_from([">> const", "* 3 - 0.1", ">> linear(9, 1, -1)"]))
def test_the_library(data: st.DataObject, after: str) -> None:
    part = data.draw(st.sampled_from(library.PARTS).flatmap(library.calls))
    assert_same(f"({part.text}) {after}", 1.0)


def values(block: Block, env: object, first: int, last: int) -> Iterator[float]:
    """Some values of a stretch, its ends among them."""
    curve = block.scalar(env)  # type: ignore[arg-type]
    for i in range(65):
        with suppress(*UNDEFINED):
            yield curve(first + (last - first) * i // 64)


@strategies.SOME
@given(st.data())
def test_no_value_is_outside_its_bounds(data: st.DataObject) -> None:
    programs = st.sampled_from(library.PARTS).flatmap(library.calls).map(lambda part: part.text)
    text = data.draw(programs | strategies.programs())
    with suppress(LrsError):
        schedules = lrdsl.parse(text).resolve_all(**strategies.RUN)
        for schedule in schedules.values():
            for _, block, env in blocks_of(schedule, 0.3):
                end = 10**6 if math.isinf(block.length) else int(block.length)
                first, last = sorted(data.draw(st.tuples(*[st.integers(0, end)] * 2)))
                with suppress(Undecided):
                    low, high = block_bounds(block, env, first, last)
                    found = list(values(block, env, first, last))
                    assert len(found) == 65
                    assert low <= min(found)
                    assert max(found) <= high


@pytest.mark.parametrize("name", library.PARTS)
def test_most_of_the_library_needs_no_samples(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    example = notes(library.DEFINITIONS[name]).example
    assert example is not None
    monkeypatch.setattr(faults, "_first_fault", None)
    Program(example).resolve(total=1000)


def test_what_grows_without_bound_is_told_to_end() -> None:
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse("exponential(1.05)").resolve()
    (found,) = caught.value.diagnostics
    assert (found.slug, found.span.text) == ("not-finite", "exponential(1.05)")
    assert found.help == (
        "it grows without bound: give this part a `length`, after which its value is held"
    )
    assert lrdsl.parse("exponential(1.05, length = 100)").resolve().length == 100
