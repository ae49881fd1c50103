"""Schedulers stepped ahead on a replica: the rates are torch's, and nothing of the caller's moves.

The rates to expect are those of a second scheduler of the same kind that is really stepped.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
import torch
from torch.optim import SGD, Adam, AdamW, Optimizer
from torch.optim import lr_scheduler as lr
from torch.optim.lr_scheduler import LRScheduler
from torch.optim.optimizer import register_optimizer_step_post_hook
from torch.optim.swa_utils import SWALR

import lrdsl
from lrdsl.frameworks.torch.replica import Idle, is_measured, rates, replica, step_of
from tests.frameworks.torch.driving import parameter, snapshot

UPDATES = 30
Make = Callable[[Optimizer], LRScheduler]


class Own(LRScheduler):
    """A scheduler as other packages have them: with a scheduler inside and a count of its own."""

    def __init__(self, optimizer: Optimizer, after: LRScheduler) -> None:
        self.after, self.seen = after, [0]
        super().__init__(optimizer)

    def get_lr(self) -> list[float | torch.Tensor]:
        self.seen[0] += 1
        if self.last_epoch < 4:
            return [
                group["initial_lr"] * (self.seen[0]) / 4 for group in self.optimizer.param_groups
            ]
        self.after.step()
        return self.after.get_last_lr()


class Growing:
    """A function of the step that keeps count of its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, step: int) -> float:
        self.calls += 1
        return 1 / self.calls


def halved(step: int, by: float) -> float:
    return by**step


def sequential(optimizer: Optimizer) -> LRScheduler:
    parts = [lr.LinearLR(optimizer, 0.1, 1.0, 5), lr.CosineAnnealingLR(optimizer, 10, 0.001)]
    inner = lr.SequentialLR(optimizer, parts, [5])
    last = lr.LambdaLR(optimizer, lambda step: 0.1 / (step + 1))
    with warnings.catch_warnings():  # torch steps the inner one twice, and warns of it
        warnings.simplefilter("ignore")
        return lr.SequentialLR(optimizer, [inner, last], [20])


def chained(optimizer: Optimizer) -> LRScheduler:
    parts = [lr.ConstantLR(optimizer, 0.1, 4), lr.ExponentialLR(optimizer, 0.9)]
    return lr.ChainedScheduler(parts, optimizer)


KINDS: dict[str, Make] = {
    "lambda": lambda o: lr.LambdaLR(o, lambda step: 0.95**step),
    "partial": lambda o: lr.LambdaLR(o, partial(halved, by=0.9)),
    "callable": lambda o: lr.LambdaLR(o, Growing()),
    "multiplicative": lambda o: lr.MultiplicativeLR(o, lambda step: 0.95),
    "step": lambda o: lr.StepLR(o, 7, 0.5),
    "multistep": lambda o: lr.MultiStepLR(o, [3, 3, 20], 0.5),
    "constant": lambda o: lr.ConstantLR(o, 0.25, 6),
    "linear": lambda o: lr.LinearLR(o, 0.1, 0.9, 12),
    "exponential": lambda o: lr.ExponentialLR(o, 0.9),
    "polynomial": lambda o: lr.PolynomialLR(o, 25, 2.0),
    "cosine": lambda o: lr.CosineAnnealingLR(o, 20, 0.001),
    "restarts": lambda o: lr.CosineAnnealingWarmRestarts(o, 4, 2, 0.001),
    "cyclic": lambda o: lr.CyclicLR(o, 0.01, 0.3, 4, 7, mode="exp_range", gamma=0.97),
    "cyclic, by a function": lambda o: lr.CyclicLR(
        o, 0.01, 0.3, 4, scale_fn=lambda x: 0.5**x, cycle_momentum=False
    ),
    "onecycle": lambda o: lr.OneCycleLR(o, 0.5, 50, three_phase=True),
    "swa": lambda o: SWALR(o, 0.01, 12),
    "sequential": sequential,
    "chained": chained,
    "own": lambda o: Own(o, lr.StepLR(o, 5)),
    "lrdsl": lambda o: lrdsl.compile("warmup(5) >> cosine(40, end = 0.001)", o),
    "lrdsl, two numbers": lambda o: lrdsl.compile(
        "lr: cosine(40)  momentum: linear(20, 0.8, 0.9)", o
    ),
    "lrdsl, sequential": lambda o: lrdsl.compile(
        "warmup(5) >> cosine(40)", o, scheduler="sequential"
    ),
    "lrdsl, counted": lambda o: lrdsl.compile("linear(40)", o, calls_per_update=2),
    "lrdsl, clock": lambda o: lrdsl.compile(
        "run clock = tok, 1st = 10tok  cosine(400tok)", o
    ),
}  # fmt: skip


