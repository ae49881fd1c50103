"""Live schedulers of torch, read by ``from_torch``: the program goes on as they would."""

from __future__ import annotations

import copy
import functools
import math
import warnings
from collections.abc import Callable
from typing import Any, cast

import pytest
import torch
from torch.optim import SGD, Adam, Optimizer
from torch.optim import lr_scheduler as lr
from torch.optim.lr_scheduler import LRScheduler
from torch.optim.swa_utils import SWALR

import lrdsl

Make = Callable[[Optimizer], LRScheduler]


def built(kind: type[Optimizer] = SGD, rates: tuple[Any, ...] = (0.1, 0.02)) -> Optimizer:
    groups = [{"params": [torch.nn.Parameter(torch.zeros(1))], "lr": rate} for rate in rates]
    options: dict[str, Any] = {"momentum": 0.9} if kind is SGD else {}
    return kind(groups, **options)


def text(scheduler: LRScheduler, steps: int | None = None) -> str:
    """The program on one line."""
    return " ".join(str(lrdsl.from_torch(scheduler, steps=steps)).split())


def advance(scheduler: Any, updates: int) -> None:
    for _ in range(updates):
        scheduler.optimizer.step()
        scheduler.step()


def read(optimizer: Optimizer) -> list[float]:
    """The rate and the momentum of every group."""
    found = []
    for group in optimizer.param_groups:
        found += [group["lr"], group["betas"][0] if "betas" in group else group["momentum"]]
    return found


def sequence(o: Optimizer) -> LRScheduler:
    parts = [lr.LinearLR(o, 0.1, 1.0, 5), lr.CosineAnnealingLR(o, 35, 0.001)]
    return lr.SequentialLR(o, parts, [5])


def chain(o: Optimizer) -> LRScheduler:
    return lr.ChainedScheduler([lr.ConstantLR(o, 0.1, 4), lr.ExponentialLR(o, 0.9)])


def deep(o: Optimizer) -> LRScheduler:
    inner = lr.SequentialLR(o, [lr.LinearLR(o, 0.1, 1.0, 5), lr.ConstantLR(o, 0.9, 9)], [6])
    with warnings.catch_warnings():  # torch steps the inner one twice, and warns of it
        warnings.simplefilter("ignore")
        return lr.SequentialLR(o, [inner, lr.StepLR(o, 4)], [20])


