"""Lengths that depend on their place, as steps: where the size of a step changes during the run.

``30Btok`` are so many steps early in such a run, and fewer later on. Every such length is replaced
by the exact steps between its two ends, so that what lays a tree out need not know of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrdsl.check.tree import (
    Constant,
    Cycles,
    Every,
    Over,
    Pointwise,
    Repeat,
    Sequence,
    Shape,
    Skip,
    Timed,
    Tree,
    Until,
    UntilEvent,
    flat,
)
from lrdsl.check.values import Length
from lrdsl.record import replace
from lrdsl.resolve.measure import repeated
from lrdsl.resolve.placed_lengths import Lengths, Whole
from lrdsl.text.numbers import divide

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lrdsl.resolve.measure import Measure
    from lrdsl.resolve.run import Ramp, Run
    from lrdsl.text.numbers import Rational


def placed(tree: Tree, run: Run, ramp: Ramp, measure: Measure, events: Mapping[str, int]) -> Tree:
    """A tree whose lengths do not depend on where they stand any more.

    Args:
        tree: a schedule, which starts with the run.
        run: the run.
        ramp: the units whose steps change in size.
        measure: collects what is wrong.
        events: the step of each event that has happened.
    """
    total = None if run.total is None else measure.steps(run.total, None)
    whole = Whole(total, ramp.total, total)
    found = _Placing(run, ramp, measure, events).tree(tree, 0, total, whole)
    assert not isinstance(found, Constant)
    return found


class _Placing:
    """Replaces lengths; positions are exact and count from the start of the run."""

    def __init__(self, run: Run, ramp: Ramp, measure: Measure, events: Mapping[str, int]) -> None:
        self.run, self.measure, self.events = run, measure, events
        self._lengths = Lengths(run, ramp, measure)
        self._open: dict[Tree | Constant, bool] = {}

    def tree(
        self, tree: Tree | Constant, start: Rational, end: Rational | None, whole: Whole
    ) -> Tree | Constant:
        """A tree that starts somewhere.

        Args:
            tree: the tree.
            start: where it starts.
            end: where the room ends that it gets if it takes what is left over.
            whole: the length that percentages refer to.
        """
        if isinstance(tree, Shape):
            return self._shape(tree, start, whole)
        if isinstance(tree, Sequence):
            return self._sequence(tree, start, end, whole)
        if isinstance(tree, Pointwise):
            return self._pointwise(tree, start, end, whole)
        if isinstance(tree, Over):
            inner = self._inside(tree, start, whole)
            assert inner.steps is not None
            body = self.tree(tree.body, start, start + inner.steps, inner)
            assert not isinstance(body, Constant)
            length = self._lengths.placed(tree.length, start, whole)
            return replace(tree, length=length, body=body)
        if isinstance(tree, Timed):
            return self._timed(tree, start, end, whole)
        if isinstance(tree, UntilEvent):
            body = self.tree(tree.body, start, whole.end, whole)
            assert not isinstance(body, Constant)
            return replace(tree, body=body)
        if isinstance(tree, Repeat):
            return self._repeat(tree, start, end, whole)
        return tree

    def size(self, tree: Tree | Constant, start: Rational, whole: Whole) -> Rational:
        """The exact steps of a tree that starts somewhere and does not take what is left over."""
        if isinstance(tree, Shape | Over):
            return self._lengths.steps(tree.length, start, whole)
        if isinstance(tree, Sequence):
            distance: Rational = 0
            for part in tree.parts:
                distance += self.size(part, start + distance, whole)
            return distance
        if isinstance(tree, Pointwise):
            return max(self.size(side, start, whole) for side in tree.sides if self._is_side(side))
        if isinstance(tree, Until):
            cut = self._lengths.steps(tree.length, start, whole)
            if not self.is_open(tree.body):
                return min(cut, self.size(tree.body, start, whole))
            return cut if whole.end is None else max(min(cut, whole.end - start), 0)
        if isinstance(tree, Skip):
            passed = self._lengths.steps(tree.length, start, whole, backwards=True)
            return max(self.size(tree.body, start - passed, whole) - passed, 0)
        if isinstance(tree, Every):
            return self.size(tree.body, start, whole)
        if isinstance(tree, UntilEvent):  # what follows one that has not happened does not exist
            return max(self.events.get(tree.event.key, 0) - start, 0)
        assert isinstance(tree, Repeat) and tree.times is not None
        return self._size_of_cycles(tree, tree.times, start, whole, backwards=False)

    def _size_before(self, tree: Tree | Constant, end: Rational, whole: Whole) -> Rational:
        """The exact steps of a tree that ends somewhere, likewise."""
        if isinstance(tree, Shape | Over):
            return self._lengths.steps(tree.length, end, whole, backwards=True)
        if isinstance(tree, Sequence):
            distance: Rational = 0
            for part in reversed(tree.parts):
                distance += self._size_before(part, end - distance, whole)
            return distance
        if isinstance(tree, Pointwise):
            sides = [side for side in tree.sides if self._is_side(side)]
            return max(self._size_before(side, end, whole) for side in sides)
        if isinstance(tree, Until):
            cut = self._lengths.steps(tree.length, end, whole, backwards=True)
            if self.is_open(tree.body):
                return cut
            return min(cut, self._size_before(tree.body, end, whole))
        if isinstance(tree, Skip):
            inside = self._size_before(tree.body, end, whole)
            return max(inside - self._lengths.steps(tree.length, end - inside, whole), 0)
        if isinstance(tree, Every):
            return self._size_before(tree.body, end, whole)
        if isinstance(tree, UntilEvent):  # refused after what takes the rest, when it is laid out
            return 0
        assert isinstance(tree, Repeat) and tree.times is not None
        return self._size_of_cycles(tree, tree.times, end, whole, backwards=True)

    def _is_side(self, side: Tree | Constant) -> bool:
        return not isinstance(side, Constant) and not self.is_open(side)

    def is_open(self, tree: Tree | Constant) -> bool:
        """True if a tree takes what is left over."""
        if tree not in self._open:
            self._open[tree] = self._takes_rest(tree)
        return self._open[tree]

    def _takes_rest(self, tree: Tree | Constant) -> bool:
        if isinstance(tree, Shape):
            return tree.length.is_rest
        if isinstance(tree, Sequence):
            return any(map(self.is_open, tree.parts))
        if isinstance(tree, Pointwise):
            return not any(map(self._is_side, tree.sides))
        if isinstance(tree, Skip | Every):
            return self.is_open(tree.body)
        return isinstance(tree, Repeat) and (tree.times is None or self.is_open(tree.body))

    def _sequence(
        self, tree: Sequence, start: Rational, end: Rational | None, whole: Whole
    ) -> Sequence:
        parts = list(flat(tree))
        opened = next((i for i, part in enumerate(parts) if self.is_open(part)), len(parts))
        found: list[Tree | Constant] = []
        for part in parts[:opened]:
            found.append(self.tree(part, start, None, whole))
            start += self.size(part, start, whole)
        # What follows the part that takes the rest is measured from the end, or from nowhere.
        ends: list[Rational] = []
        stop = end
        for part in reversed(parts[opened + 1 :]):
            if stop is not None and not self.is_open(part):
                stop -= self._size_before(part, stop, whole)
            ends.append(start if stop is None else stop)
        if opened < len(parts):
            found.append(self.tree(parts[opened], start, stop, whole))
        for part, place in zip(parts[opened + 1 :], reversed(ends), strict=True):
            found.append(self.tree(part, place, end, whole))
        trees = tuple([part for part in found if not isinstance(part, Constant)])
        return replace(tree, parts=trees)

    def _pointwise(
        self, tree: Pointwise, start: Rational, end: Rational | None, whole: Whole
    ) -> Pointwise:
        if not self.is_open(tree):
            end = start + self.size(tree, start, whole)
        sides = tuple([self.tree(side, start, end, whole) for side in tree.sides])
        return replace(tree, sides=sides)

    def _shape(self, part: Shape, start: Rational, whole: Whole) -> Shape:
        length = (
            part.length if part.length.is_rest else self._lengths.placed(part.length, start, whole)
        )
        steps: list[tuple[str, Length | tuple[Length, ...]]] = []
        for name, given in part.steps:
            if isinstance(given, tuple):  # milestones, which count from the start of the part
                steps.append(
                    (name, tuple([self._lengths.placed(one, start, whole) for one in given]))
                )
                continue
            if self._lengths.amount(given, whole) is not None:
                message = f"how many steps `{given}` is depends on its place"
                self._lengths.refuse(
                    given.span, message, f"give `{name}` of `{part.name}` in steps"
                )
            steps.append((name, given))
        return replace(part, length=length, steps=tuple(steps))

    def _inside(self, tree: Over, start: Rational, whole: Whole) -> Whole:
        steps = self._lengths.steps(tree.length, start, whole)
        # On a clock, a share is one of the clock.
        amount = self._lengths.amount(tree.length, whole) if self.run.ticks is None else None
        return Whole(steps, amount, start + steps)

    def _timed(
        self, tree: Timed, start: Rational, end: Rational | None, whole: Whole
    ) -> Tree | Constant:
        """A schedule that is cut, entered later or held."""
        assert isinstance(tree, Until | Skip | Every)
        length = tree.length
        if isinstance(tree, Until):
            end, length = whole.end, self._lengths.placed(length, start, whole)
        elif isinstance(tree, Skip):
            length = self._lengths.placed(length, start, whole, backwards=True)
            start -= self._lengths.steps(tree.length, start, whole, backwards=True)
        elif self._lengths.amount(length, whole) is not None:
            message = f"the stretches of `every` would differ: how long `{length}` is changes"
            own = self.run.ticks.unit if self.run.ticks is not None else "steps"
            self._lengths.refuse(length.span, message, f"give the length of a stretch in {own}")
        body = self.tree(tree.body, start, end, whole)
        assert not isinstance(body, Constant)
        return replace(tree, length=length, body=body)

    def _repeat(self, tree: Repeat, start: Rational, end: Rational | None, whole: Whole) -> Repeat:
        """A repetition; its cycles one by one, where they depend on their place."""
        if not self._depends(tree.body, whole):
            return tree
        fills = self.is_open(tree)
        shares = self.is_open(tree.body)
        if tree.stretch != 1:
            message = "the cycles depend on their place, and cannot be stretched too"
            self._lengths.refuse(
                tree.span, message, "leave `stretch` out, or write lengths in steps"
            )
            return replace(tree, cycles=Cycles((), (), fills, shares))
        if (shares or tree.times is None) and (end is None or (shares and tree.times is None)):
            message = "how often this is repeated is not known, nor what is left over for it"
            help = "give `times`, or pass the run's length: `total=` (`--total`)"
            self.measure.report("missing-length", tree.span, message, help)
            return replace(tree, cycles=Cycles((), (), fills, shares))
        bodies: list[Tree] = []
        lengths: list[Rational] = []
        first = start
        while tree.times is None or len(bodies) < tree.times:
            if end is not None and tree.times is None and start >= end:
                break
            if shares and end is not None and tree.times is not None:
                length = divide(end - start, tree.times - len(bodies))
                inside = replace(whole, end=start + length)
            else:
                inside = replace(whole, end=None)
                length = self.size(tree.body, start, inside)
            body = self.tree(tree.body, start, start + length, inside)
            assert not isinstance(body, Constant)
            bodies.append(body)
            lengths.append(length)
            start += length
            if _is_short(length, start - first):
                break
        return replace(tree, cycles=Cycles(tuple(bodies), tuple(lengths), fills, shares))

    def _size_of_cycles(
        self, tree: Repeat, times: int, place: Rational, whole: Whole, *, backwards: bool
    ) -> Rational:
        """The exact steps of a number of cycles that start, or end, somewhere."""
        whole = replace(whole, end=None)
        if tree.stretch != 1 or not self._depends(tree.body, whole):
            return self.size(tree.body, place, whole) * repeated(tree.stretch, times)
        total: Rational = 0
        for _ in range(times):
            if backwards:
                length = self._size_before(tree.body, place - total, whole)
            else:
                length = self.size(tree.body, place + total, whole)
            total += length
            if _is_short(length, total):
                break
        return total

    def _depends(self, tree: Tree | Constant, whole: Whole) -> bool:
        """True if a length in a tree depends on its place."""
        lengths: list[Length] = []
        if isinstance(tree, Shape):
            lengths = [] if tree.length.is_rest else [tree.length]
            for _, given in tree.steps:
                lengths += given if isinstance(given, tuple) else (given,)
        elif isinstance(tree, Over):
            lengths = [tree.length]
            inner = Whole(0, None, None)
            if self._lengths.amount(tree.length, whole) is None and self._depends(tree.body, inner):
                return True
        elif isinstance(tree, Timed):
            lengths = [tree.length]
            if self._depends(tree.body, whole):
                return True
        if isinstance(tree, Sequence | Pointwise):
            inside = tree.parts if isinstance(tree, Sequence) else tree.sides
            return any(self._depends(child, whole) for child in inside)
        if isinstance(tree, Repeat | UntilEvent):
            return self._depends(tree.body, whole)
        return any(self._lengths.amount(length, whole) is not None for length in lengths)


def _is_short(cycle: Rational, total: Rational) -> bool:
    """True if a cycle is too short, and its repetition has a step, which reports it.

    Args:
        cycle: the length of the last cycle.
        total: that of all cycles up to it.
    """
    return not cycle or (cycle < 1 <= total)
