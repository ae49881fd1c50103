"""The functions of formulas: what they give, and that their two readings agree."""

from __future__ import annotations

import math
from typing import Any

import numpy
import pytest

from lrdsl.arrays import make
from lrdsl.arrays.numpy_arrays import NumpyArrays
from lrdsl.formula.functions import FUNCTIONS
from tests.oracles.closeness import assert_close

WAVE = [-7.5, -2.0, -1.0, -0.5, -1e-9, 0.0, 1e-9, 0.1, 0.5, 1.0, 1.5, 2.0, 3.0, 7.25, 100.0]
ABOVE_0 = [x for x in WAVE if x > 0]

# Arguments of each function: one that runs over many points, and what stands beside it.
POINTS: dict[str, list[tuple[list[float], Any]]] = {
    "if": [(WAVE, lambda f, x: f(x > 1, x, -x))],
    "cos": [(WAVE, lambda f, x: f(x))],
    "sin": [(WAVE, lambda f, x: f(x))],
    "tanh": [(WAVE, lambda f, x: f(x))],
    "exp": [([*WAVE, -800.0], lambda f, x: f(x))],
    "log": [(ABOVE_0, lambda f, x: f(x))],
    "sqrt": [([0.0, *ABOVE_0], lambda f, x: f(x))],
    "floor": [(WAVE, lambda f, x: f(x))],
    "ceil": [(WAVE, lambda f, x: f(x))],
    "abs": [(WAVE, lambda f, x: f(x))],
    "min": [(WAVE, lambda f, x: f(x, 0.5)), (WAVE, lambda f, x: f(1.5, x, -x, 0.25))],
    "max": [(WAVE, lambda f, x: f(x, 0.5)), (WAVE, lambda f, x: f(-1.5, x, -x, 0.25))],
    "passed": [
        (WAVE, lambda f, x: f((), x)),
        (WAVE, lambda f, x: f((1.0,), x)),
        (WAVE, lambda f, x: f((-1.0, 0.0, 0.0, 2.0), x)),
    ],
    "interpolate": [
        (WAVE, lambda f, x: f(x, (0.0,), (3.0,))),
        (WAVE, lambda f, x: f(x, (-1.0, 1.0, 3.0), (5.0, 0.0, 1.0))),
        (WAVE, lambda f, x: f(x, (-1.0, 1.0, 1.0, 3.0), (5.0, 0.0, 1.0, 2.0))),
        (WAVE, lambda f, x: f(x, (1.0, 1.0), (0.25, 0.75))),
    ],
    "pick": [([0.0, 1.0, 2.0, 1.0], lambda f, x: f((0.5, 3.0, -1.0), x))],
}
BY_HAND: dict[str, list[tuple[tuple[Any, ...], float]]] = {
    "if": [((True, 1.0, 2.0), 1.0), ((False, 1.0, 2.0), 2.0)],
    "cos": [((0.0,), 1.0), ((math.pi,), -1.0), ((math.pi / 3,), 0.5)],
    "sin": [((0.0,), 0.0), ((math.pi / 2,), 1.0), ((math.pi / 6,), 0.5)],
    "tanh": [((0.0,), 0.0), ((math.log(2),), 0.6), ((1000.0,), 1.0)],
    "exp": [((0.0,), 1.0), ((1.0,), math.e), ((-1000.0,), 0.0)],
    "log": [((1.0,), 0.0), ((math.e,), 1.0)],
    "sqrt": [((0.0,), 0.0), ((4.0,), 2.0)],
    "floor": [((1.5,), 1), ((-1.5,), -2), ((2.0,), 2)],
    "ceil": [((1.5,), 2), ((-1.5,), -1), ((2.0,), 2)],
    "abs": [((-1.5,), 1.5), ((0.0,), 0.0)],
    "min": [((2.0, 1.0), 1.0), ((3.0, 2.0, 4.0), 2.0)],
    "max": [((2.0, 1.0), 2.0), ((3.0, 2.0, 4.0), 4.0)],
    "passed": [(((1.0, 3.0), 0.0), 0), (((1.0, 3.0), 1.0), 1), (((1.0, 1.0, 3.0), 2.0), 2)],
    "interpolate": [
        ((5.0, (0.0, 10.0), (1.0, 2.0)), 1.5),
        ((-5.0, (0.0, 10.0), (1.0, 2.0)), 1.0),
        ((50.0, (0.0, 10.0), (1.0, 2.0)), 2.0),
        ((4.0, (0.0, 4.0, 4.0, 8.0), (0.0, 1.0, 0.5, 0.0)), 0.5),
    ],
    "pick": [(((5.0, 7.0), 0), 5.0), (((5.0, 7.0), 1.0), 7.0)],
    "last": [(((5.0, 7.0),), 7.0), (((5.0,),), 5.0)],
    "count": [(((),), 0), (((5.0, 7.0),), 2)],
    "ascending": [(((),), True), (((1.0, 1.0, 2.0),), True), (((2.0, 1.0),), False)],
}
RUNNING = [(name, i) for name, cases in POINTS.items() for i in range(len(cases))]


