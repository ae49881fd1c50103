"""timm's settings as arguments of its classes: those of ``train.py``, then of its factory.

Read in timm 1.0.31: ``scheduler/scheduler_factory.py``, and ``train.py`` of the repository.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lrdsl.importers.fields import Fields
from lrdsl.importers.refusal import Refused
from lrdsl.importers.symbols import EPOCH, Whole, is_known, written
from lrdsl.record import entity

if TYPE_CHECKING:
    from lrdsl.importers.importer import Setting
    from lrdsl.importers.symbols import Number

REQUIRED = None
_CYCLES = {"lr_min": 0.0, "cycle_mul": 1.0, "cycle_decay": 1.0, "cycle_limit": 1}
_WARMUP = {"warmup_t": 0, "warmup_lr_init": 0.0}
_NOISE = {
    "t_in_epochs": True, "noise_range_t": (), "noise_pct": 0.67, "noise_std": 1.0,
    "noise_seed": 42,
}  # fmt: skip
# The parameters of each class after the optimizer, in their order, with their defaults.
CLASSES: dict[str, dict[str, Any]] = {
    "CosineLRScheduler": {
        "t_initial": REQUIRED, **_CYCLES, **_WARMUP, "warmup_prefix": False, **_NOISE,
        "k_decay": 1.0, "initialize": True},
    "TanhLRScheduler": {
        "t_initial": REQUIRED, "lb": -7.0, "ub": 3.0, **_CYCLES, **_WARMUP,
        "warmup_prefix": False, **_NOISE, "initialize": True},
    "PolyLRScheduler": {
        "t_initial": REQUIRED, "power": 0.5, **_CYCLES, **_WARMUP, "warmup_prefix": False,
        **_NOISE, "k_decay": 1.0, "initialize": True},
    "StepLRScheduler": {
        "decay_t": REQUIRED, "decay_rate": 1.0, **_WARMUP, "warmup_prefix": True, **_NOISE,
        "initialize": True},
    "MultiStepLRScheduler": {
        "decay_t": [], "decay_rate": 1.0, **_WARMUP, "warmup_prefix": True, **_NOISE,
        "initialize": True},
    "WSDLRScheduler": {
        "t_initial": REQUIRED, "decay_t": REQUIRED, "lr_min": 0.0, "stable_fn": "constant",
        "stable_timescale": 0.0, "stable_power": 0.5, "decay_fn": "1-sqrt", "decay_power": 0.5,
        "decay_ratio": 0.1, **_WARMUP, **_NOISE, "initialize": True},
}  # fmt: skip
# Those of `create_scheduler_v2`.
FACTORY: dict[str, Any] = {
    "sched": "cosine", "num_epochs": 300, "decay_epochs": REQUIRED,
    "decay_milestones": [90, 180, 270], "cooldown_epochs": 0, "patience_epochs": 10,
    "decay_rate": 0.1, "min_lr": 0.0, "warmup_lr": 1e-5, "warmup_epochs": 0,
    "warmup_prefix": False, "noise": REQUIRED, "noise_pct": 0.67, "noise_std": 1.0,
    "noise_seed": 42, "cycle_mul": 1.0, "cycle_decay": 0.1, "cycle_limit": 1, "k_decay": 1.0,
    "decay_fn": REQUIRED, "stable_timescale": REQUIRED, "plateau_mode": "max",
    "step_on_epochs": True, "updates_per_epoch": 0,
}  # fmt: skip
_BY_NAME = {
    "cosine": "CosineLRScheduler", "tanh": "TanhLRScheduler", "poly": "PolyLRScheduler",
    "step": "StepLRScheduler", "constant": "StepLRScheduler", "multistep": "MultiStepLRScheduler",
    "wsd": "WSDLRScheduler", "rsqrt": "WSDLRScheduler",
}  # fmt: skip
_OWN_DECAYS = {"step": 90, "wsd": 0.2, "rsqrt": 0.2}
# An argument of train.py: that of the factory, and the defaults before and since 0.8.
ARGUMENTS: dict[str, tuple[str, Any, Any]] = {
    "sched": ("sched", "cosine", "cosine"),
    "epochs": ("num_epochs", 300, 300),
    "decay_epochs": ("decay_epochs", 100, 90),
    "decay_milestones": ("decay_milestones", [30, 60], [90, 180, 270]),
    "cooldown_epochs": ("cooldown_epochs", 10, 0),
    "patience_epochs": ("patience_epochs", 10, 10),
    "decay_rate": ("decay_rate", 0.1, 0.1),
    "min_lr": ("min_lr", 1e-6, 0.0),
    "warmup_lr": ("warmup_lr", 1e-4, 1e-5),
    "warmup_epochs": ("warmup_epochs", 3, 5),
    "warmup_prefix": ("warmup_prefix", False, False),
    "lr_noise": ("noise", None, None),
    "lr_noise_pct": ("noise_pct", 0.67, 0.67),
    "lr_noise_std": ("noise_std", 1.0, 1.0),
    "lr_cycle_mul": ("cycle_mul", 1.0, 1.0),
    "lr_cycle_decay": ("cycle_decay", 0.5, 0.5),
    "lr_cycle_limit": ("cycle_limit", 1, 1),
    "lr_k_decay": ("k_decay", 1.0, 1.0),
    "lr_decay_fn": ("decay_fn", None, None),
    "lr_stable_timescale": ("stable_timescale", None, None),
    "sched_on_updates": ("step_on_epochs", False, False),
}
# What a schedule of each kind depends on.
_MATTER = {
    "cosine": ("epochs", "cooldown_epochs", "min_lr"),
    "tanh": ("epochs", "cooldown_epochs", "min_lr"),
    "poly": ("epochs", "cooldown_epochs", "min_lr"),
    "step": ("decay_epochs",),
    "multistep": ("decay_milestones",),
}
OLD, NEW = "0.6.13", "1.0.31"


@entity
class Curve:
    """A schedule as a class of timm has it, in the unit that it counts.

    Attributes:
        kind: the class.
        options: its arguments, those at their defaults too; lengths in epochs or updates.
        unit: the updates of an epoch, if lengths are in epochs; None if they are in updates.
        is_held: True if it is stepped at the end of each epoch, and not after each update.
        steps_per_epoch: the updates of an epoch, if they are known; 0 otherwise.
        epochs: the length of the run; 0 if that is not said.
        cooldown: how much of that comes after the schedule.
    """

    kind: str
    options: Mapping[str, Any]
    unit: Whole | None
    is_held: bool
    steps_per_epoch: int = 0
    epochs: Number = Whole(0)
    cooldown: Number = Whole(0)

    def span(self, length: Number) -> Number:
        """A length in updates, as lrdsl writes it."""
        return length if self.unit is None else length * self.unit


def curve_of(setting: Setting) -> Curve:
    """A setting as its class has it.

    Args:
        setting: arguments of ``train.py``, a call of the factory or of a class.

    Raises:
        Refused: that cannot be said for sure, or is no schedule.
    """
    if setting.kind in CLASSES:
        return _of_class(setting.kind, setting.fields)
    return _of_factory(factory_of(setting))


def factory_of(setting: Setting) -> Fields:
    """The arguments of the factory that a setting comes to.

    Args:
        setting: arguments of ``train.py``, or a call of the factory.
    """
    fields = setting.fields
    if not fields.given("arguments"):
        return fields
    given, kind = fields.plain(), fields.text("sched", "cosine")
    is_old = _is_old(setting, given, kind)
    values: dict[str, Any] = {}
    for name, (own, old, new) in ARGUMENTS.items():
        value = given.get(name)
        default = old if is_old else new
        if name == "decay_epochs":
            default = _OWN_DECAYS.get(kind, default) if not is_old else old
        # What is null was not said, and argparse keeps it so.
        values[own] = default if value is None else value
    values["step_on_epochs"] = not fields.truth("sched_on_updates", default=False)
    if fields.given("layer_decay") is not None and fields.number("layer_decay") != 1:
        raise Refused(
            "`layer_decay` gives each group an `lr_scale` of its own: import it without, and"
            ' write `* own("lr_scale")` after the schedule'
        )
    return Fields({n: v for n, v in values.items() if v is not None}, fields.trial)


def _is_old(setting: Setting, given: Mapping[str, Any], kind: str) -> bool:
    """True for the defaults of before 0.8. Which ones, a table with all of these need not say."""
    if setting.version:
        major, minor = (*setting.version.split("."), "0")[:2]
        return (int(major), int(minor)) < (0, 8)
    needed = ["warmup_epochs", *_MATTER.get(kind, ())]
    if _as_number(given.get("warmup_epochs")) != 0:
        needed.append("warmup_lr")
    missing = [n for n in needed if given.get(n) is None and ARGUMENTS[n][1] != ARGUMENTS[n][2]]
    if missing:
        raise Refused(
            f"the default of `{missing[0]}` changed in train.py with timm 0.8, and the source does"
            " not say which it was",
            (f"timm=={OLD}", f"timm=={NEW}"),
        )
    return False


def _as_number(value: object) -> float | None:
    try:
        return float(value) if isinstance(value, int | float | str) else None
    except ValueError:
        return None


def _read(fields: Fields, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a class by its own names, what is left out by its default."""
    values: dict[str, Any] = {}
    for name, default in parameters.items():
        if isinstance(default, bool):
            values[name] = fields.truth(name, default=default)
        elif isinstance(default, str):
            values[name] = fields.text(name, default)
        elif isinstance(default, list):
            values[name] = fields.numbers(name)
        elif isinstance(default, tuple):
            values[name] = fields.given(name)
        elif default is REQUIRED:
            values[name] = fields.number(name)
        else:
            values[name] = fields.number(name, default)
    if values["noise_range_t"] is not None:
        raise Refused("its noise is random, and lrdsl's schedules are not")
    return values


