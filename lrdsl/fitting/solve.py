"""Least squares: the unknowns of a chain that explain some readings best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lrdsl.fitting.chain import Chain
from lrdsl.record import entity

if TYPE_CHECKING:
    from lrdsl.fitting.chain import Part
    from lrdsl.fitting.families import Floats
    from lrdsl.fitting.readings import Readings

_ROUNDS = 30
# A descent ends where a round gains a smaller share of what is left: at the finest tolerance, and
# before it.
_FINE, _ROUGH = 1e-4, 1e-2
# A step of an unknown, as a share of it, by which its effect is measured.
_NUDGE = 1e-6
# Tolerances of the first rounds, as shares of the peak: what is far off is not judged finely.
_COARSE = (0.02, 1e-3)


@entity
class Solution:
    """Unknowns with what is left open of them.

    Attributes:
        x: the unknowns.
        spread: their covariance, in the tolerances of the readings.
        worst: the largest difference, in tolerances.
    """

    x: Floats
    spread: Floats
    worst: float


class _Misfit:
    """How far the readings are from a chain, in tolerances.

    Args:
        chain: the shapes.
        readings: what to explain.
        tolerance: the tolerance of each reading.
    """

    def __init__(self, chain: Chain, readings: Readings, tolerance: Floats) -> None:
        self._chain, self._readings, self._tolerance = chain, readings, tolerance
        self._parts: list[Part] = []
        self._above = np.array([unknown.above for unknown in chain.unknowns])

    def at(self, x: Floats) -> Floats:
        """The misfit at some unknowns, and from now on beside them."""
        self._parts = []
        return self.beside(x)

    def beside(self, x: Floats) -> Floats:
        """The misfit at unknowns of which few differ from the last ones; infinite where none is."""
        if np.any(x <= self._above):
            return np.full(len(self._tolerance), np.inf)
        self._readings.work.spend(len(self._chain.pieces))
        rates = self._chain.near(x, self._readings.updates, self._parts)
        return (self._readings.rates - rates) / self._tolerance


def solved(
    chain: Chain,
    readings: Readings,
    guess: Sequence[float] | Floats,
    free: Sequence[int],
    *,
    coarse: bool = True,
    limit: float = np.inf,
) -> Solution | None:
    """The unknowns that explain some readings best, by Levenberg and Marquardt.

    Args:
        chain: the shapes.
        readings: what to explain.
        guess: where to begin.
        free: the unknowns that may change.
        coarse: True if the guess is far off.
        limit: how far a reading may be off, in tolerances.

    Returns:
        The solution; None if the shapes have no value there, or are too far off.
    """
    x = np.array(guess, dtype=float)
    chosen = list(free)
    sizes = np.array([_size(chain, readings, i, x) for i in chosen])
    tolerances = [np.maximum(readings.tolerance, share * readings.peak) for share in _COARSE]
    finest = readings.weighing
    for tolerance in [*(tolerances if coarse else []), finest]:
        is_last = tolerance is finest
        enough = _FINE if is_last else _ROUGH
        found = _descended(chain, readings, x, chosen, sizes, tolerance, enough)
        if found is None:
            return None
        x, jacobian, residual = found
        if float(np.max(np.abs(residual), initial=0.0)) > (limit if is_last else 2 * limit):
            return None
    spread = np.zeros((len(x), len(x)))
    if chosen:
        # Equal rates were rounded alike: many of them say no more than one.
        scaled = jacobian * sizes * _shares(readings.rates)[:, None] ** 0.5
        normal = scaled.T @ scaled
        try:
            inverse = np.linalg.pinv(normal + 1e-18 * np.trace(normal) * np.eye(len(chosen)))
        except np.linalg.LinAlgError:  # the effects of the unknowns are too large to be squared
            return None
        spread[np.ix_(chosen, chosen)] = inverse * np.outer(sizes, sizes) / 3
    return Solution(x, spread, float(np.max(np.abs(residual), initial=0.0)))


def _shares(rates: Floats) -> Floats:
    """Of each rate one part in as many as there are equal ones."""
    _, places, counts = np.unique(rates, return_inverse=True, return_counts=True)
    return 1.0 / counts[places]


def _size(chain: Chain, readings: Readings, i: int, x: Floats) -> float:
    """How large an unknown is, roughly."""
    kind = chain.unknowns[i].kind
    if kind == "value":
        return readings.peak
    if kind == "place":
        return max(readings.span, 1.0)
    return max(abs(float(x[i])), 1e-3)


def _descended(
    chain: Chain,
    readings: Readings,
    x: Floats,
    free: list[int],
    sizes: Floats,
    tolerance: Floats,
    enough: float,
) -> tuple[Floats, Floats, Floats] | None:
    """The unknowns after a descent, their effects, and what is left."""
    misfit = _Misfit(chain, readings, tolerance)
    now = misfit.at(x)
    cost = float(now @ now)
    if not np.isfinite(cost):
        return None
    damping = 1e-3
    jacobian = np.zeros((len(now), len(free)))
    for _ in range(_ROUNDS if free else 0):
        jacobian = _effects(misfit, x, now, free, sizes)
        if not np.all(np.isfinite(jacobian)):
            return None
        step = _step(misfit, x, now, free, sizes, jacobian, damping)
        if step is None:
            break
        x, now, damping = step
        price = float(now @ now)
        gain, cost = cost - price, price
        if gain <= enough * cost + 1e-9:
            break
    return x, jacobian, now


def _effects(misfit: _Misfit, x: Floats, now: Floats, free: list[int], sizes: Floats) -> Floats:
    """What a small change of each free unknown does to the residuals, by its size."""
    jacobian = np.zeros((len(now), len(free)))
    for column, i in enumerate(free):
        nudged = x.copy()
        step = _NUDGE * sizes[column]
        nudged[i] += step
        effect = (now - misfit.beside(nudged)) / step
        if not np.all(np.isfinite(effect)):
            nudged[i] = x[i] - step
            effect = (misfit.beside(nudged) - now) / step
        jacobian[:, column] = effect
    return jacobian


def _step(
    misfit: _Misfit,
    x: Floats,
    now: Floats,
    free: list[int],
    sizes: Floats,
    jacobian: Floats,
    damping: float,
) -> tuple[Floats, Floats, float] | None:
    """The unknowns a step down, what is left there, and the next damping; None at the bottom."""
    cost = float(now @ now)
    scaled = jacobian * sizes
    normal, slope = scaled.T @ scaled, scaled.T @ now
    diagonal = np.diag(normal) + 1e-12 * max(np.trace(normal), 1e-300)
    for _ in range(8):
        try:
            step = np.linalg.solve(normal + damping * np.diag(diagonal), slope)
        except np.linalg.LinAlgError:
            damping *= 10
            continue
        trial = x.copy()
        trial[free] += step * sizes
        after = misfit.at(trial)
        price = float(after @ after)
        if np.isfinite(price) and price <= cost:
            return trial, after, max(damping / 10, 1e-12)
        damping *= 10
    return None
