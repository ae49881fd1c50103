"""A live scheduler of torch, read without touching it, said in lrdsl, and proven equal."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch.optim import lr_scheduler, swa_utils
from torch.optim.lr_scheduler import LRScheduler

from lrdsl.comparison import by_group
from lrdsl.frameworks.torch.planned import PlannedLR
from lrdsl.frameworks.torch.replica import rates, step_of
from lrdsl.importers.fields import Fields
from lrdsl.importers.importer import EXACT, SINGLE, Setting, Translation
from lrdsl.importers.output import written
from lrdsl.importers.proof import compared, laid_out, values_of
from lrdsl.importers.refusal import Refused
from lrdsl.importers.torch import keys_of, measurements, translated
from lrdsl.importers.torch_lambdas import FAR
from lrdsl.importers.torch_made import Owner, rows
from lrdsl.importers.torch_nests import PARTS
from lrdsl.importers.torch_texts import PARAMETERS
from lrdsl.importers.trial import Trial
from lrdsl.outside import as_whole, shown
from lrdsl.program import Program, parse
from lrdsl.wording import count, number

# The updates that are compared where neither the caller nor the schedule says how many.
_ENDLESS = 1_000
_ROOMS = (lr_scheduler.__name__, swa_utils.__name__)


def from_torch(scheduler: LRScheduler, *, steps: int | None = None) -> Program:
    """Says what a live scheduler of torch does, and proves it.

    Every class of ``torch.optim.lr_scheduler`` is read, and ``SWALR``. Of a ``LambdaLR`` the
    functions of transformers and diffusers are known, and those that are constant or exponential.
    The program is compared with the class itself, built anew, from step 0 on, and with a copy of
    the scheduler from where it is, in every group.

    The program is that of the whole run, wherever in it the scheduler is. To go on with it, pass
    ``start_step`` to ``lrdsl.compile``. What a ``ReduceLROnPlateau`` has counted and reduced so far
    is not in the program.

    Args:
        scheduler: the scheduler. It and its optimizer do not change; functions that a caller gave
            it are called.
        steps: the number of updates of the run. By default those that the scheduler itself has,
            such as ``T_max`` or ``total_steps``, and at least 1,000 if it has no end.

    Returns:
        The program. Its rates are in terms of ``base``, the rate that each group was built with,
        where torch's are; groups of other settings have a statement each. Of a scheduler of lrdsl
        it is its own program.

    Raises:
        TypeError: ``scheduler`` is no scheduler.
        ValueError: it does what lrdsl cannot say, or is a class of its own with other values; the
            message says which.

    Examples:
        >>> import lrdsl, torch
        >>> optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
        >>> scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 30)
        >>> print(str(lrdsl.from_torch(scheduler)).splitlines()[-1])
        step(30)
    """
    if not isinstance(scheduler, LRScheduler):
        raise TypeError(f"a scheduler is one of torch's LRScheduler, not {shown(scheduler)}")
    if isinstance(scheduler, PlannedLR):
        return scheduler.schedules.program
    if steps is not None and as_whole(steps, "steps") < 1:
        raise ValueError("steps is at least 1")
    try:
        return _said(scheduler, steps)
    except Refused as refused:
        name = type(scheduler).__qualname__
        raise ValueError(f"this {name} cannot be said in lrdsl: {refused.reason}") from None


def _said(scheduler: LRScheduler, steps: int | None) -> Program:
    trial = Trial()
    setting, owner = _read(scheduler, trial), _owner(scheduler)
    at, exact = step_of(scheduler), _tolerance(scheduler)
    translation = translated(setting, owner, steps or 0, exact)
    length = _length(translation, trial)
    if steps is None and length <= at:
        # It has gone on for longer than it has settings for.
        length = at + max(length, 1)
        translation = translated(setting, owner, length, exact)
    _prove(scheduler, setting, owner, translation, max(steps or length, at + 1))
    if steps is None and setting.kind == "LambdaLR":
        _check_far(scheduler, translation, trial)
    version = torch.__version__.partition("+")[0]
    return parse(written(translation, trial, f"torch {version}: {type(scheduler).__qualname__}"))


def _length(translation: Translation, trial: Trial) -> int:
    """The steps that a translation has of its own, or those to compare if it has no end."""
    resolved = laid_out(translation, trial)
    lengths = [int(s.length) for s in resolved.values() if s.length and s.length < math.inf]
    ends = [part.start_step for s in resolved.values() for part in s.parts[-1:]]
    endless = len(lengths) < len(resolved)
    return max([*lengths, *(end + _ENDLESS for end in ends if endless)])


def _prove(
    scheduler: LRScheduler, setting: Setting, owner: Owner, translation: Translation, steps: int
) -> None:
    """Compares a program with its class, built anew, and with the scheduler from where it is."""
    keys, at = keys_of(translation), step_of(scheduler)
    metric = measurements(setting) if setting.kind == "ReduceLROnPlateau" else []
    steps = len(metric) or steps
    theirs = rows(setting, owner, keys, metric or [0.0] * steps)
    if len(theirs) < steps:
        raise Refused(f"torch's own ends at step {len(theirs)} of {steps}")
    ours = values_of(laid_out(translation, Trial()), translation.columns, steps, metric)
    if not (found := compared(by_group(theirs), ours, translation)):
        raise Refused(f"`{translation.text}` is another curve: {found}")
    if at and metric:
        return  # what it has counted so far is not in the program
    try:
        live = [rates(scheduler, steps - at, key, metric or None) for key in keys]
    except (TypeError, ValueError, ArithmeticError) as error:
        raise Refused(str(error)) from None
    joined = [group for of_key in live for group in by_group(of_key)]
    if not (found := compared(joined, [group[at:] for group in ours], translation)):
        since = f" from its step {at} on" if at else ""
        raise Refused(
            f"`{translation.text}`, as its settings say, is not what it does{since}: {found}"
        )


def _check_far(scheduler: Any, translation: Translation, trial: Trial) -> None:
    """Asks the functions of a ``LambdaLR`` far after what was compared, where its text goes on."""
    resolved = laid_out(translation, trial)
    columns = [column for column in translation.columns if column.key == "lr"]
    for function, column in zip(scheduler.lr_lambdas, columns, strict=True):
        schedule = resolved[column.target]
        if schedule.length and schedule.length < math.inf:
            continue  # what comes after its end is after the run
        for t in FAR:
            try:
                theirs = column.base * float(function(t))
            except (ArithmeticError, LookupError, ValueError):
                break  # it has an end
            ours = schedule(t, base=column.base)
            if abs(theirs - ours) > translation.tolerance * column.base:
                raise Refused(
                    f"at step {count(t)} its function gives {number(theirs)}, and"
                    f" `{translation.text}` {number(ours)}: pass `steps=`, the length of the run"
                )


def _owner(scheduler: LRScheduler) -> Owner:
    """An optimizer with groups such as those that it has."""
    groups = scheduler.optimizer.param_groups
    kind = "Adam" if "betas" in groups[0] else "SGD"
    return Owner(kind, tuple(float(group.get("initial_lr", group["lr"])) for group in groups))


def _tolerance(scheduler: LRScheduler) -> float:
    """How exact a scheduler is: rates may be tensors of single precision."""
    rates_now = [group["lr"] for group in scheduler.optimizer.param_groups]
    is_single = any(isinstance(r, torch.Tensor) and r.dtype != torch.float64 for r in rates_now)
    return SINGLE if is_single else EXACT


def _read(scheduler: Any, trial: Trial) -> Setting:
    """A scheduler as a call of its class would make it."""
    kind = _kind(scheduler)
    values = _READERS[kind](scheduler) if kind in _READERS else _attributes(scheduler, kind)
    if PARTS in values:
        values[PARTS] = [_read(part, trial) for part in values[PARTS]]
    return Setting(kind, Fields(values, trial))


def _kind(scheduler: object) -> str:
    for cls in type(scheduler).__mro__:
        if cls.__module__ in _ROOMS and cls.__name__ in PARAMETERS:
            return cls.__name__
    name = f"{type(scheduler).__module__}.{type(scheduler).__qualname__}"
    raise Refused(f"{name} is a class of its own, and derived from none of torch's")


def _attributes(scheduler: object, kind: str) -> dict[str, Any]:
    """The attributes that are called as the arguments are."""
    names = [name for name in PARAMETERS[kind] if name != "last_epoch"]
    return {name: _plain(getattr(scheduler, name)) for name in names}


def _plain(value: Any) -> Any:
    """A number as Python's own: a caller may pass one of numpy or torch."""
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.item() if hasattr(value, "item") else value


