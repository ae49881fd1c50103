"""Diagnostics about a text, and the exception that carries them."""

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
    """One error or warning: what is wrong, where, and how to fix it.

    Lines and columns are 1-based and count characters; the end is exclusive.

    Attributes:
        slug: the stable name of the error, such as ``unknown-name``.
        message: what is wrong, in one sentence.
        help: what to write instead; may be empty.
        span: the place in the text.
        needs: the command-line option that supplies what is missing, such as ``--total``; usually
            empty.
        severity: ``"error"``, or ``"warning"`` for text that is valid but probably a mistake.
        fixes: edits that fix it, the most likely first.

    Examples:
        >>> import lrdsl
        >>> try:
        ...     lrdsl.parse("warmup(5) >> cosin(20)")
        ... except lrdsl.LrsError as error:
        ...     (found,) = error.diagnostics
        >>> found.code, found.line, found.column, found.help
        ('LRS201', 1, 14, 'did you mean `cosine`?')
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
        """The stable code, such as ``LRS201``; ``lrdsl explain LRS201`` describes it."""
        return catalogue.CODES[self.slug]

    @property
    def name(self) -> str:
        """The name of the text: its path, or the ``name`` given to ``parse``."""
        return self.span.source.name

    @property
    def place(self) -> str:
        """The start as messages show it: ``name:line:column``, or the name alone without a text."""
        name = visible(self.name)
        return name if self.span.source.is_said else f"{name}:{self.line}:{self.column}"

    @property
    def line(self) -> int:
        """The line of the start."""
        return self.span.place[0]

    @property
    def column(self) -> int:
        """The column of the start."""
        return self.span.place[1]

    @property
    def end_line(self) -> int:
        """The line of the end."""
        return self.span.place[2]

    @property
    def end_column(self) -> int:
        """The column just after the end."""
        return self.span.place[3]

    def to_json(self) -> dict[str, Any]:
        """Returns the diagnostic as plain data for ``json.dumps``.

        ``lrdsl check --format json`` prints the same. For a schedule inside a YAML, TOML or JSON
        config, ``fixes`` is empty: its edits would not fit the config's quoting.
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
    """Raised for a program with errors, or one that does not fit its run or optimizer.

    ``str(error)`` shows every error with its place in the text, as on the command line.

    Attributes:
        diagnostics: the errors, in the order of the text; at most 100 and a note that there are
            more.
    """

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        found = tuple(sorted(diagnostics, key=lambda d: (d.name, d.span.start, d.span.end)))
        if len(found) > ERRORS:
            message = f"there are more errors, and only the first {ERRORS} are shown"
            more = Diagnostic("too-many-errors", message, "fix those first", found[ERRORS].span)
            found = (*found[:ERRORS], more)
        super().__init__(found)
        self.diagnostics: tuple[Diagnostic, ...] = found

    def __str__(self) -> str:
        from lrdsl.diagnostics.render import render

        return "\n".join(render(diagnostic) for diagnostic in self.diagnostics)

    def _render_traceback_(self) -> list[str]:
        """Returns what IPython shows in place of a traceback: the errors."""
        return f"LrsError\n{self}".splitlines()

    def __reduce__(self) -> tuple[type[LrsError], tuple[tuple[Diagnostic, ...]]]:
        return LrsError, (self.diagnostics,)
