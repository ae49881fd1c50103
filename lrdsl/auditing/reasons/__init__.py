"""Why a run left its schedule: the mistakes that are known, each in a file of its own.

Each module has a ``REASON``. They come in the order of how often they are met, which is the order
in which explanations of one log are given.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lrdsl.auditing.case import Case, Explanation

REASONS = (
    "constant",
    "faster",
    "epoch",
    "slower",
    "restarted",
    "revision",
    "group",
    "warmup",
    "total",
    "peak",
    "length",
    "climbs",
    "stopped",
    "behind",
    "ahead",
    "reloaded",
    "product",
)


def explanations(case: Case) -> Iterator[Explanation]:
    """Every explanation of a case, likeliest first."""
    for name in REASONS:
        yield from import_module(f"lrdsl.auditing.reasons.{name}").REASON.explain(case)
