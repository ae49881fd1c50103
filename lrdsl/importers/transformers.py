"""transformers: ``TrainingArguments``, ``get_scheduler`` and the functions that make schedules.

The formulas are those of ``transformers/optimization.py``. The warm-up of the arguments changed
with version 5, which has no ``warmup_ratio``: a ``warmup_steps`` below 1 is the share there.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lrdsl.importers.documents import Call
from lrdsl.importers.fields import Fields
from lrdsl.importers.importer import Column, Importer, Setting, Translation
from lrdsl.importers.refusal import Refused
from lrdsl.importers.symbols import Number, Whole, ceil, is_known
from lrdsl.importers.trial import TOTAL

if TYPE_CHECKING:
    from lrdsl.comparison import Row
    from lrdsl.importers.documents import Document
    from lrdsl.importers.importer import Rate

_TYPE, _KWARGS = "lr_scheduler_type", "lr_scheduler_kwargs"
KEYS = (_TYPE, "get_scheduler(…)", "get_…_schedule…(…)")
# By the function that makes each: its kind, and the parameters after the optimizer.
_FUNCTIONS = {
    "get_constant_schedule": ("constant", ()),
    "get_constant_schedule_with_warmup": ("constant_with_warmup", ("num_warmup_steps",)),
    "get_linear_schedule_with_warmup": ("linear", ("num_warmup_steps", "num_training_steps")),
    "get_cosine_schedule_with_warmup": (
        "cosine", ("num_warmup_steps", "num_training_steps", "num_cycles")),
    "get_cosine_with_hard_restarts_schedule_with_warmup": (
        "cosine_with_restarts", ("num_warmup_steps", "num_training_steps", "num_cycles")),
    "get_polynomial_decay_schedule_with_warmup": (
        "polynomial", ("num_warmup_steps", "num_training_steps", "lr_end", "power")),
    "get_inverse_sqrt_schedule": ("inverse_sqrt", ("num_warmup_steps", "timescale")),
    "get_cosine_with_min_lr_schedule_with_warmup": (
        "cosine_with_min_lr",
        ("num_warmup_steps", "num_training_steps", "num_cycles", "last_epoch", "min_lr",
         "min_lr_rate")),
    "get_wsd_schedule": (
        "warmup_stable_decay",
        ("num_warmup_steps", "num_decay_steps", "num_training_steps", "num_stable_steps",
         "warmup_type", "decay_type", "min_lr_ratio", "num_cycles")),
}  # fmt: skip
_SCHEDULER = ("name", "optimizer", "num_warmup_steps", "num_training_steps",
              "scheduler_specific_kwargs")  # fmt: skip
# What it calls its ways up and down, and what lrdsl does.
_EASES = {"linear": "straight", "cosine": "half_cosine", "1-sqrt": "one_minus_sqrt"}
_LEARNING_RATE, _EPOCHS = 5e-5, 3.0


def _find(document: Document) -> Iterator[Setting]:
    for table in document.tables():
        if _TYPE in table:
            yield _of_arguments(table, document.version_of("transformers"))
    for call in document.calls:
        if call.function == "TrainingArguments":
            yield _of_arguments(call.fields, document.version_of("transformers"))
        elif call.function == "get_scheduler":
            yield _of_get_scheduler(call)
        elif call.function in _FUNCTIONS:
            kind, parameters = _FUNCTIONS[call.function]
            yield Setting(kind, call.bound("optimizer", *parameters), call.line)


def _of_arguments(table: Fields, version: str) -> Setting:
    line = table.line_of(_TYPE)
    return Setting(str(table.given(_TYPE) or "linear"), _arguments(table), line, version)


def _of_get_scheduler(call: Call) -> Setting:
    fields = call.bound(*_SCHEDULER)
    name = fields.given("name")
    return Setting(str(name), fields, call.line)


def _arguments(table: Fields) -> Fields:
    """The arguments of a trainer as those of the function that makes its schedule, unread."""
    names = (
        "learning_rate", "warmup_steps", "warmup_ratio", "max_steps", "num_train_epochs", _KWARGS,
    )  # fmt: skip
    values = {name: table.plain()[name] for name in names if name in table}
    lines = {name: table.line_of(name) for name in values}
    return Fields({"arguments": True} | values, table.trial, lines, table.name)


# What follows was read in transformers 5.23.0: `W` is the warm-up, `T` the run, both in updates.


class _Schedule:
    """A setting with its warm-up, its run and the options of its kind made out."""

    def __init__(self, setting: Setting) -> None:
        self.kind = setting.kind
        fields = setting.fields
        self.notes: list[str] = []
        self.epochs: float = 0
        self.lr = fields.number("learning_rate", _LEARNING_RATE)
        self.is_from_arguments = bool(fields.given("arguments"))
        if self.is_from_arguments:
            self.total = self._length(fields)
            self.warmup = self._up(fields)
            self.options = _options(fields, _KWARGS)
        else:
            self.total = self._steps(fields)
            up = fields.given("num_warmup_steps")
            self.warmup = Whole(0) if up is None else fields.whole("num_warmup_steps")
            self.options = _options(fields, "scheduler_specific_kwargs")
            fields.ignore("name", "optimizer", "last_epoch")
        if not self.is_from_arguments and "scheduler_specific_kwargs" not in fields:
            self.options = fields

    def _steps(self, fields: Fields) -> Whole:
        steps = fields.given("num_training_steps")
        if steps is None:
            return Whole(0)
        number = fields.whole("num_training_steps")
        # A bare name says nothing but that it is the whole run.
        return number if is_known(number) or "ep" in str(number) else fields.trial.total()

    def _length(self, fields: Fields) -> Whole:
        steps = fields.whole("max_steps", -1)
        if steps > 0:
            fields.ignore("num_train_epochs")
            return steps
        epochs = fields.number("num_train_epochs", _EPOCHS)
        self.epochs = float(epochs)
        return Whole(math.ceil(epochs * fields.trial.steps_per_epoch()), TOTAL)

    def _up(self, fields: Fields) -> Whole:
        steps, share = fields.number("warmup_steps", 0), fields.number("warmup_ratio", 0.0)
        if steps >= 1:
            return Whole(int(steps), None if is_known(steps) else str(steps))
        share = steps if steps > 0 else share
        if not share:
            return Whole(0)
        if not is_known(self.total):
            raise Refused(
                f"the warm-up is {share} of the run, rounded up to whole updates, and how many the"
                " run has is not said: pass --total"
            )
        return ceil(share * self.total)


def _options(fields: Fields, key: str) -> Fields:
    """The options of a kind, which may be written as a text in JSON."""
    value = fields.given(key)
    if isinstance(value, str):
        try:
            return Fields(json.loads(value), fields.trial, name=fields.path(key))
        except (ValueError, TypeError):
            raise Refused(f"`{fields.path(key)}` is no table") from None
    return fields.table(key)


def _translate(setting: Setting) -> Translation:
    schedule = _Schedule(setting)
    say = _TEXTS.get(schedule.kind)
    if say is None:
        raise Refused(f"transformers has `{schedule.kind}`, which is not translated")
    text = say(schedule)
    schedule.options.close()
    lr = float(schedule.lr)
    notes = [f"the optimizer's learning rate is {schedule.lr}"] * schedule.is_from_arguments
    return Translation(
        text,
        total=schedule.total,
        epochs=schedule.epochs,
        columns=(Column("lr", lr),),
        notes=notes,
    )


def _up(s: _Schedule, then: str) -> str:
    return f"warmup({s.warmup}) >> {then}" if s.warmup else then


def _cosine(s: _Schedule) -> str:
    cycles = s.options.number("num_cycles", 0.5)
    return _up(s, "cosine" if cycles == 0.5 else f"cosine_waves(cycles = {cycles})")


def _restarts(s: _Schedule) -> str:
    return _up(s, f"cosine_restarts(cycles = {s.options.whole('num_cycles', 1)})")


def _polynomial(s: _Schedule) -> str:
    end, power = s.options.number("lr_end", 1e-7), s.options.number("power", 1.0)
    shape = "linear" if power == 1 else "poly"
    rest = "" if power == 1 else f", power = {power}"
    return _up(s, f"{shape}(end = {_floor(s, end)}{rest})")


def _floor(s: _Schedule, rate: Number) -> str:
    """A rate that it scales as it scales the rate of the first group."""
    if rate == 0:
        return "0"
    return f"base * {rate} / {s.lr}" if s.is_from_arguments else f"{rate}"


def _min_lr(s: _Schedule) -> str:
    if s.options.given("min_lr") is not None:
        end = _floor(s, s.options.number("min_lr"))
    else:
        end = f"base * {s.options.number('min_lr_rate')}"
    if (cycles := s.options.number("num_cycles", 0.5)) != 0.5:
        return _up(s, f"cosine_waves(end = {end}, cycles = {cycles})")
    return _up(s, f"cosine(end = {end})")


def _inverse_sqrt(s: _Schedule) -> str:
    scale = s.options.given("timescale")
    return _up(s, f"inverse_sqrt({s.warmup or 10_000 if scale is None else scale})")


def _stable(s: _Schedule) -> str:
    decay = s.options.whole("num_decay_steps")
    up, down = (
        s.options.text(key, default)
        for key, default in (("warmup_type", "linear"), ("decay_type", "cosine"))
    )
    low = s.options.number("min_lr_ratio", 0.0)
    if s.options.number("num_cycles", 0.5) != 0.5:
        raise Refused("a `num_cycles` other than 0.5 makes waves of its decay")
    if not (up in _EASES and down in _EASES):
        raise Refused(f"it knows no `{up}` and `{down}`")
    stable = s.options.given("num_stable_steps")
    between = "const" if stable is None else f"const({s.options.whole('num_stable_steps')})"
    start, end = (
        (f", start = base * {low}" if low else ""),
        (f", end = base * {low}" if low else ""),
    )
    warmup = f"warmup({s.warmup}{start}{_ease(up)}) >> " if s.warmup else ""
    return f"{warmup}{between} >> cooldown({decay}{end}{_ease(down)})"


def _ease(name: str) -> str:
    return "" if name == "linear" else f", ease = {_EASES[name]}"


_TEXTS = {
    "constant": lambda s: "const",
    "constant_with_warmup": lambda s: _up(s, "const"),
    "linear": lambda s: _up(s, "linear"),
    "cosine": _cosine,
    "cosine_with_restarts": _restarts,
    "polynomial": _polynomial,
    "cosine_with_min_lr": _min_lr,
    "inverse_sqrt": _inverse_sqrt,
    "warmup_stable_decay": _stable,
}


def _formula(setting: Setting, translation: Translation, column: Column) -> Rate:
    """The factors of ``transformers/optimization.py`` 5.23.0, written out."""
    s = _Schedule(setting)
    up, total = int(s.warmup), int(s.total)
    o = s.options
    left = max(1, total - up)

    def risen(t: int) -> float:
        return t / max(1, up)

    def passed(t: int) -> float:
        return (t - up) / left

    cycles = float(o.number("num_cycles", 1 if s.kind == "cosine_with_restarts" else 0.5))
    if s.kind == "constant":
        return lambda t: column.base
    if s.kind == "constant_with_warmup":
        return lambda t: column.base * (risen(t) if t < up else 1.0)
    if s.kind == "linear":
        return lambda t: column.base * (risen(t) if t < up else max(0.0, 1 - passed(t)))
    if s.kind == "cosine":
        return lambda t: column.base * (
            risen(t) if t < up
            else max(0.0, 0.5 * (1 + math.cos(math.pi * cycles * 2 * passed(t))))
        )  # fmt: skip
    raise Refused(f"the formula of `{s.kind}` is not written here: install transformers")


def _run(setting: Setting, translation: Translation, steps: int) -> list[Row]:
    """Steps the schedule as ``Trainer`` does: after each update."""
    import torch
    from transformers import get_scheduler

    s = _Schedule(setting)
    groups = [{"params": [torch.zeros(1)], "lr": c.base} for c in translation.columns]
    optimizer = torch.optim.SGD(groups, lr=translation.columns[0].base)
    scheduler = get_scheduler(
        s.kind, optimizer, int(s.warmup), int(s.total) or None,
        {key: _plain(value) for key, value in s.options.plain().items()
         if key not in _SCHEDULER and key != "last_epoch"} or None,
    )  # fmt: skip
    rows: list[Row] = []
    for _ in range(steps):
        rows.append([group["lr"] for group in optimizer.param_groups])
        optimizer.step()
        scheduler.step()
    return rows


def _plain(value: object) -> object:
    if isinstance(value, Whole):
        return int(value)
    return float(value) if isinstance(value, float) else value


IMPORTER = Importer(
    system="transformers",
    versions=("4.46", "5.24"),
    keys=KEYS,
    find=_find,
    translate=_translate,
    formula=_formula,
    compared=("5.23.0",),
    run=_run,
)
