"""NeMo: the ``sched`` of an optimizer's config.

The formulas are those of ``nemo/core/optim/lr_scheduler.py``. A warm-up of W updates has
(t + 1) / (W + 1) of the rate, and its update W the whole of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from lrdsl.importers.fields import Fields
from lrdsl.importers.importer import Column, Importer, Setting, Translation
from lrdsl.importers.installed import QUIET, definitions, optimizer, settings, stepped
from lrdsl.importers.phrases import rate_note
from lrdsl.importers.refusal import Refused
from lrdsl.importers.symbols import Whole, is_known
from lrdsl.importers.trial import TOTAL

if TYPE_CHECKING:
    from lrdsl.comparison import Row
    from lrdsl.importers.documents import Document
    from lrdsl.importers.importer import Rate

# What `prepare_lr_scheduler` takes out of the settings.
_OUTSIDE = (
    "name", "monitor", "reduce_on_plateau", "t_max_epochs", "t_accumulate_grad_batches",
    "t_limit_train_batches", "t_num_workers", "args",
)  # fmt: skip
_TORCH = ("StepLR", "ExponentialLR", "ReduceLROnPlateau", "CyclicLR")
_LENGTHS = ("max_steps", "max_epochs")
_TRAINERS = tuple(f"trainer.{key}" for key in _LENGTHS)
# Kinds that read the rate of the first group only.
_OF_THE_FIRST = ("WarmupAnnealing",)
_HOLDS = (
    "WarmupHoldPolicy", "PolynomialHoldDecayAnnealing", "NoamHoldAnnealing",
    "WarmupHoldAnnealLinear", "WarmupHoldAnnealOneMinusSquareRoot",
)  # fmt: skip


def _find(document: Document) -> Iterator[Setting]:
    trainer = document.fields.plain().get("trainer")
    for table in document.tables():
        sched = table.plain().get("sched")
        if isinstance(sched, Fields) and "name" in sched:
            kind = str(sched.given("name"))
            fields = _settings(document.fields, table, sched, trainer)
            version = document.version_of("nemo_toolkit")
            yield Setting(kind, fields, sched.line_of("name"), version)


def _referred(value: object, root: Fields) -> object:
    """The value of another place that stands for this one: ``${model.encoder.d_model}``."""
    if not (isinstance(value, str) and value.startswith("${") and value.endswith("}")):
        return value
    found: object = root
    for key in value[2:-1].split("."):
        found = found.plain().get(key) if isinstance(found, Fields) else None
    return value if found is None or isinstance(found, Fields) else found


def _settings(root: Fields, optimizer: Fields, sched: Fields, trainer: object) -> Fields:
    """The parameters of a schedule, with the optimizer's rate and the trainer's lengths."""
    plain = sched.plain()
    args = plain.get("args")
    own = plain
    if isinstance(args, Fields):
        params = args.plain().get("params")
        own = params.plain() if isinstance(params, Fields) else {}
        own = {"max_steps": plain.get("max_steps")} | own
    values = {key: _referred(v, root) for key, v in own.items() if key not in _OUTSIDE}
    run = trainer.plain() if isinstance(trainer, Fields) else {}
    extra = {f"trainer.{key}": run.get(key) for key in _LENGTHS}
    extra["optimizer.lr"] = optimizer.plain().get("lr")
    return Fields(values | extra, sched.trial, sched.lines, sched.name)


class _Schedule:
    """A setting with its numbers made out.

    Attributes:
        kind: its class.
        fields: its parameters.
        total: the updates of the run, ``max_steps``.
        epochs: the epochs of the run, where those say how long it is.
        warmup: the updates of the warm-up.
        held: the updates at the peak, and ``None`` where nothing says how many; those at the lowest
            rate in a ``CosineAnnealing``.
        low: the lowest rate.
    """

    def __init__(self, setting: Setting) -> None:
        self.kind = setting.kind
        self.fields = fields = setting.fields
        self.epochs = 0.0
        self.total = self._length()
        self.warmup = self._part("warmup") or Whole(0)
        self.held = None
        if self.kind in _HOLDS:
            self.held = self._part("hold")
        elif self.kind in {"CosineAnnealing", "T5InverseSquareRootAnnealing"}:
            self.held = self._part("constant")
        default = 1e-5 if self.kind == "SquareAnnealing" else 0.0
        self.low = fields.number("min_lr", default)
        if fields.number("last_epoch", -1) != -1:
            raise Refused("`last_epoch` starts it in its middle")

    def _length(self) -> Whole:
        """The trainer's updates win over those of the schedule, and those over epochs."""
        fields = self.fields
        steps = fields.whole("trainer.max_steps", -1)
        own = fields.whole("max_steps", -1)
        fields.ignore(*_TRAINERS)
        if steps >= 0:
            return steps
        if own >= 0:
            return own
        epochs = fields.number("trainer.max_epochs", -1)
        if epochs <= 0 or TOTAL in fields.trial.given:
            return fields.trial.total()
        self.epochs = float(epochs)
        return Whole(math.ceil(epochs * int(fields.trial.steps_per_epoch())), TOTAL)

    def _part(self, name: str) -> Whole | None:
        """A part of the run: a number of updates, or a share, rounded down."""
        share = self.fields.given(f"{name}_ratio")
        if self.fields.given(f"{name}_steps") is not None:
            if share is not None:
                raise Refused(f"NeMo raises for both `{name}_steps` and `{name}_ratio`")
            return self.fields.whole(f"{name}_steps")
        if share is None:
            return None
        if not is_known(self.total):
            raise Refused(
                f"`{name}_ratio` is of the run, rounded down to whole updates, and the source does"
                " not tell how many the run has: pass --total"
            )
        return Whole(int(float(self.fields.number(f"{name}_ratio")) * int(self.total)))


