"""What a curve is fitted to: a log, rows, a function or a torch scheduler, read as one curve."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lrdsl.fitting.rounding import digits_of
from lrdsl.logs.log import USUAL_OFFSETS, Block, Log, Series
from lrdsl.logs.precision import FLOAT32, FLOAT64, Precision
from lrdsl.logs.reader import Wanted
from lrdsl.logs.texts import precision_of
from lrdsl.outside import as_float, as_step, as_whole, shown
from lrdsl.record import entity
from lrdsl.schedule.difference import CLOSE
from lrdsl.wording import count, listed, plural

if TYPE_CHECKING:
    from torch.optim.lr_scheduler import LRScheduler

    from lrdsl.fitting.readings import Readings

    Source = str | Path | Log | Iterable[tuple[int, float]] | Callable[[int], float] | LRScheduler

# The fewest readings that say anything.
_FEWEST = 3
# A scheduler of torch that computes each rate from the last may be off by so much of the peak.
_STEPPED = 1e-9
# Rates whose digits tell how they were rounded.
_LOOKED_AT = 4096
# Digits of a number that is round, and of one that was rounded; more are those of a float.
_ROUND, _ROUNDED = 2, 8
# Room for a rate halfway between two numbers of a log.
_SLACK = 1 + 1e-6
# Schedulers of torch that put their own first rate into the optimizer.
_OVERWRITING = {"OneCycleLR", "CyclicLR"}


@entity
class Curve:
    """A source that was read.

    Attributes:
        steps: the steps.
        rates: their rates.
        precision: how exactly they are known.
        offsets: the offsets that they may have, likeliest first.
        share: what counts as equal, as a share of the peak.
        base: the optimizer's own rate, if the source has one.
    """

    steps: Sequence[int]
    rates: Sequence[float]
    precision: Precision
    offsets: tuple[int, ...]
    share: float = 0.0
    base: float | None = None


def readings_of(curve: Curve) -> Readings:
    """The readings of a curve, in the order of their steps, each step once.

    Args:
        curve: the curve.

    Raises:
        ValueError: there are too few, or one is no number.
    """
    import numpy as np

    from lrdsl.fitting.readings import Readings, Work

    updates, rates = curve.steps, np.array(curve.rates)
    if len(updates) < _FEWEST:
        raise ValueError(
            f"there are rates of {plural(len(updates), 'step')}: a fit needs {_FEWEST}"
        )
    as_step(updates[0])
    as_step(updates[-1])
    if not np.all(np.isfinite(rates)):
        bad = int(np.argmin(np.isfinite(rates)))
        raise ValueError(
            f"the rate at step {count(updates[bad])} is {rates[bad]}: a rate is a number"
        )
    peak = float(np.max(np.abs(rates)))
    halves = np.array([curve.precision.unit(float(rate)) / 2 * _SLACK for rate in rates])
    tolerance = np.maximum(halves, max(CLOSE, curve.share) * peak or sys.float_info.min)
    return Readings(np.array(updates, dtype=float), rates, tolerance, peak or 1.0, Work())


def curve_of(source: Source, steps: int | None, wanted: Wanted) -> Curve:
    """The curve of a source.

    Args:
        source: the source.
        steps: how many updates of a function or a scheduler to look at.
        wanted: what to read of a log.

    Raises:
        TypeError: as for ``lrdsl.fit``.
        ValueError: as for ``lrdsl.fit``.
    """
    if not isinstance(source, str | Path | Log) and wanted != Wanted():
        raise ValueError("step=, rate=, run_name= and logging_steps= are for a log: this is none")
    if isinstance(source, str | Path | Log):
        from lrdsl.logs.read import chosen, read

        source = chosen(source, wanted) if isinstance(source, Log) else read(Path(source), wanted)
    scheduler_class = getattr(sys.modules.get("torch.optim.lr_scheduler"), "LRScheduler", ())
    if isinstance(source, scheduler_class):
        return _stepped(source, _needed(steps))
    if callable(source):
        updates = range(_needed(steps))
        rates = [as_float(source(update), "a rate") for update in updates]
        inferred = _inferred(rates)
        return Curve(updates, rates, inferred if inferred == FLOAT32 else FLOAT64, (0,))
    if steps is not None:
        raise ValueError("steps= is for functions and schedulers: a log has steps of its own")
    if isinstance(source, Log):
        return _logged(source)
    if not isinstance(source, Iterable):
        raise TypeError(
            "a fit takes a log, rows of a step and a rate, a function of the step or a torch"
            f" scheduler, not {shown(source)}"
        )
    return _rows(source)


def _needed(steps: int | None) -> int:
    """The updates to look at."""
    if steps is None:
        raise ValueError("pass `steps=`, the number of updates to look at")
    return as_whole(steps, "steps")


def _logged(log: Log) -> Curve:
    """The only rate of a log."""
    if len(log.runs) > 1:
        names = listed([f"`{run.name}`" for run in log.runs])
        raise ValueError(f"{log.path} has {len(log.runs)} runs, {names}: say which with run_name=")
    (run,) = log.runs
    if len(run.rates) != 1:
        names = listed([f"`{one.name}`" for one in run.rates])
        raise ValueError(f"{log.path} has the rates {names}: say which with rate=")
    (series,) = run.rates
    steps, rates = _of(series)
    offsets = tuple(offset.updates for offset in log.offsets) or USUAL_OFFSETS
    # A system that writes all digits writes those of a number that its caller has rounded.
    precision = _inferred(rates) if series.precision == FLOAT64 else series.precision
    return Curve(steps, rates, precision, offsets)


def _of(series: Series) -> tuple[list[int], list[float]]:
    """The readings that count: what was logged before a resume, and again after it, does not."""
    steps: list[int] = []
    rates: list[float] = []
    for leg in series.legs:
        while steps and steps[-1] >= leg.steps[0]:
            steps.pop()
            rates.pop()
        steps += leg.steps
        rates += leg.values
    for i, (a, b) in enumerate(pairwise(steps)):
        if a == b:
            raise ValueError(
                f"step {count(a)} has two rates, {rates[i]} and {rates[i + 1]}:"
                " remove one, or name the column that counts updates"
            )
    return steps, rates


def _rows(rows: Iterable[Any]) -> Curve:
    """Rows of a step and a rate."""
    steps, rates = [], []
    for row in rows:
        try:
            update, value = row
        except (TypeError, ValueError):
            raise TypeError(f"a row is a step and a rate, not {shown(row)}") from None
        steps.append(as_step(update))
        rates.append(as_float(value, "a rate"))
    series = Series("rate", None, FLOAT64)
    series.add(Block("rate", steps, rates, FLOAT64))
    kept, values = _of(series)
    if len(kept) < _FEWEST <= len(set(steps)):
        raise ValueError(
            "a step that falls back is a resume, and too few come after it: sort the rows"
        )
    return Curve(kept, values, _inferred(values), USUAL_OFFSETS)


def _inferred(rates: Sequence[float]) -> Precision:
    """How exactly rates are known that may have been rounded before they were logged."""
    some = rates[:: len(rates) // _LOOKED_AT + 1]
    precision = precision_of(some)
    # Too few texts tell how these were rounded, but a curve has more digits.
    most = max(map(digits_of, filter(None, some)), default=0)
    is_rounded = precision == FLOAT64 and _ROUND < most <= _ROUNDED
    return Precision("digits", most) if is_rounded else precision


def _stepped(scheduler: LRScheduler, steps: int) -> Curve:
    """The rates that the next updates of a torch scheduler would use."""
    from lrdsl.frameworks.torch.replica import rates, step_of

    rows = rates(scheduler, steps)
    if any(len(set(row)) > 1 for row in rows):
        raise ValueError("its groups have different rates: fit a function of one of them")
    first = step_of(scheduler)
    group = scheduler.optimizer.param_groups[0]
    is_known = "initial_lr" in group and not _overwrites(scheduler)
    base = float(group["initial_lr"]) if is_known else None
    updates = range(first, first + steps)
    return Curve(updates, [row[0] for row in rows], FLOAT64, (0,), _STEPPED, base)


def _overwrites(scheduler: object) -> bool:
    """True if the optimizer's own rate is lost: a scheduler has put its first one in its place."""
    inner: Sequence[object] = getattr(scheduler, "_schedulers", ())
    names = {kind.__name__ for kind in type(scheduler).__mro__}
    return bool(names & _OVERWRITING) or any(_overwrites(one) for one in inner)
