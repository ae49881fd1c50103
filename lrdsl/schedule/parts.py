"""The parts of a schedule as a tree: the call that wrote each one, its steps and its values."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

from lrdsl.check.tree import Through
from lrdsl.formula.formula import UNDEFINED
from lrdsl.record import record
from lrdsl.schedule.block import Block, Env, Scalar
from lrdsl.schedule.endpoints import Endpoints
from lrdsl.schedule.formula_text import written
from lrdsl.schedule.pointwise import PointwiseBlock
from lrdsl.schedule.repeat import RepeatBlock
from lrdsl.schedule.sequence import SequenceBlock
from lrdsl.schedule.shape import ShapeBlock
from lrdsl.schedule.ticks import ClockBlock, parts_inside
from lrdsl.schedule.window import EveryBlock, WindowBlock, seen
from lrdsl.text.source import Span

# The public values of a part.
_KEYS = (
    "name", "start_step", "length", "written_length", "start", "end", "start_value", "end_value",
)  # fmt: skip


@record
class Part(Mapping[str, object]):
    """One part of a schedule, with its steps and values; ``Schedule.parts`` lists them.

    A part is a mapping of these values too, but for ``span`` and ``definitions``: ``dict(part)`` is
    a row for a log, and ``pandas.DataFrame(schedule.parts)`` a table.

    Attributes:
        name: the shape, such as ``cosine``, or a combination such as ``const * step``.
        span: the place of its call in the text.
        definitions: the user's definitions that the part comes from, outermost first, each with its
            name and the place of its call.
        start_step: the first step.
        length: the length in steps, or ``math.inf`` if the part has no end.
        written_length: the length as written, such as ``5ep``; ``None`` if it was written in steps.
        start_value: the value at the first step.
        end_value: the value at the end, which the next part sees as ``prev``; ``None`` if the part
            has no end.
    """

    name: str
    span: Span
    definitions: Through
    start_step: int
    length: float
    written_length: str | None
    start_value: float
    end_value: float | None
    _block: Block
    _env: Env
    _words: Endpoints

    @property
    def start(self) -> str:
        """The value at the first step as text, in terms of ``base``: ``0.3``, ``base / 10``."""
        return written(self._words.in_base(self._block.at(0)))

    @property
    def end(self) -> str | None:
        """The value at the end as text, in terms of ``base``; ``None`` if there is no end."""
        if self.length == math.inf:
            return None
        return written(self._words.in_base(self._block.at(int(self.length))))

    @property
    def children(self) -> tuple[Part, ...]:
        """The parts inside this one: the first cycle of a ``repeat``, the operands of an operator.

        Their steps count from the start of the whole schedule. An undefined value is NaN.
        """
        return tuple(
            _part(block, self.start_step + offset, self._env, self._words, _or_nan)
            for offset, block in _inside(self._block)
        )

    def __getitem__(self, key: str) -> object:
        if key not in _KEYS:
            raise KeyError(key)
        return getattr(self, key)

    def __iter__(self) -> Iterator[str]:
        return iter(_KEYS)

    def __len__(self) -> int:
        return len(_KEYS)

    def __repr__(self) -> str:
        return f"<Part {self.name} from step {self.start_step}, length {self.length}>"


def parts_of(chain: SequenceBlock, env: Env, words: Endpoints) -> tuple[Part, ...]:
    """The parts of a schedule, in order.

    Args:
        chain: its blocks.
        env: the values of ``base`` and of the words.
        words: the values of the words.

    Raises:
        ArithmeticError, ValueError: a part has no value where it starts or ends.
    """
    return tuple(
        _part(block, first, env, words, _value)
        for first, block in zip(chain.starts, chain.blocks, strict=True)
    )


def _part(
    block: Block, first: int, env: Env, words: Endpoints, value: Callable[[Scalar, int], float]
) -> Part:
    curve = block.scalar(env)
    ends = block.length < math.inf
    return Part(
        block.name,
        block.span,
        block.through,
        first,
        block.length,
        block.written,
        value(curve, 0),
        value(curve, int(block.length)) if ends else None,
        block,
        env,
        words,
    )


def _value(curve: Scalar, step: int) -> float:
    return float(curve(step))


def _or_nan(curve: Scalar, step: int) -> float:
    try:
        return float(curve(step))
    except UNDEFINED:
        return math.nan


def _inside(block: Block) -> Iterator[tuple[int, Block]]:
    """The blocks in a block that are parts, and where in it they start."""
    if isinstance(block, SequenceBlock):
        yield from zip(block.starts, block.blocks, strict=True)
    elif isinstance(block, WindowBlock):
        stop = block.first + block.length
        for start, inner in _inside(block.block):
            if (part := seen(block.first, stop, start, inner)) is not None:
                yield part
    elif isinstance(block, EveryBlock):
        yield from _inside(block.block)
    elif isinstance(block, ClockBlock):
        yield from parts_inside(block, _inside(block.block))
    elif isinstance(block, RepeatBlock):
        yield from _inside(block.block(0))
    elif isinstance(block, PointwiseBlock):
        for side in block.sides:
            if isinstance(side, SequenceBlock) and len(side.blocks) == 1:
                yield 0, side.blocks[0]
            elif not (isinstance(side, ShapeBlock) and side.definition is None):
                yield 0, side
