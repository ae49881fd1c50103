"""One value for parameter groups that were built with different ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.lints.lint import warning

if TYPE_CHECKING:
    from lrdsl.check.targets import Aim
    from lrdsl.schedule.schedule import Schedule


def find(driven: Iterable[tuple[Schedule, float, str]]) -> Iterator[Diagnostic]:
    """Schedules of plain numbers for groups that differ.

    Args:
        driven: the schedules, each with the own value of a group and what that is called.
    """
    bases: dict[str, dict[float, str]] = {}
    aims: dict[str, Aim] = {}
    for schedule, base, name in driven:
        # A schedule of zeros is a plain number, and in proportion to everything.
        if schedule.is_absolute and not schedule.is_proportional:
            aims[schedule.aim.label] = schedule.aim
            bases.setdefault(schedule.aim.label, {}).setdefault(base, name)
    for label, by_base in bases.items():
        if len(by_base) > 1:
            yield _report(aims[label], by_base)


def _report(aim: Aim, bases: dict[float, str]) -> Diagnostic:
    (one, first), (other, second), *_ = bases.items()
    message = (
        f"`{aim.label}:` gives one {aim.noun} to groups that were built with different ones:"
        f" {one:g} in {first}, {other:g} in {second}"
    )
    help = (
        f"To keep them in proportion, write `base` for a group's own {aim.noun}, as in"
        f" `warmup(5) >> cosine(20, base)`; to set them apart, select groups, as in"
        f' `{aim.key}["head"]:` or `{aim.key}[0]:`; or build the optimizer with equal values'
    )
    return warning("unequal-groups", message, help, aim.span)
