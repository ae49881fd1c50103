"""The arguments that describe a run: their names, their types and what they mean, said once."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, TypedDict, TypeVar, cast

from lrdsl.outside import as_plain

if TYPE_CHECKING:
    _Function = TypeVar("_Function", bound=Callable[..., object])
    _Class = TypeVar("_Class", bound=type)


class RunArguments(TypedDict, total=False):
    """The arguments that describe a run. Each is optional, and counts before the program's ``run``.

    Attributes:
        total: the length of the run, in steps or as a text such as ``"90ep"``; percentages and
            ``rest`` refer to it.
        steps_per_epoch: the number of optimizer updates in one epoch.
        per_step: the size of one step in units of your own: ``{"tok": 4_194_304}`` if each update
            processes that many tokens. Texts such as ``"4M"`` are allowed.
        params: values for the program's ``param`` statements, by name: numbers, or texts such as
            ``"1e-5"`` and ``"10ep"``. Scalars of numpy and torch count as numbers.
    """

    total: int | str | None
    steps_per_epoch: float | None
    per_step: Mapping[str, float | str] | None
    params: Mapping[str, float | str] | None


NAMES = tuple(RunArguments.__annotations__)
# The units of the language that a run has to say the length of: by which argument, and in words.
UNITS = {"ep": ("steps_per_epoch", "an epoch")}
_TABLES = ("per_step", "params")


# A function of a run is written `(…, **run: Unpack[RunArguments])`, from which type checkers and
# editors offer the four names with their types (PEP 692). At run time that is only `**run`: so the
# decorator puts the four into `__signature__`, which `help`, IPython's tab and `inspect` read, and
# their meaning into the docstring, where nobody would follow a link. The price is that Python no
# longer refuses other names: `normalized` does, in Python's words.
def takes_run(function: _Function) -> _Function:
    """Shows the arguments of a run in the signature and the docstring of a function of ``**run``.

    Args:
        function: its docstring has a line ``**run: …`` among its ``Args``, which is replaced.
    """
    signature = inspect.signature(function)
    *parameters, _ = signature.parameters.values()
    described = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=getattr(annotation, "__forward_arg__", annotation),
        )
        for name, annotation in RunArguments.__annotations__.items()
    ]
    kinds = [parameter.kind for parameter in parameters]
    first = (*kinds, inspect.Parameter.KEYWORD_ONLY).index(inspect.Parameter.KEYWORD_ONLY)
    shown = [*parameters[:first], *described, *parameters[first:]]
    function.__signature__ = signature.replace(parameters=shown)  # type: ignore[attr-defined]
    function.__doc__ = documented(function.__doc__)
    return function


def documents_run(cls: _Class) -> _Class:
    """Puts the meaning of the arguments of a run into the docstring of a class, likewise."""
    cls.__doc__ = documented(cls.__doc__)
    return cls


def documented(doc: str | None) -> str | None:
    """A docstring with the meaning of the arguments of a run in place of its line on ``**run``.

    Args:
        doc: the docstring, or None as under ``python -OO``.
    """
    if doc is None or RunArguments.__doc__ is None:
        return doc
    meaning = inspect.cleandoc(RunArguments.__doc__).partition("Attributes:\n")[2]
    lines = inspect.cleandoc(doc).split("\n")
    places = [i for i, line in enumerate(lines) if line.startswith("    **run: ")]
    if not places:  # a tool has stripped, or changed, the docstring
        return doc
    marked = places[0]
    return "\n".join([*lines[:marked], meaning, *lines[marked + 1 :]])


def normalized(run: RunArguments, function: str) -> RunArguments:
    """The arguments that say something, in the order of their declaration.

    They are copies: what the caller does with a dictionary of its own later changes no schedule.
    Numbers of numpy and torch become Python's.

    Args:
        run: the keyword arguments of a call.
        function: what was called.

    Raises:
        TypeError: one has another name.
    """
    if not run:
        return {}
    for name in run:
        if name not in NAMES:
            raise TypeError(f"{function}() got an unexpected keyword argument {name!r}")
    described: dict[str, object] = {}
    for name in NAMES:
        value: object = run.get(name)
        if isinstance(value, Mapping) and name in _TABLES:
            value = {as_plain(key): as_plain(item) for key, item in value.items()} or None
        else:
            value = as_plain(value)
        if value is not None:
            described[name] = value
    return cast(RunArguments, described)


def among(arguments: RunArguments, names: Collection[str]) -> RunArguments:
    """The arguments of a run without values for other ``param`` statements.

    Args:
        arguments: the arguments, normalized.
        names: the names of the ``param`` statements that there are.
    """
    given = arguments.get("params")
    if not isinstance(given, Mapping):
        return arguments
    found = arguments.copy()
    del found["params"]
    if known := {name: value for name, value in given.items() if name in names}:
        found["params"] = known
    return found
