"""The language, read a second time: slow and plain, from docs/reference/ alone.

``curves(text, ...)`` lays a text out for a run and evaluates its schedules step by step. Positions
are exact fractions; a boundary is the whole step nearest to its position, half up. It shares no
code with lrdsl; the library's shapes are read from the text of ``prelude.lrs``.

Left out: metrics and events (``plateau``, ``adaptive``, ``signal``, ``stalled``, ``below``,
``above``), ``own``, captures, clocks, tables of the size of a step, and what a product of two rates
is. Texts with these raise ``Left``; what the page refuses raises ``Refused``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from tests.second.ends import is_exactly
from tests.second.syntax import Definition, Left, Refused, Statements, Tree, literal, read
from tests.second.values import (
    NOWHERE,
    SCHEDULES,
    WORDS,
    Closure,
    Env,
    Function,
    Known,
    Length,
    Names,
    Number,
    divide,
    has_unit,
    number,
    of_15_digits,
    parameters,
    scope_of,
    whole,
)

HALF = Fraction(1, 2)
# Of a `repeat`, so many cycles are searched for circles and checked.
CYCLES = 64
# Where a shape may be exactly one of its parameters: t, length, u and v.
PLACES = {"start": (0, 1000, 0, 1), "end": (1000, 1000, 1, 0), "alone": (0, 0, 1, 0)}

Mentions = frozenset[tuple[Any, str]]


def nearest(position: Fraction) -> int:
    """The whole step nearest to a position, half up."""
    return math.floor(position + HALF)


class Context(NamedTuple):
    """What lengths are relative to: the enclosing length, and how often cycles stretch them."""

    enclosing: Fraction | None
    stretched: Fraction = Fraction(1)
    shares: Fraction = Fraction(1)
    # Where the enclosing length ends, to which a `rest` in an `until` reaches.
    end: Fraction | None = None

    def exact(self, length: Length) -> Fraction:
        if length.rest:
            raise Refused("rest where a length has to be known")
        found = length.steps * self.stretched
        if length.share:
            if self.enclosing is None:
                raise Refused("a percentage without an enclosing length")
            found += length.share * self.enclosing * self.shares
        if found < 0:
            raise Refused("a length below 0")
        return found


# ----------------------------------------------------------------- what is written


class Node:
    """A schedule as written, once definitions are expanded."""


class Shape(Node):
    def __init__(self, definition: Definition, env: Env, names: Names) -> None:
        self.definition, self.env = definition, env
        self.length = shape_length(definition, env, names)
        # A bare number counts whole steps, also in a part that is removed in this run.
        for bound in env.values():
            if isinstance(bound, Closure) and has_unit(bound.tree) and bound.tree[0] == "items":
                for item in bound.tree[1:]:
                    if item[0] == "number" and not item[2]:
                        whole(item[1])
        # What it is exactly at each of `PLACES`, once that is known.
        self.exact: dict[str, str | None] = {}


class Held(Node):
    """A number as a side of an operator."""

    def __init__(self, tree: Tree, env: Env) -> None:
        self.tree, self.env = tree, env


class Sequence(Node):
    def __init__(self, items: list[Node]) -> None:
        self.items = items
        # What is left of it where no item owns a step: its value is what it was before.
        self.stay = Held(("name", "prev"), {})


class Pointwise(Node):
    def __init__(self, sign: str, sides: list[Node]) -> None:
        self.sign, self.sides = sign, sides


class Around(Node):
    """`over`, `until`, `skip` or `every`: a length and a schedule."""

    def __init__(self, word: str, length: Length, body: Node) -> None:
        self.word, self.length, self.body = word, length, body
        if length.rest and word != "over":
            raise Refused(f"rest as the length of {word}")


class Repeat(Node):
    def __init__(self, body: Node, times: int | None, stretch: Number, decay: Number) -> None:
        self.body, self.times = body, times
        self.stretch, self.decay = Fraction(stretch), decay
        if self.stretch <= 0 or decay < 0 or (times is not None and times < 1):
            raise Refused("a repeat with such numbers")
        if times is None and is_rest(body):
            raise Refused("a repeat with a rest needs times")


def shape_length(definition: Definition, env: Env, names: Names) -> Length:
    bound = env["length"]
    assert isinstance(bound, Closure)
    return names.length(*bound)


def is_rest(node: Node) -> bool:
    """Whether a schedule takes what the others of its sequence leave over."""
    if isinstance(node, Shape):
        return node.length.rest
    if isinstance(node, Sequence):
        rests = sum(map(is_rest, node.items))
        if rests > 1:
            raise Refused("two parts that are rest")
        return rests == 1
    if isinstance(node, Pointwise):
        return all(is_rest(side) for side in node.sides if not isinstance(side, Held))
    if isinstance(node, Repeat):
        return node.times is None or is_rest(node.body)
    assert isinstance(node, Around)
    if node.word == "over":
        return node.length.rest
    return node.word != "until" and is_rest(node.body)


class Writer:
    """Expands a text into nodes."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def schedule(self, tree: Tree, env: Env) -> Sequence:
        """A schedule is a sequence, also of one part. A sequence in a sequence is one."""
        items: list[Node] = []
        for part in tree[1:] if tree[0] == "sequence" else [tree]:
            node = self.node(part, env)
            items += node.items if isinstance(node, Sequence) else [node]
        return Sequence(items)

    def node(self, tree: Tree, env: Env) -> Node:
        kind = tree[0]
        if not self.names.is_schedule(tree, env):
            raise Refused("a number where a schedule is meant")
        if kind == "sequence":
            return self.schedule(tree, env)
        if kind == "group":
            return self.node(tree[1], env)
        if kind == "negative":
            return Pointwise("negative", [self.side(tree[1], env)])
        if kind == "binary":
            if tree[1] not in "+-*/":
                raise Refused(f"{tree[1]} between schedules")
            return Pointwise(tree[1], [self.side(side, env) for side in tree[2:]])
        if kind == "name":
            bound = self.names.find(tree[1], env)
            if isinstance(bound, Closure):
                return self.node(*bound)
            assert isinstance(bound, Definition)
            return self.defined(bound, (), env)
        return self.call(tree, env)

    def side(self, tree: Tree, env: Env) -> Node:
        if self.names.is_schedule(tree, env):
            return self.schedule(tree, env)
        return Held(tree, env)

    def call(self, tree: Tree, env: Env) -> Node:
        callee = self.names.callee(tree[1], env)
        given = tree[2]
        if isinstance(callee, Definition):
            return self.defined(callee, given, env)
        if isinstance(callee, Function):
            return Pointwise(callee.name, [self.side(argument, env) for _, argument in given])
        if callee == "if":
            taken = 1 if self.names.value(given[0][1], env, NOWHERE) else 2
            return self.node(given[taken][1], env)
        assert callee in SCHEDULES
        bound = self.names.bind(self.names.definitions[callee], given, env)
        return self.repeat(bound) if callee == "repeat" else self.around(callee, bound)

    def defined(
        self, definition: Definition, given: tuple[tuple[str | None, Tree], ...], env: Env
    ) -> Node:
        if definition.shape:
            return Shape(definition, self.names.bind(definition, given, env), self.names)
        return self.node(*self.names.expand(definition, given, env))

    def around(self, word: str, bound: Env) -> Node:
        length, body = bound["length"], bound["schedule"]
        assert isinstance(length, Closure) and isinstance(body, Closure)
        if word == "until" and length.tree[0] == "call":
            self.names.callee(length.tree[1], length.env)
        return Around(word, self.names.length(*length), self.schedule(*body))

    def repeat(self, bound: Env) -> Node:
        body, times, stretch, decay = (
            bound[name] for name in ("schedule", "times", "stretch", "decay")
        )
        assert isinstance(body, Closure) and isinstance(times, Closure)
        assert isinstance(stretch, Closure) and isinstance(decay, Closure)
        found = self.names.measure(*times)
        if isinstance(found, Length) and not found.rest:
            raise Refused("a length as times")
        return Repeat(
            self.schedule(*body),
            None if isinstance(found, Length) else whole(found),
            self.names.value(*stretch, NOWHERE),
            self.names.value(*decay, NOWHERE),
        )


