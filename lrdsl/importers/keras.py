"""Keras: its schedules, as their configs have them and as scripts call them.

Read in Keras 3.15.1: ``src/optimizers/schedules/learning_rate_schedule.py``. It computes in
float32. A schedule there is the rate itself, so its text has absolute rates.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from lrdsl.importers.fields import Fields
from lrdsl.importers.importer import SINGLE, Column, Importer, Setting, Translation
from lrdsl.importers.refusal import Refused
from lrdsl.importers.symbols import Number, Whole, is_known
from lrdsl.importers.trial import TOTAL
from lrdsl.outside import is_number

if TYPE_CHECKING:
    from lrdsl.comparison import Row
    from lrdsl.importers.documents import Document
    from lrdsl.importers.importer import Rate

_RATE, _STEPS = "initial_learning_rate", "decay_steps"
# The parameters of each schedule, in their order.
_SCHEDULES = {
    "ExponentialDecay": (_RATE, _STEPS, "decay_rate", "staircase", "name"),
    "InverseTimeDecay": (_RATE, _STEPS, "decay_rate", "staircase", "name"),
    "PiecewiseConstantDecay": ("boundaries", "values", "name"),
    "PolynomialDecay": (_RATE, _STEPS, "end_learning_rate", "power", "cycle", "name"),
    "CosineDecay": (_RATE, _STEPS, "alpha", "name", "warmup_target", "warmup_steps"),
    "CosineDecayRestarts": (_RATE, "first_decay_steps", "t_mul", "m_mul", "alpha", "name"),
}
KEYS = ("class_name: CosineDecay", "keras.optimizers.schedules.CosineDecay(…)")
_STAIRS = """\
shape inverse_time_stairs(rate, every: steps, start) = start / (1 + rate * floor(t / every))
"""
# Of a schedule without an end, so many of its steps are compared, or this many updates.
_TIMES, _MOST = 4, 20_000


def _find(document: Document) -> Iterator[Setting]:
    version = document.version_of("keras")
    for table in document.tables():
        kind, config = table.plain().get("class_name"), table.plain().get("config")
        if kind in _SCHEDULES and isinstance(config, Fields):
            yield Setting(str(kind), config, table.line_of("class_name"), version)
    for call in document.calls:
        is_ours = "keras" in call.name.split(".") or "." not in call.name
        if is_ours and call.function in _SCHEDULES:
            yield Setting(call.function, call.found(*_SCHEDULES[call.function]), call.line, version)


def _rate(fields: Fields) -> Number:
    """The rate that a schedule begins with; Keras computes in its type."""
    rate = fields.number(_RATE)
    if isinstance(rate, Whole) and rate.is_known:
        raise Refused(
            f"`{fields.path(_RATE)}` is {rate}, and Keras computes in whole numbers then: write"
            f" {rate}.0"
        )
    return rate


def _steps(fields: Fields, key: str = _STEPS) -> Whole:
    steps = fields.whole(key)
    if steps <= 0:
        raise Refused(f"`{fields.path(key)}` is {steps}")
    return steps


def _translate(setting: Setting) -> Translation:
    fields = setting.fields
    text, length = _TEXTS[setting.kind](fields)
    fields.ignore("name")
    fields.close()
    total = int(length)
    return Translation(
        text,
        total=Whole(total, TOTAL),
        columns=(Column("lr", float(_peak(fields))),),
        tolerance=SINGLE,
    )


def _peak(fields: Fields) -> Number:
    """The rate that the optimizer of another system would be built with."""
    if "values" in fields:
        return max(fields.numbers("values"))
    target = fields.given("warmup_target")
    return fields.number(_RATE if target is None else "warmup_target")


def _seen(every: Whole) -> int:
    """The updates that show a schedule without an end."""
    return max(min(_TIMES * int(every) + 1, _MOST), int(every) + 1)


def _exponential(o: Fields) -> tuple[str, int]:
    rate, every, ratio = _rate(o), _steps(o), o.number("decay_rate")
    if is_known(ratio) and ratio > 1:
        raise Refused("its rate grows without bound, and lrdsl's rates do not")
    if o.truth("staircase", default=False):
        return f"step({every}, {ratio}, start = {rate})", _seen(every)
    return f"exponential({ratio}, every = {every}, start = {rate})", _seen(every)


def _inverse_time(o: Fields) -> tuple[str, int]:
    rate, every, ratio = _rate(o), _steps(o), o.number("decay_rate")
    if o.truth("staircase", default=False):
        return f"{_STAIRS}inverse_time_stairs({ratio}, {every}, {rate})", _seen(every)
    return f"inverse_time({ratio}, every = {every}, start = {rate})", _seen(every)


def _piecewise(o: Fields) -> tuple[str, int]:
    marks, values = o.numbers("boundaries"), o.numbers("values")
    if not marks or len(values) != len(marks) + 1:
        raise Refused(f"{len(marks)} boundaries do not part {len(values)} values")
    # A boundary is the last update of the old value.
    steps = ", ".join(f"{mark + 1}" for mark in marks)
    return f"stairs([{steps}], [{', '.join(map(str, values))}])", int(marks[-1]) + 2


def _polynomial(o: Fields) -> tuple[str, int]:
    rate, steps = _rate(o), _steps(o)
    end, power = o.number("end_learning_rate", 0.0001), o.number("power", 1.0)
    if o.truth("cycle", default=False):
        raise Refused("with `cycle` each decay is stretched to begin at the first update")
    ends = f"{steps}, {rate}" + ("" if end == 0 else f", {end}")
    if power == 1:
        return f"linear({ends})", int(steps) + 1
    return f"poly({ends}, power = {power})", int(steps) + 1


def _cosine(o: Fields) -> tuple[str, int]:
    rate, steps, alpha = _rate(o), _steps(o), o.number("alpha", 0.0)
    up = o.whole("warmup_steps", 0)
    if o.given("warmup_target") is None:  # then it has no effect
        up, peak = Whole(0), rate
    else:
        peak = o.number("warmup_target")
    end = "" if alpha == 0 else f", {peak} * {alpha}"
    warmup = f"warmup({up}{'' if rate == 0 else f', {rate}'}) >> " if up else ""
    return f"{warmup}cosine({steps}, {peak}{end})", int(up + steps) + 1


def _restarts(o: Fields) -> tuple[str, int]:
    rate, first, alpha = _rate(o), _steps(o, "first_decay_steps"), o.number("alpha", 0.0)
    longer, lower = o.number("t_mul", 2.0), o.number("m_mul", 1.0)
    cycles = f"restarts({first}, {longer}"
    if lower == 1:
        end = "" if alpha == 0 else f", {rate} * {alpha}"
        return f"{cycles}, {rate}{end})", _seen(first)
    if alpha == 0:
        return f"{cycles}, {rate}, decay = {lower})", _seen(first)
    # The lowest value stays while the peaks decay.
    return f"{cycles}, {rate} * (1 - {alpha}), decay = {lower}) + {rate} * {alpha}", _seen(first)


_TEXTS = {
    "ExponentialDecay": _exponential,
    "InverseTimeDecay": _inverse_time,
    "PiecewiseConstantDecay": _piecewise,
    "PolynomialDecay": _polynomial,
    "CosineDecay": _cosine,
    "CosineDecayRestarts": _restarts,
}


def _formula(setting: Setting, translation: Translation, column: Column) -> Rate:
    """``__call__`` of each schedule, written out."""
    kind, o = setting.kind, setting.fields
    if kind == "PiecewiseConstantDecay":
        marks, values = o.numbers("boundaries"), o.numbers("values")
        return lambda t: float(values[sum(t > mark for mark in marks)])
    rate = float(o.number(_RATE))
    if kind == "CosineDecayRestarts":
        return _restarted(o, rate)
    steps = int(o.whole(_STEPS))
    if kind == "PolynomialDecay":
        end, power = float(o.number("end_learning_rate", 0.0001)), float(o.number("power", 1.0))
        return lambda t: (rate - end) * (1 - min(t, steps) / steps) ** power + end
    if kind == "CosineDecay":
        return _warmed(o, rate, steps)
    ratio = float(o.number("decay_rate"))
    is_stairs = o.truth("staircase", default=False)

    def passed(t: int) -> float:
        return math.floor(t / steps) if is_stairs else t / steps

    if kind == "ExponentialDecay":
        return lambda t: rate * ratio ** passed(t)
    return lambda t: rate / (1 + ratio * passed(t))


def _warmed(o: Fields, rate: float, steps: int) -> Rate:
    alpha, up = float(o.number("alpha", 0.0)), int(o.whole("warmup_steps", 0))
    target = o.given("warmup_target")
    peak, up = (rate, 0) if target is None else (float(o.number("warmup_target")), up)

    def value(t: int) -> float:
        if t < up:
            return (peak - rate) * (t / up) + rate
        share = min(t - up, steps) / steps
        return peak * ((1 - alpha) * 0.5 * (1 + math.cos(math.pi * share)) + alpha)

    return value


def _restarted(o: Fields, rate: float) -> Rate:
    first, alpha = int(o.whole("first_decay_steps")), float(o.number("alpha", 0.0))
    longer, lower = float(o.number("t_mul", 2.0)), float(o.number("m_mul", 1.0))

    def value(t: int) -> float:
        # Its logarithm finds the same cycles, but for rounding.
        start, length, i = 0.0, float(first), 0
        while t >= start + length:
            start, length, i = start + length, length * longer, i + 1
        share = (t - start) / length
        return rate * (
            (1 - alpha) * 0.5 * lower**i * (1 + math.cos(math.pi * share)) + alpha
        )  # fmt: skip

    return value


def _run(setting: Setting, translation: Translation, steps: int) -> list[Row]:  # pragma: no cover
    """An optimizer reads the schedule at its count of updates, which begins at 0."""
    from keras.optimizers import schedules

    options = {name: _plain(value) for name, value in setting.fields.plain().items()}
    schedule = getattr(schedules, setting.kind)(**options)
    return [[float(schedule(t))] for t in range(steps)]


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if is_number(value):
        return int(value) if isinstance(value, int) and is_known(value) else float(value)
    return value


IMPORTER = Importer(
    system="keras",
    versions=("2.15.0", "3.15.1"),
    keys=KEYS,
    find=_find,
    translate=_translate,
    formula=_formula,
    compared=("3.15.1",),
    run=_run,
)
