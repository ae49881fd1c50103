"""A program: text that was parsed and checked, independent of any optimizer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from os import PathLike, fsdecode
from typing import TYPE_CHECKING, Any

from lrdsl import files
from lrdsl.check.reading import Reading, explained, param_names, read, too_deep
from lrdsl.check.targets import statements
from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.display import Displayed
from lrdsl.outside import as_switch, shown
from lrdsl.resolve.run import Run, make_run
from lrdsl.resolve.run_arguments import RunArguments, among, normalized, takes_run
from lrdsl.text.source import Source, unmarked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from typing_extensions import Unpack

    from lrdsl.check.params import Param
    from lrdsl.check.targets import Drive, Target
    from lrdsl.check.values import Value
    from lrdsl.resolve.resolved import Resolved
    from lrdsl.schedule.schedule import Schedule
    from lrdsl.text.nodes import Module

# How many runs a program caches its schedules for, and how many short texts `parse` caches.
_KEPT = 16
_TEXTS, _SHORT = 128, 2_000


class Program(Displayed):
    """A parsed and checked schedule, not yet tied to a run or an optimizer.

    ``lrdsl.parse`` and ``lrdsl.load`` return one. Programs are immutable, hashable and picklable.
    ``str(program)`` is the canonical text, and programs with the same canonical text are equal.
    Pydantic accepts ``Program`` as the type of a field, which is read from a text.

    Attributes:
        groups: the names of parameter groups that selectors with captures, such as
            ``lr["layers.{i}.*"]``, take their numbers from, one for each set of numbers; None until
            `for_groups` was called.
        captured: the targets whose selectors capture numbers from the names of groups.

    Examples:
        >>> import lrdsl
        >>> program = lrdsl.parse("warmup(5)>>cosine( 20, .3 )")
        >>> str(program)
        'warmup(5) >> cosine(20, .3)'
        >>> program.resolve().length
        25
    """

    __slots__ = (
        "_bound", "_reading", "_resolved", "_text", "captured", "groups",
    )  # fmt: skip

    _reading: Reading
    _bound: dict[tuple[str, ...], Program]
    groups: tuple[str, ...] | None
    captured: tuple[Target, ...]
    _text: str | None
    _resolved: dict[str, Resolved]

    def __init__(self, text: str | Source, name: str = "<string>") -> None:
        if not isinstance(text, Source):
            _check_text("a program", text)
            _check_text("its name", name)
        source = text if isinstance(text, Source) else unmarked(name, text)
        reading = read(source)
        if reading.errors:
            raise LrsError(explained(reading))
        self._fill(reading, None)

    @classmethod
    def of(cls, reading: Reading) -> Program:
        """The program of a text that was read and has no errors.

        Args:
            reading: the text.
        """
        program = object.__new__(cls)
        program._fill(reading, None)
        return program

    def _fill(self, reading: Reading, text: str | None) -> None:
        own: dict[str, object] = {"_reading": reading, "_text": text, "groups": reading.groups}
        own |= {"_resolved": {}, "_bound": {}}
        module = reading.module
        own["captured"] = _captured(module) if "{" in module.source.text else ()
        for slot, value in own.items():
            object.__setattr__(self, slot, value)

    @property
    def name(self) -> str:
        """The name of the text in messages: its path, or the ``name`` given to ``parse``."""
        return self.module.source.name

    @property
    def source(self) -> str:
        """The original text."""
        return self.module.source.text

    @property
    def module(self) -> Module:
        """The syntax tree."""
        return self._reading.module

    @property
    def targets(self) -> tuple[str, ...]:
        """The hyperparameters that the program drives, and its scalars, in its order.

        ``("lr",)`` for a plain schedule, ``("lr", 'momentum["head"]')`` with a selector, and
        ``("kl_weight", "lr")`` with a ``scalar kl_weight:``.
        """
        labels = (drive.target.statement.label for drive in self._reading.drives or ())
        return tuple(dict.fromkeys(labels))

    @property
    def params(self) -> tuple[Param, ...]:
        """The ``param`` statements, in the order of the text, for the options of a sweep.

        Examples:
            >>> import lrdsl
            >>> program = lrdsl.parse("param peak = 0.3  param warm = 5ep  warmup(warm, peak)")
            >>> [(param.name, param.default, param.kind) for param in program.params]
            [('peak', 0.3, 'number'), ('warm', '5ep', 'length')]
        """
        from lrdsl.check.params import declared

        return declared(self.module)

    def for_groups(self, names: Iterable[str]) -> Program:
        """Returns the program for parameter groups of these names.

        A selector such as ``lr["layers.{i}.*"]`` takes its numbers from the names: its statement
        stands for one schedule for each different set of them. Without names such a statement is
        checked and resolved for ``i = 0`` and ``i = 1``. ``lrdsl.compile`` takes the names from the
        optimizer.

        Args:
            names: the names of all groups. Those that nothing captures make no difference.

        Returns:
            The program for them; the program itself if it has no captures.

        Raises:
            LrsError: an expression is wrong for a captured number.

        Examples:
            >>> import lrdsl
            >>> program = lrdsl.parse('lr["layers.{i}.*"]: base * 0.5 ^ (2 - i)')
            >>> resolved = program.for_groups(["layers.0.w", "layers.2.w"]).resolve_all()
            >>> {label: schedule(0) for label, schedule in resolved.items()}
            {'lr["layers.{i=0}.*"]': 0.25, 'lr["layers.{i=2}.*"]': 1.0}
        """
        if not (captured := self.captured):
            return self
        from lrdsl.check.captures import representatives

        patterns = [(str(target.selector), target.names) for target in captured]
        groups = representatives(patterns, names)
        bound = self if groups == self.groups else self._bound.get(groups)
        if bound is None:
            bound = object.__new__(Program)
            bound._fill(self._reading.for_groups(groups), self._text)
            if len(self._bound) >= _KEPT:
                self._bound.clear()
            self._bound[groups] = bound
        return bound

    @takes_run
    def resolve(
        self,
        *,
        target: str | None = None,
        strict_params: bool = True,
        **run: Unpack[RunArguments],
    ) -> Schedule:
        """Places the program in a run and returns one of its schedules.

        Epochs, percentages and ``rest`` become whole steps. Arguments that the program does not
        need can be left out.

        Args:
            **run: the arguments of the run.
            target: the schedule to return, one of ``targets``. By default the only one; if the
                program has several, the one of ``lr``.
            strict_params: False to leave out ``params`` that the program does not have, such as
                those of a whole sweep.

        Returns:
            The schedule, a function of the step.

        Raises:
            LrsError: the program does not fit the run, or an argument of the run is invalid.
            ValueError: the program has no such target. The targets of a selector with captures
                are those of its expansions, such as ``lr["layers.{i=3}.*"]``.

        Examples:
            >>> import lrdsl
            >>> schedule = lrdsl.parse("warmup(5%) >> cosine").resolve(total=1000)
            >>> schedule(50, base=0.1), schedule(1000, base=0.1)
            (0.1, 0.0)
        """
        drives = self._reading.drives or ()
        labels = tuple(dict.fromkeys([drive.target.label for drive in drives]))
        chosen = ("lr" if len(labels) > 1 else labels[0]) if target is None else target
        if not isinstance(chosen, str) or chosen not in labels:
            given = chosen if isinstance(chosen, str) else shown(chosen)
            raise ValueError(f"target is one of {', '.join(labels)}, not {given}")
        context = normalized(run, "Program.resolve")
        return self.resolve_all(strict_params=strict_params, **context)[chosen]

    @takes_run
    def resolve_all(self, *, strict_params: bool = True, **run: Unpack[RunArguments]) -> Resolved:
        """Places the program in a run and returns all of its schedules.

        Args:
            **run: the arguments of the run.
            strict_params: False to leave out ``params`` that the program does not have, such as
                those of a whole sweep.

        Returns:
            A mapping from each of ``targets`` to its schedule.

        Raises:
            LrsError: the program does not fit the run, or an argument of the run is invalid.
        """
        context = normalized(run, "Program.resolve_all")
        if not as_switch("strict_params", strict_params):
            context = among(context, param_names(self.module))
        key = _key(context)
        resolved = self._resolved.get(key)
        if resolved is None:
            from lrdsl.resolve.resolve import resolve
            from lrdsl.resolve.resolved import Resolved

            with too_deep(self.module.source):
                known, drives = self._placed(context)
                resolved = Resolved(self, context, known, resolve(drives, known))
            if len(self._resolved) >= _KEPT:
                self._resolved.clear()
            self._resolved[key] = resolved
        return resolved

    def run_of(self, context: RunArguments) -> Run:
        """The run: what the text states of it, and what the arguments say instead.

        Args:
            context: the arguments of the run.

        Raises:
            LrsError: an argument is invalid.
        """
        return run_for(context) if self._reading.stated is None else self._placed(context)[0]

    def _placed(self, context: RunArguments) -> tuple[Run, tuple[Drive, ...]]:
        """The run, and the checked statements under its values for ``param`` statements."""
        if (said := self._reading.stated) is None:
            run = run_for(context)
            return run, self.expanded(run.params)
        from lrdsl.resolve.stated import completed

        run = make_run(context, said.units)
        again = self._reading.with_params(run.params)
        return (run if again.stated is None else completed(run, again.stated)), again.drives or ()

    def expanded(self, params: Mapping[str, Value]) -> tuple[Drive, ...]:
        """The checked statements, with other values for the program's ``param`` statements.

        Args:
            params: the values, by name.

        Raises:
            LrsError: a name is unknown, or a value does not fit.
        """
        return self._reading.with_params(params).drives or ()

    @staticmethod
    def __get_pydantic_core_schema__(source: object, handler: object) -> Any:
        from lrdsl import pydantic_field

        return pydantic_field.core_schema(Program, parse, load)

    @staticmethod
    def __get_pydantic_json_schema__(schema: object, handler: object) -> dict[str, Any]:
        from lrdsl import pydantic_field

        return dict(pydantic_field.JSON_SCHEMA)

    def __str__(self) -> str:
        if self._text is None:
            from lrdsl.text.canonical import canonical

            object.__setattr__(self, "_text", canonical(self.module))
        return str(self._text)

    def __repr__(self) -> str:
        return f"Program({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Program):
            return NotImplemented
        return (str(self), self.groups) == (str(other), other.groups)

    def __hash__(self) -> int:
        return hash(str(self))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a Program is immutable")

    def __reduce__(self) -> tuple[Callable[..., Program], tuple[object, ...]]:
        if self.groups is None:
            return Program, (self.source, self.name)
        return _for_groups, (self.source, self.name, self.groups)


def _for_groups(source: str, name: str, groups: tuple[str, ...]) -> Program:
    """Makes a program for its groups again when it is unpickled."""
    return Program(source, name).for_groups(groups)


def _captured(module: Module) -> tuple[Target, ...]:
    found, _ = statements(module)
    return tuple([statement.target for statement in found if statement.target.names])


def _key(context: RunArguments) -> str:
    """A cache key for a run; for an invalid run, which is refused later, any text will do."""
    try:
        return repr(context)
    except (ValueError, RecursionError):  # an integer of too many digits; lists without end
        return ""


def run_for(arguments: RunArguments) -> Run:
    """The run described by keyword arguments of ``resolve``."""
    return make_run(arguments) if arguments else Run()


def _check_text(what: str, given: object) -> None:
    if not isinstance(given, str):
        raise TypeError(f"{what} is a text, not {shown(given)}")


def parse(text: str, *, name: str = "<string>") -> Program:
    """Parses and checks the text of a program.

    Args:
        text: the program.
        name: its name in messages.

    Returns:
        The program. Call its ``resolve`` for the values, or pass it to ``lrdsl.compile``.

    Raises:
        LrsError: the text has errors; the exception lists all of them.
        TypeError: an argument is not a string.

    Examples:
        >>> import lrdsl
        >>> schedule = lrdsl.parse("warmup(5) >> cosine(20, 0.3, 0.01) >> const").resolve()
        >>> schedule(5), schedule(25)
        (0.3, 0.01)
    """
    # A text of the wrong type may have no length or no hash.
    if isinstance(text, str) and isinstance(name, str) and len(text) <= _SHORT:
        return _parsed(text, name)
    return Program(text, name)


@lru_cache(_TEXTS)
def _parsed(text: str, name: str) -> Program:
    return Program(text, name)


def load(path: str | PathLike[str]) -> Program:
    """Parses and checks the program in a file.

    Args:
        path: the path of a UTF-8 text file, usually named ``*.lrs``.

    Returns:
        The program.

    Raises:
        OSError: the file cannot be read.
        LrsError: the text has errors; the exception lists all of them.
        TypeError: ``path`` is neither a string nor a path.
    """
    # Python would take a number for an open file, and close it.
    if not isinstance(path, str | PathLike):
        raise TypeError(f"a file is a path, not {shown(path)}")
    return Program(files.read(path), fsdecode(path))