def _of_class(kind: str, fields: Fields) -> Curve:
    options = _read(fields, CLASSES[kind])
    fields.ignore("optimizer")
    fields.close()
    if not options["t_in_epochs"]:
        return Curve(kind, options, unit=None, is_held=False)
    unit, known = _epoch(fields.trial.steps_per_epoch())
    return Curve(kind, options, unit, is_held=True, steps_per_epoch=known)


def _epoch(updates: Number) -> tuple[Whole, int]:
    """The updates of an epoch as a text has them, and how many they are if that is known."""
    if not is_known(updates):
        return Whole(int(updates), str(updates)), 0
    return Whole(int(updates), EPOCH), int(updates)


def _of_factory(fields: Fields) -> Curve:
    """What ``create_scheduler_v2`` makes of its arguments."""
    sched = fields.text("sched", "cosine")
    if sched == "plateau":
        raise Refused("`plateau` follows a metric, so it has no curve to compare")
    if sched != "none" and sched not in _BY_NAME:
        raise Refused(f"timm has no `{sched}`")
    on_epochs = fields.truth("step_on_epochs", default=True)
    updates = fields.given("updates_per_epoch")
    unit, known = _epoch(
        fields.number("updates_per_epoch") if updates else fields.trial.steps_per_epoch()
    )
    if fields.given("noise") is not None:
        raise Refused("its noise is random, and lrdsl's schedules are not")
    values = _values(fields, sched, on_epochs=on_epochs)
    kind = _BY_NAME.get(sched, "StepLRScheduler")
    fields.ignore("optimizer", *FACTORY)
    fields.close()
    options = _read(Fields({n: v for n, v in values.items() if v is not None}, fields.trial),
                    CLASSES[kind])  # fmt: skip
    epochs, cooldown = fields.number("num_epochs", 300), fields.number("cooldown_epochs", 0)
    total: Number
    if kind in {"StepLRScheduler", "MultiStepLRScheduler"}:
        total = epochs + (options["warmup_t"] if options["warmup_prefix"] else 0)
        cooldown = Whole(0)
    else:
        total = cycle_length(options) + cooldown
    return Curve(kind, options, unit, on_epochs, known, written(total), written(cooldown))


