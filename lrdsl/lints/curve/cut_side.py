"""A side of a product that ends with the other one, before it has done what it is there for."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.diagnostics.fix import Edit, Fix
from lrdsl.lints.blocks import Leaf, closing, milestones, moving, value_at
from lrdsl.lints.lint import ScheduleContext, alike, warning
from lrdsl.record import entity
from lrdsl.schedule.block import Block
from lrdsl.schedule.pointwise import PointwiseBlock
from lrdsl.schedule.shape import ShapeBlock
from lrdsl.text.source import Span
from lrdsl.wording import listed, plural

# So far ahead a decay is looked at.
_FAR = 10**6


@entity
class Cut:
    """A shape without a length of its own, in a product with a side that ends.

    Attributes:
        shape: the shape that is cut off.
        other: the side that ends.
        milestones: those of the shape that are still to come.
    """

    shape: ShapeBlock
    other: Block
    milestones: tuple[float, ...]


def find(line: ScheduleContext) -> Iterator[Diagnostic]:
    """Milestones, or a decay, that a product leaves out because another side of it ends."""
    for cut in cuts(line):
        after = plural(int(cut.shape.length), "step")
        lost = "its decay stops there"
        if cut.milestones:
            one = len(cut.milestones) == 1
            shown = listed([f"{int(m):,}" for m in cut.milestones])
            lost = f"the milestone{'s' * (not one)} at {shown} never come{'s' * one}"
        message = f"`{cut.shape.name}` ends after {after}, with `{cut.other.name}`: {lost}"
        help = (
            "hold the shorter side inside the product, not after it:"
            f" `({cut.other.name}(…) >> const) * {cut.shape.name}(…)`"
        )
        yield warning("cut-side", message, help, cut.shape.span, *_held(cut))


def _held(cut: Cut) -> tuple[Fix, ...]:
    """The fix that holds the shorter side inside the product, and not after it any more."""
    span = cut.other.span
    after = re.fullmatch(
        rf"(\s*\*\s*{re.escape(cut.shape.span.text)})?(\s*>>\s*const)?\s*(#[^\n]*)?\s*",
        span.source.text[span.end :],
    )
    if after is None or cut.shape.span.source is not span.source:
        return ()
    edits = [
        Edit(Span(span.source, span.start, span.start), "("),
        Edit(Span(span.source, span.end, span.end), " >> const)"),
    ]
    if after[2]:
        edits.append(Edit(Span(span.source, *(span.end + n for n in after.span(2))), ""))
    return (Fix("hold it inside the product", tuple(edits)),)


def cuts(line: ScheduleContext) -> Iterator[Cut]:
    """Every such side of the products of a schedule.

    Args:
        line: the schedule.
    """
    for leaf in line.leaves:
        product = next((b for b in reversed(leaf.inside) if isinstance(b, PointwiseBlock)), None)
        if product is None or product.op != "*" or not product.length < math.inf:
            continue
        if leaf.first + leaf.block.length >= line.total or not _goes_on(leaf):
            continue
        own = [side for side in moving(product) if leaf.block in closing(side)]
        others = [side for side in moving(product) if side not in own]
        if not own or own[0].length != product.length:
            continue
        late = tuple([m for m in milestones(leaf.block, line.env) if m > leaf.block.length])
        for other in others:
            if late or (_rises(line, other) and _falls_on(line, leaf.block)):
                yield Cut(leaf.block, other, late)
                break


def _goes_on(leaf: Leaf) -> bool:
    """True if a shape has no end of its own: by its formula, and as it was written."""
    kernel = leaf.block.kernel
    unsaid = "length" not in leaf.block.span.text
    return unsaid and not kernel.needs_length and not kernel.is_constant


def _rises(line: ScheduleContext, side: Block) -> bool:
    curve = side.scalar(line.env)
    start, end = value_at(curve, 0), value_at(curve, side.length)
    return end > start and not alike(start, end)


def _falls_on(line: ScheduleContext, shape: ShapeBlock) -> bool:
    curve = shape.scalar(line.env)
    end, later = value_at(curve, shape.length), value_at(curve, shape.length + _FAR)
    return later < end and not alike(later, end)
