"""Lengths in epochs and updates, as systems count them that step once an epoch or once an update.

>>> trial = Trial()
>>> warmup = Span(trial, updates=Whole(1_000))
>>> str(Span(trial, epochs=Whole(150)) - warmup)
'150ep - 1000'
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrdsl.importers.refusal import Refused
from lrdsl.importers.symbols import Number, Real, Whole, is_known
from lrdsl.importers.trial import Trial

if TYPE_CHECKING:
    from collections.abc import Iterable


class Span:
    """A length, or a place: so many epochs and so many updates.

    Args:
        trial: the values for what is not known.
        epochs: the epochs.
        updates: the updates.

    Attributes:
        epochs: the epochs.
        updates: the updates.
    """

    def __init__(
        self, trial: Trial, epochs: Number | None = None, updates: Number | int = 0
    ) -> None:
        self._trial = trial
        self.epochs: Number = Whole(0) if epochs is None else epochs
        self.updates = updates if isinstance(updates, Whole) else Whole(int(updates))

    def __add__(self, other: Span) -> Span:
        return Span(
            self._trial, _added(self.epochs, other.epochs), _added(self.updates, other.updates)
        )

    def __sub__(self, other: Span) -> Span:
        return Span(
            self._trial, _less(self.epochs, other.epochs), _less(self.updates, other.updates)
        )

    def __int__(self) -> int:
        if not self.epochs:
            return int(self.updates)
        steps = float(self.epochs) * int(self._trial.steps_per_epoch())
        if not steps.is_integer():
            raise Refused(f"{self.epochs} epochs are no whole number of updates")
        return int(steps) + int(self.updates)

    def __bool__(self) -> bool:
        return int(self) != 0

    def __str__(self) -> str:
        if not self.epochs:
            return str(self.updates)
        epochs = f"{self.epochs}ep" if is_known(self.epochs) else _product(self.epochs)
        if is_known(self.updates) and self.updates <= 0:
            return f"{epochs} - {-int(self.updates)}" if self.updates else epochs
        return f"{epochs} + {self.updates}"

    def has_epochs(self) -> bool:
        """True if it depends on how many updates an epoch has."""
        return bool(self.epochs)


def _added(left: Number, right: Number) -> Number:
    if not (left and right):
        return left or right
    total: Number = left + right
    return total


def _less(left: Number, right: Number) -> Number:
    if str(left) == str(right):
        return Whole(0)
    difference: Number = left - right if right else left
    return difference


def _product(epochs: Number) -> str:
    return str(epochs * Whole(1, "1ep")) if isinstance(epochs, Whole | Real) else f"{epochs}ep"


def span(trial: Trial, count: Number, *, in_epochs: bool) -> Span:
    """So many epochs, or so many updates.

    Args:
        trial: the values for what is not known.
        count: how many.
        in_epochs: True for epochs.

    Raises:
        Refused: a share of an update.
    """
    if in_epochs:
        return Span(trial, epochs=count)
    if not isinstance(count, Whole):
        raise Refused(f"{count} is no whole number of updates")
    return Span(trial, updates=count)


def listed_spans(spans: Iterable[Span]) -> str:
    """Places as a list of the language.

    Args:
        spans: the places.
    """
    return f"[{', '.join(map(str, spans))}]"
