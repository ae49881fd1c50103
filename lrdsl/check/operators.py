"""Operators: what they do to each kind of value."""

from __future__ import annotations

from math import isfinite

from lrdsl import limits
from lrdsl.check.conversions import as_length
from lrdsl.check.state import Checker
from lrdsl.check.tree import Constant, Pointwise, Sequence, Tree, extent
from lrdsl.check.values import KINDS, Length, Value, unknown
from lrdsl.formula.formula import UNDEFINED, ZERO, Apply, Const, Formula, apply, evaluate, why
from lrdsl.formula.functions import COMPARISONS
from lrdsl.text.nodes import Operation
from lrdsl.text.numbers import divide, exact
from lrdsl.text.source import Span


def apply_operator(checker: Checker, node: Operation, operands: list[Value]) -> Value:
    """The value of an operation on values."""
    if node.op == ">>":
        return _sequence(checker, node, operands)
    if node.op in COMPARISONS:
        return _compare(checker, node, operands)
    kinds = {operand.kind for operand in operands}
    if "unknown" in kinds:
        return unknown(node.span)
    if "schedule" in kinds and node.op != "^" and kinds <= {"schedule", "number"}:
        return _schedules(checker, node, operands)
    if "length" in kinds and kinds <= {"length", "number"}:
        return _lengths(checker, node, operands)
    if kinds == {"number"}:
        first = (ZERO, operands[0].it) if len(operands) == 1 else tuple(o.it for o in operands)
        return number(checker, node.op, first, node.span)
    return _refuse(checker, node, operands)


def number(checker: Checker, op: str, args: tuple[Formula, ...], span: Span) -> Value:
    """An operation on numbers; one on constants that has no answer is reported."""
    found = apply(op, *args)
    if found.size > limits.FORMULA:
        message = f"this expands to a formula of {found.size:,} operations"
        checker.report("too-many-parts", span, message, f"the limit is {limits.FORMULA:,}")
        return unknown(span)
    if found.depth > limits.DEPTH:
        return _too_deep(checker, span)
    if isinstance(found, Apply) and all(_known(arg) for arg in args):
        checker.report("no-value", span, f"`{_shorten(span.text)}` has no value", _reason(found))
        return unknown(span)
    if isinstance(found, Const) and not isfinite(found.value):
        message = f"`{_shorten(span.text)}` is too large for a number"
        checker.report("no-value", span, message, "the largest is about 1.8e308")
        return unknown(span)
    return Value("number", found, span)


def _known(formula: Formula) -> bool:
    if isinstance(formula, Apply) and formula.op == "list":
        return all(_known(item) for item in formula.args)
    return isinstance(formula, Const)


def _reason(formula: Formula) -> str:
    """Why an operation on constants has no value."""
    try:
        evaluate(formula, {})
    except UNDEFINED as error:
        return why(error)
    return ""


