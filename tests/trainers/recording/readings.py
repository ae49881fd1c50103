"""What two logs hold, compared: losses and epochs may differ, rates may not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lrdsl.logs.read import read
from lrdsl.logs.reader import Wanted

# Two machines may differ in the last digit of a cosine; four units of it are no change.
LAST_DIGIT = 1e-15


def difference(old: Path, new: Path, run: Any) -> str:
    """Where two logs differ in what lrdsl reads of them; empty if they do not.

    Args:
        old: a log.
        new: the same run's, made again.
        run: the arguments of ``lrdsl.audit`` for it.
    """
    wanted = Wanted(metric=run.get("metric"), logging_steps=run.get("logging_steps"))
    was, now = _held(old, wanted), _held(new, wanted)
    if was.keys() != now.keys():
        return f"it holds {[*now]}, and {[*was]} is stored"
    for name, steps in was.items():
        if [step for step, _ in steps] != [step for step, _ in now[name]]:
            return f"{name} has other steps"
        for (step, before), (_, after) in zip(steps, now[name], strict=True):
            if after != pytest.approx(before, rel=LAST_DIGIT, abs=0):
                return f"{name} is {after!r} at step {step}, and {before!r} is stored"
    return ""


def _held(path: Path, wanted: Wanted) -> dict[str, list[tuple[int, float]]]:
    """The readings of a log by what is known of them: system, offsets, name, group, precision."""
    log = read(path, wanted)
    offsets = [(offset.updates, offset.of) for offset in log.offsets]
    return {
        f"{log.system} {offsets} {one.name} {one.group} {one.precision} {one.axis} leg {k}": [
            *zip(leg.steps, leg.values, strict=True)
        ]
        for run in log.runs
        for one in filter(None, (*run.rates, run.metric))
        for k, leg in enumerate(one.legs)
    }
