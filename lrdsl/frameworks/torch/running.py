"""The warnings of a scheduler during training, and the runs that they apply to."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.diagnostics.warn import caller, warn
from lrdsl.resolve import outlook
from lrdsl.resolve.measure import nearest
from lrdsl.resolve.run import RUN
from lrdsl.schedule.views import curve_of
from lrdsl.text.source import Said, Span
from lrdsl.wording import count, plural

if TYPE_CHECKING:
    from lrdsl.frameworks.torch.lambda_lr import ScheduleLR
    from lrdsl.resolve.resolved import Resolved
    from lrdsl.schedule.schedule import Schedule

# A schedule that is longer than this does not count epochs.
MOST_EPOCHS = 10_000
# Lightning, by each of its names, and with it the trainers that step a scheduler once per epoch.
LIGHTNING = ("lightning", "pytorch_lightning")
BY_EPOCH = ("composer", *LIGHTNING)
CALLBACK = (
    "give the trainer the callback `lrdsl.lightning_callback.ScheduleCallback`, on the command line"
    " as `--trainer.callbacks+=lrdsl.lightning_callback.ScheduleCallback`"
)
# At so many places a schedule is looked at to see whether it changes at all.
_PLACES = 256


def total_of(schedules: Resolved) -> int | None:
    """The steps of a run; None if its length is not known."""
    run = schedules.run
    if run.total is None or not all(unit in run.units for unit, _ in run.total.amounts):
        return None  # it is not known, or only on the clock
    total = outlook.total_of(run)
    return None if total is None else nearest(total)


def counts_updates(scheduler: ScheduleLR) -> bool:
    """True if it is known that a step of a schedule is an update, and it matters which one it is.

    The run says so: by the steps of an epoch, the units of a step, or its total. Without a run, a
    schedule counts updates if it is too long to count epochs, or if a trainer steps it that does so
    once an epoch by default. Others may count epochs, iterations of PPO or updates of a generator
    in plain steps, as torch's own schedulers do.

    Args:
        scheduler: the scheduler, in a call of its ``step``.
    """
    schedules = scheduler.schedules
    if schedules.ticks is not None:
        return schedules.ticks.grid is not None
    curves = [(driven.schedule, base) for driven, base, _ in scheduler.driven()]
    curves += [(schedule, 1.0) for schedule in schedules.scalars.values()]
    if all(_is_constant(schedule, base) for schedule, base in curves):
        return False
    run = schedules.run
    if "ep" in run.units:
        return run.units["ep"] != 1
    if run.total is not None or run.ramp is not None or len(run.units) > 1:
        return True
    lengths = [one.length for one in schedules.values() if one.length < math.inf]
    if max(lengths, default=0) > MOST_EPOCHS:
        return True
    return is_called_by(BY_EPOCH)


def is_called_by(packages: tuple[str, ...]) -> bool:
    """True if a module of one of these packages called lrdsl.

    Args:
        packages: their names.
    """
    return caller().partition(".")[0] in packages


def refuse_epochs(scheduler: ScheduleLR, updates: int) -> None:
    """Refuses a step once per epoch of a scheduler whose class a config of Lightning's names.

    Args:
        scheduler: the scheduler, in a call of its ``step``.
        updates: the number of updates that were made before this call.

    Raises:
        LrsError: Lightning steps it so, and the schedule counts updates.
    """
    if not (scheduler.is_from_class and is_called_by(LIGHTNING)):
        return
    schedules = scheduler.schedules
    if counts_updates(scheduler):
        why = "the schedule counts updates"
    elif schedules.listens and schedules.run.units.get("ep") != 1:
        why = "nothing passes the schedule its metric"
    else:
        return
    message = (
        f"Lightning steps this `lrdsl.ScheduleLR` once per epoch: {count(updates)} updates were"
        f" made before this step, and {why}"
    )
    help = f"{CALLBACK}. If a step is to be an epoch, pass `steps_per_epoch: 1` to the schedule"
    raise LrsError([Diagnostic("too-few-steps", message, help, _place(scheduler))])


def _of_owner(scheduler: ScheduleLR) -> str:
    """Which optimizer a message is about, if it is one of several."""
    return f' of the optimizer "{scheduler.owner}"' if scheduler.owner else ""


def _place(scheduler: ScheduleLR) -> Span:
    """The place of a schedule in its text."""
    return scheduler.schedules.driven[0].target.span


def _is_constant(schedule: Schedule, base: float) -> bool:
    """True if only a metric changes a schedule, as far as can be seen."""
    curve = curve_of(schedule, base)
    length = int(schedule.length) if schedule.length < math.inf else MOST_EPOCHS
    steps = {*range(_PLACES), *(length * k // _PLACES for k in range(_PLACES + 1))}
    return len({curve(step) for step in steps}) == 1


def too_few_steps(scheduler: ScheduleLR, updates: int) -> None:
    """Warns that several updates were made for each step.

    Args:
        scheduler: the scheduler, in a call of its ``step``.
        updates: the number of updates before each of the last two calls.
    """
    made = f"{count(updates)} updates{_of_owner(scheduler)}"
    again = f"{made} were made before this `scheduler.step()`, as many as before"
    message = (
        f"{again} the last one, and each call moves the schedule on by 1 step: it is at step"
        f" {count(scheduler.last_epoch + 1)}, and counts updates"
    )
    call = f'scheduler.step(only="{scheduler.owner}")' if scheduler.owner else "scheduler.step()"
    help = (
        f"call `{call}` after each `optimizer.step()`; in Lightning return"
        " `lrdsl.lightning(scheduler)`. If a step is to be an epoch, compile with"
        " `steps_per_epoch=1`, and if it stands for several updates, with"
        f" `updates_per_step={updates}`"
    )
    span = _place(scheduler)
    warn(Diagnostic("too-few-steps", message, help, span, severity="warning"), again=True)


def past_total(scheduler: ScheduleLR, total: int) -> None:
    """Warns that an update was made after the run's last one.

    Args:
        scheduler: the scheduler, in a step of its optimizer.
        total: the steps of the run.
    """
    run, arguments = scheduler.schedules.run, scheduler.schedules.arguments
    assert run.total is not None
    said = f"total = {arguments.get('total', run.total.span.text)}"
    update = count(scheduler.last_epoch + 1) + _of_owner(scheduler)
    message = (
        f"the run has {plural(total, 'update')} by its `total`, and update {update} was made: the"
        " last value of the schedule is held"
    )
    help = "compile with the `total` of the whole run, or stop there"
    span = Span(Said(RUN, said), 0, len(said))
    warn(Diagnostic("past-total", message, help, span, severity="warning"), again=True)


def numbered_step(scheduler: ScheduleLR, step: int) -> None:
    """Warns that a bare number sent the schedule somewhere.

    Args:
        scheduler: the scheduler, in a call of its ``step``.
        step: where to.
    """
    said = f"step({step})"
    message = f"`{said}` goes from step {count(scheduler.last_epoch)} to step {count(step)}"
    help = (
        "call `step()` after each update, without a number. To go to a step, say `set_step("
        f"{step})` or `step(epoch={step})`; to pass a metric, write a part that a metric drives,"
        " such as `const * plateau()`"
    )
    span = Span(Said("the call", said), 0, len(said))
    warn(Diagnostic("numbered-step", message, help, span, severity="warning"), again=True)