def _shorten(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 40 else text[:36].rstrip() + " …"


def _sequence(checker: Checker, node: Operation, operands: list[Value]) -> Value:
    wrong = False
    for operand in operands:
        if operand.kind not in {"schedule", "unknown"}:
            text = operand.span.text
            message = f"`>>` joins schedules, and `{_shorten(text)}` is {KINDS[operand.kind]}"
            help = ""
            if operand.kind == "number":
                help = f"to hold a value, write `const(value = {text})`"
            elif operand.kind == "length":
                help = f"to hold the rate for that long, write `const({text})`"
            checker.report("wrong-kind", operand.span, message, help)
            wrong = True
    if wrong or any(operand.kind == "unknown" for operand in operands):
        return unknown(node.span)
    parts = tuple(operand.it for operand in operands)
    return schedule(
        checker,
        Sequence(checker.place(node.span), parts, *extent(parts), checker.through(own=False)),
    )


def schedule(checker: Checker, tree: Tree) -> Value:
    """A tree as a value, unless definitions have multiplied it beyond the limit."""
    if tree.size > limits.PARTS:
        message = f"this expands to {tree.size:,} parts; the limit is {limits.PARTS:,}"
        checker.report(
            "too-many-parts", tree.span, message, "`repeat` does something again at no cost"
        )
        return unknown(tree.span)
    if tree.depth > limits.DEPTH:
        return _too_deep(checker, tree.span)
    return Value("schedule", tree, tree.span)


def _too_deep(checker: Checker, span: Span) -> Value:
    message = f"definitions nest this more than {limits.DEPTH} deep"
    help = "use fewer levels of `def` and `let`, and fewer sides of one `min` or `max`"
    checker.report("too-deep", span, message, help)
    return unknown(span)


def _compare(checker: Checker, node: Operation, operands: list[Value]) -> Value:
    kinds = {operand.kind for operand in operands}
    if "schedule" in kinds and node.op in {">", "<", ">="}:
        these = "these are schedules" if kinds == {"schedule"} else "one of these is a schedule"
        message = f"`{node.op}` compares numbers, and {these}"
        checker.report(
            "single-angle", node.symbol, message, "to put one part after another, write `>>`"
        )
        return unknown(node.span)
    if "unknown" in kinds:
        return unknown(node.span)
    if kinds != {"number"}:
        return _refuse(checker, node, operands)
    return Value("truth", apply(node.op, *(operand.it for operand in operands)), node.span)


def _schedules(checker: Checker, node: Operation, operands: list[Value]) -> Value:
    if len(operands) == 1:
        zero = Value("number", ZERO, node.symbol)
        return pointwise(checker, "-", [zero, *operands], node.span)
    return pointwise(checker, node.op, operands, node.span)


def pointwise(checker: Checker, op: str, operands: list[Value], span: Span) -> Value:
    """A pointwise operation on schedules and numbers."""
    sides: list[Tree | Constant] = []
    for operand in operands:
        if operand.kind == "number":
            name = f"{operand.it.value:g}" if isinstance(operand.it, Const) else operand.span.text
            sides.append(Constant(operand.span, name, operand.it))
        else:
            sides.append(operand.it)
    place = checker.place(span)
    size, depth = extent(sides)
    # Of several sides each is combined with all before it.
    return schedule(
        checker,
        Pointwise(
            place, op, tuple(sides), size, depth + len(sides) - 2, checker.through(own=False)
        ),
    )


def _lengths(checker: Checker, node: Operation, operands: list[Value]) -> Value:
    if any(operand.kind == "length" and operand.it.is_rest for operand in operands):
        message = "`rest` stands alone: what is left over cannot be calculated with"
        checker.report(
            "rest-arithmetic", node.span, message, "give the other parts their lengths instead"
        )
        return unknown(node.span)
    place = checker.place(node.span)
    if len(operands) == 1:
        return _length(checker, operands[0].it.times(-1, place), node.span)
    left, right = operands
    if node.op in {"+", "-"}:
        lengths = [as_length(checker, operand, f"a side of `{node.op}`") for operand in operands]
        if lengths[0] is None or lengths[1] is None:
            return unknown(node.span)
        sign = 1 if node.op == "+" else -1
        total = lengths[0].plus(lengths[1].times(sign, place), place)
        return _length(checker, total, node.span)
    if node.op == "*" and left.kind != right.kind:
        length, factor = (left, right) if left.kind == "length" else (right, left)
        return _scaled(checker, node, length.it, factor, invert=False)
    if node.op == "/" and right.kind == "number":
        return _scaled(checker, node, left.it, right, invert=True)
    return _refuse(checker, node, operands)


def _scaled(
    checker: Checker, node: Operation, length: Length, factor: Value, *, invert: bool
) -> Value:
    if isinstance(factor.it, Const) and invert and not factor.it.value:
        checker.report("no-value", node.span, "a length cannot be divided by 0")
        return unknown(node.span)
    if not isinstance(factor.it, Const):
        message = "a length must be known before training, and this is not"
        checker.report(
            "no-value", node.span, message, "multiply and divide lengths by plain numbers"
        )
        return unknown(node.span)
    amount = exact(factor.it.value)
    ratio = divide(1, amount) if invert else amount
    return _length(checker, length.times(ratio, checker.place(node.span)), node.span)


def _length(checker: Checker, length: Length, span: Span) -> Value:
    """A length that was calculated, unless its exact value is beyond writing down."""
    checker.spend(len(length.amounts), span)
    if any(max(abs(x.numerator), x.denominator) > _EXACT for _, x in length.amounts):
        message = f"this length has more than {limits.EXACT_DIGITS:,} digits when it is exact"
        checker.report("bad-number", span, message, "write it as a decimal number")
        return unknown(span)
    return Value("length", length, span)


_EXACT = 10**limits.EXACT_DIGITS


def _refuse(checker: Checker, node: Operation, operands: list[Value]) -> Value:
    kinds = " and ".join(KINDS[operand.kind] for operand in operands)
    place = "between" if len(operands) > 1 else "before"
    found = {operand.kind: operand.span.text for operand in operands}
    help = ""
    if "function" in found:
        help = f"call the function: `{found['function']}(…)`"
    elif "truth" in found:
        help = "comparisons do not chain: write two guards, with a comma between"
    elif "schedule" in found:
        help = "schedules take `>>`, and `+`, `-`, `*`, `/` with a schedule or a number"
    elif "list" in found:
        help = f"take an item of the list: `last({found['list']})`, `pick({found['list']}, 0)`"
    elif "length" in found:
        help = "lengths are added to lengths, and multiplied and divided by numbers"
    message = f"`{node.op}` means nothing {place} {kinds}"
    checker.report("wrong-operands", node.span, message, help)
    return unknown(node.span)
