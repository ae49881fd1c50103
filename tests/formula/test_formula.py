"""Formulas: simplified without changing a value, and sorted by their powers of base."""

from __future__ import annotations

import math
import pickle
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lrdsl.formula.formula import (
    NOTHING,
    NUMBER,
    ONE,
    UNDEFINED,
    ZERO,
    Apply,
    Const,
    Degrees,
    Formula,
    Var,
    apply,
    degrees,
    evaluate,
    substitute,
    variables,
)
from tests.formula import strategies

X, Y = Var("x"), Var("y")
SIMPLIFIED = {
    "0*x": (Apply.of("*", ZERO, X), ZERO),
    "x*0": (Apply.of("*", X, ZERO), ZERO),
    "x*1": (Apply.of("*", X, ONE), X),
    "1*x": (Apply.of("*", ONE, X), X),
    "x+0": (Apply.of("+", X, ZERO), X),
    "0+x": (Apply.of("+", ZERO, X), X),
    "x-0": (Apply.of("-", X, ZERO), X),
    "1-u": (Apply.of("-", ONE, Var("u")), Var("v")),
    "1-v": (Apply.of("-", ONE, Var("v")), Var("u")),
    "1-x": (Apply.of("-", ONE, X), Apply.of("-", ONE, X)),
    "0-x": (Apply.of("-", ZERO, X), Apply.of("-", ZERO, X)),
    "x/1": (Apply.of("/", X, ONE), X),
    "x*2/2": (Apply.of("/", Apply.of("*", X, Const(2.0)), Const(2.0)), X),
    "x*3/3": (
        Apply.of("/", Apply.of("*", X, Const(3.0)), Const(3.0)),
        Apply.of("/", Apply.of("*", X, Const(3.0)), Const(3.0)),
    ),
    "x^1": (Apply.of("^", X, ONE), X),
    "x^0": (Apply.of("^", X, ZERO), ONE),
    "1^x": (Apply.of("^", ONE, X), ONE),
    "2+3": (Apply.of("+", Const(2.0), Const(3.0)), Const(5.0)),
    "1/0": (Apply.of("/", ONE, ZERO), Apply.of("/", ONE, ZERO)),
    "if(1,x,y)": (Apply.of("if", ONE, X, Y), X),
    "if(0,x,y)": (Apply.of("if", ZERO, X, Y), Y),
    "passed([1,2],1)": (Apply.of("passed", Apply.of("list", ONE, Const(2.0)), ONE), Const(1)),
    "last([x])": (Apply.of("last", Apply.of("list", X)), Apply.of("last", Apply.of("list", X))),
    "2^x": (Apply.of("^", Const(2.0), X), Apply.of("^", Const(2.0), X)),
    "start*0+end*1": (Apply.of("+", Apply.of("*", X, ZERO), Apply.of("*", Y, ONE)), Y),
}


def rebuilt(formula: Formula) -> Formula:
    """A formula simplified from its leaves on."""
    if not isinstance(formula, Apply):
        return formula
    return apply(formula.op, *map(rebuilt, formula.args))


@pytest.mark.parametrize("case", SIMPLIFIED)
def test_simplified(case: str) -> None:
    given, wanted = SIMPLIFIED[case]
    assert rebuilt(given) == wanted
    # A variable that takes its place is simplified with what is around it.
    assert substitute(given, {name: Var(name) for name in given.names}) == (
        wanted if given.names else given
    )


def test_what_a_formula_depends_on() -> None:
    formula = Apply.of("if", Apply.of("<", X, Y), X, Apply.of("list", ONE))
    assert formula.names == {"x", "y"} == set(variables(formula))
    assert variables(formula) == ["x", "y", "x"]
    assert (formula.size, formula.depth) == (7, 3)


def test_a_formula_is_equal_to_its_copies() -> None:
    formula = Apply.of("*", X, Apply.of("+", Y, ONE))
    copy = pickle.loads(pickle.dumps(formula))
    assert copy == formula
    assert copy != Apply.of("*", X, Apply.of("+", Y, ZERO))
    assert hash(copy) == hash(formula)
    assert formula != X


