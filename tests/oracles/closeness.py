"""The one way in which rates are compared where they need not be the same to the last bit."""

from __future__ import annotations

from collections.abc import Iterable

# numpy's exp and pow differ from math's by one unit in the last place on some points.
TOLERANCE = 1e-12


def assert_close(
    found: Iterable[float], wanted: Iterable[float], *, peak: float | None = None
) -> None:
    """Asserts that two curves agree within 1e-12 of their peak at every step.

    Args:
        found: the curve in question.
        wanted: the reference.
        peak: what the tolerance is scaled to; the largest value of the reference where not given.
    """
    curve, reference = list(found), list(wanted)
    assert len(curve) == len(reference), f"{len(curve)} values, and {len(reference)} are wanted"
    scale = max(map(abs, reference), default=0.0) if peak is None else peak
    for i, (value, right) in enumerate(zip(curve, reference, strict=True)):
        # Written so that a value that is not a number fails.
        assert abs(value - right) <= TOLERANCE * scale, f"value {i} is {value!r}, not {right!r}"
