"""The options of the builders of schedulers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, MappingView, Sequence, Set
from operator import is_
from typing import Literal, TypedDict, get_args

from lrdsl.outside import as_step, as_switch, as_whole, shown

# What a scheduler may do with the state of another schedule.
ON_CHANGE = ("error", "new", "old")
# What may be done about probable mistakes.
Mode = Literal["warn", "error", "off"]
MODES: tuple[Mode, ...] = get_args(Mode)
# What may hold several optimizers. A module and a tensor are iterable too, and hold none.
_SEVERAL = (Iterator, Mapping, MappingView, Sequence, Set)


class Options(TypedDict, total=False):
    """The options of a ``ScheduleLR``."""

    start_step: int
    on_change: str
    warn_on_overwrite: bool
    rebase: bool | None
    allow_missing_groups: bool
    updates_per_step: int


def checked(options: Mapping[str, object]) -> dict[str, object]:
    """Those of the options of ``compile`` that say something, each as what it has to be.

    Args:
        options: all of them, by name.

    Raises:
        TypeError: one is of a wrong kind.
        ValueError: one is out of range.
    """
    found: dict[str, object] = {}
    if all(map(is_, options.values(), _DEFAULTS)):  # as most are
        return found
    for name, value in options.items():
        default, check = _OPTIONS[name]
        if value is not default:
            value = check(name, value)
            if value != default:
                found[name] = value
    return found


def check(name: str, value: object) -> None:
    """Checks one argument of ``compile`` that is none of the run.

    Args:
        name: its name, one of `names`.
        value: what it is to be.

    Raises:
        TypeError: it is of a wrong kind.
        ValueError: it is out of range.
    """
    default, rule = {**_OPTIONS, **_OTHERS}[name]
    if value is not default:
        rule(name, value)


def names() -> frozenset[str]:
    """The names of the arguments that `check` knows."""
    return frozenset({*_OPTIONS, *_OTHERS})


def no_optimizer(given: object) -> str:
    """Says that something is not an optimizer, and how to pass several of them.

    Args:
        given: it.
    """
    message = f"{type(given).__name__} is not an Optimizer"
    if isinstance(given, _SEVERAL) and not isinstance(given, str):
        message += (
            "; for several, call lrdsl.compile with a list of them, as in"
            " `[*optimizers]`, or with a dictionary of their names"
        )
    return message


def _step(_: str, value: object) -> object:
    return as_step(value)


def _count(name: str, value: object) -> object:
    number = as_whole(value, name)
    if number < 1:
        raise ValueError(f"{name} is at least 1, not {number}")
    return number


def _word(name: str, value: object) -> object:
    return one_of(name, ON_CHANGE, value)


def _mode(name: str, value: object) -> object:
    return one_of(name, MODES, value)


def one_of(name: str, words: Collection[str], value: object) -> str:
    """An argument that is one of a few words.

    Args:
        name: the name of the argument.
        words: the words.
        value: the argument.

    Raises:
        ValueError: it is something else.
    """
    if not isinstance(value, str) or value not in words:
        raise ValueError(f"{name} is one of {', '.join(words)}, not {shown(value)}")
    return value


# The value where the caller says nothing, and what another one has to pass.
_OPTIONS: dict[str, tuple[object, Callable[[str, object], object]]] = {
    "start_step": (0, _step),
    "on_change": ("error", _word),
    "warn_on_overwrite": (False, as_switch),
    "rebase": (None, as_switch),
    "allow_missing_groups": (False, as_switch),
    "calls_per_update": (1, _count),
    "updates_per_step": (1, _count),
}
# The same for arguments that are no options of a scheduler.
_OTHERS: dict[str, tuple[object, Callable[[str, object], object]]] = {
    "lint": (None, _mode),
    "strict_params": (True, as_switch),
}
_DEFAULTS = tuple([default for default, _ in _OPTIONS.values()])
