"""A part so short that it owns no step."""

from __future__ import annotations

from collections.abc import Iterator

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.lints.edits import part_removed
from lrdsl.lints.lint import ScheduleContext, warning
from lrdsl.wording import number


def find(line: ScheduleContext) -> Iterator[Diagnostic]:
    """Parts with a length above 0 that rounds to no step."""
    for span, (name, length) in line.driven.vanished.items():
        message = f"`{name}` lasts {number(length, 3)} steps, which round to none: it owns no step"
        yield warning(
            "zero-length", message, "make it longer, or remove it", span, *part_removed(span)
        )
