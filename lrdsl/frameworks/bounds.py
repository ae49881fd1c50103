"""The bounds of values in all frameworks, known without importing any of them."""

from __future__ import annotations

import math
from types import ModuleType

from lrdsl.check.targets import Target
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.frameworks.torch import bounds as torch_bounds
from lrdsl.resolve.resolved import Resolved
from lrdsl.schedule.views import faults_of

# Each has a `limit` of a target, and a value that is `typical` of it.
FRAMEWORKS: tuple[ModuleType, ...] = (torch_bounds,)


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


def refused(resolved: Resolved) -> list[Diagnostic]:
    """The values that no optimizer of any framework accepts, whatever its own values are.

    Args:
        resolved: a program, laid out.
    """
    found: dict[Diagnostic, None] = {}
    for one in resolved.driven:
        bound = limit(one.target)
        if bound < math.inf and one.schedule.is_absolute:
            errors = faults_of(one.schedule, noun=one.target.noun, limit=bound)
            found |= dict.fromkeys(errors)
    return list(found)
