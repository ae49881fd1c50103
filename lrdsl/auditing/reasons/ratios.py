"""What a wrong number has to do with the right one: steps an epoch, processes, micro-batches."""

from __future__ import annotations

from collections.abc import Sequence

from lrdsl.auditing.reasons.held import epoch_length
from lrdsl.auditing.subject import Subject
from lrdsl.wording import count


def guesses(subject: Subject, right: int) -> list[int]:
    """Numbers that a mistake in the unit makes of the right one."""
    length = epoch_length(subject)
    if length is None or length < 2:
        return []
    return [right * length, *([right // length] if right >= length else [])]


def ratio(subject: Subject, right: int, found: Sequence[int]) -> str:
    """Says that a number is a multiple or a part of the right one, and what for; else nothing."""
    low, high = min(found), max(found)
    larger = high > right
    times = high // right if larger else -(-right // high)
    exact = times * right >= low if larger else right % times == 0 and right // times >= low
    if times < 2 or not exact:
        return ""
    if times == epoch_length(subject):
        units = ("epochs", "updates") if larger else ("updates", "epochs")
        return f": it was counted in {units[0]}, not in {units[1]}"
    if larger:
        return f": {count(times)} times as many, as if micro-batches or processes were counted"
    return f": as if divided by {count(times)} processes or micro-batches"
