"""One curve of a program, and the parameter groups that it is for."""

from __future__ import annotations

import math
from collections.abc import Callable

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.frameworks.torch.bases import Bases
from lrdsl.frameworks.torch.bounds import limit
from lrdsl.frameworks.torch.hyperparameters import Group, Hyperparameter
from lrdsl.record import replace
from lrdsl.resolve.resolved import Driven
from lrdsl.schedule.block import Scalar
from lrdsl.schedule.plateau import NamedFactors, for_schedule
from lrdsl.schedule.views import curve_of, fault_of, faults_of
from lrdsl.wording import number

# The curve, its lowest value and its limit, the key, the groups where it holds a number, and how to
# write to the others.
Sink = tuple[Scalar, float, float, str, list[Group], Callable[[Group, float], None], list[Group]]


class Job:
    """One curve, and the groups that it is for.

    Args:
        driven: the schedule, and what the program calls what it drives.
        base: the number that ``base`` stands for.
        slot: the number of the groups that is driven.
        bases: all groups, for messages.

    Attributes:
        lowest: the lowest of its values that is valid.
        limit: the upper bound of its values in torch.
        groups: the parameter groups that have this base.
        indices: their places among the optimizer's groups.
        plain: those groups in which the number is all that its key holds.
        others: the rest of them: it is in a tuple, or a tensor.
        factors: the current factor of each ``plateau`` of the schedule, if it has any.
        curve: the value at a step.
    """

    __slots__ = (
        "_bases", "base", "curve", "driven", "factors", "groups", "indices", "limit", "lowest",
        "others", "plain", "slot",
    )  # fmt: skip
    factors: tuple[float, ...] | None
    curve: Scalar

    def __init__(self, driven: Driven, base: float, slot: Hyperparameter, bases: Bases) -> None:
        self._bases = bases
        self.driven = driven
        self.base = base
        self.slot = slot
        self.lowest, self.limit = driven.schedule.lowest, limit(driven.target)
        self.groups: list[Group] = []
        self.indices: list[int] = []
        self.plain: list[Group] = []
        self.others: list[Group] = []

    def take(self, group: Group, index: int) -> None:
        """Adds a group."""
        self.groups.append(group)
        self.indices.append(index)
        (self.plain if self.slot.is_plain(group) else self.others).append(group)

    def keep(self, groups: list[Group]) -> None:
        """Writes from now on only to some of its groups; what else it is for is written elsewhere.

        Args:
            groups: those groups.
        """
        self.plain = [group for group in groups if self.slot.is_plain(group)]
        self.others = [group for group in groups if not self.slot.is_plain(group)]

    def bind(self, factors: NamedFactors) -> None:
        """Takes the curve for what every ``plateau`` has come down to."""
        schedule = self.driven.schedule
        self.factors = for_schedule(schedule, factors)
        self.curve = curve_of(schedule, self.base, self.factors)

    def sink(self) -> Sink:
        """All that writing takes, at hand."""
        slot = self.slot
        return self.curve, self.lowest, self.limit, slot.key, self.plain, slot.write, self.others

    @property
    def is_in_doubt(self) -> bool:
        """True if the schedule may be fine for one base and not for another.

        One that is in proportion to `base`, or free of it, was looked at when it was resolved; what
        has an upper limit in torch besides was not yet held to it. Neither is it for a wrong base.
        """
        schedule = self.driven.schedule
        if self.limit < math.inf or not 0.0 <= self.base < math.inf:
            return True
        return not (schedule.is_proportional or schedule.is_absolute)

    def faults(self) -> list[Diagnostic]:
        """The errors of the curve for torch, at any step."""
        driven, base = self.driven, self.base
        noun = driven.target.noun
        found = faults_of(driven.schedule, base, noun=noun, limit=self.limit)
        if not found and any(meter.max > 1.0 for meter in driven.schedule.meters):
            return self._risen(noun)
        if self.lowest <= base < math.inf:
            return found
        group = self._bases.called(self.indices[0])
        help = f"`base` is {number(base)}, which {group} was built with: build it with a {noun} of"
        asked = "0 or more" if self.lowest == 0 else "a finite number"
        return [replace(fault, help=f"{help} {asked}", fixes=()) for fault in found]

    def _risen(self, noun: str) -> list[Diagnostic]:
        """The errors of the curve once every metric has raised it as far as it may."""
        schedule = self.driven.schedule
        factors = tuple([meter.max for meter in schedule.meters])
        found = faults_of(schedule, self.base, noun=noun, limit=self.limit, factors=factors)
        help = "a metric may bring it there: lower `max` of `plateau`"
        return [replace(fault, help=help, fixes=()) for fault in found]

    def fault(self, step: int, factors: tuple[float, ...] | None) -> Diagnostic | None:
        """The error of a value for torch; None if it is valid."""
        driven = self.driven
        noun = driven.target.noun
        return fault_of(driven.schedule, step, self.base, factors, noun=noun, limit=self.limit)