# A scheduler, and its program.
TEXTS: dict[str, tuple[Make, str]] = {
    "step": (lambda o: lr.StepLR(o, 7, 0.5), "step(7, 0.5)"),
    "multistep": (lambda o: lr.MultiStepLR(o, [20, 3, 3], 0.5), "multistep([3, 3, 20], 0.5)"),
    "constant": (
        lambda o: lr.ConstantLR(o, 0.25, 6), "const(6, base * 0.25) >> const(value = base)"
    ),
    "linear": (lambda o: lr.LinearLR(o, 0.1, 0.9, 40), "linear(40, base * 0.1, base * 0.9)"),
    "warm-up": (lambda o: lr.LinearLR(o), "warmup(5, base / 3) >> const"),
    "exponential": (lambda o: lr.ExponentialLR(o, 0.9), "exponential(0.9)"),
    "polynomial": (lambda o: lr.PolynomialLR(o, 45, 2.0), "poly(45, power = 2)"),
    "cosine": (lambda o: lr.CosineAnnealingLR(o, 40, 0.001), "cosine(40, end = 0.001)"),
    "restarts": (
        lambda o: lr.CosineAnnealingWarmRestarts(o, 4, 2, 0.001),
        "restarts(4, 2, end = 0.001)",
    ),
    "cyclic": (
        lambda o: lr.CyclicLR(o, 0.01, [0.3, 0.2], 4, 7, mode="exp_range", gamma=0.97),
        "lr[0]: exp_range(4, 0.01, 0.3, 0.97, down = 7)"
        " lr[1]: exp_range(4, 0.01, 0.2, 0.97, down = 7)"
        " momentum: exp_range(4, 0.9, 0.8, 0.97, down = 7)",
    ),
    "one cycle": (
        lambda o: lr.OneCycleLR(o, 0.5, 50, pct_start=0.21, div_factor=7.0, three_phase=True),
        "lr: onecycle(50, 0.5, pct_start = 0.21, div = 7, three_phase = true) momentum:"
        " onecycle(50, 0.85, pct_start = 0.21, div = 0.85 / 0.95, final_div = 1,"
        " three_phase = true)",
    ),
    "one cycle, defaults": (
        lambda o: lr.OneCycleLR(o, [0.5, 0.3], 60, anneal_strategy="linear", cycle_momentum=False),
        "lr[0]: onecycle(60, 0.5, anneal = straight) lr[1]: onecycle(60, 0.3, anneal = straight)",
    ),
    "swa": (lambda o: SWALR(o, cast(Any, [0.01, 0.05]), 40), "lr[0]: cosine(40, end = 0.01)"
            " lr[1]: cosine(40, end = 0.05)"),
    "sequential": (sequence, "warmup(5, base * 0.1) >> cosine(35, end = 0.001)"),
    "sequential in sequential": (
        deep, "linear(5, base * 0.1, base) >> const(9, base * 0.9) >> const(6, base) >> step(4)"
    ),
    "chained": (
        chain, "(const(4, base * 0.1) >> const(value = base)) * exponential(0.9, start = 1)"
    ),
    "lambdas": (
        lambda o: lr.LambdaLR(o, [lambda step: 0.95**step, lambda step: 0.5]),
        "lr[0]: exponential(0.95) lr[1]: const(value = base * 0.5)",
    ),
    "multiplicative": (lambda o: lr.MultiplicativeLR(o, lambda step: 0.95), "exponential(0.95)"),
}  # fmt: skip


# Where torch's rate jumps, `compile` warns of it.
@pytest.mark.filterwarnings("ignore::lrdsl.LrsWarning")
@pytest.mark.parametrize("kind", [SGD, Adam])
@pytest.mark.parametrize("at", [0, 1, 13, 30])
@pytest.mark.parametrize("name", TEXTS)
def test_a_program_goes_on_without_a_jump(name: str, at: int, kind: type[Optimizer]) -> None:
    make, expected = TEXTS[name]
    scheduler = make(built(kind))
    advance(scheduler, at)
    program = lrdsl.from_torch(scheduler)
    assert " ".join(str(program).split()) == expected
    theirs, optimizer = make(built(kind)), scheduler.optimizer
    advance(theirs, at)
    # A scheduler that was just made may have changed the rate: that is not what `base` is.
    ours = lrdsl.compile(program, optimizer, start_step=at, rebase=False)
    for _ in range(9):
        assert read(optimizer) == pytest.approx(read(theirs.optimizer), rel=0, abs=1e-12)
        advance(ours, 1)
        advance(theirs, 1)


@pytest.mark.parametrize("name", TEXTS)
def test_nothing_of_the_callers_changes(name: str) -> None:
    scheduler = TEXTS[name][0](built())
    advance(scheduler, 3)
    optimizer = scheduler.optimizer
    before = [dict(group) for group in optimizer.param_groups]
    state, numbers = copy.deepcopy(scheduler.state_dict()), torch.get_rng_state()
    step = optimizer.step
    lrdsl.from_torch(scheduler)
    assert [dict(group) for group in optimizer.param_groups] == before
    after = scheduler.state_dict()
    inner = after.pop("_schedulers", []), state.pop("_schedulers", [])
    assert all(hasattr(part, "step") or isinstance(part, dict) for part in inner[0])
    assert len(inner[0]) == len(inner[1])
    after.pop("lr_lambdas", None), state.pop("lr_lambdas", None)
    assert after == state
    assert optimizer.step == step
    assert torch.equal(torch.get_rng_state(), numbers)


def test_a_cosine_that_has_turned_goes_on_rising() -> None:
    scheduler = lr.CosineAnnealingLR(built(), 20, 0.001)
    assert text(scheduler) == "cosine(20, end = 0.001)"
    risen = "repeat(cosine(20, base, 0.001) >> cosine(20, 0.001, base))"
    assert text(scheduler, steps=50) == risen
    advance(scheduler, 30)
    assert text(scheduler) == risen


