"""A schedule in words, from the same parts that are trained with.

What a part does is the `Verb:` of its definition; where it starts and ends, how long it takes and
what it was given come from the schedule.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from lrdsl.check import library
from lrdsl.check.signatures import signature
from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.preview.afterwards import after, ending, sentences
from lrdsl.schedule.events import EventBlock
from lrdsl.schedule.pointwise import PointwiseBlock
from lrdsl.schedule.repeat import RepeatBlock
from lrdsl.schedule.sequence import SequenceBlock
from lrdsl.schedule.shape import ShapeBlock
from lrdsl.schedule.views import blocks_of, chain_of, faults_of
from lrdsl.schedule.window import EveryBlock, WindowBlock
from lrdsl.text.nodes import Name, Number
from lrdsl.wording import listed, number, plural

if TYPE_CHECKING:
    from lrdsl.check.tree import Meter
    from lrdsl.preview.units import Unit
    from lrdsl.schedule.block import Block, Env
    from lrdsl.schedule.schedule import Schedule
    from lrdsl.text.nodes import Parameter

# Arguments that are described as a part's start and end values and its length.
_TOLD = {"start", "end", "value", "length"}
# What a plain number does to a curve, and what two curves come to.
_WITH_NUMBER = {
    "*": "times {}", "/": "divided by {}", "+": "plus {}", "-": "minus {}",
    "min": "never above {}", "max": "never below {}",
}  # fmt: skip
_OF_CURVES = {
    "*": "product", "/": "quotient", "+": "sum", "-": "difference",
    "min": "lowest", "max": "highest",
}  # fmt: skip
# A number of the group, which only the optimizer knows.
_OWN = re.compile(r'own\("[^"]*"\)')
# Cycles of different lengths that are counted out.
_COUNTED = 4


class Teller:
    """Puts the parts of one schedule into words.

    Args:
        schedule: the schedule.
        base: the optimizer's own value.
        given: True if the base was given. If not, values in proportion to it are described so.
        per_epoch: steps in one epoch, where that is known.
        unit: the unit that its steps are told in, where how many steps one has is assumed.
    """

    def __init__(
        self,
        schedule: Schedule,
        base: float,
        *,
        given: bool = False,
        per_epoch: float | None = None,
        unit: Unit | None = None,
    ) -> None:
        self._schedule, self._base, self._per_epoch = schedule, base, per_epoch
        self._unit = unit
        self._given = given
        # A second base tells what is in proportion to it.
        second = base
        if not (given or schedule.is_absolute) and not _fails(schedule, base / 2):
            second = base / 2
        self._envs = tuple(_env(schedule, one) for one in (base, second))
        self._second = second
        self._mixed = not (given or schedule.is_absolute) and second == base

    def lines(self) -> list[str]:
        """A line for each part, which together are one sentence; then one for each event."""
        lines = self._sentence(0)
        if self._schedule.events:
            for event, words in sentences(self._schedule, self._base, self._later):
                lines.append(f"{after(event)}: {words}")
                lines[-1] = lines[-1][0].upper() + lines[-1][1:]
        return lines

    def _later(self, schedule: Schedule, shown: int) -> str:
        """What a schedule for some events is from one of its parts on."""
        given = self._second == self._base
        teller = Teller(
            schedule, self._base, given=given, per_epoch=self._per_epoch, unit=self._unit
        )
        return " ".join(teller._sentence(shown))

    def _sentence(self, shown: int) -> list[str]:
        """The parts from one of them on: lines that together are one sentence."""
        chain = chain_of(self._schedule)
        parts = [self._block(block) for block in chain.blocks[shown:]]
        if chain.length < math.inf:
            last, ticks = int(chain.length), self._schedule.ticks
            end = [chain.scalar(env)(last) for env in self._envs]
            where = "where it is" if self._schedule.meters else f"at {self._value(*end)}"
            place = f"step {last:,}" if ticks is None else ticks.name(last)
            place = self._amount(last) if self._unit is not None else place
            parts.append(f"{'and ' * bool(parts)}stays {where} from {place} on")
        lines = [*parts[:1], *(f"then {x}" if x[:4] != "and " else x for x in parts[1:])]
        if self._mixed and lines:
            lines[-1] += f" (for a base of {number(self._base)})"
        return [line + ("." if i == len(lines) - 1 else ",") for i, line in enumerate(lines)]

    def _block(self, block: Block) -> str:
        if isinstance(block, ShapeBlock):
            return self._shape(block)
        if isinstance(block, RepeatBlock):
            return self._repeat(block)
        if isinstance(block, PointwiseBlock):
            return self._pointwise(block)
        if isinstance(block, EventBlock):
            return self._until(block)
        if isinstance(block, WindowBlock):
            return f"{self._window(block)} {self._inside(block.block)}"
        if isinstance(block, EveryBlock):
            return f"changes only every {self._steps(block.stretch)}: {self._inside(block.block)}"
        assert isinstance(block, SequenceBlock)
        return ", then ".join(map(self._block, block.blocks))

    def _until(self, block: EventBlock) -> str:
        assert block.event is not None
        words, end = self._block(block.block), f"until {ending(block.event)}"
        # A value that is held has no end of its own.
        held = re.fullmatch(r"(holds [^,\[\]]+?) (forever|for [^,\[\]]+)", words)
        return f"{held[1]} {end}" if held else f"{end}: [{words}]"

    def _window(self, block: WindowBlock) -> str:
        if block.name == "over":
            return f"for {self._length(block)}:"
        if block.name == "until":
            return f"runs the first {self._length(block)} of"
        return f"goes on, as if begun {self._steps(block.first)} before, with"

    def _inside(self, block: Block) -> str:
        """A block in brackets, which keep it apart from what is said of it."""
        return f"[{self._block(block)}]"

    def _shape(self, shape: ShapeBlock) -> str:
        verb = shape.definition and library.verb(shape.definition)
        curves = [shape.scalar(env) for env in self._envs]
        start = self._value(*(curve(0) for curve in curves))
        told = ""
        if shape.meter is not None:
            verb = verb or "falls"
        elif shape.kernel.is_constant:
            told = f" {start}"
            verb = verb or "holds"
        elif shape.length == math.inf:
            told = f" from {start}"
        else:
            end = self._value(*(curve(int(shape.length)) for curve in curves))
            told = f" from {start} to {end}"
        words = verb or f"follows `{shape.name}`"
        return f"{words}{told}{self._lasting(shape)}{self._arguments(shape)}"

    def _lasting(self, shape: ShapeBlock) -> str:
        if shape.meter is not None:
            return ""
        if shape.length == math.inf:
            return " forever" if shape.kernel.is_constant else " without an end"
        if not shape.length:
            return ""
        return f" {'for' if shape.kernel.is_constant else 'over'} {self._length(shape)}"

    def _arguments(self, shape: ShapeBlock) -> str:
        """The arguments of a part besides its ends and its length."""
        arguments = []
        both = [shape.values(env) for env in self._envs]
        for parameter in signature(shape.definition) if shape.definition else ():
            name = parameter.name
            default = parameter.default
            function = dict(shape.functions).get(name)
            if function and not (isinstance(default, Name) and default.id == function):
                arguments.append(f"{name} = {function}")
            elif shape.meter is not None and _is_told(shape.meter, parameter):
                arguments.append(f"{name} = {number(getattr(shape.meter, name))}")
            elif name in both[0] and name not in _TOLD:
                values = [values[name] for values in both]
                arguments.append(f"{name} = {self._argument(parameter.kind, *values)}")
        return f", with {listed(arguments)}" if arguments else ""

    def _argument(self, kind: str | None, a: Any, b: Any) -> str:
        if isinstance(a, bool):
            return str(a).lower()
        if kind == "steps":
            return self._steps(int(a))
        if not isinstance(a, tuple):
            return self._value(a, b)
        if kind == "[steps]" and self._unit is not None and a:
            return listed(self._amount(int(n)) for n in a)
        items = listed(self._value(*pair) for pair in zip(a, b, strict=True))
        return f"{items or 'no'} steps" if kind == "[steps]" else items

    def _pointwise(self, block: PointwiseBlock) -> str:
        numbers = [
            side for side in block.sides if isinstance(side, ShapeBlock) and side.definition is None
        ]
        curves = [side for side in block.sides if side not in numbers]
        words = self._block(curves[0]) if len(curves) == 1 else self._several(block.op, curves)
        if len(curves) == 1 and numbers:
            words = f"[{words}]"
        for side in numbers:
            value = self._value(*(side.scalar(env)(0) for env in self._envs))
            if _OWN.fullmatch(side.span.text):
                value = f"`{side.span.text}`"
            first = side is block.sides[0] and block.op in {"-", "/"}
            phrase = f"subtracted from {value}" if first else _WITH_NUMBER[block.op].format(value)
            words += f" {phrase}" if block.op not in {"min", "max"} else f", {phrase}"
        return words

    def _several(self, op: str, curves: Sequence[Block]) -> str:
        sides = listed(self._inside(side) for side in curves)
        return f"is the {_OF_CURVES[op]} of {sides}"

    def _repeat(self, repeat: RepeatBlock) -> str:
        lengths = list(islice(_lengths(repeat), _COUNTED + 1))
        first = repeat.block(0)
        times = _times(repeat)
        words = f"repeats {times:,} time{'s' * (times != 1)}" if times else "repeats forever"
        if len(set(lengths)) > 1:
            unit = "" if self._unit is not None else " steps"
            shown = [self._amount(n) if self._unit else f"{n:,}" for n in lengths[:_COUNTED]]
            more = len(lengths) > _COUNTED
            each = f"{', '.join(shown)}, …{unit}" if more else f"{listed(shown)}{unit}"
            words += f", in cycles of {each}"
        if repeat.decay != 1:
            words += f", each {number(repeat.decay)} times as high as the one before"
        if times and (left := repeat.bounds.start(times) - int(repeat.length)) > 0:
            short = self._amount(left) if self._unit is not None else plural(left, "step")
            words += f", the last of them {short} short"
        return f"{words}: {self._inside(first)}"

    def _value(self, a: float, b: float) -> str:
        """A value, given what it is for the base and for the second one."""
        if math.isclose(a, b, rel_tol=1e-12) or self._second == self._base:
            return number(a)
        if math.isclose(2 * b, a, rel_tol=1e-12):
            share = a / self._base
            return "`base`" if math.isclose(share, 1) else f"{number(share)} × `base`"
        self._mixed = True
        return number(a)

    def _length(self, block: Block) -> str:
        """A length in steps, and as it was written or in epochs."""
        return self._steps(int(block.length), block.written)

    def _steps(self, n: float, written: str | None = None) -> str:
        """A number of steps, and as it was written or in epochs."""
        if (ticks := self._schedule.ticks) is not None:
            return ticks.name(int(n))
        if self._unit is not None:
            return self._amount(int(n))
        return f"{plural(n, 'step')}{self._in_units(n, written)}"

    def _amount(self, n: int) -> str:
        """A number of steps in the unit that they are told in."""
        assert self._unit is not None
        label = self._unit.label(n)
        epochs = label.removesuffix("ep")
        if self._unit.name == "ep" and epochs != label:
            return f"{epochs} epoch{'s' * (epochs != '1')}"
        return f"{label} of the run" if self._unit.name == "%" else label

    def _in_units(self, n: float, written: str | None) -> str:
        if written is None and self._per_epoch and n % self._per_epoch == 0:
            written = f"{number(n / self._per_epoch)}ep"
        simple = re.fullmatch(r"([\d.]+)([A-Za-z%]+)", written or "")
        if simple is None:
            return ""
        amount, unit = simple[1], simple[2]
        if unit == "ep":
            return f" ({amount} epoch{'s' * (amount != '1')})"
        return f" ({amount}{unit})"


def _env(schedule: Schedule, base: float) -> Env:
    return next(blocks_of(schedule, base))[2]


def _fails(schedule: Schedule, base: float) -> bool:
    """True if a schedule has no curve for a base."""
    if schedule.ticks is not None:
        return bool(faults_of(schedule, base))
    try:
        schedule.parts_at(base)
    except LrsError:
        return True
    return False


def _is_told(meter: Meter, parameter: Parameter) -> bool:
    """True if an argument of a meter is described: unless it is an option at its default."""
    value = getattr(meter, parameter.name, None)
    default = parameter.default
    if isinstance(default, Name):
        usual = getattr(meter, default.id, None)
    else:
        usual = float(default.spelling) if isinstance(default, Number) else None
    return value is not None and not (parameter.keyword_only and value == usual)


def _lengths(repeat: RepeatBlock) -> Iterator[int]:
    """The lengths of the cycles, in order."""
    start = repeat.bounds.start
    k, times = 0, _times(repeat)
    while not times or k < times:
        yield start(k + 1) - start(k)
        k += 1


def _times(repeat: RepeatBlock) -> int:
    """The number of cycles that start; 0 if there is no end."""
    if repeat.length == math.inf:
        return 0
    return repeat.bounds.index(int(repeat.length) - 1) + 1
