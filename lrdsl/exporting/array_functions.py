"""Curves as functions of arrays of steps, which jax and keras can trace.

Every part is computed at all steps, and the one that counts is chosen. A step outside a part is
replaced by one inside it, so that no value and no slope is infinite. Steps stay whole numbers until
they are local, as float32 ends at 2^24.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from lrdsl.exporting.arranging import placed, tidied, unused
from lrdsl.exporting.curves import Chain, Curve, Cycles, Every, Grid, Leaf, Link, inside
from lrdsl.exporting.functions import (
    INDENT,
    LOCALS,
    WIDTH,
    Functions,
    clock_of,
    factor_of,
    identifier,
    indented,
)
from lrdsl.exporting.precision import longest, multiples, precise
from lrdsl.exporting.syntax import ATOM, Syntax
from lrdsl.formula.formula import Apply, Const, Formula, Var

_T = Var("t")
_OTHERS = {"min": "minimum", "max": "maximum", "log1p": "log1p"}
# Values without a step in them stay where they are used, if they are no longer than this.
_SHORT = 30
# The names of modules' own.
_TAKEN = ("jnp", "ops", "Array", "ArrayLike", "Any", "optimizers", "saving", "LearningRate")
# The steps of jax without 64 bits.
LARGEST = 2**31 - 1


class ArraySyntax(Syntax):
    """How formulas are written for an array library.

    Args:
        library: the name of its functions' module.
    """

    def __init__(self, library: str) -> None:
        super().__init__()
        self.library = library
        names = {**dict(zip(Syntax.functions, Syntax.functions, strict=True)), **_OTHERS}
        self.functions = {name: f"{library}.{called}" for name, called in names.items()}

    def power(self, base: Formula, exponent: Formula) -> tuple[str, int]:
        """A power whose exponent may be any number."""
        return self._called(f"{self.library}.power", (base, exponent)), ATOM

    def _power(self, base: Formula, exponent: Formula) -> tuple[str, int]:
        # So much of a high power of a float32 beside 1 would be its last digit.
        if isinstance(base, Const) and 0.5 < base.value < 2 and not isinstance(exponent, Const):
            self.used.add("math")
            logarithm = Var(f"math.log({self.number(base.value)})")
            return self.call("exp", (Apply.of("*", logarithm, exponent),))
        return super()._power(base, exponent)

    def call(self, op: str, args: tuple[Formula, ...]) -> tuple[str, int]:
        """A call of a function, or what stands for one."""
        match op, args:
            case "if", _:
                return self._called(f"{self.library}.where", args), ATOM
            case "interpolate", (t, *points):
                self.used.add(op)
                lists = [f"{self.library}.array({self.text(one)})" for one in points]
                return f"{self.library}.interp({', '.join([self.text(t), *lists])})", ATOM
            case "passed", (points, t):
                list_ = f"{self.library}.array({self.text(points)})"
                return f'{self.library}.searchsorted({list_}, {self.text(t)}, side="right")', ATOM
            case "pick", (items, place):
                values = items.args if isinstance(items, Apply) and items.op == "list" else ()
                text = self._list(map(self.real, values)) if values else self.text(items)
                list_ = f"{self.library}.array({text})"
                return f"{self.library}.take({list_}, {self.text(place)})", ATOM
            case (("min" | "max"), (first, second, *rest)) if rest:
                return self.call(op, (Apply.of(op, first, second), *rest))
        return super().call(op, args)

    def _operation(self, op: str, left: Formula, right: Formula) -> tuple[str, int]:
        # A product of whole numbers may be larger than 32 bits.
        if op == "*" and not self._in_whole and isinstance(left, Const) and self.is_whole(right):
            left = Var(self.number(left.value, real=True))
        inner, self._in_whole = self._in_whole, self._in_whole or op in {"//", "%"}
        found = super()._operation(op, left, right)
        self._in_whole = inner
        return found

    _in_whole = False


class ArrayFunctions(Functions):
    """Collects the functions of a module for an array library.

    Args:
        library: the name of its functions' module.
        kind: the type of its arrays.
        can_select: True to choose among parts by ``select``.
    """

    def __init__(self, library: str, kind: str, *, can_select: bool = True) -> None:
        super().__init__(_TAKEN, ArraySyntax(library))
        self._library, self._kind, self._can_select = library, kind, can_select

    def add(self, name: str, curve: Curve, about: str = "", *, takes_base: bool = False) -> str:
        """Adds the function of a curve; one with a docstring takes whatever the library does."""
        name = unused(name, self._names)
        step = "count: ArrayLike" if about else f"step: {self._kind}"
        parameters = f"{step}, base: float" if takes_base else step
        start = [f'"""{about}"""', "step = jnp.asarray(count)"] if about else []
        body = indented([*start, *self.body(curve)])
        lines = [f"def {name}({parameters}) -> {self._kind}:", *body]
        self.texts.append("\n".join(lines) + "\n")
        return name

    def body(self, curve: Curve) -> list[str]:
        """The lines that compute a curve at ``step``."""
        chain = curve if isinstance(curve, Chain) else Chain((Link("", None, 0, 0, curve),))
        return self._chain(chain, "step", 0)

    def _chain(self, chain: Chain, clock: str, shift: int) -> list[str]:
        taken, lines = set(LOCALS), list[str]()
        links = _without_repetitions(chain.links)
        if len(links) == 1:
            return self._only(links[0], taken)
        values, stops = list[str](), [link.first for link in links[1:]]
        for link, stop in zip(links, [*stops, None], strict=True):
            value, before = self._part(link, stop, taken)
            lines += before
            values.append(value)
        conditions = [f"step < {self.syntax.number(float(stop))}" for stop in stops]
        if self._can_select and len(stops) > 1:
            chosen = self._selected(conditions, values)
            if chosen and len(chosen) < len(stops):
                return [*lines, *chosen]
        value = values[-1]
        for condition, earlier in zip(reversed(conditions), reversed(values[:-1]), strict=True):
            lines.append(f"value = {self._library}.where({condition}, {earlier}, {value})")
            value = "value"
        return [*lines[:-1], lines[-1].replace("value =", "return", 1)]

    def _selected(self, conditions: list[str], values: list[str]) -> list[str]:
        """The choice among values as one call, divided as formatters do it; empty if too wide."""
        lists = [f"[{', '.join(conditions)}]", f"[{', '.join(values[:-1])}]", values[-1]]
        call, together = f"return {self._library}.select(", ", ".join(lists)
        if len(f"{call}{together})") <= WIDTH - len(INDENT):
            return [f"{call}{together})"]
        if len(together) <= WIDTH - 2 * len(INDENT):
            return [call, INDENT + together, ")"]
        if max(map(len, lists)) < WIDTH - 2 * len(INDENT):
            return [call, *[f"{INDENT}{one}," for one in lists], ")"]
        return []

    def _only(self, link: Link, taken: set[str]) -> list[str]:
        """The lines of a function that is one curve."""
        if isinstance(link.curve, Leaf) and "t" not in link.curve.formula.names:
            number, lines = self.syntax.real(tidied(link.curve.formula)), list[str]()
            if len(number) > _SHORT:
                number, lines = "value", self._computed("value = ", link.curve.formula, taken)
            return [*lines, f"return {self._library}.full({self._library}.shape(step), {number})"]
        step, curve = placed(_T, "step", link.offset), _precise(link, math.inf)
        return self._lines("return ", curve, step, taken)

    def _part(self, link: Link, stop: int | None, taken: set[str]) -> tuple[str, list[str]]:
        """The name of a part's values, and the lines that compute them."""
        if isinstance(link.curve, Leaf) and "t" not in link.curve.formula.names:
            value = self.syntax.real(tidied(link.curve.formula))
            if len(value) <= _SHORT:
                return value, []
            name = unused(identifier(link.name), taken)
            return name, self._computed(f"{name} = ", link.curve.formula, taken)
        step = self.syntax.text(placed(_T, "step", link.offset))
        low = self.syntax.number(float(link.first - link.offset))
        if stop is None:
            inner = f"{self._library}.maximum({step}, {low})"
        else:
            high = self.syntax.number(float(stop - 1 - link.offset))
            inner = f"{self._library}.clip({step}, {low}, {high})"
        name = unused(identifier(link.name), taken)
        curve = _precise(link, math.inf if stop is None else stop)
        return name, [f"t = {inner}", *self._lines(f"{name} = ", curve, _T, taken)]

    def _lines(self, start: str, curve: Curve, step: Formula, taken: set[str]) -> list[str]:
        """The lines that compute a curve at a clock, the last of which begins as given."""
        clock, offset = clock_of(step)
        if isinstance(curve, Leaf):
            formula = placed(curve.formula, clock, offset)
            return self._computed(start, formula, taken, is_cut=curve.is_cut)
        if not isinstance(curve, Cycles | Every):
            return self._computed(start, self._side(curve, clock, offset), taken)
        inner = curve.curve
        lines = self._clocks(curve, step)
        value = self._side(inner, "t", 0)
        if isinstance(curve, Cycles) and curve.decay != 1:
            value = Apply.of("*", value, factor_of(curve))
        return [*lines, *self._computed(start, value, taken)]

    def _divided(self, step: str, length: str) -> list[str]:
        return [f"cycle = {step} // {length}", f"t = {step} % {length}"]


