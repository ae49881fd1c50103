"""Several optimizers under one program: a scheduler for each, and one that holds them together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from torch.optim import Optimizer

from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.frameworks.torch import several_state
from lrdsl.frameworks.torch.assign import capturing, unmatched
from lrdsl.frameworks.torch.bases import Bases
from lrdsl.frameworks.torch.clocked import ClockLR
from lrdsl.frameworks.torch.compiling import kind_for
from lrdsl.frameworks.torch.counted import CountedLR
from lrdsl.frameworks.torch.lambda_lr import ScheduleLR
from lrdsl.frameworks.torch.part import (
    BY_NAME,
    WHOLE,
    Kin,
    Part,
    PartClockLR,
    PartCountedLR,
    shared_name,
)
from lrdsl.frameworks.torch.separate import separate_optimizers
from lrdsl.outside import shown
from lrdsl.wording import did_you_mean, listed

if TYPE_CHECKING:
    from torch import Tensor

    from lrdsl.frameworks.torch.calls import Number
    from lrdsl.frameworks.torch.scalars import Scalars
    from lrdsl.frameworks.torch.state import State
    from lrdsl.program import Program
    from lrdsl.resolve.resolved import Driven, Resolved

_T = TypeVar("_T")
# What would make a name a pattern, or could not stand in a selector.
_NO_NAME = '*?[]{}"\n'
# The scheduler of one of several, by that of a single optimizer.
_KINDS: dict[type[ScheduleLR], type[Part]] = {
    ScheduleLR: Part,
    CountedLR: PartCountedLR,
    ClockLR: PartClockLR,
}


class SeveralLR:
    """The scheduler that ``lrdsl.compile`` returns for several optimizers.

    It holds a ``LambdaLR`` for each of them, and each has its own clock. It is no ``LRScheduler``
    itself, because trainers look for the optimizer of one.

    Args:
        parts: the scheduler of each optimizer, by its name.
    """

    def __init__(self, parts: dict[str, Part]) -> None:
        self._parts = parts
        self._kin = Kin(parts.values())
        separate_optimizers(part.optimizer for part in parts.values())
        for part in parts.values():
            part.begin(self._kin)

    @property
    def schedulers(self) -> Mapping[str, ScheduleLR]:
        """The scheduler of each optimizer, a ``LambdaLR``, by the name of the optimizer.

        Trainers that want one scheduler for each optimizer take
        ``list(scheduler.schedulers.values())``.
        """
        return MappingProxyType(self._parts)

    @property
    def schedules(self) -> Resolved:
        """The resolved program, a mapping from each target to its schedule."""
        return self._first.schedules

    @property
    def last_epoch(self) -> int:
        """The number of updates made so far, if it is the same for all optimizers.

        Setting it calls `set_step`.

        Raises:
            ValueError: the optimizers are at different steps.
        """
        return self._common("last_epoch", lambda part: part.last_epoch)

    @last_epoch.setter
    def last_epoch(self, step: int) -> None:
        self.set_step(step)

    @property
    def at(self) -> int | float | None:
        """Where the run is on its clock, if all optimizers agree; None if it follows steps."""
        return self._common("at", lambda part: part.at)

    @property
    def events(self) -> dict[str, int]:
        """The step of each event that has happened, by name, if all optimizers agree."""
        return self._common("events", lambda part: part.events)

    @property
    def scalars(self) -> Scalars:
        """The values of the next update of the program's ``scalar`` statements, by name.

        Raises:
            ValueError: the optimizers are at different steps, or have measured different metrics.
        """
        self._common("scalars", lambda part: {**part.scalars})
        return self._first.scalars

    def step(
        self,
        metrics: Number | Tensor | None = None,
        epoch: Number | None = None,
        increment: Number | None = None,
        at: Number | None = None,
        *,
        only: str | None = None,
    ) -> None:
        """Goes to the next step with every optimizer, or with one; call it after their updates.

        Args:
            metrics: as for ``ScheduleLR.step``.
            epoch: as for ``ScheduleLR.step``.
            increment: as for ``ScheduleLR.step``.
            at: as for ``ScheduleLR.step``.
            only: the name of the optimizer to go on with; by default all of them.

        Raises:
            LrsError: a schedule has no value at that step, or the optimizers were stepped in
                another way before. Nothing changes.
            ValueError: an argument is not a step, a metric is not a number, or there is no such
                optimizer. Nothing changes.
        """
        parts = self._all if only is None else [self._named(only)]
        way = WHOLE if only is None else BY_NAME
        self._kin.refuse_mixed(way)
        self._kin.all(
            parts,
            lambda part: part.move(metrics, epoch, increment, at),
            measured=metrics is not None,
        )
        self._kin.way = way

    def observe(self, metric: Number | Tensor) -> None:
        """Passes a metric to every active ``plateau``, and writes the reduced values, if any.

        Args:
            metric: the metric, such as a loss or an accuracy.

        Raises:
            ValueError: no metric drives the program, or the metric is not one number.
        """
        self._kin.all(self._all, lambda part: part.observe(metric), measured=True)

    def signal(self, name: str) -> bool:
        """Says that something has happened; all optimizers take notice, each at its own step.

        Args:
            name: the name of the signal.

        Returns:
            False if it was sent before; that has no effect.

        Raises:
            ValueError: no part of the program waits for it. Nothing changes.
        """
        return self._kin.signal(name)

    def set_step(self, step: int | None = None, *, at: Number | None = None) -> None:
        """Goes to any step with every optimizer, and writes the values.

        To set one of them alone, call ``schedulers["…"].set_step``.

        Args:
            step: the number of updates made so far, which is the index of the next one.
            at: where the run is on the clock, for a program with ``run clock = …``.

        Raises:
            LrsError: a schedule has no value at that step. Nothing changes.
            ValueError: it is not a step. Nothing changes.
        """
        self._kin.all(self._all, lambda part: part.set_step(step, at=at))
        self._kin.way = ""

    def get_last_lr(self) -> list[float | Tensor]:
        """Returns the learning rates last written, one for each group of each optimizer."""
        return [rate for part in self._all for rate in part.get_last_lr()]

    @property
    def _last_lr(self) -> list[float | Tensor]:
        """The last rates, where torch's loggers read them."""
        return self.get_last_lr()

    def numbers(self) -> dict[str, float]:
        """The numbers of the next update of each optimizer, by name; see ``lrdsl.log``."""
        return dict(chain.from_iterable(part.numbers().items() for part in self._all))

    def driven(self) -> Iterator[tuple[Driven, float, str]]:
        """Yields each driven hyperparameter of each group, its `base`, and the group's name."""
        for part in self._all:
            yield from part.driven()

    @property
    def updates_per_step(self) -> int:
        """The option of ``lrdsl.compile``."""
        return self._first.updates_per_step

    def state_dict(self) -> State:
        """Returns the states of all schedulers in one, as plain ints and strings."""
        return several_state.save({name: one.state_dict() for name, one in self._parts.items()})

    def load_state_dict(
        self,
        state_dict: State,
        *,
        renamed: Mapping[str, str] | None = None,
        only: Collection[str] | None = None,
    ) -> None:
        """Goes to the steps of a saved state, and writes the values to every group.

        Args:
            state_dict: the return value of `state_dict`.
            renamed: the present name of each optimizer that has another one in the state, by that
                one.
            only: the present names of the optimizers to load, if others were added or dropped. One
                that is not named stays at its step, where events of the state take effect.

        Raises:
            ValueError: it is not such a state, belongs to a different schedule, or to other
                optimizers. Nothing changes.
        """
        states = several_state.read(state_dict, tuple(self._parts), renamed or {}, only)
        found = [(self._parts[now], was, one) for was, now, one in states]
        ready = [(part, part._read(one, was)) for part, was, one in found]
        for part, how in ready:
            part._go_on(*how)
        loaded = [part for part, _ in ready]
        self._kin.catch_up([part for part in self._all if part not in loaded], loaded)
        self._kin.way = ""

    @property
    def _all(self) -> list[Part]:
        return [*self._parts.values()]

    @property
    def _first(self) -> Part:
        return next(iter(self._parts.values()))

    def _named(self, name: str) -> Part:
        """The scheduler of one optimizer."""
        part = self._parts.get(name) if isinstance(name, str) else None
        if part is None:
            there = f"there are {listed(map(repr, self._parts))}"
            help = did_you_mean(name, self._parts, there) if isinstance(name, str) else there
            raise ValueError(f"`only` is the name of an optimizer, not {shown(name)}; {help}")
        return part

    def _common(self, what: str, read: Callable[[Part], _T]) -> _T:
        """What is the same for all optimizers."""
        first, *others = [read(part) for part in self._all]
        if any(other != first for other in others):
            name = next(iter(self._parts))
            places = [f"{name} at step {part.last_epoch:,}" for name, part in self._parts.items()]
            message = f"`{what}` is not the same for all optimizers: {', '.join(places)}"
            raise ValueError(f'{message}; read it of one, as in `schedulers["{name}"].{what}`')
        return first

    def __getstate__(self) -> dict[str, object]:
        return {"_parts": self._parts, "way": self._kin.way}

    def __setstate__(self, state: dict[str, object]) -> None:
        parts: dict[str, Part] = state["_parts"]  # type: ignore[assignment]  # as __getstate__ has it
        self._parts = parts
        kin = self._first._kin
        assert kin is not None
        self._kin = kin
        kin.way = str(state["way"])

    def __repr__(self) -> str:
        places = [f"{name} at step {part.last_epoch}" for name, part in self._parts.items()]
        return f"<SeveralLR of {', '.join(places)}>"


