"""The parameters of definitions: computed once for each, and cached for the library's."""

from __future__ import annotations

from collections.abc import Iterable

from lrdsl.check import library
from lrdsl.check.kinds import kinds_of
from lrdsl.check.signatures import Interface, signature
from lrdsl.check.state import Scope, State
from lrdsl.formula.functions import FUNCTIONS
from lrdsl.text.nodes import Call, Definition, Expression, Name, Parameter, walk

# What the definitions of the library take, by their ids: each keeps its definition alive.
_OF_THE_LIBRARY: dict[int, Interface] = {}


class Interfaces:
    """The parameters of the definitions that a program sees.

    Args:
        state: the definitions.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._own: dict[int, Interface] = {}

    def of(self, definition: Definition) -> Interface:
        """The parameters of a ``def`` or a ``shape``."""
        of_the_library = definition.span.source is library.source()
        known = _OF_THE_LIBRARY if of_the_library else self._own
        found = known.get(id(definition))
        if found is None:
            scope = Scope(definition.span.source)

            def names_function(name: str) -> bool:
                other = self._state.find(name, scope)
                return is_function(other) if other else name in FUNCTIONS

            parameters = signature(definition)
            kinds = kinds_of(definition.keyword, parameters, names_function)
            names = frozenset([parameter.name for parameter in parameters])
            deciding = _deciding(definition, parameters) if of_the_library else ()
            found = Interface(definition, parameters, kinds, names, deciding)
            known[id(definition)] = found
        return found


def _deciding(
    definition: Definition, parameters: Iterable[Parameter]
) -> tuple[frozenset[str], ...]:
    """For each guard, the parameters that it depends on, also by way of defaults."""
    roots: dict[str, frozenset[str]] = {}

    def under(node: Expression) -> frozenset[str]:
        names = [part.id for part in walk(node) if isinstance(part, Name | Call)]
        return frozenset().union(*[roots[name] for name in names if name in roots])

    if not definition.guards:
        return ()
    for parameter in parameters:
        default = parameter.default
        inside = frozenset[str]() if default is None else under(default)
        roots[parameter.name] = inside | {parameter.name}
    return tuple([under(guard) for guard in definition.guards])


def is_function(definition: Definition) -> bool:
    """True if a name by itself is a function: a ``def`` that needs arguments."""
    if definition.keyword != "def":
        return False
    return any(parameter.default is None for parameter in definition.parameters)
