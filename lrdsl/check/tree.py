"""The program as a tree of schedules, before any run is known.

Lengths are still in their units, values still in terms of ``base``, ``prev`` and ``next``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from lrdsl.check import library
from lrdsl.check.values import Length
from lrdsl.formula.formula import Formula
from lrdsl.formula.kernel import Kernel
from lrdsl.record import entity, record
from lrdsl.text.nodes import ATOM, BINDING
from lrdsl.text.source import Span

if TYPE_CHECKING:
    from lrdsl.text.nodes import Definition
    from lrdsl.text.numbers import Rational


# The definitions that a part came through, the outermost first: the name and the call of each.
Through = tuple[tuple[str, Span], ...]


@record
class Guard:
    """A ``where`` condition that could not be decided without the run.

    Attributes:
        definition: the definition whose condition it is.
        condition: in terms of its parameters.
        text: as the definition words it.
        span: the argument to blame.
        names: the parameters it is about.
    """

    definition: Definition
    condition: Formula
    text: str
    span: Span
    names: tuple[str, ...]

    def refusal(self, values: Mapping[str, object]) -> tuple[str, str]:
        """The message and the help of the diagnostic for a guard that does not hold."""
        name = self.definition.name
        known = [(n, values[n]) for n in self.names if isinstance(values.get(n), float | int)]
        shown = [
            f"`{n}` is {str(x).lower() if isinstance(x, bool) else format(x, 'g')}"
            for n, x in known
        ]
        message = f"`{name}` needs `{self.text}`" + (f", and {', '.join(shown)}" if shown else "")
        if self.definition.span.source is library.source():
            return message, f"see what it does: `lrdsl shapes {name}`"
        line, *_ = self.definition.name_span.place
        return message, f"`{name}` is defined on line {line:,}"


# The name of a meter's factor among the variables of a schedule, with its number after it.
VARIABLE = "plateau@"


@record
class Meter:
    """A factor that metrics change, by its arguments.

    Attributes:
        name: the name of the variable for it.
        factor: the factor of each change.
        min: its lower bound.
        max: its upper bound.
        eps: the smallest change of the rate that is worth making.
    """

    name: str
    factor: float
    min: float
    max: float
    eps: float

    @property
    def wait(self) -> float:
        """The number of measurements from one change to the next, at least."""
        return 1


@record
class Plateau(Meter):
    """The arguments of one ``plateau``.

    Attributes:
        patience: the number of measurements without improvement that it tolerates.
        threshold: the smallest difference from the best value that counts as an improvement.
        cooldown: the number of measurements that it ignores after a fall.
        rise: the factor of each change after a metric has kept improving.
        rise_cooldown: the number of measurements that it ignores after a rise.
        window: the number of measurements that it averages.
        reset: the number of falls at its lower bound after which it starts anew; 0 for never.
        relative: True if the threshold is a share of the best so far.
        maximize: True if larger values are better.
    """

    patience: float
    threshold: float
    cooldown: float
    rise: float
    rise_cooldown: float
    window: float
    reset: float
    relative: bool
    maximize: bool

    @property
    def wait(self) -> float:
        """The number of measurements from one change to the next, at least."""
        return self.patience + self.cooldown + 1

    def better(self, metric: float, best: float) -> bool:
        """Returns True if a metric is an improvement on the best so far; NaN is not.

        Args:
            metric: the metric.
            best: the best so far, infinite before the first measurement.
        """
        margin = self.threshold
        if self.relative:
            margin = best * self.threshold if math.isfinite(best) else 0.0
        return metric > best + margin if self.maximize else metric < best - margin

    @property
    def is_torchs(self) -> bool:
        """True if it only falls, as torch's ``ReduceLROnPlateau`` does."""
        more = (self.rise, self.min, self.max, self.window, self.reset)
        return more == (1.0, 0.0, 1.0, 1.0, 0.0)


@record
class Adaptive(Meter):
    """The arguments of one ``adaptive``.

    Attributes:
        low: below this metric it rises.
        high: above this metric it falls.
    """

    low: float
    high: float


@entity
class Shape:
    """One shape with its arguments.

    Attributes:
        span: the call.
        name: the shape's name.
        kernel: its formula.
        length: its length.
        numbers: its numeric arguments, in terms of ``base``, ``prev`` and ``next``.
        steps: its arguments that are lengths or lists of lengths.
        guards: conditions still to be checked.
        meter: its meter, if a metric drives it.
        definition: the shape's.
        functions: the names of the functions it was given, by parameter.
        size: the number of parts it counts as: several if its formulas and lists are long.
        through: the definitions it came through, and their calls.
    """

    span: Span
    name: str
    kernel: Kernel
    length: Length
    numbers: tuple[tuple[str, Formula], ...]
    steps: tuple[tuple[str, Length | tuple[Length, ...]], ...]
    guards: tuple[Guard, ...]
    meter: Meter | None = None
    definition: Definition | None = None
    functions: tuple[tuple[str, str], ...] = ()
    size: int = 1
    through: Through = ()
    depth = 1


