"""What torch's optimizers ask of the values of a schedule; imports no torch, so that others ask."""

from __future__ import annotations

import math

from lrdsl.check.targets import Target

# A momentum of 1 would never forget.
_BELOW_ONE = frozenset({"momentum", "beta1", "beta2"})


def limit(target: Target) -> float:
    """What the values of a target have to stay below.

    Args:
        target: what is driven.
    """
    return 1.0 if target.key in _BELOW_ONE else math.inf


def typical(target: Target) -> float:
    """An optimizer's own value that may stand for all where nobody says which it is.

    Args:
        target: what is driven.
    """
    return 0.9 if target.key in _BELOW_ONE else 1.0
