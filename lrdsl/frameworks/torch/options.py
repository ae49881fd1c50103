"""The options of the builders of schedulers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import is_
from typing import TypedDict

from lrdsl.outside import as_step, as_switch, as_whole, shown

# What a scheduler may do with the state of another schedule.
ON_CHANGE = ("error", "new", "old")


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


def _step(_: str, value: object) -> object:
    return as_step(value)


def _count(name: str, value: object) -> object:
    number = as_whole(value, name)
    if number < 1:
        raise ValueError(f"{name} is at least 1, not {number}")
    return number


def _word(name: str, value: object) -> object:
    if not isinstance(value, str) or value not in ON_CHANGE:
        raise ValueError(f"{name} is one of {', '.join(ON_CHANGE)}, not {shown(value)}")
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
_DEFAULTS = tuple([default for default, _ in _OPTIONS.values()])
