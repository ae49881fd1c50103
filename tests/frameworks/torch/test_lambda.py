from __future__ import annotations

import gc
import math
import subprocess
import sys
import warnings
import weakref
from pathlib import Path

import pytest
import torch
from torch.optim import SGD, Adam
from torch.optim.lr_scheduler import LambdaLR

import lrdsl
from tests.frameworks.torch.driving import Kind, drive, optimizer, parameter, rates

ROOT = Path(lrdsl.__file__).parents[1]

# Groups of different rates are what these tests are about.
pytestmark = pytest.mark.filterwarnings("ignore:.lr.{2} gives one rate to groups")

D2L = "warmup(5) >> cosine(20, 0.3, 0.01) >> const"
PROGRAMS = {
    "absolute": D2L,
    "proportional": "warmup(5) >> cosine(20) >> const",
    "mixed": "warmup(5) >> cosine(20, base, 0.01) >> const",
    "pointwise": "max(cosine(20) * step(5, 0.5, start = 1), 1e-5)",
    "restarts": "warmup(3) >> repeat(cosine(7, base, base / 100), stretch = 2, decay = 0.5)",
    "endless": "inverse_sqrt(4)",
}


@pytest.mark.parametrize("kind", [SGD, Adam])
@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS)
def test_updates_use_the_values_of_the_schedule_bit_for_bit(text: str, kind: Kind) -> None:
    bases = [0.1, 0.02, 0.3, 0.1]
    scheduler = lrdsl.compile(text, optimizer(*bases, kind=kind))
    schedule = lrdsl.parse(text).resolve()
    assert isinstance(scheduler, LambdaLR)
    assert drive(scheduler, 60) == [[schedule(t, base=base) for t in range(60)] for base in bases]


def test_an_absolute_rate_is_that_rate_in_every_group() -> None:
    scheduler = lrdsl.compile("const(value = 0.3)", optimizer(0.1, 0.7, 1e-300, 0.0, 3))
    assert drive(scheduler, 4) == [[0.3] * 4] * 5


def test_a_group_with_a_rate_of_zero_stays_there_where_base_is_meant() -> None:
    scheduler = lrdsl.compile("warmup(2) >> const", optimizer(0.0, 0.5))
    assert drive(scheduler, 4) == [[0.0] * 4, [0.0, 0.25, 0.5, 0.5]]


def test_it_has_what_torchs_has_and_leaves_the_optimizers_step_alone() -> None:
    driven = optimizer(0.1)
    scheduler = lrdsl.compile(D2L, driven)
    assert "step" not in vars(driven)
    torchs = LambdaLR(optimizer(0.1), lambda t: 1.0)
    assert [name for name in vars(torchs) if not hasattr(scheduler, name)] == []
    assert scheduler._step_count == torchs._step_count == 1
    assert scheduler.last_epoch == torchs.last_epoch == 0


def test_get_last_lr_is_what_the_groups_have() -> None:
    scheduler = lrdsl.compile(D2L, optimizer(0.1, 0.2))
    for _ in range(30):
        assert scheduler.get_last_lr() == rates(scheduler.optimizer)
        scheduler.optimizer.step()
        scheduler.step()
    assert scheduler.get_last_lr() == [0.01, 0.01]


def test_the_factors_that_torch_would_use_give_the_same_rates() -> None:
    scheduler = lrdsl.compile("warmup(4) >> cosine(8, base, 0.01)", optimizer(0.1, 0.2))
    assert scheduler.base_lrs == [0.1, 0.2]
    assert len(scheduler.lr_lambdas) == 2
    for t, used in enumerate(zip(*drive(scheduler, 15), strict=True)):
        pairs = zip(scheduler.base_lrs, scheduler.lr_lambdas, strict=True)
        assert [base * factor(t) for base, factor in pairs] == pytest.approx(used, rel=1e-15)


def test_what_turns_negative_later_for_these_groups_is_refused_at_once() -> None:
    text = "linear(10, base, base / 2) - 0.08"
    assert min(lrdsl.parse(text).resolve().values(11, base=1.0)) > 0
    driven = optimizer(0.1)
    with pytest.raises(lrdsl.LrsError, match="LRS311"):
        lrdsl.compile(text, driven)
    assert rates(driven) == [0.1]


