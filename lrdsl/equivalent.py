"""``lrdsl.equivalent``: whether two schedules are the same, wherever each of them comes from."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lrdsl.check.targets import RATE
from lrdsl.comparison import Comparison, compare
from lrdsl.frameworks.torch.running import total_of
from lrdsl.outside import as_float, as_whole, shown
from lrdsl.program import Program
from lrdsl.record import record
from lrdsl.resolve.resolved import Driven, Resolved
from lrdsl.resolve.run_arguments import RunArguments, normalized, takes_run
from lrdsl.schedule.difference import CLOSE
from lrdsl.schedule.schedule import Schedule
from lrdsl.sources import program_of
from lrdsl.wording import count, listed, plural

if TYPE_CHECKING:
    from torch.optim.lr_scheduler import LRScheduler
    from typing_extensions import TypeIs, Unpack

    Rates = Callable[[int], float | Sequence[float]]
    Source = str | Path | Program | Resolved | Schedule | LRScheduler | Rates
    Group = dict[str, Any]
    Metric = Callable[[int], float] | Sequence[float]
    # A source whose text was read and laid out.
    _Side = Resolved | Schedule | LRScheduler | Rates

_Rows = list[tuple[float, ...]]
# Two words for one number of a group that has betas.
_ALIKE = frozenset(["momentum", "beta1"])
# What messages call the two.
_NAMES = ("a", "b")


@takes_run
def equivalent(
    a: Source,
    b: Source,
    *,
    steps: int | None = None,
    target: str = RATE,
    base: float | Sequence[float] | None = None,
    metric: Metric | None = None,
    tolerance: float = CLOSE,
    **run: Unpack[RunArguments],
) -> Comparison:
    """Compares two schedules update by update and group by group.

    Each of them is a text, a ``Path`` or a string that ends in ``.lrs``, a ``Program``, a
    ``Resolved``, a ``Schedule``, a torch scheduler, or a function of the update's index. A function
    returns a rate, or a sequence with a rate for each parameter group.

    A torch scheduler is stepped on a copy: it does not change, nor does its optimizer. It may be of
    any class derived from torch's ``LRScheduler``. If it has been stepped, the comparison begins
    where it is, and texts and functions give the values of the updates from there on. Texts drive
    its groups: they may select groups, and ``base`` is each group's ``initial_lr``.

    Args:
        a: one schedule.
        b: the other one.
        **run: the arguments of the run, for texts and programs.
        steps: the number of updates to compare; by default those that are left of the run, if its
            ``total`` is known.
        target: what to compare: ``lr``, ``momentum``, ``beta2``, ``weight_decay`` and so on, in all
            groups, or a ``scalar`` of both.
        base: the value of ``base`` in the texts, instead of ``initial_lr`` where there is a torch
            scheduler: a number, or one for each group.
        metric: the metric of each update, for a schedule that is driven by one: a function of the
            update's index, or a sequence with a value for each update that is compared.
        tolerance: the largest difference that counts as none, as a share of the peak.

    Returns:
        A ``Comparison``. It is true if the two are equal, and its text says where they first
        differ, by how much, and in how many groups.

    Raises:
        LrsError: a text has errors, or does not fit the run or the groups.
        TypeError: a source is something else, a torch scheduler cannot be copied, or an argument
            has the wrong type.
        ValueError: an argument is missing or has no effect, or the two have different groups.
        OSError: a file cannot be read.

    Examples:
        >>> import lrdsl
        >>> found = lrdsl.equivalent("linear(4, 0.4)", lambda t: 0.1 * (4 - t), steps=5)
        >>> print(found)
        5 steps equal, largest difference 0 of the peak
        >>> bool(lrdsl.equivalent("linear(4, 0.4)", "linear(5, 0.4)", steps=5))
        False
    """
    if not isinstance(target, str):
        raise TypeError(f"target= is the name of a hyperparameter, not {shown(target)}")
    share = _checked_tolerance(tolerance)
    sides = _laid_out((a, b), normalized(run, "equivalent"))
    schedulers = [side for side in sides if _is_scheduler(side)]
    start = _start(schedulers)
    updates = range(start, start + _count(steps, sides, start))
    measured = _measured(sides, metric)
    scheduler = schedulers[0] if schedulers else None
    groups = None if scheduler is None else scheduler.optimizer.param_groups
    asked = _Asked(updates, target, _bases(base, sides, target, groups), scheduler)
    tables = [
        asked.rows(side, name, metric if is_measured else None)
        for side, name, is_measured in zip(sides, _NAMES, measured, strict=True)
    ]
    left, right = _as_wide(tables, sides)
    return compare(left, right, share, start)


@record
class _Asked:
    """What is to be known of both schedules.

    Attributes:
        updates: the updates.
        key: the hyperparameter.
        bases: the value of ``base`` in each group; None if it makes no difference, or is what the
            groups had.
        scheduler: the torch scheduler that has the groups, if there is one.
    """

    updates: range
    key: str
    bases: Sequence[float] | None
    scheduler: LRScheduler | None

    def rows(self, side: _Side, name: str, metric: Metric | None) -> _Rows:
        """The values of one schedule: a row for each update, with a value for each group."""
        if _is_scheduler(side):
            from lrdsl.frameworks.torch import replica

            return replica.rates(side, len(self.updates), self.key, metric)
        if isinstance(side, Resolved):
            if not (drives := _drives(side, self.key)):
                known = listed([f"`{label}`" for label in side])
                raise ValueError(
                    f"`{name}` drives {known}, not `{self.key}`: say which with target="
                )
            if drives[0].target.is_scalar:
                if metric is not None:
                    raise ValueError(f"a metric drives `{name}`: its scalars cannot be compared")
            elif self.scheduler is not None or metric is not None:
                return self._on_groups(side, metric)
            side = _only(drives, name)
        if isinstance(side, Schedule):
            if side.owns:
                raise ValueError(
                    f"`{name}` depends on other numbers of its groups: compare its text with a"
                    " torch scheduler, which has groups"
                )
            bases = self.bases or (1.0,)
            return [tuple([side(step, base=base) for base in bases]) for step in self.updates]
        return _called(side, self.updates, name)

    def _on_groups(self, resolved: Resolved, metric: Metric | None) -> _Rows:
        """The values of a program in the groups of a torch scheduler, or under a metric."""
        from lrdsl.frameworks.torch import on_groups

        if self.scheduler is not None:
            groups = on_groups.after(self.scheduler)
        else:
            groups = on_groups.of_bases(self.key, self.bases or [1.0])
        return on_groups.driven_rates(resolved, groups, self.key, self.bases, self.updates, metric)


def _laid_out(sources: Sequence[Source], run: RunArguments) -> list[_Side]:
    """Both sources, their texts read and laid out for the run."""
    sides: list[_Side] = []
    is_used = not run
    for source, name in zip(sources, _NAMES, strict=True):
        if isinstance(source, str | Path | Program):
            is_used = True
            sides.append(program_of(source).resolve_all(**run))
        elif _is_side(source):
            sides.append(source)
        else:
            raise TypeError(
                f"`{name}` is a text, a path, a Program, a Resolved, a Schedule, a torch scheduler"
                f" or a function of the step, not {shown(source)}"
            )
    if not is_used:
        given = listed([f"{argument}=" for argument in run])
        has = "has" if len(run) == 1 else "have"
        raise ValueError(f"{given} {has} no effect: neither `a` nor `b` is a text or a Program")
    return sides


def _is_side(source: object) -> TypeIs[_Side]:
    """True for what needs no laying out."""
    if isinstance(source, Resolved | Schedule) or _is_scheduler(source):
        return True
    return callable(source) and not isinstance(source, type)


def _is_scheduler(side: object) -> TypeIs[LRScheduler]:
    """True for a torch scheduler; without torch nothing is one."""
    module = sys.modules.get("torch.optim.lr_scheduler")
    return module is not None and isinstance(side, module.LRScheduler)


def _start(schedulers: Sequence[LRScheduler]) -> int:
    """The step that the torch schedulers are at."""
    if not schedulers:
        return 0
    from lrdsl.frameworks.torch.replica import step_of

    first, *others = [step_of(scheduler) for scheduler in schedulers]
    if others and others[0] != first:
        raise ValueError(
            f"`a` is at step {count(first)} and `b` at step {count(others[0])}: compare two"
            " schedulers that are at the same step"
        )
    return first


def _count(steps: int | None, sides: Sequence[_Side], start: int) -> int:
    """The number of updates to compare."""
    if steps is not None:
        asked = as_whole(steps, "steps")
        if asked < 1:
            raise ValueError(f"steps is 1 or more, not {asked}")
        return asked
    laid_out = [side if isinstance(side, Resolved) else _schedules(side) for side in sides]
    totals = {total for one in laid_out if one and (total := total_of(one)) is not None}
    if len(totals) != 1:
        lengths = " and ".join(plural(total, "step") for total in sorted(totals))
        why = f"the two run for {lengths}" if totals else "the length of the run is not known"
        raise ValueError(f"{why}: pass `steps=`, the number of updates to compare")
    (total,) = totals
    if total <= start:
        raise ValueError(
            f"the run of {plural(total, 'step')} is over at step {count(start)}: pass `steps=` to"
            " compare more updates"
        )
    return total - start


def _schedules(side: _Side) -> Resolved | None:
    """The program of one of lrdsl's own schedulers."""
    found = getattr(side, "schedules", None) if _is_scheduler(side) else None
    return found if isinstance(found, Resolved) else None


