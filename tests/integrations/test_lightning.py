"""The dictionary for Lightning; tests/trainers/test_lightning.py trains with it."""

from __future__ import annotations

from typing import Any

import pytest
from torch.optim.lr_scheduler import LRScheduler

import lrdsl
from tests.frameworks.torch.driving import optimizer, rates


@pytest.mark.parametrize("kind", ["lambda", "sequential"])
def test_it_names_the_optimizer_and_steps_after_every_update(kind: str) -> None:
    driven = optimizer(0.1)
    scheduler: LRScheduler = lrdsl.compile("warmup(5) >> cosine(20)", driven, scheduler=kind)
    assert lrdsl.lightning(scheduler) == {
        "optimizer": driven,
        "lr_scheduler": {"scheduler": scheduler, "interval": "step", "frequency": 1},
    }


@pytest.mark.parametrize(
    ("run", "interval"),
    [
        ({"steps_per_epoch": 1}, "epoch"),
        ({"steps_per_epoch": "1"}, "epoch"),
        ({"steps_per_epoch": 2}, "step"),
        ({"total": 100}, "step"),
    ],
)
def test_a_schedule_of_epochs_is_stepped_after_each_of_them(
    run: dict[str, Any], interval: str
) -> None:
    scheduler = lrdsl.compile("warmup(5) >> const", optimizer(0.1), **run)
    configuration = lrdsl.lightning(scheduler)["lr_scheduler"]
    assert (configuration["interval"], configuration["frequency"]) == (interval, 1)


def test_a_step_of_several_updates_is_left_to_the_module() -> None:
    scheduler = lrdsl.compile("cosine(20)", optimizer(0.1), updates_per_step=5)
    with pytest.raises(ValueError, match=r"^Lightning counts batches, not the 5 updates of a step"):
        lrdsl.lightning(scheduler)


def test_a_metric_is_observed_once_an_epoch() -> None:
    driven = optimizer(0.1)
    scheduler = lrdsl.compile("const * plateau(0.5, patience = 1)", driven)
    (only,), (stepped, observed) = lrdsl.lightning(scheduler, monitor="val_loss")
    assert only is driven
    assert stepped == {"scheduler": scheduler, "interval": "step", "frequency": 1}
    observer = observed.pop("scheduler")
    assert observed == {
        "interval": "epoch",
        "frequency": 1,
        "monitor": "val_loss",
        "reduce_on_plateau": True,
    }
    assert (observer.optimizer, observer.state_dict()) == (driven, {})
    for loss in [1.0, 1.0, 1.0]:
        assert rates(driven) == observer.get_last_lr() == [0.1]
        observer.step(loss)
    assert rates(driven) == observer.get_last_lr() == [0.05]
    assert scheduler.last_epoch == 0


def test_a_module_can_observe_itself() -> None:
    scheduler = lrdsl.compile("const * plateau()", optimizer(0.1))
    assert set(lrdsl.lightning(scheduler, monitor=False)) == {"optimizer", "lr_scheduler"}


def test_a_plateau_is_told_what_to_observe() -> None:
    scheduler = lrdsl.compile("lr: const\nweight_decay: const * plateau()", optimizer(0.1))
    with pytest.raises(ValueError) as caught:
        lrdsl.lightning(scheduler)
    assert str(caught.value) == (
        'a metric drives this schedule: pass monitor="val_loss", or the name of what is'
        " logged; or pass monitor=False and call `scheduler.observe` in a hook of the module"
    )


def test_a_metric_is_for_a_plateau() -> None:
    scheduler = lrdsl.compile("const", optimizer(0.1))
    with pytest.raises(ValueError, match=r"^no part of this schedule is driven by a metric such"):
        lrdsl.lightning(scheduler, monitor="val_loss")


@pytest.mark.parametrize("event", ["below(0.35)", "above(2)", "stalled(10)"])
def test_an_event_that_listens_to_a_metric_needs_a_monitor(event: str) -> None:
    text = f"until({event}, const) >> linear(5)"
    scheduler = lrdsl.compile(text, optimizer(0.1))
    with pytest.raises(ValueError, match="a metric drives this schedule"):
        lrdsl.lightning(scheduler)
    _, (_, watched) = lrdsl.lightning(scheduler, monitor="loss")
    metrics = {"below(0.35)": [0.3], "above(2)": [3.0], "stalled(10)": [1.0] * 12}[event]
    for metric in metrics:
        watched["scheduler"].step(metric)
    assert list(scheduler.events) == [f"{event.partition('(')[0]}@1"]


def test_an_event_that_code_sends_needs_none() -> None:
    scheduler = lrdsl.compile('until(signal("c"), const) >> linear(5)', optimizer(0.1))
    assert lrdsl.lightning(scheduler)["lr_scheduler"]["scheduler"] is scheduler
    with pytest.raises(ValueError, match="no part of this schedule is driven by a metric"):
        lrdsl.lightning(scheduler, monitor="loss")


def test_several_optimizers_come_with_their_schedulers() -> None:
    g, d = optimizer(0.1), optimizer(0.2)
    scheduler = lrdsl.compile("const", {"g": g, "d": d})
    optimizers, configurations = lrdsl.lightning(scheduler)
    assert optimizers == [g, d]
    parts = [*scheduler.schedulers.values()]
    assert [one["scheduler"] for one in configurations] == parts
    assert {one["interval"] for one in configurations} == {"step"}


def test_with_several_optimizers_the_module_observes() -> None:
    scheduler = lrdsl.compile("const * plateau()", [optimizer(0.1), optimizer(0.2)])
    with pytest.raises(ValueError, match="Lightning passes no metric to a scheduler"):
        lrdsl.lightning(scheduler, monitor="val_loss")  # type: ignore[call-overload]
    with pytest.raises(ValueError, match="a metric drives this schedule"):
        lrdsl.lightning(scheduler)
    assert len(lrdsl.lightning(scheduler, monitor=False)[1]) == 2
