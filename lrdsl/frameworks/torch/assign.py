"""Which schedule drives which number of which parameter group."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import repeat

from lrdsl.check.hyperparameters import meant
from lrdsl.check.targets import RATE, Target
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.frameworks.torch.bases import Bases
from lrdsl.frameworks.torch.hyperparameters import Group, Hyperparameter, called, names, slot
from lrdsl.resolve.resolved import Driven, Resolved

# What drives the numbers of a group, by their names.
Drivers = dict[str, tuple[Hyperparameter, Driven]]


def assign(resolved: Resolved, bases: Bases, *, missing: bool = False) -> list[Drivers]:
    """Gives every schedule its groups: first those with selectors, then those without.

    Args:
        resolved: a program, laid out.
        bases: the optimizer's parameter groups and their places.
        missing: True if a selector may match nothing: its group is yet to come, or has gone.

    Raises:
        LrsError: a selector matches nothing, two of them meet, a group has no such number, or has
            a learning rate that nothing drives.
    """
    groups = bases.groups
    assignment: list[Drivers] = [{} for _ in groups]
    errors: list[Diagnostic] = []
    ordered = resolved.in_groups
    if captured := resolved.program.captured:
        ordered = tuple([one for one in ordered if not one.target.names])
        for target in captured:
            own = [one for one in resolved.driven if one.target.statement == target]
            is_chosen = _give(target, _captured(target, own, bases), bases, assignment, errors)
            if not (is_chosen or missing or target.optional):
                errors.append(_unknown_group(target, groups))
    if len(ordered) > 1:
        ordered = tuple(sorted(ordered, key=lambda one: one.target.selector is None))
    for driven in ordered:
        target = driven.target
        is_chosen = _give(target, _chosen(driven, bases), bases, assignment, errors)
        if not (is_chosen or missing or target.optional):
            errors.append(_unknown_group(target, groups))
    if RATE not in resolved:
        errors += _undriven(resolved, assignment, groups)
        errors += _without_rate(resolved, groups)
    if resolved.has_owns:
        from lrdsl.frameworks.torch.owns import bind

        errors += bind(assignment, bases)
    if errors:
        raise LrsError(errors)
    return assignment


# A group that a schedule is for, by its index.
Chosen = Iterable[tuple[int, Driven]]


def _chosen(driven: Driven, bases: Bases) -> Chosen:
    """The groups that one schedule selects."""
    selector = driven.target.selector
    if selector is None:
        return zip(range(len(bases.groups)), repeat(driven), strict=False)
    if isinstance(selector, int):
        return ((i, driven) for i, place in enumerate(bases.places) if place == selector)
    if "{" in selector or "}" in selector:
        from lrdsl.check.captures import literal

        selector = literal(selector)
    names = (group.get("name") for group in bases.groups)
    return (
        (i, driven)
        for i, name in enumerate(names)
        if isinstance(name, str) and fnmatchcase(name, selector)
    )


def _captured(target: Target, own: Sequence[Driven], bases: Bases) -> Chosen:
    """The groups that a selector with captures matches, each with the schedule for its numbers."""
    from lrdsl.check.captures import captured

    expansions = {one.target.captures: one for one in own}
    for i, group in enumerate(bases.groups):
        name = group.get("name")
        if isinstance(name, str):
            numbers = captured(str(target.selector), target.names, name)
            if numbers is not None:
                yield i, expansions[numbers]


def _give(
    target: Target,
    chosen: Chosen,
    bases: Bases,
    assignment: list[Drivers],
    errors: list[Diagnostic],
) -> bool:
    """Gives one statement the groups that it selects, or else those that are left, if any."""
    is_chosen = False
    for i, driven in chosen:
        is_chosen = True
        group = bases.groups[i]
        number = slot(target.key, group)
        if number is None:
            errors.append(_unknown_key(target, group, i))
            break
        if why := number.why_unreadable(group):
            errors.append(_no_base(target, group, i, why))
            break
        other = assignment[i].setdefault(number.name, (number, driven))[1].target
        is_another = other is not target and other.span != target.span
        if is_another and (target.selector is not None or other.selector is None):
            errors.append(_overlap(driven.target, other, group, i))
            break
    return is_chosen


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
    quoted = f'"{target.selector}"' if isinstance(target.selector, str) else target.selector
    help += f"; for a group that is added later, write `{target.key}[{quoted}, optional]:`"
    help += " or compile with allow_missing_groups=True"
    return Diagnostic("unknown-group", message, help, target.span)


def _unknown_key(target: Target, group: Group, index: int) -> Diagnostic:
    known = names(group)
    message = f"{called(group, index)} has no `{target.key}` that could be driven"
    nearest = meant(target.key, known)
    help = f"did you mean `{nearest}`? " if nearest else ""
    return Diagnostic(
        "unknown-hyperparameter", message, f"{help}it has {', '.join(known)}", target.span
    )


def _no_base(target: Target, group: Group, index: int, why: str) -> Diagnostic:
    message = f"`{target.key}` of {called(group, index)} cannot be driven: {why}"
    help = f"build the optimizer with a number, as in `{target.key}=…`"
    if target.key == RATE:
        help = (
            "build the optimizer with a rate, as in `lr=1e-3`, and on a real device; an optimizer"
            " that chooses its own rate, such as Adafactor with `relative_step=True`, must not"
        )
    return Diagnostic("no-base", message, help, target.span)


def _without_rate(resolved: Resolved, groups: Sequence[Group]) -> Iterator[Diagnostic]:
    """Reports a group without a learning rate, which torch's schedulers read, driven or not."""
    if not resolved.in_groups:
        return
    for i, group in enumerate(groups):
        if RATE not in group and all(one.target.key != RATE for one in resolved.in_groups):
            message = f"{called(group, i)} has no `{RATE}`, which torch reads in every group"
            help = "give the group a rate, as in `lr=1e-3`, even if nothing uses it"
            yield Diagnostic(
                "unknown-hyperparameter", message, help, resolved.driven[0].target.span
            )
            return