def test_the_comments_say_where_it_is_from() -> None:
    program = lrdsl.from_torch(lr.CosineAnnealingLR(built(), 20)).source
    version = torch.__version__.partition("+")[0]
    assert program.splitlines() == [
        f"# from torch {version}: CosineAnnealingLR",
        "# after its 20 steps torch's cosine rises again; this one stays where it ends",
        "cosine(20)",
    ]


def test_a_plateau_is_proven_with_a_metric() -> None:
    scheduler = lr.ReduceLROnPlateau(built(), "max", 0.5, 2, min_lr=[0.01, 0.001])
    reduced = "reduce_on_plateau(factor = 0.5, patience = 2, mode = max)"
    expected = f"lr[0]: max({reduced}, 0.01) lr[1]: max({reduced}, 0.001)"
    assert text(scheduler) == expected
    for _ in range(5):
        scheduler.step(1.0)
    assert text(scheduler) == expected


def test_a_scheduler_of_lrdsl_gives_its_program() -> None:
    program = lrdsl.parse("warmup(5) >> cosine(10)")
    assert lrdsl.from_torch(lrdsl.compile(program, built())) == program


def test_rates_in_tensors() -> None:
    rates = tuple(torch.tensor(rate, dtype=torch.float64) for rate in (0.1, 0.02))
    assert text(lr.StepLR(built(rates=rates), 7)) == "step(7)"
    single = tuple(torch.tensor(rate) for rate in (0.1, 0.02))
    assert text(lr.CosineAnnealingLR(built(rates=single), 20)) == "cosine(20)"


def test_numbers_of_torch_in_the_settings() -> None:
    scheduler = lr.CosineAnnealingLR(built(), 20, torch.tensor(0.5).item())
    assert text(scheduler) == "cosine(20, end = 0.5)"


class Late(lr.StepLR):
    """A class of its own that does what its parent does."""


class Floored(lr.ExponentialLR):
    """A class of its own that does something else."""

    def get_lr(self) -> list[float | torch.Tensor]:
        return [max(float(rate), 0.05) for rate in super().get_lr()]


class Strange(LRScheduler):
    """A class of its own."""

    def get_lr(self) -> list[float | torch.Tensor]:
        return [0.1 for _ in self.optimizer.param_groups]


def test_a_class_of_its_own_is_read_if_its_values_fit() -> None:
    assert text(Late(built(), 7)) == "step(7)"


def _warm(step: int) -> float:
    return min(1.0, step / 7)


def get_linear_schedule_with_warmup(num_warmup_steps: int, num_training_steps: int) -> Any:
    """A function that is called as one of transformers, and does something else."""

    def lr_lambda(step: int) -> float:
        return max(0.0, 1 - step / (num_training_steps + num_warmup_steps))

    return lr_lambda


def _mix(o: Optimizer) -> LRScheduler:
    cosine = lr.CosineAnnealingLR(o, 9, 0.01)
    return lr.ChainedScheduler([cosine, lr.ExponentialLR(o, 0.9)])


