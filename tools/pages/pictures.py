"""Curves as the pictures of a page: exactly what ``lrdsl preview -o NAME.svg`` writes."""

from __future__ import annotations

import io
from collections.abc import Sequence

from lrdsl.preview import Curve
from lrdsl.preview.curve import window
from lrdsl.preview.export import write_svg


def svg(curves: Sequence[Curve]) -> str:
    """The picture of one or more curves.

    Args:
        curves: what is drawn, over each other; several get a legend.
    """
    stream = io.BytesIO()
    write_svg(stream, curves, window(curves))
    return stream.getvalue().decode()