def _multistep(scheduler: Any) -> dict[str, Any]:
    # A Counter, in which a milestone that comes twice counts twice.
    milestones = [step for step in sorted(scheduler.milestones.elements()) if step >= 0]
    return {"milestones": _plain(milestones), "gamma": _plain(scheduler.gamma)}


def _cyclic(scheduler: Any) -> dict[str, Any]:
    total, ratio = scheduler.total_size, scheduler.step_ratio
    up = _shortest(total * ratio, lambda up: up / total == ratio)
    values = {
        "base_lr": _plain(scheduler.base_lrs), "max_lr": _plain(scheduler.max_lrs),
        "step_size_up": up, "step_size_down": total - up, "mode": scheduler.mode,
        "gamma": _plain(scheduler.gamma), "scale_fn": scheduler._scale_fn_custom,
        "cycle_momentum": scheduler.cycle_momentum,
    }  # fmt: skip
    if scheduler.cycle_momentum:
        values["base_momentum"] = _plain(scheduler.base_momentums)
        values["max_momentum"] = _plain(scheduler.max_momentums)
    return values


def _onecycle(scheduler: Any) -> dict[str, Any]:
    phases, total = scheduler._schedule_phases, scheduler.total_steps
    groups = scheduler.optimizer.param_groups
    first, peak, last = (
        _plain([group[key] for group in groups]) for key in ("initial_lr", "max_lr", "min_lr")
    )
    end = phases[0]["end_step"]
    values = {
        "max_lr": peak,
        "total_steps": total,
        "pct_start": _shortest((end + 1) / total, lambda share: share * total - 1 == end),
        "anneal_strategy": scheduler._anneal_func_type,
        "cycle_momentum": scheduler.cycle_momentum,
        "div_factor": _shortest(peak[0] / first[0], lambda div: peak[0] / div == first[0]),
        "final_div_factor": _shortest(first[0] / last[0], lambda div: first[0] / div == last[0]),
        "three_phase": len(phases) == 3,
    }
    if scheduler.cycle_momentum:
        for key in ("base_momentum", "max_momentum"):
            values[key] = _plain([group[key] for group in groups])
    return values


