"""A program: text that was parsed and checked, independent of any optimizer."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import contextmanager
from functools import lru_cache
from os import PathLike, fsdecode
from typing import TYPE_CHECKING, Any, cast

from lrdsl import files
from lrdsl.check.check import check
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.outside import shown
from lrdsl.resolve.run import Run, make_run
from lrdsl.resolve.run_arguments import RunArguments, normalized, takes_run
from lrdsl.text.nodes import Definition, Module
from lrdsl.text.parse import parse_module
from lrdsl.text.source import Source, Span, unmarked
from lrdsl.wording import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import Unpack

    from lrdsl.check.targets import Drive
    from lrdsl.check.values import Value
    from lrdsl.resolve.resolved import Resolved
    from lrdsl.schedule.schedule import Schedule


# How many runs a program caches its schedules for, and how many short texts `parse` caches.
_KEPT = 16
_TEXTS, _SHORT = 128, 2_000


class Program:
    """A parsed and checked schedule, not yet tied to a run or an optimizer.

    ``lrdsl.parse`` and ``lrdsl.load`` return one. Programs are immutable, hashable and picklable.
    ``str(program)`` is the canonical text, and programs with the same canonical text are equal.
    Pydantic accepts ``Program`` as the type of a field, which is read from a text.

    Examples:
        >>> import lrdsl
        >>> program = lrdsl.parse("warmup(5)>>cosine( 20, .3 )")
        >>> str(program)
        'warmup(5) >> cosine(20, .3)'
        >>> program.resolve().length
        25
    """

    __slots__ = ("_drives", "_module", "_resolved", "_text")

    _drives: tuple[Drive, ...]
    _module: Module
    _text: str | None
    _resolved: dict[str, Resolved]

    def __init__(self, text: str | Source, name: str = "<string>") -> None:
        if not isinstance(text, Source):
            _check_text("a program", text)
            _check_text("its name", name)
        source = text if isinstance(text, Source) else unmarked(name, text)
        module, drives, errors = _read(source)
        if errors:
            raise LrsError(_explained(source, errors))
        for slot, value in (
            ("_module", module),
            ("_text", None),
            ("_drives", drives),
            ("_resolved", {}),
        ):
            object.__setattr__(self, slot, value)

    @property
    def name(self) -> str:
        """The name of the text in messages: its path, or the ``name`` given to ``parse``."""
        return self._module.source.name

    @property
    def source(self) -> str:
        """The original text."""
        return self._module.source.text

    @property
    def module(self) -> Module:
        """The syntax tree."""
        return self._module

    @property
    def targets(self) -> tuple[str, ...]:
        """The hyperparameters that the program drives, in its order.

        ``("lr",)`` for a plain schedule, ``("lr", 'momentum["head"]')`` with a selector.
        """
        return tuple(drive.target.label for drive in self._drives)

    @takes_run
    def resolve(self, *, target: str | None = None, **run: Unpack[RunArguments]) -> Schedule:
        """Places the program in a run and returns one of its schedules.

        Epochs, percentages and ``rest`` become whole steps. Arguments that the program does not
        need can be left out.

        Args:
            **run: the arguments of the run.
            target: the schedule to return, one of ``targets``. By default the only one; if the
                program has several, the one of ``lr``.

        Returns:
            The schedule, a function of the step.

        Raises:
            LrsError: the program does not fit the run, or an argument of the run is invalid.
            ValueError: the program has no such target.

        Examples:
            >>> import lrdsl
            >>> schedule = lrdsl.parse("warmup(5%) >> cosine").resolve(total=1000)
            >>> schedule(50, base=0.1), schedule(1000, base=0.1)
            (0.1, 0.0)
        """
        labels = self.targets
        chosen = ("lr" if len(labels) > 1 else labels[0]) if target is None else target
        if not isinstance(chosen, str) or chosen not in labels:
            given = chosen if isinstance(chosen, str) else shown(chosen)
            raise ValueError(f"target is one of {', '.join(labels)}, not {given}")
        return self.resolve_all(**normalized(run, "Program.resolve"))[chosen]

    @takes_run
    def resolve_all(self, **run: Unpack[RunArguments]) -> Resolved:
        """Places the program in a run and returns all of its schedules.

        Args:
            **run: the arguments of the run.

        Returns:
            A mapping from each of ``targets`` to its schedule.

        Raises:
            LrsError: the program does not fit the run, or an argument of the run is invalid.
        """
        context = normalized(run, "Program.resolve_all")
        key = _key(context)
        resolved = self._resolved.get(key)
        if resolved is None:
            from lrdsl.resolve.resolve import resolve
            from lrdsl.resolve.resolved import Resolved

            known = run_for(context)
            with too_deep(self._module.source):
                resolved = Resolved(self, context, resolve(self.expanded(known.params), known))
            if len(self._resolved) >= _KEPT:
                self._resolved.clear()
            self._resolved[key] = resolved
        return resolved

    def expanded(self, params: Mapping[str, Value]) -> tuple[Drive, ...]:
        """The checked statements, with other values for the program's ``param`` statements.

        Args:
            params: the values, by name.

        Raises:
            LrsError: a name is unknown, or a value does not fit.
        """
        if not params:
            return self._drives
        known = [
            s.name
            for s in self._module.statements
            if isinstance(s, Definition) and s.keyword == "param"
        ]
        unknown = [
            _unknown_param(name, value, known)
            for name, value in params.items()
            if name not in known
        ]
        if unknown:
            raise LrsError(unknown)
        drives, errors = check(self._module, params)
        if drives is None or errors:
            raise LrsError(errors)
        return drives

    def params_of(self, context: Mapping[str, Any]) -> dict[str, float | str]:
        """The values of the ``param`` statements in a run, as plain data.

        Args:
            context: the arguments of the run.
        """
        from lrdsl.check.params import params

        return params(self._module, run_for(cast(RunArguments, context)).params)

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

            object.__setattr__(self, "_text", canonical(self._module))
        return str(self._text)

    def __repr__(self) -> str:
        return f"Program({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other) if isinstance(other, Program) else NotImplemented

    def __hash__(self) -> int:
        return hash(str(self))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a Program is immutable")

    def __reduce__(self) -> tuple[type[Program], tuple[str, str]]:
        return Program, (self.source, self.name)


def _key(context: RunArguments) -> str:
    """A cache key for a run; for an invalid run, which is refused later, any text will do."""
    try:
        return repr(context)
    except (ValueError, RecursionError):  # an integer of too many digits; lists without end
        return ""


def _read(source: Source) -> tuple[Module, tuple[Drive, ...] | None, list[Diagnostic]]:
    """Parses and checks a text."""
    module, errors = parse_module(source)
    with too_deep(source):
        drives, more = check(module)
    return module, drives, [*errors, *more]


def _explained(source: Source, errors: list[Diagnostic]) -> list[Diagnostic]:
    """The errors of a text, with those that another reading of it explains better."""
    from lrdsl.text.comments_elsewhere import without_comments
    from lrdsl.text.revealed import with_revealed

    def read(text: Source) -> list[Diagnostic]:
        return _read(text)[2]

    return with_revealed(source, without_comments(source, errors, read), read)


@contextmanager
def too_deep(source: Source) -> Iterator[None]:
    """Turns a recursion that Python cannot follow into a diagnostic."""
    try:
        yield
    except RecursionError:
        message = "the definitions of this text lie too deep inside each other"
        help = "use fewer levels of `def` and `let`"
        span = Span(source, 0, len(source.line(1)))
        raise LrsError([Diagnostic("too-deep", message, help, span)]) from None


def run_for(arguments: RunArguments) -> Run:
    """The run described by keyword arguments of ``resolve``."""
    return make_run(arguments) if arguments else Run()


def _check_text(what: str, given: object) -> None:
    if not isinstance(given, str):
        raise TypeError(f"{what} is a text, not {shown(given)}")


def _unknown_param(name: str, value: Value, known: list[str]) -> Diagnostic:
    listed = ", ".join(f"`{k}`" for k in known)
    others = f"it has {listed}" if known else "it has none: declare one with `param name = value`"
    help = did_you_mean(name, known, others)
    source = value.span.source
    start = source.text.index(name, len("params"))
    span = Span(source, start, start + len(name))
    return Diagnostic("unknown-param", f"the program has no param `{name}`", help, span)


def parse(text: str, *, name: str = "<string>") -> Program:
    """Parses and checks the text of a program.

    Args:
        text: the program.
        name: its name in error messages.

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
