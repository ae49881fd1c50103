"""The analysis of one text: everything that an editor, a page or a command shows of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from lrdsl.analysis import editing, param_values
from lrdsl.analysis import hover as hovers
from lrdsl.analysis import tokens as pieces
from lrdsl.analysis.called import Callables
from lrdsl.analysis.completion import Completion, completions
from lrdsl.analysis.findings import Findings, findings
from lrdsl.analysis.known import Known
from lrdsl.analysis.layout import torn
from lrdsl.analysis.outline import Symbol, symbols
from lrdsl.analysis.part_lines import hints
from lrdsl.analysis.places import Change, Hint, Location, Places, Replacement, located
from lrdsl.analysis.references import References
from lrdsl.analysis.signature import Signature, signature
from lrdsl.analysis.unfinished import finished, read_any
from lrdsl.check import params
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.program import Program
from lrdsl.resolve.run_arguments import RunArguments, normalized
from lrdsl.text.format import formatted
from lrdsl.text.source import unmarked

if TYPE_CHECKING:
    from lrdsl.analysis.hover import Hover
    from lrdsl.analysis.names import Occurrence
    from lrdsl.analysis.picture import Picture
    from lrdsl.analysis.tokens import Token
    from lrdsl.check.params import Param
    from lrdsl.check.reading import Reading
    from lrdsl.resolve.resolved import Resolved
    from lrdsl.resolve.run import Run
    from lrdsl.schedule.parts import Part
    from lrdsl.text.nodes import Module
    from lrdsl.text.source import Source, Span

Explain = Callable[[list[Diagnostic]], list[Diagnostic]]


class Analysis:
    """What is known of a schedule: `analyze` makes one.

    It is lazy: the text is parsed and checked once, when it is made. What an unfinished text says
    is found, and the text laid out, when something asks for that. Nothing of it raises an
    `LrsError`.

    Every offset counts characters of the **document**: the text itself, or the config or other
    text that it is part of, without the mark of its encoding that may be at its start. ``places``
    turns offsets into lines and columns in UTF-16, and back.

    Attributes:
        source: the text, and where it stands.
        bases: the optimizer's own values of what is driven, by key, as far as they are known.
        is_finished: True if all of the text parses.
        address: what names it: its name, or a config and the keys where it stands,
            ``train.yaml:optimizer.schedule``.
    """

    def __init__(
        self,
        source: Source,
        known: Known,
        explain: Explain | None = None,
        errors: Sequence[Diagnostic] = (),
        address: str = "",
    ) -> None:
        self.source = source
        self.address = address or source.name
        self.bases = known.bases
        self._known = known
        self._explain = explain or (lambda found: found)
        reading, found = read_any(source)
        self._errors = (*errors, *self._explain(found))
        self._reading = reading
        self.is_finished = reading.module.complete

    @cached_property
    def _shown(self) -> Reading:
        """The text, read as far as it says something."""
        partial = None if self.is_finished else finished(self._reading)
        return partial or self._reading

    @property
    def module(self) -> Module:
        """The syntax tree; that of an unfinished text lacks what does not parse yet."""
        return self._shown.module

    @property
    def program(self) -> Program | None:
        """The program; None if the text has errors that are more than unfinished."""
        return self._bound[0]

    @cached_property
    def _bound(self) -> tuple[Program | None, tuple[Diagnostic, ...]]:
        """The program for the groups, or what is wrong with it for them."""
        shown = self._shown
        if shown.errors or shown.drives is None:
            return None, ()
        program = Program.of(shown)
        try:
            return program.for_groups(self._known.groups) if self._known.groups else program, ()
        except LrsError as error:
            return None, error.diagnostics

    @cached_property
    def run(self) -> RunArguments:
        """The arguments of the run, as far as they are known."""
        return self._known.run if self.program is None else self._known.run_of(self.program)

    @property
    def name(self) -> str:
        """The name of the text in messages."""
        return self.source.name

    @property
    def text(self) -> str:
        """The text of the schedule."""
        return self.source.text

    @cached_property
    def places(self) -> Places:
        """The positions of the document."""
        return Places(self.source.whole)

    def location(self, span: Span) -> Location:
        """Where a span is in the document; for a span of something else, the whole text.

        Args:
            span: a span, such as that of a diagnostic.
        """
        return located(span, self.source)

    def covers(self, offset: int) -> bool:
        """True if a place of the document is in this text, or at one of its ends.

        Args:
            offset: the place.
        """
        return self.to_text(offset) is not None

    def to_text(self, offset: int) -> int | None:
        """Returns the offset in ``text`` of a place of the document; None for one outside.

        Args:
            offset: the place.
        """
        return self.source.inner(offset)

    def to_document(self, offset: int) -> int:
        """Returns the offset in the document of a place of ``text``.

        Args:
            offset: the place.
        """
        return self.source.outer(offset, offset)[0]

    @cached_property
    def _findings(self) -> Findings:
        if self.program is None:
            return Findings()
        try:
            # Warnings are for a text without errors, and some of them read it again.
            is_right = not self._errors
            return findings(self.program, self.run, chosen=lambda slug: is_right, bases=self.bases)
        except LrsError as error:
            return Findings(error.diagnostics)

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """The errors; where there are none, the warnings."""
        if self._errors:
            return self._errors
        if wrong := self._bound[1]:
            return tuple(self._explain([*wrong]))
        found = self._findings
        return tuple(self._explain([*found.errors])) or found.warnings

    @property
    def needs(self) -> tuple[str, ...]:
        """The options that would say what has to be known of the run, such as ``--total``."""
        return self._findings.needs

    @property
    def resolved(self) -> Resolved | None:
        """The program, laid out; None if it has errors, or if its run is not known."""
        return self._findings.resolved

    @cached_property
    def picture(self) -> Picture | None:
        """What can be drawn; None if nothing can.

        Where the run is not known, but all lengths are in one unit, or are shares of the run, it is
        drawn in that unit.
        """
        if self.program is None:
            return None
        from lrdsl.analysis.picture import picture

        try:
            return picture(self.program, self.run, self.bases)
        except LrsError:
            return None

    @property
    def parts(self) -> dict[str, tuple[Part, ...]]:
        """The parts of each target that can be drawn; each has its ``children``.

        Their ``start`` and ``end`` are in terms of ``base``.
        """
        curves = self.picture.curves if self.picture is not None else ()
        return {curve.label: curve.schedule.parts_at(curve.base) for curve in curves}

    def svg(self, width: int | None = None) -> str | None:
        """Returns the curve as an SVG picture, or None if nothing can be drawn.

        Args:
            width: the width in pixels; by default that of all pictures.
        """
        return self.picture.svg(width=width) if self.picture is not None else None

    @property
    def params(self) -> tuple[Param, ...]:
        """The ``param`` statements; none if the text has errors."""
        return self.program.params if self.program is not None else ()

    def with_params(self, values: Mapping[str, str]) -> str:
        """Returns the text with other values for ``param`` statements.

        Args:
            values: what to write, by name.

        Raises:
            KeyError: there is no such ``param`` statement.
        """
        return param_values.with_params(self.text, self.module, values)

    def varied(self, values: Mapping[str, str]) -> Analysis:
        """Returns the analysis of the text by itself, with other values for ``param`` statements.

        Args:
            values: what to write, by name; it goes before what the run says of them.

        Raises:
            KeyError: there is no such ``param`` statement.
        """
        run = self.run.copy()
        given = run.get("params") or {}
        run["params"] = {name: value for name, value in given.items() if name not in values}
        source = unmarked(self.address, self.with_params(values))
        known = Known(normalized(run, "analyze"), {}, self.bases, self._known.groups)
        return Analysis(source, known)

    @property
    def formatted(self) -> str | None:
        """The text in the one standard layout; None if it does not parse."""
        if not self.is_finished or torn(self.module):
            return None
        return formatted(self.module)

    @property
    def tokens(self) -> tuple[Token, ...]:
        """The pieces of the text, without blanks, and what each of them is.

        Empty if a config spells the text with escapes: a piece has no place of its own then.
        """
        return pieces.in_document(self.source)

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """The statements that have a name."""
        return tuple(symbols(self.module, self.source))

    @property
    def names(self) -> tuple[Occurrence, ...]:
        """Every name that means something, in the order of the text."""
        return self._references.occurrences

    @cached_property
    def _references(self) -> References:
        return References(self.module, self.source)

    @cached_property
    def _callables(self) -> Callables:
        return Callables(self.module)

    def hover(self, offset: int) -> Hover | None:
        """Returns what is known of a place, as Markdown.

        Args:
            offset: the place.
        """
        if not self.covers(offset):
            return None
        return hovers.hover(self.source, offset, self._references.at(offset), self._told)

    @cached_property
    def _told(self) -> hovers.Told:
        run = self._described
        known = params.values(self.module) if run is not None else {}
        return hovers.Told(self._callables, known, self.picture, run, self.needs)

    @cached_property
    def _described(self) -> Run | None:
        """The run, with what the text states of it; None if one of them is wrong."""
        if self.program is not None:
            with suppress(LrsError):  # which diagnostics say
                return self.program.run_of(self.run)
        return None

    def completions(self, offset: int) -> tuple[Completion, ...]:
        """Returns what may be written at a place, the likeliest first.

        Args:
            offset: the place.
        """
        units = tuple(self._described.units) if self._described is not None else ()
        return completions(self.source, offset, self.module, self._callables, units)

    def signature(self, offset: int) -> Signature | None:
        """Returns the signature of the call that a place is in.

        Args:
            offset: the place.
        """
        return signature(self.source, offset, self._callables)

    def definition(self, offset: int) -> Location | None:
        """Returns where the name at a place is defined, in the document or in the library.

        Args:
            offset: the place.
        """
        return self._references.definition(offset)

    def references(self, offset: int) -> tuple[Location, ...]:
        """Returns every place that has the name at a place, its definition among them.

        Args:
            offset: the place.
        """
        return self._references.references(offset)

    def renamable(self, offset: int) -> Location | None:
        """Returns the name at a place, if the text defines it.

        Args:
            offset: the place.
        """
        return self._references.renamable(offset)

    def rename(self, offset: int, name: str) -> tuple[Replacement, ...]:
        """Returns the replacements that give what is defined in the text another name.

        Args:
            offset: a place at which it is named.
            name: the new name.

        Raises:
            ValueError: nothing there can be renamed, or the new name is invalid or taken.
        """
        return self._references.rename(offset, name)

    def changes(self, found: Diagnostic) -> tuple[Change, ...]:
        """Returns the fixes of a diagnostic that can be made in the document, the likeliest first.

        None can be made in a config that spells the text in a way of its own.

        Args:
            found: one of the diagnostics.
        """
        return tuple(editing.changes(found, self.source))

    @property
    def safe_edits(self) -> tuple[Replacement, ...]:
        """The replacements of every safe fix that can be made in one go."""
        return tuple(editing.safe_edits(self.diagnostics, self.source))

    @property
    def hints(self) -> tuple[Hint, ...]:
        """A short remark after each part: where it starts, and the values at its ends."""
        return tuple(hints(self.picture, self.source)) if self.picture is not None else ()
