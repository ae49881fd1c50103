"""OLMo-core: its schedulers in the ``config.json`` of a run, and their calls in a script.

The formulas are those of ``olmo_core/optim/scheduler.py``. The trainer counts an update before it
computes its rate, so the first one is step 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING

from lrdsl.importers.fields import Fields
from lrdsl.importers.importer import Column, Importer, Setting, Translation
from lrdsl.importers.installed import definitions, settings
from lrdsl.importers.olmo_core_run import Around, arguments
from lrdsl.importers.phrases import chain, held, in_run, rate_note, warmup_from_one
from lrdsl.importers.refusal import Refused
from lrdsl.importers.symbols import Real, Whole, is_known, rounded

if TYPE_CHECKING:
    from lrdsl.comparison import Row
    from lrdsl.importers.documents import Document
    from lrdsl.importers.importer import Rate

_CLASS, _MODULE = "_CLASS_", "olmo_core.optim.scheduler."
_COSINE, _HALF, _TAIL = "CosWithWarmup", "HalfCosWithWarmup", "CosWithWarmupAndLinearDecay"
_LINEAR, _INVERSE, _CONSTANT = "LinearWithWarmup", "InvSqrtWithWarmup", "ConstantWithWarmup"
# The positional parameters of each, in their order, after the three that all have.
_PARAMETERS = {
    "ConstantScheduler": (),
    _CONSTANT: ("warmup", "warmup_steps", "warmup_fraction", "warmup_min_lr"),
    "WSD": ("warmup", "warmup_steps", "warmup_fraction", "decay", "decay_steps", "decay_fraction",
            "warmup_min_lr", "decay_min_lr"),
    "PowerLR": ("b", "warmup", "warmup_steps", "warmup_fraction", "warmup_min_lr", "decay",
                "decay_steps", "decay_fraction", "decay_min_lr"),
    _LINEAR: ("alpha_f", "t_max", "warmup", "warmup_steps", "warmup_fraction", "warmup_min_lr"),
    _INVERSE: ("alpha_f", "warmup", "warmup_steps", "warmup_fraction", "warmup_min_lr"),
    _COSINE: ("warmup", "warmup_steps", "warmup_fraction", "alpha_f", "t_max", "warmup_min_lr"),
    _HALF: ("warmup", "warmup_steps", "warmup_fraction", "alpha_f", "t_max", "warmup_min_lr"),
    _TAIL: ("warmup", "warmup_steps", "warmup_fraction", "alpha_f", "t_max", "warmup_min_lr",
            "decay", "decay_steps", "decay_fraction", "decay_min_lr"),
}  # fmt: skip
_COMMON = ("lr_field", "initial_lr_field", "units")
# Known by name, and not translated.
_OTHERS = ("SequentialScheduler", "ComposableScheduler", "WSDS", "ExponentialScheduler")
_WITH_DECAY = {"WSD", "PowerLR", _TAIL}


def _find(document: Document) -> Iterator[Setting]:
    version = document.version_of("ai2-olmo-core")
    tables = list(document.tables())
    inside: set[int] = set()
    for table in tables:
        name = table.plain().get(_CLASS)
        if isinstance(name, str) and name.startswith(_MODULE) and id(table) not in inside:
            inside |= {id(part) for part in _parts(table)}
            kind = name.removeprefix(_MODULE)
            around = Around.of_tables(tables)
            yield Setting(kind, around.fields(table, is_call=False), table.line, version)
    calls = document.calls
    nested = {id(part) for call in calls if call.function in _OTHERS for part in arguments(call)}
    for call in calls:
        module, _, kind = call.name.rpartition(".")
        is_ours = not module or module.startswith("olmo_core")
        if is_ours and kind in {*_PARAMETERS, *_OTHERS} and id(call) not in nested:
            fields = call.found(*_COMMON, *_PARAMETERS.get(kind, ()))
            around = Around.of_calls(calls, call)
            yield Setting(kind, around.fields(fields, is_call=True), call.line, version)


def _parts(table: Fields) -> Iterator[Fields]:
    """The tables in a table, at any depth."""
    for value in table.plain().values():
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, Fields):
                yield part
                yield from _parts(part)


class _Schedule:
    """A setting with its lengths made out, all in updates.

    Attributes:
        steps: the updates of the run.
        total: the same as a program writes it.
        end: the end of a decay that may have its own.
    """

    def __init__(self, setting: Setting) -> None:
        self.kind, self.run = setting.kind, setting.fields.table("run")
        fields = self.fields = setting.fields.table("scheduler")
        fields.ignore(_CLASS, "type", "lr_field", "initial_lr_field")
        if self.kind not in _PARAMETERS:
            raise Refused(f"OLMo-core has `{self.kind}`, which is not translated")
        units = _word(fields.given("units") or "steps")
        if units not in {"steps", "tokens"}:
            raise Refused(f"OLMo-core has no units `{units}`")
        self.scale = self._batch() if units == "tokens" else Whole(1)
        if self.run.given("grows") and "tokens" in {units, _word(self.run.given("unit"))}:
            raise Refused("its batch grows in the run, and its length in updates is not one number")
        self.epochs = Whole(0)
        self.lr = self.run.number("lr", 1.0)
        self.steps = self._length()
        self.total = in_run(self.steps)
        own = _PARAMETERS[self.kind]
        has_end = "t_max" in own and fields.given("t_max") is not None
        self.end = self._updates("t_max", fields.whole("t_max")) if has_end else self.total
        self.alpha = fields.number("alpha_f", 0.1) if "alpha_f" in own else Real(0.1)
        self.low = fields.number("warmup_min_lr", 0.0) if "warmup_min_lr" in own else Real(0.0)
        self.b = fields.number("b", -0.51) if "b" in own else Real(-0.51)
        self.warmup, self.decay = Whole(0), Whole(0)
        if self.kind != "ConstantScheduler":
            self.warmup = self._part("warmup", self.end, None)
        if self.kind in _WITH_DECAY:
            self.decay = self._part("decay", self.total, 0.1)
            if is_known(self.decay) and not self.decay:
                raise Refused("without a decay it divides by 0 at its last update")
        self.floor = fields.number("decay_min_lr", 0.0) if "decay_min_lr" in own else Real(0.0)
        fields.close()

    def _batch(self) -> Whole:
        if "batch" not in self.run:
            raise Refused("it counts in tokens, and how many an update has is not said")
        return self.run.whole("batch")

    def _length(self) -> Whole:
        unit = _word(self.run.given("unit") or "")
        if unit == "epochs":
            self.epochs = self.run.whole("length")
            steps: Whole = self.epochs * self.run.trial.steps_per_epoch()
            return steps
        if unit == "steps":
            steps = self.run.whole("length")
            return steps if is_known(steps) else self.run.trial.total()
        if unit == "tokens" and "batch" in self.run:
            tokens, batch = self.run.whole("length"), self.run.whole("batch")
            if is_known(tokens) and is_known(batch):
                if self.scale > 1:
                    return self._updates("max_duration", tokens)
                return Whole(-(-int(tokens) // int(batch)))
        return self.run.trial.total()

    def _updates(self, key: str, number: Whole) -> Whole:
        if self.scale == 1 or not is_known(number):
            return number
        updates, rest = divmod(int(number), int(self.scale))
        if rest:
            raise Refused(
                f"`{key}` is {number} tokens, which is no whole number of updates of {self.scale}"
                " tokens"
            )
        return Whole(updates)

    def _part(self, key: str, total: Whole, default: float | None) -> Whole:
        """A length that is said in steps or as a share, and never as both."""
        fields, share = self.fields, f"{key}_fraction"
        given = fields.given(key, f"{key}_steps")
        name = key if fields.given(key) is not None else f"{key}_steps"
        is_call = bool(self.run.given("is_call"))
        is_defaulted = default is not None and share not in fields and (is_call or given is None)
        if (given is None) == (fields.given(share) is None and not is_defaulted):
            raise Refused(f"it takes either `{key}` or `{share}`, and raises otherwise")
        if given is not None:
            return self._updates(key, fields.whole(name))
        length = fields.number(share, default)
        if not (is_known(total) and is_known(length)):
            raise Refused(
                f"the {key} is a share of the run, rounded to whole updates, and how many the run"
                " has is not said: pass --total"
            )
        return self._updates(key, rounded(total * self.scale * length))


def _word(value: object) -> str:
    """The value of an enumeration: ``SchedulerUnits.steps`` is ``steps``."""
    return str(value).rpartition(".")[2]


def _translate(setting: Setting) -> Translation:
    s = _Schedule(setting)
    is_lr_known = "lr" in s.run
    return Translation(
        _TEXTS[s.kind](s),
        total=s.steps,
        epochs=s.epochs,
        columns=(Column("lr", float(s.lr)),),
        notes=[rate_note(s.lr)] * is_lr_known,
    )


def _up(s: _Schedule, peak: str = "base") -> str:
    return warmup_from_one(s.warmup, str(s.low) if s.low else "", peak)


def _end(value: str, key: str = "end") -> str:
    return f", {key} = {value}" if value else ""


def _alpha(s: _Schedule) -> str:
    return f"base * {s.alpha}" if s.alpha else ""


def _left(whole: Whole, what: str) -> Whole:
    """What is left of the run for a part."""
    if is_known(whole) and whole < 0:
        raise Refused(f"nothing is left for {what}: the warm-up and the decay overlap")
    return whole


def _fall(s: _Schedule, shape: str) -> str:
    """A decay from the end of the warm-up to its own end."""
    left = _left(s.end - s.warmup, "its decay")
    if is_known(left) and not left:
        raise Refused("nothing is left for its decay")
    part = f"{shape}({left}{_end(_alpha(s))})"
    # Without a warm-up the first update is step 1 of the decay.
    return chain(_up(s), part if s.warmup else f"skip(1, {part})")


def _stable(s: _Schedule) -> str:
    const = _left(s.total - s.warmup - s.decay, "what it holds")
    low = f"{s.floor}" if s.floor else ""
    const = const if s.warmup else const - 1
    return chain(_up(s), held(const), f"linear({s.decay}{_end(low)})")


def _inverse(s: _Schedule) -> str:
    if not s.warmup:
        return f"const(value = base * {s.alpha})"
    if not s.alpha:
        return chain(_up(s), f"inverse_sqrt({s.warmup})")
    mixed = f"base * {s.alpha} + {1 - s.alpha} * inverse_sqrt({s.warmup}, start = base)"
    return chain(_up(s), mixed)


def _power(s: _Schedule) -> str:
    if is_known(s.warmup) and not s.warmup:
        raise Refused("without a warm-up its power of time divides by 0")
    left = _left(s.total - s.warmup - s.decay, "its power of time")
    part = f"power_law({s.warmup}, {s.b}, length = {left})"
    low = f"{s.floor}" if s.floor else ""
    has_middle = not is_known(left) or left
    return chain(_up(s), part if has_middle else "", f"linear({s.decay}{_end(low)})")


def _half(s: _Schedule) -> str:
    left = _left(s.end - s.warmup, "its decay")
    # Half-way down its cosine.
    peak = f"(base + base * {s.alpha}) / 2" if s.alpha else "base / 2"
    entered = left if s.warmup else left + 1
    cosine = f"cosine({2 * left}, base{_end(_alpha(s))})"
    return chain(_up(s, peak), f"skip({entered}, {cosine})")


def _tail(s: _Schedule) -> str:
    length = _left(s.total - s.warmup - s.decay, "its cosine")
    cosine = f"cosine({_left(s.end - s.warmup, 'its cosine')}{_end(_alpha(s))})"
    low = f"{s.floor}" if s.floor else ""
    if is_known(length) and length > s.end - s.warmup:
        raise Refused("its cosine ends before its decay begins")
    if not s.warmup:
        cut = f"until({length - 1}, skip(1, {cosine}))"
    else:
        cut = f"until({length}, {cosine})" if not is_known(length) or length else ""
    return chain(_up(s), cut, f"linear({s.decay}{_end(low)})")


_TEXTS: dict[str, Callable[[_Schedule], str]] = {
    "ConstantScheduler": lambda s: "const",
    _CONSTANT: lambda s: chain(_up(s), "const"),
    "WSD": _stable,
    "PowerLR": _power,
    _LINEAR: lambda s: _fall(s, "linear"),
    _INVERSE: _inverse,
    _COSINE: lambda s: _fall(s, "cosine"),
    _HALF: _half,
    _TAIL: _tail,
}


def _formula(setting: Setting, translation: Translation, column: Column) -> Rate:
    """``get_lr`` of the schedulers of OLMo-core 3.0.0, written out; the first update is step 1."""
    s = _Schedule(setting)
    top, up, down = column.base, int(s.warmup), int(s.decay)
    total, end = int(s.steps), int(s.end)
    low, floor, eta = float(s.low), float(s.floor), top * float(s.alpha)
    b = float(s.b)

    def rising(peak: float, k: int) -> float:
        return low + (peak - low) * min(k, up) / up

    def falling(peak: float, k: int) -> float:
        return floor + (peak - floor) * min(total - k, down) / down

    def cosine(k: int) -> float:
        if k < up:
            return rising(top, k)
        if k >= end:
            return eta
        return eta + (top - eta) * (1 + math.cos(math.pi * (k - up) / (end - up))) / 2

    def linear(k: int) -> float:
        if k < up:
            return rising(top, k)
        return eta if k >= end else top - (top - eta) * ((k - up) / (end - up))

    def half(k: int) -> float:
        if k < up:
            return rising(eta + (top - eta) / 2, k)
        if k >= end:
            return eta
        passed = (k - up + end - up) / (2 * (end - up))
        return eta + (top - eta) * (1 + math.cos(math.pi * passed)) / 2

    def inverse(k: int) -> float:
        return rising(top, k) if k < up else eta + (top - eta) * math.sqrt(up / k)

    def stable(k: int) -> float:
        if k <= up:
            return rising(top, k)
        return falling(top, k) if k >= total - down else top

    def power(k: int) -> float:
        if k <= up:
            return rising(top, k)
        if k >= total - down:
            return falling(top * math.pow((total - down) / up, b), k)
        return top * math.pow(k / up, b)

    def tail(k: int) -> float:
        return falling(cosine(total - down), k) if k >= total - down else cosine(k)

    at: Callable[[int], float] = {
        "ConstantScheduler": lambda k: top,
        _CONSTANT: lambda k: rising(top, k) if k <= up else top,
        "WSD": stable,
        "PowerLR": power,
        _LINEAR: linear,
        _INVERSE: inverse,
        _COSINE: cosine,
        _HALF: half,
        _TAIL: tail,
    }[s.kind]
    return lambda t: at(t + 1)


def _run(setting: Setting, translation: Translation, steps: int) -> list[Row]:  # pragma: no cover
    """Sets the rate by ``set_lr``, as ``TransformerTrainModule.optim_step`` does.

    The trainer has counted the update by then.
    """
    s = _Schedule(setting)
    given = {"Config": _Config, "Registrable": _Registrable, "StrEnum": str, "LR_FIELD": "lr",
             "INITIAL_LR_FIELD": "initial_lr", "OLMoConfigurationError": ValueError,
             "SchedulerUnits": SimpleNamespace(steps="steps", tokens="tokens")}  # fmt: skip
    names = [setting.kind]
    scheduler_of = definitions("ai2-olmo-core", "olmo_core/optim/scheduler.py", names, given)
    options = settings(s.fields, (_CLASS, "type"))
    options["units"] = _word(options.get("units", "steps"))
    if s.run.given("is_call"):
        options |= {key: None for key, value in s.fields.plain().items() if value is None}
    else:  # a config has no None
        options |= {f"{key}_fraction": None for key in ("warmup", "decay") if key in options}
    scheduler = scheduler_of[setting.kind](**options)
    group: dict[str, float] = {"lr": translation.columns[0].base}
    total, scale = int(s.steps), int(s.scale)
    rows: list[Row] = []
    for step in range(1, steps + 1):
        trainer = SimpleNamespace(
            global_step=step, max_steps=total, max_tokens=total * scale,
            global_train_tokens_seen=step * scale,
        )  # fmt: skip
        rows.append([float(scheduler.set_lr(group, trainer))])
    return rows


class _Config:
    """What its schedulers inherit from."""


class _Registrable:
    """Likewise: it registers them by name."""

    @classmethod
    def register(cls, name: str) -> Callable[[type], type]:
        return lambda registered: registered


IMPORTER = Importer(
    system="ai2-olmo-core",
    versions=("3.0.0",),
    keys=("scheduler of a config.json", *(f"{name}(…)" for name in _PARAMETERS)),
    find=_find,
    translate=_translate,
    formula=_formula,
    compared=("3.0.0",),
    run=_run,
)
