"""A program resolved for a run: its schedules, and the number that each one is for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from lrdsl import __version__
from lrdsl.check.targets import Target
from lrdsl.check.tree import Event, Meter
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.display import Displayed
from lrdsl.outside import as_step
from lrdsl.record import entity, replace
from lrdsl.resolve.run import Run
from lrdsl.resolve.run_arguments import RunArguments
from lrdsl.schedule.origin import Origin
from lrdsl.schedule.schedule import Schedule
from lrdsl.text.source import Span

if TYPE_CHECKING:
    from lrdsl.program import Program
    from lrdsl.schedule.ticks import Ticks
    from lrdsl.text.numbers import Rational


@entity
class Driven:
    """One target of a program, and its schedule.

    Attributes:
        target: the hyperparameter, or the scalar.
        schedule: its values.
        vanished: the parts whose lengths round to 0 steps: by span, their names and exact lengths.
    """

    target: Target
    schedule: Schedule
    vanished: Mapping[Span, tuple[str, float]]


class Resolved(Displayed, Mapping[str, Schedule]):
    """A program resolved for a run: a mapping from each target to its schedule.

    ``lrdsl.Program.resolve_all`` returns one. It is immutable, hashable and picklable, and two are
    equal if their programs, the arguments of their runs and what has happened in them are.

    Attributes:
        program: the program.
        arguments: the arguments that were passed to ``resolve_all``.
        overridden: a note on each item of the program's ``run`` that an argument overrides.
        listens: True if a metric drives the program: by a ``plateau``, or by an event.
        meters: one entry for each ``plateau`` of the program.
        scalars: the schedules of its ``scalar`` statements, by name; they are in the mapping too.
        happened: the step of each event that has happened, by name.

    Examples:
        >>> import lrdsl
        >>> text = "lr: cosine(20, 0.3) momentum: const(value = 0.9)"
        >>> resolved = lrdsl.parse(text).resolve_all()
        >>> list(resolved), resolved["momentum"](5)
        (['lr', 'momentum'], 0.9)
    """

    __slots__ = (
        "_schedules",
        "arguments",
        "driven",
        "events",
        "findings",
        "happened",
        "has_owns",
        "in_groups",
        "listens",
        "meters",
        "program",
        "run",
        "scalars",
    )

    def __init__(
        self,
        program: Program,
        arguments: RunArguments,
        run: Run,
        driven: tuple[Driven, ...],
        happened: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self.program: Program = program
        self.arguments: RunArguments = arguments
        self.run: Run = run  # with what the program states of it
        self.driven: tuple[Driven, ...] = driven  # in the order of the program
        self.happened: Mapping[str, int] = happened
        meters: dict[Meter, None] = {}
        events: dict[str, Event] = {}
        scalars: dict[str, Schedule] = {}
        schedules: dict[str, Schedule] = {}
        # True if a schedule depends on another number of its group.
        self.has_owns: bool = False
        self.listens: bool = False
        for one in driven:
            target, schedule = one.target, one.schedule
            schedules[target.label] = schedule
            if schedule.origin is None:  # else it is as it was before events, or other events
                schedule.origin = Origin(self, target.label)
            if target.is_scalar:
                scalars[target.key] = schedule
            for meter in schedule.every_meter:
                meters[meter] = None
                self.listens = True
            for event in schedule.events:
                events[event.key] = event
                if event.kind != "signal":
                    self.listens = True
            if schedule.owns:
                self.has_owns = True
        self._schedules = schedules
        # The meters of all schedules: one for every `plateau`.
        self.meters: tuple[Meter, ...] = tuple(meters)
        # What parts wait for: one entry for every event.
        self.events: tuple[Event, ...] = tuple(events.values())
        self.scalars: Mapping[str, Schedule] = MappingProxyType(scalars)
        # Those of the others that are numbers of parameter groups.
        self.in_groups: tuple[Driven, ...] = (
            tuple([one for one in driven if not one.target.is_scalar]) if scalars else driven
        )
        # The findings of lints, by the optimizer's rates, so that no lint runs twice.
        self.findings: dict[tuple[object, ...], tuple[Diagnostic, ...]] = {}

    def __getitem__(self, label: str) -> Schedule:
        return self._schedules[label]

    def __contains__(self, label: object) -> bool:
        return label in self._schedules

    def __iter__(self) -> Iterator[str]:
        return iter(self._schedules)

    def __len__(self) -> int:
        return len(self._schedules)

    def after(self, events: Mapping[str, int]) -> Resolved:
        """Returns the schedules for events that have happened.

        Args:
            events: the step of each, by name; those that no part waits for make no difference.
        """
        if not events:
            return self
        driven: list[Driven] = []
        happened = {**self.happened}
        for one in self.driven:
            keys = {event.key for event in one.schedule.events}
            own = {name: as_step(step) for name, step in events.items() if name in keys}
            driven.append(replace(one, schedule=one.schedule.after(own)) if own else one)
            happened |= own
        known = MappingProxyType(happened)
        return Resolved(self.program, self.arguments, self.run, tuple(driven), known)

    @property
    def ticks(self) -> Ticks | None:
        """How the clock is divided that the schedules follow; None if they follow steps."""
        return self.driven[0].schedule.ticks

    def following(self, place_of: Callable[[int], Rational | float]) -> Resolved:
        """Returns the schedules for a run that says itself where its updates are on the clock.

        Args:
            place_of: the position of an update, in the unit of the clock.
        """
        driven = [replace(one, schedule=one.schedule.following(place_of)) for one in self.driven]
        return Resolved(self.program, self.arguments, self.run, tuple(driven), self.happened)

    @property
    def overridden(self) -> tuple[Diagnostic, ...]:
        """A note on each item of the program's ``run`` that an argument says otherwise.

        Examples:
            >>> import lrdsl
            >>> program = lrdsl.parse("run total = 1000  warmup(5%) >> cosine")
            >>> [note.message for note in program.resolve_all(total=100).overridden]
            ['`total = 1000` is overridden: this run has total = 100st']
        """
        return self.run.overridden

    @property
    def params(self) -> dict[str, float | str]:
        """The values of the program's ``param`` statements in this run, for a logger.

        Lengths, and values that depend on ``base``, are strings such as ``"5ep"``.

        Examples:
            >>> import lrdsl
            >>> program = lrdsl.parse("param peak = 0.3  warmup(5) >> cosine(20, peak)")
            >>> program.resolve_all(params={"peak": 0.1}).params
            {'peak': 0.1}
        """
        from lrdsl.check.params import params

        return params(self.program.module, self.run.params)

    def as_dict(self) -> dict[str, Any]:
        """Returns what these schedules are made from, as plain data for the config of a run.

        * ``text`` is the program as it was written. ``groups``, where selectors capture numbers
          from the names of parameter groups, holds one name for each set of numbers.
        * ``params`` holds the values of all ``param`` statements in this run, as `params` does.
        * ``run`` holds the arguments that were passed to ``resolve_all``, ``params`` included.
        * ``events`` holds the step of each event that has happened, if any has.
        * ``fingerprint`` is a digest of the canonical text and ``run``, which the state of a
          scheduler has too. ``lrdsl`` is the version of lrdsl.

        JSON and YAML keep all of it, and ``lrdsl.parse(kept["text"]).resolve_all(**kept["run"])``
        makes equal schedules again.

        Examples:
            >>> import lrdsl
            >>> program = lrdsl.parse("param peak = 0.3  warmup(5%) >> cosine(rest, peak)")
            >>> resolved = program.resolve_all(total=100)
            >>> kept = resolved.as_dict()
            >>> kept["params"], kept["run"]
            ({'peak': 0.3}, {'total': 100})
            >>> lrdsl.parse(kept["text"]).resolve_all(**kept["run"]) == resolved
            True
        """
        from lrdsl.resolve.fingerprint import fingerprint

        run = {k: {**v} if isinstance(v, Mapping) else v for k, v in self.arguments.items()}
        kept: dict[str, Any] = {"text": self.program.source, "params": self.params, "run": run}
        if self.program.groups is not None:
            kept["groups"] = [*self.program.groups]
        if self.happened:
            kept["events"] = {**self.happened}
        return {**kept, "fingerprint": fingerprint(self), "lrdsl": __version__}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Resolved):
            return NotImplemented
        return (self.program, self.arguments, self.happened) == (
            other.program, other.arguments, other.happened
        )  # fmt: skip

    def __hash__(self) -> int:
        plain = [(k, _frozen(v)) for k, v in self.arguments.items()]
        return hash((self.program, frozenset(plain), _frozen(self.happened)))

    def __reduce__(self) -> tuple[Callable[..., Resolved], tuple[object, ...]]:
        return _again, (self.program, self.arguments, {**self.happened})

    def __repr__(self) -> str:
        return f"<Resolved {', '.join(self)}>"


def _frozen(value: object) -> object:
    """An argument of a run as something that is equal and hashed whatever its order."""
    return frozenset(value.items()) if isinstance(value, Mapping) else value


def _again(program: Program, arguments: RunArguments, happened: Mapping[str, int]) -> Resolved:
    """Resolves a program again when a `Resolved` is unpickled."""
    return program.resolve_all(**arguments).after(happened)
