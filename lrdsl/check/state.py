"""The state of one check: what is defined, what is being expanded, what was found wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

from lrdsl import limits
from lrdsl.check import library
from lrdsl.check.problems import Problem
from lrdsl.check.tree import Through
from lrdsl.check.values import Value
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.diagnostics.fix import Fix
from lrdsl.formula.functions import CONSTANTS
from lrdsl.record import record
from lrdsl.text.nodes import Definition, Module
from lrdsl.text.source import Source, Span

# Endpoints that mean something wherever a value stands, and so cannot be defined.
WORDS = ("base", "prev", "next", "rest", *CONSTANTS)
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


class State:
    """What is defined, what is being expanded, and what was found wrong, while a module is checked.

    Args:
        module: the text.
    """

    def __init__(self, module: Module) -> None:
        # The text as it parsed, and without what was reported as a whole.
        self.written = self.module = module
        self.definitions: dict[str, Definition] = {}
        self.errors: dict[tuple[str, int, int], Diagnostic] = {}
        # Counts what is reported a second time too, as for each call of a broken definition.
        self.reported = 0
        # The definitions of the module that something uses.
        self.expanded: set[str] = set()
        self.work = 0
        self._active: list[Definition] = []
        self._library = library.source()
        # The call by which the library was entered, while something of it is expanded.
        self.call: Span | None = None
        # The definitions that a user called and that are being expanded, each with its call.
        self.through: Through = ()

    def report(self, problem: Problem) -> None:
        """Notes an error, once a place; one in the library is moved to the call that led there."""
        self.reported += 1
        span = self.place(problem.span)
        key = (problem.slug, span.start, span.end)
        fixes = tuple([fix for fix in problem.fixes if self._is_of_the_text(fix)])
        found = Diagnostic(problem.slug, problem.message, problem.help, span, fixes=fixes)
        self.errors.setdefault(key, found)
        if len(self.errors) > limits.ERRORS:
            raise Enough

    def _is_of_the_text(self, fix: Fix) -> bool:
        """True if a fix changes only the text; the library is not to be edited."""
        return all(edit.span.source is self.module.source for edit in fix.edits)

    def spend(self, work: int, span: Span) -> None:
        """Counts what is evaluated, and ends the check where definitions multiply it.

        Args:
            work: expressions evaluated, or operations looked at.
            span: what for.

        Raises:
            Enough: the text is not worth more.
        """
        self.work += work
        if self.work > limits.WORK:
            message = "the definitions of this text multiply beyond all bounds"
            limit = f"the limit is {limits.WORK:,} expressions"
            help = f"{limit}; definitions that use others twice, again and again, double each time"
            self.report(Problem("too-many-parts", span, message, help))
            raise Enough

    def place(self, span: Span) -> Span:
        """Where a user has to look: what stands in the library is at the call that led there."""
        return self.call if self.call and span.source is self._library else span

    def find(self, name: str, scope: Scope) -> Definition | None:
        """The definition a name refers to; the library does not see the user's names."""
        if scope.source is self.module.source and name in self.definitions:
            return self.definitions[name]
        return library.find(name)

    @contextmanager
    def expanding(self, definition: Definition, call: Span) -> Iterator[bool]:
        """Marks a definition as being expanded; gives False where that would never end."""
        active = self._active
        for place, other in enumerate(active):
            if other is definition:
                self.report(_recursion([*active[place:], definition], call))
                yield False
                return
        if definition.span.source is self.module.source:
            self.expanded.add(definition.name)
        before = self.call, self.through
        if call.source is not self._library:
            self.call = call
            if definition.keyword == "def" and not library.is_native(definition):
                self.through = (*self.through, (definition.name, call))
        active.append(definition)
        try:
            yield True
        finally:
            active.pop()
            self.call, self.through = before


def _recursion(circle: list[Definition], call: Span) -> Problem:
    """The problem of definitions that lead back to the first of them."""
    message = f"`{circle[0].name}` is defined in terms of itself"
    if len(circle) > 2:
        message += ": " + " → ".join([f"`{definition.name}`" for definition in circle])
    again = circle[0].keyword in {"def", "shape"}
    help = "to do something again, use `repeat`" if again else "give the new value another name"
    return Problem("recursion", call, message, help)
