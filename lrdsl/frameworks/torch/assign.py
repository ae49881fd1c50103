"""Which schedule drives which number of which parameter group."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import repeat
from typing import TYPE_CHECKING

from lrdsl.check.hyperparameters import meant
from lrdsl.check.targets import RATE, Target
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.frameworks.torch.bases import Bases
from lrdsl.frameworks.torch.hyperparameters import Hyperparameter, names, slot
from lrdsl.resolve.resolved import Driven, Resolved

if TYPE_CHECKING:
    from lrdsl.program import Program

# What drives the numbers of a group, by their names.
Drivers = dict[str, tuple[Hyperparameter, Driven]]


def assign(resolved: Resolved, bases: Bases, *, missing: bool = False) -> list[Drivers]:
    """Gives every schedule its groups: first those with selectors, then those without.

    Args:
        resolved: a program, laid out.
        bases: the optimizer's parameter groups and their places.
        missing: True if a selector may match nothing: its group is yet to come, or has gone, or
            belongs to another optimizer.

    Raises:
        LrsError: a selector matches nothing, two of them meet, a group has no such number, or has
            a learning rate that nothing drives.
    """
    assignment: list[Drivers] = [{} for _ in bases.groups]
    errors: list[Diagnostic] = []
    is_one_of_several = bool(bases.owner)
    for target, chosen in _selected(resolved, bases):
        if is_one_of_several:
            chosen = [*chosen]
            if all(slot(target.key, bases.groups[i]) is None for i, _ in chosen):
                continue  # another optimizer has the number
        is_chosen = _give(target, chosen, bases, assignment, errors)
        if not (is_chosen or missing or target.optional):
            errors.append(_unknown_group(target, [bases]))
    if RATE not in resolved:
        errors += _undriven(resolved, assignment, bases)
        errors += _without_rate(resolved, bases)
    if resolved.has_owns:
        from lrdsl.frameworks.torch.owns import bind

        errors += bind(assignment, bases)
    if errors:
        raise LrsError(errors)
    return assignment


def unmatched(
    resolved: Resolved, optimizers: Sequence[Bases], *, missing: bool
) -> Iterator[Diagnostic]:
    """The statements of a program that fit none of several optimizers.

    Args:
        resolved: a program, laid out.
        optimizers: the parameter groups of each, with the name of the optimizer.
        missing: True if a selector may match nothing.
    """
    found: dict[Target, list[tuple[Bases, int]]] = {}
    for bases in optimizers:
        for target, chosen in _selected(resolved, bases):
            found.setdefault(target, []).extend([(bases, i) for i, _ in chosen])
    for target, places in found.items():
        if isinstance(target.selector, int):
            yield _index(target, optimizers)
        elif not places:
            if not (missing or target.optional):
                yield _unknown_group(target, optimizers)
        elif all(slot(target.key, bases.groups[i]) is None for bases, i in places):
            yield _unknown_key(target, *places[0])


# A group that a schedule is for, by its index.
Chosen = Iterable[tuple[int, Driven]]


def _selected(resolved: Resolved, bases: Bases) -> Iterator[tuple[Target, Chosen]]:
    """The groups that each statement selects: first those with selectors, then those without."""
    ordered = resolved.in_groups
    if captured := resolved.program.captured:
        ordered = tuple([one for one in ordered if not one.target.names])
        for target in captured:
            own = [one for one in resolved.driven if one.target.statement == target]
            yield target, _captured(target, own, bases)
    if len(ordered) > 1:
        ordered = tuple(sorted(ordered, key=lambda one: one.target.selector is None))
    for driven in ordered:
        yield driven.target, _chosen(driven, bases)


def _chosen(driven: Driven, bases: Bases) -> Chosen:
    """The groups that one schedule selects."""
    selector = driven.target.selector
    if selector is None:
        return zip(range(len(bases.groups)), repeat(driven), strict=False)
    if isinstance(selector, int):
        places = () if bases.owner else bases.places
        return ((i, driven) for i, place in enumerate(places) if place == selector)
    if "{" in selector or "}" in selector:
        from lrdsl.check.captures import literal

        selector = literal(selector)
    return (
        (i, driven)
        for i in range(len(bases.groups))
        if any(fnmatchcase(name, selector) for name in bases.answers(i))
    )


def _captured(target: Target, own: Sequence[Driven], bases: Bases) -> Chosen:
    """The groups that a selector with captures matches, each with the schedule for its numbers."""
    expansions = {one.target.captures: one for one in own}
    for i in range(len(bases.groups)):
        _, numbers = numbers_in(target, bases, i)
        if numbers is not None:
            yield i, expansions[numbers]


def numbers_in(target: Target, bases: Bases, index: int) -> tuple[str, tuple[int, ...] | None]:
    """The numbers that a selector captures from the first name of a group that it matches.

    Args:
        target: a statement whose selector captures numbers.
        bases: the groups.
        index: which of them.

    Returns:
        The name, and the numbers; None for them if the selector matches no name of the group.
    """
    from lrdsl.check.captures import captured

    for name in bases.answers(index):
        numbers = captured(str(target.selector), target.names, name)
        if numbers is not None:
            return name, numbers
    return "", None


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
            errors.append(_unknown_key(target, bases, i))
            break
        if why := number.why_unreadable(group):
            errors.append(_no_base(target, bases.called(i), why))
            break
        other = assignment[i].setdefault(number.name, (number, driven))[1].target
        is_another = other is not target and other.span != target.span
        if is_another and (target.selector is not None or other.selector is None):
            errors.append(_overlap(driven.target, other, bases.called(i)))
            break
    return is_chosen


# So many groups are named in a message.
_LISTED = 20


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_LISTED])
    return shown + (f" and {len(names) - _LISTED} more" if len(names) > _LISTED else "")


def _every(optimizers: Sequence[Bases]) -> str:
    """All groups, as messages list them."""
    return _listed([one.called(i) for one in optimizers for i in range(len(one.groups))])


def _index(target: Target, optimizers: Sequence[Bases]) -> Diagnostic:
    message = f"`{target.label}:` does not say of which optimizer"
    name = next((one.full_name(0) for one in optimizers if one.groups), optimizers[0].owner)
    help = f'write `{target.key}["{name}"]:` for one group; there are {_every(optimizers)}'
    return Diagnostic("unknown-group", message, help, target.span)


def _unknown_group(target: Target, optimizers: Sequence[Bases]) -> Diagnostic:
    several = f"{len(optimizers)} optimizers'" if len(optimizers) > 1 else "optimizer's"
    message = f"`{target.label}:` matches none of the {several} parameter groups"
    help = f"there are {_every(optimizers)}"
    if optimizers[0].owner:
        names = _listed([f'"{one.owner}"' for one in optimizers])
        help = f"the optimizers are {names}, and their groups {_every(optimizers)}"
    are_named = any("name" in group for one in optimizers for group in one.groups)
    if isinstance(target.selector, str) and not (are_named or optimizers[0].owner):
        help += '; name them, as in `{"params": …, "name": "head"}`'
    quoted = f'"{target.selector}"' if isinstance(target.selector, str) else target.selector
    help += f"; for a group that is added later, write `{target.key}[{quoted}, optional]:`"
    help += " or compile with allow_missing_groups=True"
    return Diagnostic("unknown-group", message, help, target.span)


def _unknown_key(target: Target, bases: Bases, index: int) -> Diagnostic:
    known = names(bases.groups[index])
    message = f"{bases.called(index)} has no `{target.key}` that could be driven"
    nearest = meant(target.key, known)
    help = f"did you mean `{nearest}`? " if nearest else ""
    return Diagnostic(
        "unknown-hyperparameter", message, f"{help}it has {', '.join(known)}", target.span
    )


def _no_base(target: Target, group: str, why: str) -> Diagnostic:
    message = f"`{target.key}` of {group} cannot be driven: {why}"
    help = f"build the optimizer with a number, as in `{target.key}=…`"
    if target.key == RATE:
        help = (
            "build the optimizer with a rate, as in `lr=1e-3`, and on a real device; an optimizer"
            " that chooses its own rate, such as Adafactor with `relative_step=True`, must not"
        )
    return Diagnostic("no-base", message, help, target.span)


def _without_rate(resolved: Resolved, bases: Bases) -> Iterator[Diagnostic]:
    """Reports a group without a learning rate, which torch's schedulers read, driven or not."""
    if not resolved.in_groups:
        return
    for i, group in enumerate(bases.groups):
        if RATE not in group and all(one.target.key != RATE for one in resolved.in_groups):
            message = f"{bases.called(i)} has no `{RATE}`, which torch reads in every group"
            help = "give the group a rate, as in `lr=1e-3`, even if nothing uses it"
            yield Diagnostic(
                "unknown-hyperparameter", message, help, resolved.driven[0].target.span
            )
            return


