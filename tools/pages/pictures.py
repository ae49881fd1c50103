"""Curves as the pictures of a page: exactly what ``lrdsl preview -o NAME.svg`` writes."""

from __future__ import annotations

from collections.abc import Sequence

from lrdsl.preview import Curve, Unit, svg, window
from lrdsl.preview.metric import sampled


def picture(curves: Sequence[Curve], unit: Unit | None = None) -> str:
    """The picture of the curves of one or more programs, as SVG.

    Args:
        curves: what is drawn, over each other; several get a legend.
        unit: the unit that the programs speak, where that is not steps.
    """
    shown = [one for curve in curves for one in sampled([curve])]
    return svg(shown, window(shown, unit=unit))
