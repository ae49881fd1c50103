"""A jump where one part meets the next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.diagnostics.fix import Fix
from lrdsl.lints.blocks import shown
from lrdsl.lints.edits import ignored, instead
from lrdsl.lints.lint import ScheduleContext, alike, warning
from lrdsl.schedule.block import Block, Env
from lrdsl.schedule.pointwise import PointwiseBlock
from lrdsl.schedule.repeat import RepeatBlock
from lrdsl.schedule.sequence import SequenceBlock
from lrdsl.schedule.shape import ShapeBlock
from lrdsl.schedule.window import EveryBlock, WindowBlock
from lrdsl.wording import number

Curve = Callable[[int], float]


def find(line: ScheduleContext) -> Iterator[Diagnostic]:
    """Joins at which the value changes at once, and nothing says that it should."""
    if not (line.is_rate and line.is_comparable):
        return
    for (first, before, ends), (join, after, starts) in pairwise(line.blocks):
        if join < line.total and _is_jump(before, ends, after, starts, opening=first == 0):
            yield _report(line, before, ends, after, starts, join - first, f"at step {join:,}")
    for first, block, _ in line.blocks:
        if first < line.total:
            yield from _inside(line, block, line.env)


def _inside(line: ScheduleContext, block: Block, env: Env) -> Iterator[Diagnostic]:
    """The jumps inside a cycle, or inside a stretch that was given a length of its own."""
    if not isinstance(block, RepeatBlock | WindowBlock | EveryBlock):
        return
    for chain in block.children():
        if isinstance(chain, SequenceBlock):
            blocks: Iterable[Block] = chain.blocks
            if isinstance(block, WindowBlock):
                blocks = [part for _, part in shown(block)]
            parts = [(inner, inner.scalar(env)) for inner in blocks]
            for i, ((before, ends), (after, starts)) in enumerate(pairwise(parts)):
                if _is_jump(before, ends, after, starts, opening=i == 0):
                    n = int(before.length)
                    yield _report(line, before, ends, after, starts, n, f"inside `{block.name}`")
            for inner in blocks:
                yield from _inside(line, inner, env)


def _is_jump(before: Block, ends: Curve, after: Block, starts: Curve, *, opening: bool) -> bool:
    old, new = ends(int(before.length)), starts(0)
    if alike(old, new) or _is_entered(after):
        return False
    # Constants at two heights are a staircase, and meant as one; a lower constant that a schedule
    # opens with is a constant warm-up.
    if _is_flat(before) and (_is_flat(after) or (opening and old < new)):
        return False
    is_restart = old < new and alike(ends(0), new)
    return not (is_restart or _is_relative(before, after))


def _is_entered(block: Block) -> bool:
    """True if a block starts with a `skip`: a schedule on an earlier clock starts where it is."""
    if isinstance(block, WindowBlock) and block.first:
        return True
    children = block.children()
    return any(map(_is_entered, children if isinstance(block, PointwiseBlock) else children[:1]))


def _is_relative(before: Block, after: Block) -> bool:
    """True if one side of a join is written as a share of the other."""
    starts, ends = after.at(0).names, before.at(int(before.length)).names
    return any(name.startswith("prev@") for name in starts) or any(
        name.startswith("next@") for name in ends
    )


def _is_flat(block: Block) -> bool:
    if isinstance(block, ShapeBlock):
        return block.kernel.is_constant
    return bool(block.children()) and all(map(_is_flat, block.children()))


def _report(
    line: ScheduleContext,
    before: Block,
    ends: Curve,
    after: Block,
    starts: Curve,
    n: int,
    where: str,
) -> Diagnostic:
    old, new = ends(n), starts(0)
    ratio = ""
    if old and new:
        ratio = f", by a factor of {number(new / old, 3)}"
    message = f"the rate jumps from {line.say(old)} to {line.say(new)} {where}{ratio}"
    help = (
        f"`{before.name}` ends at the one and `{after.name}` starts at the other: let one of them"
        " follow with `next` or `prev`, or say `# lrs: ignore[jump]`"
    )
    fixes: tuple[Fix, ...] = ()
    if isinstance(after, ShapeBlock):
        fixes += instead(after, "start", "prev")
    if isinstance(before, ShapeBlock):
        fixes += instead(before, "end", "next")
    return warning("jump", message, help, after.span, *fixes, *ignored("jump", after.span))
