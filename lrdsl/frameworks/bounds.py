"""The bounds of values in all frameworks, known without importing any of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType, ModuleType

from lrdsl.check.targets import Target
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.frameworks.torch import bounds as torch_bounds
from lrdsl.resolve.outlook import agreed, errors_of
from lrdsl.resolve.resolved import Resolved

# Each has a `limit` of a target, and a value that is `typical` of it.
FRAMEWORKS: tuple[ModuleType, ...] = (torch_bounds,)
_NO_BASES: Mapping[str, float] = MappingProxyType({})


def limit(target: Target) -> float:
    """The upper bound of a target's values in every framework.

    Args:
        target: the hyperparameter and groups.
    """
    return min(float(framework.limit(target)) for framework in FRAMEWORKS)


def typical(target: Target) -> float:
    """An optimizer's own value that may stand for all where nobody says which it is.

    Args:
        target: the hyperparameter and groups.
    """
    return float(FRAMEWORKS[0].typical(target))


def refused(resolved: Resolved, bases: Mapping[str, float] = _NO_BASES) -> list[Diagnostic]:
    """The values that no optimizer of any framework accepts, whatever its own values are.

    Args:
        resolved: a program, laid out.
        bases: the optimizer's own values of what is driven, by key, as far as they are known.
    """
    found: list[tuple[Target, Sequence[Diagnostic]]] = []
    for one in resolved.driven:
        bound, schedule = limit(one.target), one.schedule
        base = bases.get(one.target.key)
        # A schedule that depends on other numbers of the groups was not looked at: they may be 1.
        is_known = schedule.is_absolute or (bool(schedule.owns) and schedule.is_proportional)
        errors: Sequence[Diagnostic] = ()
        if base is not None or (is_known and (bound < math.inf or schedule.owns)):
            rate = 1.0 if base is None else base
            errors = errors_of(one, resolved.run, rate, bound)
        found.append((one.target, errors))
    return agreed(found)
