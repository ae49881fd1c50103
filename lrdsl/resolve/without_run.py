"""Errors of a program that are certain before its run is known."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from lrdsl.check.targets import Drive
from lrdsl.check.values import Length
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.resolve.resolve import resolve
from lrdsl.resolve.run import RUN, Run
from lrdsl.text.source import Said, Span

if TYPE_CHECKING:
    from lrdsl.text.numbers import Rational

# Faults that no run can fix.
_CERTAIN = {"second-rest", "product-of-rates", "base-in-scalar"}


class _AnyUnit(dict[str, "Rational"]):
    """Units of a made-up run: whatever the caller's are called, they have a thousand steps."""

    def get(self, unit: str, default: Rational | None = None) -> Rational | None:  # type: ignore[override]
        return default if unit in {"%", "rest"} else super().get(unit, 1000)


def certain(drives: Iterable[Drive]) -> list[Diagnostic]:
    """The errors of a program that occur in every run, found by resolving it for a made-up run.

    Args:
        drives: what a program drives that has to know more of its run, under the values that its
            ``param`` statements were given.
    """
    total = Length((("st", 10**9),), Span(Said(RUN, ""), 0, 0))
    try:
        resolve(drives, Run(total, _AnyUnit(st=1)))
    except LrsError as error:
        return [d for d in error.diagnostics if d.slug in _CERTAIN]
    return []
