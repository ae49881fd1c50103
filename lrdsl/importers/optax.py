"""optax: its schedules, as scripts call them.

Read in optax 0.2.8: ``schedules/_schedule.py`` and ``_join.py``. It computes in float32. A
schedule there is the rate itself, so its text has absolute rates.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from lrdsl.importers.documents import Call
from lrdsl.importers.fields import Fields
from lrdsl.importers.importer import SINGLE, Column, Importer, Setting, Translation
from lrdsl.importers.optax_calls import (
    SCHEDULES,
    cycle_of,
    is_ours,
    parts_of,
    scaled,
    scales_of,
    schedules_in,
)  # fmt: skip
from lrdsl.importers.optax_formula import rate_of
from lrdsl.importers.refusal import Refused
from lrdsl.importers.symbols import Number, Whole, is_known, plain, written
from lrdsl.importers.trial import TOTAL
from lrdsl.record import record

if TYPE_CHECKING:
    from lrdsl.comparison import Row
    from lrdsl.importers.documents import Document
    from lrdsl.importers.importer import Rate

KEYS = ("optax.warmup_cosine_decay_schedule(…)",)
# Of a schedule without an end, so many of its steps are compared, or this many updates.
_TIMES, _MOST = 4, 20_000
# How a rate that stays begins.
_HELD = "const(value = "


@record
class Part:
    """A schedule in lrdsl.

    Attributes:
        text: its text.
        length: its updates; None if it has no end.
        seen: the updates that show all of it.
    """

    text: str
    length: Number | None
    seen: int


def _find(document: Document) -> Iterator[Setting]:
    version = document.version_of("optax")
    ours = [call for call in document.calls if is_ours(call)]
    # A schedule that is a part of another one is translated with it.
    parts = [part for call in ours for part in schedules_in(call)]
    for call in ours:
        if not any(call is part for part in parts):
            yield Setting(call.function, call.found(*SCHEDULES[call.function]), call.line, version)


def _translate(setting: Setting) -> Translation:
    part = _said(setting.kind, setting.fields)
    return Translation(
        part.text, total=Whole(part.seen, TOTAL), columns=(Column(),), tolerance=SINGLE
    )


def _said(kind: str, fields: Fields) -> Part:
    part = _TEXTS[kind](fields)
    fields.close()
    return part


def _ends(length: Number, *values: Number) -> str:
    """The arguments of a shape from one rate to another; the last is 0 by default."""
    shown = values[:-1] if values[-1] == 0 else values
    return ", ".join(map(str, (length, *shown)))


def _constant(o: Fields) -> Part:
    return _held(o.number("value"))


def _held(value: Number) -> Part:
    return Part(f"{_HELD}{value})", None, 2)


def _after(wait: Number, value: Number, part: Part) -> Part:
    """A schedule that begins late."""
    if wait <= 0:
        return part
    length = None if part.length is None else wait + part.length
    return Part(f"const({wait}, {value}) >> {part.text}", length, int(wait) + part.seen)


def _between(o: Fields, power: Number) -> Part:
    start, end = o.number("init_value"), o.number("end_value")
    steps, wait = o.whole("transition_steps"), o.whole("transition_begin", 0)
    if steps <= 0:  # as it says in its log
        return _held(start)
    shape = "linear" if power == 1 else "poly"
    more = "" if power == 1 else f", power = {power}"
    part = Part(f"{shape}({_ends(steps, start, end)}{more})", steps, int(steps) + 1)
    return _after(wait, start, part)


def _linear(o: Fields) -> Part:
    return _between(o, Whole(1))


def _polynomial(o: Fields) -> Part:
    return _between(o, o.number("power"))


def _falling(o: Fields, start: Number) -> Part:
    """An exponential decay from a rate."""
    every, ratio = o.whole("transition_steps"), o.number("decay_rate")
    wait = o.whole("transition_begin", 0)
    is_stairs = o.truth("staircase", default=False)
    limit = None if o.given("end_value") is None else o.number("end_value")
    if every <= 0 or ratio == 0:  # as it says in its log
        return _held(start)
    if ratio > 1:
        return _growing(every, ratio, start, limit, wait, is_stairs=is_stairs)
    text = (
        f"step({every}, {ratio}, start = {start})"
        if is_stairs
        else f"exponential({ratio}, every = {every}, start = {start})"
    )
    seen = max(min(_TIMES * int(every), _MOST), int(every)) + 1
    part = _after(wait, start, Part(text, None, seen))
    if limit is None:
        return part
    # Of a ratio of 1 it is the lower of both.
    return Part(f"{'max' if ratio < 1 else 'min'}({part.text}, {limit})", None, part.seen)


def _growing(
    every: Whole, ratio: Number, start: Number, limit: Number | None, wait: Whole, *,
    is_stairs: bool,
) -> Part:  # fmt: skip
    """A rate that grows up to its limit."""
    known = limit is not None and all(map(is_known, (every, ratio, start, limit)))
    if limit is None or not known or not 0 < start < limit:
        raise Refused("its rate grows without bound, and lrdsl's rates do not")
    times = math.log(limit / start) / math.log(ratio)
    length = Whole(math.ceil(times) * every if is_stairs else math.ceil(times * every))
    text = (
        f"step({every}, {ratio}, length = {length}, start = {start})"
        if is_stairs
        else f"exponential({ratio}, every = {every}, length = {length}, start = {start})"
    )
    return _after(wait, start, Part(f"{text} >> const(value = {limit})", None, int(length) + 2))


def _exponential(o: Fields) -> Part:
    return _falling(o, o.number("init_value"))


def _arc(length: Number, start: Number, end: str, exponent: Number) -> Part:
    """A cosine, or a power of one."""
    if length <= 0:
        raise Refused(f"its cosine lasts {length} updates")
    ends = f"{length}, {start}" + ("" if end == "0" else f", {end}")
    text = f"cosine({ends})"
    if exponent != 1:
        text = f"cosine_power({ends}, exponent = {exponent})"
    return Part(text, length, int(length) + 1)


def _cosine(o: Fields) -> Part:
    start, alpha = o.number("init_value"), o.number("alpha", 0.0)
    end = "0" if alpha == 0 else f"{start} * {alpha}"
    return _arc(o.number("decay_steps"), start, end, o.number("exponent", 1.0))


def _warmed(o: Fields, then: Part, to: str = "") -> Part:
    """A schedule after a warm-up: to the rate that it starts with, or to one that is written."""
    up, start = o.whole("warmup_steps"), o.number("init_value")
    if up <= 0:
        return then
    ends = f", {start}{to}" if start != 0 or to else ""
    length = None if then.length is None else up + then.length
    return Part(f"warmup({up}{ends}) >> {then.text}", length, int(up) + then.seen)


def _warm_constant(o: Fields) -> Part:
    peak, start = o.number("peak_value"), o.number("init_value")
    # It is a line, and a line of no steps stays at its start.
    return _warmed(o, _held(peak)) if o.whole("warmup_steps") > 0 else _held(start)


def _warm_cosine(o: Fields) -> Part:
    peak, end = o.number("peak_value"), o.number("end_value", 0.0)
    # The length of its decay includes the warm-up.
    down = o.number("decay_steps") - o.whole("warmup_steps")
    return _warmed(o, _arc(down, peak, str(written(end)), o.number("exponent", 1.0)))


def _warm_exponential(o: Fields) -> Part:
    peak = o.number("peak_value")
    return _warmed(o, _falling(o, peak), f", {peak}")


def _piecewise(o: Fields) -> Part:
    start, scales = o.number("init_value"), scales_of(o)
    if not scales:
        return _held(start)
    marks = ", ".join(str(mark) for mark, _ in scales)
    seen = int(scales[-1][0]) + 2
    factors = {float(scale) for _, scale in scales}
    if len(factors) == 1:
        return Part(f"multistep([{marks}], {scales[0][1]}, start = {start})", None, seen)
    values = ", ".join(str(value) for _, value in scaled(start, scales))
    return Part(f"stairs([{marks}], [{values}])", None, seen)


def _interpolated(o: Fields) -> Part:
    shape = o.text("interpolate_type")
    if shape not in {"linear", "cosine"}:
        raise Refused(f"optax interpolates no `{shape}`")
    return _through(shape, scaled(o.number("init_value"), scales_of(o)))


def _through(shape: str, points: list[tuple[Number, Number]]) -> Part:
    """From each point to the next; of two at the same time, the second."""
    pieces = [
        f"{shape}({_ends(b - a, start, end)})" for (a, start), (b, end) in pairwise(points) if b > a
    ]
    last, value = points[-1]
    if not pieces:
        return _held(value)
    return Part(" >> ".join(pieces), last, int(last) + 1)


def _line_cycle(o: Fields) -> Part:
    return _through("linear", scaled(*cycle_of("linear_onecycle_schedule", o)))


def _cosine_cycle(o: Fields) -> Part:
    return _through("cosine", scaled(*cycle_of("cosine_onecycle_schedule", o)))


def _joined(o: Fields, kind: str = "join_schedules") -> Part:
    inner, marks = parts_of(kind, o)
    begun = [Whole(0), *marks]
    if any(a > b for a, b in pairwise(begun)):
        raise Refused("its boundaries are not in order")
    texts = []
    parts = [_said(*each) for each in inner]
    for part, (start, end) in zip(parts, pairwise(begun), strict=False):
        room = written(end - start) if start != 0 else end
        if room > 0:
            texts.append(_cut(part, room))
    last = parts[-1]
    length = None if last.length is None else begun[-1] + last.length
    return Part(" >> ".join([*texts, last.text]), length, int(begun[-1]) + last.seen)


def _cut(part: Part, room: Number) -> str:
    """A schedule for so many updates, whatever its own length is."""
    if part.text.startswith(_HELD):
        return f"const({room}, {part.text.removeprefix(_HELD)}"
    if part.length is not None and str(part.length) == str(room):
        return part.text
    if part.length is not None and part.length <= room:
        if not (is_known(part.length) and is_known(room)):
            return f"over({room}, {part.text})"
        return f"{part.text} >> const({room - part.length})"
    return f"until({room}, {part.text})"


def _restarts(o: Fields) -> Part:
    return _joined(o, "sgdr_schedule")


_TEXTS = {
    "constant_schedule": _constant,
    "linear_schedule": _linear,
    "polynomial_schedule": _polynomial,
    "exponential_decay": _exponential,
    "cosine_decay_schedule": _cosine,
    "warmup_constant_schedule": _warm_constant,
    "warmup_cosine_decay_schedule": _warm_cosine,
    "warmup_exponential_decay_schedule": _warm_exponential,
    "piecewise_constant_schedule": _piecewise,
    "piecewise_interpolate_schedule": _interpolated,
    "linear_onecycle_schedule": _line_cycle,
    "cosine_onecycle_schedule": _cosine_cycle,
    "join_schedules": _joined,
    "sgdr_schedule": _restarts,
}


def _formula(setting: Setting, translation: Translation, column: Column) -> Rate:
    return rate_of(setting.kind, setting.fields)


def _run(setting: Setting, translation: Translation, steps: int) -> list[Row]:  # pragma: no cover
    """An optimizer reads the schedule at its count of updates, which begins at 0."""
    import jax
    import optax

    def built(value: Any) -> Any:
        if isinstance(value, Call):
            return made(value.function, value.bound(*SCHEDULES[value.function]).plain())
        if isinstance(value, Fields):
            table = {key: built(inner) for key, inner in value.plain().items()}
            return {int(key) if key.isdigit() else key: inner for key, inner in table.items()}
        if isinstance(value, list | tuple):
            return [built(item) for item in value]
        return plain(value)

    def made(kind: str, options: dict[str, Any]) -> Any:
        return getattr(optax, kind)(**{name: built(value) for name, value in options.items()})

    schedule = made(setting.kind, setting.fields.plain())
    values = jax.vmap(schedule)(jax.numpy.arange(steps))
    return [[float(value)] for value in values]


IMPORTER = Importer(
    system="optax",
    versions=("0.2.8",),
    keys=KEYS,
    find=_find,
    translate=_translate,
    formula=_formula,
    compared=("0.2.8",),
    run=_run,
)
