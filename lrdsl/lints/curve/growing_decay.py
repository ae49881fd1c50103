"""A shape that is there to fall, with an argument by which it rises."""

from __future__ import annotations

import math
from collections.abc import Iterator

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.lints.blocks import Leaf, value_at
from lrdsl.lints.lint import ScheduleContext, alike, warning

_GAMMA = "a `gamma` below 1"
# The shapes that decay, and what makes them do so.
_DECAYS = {
    "cooldown": "an `end` below where it starts",
    "exponential": _GAMMA,
    "multistep": _GAMMA,
    "natural_exponential": "a `rate` above 0",
    "power_law": "an `exponent` below 0",
    "step": _GAMMA,
    "tanh_decay": "an `end` below where it starts",
}
# Of these a range test is made, which rises all along from a number of its own.
_RANGE_TESTS = ("exponential", "natural_exponential")
# So far an endless one is followed.
_FAR = 10**6


def find(line: ScheduleContext) -> Iterator[Diagnostic]:
    """Decays that end above their start."""
    if not (line.is_rate and line.is_comparable):
        return
    for leaf in line.leaves:
        shape = leaf.block
        if shape.name not in _DECAYS or _is_range_test(line, leaf):
            continue
        curve = shape.scalar(line.env)
        start, end = value_at(curve, 0), value_at(curve, min(shape.length, _FAR))
        if end > start and not alike(start, end):
            reached = f" to {line.say(end)}" if shape.length < math.inf else " on"
            message = f"`{shape.name}` is a decay, and rises here from {line.say(start)}{reached}"
            help = (
                f"to fall, it takes {_DECAYS[shape.name]}; for a rise, write `linear` or `stairs`"
            )
            yield warning("growing-decay", message, help, shape.span)


def _is_range_test(line: ScheduleContext, leaf: Leaf) -> bool:
    alone = len(line.blocks) == 1 and not leaf.inside
    return alone and line.schedule.is_absolute and leaf.block.name in _RANGE_TESTS