def _translate(setting: Setting) -> Translation:
    if setting.kind in _TORCH:
        raise Refused(f"`{setting.kind}` is a scheduler of torch: it is not translated")
    if setting.kind not in _KINDS:
        raise Refused(f"`{setting.kind}` is no schedule of NeMo")
    s = _Schedule(setting)
    text = _KINDS[setting.kind](s)
    notes, base = [], 1.0
    if s.fields.given("optimizer.lr") is not None:
        lr = s.fields.number("optimizer.lr")
        base = float(lr) if is_known(lr) else 1.0
        notes = [rate_note(lr)] if is_known(lr) else []
    if s.kind in _OF_THE_FIRST or (s.kind == "CosineAnnealing" and s.held):
        notes.append("NeMo gives every group the rate of the first")
    s.fields.close()
    return Translation(
        text, total=s.total, epochs=s.epochs, columns=(Column("lr", base),), notes=notes
    )


def _up(s: _Schedule, then: str, *, to: str = "") -> str:
    if not s.warmup:
        return then
    return f"warmup({s.warmup}, base / {_after(s)}{to}) >> {then}"


def _after(s: _Schedule) -> str:
    """The updates of the warm-up and one more, as a factor."""
    more = s.warmup + 1
    return str(more) if is_known(more) else f"({more})"


def _end(s: _Schedule) -> str:
    return f"end = {s.low}" if s.low else ""


def _call(name: str, *arguments: str) -> str:
    given = ", ".join(filter(None, arguments))
    return f"{name}({given})" if given else name


def _floored(s: _Schedule, down: str) -> str:
    return f"max({down}, {s.low})" if s.low else down


def _from_the_start(s: _Schedule, down: Callable[[str], str]) -> str:
    """A decay that began with the run, and is seen after the warm-up: the rate drops there."""
    if not s.warmup:
        return down("")
    inside = down("start = base")
    return _up(s, f"const(1) >> skip({s.warmup + 1}, {inside})", to=", base")


def _hold(s: _Schedule, down: Callable[[str], str]) -> str:
    """A decay after a peak that is held; one without it began with the run."""
    if s.held is None:
        return _from_the_start(s, down)
    return _up(s, f"const({s.held}) >> {down('')}" if s.held else down(""))


