"""The scheduler of one of several optimizers, and what it shares with the others."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.frameworks.torch.bases import Bases
from lrdsl.frameworks.torch.clocked import ClockLR
from lrdsl.frameworks.torch.counted import CountedLR
from lrdsl.frameworks.torch.hooks import hooked
from lrdsl.frameworks.torch.lambda_lr import ScheduleLR
from lrdsl.text.source import Said, Span

if TYPE_CHECKING:
    from torch import Tensor
    from torch.optim import Optimizer
    from typing_extensions import Self

    from lrdsl.frameworks.torch.calls import Number
    from lrdsl.frameworks.torch.plan import Plan
    from lrdsl.resolve.resolved import Resolved

_T = TypeVar("_T")
# The ways to step the schedulers of several optimizers, as messages call them.
WHOLE, BY_NAME, ALONE = "step()", 'step(only="…")', 'schedulers["…"].step()'
# Attributes that say where a scheduler is; not every kind has all of them.
_PLACES = ("_at", "_step_count", "_is_placed", "_here", "_calls", "_is_updated", "_unused")


class Part(ScheduleLR):
    """The scheduler of one of several optimizers; it drives what concerns its optimizer."""

    _kin: Kin | None = None
    # Its optimizer was updated since the last step; this is followed where metrics decide events.
    _is_updated = False
    # Events of other optimizers that no update has followed yet, since the last step.
    _unused: frozenset[str] = frozenset()

    @classmethod
    def of(cls, owner: str, schedules: Resolved, optimizer: Optimizer, **options: Any) -> Self:
        """The scheduler of an optimizer, which has not begun yet.

        Args:
            owner: the name of the optimizer.
            schedules: the program, laid out.
            optimizer: the optimizer.
            options: options of ``ScheduleLR``.
        """
        part = cls.__new__(cls)
        part._owner = owner
        part._bind(schedules, optimizer, **options)
        return part

    def _begin(self, plan: Plan, start_step: int) -> None:
        """Waits until all of them are made: none begins if one cannot."""
        self._beginning = plan, start_step

    def begin(self, kin: Kin) -> None:
        """Writes the values of the first step.

        Args:
            kin: what it shares with the others.
        """
        super()._begin(*self._beginning)
        del self._beginning
        self._kin = kin

    def step(  # type: ignore[override]  # as ScheduleLR.step
        self,
        metrics: Number | Tensor | None = None,
        epoch: Number | None = None,
        increment: Number | None = None,
        at: Number | None = None,
    ) -> None:
        """Goes to the next step of this optimizer alone.

        Args:
            metrics: as for ``ScheduleLR.step``.
            epoch: as for ``ScheduleLR.step``.
            increment: as for ``ScheduleLR.step``.
            at: as for ``ScheduleLR.step``.

        Raises:
            LrsError: the optimizers are stepped in another way too.
        """
        if self._kin is None:
            self.move(metrics, epoch, increment, at)
        else:
            self._kin.refuse_mixed(ALONE)
            self.move(metrics, epoch, increment, at)
            self._kin.way = ALONE

    def move(
        self,
        metrics: Number | Tensor | None,
        epoch: Number | None,
        increment: Number | None,
        at: Number | None,
    ) -> None:
        """Goes on as ``step`` does, on behalf of all optimizers."""
        before, unused = self._at, () if self._is_updated else self._unused
        self._is_updated, self._unused = False, frozenset()
        super().step(metrics, epoch, increment, at)
        # A metric that all are given in turn decides an event at the same step for all of them.
        if unused and metrics is not None and self._at > before:
            steps = self._course.events.steps
            late = {name: self._at for name in unused if steps.get(name) == before}
            self._turn({**steps, **late}, self._at)

    def observe(self, metric: Number | Tensor) -> None:
        """Passes a metric to every active ``plateau``; an event that it decides is for all.

        Args:
            metric: the metric, such as a loss or an accuracy.
        """
        before = self._course.events.steps
        super().observe(metric)
        after = self._course.events.steps
        if after is not before and self._kin is not None:
            self._kin.happened(after.keys() - before.keys())

    def signal(self, name: str) -> bool:
        """Says that something has happened, to the schedulers of all optimizers.

        Args:
            name: the name of the signal.

        Returns:
            False if it was sent before; that has no effect.
        """
        return super().signal(name) if self._kin is None else self._kin.signal(name)

    def sent(self, name: str) -> bool:
        """Takes a signal on behalf of all optimizers."""
        return super().signal(name)

    def take(self, events: Collection[str]) -> None:
        """Takes in what has happened to another optimizer.

        If the update of this step was made already, the events come at the next one.

        Args:
            events: the names of the events.
        """
        at = max(self._at, 0)
        before = self._course.events.steps
        steps = self._course.events.with_those(events, at + self._is_updated)
        if steps is not None:
            if not self._is_updated:
                self._unused |= steps.keys() - before.keys()
            self._turn(steps, self._at)

    def _place(self, step: int) -> None:
        self._is_updated, self._unused = False, frozenset()
        super()._place(step)

    def _look(self, *, is_fresh: bool) -> None:
        super()._look(is_fresh=is_fresh)
        calling = hooked(self.optimizer)
        measured = any(event.kind != "signal" for event in self.schedules.events)
        if measured and calling is not None and self._watch is not None:
            me = weakref.ref(self)

            def updated(*_: object) -> None:
                if (part := me()) is not None:
                    part._is_updated = True

            self._watch.keep(calling.register_step_post_hook(updated))

    def _planned(self, bases: Bases) -> Plan:
        if self._kin is not None:
            own = Bases.unknown(self.optimizer.param_groups, self._owner)
            if shared := shared_name([own, *self._kin.others(self)]):
                raise LrsError([shared])
        return super()._planned(bases)

    def mark(self, *, with_metrics: bool) -> dict[str, Any]:
        """Where it is, for `restore`.

        Args:
            with_metrics: True for what its meters have seen, too.
        """
        own, course = self.__dict__, self._course
        mark = {name: own[name] for name in _PLACES if name in own}
        mark["steps"] = course.events.steps
        if with_metrics:
            mark["measured"] = course.meters.state(), course.events.state()
        return mark

    def restore(self, mark: dict[str, Any]) -> None:
        """Goes back to where it was.

        Args:
            mark: the return value of `mark`.
        """
        self.__dict__.update({name: mark[name] for name in _PLACES if name in mark})
        if "measured" in mark:
            measured, happened = mark["measured"]
            self._course.meters.load(measured)
            self._course.events.load(happened)
        self._turn(mark["steps"], self._at)

    def __setstate__(self, state: dict[str, object]) -> None:
        super().__setstate__(state)
        if self._kin is not None:
            self._kin.add(self)


class PartCountedLR(Part, CountedLR):
    """One that is stepped several times for each update."""


class PartClockLR(Part, ClockLR):
    """One of a program on a clock."""


class Kin:
    """What the schedulers of several optimizers share: events, and the way they are stepped.

    It does not keep them alive, and its copies begin without any: the schedulers that are copied or
    pickled together, in whatever holds them, add themselves to one copy.

    Args:
        parts: the schedulers.

    Attributes:
        way: the way in which they have been stepped so far; empty if they have not.
    """

    def __init__(self, parts: Iterable[Part] = ()) -> None:
        self._parts = [weakref.ref(part) for part in parts]
        self.way = ""
        self._is_holding = False
        self._new: set[str] = set()

    def __reduce__(self) -> tuple[type[Kin], tuple[()]]:
        return Kin, ()

    def add(self, part: Part) -> None:
        """Takes in a scheduler.

        Args:
            part: the scheduler.
        """
        self._parts.append(weakref.ref(part))

    def others(self, part: Part) -> list[Bases]:
        """The parameter groups of the others.

        Args:
            part: one of the schedulers.
        """
        return [other._plan.bases for other in self._alive() if other is not part]

    def refuse_mixed(self, way: str) -> None:
        """Refuses a step if earlier ones were made in another way.

        Args:
            way: one of the ways.

        Raises:
            LrsError: they were.
        """
        if self.way not in ("", way):
            raise LrsError([_mixed(self.way, way)])

    def signal(self, name: str) -> bool:
        """Sends a signal to all of them; False if all had it already."""
        parts = self._alive()
        return any(self.all(parts, lambda part: part.sent(name)))

    def happened(self, events: Iterable[str]) -> None:
        """Tells all of them of events, as soon as each has gone where it goes."""
        self._new.update(events)
        if not self._is_holding:
            self._spread()

    def catch_up(self, late: Iterable[Part], parts: Iterable[Part]) -> None:
        """Tells schedulers of what has happened to others.

        Args:
            late: the schedulers that are told.
            parts: the others.
        """
        events = {name for part in parts for name in part.events}
        for part in late:
            part.take(events)

    def all(
        self, parts: Sequence[Part], call: Callable[[Part], _T], *, measured: bool = False
    ) -> list[_T]:
        """Calls something on some of them; if that fails, nothing changes in any.

        Args:
            parts: the schedulers.
            call: what to do with each.
            measured: True if it may pass a metric, which may decide an event of all.
        """
        touched = self._alive() if measured else parts
        marks = [part.mark(with_metrics=measured) for part in touched]
        self._is_holding = True
        try:
            found = [call(part) for part in parts]
            if self._new:
                self._spread()
        except BaseException:
            for part, mark in zip(touched, marks, strict=True):
                part.restore(mark)
            raise
        finally:
            self._is_holding = False
            self._new.clear()
        return found

    def _spread(self) -> None:
        new = {*self._new}
        self._new.clear()
        for part in self._alive():
            part.take(new)

    def _alive(self) -> list[Part]:
        return [part for one in self._parts if (part := one()) is not None]


def shared_name(optimizers: Sequence[Bases]) -> Diagnostic | None:
    """The error of a name that could mean two things; None if there is none.

    Groups may share a name of their own: a selector means all of them then.

    Args:
        optimizers: the parameter groups of each optimizer.
    """
    meant = {bases.owner: f'the optimizer "{bases.owner}"' for bases in optimizers}
    for bases in optimizers:
        for i in range(len(bases.groups)):
            name = bases.full_name(i)
            what = f'a group of "{bases.owner}"'
            if meant.setdefault(name, what) != what:
                return _shared(name, meant[name], what)
    for bases in optimizers:
        what = f'a group of "{bases.owner}"'
        for name in (bases.answers(i)[0] for i in range(len(bases.groups))):
            if meant.get(name, what) != what:
                return _shared(name, meant[name], what)
    return None


def _shared(name: str, one: str, other: str) -> Diagnostic:
    message = f'"{name}" is a name of {one}, and of {other}'
    help = "rename one of them: a selector could mean either"
    said = f'"{name}"'
    return Diagnostic(
        "shared-name", message, help, Span(Said("the optimizers", said), 0, len(said))
    )


def _mixed(before: str, now: str) -> Diagnostic:
    message = f"`{now}` after `{before}`: an optimizer could go on twice for one update"
    help = (
        f"step in one way throughout: `{WHOLE}` goes on with all optimizers, `{BY_NAME}` with one,"
        f" and so does `{ALONE}`, which trainers call; `set_step` or `load_state_dict` of all of"
        " them starts anew"
    )
    return Diagnostic("mixed-steps", message, help, Span(Said("the call", now), 0, len(now)))
