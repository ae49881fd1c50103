"""What a schedule looks like: a terminal chart, a table, and PNG, SVG, CSV and JSON files.

Nothing here computes a rate: every picture evaluates the schedule it is given. numpy, plotext and
matplotlib load inside the functions that need them, so importing this package stays cheap.
"""

from __future__ import annotations

from lrdsl.preview.chart import chart
from lrdsl.preview.curve import Curve, sample, window
from lrdsl.preview.export import FORMATS, write
from lrdsl.preview.table import Unit, table
from lrdsl.wording import number

__all__ = ["FORMATS", "Curve", "Unit", "chart", "number", "sample", "table", "window", "write"]
