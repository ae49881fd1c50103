"""What a step costs, next to the schedulers a user could take instead and to loops by hand.

The curve is the same everywhere: a warm-up of 500 steps, a cosine to 1 % over 9,500, a constant.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Literal

import torch
from torch.optim import SGD, Optimizer
from torch.optim.lr_scheduler import (
    ConstantLR,
    CosineAnnealingLR,
    LambdaLR,
    LinearLR,
    LRScheduler,
    SequentialLR,
)

import lrdsl
from lrdsl.program import Program
from tests.benchmarks.timing import (
    HEAD,
    Act,
    Table,
    Target,
    compared,
    interleaved,
    process,
    ratio,
)

TEXT = "warmup(500) >> cosine(9500, base, base / 100) >> const"
WARM, FALL, END, PEAK = 500, 9500, 0.01, 0.1
LOOP, LOOKUP = "a loop, the function called once", "a loop, values from a table"
OURS, TORCH_PARTS = "lrdsl", "torch SequentialLR"
# A stretch of 11,000 steps is the whole curve; with many groups less of it is walked.
STEPS = {1: 11_000, 10: 5_000, 100: 1_000, 1000: 300}


def optimizer(groups: int = 1, bases: int = 1, tensor: bool = False) -> Optimizer:
    """An optimizer whose groups have so many distinct rates."""
    rates: list[Any] = [PEAK * (1 + i % bases) for i in range(groups)]
    if tensor:
        rates = [torch.tensor(rate, dtype=torch.float64) for rate in rates]
    return SGD([{"params": [torch.nn.Parameter(torch.ones(1))], "lr": rate} for rate in rates])


def by_hand(t: int) -> float:
    """The curve as the factor that somebody would write for ``LambdaLR``."""
    if t < WARM:
        return t / WARM
    if t < WARM + FALL:
        return END + (1 - END) * (1 + math.cos(math.pi * (t - WARM) / FALL)) / 2
    return END


def ready(scheduler: LRScheduler) -> Act:
    """The step of a scheduler that has found its optimizer stepped before."""
    scheduler.optimizer.step()
    return scheduler.step


def ours(driven: Optimizer) -> Act:
    """A step of the scheduler that lrdsl compiles."""
    return ready(lrdsl.compile(TEXT, driven))


def lambda_lr(driven: Optimizer) -> Act:
    """A step of torch's ``LambdaLR`` with a function written by hand."""
    return ready(LambdaLR(driven, by_hand))


def sequential(driven: Optimizer) -> SequentialLR:
    """The same parts as torch's own classes."""
    parts: list[LRScheduler] = [
        LinearLR(driven, 1e-3, 1.0, WARM),
        CosineAnnealingLR(driven, FALL, PEAK * END),
        ConstantLR(driven, END, 10**9),
    ]
    return SequentialLR(driven, parts, [WARM, WARM + FALL])


def sequential_lr(driven: Optimizer) -> Act:
    """A step of torch's ``SequentialLR``."""
    return ready(sequential(driven))


def transformers(driven: Optimizer) -> Act:
    """A step of the schedule of transformers that has a floor."""
    from transformers import get_cosine_with_min_lr_schedule_with_warmup as made

    return ready(made(driven, WARM, WARM + FALL, min_lr_rate=END))


def ignite(driven: Optimizer) -> Act:
    """A call of ignite's handler for three schedules in a row, which gives all groups one value."""
    from ignite.handlers import param_scheduler as handlers

    warm = handlers.LinearCyclicalScheduler(driven, "lr", 0.0, PEAK, 2 * WARM)
    fall = handlers.CosineAnnealingScheduler(driven, "lr", PEAK, PEAK * END, FALL)
    hold = handlers.LinearCyclicalScheduler(driven, "lr", PEAK * END, PEAK * END, 2)
    return partial(handlers.ConcatScheduler([warm, fall, hold], [WARM, FALL]), None)


