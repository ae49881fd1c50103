"""Which schedule drives which number of which parameter group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from lrdsl.check.hyperparameters import meant
from lrdsl.check.targets import RATE, Target
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.frameworks.torch.hyperparameters import Group, Hyperparameter, called, names, slot
from lrdsl.resolve.resolved import Driven, Resolved

# For each group, what drives its numbers.
Assignment = list[dict[Hyperparameter, Driven]]


def assign(resolved: Resolved, groups: Sequence[Group]) -> Assignment:
    """Gives every schedule its groups: first those with selectors, then those without.

    Args:
        resolved: a program, laid out.
        groups: the optimizer's parameter groups.

    Raises:
        LrsError: a selector matches nothing, two of them meet, a group has no such number, or has
            a learning rate that nothing drives.
    """
    assignment: Assignment = [{} for _ in groups]
    errors: list[Diagnostic] = []
    ordered = resolved.driven
    if len(ordered) > 1:
        ordered = tuple(sorted(ordered, key=lambda one: one.target.selector is None))
    for driven in ordered:
        _give(driven, groups, assignment, errors)
    if RATE not in resolved:
        errors += _undriven(resolved, assignment, groups)
    if errors:
        raise LrsError(errors)
    return assignment


def _give(
    driven: Driven, groups: Sequence[Group], assignment: Assignment, errors: list[Diagnostic]
) -> None:
    """Gives one schedule the groups that it selects, or else those that are left."""
    target, is_chosen = driven.target, False
    for i, group in enumerate(groups):
        if not _selects(target, group, i):
            continue
        is_chosen = True
        place = slot(target.key, group)
        if place is None:
            errors.append(_unknown_key(target, group, i))
            return
        other = assignment[i].setdefault(place, driven).target
        if other is not target and (target.selector is not None or other.selector is None):
            errors.append(_overlap(target, other, group, i))
            return
    if not is_chosen:
        errors.append(_unknown_group(target, groups))


def _selects(target: Target, group: Group, index: int) -> bool:
    if target.selector is None:
        return True
    if isinstance(target.selector, int):
        return index == target.selector
    name = group.get("name")
    return isinstance(name, str) and fnmatchcase(name, target.selector)


# So many groups are named in a message.
_LISTED = 20


def _listed(groups: Sequence[Group], places: Sequence[int]) -> str:
    shown = ", ".join(called(groups[i], i) for i in places[:_LISTED])
    return shown + (f" and {len(places) - _LISTED} more" if len(places) > _LISTED else "")


def _unknown_group(target: Target, groups: Sequence[Group]) -> Diagnostic:
    message = f"`{target.label}:` matches none of the optimizer's parameter groups"
    help = f"there are {_listed(groups, range(len(groups)))}"
    if isinstance(target.selector, str) and not any("name" in group for group in groups):
        help += '; name them, as in `{"params": …, "name": "head"}`'
    return Diagnostic("unknown-group", message, help, target.span)


def _unknown_key(target: Target, group: Group, index: int) -> Diagnostic:
    known = names(group)
    message = f"{called(group, index)} has no `{target.key}` that could be driven"
    nearest = meant(target.key, known)
    help = f"did you mean `{nearest}`? " if nearest else ""
    return Diagnostic(
        "unknown-hyperparameter", message, f"{help}it has {', '.join(known)}", target.span
    )


def _overlap(target: Target, other: Target, group: Group, index: int) -> Diagnostic:
    message = f"`{target.label}:` and `{other.label}:` both drive {called(group, index)}"
    help = "select every group once, or leave one of the two without a selector"
    return Diagnostic("overlapping-targets", message, help, target.span)


def _undriven(
    resolved: Resolved, assignment: Assignment, groups: Sequence[Group]
) -> Iterator[Diagnostic]:
    """Reports groups whose learning rate nothing drives, in a program that drives some."""
    targets = [one.target for one in resolved.driven if one.target.key == RATE]
    left = [i for i, driven in enumerate(assignment) if all(p.name != RATE for p in driven)]
    if not targets or not left:
        return
    message = f"nothing drives the learning rate of {_listed(groups, left)}"
    help = "add `lr: const` to keep it, or any other schedule for the groups not selected"
    yield Diagnostic("undriven-group", message, help, targets[-1].span)
