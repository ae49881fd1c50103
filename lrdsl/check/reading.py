"""Text to checked statements: a text parsed and checked once, with all of its errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lrdsl.check.check import check
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.record import record
from lrdsl.text.parse import parse_module
from lrdsl.text.source import Source, Span

if TYPE_CHECKING:
    from lrdsl.check.run_statement import Stated
    from lrdsl.check.targets import Drive
    from lrdsl.text.nodes import Module


@record
class Reading:
    """A text that was parsed and checked.

    Attributes:
        module: the syntax tree of what parsed.
        drives: the checked statements, or None if there are none to speak of.
        stated: what the text says of its run, or None if it says nothing.
        errors: what is wrong with it, in its own words; `explained` finds better ones.
    """

    module: Module
    drives: tuple[Drive, ...] | None
    stated: Stated | None
    errors: tuple[Diagnostic, ...]


def read(source: Source) -> Reading:
    """Parses and checks a text.

    Args:
        source: the text.

    Raises:
        LrsError: its definitions lie too deep inside each other.
    """
    module, errors = parse_module(source)
    with too_deep(source):
        drives, stated, more = check(module)
    return Reading(module, drives, stated, (*errors, *more))


def explained(reading: Reading) -> list[Diagnostic]:
    """The errors of a text, with those that another reading of it explains better.

    Args:
        reading: the text, which has errors.
    """
    from lrdsl.text.comments_elsewhere import without_comments
    from lrdsl.text.revealed import with_revealed

    def again(text: Source) -> list[Diagnostic]:
        return [*read(text).errors]

    source = reading.module.source
    return with_revealed(source, without_comments(source, [*reading.errors], again), again)


@contextmanager
def too_deep(source: Source) -> Iterator[None]:
    """Turns a recursion that Python cannot follow into a diagnostic."""
    try:
        yield
    except RecursionError:
        message = "the definitions of this text lie too deep inside each other"
        help = "use fewer levels of `def` and `let`"
        span = Span(source, 0, len(source.line(1)))
        raise LrsError([Diagnostic("too-deep", message, help, span)]) from None