def _writer(driven: Optimizer) -> Callable[[float], None]:
    groups = driven.param_groups
    if isinstance(groups[0]["lr"], torch.Tensor):

        def fill(value: float) -> None:
            for group in groups:
                group["lr"].fill_(value)

        return fill

    def assign(value: float) -> None:
        for group in groups:
            group["lr"] = value

    return assign


def loop(driven: Optimizer) -> Act:
    """A loop by hand that calls the function once and writes its value to every group."""
    write, t = _writer(driven), 0

    def act() -> None:
        nonlocal t
        t += 1
        write(PEAK * by_hand(t))

    return act


def lookup(driven: Optimizer) -> Act:
    """A loop by hand that takes its values from a table."""
    write, values, t = _writer(driven), [PEAK * by_hand(t) for t in range(11_001)], 0

    def act() -> None:
        nonlocal t
        t += 1
        write(values[t])

    return act


# ignite writes floats over tensors, and is left out there.
ALL: dict[str, Callable[[Optimizer], Act]] = {
    LOOKUP: lookup, LOOP: loop, OURS: ours, "torch LambdaLR": lambda_lr,
    "torch SequentialLR": sequential_lr, "transformers, cosine with a floor": transformers,
    "ignite, three handlers in a row": ignite,
}  # fmt: skip
_WHY = "The bookkeeping of torch's interface, and the test that no group was added, are the rest."
# The most that lrdsl may take, in times of the loop and of torch's own.
FLOOR = {1: 3.0, 1000: 1.5}
TORCH = {
    1: {"torch LambdaLR": 1 / 2.5, "torch SequentialLR": 1 / 3},
    1000: {"torch LambdaLR": 1 / 6},
}


