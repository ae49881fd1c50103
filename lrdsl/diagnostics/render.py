"""A diagnostic as text for people: the line, carets under it, and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unicodedata import category, east_asian_width

if TYPE_CHECKING:
    from lrdsl.diagnostics.diagnostic import Diagnostic

# A line longer than this is shown as a window around the carets.
MAX_LINE = 160


def render(diagnostic: Diagnostic) -> str:
    """Renders one diagnostic, without escape codes and with a closing newline."""
    found = diagnostic.span.source.line(diagnostic.line)
    first = diagnostic.column - 1
    last = len(found) if diagnostic.end_line > diagnostic.line else diagnostic.end_column - 1
    found, first, last = _window(found, first, last)
    gutter = " " * len(str(diagnostic.line))
    indent = " " * _width(found[:first])
    carets = "^" * max(1, _width(found[first:last]))
    message = _printable(diagnostic.message)
    lines = [
        f"{diagnostic.severity}[{diagnostic.code} {diagnostic.slug}]: {message}",
        f"{gutter}--> {diagnostic.place}",
        f"{gutter} |",
        f"{diagnostic.line} | {_printable(found)}".rstrip(),
        f"{gutter} | {indent}{carets}",
    ]
    if diagnostic.help:
        lines.append(f"help: {_printable(diagnostic.help)}")
    lines.append(f"more: lrdsl explain {diagnostic.code}\n")
    return "\n".join(lines)


def _window(line: str, first: int, last: int) -> tuple[str, int, int]:
    """The part of an over-long line that shows where the carets start."""
    if len(line) <= MAX_LINE:
        return line, first, last
    start = max(0, first - MAX_LINE // 2)
    shown = line[start : start + MAX_LINE]
    lead, tail = "… " if start else "", " …" if start + MAX_LINE < len(line) else ""
    return lead + shown + tail, first - start + len(lead), min(last - start, MAX_LINE) + len(lead)


def _printable(line: str) -> str:
    """Control characters and the like made visible, one column each."""
    return "".join(_shown(char) for char in line)


def _shown(char: str) -> str:
    if char in "\t\r\n":
        return " "
    return "\ufffd" if category(char) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} else char


def _width(text: str) -> int:
    """The columns a text takes in a terminal."""
    return sum(
        0 if category(char) in {"Mn", "Me"} else 2 if east_asian_width(char) in {"W", "F"} else 1
        for char in text
    )
