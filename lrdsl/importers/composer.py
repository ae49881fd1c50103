"""Composer and llm-foundry: ``scheduler`` tables in YAML, and calls of Composer's schedulers.

The formulas are those of ``composer/optim/scheduler.py`` and, for ``inv_sqrt_with_warmup``, of
``llmfoundry/optim/scheduler.py``. The trainer steps a scheduler before it counts the batch, so the
rates are one update late: the first two updates have the rate of time 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lrdsl.importers.composer_formula import factor
from lrdsl.importers.composer_run import run
from lrdsl.importers.composer_schedule import PARAMETERS, Schedule
from lrdsl.importers.composer_time import is_time
from lrdsl.importers.documents import UNREAD, Call
from lrdsl.importers.fields import Fields
from lrdsl.importers.importer import Column, Importer, Setting, Translation
from lrdsl.importers.phrases import chain, held, rate_note
from lrdsl.importers.refusal import Refused
from lrdsl.importers.symbols import Number, Whole, is_known

if TYPE_CHECKING:
    from lrdsl.importers.documents import Document
    from lrdsl.importers.importer import Rate

# By the names of llm-foundry.
_NAMES = {
    "constant_with_warmup": "ConstantWithWarmupScheduler",
    "cosine_with_warmup": "CosineAnnealingWithWarmupScheduler",
    "linear_decay_with_warmup": "LinearWithWarmupScheduler",
    "inv_sqrt_with_warmup": "InverseSquareRootWithWarmupScheduler",
}
_RUN = ("max_duration", "scale_schedule_ratio", "global_train_batch_size", "max_seq_len",
        "step_schedulers_every_batch")  # fmt: skip
_LAST = "of several schedulers the last one sets the rate: each sets it anew, and none multiplies"


def _find(document: Document) -> Iterator[Setting]:
    version = document.version_of("mosaicml")
    for table in document.tables():
        scheduler = table.plain().get("scheduler")
        if isinstance(scheduler, Fields) and _is_ours(table, scheduler):
            name = str(scheduler.plain().get("name"))
            line = scheduler.line or table.line_of("scheduler")
            fields = _with_run(scheduler, table, _lr(table.plain().get("optimizer")), 1)
            yield Setting(_NAMES.get(name, name), fields, line, version)
    settings: dict[int, Setting] = {}
    for call in document.calls:
        if _is_scheduler(call):
            alone = Fields({}, call.fields.trial)
            settings[id(call)] = _of_call(call, alone, 1, version)
        elif _is_trainer(call):
            several = _listed(call.fields.plain().get("schedulers"))
            known = [settings.pop(id(each), None) for each in several]
            if any(known):
                settings[id(call)] = _of_trainer(call, several, version)
    yield from settings.values()


def _is_ours(table: Fields, scheduler: Fields) -> bool:
    # OLMo's tables have the same names, and lengths without units.
    name, optimizer = scheduler.plain().get("name"), table.plain().get("optimizer")
    if name not in _NAMES or (isinstance(optimizer, Fields) and "learning_rate" in optimizer):
        return False
    warmup = scheduler.plain().get("t_warmup")
    has_lr = isinstance(optimizer, Fields) and "lr" in optimizer
    return has_lr or is_time(warmup) or not isinstance(warmup, int | float)


def _is_trainer(call: Call) -> bool:
    module = call.name.rpartition(".")[0]
    return call.function == "Trainer" and (not module or module.split(".")[0] == "composer")


def _is_scheduler(call: Call) -> bool:
    if call.function not in PARAMETERS:
        return False
    module = call.name.partition(".")[0]
    # A name without its module is one of Composer's if it is called with Composer's times.
    values = (*call.arguments, *call.fields.plain().values())
    return module in {"composer", "llmfoundry"} or (
        module == call.name and any(is_time(value) for value in values)
    )


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _lr(optimizer: object) -> object:
    fields = optimizer.fields if isinstance(optimizer, Call) else optimizer
    return fields.plain().get("lr") if isinstance(fields, Fields) else None


def _with_run(scheduler: Fields, run: Fields, lr: object, count: int) -> Fields:
    """A scheduler's fields with those of its run."""
    values = {key: run.plain()[key] for key in (*_RUN, UNREAD) if key in run}
    if isinstance(lr, int | float | str):
        values["lr"] = lr
    own = Fields(values, run.trial, name=run.name)
    parts = {"scheduler": scheduler, "run": own, "count": count}
    return Fields(parts, run.trial, name=scheduler.name)


def _of_trainer(trainer: Call, several: list[object], version: str) -> Setting:
    last = several[-1]
    if not (isinstance(last, Call) and _is_scheduler(last)):
        return Setting("a scheduler of another kind", trainer.fields, trainer.line, version)
    return _of_call(last, trainer.fields, len(several), version)


