"""The bounds of values in torch's optimizers; does not import torch, so that others can."""

from __future__ import annotations

import math

from lrdsl.check.hyperparameters import is_momentum
from lrdsl.check.targets import Target


def limit(target: Target) -> float:
    """The upper bound of a target's values: a momentum of 1 would never forget, nor would a beta.

    Args:
        target: the hyperparameter and groups.
    """
    return 1.0 if is_momentum(target.key) and not target.is_scalar else math.inf


def typical(target: Target) -> float:
    """An optimizer's own value that may stand for all where nobody says which it is.

    Args:
        target: the hyperparameter and groups.
    """
    return 0.9 if is_momentum(target.key) and not target.is_scalar else 1.0
