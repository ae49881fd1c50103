"""Numbers and labels as a person reads them."""

from __future__ import annotations

from unicodedata import combining, east_asian_width

DIGITS = 6
_UNITS = ((10**9, "B"), (10**6, "M"), (10**3, "k"))


def number(value: float) -> str:
    """Writes a rate with at most six significant digits and no float noise.

    Args:
        value: Any float; infinities and nan come out as Python writes them.

    Returns:
        Text that reads back as a number of the language.

    >>> number(0.30000000000000004), number(0.0003), number(-0.0), number(100000.0)
    ('0.3', '3e-4', '0', '100000')
    """
    if value == 0:
        return "0"
    # Small rates are written, and compared, by their power of ten: 3e-4.
    small = abs(value) < 1e-3
    text = f"{value:.{DIGITS - 1}e}" if small else f"{value:.{DIGITS}g}"
    mantissa, mark, exponent = text.partition("e")
    if not mark:
        return text
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}e{int(exponent)}"


def apart(a: float, b: float) -> tuple[str, str]:
    """Writes two rates with six digits, or with as many as it takes to tell them apart.

    >>> apart(0.1, 0.2), apart(0.1, 0.1000000012345)
    (('0.1', '0.2'), ('0.1', '0.100000001'))
    """
    for digits in range(DIGITS, 18):
        one, other = f"{a:.{digits}g}", f"{b:.{digits}g}"
        if one != other:
            return (number(a), number(b)) if digits == DIGITS else (one, other)
    return one, other


def count(steps: int) -> str:
    """Writes a step for an axis: in full, or in the language's k, M and B where that is shorter.

    Args:
        steps: A step or a number of steps.

    Returns:
        Text that names exactly this step.

    >>> count(2000), count(35190), count(125000), count(123456), count(10**9)
    ('2000', '35190', '125k', '123456', '1B')
    """
    full = str(steps)
    if steps < 10_000:
        return full
    size, letter = next(unit for unit in _UNITS if steps >= unit[0])
    short = f"{number(steps / size)}{letter}"
    return short if len(short) < len(full) and steps * 100 % size == 0 else full


def plain(text: str, room: int | None = None) -> str:
    r"""Makes one printable line of a label, which may be a file name or a whole source.

    Args:
        text: Any text.
        room: The most terminal columns, or None for no limit.

    Returns:
        The text without line breaks or control characters, cut with an ellipsis if too long.

    >>> plain("warmup(5)\n  >> const", room=12)
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