def _of_call(call: Call, run: Fields, count: int, version: str) -> Setting:
    bound = call.found(*PARAMETERS[call.function])
    lr = _lr(run.plain().get("optimizers"))
    return Setting(call.function, _with_run(bound, run, lr, count), call.line, version)


def _schedule(setting: Setting) -> Schedule:
    if setting.kind not in PARAMETERS:
        raise Refused(f"`{setting.kind}` is no scheduler of Composer's or llm-foundry's")
    run = setting.fields.table("run")
    if not run.truth("step_schedulers_every_batch", default=True):
        raise Refused("its schedulers are stepped once an epoch")
    return Schedule(setting.kind, setting.fields.table("scheduler"), run)


def _translate(setting: Setting) -> Translation:
    s = _schedule(setting)
    text = _TEXTS[setting.kind](s)
    s.fields.close()
    run = setting.fields.table("run")
    lr = run.number("lr", 1.0)
    notes = [rate_note(lr)] * ("lr" in run)
    notes += [_LAST] * (int(setting.fields.plain()["count"]) > 1)
    return Translation(
        text,
        total=s.run.total,
        epochs=s.run.epochs,
        columns=(Column("lr", float(lr)),),
        notes=[*notes, *s.run.notes],
    )


def _base(factor: Number) -> str:
    """The optimizer's rate times a number."""
    if factor == 0:
        return "0"
    return "base" if factor == 1 else f"base * {factor}"


def _ends(start: Number, end: Number) -> str:
    """The arguments of a part that begins and ends there, without those that say nothing."""
    return ("" if start == 1 else f", start = {_base(start)}") + (
        "" if end == 0 else f", end = {_base(end)}"
    )


def _late(first: Number, *parts: str) -> str:
    """A schedule that begins one update late: until then it has its first value."""
    return chain("const(1)" if first == 1 else f"const(1, {_base(first)})", *parts)


def _constant(s: Schedule) -> str:
    length = s.updates("t_max", "1dur")
    if str(length) == str(s.whole()) or (is_known(length) and length + 1 >= s.run.total):
        return "const" if s.alpha == 1 else f"const(value = {_base(s.alpha)})"
    return chain(f"const({length + 1}, {_base(s.alpha)})", "const(value = base)")


def _linear(s: Schedule) -> str:
    ends = _ends(s.alpha_i, s.alpha_f)
    return _late(s.alpha_i, f"linear({s.updates('t_max', '1dur')}{ends})")


def _step(s: Schedule) -> str:
    return _late(Whole(1), f"step({s.updates('step_size')}{_gamma(s.gamma)})")


def _gamma(gamma: Number) -> str:
    return "" if gamma == 0.1 else f", {gamma}"


def _milestones(s: Schedule) -> str:
    later = [m for m in s.milestones if not is_known(m) or m > 0]
    first = Whole(1) if len(later) == len(s.milestones) else s.gamma
    part = f"multistep([{', '.join(map(str, later))}]{_gamma(s.gamma)})" if later else "const"
    return _late(first, part)


def _exponential(s: Schedule) -> str:
    period = s.updates("decay_period", "1ep")
    every = "" if is_known(period) and period == 1 else f", every = {period}"
    return _late(Whole(1), f"exponential({s.gamma}{every})")


def _cosine(s: Schedule) -> str:
    return _late(Whole(1), f"cosine({s.updates('t_max', '1dur')}{_ends(Whole(1), s.alpha_f)})")


def _restarts(s: Schedule) -> str:
    length, mult = s.updates("t_0"), s.fields.number("t_mult", 1.0)
    ends = _ends(Whole(1), s.alpha_f)
    if mult == int(mult):
        grown = "" if mult == 1 else f", {int(mult)}"
        return _late(Whole(1), f"restarts({length}{grown}{ends})")
    if not (is_known(length) and is_known(s.run.total)):
        raise Refused(f"its cycles are cut off to whole batches, each {mult} times the last")
    lengths: list[Whole] = []
    left = int(s.run.total)
    while left > 0:
        if not length or len(lengths) == 20:
            raise Refused(f"its cycles, each {mult} times the last, come to nothing")
        lengths.append(length)
        left -= int(length)
        length = Whole(int(float(mult) * int(length)))
    end = f", {_base(s.alpha_f)}" if s.alpha_f else ""
    return _late(Whole(1), *(f"cosine({n}, base{end})" for n in lengths))


def _poly(s: Schedule) -> str:
    return _late(Whole(1), _polynomial(s.updates("t_max", "1dur"), s, s.fields.number("power")))


def _polynomial(length: Whole, s: Schedule, power: Number) -> str:
    return f"poly({length}{_ends(Whole(1), s.alpha_f)}, power = {power})"