def _values(fields: Fields, sched: str, *, on_epochs: bool) -> dict[str, Any]:
    """The arguments of the class that it makes; lengths in epochs, whatever it counts."""
    up = fields.whole("warmup_epochs", 0) if sched != "none" else Whole(0)
    values: dict[str, Any] = {
        "warmup_t": up,
        "warmup_lr_init": fields.number("warmup_lr", 1e-5),
        "warmup_prefix": fields.truth("warmup_prefix", default=False),
        "t_in_epochs": on_epochs,
    }
    rate = fields.number("decay_rate", 0.1)
    if sched in {"none", "constant"}:
        return values | {"decay_t": 1, "decay_rate": 1.0}
    if sched == "step":
        return values | {"decay_t": fields.number("decay_epochs", 90), "decay_rate": rate}
    if sched == "multistep":
        return values | {
            "decay_t": fields.numbers("decay_milestones", [90, 180, 270]),
            "decay_rate": rate,
        }
    values |= {"t_initial": fields.number("num_epochs", 300), "lr_min": fields.number("min_lr", 0)}
    if sched in {"wsd", "rsqrt"}:
        return _stable(values, fields, sched, is_rounded=not on_epochs)
    values |= {
        "cycle_mul": fields.number("cycle_mul", 1.0),
        "cycle_decay": fields.number("cycle_decay", 0.1),
        "cycle_limit": fields.number("cycle_limit", 1),
    }
    if sched != "tanh":
        values["k_decay"] = fields.number("k_decay", 1.0)
    return values | ({"power": rate} if sched == "poly" else {})


