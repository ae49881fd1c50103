"""Steps at which a curve has no valid value: undefined, infinite, below its bounds or above."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator

from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.formula.bounds import Undecided
from lrdsl.formula.formula import UNDEFINED, why
from lrdsl.record import replace
from lrdsl.schedule.block import Block, Env, Scalar
from lrdsl.schedule.bounds import block_bounds
from lrdsl.schedule.pointwise import PointwiseBlock
from lrdsl.schedule.repeat import RepeatBlock
from lrdsl.schedule.sequence import SequenceBlock
from lrdsl.schedule.shape import ShapeBlock
from lrdsl.wording import number, plural

# Parts up to this long are looked at step by step; longer ones in about as many places.
EVERY = 2_000
# Fewer places are looked at where a value is put together from more than some ten shapes.
SHAPES = 20_000
# An endless part is looked at in its first steps and then ever more rarely.
FIRST, FAR = 200, 10**12
# Bounds cost as much as so many values, and are looked for in halves of halves, up to so many.
_BOUNDS, _HALVES = 60, 16

# What a learning rate is called in messages.
RATE = "rate"

# What a step is called in messages.
Place = Callable[[int], str]


def step_name(step: int) -> str:
    """A step, as messages call it."""
    return f"step {step:,}"


# A stretch of local steps, the last one included.
Stretch = tuple[int, int]
# The lowest value that is valid, and the upper bound that values must stay below.
Within = tuple[float, float]


def faults(
    chain: SequenceBlock,
    env: Env,
    bind: Callable[[], Scalar],
    noun: str,
    within: Within,
    place: Place = step_name,
) -> list[Diagnostic]:
    """The first fault of each part of a curve.

    Bounds show of most parts that there is none. The rest is sampled.

    Args:
        chain: the schedule's blocks.
        env: the values of ``base`` and of the words.
        bind: gives the schedule's curve for them.
        noun: the word for a value in messages: ``rate``, ``momentum``.
        within: the bounds of its values.
        place: what a step is called.
    """
    diagnostics = []
    share = max(3, EVERY * 10 // len(chain.blocks))
    for first, block in zip(chain.starts, chain.blocks, strict=True):
        count = max(3, min(EVERY, share, SHAPES // _weight(block)))
        is_last = block is chain.blocks[-1]
        doubtful = _doubtful(block, env, count, is_last, within)
        if not doubtful:
            continue
        curve = bind()
        looked = _inside(_places(block, count, is_last), doubtful)
        local = _first_fault(curve, first, looked, within)
        if local is None:
            diagnostics += _in_layouts(block, env, noun, within[0])
            continue
        step = first + _earliest(curve, first, local, within)
        lowest = _lowest(curve, (first + local for local in _places(block, count, is_last)))
        diagnostics.append(_diagnostic(block, curve, noun, within, (step, lowest), place))
    return diagnostics


def _in_layouts(block: Block, env: Env, noun: str, least: float) -> list[Diagnostic]:
    """The first fault of a layout that too few cycles have for one of them to be looked at."""
    within = least, math.inf
    for inner in _unseen(block):
        curve = inner.scalar(env)
        t = _first_fault(curve, 0, _places(inner, EVERY // 10, is_last=False), within)
        if t is not None:
            found = _diagnostic(inner, curve, noun, within, (t, t), step_name)
            there = f"of `{inner.name}` in a cycle where it lasts {plural(inner.length, 'step')}"
            at = f"at step {t:,}"
            return [replace(found, message=found.message.replace(at, f"{at} {there}"))]
    return []


def _unseen(block: Block) -> Iterator[Block]:
    """The layouts of parts of a block, where cycles are not laid out one by one."""
    if isinstance(block, RepeatBlock) and block.fine is not None:
        yield from block.fine.sole()
    elif not isinstance(block, PointwiseBlock):
        for child in block.children():
            yield from _unseen(child)


def fault_at(
    chain: SequenceBlock,
    curve: Scalar,
    noun: str,
    within: Within,
    step: int,
    place: Place = step_name,
) -> Diagnostic | None:
    """The error of the value at one step; None if the value is valid.

    Args:
        chain: the schedule's blocks.
        curve: its curve for a base rate.
        noun: the word for a value in messages.
        within: the bounds of its values.
        step: the step.
        place: what a step is called.
    """
    if not _fault(curve, step, within):
        return None
    block = chain.blocks[bisect_right(chain.starts, step) - 1]
    return _diagnostic(block, curve, noun, within, (step, step), place)


def _doubtful(block: Block, env: Env, count: int, is_last: bool, within: Within) -> list[Stretch]:
    """The stretches of a part of which bounds do not show that all values are good, ascending."""
    last = FAR if math.isinf(block.length) else int(block.length) - (not is_last)
    most = min(_HALVES, max(3, min(count, last) // _BOUNDS))
    stretches, spent = [(0, last)], 0
    while True:
        spent += len(stretches)
        doubtful = [s for s in stretches if not _is_good(block, env, *s, within)]
        if not doubtful or spent + 2 * len(doubtful) > most:
            return doubtful
        stretches = [half for stretch in doubtful for half in _halves(*stretch)]


def _halves(first: int, last: int) -> tuple[Stretch, ...]:
    middle = (first + last) // 2
    return ((first, middle), (middle + 1, last)) if first < last else ((first, last),)


def _is_good(block: Block, env: Env, first: int, last: int, within: Within) -> bool:
    try:
        low, high = block_bounds(block, env, first, last)
    except (Undecided, LrsError):
        return False
    return low >= within[0] and high < within[1]


def _inside(places: Iterable[int], stretches: list[Stretch]) -> Iterator[int]:
    """The places that lie in one of the stretches; both ascend."""
    starts = [start for start, _ in stretches]
    for place in places:
        i = bisect_right(starts, place) - 1
        if i >= 0 and place <= stretches[i][1]:
            yield place


def _first_fault(curve: Scalar, first: int, places: Iterable[int], within: Within) -> int | None:
    """The first of some local steps that is faulty; None if none is."""
    least, limit = within
    for local in places:
        try:
            if least <= curve(first + local) < limit:
                continue
        except UNDEFINED:
            pass
        return local
    return None


def _weight(block: Block) -> int:
    """The number of shapes evaluated for one value; a long formula counts as several."""
    if isinstance(block, ShapeBlock):
        return 1 + block.kernel.formula.size // 500
    weights = [_weight(child) for child in block.children()]
    return sum(weights) if isinstance(block, PointwiseBlock) else max(weights)


def _places(block: Block, count: int, is_last: bool) -> Iterator[int]:
    """The local steps to look at, ascending, and the end of the last part, which is held."""
    if isinstance(block, ShapeBlock) and block.kernel.is_constant:
        yield 0
        return
    if math.isinf(block.length):
        yield from range(min(count, FIRST))
        far = FIRST
        while far <= FAR:
            yield far
            far += far // 4
        return
    length = int(block.length)
    if length <= count:
        yield from range(length + is_last)
        return
    yield 0
    yield 1
    for i in range(1, count):
        yield max(2, length * i // count)
    yield length - 1
    if is_last:
        yield length


def _earliest(curve: Scalar, first: int, local: int, within: Within) -> int:
    """The first faulty step of the stretch that ends at a faulty one, by halving."""
    good, bad = -1, local
    while bad - good > 1:
        middle = (good + bad) // 2
        if _fault(curve, first + middle, within):
            bad = middle
        else:
            good = middle
    return bad


def _fault(curve: Scalar, step: int, within: Within) -> bool:
    try:
        return not within[0] <= curve(step) < within[1]
    except UNDEFINED:
        return True


def _lowest(curve: Scalar, steps: Iterable[int]) -> int:
    """The step of the lowest of some values, those that there are."""
    return min(steps, key=lambda step: math.inf if _undefined(curve, step) else curve(step))


def _undefined(curve: Scalar, step: int) -> bool:
    try:
        return math.isnan(curve(step))
    except UNDEFINED:
        return True


def _diagnostic(
    block: Block, curve: Scalar, noun: str, within: Within, steps: tuple[int, int], place: Place
) -> Diagnostic:
    """The error at the first of two steps; the other one has the lowest value."""
    step, lowest = steps
    at = place(step)
    try:
        value = curve(step)
    except UNDEFINED as error:
        message = f"the {noun} has no value at {at}: {why(error)}"
        help = "keep what is divided by, or taken the logarithm of, above 0: `max(…, 1e-8)`"
        if isinstance(error, OverflowError):
            help = (
                "it grows without bound: give this part a `length`, after which its value is held"
            )
        return Diagnostic("not-finite", message, help, block.span)
    least, limit = within
    if value < 0 and least == 0:
        message = f"the {noun} is negative at {at}: {number(value)}"
        if not _undefined(curve, lowest) and curve(lowest) < value:
            bottom = f"{number(curve(lowest))} at {place(lowest)}"
            message = f"the {noun} turns negative at {at}, and gets as low as {bottom}"
        climb = "an optimizer would climb instead of descend; " if noun == RATE else ""
        return Diagnostic(
            "negative-rate", message, f"{climb}hold it up with `max(…, 0)`", block.span
        )
    if limit <= value < math.inf:
        message = f"the {noun} is {number(value)} at {at}, and has to stay below {number(limit)}"
        return Diagnostic("above-limit", message, "hold it down with `min(…, 0.999)`", block.span)
    message = f"the {noun} is not a finite number at {at}: {number(value)}"
    return Diagnostic("not-finite", message, "change the arguments of this part", block.span)
