"""The state of one check: what is defined, what is being expanded, what was found wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

from lrdsl import limits
from lrdsl.check import library
from lrdsl.check.tree import Through
from lrdsl.check.values import Value
from lrdsl.diagnostics.catalogue import Slug
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.formula.functions import CONSTANTS, FUNCTIONS
from lrdsl.record import record
from lrdsl.text.nodes import Definition, Module
from lrdsl.text.source import Source, Span

# Endpoints that mean something wherever a value stands, and so cannot be defined.
WORDS = ("base", "prev", "next", "rest", *CONSTANTS)
# More names than this take too long to compare with a misspelt one.
_MANY_NAMES = 300
# Endpoints that mean something inside the formula of a shape only.
LOCAL_WORDS = ("t", "u", "v", "length")


@record
class Scope:
    """The names an expression sees besides the definitions of its file.

    Attributes:
        source: the text the expression stands in: the user's, or the library's.
        local: arguments of the definition being expanded.
    """

    source: Source
    local: Mapping[str, Value] = MappingProxyType({})


class Enough(Exception):
    """The check ends here: what it has found is all that will be reported."""


class Checker:
    """Collects definitions and diagnostics while a module is expanded.

    Args:
        module: the text.
        overrides: values for its ``param`` statements, by name.
    """

    def __init__(self, module: Module, overrides: Mapping[str, Value]) -> None:
        self.module = module
        self.overrides = overrides
        # Counts what is reported a second time too, as for each call of a broken definition.
        self.reported = 0
        self.errors: dict[tuple[str, int, int], Diagnostic] = {}
        self.values: dict[str, Value] = {}
        self.kernels: dict[Any, Any] = {}
        self.expanded: set[str] = set()
        self.meters = 0
        self._work = 0
        self._active: list[tuple[Definition, Span]] = []
        self.definitions: dict[str, Definition] = {}

    def report(self, slug: Slug, span: Span, message: str, help: str = "") -> None:
        """Notes an error, once a place; one in the library is moved to the call that led there."""
        self.reported += 1
        span = self.place(span)
        key = (slug, span.start, span.end)
        self.errors.setdefault(key, Diagnostic(slug, message, help, span))
        if len(self.errors) > limits.ERRORS:
            raise Enough

    def spend(self, work: int, span: Span) -> None:
        """Counts what is evaluated, and ends the check where definitions multiply it.

        Args:
            work: expressions evaluated, or operations looked at.
            span: what for.

        Raises:
            Enough: the text is not worth more.
        """
        self._work += work
        if self._work > limits.WORK:
            message = "the definitions of this text multiply beyond all bounds"
            limit = f"the limit is {limits.WORK:,} expressions"
            help = f"{limit}; definitions that use others twice, again and again, double each time"
            self.report("too-many-parts", span, message, help)
            raise Enough

    def place(self, span: Span) -> Span:
        """Where a user has to look: what stands in the library is at the call that led there."""
        for _, call in reversed(self._active):
            if span.source is not library.source():
                break
            span = call
        return span

    def through(self, *, own: bool) -> Through:
        """The definitions of the text that are being expanded, each with its call.

        Args:
            own: whether the innermost is what is being made, rather than what it came through.
        """
        active = self._active[:-1] if own else self._active
        library_text = library.source()
        return tuple(
            (definition.name, call)
            for definition, call in active
            if definition.keyword == "def" and call.source is not library_text
        )

    def find(self, name: str, scope: Scope) -> Definition | None:
        """The definition a name refers to; the library does not see the user's names."""
        if scope.source is self.module.source and name in self.definitions:
            return self.definitions[name]
        return library.find(name)

    @contextmanager
    def expanding(self, definition: Definition, call: Span) -> Iterator[bool]:
        """Marks a definition as being expanded; gives False where that would never end."""
        if any(active is definition for active, _ in self._active):
            names = [active.name for active, _ in self._active]
            circle = [*names[names.index(definition.name) :], definition.name]
            message = f"`{definition.name}` is defined in terms of itself"
            path = " → ".join(f"`{name}`" for name in circle) if len(circle) > 2 else ""
            again = definition.keyword in {"def", "shape"}
            help = (
                "to do something again, use `repeat`"
                if again
                else "give the new value another name"
            )
            self.report("recursion", call, f"{message}: {path}" if path else message, help)
            yield False
            return
        if definition.span.source is self.module.source:
            self.expanded.add(definition.name)
        self._active.append((definition, call))
        try:
            yield True
        finally:
            self._active.pop()

    def report_unknown(self, name: str, span: Span, scope: Scope) -> None:
        """Notes a name that nothing defines, and proposes the nearest."""
        if name in LOCAL_WORDS:
            help = f"`{name}` has a meaning inside the formula of a `shape` only"
        elif name == "lr":
            help = "to drive the rate, write `lr: …`, or the schedule alone"
        elif other := library.known_elsewhere_as(name):
            help = f"it is called `{other}` here"
        else:
            names = {*scope.local, *self.definitions, *library.names(), *FUNCTIONS, *WORDS}
            nearest = closest(name, names)
            help = (
                f"did you mean `{nearest}`?"
                if nearest
                else ("define it with `let`, or list the shapes with `lrdsl shapes`")
            )
        self.report("unknown-name", span, f"there is no `{name}`", help)


def closest(word: str, names: Iterable[str]) -> str | None:
    """The name most like a word, whatever its case; None where none is near.

    Of hundreds of names, only those are looked at that start alike and are about as long.
    """
    near, first, size = list(names), word[:1], len(word)
    if len(near) > _MANY_NAMES:
        near = [name for name in near if name.startswith(first) and abs(len(name) - size) < 2]
        near = near[:_MANY_NAMES]
    by_lower = {name.lower(): name for name in sorted(near)}
    from difflib import get_close_matches

    found = get_close_matches(word.lower(), by_lower, n=1)
    return by_lower[found[0]] if found else None
