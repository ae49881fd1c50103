"""Curves as functions in plain Python: a branch for each part, a function for what is combined."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable

from lrdsl.exporting.arranging import (
    name_of,
    named,
    placed,
    replaced,
    shorter,
    tidied,
    unused,
)
from lrdsl.exporting.curves import (
    Chain,
    Combined,
    Curve,
    Cycles,
    Every,
    Grid,
    Leaf,
    Link,
    mentions,
)
from lrdsl.exporting.syntax import Syntax
from lrdsl.formula.formula import Apply, Const, Formula, Var

WIDTH = 88
INDENT = "    "
# Lists up to this long stay where they are used.
_SHORT = 40
_LISTS = {"passed": "MILESTONES", "pick": "VALUES", "interpolate": "POINTS"}
_T = Var("t")
# Names that functions have for what they need besides.
LOCALS = frozenset({"base", "step", "t", "cycle", "start", "length", "value", "math", "jnp", "ops"})
INTERPOLATE = '''\
def interpolate(x: float, xs: Sequence[float], ys: Sequence[float]) -> float:
    """Interpolate linearly between points; constant before and after them."""
    i = min(max(bisect_right(xs, x), 1), len(xs) - 1)
    share = min(max((x - xs[i - 1]) / (xs[i] - xs[i - 1]), 0.0), 1.0)
    return ys[i - 1] * (1 - share) + ys[i] * share
'''


class Functions:
    """Collects the functions of a module, each before the ones that call it.

    Args:
        taken: names that the module needs for something else.
        syntax: how formulas are written.
    """

    def __init__(self, taken: Iterable[str] = (), syntax: Syntax | None = None) -> None:
        self.syntax = syntax or Syntax()
        self.texts: list[str] = []
        self.constants: dict[str, str] = {}
        self._names = {"math", "bisect_right", "interpolate", "base", "step", "t", *taken}

    def add(self, name: str, curve: Curve, about: str = "", *, takes_base: bool = False) -> str:
        """Adds the function of a curve.

        Args:
            name: its name, if that is free.
            curve: its values.
            about: its docstring, if it has one.
            takes_base: True if it has a parameter ``base``, used or not.

        Returns:
            Its name.
        """
        name = unused(name, self._names)
        parameters = "step: int, base: float" if takes_base else "step: int"
        chain = curve if isinstance(curve, Chain) else Chain((Link("", None, 0, 0, curve),))
        body = [f'"""{about}"""'] if about else []
        body += self._chain(chain, "step", 0)
        lines = [f"def {name}({parameters}) -> float:", *indented(body)]
        self.texts.append("\n".join(lines) + "\n")
        return name

    def _chain(self, chain: Chain, clock: str, shift: int) -> list[str]:
        found: list[str] = []
        for link, after in zip(chain.links, [*chain.links[1:], None], strict=True):
            offset = shift + link.offset
            if after is not None:
                stop = self.syntax.number(float(after.first + shift))
                found += _noted(f"if {clock} < {stop}:", link)
                found += indented(self._values(link.curve, clock, offset, is_last=False))
                continue
            lines = self._values(link.curve, clock, offset, is_last=True)
            if len(chain.links) == 1:
                found += lines
            elif len(lines) == 1 and len(_noted(lines[0], link)) == 1:
                found += _noted(lines[0], link)
            else:
                found += [_note(link), *lines]
        return found

    def _values(self, curve: Curve, clock: str, offset: int, *, is_last: bool) -> list[str]:
        """The lines that end in the return of a value."""
        match curve:
            case Leaf(formula, is_cut):
                return self._returned(placed(formula, clock, offset), is_cut=is_cut)
            case Combined():
                return self._returned(self._side(curve, clock, offset))
            case Chain() if is_last:
                return self._chain(curve, clock, offset)
            case Chain():
                return self._returned(self._call(curve, clock, offset))
        inner = curve.curve
        if clock != "step" or not (is_last or isinstance(inner, Leaf)):
            return self._returned(self._call(curve, clock, offset))
        lines = self._clocks(curve, placed(_T, "step", offset))
        if isinstance(curve, Cycles) and curve.decay != 1:
            value = (
                placed(inner.formula, "t", 0)
                if isinstance(inner, Leaf)
                else self._call(inner, "t", 0)
            )
            return [*lines, *self._returned(Apply.of("*", value, factor_of(curve)))]
        return [*lines, *self._values(inner, "t", 0, is_last=is_last)]

    def _clocks(self, curve: Cycles | Every, step: Formula) -> list[str]:
        """The lines that find ``t``, and the number and the length of the cycle if they matter."""
        bounds, text = curve.bounds, self.syntax.text
        has_clock = not isinstance(curve.curve, Leaf) or mentions(curve.curve, "t")
        if isinstance(bounds, Grid) and bounds.is_whole:
            length = Const(float(bounds.cycle))
            rest = Apply.of("%", step, length)
            if isinstance(curve, Every):
                return [f"t = {text(Apply.of('-', step, rest))}"]
            if curve.decay == 1:
                return [f"t = {text(rest)}"]
            if not has_clock:
                return [f"cycle = {text(Apply.of('//', step, length))}"]
            return self._divided(text(step), text(length))
        if isinstance(bounds, Grid):
            cycle, start, end = _cycle_of(bounds, step), _start_of(bounds, 0), _start_of(bounds, 1)
        else:
            starts = self._constant("STARTS", Apply.of("list", *[Const(float(n)) for n in bounds]))
            cycle = Apply.of("-", Apply.of("passed", starts, step), Const(1.0))
            start, end = (
                Apply.of("pick", starts, place)
                for place in (Var("cycle"), Apply.of("+", Var("cycle"), Const(1.0)))
            )
        found = [f"cycle = {text(cycle)}"]
        if isinstance(curve, Every):
            return [*found, f"t = {text(start)}"]
        if has_clock:
            found.append(f"start = {text(start)}")
        if mentions(curve.curve, "length"):
            found.append(f"length = {text(Apply.of('-', end, Var('start')))}")
        return [*found, f"t = {text(Apply.of('-', step, Var('start')))}"] if has_clock else found

    def _divided(self, step: str, length: str) -> list[str]:
        """The lines that find the cycle of a step and ``t``."""
        return [f"cycle, t = divmod({step}, {length})"]

    def _side(self, curve: Curve, clock: str, offset: int) -> Formula:
        """The value of a curve as an expression."""
        match curve:
            case Leaf(formula):
                return placed(formula, clock, offset)
            case Combined(op, curves):
                found, *rest = [self._side(one, clock, offset) for one in curves]
                for other in rest:
                    found = Apply.of(op, found, other)
                return found
        return self._call(curve, clock, offset)

    def _call(self, curve: Curve, clock: str, offset: int) -> Formula:
        """A call of a function of its own."""
        has_base = mentions(curve, "base")
        name = self.add(f"_{called(curve)}", curve, takes_base=has_base)
        step = placed(_T, clock, offset)
        return Apply.of(name, step, Var("base")) if has_base else Apply.of(name, step)

    def _returned(self, formula: Formula, *, is_cut: bool = False) -> list[str]:
        return self._computed("return ", formula, set(LOCALS), is_cut=is_cut)

    def _computed(
        self, start: str, formula: Formula, taken: set[str], *, is_cut: bool = False
    ) -> list[str]:
        """The lines that compute a formula, the last of which begins as given."""
        names, rest = named(self._listed(formula), taken)
        lines: list[str] = []
        for begin, part in [*((f"{name} = ", part) for name, part in names), (start, rest)]:
            lines += self._fitted(begin, part if is_cut else tidied(part), taken)
        return lines

    def _fitted(self, start: str, formula: Formula, taken: set[str]) -> list[str]:
        """A line, after those that it needs to be no longer than a line may be."""
        if not isinstance(formula, Apply) or self._fits(start, formula):
            return [start + self.syntax.real(formula)]
        part = shorter(formula, lambda one: self._fits("weight = ", one))
        if part is None:
            return [start + self.syntax.real(formula)]
        name = unused(name_of(part), taken)
        before = self._fitted(f"{name} = ", part, taken)
        return [*before, *self._fitted(start, replaced(formula, part, Var(name)), taken)]

    def _fits(self, start: str, formula: Formula) -> bool:
        return len(start + self.syntax.text(formula)) <= WIDTH - 2 * len(INDENT)

    def _listed(self, formula: Formula) -> Formula:
        """The formula with long lists as constants of the module."""
        if not isinstance(formula, Apply):
            return formula
        args: list[Formula] = []
        for arg in formula.args:
            is_list = isinstance(arg, Apply) and arg.op == "list" and not arg.names
            if is_list and len(self.syntax.text(arg)) > _SHORT:
                args.append(self._constant(_LISTS.get(formula.op, "VALUES"), arg))
            else:
                args.append(self._listed(arg))
        return Apply.of(formula.op, *args)

    def _constant(self, name: str, items: Formula) -> Var:
        """A list as a constant of the module."""
        text = self.syntax.text(items)
        for known, value in self.constants.items():
            if value == text:
                return Var(known)
        name = unused(name, self._names)
        self.constants[name] = text
        return Var(name)


def factor_of(curve: Cycles) -> Formula:
    """The factor of a cycle's values."""
    exponent: Formula = Var("cycle")
    if curve.count != 1:
        exponent = Apply.of("*", Const(float(curve.count)), exponent)
    return Apply.of("^", Const(curve.decay), exponent)


