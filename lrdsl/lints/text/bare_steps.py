"""A length without a unit where other lengths have one: in the text, or in what its run is like."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence

from lrdsl.check.tree import Constant, Shape, Timed, Tree, children
from lrdsl.check.values import Length
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.diagnostics.fix import Edit, Fix, fix
from lrdsl.lints.lint import ProgramContext, warning
from lrdsl.text import numbers
from lrdsl.text.nodes import Number
from lrdsl.wording import count, listed, number, plural

_DIGITS = frozenset("0123456789_.")
_IN_STEPS = re.compile(r"[0-9][kMB]?st\b")
# So many numbers are named in a message; of more, the first two.
_NAMED = 3


def find(text: ProgramContext) -> Iterator[Diagnostic]:
    """Bare numbers that count steps, beside lengths that say what they count."""
    lengths = {n.span: n for drive in text.drives for n in _lengths(drive.tree)}
    source = text.program.module.source
    own = [n for span, n in lengths.items() if span.source is source]
    bare = [n for n in own if n.in_steps and _is_bare(n.span.text)]
    if units := _units(own):
        shown = " and ".join(f"`{unit}`" for unit in sorted(units))
        for n in bare:
            message = f"`{n.span.text}` counts steps, in a text that counts in {shown} elsewhere"
            in_steps = fix(n.span, f"{n.span.text}st")
            yield warning("bare-steps", message, in_steps.title, n.span, in_steps)
    elif text.run.total is not None:
        yield from _in_a_run(text, sorted(bare, key=_place))
    elif not _units(lengths.values()) and (bare or not any(map(_says_steps, own))):
        yield from _without_effect(text, sorted(bare, key=_place))


def _in_a_run(text: ProgramContext, bare: Sequence[Length]) -> Iterator[Diagnostic]:
    """Numbers that may be meant in the unit in which the length of the run is told."""
    total = text.run.total
    assert total is not None
    ((unit, amount), *others) = total.amounts
    # A caller may tell the length in epochs, and not yet how long one is.
    size = text.run.units.get(unit, 2 if unit == "ep" else 0)
    if others or unit == "st" or size <= 1:
        return
    # What is more than the run in that unit can only be steps, such as 500 in a run of 12 epochs.
    if may_be := [n for n in bare if n.amounts[0][1] <= amount]:
        run = plural(amount, "epoch") if unit == "ep" else str(total)
        message = f"{_counting(may_be)}, and the run is {run}"
        yield _unclear(may_be, bare, unit, message)


def _without_effect(text: ProgramContext, bare: Sequence[Length]) -> Iterator[Diagnostic]:
    """Numbers in a run of which nothing is told but how long an epoch is, which nothing uses."""
    run, resolved = text.run, text.resolved
    size = run.units.get("ep", 1)
    # Where an epoch is one step, trainers step once per epoch: the number has an effect there.
    if resolved is None or size == 1 or run.clock is not None or run.ramp is not None:
        return
    said = "steps_per_epoch" if "steps_per_epoch" in resolved.arguments else _stated(text)
    vain = f"nothing is in epochs, so `{said}` changes no value"
    if bare:
        message = f"{vain}: {_counting(bare)}"
        ends = max(schedule.length for schedule in resolved.values())
        if ends < math.inf:
            epochs = number(ends / float(size), 3)
            message += f", and the schedule ends after {epochs} epoch{'s' * (epochs != '1')}"
        yield _unclear(bare, bare, "ep", message, f"; or leave `{said}` out")
        return
    shapes = (shape for drive in text.drives for shape in _shapes(drive.tree))
    moving = next((shape for shape in shapes if not shape.kernel.is_constant), None)
    if moving is not None:
        message = f"{vain}: `{moving.name}` counts steps"
        help = f"write a length in epochs, such as `5ep` or `every = 1ep`, or leave `{said}` out"
        yield warning("bare-steps", message, help, moving.span)


def _stated(text: ProgramContext) -> str:
    """The item of a `run` statement that says how long an epoch is."""
    for run in text.program.module.runs:
        for item in run.items:
            sides = [side for side in (item.key, item.value) if isinstance(side, Number)]
            if any(numbers.read(side.spelling).unit == "ep" for side in sides):
                return " ".join(item.span.text.split())
    return "1ep"


def _counting(bare: Sequence[Length]) -> str:
    """Says of numbers that they count steps."""
    return f"{_named([n.span.text for n in bare])} count{'s' * (len(bare) == 1)} steps"


def _unclear(
    may_be: Sequence[Length], bare: Sequence[Length], unit: str, message: str, more: str = ""
) -> Diagnostic:
    """The finding for numbers that may count a unit, with the fixes that say which is meant."""
    in_unit = _written(bare, [unit if n in may_be else "st" for n in bare])
    in_steps = _written(bare, ["st"] * len(bare))
    other = in_steps.title.removeprefix("write ")
    help = f"{in_unit.title}, or {other} if steps are meant{more}"
    return warning("bare-steps", message, help, may_be[0].span, in_unit, in_steps)


def _written(bare: Sequence[Length], units: Sequence[str]) -> Fix:
    """The fix that writes units against numbers."""
    edits = [Edit(n.span, n.span.text + unit) for n, unit in zip(bare, units, strict=True)]
    return Fix(f"write {_named([edit.text for edit in edits])}", tuple(edits))


def _named(texts: Sequence[str]) -> str:
    names = [f"`{text}`" for text in texts]
    if len(names) > _NAMED:
        names = [*names[:2], f"{count(len(names) - 2)} more"]
    return listed(names)


def _is_bare(text: str) -> bool:
    """True if a text is a number without a unit; 0 is the same in every unit."""
    plain = text[:-1] if text[-1:] in {"k", "M", "B"} else text
    return _DIGITS.issuperset(plain) and not {"0", "_", "."}.issuperset(plain)


def _says_steps(length: Length) -> bool:
    """True if a text such as `200st` says that it means steps."""
    return bool(_IN_STEPS.search(length.span.text))


def _place(length: Length) -> int:
    return length.span.start


def _units(lengths: Iterable[Length]) -> set[str]:
    return {unit for n in lengths for unit, _ in n.amounts} - {"st", "rest"}


def _lengths(tree: Tree | Constant) -> Iterator[Length]:
    """Every length of a tree."""
    for node in _nodes(tree):
        if isinstance(node, Shape):
            yield node.length
            for _, given in node.steps:
                yield from given if isinstance(given, tuple) else (given,)
        elif isinstance(node, Timed):
            yield node.length


def _shapes(tree: Tree | Constant) -> Iterator[Shape]:
    return (node for node in _nodes(tree) if isinstance(node, Shape))


def _nodes(tree: Tree | Constant) -> Iterator[Tree | Constant]:
    """A tree, and every tree in it."""
    yield tree
    for child in children(tree):
        yield from _nodes(child)
