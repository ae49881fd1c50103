"""How often the scheduler is stepped: one warning where a run is ruined, and silence elsewhere."""

from __future__ import annotations

import copy
import gc
import types
import weakref
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.optim import LBFGS, SGD, Adam, Optimizer

import lrdsl
from lrdsl.frameworks.torch.lambda_lr import ScheduleLR
from lrdsl.frameworks.torch.running import BY_EPOCH, MOST_EPOCHS
from tests.frameworks.torch.driving import optimizer, parameter, rates
from tests.frameworks.torch.telling import slugs, stepped, told

EPOCHS: dict[str, Any] = {"steps_per_epoch": 391}


# The run, and a text that counts updates in it.
COUNTED: dict[str, tuple[str, dict[str, Any]]] = {
    "epochs": ("cosine(90ep)", EPOCHS),
    "epochs and a total": ("warmup(5%) >> cosine", {**EPOCHS, "total": "90ep"}),
    "a total": ("warmup(5%) >> cosine", {"total": 35_190}),
    "tokens": ("cosine(10tok)", {"per_step": {"tok": 0.01}}),
    "more steps than epochs": (f"warmup(500) >> cosine({MOST_EPOCHS})", {}),
    "a long rest before it falls": ("const(50000) >> linear(10)", {}),
    "a plateau on the way": ("warmup(5ep) >> reduce_on_plateau()", EPOCHS),
}


@pytest.mark.parametrize("name", COUNTED)
def test_a_loop_by_epochs_is_told_once_at_the_second_call(name: str) -> None:
    text, run = COUNTED[name]
    scheduler = lrdsl.compile(text, optimizer(0.1), **run)
    assert stepped(scheduler, [20]) == []
    (warning,) = stepped(scheduler, [20])
    assert stepped(scheduler, [20] * 5) == []
    found = warning.diagnostic
    assert (found.code, found.slug) == ("LRS801", "too-few-steps")
    assert found.message == (
        "20 updates were made before this `scheduler.step()`, as many as before the last one, and"
        " each call moves the schedule on by 1 step: it is at step 2, and counts updates"
    )
    for way in ("after each `optimizer.step()`", "lrdsl.lightning", "steps_per_epoch=1"):
        assert way in found.help
    assert "updates_per_step=20" in found.help
    assert found.span.source.text == text


def by_group(driven: Optimizer) -> None:
    """An update as ZeRO of stages 1 and 2 makes it in DeepSpeed 0.19.8: ``_optimizer_step``."""
    groups = driven.param_groups
    for group in groups:
        driven.param_groups = [group]
        driven.step()
    driven.param_groups = groups


def by_part(driven: Optimizer) -> None:
    """An update as ZeRO of stage 3 makes it: between updates, no group has parameters."""
    for group in driven.param_groups:
        for part in (parameter(), parameter()):
            group["params"] = [part]
            driven.step()
            group["params"] = []


@pytest.mark.parametrize("update", [by_group, by_part])
def test_an_update_may_take_several_calls(update: Callable[[Optimizer], None]) -> None:
    driven = optimizer(0.1, 0.2, 0.3)
    scheduler = lrdsl.compile("cosine(90ep)", driven, **EPOCHS)

    def act() -> None:
        for _ in range(4):
            update(driven)
            scheduler.step()

    assert told(act) == []


def test_several_updates_that_take_several_calls_are_noticed() -> None:
    driven = optimizer(0.1, 0.2, 0.3)
    scheduler = lrdsl.compile("cosine(90ep)", driven, **EPOCHS)

    def act() -> None:
        for _ in range(4):
            for _ in range(20):
                by_group(driven)
            scheduler.step()

    (warning,) = told(act)
    assert warning.diagnostic.message.startswith("20 updates were made")


def test_what_it_is_about() -> None:
    """Ninety epochs, and the rate is where it started."""
    scheduler = lrdsl.compile("cosine(90ep)", optimizer(0.1), **EPOCHS)
    assert slugs(stepped(scheduler, [20] * 90)) == ["too-few-steps"]
    assert rates(scheduler.optimizer) == [pytest.approx(0.1, rel=2e-5)]


