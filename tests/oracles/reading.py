"""The rules of layout, read off the page of the language, followed word by word in exact fractions.

Nothing is laid out: to find the value of a step, the tree is gone down from the top, with the exact
position of everything on the way. It is slow, and knows of no cycle but the one it looks for.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from tests.oracles.loops import half_up

# A value, or the word that stands for it.
Value = Fraction | str
Find = Callable[[], Fraction]


class Circle(Exception):
    """A word stands for a value that is made of the word itself, which is judged elsewhere."""


@dataclass(frozen=True)
class Line:
    """A straight line, or where ``gamma`` is given an exponential decay."""

    length: Fraction
    start: Value
    end: Value
    gamma: Fraction | None = None
    every: Fraction = Fraction(1)


@dataclass(frozen=True)
class Sequence:
    """One after another."""

    parts: tuple[Tree, ...]

    @property
    def length(self) -> Fraction:
        """Their sum."""
        return sum((part.length for part in self.parts), Fraction())


@dataclass(frozen=True)
class Sides:
    """An operator; with one side, an ``over`` of some length."""

    op: str
    sides: tuple[Tree, ...]
    over: Fraction = Fraction()

    @property
    def length(self) -> Fraction:
        """That of the longest side."""
        return self.over or max(side.length for side in self.sides)


@dataclass(frozen=True)
class Repeat:
    """A repetition of so many cycles; the last is cut where ``over`` gives it less.

    Every length in a cycle is ``stretch`` times as long as in the one before.
    """

    body: Tree
    times: int
    decay: Fraction = Fraction(1)
    over: Fraction = Fraction()
    stretch: Fraction = Fraction(1)

    @property
    def length(self) -> Fraction:
        """That of all cycles."""
        return self.over or self.start(self.times)

    def start(self, k: int) -> Fraction:
        """Where cycle k starts."""
        if self.stretch == 1:
            return k * self.body.length
        return self.body.length * (self.stretch**k - 1) / (self.stretch - 1)


@dataclass(frozen=True)
class Until:
    """A tree that is cut after a length."""

    n: Fraction
    body: Tree

    @property
    def length(self) -> Fraction:
        """Its own, or to the cut."""
        return min(self.n, self.body.length)


@dataclass(frozen=True)
class Skip:
    """A tree that began so much earlier; it lasts longer than that."""

    n: Fraction
    body: Tree

    @property
    def length(self) -> Fraction:
        """What is left of it."""
        return self.body.length - self.n


@dataclass(frozen=True)
class Every:
    """A tree whose values are held for so many steps each."""

    n: Fraction
    body: Tree

    @property
    def length(self) -> Fraction:
        """That of the tree."""
        return self.body.length


Tree = Line | Sequence | Sides | Repeat | Until | Skip | Every


def value(tree: Tree, x: Fraction, t: int, prev: Find, next: Find) -> Fraction:
    """The value at step t of a tree that starts at the exact position x.

    Args:
        tree: the tree.
        x: where it starts, counted from the start of the schedule.
        t: a step in it, or the step of its end, which gives its end value.
        prev: gives what comes before it.
        next: gives what follows it.
    """
    if half_up(x) == half_up(x + tree.length):  # without any part, the value stays what it was
        return prev()
    if isinstance(tree, Line):
        return _line(tree, x, t, prev, next)
    if isinstance(tree, Sequence):
        return _sequence(tree, x, t, prev, next)
    if isinstance(tree, Sides):
        if tree.over:
            (body,) = tree.sides
            return value(body, x, min(t, half_up(x + body.length)), prev, next)
        found, *others = (_side(side, x, t, prev, next) for side in tree.sides)
        for other in others:
            found = combined(tree.op, found, other)
        return found
    if isinstance(tree, Until):
        return value(tree.body, x, t, prev, next)
    if isinstance(tree, Skip):
        return value(tree.body, x - tree.n, t, prev, next)
    if isinstance(tree, Every):
        if t != half_up(x + tree.length):  # at its end it has the end value of the tree
            m = int((t + 1 - half_up(x)) / tree.n) + 1
            while half_up(x + m * tree.n) > t:
                m -= 1
            t = half_up(x + m * tree.n)
        return value(tree.body, x, t, prev, next)
    if tree.stretch == 1:
        k = math.ceil((t + Fraction(1, 2) - x) / tree.body.length) - 1
    else:
        k = max(k for k in range(tree.times) if half_up(x + tree.start(k)) <= t)
    assert half_up(x + tree.start(k)) <= t
    assert t < half_up(x + tree.start(k + 1)) or k == tree.times - 1
    k = min(k, tree.times - 1)
    if t == half_up(x + tree.length) == half_up(x + tree.start(k)):  # its end
        k -= 1
    body = scaled(tree.body, tree.stretch**k)
    return tree.decay**k * value(body, x + tree.start(k), t, prev, next)


def _side(side: Tree, x: Fraction, t: int, prev: Find, next: Find) -> Fraction:
    stop = half_up(x + side.length)
    if stop == half_up(x):
        return _ended(side, x, stop, prev, next)
    return value(side, x, min(t, stop), prev, next)


def _ended(tree: Tree, x: Fraction, t: int, prev: Find, next: Find) -> Fraction:
    """The value at step t of a side that owns no step and ends there, or of what is inside it."""
    if half_up(x) < half_up(x + tree.length):  # all but the end of it is cut or skipped
        return value(tree, x, t, prev, next)
    if isinstance(tree, Line):
        end = tree.end if tree.gamma is None else tree.start
        word = {"prev": prev, "next": next}
        return _found(tree, x, end, word[end]) if isinstance(end, str) else end
    if isinstance(tree, Sequence):
        before = sum((part.length for part in tree.parts[:-1]), Fraction())
        return _ended(tree.parts[-1], x + before, t, prev, next)
    if isinstance(tree, Sides):
        found, *others = (_ended(side, x, t, prev, next) for side in tree.sides)
        for other in others:
            found = combined(tree.op, found, other)
        return found
    if isinstance(tree, Repeat):
        times = 1 if tree.over else tree.times
        return tree.decay ** (times - 1) * _ended(tree.body, x, t, prev, next)
    return _ended(tree.body, x - (tree.n if isinstance(tree, Skip) else 0), t, prev, next)


def combined(op: str, one: Fraction, other: Fraction) -> Fraction:
    """Two values under an operator."""
    return {"max": max(one, other), "*": one * other, "min": min(one, other)}[op]


def scaled(tree: Tree, by: Fraction) -> Tree:
    """The tree with every length in it multiplied."""
    if by == 1:
        return tree
    if isinstance(tree, Line):
        return replace(tree, length=tree.length * by, every=tree.every * by)
    if isinstance(tree, Sequence):
        return Sequence(tuple(scaled(part, by) for part in tree.parts))
    if isinstance(tree, Sides):
        return Sides(tree.op, tuple(scaled(side, by) for side in tree.sides), tree.over * by)
    if isinstance(tree, Repeat):
        return replace(tree, body=scaled(tree.body, by), over=tree.over * by)
    return replace(tree, body=scaled(tree.body, by), n=tree.n * by)


def _line(line: Line, x: Fraction, t: int, prev: Find, next: Find) -> Fraction:
    words = {"prev": prev, "next": next}
    first = half_up(x)
    n = half_up(x + line.length) - first
    start, end = (
        _found(line, x, v, words[v]) if isinstance(v, str) else v for v in (line.start, line.end)
    )
    if line.gamma is not None:
        return start * Fraction(line.gamma ** Fraction(t - first, half_up(line.every)))
    return start + (end - start) * Fraction(t - first, n)


# The words that are being looked for: of which line, where it starts, and which.
_sought: set[tuple[Line, Fraction, str]] = set()


def _found(line: Line, x: Fraction, word: str, find: Find) -> Fraction:
    key = (line, x, word)
    if key in _sought:
        raise Circle
    _sought.add(key)
    try:
        return find()
    finally:
        _sought.discard(key)


def _sequence(tree: Sequence, x: Fraction, t: int, prev: Find, next: Find) -> Fraction:
    owners = []
    for part in tree.parts:
        if half_up(x) < half_up(x + part.length):  # others are removed
            owners.append((x, part))
        x += part.length
    if not owners:
        return prev()
    here = max(i for i, (start, _) in enumerate(owners) if half_up(start) <= t)
    start, part = owners[here]

    def before() -> Fraction:
        return _end(owners, here - 1, prev, next)

    def after() -> Fraction:
        return _start(owners, here + 1, prev, next)

    return value(
        part, start, t, before if here else prev, after if here < len(owners) - 1 else next
    )


Owners = list[tuple[Fraction, Tree]]


def _end(owners: Owners, i: int, prev: Find, next: Find) -> Fraction:
    start, part = owners[i]
    return value(
        part,
        start,
        half_up(start + part.length),
        (lambda: _end(owners, i - 1, prev, next)) if i else prev,
        lambda: _start(owners, i + 1, prev, next),
    )


def _start(owners: Owners, i: int, prev: Find, next: Find) -> Fraction:
    start, part = owners[i]
    return value(
        part,
        start,
        half_up(start),
        lambda: _end(owners, i - 1, prev, next),
        (lambda: _start(owners, i + 1, prev, next)) if i < len(owners) - 1 else next,
    )


def text(tree: Tree) -> str:
    """The program, with a step to the epoch."""
    if isinstance(tree, Line):
        start, end = (str(v) if isinstance(v, str) else _number(v) for v in (tree.start, tree.end))
        n = written(tree.length)
        if tree.gamma is not None:
            return f"exponential({_number(tree.gamma)}, length = {n}, start = {start})"
        return f"linear({n}, {start}, {end})"
    if isinstance(tree, Sequence):
        return " >> ".join(text(part) for part in tree.parts)
    if isinstance(tree, Sides):
        if tree.over:
            return f"over({written(tree.over)}, {text(tree.sides[0])})"
        if tree.op == "*":
            return f"({text(tree.sides[0])}) * ({text(tree.sides[1])})"
        return f"{tree.op}({', '.join(map(text, tree.sides))})"
    if isinstance(tree, Until | Skip | Every):
        return f"{type(tree).__name__.lower()}({written(tree.n)}, {text(tree.body)})"
    body, more = text(tree.body), f"decay = {float(tree.decay)}"
    if tree.stretch != 1:
        more = f"stretch = {float(tree.stretch)}, {more}"
    if tree.over:
        return f"over({written(tree.over)}, repeat({body}, {more}))"
    return f"repeat({body}, {tree.times}, {more})"


def written(length: Fraction) -> str:
    """An exact length, in epochs of one step."""
    return f"{length.numerator}ep / {length.denominator}"


def _number(value: Fraction) -> str:
    return f"({value.numerator} / {value.denominator})"
