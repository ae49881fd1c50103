"""Numbers as other languages write them: ranges, hexadecimal, several points.

Loaded only to report a number that cannot be read.
"""

from __future__ import annotations

import re

from lrdsl.diagnostics.fix import Fix, fix
from lrdsl.text.hint import of_range
from lrdsl.text.source import Span

_NUMBER = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?"
# What stands before an argument that a start and an end may follow: a length.
_AFTER_LENGTH = re.compile(r"\b(?!repeat\b|over\b)[a-z_]+\([ \t]*[0-9][\w.%]*[ \t]*,[ \t]*\Z")
_BASES = {"x": 16, "o": 8, "b": 2}


def as_meant(spelling: str, span: Span) -> tuple[str, tuple[Fix, ...]]:
    """What a number that cannot be read was meant to be, in words and as an edit.

    Args:
        spelling: the number.
        span: where it stands.
    """
    if found := _range(spelling):
        start, end = found
        help = of_range(start, end)
        before = span.source.text[max(0, span.start - 100) : span.start]
        follows = _AFTER_LENGTH.search(before) is not None
        return help, (fix(span, f"{start}, {end}"),) if follows else ()
    if based := re.fullmatch(r"0([xob])([0-9a-f]{1,12})", spelling.lower()):
        try:
            number = str(int(based[2], _BASES[based[1]]))
        except ValueError:
            return "write it as a decimal number, such as `16`", ()
        return f"write `{number}`", (fix(span, number, safe=True),)
    if re.fullmatch(r"[0-9_]+(?:__+|_+\Z)[0-9_]*", spelling) and len(spelling) < 15:
        number = re.sub("_+", "_", spelling).strip("_")
        return f"write `{number}`", (fix(span, number, safe=True),)
    if spelling.count(".") > 1:
        return "a number has one point, as in `0.01`", ()
    if re.fullmatch(r"[0-9.]+[eE][+-]?", spelling):
        return "an exponent has digits, as in `1e-3`", ()
    if re.fullmatch(r"[0-9._]+[eE][+-]?[0-9]+", spelling):
        return "write a smaller exponent, or `0` for a number too small to be told from it", ()
    if len(spelling) > 24:
        return "write fewer digits, or a power of 10 such as `1e-5`", ()
    return "a number is written like `5`, `0.3`, `1e-5` or `10k`, a length like `5ep` or `10%`", ()


def _range(spelling: str) -> tuple[str, str] | None:
    """The two ends of ``0.3..0.01``; the first may end with a point of its own."""
    first, dots, last = spelling.partition("..")
    last = last.lstrip(".") if last[:1] == "." and last[1:2].isdecimal() and dots else last
    is_range = dots and re.fullmatch(_NUMBER, first) and re.fullmatch(_NUMBER, last)
    return (first, last) if is_range else None
