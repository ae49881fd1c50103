"""What each scheduler of mmengine makes of a value, step by step: its formulas, not its text.

Written from mmengine 0.10.7, ``optim/scheduler/param_scheduler.py``: ``_get_value`` of each class.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from lrdsl.importers.symbols import plain

if TYPE_CHECKING:
    from lrdsl.importers.fields import Fields
    from lrdsl.importers.mmengine_parts import Scheduler

# What a scheduler that counts in epochs and is stepped once an update multiplies by the updates.
_COUNTS = ("T_max", "step_size", "total_steps", "milestones", "periods")


def values(schedulers: Sequence[Scheduler], base: float, length: int) -> Iterator[float]:
    """The values of a number of the optimizer's, one for each iteration.

    Args:
        schedulers: those that change it, in their order.
        base: what the optimizer was built with.
        length: the iterations of an epoch.
    """
    acts = []
    for s in schedulers:
        unit = length if s.converted else 1
        options = _options(s.fields, unit)
        acts.append((s, options, round(float(s.begin) * unit), round(float(s.size) * unit)))
    value, t = base, 0
    while True:
        # A scheduler makes its first step as it is built. `ParamSchedulerHook` steps after each
        # iteration those that count iterations, and then, at its end, those that count epochs.
        for in_epochs in (None,) if t == 0 else (False, True):
            for s, options, begin, size in acts:
                if in_epochs not in {None, s.by_epoch} or (s.by_epoch and t % length):
                    continue
                step = (t // length if s.by_epoch else t) - begin
                if 0 <= step < size:
                    value = _ACTS[s.kind](options, step, value, base, size)
        yield value
        t += 1


def _options(fields: Fields, unit: int) -> dict[str, Any]:
    found = {}
    for key, value in fields.plain().items():
        if isinstance(value, list):
            number: Any = list(map(plain, value))
            if key in _COUNTS:
                number = [item * unit for item in number]
        else:
            number = _given(value)
            if key in _COUNTS and number is not None:
                number *= unit
        if value is not None:
            found[key] = number
    return found


def plain_options(fields: Fields) -> dict[str, Any]:
    """The settings of a scheduler as its class takes them.

    Args:
        fields: the settings.
    """
    found = _options(fields, 1)
    for key in ("type", "_scope_", "convert_to_iter_based"):
        found.pop(key, None)
    return found


def _given(value: Any) -> Any:
    """A setting as mmengine takes it; a text that is a number is one."""
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    return plain(value)


# What a scheduler makes of the value at step `k` of its own, as the class of its name does:
# `v` is the value, `b` the optimizer's own, `n` the number of its steps, `o` its settings.
_Act = Callable[[dict[str, Any], int, float, float, int], Any]


def _wave(o: dict[str, Any], k: int, v: float, b: float, n: int) -> Any:
    period = o.get("T_max") or n
    low = b * o["eta_min_ratio"] if o.get("eta_min_ratio") is not None else o.get("eta_min") or 0
    if k == 0:
        return v
    if (k - 1 - period) % (2 * period) == 0:
        return v + (b - low) * (1 - math.cos(math.pi / period)) / 2
    now, before = (1 + math.cos(math.pi * i / period) for i in (k, k - 1))
    return now / before * (v - low) + low


def _line(o: dict[str, Any], k: int, v: float, b: float, n: int) -> Any:
    low, high = o.get("start_factor", 1 / 3), o.get("end_factor", 1.0)
    if k == 0:
        return v * low
    return v * (1 + (high - low) / ((n - 1) * low + (k - 1) * (high - low)))


def _hold(o: dict[str, Any], k: int, v: float, b: float, n: int) -> Any:
    factor = o.get("factor", 1 / 3)
    if k == 0:
        return v * factor
    return v * (1 / factor) if k == n - 1 else v


def _power(o: dict[str, Any], k: int, v: float, b: float, n: int) -> Any:
    low = o.get("eta_min", 0)
    return v if k == 0 else (v - low) * (1 - 1 / (n - k)) ** o.get("power", 1) + low


def _restart(o: dict[str, Any], k: int, v: float, b: float, n: int) -> Any:
    low = b * o["eta_min_ratio"] if o.get("eta_min_ratio") is not None else o["eta_min"]
    for period, weight in zip(o["periods"], o.get("restart_weights", [1]), strict=True):
        if k < period:
            if k == 0:
                return b * weight
            now, before = (1 + math.cos(math.pi * i / period) for i in (k, k - 1))
            return now / before * (v - low) + low
        k -= period
    return v


def _cycle(o: dict[str, Any], k: int, v: float, b: float, n: int) -> Any:
    total, share = o.get("total_steps") or n, o.get("pct_start", 0.3)
    peak = o["eta_max"]
    first = peak / o.get("div_factor", 25)
    last = first / o.get("final_div_factor", 1e4)
    if o.get("three_phase"):
        ends = [share * total - 1, 2 * share * total - 2, total - 1]
        values = [first, peak, first, last]
    else:
        ends, values = [share * total - 1, total - 1], [first, peak, last]
    begin = 0.0
    for i, end in enumerate(ends):
        if k <= end or i == len(ends) - 1:
            passed = (k - begin) / (end - begin)
            if o.get("anneal_strategy", "cos") == "linear":
                return (values[i + 1] - values[i]) * passed + values[i]
            return values[i + 1] + (values[i] - values[i + 1]) / 2 * (
                1 + math.cos(math.pi * passed)
            )
        begin = end
    return v


_ACTS: dict[str, _Act] = {
    "Constant": _hold,
    "Linear": _line,
    "Exponential": lambda o, k, v, b, n: v * o["gamma"] if k else v,
    "Step": lambda o, k, v, b, n: v * o.get("gamma", 0.1) if k and not k % o["step_size"] else v,
    "MultiStep": lambda o, k, v, b, n: v * o.get("gamma", 0.1) ** o["milestones"].count(k),
    "CosineAnnealing": _wave,
    "Poly": _power,
    "CosineRestart": _restart,
    "OneCycle": _cycle,
}