def test_the_ways_out_are_silent() -> None:
    text = "warmup(5ep) >> cosine(85ep)"
    assert stepped(lrdsl.compile(text, optimizer(0.1), **EPOCHS), [1] * 40) == []
    by_epoch = lrdsl.compile(text, optimizer(0.1), steps_per_epoch=1)
    assert stepped(by_epoch, [20] * 90) == []
    assert rates(by_epoch.optimizer) == [0.0]
    declared = lrdsl.compile(text, optimizer(0.1), **EPOCHS, updates_per_step=20)
    assert stepped(declared, [20] * 40) == []


def test_more_updates_than_were_declared() -> None:
    scheduler = lrdsl.compile("cosine", optimizer(0.1), total=100, updates_per_step=4)
    assert stepped(scheduler, [5]) == []
    (warning,) = stepped(scheduler, [5])
    assert warning.diagnostic.message.startswith("5 updates")
    fewer = lrdsl.compile("cosine", optimizer(0.1), total=100, updates_per_step=4)
    assert stepped(fewer, [4, 3, 3, 1, 1, 4, 4] * 4) == []


def test_declaring_it_changes_no_value() -> None:
    schedulers = [
        lrdsl.compile("cosine", optimizer(0.1), total=9, updates_per_step=n) for n in (1, 5)
    ]
    for scheduler, count in zip(schedulers, (1, 5), strict=True):
        assert stepped(scheduler, [count] * 4) == []
    assert rates(schedulers[0].optimizer) == rates(schedulers[1].optimizer)


@pytest.mark.parametrize("count", [0, -3])
def test_a_step_stands_for_an_update(count: int) -> None:
    driven = optimizer(0.1)
    message = f"^updates_per_step is at least 1, not {count}$"
    with pytest.raises(ValueError, match=message):
        lrdsl.compile("cosine(9)", driven, updates_per_step=count)
    assert "initial_lr" not in driven.param_groups[0]


def test_a_sequential_scheduler_declares_nothing() -> None:
    with pytest.raises(TypeError, match=r"^scheduler 'sequential' takes no updates_per_step$"):
        lrdsl.compile("cosine(9)", optimizer(0.1), scheduler="sequential", updates_per_step=2)


# Updates before each step that are no rhythm of several.
QUIET: dict[str, list[int]] = {
    "ordinary": [1] * 50,
    "stepped for every batch of accumulated gradients": [0, 0, 0, 1] * 10,
    "updates that were left out": [1, 0, 1, 0, 0] * 10,
    "several processes that step one by one": [1, 0, 0, 0] * 10,
    "updates caught up with": [4, 0, 0, 0] * 10,
    "a loop that goes fast forward": [0] * 30 + [1] * 20,
    "never the same number": [3, 4, 5, 4] * 6,
    "early stopping, alike by chance in the end": [*range(40, 20, -1), 20, 20],
    "once several at first": [5, 1, 1, 5, 5, 5],
}


@pytest.mark.parametrize("name", QUIET)
def test_no_rhythm_of_several_updates(name: str) -> None:
    scheduler = lrdsl.compile("cosine", optimizer(0.1), total=1000)
    assert stepped(scheduler, QUIET[name]) == []


@pytest.mark.parametrize("updates", [[13, 20, 20], [0, 0, 20, 20], [20, 19, 20, 20], [1, 20, 20]])
def test_the_same_number_twice_in_a_row_is_enough(updates: list[int]) -> None:
    scheduler = lrdsl.compile("cosine", optimizer(0.1), total=1000)
    assert stepped(scheduler, updates[:-1]) == []
    assert slugs(stepped(scheduler, updates[-1:])) == ["too-few-steps"]


# Schedules that may count anything in plain steps.
PLAIN = ["warmup(5) >> cosine(20)", "multistep([30, 60, 80])", f"cosine({MOST_EPOCHS})"]


@pytest.mark.parametrize("updates", [5, 320], ids=["discriminator", "PPO"])
@pytest.mark.parametrize("text", PLAIN)
def test_plain_steps_may_count_something_else(text: str, updates: int) -> None:
    generator, discriminator = optimizer(0.1), optimizer(0.1)
    schedulers = [lrdsl.compile(text, driven) for driven in (generator, discriminator)]

    def act() -> None:
        for _ in range(4):
            for _ in range(updates):
                discriminator.step()
            generator.step()
            for scheduler in schedulers:
                scheduler.step()

    assert told(act) == []


