"""A program that states its run, compiled, saved and resumed."""

from __future__ import annotations

import warnings

import pytest
import torch

import lrdsl
from lrdsl.frameworks.torch.lambda_lr import ScheduleLR
from lrdsl.resolve.run_arguments import RunArguments

TEXT = "run total = 4ep, 1ep = 10st  warmup(1ep) >> cosine"


def stepped(scheduler: ScheduleLR, steps: int) -> list[float]:
    found = []
    for _ in range(steps):
        found.append(scheduler.optimizer.param_groups[0]["lr"])
        scheduler.optimizer.step()
        scheduler.step()
    return found


@pytest.mark.parametrize("kind", ["lambda", "sequential"])
def test_a_stated_run_is_compiled(kind: str) -> None:
    found = []
    passed: RunArguments = {"total": 40, "steps_per_epoch": 10}
    runs: tuple[tuple[str, RunArguments], ...] = ((TEXT, {}), ("warmup(1ep) >> cosine", passed))
    for text, run in runs:
        own = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 0.1)
        scheduler = lrdsl.compile(text, own, scheduler=kind, **run)
        values = []
        for _ in range(40):
            values.append(own.param_groups[0]["lr"])
            own.step()
            scheduler.step()
        found.append(values)
    assert found[0] == found[1]


@pytest.mark.usefixtures("linted")
def test_an_argument_overrides_with_a_warning() -> None:
    own = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 0.1)
    with pytest.warns(lrdsl.LrsWarning, match="`total = 4ep` is overridden") as caught:
        scheduler = lrdsl.compile(TEXT, own, total=20)
    assert len(caught) == 1
    assert scheduler.schedules["lr"].length == 20
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lrdsl.compile(TEXT, own, total=40)  # as stated
        lrdsl.compile(TEXT, own, total=30, lint="off")


def test_past_its_total_a_run_is_warned_of() -> None:
    own = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 0.1)
    scheduler = lrdsl.compile(TEXT, own)
    stepped(scheduler, 40)
    with pytest.warns(lrdsl.LrsWarning, match=r"the run has 40 updates by its `total`"):
        stepped(scheduler, 1)


def test_a_state_knows_its_run() -> None:
    own = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 0.1)
    scheduler = lrdsl.compile(TEXT, own)
    whole = stepped(scheduler, 12)
    state = scheduler.state_dict()
    assert state["source"].splitlines()[0] == "run total = 4ep, 1ep = 10st"
    rest = stepped(scheduler, 20)

    again = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 0.1)
    resumed = lrdsl.compile(TEXT, again)
    resumed.load_state_dict(state)
    assert stepped(resumed, 20) == rest
    assert len(whole) == 12


def test_a_changed_run_is_refused_where_it_changes_the_past() -> None:
    own = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 0.1)
    scheduler = lrdsl.compile(TEXT, own)
    stepped(scheduler, 5)
    state = scheduler.state_dict()
    # Another length of the run is another curve after the warm-up only.
    longer = lrdsl.compile(TEXT.replace("4ep", "8ep"), own)
    longer.load_state_dict(state)
    slower = lrdsl.compile(TEXT.replace("10st", "20st"), own)
    with pytest.raises(ValueError) as refused:
        slower.load_state_dict(state)
    said = str(refused.value)
    assert "saved: run total = 4ep, 1ep = 10st" in said
    assert "now:   run total = 4ep, 1ep = 20st" in said


def test_the_old_run_goes_on_with_on_change_old() -> None:
    own = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 0.1)
    scheduler = lrdsl.compile(TEXT, own)
    stepped(scheduler, 15)
    state = scheduler.state_dict()
    rest = stepped(scheduler, 10)
    again = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 0.1)
    other = lrdsl.compile(TEXT.replace("10st", "20st"), again, on_change="old")
    other.load_state_dict(state)
    assert stepped(other, 10) == rest


def test_a_ramp_is_compiled() -> None:
    own = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 1.0)
    text = "run 1st = stairs([10], [2tok, 4tok])  linear(40tok, 15, 0)"
    scheduler = lrdsl.compile(text, own, lint="off")
    assert stepped(scheduler, 16) == [float(15 - t) for t in range(16)]


def test_lightning_knows_epochs_of_one_step() -> None:
    own = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 0.1)
    scheduler = lrdsl.compile("run 1ep = 1st  warmup(5ep) >> const", own)
    found = lrdsl.lightning(scheduler)
    assert found["lr_scheduler"]["interval"] == "epoch"
