"""What is reported about a text, and the exception that carries it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lrdsl.diagnostics import catalogue
from lrdsl.limits import ERRORS
from lrdsl.record import record
from lrdsl.wording import visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lrdsl.diagnostics.fix import Fix
    from lrdsl.text.source import Span


@record
class Diagnostic:
    """One finding: what is wrong, where, and a way out.

    Lines and columns are 1-based and count characters; the end is exclusive.

    Attributes:
        slug: what is wrong in a word, as in ``unknown-name``; never changes.
        message: what is wrong here, in one sentence.
        help: what to write instead; may be empty.
        span: the text it is about.
        needs: the option that would mend it by saying more about the run; usually empty.
        severity: ``error``, or ``warning`` for what is allowed and probably not meant.
        fixes: edits that mend it, the most likely first; usually those that ``help`` names.
    """

    slug: catalogue.Slug
    message: str
    help: str
    span: Span
    needs: str = ""
    severity: str = "error"
    fixes: tuple[Fix, ...] = ()

    @property
    def code(self) -> str:
        """The stable code, as in ``LRS201``."""
        return catalogue.CODES[self.slug]

    @property
    def name(self) -> str:
        """The name of the source: a path, or what was given to ``parse``."""
        return self.span.source.name

    @property
    def place(self) -> str:
        """Where it starts, as messages say it: with line and column unless it is in no file."""
        name = visible(self.name)
        return name if self.span.source.is_said else f"{name}:{self.line}:{self.column}"

    @property
    def line(self) -> int:
        """The line where it starts."""
        return self.span.place[0]

    @property
    def column(self) -> int:
        """The column where it starts."""
        return self.span.place[1]

    @property
    def end_line(self) -> int:
        """The line where it ends."""
        return self.span.place[2]

    @property
    def end_column(self) -> int:
        """The column just after its end."""
        return self.span.place[3]

    def to_json(self) -> dict[str, Any]:
        """The diagnostic as plain data, ready for ``json.dumps``.

        A schedule inside a config has no ``fixes`` here: its edits are not edits of the config,
        which may spell characters in ways of its own.
        """
        return {
            "code": self.code,
            "slug": self.slug,
            "severity": self.severity,
            "message": self.message,
            "help": self.help,
            "name": self.name,
            "line": self.line,
            "column": self.column,
            "end_line": self.end_line,
            "end_column": self.end_column,
            "fixes": [] if self.span.source.is_embedded else [*map(_fix_to_json, self.fixes)],
        }


def _fix_to_json(fix: Fix) -> dict[str, Any]:
    names = ("line", "column", "end_line", "end_column")
    edits = [
        {**dict(zip(names, edit.span.place, strict=True)), "text": edit.text} for edit in fix.edits
    ]
    return {"title": fix.title, "safe": fix.safe, "edits": edits}


class LrsError(ValueError):
    """A text, or a run given for it, was refused.

    Attributes:
        diagnostics: every finding, in the order of the text, up to a limit.
    """

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        found = tuple(sorted(diagnostics, key=lambda d: (d.name, d.span.start, d.span.end)))
        if len(found) > ERRORS:
            message = f"there are more errors, and only the first {ERRORS} are shown"
            more = Diagnostic("too-many-errors", message, "mend those first", found[ERRORS].span)
            found = (*found[:ERRORS], more)
        super().__init__(found)
        self.diagnostics: tuple[Diagnostic, ...] = found

    def __str__(self) -> str:
        from lrdsl.diagnostics.render import render

        return "\n".join(render(diagnostic) for diagnostic in self.diagnostics)

    def __reduce__(self) -> tuple[type[LrsError], tuple[tuple[Diagnostic, ...]]]:
        return LrsError, (self.diagnostics,)