@pytest.mark.parametrize("text", ["const", "reduce_on_plateau()", "const(value = 0.3)"])
def test_a_schedule_that_only_a_metric_changes_can_be_stepped_by_epochs(text: str) -> None:
    scheduler = lrdsl.compile(text, optimizer(0.1), total="90ep", **EPOCHS)
    assert stepped(scheduler, [20] * 5) == []


def trainer(name: str) -> Any:
    """The method with which a trainer of that name steps a scheduler."""
    module = types.ModuleType(name)
    source = "def lr_scheduler_step(scheduler):\n    scheduler.step()\n"
    exec(compile(source, "trainer.py", "exec"), module.__dict__)
    return module.lr_scheduler_step


@pytest.mark.parametrize("package", [*BY_EPOCH, "somewhere"])
@pytest.mark.parametrize("count", [1, 8])
def test_trainers_that_step_by_epochs_unless_told_otherwise(package: str, count: int) -> None:
    scheduler = lrdsl.compile("warmup(3) >> cosine(10)", optimizer(0.1))
    step = trainer(f"{package}.core.module")

    def act() -> None:
        for _ in range(4):
            for _ in range(count):
                scheduler.optimizer.step()
            step(scheduler)

    is_told = count > 1 and package != "somewhere"
    assert slugs(told(act)) == ["too-few-steps"] * is_told


class Derived(SGD):
    """Its ``step`` calls that of its class, and torch calls the hooks of both."""

    def step(self, closure: Any = None) -> Any:
        return super().step(closure)


@pytest.mark.parametrize("count", [1, 3])
def test_an_optimizer_derived_from_another(count: int) -> None:
    optimizer(0.1).step()
    scheduler = lrdsl.compile("cosine", Derived([parameter()], lr=0.1), total=1000)
    found = stepped(scheduler, [count] * 4)
    assert [warning.diagnostic.message[0] for warning in found] == ["3"] * (count > 1)


def test_an_optimizer_that_asks_many_times() -> None:
    driven = LBFGS([parameter()], lr=0.1, max_iter=5)
    scheduler = lrdsl.compile("cosine", driven, total=100)
    (p,) = driven.param_groups[0]["params"]
    calls = []

    def closure() -> torch.Tensor:
        calls.append(1)
        p.grad = 2 * p.detach()
        loss: torch.Tensor = p.detach().square().sum()
        return loss

    def act() -> None:
        for _ in range(5):
            driven.step(closure)
            scheduler.step()

    assert told(act) == []
    assert len(calls) > 10


@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize("is_asked", [True, False], ids=["guarded", "stepped always"])
def test_updates_that_a_scaler_leaves_out(fused: bool, is_asked: bool) -> None:
    """A fused optimizer is called for those too; every second one is left out here."""
    weight = torch.nn.Parameter(torch.ones(2))
    driven = Adam([weight], lr=0.1, fused=fused)
    calls = []
    driven.register_step_post_hook(lambda *_: calls.append(1))
    scheduler = lrdsl.compile("cosine", driven, total=1000)
    scaler = torch.amp.GradScaler("cpu", init_scale=4.0)

    def act() -> None:
        for i in range(12):
            scaler.scale((weight * (1.0 if i % 2 else float("inf"))).sum()).backward()
            scale = scaler.get_scale()
            scaler.step(driven)
            scaler.update()
            if not is_asked or scaler.get_scale() >= scale:
                scheduler.step()
            driven.zero_grad()

    assert told(act) == []
    assert (len(calls), scheduler.last_epoch) == (12 if fused else 6, 6 if is_asked else 12)


