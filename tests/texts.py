"""Texts that are long or deep, made of small ones."""

from __future__ import annotations


def layers(first: str, later: str, last: str, count: int = 40) -> str:
    """Definitions a0, a1, …, each in terms of the one before it, and a program."""
    lines = [first, *(later.format(i=i, j=i - 1) for i in range(1, count))]
    return "\n".join([*lines, last])


def nested(before: str, inner: str, after: str, count: int) -> str:
    """Something between so many openings and as many ends."""
    return before * count + inner + after * count


def chain(part: str, count: int) -> str:
    """A part, so often, one after the other."""
    return " >> ".join([part] * count)
