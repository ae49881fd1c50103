"""A program laid out for a run: its schedules, what each drives, and what they were made from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from lrdsl.check.targets import Target
from lrdsl.check.tree import Meter
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.record import entity
from lrdsl.resolve.run_arguments import RunArguments
from lrdsl.schedule.schedule import Schedule
from lrdsl.text.source import Span

if TYPE_CHECKING:
    from lrdsl.program import Program


@entity
class Driven:
    """One target of a program, and its schedule.

    Attributes:
        target: what is driven.
        schedule: its values.
        vanished: the parts whose lengths round to no step: by span, their names and exact lengths.
    """

    target: Target
    schedule: Schedule
    vanished: Mapping[Span, tuple[str, float]]


class Resolved(Mapping[str, Schedule]):
    """A program laid out for a run: a mapping from each target to its schedule.

    Made by ``lrdsl.Program.resolve_all``. It is immutable; it can be compared, hashed and
    pickled by the program and the run that it was made from.

    Attributes:
        program: the program.
        arguments: the keyword arguments of ``resolve_all`` that were given.

    Examples:
        >>> import lrdsl
        >>> text = "lr: cosine(20, 0.3) momentum: const(value = 0.9)"
        >>> resolved = lrdsl.parse(text).resolve_all()
        >>> list(resolved), resolved["momentum"](5)
        (['lr', 'momentum'], 0.9)
    """

    __slots__ = ("_schedules", "arguments", "driven", "findings", "meters", "program")

    def __init__(
        self, program: Program, arguments: RunArguments, driven: tuple[Driven, ...]
    ) -> None:
        self.program: Program = program
        self.arguments: RunArguments = arguments
        self.driven: tuple[Driven, ...] = driven  # in the order of the program
        # What metrics drive in all of them: one for every `plateau`.
        self.meters: tuple[Meter, ...] = tuple(
            dict.fromkeys(meter for one in driven for meter in one.schedule.meters)
        )
        # What lints found, by the rates of the optimizers they knew, so that none runs again.
        self.findings: dict[tuple[float, ...], tuple[Diagnostic, ...]] = {}
        self._schedules = {one.target.label: one.schedule for one in driven}

    def __getitem__(self, label: str) -> Schedule:
        return self._schedules[label]

    def __contains__(self, label: object) -> bool:
        return label in self._schedules

    def __iter__(self) -> Iterator[str]:
        return iter(self._schedules)

    def __len__(self) -> int:
        return len(self._schedules)

    @property
    def params(self) -> dict[str, float | str]:
        """The values of the program's ``param`` statements in this run, ready to be logged.

        Numbers are numbers; lengths, and values that depend on ``base``, are texts as in ``"5ep"``.
        """
        return self.program.params_of(self.arguments)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Resolved):
            return NotImplemented
        return (self.program, self.arguments) == (other.program, other.arguments)

    def __hash__(self) -> int:
        return hash((self.program, repr(sorted(self.arguments.items()))))

    def __reduce__(self) -> tuple[Callable[..., Resolved], tuple[Program, RunArguments]]:
        return _again, (self.program, self.arguments)

    def __repr__(self) -> str:
        return f"<Resolved {', '.join(self)}>"


def _again(program: Program, arguments: RunArguments) -> Resolved:
    """Lays a program out again when what it came to is unpickled."""
    return program.resolve_all(**arguments)
