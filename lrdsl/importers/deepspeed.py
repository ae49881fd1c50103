"""DeepSpeed: the ``scheduler`` of its config.

The formulas are those of ``deepspeed/runtime/lr_schedules.py``. The engine steps a schedule after
each update, and the warm-ups start at -1: they are one update late.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from lrdsl.importers.fields import Fields, Unknown
from lrdsl.importers.importer import Column, Importer, Setting, Translation
from lrdsl.importers.installed import QUIET, definitions, optimizer, settings, stepped
from lrdsl.importers.phrases import rate_note
from lrdsl.importers.refusal import Refused
from lrdsl.importers.symbols import Number, Real, Whole, is_known

if TYPE_CHECKING:
    from lrdsl.comparison import Row
    from lrdsl.importers.documents import Document
    from lrdsl.importers.importer import Rate

# Tables that have one of these are its configs, whatever their `scheduler` is.
_CONFIG = ("zero_optimization", "train_micro_batch_size_per_gpu", "train_batch_size")
# Optimizers of its configs that have no `betas`.
_NO_BETAS = {"sgd", "adagrad", "lion"}
# The value that transformers fills in.
_AUTO = "auto"
_LOG = (
    "shape log_warmup(length: steps, start = 0, end = next) ="
    " blend(start, end, min(1, log(t + 1) / log(length)))"
)
_RISING = (
    "shape rising(rate, every: steps, *, length: steps = rest, start = prev) ="
    " start * (1 + rate * {passed})"
)
# OneCycle puts this beside the momentum, whatever the optimizer had.
_BETA2 = 0.99


def _find(document: Document) -> Iterator[Setting]:
    arguments: dict[int, Fields] = {}
    for table in document.tables():
        config, scheduler = (table.plain().get(key) for key in ("deepspeed", "scheduler"))
        if isinstance(config, Fields):
            arguments[id(config)] = table
        if not isinstance(scheduler, Fields) or "type" not in scheduler:
            continue
        kind = str(scheduler.given("type"))
        if kind in _KINDS or any(key in table for key in _CONFIG):
            fields = _settings(table, scheduler, arguments.get(id(table)))
            version = document.version_of("deepspeed")
            yield Setting(kind, fields, scheduler.line_of("type"), version)


def _settings(config: Fields, scheduler: Fields, arguments: Fields | None) -> Fields:
    """The parameters of a schedule, with the optimizer's rate and what stands for ``auto``."""
    params = scheduler.plain().get("params")
    values = params.plain() if isinstance(params, Fields) else {}
    optimizer = config.plain().get("optimizer")
    for key in [key for key, value in values.items() if value == _AUTO]:
        values[key] = _filled(key, arguments)
    extra = {"optimizer": optimizer, "arguments": arguments}
    lines = params.lines if isinstance(params, Fields) else {}
    return Fields(values | extra, config.trial, lines, scheduler.path("params"))


def _filled(key: str, arguments: Fields | None) -> object:
    """What transformers puts in the place of an ``auto``: ``HfTrainerDeepSpeedConfig``."""
    plain = arguments.plain() if arguments is not None else {}
    if key == "warmup_min_lr":
        return 0
    if key == "total_num_steps" and plain.get("max_steps", -1) > 0:
        return plain["max_steps"]
    if key == "warmup_num_steps" and plain.get("warmup_steps", 0) >= 1:
        return plain["warmup_steps"]
    return _AUTO if key == "warmup_max_lr" else Unknown(key)


