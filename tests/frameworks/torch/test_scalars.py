"""Numbers that no optimizer holds: ``scheduler.scalars``, and published schedules of such numbers.

The references are the formulas of the systems named in each test, in our own words.
"""

from __future__ import annotations

import copy
import math
import pickle
from typing import Any

import numpy as np
import pytest
import torch

import lrdsl
from lrdsl.frameworks.torch.lambda_lr import ScheduleLR
from tests.frameworks.torch.driving import drive, optimizer, parameter, rates

TEXT = """
scalar kl_weight: warmup(10%, end = 1) >> const
scalar bias: linear(rest, -10, 0)
lr: warmup(10%) >> cosine
"""
TOTAL = 40


def scheduler_for(text: str, *bases: float, **run: Any) -> Any:
    return lrdsl.compile(text, optimizer(*(bases or (0.1,))), **run)


def followed(text: str, updates: int, **run: Any) -> dict[str, list[float]]:
    """The scalars that each update of a run used."""
    scheduler = scheduler_for(text, **run)
    used: dict[str, list[float]] = {name: [] for name in scheduler.scalars}
    for _ in range(updates):
        for name, value in scheduler.scalars.items():
            used[name].append(value)
        scheduler.optimizer.step()
        scheduler.step()
    return used


def close(found: list[float], wanted: Any) -> None:
    """Asserts that two curves are equal within rounding."""
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)


def test_the_value_is_that_of_the_next_update() -> None:
    used = followed(TEXT, TOTAL, total=TOTAL)
    close(used["kl_weight"], [min(1.0, t / 4) for t in range(TOTAL)])
    close(used["bias"], [-10 + 10 * t / TOTAL for t in range(TOTAL)])


def test_the_groups_are_driven_as_without_scalars() -> None:
    (alone,) = drive(scheduler_for("warmup(10%) >> cosine", total=TOTAL), TOTAL)
    (beside,) = drive(scheduler_for(TEXT, total=TOTAL), TOTAL)
    assert beside == alone


def test_dinov2_teacher_and_weight_decay() -> None:
    """``build_schedulers`` of DINOv2: half cosines over the run, and a temperature that warms up.

    It is at its peak on the last update of 30 epochs, as numpy's ``linspace`` has it.
    """
    epoch, epochs = 5, 50
    total, hot = epoch * epochs, 30 * epoch
    text = """
      scalar teacher_momentum: cosine(rest, 0.992, 1)
      scalar teacher_temperature: linear(30ep - 1st, 0.04, 0.07) >> const
      weight_decay: cosine(rest, 0.04, 0.4)
      lr: warmup(10ep) >> cosine
    """
    made = scheduler_for(text, total="50ep", steps_per_epoch=epoch)
    half = [(1 + math.cos(math.pi * t / total)) / 2 for t in range(total)]
    temperature = [*np.linspace(0.04, 0.07, hot), *[0.07] * (total - hot)]
    for t in range(total):
        close([made.scalars["teacher_momentum"]], [1 + (0.992 - 1) * half[t]])
        close([made.scalars["teacher_temperature"]], [temperature[t]])
        close([made.optimizer.param_groups[0]["weight_decay"]], [0.4 + (0.04 - 0.4) * half[t]])
        made.optimizer.step()
        made.step()


@pytest.mark.parametrize("total", [40, 200, 1000])
def test_cyclical_annealing_of_the_kl_weight(total: int) -> None:
    """Fu et al. 2019: four cycles, each a line from 0 to 1 in its first half, and 1 after it."""
    text = "scalar kl: repeat(over(25%, linear(50%, 0, 1) >> const), 4)"
    cycle = total / 4
    wanted = [min(1.0, (t % cycle) / (cycle / 2)) for t in range(total)]
    close(followed(text, total, total=total)["kl"], wanted)


def test_siglip_bias_and_temperature() -> None:
    """SigLIP starts its bias at -10 and its log temperature at log(1/10)."""
    text = """
      scalar logit_bias: const(20, -10) >> linear(rest, prev, -2)
      scalar log_temperature: cosine(rest, -log(10), -log(100))
    """
    used = followed(text, 100, total=100)
    close(used["logit_bias"], [-10 if t < 20 else -10 + 8 * (t - 20) / 80 for t in range(100)])
    share = [(1 - math.cos(math.pi * t / 100)) / 2 for t in range(100)]
    close(used["log_temperature"], [-math.log(10) * (1 + s) for s in share])


