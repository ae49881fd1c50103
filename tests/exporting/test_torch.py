"""``lrdsl export --to torch``: the `LambdaLR` has the rates of the schedule in every group."""

from __future__ import annotations

import math
from typing import Any

import numpy
import pytest
import torch
from torch.optim.lr_scheduler import LambdaLR

import lrdsl
from lrdsl import Resolved
from tests.exporting import programs
from tests.exporting.programs import library_texts, random_texts, recipe_programs, resolved
from tests.library import PARTS

RATES = (0.7, 0.35)
# Steps after the end, and the most that are compared of one schedule.
AFTER, MOST = 5, 3_000


def scheduled(one: Resolved) -> LambdaLR:
    names: dict[str, Any] = {}
    exec(compile(lrdsl.export(one, "torch"), "<exported>", "exec"), names)
    groups = [{"params": [torch.zeros(1)], "lr": rate} for rate in RATES]
    found: LambdaLR = names["scheduler"](torch.optim.SGD(groups, lr=1.0))
    return found


def assert_equal(one: Resolved) -> None:
    scheduler, schedule = scheduled(one), one["lr"]
    steps = int(min(schedule.length, MOST)) + AFTER
    factors = zip(RATES, scheduler.base_lrs, scheduler.lr_lambdas, strict=True)
    for rate, base, factor in factors:
        wanted = schedule.values(steps, base=rate)
        found = numpy.array([float(base) * factor(step) for step in range(steps)])
        assert abs(found - wanted).max() <= 4 * math.ulp(wanted.max()), one.program


@pytest.mark.parametrize("name", PARTS)
def test_every_part_of_the_library(name: str) -> None:
    for text in library_texts(name):
        assert_equal(resolved(text, total=programs.TOTAL))


def test_every_recipe() -> None:
    for one in recipe_programs().values():
        assert_equal(one)


def test_random_programs() -> None:
    for text in random_texts():
        assert_equal(resolved(text))


@pytest.mark.parametrize("end", ["base / 10", "0.01"])
@pytest.mark.parametrize("peak", ["base", "0.3"])
def test_a_scheduler_is_stepped_saved_and_resumed(peak: str, end: str) -> None:
    one = resolved(f"warmup(5, end = {peak}) >> cosine(20, {peak}, {end}) >> const")
    scheduler = scheduled(one)
    for step in range(40):
        wanted = [one["lr"](step, base=rate) for rate in RATES]
        assert scheduler.get_last_lr() == pytest.approx(wanted, rel=1e-15)
        if step == 12:
            state = scheduler.state_dict()
            scheduler = scheduled(one)
            scheduler.load_state_dict(state)
        scheduler.optimizer.step()
        scheduler.step()


@pytest.mark.parametrize("text", ['lr["head"]: const', "lr: const momentum: linear(9, 0.9, 0.8)"])
def test_what_a_scheduler_of_torch_does_not_drive_is_refused(text: str) -> None:
    with pytest.raises(lrdsl.LrsError, match="`--to python` writes a function for each target"):
        lrdsl.export(text, "torch")
