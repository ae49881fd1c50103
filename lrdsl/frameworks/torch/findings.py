"""The findings of lints about a program and the optimizer it is compiled for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.diagnostics.warn import warn
from lrdsl.frameworks.torch import unequal
from lrdsl.frameworks.torch.options import MODES, Mode, one_of
from lrdsl.frameworks.torch.plan import planned
from lrdsl.lints.engine import lint
from lrdsl.record import replace
from lrdsl.resolve.resolved import Driven, Resolved

if TYPE_CHECKING:
    from torch.optim import Optimizer

    from lrdsl.frameworks.torch.lambda_lr import ScheduleLR
    from lrdsl.resolve.run_arguments import RunArguments

VARIABLE = "LRDSL_LINT"
# What is driven, each with the own value of a group and what that group is called.
Own = Sequence[tuple[Driven, float, str]]


# What was found in texts that are read from their files again and again; the oldest make room.
_MOST = 256
# What findings are kept under that hold for every rate of the optimizer.
_ANY_RATE: tuple[object, ...] = ()
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
    return cast("Mode", one_of(name, MODES, word))


def refuse(schedules: Resolved, optimizers: Mapping[str, Optimizer], *, rebase: bool) -> None:
    """Refuses a program in which something is found, before anything of an optimizer changes.

    Args:
        schedules: the program, laid out.
        optimizers: the optimizers, by name; the only one has an empty name.
        rebase: True if `base` is what the groups have now.

    Raises:
        LrsError: with everything that is found.
    """
    # What is no optimizer will be refused as such.
    known = all(isinstance(getattr(o, "param_groups", None), list) for o in optimizers.values())
    own = _own(schedules, optimizers, rebase=rebase) if known else ()
    found = _found(schedules, own, _names(optimizers)) if known else ()
    if found:
        raise LrsError([replace(finding, severity="error") for finding in found])


def report(schedules: Resolved, scheduler: object, optimizers: Mapping[str, Optimizer]) -> None:
    """Warns of everything that is found in a program, each finding once in a process.

    Args:
        schedules: the program, laid out.
        scheduler: its scheduler.
        optimizers: the optimizers, by name; the only one has an empty name.
    """
    driven: Callable[[], Iterable[tuple[Driven, float, str]]] | None
    if (driven := getattr(scheduler, "driven", None)) is not None:  # else it is one of torch's
        # A program that is compiled again costs this look-up.
        found = schedules.findings.get(_ANY_RATE)
        if found is None:
            found = _found(schedules, list(driven()), _names(optimizers))
    else:
        own = _own(schedules, optimizers, rebase=False)
        found = _found(schedules, own, _names(optimizers))
    for finding in found:
        warn(finding)


def report_in_run(scheduler: ScheduleLR, total: int) -> None:
    """Reports what is found now that the length of the run is known, if nobody has said it before.

    Args:
        scheduler: the scheduler.
        total: the steps of the run.

    Raises:
        LrsError: with everything that is found, if the scheduler was made with ``lint="error"``.
    """
    schedules = scheduler.schedules
    if schedules.run.total is not None or schedules.run.clock is not None:
        return
    run: RunArguments = {**schedules.arguments, "total": total}
    try:
        known = schedules.program.resolve_all(**run)
    except LrsError:
        return  # the scheduler follows a layout that needs no total
    optimizers = {scheduler.owner: scheduler.optimizer}
    mode = mode_of(scheduler.lint, known)
    if mode == "error":
        refuse(known, optimizers, rebase=False)
    elif mode == "warn":
        report(known, scheduler, optimizers)


def note(schedules: Resolved) -> None:
    """Says what the program states of its run and an argument says otherwise, once in a process.

    Args:
        schedules: the program, laid out.
    """
    for one in schedules.overridden:
        warn(one)


def _names(optimizers: Mapping[str, Optimizer]) -> tuple[str, ...]:
    """The names of several optimizers; a single one has none."""
    return tuple([name for name in optimizers if name])


def _own(schedules: Resolved, optimizers: Mapping[str, Optimizer], *, rebase: bool) -> Own:
    plans = [
        planned(schedules, optimizer, rebase=rebase, missing=True, owner=name)
        for name, optimizer in optimizers.items()
    ]
    pairs = [(plan, job) for plan in plans for job in plan.jobs]
    return [(job.driven, job.base, plan.bases.called(job.indices[0])) for plan, job in pairs]


def _found(schedules: Resolved, own: Own, optimizers: tuple[str, ...]) -> tuple[Diagnostic, ...]:
    """The findings; a program that was looked at for such an optimizer is not looked at again."""
    bases = _asked(schedules, own)
    found = schedules.findings.get(bases)
    if found is None:
        source = schedules.program.module.source
        groups = schedules.program.groups
        key = (source.text, source.name, repr(schedules.arguments), bases, groups)
        found = _kept.get(key)
        if found is None:
            found = tuple(_looked_for(schedules, own, optimizers))
            if len(_kept) >= _MOST:
                _kept.pop(next(iter(_kept)))
            _kept[key] = found
        if len(schedules.findings) >= _MOST:
            schedules.findings.clear()
        schedules.findings[bases] = found
    return found


def _asked(schedules: Resolved, own: Own) -> tuple[object, ...]:
    """What findings depend on: nothing where all values are in proportion to the rates.

    Otherwise the rates, and what the groups are called in messages.
    """
    proportional = all(one.schedule.is_proportional for one in schedules.in_groups)
    return _ANY_RATE if proportional else tuple([(base, name) for _, base, name in own])


def _looked_for(schedules: Resolved, own: Own, optimizers: tuple[str, ...]) -> Iterable[Diagnostic]:
    bases: dict[str, set[float]] = {}
    for driven, base, _ in own:
        bases.setdefault(driven.target.label, set()).add(base)
    yield from lint(schedules.program, schedules.run, schedules, _is_chosen, bases)
    yield from unequal.found(own, optimizers)


def _is_chosen(slug: str) -> bool:
    """True to run a lint: the optimizer has every number that the program drives."""
    return slug != "unknown-target"
