"""Labels fit for one line of a chart or a picture."""

from __future__ import annotations

from unicodedata import combining, east_asian_width


def one_line(text: str, room: int | None = None) -> str:
    r"""Makes one printable line of a label, which may be a file name or a whole source.

    Args:
        text: Any text.
        room: The most terminal columns, or None for no limit.

    Returns:
        The text without line breaks or control characters, cut with an ellipsis if too long.

    >>> one_line("warmup(5)\n  >> const", room=12)
    'warmup(5) >…'
    """
    text = " ".join(text.split())
    text = "".join(letter if letter.isprintable() else "?" for letter in text)
    if room is None or columns(text) <= room:
        return text
    while columns(text) >= room:
        text = text[:-1]
    return text + "…"


def columns(text: str) -> int:
    """Counts the terminal columns of a printable text.

    >>> columns("cosine"), columns("学习率")
    (6, 6)
    """
    wide = sum(east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(combining(letter) > 0 for letter in text)