def tables(rounds: int) -> Iterator[Table]:
    """Steps for every number of groups, with rates that are floats and that are tensors."""
    for tensor in (False, True):
        for groups, times in STEPS.items():
            makers = {
                name: partial(_make, maker, groups, tensor)
                for name, maker in ALL.items()
                if not (tensor and maker is ignite)
            }
            found = interleaved(makers, times // (5 if tensor else 1), rounds)
            kind = "tensors" if tensor else "floats"
            plural = "group" if groups == 1 else "groups"
            targets = []
            if not tensor and groups in FLOOR:
                over = f"a step, in times of {LOOP}"
                targets = [Target(over, ratio(found, OURS, LOOP), FLOOR[groups], _WHY)]
                targets += [
                    Target(f"times faster than {name}", ratio(found, OURS, name), bound, "", True)
                    for name, bound in TORCH[groups].items()
                ]
            title = f"A step, {groups} {plural}, rates that are {kind}"
            yield Table(title, HEAD, list(compared(found, LOOP)), targets)
    yield _many_tensors(rounds)
    yield _many_bases(rounds)
    yield _compiling(rounds)
    yield _calls()


def _make(maker: Callable[[Optimizer], Act], groups: int, tensor: bool, bases: int = 1) -> Act:
    return maker(optimizer(groups, bases, tensor))


def _many_tensors(rounds: int) -> Table:
    """All tensors are written as one."""
    names = {n: f"{n:,} group{'s' if n > 1 else ''}" for n in (1, 10, 100, 1000)}
    makers = {name: partial(_make, ours, groups, True) for groups, name in names.items()}
    found = interleaved(makers, 500, rounds)
    many = ratio(found, names[1000], names[1])
    why = "Each group is looked at first, in case other code has replaced its tensor."
    targets = [Target("a step for 1,000 groups, in times of one for 1", many, 3.0, why)]
    rows = list(compared(found, names[1]))
    return Table("A step, rates that are tensors, next to one group", HEAD, rows, targets)


def _many_bases(rounds: int) -> Table:
    makers = {
        name: partial(_make, maker, 1000, False, 50)
        for name, maker in {OURS: ours, "torch LambdaLR": lambda_lr}.items()
    }
    found = interleaved(makers, 300, rounds)
    what, took = "times faster than torch LambdaLR", ratio(found, OURS, "torch LambdaLR")
    targets = [Target(what, took, 1 / 4, "", True)]
    rows = list(compared(found, "torch LambdaLR"))
    return Table("A step, 1000 groups with 50 distinct rates", HEAD, rows, targets)


def _compiling(rounds: int) -> Table:
    plain, new = f"{OURS}, without lints", f"{OURS}, a text never seen"
    builders: dict[str, Callable[[Optimizer], object]] = {
        OURS: partial(lrdsl.compile, TEXT),
        plain: partial(lrdsl.compile, TEXT, lint="off"),
        new: _anew,
        f"{new}, without lints": partial(_anew, lint="off"),
        TORCH_PARTS: sequential,
    }
    times = 20
    makers = {name: partial(_for_new_optimizers, build, times) for name, build in builders.items()}
    found = interleaved(makers, times, rounds)
    bases = (
        "Besides the schedule, compiling sees to what torch leaves to the user: what `base` stands"
        " for after each load, groups that join, how often it is stepped."
    )
    building = "in times of building SequentialLR"
    targets = [
        Target(
            f"compiling a text seen before, {building}",
            ratio(found, plain, TORCH_PARTS),
            1.5,
            bases,
        ),
        Target(
            f"compiling a text never seen, {building}",
            ratio(found, f"{new}, without lints", TORCH_PARTS),
            30.0,
        ),
        Target(
            "compiling a text never seen, in times of compiling it without lints",
            ratio(found, new, f"{new}, without lints"),
            1.5,
        ),
    ]
    rows = list(compared(found, TORCH_PARTS))
    return Table("From text to scheduler, next to building torch's", HEAD, rows, targets)


# Counts what a compilation of three parts calls in lrdsl: in a process that has compiled nothing
# yet, then again for a text that differs in a number.
COUNTED = """
import sys
import torch
import lrdsl
import lrdsl.frameworks.torch.lambda_lr
driven = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=0.1)
compile = lrdsl.compile
calls = changes = 0
file = None
def count(frame, event, _):
    global calls, changes, file
    name = frame.f_code.co_filename
    if event == "call" and "lrdsl" in name:
        calls, changes, file = calls + 1, changes + (name != file), name
for end in (0.01, 0.011):
    calls = changes = 0
    text = f"warmup(5) >> cosine(20, 0.3, {end}) >> const"
    sys.setprofile(count)
    compile(text, driven)
    sys.setprofile(None)
    print(calls, changes)
"""


def _calls() -> Table:
    """How many calls it takes, which no other load of the machine changes."""
    rows = []
    for lint in ("warn", "off"):
        code = COUNTED.replace("compile(text, driven)", f"compile(text, driven, lint={lint!r})")
        lines = process([sys.executable, "-W", "ignore", "-c", code]).splitlines()
        (calls, changes), (again, changes_again) = (map(int, line.split()) for line in lines)
        rows += [
            (f"the first text of a process, lint={lint!r}", f"{calls:,}", f"{changes:,}"),
            (f"another text, lint={lint!r}", f"{again:,}", f"{changes_again:,}"),
        ]
    # Those without lints, which are the last.
    targets = [
        Target("calls to compile the first text", calls, 2_524),
        Target("changes of file on the way", changes, 635),
    ]
    head = ("compiling three parts", "calls in lrdsl", "changes of file")
    return Table("Calls from text to scheduler", head, rows, targets)


def _for_new_optimizers(build: Callable[[Optimizer], object], times: int) -> Act:
    """Builds a scheduler for another optimizer each time, as programs do."""
    drawn = iter([optimizer() for _ in range(times)])
    return lambda: build(next(drawn))


def _anew(driven: Optimizer, lint: Literal["warn", "off"] = "warn") -> LRScheduler:
    """Compiles a text that nothing is remembered of."""
    return lrdsl.compile(Program(TEXT), driven, lint=lint)
