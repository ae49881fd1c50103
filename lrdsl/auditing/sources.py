"""What an audit is given: a log and a schedule, from wherever they come."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lrdsl.frameworks.torch.running import total_of
from lrdsl.logs.log import Block, Log
from lrdsl.logs.names import TRAINERS, group_of, is_rate
from lrdsl.logs.precision import FLOAT64
from lrdsl.logs.read import chosen, gathered, log_of, recognized
from lrdsl.logs.reader import Unreadable, Wanted, missing
from lrdsl.logs.texts import precision_of
from lrdsl.outside import shown
from lrdsl.program import Program
from lrdsl.record import entity
from lrdsl.resolve.resolved import Resolved
from lrdsl.schedule.schedule import Schedule
from lrdsl.sources import program_of
from lrdsl.wording import listed, shortened

if TYPE_CHECKING:
    from lrdsl.resolve.run_arguments import RunArguments

    Rows = Sequence[Mapping[str, object]]
    LogSource = str | Path | Log | Rows
    Blocks = Callable[[], Iterator[Block]]

# The columns of rows that hold a step and a rate, if nobody names them.
_STEPS = ("step", "global_step", "trainer/global_step", "iteration")
_RATES = ("learning_rate", "lr")
# What every row of the Trainer's history has.
_TRAINERS = frozenset(["step", "epoch"])


@entity
class Opened:
    """A log, with a way to go through it again.

    Attributes:
        log: the log.
        blocks: its readings, from the start; None if there is no way.
    """

    log: Log
    blocks: Blocks | None = None


def opened(
    source: LogSource, wanted: Wanted, watched: Callable[[Iterator[Block]], Iterator[Block]] = iter
) -> Opened:
    """Reads a log.

    Args:
        source: a path, a `Log`, or rows.
        wanted: which of its columns and runs to read.
        watched: what the readings go through, to show how far they are.

    Raises:
        Unreadable: it is no log that is known, or has no rates.
        OSError: it cannot be read.
        TypeError: it is something else.
    """
    if isinstance(source, Log):
        log = chosen(source, wanted)
        metrics = [run.metric.name for run in log.runs if run.metric is not None]
        if metrics and wanted.metric not in (None, *metrics):
            raise missing(Path(log.path), str(wanted.metric), metrics)
        return Opened(log)
    if isinstance(source, str | Path):
        reader, found = recognized(Path(source))

        def blocks() -> Iterator[Block]:
            return watched(reader.blocks(found, wanted))

        log = log_of(Path(source), reader, found, gathered(blocks()), wanted)
    else:
        for argument, value in (("run_name", wanted.run), ("logging_steps", wanted.logging_steps)):
            if value is not None:
                raise Unreadable(f"{argument} has no effect: rows have steps, and are one run")
        rows = list(_rows(source))
        is_trainers = any(row.keys() >= _TRAINERS for row in rows)
        system = "transformers" if is_trainers else "rows"
        offsets = TRAINERS if is_trainers else ()
        own = _blocks(rows, wanted)

        def blocks() -> Iterator[Block]:
            return iter(own)

        log = Log("the rows", system, tuple(gathered(blocks())), offsets)
    if not any(run.rates for run in log.runs):
        raise Unreadable(f"{log.path}: there are no learning rates in this log")
    return Opened(log, blocks)


def _rows(source: object) -> Iterator[Mapping[str, object]]:
    if not isinstance(source, Sequence) or not all(isinstance(row, Mapping) for row in source):
        raise TypeError(f"a log is a path, a Log or a list of rows, not {shown(source)}")
    yield from source


def _blocks(rows: Rows, wanted: Wanted) -> list[Block]:
    """The readings of rows such as ``trainer.state.log_history``."""
    keys = dict.fromkeys(key for row in rows for key in row)
    step = wanted.step or next((name for name in _STEPS if name in keys), None)
    rates = wanted.rates or tuple(filter(is_rate, keys))
    columns = wanted.columns(rates)
    named = columns if step is None else [step, *columns]
    missing = [name for name in named if name not in keys]
    if step is None or not rates or missing:
        lacks = listed([f"`{name}`" for name in missing]) or ("rate" if step else "step")
        known = listed([f"`{key}`" for key in keys]) or "nothing"
        raise Unreadable(f"the rows have no {lacks}, but {known}")
    return [block for name in columns for block in _column(rows, step, name, wanted)]


def _column(rows: Rows, step: str, name: str, wanted: Wanted) -> Iterator[Block]:
    held = [(row[step], row[name]) for row in rows if step in row and name in row]
    try:
        steps = [int(a) for a, _ in held]  # type: ignore[call-overload]
        values = [float(x) for _, x in held]  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise Unreadable(
            f"the rows have a `{step}` or `{name}` that is no number: {error}"
        ) from None
    parts = [a for a, _ in held if isinstance(a, float) and not a.is_integer()]
    if parts:
        raise Unreadable(f"the rows have a `{step}` of {parts[0]}: steps are whole numbers")
    if held:
        group = 0 if name in _RATES else group_of(name)
        role = "metric" if name == wanted.metric else "rate"
        precision = precision_of(values) if role == "rate" else FLOAT64
        yield Block(name, steps, values, precision, group, role=role)  # type: ignore[arg-type]


@entity
class Laid:
    """A schedule that was laid out.

    Attributes:
        name: what messages call it.
        resolved: the program for its run; None for a schedule without one.
        alone: the schedule without a program; None for a program.
        path: its file; None if it comes from none.
    """

    name: str
    resolved: Resolved | None = None
    alone: Schedule | None = None
    path: Path | None = None

    @property
    def total(self) -> int | None:
        """The updates of the run; None if they are not known."""
        return None if self.resolved is None else total_of(self.resolved)

    @property
    def run(self) -> RunArguments:
        """The arguments of the run, and what the program states of it: its total in steps."""
        if self.resolved is None:
            return {}
        stated: RunArguments = {}
        if self.total is not None:
            stated["total"] = self.total
        if (epoch := self.resolved.run.units.get("ep")) is not None:
            stated["steps_per_epoch"] = float(epoch)
        return {**self.resolved.arguments, **stated}


def laid_out(source: object, run: RunArguments, names: Sequence[str] = ()) -> Laid:
    """Lays a schedule out.

    Args:
        source: a text, a path, a ``Program``, a ``Resolved`` or a ``Schedule``.
        run: the arguments of the run.
        names: the names of parameter groups, for selectors with captures.

    Raises:
        LrsError: the text has errors, or does not fit the run.
        TypeError: it is something else.
        ValueError: arguments have no effect.
        OSError: a file cannot be read.
    """
    if isinstance(source, Resolved | Schedule) and run:
        given = listed([f"{argument}=" for argument in run])
        raise ValueError(f"{given} would have no effect: the schedule is laid out already")
    if isinstance(source, Schedule):
        return Laid("the schedule", alone=source)
    if isinstance(source, Resolved):
        return Laid(_name(source.program), source)
    program = program_of(source)  # type: ignore[arg-type]
    if program.captured and program.groups is None and names:
        program = program.for_groups(names)
    is_file = isinstance(source, Path) or (isinstance(source, str) and program.name == source)
    path = Path(str(source)) if is_file else None
    return Laid(_name(program), program.resolve_all(**run), path=path)


def _name(program: Program) -> str:
    """A program's file, or its text."""
    return shortened(program.source) if program.name.startswith("<") else program.name