def built(kind: type[Optimizer] = SGD, rate: Callable[[float], Any] = float) -> Optimizer:
    """An optimizer of two groups."""
    groups: list[dict[str, Any]] = [
        {"params": [parameter(), parameter()], "lr": rate(0.1), "name": "body"},
        {"params": [parameter()], "lr": rate(0.02), "name": "head", "scale": [0.5]},
    ]
    options: dict[str, Any] = {"momentum": 0.9} if kind is SGD else {}
    return kind(groups, **options)


def tensor(value: float) -> torch.Tensor:
    return torch.tensor(value, dtype=torch.float64)


def stepped(scheduler: LRScheduler, updates: int, key: str = "lr") -> list[tuple[float, ...]]:
    """The values that the next updates really use."""
    used = []
    for _ in range(updates):
        groups = scheduler.optimizer.param_groups
        used.append(tuple(float(_read(group, key)) for group in groups))
        scheduler.optimizer.step()
        for _ in range(getattr(scheduler, "calls_per_update", 1)):
            scheduler.step()
    return used


def _read(group: dict[str, Any], key: str) -> Any:
    return group["betas"][0] if key == "momentum" and "betas" in group else group[key]


@pytest.mark.parametrize("until", [0, 9])
@pytest.mark.parametrize("name", KINDS)
def test_the_rates_are_those_of_the_scheduler_itself(name: str, until: int) -> None:
    one, other = KINDS[name](built()), KINDS[name](built())
    for scheduler in (one, other):
        stepped(scheduler, until)
    before = snapshot(one)
    found = rates(one, UPDATES)
    assert snapshot(one) == before
    assert found == stepped(other, UPDATES)
    # And the scheduler goes on as if nothing had been.
    assert stepped(one, UPDATES) == found


@pytest.mark.parametrize("name", ["cyclic", "onecycle", "lrdsl, two numbers"])
@pytest.mark.parametrize("kind", [SGD, Adam])
def test_a_momentum_is_read_like_a_rate(name: str, kind: type[Optimizer]) -> None:
    one, other = KINDS[name](built(kind)), KINDS[name](built(kind))
    found = rates(one, UPDATES, "momentum")
    assert len({row[0] for row in found}) > 10
    assert found == stepped(other, UPDATES, "momentum")


@pytest.mark.parametrize("name", ["cosine", "sequential", "chained", "onecycle", "lrdsl"])
def test_rates_in_tensors_stay_what_they_are(name: str) -> None:
    one, other = (KINDS[name](built(AdamW, tensor)) for _ in range(2))
    held = [group["lr"] for group in one.optimizer.param_groups]
    before = [float(rate) for rate in held]
    assert rates(one, UPDATES) == stepped(other, UPDATES)
    assert [float(rate) for rate in held] == before
    assert all(g["lr"] is rate for g, rate in zip(one.optimizer.param_groups, held, strict=True))
    twins = [group["lr"] for group in replica(one).optimizer.param_groups]
    assert all(isinstance(rate, torch.Tensor) for rate in twins)


def test_tensors_that_are_shared_are_shared_in_the_replica() -> None:
    shared = tensor(0.1)
    groups = [{"params": [parameter()], "lr": shared}, {"params": [parameter()], "lr": shared}]
    made = replica(lr.StepLR(SGD(groups), 3))
    first, second = (group["lr"] for group in made.optimizer.param_groups)
    assert first is second
    assert first is not shared


