"""``own("lr_scale")``: the other numbers of each parameter group that a schedule depends on.

They are kept like bases: a number is what it was when its group joined, also if it is driven.
Loaded where a program calls ``own``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.frameworks.torch.hyperparameters import names, slot
from lrdsl.record import replace
from lrdsl.schedule.views import owning
from lrdsl.wording import did_you_mean

if TYPE_CHECKING:
    from lrdsl.frameworks.torch.assign import Drivers
    from lrdsl.frameworks.torch.bases import Bases
    from lrdsl.resolve.resolved import Driven


def bind(assignment: Sequence[Drivers], bases: Bases) -> list[Diagnostic]:
    """Gives the schedules of every group its own numbers; groups with the same ones share them.

    Args:
        assignment: what drives the numbers of each group; schedules are replaced in it.
        bases: the groups, and their numbers so far.

    Returns:
        An error for each schedule that a group lacks a number for.
    """
    made: dict[tuple[int, tuple[float, ...]], Driven] = {}
    errors: dict[int, Diagnostic] = {}
    for i, drivers in enumerate(assignment):
        for name, (number, driven) in drivers.items():
            if not driven.schedule.owns:
                continue
            found = _numbers(driven, bases, i)
            if isinstance(found, Diagnostic):
                errors.setdefault(id(driven), found)
                continue
            key = id(driven), found
            if key not in made:
                made[key] = replace(driven, schedule=owning(driven.schedule, found))
            drivers[name] = number, made[key]
    return list(errors.values())


def _numbers(driven: Driven, bases: Bases, index: int) -> tuple[float, ...] | Diagnostic:
    """The numbers of a group that a schedule depends on, or the error where it lacks one."""
    group, found = bases.groups[index], list[float]()
    for key in driven.schedule.owns:
        number = slot(key, group)
        if number is None and key not in group:
            message = f'{bases.called(index)} has no `{key}`, which `own("{key}")` reads'
            others = f"it has {', '.join(names(group))}"
            help = did_you_mean(key, names(group), others)
            help += f'; give every group one, as in `{{"params": …, "{key}": 1.0}}`'
            return Diagnostic("unknown-hyperparameter", message, help, driven.target.span)
        why = "it is not a number" if number is None else number.why_unreadable(group)
        if why or number is None:
            message = f'`own("{key}")` cannot be read: `{key}` of {bases.called(index)}: {why}'
            help = f'give every group a number, as in `{{"params": …, "{key}": 1.0}}`'
            return Diagnostic("no-base", message, help, driven.target.span)
        found.append(bases.note(number, index))
    return tuple(found)