class _Schedule:
    """A setting with the fields that several kinds share made out.

    Attributes:
        kind: its class.
        fields: its parameters.
        notes: what was assumed.
        scales: True if it goes by the optimizer's rate.
        optimizer: the table of the optimizer; None if there is none.
        base: the optimizer's rate; None if nothing says it.
    """

    def __init__(self, setting: Setting) -> None:
        self.kind = setting.kind
        self.fields = fields = setting.fields
        self.notes: list[str] = []
        self.scales = setting.kind == "WarmupCosineLR"
        if fields.number("last_batch_iteration", -1) != -1:
            raise Refused("`last_batch_iteration` starts it in its middle")
        optimizer, arguments = fields.given("optimizer"), fields.given("arguments")
        self.optimizer = optimizer if isinstance(optimizer, Fields) else None
        self.base = self._base(arguments)

    def _base(self, arguments: Fields | None) -> Number | None:
        """The optimizer's rate; None if nothing says it."""
        rate = None
        if self.optimizer is not None:
            params = self.optimizer.plain().get("params")
            has_rate = isinstance(params, Fields) and params.plain().get("lr", _AUTO) != _AUTO
            rate = params.number("lr") if isinstance(params, Fields) and has_rate else None
        if rate is None and arguments is not None:
            rate = arguments.number("learning_rate", 5e-5)
        return rate if rate is not None and is_known(rate) else None

    def rate(self, key: str, default: float | None) -> Number:
        """A rate that all groups get; a missing one without a default is the optimizer's."""
        value = self.fields.given(key)
        if isinstance(value, list | tuple):
            raise Refused(f"`{key}` has a rate for each group, and the config names no groups")
        if value == _AUTO:
            self.notes.append(f"`{key}` is auto: transformers puts the optimizer's rate there")
        if value == _AUTO or (value is None and default is None):
            self.scales = True
            return Real(1.0 if self.base is None else float(self.base), "base")
        return self.fields.number(key, default)

    def size(self, key: str, default: int) -> Whole:
        """A number of updates, which has to be above 0."""
        number = self.fields.whole(key, default)
        if number <= 0:
            raise Refused(f"DeepSpeed raises for a `{key}` of {number}")
        return number

    @property
    def is_log(self) -> bool:
        """True for the warm-up along a logarithm, which is that of an unknown type too."""
        kind = self.fields.text("warmup_type", "log")
        if kind not in {"log", "linear"}:
            self.notes.append(f"DeepSpeed takes the unknown warm-up `{kind}` for `log`")
        return kind != "linear"

    @property
    def warmup(self) -> Whole:
        """The updates of the warm-up, of which there are at least two."""
        number = self.size("warmup_num_steps", 1_000)
        return Whole(max(2, int(number))) if is_known(number) else number


def _translate(setting: Setting) -> Translation:
    schedule = _Schedule(setting)
    if setting.kind not in _KINDS:
        raise Refused(
            f"`{setting.kind}` is a scheduler of torch, which DeepSpeed steps after each update: it"
            " is not translated"
        )
    text = _KINDS[setting.kind](schedule)
    schedule.fields.close()
    base = 1.0 if schedule.base is None else float(schedule.base)
    columns = [Column("lr", base)]
    if "beta1:" in text:
        columns += [Column("beta1", 0.9), Column("beta2", 0.999)]
    notes = list(dict.fromkeys(schedule.notes))
    if schedule.base is not None and schedule.scales:
        notes.insert(0, rate_note(schedule.base))
    return Translation(text, columns=columns, notes=notes)


def _up(s: _Schedule, low: object, high: Number, *, to_base: bool = False) -> tuple[str, str]:
    """The definition and the text of a warm-up, with the update before it."""
    start = "" if low == 0 else f", {low}"
    end = "" if str(high) == "base" and not to_base else f", end = {high}"
    name = "log_warmup" if s.is_log else "warmup"
    return f"{_LOG}\n" if s.is_log else "", f"{name}({s.warmup}{start}{end})"


def _warmup(s: _Schedule) -> str:
    low, high = s.rate("warmup_min_lr", 0), s.rate("warmup_max_lr", None)
    defined, up = _up(s, low, high)
    return f"{defined}const(1, {low}) >> {up} >> const"


def _decay(s: _Schedule) -> str:
    low, high = s.rate("warmup_min_lr", 0), s.rate("warmup_max_lr", 0.001)
    defined, up = _up(s, low, high)
    total = s.fields.whole("total_num_steps")
    down = f"const(value = {low})"
    if total > s.warmup:
        end = "" if low == 0 else f", end = {low}"
        down = f"linear({total - s.warmup}{end})"
    else:
        defined, up = _up(s, low, high, to_base=True)
    return f"{defined}const(1, {low}) >> {up} >> {down}"


