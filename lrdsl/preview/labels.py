"""Numbers and labels as a person reads them."""

from __future__ import annotations

from unicodedata import combining, east_asian_width

from lrdsl.wording import number

_UNITS = ((10**9, "B"), (10**6, "M"), (10**3, "k"))


def step_label(steps: int) -> str:
    """Writes a step for an axis: in full, or in the language's k, M and B where that is shorter.

    Args:
        steps: A step or a number of steps.

    Returns:
        Text that names exactly this step.

    >>> [step_label(step) for step in (2000, 35190, 125000, 123456, 10**9)]
    ['2000', '35190', '125k', '123456', '1B']
    """
    full = str(steps)
    if steps < 10_000:
        return full
    size, letter = next(unit for unit in _UNITS if steps >= unit[0])
    short = f"{number(steps / size)}{letter}"
    return short if len(short) < len(full) and steps * 100 % size == 0 else full


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
