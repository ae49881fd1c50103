"""300 curves to be explained from their logs, drawn at random from ordinary recipes.

Every fifth lies outside the library, and no text explains it. They were chosen before there was
anything that explains a log.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

import lrdsl
from lrdsl.record import record

COUNT, SEED = 300, 20260801
# A log has the rate of every so many updates, with so many significant digits.
EVERY, DIGITS = 10, 4

Array = NDArray[np.float64]
PEAKS = (
    1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 2.5e-4, 3e-4, 6e-4, 1e-3, 1.5e-3, 5e-3,
    0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 1.0,
)  # fmt: skip
# As loggers write: Lightning and most loops; and transformers, whose steps are those that are done.
WAYS = ((0, 0), (EVERY - 1, 0), (EVERY - 1, -1))


@record
class Recipe:
    """A curve, and how it is logged.

    Attributes:
        kind: the recipe it was drawn from.
        total: the updates of the run.
        text: a program of the curve; empty if it lies outside the library.
        curve: the rates of some updates.
        first: the first update that is logged.
        offset: what a logged step lacks to be the update whose rate is beside it.
    """

    kind: str
    total: int
    text: str
    curve: Callable[[Any], Array]
    first: int
    offset: int

    def rates(self) -> Array:
        """The rates of all updates."""
        return self.curve(np.arange(self.total))

    def log(self) -> list[tuple[int, float]]:
        """The steps and rates of the log."""
        rates = self.rates()
        return [
            (update - self.offset, float(f"{rates[update]:.{DIGITS - 1}e}"))
            for update in range(self.first, self.total, EVERY)
        ]


def recipes(count: int = COUNT, seed: int = SEED) -> list[Recipe]:
    """The curves, always the same.

    Args:
        count: how many.
        seed: where the random numbers begin.
    """
    return [_recipe(random.Random(seed + i), i) for i in range(count)]


def _recipe(rng: random.Random, i: int) -> Recipe:
    total = _whole(rng, 200, 20_000)
    first, offset = rng.choice(WAYS)
    if i % 5 == 4:
        kind, outside = OUTSIDE[i // 5 % len(OUTSIDE)]
        return Recipe(kind, total, "", outside(rng, total, rng.choice(PEAKS)), first, offset)
    kind, inside = INSIDE[(i - i // 5) % len(INSIDE)]
    text = inside(rng, total, rng.choice(PEAKS))
    schedule = lrdsl.parse(text).resolve(total=total)
    return Recipe(kind, total, text, schedule.bind(), first, offset)


def _whole(rng: random.Random, low: float, high: float) -> int:
    """A length between two others: of one or two digits and zeros, or an odd one."""
    drawn: float = low * (high / low) ** rng.random()
    if rng.random() < 0.5:
        return max(1, round(drawn))
    return max(1, int(float(f"{drawn:.{rng.choice((0, 1))}e}")))


def _number(value: float) -> str:
    return f"{float(f'{value:.3g}'):g}"


def _floor(rng: random.Random, peak: float) -> str:
    """What a decay ends at."""
    return rng.choice(("0", "0", _number(peak / 10), _number(peak / 100), _number(peak / 20)))


def _warmup(rng: random.Random, total: int, peak: float, always: bool = False) -> tuple[str, int]:
    """A warm-up with its joint, or nothing; and its length, of which the log has three readings."""
    if rng.random() < 0.15 and not always:
        return "", 0
    length = min(_whole(rng, max(30, total / 100), max(40, total / 8)), total // 4)
    start = rng.choice(("0", "0", "0", _number(peak / 10), _number(peak / 100)))
    ease = rng.choice(("",) * 8 + (", half_cosine", ", square", ", quarter_sine"))
    return f"warmup({length}, {start}, {_number(peak)}{ease}) >> ", length


def _hold(rng: random.Random, total: int, peak: float) -> tuple[str, int]:
    """A stretch at the peak with its joint, or nothing; and its length."""
    if rng.random() < 0.75:
        return "", 0
    length = _whole(rng, total / 20, total / 3)
    return f"const({length}, {_number(peak)}) >> ", length


def _decay(shape: Callable[[random.Random, int, str, str], str]) -> Inside:
    """A recipe: warm-up, perhaps a hold, a decay, and perhaps what it ended at."""

    def drawn(rng: random.Random, total: int, peak: float) -> str:
        lead, warm = _warmup(rng, total, peak)
        hold, held = _hold(rng, total, peak)
        rest = total - warm - held
        length = rest if rng.random() < 0.8 else _whole(rng, rest / 2, rest)
        return lead + hold + shape(rng, min(length, rest), _number(peak), _floor(rng, peak))

    return drawn


def _cosine(rng: random.Random, length: int, peak: str, floor: str) -> str:
    return f"cosine({length}, {peak}, {floor})"


def _linear(rng: random.Random, length: int, peak: str, floor: str) -> str:
    return f"linear({length}, {peak}, {floor})"


def _poly(rng: random.Random, length: int, peak: str, floor: str) -> str:
    return f"poly({length}, {peak}, {floor}, {rng.choice((0.5, 0.9, 1.5, 2, 3))})"


def _geometric(rng: random.Random, length: int, peak: str, floor: str) -> str:
    return f"geometric({length}, {peak}, {_number(float(peak) / rng.choice((10, 50, 100, 1000)))})"


def _exponential(rng: random.Random, total: int, peak: float) -> str:
    """A decay by a factor for each of some equal stretches, or for each step."""
    lead, _ = _warmup(rng, total, peak)
    if rng.random() < 0.5:
        every = _whole(rng, total / 20, total / 2)
        return f"{lead}exponential({rng.choice((0.5, 0.8, 0.9))}, every = {every}, start = {peak})"
    power = len(str(total))
    gamma = 1 - rng.choice((1, 2, 5)) * 10.0**-power
    return f"{lead}exponential({gamma:.{power}f}, start = {peak})"


def _inverse_sqrt(rng: random.Random, total: int, peak: float) -> str:
    lead, warm = _warmup(rng, total, peak, always=True)
    timescale = warm if rng.random() < 0.7 else _whole(rng, total / 50, total / 4)
    return f"{lead}inverse_sqrt({timescale}, start = {_number(peak)})"


def _step(rng: random.Random, total: int, peak: float) -> str:
    """A staircase: equal steps, or milestones, which are round more often than not."""
    lead, warm = _warmup(rng, total, peak)
    gamma = rng.choice((0.1, 0.5, 0.9))
    if rng.random() < 0.5:
        return f"{lead}step({_whole(rng, total / 8, total / 3)}, {gamma}, start = {_number(peak)})"
    rest = total - warm
    shares = rng.choice(((0.3, 0.6, 0.9), (0.5, 0.75), (0.6, 0.8)))
    unit = rng.choice((1, 10, 10, 10 if rest < 1000 else 100))
    milestones = [max(1, round(share * rest / unit)) * unit for share in shares]
    return f"{lead}multistep({milestones}, {gamma}, start = {_number(peak)})"


def _wsd(rng: random.Random, total: int, peak: float) -> str:
    lead, _ = _warmup(rng, total, peak, always=True)
    decay = _whole(rng, total / 10, total / 3)
    ease = rng.choice(("straight", "straight", "one_minus_sqrt", "half_cosine", "square"))
    end = _floor(rng, peak)
    return (
        f"{lead}const(value = {_number(peak)}) >> cooldown({decay}, {_number(peak)}, {end}, {ease})"
    )


def _onecycle(rng: random.Random, total: int, peak: float) -> str:
    share = rng.choice((0.1, 0.2, 0.25, 0.3, 0.3, 0.3, 0.4))
    div, final = rng.choice((10, 25, 25, 100)), rng.choice((100, "1e4", "1e4"))
    return f"onecycle({total}, {_number(peak)}, {share}, {div}, {final})"


def _restarts(rng: random.Random, total: int, peak: float) -> str:
    lead, warm = _warmup(rng, total, peak) if rng.random() < 0.5 else ("", 0)
    mult = rng.choice((1, 1, 2, 3))
    length = _whole(rng, (total - warm) / 16, (total - warm) / 3)
    return f"{lead}restarts({length}, {mult}, {_number(peak)}, {_floor(rng, peak)})"


def _constant(rng: random.Random, total: int, peak: float) -> str:
    lead, _ = _warmup(rng, total, peak)
    return f"{lead}const(value = {_number(peak)})"


Inside = Callable[[random.Random, int, float], str]
INSIDE: tuple[tuple[str, Inside], ...] = (
    ("cosine", _decay(_cosine)),
    ("linear", _decay(_linear)),
    ("wsd", _wsd),
    ("poly", _decay(_poly)),
    ("inverse_sqrt", _inverse_sqrt),
    ("cosine", _decay(_cosine)),
    ("exponential", _exponential),
    ("step", _step),
    ("onecycle", _onecycle),
    ("restarts", _restarts),
    ("linear", _decay(_linear)),
    ("constant", _constant),
    ("geometric", _decay(_geometric)),
)


def _ramped(total: int, peak: float, t: Array) -> Array:
    """A plain warm-up and half a cosine, to be spoiled."""
    warm = total / 10
    down = peak * (1 + np.cos(np.pi * np.clip((t - warm) / (total - warm), 0, 1))) / 2
    return np.where(t < warm, peak * t / warm, down)


def _noise(rng: random.Random, total: int) -> Array:
    return np.array([rng.uniform(-1, 1) for _ in range(total + 1)])


def _odd_warmup(rng: random.Random, total: int, peak: float) -> Callable[[Array], Array]:
    noise, warm = _noise(rng, total), total / 3
    return lambda t: np.where(
        t < warm,
        peak * (t / warm) ** 1.37 * (1 + 0.02 * noise[t.astype(int)]),
        peak,
    )


def _waved(rng: random.Random, total: int, peak: float) -> Callable[[Array], Array]:
    period = total / rng.uniform(3, 8)
    return lambda t: _ramped(total, peak, t) * (1 + 0.1 * np.sin(2 * np.pi * t / period))


def _logarithmic(rng: random.Random, total: int, peak: float) -> Callable[[Array], Array]:
    scale = total / rng.uniform(5, 50)
    return lambda t: peak / (1 + np.log1p(t / scale))


def _mixed(rng: random.Random, total: int, peak: float) -> Callable[[Array], Array]:
    rate = rng.uniform(3, 6) / total
    return lambda t: 0.5 * (_ramped(total, peak, t) + peak * np.exp(-rate * t))


def _jittered(rng: random.Random, total: int, peak: float) -> Callable[[Array], Array]:
    noise = _noise(rng, total)

    def curve(t: Array) -> Array:
        inside = (t > 0.4 * total) & (t < 0.6 * total)
        return _ramped(total, peak, t) * np.where(inside, 1 + 0.03 * noise[t.astype(int)], 1)

    return curve


def _bell(rng: random.Random, total: int, peak: float) -> Callable[[Array], Array]:
    middle, width = total * rng.uniform(0.2, 0.5), total * rng.uniform(0.2, 0.4)
    return lambda t: peak * np.exp(-(((t - middle) / width) ** 2))


def _arctangent(rng: random.Random, total: int, peak: float) -> Callable[[Array], Array]:
    scale = total / rng.uniform(3, 10)
    return lambda t: peak * (1 - 2 / np.pi * np.arctan(t / scale))


def _bumped(rng: random.Random, total: int, peak: float) -> Callable[[Array], Array]:
    middle, width = total * rng.uniform(0.4, 0.6), total / 15
    return lambda t: _ramped(total, peak, t) * (1 + 0.2 * np.exp(-(((t - middle) / width) ** 2)))


OUTSIDE: tuple[tuple[str, Callable[[random.Random, int, float], Callable[[Array], Array]]], ...] = (
    ("warm-up by an odd power, with noise", _odd_warmup),
    ("product with a sine", _waved),
    ("logarithm", _logarithmic),
    ("mean of two decays", _mixed),
    ("jitter in the middle", _jittered),
    ("bell", _bell),
    ("arctangent", _arctangent),
    ("bump", _bumped),
)
