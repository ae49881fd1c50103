"""Formulas made ready to be written as code: on the clock of a function, and with names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from lrdsl.formula.formula import Apply, Const, Formula, Var
from lrdsl.schedule.formula_text import factored

# Shorter expressions are written twice rather than named.
_NAMED = 5
_NAMES = {
    "cos": "cosine", "sin": "sine", "exp": "decay", "^": "power", "passed": "passed",
    "min": "lower", "max": "upper", "sqrt": "root",
}  # fmt: skip


def placed(formula: Formula, clock: str, offset: int) -> Formula:
    """A formula in ``t`` on another clock: ``t`` is ``clock - offset``.

    Numbers that are added to steps become one: ``20 - (step - 5)`` is ``25 - step``.
    """
    if (line := _line(formula, offset)) is not None and "t" in formula.names:
        return _said(*line, Var(clock))
    if not isinstance(formula, Apply):
        return formula
    return Apply.of(formula.op, *[placed(arg, clock, offset) for arg in formula.args])


def _said(sign: int, number: int, clock: Var) -> Formula:
    if sign < 0:
        return Apply.of("-", Const(float(number)), clock)
    if number < 0:
        return Apply.of("-", clock, Const(float(-number)))
    return Apply.of("+", clock, Const(float(number))) if number else clock


def _line(formula: Formula, offset: int) -> tuple[int, int] | None:
    """The sign and the whole number of ``±clock + number``; None for any other formula."""
    if isinstance(formula, Const):
        whole = not isinstance(formula.value, bool) and float(formula.value).is_integer()
        return (0, int(formula.value)) if whole else None
    if isinstance(formula, Var):
        return (1, -offset) if formula.name == "t" else None
    if formula.op not in {"+", "-"}:
        return None
    left, right = (_line(arg, offset) for arg in formula.args)
    if left is None or right is None:
        return None
    way = 1 if formula.op == "+" else -1
    sign, number = left[0] + way * right[0], left[1] + way * right[1]
    return (sign, number) if sign in {-1, 1} else None


def named(formula: Formula, taken: set[str]) -> tuple[list[tuple[str, Formula]], Formula]:
    """A formula with names for what it would compute twice.

    Args:
        formula: the formula.
        taken: names that are not to be used; takes those that are.

    Returns:
        The names, each with its formula, in order; and the rest.
    """
    names: list[str] = []
    parts = [formula]
    while (part := _repeated(parts)) is not None:
        names.append(unused(name_of(part), taken))
        parts = [*[replaced(one, part, Var(names[-1])) for one in parts], part]
    # The last one found is the smallest, and may be in all others.
    formula, *parts = parts
    return list(zip(reversed(names), reversed(parts), strict=True)), formula


def _repeated(formulas: Iterable[Formula]) -> Apply | None:
    """The largest expression that stands in formulas more than once."""
    counts: dict[Apply, int] = {}
    for formula in formulas:
        for part in _parts(formula):
            counts[part] = counts.get(part, 0) + 1
    several = [part for part, count in counts.items() if count > 1 and part.size >= _NAMED]
    return max(several, key=lambda part: part.size, default=None)


def _parts(formula: Formula) -> Iterator[Apply]:
    if isinstance(formula, Apply) and formula.op != "list":
        yield formula
        for arg in formula.args:
            yield from _parts(arg)


def replaced(formula: Formula, part: Formula, name: Var) -> Formula:
    """A formula with a name in the place of an expression."""
    if formula == part:
        return name
    if not isinstance(formula, Apply):
        return formula
    return Apply.of(formula.op, *[replaced(arg, part, name) for arg in formula.args])


def name_of(part: Apply) -> str:
    """A name for what an expression computes."""
    if part.op == "/" and isinstance(part.args[1], Const | Var):
        top = part.args[0]
        if isinstance(top, Apply) and top.op == "-" and isinstance(top.args[1], Var):
            return "left"
        if isinstance(top, Var) or (isinstance(top, Apply) and top.args[:1] == (Var("step"),)):
            return "progress"
    return _NAMES.get(part.op, "weight")


def unused(name: str, taken: set[str]) -> str:
    """A name like this one that is not taken yet, and is from now on."""
    found, count = name, 1
    while found in taken:
        count += 1
        found = f"{name}_{count}"
    taken.add(found)
    return found


def tidied(formula: Formula) -> Formula:
    """A formula as somebody would write it: ``a * b / c`` for ``a * (b / c)``."""
    # A power makes much of the last digit of what is in it.
    if not isinstance(formula, Apply) or not formula.args or formula.op == "^":
        return formula
    if formula.names == {"base"}:
        return _scaled(formula)
    left, *others = map(tidied, formula.args)
    if formula.op == "*":
        (right,) = others
        if isinstance(right, Const) and not isinstance(left, Const):
            left, right = right, left
        if isinstance(right, Apply) and right.op in {"*", "/"}:
            inner = tidied(Apply.of("*", left, right.args[0]))
            return Apply.of(right.op, inner, right.args[1])
        others = [right]
    return Apply.of(formula.op, left, *others)


def _scaled(formula: Formula) -> Formula:
    """A multiple of ``base`` with one number: ``base / 250`` for ``base / 25 / 10``."""
    factor, rest, count = factored(formula)
    if count < 2 or not factor:
        return formula
    if factor < 1 and (1 / factor).is_integer():
        return Apply.of("/", rest, Const(1 / factor))
    return rest if factor == 1 else Apply.of("*", Const(factor), rest)


def shorter(formula: Apply, fits: Callable[[Formula], bool]) -> Apply | None:
    """The part to name in a formula that does not fit into a line.

    Args:
        formula: the formula.
        fits: says whether one does.

    Returns:
        A part after whose naming the rest fits, a function rather than an operation, and the
        smallest; or else the largest that fits by itself. None if there is no part to name.
    """
    parts = {part: None for part in _parts(formula) if part != formula and part.size > 1}
    able = [part for part in parts if fits(part)] or list(parts)
    enough = [part for part in able if fits(replaced(formula, part, Var("weight")))]
    if enough:
        return min(enough, key=lambda part: (not part.op.isidentifier(), part.size))
    return max(able, key=lambda part: part.size, default=None)
