"""The scheduler ``sequential``: a plain ``SequentialLR`` that needs no lrdsl to be stepped.

A part becomes torch's own class where that is provably the same curve for every group: same
formula, started from the group's own rate, over a length at which torch's step-by-step arithmetic
has not drifted. Every other part becomes a ``LambdaLR``.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from torch import Tensor
from torch.optim import Optimizer
from torch.optim import lr_scheduler as torch_lr

from lrdsl.check.targets import RATE, Target
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.formula.formula import Environment
from lrdsl.frameworks.torch import leftovers
from lrdsl.frameworks.torch.attached import Attached
from lrdsl.frameworks.torch.hooks import hooked
from lrdsl.frameworks.torch.hyperparameters import LEARNING_RATE, called
from lrdsl.frameworks.torch.plan import Plan, planned
from lrdsl.frameworks.torch.separate import separate
from lrdsl.program import parse
from lrdsl.schedule.block import Block, held
from lrdsl.schedule.events import EventBlock
from lrdsl.schedule.schedule import Schedule
from lrdsl.schedule.shape import ShapeBlock
from lrdsl.schedule.views import blocks_of, degrees_of

if TYPE_CHECKING:
    from lrdsl.formula.formula import Formula
    from lrdsl.resolve.resolved import Driven, Resolved

# What `build` takes besides the schedules and the optimizer.
OPTIONS = ("rebase",)

# torch multiplies its rates step by step: after 10^5 steps it is off by 2e-13 of the peak.
MAX_RECURSIVE = 100_000

# What holds its end value by itself; torch's other classes go on, and the cosine rises again.
_HOLDING = (torch_lr.LambdaLR, torch_lr.LinearLR, torch_lr.PolynomialLR, torch_lr.ConstantLR)

Values = Environment
# Torch's own class for a part, or None if it is not the same curve.
Scheduler = torch_lr.LRScheduler | None
Native = Callable[[Optimizer, list[float], list[Values]], Scheduler]


def build(
    schedules: Resolved, optimizer: Optimizer, *, rebase: bool | None = None
) -> torch_lr.SequentialLR:
    """The scheduler for ``scheduler="sequential"``.

    Args:
        schedules: the program, laid out.
        optimizer: the optimizer.
        rebase: True if `base` is what the groups have now, as for ``ScheduleLR``.

    Raises:
        LrsError: the program drives more than one learning rate for all groups, or a part cannot be
            expressed as a factor of a group's own rate.
    """
    _check_targets(schedules)
    (driven,) = schedules.driven
    schedule = driven.schedule
    plan = _planned(schedules, optimizer, rebase)
    attached, found = Attached.to(optimizer), []
    if rebase is None:
        found = [*leftovers.find(plan, attached)]
    bases = [plan.bases.of(LEARNING_RATE, i) for i in range(plan.count)]
    # Groups with other numbers of their own have a schedule of their own.
    own = {i: job.driven.schedule for job in plan.jobs for i in job.indices}
    columns = [*zip(*[blocks_of(own[i], base) for i, base in enumerate(bases)], strict=True)]
    for (_, block, _), *_ in columns:
        _check_factors(schedule, block, bases)
    # Nothing is refused from here on: now the groups may be changed.
    for group, base in zip(optimizer.param_groups, bases, strict=True):
        group.setdefault("initial_lr", base)
        if not isinstance(group[RATE], int | float | Tensor):
            group[RATE] = float(group[RATE])  # torch multiplies it, which a `Decimal` is not for
    plan.bases.keep()
    separate(plan.driven(), plan.bases, getattr(optimizer, "defaults", None))
    children: list[torch_lr.LRScheduler] = []
    milestones: list[int] = []
    for column in columns:
        first, block, _ = column[0]
        envs = [env for _, _, env in column]
        if first:
            milestones.append(first)
        children.append(
            _native(optimizer, block, bases, envs) or _lambda(optimizer, block, bases, envs)
        )
    if schedule.length < math.inf and not isinstance(children[-1], _HOLDING):
        milestones.append(int(schedule.length))
        children.append(_lambda(optimizer, block, bases, envs, at_end=True))
    scheduler = torch_lr.SequentialLR(optimizer, children, milestones)
    attached.note(plan.bases, None, scheduler, _Closed(scheduler, driven, plan.count))
    attached.watch(optimizer)
    leftovers.report(found, scheduler, optimizer)
    return scheduler


class _Closed:
    """Refuses updates with groups that joined later: torch's classes know those of the start.

    Some would take such a group's own rate for the one of a step that was never made, without a
    word, and others fail at the next step. Another scheduler that is made meanwhile may drive them.

    Args:
        scheduler: the scheduler, which is not kept alive by this.
        driven: the target and its schedule.
        count: the number of groups.
    """

    def __init__(self, scheduler: torch_lr.SequentialLR, driven: Driven, count: int) -> None:
        self._scheduler = weakref.ref(scheduler)
        self._span, self._count = driven.target.span, count
        self._is_waiting = False

    def join(self) -> None:
        """Looks at the next update, where groups were added."""
        scheduler = self._scheduler()
        if scheduler is not None and not self._is_waiting:
            self._is_waiting = True
            if (calling := hooked(scheduler.optimizer)) is not None:
                calling.register_step_pre_hook(self._refuse)

    def _refuse(self, *_: object) -> None:
        scheduler = self._scheduler()
        if scheduler is None or Attached.to(scheduler.optimizer).guard is not self:
            return
        groups = scheduler.optimizer.param_groups
        if len(groups) <= self._count:
            return
        added = called(groups[self._count], self._count)
        message = f"a SequentialLR cannot drive {added}, which was added to its optimizer"
        help = 'use scheduler="lambda", which takes groups in, or add them before lrdsl.compile'
        raise LrsError([Diagnostic("not-sequential", message, help, self._span)])


def _planned(schedules: Resolved, optimizer: Optimizer, rebase: bool | None) -> Plan:
    """The groups and their bases, once the schedule is known to be a rate for each of them."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")
    return planned(schedules, optimizer, rebase=bool(rebase))


