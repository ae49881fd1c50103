"""Overwrites: notices when anything else changes a value that a schedule drives."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lrdsl.frameworks.torch.plan import Plan


class Overwrites:
    """Remembers what was written, and compares it with what is there before the next write."""

    def __init__(self) -> None:
        self._seen: list[list[float]] = []
        self.warned = False

    def note(self, plan: Plan) -> None:
        """Remembers what is there now, which in a tensor may be a rounding of what was written."""
        self._seen = _read(plan)

    def look(self, plan: Plan) -> str | None:
        """Says what changed since, once and never again."""
        if self.warned or not self._seen:
            return None
        for job, was, now in zip(plan.jobs, self._seen, _read(plan), strict=True):
            for index, before, after in zip(job.indices, was, now, strict=True):
                if before != after:
                    self.warned = True
                    name = f"`{job.slot.name}` of {plan.bases.called(index)}"
                    return (
                        f"something else changed {name} from {before!r} to {after!r}; the schedule"
                        " now sets it again."
                        " Let one of them drive it"
                    )
        return None


def _read(plan: Plan) -> list[list[float]]:
    return [[float(job.slot.read(group)) for group in job.groups] for job in plan.jobs]