def _overlap(target: Target, other: Target, group: str) -> Diagnostic:
    message = f"`{target.label}:` and `{other.label}:` both drive {group}"
    help = "select every group once, or leave one of the two without a selector"
    return Diagnostic("overlapping-targets", message, help, target.span)


def _undriven(resolved: Resolved, assignment: list[Drivers], bases: Bases) -> Iterator[Diagnostic]:
    """Reports groups whose learning rate nothing drives, in a program that drives some."""
    every = [one.target for one in resolved.in_groups] + [*resolved.program.captured]
    targets = [target for target in every if target.key == RATE]
    left = [i for i, driven in enumerate(assignment) if RATE not in driven]
    if not targets or not left:
        return
    message = f"nothing drives the learning rate of {_listed([bases.called(i) for i in left])}"
    help = "add `lr: const` to keep it, or any other schedule for the groups not selected"
    yield Diagnostic("undriven-group", message, help, targets[-1].span)


def fitted(resolved: Resolved, bases: Bases) -> Resolved:
    """A program with the schedules that its selectors with captures stand for in these groups.

    Args:
        resolved: the program, laid out.
        bases: the parameter groups. If their optimizer is one of several, the schedules for the
            groups of the others stay.

    Raises:
        LrsError: a schedule is wrong for the numbers that it captures.
    """
    program = resolved.program
    if not program.captured:
        return resolved
    others = (program.groups or ()) if bases.owner else ()
    bound = program.for_groups([*others, *capturing(program, [bases])])
    return resolved if bound is program else bound.resolve_all(**resolved.arguments)


def capturing(program: Program, optimizers: Iterable[Bases]) -> list[str]:
    """The names of groups that the selectors of a program capture numbers from.

    Args:
        program: the program.
        optimizers: the parameter groups of each optimizer.
    """
    every = [(bases, i) for bases in optimizers for i in range(len(bases.groups))]
    found = [numbers_in(target, *one)[0] for one in every for target in program.captured]
    return [name for name in dict.fromkeys(found) if name]


def names_of(bases: Bases) -> list[str | None]:
    """The own names of groups, as a state keeps them; None for a group without one."""
    names = [group.get("name") for group in bases.groups]
    return [name if isinstance(name, str) else None for name in names]
