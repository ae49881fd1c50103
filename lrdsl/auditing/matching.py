"""Which schedule of a program each rate of a log is compared with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from lrdsl.check.captures import captured, literal
from lrdsl.check.targets import RATE
from lrdsl.record import entity

if TYPE_CHECKING:
    from lrdsl.check.targets import Target
    from lrdsl.logs.log import Log, Series
    from lrdsl.resolve.resolved import Driven, Resolved


def names_of(series: Series) -> tuple[str, ...]:
    """The names that the group of a rate may have, by what the log calls it.

    >>> from lrdsl.logs.log import Series
    >>> from lrdsl.logs.precision import FLOAT64
    >>> names_of(Series("lr-AdamW/head", None, FLOAT64))
    ('lr-AdamW/head', 'head')
    >>> names_of(Series("lr_head", None, FLOAT64))
    ('lr_head', 'head')
    """
    name = series.name
    last = name.rsplit("/", 1)[-1]
    bare = re.sub(r"^(lr|learning_rate)[-_./ (]*|[)]$", "", name)
    return tuple(dict.fromkeys(filter(None, (name, last, bare if last == name else last))))


def names_in(log: Log) -> list[str]:
    """The names that the groups of the rates of a log may have.

    Args:
        log: the log.
    """
    return [name for run in log.runs for series in run.rates for name in names_of(series)]


@entity
class Match:
    """What a rate of a log can be a rate of.

    Attributes:
        targets: the schedules to compare it with; the one that fits if there are several.
    """

    targets: tuple[Driven, ...]


def matches(resolved: Resolved, rates: Sequence[Series]) -> list[Match]:
    """What each rate of a run can be.

    Args:
        resolved: the program.
        rates: the rates.
    """
    driven = [one for one in resolved.driven if one.target.key == RATE and not one.target.is_scalar]
    if len(driven) == 1 and (driven[0].target.selector is None or len(rates) == 1):
        return [Match((driven[0],)) for _ in rates]
    chosen = [[one for one in driven if _selects(one.target, series)][:1] for series in rates]
    taken = [one for found in chosen for one in found]
    is_named = any(isinstance(one.target.selector, str) for one in taken)
    left = [
        one
        for one in driven
        if one not in taken and (one.target.selector is None or not _is_told(one, rates, is_named))
    ]
    return [Match(tuple(found or left)) for found in chosen]


def _is_told(one: Driven, rates: Sequence[Series], is_named: bool) -> bool:
    """True if the log would tell the group of a selector, by name or by index."""
    if isinstance(one.target.selector, str):
        return is_named
    return all(series.group is not None for series in rates) and len(rates) > 1


def _selects(target: Target, series: Series) -> bool:
    """True if a selector selects the group of a rate for sure."""
    selector = target.selector
    if selector is None:
        return False
    if isinstance(selector, int):
        return series.group == selector
    if target.names:
        found = (captured(selector, target.names, name) for name in names_of(series))
        return target.captures in found
    pattern = literal(selector) if "{" in selector or "}" in selector else selector
    return any(fnmatchcase(name, pattern) for name in names_of(series))