def _cosine(s: _Schedule) -> str:
    if not s.held:
        return _up(s, _call("cosine", _end(s)))
    down = _call("cosine", str(s.total - s.held - s.warmup), _end(s))
    up = f"warmup({s.warmup}) >> " if s.warmup else ""
    return f"{up}{down} >> const"


def _poly(s: _Schedule) -> Callable[[str], str]:
    power = s.fields.number("power", 1.0)
    s.fields.truth("cycle", default=False)
    if power == 1:
        return lambda start: _call("linear", start, _end(s))
    return lambda start: _call("poly", start, _end(s), f"power = {power}")


def _poly_hold(s: _Schedule) -> str:
    down = _poly(s)
    if s.held is not None or not s.warmup:
        return _hold(s, down)
    # It ends as much before the run as the warm-up is long.
    if s.fields.truth("cycle", default=False):
        raise Refused("a `cycle` without a hold begins anew before the run ends")
    length = s.total - s.warmup
    name, _, rest = down("start = base").partition("(")
    return _up(
        s, f"const(1) >> skip({s.warmup + 1}, {name}({length}, {rest}) >> const", to=", base"
    )


def _noam(s: _Schedule) -> str:
    """Its updates 0 and 1 are the same; below its peak it has no lowest rate."""
    model = s.fields.number("d_model")
    if not s.warmup:
        down = f"inverse_sqrt(1, start = base / sqrt({model}))"
        return f"const(1, next) >> {_floored(s, down)}"
    noam = f"noam({s.warmup}, d_model = {model}, factor = base)"
    if not s.low:
        return f"const(1, next) >> {noam}"
    return f"const(1, next) >> until({s.warmup}, {noam}) >> max(skip({s.warmup}, {noam}), {s.low})"


def _noam_hold(s: _Schedule) -> str:
    if not s.warmup:
        raise Refused("NeMo raises for a `NoamHoldAnnealing` without a warm-up")
    power = s.fields.number("decay_rate", 0.5)
    down = f"inverse_sqrt({s.warmup})" if power == 0.5 else f"power_law({s.warmup}, -{power})"
    then = _floored(s, down)
    return _up(s, f"const({s.held}) >> {then}" if s.held else then)


def _t5(s: _Schedule) -> str:
    if not s.held:
        raise Refused("NeMo divides by the `constant_steps` of a `T5InverseSquareRootAnnealing`")
    if s.fields.given("constant_ratio") is not None:
        raise Refused("NeMo raises for a `constant_ratio` here: it needs `constant_steps`")
    return f"const({s.held}, 1 / sqrt({s.held})) >> inverse_sqrt({s.held})"


_KINDS: dict[str, Callable[[_Schedule], str]] = {
    "WarmupPolicy": lambda s: _up(s, "const"),
    "WarmupHoldPolicy": lambda s: _up(s, "const"),
    "CosineAnnealing": _cosine,
    "WarmupAnnealing": lambda s: _up(s, _call("linear", _end(s))),
    "SquareAnnealing": lambda s: _up(s, _floored(s, "poly(power = 2)")),
    "SquareRootAnnealing": lambda s: _from_the_start(
        s, lambda start: _floored(s, _call("poly", start, "power = 0.5"))
    ),
    "PolynomialDecayAnnealing": lambda s: _up(s, _poly(s)("")),
    "PolynomialHoldDecayAnnealing": _poly_hold,
    "WarmupHoldAnnealLinear": lambda s: _hold(s, lambda start: _call("linear", start, _end(s))),
    "WarmupHoldAnnealOneMinusSquareRoot": lambda s: _hold(
        s, lambda start: _floored(s, _call("cooldown", start, "ease = one_minus_sqrt"))
    ),
    "InverseSquareRootAnnealing": lambda s: _up(s, f"inverse_sqrt({s.warmup + 1})"),
    "NoamAnnealing": _noam,
    "NoamHoldAnnealing": _noam_hold,
    "T5InverseSquareRootAnnealing": _t5,
}