# ----------------------------------------------------------------- exact lengths


def size(node: Node, start: Fraction | None, context: Context) -> Fraction:
    """The exact length of what is not `rest`. A start that only a `rest` decides is None."""
    if isinstance(node, Shape):
        return context.exact(node.length)
    if isinstance(node, Sequence):
        total = Fraction(0)
        for item in node.items:
            total += size(item, None if start is None else start + total, context)
        return total
    if isinstance(node, Pointwise):
        lengths = [
            size(side, start, context)
            for side in node.sides
            if not isinstance(side, Held) and not is_rest(side)
        ]
        return max(lengths)
    if isinstance(node, Repeat):
        assert node.times is not None
        cycle = size(node.body, start, context._replace(end=None))
        if node.times > 10**6 and node.stretch != 1:
            raise Left("so many cycles of different lengths")
        return cycle * geometric(node.stretch, node.times)
    assert isinstance(node, Around)
    return size_around(node, start, context)


def size_around(node: Around, start: Fraction | None, context: Context) -> Fraction:
    length = context.exact(node.length)
    if node.word == "over":
        return length
    if node.word == "until":
        inner = size_in_until(node.body, start, context)
        return length if inner is None else min(length, inner)
    if node.word == "every":
        return size(node.body, start, context)
    inner = size(node.body, None if start is None else start - length, context)
    if length > inner:
        raise Refused("a skip of more than there is")
    return inner - length


