"""The parameters of definitions, and how they are written."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from lrdsl.check.kinds import Kind
from lrdsl.record import record
from lrdsl.text.nodes import Definition, Expression, Name, Parameter


def signature(definition: Definition) -> tuple[Parameter, ...]:
    """The parameters of a definition; every shape can be given a length."""
    parameters = definition.parameters
    if definition.keyword == "shape" and all(p.name != "length" for p in parameters):
        span = definition.name_span
        default = Name(span, "rest")
        length = Parameter(span, "length", "steps", default=default, keyword_only=True)
        parameters = (*parameters, length)
    return parameters


@record
class Interface:
    """The parameters of a definition.

    Attributes:
        definition: the definition.
        parameters: its parameters, the ``length`` of every shape among them.
        kinds: the kind of each.
        names: their names.
        deciding: for each guard of a definition of the library, the parameters that it depends on,
            also by way of defaults; nothing for a definition of the text.
    """

    definition: Definition
    parameters: tuple[Parameter, ...]
    kinds: tuple[Kind, ...]
    names: frozenset[str]
    deciding: tuple[frozenset[str], ...] = ()

    def guards(self, given: Collection[str]) -> Sequence[Expression]:
        """The guards to look at in a call; those of the library hold for its defaults.

        Args:
            given: the parameters that the call gives arguments for.
        """
        guards = self.definition.guards
        if not self.deciding:
            return guards
        pairs = zip(guards, self.deciding, strict=True)
        return [guard for guard, names in pairs if not names.isdisjoint(given)]


def usage(definition: Definition) -> str:
    """The signature of a definition: ``cosine(length = rest, start = prev, end = 0)``."""
    words: list[str] = []
    only = False
    for parameter in signature(definition):
        if parameter.keyword_only and not only:
            words.append("*")
            only = True
        default = parameter.default
        words.append(f"{parameter.name} = {default_text(default)}" if default else parameter.name)
    return f"`{definition.name}({', '.join(words)})`"


def default_text(default: Expression) -> str:
    """A default as it was written."""
    return default.id if isinstance(default, Name) else default.span.text
