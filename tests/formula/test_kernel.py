"""Kernels: Python made from formulas, and nothing but formulas."""

from __future__ import annotations

import ast
import math
import pickle
from collections.abc import Iterator
from types import CodeType
from typing import Any

import numpy
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import lrdsl
from lrdsl.arrays import make
from lrdsl.arrays.module import Vector
from lrdsl.arrays.numpy_arrays import NumpyArrays
from lrdsl.formula.formula import (
    UNDEFINED,
    Apply,
    Const,
    Formula,
    Var,
    evaluate,
    variables,
)
from lrdsl.formula.functions import FUNCTIONS
from lrdsl.formula.kernel import Kernel
from lrdsl.formula.stretch import UFUNCS
from lrdsl.schedule.shape import ShapeBlock
from lrdsl.schedule.views import blocks_of
from tests.formula import strategies
from tests.oracles.closeness import assert_close
from tests.strategies import RUN, SOME, programs
from tests.test_conformance import cases

CALLED = {*FUNCTIONS, "pow"}
# What the readings for arrays call besides: with whole steps, in place, and once for a whole curve.
ARRAYS = {
    "square", "choose", "real", "left", "quotient", "remainder",
    "below", "at_most", "above", "at_least", "equal", "unequal",
    *UFUNCS.values(), "positive",
    *(f"number_{name}" for name in CALLED),
}  # fmt: skip
READINGS = ("scalar", "vector", "stretch")


def codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from codes(const)


def check_harmless(curve: Any) -> None:
    """Fails where a curve can reach anything but the functions of formulas.

    It looks at what every version of Python says of its code, whatever its instructions are called;
    what is done with the names is seen in the syntax that the code is compiled from.
    """
    for code in codes(curve.__code__):
        assert set(code.co_names) <= CALLED | ARRAYS
        own = {*code.co_varnames, *code.co_freevars, *code.co_cellvars}
        assert all(name.startswith("_") for name in own)
        inner = [c for c in code.co_consts if isinstance(c, CodeType)]
        assert all(c.co_name.startswith("_2") for c in inner)  # a side of an `if`
        others = [c for c in code.co_consts if c not in inner]
        # Python 3.10 names a function by a constant.
        values = [c for c in others if not str(c).rpartition(".")[2].startswith("_2")]
        assert all(isinstance(c, float | int | tuple | None) for c in values)
    assert curve.__globals__["__builtins__"] == {}
    assert set(curve.__globals__) <= {*CALLED, *ARRAYS, "__builtins__"}


def kernel_of(formula: Formula) -> Kernel:
    return Kernel("test", sorted({*variables(formula)} - {"t", "u", "v"}), formula)


@given(strategies.formulas)
def test_compiled_code_reaches_functions_only(formula: Formula) -> None:
    kernel = kernel_of(formula)
    try:
        found = curves(kernel)
    except UNDEFINED:  # a number in it has no value
        found = [kernel.scalar([1.0] * len(kernel.parameters))]
    for curve in found:
        check_harmless(curve)
    for reading in READINGS:
        assert foreign(kernel.python(reading)) == []


def array(kernel: Kernel, values: list[float], first: float = 0, last: float = 9) -> Vector:
    """The reading for numpy's arrays."""
    return kernel.vector(values, make(NumpyArrays), first, last)


def curves(kernel: Kernel) -> list[Any]:
    """All readings of a kernel, whatever its parameters."""
    values = [1.0] * len(kernel.parameters)
    found = [kernel.scalar(values), array(kernel, values), kernel.stretch(values, numpy)]
    return [curve for curve in found if curve is not None]


def test_the_check_can_fail() -> None:
    def curve(t: float) -> float:
        return math.floor(t)

    with pytest.raises(AssertionError):
        check_harmless(curve)


@pytest.mark.parametrize("case", cases(errors=False))
def test_what_programs_compile_to(case: dict[str, object]) -> None:
    run = case.get("run", {})
    assert isinstance(run, dict)
    schedule = lrdsl.parse(str(case["text"])).resolve(**run)
    leaves = [
        block
        for _, top, _ in blocks_of(schedule, 1.0)
        for block in top.walk()
        if isinstance(block, ShapeBlock)
    ]
    assert leaves
    for leaf in leaves:
        for curve in curves(leaf.kernel):
            check_harmless(curve)
        for reading in READINGS:
            assert foreign(leaf.kernel.python(reading)) == []


