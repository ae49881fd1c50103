"""Milestones that never come."""

from __future__ import annotations

from collections.abc import Iterator

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.diagnostics.fix import Fix, fix
from lrdsl.lints.blocks import Leaf, milestones
from lrdsl.lints.lint import ScheduleContext, warning
from lrdsl.schedule.pointwise import PointwiseBlock
from lrdsl.schedule.shape import ShapeBlock
from lrdsl.schedule.window import WindowBlock
from lrdsl.schedule.written import argument
from lrdsl.text.nodes import Items
from lrdsl.text.source import Span
from lrdsl.wording import listed


def find(line: ScheduleContext) -> Iterator[Diagnostic]:
    """Milestones, and cuts, past the end of the run or of their part."""
    for leaf in line.leaves:
        shape = leaf.block
        places = milestones(shape, line.env)
        run = line.total - leaf.first
        if run <= shape.length:
            # One at the very end is what `milestones=[30, 60, 90]` of 90 epochs is; where it is
            # the only one, the rate was meant to stay.
            late = [m for m in places if m >= run]
            if late and max(late) > run:
                yield _report(line, leaf, late, run, "the run")
        elif not any(isinstance(block, PointwiseBlock) for block in leaf.inside):
            late = [m for m in places if m > shape.length]
            if late:
                yield _report(line, leaf, late, shape.length, "the part")
    yield from _late_cuts(line)


def _late_cuts(line: ScheduleContext) -> Iterator[Diagnostic]:
    """Every ``until`` that cuts nothing off."""
    for _, part, _ in line.blocks:
        if isinstance(part, ShapeBlock):
            continue  # nothing is inside, as in most
        for block in part.walk():
            if isinstance(block, WindowBlock) and block.cut and block.cut > block.length:
                lasts = line.lasts(block.cut, block.length)
                cut, end = [text.removesuffix(" steps") for text in lasts]
                message = f"`until` cuts at {cut}, and what is inside has ended by then, at {end}"
                help = "leave `until` out, shorten its length, or lengthen what is inside"
                yield warning("late-milestones", message, help, block.span)


def _report(
    line: ScheduleContext, leaf: Leaf, late: list[float], end: float, whole: str
) -> Diagnostic:
    *places, stop = [text.removesuffix(" steps") for text in line.lasts(*late, end)]
    clock = f", counted from step {leaf.first:,}, where the part starts" if leaf.first > 0 else ""
    if leaf.block.name == "step":
        message = f"the first drop, at {places[0]}, never comes: {whole} ends at {stop}{clock}"
        help = f"write a shorter one, or lengthen {whole}"
    else:
        one = len(late) == 1
        message = f"the milestone{'s' * (not one)} at {listed(places)} never come{'s' * one}"
        message += f": {whole} ends at {stop}{clock}"
        help = f"leave {'it' if one else 'them'} out, or lengthen {whole}"
    return warning("late-milestones", message, help, leaf.block.span, *_left_out(leaf, late))


def _left_out(leaf: Leaf, late: list[float]) -> tuple[Fix, ...]:
    """The fix that leaves the last milestones out; none if they have values of their own."""
    if leaf.block.name != "multistep":
        return ()
    written = argument(leaf.block, "milestones")
    if not isinstance(written, Items) or len(written.items) <= len(late):
        return ()
    kept, *out = written.items[-len(late) - 1 :]
    span = kept.span.to(out[-1].span)
    title = f"leave {'it' if len(late) == 1 else 'them'} out"
    return (fix(Span(span.source, kept.span.end, span.end), "", title),)
