"""torchtitan: the ``[lr_scheduler]`` of a TOML file, and ``LRSchedulersContainer.Config``.

The formula is that of ``components/lr_scheduler.py``, from 0.3.0 on
``components/optimizer/lr_scheduler.py``. It is the same in all versions; their fields are not.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lrdsl.importers.documents import Call
from lrdsl.importers.fields import Fields
from lrdsl.importers.importer import Column, Importer, Setting, Translation
from lrdsl.importers.installed import QUIET, definitions, optimizer, settings, stepped
from lrdsl.importers.phrases import chain, held, in_run, rate_note, warmup_from_one
from lrdsl.importers.refusal import Refused
from lrdsl.importers.symbols import Number, Whole, is_known, rounded

if TYPE_CHECKING:
    from lrdsl.comparison import Row
    from lrdsl.importers.documents import Document
    from lrdsl.importers.importer import Rate

_TABLE, _CONFIG = "lr_scheduler", "LRSchedulersContainer.Config"
_VERSIONS = ("0.1.0", "0.2.0", "0.2.2", "0.3.0")
# The versions that know a field, where not all do.
_SINCE = {
    "lr_min": ("0.1.0",),
    "min_lr_factor": ("0.2.0", "0.2.2", "0.3.0"),
    "total_steps": ("0.2.2", "0.3.0"),
}
_FIELDS = {"warmup_steps", "decay_ratio", "decay_type", *_SINCE}
_STEPS = 10_000
# Its decays, and the parts of lrdsl that are them.
_DECAYS = {"linear": "linear({})", "cosine": "cosine({})",
           "sqrt": "cooldown({}, ease = one_minus_sqrt)"}  # fmt: skip


def _find(document: Document) -> Iterator[Setting]:
    version = document.version_of("torchtitan")
    for table in document.tables():
        scheduler = table.plain().get(_TABLE)
        if isinstance(scheduler, Fields) and _is_ours(table, scheduler):
            parts = {key: table.plain().get(key) for key in ("training", "optimizer")}
            fields = Fields({_TABLE: scheduler, **parts}, table.trial, name=scheduler.name)
            line = scheduler.line or table.line_of(_TABLE)
            yield Setting(_kind(scheduler), fields, line, _version(scheduler, version))
    configs = {}
    for call in document.calls:
        scheduler = call.fields.plain().get(_TABLE)
        if call.name.endswith(_CONFIG):
            configs[id(call)] = _of_call(call, None, version)
        elif isinstance(scheduler, Call) and scheduler.name.endswith(_CONFIG):
            configs[id(scheduler)] = _of_call(scheduler, call.fields, version)
    yield from configs.values()


def _is_ours(table: Fields, scheduler: Fields) -> bool:
    training = table.plain().get("training")
    is_known_by_fields = bool(_FIELDS & set(scheduler.plain()))
    return isinstance(training, Fields) and ("steps" in training or is_known_by_fields)


def _of_call(scheduler: Call, around: Fields | None, version: str) -> Setting:
    """A call with the tables beside it, if the call that it is an argument of is known."""
    values: dict[str, object] = {_TABLE: scheduler.fields, "has_run": around is not None}
    for key in ("training", "optimizer"):
        part = around.plain().get(key) if around is not None else None
        values[key] = part.fields if isinstance(part, Call) else part
    fields = Fields(values, scheduler.fields.trial)
    return Setting(_kind(scheduler.fields), fields, scheduler.line, version or "0.3.0")


def _kind(scheduler: Fields) -> str:
    return str(scheduler.plain().get("decay_type") or "linear")


class _Schedule:
    """A setting with its phases made out, all in updates."""

    def __init__(self, setting: Setting) -> None:
        around, fields = setting.fields, setting.fields.table(_TABLE)
        self.steps = _steps(around)
        is_given = fields.given("total_steps") is not None
        self.total = fields.whole("total_steps") if is_given else in_run(self.steps)
        self.warmup = _clamped(_whole(fields, "warmup_steps", 200), self.total)
        if fields.given("decay_ratio") is None:
            self.decay, self.stable = self.total - self.warmup, Whole(1)
        else:
            share = _share(self.total, fields.number("decay_ratio"))
            self.decay = _clamped(share, self.total - self.warmup)
            self.stable = self.total + 1 - self.warmup - self.decay
        self.kind = fields.text("decay_type", "linear")
        self.low = fields.number("lr_min" if "lr_min" in fields else "min_lr_factor", 0.0)
        self.lr = _lr(around)
        fields.close()


def _steps(around: Fields) -> Whole:
    if around.given("has_run") is False:
        return around.trial.total()
    training = around.plain().get("training")
    return training.whole("steps", _STEPS) if isinstance(training, Fields) else Whole(_STEPS)


def _lr(around: Fields) -> Number:
    optimizer = around.plain().get("optimizer")
    if isinstance(optimizer, Fields) and isinstance(optimizer.plain().get("lr"), int | float | str):
        return optimizer.number("lr")
    return Whole(1)


def _whole(fields: Fields, key: str, default: int) -> Whole:
    """A number cut off at its point, as ``int`` does."""
    number = fields.number(key, default)
    return number if isinstance(number, Whole) else Whole(int(number))


def _clamped(number: Whole, most: Whole) -> Whole:
    """What it cuts down with a warning; a number that the source does not tell is in order."""
    return most if is_known(number) and number > most else number


def _share(total: Whole, ratio: Number) -> Whole:
    if not (is_known(total) and is_known(ratio)):
        raise Refused(
            "the decay is a share of the run, rounded to whole updates, and how many the run has"
            " is not said: pass --total"
        )
    return rounded(total * ratio)


def _version(fields: Fields, said: str) -> str:
    """The version that a setting is of: the one that the caller says, or that its fields tell."""
    versions = [set(_SINCE[key]) for key in _SINCE if key in fields]
    left = [v for v in _VERSIONS if all(v in known for known in versions)]
    return said or (left[0] if len(left) == 1 else "")


def _check_version(fields: Fields, version: str) -> None:
    """Refuses fields that no version has together, or that the version has not."""
    used = {key: versions for key, versions in _SINCE.items() if key in fields}
    if not any(all(v in versions for versions in used.values()) for v in _VERSIONS):
        names = " and ".join(f"`{key}`" for key in used)
        raise Refused(f"no version of torchtitan has both {names}")
    for key, versions in used.items():
        if version in _VERSIONS and version not in versions:
            raise Refused(f"torchtitan {version} has no `{key}`")


def _translate(setting: Setting) -> Translation:
    _check_version(setting.fields.table(_TABLE), setting.version)
    s = _Schedule(setting)
    decay = _DECAYS.get(s.kind)
    if decay is None:
        raise Refused(f"torchtitan has no decay `{s.kind}`")
    if s.steps > s.total:
        raise Refused(
            f"the schedule is over after {s.total} updates of {s.steps}: what torchtitan does then"
            " goes on beyond its end"
        )
    low = f", end = base * {s.low}" if s.low else ""
    # Without a warm-up, the first update is the first step of what is held.
    stable = s.stable if s.warmup else s.stable - 1
    down = chain(held(stable), decay.format(f"{s.decay}{low}"))
    if is_known(s.decay) and not s.decay:
        down = "const"
    return Translation(
        chain(warmup_from_one(s.warmup), down),
        total=s.steps,
        columns=(Column("lr", float(s.lr)),),
        notes=[] if s.lr == 1 else [rate_note(s.lr)],
    )


def _formula(setting: Setting, translation: Translation, column: Column) -> Rate:
    """``linear_warmup_stable_decay`` of torchtitan 0.3.0, written out."""
    s = _Schedule(setting)
    up, stable, decay = int(s.warmup), int(s.stable), int(s.decay)
    low, kind = float(s.low), s.kind

    def factor(t: int) -> float:
        if t < up:
            return (t + 1) / up
        if t < up + stable:
            return 1.0
        if not decay:  # there it raises, after the run
            return math.nan
        passed = (t + 1 - up - stable) / decay
        if kind == "linear":
            left = 1 - passed
        elif kind == "sqrt":
            left = 1 - math.sqrt(passed)
        else:
            left = 0.5 * (1.0 + math.cos(math.pi * passed))
        return low + (1 - low) * left

    return lambda t: column.base * factor(t)


def _run(setting: Setting, translation: Translation, steps: int) -> list[Row]:  # pragma: no cover
    """Builds the schedulers as the trainer does, and steps them after each update."""
    name, file = "LRSchedulersContainer", "torchtitan/components/optimizer/lr_scheduler.py"
    given = {"Configurable": _Configurable, "logger": QUIET}
    container = definitions("torchtitan", file, [name], given)[name]
    fields = setting.fields.table(_TABLE)
    owner = optimizer(translation.columns[0].base)
    config = container.Config(**settings(fields))
    built = config.build(optimizers=[owner], training_steps=int(_Schedule(setting).steps))
    return stepped(owner, built.step, steps)


class _Configurable:
    """What its container inherits from."""

    class Config:
        """Has no fields."""


IMPORTER = Importer(
    system="torchtitan",
    versions=("0.1.0", "0.3.0"),
    keys=("[lr_scheduler] of a TOML file", f"{_CONFIG}(…)"),
    find=_find,
    translate=_translate,
    formula=_formula,
    compared=_VERSIONS,
    run=_run,
)