def _drives(resolved: Resolved, key: str) -> list[Driven]:
    """What drives a hyperparameter in a program."""
    keys = _ALIKE if key in _ALIKE else {key}
    return [one for one in resolved.driven if one.target.key in keys]


def _only(drives: Sequence[Driven], name: str) -> Schedule:
    """The one schedule of a program, where there are no groups to choose one of several by."""
    first, *others = drives
    if others or first.target.selector is not None:
        raise ValueError(
            f"`{name}` drives `{first.target.label}` and so has several groups: compare it with a"
            " torch scheduler, whose groups it can drive"
        )
    return first.schedule


def _bases(
    base: float | Sequence[float] | None,
    sides: Sequence[_Side],
    key: str,
    groups: Sequence[Group] | None,
) -> Sequence[float] | None:
    """The value of ``base`` in each group; None where it makes no difference, or is known."""
    driving = [
        schedule
        for side in sides
        if isinstance(side, Resolved | Schedule)
        for schedule in ([side] if isinstance(side, Schedule) else _of(side, key))
    ]
    is_needed = not all(schedule.is_absolute for schedule in driving)
    if base is not None:
        if not is_needed:
            raise ValueError("base= has no effect: no text here depends on `base`")
        return _of_groups(_values(base, "base"), groups)
    if not is_needed:
        return None
    if groups is not None and key == RATE:
        initial = "initial_lr"
        return [float(group[initial if initial in group else RATE]) for group in groups]
    if groups is None and all(schedule.is_proportional for schedule in driving):
        return None
    raise ValueError(f"pass `base=`: a text depends on `base`, the optimizer's own `{key}`")