def _without_repetitions(links: tuple[Link, ...]) -> list[Link]:
    """Stretches without those that only go on with the number of the one before."""
    found = list(links[:1])
    for link in links[1:]:
        match found[-1].curve, link.curve:
            case Leaf(before), Leaf(formula) if before == formula and "t" not in formula.names:
                continue
        found.append(link)
    return found


def _precise(link: Link, stop: float) -> Curve:
    return precise(link.curve, (link.first - link.offset, stop - 1 - link.offset), LARGEST)


def numbers(curve: Curve, last: float = 0) -> Iterator[float]:
    """The whole numbers that steps are compared with, subtracted from, divided by or multiplied to.

    Args:
        curve: the curve.
        last: its last ``t``, if it has one.
    """
    match curve:
        case Chain(links):
            stops = [*[link.first for link in links[1:]], last + 1]
            for link, stop in zip(links, stops, strict=True):
                yield from (abs(link.first), abs(link.offset))
                yield from numbers(link.curve, stop - 1 - link.offset)
            return
        case Leaf(formula):
            yield from multiples(formula, last)
            return
        case Cycles(bounds):
            last = longest(bounds) - 1
    bounds = getattr(curve, "bounds", ())
    if isinstance(bounds, Grid):
        yield bounds.cycle if bounds.is_whole else bounds.unit * 1_000_000
    else:
        yield from bounds
    for inner in inside(curve):
        yield from numbers(inner, last)
