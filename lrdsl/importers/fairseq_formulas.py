"""The methods ``step_update`` of fairseq's schedules, written out from fairseq 0.12.2."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lrdsl.importers.fairseq_schedule import Schedule, stages
from lrdsl.importers.symbols import is_known

if TYPE_CHECKING:
    from lrdsl.importers.importer import Column, Rate, Setting, Translation


def formula(setting: Setting, translation: Translation, column: Column) -> Rate:
    """The rate of an update.

    Args:
        setting: the schedule.
        translation: not needed.
        column: the rate of the optimizer.
    """
    s = Schedule(setting)
    lr, up = column.base, int(s.warmup) if s.kind not in {"tri_stage", "triangular"} else 0
    if s.kind == "tri_stage":
        return _stages_formula(s, lr)
    if s.kind == "triangular":
        return _triangular_formula(s, lr)
    if s.kind == "fixed":
        return _fixed_formula(s, lr, up)
    if s.kind == "polynomial_decay":
        end, power = (
            float(s.fields.number(k, d)) for k, d in (("end_learning_rate", 0), ("power", 1))
        )
        said = s.fields.given("total_num_update")
        total = int(s.total if said is None or "$" in str(said) else float(said))

        def polynomial(n: int) -> float:
            if up > 0 and n <= up:
                return n / up * lr
            if n >= total:
                return end
            return (lr - end) * math.pow(1 - (n - up) / (total - up), power) + end

        return polynomial
    low = 0.0 if s.kind == "inverse_sqrt" else float(s.fields.number("min_lr", 0.0))
    first, after = float(s.first(low)), _after_formula(s, lr, low)
    return lambda n: first + n * (lr - first) / up if n < up else after(n - up)


def _after_formula(s: Schedule, lr: float, low: float) -> Rate:
    """The rate so many updates after the warm-up."""
    up = int(s.warmup)
    if s.kind == "inverse_sqrt":
        return lambda n: lr * math.sqrt(up) / math.sqrt(n + up)
    if s.kind == "step":
        every, gamma = (
            int(s.fields.number("lr_deacy_period", 25_000)),
            s.fields.number("lr_decay", 0.5),
        )
        rate = float(gamma)
        return lambda n: max(float(lr * rate ** (n // every)), low)
    period = float(s.fields.number("lr_period_updates", -1))
    period = period if period > 0 else int(s.total) - up
    longer, shrink = (
        float(s.fields.number(k, d)) for k, d in (("t_mult", 1.0), ("lr_shrink", 0.1))
    )

    def cosine(n: int) -> float:
        if longer == 1:
            cycle = math.floor(n / period)
            begin, length = period * cycle, period
        else:
            cycle = math.floor(math.log(1 - n / period * (1 - longer), longer))
            begin = (1 - longer**cycle) / (1 - longer) * period
            length = longer**cycle * period
        least, most = low * shrink**cycle, lr * shrink**cycle
        return least + 0.5 * (most - least) * (1 + math.cos(math.pi * (n - begin) / length))

    return cosine


def _stages_formula(s: Schedule, lr: float) -> Rate:
    up, hold, down = map(int, stages(s))
    first, last = (float(s.fields.number(f"{n}_lr_scale", 0.01)) for n in ("init", "final"))

    def rate(n: int) -> float:
        if n < up:
            return first * lr + (lr - first * lr) / up * n
        if n < up + hold:
            return lr
        if n <= up + hold + down:
            return lr * math.exp(math.log(last) / down * (n - up - hold))
        return last * lr

    return rate


def _triangular_formula(s: Schedule, lr: float) -> Rate:
    size = float(s.fields.number("lr_period_updates", 5_000.0)) // 2
    high, shrink = float(s.fields.number("max_lr")), float(s.fields.number("lr_shrink", 0.1))
    shrinks_low = s.fields.truth("shrink_min", default=False)

    def rate(n: int) -> float:
        cycle = math.floor(n / (2 * size))
        least = lr * shrink**cycle if shrinks_low else lr
        share = max(0, 1 - abs(n / size - 2 * (cycle + 1) + 1))
        return least + (high * shrink**cycle - least) * share

    return rate


def _fixed_formula(s: Schedule, lr: float, up: int) -> Rate:
    forced = s.fields.given("force_anneal")
    shrink = float(s.fields.number("lr_shrink", 0.1))
    per_epoch = int(s.fields.trial.steps_per_epoch()) if forced or len(s.rates) > 1 else 0
    rates = [float(rate) if is_known(rate) else lr for rate in s.rates]

    def rate(n: int) -> float:
        epoch = n // per_epoch + 1 if per_epoch else 1
        own = rates[min(epoch - 1, len(rates) - 1)]
        if forced is not None and epoch >= int(forced):
            own = rates[-1] * shrink ** (epoch + 1 - int(forced))
        return own * (n + 1) / up if n < up else own

    return rate