def size_in_until(body: Node, start: Fraction | None, context: Context) -> Fraction | None:
    """The length of what an `until` cuts, or None without an end."""
    if not is_rest(body):
        return size(body, start, context)
    if start is None:
        raise Refused("a second rest, in an until")
    if context.end is None:
        return None
    if context.end < start:
        raise Refused("parts that are too long for their room")
    return context.end - start


def geometric(ratio: Fraction, count: int) -> Fraction:
    """1 + s + … + s^(n-1)."""
    return Fraction(count) if ratio == 1 else (ratio**count - 1) / (ratio - 1)


# ----------------------------------------------------------------- what is laid out


class Edge:
    """What comes before the first part and after the last: `base`."""

    def __init__(self, base: Number | None) -> None:
        self.base = base

    def value(self) -> Number:
        if self.base is None:
            raise Refused("a scalar has no base")
        return self.base

    def mentions(self) -> Mentions:
        return frozenset()


class Beside:
    """What `prev` or `next` means in an item of a sequence: its neighbor that owns a step."""

    def __init__(self, sequence: LaidSequence, index: int, sense: int) -> None:
        self.sequence, self.index, self.sense = sequence, index, sense

    def neighbor(self) -> Laid | Neighbor:
        at = self.index + self.sense
        while 0 <= at < len(self.sequence.items):
            if self.sequence.items[at].owns:
                return self.sequence.items[at]
            at += self.sense
        return self.sequence.around[0 if self.sense < 0 else 1]

    def value(self) -> Number:
        found = self.neighbor()
        if not isinstance(found, Laid):
            return found.value()
        return found.end() if self.sense < 0 else found.value(found.first)

    def mentions(self) -> Mentions:
        found = self.neighbor()
        if not isinstance(found, Laid):
            return found.mentions()
        return found.mentions_end() if self.sense < 0 else found.mentions(found.first)


Neighbor = Edge | Beside


class Layout(NamedTuple):
    """What all parts of one schedule share."""

    names: Names
    base: Number | None
    circles: set[tuple[Node, str]]


class Laid:
    """A schedule at its exact place. Its last step is None if it has no end."""

    def __init__(self, layout: Layout, start: Fraction, length: Fraction | None) -> None:
        self.layout, self.start, self.length = layout, start, length
        self.first = nearest(start)
        self.last = None if length is None else nearest(start + length)

    @property
    def owns(self) -> bool:
        return self.last is None or self.first < self.last

    def over(self, step: int) -> bool:
        return self.last is not None and step >= self.last

    def value(self, step: int) -> Number:
        raise NotImplementedError

    def end(self) -> Number:
        raise NotImplementedError

    def mentions(self, step: int) -> Mentions:
        raise NotImplementedError

    def mentions_end(self) -> Mentions:
        raise NotImplementedError

    def parts(self) -> Iterator[LaidPart]:
        raise NotImplementedError


class LaidPart(Laid):
    """A shape, or a number as a side: what words are in."""

    node: Node
    around: tuple[Neighbor, Neighbor]

    def word(self, name: str) -> Number:
        if name == "base" or (self.node, name) in self.layout.circles:
            if self.layout.base is None:
                raise Refused("a scalar has no base")
            return self.layout.base
        return self.around[WORDS.index(name)].value()

    def links(self) -> Iterator[tuple[tuple[Node, str], Mentions]]:
        """What each word that the part mentions depends on."""
        for word in sorted(self.all_words()):
            yield (self.node, word), self.around[WORDS.index(word)].mentions()

    def all_words(self) -> frozenset[str]:
        raise NotImplementedError

    def check(self) -> None:
        raise NotImplementedError

    def words_to_mentions(self, words: frozenset[str]) -> Mentions:
        return frozenset((self.node, word) for word in words)

    def parts(self) -> Iterator[LaidPart]:
        yield self


