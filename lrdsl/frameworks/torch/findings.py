"""What the lints say about a program and the optimizer it is compiled for."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal, cast, get_args

from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.diagnostics.warn import warn
from lrdsl.frameworks.torch.assign import assign
from lrdsl.frameworks.torch.hyperparameters import Group, called
from lrdsl.frameworks.torch.lambda_lr import ScheduleLR
from lrdsl.lints import ignores
from lrdsl.lints.engine import lint
from lrdsl.lints.groups import unequal_groups
from lrdsl.program import run_for
from lrdsl.record import replace
from lrdsl.resolve.resolved import Driven, Resolved

if TYPE_CHECKING:
    from torch.optim import Optimizer

Mode = Literal["warn", "error", "off"]
VARIABLE = "LRDSL_LINT"
# What is driven, each with the own value of a group and what that group is called.
Own = Sequence[tuple[Driven, float, str]]


# What was found in texts that are read from their files again and again; the oldest make room.
_MOST = 256
_kept: dict[tuple[object, ...], tuple[Diagnostic, ...]] = {}


def mode_of(given: str | None) -> Mode:
    """What to do with findings: what was asked for, or what the environment says, or to warn.

    Args:
        given: the argument of ``compile``; None where it was left out.

    Raises:
        ValueError: it is no such word.
    """
    name, word = ("lint", given) if given is not None else (VARIABLE, os.environ.get(VARIABLE))
    if word is None:
        return "warn"
    if word not in get_args(Mode):
        raise ValueError(f"{name} is one of {', '.join(get_args(Mode))}, not {word!r}")
    return cast(Mode, word)


def refuse(schedules: Resolved, optimizer: Optimizer) -> None:
    """Refuses a program in which something is found, before anything of the optimizer changes.

    Args:
        schedules: the program, laid out.
        optimizer: the optimizer.

    Raises:
        LrsError: with everything that is found.
    """
    groups = getattr(optimizer, "param_groups", None)
    # What is no optimizer will be refused as such.
    found = _found(schedules, _own(schedules, groups)) if isinstance(groups, list) else ()
    if found:
        raise LrsError([replace(finding, severity="error") for finding in found])


def report(schedules: Resolved, scheduler: object, optimizer: Optimizer) -> None:
    """Warns of everything that is found in a program, each finding once in a process.

    Args:
        schedules: the program, laid out.
        scheduler: what was made of it.
        optimizer: the optimizer.
    """
    if isinstance(scheduler, ScheduleLR):
        # A program that is compiled again costs this look-up.
        found = schedules.findings.get(_asked(schedules, scheduler.bases))
        if found is None:
            found = _found(schedules, list(scheduler.driven()))
    else:
        found = _found(schedules, _own(schedules, optimizer.param_groups))
    for finding in found:
        warn(finding)


def _own(schedules: Resolved, groups: Sequence[Group]) -> list[tuple[Driven, float, str]]:
    return [
        (driven, slot.base(groups[i]), called(groups[i], i))
        for i, drivers in enumerate(assign(schedules, groups))
        for slot, driven in drivers.items()
    ]


def _found(schedules: Resolved, own: Own) -> tuple[Diagnostic, ...]:
    """The findings; a program that was looked at for such an optimizer is not looked at again."""
    bases = _asked(schedules, tuple([base for _, base, _ in own]))
    found = schedules.findings.get(bases)
    if found is None:
        source = schedules.program.module.source
        key = (source.text, source.name, repr(schedules.arguments), bases)
        found = _kept.get(key)
        if found is None:
            found = tuple(_looked_for(schedules, own))
            if len(_kept) >= _MOST:
                _kept.pop(next(iter(_kept)))
            _kept[key] = found
        if len(schedules.findings) >= _MOST:
            schedules.findings.clear()
        schedules.findings[bases] = found
    return found


def _asked(schedules: Resolved, bases: tuple[float, ...]) -> tuple[float, ...]:
    """The rates that findings depend on: none where all values are in proportion to them."""
    proportional = all(one.schedule.is_proportional for one in schedules.driven)
    return () if proportional else bases


def _looked_for(schedules: Resolved, own: Own) -> Iterable[Diagnostic]:
    bases: dict[str, set[float]] = {}
    for driven, base, _ in own:
        bases.setdefault(driven.target.label, set()).add(base)
    yield from lint(schedules.program, run_for(schedules.arguments), schedules, _is_chosen, bases)
    for finding in unequal_groups.find(own):
        if not ignores.ignored(finding):
            yield finding


def _is_chosen(slug: str) -> bool:
    """Whether to run a lint: the optimizer has every number that the program drives."""
    return slug != "unknown-target"
