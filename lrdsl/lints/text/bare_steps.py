"""A length without a unit in a text whose other lengths have one."""

from __future__ import annotations

from collections.abc import Iterator

from lrdsl.check.tree import Constant, Pointwise, Repeat, Sequence, Shape, Timed, Tree, UntilEvent
from lrdsl.check.values import Length
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.diagnostics.fix import fix
from lrdsl.lints.lint import ProgramContext, warning

_DIGITS = frozenset("0123456789_.")


def find(text: ProgramContext) -> Iterator[Diagnostic]:
    """Bare numbers that count steps, beside lengths that say what they count."""
    lengths = {n.span: n for drive in text.drives for n in _lengths(drive.tree)}
    source = text.program.module.source
    own = [n for span, n in lengths.items() if span.source is source]
    units = {unit for n in own for unit, _ in n.amounts} - {"st", "rest"}
    if not units:
        return
    shown = " and ".join(f"`{unit}`" for unit in sorted(units))
    for n in own:
        if n.in_steps and _is_bare(n.span.text):
            message = f"`{n.span.text}` counts steps, in a text that counts in {shown} elsewhere"
            in_steps = fix(n.span, f"{n.span.text}st")
            yield warning("bare-steps", message, in_steps.title, n.span, in_steps)


def _is_bare(text: str) -> bool:
    """True if a text is a number without a unit; 0 is the same in every unit."""
    plain = text[:-1] if text[-1:] in {"k", "M", "B"} else text
    return _DIGITS.issuperset(plain) and not {"0", "_", "."}.issuperset(plain)


def _lengths(tree: Tree | Constant) -> Iterator[Length]:
    """Every length of a tree."""
    if isinstance(tree, Shape):
        yield tree.length
        for _, given in tree.steps:
            yield from given if isinstance(given, tuple) else (given,)
    elif isinstance(tree, Timed):
        yield tree.length
        yield from _lengths(tree.body)
    elif isinstance(tree, Repeat | UntilEvent):
        yield from _lengths(tree.body)
    elif isinstance(tree, Sequence | Pointwise):
        for child in tree.parts if isinstance(tree, Sequence) else tree.sides:
            yield from _lengths(child)