def test_a_replica_goes_on_by_itself() -> None:
    scheduler: Any = sequential(built())
    made: Any = replica(scheduler)
    assert type(made) is lr.SequentialLR
    assert isinstance(made.optimizer, Idle)
    assert all(one.optimizer is made.optimizer for one in made._schedulers)
    assert made._schedulers[0] is not scheduler._schedulers[0]
    ahead = stepped(made, 12)
    assert step_of(made) == 12
    assert step_of(scheduler) == 0
    assert stepped(scheduler, 12) == ahead


def test_all_options_of_the_groups_are_kept() -> None:
    scheduler = KINDS["onecycle"](built())
    groups, twins = scheduler.optimizer.param_groups, replica(scheduler).optimizer.param_groups
    for group, twin in zip(groups, twins, strict=True):
        assert list(group) == list(twin)
        assert {**group, "params": 0} == {**twin, "params": 0}
        assert len(twin["params"]) == 1
    twins[1]["scale"].append(1.0)
    assert groups[1]["scale"] == [0.5]


def test_the_state_of_the_optimizer_is_not_copied() -> None:
    optimizer = built(Adam)
    optimizer.step()
    made = replica(lr.StepLR(optimizer, 3))
    assert not made.optimizer.state
    held = [p for group in made.optimizer.param_groups for p in group["params"]]
    assert [p.numel() for p in held] == [1, 1]


def test_a_callable_object_is_copied_and_a_function_is_shared() -> None:
    growing = Growing()

    def function(step: int) -> float:
        return 1.0

    scheduler = lr.LambdaLR(built(), [growing, function])
    made: Any = replica(scheduler)
    calls = growing.calls
    stepped(made, 3)
    assert growing.calls == calls
    assert made.lr_lambdas[1] is function


def test_modules_and_methods_of_other_objects_are_shared() -> None:
    class Model(torch.nn.Module):
        def factor(self, step: int) -> float:
            return 0.5**step

    model, growing = Model(), Growing()
    made: Any = replica(lr.LambdaLR(built(), [model.factor, growing.__call__]))
    assert made.lr_lambdas[0].__self__ is model
    assert made.lr_lambdas[1].__self__ is growing


def test_a_method_of_the_scheduler_is_one_of_the_replica() -> None:
    scheduler: Any = KINDS["step"](built())
    scheduler.again = scheduler.get_last_lr
    made: Any = replica(scheduler)
    assert made.again.__self__ is made


@pytest.mark.parametrize("held", ["optimizer", "method", "nested"])
def test_a_function_that_refers_to_the_optimizer_is_refused(held: str) -> None:
    optimizer = built()
    step = optimizer.step

    def inner(step: int) -> float:
        return 1 + 0 * len(optimizer.param_groups)

    def by_optimizer(step: int) -> float:
        return 1 + 0 * len(optimizer.param_groups)

    def by_method(_: int) -> float:
        return 1 + 0 * hash(step)

    def nested(step: int) -> float:
        return inner(step)

    function = {"optimizer": by_optimizer, "method": by_method, "nested": nested}[held]
    with pytest.raises(TypeError, match=r"LambdaLR cannot be copied, .* refers to the optimizer"):
        replica(lr.LambdaLR(optimizer, function))


def test_a_step_wrapped_in_the_scheduler_itself_is_refused() -> None:
    scheduler = KINDS["step"](built())
    step = scheduler.step
    scheduler.step = lambda *_: step()  # type: ignore[method-assign]
    with pytest.raises(TypeError, match="refers to the optimizer or to a scheduler"):
        replica(scheduler)


def test_what_cannot_be_copied_is_said() -> None:
    def numbers() -> Iterator[int]:
        yield 1

    scheduler: Any = KINDS["step"](built())
    scheduler.source = numbers()
    with pytest.raises(TypeError, match=r"StepLR cannot be copied, .*generator"):
        replica(scheduler)
    with pytest.raises(TypeError, match="LRScheduler, not 5"):
        replica(5)  # type: ignore[arg-type]