def test_steps_are_counted_as_torch_counts_them() -> None:
    scheduler = lrdsl.compile("linear(10)", optimizer(0.1))
    torchs = LambdaLR(optimizer(0.1), lambda t: 1 - t / 10)
    for _ in range(4):
        for stepped in (scheduler, torchs):
            stepped.optimizer.step()
            stepped.step()
        assert scheduler._step_count == torchs._step_count
        assert scheduler.last_epoch == torchs.last_epoch


def test_factors_of_a_rate_of_0() -> None:
    """No factor makes 0 anything but 0: torch is given none that seems to."""
    scheduler = lrdsl.compile("const(3, 0) >> const(value = 0.1)", optimizer(0.0))
    (factor,) = scheduler.lr_lambdas
    assert factor(2) == 1.0
    assert math.isnan(factor(3))


def test_the_last_rates_are_those_written_whatever_was_changed_since() -> None:
    scheduler = lrdsl.compile("linear(10)", optimizer(0.1, 0.2))
    for group in scheduler.optimizer.param_groups:
        group["lr"] = 0.7
    assert scheduler.get_last_lr() == [0.1, 0.2]


def test_the_first_rate_is_written_when_it_is_compiled() -> None:
    driven = optimizer(0.1)
    lrdsl.compile("linear(10, 0.3, 0)", driven)
    assert rates(driven) == [0.3]


def test_any_step_is_reached_at_once() -> None:
    scheduler = lrdsl.compile(D2L, optimizer(0.1))
    schedule = lrdsl.parse(D2L).resolve()
    for step in (17, 3, 10**12):
        scheduler.step(epoch=step)
        assert rates(scheduler.optimizer) == [schedule(step, base=0.1)]


class TestTensorRates:
    def test_a_tensor_is_filled_in_place(self) -> None:
        rate = torch.tensor(0.1, dtype=torch.float64)
        driven = optimizer(rate, 0.1)
        scheduler = lrdsl.compile("linear(4)", driven)
        group = driven.param_groups[0]
        drive(scheduler, 2)
        assert group["lr"] is rate
        assert [rate.item(), driven.param_groups[1]["lr"]] == [0.05, 0.05]
        assert group["initial_lr"].item() == 0.1
        assert group["initial_lr"] is not rate

    def test_the_default_precision_of_torch(self) -> None:
        rate = torch.tensor(0.1)
        scheduler = lrdsl.compile("linear(4)", optimizer(rate))
        (used,) = drive(scheduler, 5)
        base = torch.tensor(0.1).item()
        assert used == [torch.tensor(base * k / 4).item() for k in (4, 3, 2, 1, 0)]

    def test_last_rates_are_copies(self) -> None:
        rate = torch.tensor(0.1)
        scheduler = lrdsl.compile("linear(4)", optimizer(rate))
        (last,) = scheduler.get_last_lr()
        assert isinstance(last, torch.Tensor)
        assert (last.dtype, last.shape, last.item()) == (rate.dtype, rate.shape, rate.item())
        last.fill_(7)
        assert rate.item() == torch.tensor(0.1).item()

    def test_the_initial_rate_is_no_alias(self) -> None:
        rate = torch.tensor(0.1)
        scheduler = lrdsl.compile("const(value = 0.5)", optimizer(rate))
        rate.fill_(9)
        assert [float(base) for base in scheduler.base_lrs] == [torch.tensor(0.1).item()]


def test_base_is_the_rate_before_any_scheduler() -> None:
    driven = optimizer(0.1, 0.2)
    drive(lrdsl.compile("linear(10)", driven), 7)
    assert rates(driven) != [0.1, 0.2]
    second = lrdsl.compile("linear(10)", driven)
    assert drive(second, 1) == [[0.1], [0.2]]


