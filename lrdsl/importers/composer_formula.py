"""The factors of Composer 0.32.1 and llm-foundry 0.22.0 at a number of batches, written out."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lrdsl.importers.composer_schedule import Schedule

Factor = Callable[[int], float]


def factor(s: Schedule, kind: str) -> Factor:
    """The factor of a scheduler.

    Args:
        s: its fields.
        kind: its class.
    """
    if kind.startswith("InverseSquareRoot"):
        return _inverse(s)
    after = _AFTER[kind](s)
    up, scaled = int(s.warmup), int(s.scaled_warmup or s.warmup)
    height = float(s.alpha_i)

    def risen(t: int) -> float:
        return height * min(1.0, t / scaled) if t < up else after(t)

    return risen if "WithWarmup" in kind else after


def _cosine_anneal(x: float, low: float) -> float:
    x = min(max(x, 0.0), 1.0)
    return low + (1.0 - low) * (1 + math.cos(x * math.pi)) / 2


def _passed(s: Schedule) -> Factor:
    """The share of what follows a warm-up."""
    up, left = int(s.warmup), int(s.left)
    return lambda t: min(1.0, (t - up) / left) if left > 0 else 0.0


def _constant(s: Schedule) -> Factor:
    end = int(s.updates("t_max", "1dur"))
    return lambda t: float(s.alpha) if t < end else 1.0


def _linear(s: Schedule) -> Factor:
    end, first, last = int(s.updates("t_max", "1dur")), float(s.alpha_i), float(s.alpha_f)
    return lambda t: first + min(1.0, t / end) * (last - first)


def _step(s: Schedule) -> Factor:
    size = int(s.updates("step_size"))
    return lambda t: float(s.gamma) ** int(t / size)


def _milestones(s: Schedule) -> Factor:
    return lambda t: math.prod(float(s.gamma) for m in s.milestones if t >= int(m))


def _exponential(s: Schedule) -> Factor:
    period = int(s.updates("decay_period", "1ep"))
    return lambda t: float(s.gamma) ** (t / period)


def _cosine(s: Schedule) -> Factor:
    end = int(s.updates("t_max", "1dur"))
    return lambda t: _cosine_anneal(t / end, float(s.alpha_f))


def _restarts(s: Schedule) -> Factor:
    first, mult = int(s.updates("t_0")), float(s.fields.number("t_mult", 1.0))

    def at(t: int) -> float:
        length = end = first
        while end <= t:
            if not length:  # there it raises
                return math.nan
            length = int(mult * length)
            end += length
        return _cosine_anneal((t - (end - length)) / length, float(s.alpha_f))

    return at


def _poly(s: Schedule) -> Factor:
    end, power, low = int(s.updates("t_max", "1dur")), s.fields.number("power"), float(s.alpha_f)
    return lambda t: low + (1 - min(1.0, t / end)) ** float(power) * (1.0 - low)


def _risen_linear(s: Schedule) -> Factor:
    passed, first, last = _passed(s), float(s.alpha_i), float(s.alpha_f)
    return lambda t: first + passed(t) * (last - first)


def _risen_cosine(s: Schedule) -> Factor:
    passed = _passed(s)
    return lambda t: _cosine_anneal(passed(t), float(s.alpha_f))


def _risen_poly(s: Schedule) -> Factor:
    passed, power, low = _passed(s), float(s.fields.number("power", 2.0)), float(s.alpha_f)
    return lambda t: low + (1 - passed(t)) ** power * (1.0 - low)


_AFTER: dict[str, Callable[[Schedule], Factor]] = {
    "ConstantScheduler": _constant,
    "LinearScheduler": _linear,
    "StepScheduler": _step,
    "MultiStepScheduler": _milestones,
    "ExponentialScheduler": _exponential,
    "CosineAnnealingScheduler": _cosine,
    "CosineAnnealingWarmRestartsScheduler": _restarts,
    "PolynomialScheduler": _poly,
    "MultiStepWithWarmupScheduler": _milestones,
    "ConstantWithWarmupScheduler": _risen_linear,
    "LinearWithWarmupScheduler": _risen_linear,
    "CosineAnnealingWithWarmupScheduler": _risen_cosine,
    "PolynomialWithWarmupScheduler": _risen_poly,
}


def _inverse(s: Schedule) -> Factor:
    up, scale, cooldown = int(s.warmup), int(s.updates("t_scale")), int(s.updates("t_cooldown"))
    begin = max(up, int(s.updates("t_max", "1dur")) - cooldown)
    decayed, cooled = map(float, s.inverse_ends())

    def falling(t: int) -> float:
        return decayed + (1.0 - decayed) / math.sqrt((t + scale - up) / scale)

    def at(t: int) -> float:
        if t < up:
            return min(1.0, t / up)
        if t < begin:
            return falling(t)
        first = falling(begin)
        return first + min(1.0, (t - begin) / cooldown) * (cooled - first) if cooldown else first

    return at