def named(given: Mapping[str, Optimizer] | Sequence[Optimizer]) -> dict[str, Optimizer]:
    """Several optimizers by their names; those of a list are its indices.

    Args:
        given: the optimizers.

    Raises:
        LrsError: a name could mean two things, such as an optimizer and a group.
        TypeError: an optimizer is none, or a name is not a string.
        ValueError: there is no optimizer, one is there twice, or a selector could not have a name.
    """
    pairs = given.items() if isinstance(given, Mapping) else enumerate(given)
    found: dict[str, Optimizer] = {}
    for key, optimizer in pairs:
        name = key if isinstance(given, Mapping) else str(key)
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")
        if not isinstance(name, str):
            raise TypeError(f"the name of an optimizer is a string, not {shown(name)}")
        if not name or any(letter in name for letter in _NO_NAME):
            message = f"{shown(name)} cannot be the name of an optimizer, which selectors have to"
            raise ValueError(f"{message} match: use letters, digits and `_`")
        for other, before in found.items():
            if before is optimizer:
                raise ValueError(f"{other!r} and {name!r} are the same optimizer")
            if {*map(id, before.param_groups)} & {*map(id, optimizer.param_groups)}:
                raise ValueError(
                    f"{other!r} and {name!r} were built with the same dictionary as a group:"
                    " build each with a dictionary of its own"
                )
        found[name] = optimizer
    if not found:
        raise ValueError("there is no optimizer to drive")
    if shared := shared_name(_groups(found)):
        raise LrsError([shared])
    return found


