"""Ways out of sequences whose parts do not fit, for messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrdsl.check.tree import Constant, Every, Over, Repeat, Shape, Skip, Timed, Tree
from lrdsl.text.numbers import divide, exact
from lrdsl.wording import number

if TYPE_CHECKING:
    from lrdsl.resolve.boundaries import Layout
    from lrdsl.text.numbers import Rational
    from lrdsl.text.source import Span


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


def less_work(layout: Layout) -> str:
    """What makes a program take less work, which depends on what it is spent on.

    Args:
        layout: what lays it out, with what it knows of repetitions that have no clock.
    """
    if layout.cut is not None:
        return (
            f"the `repeat` on {_place(layout.cut)}, has cycles of a fraction of a step and is cut"
            " to less than one step: give it a step or more, or give the cycles around it whole"
            " steps"
        )
    if layout.timed is not None:
        where = f"the `{layout.timed.name}` on {_place(layout.timed.span)},"
        if layout.nest is not None:
            return f"{where} reads values at fractions of a step: give it whole steps"
        return (
            f"{where} cuts a `repeat` with cycles of a fraction of a step: give those cycles"
            " lengths of whole steps"
        )
    if layout.nest is not None:
        return (
            "each level of `repeat` has a word, such as `prev`, that depends on how the part"
            " beside it is rounded: write values for these words, or lengths of whole steps"
        )
    return "use fewer cycles of different lengths inside each other: `stretch = 1` has one"


def _place(span: Span) -> str:
    line, column, *_ = span.place
    return f"line {line}, column {column}"