def test_hooks_and_a_patched_step_are_never_called() -> None:
    optimizer = built()
    calls: list[object] = []
    scheduler = KINDS["lrdsl"](optimizer)
    optimizer.register_step_post_hook(lambda *_: calls.append(1))
    optimizer.register_step_pre_hook(lambda *_: calls.append(2))
    optimizer.step = lambda *_: calls.append(3)  # type: ignore[assignment,method-assign]
    everywhere = register_optimizer_step_post_hook(lambda *_: calls.append(4))
    try:
        rates(scheduler, UPDATES)
    finally:
        everywhere.remove()
    assert calls == []


def test_nothing_is_warned_of_past_the_end_of_a_run() -> None:
    scheduler = lrdsl.compile("cosine", built(), total=5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert rates(scheduler, 20)[6:] == [(0.0, 0.0)] * 14


def test_a_default_device_does_not_matter() -> None:
    scheduler = KINDS["cosine"](built())
    wanted = rates(scheduler, 5)
    with torch.device("meta"):
        assert rates(scheduler, 5) == wanted


METRICS = [1.0, 0.9, 0.9, 0.9, 0.9, 0.8, 0.8, 0.8, 0.8, 0.8]


@pytest.mark.parametrize("text", [None, "const * plateau(factor = 0.5, patience = 1)"])
@pytest.mark.parametrize("by", [METRICS, METRICS.__getitem__])
def test_a_metric_drives_a_plateau(text: str | None, by: Any) -> None:
    schedulers: list[Any] = [
        lrdsl.compile(text, built())
        if text
        else lr.ReduceLROnPlateau(built(), factor=0.5, patience=1)
        for _ in range(2)
    ]
    one, other = schedulers
    used = []
    for metric in METRICS:
        used.append(tuple(group["lr"] for group in other.optimizer.param_groups))
        other.optimizer.step()
        other.step(metric)
    assert is_measured(one)
    found = rates(one, len(METRICS), metric=by)
    assert found == used
    assert found[-1][0] < 0.03
    assert one.optimizer.param_groups[0]["lr"] == 0.1


def test_a_metric_is_of_the_update_where_the_scheduler_is() -> None:
    scheduler = lr.ReduceLROnPlateau(built(), patience=0)
    scheduler.step(1.0)
    scheduler.step(0.9)
    asked: list[int] = []

    def metric(step: int) -> float:
        asked.append(step)
        return 0.0

    rates(scheduler, 4, metric=metric)
    assert asked == [2, 3, 4]


def test_a_metric_that_is_missing_or_one_too_many_is_said() -> None:
    plateau = lr.ReduceLROnPlateau(built())
    with pytest.raises(ValueError, match="pass `metric=`"):
        rates(plateau, 3)
    with pytest.raises(ValueError, match="no metric drives this StepLR"):
        rates(KINDS["step"](built()), 3, metric=[1.0, 1.0, 1.0])
    with pytest.raises(ValueError, match="metric= has 2 values for 3 updates"):
        rates(plateau, 3, metric=[1.0, 1.0])
    with pytest.raises(TypeError, match="a function of the step or a sequence, not 5"):
        rates(plateau, 3, metric=5)  # type: ignore[arg-type]


def test_a_number_that_a_group_does_not_have_is_said() -> None:
    scheduler = KINDS["step"](built())
    with pytest.raises(
        ValueError, match=r'group "body" has no `wd`; did you mean `weight_decay`\?'
    ):
        rates(scheduler, 3, "wd")
    with pytest.raises(ValueError, match='group "body" has no `beta2`; '):
        rates(scheduler, 3, "beta2")


def test_where_a_scheduler_is() -> None:
    schedulers = [
        KINDS[name](built()) for name in ("step", "sequential", "chained", "lrdsl", "own")
    ]
    for scheduler in schedulers:
        stepped(scheduler, 4)
    assert [step_of(scheduler) for scheduler in schedulers] == [4] * 5
    scheduler = KINDS["step"](built())
    scheduler.last_epoch = 2.5  # type: ignore[assignment]
    with pytest.raises(ValueError, match=r"between two updates, at step 2\.5"):
        step_of(scheduler)
