"""hypothesis strategies for formulas, built node by node and not simplified."""

from __future__ import annotations

from hypothesis import strategies as st

from lrdsl.formula.formula import Apply, Const, Formula, Var

constants = st.sampled_from([0.0, 1.0, 2.0, 0.5, -1.0, 3.25]).map(Const)
variables = st.sampled_from(["a", "b", "t"]).map(Var)


def _applied(op: str, *args: st.SearchStrategy[Formula]) -> st.SearchStrategy[Formula]:
    return st.tuples(*args).map(lambda found: Apply.of(op, *found))


def _compound(inner: st.SearchStrategy[Formula]) -> st.SearchStrategy[Formula]:
    two = [_applied(op, inner, inner) for op in ("+", "-", "*", "/", "^", "min", "max")]
    one = [_applied(op, inner) for op in ("sin", "cos", "tanh", "sqrt", "abs", "floor", "ceil")]
    compared = _applied("<", inner, inner) | _applied(">=", inner, inner)
    points = st.lists(st.integers(0, 9), max_size=3).map(
        lambda found: Apply.of("list", *(Const(float(x)) for x in sorted(found)))
    )
    chosen = _applied("if", compared, inner, inner)
    return st.one_of(*two, *one, chosen, _applied("passed", points, inner))


# Formulas of a, b and t.
formulas: st.SearchStrategy[Formula] = st.recursive(constants | variables, _compound, max_leaves=8)


def _homogeneous(inner: st.SearchStrategy[Formula]) -> st.SearchStrategy[Formula]:
    two = [_applied(op, inner, inner) for op in ("+", "-", "*", "/", "min", "max")]
    power = _applied("^", inner, st.sampled_from([2.0, 1.0, 0.5, -1.0]).map(Const))
    return st.one_of(*two, power, _applied("abs", inner), _applied("sqrt", inner))


# Formulas of base, in operations that keep the powers of base apart.
of_base: st.SearchStrategy[Formula] = st.recursive(
    constants | st.just(Var("base")), _homogeneous, max_leaves=6
)
