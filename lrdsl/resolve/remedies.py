"""Ways out of sequences whose parts do not fit, for messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrdsl.check.tree import Constant, Every, Over, Repeat, Shape, Skip, Timed, Tree
from lrdsl.text.numbers import divide, exact
from lrdsl.wording import number

if TYPE_CHECKING:
    from lrdsl.text.numbers import Rational


def remedy(tree: Tree) -> str:
    """The way to give a part that fills its room a length."""
    if isinstance(tree, Skip | Every):
        return remedy(tree.body)
    return "`repeat` its `times`" if isinstance(tree, Repeat) else f"`{tree.name}` a length"


def share_of_cycle(
    tree: Repeat, parts: list[Tree], cycle: Rational, enclosing: Rational | None
) -> str:
    """How to write shares of the first cycle of a ``repeat``, which `%` inside it is not.

    Args:
        tree: the repetition.
        parts: the parts of a cycle; if no length in them is a share, nothing is written.
        cycle: the exact length of a cycle.
        enclosing: the length that shares refer to.
    """
    if not any(map(_has_share, parts)):
        return ""
    share = "…"
    if enclosing:
        percent = divide(100 * cycle, enclosing)
        share = f"{number(float(percent))}%"
        if percent != exact(float(number(float(percent)))) and cycle.denominator == 1:
            share = str(cycle)
    whole, body = tree.span, tree.body.span
    written = f"over({share}, …)"
    if whole.source is body.source and whole.start < body.start and body.end < whole.end:
        head = whole.text[: body.start - whole.start]
        written = f"{head}over({share}, {body.text}){whole.text[body.end - whole.start :]}"
    way = f"for shares of a cycle, write `{' '.join(written.split())}`"
    return f"`%` is a share of the length around `repeat`; {way}"


def _has_share(tree: Tree) -> bool:
    """True if the length of a part is a share of another one."""
    if isinstance(tree, Shape | Timed) and any(unit == "%" for unit, _ in tree.length.amounts):
        return True
    if isinstance(tree, Timed) and not isinstance(tree, Over):
        return _has_share(tree.body)
    return not isinstance(tree, Repeat) and any(
        _has_share(side) for side in getattr(tree, "sides", ()) if not isinstance(side, Constant)
    )
