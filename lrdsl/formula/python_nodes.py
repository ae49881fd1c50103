"""The reading of formulas for one step, and the syntax nodes that all readings are made of."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from lrdsl.formula.formula import Apply, Const, Formula, Var, substitute, variables
from lrdsl.formula.functions import COMPARISONS

OPERATORS: dict[str, ast.operator] = {
    "+": ast.Add(), "-": ast.Sub(), "*": ast.Mult(), "/": ast.Div(),
}  # fmt: skip
_COMPARED: dict[str, ast.cmpop] = {
    "<": ast.Lt(), "<=": ast.LtE(), ">": ast.Gt(), ">=": ast.GtE(),
    "==": ast.Eq(), "!=": ast.NotEq(),
}  # fmt: skip

T, LENGTH, TWO = Var("t"), Var("length"), Const(2.0)
DERIVED: dict[str, Formula] = {
    "u": Apply.of("/", T, LENGTH),
    "v": Apply.of("/", Apply.of("-", LENGTH, T), LENGTH),
}


def module(parameters: Sequence[str], body: list[ast.stmt], curve: ast.FunctionDef) -> ast.Module:
    """``make(*parameters)``, which runs ``body`` and returns ``curve``."""
    end = ast.Return(ast.Name(curve.name, ast.Load()))
    made = ast.Module([function("make", parameters, [*body, curve, end])], [])
    return ast.fix_missing_locations(made)


def scalar_module(parameters: Sequence[str], formula: Formula) -> ast.Module:
    """The reading for one step: of an ``if``, only the side that is taken is computed."""
    # A word that is used once is computed where it is used: in one side of an `if`, say.
    uses = list(variables(formula))
    apart = {word: derived for word, derived in DERIVED.items() if uses.count(word) > 1}
    formula = substitute(formula, {w: d for w, d in DERIVED.items() if w not in apart})
    body: list[ast.stmt] = [
        ast.Assign([store(word)], scalar(derived)) for word, derived in apart.items()
    ]
    body.append(ast.Return(scalar(formula)))
    return module(parameters, [], function("curve", ["t"], body))


def scalar(formula: Formula, called: str = "") -> ast.expr:
    """The expression of a formula for one step.

    Args:
        formula: the formula.
        called: the prefix of the names of functions.
    """
    if isinstance(formula, Const):
        return ast.Constant(formula.value)
    if isinstance(formula, Var):
        return load(formula.name)
    args = [scalar(arg, called) for arg in formula.args]
    if formula.op == "if":
        return ast.IfExp(*args)
    if formula.op == "^" and _is_whole(formula.args[1]):
        # The same powers without the call of a function: `**` cannot turn complex here.
        return ast.BinOp(args[0], ast.Pow(), args[1])
    return operation(formula.op, args) or call(called + word_of(formula.op), *args)


def operation(op: str, args: list[ast.expr]) -> ast.expr | None:
    """An operation that has a Python operator."""
    if op in OPERATORS:
        return ast.BinOp(args[0], OPERATORS[op], args[1])
    if op in COMPARISONS:
        return ast.Compare(args[0], [_COMPARED[op]], [args[1]])
    return ast.Tuple(args, ast.Load()) if op == "list" else None


def _is_whole(exponent: Formula) -> bool:
    return isinstance(exponent, Const) and exponent.value in range(1, 100)


def word_of(op: str) -> str:
    """The name of a function, or of the operator of powers."""
    return "pow" if op == "^" else op


def call(name: str, *args: ast.expr) -> ast.Call:
    """A call of one of the functions of formulas."""
    return ast.Call(ast.Name(name, ast.Load()), list(args), [])


def function(name: str, parameters: Sequence[str], body: list[ast.stmt]) -> ast.FunctionDef:
    """A function of some variables."""
    words = ast.arguments(
        posonlyargs=[], args=[ast.arg(_python(word)) for word in parameters],
        kwonlyargs=[], kw_defaults=[], defaults=[],
    )  # fmt: skip
    made = ast.FunctionDef(name, words, body, [])
    if "type_params" in ast.FunctionDef._fields:
        setattr(made, "type_params", [])  # noqa: B010  # Python 3.12 asks for it, 3.11 has none
    return made


def load(word: str) -> ast.Name:
    """A variable where it is read."""
    return ast.Name(_python(word), ast.Load())


def store(word: str) -> ast.Name:
    """A variable where it is assigned."""
    return ast.Name(_python(word), ast.Store())


def _python(word: str) -> str:
    """A variable's name in Python, where ``lambda`` is a keyword and ``min`` a function."""
    return "_" + word