@given(strategies.formulas, st.sampled_from([0.5, 2.0]), st.sampled_from([1.0, 3.0]))
def test_all_readings_give_the_value(formula: Formula, a: float, b: float) -> None:
    kernel = kernel_of(formula)
    known = {"a": a, "b": b}
    bound = [known[name] for name in kernel.parameters]
    steps = [0.0, 1.0, 2.0, 5.0]
    try:
        values = [evaluate(formula, {**known, "t": t}) for t in steps]
    except UNDEFINED:
        values = []
    wanted = [float(value) for value in values if not isinstance(value, tuple)]
    assume(wanted and all(map(math.isfinite, wanted)))
    scalar = kernel.scalar(bound)
    assert [float(scalar(t)) for t in steps] == wanted
    with numpy.errstate(all="ignore"):
        of_steps = array(kernel, bound, 0, 5)
        found = [
            numpy.broadcast_to(of_steps(numpy.array(steps)), (len(steps),)),
            numpy.broadcast_to(of_steps(numpy.array([0, 1, 2, 5])), (len(steps),)),
        ]
        in_place = kernel.stretch(bound, numpy)
        if in_place is not None and not kernel.is_constant:
            out = numpy.empty(len(steps))
            in_place(numpy.array(steps), out)
            found.append(out)
    # They may part by a unit in the last place before a jump.
    if not jumps(formula):
        for reading in found:
            assert_close(reading, wanted, peak=1.0 + max(map(abs, wanted)))


def jumps(formula: Formula) -> bool:
    """Whether a formula has a function that is not continuous, or steep: a power, a quotient."""
    if not isinstance(formula, Apply):
        return False
    steep = {"floor", "ceil", "if", "passed", "/", "^", "sqrt"}
    return formula.op in steep or any(jumps(arg) for arg in formula.args)


T = Var("t")


def test_the_clock() -> None:
    """The variables u and v are what has passed, and what is left."""
    formula = Apply.of("-", Apply.of("*", Const(100.0), Var("u")), Var("v"))
    kernel = Kernel("test", ["length"], formula)
    assert kernel.needs_length
    assert [kernel.scalar([4])(t) for t in (0, 1, 4)] == [-1.0, 24.25, 100.0]


def test_the_formula_at_a_step() -> None:
    """Only parameters are left in it, and of those not the length."""
    clock = [T, Var("u"), Var("v"), Var("length"), Var("other")]
    kernel = Kernel("test", ["length", "other"], Apply.of("max", *clock))
    wanted: list[Formula] = [Const(1.0), Const(0.25), Const(0.75), Const(4.0), Var("other")]
    assert kernel.at(1, 4) == Apply.of("max", *wanted)
    assert kernel.at(1, 4) is kernel.at(1, 4)
    assert Kernel("test", [], Apply.of("exp", T)).at(2, math.inf) == Const(math.exp(2.0))


def test_only_what_uses_its_length_needs_one() -> None:
    assert not Kernel("test", [], Apply.of("*", T, T)).needs_length
    assert Kernel("test", ["length"], Apply.of("*", T, Var("length"))).needs_length


@pytest.mark.parametrize("word", ["t", "u", "v", "length", "other"])
def test_what_a_formula_of_one_word_needs(word: str) -> None:
    kernel = Kernel("test", ["length", "other"], Apply.of("exp", Var(word)))
    assert kernel.needs_length == (word in {"u", "v", "length"})
    assert kernel.is_constant == (word in {"length", "other"})


@pytest.mark.parametrize("exponent", [-2.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0, 99.0, 100.0, 101.0])
@pytest.mark.parametrize("x", [-1.5, 0.0, 2.0])
def test_powers(x: float, exponent: float) -> None:
    """They are those of `math.pow`, which never turns complex, in both readings."""
    kernel = Kernel("test", [], Apply.of("^", T, Const(exponent)))
    scalar = kernel.scalar([])
    try:
        wanted = math.pow(x, exponent)
    except ValueError:
        with pytest.raises(ValueError, match="math domain error"):
            scalar(x)
        wanted = math.nan if x else math.inf
    else:
        assert scalar(x) == wanted
    with numpy.errstate(all="ignore"):
        found = array(kernel, [])(numpy.array([x, x]))
        out = numpy.empty(2)
        in_place = kernel.stretch([], numpy)
        assert in_place is not None
        in_place(numpy.array([x, x]), out)
    assert found == pytest.approx(wanted, rel=1e-14, nan_ok=True)
    assert out == pytest.approx(wanted, rel=1e-14, nan_ok=True)


