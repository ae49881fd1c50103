"""The schedule: a pure function of the step, with a length."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from lrdsl.check.tree import Guard, Meter
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.formula.formula import UNDEFINED, Degrees, Environment, evaluate, why
from lrdsl.limits import STEPS
from lrdsl.outside import as_float, as_step, as_whole, shown
from lrdsl.schedule.block import Block, Env, Scalar, held, held_vector
from lrdsl.schedule.endpoints import Endpoints
from lrdsl.schedule.faults import fault_at, faults
from lrdsl.schedule.sequence import SequenceBlock
from lrdsl.schedule.shape import ShapeBlock
from lrdsl.wording import plural

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    from lrdsl.arrays.module import Array, Vector
    from lrdsl.schedule.parts import Part
    from lrdsl.schedule.stretches import Stretches

# Curves kept per base rate; an optimizer with more distinct rates than this is rebuilt as needed.
_KEPT = 4096

Factors = tuple[float, ...] | None


class Schedule:
    """A pure function of the step: ``schedule(t)`` is the value that update ``t`` uses.

    Made by ``lrdsl.Program.resolve``. It knows neither the program nor what it drives: see
    ``lrdsl.Resolved``. It can be pickled.

    Attributes:
        length: the steps it lasts, ``math.inf`` without an end; after it its end value is held.
        meters: what metrics drive in it: one for every ``plateau``.
    """

    __slots__ = (
        "_bound", "_chain", "_degrees", "_guarded", "_stretches", "_words", "length", "meters",
    )  # fmt: skip

    def __init__(
        self, chain: SequenceBlock, words: Endpoints, blocks: Iterable[Block] | None = None
    ) -> None:
        self._chain = chain
        self._words = words
        self._degrees = chain.degrees(words.degrees_of)
        # Whoever has walked the chain already hands its blocks in: there may be many.
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
        self.meters: tuple[Meter, ...] = tuple(meters)

    def __call__(self, t: int, *, base: float = 1.0, factors: Factors = None) -> float:
        """The value that the 0-based optimizer update ``t`` uses.

        Args:
            t: index of the update, from 0 to 2^53.
            base: the optimizer's own rate, which ``base`` in the program stands for.
            factors: what every ``plateau`` has come down to, in the order of ``meters``; None
                before any reduction.

        Raises:
            ValueError: ``t`` is below 0 or above 2^53.
            LrsError: the value is negative, or not a finite number.
        """
        step = as_step(t)
        try:
            value = self._curve(base, factors)(step)
            if 0.0 <= value < math.inf:
                return float(value)
        except UNDEFINED:
            pass
        raise LrsError(filter(None, [fault_of(self, step, base, factors)]))

    def active(self, t: int) -> tuple[str, ...]:
        """The names of the meters whose parts run at a step.

        Args:
            t: index of the update, 0 or more.
        """
        return tuple(self._chain.active(t)) if t < self.length else ()

    def curve(self, base: float, factors: Factors = None) -> Scalar:
        """The curve for one base rate, as a bare function of the step for inner loops.

        Its values are looked at here, and not by the function, which takes any step from 0 on.

        Args:
            base: the optimizer's own rate.
            factors: what every ``plateau`` has come down to, in the order of ``meters``; None
                before any reduction.

        Raises:
            LrsError: a value is negative, or not finite; or a guard of a shape does not hold.
        """
        curve = self._curve(base, factors)
        if errors := self._faults(base, factors):
            raise LrsError(errors)
        return curve

    def _faults(self, base: float, factors: Factors = None) -> list[Diagnostic]:
        """What is wrong for one base rate, where that is not known from the resolved program."""
        number = self._number(base)
        is_fine = self.is_absolute or (self.is_proportional and 0.0 <= number < math.inf)
        return [] if is_fine and factors is None else faults_of(self, number, factors=factors)

    def _number(self, base: float) -> float:
        """The base rate as a plain number; 1 where the program never speaks of it."""
        if not self._words.uses_base:
            return 1.0
        return base if type(base) is float else as_float(base, "a base")

    def _reduced(self, factors: Factors) -> Factors:
        """What metrics have come down to, as plain numbers: one for each meter."""
        if factors is None:
            return None
        if not isinstance(factors, tuple | list) or len(factors) != len(self.meters):
            meters = plural(len(self.meters), "meter")
            raise TypeError(f"factors are a tuple for {meters}, not {shown(factors)}")
        return tuple([as_float(factor, "a factor") for factor in factors])

    def _curve(self, base: float, factors: Factors = None) -> Scalar:
        """The curve for one base rate, whatever its values are."""
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
        """The values of the words, where every guard holds."""
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
        """The values of ``n`` updates, as an array of n float64.

        Args:
            n: how many.
            base: the optimizer's own rate.
            first: the first of them.

        Raises:
            ValueError: a step is below 0 or above 2^53, or ``n`` is negative.
            LrsError: a value is negative, or not a finite number.
        """
        from lrdsl.schedule.stretches import mend

        values = values_of(self, n, base, first)
        mend(values, lambda place: self(as_step(first) + place, base=base))
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
        """The curve as a function of an array of steps, bound once and ready to be traced.

        It is made of the operations of the array's own library, so ``jax.jit`` and ``vmap`` and
        ``torch.compile`` take it. Steps are whole numbers; 0 stands for a negative one. The values
        are float64 in numpy and torch, and of jax's default type, as one array in the steps' shape.

        Args:
            like: an array of the library, or the module itself: ``jax.numpy``.
            base: the optimizer's own rate.
            factors: what every ``plateau`` has come down to, in the order of ``meters``; None
                before any reduction.

        Raises:
            TypeError: the library is not known: see ``lrdsl.arrays.register``.
            LrsError: a value is negative, or not finite; or a guard of a shape does not hold.
            NotImplementedError: a cycle's length in steps has too many digits for so many cycles.
        """
        from lrdsl import arrays

        xp = arrays.find(like)
        if errors := self._faults(base, factors):
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
        """The parts in order, with their values for a base rate of 1."""
        return self.parts_at(1.0)

    @property
    def segments(self) -> tuple[Part, ...]:
        """The top level of ``parts``."""
        return self.parts

    def parts_at(self, base: float, factors: Factors = None) -> tuple[Part, ...]:
        """The parts in order, with their values for a base rate.

        Args:
            base: the optimizer's own rate.
            factors: what every ``plateau`` has come down to; None before any reduction.

        Raises:
            LrsError: a part has no value where it starts or ends.
        """
        # What a step does without is imported where it is needed.
        from lrdsl.schedule.parts import parts_of

        env = self._checked(self._number(base), self._reduced(factors))
        try:
            return parts_of(self._chain, env, self._words)
        except UNDEFINED:
            raise LrsError(faults_of(self, base)) from None

    @property
    def is_absolute(self) -> bool:
        """Whether every value is the same whatever the base rate: the program never uses it."""
        return self._degrees.high <= 0

    @property
    def is_proportional(self) -> bool:
        """Whether every value is a fixed multiple of the base rate."""
        return self._degrees.low >= 1 and self._degrees.high <= 1

    @property
    def __dict__(self) -> dict[str, object]:  # type: ignore[override]
        """Nothing: ``LambdaLR(optimizer, schedule)`` saves what its functions hold, and sets it."""
        return {}

    def __reduce__(self) -> tuple[type[Schedule], tuple[SequenceBlock, Endpoints]]:
        return Schedule, (self._chain, self._words)

    def __repr__(self) -> str:
        names = " >> ".join(block.name for block in self._chain.blocks)
        return f"<Schedule {names}, length {self.length}>"


def blocks_of(
    schedule: Schedule, base: float, factors: Factors = None
) -> Iterator[tuple[int, Block, Env]]:
    """The first step and the block of every part, and the values of its words.

    Args:
        schedule: the schedule.
        base: the optimizer's own rate.
        factors: what every ``plateau`` has come down to; None before any reduction.

    Raises:
        LrsError: a guard of a shape does not hold for this rate.
    """
    env = schedule._checked(base, factors)
    for first, block in zip(schedule._chain.starts, schedule._chain.blocks, strict=True):
        yield first, block, env


def degrees_of(schedule: Schedule, block: Block) -> Degrees:
    """The powers of ``base`` that the values of one of a schedule's blocks are made of.

    Args:
        schedule: the schedule.
        block: one of its blocks.
    """
    return block.degrees(schedule._words.degrees_of)


def curve_of(schedule: Schedule, base: float, factors: Factors = None) -> Scalar:
    """The curve for one base rate, for those who look at its values themselves.

    Args:
        schedule: the schedule.
        base: the optimizer's own rate.
        factors: what every ``plateau`` has come down to; None before any reduction.
    """
    return schedule._curve(base, factors)


def values_of(schedule: Schedule, n: int, base: float, first: int = 0) -> NDArray[float64]:
    """The values of ``n`` updates as an array, likewise.

    Args:
        schedule: the schedule.
        n: how many.
        base: the optimizer's own rate.
        first: the first of them.
    """
    count, start = as_whole(n, "a number of values"), as_step(first)
    if count < 0:
        raise ValueError(f"there are 0 values or more, not {shown(count)}")
    # Beyond that an array of floats could not tell one step from the next.
    if count > STEPS + 1 - start:
        raise ValueError(
            f"a step is at most 2^53, and {shown(count)} values from {start} on pass it"
        )
    try:
        values: NDArray[float64] = schedule._stretches_at(base).values(count, start)
    except UNDEFINED as error:
        raise schedule._no_value(error) from None
    return values


def faults_of(
    schedule: Schedule,
    base: float = 1.0,
    *,
    noun: str = "value",
    limit: float = math.inf,
    factors: Factors = None,
) -> list[Diagnostic]:
    """What is wrong with a curve: steps where it is negative, infinite or undefined.

    Args:
        schedule: the schedule.
        base: the optimizer's own rate.
        noun: what messages call a value.
        limit: what the values have to stay below.
        factors: what every ``plateau`` has come down to; None before any reduction.
    """
    try:
        env = schedule._checked(base, factors)
        bind: Callable[[], Scalar] = partial(schedule._curve, base, factors)
        return faults(schedule._chain, env, bind, noun, limit)
    except LrsError as error:
        return list(error.diagnostics)


def fault_of(
    schedule: Schedule,
    step: int,
    base: float,
    factors: Factors = None,
    *,
    noun: str = "value",
    limit: float = math.inf,
) -> Diagnostic | None:
    """What is wrong with the value of one step; None where it is good.

    Args:
        schedule: the schedule.
        step: the step.
        base: the optimizer's own rate.
        factors: what every ``plateau`` has come down to; None before any reduction.
        noun: what messages call a value.
        limit: what the value has to stay below.
    """
    return fault_at(schedule._chain, schedule._curve(base, factors), noun, limit, step)


def _holds(guard: Guard, values: Environment) -> bool:
    """Whether a guard holds; one that has no value does not."""
    try:
        return bool(evaluate(guard.condition, values))
    except UNDEFINED:
        return False
