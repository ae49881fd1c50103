"""The reading of formulas for arrays of steps, whatever library the arrays are of.

It is bound to the values of a shape's parameters, to the steps between which it will be asked, and
to an array library. What does not depend on the step is computed then; what is repeated is computed
once; the side of an ``if`` that no step takes is not computed. Nothing is written in place.

Steps are whole numbers, and are compared, subtracted from the length, divided without a remainder
and looked up as such: the floats of most libraries end at 2^24.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from lrdsl.formula import python_nodes as nodes
from lrdsl.formula.formula import Apply, Const, Formula, Var, apply, variables
from lrdsl.formula.functions import ARITHMETIC, COMPARISONS, FUNCTIONS, is_plain, power_array

if TYPE_CHECKING:
    from lrdsl.arrays.module import Array, ArrayModule

CLOCK = frozenset({"t", "u", "v"})
# Formulas beyond this size are not searched for what they repeat.
_SEARCHED = 500
# Variables of the reading's own: no name of a program starts with a digit.
STEPS, FIRST, LAST = "0steps", "0first", "0last"
# Functions that take steps as they come, whole, and which argument that is.
_OF_STEPS = {"passed": 1, "interpolate": 0}
# What goes before the names of functions of one number, computed when a curve is bound.
_ONCE = "number_"


def vector_module(parameters: Sequence[str], formula: Formula) -> ast.Module:
    """``make(*parameters, first, last)``, which returns the function of an array of steps."""
    formula = folded(formula)
    once = Once(formula)
    writer = _Scope(once.names)
    result = writer.whole_body(formula)
    used = {*variables(formula)}
    clock: list[ast.stmt] = [ast.Assign([nodes.store("t")], nodes.call("real", nodes.load(STEPS)))]
    for word, top in (("u", nodes.load("t")), ("v", nodes.call("left", *_left()))):
        if word in used:
            share = ast.BinOp(top, ast.Div(), nodes.load("length"))
            clock.append(ast.Assign([nodes.store(word)], share))
    curve = nodes.function("curve", [STEPS], [*clock, *result])
    return nodes.module([*parameters, FIRST, LAST], once.body, curve)


def _left() -> list[ast.expr]:
    return [nodes.load("length"), nodes.load(STEPS)]


def moves(formula: Formula) -> bool:
    """True if a formula depends on the step."""
    return not CLOCK.isdisjoint(variables(formula))


class Once:
    """The operations of a formula that do not depend on the step.

    Those in the sides of an ``if`` are not among them: a side that is not taken may have no value.

    Attributes:
        names: the variable of each.
        body: the statements that compute them.
    """

    def __init__(self, formula: Formula) -> None:
        self.names: dict[Formula, str] = {}
        self.body: list[ast.stmt] = []
        self._find(formula)

    def _find(self, formula: Formula) -> None:
        if not isinstance(formula, Apply) or formula in self.names:
            return
        if moves(formula):
            for arg in formula.args[:1] if formula.op == "if" else formula.args:
                self._find(arg)
        else:
            self.names[formula] = name = f"1{len(self.names)}"
            self.body.append(ast.Assign([nodes.store(name)], nodes.scalar(formula, _ONCE)))


def folded(formula: Formula) -> Formula:
    """The formula with halves and other powers of 2 taken into the numbers beside them.

    ``start * x / 2`` is ``(start / 2) * x`` to the last bit, and an array the less.
    """
    if not isinstance(formula, Apply) or not moves(formula):
        return formula
    if formula.op in {"floor", "ceil"} and _op(formula.args[0]) == "/":
        # Divisions of whole numbers are recognized as they are.
        return Apply.of(formula.op, Apply.of("/", *map(folded, _args(formula.args[0]))))
    args = [folded(arg) for arg in formula.args]
    if formula.op == "/" and _is_power_of_2(args[1]):
        assert isinstance(args[1], Const)
        return _scaled(args[0], Const(1.0 / args[1].value))
    return Apply.of(formula.op, *args)


def _op(formula: Formula) -> str:
    return formula.op if isinstance(formula, Apply) else ""


def _args(formula: Formula) -> tuple[Formula, ...]:
    return formula.args if isinstance(formula, Apply) else ()


def _is_power_of_2(formula: Formula) -> bool:
    if not isinstance(formula, Const) or not 0 < formula.value < math.inf:
        return False
    return math.frexp(formula.value)[0] == 0.5 and 2.0**-60 < formula.value < 2.0**60


def _scaled(formula: Formula, factor: Const) -> Formula:
    """A formula times a power of 2, which goes into a number that it is multiplied by already."""
    if isinstance(formula, Apply) and formula.op == "*":
        left, right = formula.args
        if not moves(left):
            return Apply.of("*", apply("*", left, factor), right)
        if not moves(right):
            return Apply.of("*", left, apply("*", right, factor))
    return Apply.of("*", factor, formula)


def repeated(formula: Formula) -> list[Formula]:
    """The operations that a body has to compute more than once, the inner ones first.

    A side of an ``if`` is a body of its own, and counts once for all that it repeats.
    """
    if not isinstance(formula, Apply) or formula.size > _SEARCHED:
        return []
    return [part for part, times in _places(formula).items() if times > 1 and part != formula]


def _places(formula: Formula) -> dict[Formula, int]:
    found: dict[Formula, int] = {}

    def visit(part: Formula) -> None:
        if not isinstance(part, Apply) or part.op == "list" or not moves(part):
            return
        if part not in found:
            for arg in part.args[:1] if part.op == "if" else part.args:
                visit(arg)
            for side in part.args[1:] if part.op == "if" else ():
                for inner in _places(side):
                    found[inner] = found.get(inner, 0) + 1
        found[part] = found.get(part, 0) + 1

    visit(formula)
    return found


class _Scope:
    """One body of the reading: the whole, or a side of an ``if``.

    Args:
        known: the variables of what is computed already.
    """

    def __init__(self, known: dict[Formula, str], path: str = "2") -> None:
        self._known, self._path = dict(known), path
        self._body: list[ast.stmt] = []
        self._sides = 0

    def whole_body(self, formula: Formula) -> list[ast.stmt]:
        for place, part in enumerate(p for p in repeated(formula) if p not in self._known):
            value = self.expression(part)
            self._known[part] = name = f"{self._path}_{place}"
            self._body.append(ast.Assign([nodes.store(name)], value))
        self._body.append(ast.Return(self.expression(formula)))
        return self._body

    def expression(self, formula: Formula) -> ast.expr:
        if formula in self._known:
            return nodes.load(self._known[formula])
        if not isinstance(formula, Apply) or not moves(formula):
            return nodes.scalar(formula, _ONCE)
        special = self._of_whole_steps(formula)
        if special is not None:
            return special
        if formula.op == "if":
            condition = self.expression(formula.args[0])
            return nodes.call("choose", condition, *map(self._side, formula.args[1:]))
        args = [self.expression(arg) for arg in formula.args]
        if formula.op == "^" and formula.args[1] == nodes.TWO:
            return nodes.call("square", args[0])
        if formula.op in _OF_STEPS and formula.args[_OF_STEPS[formula.op]] == nodes.T:
            args[_OF_STEPS[formula.op]] = nodes.load(STEPS)
        return nodes.operation(formula.op, args) or nodes.call(nodes.word_of(formula.op), *args)

    def _side(self, formula: Formula) -> ast.expr:
        self._sides += 1
        path = f"{self._path}_s{self._sides}"
        inner = _Scope(self._known, path)
        self._body.append(nodes.function(f"_{path}", [], inner.whole_body(formula)))
        return nodes.load(path)

    def _of_whole_steps(self, formula: Apply) -> ast.expr | None:
        """The operations that have to be computed in integers if the steps are integers."""
        if formula == Apply.of("-", nodes.LENGTH, nodes.T):
            return nodes.call("left", *_left())
        if formula.op in COMPARISONS:
            return self._comparison(formula)
        division = _division(formula)
        if division is None:
            return None
        name, top, bottom = division
        terms = _terms(top)
        if terms is None or moves(bottom):
            return None
        numbers = [self.expression(number) for number in (*terms, bottom)]
        return nodes.call(name, nodes.load(STEPS), *numbers, nodes.load(LAST))

    def _comparison(self, formula: Apply) -> ast.expr | None:
        """A comparison of the clock and a number, which all steps may answer alike."""
        left, right = formula.args
        op = formula.op
        if moves(right):
            left, right, op = right, left, _MIRRORED.get(op, op)
        if not isinstance(left, Var) or moves(right):
            return None
        limits: list[ast.expr] = [nodes.load(FIRST), nodes.load(LAST)]
        if left != nodes.T:
            length = nodes.load("length")
            if left.name == "v":
                limits = [ast.BinOp(length, ast.Sub(), limit) for limit in limits]
            limits = [ast.BinOp(limit, ast.Div(), length) for limit in limits]
        clock = nodes.load(STEPS if left == nodes.T else left.name)
        return nodes.call(_WORDS[op], clock, self.expression(right), *limits)


_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_WORDS = {
    "<": "below", "<=": "at_most", ">": "above", ">=": "at_least", "==": "equal", "!=": "unequal",
}  # fmt: skip


def _division(formula: Apply) -> tuple[str, Formula, Formula] | None:
    """The dividend and the divisor of ``floor(a / b)``, and of ``a - b * floor(a / b)``."""
    if formula.op == "floor" and _op(formula.args[0]) == "/":
        return "quotient", *_two(formula.args[0])
    if formula.op == "-" and _op(formula.args[1]) == "*":
        bottom, times = _two(formula.args[1])
        ratio = Apply.of("floor", Apply.of("/", formula.args[0], bottom))
        if times == ratio:
            return "remainder", formula.args[0], bottom
    return None


def _two(formula: Formula) -> tuple[Formula, Formula]:
    left, right = _args(formula)
    return left, right


def _terms(formula: Formula) -> tuple[Formula, Formula] | None:
    """The numbers a and b of a formula ``a * t + b``; None for any other."""
    one, zero = Const(1.0), Const(0.0)
    if formula == nodes.T:
        return one, zero
    if not isinstance(formula, Apply) or formula.op not in {"+", "*"}:
        return None
    left, right = formula.args
    if left == nodes.T:
        left, right = right, left
    if right != nodes.T or moves(left):
        return None
    return (one, left) if formula.op == "+" else (left, zero)


def number_names() -> dict[str, object]:
    """What is called once, when a curve is bound."""
    numbers = {f"{_ONCE}{name}": function.scalar for name, function in FUNCTIONS.items()}
    return {"__builtins__": {}, f"{_ONCE}pow": ARITHMETIC["^"], **numbers}


def vector_names(xp: ArrayModule) -> dict[str, object]:
    """What the reading calls, for an array library."""

    def choose(condition: Array, yes: Callable[[], Array], no: Callable[[], Array]) -> Array:
        if is_plain(condition):
            return yes() if condition else no()
        return xp.where(condition, yes(), no())

    def left(length: float, steps: Array) -> Array:
        if xp.is_whole(steps) and length > xp.largest:
            return xp.real(xp.largest - steps) + float(length - xp.largest)
        return xp.real(length - steps)

    def quotient(steps: Array, factor: float, offset: float, divisor: float, last: float) -> Array:
        divided = _divided(xp, steps, (factor, offset, divisor), last)
        if divided is None:
            return xp.function("floor")((xp.real(steps) * factor + offset) / divisor)
        return xp.real(divided[0])

    def remainder(steps: Array, factor: float, offset: float, divisor: float, last: float) -> Array:
        divided = _divided(xp, steps, (factor, offset, divisor), last)
        if divided is None:
            dividend = xp.real(steps) * factor + offset
            return dividend - divisor * xp.function("floor")(dividend / divisor)
        return xp.real(divided[1])

    names: dict[str, object] = {name: f.array(xp) for name, f in FUNCTIONS.items()}
    own = {"real": xp.real, "left": left, "quotient": quotient, "remainder": remainder}
    powers = {"pow": power_array(xp), "square": lambda x: x * x}
    return {
        **number_names(), **names, **own, **powers, "choose": choose,
        **{_WORDS[op]: _compared(xp, op) for op in COMPARISONS},
    }  # fmt: skip


def _divided(
    xp: ArrayModule, steps: Array, numbers: tuple[float, float, float], last: float
) -> tuple[Array, Array] | None:
    """The quotient and the remainder of ``factor * steps + offset`` by a divisor, whole.

    None if a number is not whole, or too large for the library's up to the last step.
    """
    if not xp.is_whole(steps) or not all(math.isfinite(x) and x == int(x) for x in numbers):
        return None
    factor, offset, divisor = map(int, numbers)
    if divisor <= 0:
        return None
    if (factor, offset) == (1, 0) and divisor <= xp.largest:
        return steps // divisor, steps % divisor
    # What the divisor goes into is taken out first, so that no product is larger than need be.
    whole, over = divmod(offset, divisor)
    most = max(abs(factor) * divisor + over, abs(factor) * int(last // divisor) + abs(whole))
    if 2 * most > xp.largest:
        return None
    inner = steps % divisor * factor + over
    return steps // divisor * factor + whole + inner // divisor, inner % divisor


def _compared(xp: ArrayModule, op: str) -> Callable[[Array, float, float, float], Array]:
    """A comparison of steps, the first and last of which are known, with a number."""
    compare = COMPARISONS[op]
    # A whole number is below 2.5 if it is below 3, and at most 2.5 if it is at most 2.
    rounded = math.ceil if op in {"<", ">="} else math.floor

    def ordered(clock: Array, edge: float, first: float, last: float) -> Array:
        decided = compare(first, edge)
        if decided == compare(last, edge):
            return decided
        return compare(clock, rounded(edge) if xp.is_whole(clock) else edge)

    def equal(clock: Array, edge: float, first: float, last: float) -> Array:
        if first == last:
            return compare(first, edge)
        low, high = min(first, last), max(first, last)
        if not low <= edge <= high or (xp.is_whole(clock) and edge != int(edge)):
            return op == "!="
        return compare(clock, int(edge) if xp.is_whole(clock) else edge)

    return equal if op in {"==", "!="} else ordered