REFUSED: dict[str, tuple[Make, str]] = {
    "values": (
        lambda o: Floored(o, 0.9),
        "this Floored cannot be said in lrdsl: `exponential(0.9)`, as its settings say, is not"
        " what it does: differ from step 0 on in 2 of 2 groups: 0.05 and 0.02",
    ),
    "class": (
        Strange,
        "this Strange cannot be said in lrdsl: tests.importers.test_from_torch.Strange is a class"
        " of its own, and derived from none of torch's",
    ),
    "lambda": (
        lambda o: lr.LambdaLR(o, _warm),
        "this LambdaLR cannot be said in lrdsl: its function `_warm` is of neither transformers nor"
        " diffusers, and neither constant nor exponential: with `steps=` a text is looked for that"
        " explains its values",
    ),
    "a name that promises more than its values": (
        lambda o: lr.LambdaLR(o, get_linear_schedule_with_warmup(3, 20)),
        "this LambdaLR cannot be said in lrdsl: `warmup(3) >> linear(17)` is another curve:"
        " differ from step 0 on in 2 of 2 groups",
    ),
    "multiplicative": (
        lambda o: lr.MultiplicativeLR(o, lambda step: 1 / step),
        "this MultiplicativeLR cannot be said in lrdsl: its function `<lambda>.<locals>.<lambda>`"
        " is not the same in each step",
    ),
    "scale_fn": (
        lambda o: lr.CyclicLR(o, 0.1, 0.2, 4, scale_fn=math.sqrt, cycle_momentum=False),
        "this CyclicLR cannot be said in lrdsl: its `scale_fn` is a function, which is not run",
    ),
    "eta_min in a chain": (
        _mix,
        "this ChainedScheduler cannot be said in lrdsl: a CosineAnnealingLR with an `eta_min` in a"
        " ChainedScheduler aims there from wherever the others have brought the rate, which is no"
        " product",
    ),
    "growth": (
        lambda o: lr.ExponentialLR(o, 1.05),
        "this ExponentialLR cannot be said in lrdsl: it grows without end, and the source does not"
        " say how long the run is",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str) -> None:
    make, message = REFUSED[name]
    scheduler = make(built())
    with pytest.raises(ValueError) as error:
        lrdsl.from_torch(scheduler)
    assert str(error.value).startswith(message)


def test_steps_give_a_growing_rate_its_end() -> None:
    assert text(lr.ExponentialLR(built(), 1.05), steps=60) == "exponential(1.05, length = 60)"


@pytest.mark.parametrize("steps", [0, -1])
def test_a_run_has_a_step(steps: int) -> None:
    scheduler = lr.StepLR(built(), 7)
    with pytest.raises(ValueError, match=r"steps"):
        lrdsl.from_torch(scheduler, steps=steps)


def test_only_schedulers_are_read() -> None:
    with pytest.raises(TypeError, match=r"^a scheduler is one of torch's LRScheduler, not "):
        lrdsl.from_torch("step(30)")  # type: ignore[arg-type]


def test_a_rate_that_was_changed_by_hand_is_noticed() -> None:
    scheduler = lr.StepLR(built(), 7)
    advance(scheduler, 3)
    scheduler.optimizer.param_groups[1]["lr"] = 0.5
    with pytest.raises(ValueError, match=r"is not what it does from its step 3 on: differ from"):
        lrdsl.from_torch(scheduler)


# Functions as transformers 4 and diffusers make them, by hand: closures around their arguments.


def get_cosine_schedule_with_warmup(
    num_warmup_steps: int, num_training_steps: int, num_cycles: float = 0.5
) -> Callable[[int], float]:
    def lr_lambda(current_step: int) -> float:
        if current_step < num_warmup_steps:
            return float(current_step) / float(max(1, num_warmup_steps))
        left = float(max(1, num_training_steps - num_warmup_steps))
        progress = float(current_step - num_warmup_steps) / left
        return max(0.0, 0.5 * (1.0 + math.cos(math.pi * float(num_cycles) * 2.0 * progress)))

    return lr_lambda


def get_constant_schedule_with_warmup(num_warmup_steps: int) -> Callable[[int], float]:
    def lr_lambda(current_step: int) -> float:
        return min(1.0, current_step / max(1.0, num_warmup_steps))

    return lr_lambda


def get_polynomial_decay_schedule_with_warmup(
    num_warmup_steps: int, num_training_steps: int, lr_init: float, lr_end: float, power: float
) -> Callable[[int], float]:
    def lr_lambda(current_step: int) -> float:
        if current_step < num_warmup_steps:
            return current_step / max(1, num_warmup_steps)
        if current_step > num_training_steps:
            return lr_end / lr_init
        left = 1 - (current_step - num_warmup_steps) / (num_training_steps - num_warmup_steps)
        return ((lr_init - lr_end) * math.pow(left, power) + lr_end) / lr_init

    return lr_lambda


def get_piecewise_constant_schedule() -> Callable[[int], float]:
    rules_dict: dict[int, float] = {10: 1.0, 20: 0.1}
    last_lr_multiple = 0.01

    def create_rules_function() -> Callable[[int], float]:
        def rule_func(steps: int) -> float:
            for milestone in sorted(rules_dict):
                if steps < milestone:
                    return rules_dict[milestone]
            return last_lr_multiple

        return rule_func

    return create_rules_function()


def _get_cosine_schedule_with_warmup_lr_lambda(
    step: int, *, num_warmup_steps: int, num_training_steps: int, num_cycles: float,
    min_lr_rate: float = 0.0,
) -> float:  # fmt: skip
    """Transformers 5 has two functions of this name: only one of them has a ``min_lr_rate``."""
    plain = get_cosine_schedule_with_warmup(num_warmup_steps, num_training_steps, num_cycles)
    return (
        plain(step) if step < num_warmup_steps else (plain(step) * (1 - min_lr_rate) + min_lr_rate)
    )


_keywords: dict[str, Any] = {"num_warmup_steps": 10, "num_training_steps": 100, "num_cycles": 0.5}


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (get_cosine_schedule_with_warmup(10, 100), "warmup(10) >> cosine(90)"),
        (get_cosine_schedule_with_warmup(0, 100), "cosine(100)"),
        (
            get_cosine_schedule_with_warmup(10, 100, 1.5),
            "warmup(10) >> cosine_waves(90, cycles = 1.5)",
        ),
        (get_constant_schedule_with_warmup(10), "warmup(10) >> const"),
        (
            get_polynomial_decay_schedule_with_warmup(10, 100, 0.1, 0.01, 2.0),
            "warmup(10) >> poly(90, end = base * 0.01 / 0.1, power = 2)",
        ),
        (
            get_piecewise_constant_schedule(),
            "stairs([10, 20], [base, base * 0.1, base * 0.01])",
        ),
        (
            functools.partial(_get_cosine_schedule_with_warmup_lr_lambda, **_keywords),
            "warmup(10) >> cosine(90)",
        ),
        (
            functools.partial(
                _get_cosine_schedule_with_warmup_lr_lambda, **_keywords, min_lr_rate=0.1
            ),
            "warmup(10) >> cosine(90, end = base * 0.1)",
        ),
    ],
)
def test_functions_of_other_packages(function: Callable[[int], float], expected: str) -> None:
    assert text(lr.LambdaLR(built(), function)) == expected


