"""A character in a comment that makes the text look other than it is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice

from lrdsl import limits
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.diagnostics.fix import fix
from lrdsl.lints.lint import ProgramContext, warning
from lrdsl.text.source import Source, Span, comments

# What turns the direction of text, and what some programs show as the end of a line. In code they
# are errors.
_MISLEADING = "[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\u0085\x0b\x0c]"


def find(text: ProgramContext) -> Iterator[Diagnostic]:
    """Comments in which code could be made to look like a comment, or a comment like code."""
    source = text.program.module.source
    if re.search(_MISLEADING, source.text):
        yield from islice(_misleading(source), limits.ERRORS)


def _misleading(source: Source) -> Iterator[Diagnostic]:
    for start, comment in comments(source.text):
        found = re.search(_MISLEADING, comment)
        if found:
            name = unicodedata.name(found[0], "").lower()
            shown = f"U+{ord(found[0]):04X}" + (f" ({name})" if name else "")
            message = f"this comment holds {shown}, and the text may look other than it is"
            place = start + found.start()
            span = Span(source, place, place + 1)
            own = fix(span, "", "delete it", safe=True)
            yield warning("hidden-character", message, "delete it", span, own)
