"""What the translations of several systems share: parts of texts, and a note."""

from __future__ import annotations

from lrdsl.importers.symbols import Whole, is_known
from lrdsl.importers.trial import TOTAL


def chain(*parts: str) -> str:
    """Parts in sequence, without the empty ones.

    >>> chain("warmup(5)", "", "cosine")
    'warmup(5) >> cosine'
    """
    return " >> ".join(part for part in parts if part)


def held(length: Whole, value: str = "") -> str:
    """A value that is held; nothing where the length is 0.

    Args:
        length: how long.
        value: the value, if it is not that of the part before.
    """
    if is_known(length) and not length:
        return ""
    return f"const({length}{', ' + value if value else ''})"


def warmup_from_one(warmup: Whole, low: str = "", peak: str = "base") -> str:
    """A warm-up of which the first update is step 1: the last of its updates has the peak.

    That update is the first step of the part after it, so the text is one step shorter.

    >>> warmup_from_one(Whole(10)), warmup_from_one(Whole(10), "1e-5"), warmup_from_one(Whole(1))
    ('warmup(9, base / 10)', 'warmup(9, 1e-5 + (base - 1e-5) / 10)', '')

    Args:
        warmup: the updates.
        low: the value at step 0; empty if it is 0.
        peak: the value at its end.
    """
    if warmup <= 1:
        return ""
    first = f"{low} + ({peak} - {low}) / {warmup}" if low else f"{peak} / {warmup}"
    return f"warmup({warmup - 1}, {first})"


def rate_note(lr: object) -> str:
    """The note on what the optimizer is built with, which the text calls `base`.

    Args:
        lr: the learning rate.
    """
    return f"the optimizer's learning rate is {lr}"


def in_run(total: Whole) -> Whole:
    """The length of the run as a program writes it, where the source does not say it: `100%`.

    Args:
        total: the length of the run.
    """
    return Whole(int(total), "100%") if str(total) == TOTAL else total
