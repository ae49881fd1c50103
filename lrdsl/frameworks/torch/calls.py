"""The arguments of ``scheduler.step``: one rule for numbers of every kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, SupportsFloat, SupportsIndex

from lrdsl.outside import as_step, as_whole, shown

if TYPE_CHECKING:
    from torch import Tensor

# What `step` takes for a metric or a step: numbers of Python, of numpy, and tensors of one number.
Number = SupportsFloat | SupportsIndex
NO_METER = (
    "no part of this schedule is driven by a metric: write `const * plateau()`, or"
    " `reduce_on_plateau()`, where one should be"
)


def step_of(value: Number) -> int:
    """A step that a trainer asks for.

    Raises:
        ValueError: it is no whole number, or below 0, or above the largest step there is.
    """
    number = _whole(value)
    if number is None:
        raise ValueError(f"a step is a whole number, not {shown(value)}")
    return as_step(number)


def metric_of(value: Number | Tensor) -> float:
    """A metric that a trainer measured.

    Raises:
        ValueError: it is not one number.
    """
    if type(value) is float:
        return value
    try:
        if not isinstance(value, str):
            return float(value)
    except (TypeError, ValueError, RuntimeError, OverflowError):
        pass
    raise ValueError(f"a metric is one number, not {shown(value)}")


def asked(
    now: int,
    metrics: Number | Tensor | None,
    epoch: Number | None,
    increment: Number | None,
    *,
    is_measured: bool,
) -> tuple[int, float | None]:
    """The step that the arguments of ``step`` ask for, and the metric.

    Args:
        now: the step that the scheduler is at.
        metrics: the first argument: a metric where a metric drives the schedule, and else a step.
        epoch: a step.
        increment: the number of steps to advance.
        is_measured: True if a metric drives the schedule.

    Raises:
        ValueError: they make no sense.
    """
    metric = None
    if is_measured:
        metric = None if metrics is None else metric_of(metrics)
    elif metrics is not None:
        if _whole(metrics) is None:
            raise ValueError(f"{shown(metrics)} is no step, and {NO_METER}")
        if epoch is not None:
            raise ValueError(f"{shown(metrics)} and epoch={shown(epoch)} are two steps to go to")
        epoch = metrics
    if increment is None:
        return now + 1 if epoch is None else step_of(epoch), metric
    if epoch is not None:
        raise ValueError("`step` takes a step to go to or an `increment`, not both")
    more = _whole(increment)
    if more is None or more < 0:
        raise ValueError(f"an increment is a whole number of steps, not {shown(increment)}")
    return as_step(now + more), metric


def _whole(value: object) -> int | None:
    """A whole number of whatever kind; None for anything else, `True` and 7.0 included."""
    try:
        return as_whole(value, "a step")
    except TypeError:
        return None