def _shortest(value: float, is_right: Callable[[float], bool]) -> float:
    """The shortest number that a computed one can have been made of.

    Args:
        value: the number, about.
        is_right: whether a number gives what was computed.
    """
    tries = (float(f"{value:.{digits}g}") for digits in range(1, 18))
    return next((number for number in tries if is_right(number)), value)


def _plateau(scheduler: Any) -> dict[str, Any]:
    values = {name: scheduler.min_lrs if name == "min_lr" else getattr(scheduler, name)
              for name in PARAMETERS["ReduceLROnPlateau"]}  # fmt: skip
    return {name: _plain(value) for name, value in values.items()}


def _swa(scheduler: Any) -> dict[str, Any]:
    return {
        "swa_lr": _plain([group["swa_lr"] for group in scheduler.optimizer.param_groups]),
        "anneal_epochs": scheduler.anneal_epochs,
        "anneal_strategy": scheduler._anneal_strategy,
    }


_READERS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "LambdaLR": lambda s: {"lr_lambda": list(s.lr_lambdas)},
    "MultiplicativeLR": lambda s: {"lr_lambda": list(s.lr_lambdas)},
    "MultiStepLR": _multistep,
    "CyclicLR": _cyclic,
    "OneCycleLR": _onecycle,
    "ReduceLROnPlateau": _plateau,
    "SWALR": _swa,
    "SequentialLR": lambda s: {
        PARTS: list(s._schedulers), "milestones": _plain(list(s._milestones))
    },
    "ChainedScheduler": lambda s: {PARTS: list(s._schedulers)},
}  # fmt: skip
