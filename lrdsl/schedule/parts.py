"""The parts of a schedule: a tree of what is written, where it stands, and its values."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from lrdsl.check.tree import Through
from lrdsl.formula.formula import UNDEFINED
from lrdsl.record import record
from lrdsl.schedule.block import Block, Env, Scalar
from lrdsl.schedule.endpoints import Endpoints
from lrdsl.schedule.formula_text import written
from lrdsl.schedule.over import OverBlock
from lrdsl.schedule.pointwise import PointwiseBlock
from lrdsl.schedule.repeat import RepeatBlock
from lrdsl.schedule.sequence import SequenceBlock
from lrdsl.schedule.shape import ShapeBlock
from lrdsl.text.source import Span


@record
class Part:
    """One part of a schedule, laid out.

    Attributes:
        name: its shape, or how the shapes in it are combined: ``cosine``, ``const * step``.
        span: the call that wrote it.
        definitions: the definitions of the program that it came through, the outermost first: the
            name and the call of each.
        start_step: its first step.
        length: its length in steps, ``math.inf`` where it has no end.
        written_length: its length as written, where that is not in steps: ``5ep``.
        start_value: its value at its first step.
        end_value: its value at its end, which the part after it sees as ``prev``; None without one.
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
        """Its value at its first step in terms of ``base``: ``0.3``, ``base / 10``."""
        return written(self._words.in_base(self._block.at(0)))

    @property
    def end(self) -> str | None:
        """Its value at its end in terms of ``base``; None without an end."""
        if self.length == math.inf:
            return None
        return written(self._words.in_base(self._block.at(int(self.length))))

    @property
    def children(self) -> tuple[Part, ...]:
        """The parts in it: of a ``repeat`` those of its first cycle, of an operator its sides.

        Their steps are those of the whole schedule. A value that is not there is NaN.
        """
        return tuple(
            _part(block, self.start_step + offset, self._env, self._words, _or_nan)
            for offset, block in _inside(self._block)
        )

    def __repr__(self) -> str:
        return f"<Part {self.name} from step {self.start_step}, length {self.length}>"


def parts_of(chain: SequenceBlock, env: Env, words: Endpoints) -> tuple[Part, ...]:
    """The parts of a schedule, in order.

    Args:
        chain: its blocks.
        env: the values of ``base`` and of the words.
        words: what the words stand for.

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
    elif isinstance(block, OverBlock):
        yield from _inside(block.block)
    elif isinstance(block, RepeatBlock):
        yield from _inside(block.block(0))
    elif isinstance(block, PointwiseBlock):
        for side in block.sides:
            if isinstance(side, SequenceBlock) and len(side.blocks) == 1:
                yield 0, side.blocks[0]
            elif not (isinstance(side, ShapeBlock) and side.definition is None):
                yield 0, side
