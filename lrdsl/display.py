"""How values of lrdsl show themselves in a notebook.

They know no charts: what draws them is named here, and imported when something is shown.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_NOTEBOOK = "lrdsl.analysis.notebook"


class Displayed:
    """A value that notebooks show as a chart and a table."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        """Returns the value as HTML, as IPython asks for it."""
        html: str = import_module(_NOTEBOOK).html(self)
        return html


def plot(schedule: object, axes: object, **view: Any) -> Any:
    """Draws a schedule on matplotlib's axes.

    Args:
        schedule: the schedule.
        axes: the axes; None for the current ones.
        **view: the base, the steps, and what goes to matplotlib.
    """
    return import_module(_NOTEBOOK).plot(schedule, axes, **view)
