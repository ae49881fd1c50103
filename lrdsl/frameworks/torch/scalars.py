"""The scalars of a scheduler: numbers of the run that no optimizer holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from lrdsl.schedule.plateau import for_schedule
from lrdsl.wording import did_you_mean, listed

if TYPE_CHECKING:
    from lrdsl.frameworks.torch.planned import PlannedLR
    from lrdsl.schedule.schedule import Schedule


class Scalars(Mapping[str, float]):
    """The value that the next update uses of every ``scalar`` of a program, by name.

    It is read-only, and follows its scheduler: it has nothing of its own to save or to restore, and
    a value is computed when it is asked for, so that it costs an ordinary step nothing.

    Args:
        scheduler: the scheduler.
    """

    __slots__ = ("_scheduler",)

    def __init__(self, scheduler: PlannedLR) -> None:
        self._scheduler = scheduler

    @property
    def _schedules(self) -> Mapping[str, Schedule]:
        """Their schedules, for what has happened and where the run is."""
        return self._scheduler._plan.schedules.scalars

    def __getitem__(self, name: str) -> float:
        schedule = self._schedules.get(name)
        if schedule is None:
            known = list(self)
            has = f"it has {listed(known)}" if known else "it has none"
            help = did_you_mean(name, known, has)
            raise KeyError(f"the program has no scalar `{name}`; {help}")
        factors = for_schedule(schedule, self._scheduler._course.meters.factors)
        return schedule(self._scheduler.last_epoch, factors=factors)

    def __contains__(self, name: object) -> bool:
        return name in self._schedules

    def __iter__(self) -> Iterator[str]:
        return iter(self._schedules)

    def __len__(self) -> int:
        return len(self._schedules)

    def __repr__(self) -> str:
        return f"<Scalars {dict(self)}>"