def test_drop_path_and_batch_size() -> None:
    """Early drop path (Liu et al. 2023) is 0 on the last update of its epochs."""
    text = """
      scalar drop_path: linear(5ep - 1st, 0.1, 0) >> const
      scalar batch_size: stairs([40, 60], [256, 512, 1024])
    """
    used = followed(text, 80, total=80, steps_per_epoch=8)
    close(used["drop_path"], [*np.linspace(0.1, 0, 40), *[0.0] * 40])
    assert used["batch_size"] == [256.0] * 40 + [512.0] * 20 + [1024.0] * 20


def test_adamc_shares_one_curve_between_the_rate_and_the_decay() -> None:
    """AdamC (Defazio 2025): the decay of normalized layers goes with the rate over its peak."""
    text = """
      let f = warmup(10%, end = 1) >> cosine(rest, 1, 0)
      lr: base * f
      weight_decay["norm"]: base * f
      scalar rate_over_peak: f
    """
    groups = [
        {"params": [parameter()], "lr": 0.3, "weight_decay": 0.1, "name": "norm"},
        {"params": [parameter()], "lr": 0.2, "weight_decay": 0.1, "name": "rest"},
    ]
    made = lrdsl.compile(text, torch.optim.AdamW(groups), total=100)
    for t in range(100):
        f = t / 10 if t < 10 else (1 + math.cos(math.pi * (t - 10) / 90)) / 2
        close(rates(made.optimizer), [0.3 * f, 0.2 * f])
        decays = [group["weight_decay"] for group in made.optimizer.param_groups]
        close(decays, [0.1 * f, 0.1])
        close([made.scalars["rate_over_peak"]], [f])
        made.optimizer.step()
        made.step()


def test_three_schedules_of_nanochat() -> None:
    """nanochat: a rate with a warm-down, Muon's momentum, and a decay that falls to 0."""
    text = """
      lr: const >> linear(40%)
      momentum: linear(300, 0.85, 0.95) >> const
      weight_decay: linear
      scalar progress: linear(rest, 0, 1)
    """
    total, made = 1000, torch.optim.SGD([parameter()], 0.02, momentum=0.9, weight_decay=0.2)
    scheduler = lrdsl.compile(text, made, total=total)
    for t in range(total):
        group = made.param_groups[0]
        close([group["lr"]], [0.02 * min(1.0, (total - t) / 400)])
        close([group["momentum"]], [0.85 + 0.1 * min(t / 300, 1)])
        close([group["weight_decay"]], [0.2 * (1 - t / total)])
        close([scheduler.scalars["progress"]], [t / total])
        made.step()
        scheduler.step()


def test_scalars_alone_leave_the_optimizer_as_it_is() -> None:
    made = scheduler_for("scalar kl: linear(10, 0, 1)", 0.1, 0.2)
    before = [dict(group) for group in made.optimizer.param_groups]
    assert drive(made, 5) == [[0.1] * 5, [0.2] * 5]
    after = [dict(group) for group in made.optimizer.param_groups]
    assert [{**one, "params": None} for one in after] == [{**one, "params": None} for one in before]
    assert made.scalars["kl"] == 0.5 and made.get_last_lr() == [0.1, 0.2]
    again = scheduler_for("scalar kl: linear(10, 0, 1)", 0.1, 0.2)
    again.load_state_dict(made.state_dict())
    assert again.scalars["kl"] == 0.5 and again.last_epoch == 5


def test_the_mapping_is_read_only_and_follows_its_scheduler() -> None:
    made = scheduler_for(TEXT, total=TOTAL)
    scalars = made.scalars
    assert list(scalars) == ["kl_weight", "bias"] and len(scalars) == 2
    assert "bias" in scalars and "lr" not in scalars
    made.set_step(2)
    assert scalars["kl_weight"] == 0.5
    with pytest.raises(TypeError):
        scalars["kl_weight"] = 1.0
    with pytest.raises(KeyError, match="no scalar `kl_wieght`; did you mean `kl_weight`"):
        scalars["kl_wieght"]
    with pytest.raises(KeyError, match="it has kl_weight and bias"):
        scalars["momentum"]
    assert scalars.get("momentum") is None
    assert repr(scalars) == "<Scalars {'kl_weight': 0.5, 'bias': -9.5}>"
    assert dict(scheduler_for("linear(5)").scalars) == {}


def test_every_way_to_a_step_leads_to_the_same_values() -> None:
    """Steps, ``set_step``, a state, a copy and a pickle."""
    stepped = scheduler_for(TEXT, total=TOTAL)
    drive(stepped, 7)
    wanted = {"kl_weight": 1.0, "bias": -10 + 10 * 7 / TOTAL}
    ways = [scheduler_for(TEXT, total=TOTAL) for _ in range(3)]
    ways[0].set_step(7)
    ways[1].load_state_dict(stepped.state_dict())
    ways[2].step(epoch=7)
    ways += [scheduler_for(TEXT, total=TOTAL, start_step=7)]
    ways += [copy.deepcopy(stepped), pickle.loads(pickle.dumps(stepped))]
    for made in (stepped, *ways):
        assert dict(made.scalars) == pytest.approx(wanted, rel=1e-15)


