"""Whether a shape starts at exactly its `start`, or ends at exactly its `end`, by its formula.

The parameters stay open. A value is a sum of products of what is open: a dict from products to
their factors. A product is a sorted tuple of pairs: what is open, and its exponent.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from tests.second.syntax import Definition, Refused, Tree
from tests.second.values import FUNCTIONS, OPERATIONS, Closure, Names, parameters

Sum = dict[tuple[Any, ...], Fraction]


def constant(value: float | Fraction) -> Sum:
    return {(): Fraction(value)} if value else {}


def atom(name: Any, exponent: int = 1) -> Sum:
    return {((repr(name), exponent),): Fraction(1)}


def known(value: Sum) -> Fraction | None:
    """The number that a sum is, if nothing in it is open."""
    if not value:
        return Fraction(0)
    return value[()] if set(value) == {()} else None


def key(value: Any) -> Any:
    return sorted(value.items()) if isinstance(value, dict) else value


def add(a: Sum, b: Sum, sense: int = 1) -> Sum:
    total = dict(a)
    for product, factor in b.items():
        total[product] = total.get(product, Fraction(0)) + sense * factor
    return {product: factor for product, factor in total.items() if factor}


def multiply(a: Sum, b: Sum) -> Sum:
    total: Sum = {}
    for left, x in a.items():
        for right, y in b.items():
            exponents = dict(left)
            for name, exponent in right:
                exponents[name] = exponents.get(name, 0) + exponent
            product = tuple(sorted((n, e) for n, e in exponents.items() if e))
            total = add(total, {product: x * y})
    return total


def quotient(a: Sum, b: Sum) -> Sum:
    if not b:
        raise Refused("a division by 0")
    if not a or a == b:
        return constant(0 if not a else 1)
    if len(b) == 1:
        ((product, factor),) = b.items()
        return multiply(a, {tuple((n, -e) for n, e in product): 1 / factor})
    return multiply(a, atom(("inverse", key(b))))


def power(a: Sum, b: Sum) -> Sum:
    left, right = known(a), known(b)
    if right == 0 or left == 1:
        return constant(1)
    if right == 1 or left == 0:
        return a
    if left is not None and right is not None:
        return constant(float(left) ** float(right))
    return atom(("power", key(a), key(b)))


class Derivation:
    """A formula, at one place of a part."""

    def __init__(self, names: Names, definition: Definition, place: dict[str, int]) -> None:
        self.names = names
        self.scope = names.scope(definition)
        self.env: dict[str, Any] = {}
        for parameter in parameters(definition):
            kind = names.kind(parameter)
            self.env[parameter.name] = (
                ("ease", parameter.name) if kind == "function" else atom(parameter.name)
            )
        self.env |= {name: constant(value) for name, value in place.items()}

    def value(self, tree: Tree, env: dict[str, Any]) -> Any:
        kind = tree[0]
        if kind == "group":
            return self.value(tree[1], env)
        if kind == "number":
            return constant(tree[1])
        if kind == "negative":
            return add({}, self.value(tree[1], env), -1)
        if kind == "name":
            return self.named(tree[1], env)
        if kind == "binary":
            return self.binary(tree[1], *(self.value(side, env) for side in tree[2:]))
        if kind == "call":
            return self.called(tree, env)
        return atom(tree)

    def named(self, name: str, env: dict[str, Any]) -> Any:
        if name in env:
            return env[name]
        bound = self.names.find(name, self.scope)
        if isinstance(bound, Closure):
            return self.value(bound.tree, {})
        if name == "pi":
            return constant(math.pi)
        return ("function", name) if bound or name in FUNCTIONS else atom(("word", name))

    def binary(self, sign: str, a: Any, b: Any) -> Any:
        if sign == "+":
            return add(a, b)
        if sign == "-":
            return add(a, b, -1)
        if sign in "*/^":
            return {"*": multiply, "/": quotient, "^": power}[sign](a, b)
        left, right = known(a), known(b)
        if left is None or right is None:
            return atom((sign, key(a), key(b)))
        return bool(OPERATIONS[sign](left, right))

    def called(self, tree: Tree, env: dict[str, Any]) -> Any:
        callee: Any = env.get(tree[1])
        if tree[1] == "if" and callee is None:
            condition, yes, no = (argument for _, argument in tree[2])
            return self.chosen(condition, yes, no, env)
        given = [self.value(argument, env) for _, argument in tree[2]]
        if not isinstance(callee, tuple):
            callee = ("function", tree[1])
        if callee[0] == "ease":
            at = known(given[0])
            return constant(at) if at in (0, 1) else atom((callee, key(given[0])))
        definition = self.names.find(callee[1], self.scope)
        if isinstance(definition, Definition):
            names = [parameter.name for parameter in definition.parameters]
            return self.value(definition.body, dict(zip(names, given, strict=False)))
        numbers = [known(value) if isinstance(value, dict) else None for value in given]
        if any(value is None for value in numbers) or callee[1] not in FUNCTIONS:
            return atom((callee, [key(value) for value in given]))
        return constant(FUNCTIONS[callee[1]](*numbers))

    def chosen(self, condition: Tree, yes: Tree, no: Tree, env: dict[str, Any]) -> Any:
        decided = self.value(condition, env)
        if isinstance(decided, bool):
            return self.value(yes if decided else no, env)
        sides = self.value(yes, env), self.value(no, env)
        return sides[0] if sides[0] == sides[1] else atom(("if", key(decided), *map(key, sides)))


def is_exactly(names: Names, definition: Definition, parameter: str, place: dict[str, int]) -> bool:
    """Whether the formula is this parameter at a place, whatever the arguments are."""
    if all(parameter != p.name for p in definition.parameters):
        return False
    derivation = Derivation(names, definition, place)
    try:
        return bool(derivation.value(definition.body, derivation.env) == atom(parameter))
    except Refused:
        return False