def _overlap(target: Target, other: Target, group: Group, index: int) -> Diagnostic:
    message = f"`{target.label}:` and `{other.label}:` both drive {called(group, index)}"
    help = "select every group once, or leave one of the two without a selector"
    return Diagnostic("overlapping-targets", message, help, target.span)


def _undriven(
    resolved: Resolved, assignment: list[Drivers], groups: Sequence[Group]
) -> Iterator[Diagnostic]:
    """Reports groups whose learning rate nothing drives, in a program that drives some."""
    every = [one.target for one in resolved.in_groups] + [*resolved.program.captured]
    targets = [target for target in every if target.key == RATE]
    left = [i for i, driven in enumerate(assignment) if RATE not in driven]
    if not targets or not left:
        return
    message = f"nothing drives the learning rate of {_listed(groups, left)}"
    help = "add `lr: const` to keep it, or any other schedule for the groups not selected"
    yield Diagnostic("undriven-group", message, help, targets[-1].span)


def fitted(resolved: Resolved, groups: Sequence[Group]) -> Resolved:
    """A program with the schedules that its selectors with captures stand for in these groups.

    Args:
        resolved: the program, laid out.
        groups: the parameter groups.

    Raises:
        LrsError: a schedule is wrong for the numbers that it captures.
    """
    program = resolved.program
    if not program.captured:
        return resolved
    bound = program.for_groups([name for name in captured_names(groups) if name is not None])
    return resolved if bound is program else bound.resolve_all(**resolved.arguments)


def captured_names(groups: Sequence[Group]) -> list[str | None]:
    """The names of groups, which selectors capture numbers from; None for a group without one.

    Args:
        groups: the parameter groups.
    """
    names = [group.get("name") for group in groups]
    return [name if isinstance(name, str) else None for name in names]
