"""What a scheduler warns of while it trains."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import lrdsl
from lrdsl.frameworks.torch.lambda_lr import ScheduleLR

HERE = Path(__file__).parent


def told(act: Callable[[], Any]) -> list[lrdsl.LrsWarning]:
    """What is warned of during a call, in the name of a test or of what stands for a trainer."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        act()
    assert all(issubclass(warning.category, lrdsl.LrsWarning) for warning in caught)
    assert {Path(warning.filename).parent for warning in caught} <= {HERE, Path()}
    return [w.message for w in caught if isinstance(w.message, lrdsl.LrsWarning)]


def stepped(scheduler: ScheduleLR, updates: Iterable[int]) -> list[lrdsl.LrsWarning]:
    """What is said where so many updates are made before each step."""

    def act() -> None:
        for count in updates:
            for _ in range(count):
                scheduler.optimizer.step()
            scheduler.step()

    return told(act)


def slugs(found: list[lrdsl.LrsWarning]) -> list[str]:
    """What each is about, in a word."""
    return [warning.diagnostic.slug for warning in found]
