"""Schedules as data: their parts with formulas, for programs in any language.

``docs/reference/export.schema.json`` describes it, and ``examples/follow_schedule.js`` reads it.
"""

from __future__ import annotations

import json

from lrdsl import __version__
from lrdsl.exporting.curves import Chain, Combined, Curve, Cycles, Every, Grid, Leaf, Link, mentions
from lrdsl.exporting.lowering import lowered
from lrdsl.exporting.order import Order
from lrdsl.formula.formula import Const, Formula, Var
from lrdsl.resolve.fingerprint import fingerprint

VERSION = 1
_Node = dict[str, object]


def written(order: Order) -> str:
    """The document.

    Args:
        order: what is asked.

    Raises:
        LrsError: a schedule has no closed form.
    """
    targets: list[_Node] = []
    for driven in order.resolved.driven:
        chain = lowered(driven.schedule, order.bases.get(driven.target.key))
        length = driven.schedule.length
        targets.append(
            {
                "target": driven.target.label,
                "length": int(length) if length < float("inf") else None,
                "needs_base": mentions(chain, "base"),
                **_curve(chain),
            }
        )
    document = {
        "version": VERSION,
        "lrdsl": __version__,
        "text": order.resolved.program.source,
        "fingerprint": fingerprint(order.resolved),
        "targets": targets,
    }
    return _laid_out(document) + "\n"


def _laid_out(node: object, indent: str = "") -> str:
    """A document with a line for each field, and formulas in one line."""
    inner = f"{indent}  "
    if isinstance(node, dict):
        fields = [f"{json.dumps(name)}: {_laid_out(value, inner)}" for name, value in node.items()]
        if any("\n" in field for field in fields) or not indent or "name" in node:
            return "{\n" + ",\n".join(inner + field for field in fields) + f"\n{indent}}}"
        return f"{{{', '.join(fields)}}}"
    if isinstance(node, list) and node and isinstance(node[0], dict):
        return "[\n" + ",\n".join(inner + _laid_out(one, inner) for one in node) + f"\n{indent}]"
    return json.dumps(node, ensure_ascii=False, allow_nan=False)


def _curve(curve: Curve) -> _Node:
    match curve:
        case Leaf(formula):
            return {"formula": _formula(formula)}
        case Chain(links):
            return {"parts": [_part(link) for link in links]}
        case Cycles(bounds, inner, decay, count):
            return {"cycles": _bounds(bounds), "decay": decay, "count": count, "of": _curve(inner)}
        case Every(bounds, inner):
            return {"every": _bounds(bounds), "of": _curve(inner)}
        case Combined(op, curves):
            return {"combined": op, "of": [_curve(inner) for inner in curves]}


def _part(link: Link) -> _Node:
    return {"name": link.name, "first": link.first, "offset": link.offset, **_curve(link.curve)}


def _bounds(bounds: Grid | tuple[int, ...]) -> _Node | list[int]:
    if isinstance(bounds, Grid):
        return {"start": bounds.start, "cycle": bounds.cycle, "unit": bounds.unit}
    return list(bounds)


def _formula(formula: Formula) -> object:
    """A number, the name of a variable, or a list of an operation and its operands."""
    match formula:
        case Const(value):
            is_plain = isinstance(value, bool) or not float(value).is_integer()
            return value if is_plain else int(value)
        case Var(name):
            return name
    return [formula.op, *map(_formula, formula.args)]