def test_the_keys_of_a_state_do_not_depend_on_scalars() -> None:
    without = scheduler_for("warmup(10%) >> cosine", total=TOTAL).state_dict()
    assert set(scheduler_for(TEXT, total=TOTAL).state_dict()) == set(without)


def test_a_state_with_another_past_of_a_scalar_is_refused() -> None:
    saved = scheduler_for(TEXT, total=TOTAL)
    drive(saved, 7)
    changed = TEXT.replace("-10, 0", "-8, 0")
    with pytest.raises(ValueError, match="first at step 0, in `scalar bias`: -10 then, -8 now"):
        scheduler_for(changed, total=TOTAL).load_state_dict(saved.state_dict())
    new = scheduler_for(changed, total=TOTAL, on_change="new")
    new.load_state_dict(saved.state_dict())
    assert new.scalars["bias"] == pytest.approx(-8 + 8 * 7 / TOTAL)
    old = scheduler_for(changed, total=TOTAL, on_change="old")
    old.load_state_dict(saved.state_dict())
    assert old.scalars["bias"] == pytest.approx(-10 + 10 * 7 / TOTAL)


@pytest.mark.parametrize(
    "changed",
    [
        TEXT + "scalar temperature: const(value = 0.07)",
        TEXT.replace("scalar bias: linear(rest, -10, 0)", ""),
        TEXT.replace(">> const", ">> const(20) >> linear"),
    ],
    ids=["one more", "one less", "another future"],
)
def test_a_state_is_taken_where_no_scalar_of_both_has_another_past(changed: str) -> None:
    saved = scheduler_for(TEXT, total=TOTAL)
    drive(saved, 7)
    made = scheduler_for(changed, total=TOTAL)
    made.load_state_dict(saved.state_dict())
    assert made.last_epoch == 7 and made.scalars["kl_weight"] == 1.0


def test_a_metric_drives_a_scalar() -> None:
    text = "scalar temperature: const(value = 2) * plateau(0.5, patience = 0)  lr: const"
    made = scheduler_for(text)
    made.step(1.0)
    assert made.scalars["temperature"] == 2.0
    made.step(1.0)
    assert made.scalars["temperature"] == 1.0
    again = scheduler_for(text)
    again.load_state_dict(made.state_dict())
    assert again.scalars["temperature"] == 1.0


def test_other_numbers_of_groups_may_be_negative() -> None:
    def kind(groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
        return torch.optim.SGD([{**group, "bias": -10.0} for group in groups], 0.1)

    made = lrdsl.compile("bias: linear(10, base, 10)  lr: const", optimizer(0.1, kind=kind))
    drive(made, 5)
    assert made.optimizer.param_groups[0]["bias"] == 0.0
    drive(made, 5)
    assert made.optimizer.param_groups[0]["bias"] == 10.0


@pytest.mark.parametrize("key", ["lr", "weight_decay", "momentum"])
def test_a_rate_a_decay_and_a_momentum_may_not(key: str) -> None:
    with pytest.raises(lrdsl.LrsError, match="LRS311"):
        scheduler_for(f"{key}: linear(10, 0.5, -0.5)  " + ("lr: const" * (key != "lr")))


def test_sequential_refuses_a_scalar() -> None:
    with pytest.raises(lrdsl.LrsError, match=r"LRS501.*cannot keep `scalar kl:`"):
        scheduler_for("lr: linear(10)  scalar kl: linear(10, 0, 1)", scheduler="sequential")


def test_a_scalar_follows_the_events_of_its_scheduler() -> None:
    """Held until the signal, then 1 in 4 steps down to -3; also once it is loaded and copied."""
    text = 'scalar s: until(signal("c"), const(9, 1)) >> linear(4, prev, -3)  lr: const'

    def made() -> ScheduleLR:
        scheduler = lrdsl.compile(text, torch.optim.SGD([parameter()], lr=1.0))
        assert isinstance(scheduler, ScheduleLR)
        return scheduler

    scheduler = made()
    found = []
    for step in range(8):
        if step == 2:
            scheduler.signal("c")
        if step == 4:
            state = scheduler.state_dict()
            scheduler = made()
            scheduler.load_state_dict(state)
        if step == 5:
            scheduler = copy.deepcopy(scheduler)
        found.append(scheduler.scalars["s"])
        scheduler.optimizer.step()
        scheduler.step()
    assert found == [1, 1, 1, 0, -1, -2, -3, -3]
