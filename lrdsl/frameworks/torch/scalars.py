"""The scalars of a scheduler: numbers of the run that no optimizer holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from lrdsl.wording import did_you_mean, listed

if TYPE_CHECKING:
    from lrdsl.frameworks.torch.planned import PlannedLR


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

    def __getitem__(self, name: str) -> float:
        schedule = self._scheduler._plan.scalars.get(name)
        if schedule is None:
            known = list(self)
            has = f"it has {listed(known)}" if known else "it has none"
            help = did_you_mean(name, known, has)
            raise KeyError(f"the program has no scalar `{name}`; {help}")
        return self._scheduler._course.value(schedule, self._scheduler.last_epoch)

    def __contains__(self, name: object) -> bool:
        return name in self._scheduler._plan.scalars

    def __iter__(self) -> Iterator[str]:
        return iter(self._scheduler._plan.scalars)

    def __len__(self) -> int:
        return len(self._scheduler._plan.scalars)

    def __repr__(self) -> str:
        return f"<Scalars {dict(self)}>"
