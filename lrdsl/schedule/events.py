"""Schedules in which events end parts: pure functions of the step and of the events so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from lrdsl.check.tree import Event, Meter
from lrdsl.outside import as_step
from lrdsl.record import entity
from lrdsl.schedule.block import Block, Ref, end
from lrdsl.schedule.schedule import Schedule
from lrdsl.schedule.sequence import SequenceBlock
from lrdsl.schedule.window import WindowBlock
from lrdsl.wording import unknown_event

if TYPE_CHECKING:
    from lrdsl.schedule.endpoints import Endpoints

# Schedules kept per set of events that have happened.
_KEPT = 64


@entity
class EventBlock(WindowBlock):
    """What an event ends, or has ended.

    Attributes:
        event: the event.
    """

    event: Event | None = None

    def link(self, prev: Ref, next: Ref, words: dict[str, Ref]) -> None:
        # Nobody knows what is coming, so that a `next` at its end is `base`.
        self.block.link(prev, None, words)

    def active(self, t: int) -> Iterator[str]:
        if self.event is not None:
            yield self.event.key
        yield from WindowBlock.active(self, t)


@entity
class EventSequence(SequenceBlock):
    """A sequence in which events end parts.

    Attributes:
        linked: its blocks, those among them that own no step: words see them.
    """

    linked: tuple[Block, ...] = ()

    def children(self) -> tuple[Block, ...]:
        return self.linked

    def link(self, prev: Ref, next: Ref, words: dict[str, Ref]) -> None:
        last = len(self.linked) - 1
        for i, block in enumerate(self.linked):
            before = prev if i == 0 else end(self.linked[i - 1])
            after = next if i == last else (self.linked[i + 1], 0)
            block.link(before, after, words)


class EventSchedule(Schedule):
    """A schedule in which events end parts.

    Attributes:
        events: what its parts wait for.
    """

    __slots__ = ("_again", "_every_meter", "_laid_out", "events")

    def __init__(
        self,
        chain: SequenceBlock,
        words: Endpoints,
        blocks: Iterable[Block] | None,
        lowest: float,
        waits: tuple[tuple[Event, ...], tuple[Meter, ...]],
        again: Callable[[Mapping[str, int]], Schedule],
    ) -> None:
        super().__init__(chain, words, blocks, lowest)
        # What its parts wait for, and the meters of all of them: some are laid out only later.
        self.events: tuple[Event, ...] = waits[0]
        self._every_meter = waits[1]
        self._again = again
        self._laid_out: dict[frozenset[tuple[str, int]], Schedule] = {}

    @property
    def every_meter(self) -> tuple[Meter, ...]:
        return self._every_meter

    def after(self, events: Mapping[str, int]) -> Schedule:
        names = [event.key for event in self.events]
        for name in events:
            if name not in names:
                raise ValueError(unknown_event(name, names))
        steps = {name: as_step(step) for name, step in events.items()}
        if not steps:
            return self
        key = frozenset(steps.items())
        found = self._laid_out.get(key)
        if found is None:
            if len(self._laid_out) >= _KEPT:
                self._laid_out.clear()
            found = self._laid_out[key] = self._again(steps)
        return found

    def __reduce__(self) -> tuple[type[Schedule], tuple[object, ...]]:
        own = (None, self.lowest, (self.events, self._every_meter), self._again)
        return type(self), (self._chain, self._words, *own)
