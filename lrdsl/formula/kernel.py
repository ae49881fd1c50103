"""Formulas as Python functions, built node by node from our own closed tree."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from types import CodeType, FunctionType
from typing import Any

from lrdsl.formula.formula import (
    NUMBER,
    Apply,
    Const,
    Degrees,
    Formula,
    Var,
    degrees,
    substitute,
    variables,
)
from lrdsl.formula.functions import ARITHMETIC, COMPARISONS, FUNCTIONS

Curve = Callable[[Any], Any]

_OPERATORS: dict[str, ast.operator] = {
    "+": ast.Add(), "-": ast.Sub(), "*": ast.Mult(), "/": ast.Div(),
}  # fmt: skip
_COMPARISONS: dict[str, ast.cmpop] = {
    "<": ast.Lt(), "<=": ast.LtE(), ">": ast.Gt(), ">=": ast.GtE(),
    "==": ast.Eq(), "!=": ast.NotEq(),
}  # fmt: skip


# How many steps of formulas a kernel remembers.
_KEPT = 1024


class Kernel:
    """A shape's formula, ready to be bound to the values of its parameters.

    Args:
        name: name of the shape, for tracebacks.
        parameters: the variables that are bound once; ``length`` may be one of them.
        formula: the value at the local step ``t``, with ``u = t / length`` and
            ``v = (length - t) / length``.
    """

    __slots__ = (
        "_codes",
        "_degrees",
        "_steps",
        "formula",
        "has_choice",
        "is_constant",
        "name",
        "needs_length",
        "parameters",
    )

    def __init__(self, name: str, parameters: Sequence[str], formula: Formula) -> None:
        self.name = name
        self.parameters = tuple(parameters)
        self.formula = formula
        used = set(variables(formula))
        self.needs_length = not {"length", "u", "v"}.isdisjoint(used)
        self.is_constant = {"t", "u", "v"}.isdisjoint(used)
        self.has_choice = any(part.op == "if" for part in _operations(formula))
        self._codes: dict[bool, CodeType] = {}
        self._steps: dict[tuple[int, float], Formula] = {}
        self._degrees: dict[tuple[Degrees, ...], Degrees] = {}

    def __reduce__(self) -> tuple[type[Kernel], tuple[str, tuple[str, ...], Formula]]:
        return Kernel, (self.name, self.parameters, self.formula)

    def at(self, t: int, length: float) -> Formula:
        """The formula at a local step, in terms of the parameters; ``length`` is no more of them.

        It is kept: in a long row of parts of one length, each is asked for the same two steps.
        """
        found = self._steps.get((t, length))
        if found is None:
            clock: dict[str, Formula] = {"t": Const(float(t))}
            if self.needs_length:
                n = float(length)
                clock |= {"u": Const(t / n), "v": Const((n - t) / n), "length": Const(n)}
            if len(self._steps) >= _KEPT:
                self._steps.clear()
            found = self._steps[t, length] = substitute(self.formula, clock)
        return found

    def degrees(self, given: Mapping[str, Degrees]) -> Degrees:
        """The powers of the base rate in its values, given those in its parameters."""
        key = tuple(given.get(name, NUMBER) for name in self.parameters)
        found = self._degrees.get(key)
        if found is None:
            found = degrees(self.formula, lambda name: given.get(name, NUMBER))
            self._degrees[key] = found
        return found

    def scalar(self, values: Sequence[Any]) -> Curve:
        """The function from a local step to a value."""
        return _bind(self._code(lazy=True), _scalar_names(), values)

    def array(self, values: Sequence[Any]) -> Curve:
        """The function from a numpy array of local steps to their values."""
        return _bind(self._code(lazy=False), _array_names(), values)

    def python(self, *, lazy: bool) -> ast.Module:
        """The Python of one reading: ``make(*parameters)``, which returns the function of ``t``.

        Args:
            lazy: whether it is for one step, or else for arrays of them.
        """
        return _module(self.parameters, self.formula, lazy)

    def _code(self, *, lazy: bool) -> CodeType:
        if lazy not in self._codes:
            compiled = compile(self.python(lazy=lazy), f"<lrdsl {self.name}>", "exec")
            code = next(const for const in compiled.co_consts if isinstance(const, CodeType))
            self._codes[lazy] = code
        return self._codes[lazy]


def _bind(code: CodeType, names: dict[str, Any], values: Sequence[Any]) -> Curve:
    maker: Callable[..., Curve] = FunctionType(code, names)
    return maker(*values)


@lru_cache(maxsize=1)
def _scalar_names() -> dict[str, Any]:
    names = {name: function.scalar for name, function in FUNCTIONS.items()}
    return {"__builtins__": {}, "pow": ARITHMETIC["^"], **names}


@lru_cache(maxsize=1)
def _array_names() -> dict[str, Any]:
    import numpy

    def choose(condition: Any, yes: Callable[[], Any], no: Callable[[], Any]) -> Any:
        """An `if` that is given its sides as functions: most stretches need only one of them."""
        chosen = numpy.asarray(condition)
        count = numpy.count_nonzero(chosen)
        if count == chosen.size:
            return yes()
        return numpy.where(chosen, yes(), no()) if count else no()

    names = {name: function.array(numpy) for name, function in FUNCTIONS.items()}
    own = {"pow": numpy.power, "square": numpy.square, "choose": choose}
    return {"__builtins__": {}, **own, **names}


def _module(parameters: tuple[str, ...], formula: Formula, lazy: bool) -> ast.Module:
    # A word that is used once is computed where it is used: in one side of an `if`, say.
    uses = list(variables(formula))
    apart = {word: derived for word, derived in DERIVED.items() if uses.count(word) > 1}
    formula = substitute(formula, {w: d for w, d in DERIVED.items() if w not in apart})
    # An array may compute the untaken side of an `if`; for a step it may have no value.
    shared = {} if lazy else _shared(formula)
    body: list[ast.stmt] = [
        ast.Assign([_store(word)], _expression(derived, lazy, {}))
        for word, derived in apart.items()
    ]
    for part, word in shared.items():
        others = {other: name for other, name in shared.items() if other != part}
        body.append(ast.Assign([_store(word)], _expression(part, lazy, others)))
    body.append(ast.Return(_expression(formula, lazy, shared)))
    inner = _function("curve", ["t"], body)
    outer = _function("make", parameters, [inner, ast.Return(ast.Name("curve", ast.Load()))])
    return ast.fix_missing_locations(ast.Module([outer], []))


# Formulas beyond this size are not searched for what they repeat.
_SEARCHED = 500


def _shared(formula: Formula) -> dict[Formula, str]:
    """The operations that a formula repeats, the inner ones first, each with a name of its own."""
    if formula.size > _SEARCHED:
        return {}
    counts: dict[Formula, int] = {}
    for part in _operations(formula):
        counts[part] = counts.get(part, 0) + 1
    repeated = [part for part, times in counts.items() if times > 1 and part != formula]
    # A digit starts no name of a program's.
    return {part: str(place) for place, part in enumerate(repeated)}


def _operations(formula: Formula) -> Iterator[Apply]:
    if isinstance(formula, Apply):
        for arg in formula.args:
            yield from _operations(arg)
        if formula.op != "list":
            yield formula


_T, _LENGTH, _TWO = Var("t"), Var("length"), Const(2.0)
DERIVED = {
    "u": Apply.of("/", _T, _LENGTH),
    "v": Apply.of("/", Apply.of("-", _LENGTH, _T), _LENGTH),
}


def _function(name: str, parameters: Sequence[str], body: list[ast.stmt]) -> ast.FunctionDef:
    empty: dict[str, Any] = {"type_params": []} if "type_params" in ast.FunctionDef._fields else {}
    return ast.FunctionDef(name, _parameters(parameters), body, [], **empty)


def _parameters(words: Sequence[str]) -> ast.arguments:
    return ast.arguments(
        posonlyargs=[], args=[ast.arg(_python(word)) for word in words],
        kwonlyargs=[], kw_defaults=[], defaults=[],
    )  # fmt: skip


def _python(word: str) -> str:
    """A variable's name in Python, where ``lambda`` is a keyword and ``min`` a function."""
    return "_" + word