def test_if_computes_only_what_it_takes() -> None:
    inverse = Apply.of("/", Const(1.0), T)
    formula = Apply.of("if", Apply.of("==", T, Const(0.0)), Const(9.0), inverse)
    kernel = Kernel("test", [], formula)
    assert [kernel.scalar([])(t) for t in (0, 2)] == [9.0, 0.5]
    with numpy.errstate(all="ignore"):
        assert array(kernel, [])(numpy.array([0.0, 2.0])).tolist() == [9.0, 0.5]
    assert kernel.stretch([], numpy) is None


def test_a_kernel_is_pickled_as_its_formula() -> None:
    kernel = Kernel("test", ["a"], Apply.of("*", Var("a"), T))
    assert [kernel.scalar([2.0])(3), kernel.at(1, 4)] == [6.0, Var("a")]
    again = pickle.loads(pickle.dumps(kernel))
    assert (again.name, again.parameters, again.formula) == ("test", ("a",), kernel.formula)
    assert again.scalar([2.0])(3) == 6.0


def test_what_is_repeated_inside_what_is_repeated() -> None:
    inner = Apply.of("sin", T)
    outer = Apply.of("exp", Apply.of("+", inner, Const(1.0)))
    formula = Apply.of("+", Apply.of("*", outer, inner), Apply.of("-", outer, inner))
    kernel = Kernel("test", [], formula)
    wanted = [kernel.scalar([])(t) for t in range(5)]
    assert_close(array(kernel, [])(numpy.arange(5.0)), wanted)
    out = numpy.empty(5)
    in_place = kernel.stretch([], numpy)
    assert in_place is not None
    in_place(numpy.arange(5.0), out)
    assert_close(out, wanted)


# The nodes that the Python of a formula is made of; each operator and context is one too.
NODES = (
    ast.Module, ast.FunctionDef, ast.arguments, ast.arg, ast.Assign, ast.Return, ast.Name,
    ast.Constant, ast.BinOp, ast.Compare, ast.IfExp, ast.Tuple, ast.Call, ast.expr_context,
    ast.operator, ast.cmpop, ast.Expr, ast.keyword,
)  # fmt: skip


def foreign(module: ast.Module | None) -> list[str]:
    """What in the Python of a formula is neither a number nor a name of the list."""
    found = []
    for node in ast.walk(module) if module is not None else ():
        good = isinstance(node, NODES)
        if isinstance(node, ast.Constant):
            good = type(node.value) in {float, int, bool}
        elif isinstance(node, ast.Name):
            good = node.id in CALLED | ARRAYS | {"curve"} or node.id.startswith("_")
            good = good and not node.id.startswith("__")
        elif isinstance(node, ast.Call):
            good = isinstance(node.func, ast.Name) and node.func.id in CALLED | ARRAYS
        elif isinstance(node, ast.FunctionDef):
            named = node.name in {"make", "curve"} or node.name.startswith("_2")
            good = named and not node.decorator_list
        if not good:
            found.append(ast.dump(node))
    return found


@SOME
@given(programs())
def test_the_python_of_every_program_is_numbers_and_names_of_the_list(text: str) -> None:
    chain = lrdsl.parse(text).resolve(**RUN)._chain
    leaves = [block for block in chain.walk() if isinstance(block, ShapeBlock)]
    assert leaves
    for leaf in leaves:
        for reading in READINGS:
            assert foreign(leaf.kernel.python(reading)) == []


@given(strategies.formulas)
def test_the_python_of_every_formula_is_numbers_and_names_of_the_list(formula: Formula) -> None:
    for reading in READINGS:
        assert foreign(kernel_of(formula).python(reading)) == []


@pytest.mark.parametrize(
    "text",
    [
        "x.y",
        "__import__('os')",
        "_a['b']",
        "open",
        "'text'",
        "_f(1)",
        "lambda: x",
        "[1 for _ in _a]",
    ],
)
def test_what_is_foreign_would_be_noticed(text: str) -> None:
    assert foreign(ast.parse(text)) != []
