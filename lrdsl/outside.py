"""Numbers from outside: those of Python, and scalars of numpy, torch and other libraries."""

from __future__ import annotations

from operator import index
from typing import SupportsFloat


def as_number(value: object) -> int | float:
    """A number as one of Python's: an int by ``operator.index``, or else a float by ``float``.

    Truth values are no numbers, of whatever library; neither are texts, nor arrays of a shape.

    Args:
        value: what was given.

    Raises:
        ValueError: it is no number.

    >>> from fractions import Fraction
    >>> as_number(5), as_number(Fraction(1, 4))
    (5, 0.25)
    """
    if type(value) is float or type(value) is int:
        return value
    is_truth = isinstance(value, bool) or str(getattr(value, "dtype", "")).endswith("bool")
    if is_truth or isinstance(value, str | bytes) or getattr(value, "shape", ()) != ():
        raise ValueError("this is not a number")
    try:
        return index(value)  # type: ignore[arg-type]  # which is asked here
    except (TypeError, RuntimeError):
        pass
    if not isinstance(value, SupportsFloat):
        raise ValueError("this is not a number")
    try:
        return float(value)
    # A tensor may have no value: one of torch's meta device, a tracer of jax.
    except (TypeError, ValueError, OverflowError, RuntimeError):
        raise ValueError("this is not a number") from None


def as_plain(value: object) -> object:
    """A number as one of Python's; anything else as it is.

    Args:
        value: what was given.
    """
    if isinstance(value, str | bool) or value is None:
        return value
    try:
        return as_number(value)
    except ValueError:
        return value
