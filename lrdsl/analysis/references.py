"""Where a name stands in a document: its definition and its references; and another name for it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from lrdsl.analysis.editing import is_verbatim
from lrdsl.analysis.names import Occurrence, occurrences
from lrdsl.analysis.places import Location, Replacement, located
from lrdsl.analysis.words import KEYWORDS
from lrdsl.check import library
from lrdsl.check.state import LOCAL_WORDS, WORDS
from lrdsl.formula.functions import FUNCTIONS

if TYPE_CHECKING:
    from lrdsl.text.nodes import Module
    from lrdsl.text.source import Source


class References:
    """The names of a text, by their places in its document.

    Args:
        module: the syntax tree, of as much of the text as parsed.
        source: the text, and where it stands.

    Attributes:
        occurrences: every name that means something, in the order of the text.
    """

    def __init__(self, module: Module, source: Source) -> None:
        self.occurrences = tuple(occurrences(module))
        self._source = source

    def at(self, offset: int) -> Occurrence | None:
        """The name at a place, or just before it.

        Args:
            offset: the place.
        """
        here = self._source.inner(offset)
        if here is None:
            return None
        found = [one for one in self.occurrences if one.span.start <= here <= one.span.end]
        return max(found, key=lambda one: one.span.start, default=None)

    def definition(self, offset: int) -> Location | None:
        """Where the name at a place is defined, in the document or in the library.

        Args:
            offset: the place.
        """
        found = self.at(offset)
        if found is None or found.binding is None:
            return None
        if found.binding.meaning == "library":
            defined = library.find(found.binding.name)
            span = defined.name_span if defined is not None else None
            return None if span is None else Location(span.start, span.end, is_library=True)
        defined_at = [one.span for one in self._same(offset) if one.is_definition]
        return located(defined_at[0], self._source) if defined_at else None

    def references(self, offset: int) -> tuple[Location, ...]:
        """Every place that has the name at a place, its definition among them.

        Args:
            offset: the place.
        """
        found = (located(one.span, self._source) for one in self._same(offset))
        return tuple(dict.fromkeys(found))

    def _same(self, offset: int) -> list[Occurrence]:
        """Every name that means the same as the one at a place."""
        found = self.at(offset)
        if found is None or found.binding is None:
            return []
        return [one for one in self.occurrences if one.binding == found.binding]

    def renamable(self, offset: int) -> Location | None:
        """The name at a place, if the text defines it.

        Args:
            offset: the place.
        """
        found, defined = self.at(offset), self.definition(offset)
        if found is None or defined is None or defined.is_library:
            return None
        return located(found.span, self._source)

    def rename(self, offset: int, name: str) -> tuple[Replacement, ...]:
        """The replacements that give what is defined in the text another name.

        Args:
            offset: a place at which it is named.
            name: the new name.

        Raises:
            ValueError: nothing there can be renamed, or the new name is invalid or taken.
        """
        if self.renamable(offset) is None:
            raise ValueError("only what this text defines can be renamed")
        _check_name(name, self.occurrences)
        found = [Replacement(one.start, one.end, name) for one in self.references(offset)]
        if not all(is_verbatim(one, self._source) for one in found):
            raise ValueError("the config spells this text in a way of its own: rename it there")
        return tuple(found)


def _check_name(name: str, found: Iterable[Occurrence]) -> None:
    """Refuses a name that cannot be given to something else.

    Args:
        name: the name.
        found: the names of the text.

    Raises:
        ValueError: it is none, a word of the language, or the name of something.
    """
    if not re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII):
        raise ValueError(f"`{name}` is not a name: letters, digits and `_` make one")
    if name in {*KEYWORDS, *WORDS, *LOCAL_WORDS}:
        raise ValueError(f"`{name}` is a word of the language")
    own = {one.span.text for one in found if one.is_definition}
    if name in own or name in library.names() or name in FUNCTIONS:
        raise ValueError(f"`{name}` is the name of something else")
