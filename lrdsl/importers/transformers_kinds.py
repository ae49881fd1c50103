"""The kinds of schedules of transformers: each as lrdsl says it, and as its own code computes it.

The formulas were read in ``transformers/optimization.py`` of 5.23.0. They give the factor of the
rate at update ``t``; ``W`` are the updates of the warm-up, ``T`` those of the run.
"""

from __future__ import annotations

from collections.abc import Callable
from math import cos, pi, sqrt

from lrdsl.importers.fields import Fields
from lrdsl.importers.refusal import Refused
from lrdsl.importers.symbols import Number, Whole, is_known
from lrdsl.importers.trial import TOTAL
from lrdsl.record import entity

Factor = Callable[[int], float]
# What it calls its ways up and down, and what lrdsl does.
_EASES = {"linear": "straight", "cosine": "half_cosine", "1-sqrt": "one_minus_sqrt"}
# How it computes them, of the share that has passed; a cosine may go up and down in cycles.
_RISING: dict[str, Callable[[float], float]] = {
    "linear": lambda u: u,
    "cosine": lambda u: (1 - cos(pi * u)) / 2,
    "1-sqrt": lambda u: 1 - sqrt(1 - u),
}
_FALLING: dict[str, Callable[[float, float], float]] = {
    "linear": lambda u, cycles: 1 - u,
    "cosine": lambda u, cycles: (1 + cos(pi * cycles * 2 * u)) / 2,
    "1-sqrt": lambda u, cycles: 1 - sqrt(u),
}


@entity
class Plan:
    """What a schedule is made of, whichever way it was written.

    Attributes:
        warmup: the updates of the warm-up.
        total: the updates of the run; 0 if the schedule does not need them.
        lr: the learning rate of the optimizer, which its lowest rates are a share of.
        is_rate_known: True if the source has that rate.
        options: what this kind alone takes.
    """

    warmup: Whole
    total: Whole
    lr: Number
    is_rate_known: bool
    options: Fields

    def after_warmup(self, text: str) -> str:
        """A program with the warm-up before it, if there is one."""
        return f"warmup({self.warmup}) >> {text}" if self.warmup else text

    def scaled(self, rate: Number) -> str:
        """A lowest rate, which it scales in other groups as it scales their rates."""
        if rate == 0:
            return "0"
        return f"base * {rate} / {self.lr}" if self.is_rate_known else f"{rate}"

    def lowest(self) -> tuple[str, float]:
        """The lowest rate of ``cosine_with_min_lr``: how it is said, and its factor."""
        if self.options.given("min_lr") is not None:
            if self.options.given("min_lr_rate") is not None:
                raise Refused("`min_lr` and `min_lr_rate` exclude each other")
            rate = self.options.number("min_lr")
            return self.scaled(rate), float(rate) / float(self.lr)
        share = self.options.number("min_lr_rate")
        return f"base * {share}", float(share)


def run_length(
    fields: Fields, epochs: str, default: float, rounded: Callable[[float], Whole]
) -> tuple[Whole, float]:
    """The updates of a trainer's run, and its epochs if those say how many.

    Args:
        fields: its arguments.
        epochs: the name of the one that counts epochs, which ``max_steps`` overrides.
        default: how many there are without it.
        rounded: makes a share of an epoch whole updates.
    """
    steps = fields.whole("max_steps", -1)
    if steps > 0:
        return steps, 0
    count, trial = fields.number(epochs, default), fields.trial
    if TOTAL in trial.given:
        return trial.total(), 0
    steps_per_epoch = trial.steps_per_epoch()
    if is_known(steps_per_epoch):
        return rounded(count * steps_per_epoch), 0
    return Whole(rounded(count * int(steps_per_epoch)), TOTAL), float(count)


@entity
class Kind:
    """A kind of schedule.

    Attributes:
        text: says it in lrdsl.
        factor: what transformers computes.
        needs_total: True if it depends on the length of the run.
    """

    text: Callable[[Plan], str]
    factor: Callable[[Plan], Factor]
    needs_total: bool = True


