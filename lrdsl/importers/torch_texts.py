"""The schedulers of torch, each said in lrdsl. Read in ``torch/optim/lr_scheduler.py`` 2.13."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lrdsl.importers.refusal import Refused
from lrdsl.importers.symbols import Number, Whole, is_known
from lrdsl.importers.torch_place import Place, Said, call, ending
from lrdsl.wording import plural

if TYPE_CHECKING:
    from lrdsl.importers.fields import Fields

# The schedulers, and what their parameters are called after the optimizer, in their order.
PARAMETERS = {
    "LambdaLR": ("lr_lambda", "last_epoch"),
    "MultiplicativeLR": ("lr_lambda", "last_epoch"),
    "StepLR": ("step_size", "gamma", "last_epoch"),
    "MultiStepLR": ("milestones", "gamma", "last_epoch"),
    "ConstantLR": ("factor", "total_iters", "last_epoch"),
    "LinearLR": ("start_factor", "end_factor", "total_iters", "last_epoch"),
    "ExponentialLR": ("gamma", "last_epoch"),
    "PolynomialLR": ("total_iters", "power", "last_epoch"),
    "CosineAnnealingLR": ("T_max", "eta_min", "last_epoch"),
    "CosineAnnealingWarmRestarts": ("T_0", "T_mult", "eta_min", "last_epoch"),
    "CyclicLR": (
        "base_lr", "max_lr", "step_size_up", "step_size_down", "mode", "gamma", "scale_fn",
        "scale_mode", "cycle_momentum", "base_momentum", "max_momentum", "last_epoch"),
    "OneCycleLR": (
        "max_lr", "total_steps", "epochs", "steps_per_epoch", "pct_start", "anneal_strategy",
        "cycle_momentum", "base_momentum", "max_momentum", "div_factor", "final_div_factor",
        "three_phase", "last_epoch"),
    "ReduceLROnPlateau": (
        "mode", "factor", "patience", "threshold", "threshold_mode", "cooldown", "min_lr", "eps"),
    "SequentialLR": ("schedulers", "milestones", "last_epoch"),
    "ChainedScheduler": ("schedulers",),
    "SWALR": ("swa_lr", "anneal_epochs", "anneal_strategy", "last_epoch"),
}  # fmt: skip
# Those that are made of others.
NESTS = ("SequentialLR", "ChainedScheduler")
# Those that take the rate of the step before, times a number: a chain of them is a product.
FACTORS = (
    "StepLR", "MultiStepLR", "ConstantLR", "LinearLR", "ExponentialLR", "PolynomialLR",
    "CosineAnnealingLR",
)  # fmt: skip
_MODES = ("triangular", "triangular2", "exp_range")
_MOMENTA = ("cycle_momentum", "base_momentum", "max_momentum")


def own(fields: Fields, key: str, group: int, default: float | None = None) -> Number:
    """A number that may be a list of one for each group.

    Args:
        fields: the fields of a scheduler.
        key: the field.
        group: the group, counted from 0.
        default: what torch takes without it.

    Raises:
        Refused: its list is shorter than another one.
    """
    if isinstance(fields.given(key), list | tuple):
        numbers = fields.numbers(key)
        if group >= len(numbers):
            raise Refused(f"`{key}` has {plural(len(numbers), 'value')}, and another list has more")
        return numbers[group]
    return fields.number(key, default) if default is not None else fields.number(key)


def _const(place: Place) -> Said:
    return Said(_held(place.start, place), ends=True)


def _held(value: str, place: Place) -> str:
    """A rate that is held."""
    return call("const", value=value) if place.room is None else call("const", place.room, value)


def _length(gamma: Number, place: Place) -> object:
    """The steps of a decay; one that grows has to have an end."""
    if place.room is not None or place.is_chained or gamma <= 1 or not is_known(gamma):
        return place.room or ""
    if not place.run:
        raise Refused("it grows without end, and the source does not say how long the run is")
    return place.run


def _step(fields: Fields, place: Place) -> Said:
    every, gamma = fields.whole("step_size"), fields.number("gamma", 0.1)
    return Said(
        call("step", every, _unless(gamma, 0.1), length=_length(gamma, place), start=place.start)
    )


def _multistep(fields: Fields, place: Place) -> Said:
    milestones = sorted(map(_whole, fields.numbers("milestones")))
    gamma = fields.number("gamma", 0.1)
    if not milestones:
        return _const(place)
    items = f"[{', '.join(map(str, milestones))}]"
    text = call("multistep", items, _unless(gamma, 0.1), length=place.room or "", start=place.start)
    return Said(text)


def _constant(fields: Fields, place: Place) -> Said:
    factor, steps = fields.number("factor", 1 / 3), fields.whole("total_iters", 5)
    if steps == 0 and not place.is_later and factor != 1:
        # At its step 0 it takes the factor, and would give it back at another step 0.
        return Said(_held(place.scaled(factor), place))
    if factor == 1 or steps == 0:
        return _const(place)
    text = call("const", steps, place.scaled(factor))
    return Said(text, steps, f"value = {place.base}", is_told=True, ends=True)


def _linear(fields: Fields, place: Place) -> Said:
    start, end = fields.number("start_factor", 1 / 3), fields.number("end_factor", 1.0)
    steps, room = fields.whole("total_iters", 5), place.room
    if steps == 0 and place.is_later:
        raise Refused("torch divides by zero where a LinearLR of 0 steps follows another")
    first, last = place.scaled(start), place.scaled(end)
    if start == 1 and end == 1:
        return _const(place)
    if steps == 0 or start == end:
        return Said(_held(first, place))
    if end != 1:
        if start == 1:
            return Said(ending("linear", steps, place, last), steps)
        return Said(call("linear", steps, first, "" if last == "0" else last), steps)
    # A warm-up rises to where the next one starts, which has to be the optimizer's own rate.
    leads = room is None or room > steps or (room == steps and place.is_before_base)
    text = call("warmup", steps, first) if leads and place.is_scaled else ""
    return Said(text or call("linear", steps, first, last), steps, is_told=bool(text), ends=True)


def _exponential(fields: Fields, place: Place) -> Said:
    gamma = fields.number("gamma")
    if gamma == 1:
        return _const(place)
    # A SequentialLR around what it is in has stepped it once before the first update.
    start = place.scaled(gamma) if place.depth else place.start
    return Said(call("exponential", gamma, length=_length(gamma, place), start=start))


def _polynomial(fields: Fields, place: Place) -> Said:
    steps, power = fields.whole("total_iters", 5), fields.number("power", 1.0)
    if steps == 0 and place.is_later:
        raise Refused("torch divides by zero where a PolynomialLR of 0 steps follows another")
    if steps == 0 or power == 0:
        return _const(place)
    if power == 1:
        return Said(call("linear", steps, place.start), steps)
    return Said(call("poly", steps, place.start, power=power), steps)


def _cosine(fields: Fields, place: Place) -> Said:
    steps, low = fields.whole("T_max"), fields.number("eta_min", 0.0)
    end = "0" if low == 0 else str(low)
    run = place.room or place.run
    if run > steps and not place.is_chained:
        fall = call("cosine", steps, place.base, end)
        return Said(_cut(f"repeat({fall} >> {call('cosine', steps, end, place.base)})", place))
    if not run:
        place.notes.append(
            f"after its {steps} steps torch's cosine rises again; this one stays where it ends"
        )
    return Said(ending("cosine", steps, place, end), steps)


def _restarts(fields: Fields, place: Place) -> Said:
    steps, mult = fields.whole("T_0"), fields.whole("T_mult", 1)
    low = fields.number("eta_min", 0.0)
    text = call("restarts", steps, _unless(mult, 1), start=place.start, end="" if low == 0 else low)
    return Said(_cut(text, place))


def _cyclic(fields: Fields, place: Place) -> Said:
    fields.ignore(*_MOMENTA)  # `momentum` reads them
    low, high = (own(fields, key, place.group) for key in ("base_lr", "max_lr"))
    return Said(_cut(_cycle(fields, low, high), place))


def _cycle(fields: Fields, low: Number, high: Number) -> str:
    if fields.given("scale_fn") is not None:
        raise Refused("its `scale_fn` is a function, which is not run")
    fields.ignore("scale_mode", "scale_fn")
    up = fields.whole("step_size_up", 2000)
    down = up if fields.given("step_size_down") is None else fields.whole("step_size_down")
    mode = fields.text("mode", "triangular")
    if mode not in _MODES:
        raise Refused(f"torch knows no mode `{mode}` of a CyclicLR")
    gamma = fields.number("gamma", 1.0)
    if mode == "exp_range" and gamma == 1:
        mode = "triangular"
    decay = gamma if mode == "exp_range" else ""
    return call(mode, up, low, high, decay, down="" if down == up else down)


def _onecycle(fields: Fields, place: Place) -> Said:
    div, final = fields.number("div_factor", 25.0), fields.number("final_div_factor", 1e4)
    fields.ignore(*_MOMENTA)  # likewise
    steps, options = _cycle_options(fields)
    peak = own(fields, "max_lr", place.group)
    named = {"div": _unless(div, 25), "final_div": _unless(final, 1e4)}
    text = call("onecycle", steps, peak, **_ordered(options | named))
    return Said(text, steps)


def _cycle_options(fields: Fields) -> tuple[Number, dict[str, object]]:
    """The steps of a ``OneCycleLR``, and what its rate and its momentum share."""
    if fields.given("total_steps") is not None:
        fields.ignore("epochs", "steps_per_epoch")
        steps = fields.whole("total_steps")
    else:
        steps = fields.whole("epochs") * fields.whole("steps_per_epoch")
    names = {"cos": "", "linear": "straight"}
    anneal = fields.text("anneal_strategy", "cos")
    if anneal not in names:
        raise Refused(f"torch knows no anneal_strategy `{anneal}`")
    three = fields.truth("three_phase", default=False)
    share = fields.number("pct_start", 0.3)
    return steps, {
        "pct_start": _unless(share, 0.3),
        "anneal": names[anneal],
        "three_phase": "true" if three else "",
    }


def _ordered(named: dict[str, Any]) -> dict[str, Any]:
    order = ("pct_start", "div", "final_div", "anneal", "three_phase")
    return {key: named[key] for key in order}


def _plateau(fields: Fields, place: Place) -> Said:
    if place.room is not None or not place.is_scaled:
        raise Refused("torch takes no ReduceLROnPlateau among other schedulers")
    mode, threshold_mode = fields.text("mode", "min"), fields.text("threshold_mode", "rel")
    text = call(
        "reduce_on_plateau",
        factor=_unless(fields.number("factor", 0.1), 0.1),
        patience=_unless(fields.whole("patience", 10), 10),
        threshold=_unless(fields.number("threshold", 1e-4), 1e-4),
        mode="" if mode == "min" else mode,
        threshold_mode="" if threshold_mode == "rel" else threshold_mode,
        cooldown=_unless(fields.whole("cooldown", 0), 0),
        eps=_unless(fields.number("eps", 1e-8), 1e-8),
    )
    low = own(fields, "min_lr", place.group, 0.0)
    text = text if "(" in text else f"{text}()"
    return Said(text if low == 0 else f"max({text}, {low})")


def _swa(fields: Fields, place: Place) -> Said:
    if place.room is not None or place.is_later or not place.is_scaled:
        raise Refused("a SWALR starts from whatever rate there is when it is stepped")
    end, steps = own(fields, "swa_lr", place.group), fields.whole("anneal_epochs", 10)
    names = {"cos": "cosine", "linear": "linear"}
    shape = names.get(strategy := fields.text("anneal_strategy", "cos"))
    if shape is None:
        raise Refused(f"torch knows no anneal_strategy `{strategy}`")
    if steps == 0:
        # It steps once before it is there.
        return Said(call("const", value=end))
    return Said(ending(shape, steps, place, "0" if end == 0 else str(end)), steps)


def _unless(value: Number, default: float) -> object:
    """A number as an argument; nothing if the shape of lrdsl has it by default."""
    return "" if is_known(value) and value == default else value


def _whole(value: Number) -> Whole:
    if isinstance(value, Whole):
        return value
    if is_known(value) and float(value).is_integer():
        return Whole(int(value))
    raise Refused(f"`milestones` has {value} in it, which is no whole number")


def _cut(text: str, place: Place) -> str:
    return text if place.room is None else f"until({place.room}, {text})"


TEXTS: dict[str, Callable[[Fields, Place], Said]] = {
    "StepLR": _step,
    "MultiStepLR": _multistep,
    "ConstantLR": _constant,
    "LinearLR": _linear,
    "ExponentialLR": _exponential,
    "PolynomialLR": _polynomial,
    "CosineAnnealingLR": _cosine,
    "CosineAnnealingWarmRestarts": _restarts,
    "CyclicLR": _cyclic,
    "OneCycleLR": _onecycle,
    "ReduceLROnPlateau": _plateau,
    "SWALR": _swa,
}


def momentum(kind: str, fields: Fields, group: int) -> Said | None:
    """The momentum that a scheduler drives; None if it drives none.

    Args:
        kind: its class.
        fields: its fields.
        group: the group, counted from 0.
    """
    defaults = {"CyclicLR": (0.8, 0.9), "OneCycleLR": (0.85, 0.95)}.get(kind)
    if defaults is None:
        return None
    low, high = (
        own(fields, key, group, default)
        for key, default in zip(("base_momentum", "max_momentum"), defaults, strict=True)
    )
    if not fields.truth("cycle_momentum", default=True):
        return None
    if kind == "CyclicLR":
        return Said(_cycle(fields, high, low))
    steps, options = _cycle_options(fields)
    named = options | {"div": f"{low} / {high}", "final_div": 1}
    return Said(call("onecycle", steps, low, **_ordered(named)), steps)
