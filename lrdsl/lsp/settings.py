"""The settings of the server, as clients send them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import cast

from lrdsl.configs.project_runs import problem
from lrdsl.outside import is_number, shown
from lrdsl.record import record
from lrdsl.resolve.run_arguments import RunArguments
from lrdsl.wording import did_you_mean, listed

SECTION = "lrdsl"


@record
class Settings:
    """What a client has set.

    Attributes:
        run: the run where neither the file nor its config says what it is like.
        bases: the optimizer's own values of what is driven, by key.
        inlay_hints: True to show the steps and values of each part in the text.
        keys: the keys of configs that have schedules; none to read ``pyproject.toml``.
    """

    run: RunArguments = cast("RunArguments", MappingProxyType({}))
    bases: Mapping[str, float] = MappingProxyType({})
    inlay_hints: bool = False
    keys: tuple[str, ...] = ()


def read(sent: object) -> tuple[Settings, list[str]]:
    """Reads settings; what is wrong with one is said, and the others count.

    Args:
        sent: ``{"lrdsl": {"total": "90ep", …}}``, or only what is inside; None for nothing.

    Returns:
        The settings, and a sentence for each that does not count.
    """
    if isinstance(sent, Mapping) and SECTION in sent:
        sent = sent[SECTION]
    if sent is None:
        return Settings(), []
    if not isinstance(sent, Mapping):
        return Settings(), [f"`{SECTION}` has {listed(_SHOWN)}; it is not {shown(sent)}"]
    found: dict[str, object] = {}
    wrong: list[str] = []
    for name, value in sent.items():
        if name not in _READERS:
            help = did_you_mean(str(name), NAMES, f"there are {listed(_SHOWN)}")
            wrong.append(f"there is no setting `{SECTION}.{name}`; {help}")
        elif value is not None:
            try:
                found[name] = _READERS[name](value)
            except ValueError as error:
                wrong.append(f"`{SECTION}.{name}` {error}, not {shown(value)}")
    run: dict[str, object] = {}
    for name, argument in _RUN.items():
        if name in found:
            one = {argument: found[name]}
            if fault := problem(cast("RunArguments", one)):
                wrong.append(f"`{SECTION}.{name}`: {fault}")
            else:
                run |= one
    if fault := problem(cast("RunArguments", run)):
        wrong.append(f"{listed(f'`{SECTION}.{n}`' for n in _RUN if n in found)}: {fault}")
        run = {}
    return Settings(
        cast("RunArguments", run),
        cast("Mapping[str, float]", found.get("base", {})),
        bool(found.get("inlayHints")),
        cast("tuple[str, ...]", found.get("keys", ())),
    ), wrong


def _length(value: object) -> int | str:
    if isinstance(value, str) or is_number(value):
        return cast("int | str", value)
    raise ValueError('is a length such as "90ep", or a number of steps')


def _number(value: object) -> float:
    if is_number(value):
        return cast("float", value)
    raise ValueError("is a number")


def _sizes(value: object) -> dict[str, float | str]:
    if isinstance(value, Mapping) and all(
        isinstance(size, str) or is_number(size) for size in value.values()
    ):
        return dict(value)
    raise ValueError('gives units their size, as in {"tok": "4M"}')


def _bases(value: object) -> dict[str, float]:
    if is_number(value):
        return {"lr": cast("float", value)}
    if isinstance(value, Mapping) and all(map(is_number, value.values())):
        return dict(value)
    raise ValueError('is the rate of the optimizer, or numbers by name, as in {"lr": 3e-4}')


def _truth(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError("is true or false")


def _keys(value: object) -> tuple[str, ...]:
    keys = [value] if isinstance(value, str) else value
    if isinstance(keys, list) and all(isinstance(key, str) and key for key in keys):
        return tuple(keys)
    raise ValueError('is a list of keys, as in ["optimizer.schedule", "**.lr"]')


_READERS: dict[object, Callable[[object], object]] = {
    "total": _length,
    "stepsPerEpoch": _number,
    "perStep": _sizes,
    "base": _bases,
    "inlayHints": _truth,
    "keys": _keys,
}
NAMES = tuple(map(str, _READERS))
"""The names of all settings."""

_SHOWN = tuple(f"`{name}`" for name in NAMES)
# Those that describe the run, and the arguments that they are.
_RUN = {"total": "total", "stepsPerEpoch": "steps_per_epoch", "perStep": "per_step"}
