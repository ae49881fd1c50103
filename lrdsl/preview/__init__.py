"""Pictures of a schedule: a terminal chart, a table, and PNG, SVG, CSV and JSON files.

Nothing here computes a rate: every picture evaluates the schedule it is given. numpy, plotext and
matplotlib load inside the functions that need them, so importing this package stays cheap.
"""

from __future__ import annotations

from lrdsl.preview.chart import chart
from lrdsl.preview.curve import Curve, View, window
from lrdsl.preview.export import FORMATS, write
from lrdsl.preview.svg import svg
from lrdsl.preview.table import table
from lrdsl.preview.units import Unit

__all__ = ["FORMATS", "Curve", "Unit", "View", "chart", "svg", "table", "window", "write"]
