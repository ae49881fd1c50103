"""The parameters of definitions: computed once for each, and cached for the library's."""

from __future__ import annotations

from lrdsl.check import library
from lrdsl.check.kinds import kinds_of
from lrdsl.check.signatures import Interface, signature
from lrdsl.check.state import Scope, State
from lrdsl.formula.functions import FUNCTIONS
from lrdsl.text.nodes import Definition

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
            found = known[id(definition)] = Interface(definition, parameters, kinds, names)
        return found


def is_function(definition: Definition) -> bool:
    """True if a name by itself is a function: a ``def`` that needs arguments."""
    if definition.keyword != "def":
        return False
    return any(parameter.default is None for parameter in definition.parameters)