def test_every_function_is_looked_at() -> None:
    assert set(BY_HAND) == set(FUNCTIONS)
    # These ask something of a list alone, and never run over steps.
    assert set(POINTS) == set(FUNCTIONS) - {"ascending", "last", "count"}


@pytest.mark.parametrize("name", BY_HAND)
def test_values_by_hand(name: str) -> None:
    cases = BY_HAND[name]
    found = [FUNCTIONS[name].scalar(*arguments) for arguments, _ in cases]
    assert_close(found, [wanted for _, wanted in cases], peak=1.0)


@pytest.mark.parametrize(("name", "case"), RUNNING, ids=lambda value: str(value))
def test_both_readings_agree(name: str, case: int) -> None:
    points, call = POINTS[name][case]
    scalar, array = FUNCTIONS[name].scalar, FUNCTIONS[name].array(make(NumpyArrays))
    # numpy computes both sides of a jump, and takes one.
    with numpy.errstate(all="ignore"):
        # Where all values are alike there may be one number.
        found = numpy.broadcast_to(call(array, numpy.array(points)), (len(points),))
    assert_close(found, [call(scalar, x) for x in points])


WHOLE: dict[str, tuple[Any, ...]] = {
    "passed": ((-1.5, 0.0, 2.0, 2.5, 2.0**70),),
    "interpolate": ((-1.0, 2.0, 2.0, 5.0), (1.0, 0.5, 0.25, 0.0)),
    "interpolate between steps": ((-1.5, 2.25, 5.0), (1.0, 0.5, 0.0)),
    "interpolate far": ((0.0, 2.0**70), (0.0, 1.0)),
}


@pytest.mark.parametrize("case", WHOLE)
def test_whole_steps_are_looked_up_as_they_are(case: str) -> None:
    name = case.partition(" ")[0]
    lists = WHOLE[case]
    steps = [-3, -1, 0, 1, 2, 3, 4, 5, 6]

    def call(function: Any, t: Any) -> Any:
        return function(*lists, t) if name == "passed" else function(t, *lists)

    found = call(FUNCTIONS[name].array(make(NumpyArrays)), numpy.array(steps))
    assert found.dtype == numpy.float64
    assert_close(found, [call(FUNCTIONS[name].scalar, t) for t in steps])


@pytest.mark.parametrize("name", POINTS)
def test_a_number_is_taken_for_a_curve_of_one_value(name: str) -> None:
    points, call = POINTS[name][-1]
    function = FUNCTIONS[name]
    reading = function.array(make(NumpyArrays))
    found = [call(reading, x) for x in points]
    assert [float(x) for x in found] == [call(function.scalar, x) for x in points]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_called_as_its_signature_says(name: str) -> None:
    function = FUNCTIONS[name]
    words = function.signature.removeprefix(f"{name}(").removesuffix(")").split(", ")
    assert function.most == (None if words[-1] == "…" else len(words))
    assert function.least == len(words) - (words[-1] == "…")


@pytest.mark.parametrize(("name", "argument"), [("log", 0.0), ("log", -1.0), ("sqrt", -1.0)])
def test_what_has_no_value_is_no_value(name: str, argument: float) -> None:
    with pytest.raises(ValueError):
        FUNCTIONS[name].scalar(argument)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("pick", ((5.0, 7.0), 2)),
        ("pick", ((5.0, 7.0), -1)),
        ("last", ((),)),
        ("interpolate", (1.0, (), ())),
    ],
)
def test_a_list_without_such_an_item_has_no_value(name: str, arguments: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError, match=r"no such item|no points"):
        FUNCTIONS[name].scalar(*arguments)
