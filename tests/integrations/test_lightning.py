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
        ({"steps_per_epoch": 2, "total": 100}, "step"),
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


def test_schedulers_of_two_optimizers_and_one_metric() -> None:
    g, d = optimizer(0.1), optimizer(0.2)
    plain = lrdsl.compile("const", g)
    metered = lrdsl.compile("const * plateau(0.5, patience = 0)", d)
    optimizers, configurations = lrdsl.lightning(plain, metered, monitor={metered: "val_loss"})
    assert optimizers == [g, d]
    assert [one["scheduler"] for one in configurations[:2]] == [plain, metered]
    # Lightning warns of the keys of a metric under manual optimization.
    assert {*configurations[2]} == {"scheduler", "interval", "frequency"}
    observer = configurations[2]["scheduler"]
    assert (observer.optimizer, observer.monitor) == (d, "val_loss")
    assert observer.optimizer != g
    for _ in range(2):
        observer.step(1.0)
    assert (rates(g), rates(d)) == ([0.1], [0.1])


def test_a_metric_that_nothing_passes_ends_the_first_step() -> None:
    g, d = optimizer(0.1), optimizer(0.2)
    metered = lrdsl.compile("const * plateau()", d)
    lrdsl.lightning(lrdsl.compile("const", g), metered, monitor={metered: "val_loss"})
    d.step()
    with pytest.raises(RuntimeError, match=r"ScheduleCallback\(\)"):
        metered.step()
    assert metered.last_epoch == 0


def test_schedulers_of_one_optimizer_are_optimized_automatically() -> None:
    driven = optimizer(0.1)
    rate = lrdsl.compile("const * plateau()", driven)
    decay = lrdsl.compile("weight_decay: linear(10, 0.1, 0)", driven)
    optimizers, configurations = lrdsl.lightning(rate, decay, monitor={rate: "val_loss"})
    assert optimizers == [driven]
    assert configurations[2]["monitor"] == "val_loss"


def test_what_several_schedulers_get_wrong() -> None:
    plain = lrdsl.compile("const", optimizer(0.1))
    metered = lrdsl.compile("const * plateau()", optimizer(0.2))
    with pytest.raises(ValueError, match=r'pass monitor=\{scheduler: "val_loss"\}'):
        lrdsl.lightning(plain, metered)
    with pytest.raises(ValueError, match=r"driven by a metric such as 'val_loss': pass monitor=\{"):
        lrdsl.lightning(plain, metered, monitor="val_loss")
    with pytest.raises(ValueError, match="which is not among the schedulers"):
        lrdsl.lightning(plain, monitor={metered: "val_loss"})  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="at least one scheduler"):
        lrdsl.lightning()  # type: ignore[call-overload]
    assert len(lrdsl.lightning(plain, metered, monitor=False)[1]) == 2


def test_what_is_no_scheduler_is_refused() -> None:
    scheduler = lrdsl.compile("cosine(20)", optimizer(0.1))
    with pytest.raises(TypeError, match=r"takes schedulers, not .*; pass several one by one"):
        lrdsl.lightning([scheduler])  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="takes schedulers, not "):
        lrdsl.lightning(scheduler.optimizer)  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="monitor is the name of a metric, or False, not 3"):
        lrdsl.lightning(scheduler, monitor=3)  # type: ignore[call-overload]


def test_a_scheduler_that_is_passed_twice_is_refused() -> None:
    scheduler = lrdsl.compile("cosine(20)", optimizer(0.1))
    with pytest.raises(ValueError, match="twice that is passed twice"):
        lrdsl.lightning(scheduler, scheduler)
