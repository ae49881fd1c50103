"""Runs that are made to go wrong, and the logs that they leave."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch.optim import SGD

import lrdsl
from tests.trainers.training import model

BASE, WARM, TOTAL = 0.05, 20, 200
# What every run should have followed.
TEXT = f"warmup({WARM}) >> cosine"
Log = Callable[[int, Any], None]


def reasons(log: Path, text: str = TEXT, **run: Any) -> dict[str, str]:
    """Why a log leaves its schedule, by reason, the likeliest first; nothing if it does not."""
    run = {"base": BASE, "total": TOTAL, **run}
    audit = lrdsl.audit(log, text, **run)
    assert audit.verdicts
    found = {one.reason: one.sentence for verdict in audit.verdicts for one in verdict.explanations}
    assert bool(audit) == (not found), str(audit)
    return found


def optimizer(rate: float = BASE) -> SGD:
    """Plain gradient descent on the small model."""
    return SGD(model().parameters(), lr=rate)


def cosine(driven: SGD, warm: int = WARM, total: int = TOTAL) -> Any:
    """The schedule of the text, as transformers makes it."""
    from transformers import get_cosine_schedule_with_warmup

    return get_cosine_schedule_with_warmup(driven, warm, total)


@contextmanager
def table(path: Path, columns: tuple[str, ...] = ("lr",)) -> Iterator[Log]:
    """A CSV with a row for each update; a resumed run goes on in the same file."""
    is_new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        if is_new:
            rows.writerow(("step", *columns))
        yield lambda step, rates: rows.writerow((step, *rates))


def loop(log: Log, driven: SGD, steps: Any, first: int, last: int) -> None:
    """A plain loop that logs the rate of each update before it is made.

    Args:
        log: takes an update and the rates of the groups.
        driven: the optimizer.
        steps: the schedulers, or functions of the update that step them.
        first: the first update.
        last: the update before which it ends.
    """
    for update in range(first, last):
        log(update, [group["lr"] for group in driven.param_groups])
        for group in driven.param_groups:
            for parameter in group["params"]:
                parameter.grad = torch.ones_like(parameter)
        driven.step()
        for one in steps:
            one(update) if callable(one) else one.step()
