"""fairseq: the ``lr_scheduler`` of its configs, and the options of its commands.

The formulas are those of the files in ``fairseq/optim/lr_scheduler``. An update has the rate of the
updates before it, so that update 0 has the rate that a warm-up starts from.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from lrdsl.importers.fairseq_formulas import formula
from lrdsl.importers.fairseq_run import run
from lrdsl.importers.fairseq_schedule import Schedule, stages
from lrdsl.importers.fields import Fields
from lrdsl.importers.importer import Column, Importer, Setting, Translation
from lrdsl.importers.phrases import rate_note
from lrdsl.importers.refusal import Refused
from lrdsl.importers.symbols import Whole, is_known

if TYPE_CHECKING:
    from lrdsl.importers.documents import Document

_SCHEDULER = "lr_scheduler"
# A command with one of these is one of fairseq: others have an option `--lr-scheduler` too.
_OPTIONS = ("max_update", "warmup_updates", "update_freq", "arch", "criterion", "max_tokens")
# By kind: the fields of its config beside the rates.
_FIELDS = {
    "inverse_sqrt": ("warmup_updates", "warmup_init_lr"),
    "cosine": ("warmup_updates", "warmup_init_lr", "min_lr", "t_mult", "lr_period_updates",
               "lr_shrink"),
    "polynomial_decay": ("warmup_updates", "force_anneal", "end_learning_rate", "power",
                         "total_num_update"),
    "tri_stage": ("warmup_steps", "hold_steps", "decay_steps", "phase_ratio", "init_lr_scale",
                  "final_lr_scale"),
    "fixed": ("force_anneal", "lr_shrink", "warmup_updates"),
    "triangular": ("max_lr", "lr_period_updates", "lr_shrink", "shrink_min"),
    "step": ("warmup_updates", "warmup_init_lr", "min_lr", "lr_deacy_period", "lr_decay"),
}  # fmt: skip
_REFUSED = {
    "pass_through": "the optimizer has the schedule of `pass_through`, and the source does not",
    "reduce_lr_on_plateau": "a metric drives `reduce_lr_on_plateau`: in lrdsl it is"
    " `reduce_on_plateau`",
    "manual": "`manual` is not translated",
}


def _find(document: Document) -> Iterator[Setting]:
    version = document.version_of("fairseq")
    for table in document.tables():
        value = table.plain().get(_SCHEDULER)
        if isinstance(value, Fields) and "_name" in value:
            run = table.plain().get("optimization")
            kind = str(value.given("_name"))
            plain = {key: v for key, v in value.plain().items() if key != "_name"}
            fields = _settings(kind, plain, run.plain() if isinstance(run, Fields) else {}, value)
            yield Setting(kind, fields, value.line_of("_name"), version)
        elif isinstance(value, str) and any(key in table for key in _OPTIONS):
            plain = table.plain()
            own = {key: plain[key] for key in _FIELDS.get(value, ()) if key in plain}
            yield Setting(
                value, _settings(value, own, plain, table), table.line_of(_SCHEDULER), version
            )


def _settings(kind: str, own: dict[str, object], run: dict[str, object], table: Fields) -> Fields:
    """The fields of a schedule, with the rates and the length of the run."""
    lr = own.get("lr")
    # `${optimization.lr}` is what stands there by default.
    values = dict(own) | {"lr": run.get("lr") if lr is None or "$" in str(lr) else lr}
    values["max_update"] = run.get("max_update")
    return Fields(values, table.trial, table.lines, table.name)


def _translate(setting: Setting) -> Translation:
    if setting.kind not in _FIELDS:
        reason = _REFUSED.get(setting.kind, f"`{setting.kind}` is no schedule of fairseq")
        raise Refused(reason)
    s = Schedule(setting)
    text = _KINDS[setting.kind](s)
    s.fields.close()
    base = s.lr if len(s.rates) == 1 or s.kind != "fixed" else s.rates[0]
    notes = [rate_note(base)] if is_known(base) else []
    column = Column("lr", float(base) if is_known(base) else 1.0)
    return Translation(
        text,
        total=s.total,
        steps_per_epoch=s.epoch if is_known(s.epoch) else 0,
        columns=(column,),
        notes=[*notes, *s.notes],
    )


def _up(s: Schedule, then: str, start: object = 0) -> str:
    if not s.warmup:
        return then
    first = f", {start}" if start else ""
    if is_known(s.total) and is_known(s.warmup) and 0 < s.total <= s.warmup:
        s.notes.append("the run ends with the warm-up or in it")
        return f"warmup({s.warmup}{first}, end = base)"
    return f"warmup({s.warmup}{first}) >> {then}"


def _call(name: str, *arguments: str) -> str:
    given = ", ".join(filter(None, arguments))
    return f"{name}({given})" if given else name


def _inverse_sqrt(s: Schedule) -> str:
    if not s.warmup:
        raise Refused("fairseq divides by the `warmup_updates` of `inverse_sqrt`")
    return _up(s, f"inverse_sqrt({s.warmup})", s.first(0))


def _period(s: Schedule) -> Whole | None:
    """The updates of a first cycle; None if it fills the run."""
    period = s.fields.number("lr_period_updates", -1)
    if period > 0:
        return s.fields.whole("lr_period_updates")
    if not s.total:
        raise Refused("fairseq needs `max_update` or `lr_period_updates`: pass one of them")
    return None


def _cosine(s: Schedule) -> str:
    low, period = s.fields.number("min_lr", 0.0), _period(s)
    shrink, longer = s.fields.number("lr_shrink", 0.1), s.fields.number("t_mult", 1.0)
    end = f"end = {low}" if low else ""
    if period is None:
        return _up(s, _call("cosine", end), s.first(low))
    if longer != 1:
        _check_cycles(s, period, float(longer))
    more = "" if longer == 1 else f"stretch = {longer}"
    decay = "" if shrink == 1 else f"decay = {shrink}"
    return _up(s, _call("repeat", _call("cosine", str(period), end), more, decay), s.first(low))


def _cycle_of(t: int, period: int, longer: float) -> int:
    """The cycle that fairseq finds by a rounded logarithm."""
    return math.floor(math.log(1 - t / period * (1 - longer), longer))


def _check_cycles(s: Schedule, period: Whole, longer: float) -> None:
    """Refuses cycles that fairseq takes for the ones before, where they begin."""
    if longer < 1:
        raise Refused("cycles that become shorter come to an end, at which fairseq raises")
    begin, cycle = 0.0, 0
    while begin < (s.total or 100 * period):
        if begin == int(begin) and _cycle_of(int(begin), int(period), longer) != cycle:
            raise Refused(
                f"fairseq finds a cycle by a rounded logarithm: it has the last value of the one"
                f" before at the first update of a cycle, {int(begin) + int(s.warmup)}"
            )
        begin += period * longer**cycle
        cycle += 1


def _polynomial(s: Schedule) -> str:
    if s.fields.given("force_anneal") is not None:
        raise Refused("`force_anneal` keeps a rate that the schedule had by chance")
    end, power = s.fields.number("end_learning_rate", 0.0), s.fields.number("power", 1.0)
    said = s.fields.given("total_num_update")
    length = s.total if said is None or "$" in str(said) else s.fields.whole("total_num_update")
    s.fields.ignore("total_num_update")
    if not length:
        raise Refused("fairseq needs `max_update` or `total_num_update`: pass one of them")
    name = "linear" if power == 1 else "poly"
    ends = f"end = {end}" if end else ""
    powers = "" if power == 1 else f"power = {power}"
    fits = str(length) == str(s.total)
    down = _call(name, "" if fits else str(length - s.warmup), ends, powers)
    return _up(s, f"{down} >> const" if s.total > length else down)


def _tri_stage(s: Schedule) -> str:
    up, hold, down = stages(s)
    if not down:
        raise Refused("fairseq divides by the `decay_steps` of `tri_stage`")
    first, last = (s.fields.number(f"{name}_lr_scale", 0.01) for name in ("init", "final"))
    return _call(
        "tri_stage", str(up), str(hold), str(down),
        "" if first == 0.01 else f"init_scale = {first}",
        "" if last == 0.01 else f"final_scale = {last}",
    )  # fmt: skip


def _fixed(s: Schedule) -> str:
    shrink, forced = s.fields.number("lr_shrink", 0.1), s.fields.given("force_anneal")
    down = ""
    if forced is not None:
        if len(s.rates) > 1:
            raise Refused("`force_anneal` with a rate for each epoch is not translated")
        epoch = s.fields.whole("force_anneal")
        if epoch < 1:
            raise Refused(f"epochs are counted from 1, and `force_anneal` is {epoch}")
        down = f"step(1ep, {shrink}, start = base * {shrink})"
        down = f"const({epoch - 1}ep, base) >> {down}" if epoch > 1 else down
    elif len(s.rates) > 1:
        ends = ", ".join(f"{i}ep" for i in range(1, len(s.rates)))
        down = f"stairs([{ends}], [{', '.join(map(str, s.rates))}])"
    if down:
        s.epoch = s.fields.trial.steps_per_epoch()
    if not s.warmup:
        return down or "const"
    if not down:
        up = f"warmup({s.warmup - 1}, base / {s.warmup}) >> " if s.warmup > 1 else ""
        return f"{up}const"
    if s.warmup == 1:
        return down
    return f"(warmup({s.warmup - 1}, 1 / {s.warmup}, 1) >> const(value = 1)) * ({down})"


def _triangular(s: Schedule) -> str:
    high, shrink = s.fields.number("max_lr"), s.fields.number("lr_shrink", 0.1)
    up = Whole(int(s.fields.number("lr_period_updates", 5_000.0)) // 2)
    if not high > s.lr or not up:
        raise Refused("fairseq raises for a `max_lr` that is not above `lr`, or no period")
    if shrink == 1:
        s.fields.ignore("shrink_min")
        return f"triangular({up}, base, {high})"
    if s.fields.truth("shrink_min", default=False):
        return f"repeat(linear({up}, base, {high}) >> linear({up}, {high}, base), decay = {shrink})"
    return (
        f"repeat(linear({up}, base, 0) >> linear({up}, 0, base))"
        f" + repeat(linear({up}, 0, {high}) >> linear({up}, {high}, 0), decay = {shrink})"
    )


def _step(s: Schedule) -> str:
    low = s.fields.number("min_lr", 0.0)
    every, gamma = s.fields.whole("lr_deacy_period", 25_000), s.fields.number("lr_decay", 0.5)
    down = f"step({every}, {gamma})"
    return _up(s, f"max({down}, {low})" if low else down, s.first(low))


_KINDS: dict[str, Callable[[Schedule], str]] = {
    "inverse_sqrt": _inverse_sqrt,
    "cosine": _cosine,
    "polynomial_decay": _polynomial,
    "tri_stage": _tri_stage,
    "fixed": _fixed,
    "triangular": _triangular,
    "step": _step,
}


IMPORTER = Importer(
    system="fairseq",
    versions=("0.12.2",),
    keys=("lr_scheduler: {_name: inverse_sqrt, …}", "--lr-scheduler beside --max-update"),
    find=_find,
    translate=_translate,
    formula=formula,
    compared=("0.12.2",),
    run=run,
)
