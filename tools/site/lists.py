"""The indentation of lists: a host takes what is below the text of an item, the site 4 columns."""

from __future__ import annotations

import re

_MARKER = re.compile(r"(?:[*+-]|\d+[.)]) +(?=\S)")
_FENCE = re.compile(r"`{3,}|~{3,}")
_STEP = 4


def indented(text: str) -> str:
    """A page whose list items hold what they hold on a repository host.

    Args:
        text: the page.
    """
    found: list[str] = []
    columns: list[int] = []  # where the text of each open item starts
    fence, shift = "", 0
    for line in text.split("\n"):
        bare = line.lstrip(" ")
        column = len(line) - len(bare)
        if fence:
            fence = "" if bare.rstrip() == fence else fence
            found.append(_moved(line, shift))
            continue
        if bare:
            while columns and column < columns[-1]:
                columns.pop()
            shift = _STEP * len(columns) - (columns[-1] if columns else 0)
        marker = _MARKER.match(bare)
        if marker and not columns and found and _is_prose(found[-1]):
            found.append("")  # on a host a list ends a paragraph
        if opened := _FENCE.match(bare):
            fence = opened[0]
        found.append(_moved(line, shift) if bare else "")
        if marker:
            columns.append(column + marker.end())
    return "\n".join(found)


def _moved(line: str, shift: int) -> str:
    """A line that is moved to the right, or as far to the left as it goes."""
    return " " * shift + line if shift >= 0 and line else line[min(-shift, _column(line)) :]


def _column(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _is_prose(line: str) -> bool:
    """Whether a line is a paragraph's, and not an item's, which goes on in the next."""
    return (
        bool(line.strip())
        and not line.startswith((" ", "#", "|", "<", ">", "`"))
        and not (_MARKER.match(line))
    )
