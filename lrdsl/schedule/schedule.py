"""The schedule: a pure function of the step, with a length."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from operator import index
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.formula.formula import UNDEFINED, Degrees, evaluate, why
from lrdsl.record import record
from lrdsl.schedule.block import Block, Scalar, held, held_vector
from lrdsl.schedule.endpoints import Endpoints
from lrdsl.schedule.faults import faults
from lrdsl.schedule.sequence import SequenceBlock
from lrdsl.schedule.shape import ShapeBlock
from lrdsl.text.source import Span

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    from lrdsl.arrays.module import Array, Vector
    from lrdsl.check.targets import Aim
    from lrdsl.check.tree import Guard, Meter
    from lrdsl.program import Program
    from lrdsl.schedule.stretches import Stretches

# Curves kept per base rate; an optimizer with more distinct rates than this is rebuilt as needed.
_KEPT = 4096

Factors = tuple[float, ...] | None


@record
class Segment:
    """One part of a schedule, laid out.

    Attributes:
        name: its shape, or how the shapes in it are combined: ``cosine``, ``const * step``.
        span: where it is written.
        first: its first step.
        length: its length in steps, ``math.inf`` where it has no end.
        start: its value at its first step.
        end: its value at its end, which the part after it sees as ``prev``; None without an end.
        source_length: its length as written, where that is not in steps: ``5ep``.
    """

    name: str
    span: Span
    first: int
    length: float
    start: float
    end: float | None
    source_length: str | None


class Schedule:
    """A program resolved for a run: ``schedule(t)`` is the value that update ``t`` uses.

    Made by :meth:`lrdsl.Program.resolve`. It can be pickled and compared by what it was made from.

    Attributes:
        program: the program it was made from.
        context: the keyword arguments of ``resolve`` that were given.
        aim: what it is for; ``aim.label`` is ``lr`` or such as ``momentum["head"]``.
        length: the steps it lasts, ``math.inf`` without an end; after it its end value is held.
        meters: what metrics drive in it: one for every ``plateau``.
        vanished: the parts whose lengths round to no step: by span, their names and exact lengths.
    """

    __slots__ = (
        "_bound", "_chain", "_degrees", "_stretches", "_words", "aim", "context", "length",
        "meters", "program", "vanished",
    )  # fmt: skip

    def __init__(
        self,
        chain: SequenceBlock,
        words: Endpoints,
        program: Program,
        context: Mapping[str, Any],
        aim: Aim,
        vanished: Mapping[Span, tuple[str, float]] = MappingProxyType({}),
    ) -> None:
        self.aim = aim
        self.vanished = vanished
        self.program = program
        self.context = dict(context)
        self._chain = chain
        self._words = words
        self._degrees = self.degrees_of(chain)
        self._bound: dict[float | tuple[float, ...], Scalar] = {}
        self._stretches: dict[float, Stretches] = {}
        self.length: float = chain.length
        self.meters: tuple[Meter, ...] = chain.meters()

    def __call__(self, t: int, base: float = 1.0, factors: Factors = None) -> float:
        """The value that the 0-based optimizer update ``t`` uses.

        Args:
            t: index of the update, 0 or more, however large.
            base: the optimizer's own rate, which ``base`` in the program stands for.
            factors: what every ``plateau`` has come down to, in the order of :attr:`meters`; None
                before any reduction.

        Raises:
            ValueError: ``t`` is negative.
            LrsError: the value is not a finite number, 0 or more, and for a momentum below 1.
        """
        step = index(t)
        if step < 0:
            raise ValueError(f"a step is 0 or more, not {step}")
        try:
            value = self.at_base(base, factors)(step)
        except UNDEFINED:
            value = math.nan
        if not 0.0 <= value < self.aim.limit:
            raise LrsError(faults(self._chain, self.at_base(base, factors), self.aim, [step]))
        return float(value)

    @property
    def params(self) -> dict[str, float | str]:
        """The values of the program's ``param`` statements in this run, ready to be logged.

        Numbers are numbers; lengths, and values that depend on ``base``, are texts as in ``"5ep"``.
        """
        return self.program.params_of(self.context)

    def active(self, t: int) -> tuple[str, ...]:
        """The names of the meters whose parts run at a step.

        Args:
            t: index of the update, 0 or more.
        """
        return tuple(self._chain.active(t)) if t < self.length else ()

    def at_base(self, base: float, factors: Factors = None) -> Scalar:
        """The curve for one base rate, as a bare function of the step for inner loops.

        Args:
            base: the optimizer's own rate.
            factors: what every ``plateau`` has come down to, in the order of :attr:`meters`; None
                before any reduction.

        Raises:
            LrsError: a guard of a shape does not hold for this rate.
        """
        key = base if factors is None else (base, *factors)
        found = self._bound.get(key)
        if found is None:
            if len(self._bound) >= _KEPT:
                self._bound.clear()
            found = self._bound[key] = self._bind(base, factors)
        return found

    def _bind(self, base: float, factors: Factors) -> Scalar:
        env = self._env(base, factors)
        errors = []
        leaves = (block for block in self._chain.walk() if isinstance(block, ShapeBlock))
        for leaf in leaves:
            for guard in leaf.guards:
                values = leaf.values(env)
                if not _holds(guard, values):
                    errors.append(Diagnostic("guard", *guard.refusal(values), guard.span))
        if errors:
            raise LrsError(errors)
        return held(self._chain, env)

    def _env(self, base: float, factors: Factors = None) -> Mapping[str, Any]:
        try:
            return self._words.values(base, factors)
        except UNDEFINED as error:
            message = f"a value that a part starts or ends with cannot be computed: {why(error)}"
            raise LrsError([Diagnostic("not-finite", message, "", self._chain.span)]) from None

    def values(self, n: int, base: float = 1.0, first: int = 0) -> NDArray[float64]:
        """The values of ``n`` updates, as an array of n float64.

        Args:
            n: how many.
            base: the optimizer's own rate.
            first: the first of them.

        Raises:
            LrsError: a held value is none, or a guard of a shape does not hold for this rate.
        """
        count, start = index(n), index(first)
        try:
            found: NDArray[float64] = self._stretches_at(base).values(count, start)
        except UNDEFINED as error:
            raise self._no_value(error) from None
        return found

    def _stretches_at(self, base: float) -> Stretches:
        found = self._stretches.get(base)
        if found is None:
            from lrdsl.schedule.stretches import Stretches

            self.at_base(base)  # checks the guards
            if len(self._stretches) >= _KEPT:
                self._stretches.clear()
            found = self._stretches[base] = Stretches(self._chain, self._env(base))
        return found

    def array_curve(self, like: object, *, base: float = 1.0, factors: Factors = None) -> Vector:
        """The curve as a function of an array of steps, bound once and ready to be traced.

        It is made of the operations of the array's own library, so ``jax.jit`` and ``vmap`` and
        ``torch.compile`` take it. Steps are whole numbers; 0 stands for a negative one. The values
        are float64 in numpy and torch, and of jax's default type, as one array in the steps' shape.

        Args:
            like: an array of the library, or the module itself: ``jax.numpy``.
            base: the optimizer's own rate.
            factors: what every ``plateau`` has come down to, in the order of :attr:`meters`; None
                before any reduction.

        Raises:
            TypeError: the library is not known: see :func:`lrdsl.arrays.register`.
            LrsError: a held value is none, or a guard of a shape does not hold for this rate.
            NotImplementedError: a cycle's length in steps has too many digits for so many cycles.
        """
        from lrdsl import arrays

        xp = arrays.find(like)
        self.at_base(base, factors)  # checks the guards
        try:
            inside = held_vector(self._chain, self._env(base, factors), xp, (0, xp.largest))
        except UNDEFINED as error:
            raise self._no_value(error) from None

        def curve(t: Array) -> Array:
            steps = xp.steps(t)
            values = inside(xp.where(steps < 0, 0, steps))
            return xp.full(values, steps) if isinstance(values, float) else values

        return xp.quiet(curve)

    def _no_value(self, error: Exception) -> LrsError:
        message = f"the {self.aim.noun} has no value at some of these steps: {why(error)}"
        return LrsError([Diagnostic("not-finite", message, "", self._chain.span)])

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The parts in order, with their values for a base rate of 1."""
        return self.segments_at(1.0)

    def segments_at(self, base: float, factors: Factors = None) -> tuple[Segment, ...]:
        """The parts in order, with their values for a base rate.

        Args:
            base: the optimizer's own rate.
            factors: what every ``plateau`` has come down to; None before any reduction.

        Raises:
            LrsError: a part has no value where it starts or ends.
        """
        self.at_base(base)  # checks the guards
        try:
            return self._segments(base, factors)
        except UNDEFINED:
            raise LrsError(self.faults(base)) from None

    def _segments(self, base: float, factors: Factors) -> tuple[Segment, ...]:
        found = []
        for first, block, env in self.blocks_at(base, factors):
            curve = block.scalar(env)
            ends = block.length < math.inf
            last = float(curve(int(block.length))) if ends else None
            found.append(
                Segment(
                    block.name,
                    block.span,
                    first,
                    block.length,
                    float(curve(0)),
                    last,
                    block.written,
                )
            )
        return tuple(found)

    def blocks_at(
        self, base: float, factors: Factors = None
    ) -> Iterator[tuple[int, Block, Mapping[str, Any]]]:
        """The first step and the block of every part, and the values of its words.

        Args:
            base: the optimizer's own rate.
            factors: what every ``plateau`` has come down to; None before any reduction.
        """
        env = self._env(base, factors)
        for first, block in zip(self._chain.starts, self._chain.blocks, strict=True):
            yield first, block, env

    @property
    def is_absolute(self) -> bool:
        """Whether every value is the same whatever the base rate: the program never uses it."""
        return self._degrees.high <= 0

    @property
    def is_proportional(self) -> bool:
        """Whether every value is a fixed multiple of the base rate."""
        return self._degrees.low >= 1 and self._degrees.high <= 1

    def degrees_of(self, block: Block) -> Degrees:
        """The powers of ``base`` that values are made of.

        Args:
            block: one of the schedule's blocks.
        """
        return block.degrees(self._words.degrees_of)

    def faults(self, base: float = 1.0) -> list[Diagnostic]:
        """What is wrong with the curve: steps where it is no rate.

        Args:
            base: the optimizer's own rate.
        """
        try:
            return faults(self._chain, self.at_base(base), self.aim)
        except LrsError as error:
            return list(error.diagnostics)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Schedule):
            return NotImplemented
        return self._identity == other._identity

    def __hash__(self) -> int:
        return hash((self.program, self.aim.label, repr(sorted(self.context.items()))))

    @property
    def _identity(self) -> tuple[Program, str, dict[str, Any]]:
        return self.program, self.aim.label, self.context

    def __reduce__(self) -> tuple[Callable[..., Schedule], tuple[Program, str, dict[str, Any]]]:
        return _again, self._identity

    def __repr__(self) -> str:
        names = " >> ".join(block.name for block in self._chain.blocks)
        return f"<Schedule {names}, length {self.length}>"


def _again(program: Program, label: str, context: dict[str, Any]) -> Schedule:
    """Makes a schedule again when it is unpickled."""
    return program.resolve(**context, target=label)


def _holds(guard: Guard, values: Mapping[str, Any]) -> bool:
    """Whether a guard holds; one that has no value does not."""
    try:
        return bool(evaluate(guard.condition, values))
    except UNDEFINED:
        return False
