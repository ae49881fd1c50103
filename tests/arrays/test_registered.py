"""An array library from outside the package: a list of numbers that knows arithmetic."""

from __future__ import annotations

import math
import operator
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import Any

import pytest

from lrdsl import arrays
from lrdsl.arrays.module import ArrayModule
from tests.arrays.programs import NAMES, factors_of, schedule, steps_of

Number = float | int


class Numbers:
    """Numbers in a row, combined one by one; nothing can be written into them."""

    def __init__(self, items: Sequence[Number]) -> None:
        self.items = tuple(items)

    def map(self, function: Callable[..., Number], *others: Any) -> Numbers:
        rows = [o.items if isinstance(o, Numbers) else [o] * len(self.items) for o in others]
        return Numbers([function(*row) for row in zip(self.items, *rows, strict=True)])

    def __getitem__(self, places: Numbers) -> Numbers:
        return places.map(lambda place: self.items[int(place)])


def _both(name: str, function: Callable[[Any, Any], Number]) -> None:
    setattr(Numbers, f"__{name}__", lambda a, b: a.map(function, b))
    setattr(Numbers, f"__r{name}__", lambda a, b: a.map(lambda x, y: function(y, x), b))


for _name in ("add", "sub", "mul", "floordiv", "mod"):
    _both(_name, getattr(operator, _name))
_both("truediv", lambda a, b: a / b if b else math.nan)
for _name in ("lt", "le", "gt", "ge", "eq", "ne"):
    _both(_name, getattr(operator, _name))


def _safe(function: Callable[..., Number]) -> Callable[..., Number]:
    """A function that is not a number where it has no value, as functions of arrays are."""

    def call(*args: Number) -> Number:
        try:
            return function(*args)
        except (ArithmeticError, ValueError):
            return math.nan

    return call


class NumbersModule(ArrayModule):
    packages = (__name__.partition(".")[0],)
    largest = 10**30

    def __init__(self) -> None:
        self.namespace = ModuleType("numbers")

    def steps(self, t: Any) -> Any:
        return t

    def is_whole(self, values: Any) -> bool:
        return all(isinstance(x, int) for x in values.items)

    def whole(self, values: Any) -> Any:
        return values.map(int)

    def real(self, values: Any) -> Any:
        return values.map(float)

    def table(self, values: Sequence[float], like: Any) -> Any:
        return Numbers(values)

    def full(self, value: float, like: Any) -> Any:
        return like.map(lambda _: value)

    def where(self, condition: Any, yes: Any, no: Any) -> Any:
        return condition.map(lambda c, y, n: y if c else n, yes, no)

    def minimum(self, left: Any, right: Any) -> Any:
        return _first(left, right).map(min, _other(left, right))

    def maximum(self, left: Any, right: Any) -> Any:
        return _first(left, right).map(max, _other(left, right))

    def power(self, left: Any, right: Any) -> Any:
        power = _safe(math.pow)
        if isinstance(left, Numbers):
            return left.map(power, right)
        return right.map(lambda exponent: power(left, exponent))

    def passed(self, points: Sequence[float], values: Any) -> Any:
        return values.map(lambda x: bisect_right(points, x))

    def function(self, name: str) -> Callable[[Any], Any]:
        function = abs if name == "abs" else _safe(getattr(math, name))
        return lambda values: values.map(function)


def _first(left: Any, right: Any) -> Any:
    return left if isinstance(left, Numbers) else right


def _other(left: Any, right: Any) -> Any:
    return right if isinstance(left, Numbers) else left


@pytest.fixture(autouse=True)
def registered() -> Iterator[None]:
    before = list(arrays._registered)
    arrays.register(NumbersModule)
    yield
    arrays._registered[:] = before


@pytest.mark.parametrize("name", NAMES)
def test_a_registered_library_gives_the_curve(name: str) -> None:
    found = schedule(name)
    steps = Numbers(steps_of(found))
    assert type(arrays.find(steps)) is NumbersModule
    factors = factors_of(found)
    values = found.bind(factors=factors)(steps)
    assert values.items == pytest.approx(
        [found(int(t), factors=factors) for t in steps.items], rel=1e-14
    )