# torch 2.13 compiles with modules of its own that it has deprecated.
@pytest.mark.filterwarnings(r"ignore:`torch\.jit\.script_method` is deprecated:DeprecationWarning")
@pytest.mark.parametrize("count", [1, 3])
def test_compiled_steps_are_counted_and_compiled_once(count: int) -> None:
    from torch._dynamo.testing import CompileCounter

    torch._dynamo.reset()
    torch.compile(optimizer(0.1).step, backend=CompileCounter())()  # imports what it warns of
    driven = optimizer(torch.tensor(0.1, dtype=torch.float64))
    scheduler = lrdsl.compile("cosine", driven, total=1000)
    counter = CompileCounter()
    update = torch.compile(driven.step, backend=counter)

    def act() -> None:
        for _ in range(6):
            for _ in range(count):
                update()
            scheduler.step()

    found = told(act)
    assert counter.frame_count <= 2  # the second is that without the hooks
    assert [warning.diagnostic.message[:9] for warning in found] == ["3 updates"] * (count > 1)
    torch._dynamo.reset()


def test_the_count_is_its_own() -> None:
    """Accelerate changes that of torch while it adds gradients up."""
    scheduler = lrdsl.compile("cosine", optimizer(0.1), total=1000)

    def act() -> None:
        for _ in range(4):
            scheduler._step_count += 3
            scheduler.optimizer.step()
            scheduler.step()

    assert told(act) == []


def test_calls_of_several_processes_are_one_step() -> None:
    quiet = lrdsl.compile("cosine", optimizer(0.1), total=1000, calls_per_update=4)
    assert stepped(quiet, [1, 0, 0, 0] * 6) == []
    scheduler = lrdsl.compile("cosine", optimizer(0.1), total=1000, calls_per_update=4)
    assert slugs(stepped(scheduler, [20, 0, 0, 0] * 6)) == ["too-few-steps"]


@pytest.mark.parametrize("go", ["resumed", "copied", "sent"])
def test_a_run_that_is_taken_up_again_is_watched_too(go: str) -> None:
    scheduler = lrdsl.compile("cosine", optimizer(0.1), total=1000)
    assert stepped(scheduler, [20]) == []
    if go == "resumed":
        state = scheduler.state_dict()
        scheduler = lrdsl.compile("cosine", optimizer(0.1), total=1000)
        scheduler.load_state_dict(state)
    elif go == "copied":
        scheduler = copy.deepcopy(scheduler)
    else:
        for _ in range(7):
            scheduler.optimizer.step()
        scheduler.set_step(40)
    assert slugs(stepped(scheduler, [20] * 4)) == ["too-few-steps"]


def test_steps_that_go_as_far_as_the_updates() -> None:
    for how in ("increment", "epoch"):
        scheduler = lrdsl.compile("cosine", optimizer(0.1), total=1000)

        def act(scheduler: ScheduleLR = scheduler, how: str = how) -> None:
            for k in range(4):
                for _ in range(20):
                    scheduler.optimizer.step()
                scheduler.step(**{how: 20 if how == "increment" else 20 * (k + 1)})

        assert told(act) == []
        assert scheduler.last_epoch == 80


def test_each_scheduler_says_it_for_itself() -> None:
    """Two runs of one text are two mistakes; Python's own filter shows one of each place."""
    for _ in range(2):
        scheduler = lrdsl.compile("cosine(90ep)", optimizer(0.1), **EPOCHS)
        assert slugs(stepped(scheduler, [20] * 4)) == ["too-few-steps"]


def test_the_first_process_says_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "1")
    assert stepped(lrdsl.compile("cosine(90ep)", optimizer(0.1), **EPOCHS), [20] * 4) == []


def test_an_optimizer_by_name_only() -> None:
    class Wrapper(Optimizer):
        def __init__(self, inner: Optimizer) -> None:
            self.inner = inner

        @property
        def param_groups(self) -> Any:  # type: ignore[override]
            return self.inner.param_groups

        def step(self, closure: Any = None) -> Any:
            return self.inner.step(closure)

    scheduler = lrdsl.compile("cosine", Wrapper(optimizer(0.1)), total=5)
    assert stepped(scheduler, [3] * 7) == []


def test_the_optimizer_does_not_keep_the_scheduler() -> None:
    driven = optimizer(0.1)
    scheduler = lrdsl.compile("cosine", driven, total=1)
    driven.step()
    scheduler.step()  # at the total, where a hook waits for an update
    gone = weakref.ref(scheduler)
    del scheduler
    gc.collect()
    assert gone() is None
    assert told(driven.step) == []