def _cycle_of(grid: Grid, step: Formula) -> Formula:
    """The cycle of a step: ``(unit * (step + 1) - start - 1) // cycle``."""
    clock, offset = clock_of(step)
    after = placed(Apply.of("+", _T, Const(1.0)), clock, offset)
    top = Apply.of("*", Const(float(grid.unit)), after)
    return Apply.of(
        "//", Apply.of("-", top, Const(float(grid.start + 1))), Const(float(grid.cycle))
    )


def clock_of(step: Formula) -> tuple[str, int]:
    """The clock and the offset of ``clock - offset``."""
    match step:
        case Var(name):
            return name, 0
        case Apply(op, (Var(name), Const(number))):
            return name, int(number if op == "-" else -number)
    raise AssertionError


def _start_of(grid: Grid, after: int) -> Formula:
    """The first step of a cycle, or of the one after it."""
    size = Const(float(grid.cycle))
    product: Formula = Apply.of("*", size, Var("cycle"))
    number = grid.start + after * grid.cycle
    if number:
        product = Apply.of("+", product, Const(float(number)))
    return Apply.of("//", product, Const(float(grid.unit)))


def identifier(name: str) -> str:
    """A name as one of Python's: ``lr["head.*"]`` is ``lr_head``."""
    found = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_")
    if not found or found[0].isdigit():
        found = f"part_{found}".rstrip("_")
    return f"{found}_" if keyword.iskeyword(found) else found


def called(curve: Curve) -> str:
    """A name for the function of a curve."""
    match curve:
        case Chain(links):
            names = [identifier(link.name) for link in links if link.name != "held"]
            return "_then_".join(dict.fromkeys(names)) if len(names) < 4 else "sequence"
        case Cycles():
            return "repeated"
        case Every():
            return "stairs"
        case Combined(op):
            return {"*": "product", "+": "total", "min": "lower", "max": "upper"}.get(
                op, "combined"
            )
        case Leaf():
            return "part"


def _note(link: Link) -> str:
    about = link.name if link.written is None else f"{link.name}, {' '.join(link.written.split())}"
    about = " ".join(about.split())
    return f"# {about[:60]}"


def _noted(line: str, link: Link) -> list[str]:
    """A line with its part beside it, or above it where that is too long."""
    beside = f"{line}  {_note(link)}"
    return [beside] if len(beside) <= WIDTH - 2 * len(INDENT) else [_note(link), line]


def indented(lines: Iterable[str]) -> list[str]:
    """Lines one level further in."""
    return [INDENT + line if line else line for line in lines]