class LaidNumber(LaidPart):
    node: Held

    def value(self, step: int) -> Number:
        found = self.layout.names.value(self.node.tree, self.node.env, self)
        if isinstance(found, bool | list | Function):
            raise Refused("no number")
        assert isinstance(found, Fraction | float)
        return found

    def end(self) -> Number:
        return self.value(self.first)

    def all_words(self) -> frozenset[str]:
        return self.layout.names.mentioned(self.node.tree, self.node.env)

    def mentions(self, step: int) -> Mentions:
        return self.words_to_mentions(self.all_words())

    def mentions_end(self) -> Mentions:
        return self.mentions(self.first)

    def check(self) -> None:
        self.value(self.first)


class LaidShape(LaidPart):
    node: Shape

    def begin(self, context: Context) -> None:
        self.context = context
        self.arguments: Env | None = None
        if self.last is None and needs_end(self.node.definition.body, self.layout.names):
            raise Refused("a part without an end whose formula needs one")

    def argument(self, name: str) -> Closure:
        bound = self.node.env[name]
        assert isinstance(bound, Closure)
        return bound

    def known(self) -> Env:
        """The arguments as the formula sees them."""
        if self.arguments is None:
            names = self.layout.names
            self.arguments = {
                p.name: Known(self.evaluated(p.name, names.kind(p)))
                for p in parameters(self.node.definition)
                if p.name != "length"
            }
        return self.arguments

    def evaluated(self, name: str, kind: str) -> Any:
        names, bound = self.layout.names, self.argument(name)
        if kind == "function":
            function = names.function(bound)
            if function is None:
                raise Refused(f"{name} takes a function")
            return function
        if kind == "steps":
            return self.rounded(names.length(*bound))
        if kind == "[steps]":
            return [self.rounded(length) for length in names.lengths(*bound)]
        found = names.value(*bound, self)
        if kind == "[number]":
            return [of_15_digits(value) for value in found]
        if kind == "truth":
            return bool(found)
        if isinstance(found, bool | list | Function):
            raise Refused(f"{name} takes a number")
        return of_15_digits(found)

    def rounded(self, length: Length) -> Fraction:
        return Fraction(nearest(self.context.exact(length)))

    def formula(self, t: int) -> Number:
        steps = None if self.last is None else self.last - self.first
        env: Env = {"t": Known(Fraction(t))}
        if steps is not None:
            u = Fraction(t, steps) if steps else Fraction(1)
            env |= {"length": Known(Fraction(steps)), "u": Known(u), "v": Known(1 - u)}
        env |= self.known() | scope_of(self.node.env)
        names = self.layout.names
        found = number(lambda: names.value(self.node.definition.body, env, self), [])
        if isinstance(found, bool | list | Function):
            raise Refused("a formula that is no number")
        if not math.isfinite(found):
            raise Refused("a curve that is not finite")
        assert isinstance(found, Fraction | float)
        return found

    def exactly(self, at: str) -> str | None:
        """The parameter that the formula is at an end, if it is one whatever the others are."""
        if at not in self.node.exact:
            place = dict(zip(("t", "length", "u", "v"), PLACES[at], strict=True))
            names, definition = self.layout.names, self.node.definition
            self.node.exact[at] = next(
                (
                    parameter
                    for parameter in ("value", "start" if at == "start" else "end")
                    if is_exactly(names, definition, parameter, place)
                ),
                None,
            )
        return self.node.exact[at]

    def at(self, end: str, t: int) -> Number:
        parameter = self.exactly(end)
        if parameter is None:
            return self.formula(t)
        found = self.layout.names.value(*self.argument(parameter), self)
        assert isinstance(found, Fraction | float)
        return found

    def value(self, step: int) -> Number:
        if self.over(step):
            return self.end()
        return self.at("start", 0) if step <= self.first else self.formula(step - self.first)

    def end(self) -> Number:
        if self.last is None:
            raise Refused("the end of a part without an end")
        return self.at("end" if self.owns else "alone", self.last - self.first)

    def all_words(self) -> frozenset[str]:
        names = self.layout.names
        return written_in(self.node.definition.body).union(
            *(
                names.mentioned(*self.argument(p.name))
                for p in parameters(self.node.definition)
                if names.kind(p) not in ("function", "steps", "[steps]")
            )
        )

    def mentioned_at(self, end: str) -> Mentions:
        parameter = self.exactly(end)
        words = (
            self.layout.names.mentioned(*self.argument(parameter))
            if parameter
            else self.all_words()
        )
        return self.words_to_mentions(words)

    def mentions(self, step: int) -> Mentions:
        if self.over(step):
            return self.mentions_end()
        if step <= self.first:
            return self.mentioned_at("start")
        return self.words_to_mentions(self.all_words())

    def mentions_end(self) -> Mentions:
        return self.mentioned_at("end" if self.owns else "alone")

    def check(self) -> None:
        names = self.layout.names
        steps = None if self.last is None else Fraction(self.last - self.first)
        env = (
            self.known()
            | scope_of(self.node.env)
            | ({} if steps is None else {"length": Known(steps)})
        )
        for guard in self.node.definition.guards:
            if not number(lambda guard=guard: names.value(guard, env, NOWHERE), []):
                raise Refused(f"a guard of {self.node.definition.name}")