def _warmed_up(p: Plan, after: Callable[[float], float]) -> Factor:
    """A straight warm-up, and then a function of the share that has passed of what is left."""
    W, T = int(p.warmup), int(p.total)
    return lambda t: t / max(1, W) if t < W else after((t - W) / max(1, T - W))


def _cycles(p: Plan) -> Number:
    return p.options.number("num_cycles", 0.5)


def _cosine_to(p: Plan, low: str) -> str:
    end = f"end = {low}" if low != "0" else ""
    if (cycles := _cycles(p)) == 0.5:
        return p.after_warmup(f"cosine({end})" if end else "cosine")
    return p.after_warmup(f"cosine_waves({f'{end}, ' if end else ''}cycles = {cycles})")


def _cosine_from(p: Plan, low: float) -> Factor:
    cycles = float(_cycles(p))

    def wave(u: float) -> float:
        return max(0.0, (1 + cos(pi * cycles * 2 * u)) / 2 * (1 - low) + low)

    return _warmed_up(p, wave)


def _restarts(p: Plan) -> Factor:
    cycles = float(p.options.whole("num_cycles", 1))
    return _warmed_up(
        p, lambda u: 0.0 if u >= 1 else max(0.0, (1 + cos(pi * (cycles * u % 1))) / 2)
    )


def _polynomial(p: Plan) -> str:
    low, power = p.options.number("lr_end", 1e-7), p.options.number("power", 1.0)
    if p.is_rate_known and is_known(low) and is_known(p.lr) and low >= p.lr:
        raise Refused(f"transformers raises for an `lr_end` of {low}, with a rate of {p.lr}")
    end = p.scaled(low)
    return p.after_warmup(
        f"linear(end = {end})" if power == 1 else f"poly(end = {end}, power = {power})"
    )


def _polynomial_factor(p: Plan) -> Factor:
    low, power = (
        p.options.number("lr_end", 1e-7) / float(p.lr),
        float(p.options.number("power", 1.0)),
    )
    return _warmed_up(p, lambda u: low if u > 1 else (1 - low) * (1 - u) ** power + low)


def _early(p: Plan) -> str:
    """A cosine that is one update early, and meets a warm-up that ends above it."""
    W, T = p.warmup, p.total
    low, _ = p.lowest()
    length = _rest(p)
    start = p.options.given("warmup_lr_rate")
    decay = f"cosine({length}, base, {low})"
    if _cycles(p) != 0.5:
        decay = f"cosine_waves({length}, base, {low}, cycles = {_cycles(p)})"
    if W == 0:
        return f"skip(1, {decay})"
    if W == 1:
        return decay if start is None else f"const(1, base * {start}) >> skip(1, {decay})"
    first = f"base / {W}" if start is None else f"base * {p.options.number('warmup_lr_rate')}"
    assert T is not None
    return f"warmup({W - 1}, {first}) >> {decay}"


def _rest(p: Plan) -> Whole:
    """The updates after the warm-up, which have to be said where a part is longer than that."""
    if str(p.total) == TOTAL:
        raise Refused("how long the run is has to be known: pass --total")
    rest: Whole = p.total - p.warmup
    return rest


def _early_factor(p: Plan) -> Factor:
    W, T = float(p.warmup), float(p.total)
    _, low = p.lowest()
    cycles = float(_cycles(p))
    start = p.options.given("warmup_lr_rate")

    def factor(t: int) -> float:
        if t < W:
            if start is None:
                return (t + 1) / max(1.0, W)
            return float(start) + (1 - float(start)) * t / max(1, W - 1)
        u = (t - W + 1) / max(1.0, T - W)
        return max(0.0, (1 + cos(pi * cycles * 2 * u)) / 2 * (1 - low) + low)

    return factor


def _timescale(p: Plan) -> Whole:
    given = p.options.given("timescale")
    return p.options.whole("timescale") if given is not None else p.warmup or Whole(10_000)


