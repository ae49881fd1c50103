"""What names and expressions mean: numbers, lengths, functions, and the words of a value.

Numbers are exact fractions until a function of the table needs floating point. A length is a pair:
so many steps, and such a share of the enclosing length.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from tests.second.syntax import Definition, Left, Parameter, Refused, Statements, Tree, read

PRELUDE = Path(__file__).parents[2] / "lrdsl" / "prelude.lrs"
# In the names that an expression of the library sees; no name of a program is empty.
LIBRARY = ""
WORDS = ("prev", "next")
SCHEDULES = ("over", "repeat", "until", "skip", "every")
LEFT_OUT = ("plateau", "adaptive", "signal", "stalled", "below", "above", "own")
# The body of what the library defines in Python.
NATIVE = ("name", "native")

Number = Fraction | float


class Closure(NamedTuple):
    """An expression with the names that it can see. It is evaluated wherever it is used."""

    tree: Tree
    env: Env


class Known(NamedTuple):
    """A name that stands for a value already: a parameter in a formula."""

    value: Any


Env = dict[str, "Closure | Known"]


class Place(Protocol):
    """Where an expression is used: what its words and the names of a formula are there."""

    def word(self, name: str) -> Number: ...


class Nowhere:
    """No place: an expression that has to be known before any run."""

    def word(self, name: str) -> Number:
        raise Refused(f"{name} is not known here")


NOWHERE = Nowhere()


class Length(NamedTuple):
    """A length: steps, and a share of the enclosing length; or the word `rest`."""

    steps: Fraction
    share: Fraction = Fraction(0)
    rest: bool = False


REST = Length(Fraction(0), rest=True)


class Function(NamedTuple):
    """A function of the table, or a `def` of numbers."""

    name: str
    call: Callable[..., Any]


def fraction(value: Number) -> Fraction:
    """A number, exactly as its shortest decimals say it."""
    if isinstance(value, Fraction):
        return value
    if not math.isfinite(value):
        raise Refused("a number that is not finite")
    return Fraction(repr(value))


def of_15_digits(value: Number) -> Number:
    """A number as a formula sees it: exact if it has at most 15 digits, or else a float."""
    try:
        nearest = float(value)
    except OverflowError:
        nearest = math.inf
    if not math.isfinite(nearest):
        raise Refused("a number that is not finite")
    digits = Decimal(repr(nearest)).normalize().as_tuple().digits
    return Fraction(repr(nearest)) if len(digits) <= 15 else nearest


def whole(value: Number) -> int:
    """A number that counts: it has to be whole to 15 digits."""
    rounded = Fraction(f"{float(value):.15g}")
    if rounded.denominator != 1:
        raise Refused(f"{float(value)} is not whole")
    return int(rounded)


def power(a: Number, b: Number) -> Number:
    if b == 0:
        return Fraction(1)
    if isinstance(b, Fraction) and b.denominator == 1 and 0 < b <= 8 and isinstance(a, Fraction):
        return Fraction(a ** int(b))
    result: float | complex = float(a) ** float(b)
    if isinstance(result, complex):
        raise Refused("a power that is no number")
    return result


def divide(a: Number, b: Number) -> Number:
    if b == 0:
        raise Refused("a division by 0")
    return a / b


def passed(points: list[Number], t: Number) -> Fraction:
    return Fraction(sum(point <= t for point in points))


def interpolate(t: Number, xs: list[Number], ys: list[Number]) -> Number:
    """The broken line, held at both ends. Where two points are at one place, the later counts."""
    if t < xs[0]:
        return ys[0]
    at = int(passed(xs, t)) - 1
    if at == len(xs) - 1:
        return ys[-1]
    share = divide(t - xs[at], xs[at + 1] - xs[at])
    return ys[at] * (1 - share) + ys[at + 1] * share


def pick(items: list[Any], n: Number) -> Any:
    if not 0 <= n < len(items) or n != math.floor(n):
        raise Refused("no such item")
    return items[int(n)]


def _float(function: Callable[[float], float]) -> Callable[[Number], Number]:
    return lambda x: function(float(x))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "cos": _float(math.cos),
    "sin": _float(math.sin),
    "tanh": _float(math.tanh),
    "exp": _float(math.exp),
    "log": _float(math.log),
    "sqrt": _float(math.sqrt),
    "floor": lambda x: Fraction(math.floor(x)),
    "ceil": lambda x: Fraction(math.ceil(x)),
    "abs": abs,
    "min": min,
    "max": max,
    "passed": passed,
    "interpolate": interpolate,
    "ascending": lambda items: all(a <= b for a, b in pairwise(items)),
    "pick": pick,
    "last": lambda items: items[-1],
    "count": lambda items: Fraction(len(items)),
}
OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": divide,
    "^": power,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


class Names:
    """The names of a program: those of its text before those of the library."""

    def __init__(self, program: Statements, units: dict[str, Fraction]) -> None:
        self.library = library()
        self.definitions = self.library | program.definitions
        self.values: Env = {
            name: Closure(tree, {}) for name, tree in (program.lets | program.params).items()
        }
        self.units = units

    def find(self, name: str, env: Env) -> Closure | Known | Definition | None:
        if name in env:
            return env[name]
        if LIBRARY in env:
            return self.library.get(name)
        return self.values.get(name) or self.definitions.get(name)

    def callee(self, name: str, env: Env) -> Definition | Function | str:
        """What a call of a name calls: a parameter only if it is a function."""
        if name in env:
            function = self.function(env[name])
            if function is not None:
                return function
        definition = (self.library if LIBRARY in env else self.definitions).get(name)
        if definition is not None and definition.body != NATIVE:
            return definition
        if name in LEFT_OUT:
            raise Left(name)
        if name in SCHEDULES:
            return name
        if name in FUNCTIONS:
            return Function(name, FUNCTIONS[name])
        if name == "if":
            return name
        raise Refused(f"no function {name}")

    def function(self, bound: Closure | Known) -> Function | None:
        """The function that an argument names, if it names one."""
        if isinstance(bound, Known):
            return bound.value if isinstance(bound.value, Function) else None
        tree, env = bound
        if tree[0] == "group":
            return self.function(Closure(tree[1], env))
        if tree[0] != "name":
            return None
        name = tree[1]
        found = self.find(name, env)
        if isinstance(found, Closure | Known):
            return self.function(found)
        if found is not None and not found.shape:
            definition = found
            return Function(name, lambda *given: self.apply(definition, given))
        return Function(name, FUNCTIONS[name]) if name in FUNCTIONS else None

    def apply(self, definition: Definition, given: tuple[Any, ...]) -> Any:
        """A `def` of numbers, called with values."""
        names = [parameter.name for parameter in definition.parameters]
        if len(names) != len(given):
            raise Refused(f"{definition.name} takes {len(names)} values")
        env: Env = {name: Known(value) for name, value in zip(names, given, strict=True)}
        env |= self.scope(definition)
        return self.value(definition.body, env, NOWHERE)

    def bind(
        self, definition: Definition, given: tuple[tuple[str | None, Tree], ...], env: Env
    ) -> Env:
        """The arguments of a call, with defaults, which see the parameters before them."""
        by_place = [p for p in definition.parameters if not p.keyword]
        found: Env = {}
        for place, (name, tree) in enumerate(given):
            if name is None:
                if place >= len(by_place):
                    raise Refused(f"too many arguments for {definition.name}")
                name = by_place[place].name
            if name in found or all(p.name != name for p in parameters(definition)):
                raise Refused(f"{definition.name} takes no such {name}, or not twice")
            found[name] = Closure(tree, env)
        bound = self.scope(definition)
        for parameter in parameters(definition):
            if parameter.name in found:
                bound[parameter.name] = found[parameter.name]
            elif parameter.default is None:
                raise Refused(f"{definition.name} needs {parameter.name}")
            else:
                bound[parameter.name] = Closure(parameter.default, dict(bound))
        return bound

    def scope(self, definition: Definition) -> Env:
        """The library does not see the names of a program."""
        return {LIBRARY: Known(None)} if self.library.get(definition.name) is definition else {}

    def value(self, tree: Tree, env: Env, place: Place) -> Any:
        """A number, a condition or a list, at a place."""
        kind = tree[0]
        if kind == "group":
            return self.value(tree[1], env, place)
        if kind == "number":
            if tree[2]:
                raise Refused("a length where a number is meant")
            return tree[1]
        if kind == "negative":
            return -self.value(tree[1], env, place)
        if kind == "items":
            return [self.value(item, env, place) for item in tree[1:]]
        if kind == "binary":
            a, b = (self.value(side, env, place) for side in tree[2:])
            return OPERATIONS[tree[1]](a, b)
        if kind == "name":
            return self.named(tree[1], env, place)
        if kind == "call":
            return self.called(tree, env, place)
        raise Refused(f"no number: {kind}")

    def named(self, name: str, env: Env, place: Place) -> Any:
        bound = self.find(name, env)
        if isinstance(bound, Known):
            return bound.value
        if isinstance(bound, Closure):
            return self.value(bound.tree, bound.env, place)
        if name in ("base", *WORDS):
            return place.word(name)
        if name in ("true", "false"):
            return name == "true"
        if name == "pi":
            return math.pi
        if isinstance(bound, Definition):
            return self.value(*self.expand(bound, (), env), place)
        raise Refused(f"{name} is no number here")

    def called(self, tree: Tree, env: Env, place: Place) -> Any:
        callee = self.callee(tree[1], env)
        if callee == "if":
            condition, yes, no = (argument for _, argument in tree[2])
            return self.value(yes if self.value(condition, env, place) else no, env, place)
        if isinstance(callee, Definition):
            return self.value(*self.expand(callee, tree[2], env), place)
        if not isinstance(callee, Function):
            raise Refused(f"{callee} is no number")
        given = [self.value(argument, env, place) for _, argument in tree[2]]
        return number(callee.call, given)

    def expand(
        self, definition: Definition, given: tuple[tuple[str | None, Tree], ...], env: Env
    ) -> tuple[Tree, Env]:
        """The body of a `def`, and the names that it sees; its guards hold."""
        if definition.shape:
            raise Refused(f"the schedule {definition.name} where a number is meant")
        if definition.body == NATIVE:
            raise Left(definition.name)
        bound = self.bind(definition, given, env)
        for guard in definition.guards:
            if not self.value(guard, bound, NOWHERE):
                raise Refused(f"a guard of {definition.name}")
        return definition.body, bound

    # ------------------------------------------------------------- lengths

    def length(self, tree: Tree, env: Env) -> Length:
        """A length. A bare number counts whole steps."""
        found = self.measure(tree, env)
        return found if isinstance(found, Length) else Length(Fraction(whole(found)))

    def measure(self, tree: Tree, env: Env) -> Length | Number:
        """A length, or a plain number, which may yet multiply one."""
        kind = tree[0]
        if kind == "group":
            return self.measure(tree[1], env)
        if kind == "number":
            return self.literal(tree)
        if kind == "negative":
            inner = self.measure(tree[1], env)
            if not isinstance(inner, Length):
                return -inner
            return Length(-inner.steps, -inner.share)
        if kind == "binary":
            return combine(tree[1], *(self.measure(side, env) for side in tree[2:]))
        if kind == "name" and tree[1] == "rest" and "rest" not in env:
            return REST
        if kind == "name":
            bound = self.find(tree[1], env)
            if isinstance(bound, Closure):
                return self.measure(*bound)
            if isinstance(bound, Definition):
                return self.measure(*self.expand(bound, (), env))
        if kind == "call":
            callee = self.callee(tree[1], env)
            if callee == "if":
                condition, yes, no = (argument for _, argument in tree[2])
                return self.measure(yes if self.value(condition, env, NOWHERE) else no, env)
            if isinstance(callee, Definition):
                return self.measure(*self.expand(callee, tree[2], env))
            if isinstance(callee, Function) and callee.name == "last":
                return self.lengths(tree[2][0][1], env)[-1]
        found = self.value(tree, env, NOWHERE)
        if isinstance(found, bool | list | Function):
            raise Refused("no length")
        return fraction(found)

    def literal(self, tree: Tree) -> Length | Number:
        _, value, unit = tree
        if unit == "%":
            return Length(Fraction(0), value / 100)
        if unit == "st":
            return Length(Fraction(value))
        if unit == "":
            return Fraction(value)
        if unit not in self.units:
            raise Refused(f"the unit {unit} is not known")
        return Length(value * self.units[unit])

    def lengths(self, tree: Tree, env: Env) -> list[Length]:
        if tree[0] == "group":
            return self.lengths(tree[1], env)
        if tree[0] == "items":
            return [self.length(item, env) for item in tree[1:]]
        if tree[0] == "name":
            bound = self.find(tree[1], env)
            if isinstance(bound, Closure):
                return self.lengths(*bound)
        raise Refused("no list of lengths")

    # ------------------------------------------------------------- mentions

    def mentioned(self, tree: Tree, env: Env) -> frozenset[str]:
        """The words among `prev` and `next` that an expression mentions."""
        kind = tree[0]
        if kind == "name":
            bound = self.find(tree[1], env)
            if isinstance(bound, Closure):
                return self.mentioned(*bound)
            if isinstance(bound, Definition) and not bound.shape:
                return self.mentioned(*self.bare(bound, (), env))
            return frozenset([tree[1]]) if bound is None and tree[1] in WORDS else frozenset()
        if kind == "call":
            return self.mentioned_by_call(tree, env)
        inner = {"binary": tree[2:], "number": (), "text": ()}.get(kind, tree[1:])
        return frozenset().union(*(self.mentioned(item, env) for item in inner))

    def mentioned_by_call(self, tree: Tree, env: Env) -> frozenset[str]:
        callee = self.callee(tree[1], env)
        arguments = [argument for _, argument in tree[2]]
        if callee == "if":
            try:
                taken = self.value(arguments[0], env, NOWHERE)
            except Refused:
                pass
            else:
                return self.mentioned(arguments[1 if taken else 2], env)
        if isinstance(callee, Definition) and not callee.shape:
            return self.mentioned(*self.bare(callee, tree[2], env))
        return frozenset().union(*(self.mentioned(argument, env) for argument in arguments))

    def bare(
        self, definition: Definition, given: tuple[tuple[str | None, Tree], ...], env: Env
    ) -> tuple[Tree, Env]:
        return definition.body, self.bind(definition, given, env)

    # ------------------------------------------------------------- kinds

    def is_schedule(self, tree: Tree, env: Env) -> bool:
        kind = tree[0]
        if kind in ("sequence",):
            return True
        if kind in ("group", "negative"):
            return self.is_schedule(tree[1], env)
        if kind == "binary":
            return any(self.is_schedule(side, env) for side in tree[2:])
        if kind == "name":
            bound = self.find(tree[1], env)
            if isinstance(bound, Closure):
                return self.is_schedule(*bound)
            return isinstance(bound, Definition) and (
                bound.shape or self.is_schedule(*self.bare(bound, (), env))
            )
        if kind != "call":
            return False
        callee = self.callee(tree[1], env)
        if isinstance(callee, Definition):
            return callee.shape or self.is_schedule(*self.bare(callee, tree[2], env))
        if callee == "if":
            return self.is_schedule(tree[2][1][1], env)
        if isinstance(callee, Function):
            return callee.name in ("min", "max") and any(
                self.is_schedule(argument, env) for _, argument in tree[2]
            )
        return True

    def kind(self, parameter: Parameter) -> str:
        """What a parameter of a shape takes: its annotation says so, or else its default."""
        if parameter.kind is not None:
            return parameter.kind
        if parameter.name == "length":
            return "steps"
        tree = parameter.default
        if tree is None:
            return "number"
        if tree[0] == "items":
            return "[steps]" if any(has_unit(item) for item in tree[1:]) else "[number]"
        if has_unit(tree) or tree == ("name", "rest"):
            return "steps"
        if tree in (("name", "true"), ("name", "false")):
            return "truth"
        if tree[0] == "binary" and tree[1] in ("<", ">", "<=", ">=", "==", "!="):
            return "truth"
        return "function" if self.function(Closure(tree, {})) is not None else "number"


def scope_of(env: Env) -> Env:
    """Whether names are seen from the library, to go with other names."""
    return {LIBRARY: env[LIBRARY]} if LIBRARY in env else {}


@cache
def library() -> dict[str, Definition]:
    return read(PRELUDE.read_text(encoding="utf-8")).definitions


def parameters(definition: Definition) -> tuple[Parameter, ...]:
    """The parameters of a definition. A shape without a `length` gets one, by name."""
    if not definition.shape or any(p.name == "length" for p in definition.parameters):
        return definition.parameters
    return (*definition.parameters, Parameter("length", "steps", ("name", "rest"), True))


def has_unit(tree: Tree) -> bool:
    if tree[0] == "number":
        return bool(tree[2])
    if tree[0] in ("group", "negative"):
        return has_unit(tree[1])
    if tree[0] == "items":
        return any(has_unit(item) for item in tree[1:])
    return tree[0] == "binary" and any(has_unit(side) for side in tree[2:])


def number(function: Callable[..., Any], given: list[Any]) -> Any:
    try:
        return function(*given)
    except (ValueError, OverflowError, TypeError, IndexError) as error:
        raise Refused(f"undefined: {error}") from None


def combine(sign: str, a: Length | Number, b: Length | Number) -> Length | Number:
    """Adds, subtracts and scales lengths. A bare number beside a length counts steps."""
    if not isinstance(a, Length) and not isinstance(b, Length):
        return fraction(OPERATIONS[sign](a, b))
    if REST in (a, b):
        raise Refused("a calculation with rest")
    if sign in "+-":
        a = a if isinstance(a, Length) else Length(Fraction(whole(a)))
        b = b if isinstance(b, Length) else Length(Fraction(whole(b)))
        sense = 1 if sign == "+" else -1
        return Length(a.steps + sense * b.steps, a.share + sense * b.share)
    if sign == "*" and not isinstance(a, Length):
        a, b = b, a
    if sign not in "*/" or not isinstance(a, Length) or isinstance(b, Length):
        raise Refused("no length")
    factor = fraction(b) if sign == "*" else fraction(divide(Fraction(1), fraction(b)))
    return Length(a.steps * factor, a.share * factor)