class LaidSequence(Laid):
    items: list[Laid]
    around: tuple[Neighbor, Neighbor]

    def place(self, node: Sequence, context: Context, *, alone: bool) -> None:
        """Lays out the items. ``alone``: a side of an operator has a value without a step."""
        self.items = []
        self.alone = alone and not self.owns
        rooms = list(self.rooms(node, context))
        for index, (item, start, length) in enumerate(rooms[-1:] if self.alone else rooms):
            around = (
                self.around if self.alone else (Beside(self, index, -1), Beside(self, index, 1))
            )
            # What is removed is not laid out.
            laid = Laid(self.layout, start, length)
            if laid.owns or self.alone:
                laid = lay(item, self.layout, start, length, context, around, alone=self.alone)
            self.items.append(laid)
        self.live = self.items if self.alone else [item for item in self.items if item.owns]
        if not self.live:
            # The value stays what it was before, as with `const`.
            self.live = [
                lay(node.stay, self.layout, self.start, None, context, self.around, alone=True)
            ]

    def rooms(
        self, node: Sequence, context: Context
    ) -> Iterator[tuple[Node, Fraction, Fraction | None]]:
        """Where each item starts, and its exact length; `rest` is what the others leave over."""
        lengths: list[Fraction | None] = []
        at: Fraction | None = self.start
        for item in node.items:
            if is_rest(item):
                lengths.append(None)
                at = None
            else:
                length = size(item, at, context)
                lengths.append(length)
                at = None if at is None else at + length
        known = sum((length for length in lengths if length is not None), Fraction(0))
        room = None if self.length is None else self.length - known
        if room is not None and room < 0 and any(length is None for length in lengths):
            raise Refused("parts that are too long for their room")
        if room is None and None in lengths and lengths[-1] is not None:
            raise Refused("a part that can never start")
        start = self.start
        for item, own in zip(node.items, lengths, strict=True):
            given = room if own is None else own
            yield item, start, given
            start += given or 0

    def value(self, step: int) -> Number:
        for item in self.live:
            if not item.over(step):
                return item.value(step)
        return self.live[-1].end()

    def end(self) -> Number:
        return self.live[-1].end()

    def mentions(self, step: int) -> Mentions:
        for item in self.live:
            if not item.over(step):
                return item.mentions(step)
        return self.live[-1].mentions_end()

    def mentions_end(self) -> Mentions:
        return self.live[-1].mentions_end()

    def parts(self) -> Iterator[LaidPart]:
        for item in self.live:
            yield from item.parts()