def _formula(setting: Setting, translation: Translation, column: Column) -> Rate:
    """The methods ``get_lr`` and ``_get_lr`` of nemo_toolkit 3.0.0, written out."""
    s = _Schedule(setting)
    lr, low, up, total = column.base, float(s.low), int(s.warmup), int(s.total)
    if s.kind == "NoamAnnealing":
        scale = lr / math.sqrt(float(s.fields.number("d_model")))

        def noam(t: int) -> float:
            step = max(1, t)
            down = 1 / math.sqrt(step)
            rate = scale * (min(down, step * math.pow(up, -1.5)) if up else down)
            return max(rate, low) if step > up else rate

        return noam
    if s.kind == "T5InverseSquareRootAnnealing":
        held = int(s.held or 0)
        return lambda t: low if t > total else 1 / math.sqrt(max(t, held))
    late = int(s.held or 0) if s.kind == "CosineAnnealing" else 0
    hold = up + int(s.held) if s.kind in _HOLDS and s.held is not None else 0

    def rate(t: int) -> float:
        if up > 0 and t <= up:
            return lr * (t / up if late else (t + 1) / (up + 1))
        if up <= t < hold:
            return lr
        if t > total:
            return low
        return _decayed(s, lr, t, hold, late)

    return rate


def _decayed(s: _Schedule, lr: float, t: int, hold: int, late: int) -> float:
    """The rate after the warm-up and the hold."""
    low, up, total = float(s.low), int(s.warmup), int(s.total)
    if s.kind == "CosineAnnealing":
        if t > total - late:
            return low
        return low + (lr - low) * 0.5 * (1 + math.cos(math.pi * (t - up) / (total - late - up)))
    if s.kind == "WarmupAnnealing":
        return low + (1 - (t - up) / (total - up)) * (lr - low)
    if s.kind == "SquareAnnealing":
        return max(low, lr * math.pow((total - t) / (total - up), 2))
    if s.kind == "SquareRootAnnealing":
        return max(low, lr * math.sqrt((total - t) / total))
    if s.kind in {"PolynomialDecayAnnealing", "PolynomialHoldDecayAnnealing"}:
        begun = up if s.kind == "PolynomialDecayAnnealing" else hold
        over = total - max(up, begun)
        passed = min(t - begun, over) / over
        return low + (lr - low) * math.pow(1.0 - passed, float(s.fields.number("power", 1.0)))
    if s.kind == "WarmupHoldAnnealLinear":
        return lr - (lr - low) * (t - hold) / (total - hold)
    if s.kind == "WarmupHoldAnnealOneMinusSquareRoot":
        return max(low, lr * (1 - math.sqrt((t - hold) / (total - hold))))
    if s.kind == "InverseSquareRootAnnealing":
        return lr / math.sqrt((t + 1) / (up + 1))
    if s.kind == "NoamHoldAnnealing":
        power = float(s.fields.number("decay_rate", 0.5))
        passed = t - max(0, hold - up)
        return max(low, lr * max(1.0, math.pow(up, power)) / max(1.0, math.pow(passed, power)))
    return lr


def _run(setting: Setting, translation: Translation, steps: int) -> list[Row]:  # pragma: no cover
    """Makes the schedule as ``prepare_lr_scheduler`` does, and steps it after each update."""
    file = "nemo/core/optim/lr_scheduler.py"
    made = definitions("nemo_toolkit", file, [setting.kind], {"logging": QUIET})[setting.kind]
    params = settings(setting.fields, ("optimizer.lr", *_LENGTHS, *_TRAINERS))
    owner = optimizer(translation.columns[0].base)
    scheduler = made(owner, max_steps=int(_Schedule(setting).total), **params)
    return stepped(owner, scheduler.step, steps)


IMPORTER = Importer(
    system="nemo_toolkit",
    versions=("3.0.0",),
    keys=("optim: {lr: …, sched: {name: CosineAnnealing, …}}",),
    find=_find,
    translate=_translate,
    formula=_formula,
    compared=("3.0.0",),
    run=_run,
)
