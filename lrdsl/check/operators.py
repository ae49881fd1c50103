"""Operators: what they do to each kind of value."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from lrdsl import limits
from lrdsl.check.conversions import as_length, as_share, one_after_another, schedule_instead
from lrdsl.check.problems import REPORTED, Refusal, refuse, together
from lrdsl.check.tree import Constant, Pointwise, Shape, Through, Tree, extent, flat
from lrdsl.check.tree import Sequence as SequenceTree
from lrdsl.check.values import (
    EventValue,
    FunctionValue,
    Length,
    LengthValue,
    ListValue,
    NumbersValue,
    NumberValue,
    ScheduleValue,
    TruthValue,
    Unknown,
    Value,
)
from lrdsl.diagnostics.fix import Edit, Fix, fix
from lrdsl.formula.formula import UNDEFINED, ZERO, Apply, Const, Formula, apply, evaluate, why
from lrdsl.formula.functions import COMPARISONS
from lrdsl.text.nodes import Number, Operation
from lrdsl.text.numbers import divide, exact
from lrdsl.text.source import Span
from lrdsl.wording import SEQUENCE, listed, number, on_one_line, shortened


def apply_operator(
    node: Operation, operands: Sequence[Value], place: Span, through: Through
) -> Value | Refusal:
    """The value of an operation on values.

    Args:
        node: the operation.
        operands: the values of its operands.
        place: where a user has to look for what it makes.
        through: the definitions of the text that it came through, and their calls.
    """
    if node.op == ">>":
        return _sequence(node, operands, place, through)
    match operands:
        case [NumberValue(formula=left), NumberValue(formula=right)]:
            if node.op in COMPARISONS:
                return TruthValue(apply(node.op, left, right), node.span)
            return computed(node.op, (left, right), node.span)
        case [NumberValue(formula=only)]:
            return computed(node.op, (ZERO, only), node.span)
    if node.op in {">", "<", ">="} and any(isinstance(o, ScheduleValue) for o in operands):
        return _single_angle(node, operands)
    if any(isinstance(operand, Unknown) for operand in operands):
        return REPORTED
    if node.op in COMPARISONS:
        return _senseless(node, operands)
    match operands:
        case [ScheduleValue()]:
            sides: list[Value] = [NumberValue(ZERO, node.symbol), *operands]
            return pointwise("-", sides, node.span, place, through)
        case [ScheduleValue(), ScheduleValue() | NumberValue()] | [NumberValue(), ScheduleValue()]:
            if node.op != "^":
                return pointwise(node.op, operands, node.span, place, through)
        case [LengthValue()] | [LengthValue(), LengthValue() | NumberValue()]:
            return _lengths(node, operands, place)
        case [NumberValue(), LengthValue()]:
            return _lengths(node, operands, place)
    return _senseless(node, operands)


def computed(op: str, args: tuple[Formula, ...], span: Span) -> NumberValue | Refusal:
    """An operation on numbers; one on constants that has no answer is refused."""
    found = apply(op, *args)
    # What a word stands for depends on where words are mentioned, whatever comes of them.
    if any(word not in found.names for arg in args for word in arg.names if word in _WORDS):
        found = Apply.of(op, *args)
    if isinstance(found, Const):
        if isfinite(found.value):
            return NumberValue(found, span)
        message = f"`{shortened(span.text)}` is too large for a number"
        return refuse("no-value", span, message, "the largest is about 1.8e308")
    if found.size > limits.FORMULA:
        message = f"this expands to a formula of {found.size:,} operations"
        return refuse("too-many-parts", span, message, f"the limit is {limits.FORMULA:,}")
    if found.depth > limits.DEPTH:
        return _too_deep(span)
    if isinstance(found, Apply) and not found.names:
        return refuse("no-value", span, f"`{shortened(span.text)}` has no value", _reason(found))
    return NumberValue(found, span)


_WORDS = {"prev", "next"}


def _reason(formula: Formula) -> str:
    """The reason why an operation on constants has no value."""
    try:
        evaluate(formula, {})
    except UNDEFINED as error:
        return why(error)
    return ""


def _sequence(
    node: Operation, operands: Sequence[Value], place: Span, through: Through
) -> Value | Refusal:
    parts = [operand.tree for operand in operands if isinstance(operand, ScheduleValue)]
    if len(parts) == len(operands):
        return schedule(SequenceTree(place, tuple(parts), *extent(parts), through))
    loose = [operand for operand in operands if isinstance(operand, NumberValue | LengthValue)]
    ways = {id(operand): schedule_instead(operand) for operand in loose}
    # A function in place of its namesake among the shapes is a mistake of its own.
    held = [operand for operand in loose if ways[id(operand)][0].startswith("to hold")]
    together_held = {id(operand) for operand in held} if len(held) > 1 else set()
    refusals: list[Refusal] = []
    if together_held:
        refusals.append(_values(held, [ways[id(operand)] for operand in held], place))
    elif held and isinstance(held[0], NumberValue) and any(map(_takes_rest, parts)):
        text = f"const(20, {shortened(held[0].span.text)})"
        ways[id(held[0])] = f"give it a length, as in `{text}`: another part takes the rest", ()
    for operand in operands:
        if isinstance(operand, ScheduleValue | Unknown) or id(operand) in together_held:
            continue
        text = shortened(operand.span.text)
        message = f"`>>` joins schedules, and `{text}` is {operand.noun}"
        way = ways.get(id(operand)) or schedule_instead(operand)
        if isinstance(operand, EventValue):
            way = f"an event ends a part: `until({text}, const) >> …`", ()
        refusals.append(refuse("wrong-kind", operand.span, message, *way))
    return together(refusals)


def _takes_rest(tree: Tree) -> bool:
    """True if a part of a sequence takes what the others leave."""
    return any(isinstance(part, Shape) and part.length.is_rest for part in flat(tree))


def _values(
    values: Sequence[NumberValue | LengthValue],
    ways: Sequence[tuple[str, tuple[Fix, ...]]],
    place: Span,
) -> Refusal:
    """Refuses values side by side, which are one mistake: nothing says how long each is held."""
    texts = [shortened(value.span.text) for value in values]
    first, last = values[0].span, values[-1].span
    # In a definition, some may be those of its call.
    ordered = first.source is last.source and first.start <= last.start
    span = first.to(last) if ordered else place
    numbers = [t for value, t in zip(values, texts, strict=True) if isinstance(value, NumberValue)]
    kind = "numbers" if len(numbers) == len(values) else "values" if numbers else "lengths"
    named = [f"`{text}`" for text in texts]
    shown = [*named[:2], "…", named[-1]] if len(named) > 3 else named
    message = f"`>>` joins schedules, and {listed(shown)} are {kind}"
    if numbers:
        return refuse("wrong-kind", span, message, one_after_another(numbers[0], numbers[-1]))
    edits = tuple([edit for _, fixes in ways for edit in fixes[0].edits])
    title = f"write `{edits[0].text}`"
    help = f"to hold the rate for that long, {title}"
    return refuse("wrong-kind", span, message, help, (Fix(title, edits),))


def schedule(tree: Tree) -> ScheduleValue | Refusal:
    """A tree as a value, unless definitions have multiplied it beyond the limit."""
    if tree.size > limits.PARTS:
        message = f"this expands to {tree.size:,} parts; the limit is {limits.PARTS:,}"
        help = "`repeat` does something again at no cost"
        return refuse("too-many-parts", tree.span, message, help)
    if tree.depth > limits.DEPTH:
        return _too_deep(tree.span)
    return ScheduleValue(tree, tree.span)


def _too_deep(span: Span) -> Refusal:
    message = f"definitions nest this more than {limits.DEPTH} deep"
    help = "use fewer levels of `def` and `let`, and fewer sides of one `min` or `max`"
    return refuse("too-deep", span, message, help)


def pointwise(
    op: str, operands: Sequence[Value], span: Span, place: Span, through: Through
) -> ScheduleValue | Refusal:
    """A pointwise operation on schedules and numbers.

    Args:
        op: the operation.
        operands: its sides; what is neither a schedule nor a number was reported.
        span: the operation.
        place: where a user has to look for it.
        through: the definitions of the text that it came through, and their calls.
    """
    sides: list[Tree | Constant] = []
    for operand in operands:
        match operand:
            case ScheduleValue():
                sides.append(operand.tree)
            case NumberValue(formula=Const() as known):
                sides.append(Constant(operand.span, number(known.value), known))
            case NumberValue():
                sides.append(Constant(operand.span, operand.span.text, operand.formula))
            case _:
                return REPORTED
    size, depth = extent(sides)
    # Of several sides each is combined with all before it.
    depth += len(sides) - 2
    return schedule(Pointwise(place, op, tuple(sides), size, depth, through))


def _lengths(node: Operation, operands: Sequence[Value], place: Span) -> Value | Refusal:
    """An operation on lengths, and on numbers that count steps or say how many times as long."""
    if any(isinstance(o, LengthValue) and o.length.is_rest for o in operands):
        message = "`rest` is used in a calculation: it has to be used alone"
        help = "give the other parts their lengths instead"
        return refuse("rest-arithmetic", node.span, message, help)
    if node.op in {"+", "-"} and len(operands) == 2:
        left, right = (as_length(operand, f"a side of `{node.op}`") for operand in operands)
        if isinstance(left, Refusal) or isinstance(right, Refusal):
            return together([side for side in (left, right) if isinstance(side, Refusal)])
        signed = right if node.op == "+" else right.times(-1, place)
        return _calculated(left.plus(signed, place), node.span)
    match node.op, operands:
        case "-", [LengthValue(length=length)]:
            return _calculated(length.times(-1, place), node.span)
        case "*", [LengthValue(length=length), NumberValue(formula=factor)]:
            return _scaled(node, length, factor, place, invert=False)
        case "*", [NumberValue(formula=factor), LengthValue(length=length)]:
            return _scaled(node, length, factor, place, invert=False)
        case "/", [LengthValue(length=length), NumberValue(formula=factor)]:
            return _scaled(node, length, factor, place, invert=True)
    return _senseless(node, operands)


def _scaled(
    node: Operation, length: Length, factor: Formula, place: Span, *, invert: bool
) -> Value | Refusal:
    if not isinstance(factor, Const):
        message = "a length must be known before training, and this is not"
        help = "multiply and divide lengths by plain numbers"
        if share := _share_of_a_rate(node):
            help += f"; for a share of a rate write `{share}`"
        return refuse("no-value", node.span, message, help)
    if invert and not factor.value:
        return refuse("no-value", node.span, "a length cannot be divided by 0")
    amount = exact(factor.value)
    return _calculated(length.times(divide(1, amount) if invert else amount, place), node.span)


def _share_of_a_rate(node: Operation) -> str | None:
    """What ``base * 1%`` was meant to be; None for another calculation."""
    for percent, rate in (node.operands, node.operands[::-1]):
        if isinstance(percent, Number) and percent.spelling.endswith("%") and node.op == "*":
            share = number(float(percent.spelling[:-1].replace("_", "")) / 100)
            return f"{share} * {on_one_line(rate.span.text)}"
    return None


def _calculated(length: Length, span: Span) -> LengthValue | Refusal:
    """A length that was calculated, unless its exact value is beyond writing down."""
    for _, amount in length.amounts:
        if max(abs(amount.numerator), amount.denominator) > _EXACT:
            message = f"this length has more than {limits.EXACT_DIGITS:,} digits when it is exact"
            return refuse("bad-number", span, message, "write it as a decimal number")
    return LengthValue(length, span)


_EXACT = 10**limits.EXACT_DIGITS


def _single_angle(node: Operation, operands: Sequence[Value]) -> Refusal:
    """Refuses the comparison of schedules, which is a slip for ``>>``."""
    all_of_them = all(isinstance(operand, ScheduleValue | Unknown) for operand in operands)
    these = "these are schedules" if all_of_them else "one of these is a schedule"
    message = f"`{node.op}` compares numbers, and {these}"
    # What stands on both sides of a `>` cannot be compared; another sign may be a slip for a third.
    found = (fix(node.symbol, ">>", safe=node.op == ">"),) if all_of_them else ()
    return refuse("single-angle", node.symbol, message, SEQUENCE, found)


def _senseless(node: Operation, operands: Sequence[Value]) -> Refusal:
    """Refuses an operation that means nothing between such values."""
    helps: dict[int, str] = {}
    edits: list[Edit] = []
    for operand in operands:
        text = operand.span.text
        match operand:
            case FunctionValue():
                helps[0] = f"call the function: `{text}(…)`"
            case TruthValue():
                helps[1] = "comparisons do not chain: write two guards, with a comma between"
            case ScheduleValue():
                helps[2] = "schedules take `>>`, and `+`, `-`, `*`, `/` with a schedule or a number"
                if node.op == "^":
                    helps[2] = "use `poly` or `cosine_power`, or write a `shape`: formulas have `^`"
            case ListValue() | NumbersValue():
                helps[3] = f"take an item of the list: `last({text})`, `pick({text}, 0)`"
                edits.append(Edit(operand.span, f"last({text})"))
            case LengthValue():
                helps[4] = "lengths are added to lengths, and multiplied and divided by numbers"
    place = "between" if len(operands) > 1 else "before"
    nouns = " and ".join([operand.noun for operand in operands])
    message = f"`{node.op}` means nothing {place} {nouns}"
    if not helps:
        return refuse("wrong-operands", node.span, message)
    if _is_row(node.op, operands):
        return refuse("wrong-operands", node.span, message, one_after_another("0.1", "0.01"))
    if share := _share(node, operands):
        help = f"a share is a number here: write `{share.text}`"
        own = Fix(f"write `{share.text}`", (share,))
        return refuse("wrong-operands", node.span, message, help, (own,))
    first = min(helps)
    found = (Fix("take the last item of the list", tuple(edits)),) if first == 3 else ()
    return refuse("wrong-operands", node.span, message, helps[first], found)


def _is_row(op: str, operands: Sequence[Value]) -> bool:
    """True if lists are put together as in Python, a value for each step: ``[0.1] * 30``."""
    lists = [o for o in operands if isinstance(o, ListValue)]
    counts = [o.formula.value for o in operands
              if isinstance(o, NumberValue) and isinstance(o.formula, Const)]  # fmt: skip
    many = any(count >= 2 and count == int(count) for count in counts)
    return op == "*" and len(lists) == 1 == len(lists[0].items) and many


def _share(node: Operation, operands: Sequence[Value]) -> Edit | None:
    """The number for a percentage by which a schedule is multiplied or divided."""
    lengths = [operand for operand in operands if isinstance(operand, LengthValue)]
    schedules = [operand for operand in operands if isinstance(operand, ScheduleValue)]
    if node.op not in {"*", "/"} or len(lengths) != 1 or len(schedules) != len(operands) - 1:
        return None
    share = as_share(lengths[0])
    return Edit(lengths[0].span, share) if share else None