def _cosine(s: _Schedule) -> str:
    """Its cosine is a step ahead: the update after the warm-up has its second value."""
    first, last = s.fields.number("warmup_min_ratio", 0), s.fields.number("cos_min_ratio", 1e-4)
    low = f"base * {first}" if first else 0
    end = f"base * {last}" if last else "0"
    high = Real(1.0, "base")
    defined, up = _up(s, low, high, to_base=True)
    total = s.fields.whole("total_num_steps")
    down = f"const(value = {end})"
    if total > s.warmup + 1:
        down = f"skip(1, cosine({total - s.warmup}, base, {end}))"
    return f"{defined}const(1, 0) >> {up} >> {down}"


def _cycle(s: _Schedule) -> str:
    if s.fields.number("cycle_first_stair_count", 0) or s.fields.number(
        "cycle_second_stair_count", 0
    ):
        raise Refused("the stairs of its cycle are not translated")
    first = s.size("cycle_first_step_size", 2_000)
    second = s.fields.whole("cycle_second_step_size", first)
    low, high = s.rate("cycle_min_lr", None), s.rate("cycle_max_lr", None)
    if s.fields.given("cycle_min_lr") is None or s.fields.given("cycle_max_lr") is None:
        raise Refused("`cycle_min_lr` and `cycle_max_lr` have no default")
    every, slower = s.fields.whole("decay_step_size", 0), s.fields.number("decay_lr_rate", 0.0)
    back = f" >> linear({second}, {high}, {low})" if second else ""
    after = f"inverse_time({slower}, every = {every}, start = {low})"
    after = after if every and slower else f"const(value = {low})"
    text = f"linear({first}, {low}, {high}){back} >> {after}"
    moms = _momentum(s, first, second, every)
    return f"{moms}lr: {text}" if moms else text


def _momentum(s: _Schedule, first: Whole, second: Whole, every: Whole) -> str:
    """The momentum, which goes the other way; its first update has the lower one."""
    low, high = s.fields.number("cycle_min_mom", 0.8), s.fields.number("cycle_max_mom", 0.9)
    faster = s.fields.number("decay_mom_rate", 0.0)
    if not s.fields.truth("cycle_momentum", default=True):
        return ""
    if s.optimizer is None or s.optimizer.given("type") is None:
        s.notes.append("the optimizer is taken for one with `betas`, such as Adam")
    elif str(s.optimizer.given("type")).lower() in _NO_BETAS:
        return ""
    down = f"skip(1, linear({first}, {high}, {low})) >> " if first > 1 else ""
    back = f"linear({second}, {low}, {high}) >> " if second else ""
    defined, after = "", f"const(value = {high})"
    if every and faster:
        defined = _RISING.format(passed="t / every") + "\n"
        after = f"rising({faster}, {every}, start = {high})"
    betas = f"beta1: const(1, {low}) >> {down}{back}{after}\n"
    return f"{defined}{betas}beta2: const(value = {_BETA2})\n"


def _range(s: _Schedule) -> str:
    low = s.rate("lr_range_test_min_lr", 1e-3)
    every = s.size("lr_range_test_step_size", 2_000)
    faster = s.fields.number("lr_range_test_step_rate", 1.0)
    is_stair = s.fields.truth("lr_range_test_staircase", default=False)
    defined = _RISING.format(passed="floor(t / every)" if is_stair else "t / every")
    return f"{defined}\nrising({faster}, {every}, start = {low})"


_KINDS: dict[str, Callable[[_Schedule], str]] = {
    "WarmupLR": _warmup,
    "WarmupDecayLR": _decay,
    "WarmupCosineLR": _cosine,
    "OneCycle": _cycle,
    "LRRangeTest": _range,
}


