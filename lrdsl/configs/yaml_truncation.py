"""Texts that YAML has cut: at the commas of a flow map, or at a comment."""

from __future__ import annotations

import re

from lrdsl.configs.config_file import Scalar
from lrdsl.configs.find import Entry
from lrdsl.configs.yaml_file import cut
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.text.source import Embedded, Span, comments

_COMMENT = re.compile(r"[ \t]+(#[^\r\n]*)")
_LINE_END = re.compile(r"[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]|\Z")
_NEXT = re.compile(r"\s*(,)")


def split(entry: Entry) -> Diagnostic | None:
    """The damage that a flow map or list did to a text with commas, if any.

    Args:
        entry: a schedule.
    """
    scalar, table = entry.scalar, entry.table
    if table is None or not table.is_flow or scalar.style:
        return None
    comma = _NEXT.match(scalar.source.text, scalar.end)
    if comma is None or _depth(scalar.text) <= 0:
        return None
    braces = "list in brackets" if table.is_list else "map in braces"
    message = f"a {braces} ends a text at a comma, and here it split the schedule"
    span = Span(scalar.source, comma.start(1), comma.end(1))
    help = "put the text in quotes, or write each key on a line of its own"
    return Diagnostic("split-at-comma", message, help, span)


def _depth(text: str) -> int:
    """The number of parentheses that a text opens and does not close."""
    return sum(text.count(sign) for sign in "([") - sum(text.count(sign) for sign in ")]")


def leftovers(entry: Entry) -> list[tuple[int, int]]:
    """The values that are pieces of a text which was split: their table's id, and their places.

    Args:
        entry: a schedule of which `split` says that it was.
    """
    depth, places = _depth(entry.scalar.text), []
    items = entry.table.items if entry.table is not None else []
    for place, (key, value) in enumerate(items[entry.index + 1 :], start=entry.index + 1):
        if depth <= 0:
            break
        piece = value.text if isinstance(value, Scalar) and value.text else key or ""
        depth += _depth(piece)
        places.append((id(entry.table), place))
    return places


def swallowed(text: Embedded, scalar: Scalar) -> Diagnostic | None:
    """A comment of the schedule that goes on over lines which the config file folded into one.

    Args:
        text: the schedule.
        scalar: where it stands.
    """
    # All of a string with escapes is at one place, which says nothing about its lines.
    if len(text.text) < 2 or text.starts[0] == text.starts[len(text.text) - 1]:
        return None
    for start, comment in comments(text.text):
        line = text.position(start)[0]
        if text.end_position(start + len(comment.rstrip()))[0] > line:
            offset = text.starts[start]
            # Only this line: a copy of the rest of the file for each schedule would add up.
            stop = _LINE_END.search(text.host.text, offset).start()  # type: ignore[union-attr]
            message = "this comment goes on to the end of the schedule: the lines below are folded"
            message += " into this one"
            help = "write `|` after the key, which keeps lines, or take the comment out"
            return Diagnostic("cut-by-comment", message, help, Span(text.host, offset, stop))
    return None


def comment_after(scalar: Scalar) -> Span | None:
    """The YAML comment that follows a plain scalar on its line.

    Args:
        scalar: a value.
    """
    if scalar.style or not scalar.source.name.endswith((".yaml", ".yml")):
        return None
    match = _COMMENT.match(scalar.source.text, scalar.end)
    return Span(scalar.source, match.start(1), match.end(1)) if match else None


def explained(errors: list[Diagnostic], text: Embedded, scalar: Scalar) -> list[Diagnostic]:
    """The errors of a schedule; one at its end is the fault of a comment that cut it there.

    Args:
        errors: the errors of the text.
        text: the schedule.
        scalar: where it stands.
    """
    comment = comment_after(scalar)
    end = len(text.text.rstrip())
    if comment is None or not all(e.span.source is text and e.span.start >= end for e in errors):
        return errors
    return [cut(comment)]
