"""The policies of mmcv as it computes them: its formulas, not their texts.

Written from mmcv 1.7.2, ``runner/hooks/lr_updater.py``: ``get_lr`` of each class.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from lrdsl.importers.refusal import Refused

if TYPE_CHECKING:
    from lrdsl.importers.fields import Fields

# The rate at an epoch or an iteration, whichever a policy counts.
_Regular = Callable[[int], float]


def warm_up_factor(kind: str, passed: float, ratio: float) -> float:
    """What the warm-up multiplies a rate by: ``get_warmup_lr``.

    Args:
        kind: its ``warmup``.
        passed: the share of it that has passed.
        ratio: its ``warmup_ratio``.
    """
    if kind == "constant":
        return ratio
    if kind == "linear":
        return 1 - (1 - passed) * (1 - ratio)
    factor: float = ratio ** (1 - passed)
    return factor


def regular_rate(kind: str, policy: Fields, base: float, ends: int) -> _Regular:
    """The rate without the warm-up: ``get_lr``.

    Args:
        kind: the policy, as in the name of its class.
        policy: its settings.
        base: the optimizer's rate.
        ends: the epochs or the iterations of the run, whichever it counts.

    Raises:
        Refused: mmcv has no such policy.
    """
    if kind == "Fixed":
        return lambda n: base
    if kind in {"Step", "Exp", "Poly", "Inv"}:
        return _decay(kind, policy, base, ends)
    if kind in {"CosineAnnealing", "LinearAnnealing", "FlatCosineAnnealing"}:
        low, anneal = _low(policy, base), _line if kind == "LinearAnnealing" else _cosine
        share = float(policy.number("start_percent", 0.75)) if "Flat" in kind else 0.0
        start = round(ends * share)
        return lambda n: base if n < start else anneal(base, low, (n - start) / (ends - start))
    if kind == "CosineRestart":
        return _restarts(policy, base)
    if kind == "Cyclic":
        return _cycles(policy, base, ends)
    if kind == "OneCycle":
        return _one_cycle(policy, ends)
    raise Refused(f"mmcv has no policy `{kind}`")


def _low(policy: Fields, base: float) -> float:
    if policy.given("min_lr_ratio") is not None:
        return base * float(policy.number("min_lr_ratio"))
    return float(policy.number("min_lr"))


def _cosine(start: float, end: float, passed: float, weight: float = 1) -> float:
    return end + 0.5 * weight * (start - end) * (math.cos(math.pi * passed) + 1)


def _line(start: float, end: float, passed: float) -> float:
    return start + (end - start) * passed


def _decay(kind: str, policy: Fields, base: float, ends: int) -> _Regular:
    if kind == "Poly":
        power, low = float(policy.number("power", 1)), float(policy.number("min_lr", 0))
        return lambda n: (base - low) * (1 - n / ends) ** power + low
    if kind == "Inv":
        gamma, power = float(policy.number("gamma")), float(policy.number("power", 1))
        return lambda n: base * (1 + gamma * n) ** -power
    if kind == "Exp":
        gamma = float(policy.number("gamma"))
        return lambda n: base * gamma**n
    gamma, low = float(policy.number("gamma", 0.1)), float(policy.number("min_lr", 0))
    if isinstance(policy.given("step"), list):
        steps = policy.numbers("step")
        return lambda n: max(base * gamma ** sum(n >= step for step in steps), low)
    every = int(policy.whole("step"))
    return lambda n: max(base * gamma ** (n // every), low)


def _restarts(policy: Fields, base: float) -> _Regular:
    low = _low(policy, base)
    periods = [int(period) for period in policy.numbers("periods")]
    weights = [float(weight) for weight in policy.numbers("restart_weights", [1])]

    def rate(n: int) -> float:
        for period, weight in zip(periods, weights, strict=True):
            if n < period:
                return _cosine(base, low, n / period, weight)
            n -= period
        return low

    return rate


def _cycles(policy: Fields, base: float, ends: int) -> _Regular:
    given = policy.given("target_ratio")
    if given is None:
        high, low = 10.0, 1e-4
    else:
        ratios = given if isinstance(given, list) else [policy.number("target_ratio")]
        high = float(ratios[0])
        low = float(ratios[1]) if len(ratios) == 2 else high / 1e5
    anneal = _line if policy.given("anneal_strategy") == "linear" else _cosine
    gamma = float(policy.number("gamma", 1))
    length = ends // policy.whole("cyclic_times", 1)
    up = int(float(policy.number("step_ratio_up", 0.4)) * length)

    def rate(n: int) -> float:
        cycle, n = divmod(n, length)
        scale = gamma**cycle
        peak = 1 - scale + high * scale
        if n < up:
            return anneal(base, base * peak, n / up)
        return anneal(base * peak, base * low, (n - up) / (length - up))

    return rate


def _one_cycle(policy: Fields, ends: int) -> _Regular:
    total = policy.whole("total_steps", ends)
    div, final = (
        float(policy.number("div_factor", 25)),
        float(policy.number("final_div_factor", 1e4)),
    )
    base = float(policy.number("max_lr")) / div
    share = float(policy.number("pct_start", 0.3))
    anneal = _line if policy.given("anneal_strategy") == "linear" else _cosine
    phases = [(share * total - 1, 1.0, div)]
    if policy.truth("three_phase", default=False):
        phases += [(2 * share * total - 2, div, 1.0), (total - 1, 1.0, 1 / final)]
    else:
        phases.append((total - 1, div, 1 / final))

    def rate(n: int) -> float:
        begin = 0.0
        for end, low, high in phases:
            if n <= end:
                return anneal(base * low, base * high, (n - begin) / (end - begin))
            begin = end
        return base / final

    return rate
