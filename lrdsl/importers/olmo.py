"""OLMo: the ``scheduler`` of a training config in YAML.

The formulas are those of ``olmo/optim.py``. The trainer counts an update before it computes its
rate, so the first one is step 1. All groups get the schedule of ``optimizer.learning_rate``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from enum import Enum
from typing import TYPE_CHECKING

from lrdsl.importers.fields import Fields
from lrdsl.importers.importer import Column, Importer, Setting, Translation
from lrdsl.importers.installed import definitions, settings
from lrdsl.importers.phrases import chain, in_run, rate_note, warmup_from_one
from lrdsl.importers.refusal import Refused
from lrdsl.importers.symbols import Number, Real, Whole, is_known, spelled
from lrdsl.outside import is_number

if TYPE_CHECKING:
    from lrdsl.comparison import Row
    from lrdsl.importers.documents import Document
    from lrdsl.importers.importer import Rate

_TABLE, _COSINE, _INVERSE = "scheduler", "cosine_with_warmup", "inverse_sqrt_with_warmup"
_OWN = {"t_warmup", "alpha_f", "units", "warmup_min_lr", "grad_clip_warmup_steps"}
# What a warm-up starts from, as a share of the rate, where the config does not say it.
_LOW = 0.1
_LENGTH, _LR, _WARMUP = 10_000, 1e-4, 100
_BATCH, _SEQUENCE = 512, 1024
# A decay over a length that is no whole number of updates.
_OVER = {
    "cosine": "shape cosine_over(span, end, *, length: steps = rest, start = prev)"
    " = blend(end, start, (1 + cos(pi * min(1, t / span))) / 2)",
    "linear": "shape linear_over(span, end, *, length: steps = rest, start = prev)"
    " = blend(end, start, 1 - min(1, t / span))",
    "envelope": "shape envelope_over(span, end, *, length: steps = rest, start = prev)"
    " = blend(end, start, max(0, 1 - t / span) * (1 + cos(pi * t / span)) / 2)",
}


def _find(document: Document) -> Iterator[Setting]:
    for table in document.tables():
        scheduler, optimizer = table.plain().get(_TABLE), table.plain().get("optimizer")
        if not isinstance(scheduler, Fields):
            continue
        kind = str(scheduler.plain().get("name") or _COSINE)
        if kind not in _TEXTS and not _OWN & set(scheduler.plain()):
            continue
        # Composer's tables have the same names and lengths with units, such as `100ba`.
        has_field = isinstance(optimizer, Fields) and "learning_rate" in optimizer
        has_other = isinstance(optimizer, Fields) and "lr" in optimizer
        if has_field or (not has_other and is_number(scheduler.plain().get("t_warmup"))):
            line = scheduler.line or table.line_of(_TABLE)
            yield Setting(kind, _with_run(table, scheduler), line, document.version_of("ai2-olmo"))


def _with_run(table: Fields, scheduler: Fields) -> Fields:
    """The scheduler's table with what it depends on."""
    plain = table.plain()
    parts: dict[str, object] = {}
    for key in ("max_duration", "global_train_batch_size"):
        parts[key] = plain.get(key)
    for name, key in (("optimizer", "learning_rate"), ("model", "max_sequence_length")):
        part = plain.get(name)
        parts[key] = part.plain().get(key) if isinstance(part, Fields) else None
    run = Fields(parts, table.trial, name=table.name)
    return Fields({_TABLE: scheduler, "run": run}, table.trial, name=scheduler.name)


