from __future__ import annotations

from collections.abc import Callable

import pytest

import lrdsl
from lrdsl.preview import Curve

MakeCurve = Callable[..., Curve]


@pytest.fixture
def curve() -> MakeCurve:
    """Makes a curve from a program; what is left to keywords goes to `resolve`."""

    def make(text: str, label: str = "", base: float = 1.0, **run: object) -> Curve:
        schedule = lrdsl.parse(text).resolve(**run)  # type: ignore[arg-type]
        return Curve(label or text, schedule, base)

    return make
