"""transformers: ``TrainingArguments``, ``get_scheduler`` and the functions that make schedules.

The formulas are those of ``transformers/optimization.py``. The warm-up of the arguments changed
with version 5, which has no ``warmup_ratio``: a ``warmup_steps`` below 1 is the share there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lrdsl.importers.documents import UNREAD, Call
from lrdsl.importers.fields import Fields, Unknown
from lrdsl.importers.importer import Column, Importer, Setting, Translation
from lrdsl.importers.installed import settings
from lrdsl.importers.phrases import rate_note
from lrdsl.importers.refusal import Refused
from lrdsl.importers.symbols import Real, Whole, ceil, is_known
from lrdsl.importers.transformers_kinds import KINDS, METRIC, Plan, run_length
from lrdsl.wording import closest

if TYPE_CHECKING:
    from lrdsl.comparison import Row
    from lrdsl.importers.documents import Document
    from lrdsl.importers.importer import Rate

_TYPE, _KWARGS = "lr_scheduler_type", "lr_scheduler_kwargs"
_SPECIFIC = "scheduler_specific_kwargs"
KEYS = (
    _TYPE,
    "TrainingArguments(…)",
    "trl.…Config(…)",
    "learning_rate beside num_train_epochs",
    "get_scheduler(…)",
    "get_…_schedule…(…)",
)
# A table of arguments that has one of these beside its learning rate is one of a trainer.
_TRAINERS = ("num_train_epochs", "per_device_train_batch_size", "warmup_ratio")
_TARGET = "_target_"
_PACKAGES = ("transformers", "diffusers", "trl")
# Calls that make such a table; those of TRL have names that end with `Config`.
_CLASSES = ("TrainingArguments", "Seq2SeqTrainingArguments")
# The kind whose name in the enumeration is not its own.
_ENUMERATED = {"REDUCE_ON_PLATEAU": "reduce_lr_on_plateau"}
# Marks settings that are the arguments of a trainer, and not of a function.
_ARGUMENTS = "training arguments"
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
    "get_cosine_with_min_lr_schedule_with_warmup_lr_rate": (
        "cosine_warmup_with_min_lr",
        ("num_warmup_steps", "num_training_steps", "num_cycles", "last_epoch", "min_lr",
         "min_lr_rate", "warmup_lr_rate")),
    "get_wsd_schedule": (
        "warmup_stable_decay",
        ("num_warmup_steps", "num_decay_steps", "num_training_steps", "num_stable_steps",
         "warmup_type", "decay_type", "min_lr_ratio", "num_cycles")),
}  # fmt: skip
_SCHEDULER = ("name", "optimizer", "num_warmup_steps", "num_training_steps", _SPECIFIC)
# What of a call is no option of its kind.
_CALL = {*_SCHEDULER, "last_epoch"}
_LEARNING_RATE, _EPOCHS = 5e-5, 3.0


def _find(document: Document) -> Iterator[Setting]:
    for table in document.tables():
        if _TYPE in table or ("learning_rate" in table and any(k in table for k in _TRAINERS)):
            yield _of_arguments(table, document.version_of("transformers"))
        elif (function := _targeted(table)) in _FUNCTIONS:
            table.ignore(_TARGET, "_partial_")
            yield Setting(_FUNCTIONS[function][0], table, table.line_of(_TARGET))
    for call in filter(_is_theirs, document.calls):
        if _makes_arguments(call):
            yield _of_arguments(_with_rate(call), document.version_of("transformers"))
        elif call.function == "get_scheduler":
            yield _of_get_scheduler(call)
        elif call.function in _FUNCTIONS:
            kind, parameters = _FUNCTIONS[call.function]
            yield Setting(kind, call.found("optimizer", *parameters), call.line)


def _targeted(table: Fields) -> str:
    """The function of transformers that a table of Hydra's names; empty if it names none."""
    name = str(table.plain().get(_TARGET, ""))
    return name.rpartition(".")[2] if name.partition(".")[0] in _PACKAGES else ""


def _is_theirs(call: Call) -> bool:
    """True for a call of theirs, or of what may be: functions of others have the same names."""
    return "." not in call.name or call.name.partition(".")[0] in _PACKAGES


def _makes_arguments(call: Call) -> bool:
    is_given = any(key in call.fields for key in (_TYPE, "learning_rate", *_TRAINERS, "max_steps"))
    is_trl = call.name.startswith("trl.") and call.function.endswith("Config") and is_given
    return call.function in _CLASSES or is_trl


def _with_rate(call: Call) -> Fields:
    """The arguments of a call; other classes than transformers' own have rates of their own."""
    values = call.fields.plain()
    if call.function not in _CLASSES and "learning_rate" not in values:
        values[UNREAD] = (
            f"`learning_rate` is missing, and `{call.function}` has a default of its own: write it"
            " there"
        )
    return Fields(values, call.fields.trial, {"": call.line, **call.fields.lines})