def _rise(s: Schedule, height: Number, *, is_open: bool = True) -> tuple[str, ...]:
    """The warm-up, and what is held after one that its ratio makes shorter.

    Args:
        s: the schedule.
        height: the factor at its end.
        is_open: True if that may be left to the part that follows.
    """
    own, up = s.warmup, s.scaled_warmup
    if is_known(own) and not own:
        return ()
    if not up:
        is_plain = is_open and height == 1
        return (f"warmup({own})" if is_plain else f"warmup({own}, 0, {_base(height)})",)
    rise = f"warmup({up}, 0, {_base(height)})"
    return (f"until({own}, {rise})",) if up > own else (rise, held(own - up))


def _risen(s: Schedule, height: Number, then: str, plain: str) -> str:
    """A warm-up and what follows it: ``then`` where it does not begin where the warm-up ends."""
    if is_known(s.warmup) and is_known(s.run.total) and s.warmup + 1 >= s.run.total:
        return _late(Whole(0), *_rise(s, height, is_open=False))
    rise = _rise(s, height)
    is_cut = s.scaled_warmup > s.warmup
    return _late(Whole(0) if rise else height, *rise, then if is_cut else plain)


def _risen_linear(s: Schedule) -> str:
    if s.alpha_i == s.alpha_f or not s.left:
        value = f"const(value = {_base(s.alpha_i)})"
        return _risen(s, s.alpha_i, value, value if s.alpha_i != 1 else "const")
    end = _ends(Whole(1), s.alpha_f)
    then = f"linear({s.left}, start = {_base(s.alpha_i)}{end})"
    return _risen(s, s.alpha_i, then, f"linear({s.left}{end})")


def _risen_cosine(s: Schedule) -> str:
    if not s.left:
        return _risen(s, Whole(1), "const(value = base)", "const")
    end = _ends(Whole(1), s.alpha_f)
    return _risen(s, Whole(1), f"cosine({s.left}, start = base{end})", f"cosine({s.left}{end})")


def _risen_poly(s: Schedule) -> str:
    power = s.fields.number("power", 2.0)
    if not s.left:
        return _risen(s, Whole(1), "const(value = base)", "const")
    plain = _polynomial(s.left, s, power)
    return _risen(s, Whole(1), plain.replace(",", ", start = base,", 1), plain)


def _risen_milestones(s: Schedule) -> str:
    later = [m - s.warmup for m in s.milestones if not is_known(m - s.warmup) or m > s.warmup]
    start = s.gamma ** (len(s.milestones) - len(later))
    listed = f"multistep([{', '.join(map(str, later))}]{_gamma(s.gamma)}"
    begun = f"{listed}, start = {_base(start)})" if later else f"const(value = {_base(start)})"
    plain = f"{listed})" if later else "const"
    if start == 1:
        return _risen(s, Whole(1), begun, plain)
    # It reaches the optimizer's rate, and the milestones inside of it count after it.
    rise = _rise(s, Whole(1), is_open=False)
    return _late(Whole(0) if rise else start, *rise, begun)


def _inverse(s: Schedule) -> str:
    scale, cooldown = s.updates("t_scale"), s.updates("t_cooldown")
    decayed, cooled = s.inverse_ends()
    left = s.between(cooldown)
    is_to_the_end = is_known(cooldown) and not cooldown
    length = "" if is_to_the_end else f", length = {left}"
    part = f"inverse_sqrt({scale}{length})"
    if decayed:
        mixed = f"inverse_sqrt({scale}{length}, start = base)"
        part = f"base * {decayed} + {1 - decayed} * {mixed}"
    if is_known(left) and not left:
        part = ""
    down = "" if is_to_the_end else f"linear({cooldown}{_ends(Whole(1), cooled)})"
    return _late(Whole(0) if s.warmup else Whole(1), *_rise(s, Whole(1)), part, down)


_TEXTS = {
    "ConstantScheduler": _constant,
    "LinearScheduler": _linear,
    "StepScheduler": _step,
    "MultiStepScheduler": _milestones,
    "ExponentialScheduler": _exponential,
    "CosineAnnealingScheduler": _cosine,
    "CosineAnnealingWarmRestartsScheduler": _restarts,
    "PolynomialScheduler": _poly,
    "MultiStepWithWarmupScheduler": _risen_milestones,
    "ConstantWithWarmupScheduler": _risen_linear,
    "LinearWithWarmupScheduler": _risen_linear,
    "CosineAnnealingWithWarmupScheduler": _risen_cosine,
    "PolynomialWithWarmupScheduler": _risen_poly,
    "InverseSquareRootWithWarmupScheduler": _inverse,
}


def _formula(setting: Setting, translation: Translation, column: Column) -> Rate:
    """The factor of Composer 0.32.1 at the batches counted before the last update."""
    at = factor(_schedule(setting), setting.kind)
    return lambda t: column.base * at(max(t - 1, 0))


IMPORTER = Importer(
    system="mosaicml",
    versions=("0.32.1",),
    keys=("scheduler: {name: …_with_warmup, t_warmup: …ba}", "…Scheduler(…) of composer.optim"),
    find=_find,
    translate=_translate,
    formula=_formula,
    compared=("0.32.1",),
    run=run,
)