def _groups(optimizers: Mapping[str, Optimizer]) -> list[Bases]:
    """The parameter groups of each optimizer, for what depends on their names alone."""
    return [Bases.unknown(one.param_groups, name) for name, one in optimizers.items()]


def bound(program: Program, optimizers: Mapping[str, Optimizer]) -> Program:
    """A program with the schedules that its selectors with captures stand for.

    Args:
        program: the program.
        optimizers: the optimizers, by name.

    Raises:
        LrsError: a schedule is wrong for the numbers that it captures.
    """
    return program.for_groups(capturing(program, _groups(optimizers)))


def build(schedules: Resolved, optimizers: Mapping[str, Optimizer], **options: object) -> SeveralLR:
    """Makes the scheduler of several optimizers.

    Args:
        schedules: the program, laid out.
        optimizers: the optimizers, by name.
        options: the options of a scheduler of one optimizer.

    Raises:
        LrsError: the program does not fit the optimizers. Nothing in them changes.
    """
    missing = bool(options.get("allow_missing_groups"))
    if errors := [*unmatched(schedules, _groups(optimizers), missing=missing)]:
        raise LrsError(errors)
    kind = _KINDS[kind_for(schedules, options)]
    pairs = optimizers.items()
    return SeveralLR({name: kind.of(name, schedules, one, **options) for name, one in pairs})