def _store(word: str) -> ast.Name:
    return ast.Name(_python(word), ast.Store())


def _is_whole(exponent: Formula) -> bool:
    return isinstance(exponent, Const) and exponent.value in range(1, 100)


def _expression(formula: Formula, lazy: bool, shared: Mapping[Formula, str]) -> ast.expr:
    if formula in shared:
        return ast.Name(_python(shared[formula]), ast.Load())
    if isinstance(formula, Const):
        return ast.Constant(formula.value)
    if isinstance(formula, Var):
        return ast.Name(_python(formula.name), ast.Load())
    args = [_expression(arg, lazy, shared) for arg in formula.args]
    if formula.op in _OPERATORS:
        return ast.BinOp(args[0], _OPERATORS[formula.op], args[1])
    if formula.op in COMPARISONS:
        return ast.Compare(args[0], [_COMPARISONS[formula.op]], [args[1]])
    if formula.op == "list":
        return ast.Tuple(args, ast.Load())
    if formula.op == "if":
        if lazy:
            return ast.IfExp(*args)
        sides: list[ast.expr] = [ast.Lambda(_parameters([]), side) for side in args[1:]]
        return ast.Call(ast.Name("choose", ast.Load()), [args[0], *sides], [])
    if formula.op == "^" and _is_whole(formula.args[1]):
        # The same powers without the call of a function: `**` cannot turn complex here.
        if lazy:
            return ast.BinOp(args[0], ast.Pow(), args[1])
        if formula.args[1] == _TWO:
            return ast.Call(ast.Name("square", ast.Load()), args[:1], [])
    called = "pow" if formula.op == "^" else formula.op
    return ast.Call(ast.Name(called, ast.Load()), args, [])
