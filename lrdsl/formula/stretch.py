"""The reading of formulas for stretches of numpy's floats that their caller owns.

The same operations as in the reading for arrays, each written into memory that is no longer needed:
most of what a curve of some thousand steps costs is memory that was just asked for.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from types import ModuleType

from lrdsl.formula import python_nodes as nodes
from lrdsl.formula.formula import Apply, Const, Formula, Var, substitute
from lrdsl.formula.vector import Once, folded, moves, number_names

# numpy's name of every operation that has a ufunc.
UFUNCS = {
    "+": "add", "-": "subtract", "*": "multiply", "/": "divide", "^": "power",
    "min": "minimum", "max": "maximum", "abs": "absolute", "square": "square",
    **{name: name for name in (
        "cos", "sin", "tanh", "exp", "log", "sqrt", "floor", "ceil",
    )},
}  # fmt: skip
_OUT = "0out"


def stretch_module(parameters: Sequence[str], formula: Formula) -> ast.Module | None:
    """``make(*parameters)``, which returns the function of steps and of where values go.

    Both are arrays of floats, and both are written to. None for a formula that chooses, counts or
    looks up: that is not done in place.
    """
    formula = _pairs(folded(substitute(formula, nodes.DERIVED)))
    if not _is_straight(formula):
        return None
    once = Once(formula)
    body = _Registers(formula, once).body
    return nodes.module(parameters, once.body, nodes.function("curve", ["t", _OUT], body))


def _is_straight(formula: Formula) -> bool:
    if not isinstance(formula, Apply) or not moves(formula):
        return True
    return formula.op in UFUNCS and all(map(_is_straight, formula.args))


def _pairs(formula: Formula) -> Formula:
    """The formula in operations of one or two arguments."""
    if not isinstance(formula, Apply) or not moves(formula):
        return formula
    first, *rest = map(_pairs, formula.args)
    if formula.op == "^" and rest == [nodes.TWO]:
        return Apply.of("square", first)
    if formula.op not in {"min", "max"}:
        return Apply.of(formula.op, first, *rest)
    for other in rest:
        first = Apply.of(formula.op, first, other)
    return first


class _Registers:
    """The operations of a formula in order, and the arrays that they are written into.

    Attributes:
        body: a statement for each.
    """

    def __init__(self, formula: Formula, once: Once) -> None:
        self._formula, self._once = formula, once
        self._uses: dict[Formula, int] = {}
        order: list[Apply] = []
        self._sort(formula, order)
        self._places: dict[Formula, str] = {nodes.T: "t"}
        self._free = [_OUT]
        self._more = 0
        self.body: list[ast.stmt] = [self._statement(part) for part in order]
        if not order:  # the formula is the step itself, or simplified to a number
            value = self._operand(formula)
            self.body = [_into(_OUT, "positive", [value])]

    def _sort(self, formula: Formula, order: list[Apply]) -> None:
        if not moves(formula):
            return
        self._uses[formula] = self._uses.get(formula, 0) + 1
        if isinstance(formula, Apply) and self._uses[formula] == 1:
            for arg in formula.args:
                self._sort(arg, order)
            order.append(formula)

    def _statement(self, part: Apply) -> ast.stmt:
        args = [self._operand(arg) for arg in part.args]
        for arg in part.args:
            if moves(arg):
                self._uses[arg] -= 1
                if not self._uses[arg]:
                    self._free.append(self._places.pop(arg))
        name = UFUNCS[part.op]
        if part == self._formula:
            return _into(_OUT, name, args)
        if self._free:
            self._places[part] = place = self._free.pop()
            return _into(place, name, args)
        self._more += 1
        self._places[part] = place = f"3{self._more}"
        return ast.Assign([nodes.store(place)], nodes.call(name, *args))

    def _operand(self, arg: Formula) -> ast.expr:
        if moves(arg):
            return nodes.load(self._places[arg])
        if arg in self._once.names:
            return nodes.load(self._once.names[arg])
        assert isinstance(arg, Const | Var)
        return nodes.scalar(arg)


def _into(place: str, name: str, args: list[ast.expr]) -> ast.stmt:
    called = nodes.call(name, *args)
    called.keywords.append(ast.keyword("out", nodes.load(place)))
    return ast.Expr(called)


def stretch_names(numpy: ModuleType) -> dict[str, object]:
    """What the reading calls."""
    ufuncs = {name: getattr(numpy, name) for name in (*UFUNCS.values(), "positive")}
    return {**number_names(), **ufuncs}
