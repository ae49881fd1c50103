"""``lrdsl.equivalent``: texts against every class of torch, and against what is off by one step.

The texts are those that a migration would write; what they are compared with is torch itself, or a
formula by hand.
"""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from torch.optim import SGD, Adam, Optimizer
from torch.optim import lr_scheduler as lr
from torch.optim.lr_scheduler import LRScheduler
from torch.optim.swa_utils import SWALR

import lrdsl
from lrdsl.comparison import Departure
from tests.frameworks.torch.driving import snapshot

Make = Callable[[Optimizer], LRScheduler]


def optimizer(*rates: Any, kind: Any = SGD, **options: Any) -> Optimizer:
    """An optimizer with a group for each rate."""
    names = ["body", "head", "neck"]
    groups = [
        {"params": [torch.nn.Parameter(torch.ones(1))], "lr": rate, "name": name}
        for rate, name in zip(rates, names, strict=False)
    ]
    made: Optimizer = kind(groups, **options)
    return made


def advanced(scheduler: Any, updates: int) -> Any:
    """A scheduler that has seen some updates."""
    for _ in range(updates):
        scheduler.optimizer.step()
        scheduler.step()
    return scheduler


def sequential(o: Optimizer) -> LRScheduler:
    """The usual warm-up and cosine."""
    parts = [lr.LinearLR(o, 0.1, 1.0, 5), lr.CosineAnnealingLR(o, 25, 0.001)]
    return lr.SequentialLR(o, parts, [5])


def chained(o: Optimizer) -> LRScheduler:
    return lr.ChainedScheduler([lr.ConstantLR(o, 0.5, 4), lr.ExponentialLR(o, 0.9)], o)