class _Schedule:
    """A setting with its lengths made out.

    Attributes:
        scale: the tokens of an update, where the config counts in tokens; 1 otherwise.
        warmup: the warm-up, in updates.
        end: the end of the decay, in updates; not always a whole number.
        total: the updates of the run.
        length: the same, not always a whole number.
    """

    def __init__(self, setting: Setting) -> None:
        self.run, fields = setting.fields.table("run"), setting.fields.table(_TABLE)
        self.kind = fields.text("name", _COSINE)
        self.lr = self.run.number("learning_rate", _LR)
        units = fields.text("units", "steps")
        if units not in {"steps", "tokens"}:
            raise Refused(f"OLMo has no units `{units}`")
        self.scale = self._tokens() if units == "tokens" else Whole(1)
        self.epochs = Whole(0)
        self.total, self.length = self._length()
        self.warmup = self._updates(fields.number("t_warmup", _WARMUP))
        if not is_known(self.total) and is_known(self.warmup) and self.warmup >= self.total:
            raise Refused(
                f"how many updates an epoch has is not said, and the warm-up has {self.warmup}:"
                " pass --steps-per-epoch"
            )
        given = fields.given("t_max")
        self.end = self.length if given is None else self._decay_end(fields.number("t_max"))
        self.alpha = fields.number("alpha_f", 0.1)
        low = fields.given("warmup_min_lr")
        self.low = None if low is None else fields.number("warmup_min_lr")
        self.notes = [rate_note(self.lr)]
        if fields.given("grad_clip_warmup_steps") is not None:
            self.notes.append("the warm-up of gradient clipping is not translated")
        fields.ignore("grad_clip_warmup_factor")
        fields.close()

    def _tokens(self) -> Whole:
        batch = self.run.whole("global_train_batch_size", _BATCH)
        tokens: Whole = batch * self.run.whole("max_sequence_length", _SEQUENCE)
        return tokens

    def _length(self) -> tuple[Whole, Number]:
        """The updates of the run, and the end that a decay without its own has."""
        value = self.run.given("max_duration")
        text = str(value).strip()
        if isinstance(value, str) and text.endswith("ep"):
            self.epochs = _whole(text[:-2])
            steps = self.epochs * self.run.trial.steps_per_epoch()
            return steps, steps
        if isinstance(value, str) and text.endswith("T"):
            tokens = _whole(text[:-1])
            batch = self._tokens()
            steps = Whole(-(-int(tokens) // int(batch)))
            return steps, self._decay_end(tokens) if self.scale > 1 else steps
        number = self.run.number("max_duration", _LENGTH)
        if not is_known(number):
            total = self.run.trial.total()
            return total, in_run(total)
        return Whole(int(number)), Whole(int(number))

    def _updates(self, number: Number) -> Whole:
        if not is_known(number):
            return Whole(int(number), str(number))
        updates, rest = divmod(int(number), int(self.scale))
        if rest:
            raise Refused(
                f"`scheduler.t_warmup` is {spelled(int(number))} tokens, which is no whole number"
                f" of updates of {self.scale} tokens"
            )
        return Whole(updates)

    def _decay_end(self, number: Number) -> Number:
        """An end in updates: `5e12 / 4194304` where it is not a whole number of them."""
        if int(number) % int(self.scale) == 0:
            return Whole(int(number) // int(self.scale))
        return Real(int(number) / int(self.scale), f"{spelled(float(number))} / {self.scale}", 2)


def _whole(text: str) -> Whole:
    try:
        return Whole(int(float(text)))
    except (ValueError, OverflowError):
        raise Refused(f"`max_duration` is `{text}`, which is no number") from None


def _translate(setting: Setting) -> Translation:
    s = _Schedule(setting)
    say = _TEXTS.get(s.kind)
    if say is None:
        raise Refused(f"OLMo 0.6.0 has no scheduler `{s.kind}`")
    return Translation(
        say(s),
        total=s.total,
        epochs=s.epochs,
        columns=(Column("lr", float(s.lr)),),
        notes=s.notes,
    )


def _up(s: _Schedule) -> str:
    """The warm-up: from a tenth of the rate, unless the config says from what."""
    if s.warmup <= 1:
        return ""
    if s.low is None:
        return f"warmup({s.warmup - 1}, base * ({_LOW} + {1 - _LOW} / {s.warmup}))"
    return warmup_from_one(s.warmup, str(s.low) if s.low else "")


def _fall(s: _Schedule, shape: str, start: str = "", end: str = "") -> str:
    """A decay from the end of the warm-up to that of the run."""
    left = s.end - s.warmup
    if is_known(left) and left <= 0:
        raise Refused(f"the warm-up, {s.warmup} updates, is as long as the decay's end, {s.end}")
    begun = f", start = {start}" if start else ""
    if isinstance(left, Whole):
        part = f"{shape}({left}{begun}{f', end = {end}' if end else ''})"
    else:
        part = f"{shape}_over({left}, {end or '0'}{begun})"
    # Without a warm-up the first update is step 1 of the decay.
    return part if s.warmup else f"skip(1, {part})"


def _definition(s: _Schedule, name: str) -> str:
    """The definition that a text begins with, where it needs a shape of its own."""
    return "" if isinstance(s.end - s.warmup, Whole) else f"{_OVER[name]}\n\n"


def _floor(s: _Schedule) -> str:
    return f"base * {s.alpha}" if s.alpha else ""


def _decay(shape: str, s: _Schedule) -> str:
    return _definition(s, shape) + chain(_up(s), _fall(s, shape, end=_floor(s)))


def _inverse(s: _Schedule) -> str:
    if not s.warmup:
        raise Refused("without a warm-up its inverse square root is 0 from the first update on")
    return chain(_up(s), f"inverse_sqrt({s.warmup})")


def _larger(s: _Schedule) -> str:
    if not s.warmup:
        return _decay("cosine", s)
    cosine = _fall(s, "cosine", "base", _floor(s))
    # The other one goes on where this one ends; one that is no whole number of updates long has no
    # end of its own.
    if isinstance(s.end, Whole) and is_known(s.total) and s.end < s.total:
        cosine = f"{cosine} >> const"
    larger = f"max({cosine}, inverse_sqrt({s.warmup}, start = base))"
    return _definition(s, "cosine") + chain(_up(s), larger)


def _envelope(s: _Schedule) -> str:
    low = _floor(s)
    if not isinstance(s.end - s.warmup, Whole):
        return _decay("envelope", s)
    high = f"base * {1 - s.alpha}" if s.alpha else "base"
    product = f"{_fall(s, 'linear', '1')} * {_fall(s, 'cosine', high)}"
    return chain(_up(s), f"{low} + {product}" if low else product)


_TEXTS = {
    "constant": lambda s: "const",
    "constant_with_warmup": lambda s: chain(_up(s), "const"),
    _COSINE: lambda s: _decay("cosine", s),
    "linear_with_warmup": lambda s: _decay("linear", s),
    _INVERSE: _inverse,
    "max_scheduler": _larger,
    "cosine_linear_envelope": _envelope,
}


def _formula(setting: Setting, translation: Translation, column: Column) -> Rate:
    """``get_lr`` of the schedulers of OLMo 0.6.0, written out; the first update is step 1."""
    s = _Schedule(setting)
    peak, up, end = column.base, int(s.warmup), float(s.end)
    floor = peak * float(s.alpha)
    low = peak * 0.10 if s.low is None else float(s.low)

    def cosine(step: int) -> float:
        if step >= end:
            return floor
        return floor + (peak - floor) * (1 + math.cos(math.pi * (step - up) / (end - up))) / 2

    def linear(step: int) -> float:
        return floor if step >= end else peak - (peak - floor) * ((step - up) / (end - up))

    def inverse(step: int) -> float:
        return peak * math.sqrt(up / max(up, step))

    def envelope(step: int) -> float:
        if step >= end:
            return floor
        passed = (step - up) / (end - up)
        return floor + (1 - passed) * (peak - floor) * (1 + math.cos(math.pi * passed)) / 2

    after = {
        _COSINE: cosine,
        "linear_with_warmup": linear,
        _INVERSE: inverse,
        "max_scheduler": lambda step: max(cosine(step), inverse(step)),
        "cosine_linear_envelope": envelope,
    }.get(s.kind, lambda step: peak)

    def rate(t: int) -> float:
        step = t + 1
        if step < up and s.kind != "constant":
            return low + (peak - low) * min(step, up) / up
        return after(step)

    return rate


def _run(setting: Setting, translation: Translation, steps: int) -> list[Row]:  # pragma: no cover
    """Asks for the rates as ``Trainer.train_step`` does, which has counted the update by then."""
    s = _Schedule(setting)
    given = {"BaseConfig": object, "StrEnum": _Names}
    kinds = definitions("ai2-olmo", "olmo/config.py", ["SchedulerConfig", "SchedulerType"], given)
    given = {"SchedulerType": kinds["SchedulerType"]}
    found = definitions("ai2-olmo", "olmo/optim.py", ["build_scheduler"], given)
    config = kinds["SchedulerConfig"](**settings(setting.fields.table(_TABLE)))
    scheduler = found["build_scheduler"](None, config)
    scale = int(s.scale)
    most = round(float(s.length) * scale)
    lr = translation.columns[0].base
    return [[float(scheduler.get_lr(lr, scale * step, most))] for step in range(1, steps + 1)]


class _Names(str, Enum):
    """What its enumerations inherit from."""


IMPORTER = Importer(
    system="ai2-olmo",
    versions=("0.6.0",),
    keys=("scheduler: {name: …_with_warmup, t_warmup: …}",),
    find=_find,
    translate=_translate,
    formula=_formula,
    compared=("0.6.0",),
    run=_run,
)
