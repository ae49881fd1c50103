"""The schedule: a pure function of the step, with a length."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, overload

from lrdsl.check.tree import Event, Meter
from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.display import Displayed, plot
from lrdsl.formula.formula import UNDEFINED, own_key
from lrdsl.outside import as_step
from lrdsl.schedule.reading import Factors, Reading
from lrdsl.wording import unknown_event

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy import float64
    from numpy.typing import NDArray

    from lrdsl.schedule.bound import Bound
    from lrdsl.schedule.factor import Factor
    from lrdsl.schedule.parts import Part
    from lrdsl.schedule.ticks import Ticks
    from lrdsl.text.numbers import Rational

# Said where a position is given to what follows steps.
NO_CLOCK = "this program follows steps: `at` needs a clock, such as `run clock = tok`"


class Schedule(Reading, Displayed):
    """A pure function of the step: ``schedule(t)`` is the value that update ``t`` uses.

    ``lrdsl.Program.resolve`` returns one. A schedule does not know which number it is for;
    ``lrdsl.Resolved`` does. Schedules are picklable.

    Attributes:
        length: the length in steps, or ``math.inf`` if the schedule has no end. After its last step
            a schedule holds its end value.
        meters: one entry for each ``plateau`` of the schedule.
        origin: the ``Resolved`` that it is in, and its key there; None for a copy.
        lowest: the lowest valid value: 0 for a rate, a momentum or a weight decay, and the lowest
            finite number for anything else.

    Examples:
        >>> import lrdsl
        >>> schedule = lrdsl.parse("warmup(5) >> cosine(20, base, base / 10)").resolve()
        >>> schedule(5, base=0.3), schedule(25, base=0.3)
        (0.3, 0.03)
        >>> schedule.length
        25
    """

    # What its parts wait for: a schedule of a class of its own has some.
    events: tuple[Event, ...] = ()
    # How its clock is divided: a schedule on a clock is of a class of its own too.
    ticks: Ticks | None = None

    __slots__ = ()

    @overload
    def __call__(
        self,
        t: int | None = None,
        *,
        base: float = 1.0,
        factors: Factors = None,
        events: Mapping[str, int] | None = None,
        at: float | None = None,
    ) -> float: ...
    @overload
    def __call__(
        self,
        t: Any,
        *,
        base: float = 1.0,
        factors: Factors = None,
        events: Mapping[str, int] | None = None,
        at: float | None = None,
    ) -> Any: ...
    def __call__(
        self,
        t: Any = None,
        *,
        base: float = 1.0,
        factors: Factors = None,
        events: Mapping[str, int] | None = None,
        at: float | None = None,
    ) -> Any:
        """Returns the value that optimizer update ``t`` uses, or those of an array of updates.

        Args:
            t: the index of the update, from 0 to 2^53; or an array of numpy, jax or torch, whose
                values are as those of ``bind``, which is faster if there are many calls.
            base: the value of ``base`` in the program: the optimizer's own rate.
            factors: the current factor of each ``plateau``, in the order of ``meters``; by default
                1 for each.
            events: the step of each event that has happened, by name; by default none has.
            at: a position, instead of ``t``, if the program says ``run clock = …``: for example
                the number of tokens that were seen.

        Raises:
            ValueError: ``t`` is below 0 or above 2^53, no part waits for such an event, or there is
                no clock.
            LrsError: the value is below ``lowest``, infinite or not a number.

        Examples:
            >>> import lrdsl
            >>> text = 'until(signal("cooldown"), const) >> linear(4)'
            >>> schedule = lrdsl.parse(text).resolve()
            >>> schedule(12), schedule(12, events={"cooldown": 10})
            (1.0, 0.5)
        """
        if events:
            return self.after(events)(t, base=base, factors=factors, at=at)
        if at is not None or t is None:
            return self._at(t, at, base, factors)
        if type(t) is not int:
            from lrdsl import arrays  # what checks a schedule knows none

            if arrays.holding(t) is not None:
                return self.bind(base, factors=factors)(t)
        self._needs_places()
        return self._value(as_step(t), base, factors, self._curve, self._fault)

    def _at(self, t: object, at: float | None, base: float, factors: Factors) -> float:
        """The value at a position on the clock, where no update is given."""
        if at is None:
            as_step(t)
        raise ValueError(NO_CLOCK)

    @property
    def every_meter(self) -> tuple[Meter, ...]:
        """The meters of all parts, those of parts that follow an event among them."""
        return self.meters

    def after(self, events: Mapping[str, int]) -> Schedule:
        """Returns the schedule for events that have happened.

        Its ``parts``, ``values`` and ``bind`` are those after the events.

        Args:
            events: the step of each, by name: the index of the first update after it.

        Raises:
            ValueError: no part waits for such an event, or it has no such step.

        Examples:
            >>> import lrdsl
            >>> text = 'until(signal("cooldown"), const) >> linear(4)'
            >>> schedule = lrdsl.parse(text).resolve().after({"cooldown": 2})
            >>> schedule.values(7).tolist()
            [1.0, 1.0, 1.0, 0.75, 0.5, 0.25, 0.0]
        """
        for name in events:
            raise ValueError(unknown_event(name, ()))
        return self

    def following(self, place_of: Callable[[int], Rational | float]) -> Schedule:
        """Returns the schedule for a run that says where it is; this one has no clock.

        Args:
            place_of: the position of an update, in the unit of the clock.
        """
        return self

    def active(self, t: int) -> tuple[str, ...]:
        """Returns the names of the meters that are active at a step.

        A ``plateau`` counts only the metrics that are measured while its part runs.

        Args:
            t: the index of the update, 0 or more.
        """
        self._needs_places()
        return tuple(self._chain.active(t)) if t < self.length else ()

    def bind(
        self, base: float = 1.0, *, factors: Factors = None, steps: int | None = None
    ) -> Bound:
        """Returns the schedule for one base rate: a function of a step or of an array of steps.

        Its values are checked now, so that it is fast to call. optax takes it as a learning rate;
        ``jax.jit``, ``vmap``, ``grad`` and ``torch.compile`` can trace it. It can be pickled.

        An array's values are of its library and on its device: float64 in numpy and torch, and the
        default float type in jax. Steps that are floats, which only derivatives need, are refused
        in numpy. What cannot be looked at while it is traced, or on a device, is not refused: in
        torch and jax a negative step counts as 0, and a float that is NaN or above the largest step
        has the value NaN. Arrays with masks are refused.

        Args:
            base: the value of ``base`` in the program: the optimizer's own rate.
            factors: the current factor of each ``plateau``, in the order of ``meters``.
            steps: if given, arrays are looked up in a table of as many steps, and later steps have
                the value of the last of them. Only cycles of a length that cannot be counted in
                whole numbers need it.

        Raises:
            ValueError: the schedule follows metrics that ``factors`` does not hold, events, or
                other numbers of a parameter group; or updates have no position on its clock.
            LrsError: a value is below ``lowest``, infinite or not a number, or an argument of a
                shape is out of range for this base rate.

        The function raises ``NotImplementedError`` for arrays if the exact length of a cycle has
        too many digits for the number of cycles, or if the program follows a clock and the whole
        numbers of the library have 32 bits, as those of jax have without ``jax_enable_x64``.

        Examples:
            >>> import lrdsl
            >>> import numpy as np
            >>> rate = lrdsl.parse("linear(4)").resolve().bind(0.2)
            >>> rate(2), rate(np.array([[0, 2], [4, 6]])).tolist()
            (0.1, [[0.2, 0.1], [0.0, 0.0]])
        """
        from lrdsl.schedule.bound import Bound

        return Bound(self, base, factors, steps)

    def at(self, t: Any, *, base: float = 1.0, factors: Factors = None) -> Any:
        """Returns the value at a position between two updates, on the line between their values.

        Args:
            t: the position in steps, such as 2.5; or an array of positions.
            base: the value of ``base`` in the program: the optimizer's own rate.
            factors: the current factor of each ``plateau``, in the order of ``meters``.

        Raises:
            TypeError: ``t`` is not a number.
            ValueError: ``t`` is below 0; or the schedule cannot be bound, as ``bind`` says.
            LrsError: a value is invalid.

        Examples:
            >>> import lrdsl
            >>> lrdsl.parse("multistep([2, 4], gamma = 0.5)").resolve().at(1.5)
            0.75
        """
        return self.bind(base, factors=factors).at(t)

    def factor(self, base: float) -> Factor:
        """Returns the schedule as a factor of a base rate, for systems that take an ``lr_lambda``.

        torch's ``LambdaLR`` saves three numbers of it: the base, its step and its factor there. If
        the schedule that loads them has another factor at that step, loading is an error.

        Args:
            base: the rate that the system multiplies by the factor. It has no effect if every value
                is a multiple of ``base``.

        Returns:
            A function from a step to ``rate / base``, which can be copied and pickled.

        Raises:
            ValueError: the schedule follows metrics, events, or other numbers of a parameter group;
                or ``base`` is below 0, or 0 where a value is not a multiple of it.
            LrsError: a value is below ``lowest``, infinite or not a number, or an argument of a
                shape is out of range for this base rate.

        Examples:
            >>> import lrdsl
            >>> factor = lrdsl.parse("cosine(4, 0.2, 0.1)").resolve().factor(0.4)
            >>> factor(0), factor(4)
            (0.5, 0.25)
        """
        from lrdsl.schedule.factor import Factor

        return Factor(self, base)

    def values(self, n: int, *, base: float = 1.0, first: int = 0) -> NDArray[float64]:
        """Returns the values of ``n`` consecutive updates as a numpy array.

        Args:
            n: the number of updates.
            base: the value of ``base`` in the program: the optimizer's own rate.
            first: the index of the first update.

        Returns:
            An array of float64 with shape ``(n,)``.

        Raises:
            ValueError: a step is below 0 or above 2^53, or ``n`` is negative.
            LrsError: a value is below ``lowest``, infinite or not a number.
            ImportError: numpy is not installed.

        Examples:
            >>> import lrdsl
            >>> lrdsl.parse("linear(4)").resolve().values(5).tolist()
            [1.0, 0.75, 0.5, 0.25, 0.0]
        """
        from lrdsl.schedule.stretches import mend

        self._needs_places()
        values = self._values(n, base, first)
        mend(values, lambda place: self(as_step(first) + place, base=base), self.lowest)
        return values

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[float64]:
        """Returns the values of all updates for a base rate of 1, for ``numpy.asarray``."""
        if self.length == math.inf:
            message = "this schedule has no end, and an array has: use schedule.values(n)"
            raise ValueError(message)
        return self.values(int(self.length)).astype(dtype or float, copy=False)

    def plot(
        self,
        ax: Axes | None = None,
        *,
        base: float = 1.0,
        first: int = 0,
        last: int | None = None,
        **line: Any,
    ) -> Axes:
        """Draws the schedule with matplotlib, as one line.

        Args:
            ax: the axes to draw on; by default the current ones of pyplot.
            base: the value of ``base`` in the program: the optimizer's own rate.
            first: the first step to draw.
            last: the last step to draw; by default all of the schedule is drawn.
            **line: arguments of matplotlib's ``Axes.plot``, such as ``color``.

        Returns:
            The axes. Their labels are set unless they have some.

        Raises:
            ImportError: matplotlib is not installed.
            ValueError: there is no such stretch, or updates have no position on the clock.
            LrsError: a value is below ``lowest``, infinite or not a number.
        """
        axes: Axes = plot(self, ax, base=base, first=first, last=last, **line)
        return axes

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts in order, with their values for a base rate of 1; ``parts_at`` takes another.

        Examples:
            >>> import lrdsl
            >>> schedule = lrdsl.parse("warmup(5) >> cosine(20, base, base / 10)").resolve()
            >>> [(part.name, part.start_step, part.end) for part in schedule.parts]
            [('warmup', 0, 'base'), ('cosine', 5, 'base / 10')]
        """
        return self.parts_at(1.0)

    def parts_at(self, base: float, *, factors: Factors = None) -> tuple[Part, ...]:
        """Returns the parts in order, with their values for a base rate.

        Args:
            base: the value of ``base`` in the program: the optimizer's own rate.
            factors: the current factor of each ``plateau``, in the order of ``meters``; by default
                1 for each.

        Raises:
            LrsError: a part has no value at its start or end.
            ValueError: updates have no position on the program's clock.
        """
        # A step does not need this module, so it is imported here.
        from lrdsl.schedule.parts import parts_of

        self._needs_places()
        env = self._checked(self._number(base), self._reduced(factors))
        try:
            return parts_of(self._chain, env, self._words)
        except UNDEFINED:
            raise LrsError(self._faults(base)) from None

    @property
    def owns(self) -> tuple[str, ...]:
        """The names of the other numbers of a parameter group that it depends on.

        They are those in ``own("lr_scale")``, without the number that is driven itself, and count
        as 1 in this schedule. ``lrdsl.compile`` takes them from the optimizer's groups.
        """
        if not (owns := self._words.owns):
            return ()
        return tuple([str(own_key(name)) for name, value in owns.items() if value is not None])

    @property
    def is_absolute(self) -> bool:
        """True if no value depends on ``base``."""
        return self._degrees.high <= 0

    @property
    def is_proportional(self) -> bool:
        """True if every value is a fixed multiple of ``base``."""
        return self._degrees.low >= 1 and self._degrees.high <= 1

    @property
    def __dict__(self) -> dict[str, object]:  # type: ignore[override]
        """Nothing: ``LambdaLR(optimizer, schedule)`` saves what its functions hold, and sets it."""
        return {}

    def __reduce__(self) -> tuple[type[Schedule], tuple[object, ...]]:
        return Schedule, (self._chain, self._words, None, self.lowest)

    def __repr__(self) -> str:
        names = " >> ".join(block.name for block in self._chain.blocks)
        return f"<Schedule {names}, length {self.length}>"
