"""Numbers from outside: those of Python, and scalars of numpy, torch and other libraries."""

from __future__ import annotations

from collections.abc import Mapping
from operator import index
from typing import SupportsFloat, TypeGuard

from lrdsl import limits
from lrdsl.wording import shortened


def as_number(value: object) -> int | float:
    """A number as one of Python's: an int by ``operator.index``, or else a float by ``float``.

    Truth values are no numbers, of whatever library; neither are texts, nor arrays of a shape.

    Args:
        value: the argument.

    Raises:
        ValueError: it is no number.

    >>> from fractions import Fraction
    >>> as_number(5), as_number(Fraction(1, 4))
    (5, 0.25)
    """
    if type(value) is float or type(value) is int:
        return value
    if is_truth(value) or isinstance(value, str | bytes) or getattr(value, "shape", ()) != ():
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


def as_float(value: object, noun: str) -> float:
    """A number as a float.

    Args:
        value: the argument.
        noun: its name at the start of a message.

    Raises:
        TypeError: it is no number, or too large.
    """
    if type(value) is float:
        return value
    try:
        return float(as_number(value))
    except OverflowError:
        raise TypeError(f"{noun} is at most 1.8e308, not {shown(value)}") from None
    except ValueError:
        raise TypeError(f"{noun} is a number, not {shown(value)}") from None


def is_number(value: object) -> TypeGuard[int | float]:
    """True if something is one of Python's numbers, which truth values are not.

    Args:
        value: the argument.
    """
    return isinstance(value, int | float) and not isinstance(value, bool)


def as_bases(base: object) -> dict[str, float]:
    """The optimizer's own values by hyperparameter; a number is that of ``lr``, None is none.

    Args:
        base: a number, a mapping, or None.

    Raises:
        TypeError: a value is no number, or too large.
    """
    if base is None:
        return {}
    given = base if isinstance(base, Mapping) else {"lr": base}
    return {str(key): as_float(number, "a base") for key, number in given.items()}


def is_truth(value: object) -> bool:
    """True if something is a truth value, of whatever library.

    Args:
        value: the argument.
    """
    return isinstance(value, bool) or str(getattr(value, "dtype", "")).endswith("bool")


def as_switch(name: str, value: object) -> bool:
    """An argument that is True or False; a text such as "false" is neither.

    Args:
        name: the name of the argument.
        value: the argument.

    Raises:
        TypeError: it is something else.
    """
    if not isinstance(value, bool):
        raise TypeError(f"{name} is True or False, not {shown(value)}")
    return value


def as_whole(value: object, noun: str) -> int:
    """A whole number as an int; 7.0 is none, and a truth value is none either.

    Args:
        value: the argument.
        noun: its name at the start of a message.

    Raises:
        TypeError: it is no such number.

    >>> as_whole(7, "a step")
    7
    """
    if type(value) is int:
        return value
    try:
        if not is_truth(value):
            return index(value)  # type: ignore[arg-type]  # which is asked here
    # A tensor may have no value: one of torch's meta device, a tracer of jax.
    except (TypeError, RuntimeError):
        pass
    raise TypeError(f"{noun} is a whole number, not {shown(value)}")


def as_step(value: object) -> int:
    """The index of an update: a whole number from 0 to the largest step there is.

    Args:
        value: the argument.

    Raises:
        TypeError: it is no whole number.
        ValueError: it is below 0, or above the largest step.
    """
    step = as_whole(value, "a step")
    if step < 0:
        raise ValueError(f"a step is 0 or more, not {shown(step)}")
    if step > limits.STEPS:
        raise ValueError(f"a step is at most 2^53, about 9e15, not {shown(step)}")
    return step


def shown(value: object) -> str:
    """An argument as messages show it: as Python writes it, if that is short.

    Args:
        value: the argument.
    """
    try:
        return shortened(repr(value))
    # An integer of too many digits; a list in itself.
    except (ValueError, RecursionError):
        return f"this {type(value).__name__}"


def as_plain(value: object) -> object:
    """A number or a text as one of Python's; anything else as it is.

    Args:
        value: the argument.
    """
    if isinstance(value, str):
        return str.__str__(value)  # a text of numpy, or of an enumeration, is more than that
    if isinstance(value, bool) or value is None:
        return value
    try:
        return as_number(value)
    except ValueError:
        return value