@entity
class Sequence:
    """``a >> b``."""

    span: Span
    parts: tuple[Tree, ...]
    size: int
    depth: int
    through: Through = ()

    @property
    def name(self) -> str:
        """The names of its parts."""
        return " >> ".join(part.name for part in self.parts)


@entity
class Pointwise:
    """``a * b`` and its like, on one clock. A side may be a plain number."""

    span: Span
    op: str
    sides: tuple[Tree | Constant, ...]
    size: int
    depth: int
    through: Through = ()

    @property
    def name(self) -> str:
        """Its name in messages: ``const * step``, ``max(cosine, 1e-05)``."""
        if self.op in {"min", "max"}:
            return f"{self.op}({', '.join(side.name for side in self.sides)})"
        left, right = (
            f"({side.name})" if _binding(side) < BINDING[self.op] + place else side.name
            for place, side in enumerate(self.sides)
        )
        return f"{left} {self.op} {right}"


def _binding(side: Tree | Constant) -> int:
    """The precedence of a side's name."""
    if isinstance(side, Pointwise):
        return BINDING.get(side.op, ATOM)
    bare = isinstance(side, Constant) and " " in side.name and not side.name.startswith("(")
    return BINDING[">>"] if bare or isinstance(side, Sequence) else ATOM


@entity
class Constant:
    """A number as one side of a pointwise operation."""

    span: Span
    name: str
    value: Formula
    size = 0
    depth = 1


@entity
class Cycles:
    """The cycles of a repetition one by one, where they depend on their place in the run.

    Attributes:
        bodies: what each runs.
        lengths: the exact steps of each.
        fill: True if they take what is left over.
        share: True if they share that, because a part of them is ``rest``.
    """

    bodies: tuple[Tree, ...]
    lengths: tuple[Rational, ...]
    fill: bool
    share: bool


@entity
class Repeat:
    """``repeat(body, times, stretch, decay)``; ``times`` is None for as often as fits."""

    span: Span
    body: Tree
    times: int | None
    stretch: Rational
    decay: float
    size: int
    depth: int
    through: Through = ()
    cycles: Cycles | None = None
    name = "repeat"


@entity
class Timed:
    """A combinator of a length and a schedule."""

    span: Span
    length: Length
    body: Tree
    size: int
    depth: int
    through: Through = ()


@entity
class Over(Timed):
    """``over(length, body)``."""

    name = "over"


@entity
class Until(Timed):
    """``until(length, body)``."""

    name = "until"


@entity
class Skip(Timed):
    """``skip(length, body)``."""

    name = "skip"


@entity
class Every(Timed):
    """``every(length, body)``."""

    name = "every"


@record
class Event:
    """What an ``until`` waits for.

    Attributes:
        key: its name in ``events``: that of a signal, or one such as ``stalled@1``.
        kind: ``signal``, ``stalled``, ``below`` or ``above``.
        limit: the value that a metric has to pass, for ``below`` and ``above``.
        rules: what ``stalled`` counts.
    """

    key: str
    kind: str
    limit: float = 0.0
    rules: Plateau | None = None


@entity
class UntilEvent:
    """``until(event, body)``."""

    span: Span
    event: Event
    body: Tree
    size: int
    depth: int
    through: Through = ()
    name = "until"


def extent(inside: Iterable[Tree | Constant]) -> tuple[int, int]:
    """The size and the depth of what these are put together into."""
    sizes, depths = zip(*((tree.size, tree.depth) for tree in inside), strict=True)
    return sum(sizes), 1 + max(depths)


Tree = Shape | Sequence | Pointwise | Repeat | Over | Until | Skip | Every | UntilEvent


def flat(tree: Tree) -> Iterator[Tree]:
    """The parts of a sequence, those of sequences inside it in their place."""
    stack = [tree]
    while stack:
        top = stack.pop()
        if isinstance(top, Sequence):
            stack.extend(reversed(top.parts))
        else:
            yield top


def children(tree: Tree | Constant) -> tuple[Tree | Constant, ...]:
    """The trees that a tree is made of."""
    if isinstance(tree, Sequence):
        return tree.parts
    if isinstance(tree, Pointwise):
        return tree.sides
    return () if isinstance(tree, Shape | Constant) else (tree.body,)
