"""The findings of lints about a program and the optimizer it is compiled for."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal, get_args

from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.diagnostics.warn import warn
from lrdsl.frameworks.torch import unequal
from lrdsl.frameworks.torch.hyperparameters import called
from lrdsl.frameworks.torch.lambda_lr import ScheduleLR
from lrdsl.frameworks.torch.plan import planned
from lrdsl.lints.engine import lint
from lrdsl.outside import shown
from lrdsl.program import run_for
from lrdsl.record import replace
from lrdsl.resolve.resolved import Driven, Resolved

if TYPE_CHECKING:
    from torch.optim import Optimizer

Mode = Literal["warn", "error", "off"]
MODES: tuple[Mode, ...] = get_args(Mode)
VARIABLE = "LRDSL_LINT"
# What is driven, each with the own value of a group and what that group is called.
Own = Sequence[tuple[Driven, float, str]]


# What was found in texts that are read from their files again and again; the oldest make room.
_MOST = 256
# What findings are kept under that hold for every rate of the optimizer.
_ANY_RATE: tuple[float, ...] = ()
_kept: dict[tuple[object, ...], tuple[Diagnostic, ...]] = {}


def mode_of(given: str | None, schedules: Resolved) -> Mode:
    """What to do with findings: the argument, or the environment's setting, or to warn.

    Args:
        given: the argument of ``compile``; None if it was left out.
        schedules: the program, laid out.

    Raises:
        ValueError: it is no such word.
    """
    name, word = "lint", given
    if word is None:
        if schedules.findings.get(_ANY_RATE) == ():
            return "off"  # nothing is to be found: the environment, which is slow, is not asked
        name, word = VARIABLE, os.environ.get(VARIABLE, "warn")
    if not isinstance(word, str) or word not in MODES:
        raise ValueError(f"{name} is one of {', '.join(MODES)}, not {shown(word)}")
    return word


def refuse(schedules: Resolved, optimizer: Optimizer, *, rebase: bool) -> None:
    """Refuses a program in which something is found, before anything of the optimizer changes.

    Args:
        schedules: the program, laid out.
        optimizer: the optimizer.
        rebase: True if `base` is what the groups have now.

    Raises:
        LrsError: with everything that is found.
    """
    groups = getattr(optimizer, "param_groups", None)
    # What is no optimizer will be refused as such.
    known = isinstance(groups, list)
    found = _found(schedules, _own(schedules, optimizer, rebase=rebase)) if known else ()
    if found:
        raise LrsError([replace(finding, severity="error") for finding in found])


def report(schedules: Resolved, scheduler: object, optimizer: Optimizer) -> None:
    """Warns of everything that is found in a program, each finding once in a process.

    Args:
        schedules: the program, laid out.
        scheduler: its scheduler.
        optimizer: the optimizer.
    """
    if isinstance(scheduler, ScheduleLR):
        # A program that is compiled again costs this look-up.
        found = schedules.findings.get(_ANY_RATE)
        if found is None:
            found = schedules.findings.get(scheduler.bases)
        if found is None:
            found = _found(schedules, list(scheduler.driven()))
    else:
        found = _found(schedules, _own(schedules, optimizer, rebase=False))
    for finding in found:
        warn(finding)


def _own(schedules: Resolved, optimizer: Optimizer, *, rebase: bool) -> Own:
    plan = planned(schedules, optimizer, rebase=rebase, missing=True)
    return [(job.driven, job.base, called(job.groups[0], job.indices[0])) for job in plan.jobs]


def _found(schedules: Resolved, own: Own) -> tuple[Diagnostic, ...]:
    """The findings; a program that was looked at for such an optimizer is not looked at again."""
    bases = _asked(schedules, tuple([base for _, base, _ in own]))
    found = schedules.findings.get(bases)
    if found is None:
        source = schedules.program.module.source
        groups = schedules.program.groups
        key = (source.text, source.name, repr(schedules.arguments), bases, groups)
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
    return _ANY_RATE if proportional else bases


def _looked_for(schedules: Resolved, own: Own) -> Iterable[Diagnostic]:
    bases: dict[str, set[float]] = {}
    for driven, base, _ in own:
        bases.setdefault(driven.target.label, set()).add(base)
    yield from lint(schedules.program, run_for(schedules.arguments), schedules, _is_chosen, bases)
    yield from unequal.found(own)


def _is_chosen(slug: str) -> bool:
    """True to run a lint: the optimizer has every number that the program drives."""
    return slug != "unknown-target"
