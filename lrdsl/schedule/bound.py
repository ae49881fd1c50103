"""A schedule bound to a base rate: a function of the step for whoever calls one."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from lrdsl import arrays
from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.formula.formula import UNDEFINED
from lrdsl.limits import STEPS
from lrdsl.outside import as_float, as_step, as_whole, shown
from lrdsl.schedule.block import held_vector
from lrdsl.wording import number

if TYPE_CHECKING:
    from lrdsl.arrays.module import Array, ArrayModule, Vector
    from lrdsl.schedule.block import Scalar
    from lrdsl.schedule.reading import Factors
    from lrdsl.schedule.schedule import Schedule

# The array library of a kind of array, the largest step it had when the curve was bound, the curve.
_Known = tuple["ArrayModule", int, "Vector"]


class Bound:
    """A schedule for one base rate, as a function of a step or of an array of steps.

    ``Schedule.bind`` returns one. It can be copied and pickled, ``jax.jit``, ``vmap``, ``grad`` and
    ``torch.compile`` can trace it, and optax takes it as a learning rate.
    """

    __slots__ = ("__weakref__", "_base", "_curve", "_factors", "_known", "_schedule", "_steps")

    def __init__(
        self,
        schedule: Schedule,
        base: float = 1.0,
        factors: Factors = None,
        steps: int | None = None,
    ) -> None:
        refuse(schedule, "a bound schedule", factors)
        self._schedule, self._base, self._factors = schedule, as_float(base, "a base"), factors
        self._steps = None if steps is None else as_whole(steps, "steps")
        if self._steps is not None and self._steps < 1:
            raise ValueError(f"a table has 1 step or more, not {shown(steps)}")
        self._curve = checked_curve(schedule, base, factors)
        self._known: dict[type, _Known | None] = {}
        # torch's compiler traces the call, and could not follow the binding of a curve.
        for xp in arrays.loaded():
            for kind in xp.ahead():
                # Whoever passes such an array is told why.
                with suppress(NotImplementedError):
                    self._known[kind] = self._bound_to(xp)

    def __call__(self, t: Any) -> Any:
        """Returns the value that an update uses, or those of an array of updates.

        Args:
            t: the index of the update, from 0 to 2^53; or an array of them.

        In torch and jax, which are not asked for the values of an array, a step below 0 counts as
        0, and a float that is NaN or above the largest step has the value NaN.
        """
        if type(t) is int and 0 <= t <= STEPS:
            return float(self._curve(t))
        known = self._known.get(type(t))
        if known is None or known[0].largest != known[1]:
            known = self._kind_of(t)
        return float(self._curve(as_step(t))) if known is None else known[2](t)

    def at(self, t: Any) -> Any:
        """Returns the value at a position between two updates, on the line between their values.

        Args:
            t: the position in steps, such as 2.5; or an array of positions.
        """
        xp = _library_of(t)
        if xp is None:
            position = as_float(t, "a position")
            if not 0 <= position <= STEPS:
                raise ValueError(f"a position is from 0 to 2^53 steps, not {shown(t)}")
            below = math.floor(position)
            left = self(below)
            share = position - below
            return left + share * (self(below + 1) - left) if share else left
        if not xp.is_number(t):
            raise TypeError(f"positions are numbers, not {t.dtype}")
        positions = xp.positions(t)
        if xp.is_whole(t):  # a float32 has not all of them
            return self(t)
        known = xp.where(positions <= _largest(xp), positions, 0)
        floor = xp.function("floor")(known)
        below = xp.whole(floor)
        left = self(below)
        value = left + (known - floor) * (self(below + 1) - left)
        return xp.where(positions <= _largest(xp), value, math.nan)

    def _kind_of(self, t: Array) -> _Known | None:
        """The curve for a kind of array; None if it is not an array."""
        kind, xp = type(t), _library_of(t)
        known = self._known[kind] = None if xp is None else self._bound_to(xp)
        return known

    def _bound_to(self, xp: ArrayModule) -> _Known:
        largest = xp.largest
        if self._steps is not None:
            return xp, largest, self._table(xp, self._steps)
        return xp, largest, array_curve(self._schedule, xp, self._base, self._factors)

    def _table(self, xp: ArrayModule, steps: int) -> Vector:
        """The curve of an array library as a table of the first steps, the last of which holds."""
        values = [float(self._curve(t)) for t in range(steps)]

        return _of_any(xp, lambda t: xp.take(values, xp.minimum(xp.whole(t), steps - 1)))

    def __reduce__(self) -> tuple[type[Bound], tuple[Schedule, float, Factors, int | None]]:
        return Bound, (self._schedule, self._base, self._factors, self._steps)

    def __repr__(self) -> str:
        return f"<{self._schedule!r} for a base of {number(self._base)}>"


def checked_curve(schedule: Schedule, base: float, factors: Factors = None) -> Scalar:
    """The curve of a schedule for one base rate, once all of its values are known to be valid.

    Args:
        schedule: the schedule.
        base: the optimizer's own rate.
        factors: the factor of each ``plateau``; by default 1 for each.

    Returns:
        A function of the step, which checks neither its argument nor its value.

    Raises:
        LrsError: a value is below ``lowest``, infinite or not a number, or an argument of a shape
            is out of range for this base rate.
        ValueError: updates have no position on the program's clock.
    """
    schedule._needs_places()
    curve = schedule._curve(base, factors)
    number = schedule._number(base)
    is_known = schedule.is_absolute or (schedule.is_proportional and 0.0 <= number < math.inf)
    # Resolving has ruled the others out already.
    if (factors is not None or not is_known) and (errors := schedule._faults(number, factors)):
        raise LrsError(errors)
    return curve


def array_curve(
    schedule: Schedule, xp: ArrayModule, base: float = 1.0, factors: Factors = None
) -> Vector:
    """A schedule for one base rate as a function of an array of steps, with its values unchecked.

    Args:
        schedule: the schedule.
        xp: the library of the array.
        base: the optimizer's own rate.
        factors: the factor of each ``plateau``; by default 1 for each.

    Raises:
        NotImplementedError: the exact length of a cycle has too many digits for the number of
            cycles; or the program follows a clock, and the library's whole numbers are too small.
    """
    env = schedule._checked(schedule._number(base), schedule._reduced(factors))
    try:
        inside = held_vector(schedule._chain, env, xp, (0, xp.largest))
    except UNDEFINED as error:
        raise schedule._no_value(error) from None

    def full(steps: Array) -> Array:
        values = inside(steps)
        return xp.full(values, steps) if isinstance(values, float) else values

    return xp.quiet(_of_any(xp, full))


def _of_any(xp: ArrayModule, inside: Vector) -> Vector:
    """A curve of steps from 0 on, for all that an array can hold.

    It cannot be refused while it is traced, or on a device: below 0 it counts as 0, and a float
    that is no step has no value.
    """
    largest = _largest(xp)

    def curve(t: Array) -> Array:
        if not xp.is_number(t):
            raise TypeError(f"steps are whole numbers, not {t.dtype}")
        steps = xp.steps(t)
        counted = xp.where(steps < 0, 0, steps)
        if xp.is_whole(steps):
            return inside(counted)
        values = inside(xp.where(steps <= largest, counted, 0))
        return xp.where(steps <= largest, values, math.nan)

    return curve


def _largest(xp: ArrayModule) -> float:
    """The last step that floats of a library can mean."""
    return float(min(STEPS, xp.largest))


def _library_of(t: object) -> ArrayModule | None:
    """The library of an array; None of anything else.

    Raises:
        TypeError: it has a mask.
    """
    xp = arrays.holding(t)
    if xp is not None and xp.is_masked(t):
        raise TypeError(f"steps have no mask: pass those that count, not a {type(t).__name__}")
    return xp


def refuse(schedule: Schedule, noun: str, factors: Factors = None) -> None:
    """Refuses a schedule that needs to know more than the step.

    Args:
        schedule: the schedule.
        noun: what it is to become.
        factors: the factor of each ``plateau``, if they are known.

    Raises:
        ValueError: it follows metrics or events, or other numbers of a parameter group.
    """
    instead = "use the scheduler that lrdsl.compile returns"
    if schedule.meters and factors is None:
        raise ValueError(f"{noun} cannot receive the metric of a `plateau`: {instead}")
    if schedule.events:
        raise ValueError(
            f"{noun} cannot receive events: {instead}, or schedule.after(…) once they are known"
        )
    if schedule.owns:
        name = schedule.owns[0]
        raise ValueError(f'{noun} does not know `own("{name}")` of a parameter group: {instead}')