def get_constant_schedule_that_drops(num_warmup_steps: int, drop: int) -> Callable[[int], float]:
    """A function that is called as one of transformers, and does something else at last."""

    def lr_lambda(step: int) -> float:
        if step >= drop:
            return 0.1
        return 1.0 if step >= num_warmup_steps else step / num_warmup_steps

    return lr_lambda


@pytest.mark.parametrize("drop", [1_500, 70_000, 3_000_000])
@pytest.mark.parametrize("up", [0, 10])
def test_a_lambda_that_changes_long_after_what_is_compared_is_refused(up: int, drop: int) -> None:
    late = get_constant_schedule_that_drops(up, drop)
    for function in (late, lambda step: late(step)):
        with pytest.raises(ValueError, match=r"steps="):
            lrdsl.from_torch(lr.LambdaLR(built(), function))
    # In a run that ends before it does, it never changes.
    program = lrdsl.from_torch(lr.LambdaLR(built(), late), steps=1_200)
    assert program.resolve()(1_199, base=1.0) == 1.0


def test_a_lambda_may_have_an_end() -> None:
    table = [1.0] * 1_001
    assert text(lr.LambdaLR(built(), table.__getitem__)) == "const"


def test_a_text_is_fitted_where_a_rule_ends_in_the_run() -> None:
    scheduler = lr.LambdaLR(built(), lambda step: 0.1 ** (step // 30))
    schedule = lrdsl.from_torch(scheduler, steps=100).resolve()
    assert [schedule(t, base=1.0) for t in (0, 29, 30, 99)] == pytest.approx([1, 1, 0.1, 0.001])
