"""axolotl: its YAML, which has schedules of its own beside those of transformers.

The rules of the warm-up were read in ``core/builders/base.py``, the choice of the schedule in
``core/trainers/mixins/scheduler.py`` and the formulas in ``utils/schedulers.py``, all of 0.19.0.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import cos, pi
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from lrdsl.importers.fields import Fields
from lrdsl.importers.importer import Column, Importer, Setting, Translation
from lrdsl.importers.installed import QUIET, definitions, optimizer, settings, stepped
from lrdsl.importers.phrases import chain, rate_note, warmup_from_one
from lrdsl.importers.refusal import Refused
from lrdsl.importers.symbols import Whole, floor, is_known
from lrdsl.importers.transformers_kinds import KINDS, METRIC, Factor, Kind, Plan, run_length

if TYPE_CHECKING:
    from lrdsl.comparison import Row
    from lrdsl.importers.documents import Document
    from lrdsl.importers.importer import Rate

# A table with a learning rate and one of these is a run of axolotl's.
_OWN = ("micro_batch_size", "base_model")
_FIELDS = (
    "learning_rate", "lr_scheduler", "lr_scheduler_kwargs", "warmup_steps", "warmup_ratio",
    "max_steps", "num_epochs", "cosine_min_lr_ratio", "cosine_constant_lr_ratio",
    "lr_quadratic_warmup", "jagged_restart_steps", "jagged_restart_warmup_steps",
    "jagged_restart_anneal_steps", "deepspeed",
)  # fmt: skip
# Its share of the run where nothing is said of the warm-up, and the most updates that makes.
_SHARE, _MOST = 0.03, 100
# What `create_scheduler` takes from its module of schedules.
_SCHEDULES = (
    "RexLR", "get_cosine_schedule_with_min_lr", "get_cosine_schedule_with_quadratic_warmup",
    "get_cosine_schedule_with_warmup_decay_constant",
)  # fmt: skip
_LOW, _HELD = "cosine_min_lr_ratio", "cosine_constant_lr_ratio"


def _find(document: Document) -> Iterator[Setting]:
    for table in document.tables():
        if "learning_rate" in table and any(key in table for key in _OWN):
            values = {key: table.plain()[key] for key in _FIELDS if key in table}
            lines = {key: table.line_of(key) for key in values}
            fields = Fields(values, table.trial, lines, table.name)
            kind = str(fields.given("lr_scheduler") or "cosine")
            line = table.line_of("lr_scheduler" if "lr_scheduler" in table else "learning_rate")
            yield Setting(kind, fields, line, document.version_of("axolotl"))


def _plan(setting: Setting) -> tuple[Plan, float]:
    """The plan of a setting, and its epochs where the run is as long as they say."""
    fields = setting.fields
    total, epochs = run_length(fields, "num_epochs", 1.0, floor)
    options = fields.table("lr_scheduler_kwargs")
    lr = fields.number("learning_rate")
    return Plan(_warmup(fields, total), total, lr, True, options), epochs


def _warmup(fields: Fields, total: Whole) -> Whole:
    """Its warm-up: a share of the run is cut to whole updates, and one update becomes two."""
    steps, share = fields.given("warmup_steps"), fields.given("warmup_ratio")
    if steps is not None:
        if share is not None:
            raise Refused("`warmup_steps` and `warmup_ratio` exclude each other")
        found = fields.whole("warmup_steps")
        return Whole(2) if found == 1 else found
    ratio = fields.number("warmup_ratio", _SHARE)
    if not is_known(total):
        raise Refused(
            f"the warm-up is {ratio} of the run, cut to whole updates, and the source does not say"
            " how many those are: pass --total or --steps-per-epoch"
        )
    found = Whole(int(float(ratio) * int(total)))
    if share is None:
        found = Whole(min(found, _MOST))
    return Whole(2) if found == 1 else found


def _kind(setting: Setting) -> tuple[Kind, float, float]:
    """What computes a schedule, its lowest share, and the share after which that is held."""
    fields = setting.fields
    if fields.given("jagged_restart_steps"):
        raise Refused("`jagged_restart_steps` restarts another schedule, which is not translated")
    low, held = fields.number(_LOW, 0.0), fields.number(_HELD, 0.0)
    is_square = fields.truth("lr_quadratic_warmup", default=False)
    own = {"rex": _REX} if setting.kind == "rex" else {}
    if setting.kind == "cosine" and is_square:
        own = {"cosine": _SQUARE}
    elif setting.kind == "cosine" and low:
        own = {"cosine": _HELD_COSINE if held else KINDS["cosine_with_min_lr"]}
    return (own.get(setting.kind) or _of_transformers(setting.kind)), float(low), float(held)


def _of_transformers(kind: str) -> Kind:
    if kind in METRIC or kind == "one_cycle":
        instead = METRIC.get(kind, "`onecycle`, with a line for `beta1`")
        raise Refused(f"`{kind}` is not read from a config: in lrdsl it is {instead}")
    if kind not in KINDS:
        raise Refused(f"`{kind}` is no kind of axolotl that is known here")
    return KINDS[kind]


def _lowest(p: Plan) -> str:
    low = p.options.number(_LOW, 0.0)
    return f"base * {low}" if low else "0"


def _total(p: Plan) -> Whole:
    """The length of the run, for a text that has to say it."""
    if not is_known(p.total):
        raise Refused("how long the run is has to be known: pass --total")
    return p.total


def _rex_text(p: Plan) -> str:
    """Its clock is one update ahead: the first update has the rate of step 1."""
    W = p.warmup
    decay = f"rex({_total(p) - W}, base, {_lowest(p)}, beta = 0.9)"
    return chain(warmup_from_one(W), decay) if W else f"skip(1, {decay})"


def _rex_factor(p: Plan) -> Factor:
    W, T, low = int(p.warmup), int(p.total), float(p.options.number(_LOW, 0.0))

    def factor(t: int) -> float:
        step = t + 1
        if 1 <= step <= W:
            return step / W
        after, left = step - W, T - W
        if after >= left or left <= 0:
            return low
        z = (left - after % left) / left
        return low + (1 - low) * (z / (0.1 + 0.9 * z))

    return factor


def _square_text(p: Plan) -> str:
    return f"warmup({p.warmup}, ease = square) >> cosine" if p.warmup else "cosine"


def _square_factor(p: Plan) -> Factor:
    plain, W = KINDS["cosine"].factor(p), int(p.warmup)
    return lambda t: (t / max(1, W)) ** 2 if t < W else plain(t)


def _end_of_cosine(p: Plan) -> Whole:
    return Whole(int(int(_total(p)) * float(p.options.number(_HELD))))


def _held_text(p: Plan) -> str:
    length = _end_of_cosine(p) - p.warmup
    return p.after_warmup(f"cosine({length}, end = {_lowest(p)}) >> const")


def _held_factor(p: Plan) -> Factor:
    W, C, low = int(p.warmup), int(_end_of_cosine(p)), float(p.options.number(_LOW))

    def factor(t: int) -> float:
        if t < W:
            return t / max(1, W)
        u = (min(t, C) - W) / max(1, C - W)
        return max(0.0, (1 - low) * (1 + cos(pi * u)) / 2) + low

    return factor


_REX = Kind(_rex_text, _rex_factor)
_SQUARE = Kind(_square_text, _square_factor)
_HELD_COSINE = Kind(_held_text, _held_factor)


def _with_shares(plan: Plan, kind: Kind, low: float, held: float) -> Plan:
    """A plan whose options say what its own keys say beside them."""
    if kind in {_REX, _HELD_COSINE}:
        own = {_LOW: low, _HELD: held}
    elif kind is KINDS["cosine_with_min_lr"] and low:
        own = {"min_lr_rate": low}
    else:
        return plan
    values = plan.options.plain() | own
    options = Fields(values, plan.options.trial, name=plan.options.name)
    return Plan(plan.warmup, plan.total, plan.lr, plan.is_rate_known, options)


def _translate(setting: Setting) -> Translation:
    kind, low, held = _kind(setting)
    plan, epochs = _plan(setting)
    plan = _with_shares(plan, kind, low, held)
    text = kind.text(plan)
    plan.options.ignore(_LOW, _HELD)
    plan.options.close()
    notes = [rate_note(plan.lr)]
    if low and kind not in {_REX, _HELD_COSINE, KINDS["cosine_with_min_lr"]}:
        notes.append(f"axolotl takes no notice of `{_LOW}` here")
    if held and kind is not _HELD_COSINE:
        notes.append(f"axolotl takes no notice of `{_HELD}` here")
    return Translation(
        text,
        total=plan.total,
        epochs=epochs,
        columns=(Column("lr", float(plan.lr)),),
        notes=notes,
    )


def _formula(setting: Setting, translation: Translation, column: Column) -> Rate:
    kind, low, held = _kind(setting)
    factor = kind.factor(_with_shares(_plan(setting)[0], kind, low, held))
    return lambda t: column.base * factor(t)


def _run(setting: Setting, translation: Translation, steps: int) -> list[Row]:  # pragma: no cover
    """``create_scheduler`` of its trainer, which is stepped after each update."""
    low, held = setting.fields.given(_LOW), setting.fields.given(_HELD)
    plan, _ = _plan(setting)
    is_own = setting.kind in {"rex", "one_cycle"}
    mixin = "SchedulerMixin"
    own = definitions(
        "axolotl", "axolotl/utils/schedulers.py", [*_SCHEDULES, "JaggedLRRestartScheduler"]
    )
    plugins = SimpleNamespace(create_lr_scheduler=lambda **given: None)
    given = own | {
        "Trainer": _Trainer,
        "PluginManager": SimpleNamespace(get_instance=lambda: plugins),
        "LOG": QUIET,
    }
    file = "axolotl/core/trainers/mixins/scheduler.py"
    trainer = definitions("axolotl", file, [mixin], given)[mixin]()
    trainer.lr_scheduler = None
    trainer.args = SimpleNamespace(
        lr_scheduler_type="cosine" if is_own else setting.kind,
        alternate_lr_scheduler_type=setting.kind if is_own else None,
        lr_scheduler_kwargs=settings(setting.fields.table("lr_scheduler_kwargs")),
        learning_rate=float(plan.lr),
        lr_quadratic_warmup=setting.fields.truth("lr_quadratic_warmup", default=False),
        cosine_min_lr_ratio=None if low is None else float(low),
        cosine_constant_lr_ratio=None if held is None else float(held),
        jagged_restart_steps=None,
        get_warmup_steps=lambda total: int(plan.warmup),
    )
    owner = optimizer(translation.columns[0].base)
    scheduler = trainer.create_scheduler(int(plan.total), owner)
    return stepped(owner, scheduler.step, steps)


class _Trainer:  # pragma: no cover
    """The part of transformers' ``Trainer`` that makes a schedule."""

    args: Any
    lr_scheduler: Any

    def create_scheduler(self, total: int, optimizer: Any) -> Any:
        from transformers import get_scheduler

        a = self.args
        self.lr_scheduler = get_scheduler(
            a.lr_scheduler_type, optimizer, a.get_warmup_steps(total), total,
            a.lr_scheduler_kwargs or None,
        )  # fmt: skip
        return self.lr_scheduler


IMPORTER = Importer(
    system="axolotl",
    versions=("0.19.0",),
    keys=("learning_rate beside micro_batch_size or base_model",),
    find=_find,
    translate=_translate,
    formula=_formula,
    compared=("0.19.0",),
    run=_run,
)