def _of_arguments(table: Fields, version: str) -> Setting:
    kind = _name(table.given(_TYPE) or "linear")
    return Setting(kind, _arguments(table), table.line_of(_TYPE), version)


def _name(kind: object) -> str:
    """A kind by its name, which may be one of the enumeration of them."""
    name = str(kind)
    value = name.rpartition("SchedulerType.")[2]
    return _ENUMERATED.get(value, value.lower()) if value != name else name


def _of_get_scheduler(call: Call) -> Setting:
    fields = call.found(*_SCHEDULER)
    return Setting(_name(fields.given("name")), fields, call.line)


def _arguments(table: Fields) -> Fields:
    """The arguments of a trainer as those of the function that makes its schedule, unread."""
    names = (
        "learning_rate", "warmup_steps", "warmup_ratio", "max_steps", "num_train_epochs", _KWARGS,
        "deepspeed", UNREAD,
    )  # fmt: skip
    values = {name: table.plain()[name] for name in names if name in table}
    lines = {name: table.line_of(name) for name in values}
    return Fields({_ARGUMENTS: True} | values, table.trial, lines, table.name)


def _plan(setting: Setting) -> tuple[Plan, float]:
    """The plan of a setting, and its epochs where the run is as long as they say."""
    fields = setting.fields
    if setting.kind in METRIC:
        raise Refused(
            f"a metric drives `{setting.kind}`, which no file says anything of: in lrdsl it is"
            f" {METRIC[setting.kind]}"
        )
    if setting.kind not in KINDS:
        near = closest(setting.kind, KINDS)
        hint = f"; did you mean `{near}`?" if near else ""
        raise Refused(f"`{setting.kind}` is no kind of transformers that is known here{hint}")
    lr = fields.number("learning_rate", _LEARNING_RATE)
    if _ARGUMENTS in fields:
        total, epochs = run_length(fields, "num_train_epochs", _EPOCHS, ceil)
        return Plan(_up(fields, total), total, lr, True, _options(fields, _KWARGS)), epochs
    warmup = fields.whole("num_warmup_steps", 0)
    fields.ignore("optimizer", "name", "last_epoch")
    options = _options(fields, _SPECIFIC) if _SPECIFIC in fields else fields
    steps = fields.plain().get("num_training_steps")
    # Lightning's name for the length of the run, which it computes when it trains.
    is_run = isinstance(steps, Unknown) and steps.text.endswith(".estimated_stepping_batches")
    total = fields.whole("num_training_steps", 0) if not is_run else fields.trial.total()
    fields.ignore("num_training_steps")
    return Plan(warmup, total, Real(1.0), False, options), 0


def _up(fields: Fields, total: Whole) -> Whole:
    """The updates of a trainer's warm-up: given, or a share of the run, rounded up."""
    steps, share = fields.number("warmup_steps", 0), fields.number("warmup_ratio", 0.0)
    if steps < 0:
        raise Refused(f"`{fields.path('warmup_steps')}` is {steps}, which is below 0")
    if not 0 <= share <= 1:
        raise Refused(f"`{fields.path('warmup_ratio')}` is {share}, which is no share of the run")
    if steps >= 1:
        return steps if isinstance(steps, Whole) else Whole(int(steps))
    share = steps if steps > 0 else share
    if not share:
        return Whole(0)
    if not is_known(total):
        raise Refused(
            f"the warm-up is {share} of the run, rounded up to whole updates, and the source does"
            " not say how many those are: pass --total or --steps-per-epoch"
        )
    return ceil(share * total)


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
    plan, epochs = _plan(setting)
    kind = KINDS[setting.kind]
    text = kind.text(plan)
    plan.options.close()
    notes = []
    if plan.is_rate_known:
        notes.append(rate_note(plan.lr))
    if setting.fields.given("deepspeed") is not None:
        notes.append("a scheduler in the DeepSpeed config takes the place of this one")
    return Translation(
        text,
        total=plan.total,
        epochs=epochs,
        columns=(Column("lr", float(plan.lr)),),
        notes=notes,
    )


def _formula(setting: Setting, translation: Translation, column: Column) -> Rate:
    factor = KINDS[setting.kind].factor(_plan(setting)[0])
    return lambda t: column.base * factor(t)


def _run(setting: Setting, translation: Translation, steps: int) -> list[Row]:  # pragma: no cover
    """Steps the schedule as ``Trainer`` does: after each update."""
    import torch
    from transformers import get_scheduler

    plan, _ = _plan(setting)
    groups = [{"params": [torch.zeros(1)], "lr": c.base} for c in translation.columns]
    optimizer = torch.optim.SGD(groups, lr=translation.columns[0].base)
    options = settings(plan.options, _CALL)
    scheduler = get_scheduler(
        setting.kind, optimizer, int(plan.warmup), int(plan.total) or None, options or None
    )
    rows: list[Row] = []
    for _ in range(steps):
        rows.append([group["lr"] for group in optimizer.param_groups])
        optimizer.step()
        scheduler.step()
    return rows


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
