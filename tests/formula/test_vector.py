"""The reading of formulas for arrays: what it computes, when, and in which numbers."""

from __future__ import annotations

import ast
import dis
import math
from types import FunctionType
from typing import Any

import numpy
import pytest

from lrdsl.formula.formula import ZERO, Apply, Const, Var
from lrdsl.formula.kernel import Kernel
from lrdsl.formula.python_nodes import TWO
from tests.formula.test_kernel import array, codes
from tests.oracles.closeness import assert_close

T = Var("t")


def loaded(curve: Any) -> list[str]:
    """The functions that a curve names, each as often as it does."""
    instructions = (i for code in codes(curve.__code__) for i in dis.get_instructions(code))
    return [i.argval for i in instructions if i.opname == "LOAD_GLOBAL"]


def test_an_array_computes_what_is_repeated_once() -> None:
    wave = Apply.of("sin", T)
    chosen = Apply.of("if", Apply.of("<", T, Const(3.0)), wave, Apply.of("exp", wave))
    kernel = Kernel("test", [], chosen)
    scalar, vector = kernel.scalar([]), array(kernel, [])
    assert loaded(scalar).count("sin") == 2  # a step takes one of the two
    assert loaded(vector).count("sin") == 1
    assert_close(vector(numpy.arange(5.0)), [scalar(t) for t in range(5)])


def test_what_only_one_side_repeats_is_computed_in_that_side() -> None:
    wave = Apply.of("sin", T)
    twice = Apply.of("*", Apply.of("exp", wave), wave)
    kernel = Kernel("test", [], Apply.of("if", Apply.of("<", T, Const(3.0)), twice, T))
    vector = array(kernel, [], 5, 9)
    assert loaded(vector).count("sin") == 1
    steps = numpy.array([5, 9])
    assert vector(steps).tolist() == [5.0, 9.0]
    names = {**vector.__globals__, "sin": None}  # nobody calls it
    again = FunctionType(vector.__code__, names, "curve", None, vector.__closure__)
    assert again(steps).tolist() == [5.0, 9.0]


def test_what_does_not_move_is_computed_once() -> None:
    factor = Apply.of("exp", Var("a"))
    kernel = Kernel("test", ["a"], Apply.of("*", factor, Apply.of("+", factor, T)))
    vector = array(kernel, [2.0])
    assert "number_exp" not in loaded(vector)
    assert_close(vector(numpy.arange(5)), [kernel.scalar([2.0])(t) for t in range(5)])


def test_halves_go_into_the_numbers_beside_them() -> None:
    half = Apply.of("/", Apply.of("*", Var("a"), Apply.of("sin", T)), Const(2.0))
    kernel = Kernel("test", ["a"], half)
    module = kernel.python("stretch")
    assert module is not None
    assert [n.func.id for n in ast.walk(module) if isinstance(n, ast.Call) and isinstance(
        n.func, ast.Name)] == ["sin", "multiply"]  # fmt: skip
    out = numpy.empty(5)
    in_place = kernel.stretch([0.3], numpy)
    assert in_place is not None
    in_place(numpy.arange(5.0), out)
    assert_close(out, [kernel.scalar([0.3])(t) for t in range(5)])


def test_an_array_computes_the_side_it_needs() -> None:
    """A side that no step between the first and the last takes is not: it would raise here."""
    chosen = Apply.of("if", Apply.of("<", T, Const(3.0)), T, Apply.of("log", T))
    kernel = Kernel("test", [], chosen)
    with numpy.errstate(all="raise"):
        assert array(kernel, [], 0, 2)(numpy.array([0.0, 1.0])).tolist() == [0.0, 1.0]
        found = array(kernel, [], 3, 9)(numpy.array([3.0, 4.0]))
        assert_close(found, [math.log(3.0), math.log(4.0)])
        with pytest.raises(FloatingPointError):
            array(kernel, [], 0, 9)(numpy.array([0.0, 4.0]))


LIMITS = {
    "t < 3": (Apply.of("<", T, Const(3.0)), (0, 2), (3, 9)),
    "t < 2.5": (Apply.of("<", T, Const(2.5)), (0, 2), (3, 9)),
    "3 > t": (Apply.of(">", Const(3.0), T), (0, 2), (3, 9)),
    "t <= 2.5": (Apply.of("<=", T, Const(2.5)), (0, 2), (3, 9)),
    "t <= 2": (Apply.of("<=", T, Const(2.0)), (0, 2), (3, 9)),
    "t > 2.5": (Apply.of(">", T, Const(2.5)), (3, 9), (0, 2)),
    "t >= 2.5": (Apply.of(">=", T, Const(2.5)), (3, 9), (0, 2)),
    "t == 2": (Apply.of("==", T, Const(2.0)), (2, 2), (3, 9)),
    "t == 2.5": (Apply.of("==", T, Const(2.5)), None, (0, 9)),
    "t != 2": (Apply.of("!=", T, Const(2.0)), (3, 9), (2, 2)),
    "u < 0.3": (Apply.of("<", Var("u"), Const(0.3)), (0, 2), (3, 9)),
    "v > 0.7": (Apply.of(">", Var("v"), Const(0.71)), (0, 2), (3, 9)),
    "v == 1": (Apply.of("==", Var("v"), Const(1.0)), (0, 0), (1, 9)),
}


@pytest.mark.parametrize("case", LIMITS)
def test_what_all_steps_answer_alike_is_decided_before(case: str) -> None:
    condition, yes, no = LIMITS[case]
    kernel = Kernel("test", ["length"], Apply.of("if", condition, T, Apply.of("-", ZERO, T)))
    scalar = kernel.scalar([10.0])
    for steps in (numpy.arange(10), numpy.arange(10.0)):
        found = array(kernel, [10], 0, 9)(steps)
        assert found.tolist() == [scalar(t) for t in range(10)]
    for span, wanted in ((yes, "yes"), (no, "no")):
        if span is not None and case != "v == 1":
            taken = array(kernel, [10], *span)
            names = {**taken.__globals__, "choose": _decided(wanted)}
            FunctionType(taken.__code__, names, "curve", None, taken.__closure__)(numpy.arange(2))


def _decided(wanted: str) -> Any:
    def choose(condition: object, yes: object, no: object) -> float:
        assert condition is (wanted == "yes")
        return 0.0

    return choose


WHOLE = {
    "floor((t + 1) / 30)": Apply.of(
        "floor", Apply.of("/", Apply.of("+", T, Const(1.0)), Const(30.0))
    ),
    "floor(t / 2)": Apply.of("floor", Apply.of("/", T, TWO)),
    "floor(t / 2.5)": Apply.of("floor", Apply.of("/", T, Const(2.5))),
    "remainder(3 t, 7)": Apply.of(
        "-",
        Apply.of("*", Const(3.0), T),
        Apply.of(
            "*",
            Const(7.0),
            Apply.of("floor", Apply.of("/", Apply.of("*", Const(3.0), T), Const(7.0))),
        ),
    ),
    "length - t": Apply.of("-", Var("length"), T),
}


@pytest.mark.parametrize("case", WHOLE)
def test_whole_steps_are_divided_as_they_are(case: str) -> None:
    kernel = Kernel("test", ["length"], WHOLE[case])
    scalar = kernel.scalar([100.0])
    steps = list(range(70))
    for values in (numpy.array(steps), numpy.array(steps, dtype=float)):
        found = array(kernel, [100], 0, 69)(values)
        assert found.dtype == numpy.float64
        assert found.tolist() == [scalar(t) for t in steps]
