"""What is asked of an export."""

from __future__ import annotations

from collections.abc import Mapping

from lrdsl.record import entity
from lrdsl.resolve.resolved import Resolved


@entity
class Order:
    """What is exported.

    Attributes:
        resolved: the schedules.
        bases: the value of ``base`` by hyperparameter; where there is none it stays a variable.
        steps: how many updates a table has; None for as many as the schedules.
    """

    resolved: Resolved
    bases: Mapping[str, float]
    steps: int | None = None
