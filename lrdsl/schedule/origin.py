"""Where a schedule comes from, for whoever has to make it again elsewhere."""

from __future__ import annotations

from lrdsl.record import entity


@entity
class Origin:
    """The program and the run that a schedule was resolved from.

    Attributes:
        resolved: the ``lrdsl.Resolved`` that it is in.
        target: its key there.
    """

    resolved: object
    target: str
