"""Steps at which a curve is no rate: undefined, infinite or negative."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.formula.formula import UNDEFINED, why
from lrdsl.schedule.block import Block, Scalar
from lrdsl.schedule.chain import Chain

# Parts up to this long are looked at step by step; longer ones in about as many places.
EVERY = 2_000
# An endless part is looked at in its first steps and then ever more rarely.
FIRST, FAR = 200, 10**12


def faults(
    chain: Chain, curve: Scalar, base: float, steps: Iterable[int] | None = None
) -> list[Diagnostic]:
    """The first fault of each part of a curve.

    Args:
        chain: the schedule's blocks.
        curve: its curve for the base rate.
        base: the base rate, for the message.
        steps: the steps to look at; where None, they are chosen.
    """
    found = []
    share = max(3, EVERY * 10 // len(chain.blocks))
    for first, block in zip(chain.starts, chain.blocks, strict=True):
        looked_at = (
            _places(block, min(EVERY, share)) if steps is None else (s - first for s in steps)
        )
        for local in looked_at:
            if _fault(curve, first + local):
                step = first + (local if steps is not None else _earliest(curve, first, local))
                lowest = _lowest(block, curve, first) if steps is None else step
                found.append(_diagnostic(block, curve, step, lowest))
                break
    return found[:1] if steps is not None else found


def _places(block: Block, count: int) -> Iterator[int]:
    """The local steps to look at, ascending, the end included."""
    if math.isinf(block.length):
        yield from range(min(count, FIRST))
        far = FIRST
        while far <= FAR:
            yield far
            far += far // 4
        return
    length = int(block.length)
    if length <= count:
        yield from range(length + 1)
        return
    yield 0
    yield 1
    for i in range(1, count):
        yield max(2, length * i // count)
    yield length - 1
    yield length


def _earliest(curve: Scalar, first: int, local: int) -> int:
    """The first faulty step of the stretch that ends at a faulty one, by halving."""
    good, bad = -1, local
    while bad - good > 1:
        middle = (good + bad) // 2
        if _fault(curve, first + middle):
            bad = middle
        else:
            good = middle
    return bad


def _fault(curve: Scalar, step: int) -> bool:
    try:
        return not 0.0 <= curve(step) < math.inf
    except UNDEFINED:
        return True


def _lowest(block: Block, curve: Scalar, first: int) -> int:
    """The step of the lowest value of a part, as far as it is looked at and has values."""
    steps = [first + local for local in _places(block, EVERY)]
    return min(steps, key=lambda step: math.inf if _undefined(curve, step) else curve(step))


def _undefined(curve: Scalar, step: int) -> bool:
    try:
        return math.isnan(curve(step))
    except UNDEFINED:
        return True


def _diagnostic(block: Block, curve: Scalar, step: int, lowest: int) -> Diagnostic:
    try:
        value = curve(step)
    except UNDEFINED as error:
        message = f"the rate has no value at step {step:,}: {why(error)}"
        help = "keep what is divided by, or taken the logarithm of, above 0: `max(…, 1e-8)`"
        return Diagnostic("not-finite", message, help, block.span)
    if value < 0:
        message = f"the rate is negative at step {step:,}: {value:g}"
        if not _undefined(curve, lowest) and curve(lowest) < value:
            least = f"{curve(lowest):g} at step {lowest:,}"
            message = f"the rate turns negative at step {step:,}, and gets as low as {least}"
        help = "an optimizer would climb instead of descend; hold it up with `max(…, 0)`"
        return Diagnostic("negative-rate", message, help, block.span)
    message = f"the rate is not a finite number at step {step:,}: {value:g}"
    return Diagnostic("not-finite", message, "change the arguments of this part", block.span)
