"""A live scheduler whose function says nothing of itself is fitted."""

from __future__ import annotations

import math

import pytest
import torch
from torch.optim import lr_scheduler as lr

import lrdsl


def built() -> torch.optim.SGD:
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.3)


def test_a_function_that_is_not_known_is_fitted_with_steps() -> None:
    def stable(t: int) -> float:
        return t / 10 if t < 10 else 1.0 if t < 50 else 1 - 0.9 * (t - 50) / 50

    program = lrdsl.from_torch(lr.LambdaLR(built(), stable), steps=100)
    assert "fitted to 100 values of its function" in program.source
    schedule = program.resolve()
    for t in range(100):
        assert schedule(t, base=0.3) == pytest.approx(0.3 * stable(t), rel=0, abs=1e-13)
    with pytest.raises(ValueError, match="found no text that explains steps"):
        lrdsl.from_torch(lr.LambdaLR(built(), lambda t: 1 + math.sin(t * t)), steps=100)
