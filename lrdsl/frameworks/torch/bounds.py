"""The bounds of values in torch's optimizers; does not import torch, so that others can."""

from __future__ import annotations

import math

from lrdsl.check.targets import Target


def limit(target: Target) -> float:
    """The upper bound of a target's values.

    Args:
        target: the hyperparameter and groups.
    """
    return 1.0 if _is_below_one(target.key) else math.inf


def typical(target: Target) -> float:
    """An optimizer's own value that may stand for all where nobody says which it is.

    Args:
        target: the hyperparameter and groups.
    """
    return 0.9 if _is_below_one(target.key) else 1.0


def _is_below_one(key: str) -> bool:
    """A momentum of 1 would never forget; nor would a beta, and some optimizers have three."""
    return key == "momentum" or (key.startswith("beta") and key[4:].isdecimal() and key[4] != "0")