def _stable(
    values: dict[str, Any], fields: Fields, sched: str, *, is_rounded: bool
) -> dict[str, Any]:
    """Those of a schedule whose warm-up always comes first, and is a part of its epochs."""
    length = values["t_initial"] - (0 if values.pop("warmup_prefix") else values["warmup_t"])
    decay = fields.number("decay_epochs", 0.2)
    if is_known(decay) and 0 < decay < 1:
        decay = decay * length
    if not is_known(decay):
        raise Refused("how long it decays is a rounded number that the source does not tell")
    # Of updates it rounds to whole ones, of epochs to whole epochs.
    down = round(float(decay))
    if is_rounded and abs(down - decay) > 1e-9 * down:
        raise Refused(f"it decays for {decay} epochs, rounded to whole updates")
    scale = fields.given("stable_timescale")
    return values | {
        "t_initial": length,
        "decay_t": Whole(down),
        "stable_fn": "rsqrt" if sched == "rsqrt" else "constant",
        "stable_timescale": None if scale is None else fields.number("stable_timescale"),
        "decay_fn": fields.text("decay_fn", "linear" if sched == "rsqrt" else "1-sqrt"),
    }


def cycle_length(options: Mapping[str, Any]) -> Number:
    """The length of all cycles, the warm-up with them where it comes before them.

    Args:
        options: the arguments of a class that has cycles, or of the one with a cooldown.
    """
    length = options["t_initial"]
    if "cycle_mul" in options:
        times, mul = options["cycle_limit"], options["cycle_mul"]
        if mul == 1:
            length = length * times if times != 1 else length
        else:
            length = Whole(int(-float(length) * (float(mul) ** int(times) - 1) / (1 - float(mul))))
    is_before = options.get("warmup_prefix", True) and options["warmup_t"]
    return written(length + options["warmup_t"] if is_before else length)