def _check_targets(schedules: Resolved) -> None:
    """Refuses whatever else than `lr` a program drives: torch's class writes nothing else."""
    targets = [one.target for one in schedules.driven if one.target.label != RATE]
    if others := dict.fromkeys(target.statement for target in targets):
        raise LrsError(map(_unsupported, others))
    ticks = schedules.ticks
    if ticks is not None and ticks.grid is None:
        message = (
            f"SequentialLR counts updates, and cannot be told where the clock `{ticks.unit}` is"
        )
        help = f'use scheduler="lambda", or say how much one step takes: `run 1st = …{ticks.unit}`'
        span = schedules.driven[0].target.span
        raise LrsError([Diagnostic("not-sequential", message, help, span)])


def _unsupported(target: Target) -> Diagnostic:
    message = f"SequentialLR cannot drive `{target.label}:`"
    help = (
        'SequentialLR drives `lr` for all groups: use scheduler="lambda", which drives everything'
    )
    if target.is_scalar:
        message = f"SequentialLR cannot keep `scalar {target.label}:`"
        help = 'use scheduler="lambda", which has `scheduler.scalars`'
    return Diagnostic("unsupported-target", message, help, target.span)


def _check_factors(schedule: Schedule, block: Block, bases: list[float]) -> None:
    """Refuses what torch's SequentialLR cannot do: it sees no metric, and only multiplies."""
    for part in block.walk():
        if part.meters() and not part.children():
            message = f"`{part.name}` needs a metric, which SequentialLR cannot receive"
            help = 'use scheduler="lambda"'
            raise LrsError([Diagnostic("not-sequential", message, help, part.span)])
        if isinstance(part, EventBlock):
            message = f"`{part.name}` waits for an event, which SequentialLR cannot receive"
            help = 'use scheduler="lambda"'
            raise LrsError([Diagnostic("not-sequential", message, help, part.span)])
    if 0.0 in bases and degrees_of(schedule, block).low < 1:
        message = f"`{block.name}` gives a rate to group {bases.index(0.0)}, whose own rate is 0"
        help = 'SequentialLR only multiplies: use scheduler="lambda", or give the group a rate'
        raise LrsError([Diagnostic("not-sequential", message, help, block.span)])


def _lambda(
    optimizer: Optimizer,
    block: Block,
    bases: list[float],
    envs: list[Values],
    *,
    at_end: bool = False,
) -> torch_lr.LambdaLR:
    factors = []
    for base, env in zip(bases, envs, strict=True):
        curve = held(block, env)
        if at_end:
            value = curve(int(block.length))
            factors.append(_scaled(_constant(value), base))
        else:
            factors.append(_scaled(curve, base))
    return torch_lr.LambdaLR(optimizer, factors)


def _constant(value: float) -> Callable[[int], float]:
    return lambda t: value


def _scaled(curve: Callable[[int], float], base: float) -> Callable[[int], float]:
    return (lambda t: curve(t) / base) if base else (lambda t: 1.0)


