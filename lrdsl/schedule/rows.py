"""Values in CSV: a row for every step."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from typing import TextIO

from lrdsl.schedule.block import Scalar


def write_rows(
    stream: TextIO, labels: Sequence[str], curves: Sequence[Scalar], steps: Iterable[int]
) -> None:
    """Writes a header and the rows; each value reads back as exactly the same float.

    Args:
        stream: takes them.
        labels: the names of the columns after ``step``.
        curves: the values of each.
        steps: the steps.
    """
    rows = csv.writer(stream, lineterminator="\n")
    rows.writerow(["step", *labels])
    for step in steps:
        rows.writerow([step, *[repr(curve(step)) for curve in curves]])