def test_a_group_that_is_added_joins_at_the_next_step() -> None:
    driven = optimizer(0.1)
    scheduler = lrdsl.compile("linear(10)", driven)
    drive(scheduler, 3)
    driven.add_param_group({"params": [parameter()], "lr": 0.4})
    drive(scheduler, 2)
    schedule = lrdsl.parse("linear(10)").resolve()
    wanted = [schedule(5, base=0.1), schedule(5, base=0.4)]
    assert rates(driven) == scheduler.get_last_lr() == wanted
    assert driven.param_groups[1]["initial_lr"] == 0.4
    assert scheduler.base_lrs == [0.1, 0.4]
    assert len(scheduler.lr_lambdas) == 2


def test_a_group_that_is_added_is_judged_too() -> None:
    driven = optimizer(0.1)
    scheduler = lrdsl.compile("linear(10, base, 0.05) - 0.04", driven)
    with pytest.raises(lrdsl.LrsError, match="LRS311"):
        driven.add_param_group({"params": [parameter()], "lr": 0.01})
    assert rates(driven) == scheduler.get_last_lr() == [0.1 - 0.04]


def test_an_evaluation_a_distinct_rate_and_step() -> None:
    scheduler = lrdsl.compile("linear(10)", optimizer(*[0.1, 0.2] * 20))
    scheduler.optimizer.step()
    codes: list[str] = []
    sys.setprofile(lambda frame, event, _: codes.append(frame.f_code.co_filename))
    try:
        scheduler.step()
    finally:
        sys.setprofile(None)
    # Formulas are compiled under the name of their shape; a call and a return are seen of each.
    assert codes.count("<lrdsl linear>") == 4


def test_a_loop_raises_no_warnings() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        drive(lrdsl.compile(D2L, optimizer(0.1)), 30)
    assert caught == []


LOOP = """
import torch, lrdsl
model = torch.nn.Linear(4, 2)
optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
for kind in ("lambda", "sequential"):
    scheduler = lrdsl.compile("warmup(5) >> cosine(20, base, 0.01)", optimizer, scheduler=kind)
    for _ in range(30):
        optimizer.zero_grad()
        model(torch.ones(4)).square().sum().backward()
        optimizer.step()
        scheduler.step()
    print(scheduler.get_last_lr())
"""


def test_a_process_in_which_warnings_are_errors() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", LOOP],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=200,
    )
    assert (done.stdout, done.stderr, done.returncode) == ("[0.01]\n[0.01]\n", "", 0)


@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS)
def test_an_optimizer_is_freed_without_the_garbage_collector(text: str) -> None:
    driven = optimizer(0.1, torch.tensor(0.2))
    scheduler = lrdsl.compile(text, driven)
    drive(scheduler, 3)
    things: list[object] = [driven, scheduler, scheduler.lr_lambdas[0]]
    watched = [weakref.ref(thing) for thing in things]
    gc.disable()
    try:
        del driven, scheduler, things
        assert [ref() for ref in watched] == [None] * 3
    finally:
        gc.enable()


def test_torchs_own_lambda_lr_takes_a_schedule_and_saves_its_state() -> None:
    schedule = lrdsl.parse("linear(10)").resolve()
    first = LambdaLR(optimizer(0.1), schedule)
    drive(first, 4)
    state = first.state_dict()
    assert state["lr_lambdas"] == [{}]
    again = LambdaLR(optimizer(0.1), lrdsl.parse("linear(20)").resolve())
    again.load_state_dict(state)
    drive(again, 1)
    assert rates(again.optimizer) == [pytest.approx(0.075)]  # by its own function, at step 5


def test_get_lr_computes_the_rates_of_this_step() -> None:
    scheduler = lrdsl.compile("warmup(4) >> cosine(20)", optimizer(0.1, 0.2))
    driven = scheduler.optimizer
    for _ in range(9):
        assert scheduler.get_lr() == rates(driven)
        driven.step()
        scheduler.step()
    wanted = rates(driven)
    for group in driven.param_groups:
        group["lr"] = 0.7  # what somebody else wrote is not what the schedule gives
    assert scheduler.get_lr() == scheduler.get_last_lr() == wanted


def test_it_shows_what_it_drives_and_where_it_is() -> None:
    scheduler = lrdsl.compile("lr: cosine(20)  weight_decay: linear(9)", optimizer(0.1))
    scheduler.set_step(7)
    assert repr(scheduler) == "<ScheduleLR of lr, weight_decay at step 7>"
