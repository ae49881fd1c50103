"""What timm's schedulers compute, written from ``timm/scheduler/*.py`` of 1.0.31."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lrdsl.importers.refusal import Refused
from lrdsl.importers.symbols import plain

if TYPE_CHECKING:
    from lrdsl.importers.importer import Rate
    from lrdsl.importers.timm_arguments import Curve

# `_get_lr` of a class: the rate at a time in the unit that it counts.
_Get = Callable[[float], float]


def rate_of(curve: Curve, base: float) -> Rate:
    """The rate of each update, stepped as ``train.py`` does.

    Args:
        curve: the schedule.
        base: the rate that the optimizer was built with.
    """
    unit = int(curve.unit or 1)
    # Of one that counts updates, the factory multiplies every length by the updates of an epoch.
    scale = 1 if curve.is_held or curve.unit is None else unit
    get = _getter(curve, base, scale)
    o = curve.options
    built = float(o["warmup_lr_init"]) if o["warmup_t"] else base
    if curve.is_held:
        return lambda t: get(t // unit) if t >= unit else built
    return lambda t: get(t) if t else built


def _getter(curve: Curve, base: float, scale: int) -> _Get:
    o = curve.options
    up, first = int(o["warmup_t"]) * scale, float(o["warmup_lr_init"])
    after = _AFTER[curve.kind](o, base, scale, up)
    is_before = o.get("warmup_prefix", True)
    aim = base
    if curve.kind == "TanhLRScheduler" and up and not is_before:
        aim = after(up)

    def get(t: float) -> float:
        if t < up:
            return first + t * ((aim - first) / up)
        return after(t - up if is_before else t)

    return get


def _cycled(o: Any, base: float, scale: int, shape: Callable[[float, float, float], float]) -> _Get:
    """What the classes with cycles share: which cycle it is, and how far in it."""
    length, mul = plain(o["t_initial"]) * scale, float(o["cycle_mul"])
    low = float(o["lr_min"])

    def get(t: float) -> float:
        if mul != 1:
            i = math.floor(math.log(1 - t / length * (1 - mul), mul))
            own = mul**i * length
            within = t - (1 - mul**i) / (1 - mul) * length
        else:
            i, own = int(t // length), length
            within = t - length * i
        if i >= o["cycle_limit"]:
            return low
        return low + (base * float(o["cycle_decay"]) ** i - low) * shape(within, own, 0)

    return get


def _cosine(o: Any, base: float, scale: int, up: int) -> _Get:
    k = float(o["k_decay"])
    return _cycled(o, base, scale, lambda t, n, _: 0.5 * (1 + math.cos(math.pi * t**k / n**k)))


def _tanh(o: Any, base: float, scale: int, up: int) -> _Get:
    low, high = float(o["lb"]), float(o["ub"])
    return _cycled(
        o, base, scale, lambda t, n, _: 0.5 * (1 - math.tanh(low * (1 - t / n) + high * (t / n)))
    )


def _poly(o: Any, base: float, scale: int, up: int) -> _Get:
    k, power = float(o["k_decay"]), float(o["power"])
    return _cycled(o, base, scale, lambda t, n, _: (1 - t**k / n**k) ** power)


def _step(o: Any, base: float, scale: int, up: int) -> _Get:
    every, rate = plain(o["decay_t"]) * scale, float(o["decay_rate"])
    return lambda t: base * rate ** (t // every)


def _multistep(o: Any, base: float, scale: int, up: int) -> _Get:
    marks, rate = [plain(mark) * scale for mark in o["decay_t"]], float(o["decay_rate"])
    return lambda t: base * rate ** bisect_right(marks, t + 1)


def _stable(o: Any, base: float, scale: int, up: int) -> _Get:
    length, down = plain(o["t_initial"]) * scale, plain(o["decay_t"]) * scale
    low, fall = float(o["lr_min"]), _fall(o)
    timescale = float(o["stable_timescale"]) * scale or up
    power = 0.5 if o["stable_fn"] == "rsqrt" else float(o["stable_power"])

    def get(t: float) -> float:
        own = 1.0 if o["stable_fn"] == "constant" else (1 + t / timescale) ** -power
        stable = max(base * own, low)
        late = t - (length - down)
        return stable if late <= 0 else low + (stable - low) * fall(min(late / down, 1.0))

    return get


def _fall(o: Any) -> Callable[[float], float]:
    power, ratio = float(o["decay_power"]), float(o["decay_ratio"])
    falls: dict[str, Callable[[float], float]] = {
        "linear": lambda f: 1 - f,
        "1-sqrt": lambda f: 1 - math.sqrt(f),
        "cosine": lambda f: 0.5 * (1 + math.cos(math.pi * f)),
        "power": lambda f: 1 - f**power,
        "exp": lambda f: (ratio**f - ratio) / (1 - ratio),
    }
    name = o["decay_fn"]
    if name not in falls:
        raise Refused(f"timm has no `{name}`")
    return falls[name]


_AFTER = {
    "CosineLRScheduler": _cosine,
    "TanhLRScheduler": _tanh,
    "PolyLRScheduler": _poly,
    "StepLRScheduler": _step,
    "MultiStepLRScheduler": _multistep,
    "WSDLRScheduler": _stable,
}
