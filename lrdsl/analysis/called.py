"""Definitions and functions as a name in a text stands for them, and how they are called."""

from __future__ import annotations

from lrdsl.analysis.names import Binding
from lrdsl.check import library
from lrdsl.check.interfaces import Interfaces
from lrdsl.check.kinds import Kind
from lrdsl.check.signatures import default_text
from lrdsl.check.state import State
from lrdsl.formula.functions import FUNCTIONS
from lrdsl.record import record
from lrdsl.text.nodes import Definition, Module


@record
class Parameter:
    """A parameter of what is called.

    Attributes:
        name: its name.
        text: how the signature shows it: ``end = 0``.
        kind: what it takes: ``number``, ``steps``, ``function`` and so on.
        keyword_only: True if it is passed by its name only.
    """

    name: str
    text: str
    kind: Kind
    keyword_only: bool = False


@record
class Called:
    """What a name in front of parentheses stands for.

    Attributes:
        name: the name.
        parameters: its parameters, in order; none for a value.
        about: its documentation.
        definition: where it is defined, in the text or in the library; None for a function of
            formulas.
    """

    name: str
    parameters: tuple[Parameter, ...]
    about: str
    definition: Definition | None

    @property
    def signature(self) -> str:
        """How it is called: ``cosine(length = rest, start = prev, end = 0)``."""
        words: list[str] = []
        for k, parameter in enumerate(self.parameters):
            before = k > 0 and self.parameters[k - 1].keyword_only
            words += ["*"] if parameter.keyword_only and not before else []
            words.append(parameter.text)
        return f"{self.name}({', '.join(words)})"


class Callables:
    """What the names of a text stand for.

    Args:
        module: the syntax tree.
    """

    def __init__(self, module: Module) -> None:
        state = State(module)
        own = [s for s in module.statements if isinstance(s, Definition)]
        state.definitions = {definition.name: definition for definition in own}
        self._own = state.definitions
        self._interfaces = Interfaces(state)

    def definition(self, name: str) -> Definition | None:
        """The definition of a name: that of the text goes before the library's.

        Args:
            name: the name.
        """
        return self._own.get(name) or library.find(name)

    def find(self, name: str) -> Called | None:
        """What a name stands for; None if nothing has it.

        Args:
            name: the name.
        """
        definition = self.definition(name)
        if definition is not None:
            return self._of(definition)
        function = FUNCTIONS.get(name)
        if function is None:
            return None
        words = function.signature.partition("(")[2].removesuffix(")").split(", ")
        parameters = tuple(Parameter(word, word, "number") for word in words)
        return Called(name, parameters, f"{function.about[0].upper()}{function.about[1:]}.", None)

    def of(self, binding: Binding) -> Called | None:
        """What a name stands for, where it was found to stand for something.

        Args:
            binding: what it stands for.
        """
        meant = binding.meaning in {"definition", "library", "function"}
        return self.find(binding.name) if meant else None

    def _of(self, definition: Definition) -> Called:
        parameters: tuple[Parameter, ...] = ()
        if definition.keyword in {"def", "shape"}:
            interface = self._interfaces.of(definition)
            pairs = zip(interface.parameters, interface.kinds, strict=True)
            parameters = tuple(
                Parameter(
                    one.name,
                    f"{one.name} = {default_text(one.default)}" if one.default else one.name,
                    kind,
                    one.keyword_only,
                )
                for one, kind in pairs
            )
        return Called(definition.name, parameters, definition.doc, definition)