def _of_groups(bases: Sequence[float], groups: Sequence[Group] | None) -> Sequence[float]:
    """Bases with one for each group of a torch scheduler."""
    if groups is None or len(bases) == len(groups):
        return bases
    if len(bases) > 1:
        has = plural(len(groups), "group")
        raise ValueError(f"base= has {len(bases)} values, and the scheduler has {has}")
    return [*bases] * len(groups)


def _of(resolved: Resolved, key: str) -> list[Schedule]:
    return [one.schedule for one in _drives(resolved, key)]


def _measured(sides: Sequence[_Side], metric: Metric | None) -> list[bool]:
    """Which of the two a metric drives."""
    found = [_is_measured(side) for side in sides]
    if metric is not None and not any(found):
        raise ValueError("metric= has no effect: a metric drives neither `a` nor `b`")
    for side, name, is_measured in zip(sides, _NAMES, found, strict=True):
        if is_measured and metric is None:
            raise ValueError(
                f"a metric drives `{name}`: pass `metric=`, a function of the update's index or a"
                " sequence with a value for each update"
            )
        if is_measured and isinstance(side, Schedule):
            raise ValueError(f"a metric drives `{name}`: pass its program instead of the Schedule")
    return found


def _is_measured(side: _Side) -> bool:
    if isinstance(side, Resolved):
        return side.listens
    if isinstance(side, Schedule):
        return bool(side.meters) or any(event.kind != "signal" for event in side.events)
    if not _is_scheduler(side):
        return False
    from lrdsl.frameworks.torch.replica import is_measured

    return is_measured(side)


def _called(function: Rates, updates: range, name: str) -> _Rows:
    """What a function of the step returns: a row for each update, with a value for each group."""
    rows = [tuple(_values(function(step), f"a rate of `{name}`")) for step in updates]
    for step, row in zip(updates, rows, strict=True):
        if not row or len(row) != len(rows[0]):
            groups = f"{len(rows[0])} and then {len(row)}" if row else "no"
            raise ValueError(f"`{name}` returns {groups} rates at step {count(step)}")
    return rows


def _values(given: object, noun: str) -> list[float]:
    """A number, or several of them."""
    is_one = isinstance(given, str | bytes) or getattr(given, "ndim", 1) == 0
    if not is_one and isinstance(given, Iterable):
        return [as_float(value, noun) for value in given]
    return [as_float(given, noun)]


def _as_wide(tables: Sequence[_Rows], sides: Sequence[_Side]) -> Iterator[_Rows]:
    """Both tables with the same groups: what is one value is the same in every group."""
    widths = [len(table[0]) for table in tables]
    wide = max(widths)
    for table, side, width in zip(tables, sides, widths, strict=True):
        if width == wide:
            yield table
        elif width > 1 or _is_scheduler(side):
            groups = [plural(width, "group") for width in widths]
            raise ValueError(f"`a` has values for {groups[0]}, and `b` for {groups[1]}")
        else:
            yield [row * wide for row in table]


def _checked_tolerance(tolerance: float) -> float:
    share = as_float(tolerance, "tolerance")
    if not share >= 0:
        raise ValueError(f"tolerance is a share of the peak, 0 or more, not {shown(tolerance)}")
    return share
