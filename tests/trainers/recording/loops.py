"""Plain loops that torch's own schedulers drive, and the tables that they write."""

from __future__ import annotations

import csv
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch.optim import SGD
from torch.optim.lr_scheduler import (
    CosineAnnealingLR,
    ExponentialLR,
    LambdaLR,
    ReduceLROnPlateau,
)

import lrdsl
from tests.trainers.recording.recorded import BASE, TOTAL, WARM, Recorded
from tests.trainers.training import model

Log = Callable[[int, Any], None]
EARLIER = f"warmup({WARM}) >> linear"
GROUPS = 'lr: warmup(20) >> cosine\nlr["head"]: cosine'


def optimizer(rate: float = BASE) -> SGD:
    """Plain gradient descent on the small model."""
    return SGD(model().parameters(), lr=rate)


def cosine(driven: SGD, warm: int = WARM, total: int = TOTAL) -> LambdaLR:
    """The schedule of the text, as transformers makes it."""
    from transformers import get_cosine_schedule_with_warmup

    made: LambdaLR = get_cosine_schedule_with_warmup(driven, warm, total)
    return made


@contextmanager
def table(path: Path, columns: tuple[str, ...] = ("lr",)) -> Iterator[Log]:
    """A CSV with a row for each update."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("step", *columns))
        yield lambda step, rates: rows.writerow((step, *rates))


def loop(log: Log, driven: SGD, steps: Any, first: int = 0, last: int = TOTAL) -> None:
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


def good(path: Path, rate: float = BASE) -> None:
    driven = optimizer(rate)
    with table(path) as log:
        loop(log, driven, [cosine(driven)])


def few_digits(path: Path, digits: int) -> None:
    driven = optimizer()
    with table(path) as log:
        loop(lambda t, own: log(t, [f"{own[0]:.{digits - 1}e}"]), driven, [cosine(driven)])


def resumed(path: Path) -> None:
    """From a checkpoint that is older than the last row."""
    driven = optimizer()
    scheduler = cosine(driven)
    with table(path) as log:
        loop(log, driven, [scheduler], 0, 80)
        saved = driven.state_dict(), scheduler.state_dict()
        loop(log, driven, [scheduler], 80, 95)
        driven = optimizer()
        scheduler = cosine(driven)
        driven.load_state_dict(saved[0])
        scheduler.load_state_dict(saved[1])
        loop(log, driven, [scheduler], 80)


def plateau(path: Path) -> None:
    """A loss that falls for 30 updates and then does so no more."""
    driven = optimizer()
    scheduler = ReduceLROnPlateau(driven, factor=0.5, patience=9)
    with table(path, ("lr", "loss")) as log:
        losses = [1 / (1 + min(t, 30)) for t in range(60)]
        loop(
            lambda t, own: log(t, [*own, losses[t]]), driven,
            [lambda t: scheduler.step(losses[t])], last=60,
        )  # fmt: skip


def no_steps(path: Path) -> None:
    driven = optimizer()
    CosineAnnealingLR(driven, TOTAL)
    with table(path) as log:
        loop(log, driven, [])


def with_the_validation(path: Path) -> None:
    driven = optimizer()
    scheduler = cosine(driven)

    def sometimes(update: int) -> None:
        if (update + 1) % 5 == 0:
            scheduler.step()

    with table(path) as log:
        loop(log, driven, [sometimes])


def stopped(path: Path) -> None:
    driven = optimizer()
    scheduler = cosine(driven)

    def until(update: int) -> None:
        if update < 120:
            scheduler.step()

    with table(path) as log:
        loop(log, driven, [until])


def scaler(path: Path) -> None:
    """The usual loop with a GradScaler: the scheduler waits if the scale fell."""
    driven = optimizer()
    scheduler = cosine(driven)
    scaled = torch.amp.GradScaler("cpu", init_scale=1024.0, growth_interval=10_000)
    parameters = driven.param_groups[0]["params"]
    with table(path) as log:
        for update in range(TOTAL):
            log(update, [driven.param_groups[0]["lr"]])
            driven.zero_grad()
            loss = sum(parameter.sum() for parameter in parameters)
            scaled.scale(loss * (torch.inf if update in (5, 6, 60, 130) else 1.0)).backward()
            scaled.step(driven)
            before = scaled.get_scale()
            scaled.update()
            if scaled.get_scale() >= before:
                scheduler.step()


def state_not_loaded(path: Path) -> None:
    driven = optimizer()
    with table(path) as log:
        loop(log, driven, [cosine(driven)], 0, 95)
        driven = optimizer()
        loop(log, driven, [cosine(driven)], 80)


def fast_forward(path: Path) -> None:
    """The scheduler is moved on, though it is where it was."""
    driven = optimizer()
    scheduler = cosine(driven)
    with table(path) as log:
        loop(log, driven, [scheduler], 0, 40)
        for _ in range(40):
            scheduler.step()
        loop(log, driven, [scheduler], 40)


def base_read_late(path: Path) -> None:
    """A new optimizer with the rate of the checkpoint, and a new scheduler that is moved on."""
    driven = optimizer()
    scheduler = cosine(driven)
    with table(path) as log:
        loop(log, driven, [scheduler], 0, 110)
        driven = optimizer(driven.param_groups[0]["lr"])
        again = LambdaLR(driven, scheduler.lr_lambdas[0])
        with warnings.catch_warnings():
            # torch warns of steps before the first update.
            warnings.simplefilter("ignore", UserWarning)
            for _ in range(110):
                again.step()
        loop(log, driven, [again], 110)


def past_the_end(path: Path) -> None:
    driven = optimizer()
    with table(path) as log:
        loop(log, driven, [CosineAnnealingLR(driven, 80)])


def two_schedulers(path: Path) -> None:
    driven = optimizer()
    schedulers = [CosineAnnealingLR(driven, TOTAL), ExponentialLR(driven, 0.99)]
    with table(path) as log:
        loop(log, driven, schedulers, last=120)


def groups_swapped(path: Path) -> None:
    """The groups are in a different order from the columns of the log."""
    layers = model()
    groups = [
        {"params": layers[2].parameters(), "name": "head"},
        {"params": layers[0].parameters(), "name": "body"},
    ]
    driven = SGD(groups, lr=BASE)
    with table(path, ("lr/body", "lr/head")) as log:
        loop(log, driven, [lrdsl.compile(GROUPS, driven, total=TOTAL)])


def earlier_text(path: Path) -> None:
    driven = optimizer()
    with table(path) as log:
        loop(log, driven, [lrdsl.compile(EARLIER, driven, total=TOTAL)])


TORCH, COSINE = ("torch",), ("torch", "transformers")
RUNS = (
    Recorded("loop/good.csv", "a good run", good, COSINE),
    Recorded("loop/four_digits.csv", "a good run, 4 digits", partial(few_digits, digits=4), COSINE),
    Recorded("loop/resumed.csv", "a good run, resumed with its state", resumed, COSINE),
    Recorded(
        "loop/plateau.csv", "a good run of ReduceLROnPlateau", plateau, TORCH,
        schedule="const * plateau(0.5, patience = 9)", run={"base": BASE, "metric": "loss"},
    ),
    Recorded(
        "loop/no_steps.csv", "never steps the scheduler", no_steps, TORCH,
        "constant", schedule="cosine",
    ),
    Recorded(
        "loop/with_the_validation.csv", "steps the scheduler with the validation, every 5 updates",
        with_the_validation, COSINE, "slower", "once in 5 updates", ("epoch",),
    ),
    Recorded(
        "loop/stopped.csv", "steps the scheduler in the first 120 updates only", stopped, COSINE,
        "stopped", "from update 120 on",
    ),
    Recorded(
        "loop/scaler.csv", "skips 4 updates whose gradients overflow (GradScaler)", scaler, COSINE,
        "behind", "4 updates behind since update 131: it fell behind 3 times, first at update 6",
    ),
    Recorded(
        "loop/state_not_loaded.csv", "resumes without the state of the scheduler",
        state_not_loaded, COSINE, "restarted",
        "started over at update 80, where the run was resumed",
    ),
    Recorded(
        "loop/fast_forward.csv", "moves a loaded scheduler on by the steps of the checkpoint",
        fast_forward, COSINE, "ahead", "40 updates ahead since update 40",
    ),
    Recorded(
        "loop/base_read_late.csv", "takes the rate of the checkpoint for the optimizer's own",
        base_read_late, COSINE, "reloaded", "from update 110 on",
        ("product",),
    ),
    Recorded(
        "loop/past_the_end.csv", "goes on for 120 updates after the end of CosineAnnealingLR",
        past_the_end, TORCH, "climbs", "ended at update 80, and the rate climbs again",
        schedule="cosine(80)", run={"base": BASE},
    ),
    Recorded(
        "loop/two_schedulers.csv", "steps an ExponentialLR on the same optimizer", two_schedulers,
        TORCH, "product", "an exponential decay by 0.99 at each update", schedule="cosine",
    ),
    Recorded(
        "loop/scaled.csv", "multiplies the rate by 8 processes", partial(good, rate=8 * BASE),
        COSINE, "peak", "8 times the schedule's",
    ),
    Recorded(
        "loop/groups_swapped.csv", "has its groups in a different order", groups_swapped, TORCH,
        "group", "this group followed", ("warmup",), schedule=GROUPS,
    ),
    Recorded(
        "loop/earlier_text.csv", "started before the file was changed", earlier_text, TORCH,
        "revision", "an earlier revision", earlier=EARLIER,
    ),
)  # fmt: skip
