"""A program: text that was parsed and checked, and knows no optimizer."""

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


# Runs that a program remembers its schedules of, and short texts that `parse` remembers.
_KEPT = 16
_TEXTS, _SHORT = 128, 2_000


class Program:
    """A schedule as it was written, before any run is known.

    Made by ``lrdsl.parse`` and ``lrdsl.load``. It is immutable and can be hashed, pickled
    and compared; two programs are equal when their canonical texts are. ``str(program)`` is that
    text.

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
            from lrdsl.text.comments_elsewhere import without_comments

            raise LrsError(without_comments(source, errors, lambda text: _read(text)[2]))
        for slot, value in (
            ("_module", module),
            ("_text", None),
            ("_drives", drives),
            ("_resolved", {}),
        ):
            object.__setattr__(self, slot, value)

    @property
    def name(self) -> str:
        """What the text is reported under: a path, or what was given to ``parse``."""
        return self._module.source.name

    @property
    def source(self) -> str:
        """The text as it was given."""
        return self._module.source.text

    @property
    def module(self) -> Module:
        """The syntax tree."""
        return self._module

    @property
    def targets(self) -> tuple[str, ...]:
        """What the program drives, in the order of the text: ``("lr", 'momentum["head"]')``."""
        return tuple(drive.target.label for drive in self._drives)

    @takes_run
    def resolve(self, *, target: str | None = None, **run: Unpack[RunArguments]) -> Schedule:
        """Lays the program out for a run, and gives one schedule of it.

        Args:
            **run: what the run is like.
            target: which schedule, out of ``targets``. By default it is the only one there is,
                or else that of ``lr``.

        Raises:
            LrsError: the program does not fit the run, or the run was not described rightly.
            ValueError: there is no such target.
        """
        labels = self.targets
        chosen = ("lr" if len(labels) > 1 else labels[0]) if target is None else target
        if not isinstance(chosen, str) or chosen not in labels:
            given = chosen if isinstance(chosen, str) else shown(chosen)
            raise ValueError(f"target is one of {', '.join(labels)}, not {given}")
        return self.resolve_all(**normalized(run, "Program.resolve"))[chosen]

    @takes_run
    def resolve_all(self, **run: Unpack[RunArguments]) -> Resolved:
        """Lays the program out for a run, and gives every schedule of it.

        Args:
            **run: what the run is like.

        Returns:
            The schedules by ``targets``, with what they were made from.

        Raises:
            LrsError: the program does not fit the run, or the run was not described rightly.
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
        """What the program drives under other values of its ``param`` statements.

        Args:
            params: the values, by name.

        Raises:
            LrsError: one is unknown, or does not fit.
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
            context: what the run is like.
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
    """What tells one run from another; of one that will be refused it may be any text."""
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
    """The run that keyword arguments of ``resolve`` describe."""
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
    """Parses and checks a program.

    Args:
        text: the program.
        name: what to call it in diagnostics.

    Raises:
        LrsError: with every error of the text.

    Examples:
        >>> import lrdsl
        >>> schedule = lrdsl.parse("warmup(5) >> cosine(20, 0.3, 0.01) >> const").resolve()
        >>> schedule(5), schedule(25)
        (0.3, 0.01)
    """
    # A wrong kind of text may have no length, and be refused a hash.
    if isinstance(text, str) and isinstance(name, str) and len(text) <= _SHORT:
        return _parsed(text, name)
    return Program(text, name)


@lru_cache(_TEXTS)
def _parsed(text: str, name: str) -> Program:
    return Program(text, name)


def load(path: str | PathLike[str]) -> Program:
    """Parses and checks the program in a file.

    Args:
        path: a UTF-8 text, by custom named ``….lrs``.

    Raises:
        OSError: the file cannot be read.
        LrsError: with every error of the text.
        TypeError: it is no path.
    """
    # A number would be taken for an open file, and closed.
    if not isinstance(path, str | PathLike):
        raise TypeError(f"a file is a path, not {shown(path)}")
    return Program(files.read(path), fsdecode(path))