def _formula(setting: Setting, translation: Translation, column: Column) -> Rate:
    """The methods ``get_lr`` and ``get_mom`` of deepspeed 0.19.8, written out.

    ``at`` is their ``last_batch_iteration``, which is -1 at the first update.
    """
    s = _Schedule(setting)
    if setting.kind == "LRRangeTest":
        return _range_formula(s)
    if setting.kind == "OneCycle":
        return _cycle_formula(s, column)
    warmup, is_log = int(s.warmup), s.is_log

    def risen(at: int) -> float:
        return math.log(at + 1) / math.log(warmup) if is_log else at / warmup

    if setting.kind == "WarmupCosineLR":
        total = int(s.fields.whole("total_num_steps"))
        first = float(s.fields.number("warmup_min_ratio", 0))
        last = float(s.fields.number("cos_min_ratio", 1e-4))

        def ratio(at: int) -> float:
            if at < warmup:
                return first + risen(at) * (1 - first)
            share = min(1.0, (at - warmup + 1) / max(1, total - warmup))
            return max(0.0, last + (1 - last) * (1 + math.cos(math.pi * share)) / 2)

        return lambda t: column.base * ratio(t - 1) if t > 0 else 0.0
    default = None if setting.kind == "WarmupLR" else 0.001
    low, high = float(s.rate("warmup_min_lr", 0)), float(s.rate("warmup_max_lr", default))
    end = int(s.fields.whole("total_num_steps", 0)) if setting.kind == "WarmupDecayLR" else 0

    def gamma(at: int) -> float:
        if at < warmup:
            return risen(at)
        return max(0.0, (end - at) / max(1.0, end - warmup)) if end else 1.0

    return lambda t: low + (high - low) * gamma(t - 1) if t > 0 else low


def _range_formula(s: _Schedule) -> Rate:
    low = float(s.rate("lr_range_test_min_lr", 1e-3))
    size = int(s.size("lr_range_test_step_size", 2_000))
    faster = float(s.fields.number("lr_range_test_step_rate", 1.0))
    is_stair = s.fields.truth("lr_range_test_staircase", default=False)
    return lambda t: low * (1 + faster * (t // size if is_stair else t / size))


def _cycle_formula(s: _Schedule, column: Column) -> Rate:
    first = int(s.size("cycle_first_step_size", 2_000))
    total = first + int(s.fields.whole("cycle_second_step_size", first))
    every = int(s.fields.whole("decay_step_size", 0))
    is_rate = column.target == "lr"
    keys = ("cycle_min_lr", "cycle_max_lr") if is_rate else ("cycle_min_mom", "cycle_max_mom")
    low, high = (float(s.fields.number(k, d)) for k, d in zip(keys, (0.8, 0.9), strict=True))
    speed = float(s.fields.number("decay_lr_rate" if is_rate else "decay_mom_rate", 0.0))

    def scale(t: int) -> float:
        x = 1.0 + t / total - math.floor(1 + t / total)
        up = first / total
        return x / up if x <= up else (x - 1) / (up - 1)

    def value(t: int) -> float:
        if column.target == "beta2":
            return _BETA2
        if t > total:
            slower = 1 + speed * (t - total) / every if every else 1.0
            return low / slower if is_rate else high * slower
        part = (high - low) * scale(t)
        return low + part if is_rate else (high - part if t else low)

    return value


def _run(setting: Setting, translation: Translation, steps: int) -> list[Row]:  # pragma: no cover
    """Builds the schedule as ``_scheduler_from_config`` does; the engine steps it after an update.

    A warm-up leaves the rate of update 0 to its constructor.
    """
    made = definitions(
        "deepspeed", "deepspeed/runtime/lr_schedules.py", [setting.kind], {"logger": QUIET}
    )[setting.kind]
    s = _Schedule(setting)
    params = settings(setting.fields)
    for key in [key for key, value in params.items() if value == _AUTO]:
        params[key] = float(s.rate(key, None))
    targets = [column.target for column in translation.columns]
    rate = next(c.base for c in translation.columns if c.target == "lr")
    owner = optimizer(rate, "Adam" if len(targets) > 1 else "SGD")
    return stepped(owner, made(owner, **params).step, steps, targets)


IMPORTER = Importer(
    system="deepspeed",
    versions=("0.19.8",),
    keys=("scheduler: {type: WarmupLR, params: …}",),
    find=_find,
    translate=_translate,
    formula=_formula,
    compared=("0.19.8",),
    run=_run,
)