# A class of torch, and the text that is the same for any rates of the groups.
SAME: dict[str, tuple[Make, str]] = {
    "lambda": (lambda o: lr.LambdaLR(o, lambda t: 0.95**t), "exponential(0.95)"),
    "multiplicative": (lambda o: lr.MultiplicativeLR(o, lambda t: 0.95), "exponential(0.95)"),
    "step": (lambda o: lr.StepLR(o, 7, 0.5), "step(7, 0.5)"),
    "multistep": (lambda o: lr.MultiStepLR(o, [3, 9, 20], 0.5), "multistep([3, 9, 20], 0.5)"),
    "constant": (lambda o: lr.ConstantLR(o, 0.25, 6), "const(6, base / 4) >> const(value = base)"),
    "linear": (lambda o: lr.LinearLR(o, 0.1, 0.9, 12), "linear(12, base * 0.1, base * 0.9)"),
    "exponential": (lambda o: lr.ExponentialLR(o, 0.9), "exponential(0.9)"),
    "polynomial": (lambda o: lr.PolynomialLR(o, 25, 2.0), "poly(25, power = 2)"),
    "cosine": (lambda o: lr.CosineAnnealingLR(o, 30, 0.001), "cosine(30, end = 0.001)"),
    "restarts": (
        lambda o: lr.CosineAnnealingWarmRestarts(o, 4, 2, 0.001),
        "restarts(4, 2, end = 0.001)",
    ),
    "cyclic": (
        lambda o: lr.CyclicLR(o, 0.01, 0.3, 4, 7, cycle_momentum=False),
        "triangular(4, 0.01, 0.3, down = 7)",
    ),
    "onecycle": (lambda o: lr.OneCycleLR(o, 0.5, 31), "onecycle(31, 0.5)"),
    "swa": (lambda o: SWALR(o, 0.01, 12), "cosine(12, end = 0.01)"),
    "sequential": (sequential, "warmup(5, base / 10) >> cosine(25, end = 0.001)"),
    "chained": (
        chained,
        "exponential(0.9) * (const(4, value = 0.5) >> const(value = 1))",
    ),
    "lrdsl": (
        lambda o: lrdsl.compile("warmup(5) >> cosine(40)", o, lint="off"),
        "linear(5, 0, base) >> cosine(40)",
    ),
    "lrdsl, sequential": (
        lambda o: lrdsl.compile("warmup(5) >> cosine(40)", o, scheduler="sequential", lint="off"),
        "warmup(5) >> cosine(40)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("rates", [(0.1,), (0.1, 0.02)])
@pytest.mark.parametrize("until", [0, 8])
@pytest.mark.parametrize("name", SAME)
def test_a_text_is_the_same_as_a_class_of_torch(
    name: str, until: int, rates: tuple[float, ...]
) -> None:
    make, text = SAME[name]
    scheduler = advanced(make(optimizer(*rates)), until)
    before = snapshot(scheduler)
    found = lrdsl.equivalent(scheduler, text, steps=22)
    assert found, str(found)
    assert snapshot(scheduler) == before
    assert (found.start_step, found.steps, found.groups) == (until, 22, len(rates))
    assert lrdsl.equivalent(text, scheduler, steps=22)


@pytest.mark.parametrize("name", SAME)
def test_one_step_off_is_another_schedule(name: str) -> None:
    make, text = SAME[name]
    assert not lrdsl.equivalent(make(optimizer(0.1, 0.02)), f"skip(1, {text})", steps=22)
    # The same class, one step further, for a function of the step.
    ahead = [*_used(advanced(make(optimizer(0.1)), 1), 22)]
    assert not lrdsl.equivalent(make(optimizer(0.1)), ahead.__getitem__, steps=22)
    exact = [*_used(make(optimizer(0.1)), 22)]
    assert lrdsl.equivalent(make(optimizer(0.1)), exact.__getitem__, steps=22, tolerance=0)


def _used(scheduler: Any, updates: int) -> list[float]:
    used = []
    for _ in range(updates):
        used.append(float(scheduler.optimizer.param_groups[0]["lr"]))
        advanced(scheduler, 1)
    return used


def test_where_they_first_differ_is_said() -> None:
    scheduler = lr.StepLR(optimizer(0.1, 0.02, 0.3), 10, 0.5)
    text = 'lr["head"]: step(10, 0.5)  lr: step(11, 0.5)'
    found = lrdsl.equivalent(scheduler, text, steps=30)
    assert found.first == Departure(10, 0, 0.05, 0.1)
    assert (found.differing, found.worst, found.largest) == ((0, 2), 10, 0.5)
    assert str(found) == (
        "differ from step 10 on in 2 of 3 groups: 0.05 and 0.1;"
        " largest difference 0.5 of the peak, at step 10"
    )


def test_a_scheduler_under_way_is_compared_from_where_it_is() -> None:
    scheduler = advanced(lr.StepLR(optimizer(0.1), 10, 0.5), 15)
    found = lrdsl.equivalent(scheduler, "step(10, 0.5)", steps=20)
    assert str(found).startswith("20 steps from step 15 on equal, ")
    found = lrdsl.equivalent(scheduler, lambda t: 0.1 * 0.5 ** (t // 11), steps=20)
    assert found.first == Departure(20, 0, 0.025, 0.05)


def test_a_group_is_selected_by_its_name_and_by_its_index() -> None:
    parts = [lambda t: 0.9**t, lambda t: 0.5**t]
    scheduler = lr.LambdaLR(optimizer(0.1, 0.2), parts)
    for selector in ('"head"', "1"):
        text = f"lr[{selector}]: exponential(0.5)  lr: exponential(0.9)"
        assert lrdsl.equivalent(scheduler, text, steps=20)
    text = 'lr["tail"]: exponential(0.5)  lr: exponential(0.9)'
    with pytest.raises(lrdsl.LrsError, match="tail"):
        lrdsl.equivalent(scheduler, text, steps=20)


def test_numbers_are_captured_from_the_names_of_the_groups() -> None:
    made = optimizer(0.1, 0.1)
    for i, group in enumerate(made.param_groups):
        group["name"] = f"layers.{i}.w"
    scheduler = lr.LambdaLR(made, [lambda t: 0.25, lambda t: 0.5])
    program = lrdsl.parse('lr["layers.{i}.*"]: base * 0.5 ^ (2 - i)')
    assert lrdsl.equivalent(scheduler, program, steps=4)
    assert lrdsl.equivalent(scheduler, program.resolve_all(), steps=4)


def test_own_numbers_are_those_of_the_groups() -> None:
    made = optimizer(0.1, 0.1)
    for group, scale in zip(made.param_groups, (0.5, 0.25), strict=True):
        group["lr_scale"] = scale
    scheduler = lr.LambdaLR(made, [lambda t: 0.5 * 0.9**t, lambda t: 0.25 * 0.9**t])
    text = 'exponential(0.9) * const(value = own("lr_scale"))'
    assert lrdsl.equivalent(scheduler, text, steps=10)
    with pytest.raises(ValueError, match="other numbers of its groups"):
        lrdsl.equivalent(text, lambda t: 0.9**t, steps=10, base=0.1)
    with pytest.raises(ValueError, match="other numbers of its groups"):
        lrdsl.equivalent(scheduler, lrdsl.parse(text).resolve(), steps=10)


@pytest.mark.parametrize("kind", [SGD, Adam])
def test_a_momentum_is_compared_on_request(kind: Any) -> None:
    options = {"momentum": 0.9} if kind is SGD else {}
    scheduler = lr.OneCycleLR(optimizer(0.1, kind=kind, **options), 0.5, 100)
    text = "lr: onecycle(100, 0.5)  momentum: cosine(29, 0.95, 0.85) >> cosine(70, 0.85, 0.95)"
    assert lrdsl.equivalent(scheduler, text, steps=100)
    assert lrdsl.equivalent(scheduler, text, steps=100, target="momentum")
    wrong = text.replace("29", "28").replace("70", "71")
    assert lrdsl.equivalent(scheduler, wrong, steps=100)
    assert not lrdsl.equivalent(scheduler, wrong, steps=100, target="momentum")
    if kind is Adam:
        assert lrdsl.equivalent(scheduler, text, steps=100, target="beta1")


def test_a_weight_decay_is_compared_on_request() -> None:
    scheduler = lrdsl.compile(
        "lr: const  weight_decay: linear(10, 0.1, 0.05)", optimizer(0.1), lint="off"
    )
    found = lrdsl.equivalent(
        scheduler, lambda t: 0.1 - 0.005 * t, steps=10, target="weight_decay", tolerance=1e-12
    )
    assert found, str(found)


def test_a_scalar_is_compared_in_texts() -> None:
    text = "scalar kl: linear(4, 0, 2)  lr: const"
    assert lrdsl.equivalent(text, lambda t: min(t, 4) / 2, steps=9, target="kl")


class Shrinking(LRScheduler):
    """A scheduler as other packages have them."""

    def get_lr(self) -> list[float | torch.Tensor]:
        return [
            group["initial_lr"] / (1 + self.last_epoch) for group in self.optimizer.param_groups
        ]


def test_a_class_of_another_package() -> None:
    scheduler = Shrinking(optimizer(0.1, 0.5))
    assert lrdsl.equivalent(scheduler, lambda t: [0.1 / (1 + t), 0.5 / (1 + t)], steps=30)
    assert lrdsl.equivalent(scheduler, "inverse_time(1)", steps=30)


def test_two_schedulers_of_torch() -> None:
    one, other = lr.StepLR(optimizer(0.1), 3), lr.MultiStepLR(optimizer(0.1), [3, 6, 9])
    assert lrdsl.equivalent(one, other, steps=12)
    first = lrdsl.equivalent(one, other, steps=13).first
    assert first is not None
    assert first.step == 12
    assert [first.left, first.right] == pytest.approx([1e-5, 1e-4])
    with pytest.raises(ValueError, match="`a` is at step 2 and `b` at step 0"):
        lrdsl.equivalent(advanced(one, 2), other, steps=12)


def test_rates_in_tensors_are_compared_as_numbers() -> None:
    rate = torch.tensor(0.1, dtype=torch.float64)
    scheduler = lr.CosineAnnealingLR(optimizer(rate), 30)
    assert lrdsl.equivalent(scheduler, "cosine(30)", steps=30)
    single = lr.CosineAnnealingLR(optimizer(torch.tensor(0.1)), 30)
    assert not lrdsl.equivalent(single, "cosine(30)", steps=30)
    assert lrdsl.equivalent(single, "cosine(30)", steps=30, tolerance=1e-5)


TEXT = "warmup(2) >> linear(8)"


def by_hand(t: int) -> float:
    return t / 2 if t < 2 else max(0.0, (10 - t) / 8)


def test_the_sources_of_a_text(tmp_path: Path) -> None:
    file = tmp_path / "a.lrs"
    file.write_text(TEXT, encoding="utf-8")
    program = lrdsl.parse(TEXT)
    sources: list[Any] = [TEXT, file, str(file), program, program.resolve_all(), program.resolve()]
    for source in sources:
        assert lrdsl.equivalent(source, by_hand, steps=14, base=1)
        assert lrdsl.equivalent(source, TEXT, steps=14)
        scheduler = lr.LambdaLR(optimizer(0.1, 0.3), by_hand)
        assert lrdsl.equivalent(source, scheduler, steps=14)


@pytest.mark.parametrize(
    "function",
    [
        lambda t: [0.1 * by_hand(t), 0.3 * by_hand(t)],
        lambda t: numpy.array([0.1, 0.3]) * by_hand(t),
        lambda t: torch.tensor([0.1, 0.3], dtype=torch.float64) * by_hand(t),
    ],
)
def test_a_function_returns_a_rate_for_each_group(function: Any) -> None:
    assert lrdsl.equivalent(TEXT, function, steps=12, base=[0.1, 0.3])
    assert lrdsl.equivalent(lr.LambdaLR(optimizer(0.1, 0.3), by_hand), function, steps=12)


def test_a_function_that_returns_one_rate_is_for_all_groups() -> None:
    scheduler = lr.LambdaLR(optimizer(0.1, 0.1), by_hand)
    values: list[Any] = [numpy.float64(0.1), torch.tensor(0.1, dtype=torch.float64)]
    for value in values:

        def rate(t: int, value: Any = value) -> Any:
            return value * by_hand(t)

        assert lrdsl.equivalent(scheduler, rate, steps=9)
    assert lrdsl.equivalent(scheduler, lambda t: 0.1, steps=9).differing == (0, 1)


def test_the_length_of_the_run_is_the_number_of_steps() -> None:
    scheduler = lr.LinearLR(optimizer(0.1), 1.0, 0.5, 40)
    text = "linear(end = base / 2)"
    assert lrdsl.equivalent(scheduler, text, total=40).steps == 40
    assert (
        lrdsl.equivalent(advanced(scheduler, 15), text, total="4ep", steps_per_epoch=10).steps == 25
    )
    assert lrdsl.equivalent(scheduler, f"run total = 40  {text}").steps == 25
    own = lrdsl.compile(text, optimizer(0.1), total=40, lint="off")
    assert lrdsl.equivalent(own, lambda t: 0.1 - 0.05 * t / 40).steps == 40
    with pytest.raises(ValueError, match="the length of the run is not known: pass `steps=`"):
        lrdsl.equivalent(scheduler, "linear(40, end = base / 2)")
    with pytest.raises(ValueError, match="the two run for 20 steps and 40 steps: pass `steps=`"):
        lrdsl.equivalent(f"run total = 40  {text}", f"run total = 20  {text}")
    with pytest.raises(ValueError, match="the run of 10 steps is over at step 15"):
        lrdsl.equivalent(scheduler, text, total=10)


def test_base_is_said_where_it_is_not_known() -> None:
    text = "linear(10, base, 0.01)"
    with pytest.raises(ValueError, match="pass `base=`"):
        lrdsl.equivalent(text, "linear(10, 0.1, 0.01)", steps=10)
    assert lrdsl.equivalent(text, "linear(10, 0.1, 0.01)", steps=10, base=0.1)
    assert not lrdsl.equivalent(text, "linear(10, 0.1, 0.01)", steps=10, base=0.2)
    # Multiples of `base` are compared without it.
    assert lrdsl.equivalent("linear(10)", "poly(10, power = 1)", steps=10)
    # OneCycleLR's groups begin below the peak, which a new optimizer would be built with.
    scheduler = lr.OneCycleLR(optimizer(0.1, 0.1), 0.5, 50)
    relative = "onecycle(50)"
    assert not lrdsl.equivalent(scheduler, relative, steps=50)
    assert lrdsl.equivalent(scheduler, relative, steps=50, base=0.5)
    assert lrdsl.equivalent(scheduler, relative, steps=50, base=[0.5, 0.5])
    schedule = lrdsl.parse(relative).resolve()
    assert lrdsl.equivalent(scheduler, schedule, steps=50, base=0.5)


METRICS = [1.0, 0.9, 0.9, 0.9, 0.9, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8]


@pytest.mark.parametrize("metric", [METRICS, METRICS.__getitem__])
def test_a_metric_drives_both(metric: Any) -> None:
    scheduler = lr.ReduceLROnPlateau(optimizer(0.1, 0.3), factor=0.5, patience=1, threshold=0)
    text = "const * plateau(factor = 0.5, patience = 1, threshold = 0)"
    found = lrdsl.equivalent(scheduler, text, steps=11, metric=metric)
    assert found, str(found)
    assert not lrdsl.equivalent(scheduler, "const", steps=11, metric=metric)
    other = text.replace("patience = 1", "patience = 2")
    assert not lrdsl.equivalent(scheduler, other, steps=11, metric=metric)
    assert not lrdsl.equivalent(text, other, steps=11, metric=metric)
    assert lrdsl.equivalent(text, text, steps=11, metric=metric)
    assert scheduler.optimizer.param_groups[0]["lr"] == 0.1


def test_an_event_that_waits_for_a_metric() -> None:
    text = "until(below(0.85), const) >> linear(4)"
    found = lrdsl.equivalent(
        text, lambda t: 0.2 * min(1, max(0, (10 - t) / 4)), steps=11, metric=METRICS, base=0.2
    )
    assert found, str(found)


STEP = lr.StepLR(optimizer(0.1, 0.2), 3)
PLATEAU = lr.ReduceLROnPlateau(optimizer(0.1))
WRONG: list[tuple[type[Exception], str, tuple[Any, Any], dict[str, Any]]] = [
    (TypeError, "`b` is a text, a path, a Program, .* not 5", (TEXT, 5), {}),
    (TypeError, "`a` is a text", (optimizer(0.1), TEXT), {}),
    (TypeError, "`a` is a text", (lr.StepLR, TEXT), {}),
    (TypeError, "unexpected keyword argument 'totl'", (TEXT, TEXT), {"totl": 5}),
    (TypeError, "target= is the name of a hyperparameter, not 5", (TEXT, TEXT), {"target": 5}),
    (TypeError, r"steps is a whole number, not 2\.5", (TEXT, TEXT), {"steps": 2.5}),
    (ValueError, "steps is 1 or more, not 0", (TEXT, TEXT), {"steps": 0}),
    (TypeError, "tolerance is a number", (TEXT, TEXT), {"tolerance": "1"}),
    (ValueError, "tolerance is a share", (TEXT, TEXT), {"tolerance": -1}),
    (ValueError, "tolerance is a share", (TEXT, TEXT), {"tolerance": math.nan}),
    (ValueError, "total= has no effect", (STEP, by_hand), {"total": 5}),
    (ValueError, "total= and steps_per_epoch= have no effect", (STEP, by_hand),
     {"total": 5, "steps_per_epoch": 5}),
    (ValueError, "base= has no effect", (STEP, "linear(4, 0.1)"), {"base": 0.1}),
    (ValueError, "base= has no effect", (STEP, by_hand), {"base": 0.1}),
    (ValueError, "base= has 3 values, and the scheduler has 2 groups", (STEP, TEXT),
     {"base": [0.1, 0.2, 0.3]}),
    (TypeError, "base is a number, not 'x'", (TEXT, TEXT), {"base": "x"}),
    (ValueError, "metric= has no effect", (STEP, TEXT), {"metric": METRICS}),
    (ValueError, "a metric drives `a`: pass `metric=`", (PLATEAU, "const"), {}),
    (ValueError, "a metric drives `b`: pass `metric=`", ("const", "const * plateau()"), {}),
    (ValueError, "metric= has 11 values for 5 updates", (PLATEAU, "const"), {"metric": METRICS}),
    (ValueError, "its program instead of the Schedule",
     (lrdsl.parse("const * plateau()").resolve(), "const"), {"metric": METRICS}),
    (ValueError, "a metric drives `a`: its scalars cannot be compared",
     ("scalar kl: const(value = 1) * plateau()  lr: const", by_hand),
     {"target": "kl", "metric": METRICS[:5]}),
    (ValueError, 'group "body" has no `kl`',
     (STEP, "scalar kl: const(value = 1)  lr: const"), {"target": "kl"}),
    (ValueError, "`b` drives `lr`, not `momentum`", (STEP, TEXT), {"target": "momentum"}),
    (ValueError, 'group "body" has no `beta2`', (STEP, "beta2: const"),
     {"target": "beta2", "base": 1}),
    (ValueError, "pass `base=`", (STEP, "weight_decay: const"), {"target": "weight_decay"}),
    (ValueError, r"`b` drives `lr\[\"head\"\]` and so has several groups",
     (by_hand, 'lr["head"]: linear(5, 1)  lr: linear(9, 1)'), {}),
    (ValueError, "`a` has values for 2 groups, and `b` for 3", (STEP, lambda t: [1, 2, 3]), {}),
    (ValueError, "`a` has values for 1 group, and `b` for 2", (PLATEAU, STEP), {"metric": abs}),
    (ValueError, "`b` returns 1 and then 2 rates at step 1", (TEXT, lambda t: [1.0] * (t + 1)), {}),
    (ValueError, "`b` returns no rates at step 0", (TEXT, lambda t: []), {}),
    (TypeError, "a rate of `b` is a number, not None", (TEXT, lambda t: None), {"base": 1}),
]  # fmt: skip


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case[1])
def test_what_is_wrong_is_said(case: Any) -> None:
    error, message, sources, options = case
    with pytest.raises(error, match=message):
        lrdsl.equivalent(*sources, **{"steps": 5, **options})


def test_a_text_with_errors_is_refused() -> None:
    with pytest.raises(lrdsl.LrsError, match="LRS201"):
        lrdsl.equivalent("cosin(5)", "const", steps=5)


def test_the_tolerance_is_a_share_of_the_peak() -> None:
    assert lrdsl.equivalent("const(value = 1)", lambda t: 1.001, steps=5, tolerance=0.001)
    assert not lrdsl.equivalent("const(value = 1)", lambda t: 1.0011, steps=5, tolerance=0.001)


def test_texts_are_compared_without_torch() -> None:
    code = (
        "import lrdsl, sys; found = lrdsl.equivalent('linear(4)', lambda t: 1 - t / 4, steps=4,"
        " base=1); assert found and 'torch' not in sys.modules and 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
