"""What a schedule is made of, bound to a base rate: its curves, its words, and their errors."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from lrdsl.check.tree import Guard, Meter
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.formula.formula import UNDEFINED, Environment, evaluate, why
from lrdsl.limits import STEPS
from lrdsl.outside import as_float, as_step, as_whole, shown
from lrdsl.schedule.block import Block, Env, Scalar, held
from lrdsl.schedule.endpoints import Endpoints
from lrdsl.schedule.faults import fault_at, faults, step_name
from lrdsl.schedule.sequence import SequenceBlock
from lrdsl.schedule.shape import ShapeBlock
from lrdsl.wording import plural

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    from lrdsl.schedule.origin import Origin
    from lrdsl.schedule.stretches import Stretches

# Curves kept per base rate; an optimizer with more distinct rates than this is rebuilt as needed.
_KEPT = 4096

Factors = tuple[float, ...] | None
# Bind a curve to a base and factors; find the error of its value at a step.
_Binds = Callable[[float, Factors], Scalar]
_Finds = Callable[[int, float, Factors, str, float], "Diagnostic | None"]


class Reading:
    """The blocks of a schedule, and what they come to for a base rate.

    Args:
        chain: the blocks.
        words: the values of its words.
        blocks: every block in it, for a caller that has walked them: there may be many.
        lowest: the lowest valid value.
    """

    __slots__ = (
        "__weakref__", "_bound", "_chain", "_degrees", "_guarded", "_stretches", "_words", "length",
        "lowest", "meters", "origin",
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
        # Set by what resolves a program; what is derived from a schedule has none.
        self.origin: Origin | None = None
        self.length: float = chain.length
        self.lowest: float = lowest
        self.meters: tuple[Meter, ...] = tuple(meters)

    @property
    def _laid_out_chain(self) -> SequenceBlock:
        """Its blocks in what they were laid out in."""
        return self._chain

    def _place(self, step: int) -> str:
        """What messages call a step."""
        return step_name(step)

    def _needs_places(self) -> None:
        """Refuses to speak of updates where they have no position on a clock."""

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

    def _fault(
        self, step: int, base: float, factors: Factors, noun: str, limit: float
    ) -> Diagnostic | None:
        """The error of the value at one step; None if the value is valid."""
        curve, within = self._curve(base, factors), (self.lowest, limit)
        return fault_at(self._chain, curve, noun, within, step, self._place)

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

    def _no_value(self, error: Exception) -> LrsError:
        message = f"there is no value at some of these steps: {why(error)}"
        return LrsError([Diagnostic("not-finite", message, "", self._chain.span)])


def _holds(guard: Guard, values: Environment) -> bool:
    """True if a guard holds; a guard without a value does not."""
    try:
        return bool(evaluate(guard.condition, values))
    except UNDEFINED:
        return False
