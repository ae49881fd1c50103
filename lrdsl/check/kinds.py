"""The kind of each parameter of a definition, from its annotation or its default."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from lrdsl.formula.functions import COMPARISONS
from lrdsl.text import numbers
from lrdsl.text.nodes import (
    Call,
    Definition,
    Expression,
    Items,
    Name,
    Number,
    Operation,
    Parameter,
    walk,
)

# A parameter of a `def` that says nothing takes anything: a `def` is expanded, not called.
Kind = Literal["steps", "[steps]", "number", "[number]", "truth", "function", "schedule", "any"]

# The kinds that can be written after the `:` of a parameter.
ANNOTATIONS: dict[str, Kind] = {
    "steps": "steps", "[steps]": "[steps]", "number": "number", "[number]": "[number]",
    "truth": "truth", "function": "function", "schedule": "schedule",
}  # fmt: skip


def kinds_of(
    keyword: str, parameters: Sequence[Parameter], is_function: Callable[[str], bool]
) -> tuple[Kind, ...]:
    """The kind of each parameter of a ``def`` or a ``shape``.

    Args:
        keyword: ``def`` or ``shape``.
        parameters: its parameters.
        is_function: True if a name that the definition sees is that of a function.
    """
    unsaid: Kind = "number" if keyword == "shape" else "any"
    kinds: list[Kind] = []
    earlier: set[str] = set()
    for parameter in parameters:
        default = parameter.default
        if keyword == "shape" and parameter.name == "length":
            kinds.append("steps")  # what it means in a formula leaves no choice
        elif parameter.kind:
            kinds.append(ANNOTATIONS.get(parameter.kind, unsaid))
        elif default is None or (isinstance(default, Name) and default.id in earlier):
            kinds.append(unsaid)
        else:
            kinds.append(_kind_of_default(default, keyword, is_function) or unsaid)
        earlier.add(parameter.name)
    return tuple(kinds)


def _kind_of_default(
    default: Expression, keyword: str, is_function: Callable[[str], bool]
) -> Kind | None:
    """The kind that a default implies for its parameter; None if it implies none."""
    match default:
        case Name(id="true" | "false"):
            return "truth"
        case Name(id="rest") if keyword == "shape":
            return "steps"
        case Name() if is_function(default.id):
            return "function"
        case Operation() if default.op in COMPARISONS:
            return "truth"
        case Items():
            return "[steps]" if any(_has_unit(item) for item in default.items) else "[number]"
        case Number() | Operation() if _has_unit(default):
            return "steps"
    return None


def _has_unit(node: Expression) -> bool:
    """True if a number, or what is calculated from numbers, has a unit."""
    if isinstance(node, Operation):
        return node.op != ">>" and any(_has_unit(operand) for operand in node.operands)
    if not isinstance(node, Number):
        return False
    try:
        return bool(numbers.read(node.spelling).unit)
    except (ValueError, OverflowError):
        return False  # which is reported where it is read


def called_in(definition: Definition) -> set[str]:
    """The names that the guards and the formula of a definition call."""
    roots = [*definition.guards, *([definition.body] if definition.body else [])]
    return {node.id for root in roots for node in walk(root) if isinstance(node, Call)}
