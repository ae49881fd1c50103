"""The values of ``prev`` and ``next``, in an order in which they can be computed."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from lrdsl.formula.formula import (
    NUMBER,
    Degrees,
    Formula,
    Known,
    Var,
    degrees,
    evaluate,
    substitute,
    variables,
)

if TYPE_CHECKING:
    from lrdsl.schedule.block import Ref

_Node = TypeVar("_Node", bound=Hashable)
BASE = Var("base")
_BASE_DEGREES = Degrees(1, 1)
_NO_OWNS: Mapping[str, float | None] = MappingProxyType({})


# A word as it is written: where, and whether it is `prev` or `next`.
Node = tuple[tuple[int, ...], str]


def circular(refs: Mapping[str, Ref], nodes: Mapping[str, Node]) -> set[str]:
    """The words that depend on themselves, as in ``warmup(5) >> const``, where each asks the other.

    A word depends on those that are mentioned where the value it stands for comes from. What they
    come to makes no difference, nor does which cycle of a ``repeat`` is looked at.

    Args:
        refs: where the value of each word is found.
        nodes: the word that it is in the program.
    """
    edges: dict[Node, dict[Node, None]] = {node: {} for node in nodes.values()}
    for word, node in nodes.items():
        ref = refs[word]
        for name in () if ref is None else ref[0].mentions(ref[1]):
            if name in nodes:
                edges[node][nodes[name]] = None
    found: set[Node] = set()
    for component in _components(edges):
        if len(component) > 1 or component[0] in edges[component[0]]:
            found.update(component)
    return {word for word, node in nodes.items() if node in found}


class Endpoints:
    """The words of one schedule, worked out.

    A word that depends on itself is ``base``, as is every word of a longer circle, in whatever
    order they are looked at.

    Args:
        formulas: what each word stands for, in terms of ``base``, of other words, and of factors.
        factors: the variables whose values metrics decide.
        uses_base: True if the schedule mentions ``base`` besides.
        owns: the variables for other numbers of the parameter group, with their values; None for
            the one that is driven, which is ``base``.

    Attributes:
        uses_base: True if ``base`` has a part in any value.
        owns: as they were given.
    """

    def __init__(
        self,
        formulas: Mapping[str, Formula],
        factors: Sequence[str] = (),
        *,
        uses_base: bool = False,
        owns: Mapping[str, float | None] = _NO_OWNS,
    ) -> None:
        self.factors: tuple[str, ...] = tuple(factors)
        self.owns = owns
        names = {word: set(variables(formula)) for word, formula in formulas.items()}
        self.uses_base: bool = uses_base or any("base" in used for used in names.values())
        known = {"base", *factors, *owns}
        self.order: list[tuple[str, Formula]] = []
        for component in _components({word: used - known for word, used in names.items()}):
            for word in component:
                circular = len(component) > 1 or word in names[word]
                self.uses_base = self.uses_base or circular
                self.order.append((word, BASE if circular else formulas[word]))
        self._formulas, self._closed = formulas, dict[str, Formula]()
        self._degrees: dict[str, Degrees] = {"base": _BASE_DEGREES}
        for name, value in owns.items():
            if value is None:
                self._degrees[name] = _BASE_DEGREES
        for word, formula in self.order:
            self._degrees[word] = degrees(formula, self.degrees_of)

    def degrees_of(self, name: str) -> Degrees:
        """The degrees in ``base`` of a word; any other variable is a plain number."""
        return self._degrees.get(name, NUMBER)

    def in_base(self, formula: Formula) -> Formula:
        """A formula without words: in terms of ``base`` and of factors only.

        Args:
            formula: a formula of one of the schedule's blocks.
        """
        if not self._closed:
            for word, value in self.order:
                self._closed[word] = substitute(value, self._closed)
        return substitute(formula, self._closed)

    def __reduce__(self) -> tuple[Callable[..., Endpoints], tuple[object, ...]]:
        return _again, (dict(self._formulas), self.factors, self.uses_base, dict(self.owns))

    def owning(self, numbers: Sequence[float]) -> Endpoints:
        """The same words for a parameter group.

        Args:
            numbers: the values of `owns` there, in order; that of what is driven is left out.
        """
        given = iter(numbers)
        owns = {name: None if own is None else next(given) for name, own in self.owns.items()}
        return _again(self._formulas, self.factors, self.uses_base, owns)

    def values(self, base: float, factors: Sequence[float] | None = None) -> dict[str, Known]:
        """The values of ``base``, of the factors and of every word.

        Args:
            base: the base rate.
            factors: the values of the factors, in order; None if each is still 1.

        Raises:
            ArithmeticError, ValueError: where one has no value.
        """
        known = [1.0] * len(self.factors) if factors is None else factors
        values: dict[str, Known] = {"base": base, **dict(zip(self.factors, known, strict=True))}
        for name, own in self.owns.items():
            values[name] = base if own is None else own
        for word, formula in self.order:
            values[word] = evaluate(formula, values)
        return values


def _again(
    formulas: Mapping[str, Formula],
    factors: Sequence[str],
    uses_base: bool,
    owns: Mapping[str, float | None] = _NO_OWNS,
) -> Endpoints:
    """Makes the words of a schedule again when it is unpickled."""
    return Endpoints(formulas, factors, uses_base=uses_base, owns=owns)


def _components(edges: Mapping[_Node, Iterable[_Node]]) -> list[list[_Node]]:
    """The strongly connected components, what is depended upon first (Tarjan 1972).

    Written without recursion: a chain of parts may be long.
    """
    index: dict[_Node, int] = {}
    low: dict[_Node, int] = {}
    stack: list[_Node] = []
    on_stack: set[_Node] = set()
    found: list[list[_Node]] = []

    def open_node(node: _Node) -> tuple[_Node, Iterator[_Node]]:
        index[node] = low[node] = len(index)
        stack.append(node)
        on_stack.add(node)
        return node, iter(edges[node])

    for root in edges:
        work = [] if root in index else [open_node(root)]
        while work:
            node, targets = work[-1]
            target = next((t for t in targets if t not in index or t in on_stack), None)
            if target is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    found.append(_pop(stack, on_stack, node))
            elif target in index:
                low[node] = min(low[node], index[target])
            else:
                work.append(open_node(target))
    return found


def _pop(stack: list[_Node], on_stack: set[_Node], node: _Node) -> list[_Node]:
    component: list[_Node] = []
    while not component or component[-1] != node:
        component.append(stack.pop())
        on_stack.discard(component[-1])
    return component


Lookup = Callable[[str], Degrees]