def _inverse_sqrt_factor(p: Plan) -> Factor:
    W, scale = int(p.warmup), int(_timescale(p))
    return lambda t: t / max(1, W) if t < W else 1 / sqrt((t + scale - W) / scale)


def _stable_parts(p: Plan) -> tuple[str, str, Number, Whole, Whole | None]:
    """The ways up and down, the lowest share, the decay and, if it is said, the plateau."""
    up, down = p.options.text("warmup_type", "linear"), p.options.text("decay_type", "cosine")
    for name in (up, down):
        if name not in _EASES:
            raise Refused(f"it has no way up or down called `{name}`")
    stable = p.options.given("num_stable_steps")
    return (
        up, down, p.options.number("min_lr_ratio", 0.0), p.options.whole("num_decay_steps"),
        None if stable is None else p.options.whole("num_stable_steps"),
    )  # fmt: skip


def _stable(p: Plan) -> str:
    up, down, low, decay, stable = _stable_parts(p)
    start, end = (f", start = base * {low}", f", end = base * {low}") if low else ("", "")
    rise = f"warmup({p.warmup}{start}{_ease(up)}) >> " if p.warmup else ""
    between = "const" if stable is None else f"const({stable})"
    if down == "cosine" and (cycles := _cycles(p)) != 0.5:
        waves = f"{rise}{between} >> cosine_waves({decay}, base{end}, cycles = {cycles})"
        # Waves need not end at the lowest rate, which follows them where the run goes on.
        last = f" >> const(value = {f'base * {low}' if low else 0})"
        return waves if stable is None else waves + last
    return f"{rise}{between} >> cooldown({decay}{end}{_ease(down)})"


def _ease(name: str) -> str:
    return "" if name == "linear" else f", ease = {_EASES[name]}"


def _stable_factor(p: Plan) -> Factor:
    up, down, lowest, decay, stable = _stable_parts(p)
    W, D, low = int(p.warmup), int(decay), float(lowest)
    S = int(p.total) - W - D if stable is None else int(stable)
    rise, fall, cycles = _RISING[up], _FALLING[down], float(_cycles(p))

    def factor(t: int) -> float:
        if t < W:
            return rise(t / max(1, W)) * (1 - low) + low
        if t < W + S:
            return 1.0
        if t < W + S + D:
            return fall((t - W - S) / max(1, D), cycles) * (1 - low) + low
        return low

    return factor


KINDS = {
    "constant": Kind(lambda p: "const", lambda p: lambda t: 1.0, needs_total=False),
    "constant_with_warmup": Kind(
        lambda p: p.after_warmup("const"), lambda p: _warmed_up(p, lambda u: 1.0), needs_total=False
    ),
    "linear": Kind(
        lambda p: p.after_warmup("linear"), lambda p: _warmed_up(p, lambda u: max(0.0, 1 - u))
    ),
    "cosine": Kind(lambda p: _cosine_to(p, "0"), lambda p: _cosine_from(p, 0.0)),
    "cosine_with_restarts": Kind(
        lambda p: p.after_warmup(f"cosine_restarts(cycles = {p.options.whole('num_cycles', 1)})"),
        _restarts,
    ),
    "polynomial": Kind(_polynomial, _polynomial_factor),
    "cosine_with_min_lr": Kind(
        lambda p: _cosine_to(p, p.lowest()[0]), lambda p: _cosine_from(p, p.lowest()[1])
    ),
    "cosine_warmup_with_min_lr": Kind(_early, _early_factor),
    "inverse_sqrt": Kind(
        lambda p: p.after_warmup(f"inverse_sqrt({_timescale(p)})"), _inverse_sqrt_factor,
        needs_total=False,
    ),
    "warmup_stable_decay": Kind(_stable, _stable_factor),
}  # fmt: skip
# Driven by a metric, so that no file says what their curve is.
METRIC = {
    "reduce_lr_on_plateau": "`reduce_on_plateau(…)`",
    "greedy": "`adaptive(…)`",
}
