"""The schedule: a pure function of the step, with a length."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from lrdsl.check.tree import Event, Guard, Meter
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.formula.formula import UNDEFINED, Environment, evaluate, own_key, why
from lrdsl.limits import STEPS
from lrdsl.outside import as_float, as_step, as_whole, shown
from lrdsl.schedule.block import Block, Env, Scalar, held, held_vector
from lrdsl.schedule.endpoints import Endpoints
from lrdsl.schedule.faults import fault_at, faults, step_name
from lrdsl.schedule.sequence import SequenceBlock
from lrdsl.schedule.shape import ShapeBlock
from lrdsl.wording import plural, unknown_event

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    from lrdsl.arrays.module import Array, Vector
    from lrdsl.schedule.parts import Part
    from lrdsl.schedule.stretches import Stretches
    from lrdsl.schedule.ticks import Ticks
    from lrdsl.text.numbers import Rational

# Curves kept per base rate; an optimizer with more distinct rates than this is rebuilt as needed.
_KEPT = 4096

# Said where a position is given to what follows steps.
NO_CLOCK = "this program follows steps: `at` needs a clock, such as `run clock = tok`"

Factors = tuple[float, ...] | None
# Bind a curve to a base and factors; find the error of its value at a step.
_Binds = Callable[[float, Factors], Scalar]
_Finds = Callable[[int, float, Factors, str, float], "Diagnostic | None"]


class Schedule:
    """A pure function of the step: ``schedule(t)`` is the value that update ``t`` uses.

    ``lrdsl.Program.resolve`` returns one. A schedule does not know which number it is for;
    ``lrdsl.Resolved`` does. Schedules are picklable.

    Attributes:
        length: the length in steps, or ``math.inf`` if the schedule has no end. After its last step
            a schedule holds its end value.
        meters: one entry for each ``plateau`` of the schedule.
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

    __slots__ = (
        "_bound", "_chain", "_degrees", "_guarded", "_stretches", "_words", "length", "lowest",
        "meters",
    )  # fmt: skip

    def __init__(
        self,
        chain: SequenceBlock,
        words: Endpoints,
        blocks: Iterable[Block] | None = None,
        lowest: float = 0.0,
    ) -> None:
        self._chain = chain
        self._words = words
        self._degrees = chain.degrees(words.degrees_of)
        # A caller that has already walked the chain passes its blocks: there may be many.
        guarded: list[ShapeBlock] = []
        meters: dict[Meter, None] = {}
        for block in chain.walk() if blocks is None else blocks:
            if isinstance(block, ShapeBlock):
                if block.guards:
                    guarded.append(block)
                if block.meter is not None:
                    meters[block.meter] = None
        self._guarded = tuple(guarded)
        self._bound: dict[float | tuple[float, ...], Scalar] = {}
        self._stretches: dict[float, Stretches] = {}
        self.length: float = chain.length
        self.lowest: float = lowest
        self.meters: tuple[Meter, ...] = tuple(meters)

    def __call__(
        self,
        t: int | None = None,
        *,
        base: float = 1.0,
        factors: Factors = None,
        events: Mapping[str, int] | None = None,
        at: float | None = None,
    ) -> float:
        """Returns the value that optimizer update ``t`` uses.

        Args:
            t: the index of the update, from 0 to 2^53.
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
        if at is not None:
            raise ValueError(NO_CLOCK)
        self._needs_places()
        return self._value(as_step(t), base, factors, self._curve, self._fault)

    def _value(
        self, step: int, base: float, factors: Factors, curve_of: _Binds, fault_of: _Finds
    ) -> float:
        """The value of a curve at a step, or its error there."""
        try:
            value = curve_of(base, factors)(step)
            if self.lowest <= value < math.inf:
                return float(value)
        except UNDEFINED:
            pass
        fault = fault_of(step, base, factors, "value", math.inf)
        raise LrsError([fault] if fault is not None else ())

    def _needs_places(self) -> None:
        """Refuses to speak of updates where they have no position on a clock."""

    def _fault(
        self, step: int, base: float, factors: Factors, noun: str, limit: float
    ) -> Diagnostic | None:
        """The error of the value at one step; None if the value is valid."""
        curve, within = self._curve(base, factors), (self.lowest, limit)
        return fault_at(self._chain, curve, noun, within, step, self._place)

    @property
    def _laid_out_chain(self) -> SequenceBlock:
        """Its blocks in what they were laid out in."""
        return self._chain

    def _place(self, step: int) -> str:
        """What messages call a step."""
        return step_name(step)

    @property
    def every_meter(self) -> tuple[Meter, ...]:
        """The meters of all parts, those of parts that follow an event among them."""
        return self.meters

    def after(self, events: Mapping[str, int]) -> Schedule:
        """Returns the schedule for events that have happened.

        Its ``parts``, ``values``, ``curve`` and ``array_curve`` are those after the events.

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

    def curve(self, base: float, factors: Factors = None) -> Scalar:
        """Returns the schedule for one base rate as a bare function of the step, for inner loops.

        This method checks all values in advance; the function it returns checks neither its
        argument nor the value.

        Args:
            base: the value of ``base`` in the program: the optimizer's own rate.
            factors: the current factor of each ``plateau``, in the order of ``meters``; by default
                1 for each.

        Returns:
            A function from a step, a whole number of 0 or more, to the value.

        Raises:
            LrsError: a value is below ``lowest``, infinite or not a number, or an argument of a
                shape is out of range for this base rate.
            ValueError: updates have no position on the program's clock.

        Examples:
            >>> import lrdsl
            >>> rate = lrdsl.parse("linear(4)").resolve().curve(0.4)
            >>> [rate(t) for t in range(5)]
            [0.4, 0.30000000000000004, 0.2, 0.1, 0.0]
        """
        self._needs_places()
        curve = self._curve(base, factors)
        if errors := self._doubts(base, factors):
            raise LrsError(errors)
        return curve

    def _doubts(self, base: float, factors: Factors = None) -> list[Diagnostic]:
        """The errors for one base rate, unless resolving has already ruled them out."""
        number = self._number(base)
        is_fine = self.is_absolute or (self.is_proportional and 0.0 <= number < math.inf)
        return [] if is_fine and factors is None else self._faults(number, factors)

    def _faults(
        self,
        base: float,
        factors: Factors = None,
        *,
        noun: str = "value",
        limit: float = math.inf,
    ) -> list[Diagnostic]:
        """The errors of the curve for one base rate."""
        try:
            env = self._checked(base, factors)
            bind: Callable[[], Scalar] = partial(self._curve, base, factors)
            return faults(self._chain, env, bind, noun, (self.lowest, limit), self._place)
        except LrsError as error:
            return list(error.diagnostics)

    def _number(self, base: float) -> float:
        """The base rate as a plain number; 1 if the program never uses it."""
        if not self._words.uses_base:
            return 1.0
        return base if type(base) is float else as_float(base, "a base")

    def _reduced(self, factors: Factors) -> Factors:
        """The factors as plain numbers, one for each meter."""
        if factors is None:
            return None
        if not isinstance(factors, tuple | list) or len(factors) != len(self.meters):
            meters = plural(len(self.meters), "meter")
            raise TypeError(f"factors are a tuple for {meters}, not {shown(factors)}")
        return tuple([as_float(factor, "a factor") for factor in factors])

    def _curve(self, base: float, factors: Factors = None) -> Scalar:
        """The curve for one base rate, with its values unchecked."""
        base, factors = self._number(base), self._reduced(factors)
        key = base if factors is None else (base, *factors)
        curve = self._bound.get(key)
        if curve is None:
            if len(self._bound) >= _KEPT:
                self._bound.clear()
            env = self._checked(base, factors)
            curve = self._bound[key] = held(self._chain, env)
        return curve

    def _checked(self, base: float, factors: Factors = None) -> Env:
        """The values of the words, once every guard is known to hold."""
        env = self._env(base, factors)
        errors = []
        for shape in self._guarded:
            for guard in shape.guards:
                values = shape.values(env)
                if not _holds(guard, values):
                    errors.append(Diagnostic("guard", *guard.refusal(values), guard.span))
        if errors:
            raise LrsError(errors)
        return env

    def _env(self, base: float, factors: Factors = None) -> Env:
        try:
            return self._words.values(base, factors)
        except UNDEFINED as error:
            message = f"a value that a part starts or ends with cannot be computed: {why(error)}"
            raise LrsError([Diagnostic("not-finite", message, "", self._chain.span)]) from None

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

    def _values(self, n: int, base: float, first: int) -> NDArray[float64]:
        """The values of ``n`` updates, unchecked."""
        count, start = as_whole(n, "a number of values"), as_step(first)
        if count < 0:
            raise ValueError(f"there are 0 values or more, not {shown(count)}")
        # Beyond that an array of floats could not tell one step from the next.
        if count > STEPS + 1 - start:
            message = f"a step is at most 2^53, and {shown(count)} values from {start} on pass it"
            raise ValueError(message)
        try:
            values: NDArray[float64] = self._stretches_at(base).values(count, start)
        except UNDEFINED as error:
            raise self._no_value(error) from None
        return values

    def _stretches_at(self, base: float) -> Stretches:
        base = self._number(base)
        stretches = self._stretches.get(base)
        if stretches is None:
            from lrdsl.schedule.stretches import Stretches

            env = self._checked(base)
            if len(self._stretches) >= _KEPT:
                self._stretches.clear()
            stretches = self._stretches[base] = Stretches(self._chain, env)
        return stretches

    def array_curve(self, like: object, *, base: float = 1.0, factors: Factors = None) -> Vector:
        """Returns the schedule as a function of an array of steps that can be traced.

        The function uses only operations of the array library, so ``jax.jit``, ``jax.vmap`` and
        ``torch.compile`` can trace it.

        Args:
            like: an array of the library, or its module, such as ``numpy``, ``torch`` or
                ``jax.numpy``.
            base: the value of ``base`` in the program: the optimizer's own rate.
            factors: the current factor of each ``plateau``, in the order of ``meters``; by default
                1 for each.

        Returns:
            A function from an array of whole steps to an array of values of the same shape. Values
            are float64 in numpy and torch, and of the default float type in jax. Negative steps
            count as 0.

        Raises:
            TypeError: the library is not supported; ``lrdsl.arrays.register`` adds one.
            LrsError: a value is below ``lowest``, infinite or not a number, or an argument of a
                shape is out of range for this base rate.
            NotImplementedError: the exact length of a cycle has too many digits for the number of
                cycles; or the program follows a clock, and the whole numbers of the library have 32
                bits, as those of jax have without ``jax_enable_x64``.
            ValueError: updates have no position on the program's clock.

        Examples:
            >>> import lrdsl
            >>> import numpy as np
            >>> curve = lrdsl.parse("linear(4)").resolve().array_curve(np, base=0.2)
            >>> curve(np.array([[0, 2], [4, 6]])).tolist()
            [[0.2, 0.1], [0.0, 0.0]]
        """
        from lrdsl import arrays

        self._needs_places()
        xp = arrays.find(like)
        if errors := self._doubts(base, factors):
            raise LrsError(errors)
        env = self._checked(self._number(base), self._reduced(factors))
        try:
            inside = held_vector(self._chain, env, xp, (0, xp.largest))
        except UNDEFINED as error:
            raise self._no_value(error) from None

        def curve(t: Array) -> Array:
            steps = xp.steps(t)
            values = inside(xp.where(steps < 0, 0, steps))
            return xp.full(values, steps) if isinstance(values, float) else values

        return xp.quiet(curve)

    def _no_value(self, error: Exception) -> LrsError:
        message = f"there is no value at some of these steps: {why(error)}"
        return LrsError([Diagnostic("not-finite", message, "", self._chain.span)])

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

    @property
    def segments(self) -> tuple[Part, ...]:
        """An alias of ``parts``."""
        return self.parts

    def parts_at(self, base: float, factors: Factors = None) -> tuple[Part, ...]:
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


def _holds(guard: Guard, values: Environment) -> bool:
    """True if a guard holds; a guard without a value does not."""
    try:
        return bool(evaluate(guard.condition, values))
    except UNDEFINED:
        return False
