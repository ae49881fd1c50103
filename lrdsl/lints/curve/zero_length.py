"""A part so short that it owns no step."""

from __future__ import annotations

from collections.abc import Iterator

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.lints.lint import ScheduleContext, warning


def find(line: ScheduleContext) -> Iterator[Diagnostic]:
    """Parts with a length above 0 that rounds to no step."""
    for span, (name, length) in line.driven.vanished.items():
        message = f"`{name}` lasts {length:.3g} steps, which round to none: it is left out"
        yield warning("zero-length", message, "make it longer, or remove it", span)
