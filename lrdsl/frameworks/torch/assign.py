"""Which schedule drives which number of which parameter group."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from lrdsl.check.state import closest
from lrdsl.check.targets import RATE, Aim
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.frameworks.torch.hyperparameters import Group, Hyperparameter, called, names, slot

if TYPE_CHECKING:
    from lrdsl.schedule.schedule import Schedule

# For each group, the schedules of the numbers that are driven.
Assignment = list[dict[Hyperparameter, "Schedule"]]


def assign(schedules: Mapping[str, Schedule], groups: Sequence[Group]) -> Assignment:
    """Gives every schedule its groups: first those with selectors, then those without.

    Args:
        schedules: everything that a program drives.
        groups: the optimizer's parameter groups.

    Raises:
        LrsError: a selector matches nothing, two of them meet, a group has no such number, or has
            a learning rate that nothing drives.
    """
    found: Assignment = [{} for _ in groups]
    errors: list[Diagnostic] = []
    ordered = list(schedules.values())
    if len(ordered) > 1:
        ordered.sort(key=lambda s: s.aim.selector is None)
    for schedule in ordered:
        _give(schedule, groups, found, errors)
    if RATE not in schedules:
        errors += _undriven(schedules, found, groups)
    if errors:
        raise LrsError(errors)
    return found


def _give(
    schedule: Schedule, groups: Sequence[Group], found: Assignment, errors: list[Diagnostic]
) -> None:
    """Gives one schedule the groups that it selects, or else those that are left."""
    aim, chosen = schedule.aim, False
    for i, group in enumerate(groups):
        if not _selects(aim, group, i):
            continue
        chosen = True
        place = slot(aim.key, group)
        if place is None:
            errors.append(_unknown_key(aim, group, i))
            return
        other = found[i].setdefault(place, schedule).aim
        if other is not aim and (aim.selector is not None or other.selector is None):
            errors.append(_overlap(aim, other, group, i))
            return
    if not chosen:
        errors.append(_unknown_group(aim, groups))


def _selects(aim: Aim, group: Group, index: int) -> bool:
    if aim.selector is None:
        return True
    if isinstance(aim.selector, int):
        return index == aim.selector
    name = group.get("name")
    return isinstance(name, str) and fnmatchcase(name, aim.selector)


# So many groups are named in a message.
_LISTED = 20


def _listed(groups: Sequence[Group], places: Sequence[int]) -> str:
    shown = ", ".join(called(groups[i], i) for i in places[:_LISTED])
    return shown + (f" and {len(places) - _LISTED} more" if len(places) > _LISTED else "")


def _unknown_group(aim: Aim, groups: Sequence[Group]) -> Diagnostic:
    message = f"`{aim.label}:` matches none of the optimizer's parameter groups"
    help = f"there are {_listed(groups, range(len(groups)))}"
    if isinstance(aim.selector, str) and not any("name" in group for group in groups):
        help += '; name them, as in `{"params": …, "name": "head"}`'
    return Diagnostic("unknown-group", message, help, aim.span)


def _unknown_key(aim: Aim, group: Group, index: int) -> Diagnostic:
    known = names(group)
    message = f"{called(group, index)} has no `{aim.key}` that could be driven"
    nearest = closest(aim.key, known)
    help = f"did you mean `{nearest}`? " if nearest else ""
    return Diagnostic(
        "unknown-hyperparameter", message, f"{help}it has {', '.join(known)}", aim.span
    )


def _overlap(aim: Aim, other: Aim, group: Group, index: int) -> Diagnostic:
    message = f"`{aim.label}:` and `{other.label}:` both drive {called(group, index)}"
    help = "select every group once, or leave one of the two without a selector"
    return Diagnostic("overlapping-targets", message, help, aim.span)


def _undriven(
    schedules: Mapping[str, Schedule], found: Assignment, groups: Sequence[Group]
) -> Iterator[Diagnostic]:
    """Reports groups whose learning rate nothing drives, in a program that drives some."""
    aims = [s.aim for s in schedules.values() if s.aim.key == RATE]
    left = [i for i, driven in enumerate(found) if all(place.name != RATE for place in driven)]
    if not aims or not left:
        return
    message = f"nothing drives the learning rate of {_listed(groups, left)}"
    help = "add `lr: const` to keep it, or any other schedule for the groups not selected"
    yield Diagnostic("undriven-group", message, help, aims[-1].span)


def warn_of_unequal(found: Iterable[tuple[Schedule, float, str]]) -> None:
    """Warns of schedules that give groups one value whose own values differ.

    Args:
        found: the schedules, each with the own value of a group and what that is called.
    """
    from lrdsl.lints import ignores
    from lrdsl.lints.groups import unequal_groups

    for lint in unequal_groups.find(found):
        if not ignores.ignored(lint):
            # The caller is `build`, called by `compile`, called by the user.
            text = f"{lint.message}. {lint.help} ({lint.code} {lint.slug})"
            warnings.warn(text, UserWarning, stacklevel=4)
