"""optax's calls: which function takes what, and what one that joins others is made of."""

from __future__ import annotations

from collections.abc import Sequence

from lrdsl.importers.documents import Call
from lrdsl.importers.fields import Fields
from lrdsl.importers.refusal import Refused
from lrdsl.importers.symbols import Number, Whole, floor, is_known, written

# The parameters of each schedule, in their order.
SCHEDULES = {
    "constant_schedule": ("value",),
    "linear_schedule": ("init_value", "end_value", "transition_steps", "transition_begin"),
    "polynomial_schedule": (
        "init_value", "end_value", "power", "transition_steps", "transition_begin"),
    "exponential_decay": (
        "init_value", "transition_steps", "decay_rate", "transition_begin", "staircase",
        "end_value"),
    "cosine_decay_schedule": ("init_value", "decay_steps", "alpha", "exponent"),
    "warmup_constant_schedule": ("init_value", "peak_value", "warmup_steps"),
    "warmup_cosine_decay_schedule": (
        "init_value", "peak_value", "warmup_steps", "decay_steps", "end_value", "exponent"),
    "warmup_exponential_decay_schedule": (
        "init_value", "peak_value", "warmup_steps", "transition_steps", "decay_rate",
        "transition_begin", "staircase", "end_value"),
    "piecewise_constant_schedule": ("init_value", "boundaries_and_scales"),
    "piecewise_interpolate_schedule": (
        "interpolate_type", "init_value", "boundaries_and_scales"),
    "linear_onecycle_schedule": (
        "transition_steps", "peak_value", "pct_start", "pct_final", "div_factor",
        "final_div_factor"),
    "cosine_onecycle_schedule": (
        "transition_steps", "peak_value", "pct_start", "div_factor", "final_div_factor"),
    "join_schedules": ("schedules", "boundaries"),
    "sgdr_schedule": ("cosine_kwargs",),
}  # fmt: skip
_CYCLE = "warmup_cosine_decay_schedule"


def is_ours(value: object) -> bool:
    """True for a call of one of these functions."""
    return (
        isinstance(value, Call) and value.function in SCHEDULES and value.name.startswith("optax.")
    )


def schedules_in(call: Call) -> list[Call]:
    """The schedules that a call joins; none if it joins none."""
    fields = call.found(*SCHEDULES[call.function]).plain()
    schedules = fields.get("schedules")
    return [each for each in schedules if is_ours(each)] if isinstance(schedules, list) else []


def scaled(start: Number, scales: Sequence[tuple[Number, Number]]) -> list[tuple[Number, Number]]:
    """Times and values from a first value and what multiplies it at each boundary.

    Args:
        start: the first value, from 0 on.
        scales: boundaries, and the factor at each.
    """
    values = [start]
    for _, scale in scales:
        value = values[-1] * scale
        # It computes in seven digits; twelve leave out what is only how ours are rounded.
        values.append(written(float(f"{float(value):.12g}")) if is_known(value) else value)
    return [*zip((Whole(0), *(mark for mark, _ in scales)), values, strict=True)]


def scales_of(o: Fields) -> list[tuple[Number, Number]]:
    """Boundaries and factors, in order."""
    table = o.table("boundaries_and_scales")
    found: list[tuple[Number, Number]] = []
    for key in table:
        if not str(key).isdigit():
            raise Refused(f"the boundary `{key}` is no whole number that the source tells")
        found.append((Whole(int(key)), table.number(key)))
    return sorted(found, key=lambda pair: int(pair[0]))


def cycle_of(kind: str, o: Fields) -> tuple[Number, list[tuple[Number, Number]]]:
    """The first value and the factors that one cycle comes to.

    Args:
        kind: the function.
        o: its arguments.
    """
    steps, peak = o.whole("transition_steps"), o.number("peak_value")
    if steps <= 0:
        raise Refused(f"`transition_steps` is {steps}")
    up, div = o.number("pct_start", 0.3), o.number("div_factor", 25.0)
    final = o.number("final_div_factor", 1e4)
    # A boundary that is given twice has its last factor, as in a dictionary.
    scales: dict[int, tuple[Number, Number]] = {}
    pairs = [(floor(up * steps), div)]
    if kind == "linear_onecycle_schedule":
        pairs += [(floor(o.number("pct_final", 0.85) * steps), 1 / div), (steps, 1 / final)]
    else:
        pairs += [(steps, 1 / (div * final))]
    for mark, scale in pairs:
        scales[int(mark)] = (mark, scale)
    return peak / div, [scales[mark] for mark in sorted(scales)]


def parts_of(kind: str, o: Fields) -> tuple[list[tuple[str, Fields]], list[Number]]:
    """The schedules that follow each other, and where each but the first begins.

    Args:
        kind: the function that joins them.
        o: its arguments.
    """
    if kind == "sgdr_schedule":
        tables = o.given("cosine_kwargs")
        if not isinstance(tables, list) or not all(isinstance(t, Fields) for t in tables):
            raise Refused("`cosine_kwargs` is no list of tables that the source tells")
        begun: list[Number] = []
        for table in tables[:-1]:
            begun.append((begun[-1] if begun else 0) + table.number("decay_steps"))
        return [(_CYCLE, table) for table in tables], begun
    schedules, marks = o.given("schedules"), o.numbers("boundaries")
    if not isinstance(schedules, list) or not all(map(is_ours, schedules)):
        raise Refused("`schedules` has one that is no call of optax")
    if len(schedules) != len(marks) + 1:
        raise Refused(f"{len(marks)} boundaries do not part {len(schedules)} schedules")
    return [(s.function, s.bound(*SCHEDULES[s.function])) for s in schedules], marks