def _native(
    optimizer: Optimizer, block: Block, bases: list[float], envs: list[Values]
) -> torch_lr.LRScheduler | None:
    """Torch's own class for a part, where it is the same curve for every group."""
    # A tensor's own precision is less than a float's, so that torch's steps would drift in it.
    tensors = any(isinstance(group["lr"], Tensor) for group in optimizer.param_groups)
    if not isinstance(block, ShapeBlock) or tensors or not all(base > 0 for base in bases):
        return None
    make = next(
        (make for text, make in _NATIVES.items() if block.kernel.formula == _formula(text)), None
    )
    return make(optimizer, bases, [block.values(env) for env in envs]) if make else None


@cache
def _formula(text: str) -> Formula:
    """The formula of the one shape in a program."""
    (block,) = [block for _, block, _ in blocks_of(parse(text).resolve(), 1.0)]
    assert isinstance(block, ShapeBlock)
    return block.kernel.formula


def _number(values: Values, name: str) -> float:
    """An argument that is a number."""
    value = values[name]
    assert not isinstance(value, tuple)
    return float(value)


def _same(values: list[float]) -> float | None:
    """The value that all groups share, or None."""
    return values[0] if all(value == values[0] for value in values) else None


def _from_base(bases: list[float], values: list[Values], name: str = "start") -> bool:
    return all(_number(value, name) == base for value, base in zip(values, bases, strict=True))


def _short(values: list[Values]) -> bool:
    return _number(values[0], "length") <= MAX_RECURSIVE


def _const(optimizer: Optimizer, bases: list[float], values: list[Values]) -> Scheduler:
    return torch_lr.ConstantLR(optimizer, 1.0, 1) if _from_base(bases, values, "value") else None


def _line(optimizer: Optimizer, bases: list[float], values: list[Values]) -> Scheduler:
    start = _same(
        [_number(value, "start") / base for value, base in zip(values, bases, strict=True)]
    )
    end = _same([_number(value, "end") / base for value, base in zip(values, bases, strict=True)])
    if start is None or end is None or not (0 < start <= 1 and 0 <= end <= 1 and _short(values)):
        return None
    if end == 0 and start != 1:  # torch's last step down to 0 would end a rounding below it
        return None
    return torch_lr.LinearLR(optimizer, start, end, int(_number(values[0], "length")))


def _cosine(optimizer: Optimizer, bases: list[float], values: list[Values]) -> Scheduler:
    end = _same([_number(value, "end") for value in values])
    if end is None or not _from_base(bases, values) or not _short(values):
        return None
    return torch_lr.CosineAnnealingLR(optimizer, int(_number(values[0], "length")), end)


def _poly(optimizer: Optimizer, bases: list[float], values: list[Values]) -> Scheduler:
    power = _same([_number(value, "power") for value in values])
    if power is None or not _from_base(bases, values) or not _short(values):
        return None
    if any(_number(value, "end") != 0 for value in values):
        return None
    return torch_lr.PolynomialLR(optimizer, int(_number(values[0], "length")), power)


def _exponential(optimizer: Optimizer, bases: list[float], values: list[Values]) -> Scheduler:
    gamma = _same([_number(value, "gamma") for value in values])
    # The drift after t steps is about t rounding errors of a value that has shrunk by gamma^t.
    if gamma is None or not _from_base(bases, values) or gamma > 0.999:
        return None
    if _number(values[0], "every") != 1:
        return None
    return torch_lr.ExponentialLR(optimizer, gamma)


def _steps(optimizer: Optimizer, bases: list[float], values: list[Values]) -> Scheduler:
    gamma = _same([_number(value, "gamma") for value in values])
    if gamma is None or not _from_base(bases, values) or gamma > 0.999:
        return None
    if "every" in values[0]:
        every = _number(values[0], "every")
        if every < 1 or every != int(every) or _number(values[0], "offset"):
            return None
        return torch_lr.StepLR(optimizer, int(every), gamma)
    listed = values[0]["milestones"]
    assert isinstance(listed, tuple)
    milestones = list(listed)
    if milestones != sorted(map(int, milestones)):
        return None
    return torch_lr.MultiStepLR(optimizer, list(map(int, milestones)), gamma)


# A program of the one shape that each class is the same as.
_NATIVES: dict[str, Native] = {
    "const": _const,
    "warmup(1)": _line,
    "linear(1)": _line,
    "cosine(1)": _cosine,
    "poly(1)": _poly,
    "exponential(1)": _exponential,
    "step(1)": _steps,
    "multistep([1])": _steps,
}