def test_only_the_side_that_is_taken_has_to_have_a_value() -> None:
    formula = Apply.of("if", Apply.of(">", X, ZERO), Apply.of("/", ONE, X), Y)
    assert evaluate(formula, {"x": 0.0, "y": 3.0}) == 3.0
    assert evaluate(formula, {"x": 4.0}) == 0.25


def value(formula: Formula, values: dict[str, Any]) -> float | None:
    """The value of a formula, or None where it has none."""
    try:
        found = evaluate(formula, values)
    except UNDEFINED:
        return None
    assert not isinstance(found, tuple)
    return found if math.isfinite(found) else None


numbers = st.sampled_from([0.0, 1.0, 0.5, 2.0, 7.0])


@given(strategies.formulas, numbers, numbers, numbers)
def test_simplifying_changes_no_value(formula: Formula, a: float, b: float, t: float) -> None:
    values = {"a": a, "b": b, "t": t}
    wanted = value(formula, values)
    assume(wanted is not None)
    assert value(substitute(formula, {}), values) == wanted


@given(strategies.formulas, numbers, numbers, numbers)
def test_substituting_numbers_gives_the_value(
    formula: Formula, a: float, b: float, t: float
) -> None:
    wanted = value(formula, {"a": a, "b": b, "t": t})
    assume(wanted is not None)
    found = substitute(formula, {"a": Const(a), "b": Const(b), "t": Const(t)})
    assert not any(variables(found))
    assert value(found, {}) == wanted


@given(strategies.formulas)
def test_simplifying_twice_is_simplifying_once(formula: Formula) -> None:
    once = substitute(formula, {})
    assert substitute(once, {}) == once


BASE = Var("base")
DEGREES: dict[str, tuple[Formula, Degrees]] = {
    "0": (ZERO, NOTHING),
    "0.3": (Const(0.3), NUMBER),
    "base": (BASE, Degrees(1, 1)),
    "base*base": (Apply.of("*", BASE, BASE), Degrees(2, 2)),
    "base/base": (Apply.of("/", BASE, BASE), NUMBER),
    "1/base": (Apply.of("/", ONE, BASE), Degrees(-1, -1)),
    "base+1": (Apply.of("+", BASE, ONE), Degrees(0, 1)),
    "base+0": (Apply.of("+", BASE, ZERO), Degrees(1, 1)),
    "0*base": (Apply.of("*", ZERO, BASE), NOTHING),
    "base^3": (Apply.of("^", BASE, Const(3.0)), Degrees(3, 3)),
    "sqrt(base)": (Apply.of("sqrt", BASE), Degrees(0.5, 0.5)),
    "min(base,1)": (Apply.of("min", BASE, ONE), Degrees(0, 1)),
    "(base+1)*base": (Apply.of("*", Apply.of("+", BASE, ONE), BASE), Degrees(1, 2)),
    "if(1<2,base,1)": (Apply.of("if", Apply.of("<", ONE, Const(2.0)), BASE, ONE), Degrees(0, 1)),
}


def of(name: str) -> Degrees:
    return Degrees(1, 1) if name == "base" else NUMBER


@pytest.mark.parametrize("case", DEGREES)
def test_degrees(case: str) -> None:
    formula, wanted = DEGREES[case]
    assert degrees(formula, of) == wanted


@given(strategies.of_base, st.sampled_from([1.0, 0.25, 3.0]), st.sampled_from([2.0, 0.5]))
def test_a_formula_of_one_degree_scales_with_that_power(
    formula: Formula, base: float, factor: float
) -> None:
    """Of degree k means: where base doubles, the value goes with 2 to the power of k."""
    found = degrees(formula, of)
    assume(found.low == found.high)
    before, after = value(formula, {"base": base}), value(formula, {"base": base * factor})
    assume(before is not None and after is not None)
    assert before is not None and after is not None
    assert math.isclose(after, before * factor**found.low, rel_tol=1e-9, abs_tol=1e-12)


@given(strategies.of_base, st.sampled_from([1.0, 0.25, 3.0]))
def test_a_formula_of_no_degree_is_0(formula: Formula, base: float) -> None:
    assume(degrees(formula, of) == NOTHING)
    assert value(formula, {"base": base}) in {0.0, None}