POINTWISE: dict[str, Callable[..., Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": divide,
    "min": min,
    "max": max,
    "negative": lambda a: -a,
}


class LaidPointwise(Laid):
    sign: str
    sides: list[Laid]

    def value(self, step: int) -> Number:
        return self.combined([side.value(step) for side in self.sides])

    def end(self) -> Number:
        return self.combined([self.side_at_end(side).end() for side in self.sides])

    def side_at_end(self, side: Laid) -> Laid:
        return side

    def combined(self, values: list[Number]) -> Number:
        found = POINTWISE[self.sign](*values)
        assert isinstance(found, Fraction | float)
        return found

    def mentions(self, step: int) -> Mentions:
        return frozenset().union(*(side.mentions(step) for side in self.sides))

    def mentions_end(self) -> Mentions:
        return frozenset().union(*(side.mentions_end() for side in self.sides))

    def parts(self) -> Iterator[LaidPart]:
        for side in self.sides:
            yield from side.parts()


class LaidOver(Laid):
    """`over` and `skip`: the values of the schedule inside, which may end sooner."""

    body: Laid

    def value(self, step: int) -> Number:
        return self.body.value(step)

    def end(self) -> Number:
        return self.body.end()

    def mentions(self, step: int) -> Mentions:
        return self.body.mentions(step)

    def mentions_end(self) -> Mentions:
        return self.body.mentions_end()

    def parts(self) -> Iterator[LaidPart]:
        yield from self.body.parts()


class LaidUntil(LaidOver):
    """`until`: what is inside runs on; its end is the value at the step of the cut."""

    def value(self, step: int) -> Number:
        return self.end() if self.over(step) else self.body.value(step)

    def end(self) -> Number:
        assert self.last is not None
        return self.body.value(self.last)

    def mentions(self, step: int) -> Mentions:
        return self.mentions_end() if self.over(step) else self.body.mentions(step)

    def mentions_end(self) -> Mentions:
        assert self.last is not None
        return self.body.mentions(self.last)


class LaidEvery(LaidOver):
    stretch: Fraction

    def held(self, step: int) -> int:
        """The first step of the stretch of a step."""
        m = max(0, math.floor((step - self.start) / self.stretch) - 1)
        while nearest(self.start + (m + 1) * self.stretch) <= step:
            m += 1
        return nearest(self.start + m * self.stretch)

    def value(self, step: int) -> Number:
        return self.end() if self.over(step) else self.body.value(self.held(step))

    def mentions(self, step: int) -> Mentions:
        return self.mentions_end() if self.over(step) else self.body.mentions(self.held(step))


class LaidRepeat(Laid):
    node: Repeat
    context: Context
    around: tuple[Neighbor, Neighbor]
    alone: bool

    def begin(self) -> None:
        self.cycles: dict[int, LaidSequence] = {}
        self.shared = is_rest(self.node.body)
        times = self.node.times
        if self.shared:
            assert times is not None
            if self.length is None:
                raise Refused("cycles that share a room without an end")
            self.cycle = self.length / geometric(self.node.stretch, times)
        else:
            self.cycle = size(self.node.body, self.start, self.context._replace(end=None))
        if self.owns and min(self.cycle, self.cycle * self.node.stretch ** self.most()) < 1:
            raise Refused("a cycle of less than a step")

    def most(self) -> int:
        """The number of the last cycle, where cycles may get too short."""
        if self.node.stretch >= 1:
            return 0
        if self.node.times is not None:
            return self.node.times - 1
        k = 0
        while self.length is None or self.starts(k + 1) < self.start + self.length:
            k += 1
            if self.cycle * self.node.stretch**k < 1:
                break
        return k

    def starts(self, k: int) -> Fraction:
        return self.start + self.cycle * geometric(self.node.stretch, k)

    def number(self, step: int) -> int:
        """The cycle of a step: the last that starts at or before it."""
        k = 0
        if self.node.stretch == 1:
            k = max(0, math.floor((step - self.start) / self.cycle) - 1)
        while self.exists(k + 1) and nearest(self.starts(k + 1)) <= step:
            k += 1
        return k

    def exists(self, k: int) -> bool:
        if self.node.times is not None:
            return k < self.node.times
        return self.last is None or nearest(self.starts(k)) < self.last

    def laid(self, k: int) -> LaidSequence:
        if k not in self.cycles:
            by = self.node.stretch**k
            start, length = self.starts(k), self.cycle * by
            context = self.context._replace(
                stretched=self.context.stretched * by,
                shares=self.context.shares * by,
                end=start + length if self.shared else None,
            )
            laid = lay(
                self.node.body, self.layout, start, length, context, self.around, alone=self.alone
            )
            assert isinstance(laid, LaidSequence)
            self.cycles[k] = laid
        return self.cycles[k]

    def last_cycle(self) -> int:
        if self.last is None:
            raise Refused("the end of a repeat without an end")
        if not self.owns:
            return (self.node.times or 1) - 1
        return self.number(self.last - 1)

    def lowered(self, value: Number, k: int) -> Number:
        return float(value) * float(self.node.decay) ** k

    def value(self, step: int) -> Number:
        if self.over(step):
            return self.end()
        k = self.number(step)
        return self.lowered(self.laid(k).value(step), k)

    def end(self) -> Number:
        k = self.last_cycle()
        assert self.last is not None
        laid = self.laid(k)
        return self.lowered(laid.end() if laid.over(self.last) else laid.value(self.last), k)

    def mentions(self, step: int) -> Mentions:
        if self.over(step):
            return self.mentions_end()
        return self.laid(self.number(step)).mentions(step)

    def mentions_end(self) -> Mentions:
        laid = self.laid(self.last_cycle())
        assert self.last is not None
        return laid.mentions_end() if laid.over(self.last) else laid.mentions(self.last)

    def parts(self) -> Iterator[LaidPart]:
        for k in range(CYCLES):
            if k and not self.exists(k):
                return
            yield from self.laid(k).parts()


def lay(
    node: Node,
    layout: Layout,
    start: Fraction,
    length: Fraction | None,
    context: Context,
    around: tuple[Neighbor, Neighbor],
    *,
    alone: bool,
) -> Laid:
    """Lays a schedule out at its exact place. ``alone``: it is in a side of an operator."""
    if isinstance(node, Held):
        held = LaidNumber(layout, start, length)
        held.node, held.around = node, around
        return held
    if isinstance(node, Shape):
        shape = LaidShape(layout, start, length)
        shape.node, shape.around = node, around
        shape.begin(context)
        return shape
    if isinstance(node, Sequence):
        sequence = LaidSequence(layout, start, length)
        sequence.around = around
        sequence.place(node, context, alone=alone)
        return sequence
    if isinstance(node, Pointwise):
        pointwise = LaidPointwise(layout, start, length)
        pointwise.sign = node.sign
        pointwise.sides = []
        for side in node.sides:
            own = length if isinstance(side, Held) or is_rest(side) else size(side, start, context)
            pointwise.sides.append(lay(side, layout, start, own, context, around, alone=True))
        return pointwise
    if isinstance(node, Repeat):
        repeat = LaidRepeat(layout, start, length)
        repeat.node, repeat.context, repeat.around = node, context, around
        repeat.alone = alone
        repeat.begin()
        return repeat
    assert isinstance(node, Around)
    return lay_around(node, layout, start, length, context, around, alone=alone)


def lay_around(
    node: Around,
    layout: Layout,
    start: Fraction,
    length: Fraction | None,
    context: Context,
    around: tuple[Neighbor, Neighbor],
    *,
    alone: bool,
) -> Laid:
    kinds = {"over": LaidOver, "until": LaidUntil, "skip": LaidOver, "every": LaidEvery}
    laid: LaidOver = kinds[node.word](layout, start, length)
    at, inner = start, length
    if node.word == "over":
        end = None if length is None else start + length
        context = context._replace(enclosing=length, shares=Fraction(1), end=end)
        if not is_rest(node.body):
            inner = size(node.body, start, context)
            if length is not None and inner > length:
                raise Refused("a schedule longer than its over")
    elif node.word == "until":
        inner = size_in_until(node.body, start, context)
    elif node.word == "skip":
        at = start - context.exact(node.length)
        if is_rest(node.body):
            inner = None if length is None else length + (start - at)
        else:
            inner = size(node.body, at, context)
    else:
        assert isinstance(laid, LaidEvery)
        laid.stretch = context.exact(node.length)
        if laid.stretch < 1:
            raise Refused("an every of less than a step")
    alone = alone and not laid.owns
    laid.body = lay(node.body, layout, at, inner, context, around, alone=alone)
    return laid


# ----------------------------------------------------------------- formulas


def needs_end(tree: Tree, names: Names) -> bool:
    """Whether a formula uses `length`, `u` or `v`."""
    if tree[0] == "name":
        return tree[1] in ("length", "u", "v")
    if tree[0] == "call":
        return any(needs_end(argument, names) for _, argument in tree[2])
    return any(isinstance(item, tuple) and needs_end(item, names) for item in tree[1:])


def written_in(tree: Tree) -> frozenset[str]:
    """The words `prev` and `next` in a formula itself."""
    if tree[0] == "name":
        return frozenset(word for word in WORDS if tree[1] == word)
    inner = [item for _, item in tree[2]] if tree[0] == "call" else tree[1:]
    return frozenset().union(*(written_in(item) for item in inner if isinstance(item, tuple)))


# ----------------------------------------------------------------- the run, and the whole


class Curve:
    """The schedule of one target, for a run."""

    def __init__(
        self, names: Names, body: Tree, total: Fraction | None, base: Number | None
    ) -> None:
        node = Writer(names).schedule(body, {})
        context = Context(total, end=total)
        length = total if is_rest(node) else size(node, Fraction(0), context)
        self.layout = Layout(names, base, set())
        edge = Edge(base)
        laid = lay(node, self.layout, Fraction(0), length, context, (edge, edge), alone=False)
        self.laid = laid
        self.layout.circles.update(circles(laid))
        # What is longer than the run goes on after it; the run takes no step there.
        self.length = laid.last

    def value(self, step: int) -> float:
        """The value of the update with this index. After the end it is held."""
        return float(self.laid.value(step))

    def check(self) -> None:
        """Raises Refused where a guard does not hold, or a scalar needs a base."""
        for part in self.laid.parts():
            part.check()
        self.value(0)

    def lowest(self) -> float:
        """The lowest of the first 2,000 values."""
        end = 2000 if self.length is None else min(self.length, 2000)
        return min(self.value(step) for step in range(end + 1))

    def boundaries(self) -> list[int]:
        """The steps at which parts start or end, those of the first cycles included."""
        found = {0}
        for part in self.laid.parts():
            found |= {part.first, *([] if part.last is None else [part.last])}
        return sorted(step for step in found if step >= 0)


def circles(laid: Laid) -> set[tuple[Node, str]]:
    """The words that lead back to themselves."""
    links: dict[tuple[Node, str], set[tuple[Node, str]]] = {}
    for part in laid.parts():
        for word, mentions in part.links():
            links.setdefault(word, set()).update(mentions)
    return {word for word in links if word in reached(links, word)}


def reached(
    links: dict[tuple[Node, str], set[tuple[Node, str]]], word: tuple[Node, str]
) -> set[tuple[Node, str]]:
    found: set[tuple[Node, str]] = set()
    waiting = list(links[word])
    while waiting:
        at = waiting.pop()
        if at not in found:
            found.add(at)
            waiting += links.get(at, ())
    return found


# ----------------------------------------------------------------- the run


def units(
    names: Names, program: Statements, given: dict[str, Fraction]
) -> tuple[dict[str, Fraction], Tree | None]:
    """How many steps each unit is, and the total that the text states."""
    total: Tree | None = None
    relations: list[tuple[str, str, Fraction]] = []
    for word, tree in program.run:
        if word.text == "clock" or tree[0] == "call":
            raise Left("a clock or a table")
        if word.text == "total":
            total = tree
            continue
        _, count, left = literal(word.text)
        right = unit_of(tree, names)
        names.units = {right: Fraction(1)}
        relations.append((left, right, names.length(tree, {}).steps / count))
    for unit in given:
        path = to_steps(unit, relations)
        if path is not None:
            relations.remove(path)
    found = {"st": Fraction(1), **given}
    for _ in relations:
        for left, right, factor in relations:
            if right in found and left not in found:
                found[left] = factor * found[right]
            elif left in found and right not in found:
                found[right] = found[left] / factor
    return found, total


def unit_of(tree: Tree, names: Names) -> str:
    """The one unit of a length; a bare number counts steps."""
    if tree[0] == "number":
        return str(tree[2] or "st")
    if tree[0] == "name":
        bound = names.find(tree[1], {})
        return unit_of(bound.tree, names) if isinstance(bound, Closure) else "st"
    items = [item for _, item in tree[2]] if tree[0] == "call" else tree[1:]
    inner = [unit_of(item, names) for item in items if isinstance(item, tuple)]
    return next((unit for unit in inner if unit != "st"), "st")


def to_steps(
    unit: str, relations: list[tuple[str, str, Fraction]]
) -> tuple[str, str, Fraction] | None:
    """The first relation on the way from a unit to steps."""
    for relation in relations:
        if unit in relation[:2]:
            other = relation[1] if relation[0] == unit else relation[0]
            others = [r for r in relations if r is not relation]
            if other == "st" or to_steps(other, others) is not None:
                return relation
    return None


def curves(
    text: str,
    *,
    total: Fraction | int | str | None = None,
    steps_per_epoch: Fraction | int | None = None,
    per_step: dict[str, Fraction | int] | None = None,
    base: Fraction | int = 1,
) -> dict[str, Curve]:
    """The schedules of a text, by target, laid out for a run.

    Raises:
        Refused: The page refuses it.
        Left: This reading leaves it out.
    """
    program = read(text)
    names = Names(program, {})
    given = {unit: 1 / Fraction(count) for unit, count in (per_step or {}).items()}
    if steps_per_epoch is not None:
        given["ep"] = Fraction(steps_per_epoch)
    names.units, stated = units(names, program, given)
    if isinstance(total, str):
        stated = read(total).targets[0].body
    elif total is not None:
        stated = ("number", Fraction(total), "st")
    length = None if stated is None else names.length(stated, {}).steps
    if not program.targets:
        raise Refused("a program without a schedule")
    found: dict[str, Curve] = {}
    for target in program.targets:
        name = target.name + (f"[{target.selector}]" if target.selector else "")
        if target.selector and "{" in target.selector:
            raise Left("a capture")
        body = target.body
        if not names.is_schedule(body, {}):
            body = ("call", "const", (("value", body),))
        found[name] = Curve(names, body, length, None if target.scalar else Fraction(base))
    return found
