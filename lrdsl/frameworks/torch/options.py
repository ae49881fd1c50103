"""What the builders of schedulers take besides the schedules and the optimizer."""

from __future__ import annotations

from typing import TypedDict


class Options(TypedDict, total=False):
    """What a ``ScheduleLR`` takes."""

    start_step: int
    on_change: str
    warn_on_overwrite: bool
    rebase: bool | None
    allow_missing_groups: bool
    updates_per_step: int


# What they are where the caller of ``compile`` says nothing.
DEFAULTS: dict[str, object] = {
    "start_step": 0,
    "on_change": "error",
    "warn_on_overwrite": False,
    "rebase": None,
    "allow_missing_groups": False,
    "calls_per_update": 1,
    "updates_per_step": 1,
}
