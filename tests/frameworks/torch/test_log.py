"""``lrdsl.log``: what the next update uses, by name, beside what the updates did use."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch.optim import SGD, AdamW, Optimizer
from torch.optim import lr_scheduler as torch_lr

import lrdsl
from tests.frameworks.torch.driving import parameter

BASES = (0.1, 0.02, 0.3)
NAMES = ("stem", "body.0", "head")


def groups(count: int, names: tuple[str | None, ...] = ()) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = [{"params": [parameter()], "lr": BASES[i]} for i in range(count)]
    for group, name in zip(made, names, strict=False):
        group |= {} if name is None else {"name": name}
    return made


def sgd(count: int = 1, names: tuple[str | None, ...] = ()) -> Optimizer:
    return SGD(groups(count, names), momentum=0.9, weight_decay=0.01)


def adam(count: int = 1, names: tuple[str | None, ...] = ()) -> Optimizer:
    return AdamW(groups(count, names))


def in_use(optimizer: Optimizer, names: dict[str, Callable[[Any], Any]]) -> list[dict[str, float]]:
    """Notes what every update uses, at the time when it is made."""
    used: list[dict[str, float]] = []

    def note(optimizer: Optimizer, *_: object) -> None:
        used.append({name: float(of(optimizer.param_groups)) for name, of in names.items()})

    optimizer.register_step_pre_hook(note)
    return used


def of(index: int, key: str, place: int | None = None) -> Callable[[Any], Any]:
    if place is None:
        return lambda groups: groups[index][key]
    return lambda groups: groups[index][key][place]


# An optimizer, a program, and where the numbers of each name are.
RUNS: dict[str, tuple[Optimizer, str, dict[str, Callable[[Any], Any]]]] = {
    "a rate": (sgd(), "warmup(3) >> cosine(5)", {"lr": of(0, "lr")}),
    "a single group with a name": (sgd(1, NAMES), "linear(9)", {"lr": of(0, "lr")}),
    "groups without names": (
        sgd(3), "warmup(3) >> cosine(5)", {f"lr/{i}": of(i, "lr") for i in range(3)},
    ),
    "groups with names": (
        sgd(3, NAMES), "linear(9)", {f"lr/{name}": of(i, "lr") for i, name in enumerate(NAMES)},
    ),
    "one curve for all groups": (
        sgd(2), "linear(9, 0.5)", {"lr/0": of(0, "lr"), "lr/1": of(1, "lr")},
    ),
    "a name for some": (
        sgd(3, (None, "body", "")),
        "const(2) >> linear(7)",
        {"lr/0": of(0, "lr"), "lr/body": of(1, "lr"), "lr/2": of(2, "lr")},
    ),
    "several targets": (
        adam(2),
        "weight_decay: linear(9, 0.1)  momentum: const(4, 0.8) >> const(value = 0.9)"
        "  beta2: linear(9, 0.9, 0.99)  lr: cosine(9)",
        {
            "weight_decay/0": of(0, "weight_decay"), "weight_decay/1": of(1, "weight_decay"),
            "momentum/0": of(0, "betas", 0), "momentum/1": of(1, "betas", 0),
            "beta2/0": of(0, "betas", 1), "beta2/1": of(1, "betas", 1),
            "lr/0": of(0, "lr"), "lr/1": of(1, "lr"),
        },
    ),
    "selectors": (
        sgd(3, NAMES),
        'lr: cosine(9)  lr["head"]: linear(9)  momentum["body.*"]: linear(9, 0.5, 0.9)',
        {
            "lr/stem": of(0, "lr"), "lr/body.0": of(1, "lr"), "lr/head": of(2, "lr"),
            "momentum/body.0": of(1, "momentum"),
        },
    ),
    "captures": (
        sgd(3, ("layer.0", "layer.1", "rest")),
        'lr: const  lr["layer.{i}"]: linear(9, base * 0.5 ^ i)',
        {
            "lr/layer.0": of(0, "lr"), "lr/layer.1": of(1, "lr"), "lr/rest": of(2, "lr"),
        },
    ),
    "no rate": (sgd(), "weight_decay: linear(9)", {"weight_decay": of(0, "weight_decay")}),
}  # fmt: skip


@pytest.mark.parametrize("name", RUNS)
def test_it_is_what_the_next_update_uses(name: str) -> None:
    optimizer, text, names = RUNS[name]
    used = in_use(optimizer, names)
    scheduler = lrdsl.compile(text, optimizer, lint="off")
    logged = {}
    for update in range(12):
        after = lrdsl.log(scheduler)
        optimizer.step()
        before = lrdsl.log(scheduler)
        assert scheduler.last_epoch == update
        assert after == before == used[update]
        logged[update] = before
        scheduler.step()
    assert {tuple(found) for found in logged.values()} == {tuple(names)}
    assert {type(x) for found in logged.values() for x in found.values()} == {float}
    assert json.loads(json.dumps(logged)) == {str(t): found for t, found in logged.items()}


def test_it_is_beside_the_rates_in_force_and_the_schedule() -> None:
    optimizer = sgd(2)
    scheduler = lrdsl.compile("warmup(3) >> cosine(5)", optimizer)
    for update in range(10):
        found = list(lrdsl.log(scheduler).values())
        assert found == scheduler.get_last_lr() == [g["lr"] for g in optimizer.param_groups]
        assert found == [scheduler.schedule(update, base=base) for base in BASES[:2]]
        optimizer.step()
        scheduler.step()


def test_a_rate_that_something_else_has_changed_is_the_one_in_use() -> None:
    optimizer = sgd(2)
    scheduler = lrdsl.compile("linear(10)", optimizer)
    optimizer.param_groups[1]["lr"] = 0.7
    assert lrdsl.log(scheduler) == {"lr/0": 0.1, "lr/1": 0.7}


def test_a_rate_of_float32_is_the_one_in_use() -> None:
    rates = [torch.tensor(0.1), torch.tensor(0.1, dtype=torch.float64)]
    optimizer = AdamW([{"params": [parameter()], "lr": rate} for rate in rates], foreach=False)
    found = lrdsl.log(lrdsl.compile("const", optimizer))
    assert found == {"lr/0": float(np.float32(0.1)), "lr/1": 0.1}
    assert {type(x) for x in found.values()} == {float}


@pytest.mark.parametrize("rate", [1, np.float32(0.5), Fraction(1, 2), np.int64(1)])
def test_a_number_that_nothing_wrote_is_a_plain_float(rate: Any) -> None:
    optimizer = SGD([parameter()], lr=0.1)
    scheduler = torch_lr.ConstantLR(optimizer)
    optimizer.param_groups[0]["lr"] = rate
    assert json.dumps(lrdsl.log(scheduler)) == json.dumps({"lr": float(rate)})


def test_scalars_are_those_of_the_update() -> None:
    optimizer = sgd()
    scheduler = lrdsl.compile("lr: linear(4)  scalar kl: linear(4, 0, 1)", optimizer)
    for update in range(5):
        assert lrdsl.log(scheduler) == {
            "lr": pytest.approx(0.1 * (1 - update / 4)),
            "kl": update / 4,
        }
        optimizer.step()
        scheduler.step()


def test_the_factors_of_metrics_are_those_of_the_rates() -> None:
    optimizer = sgd()
    text = (
        "lr: const * plateau(0.5, patience = 0)  weight_decay: const * adaptive(1, 2, factor = 4)"
    )
    scheduler = lrdsl.compile(text, optimizer)
    assert lrdsl.log(scheduler) == {"lr": 0.1, "weight_decay": 0.01, "plateau": 1, "adaptive": 1}
    for metric in (3.0, 3.0):
        optimizer.step()
        scheduler.step(metric)
    found = lrdsl.log(scheduler)
    assert found == {"lr": 0.05, "weight_decay": 0.01 / 16, "plateau": 0.5, "adaptive": 1 / 16}


def test_several_plateaus_are_numbered_in_the_order_of_the_text() -> None:
    text = "const * plateau(0.5, patience = 0) * plateau(0.25, patience = 1) * adaptive(0, 9)"
    scheduler = lrdsl.compile(text, sgd())
    for metric in (3.0, 3.0):
        scheduler.observe(metric)
    assert lrdsl.log(scheduler) == {"lr": 0.05, "plateau/0": 0.5, "plateau/1": 1, "adaptive": 1}


def names_of(text: str, *given: str | None, **options: Any) -> list[str]:
    return list(lrdsl.log(lrdsl.compile(text, sgd(len(given), given), lint="off", **options)))


def test_names_that_would_be_the_same_are_told_apart() -> None:
    assert names_of("const", "a", "a", "b") == ["lr/a/0", "lr/a/1", "lr/b"]
    assert names_of("const", "2", "0", None) == ["lr/2/0", "lr/0", "lr/2/2"]
    assert names_of("const", "a", "a", "a/1") == ["lr/a/0", "lr/a/1/1", "lr/a/1/2"]
    text = "scalar plateau: const(value = 1)  lr: const * plateau()"
    assert names_of(text, None) == ["lr", "plateau", "plateau/factor"]


def test_names_stay_as_long_as_the_groups_do() -> None:
    optimizer = sgd(2, NAMES)
    scheduler = lrdsl.compile("linear(10)", optimizer)
    first = list(lrdsl.log(scheduler))
    state = optimizer.state_dict()
    again = pickle.loads(pickle.dumps(scheduler)), copy.deepcopy(scheduler)
    scheduler.step()
    optimizer.load_state_dict(state)
    scheduler.load_state_dict(scheduler.state_dict())
    scheduler.set_step(7)
    assert [list(lrdsl.log(one)) for one in (scheduler, *again)] == [first] * 3


def test_groups_that_come_and_go() -> None:
    optimizer = sgd()
    scheduler = lrdsl.compile("linear(10)", optimizer)
    assert list(lrdsl.log(scheduler)) == ["lr"]
    for name in ("head", ""):
        optimizer.add_param_group({"params": [parameter()], "lr": 0.5, "name": name})
    assert lrdsl.log(scheduler) == {"lr/0": 0.1, "lr/head": 0.5, "lr/2": 0.5}
    del optimizer.param_groups[1]
    assert lrdsl.log(scheduler) == {"lr/0": 0.1, "lr/2": 0.5}


def test_rates_that_were_loaded_before_the_first_step_are_in_use() -> None:
    optimizer, other = sgd(), sgd()
    scheduler = lrdsl.compile("linear(10)", optimizer)
    lrdsl.compile("linear(10)", other).set_step(5)
    optimizer.load_state_dict(other.state_dict())
    assert lrdsl.log(scheduler) == {"lr": 0.05}


def test_a_clock() -> None:
    optimizer = sgd()
    scheduler = lrdsl.compile("run clock = tok  linear(100tok)", optimizer)
    optimizer.step()
    scheduler.step(at=25)
    assert lrdsl.log(scheduler) == {"lr": pytest.approx(0.075)}


def test_an_event() -> None:
    scheduler = lrdsl.compile('until(signal("end"), const) >> linear(4)', sgd())
    scheduler.signal("end")
    scheduler.step()
    scheduler.step()
    assert lrdsl.log(scheduler) == {"lr": pytest.approx(0.05)}


def test_calls_that_belong_to_one_update() -> None:
    scheduler = lrdsl.compile("linear(4)", sgd(), calls_per_update=2)
    found = []
    for _ in range(4):
        found.append(lrdsl.log(scheduler)["lr"])
        scheduler.step()
    assert found == pytest.approx([0.1, 0.1, 0.075, 0.075])


# Of a scheduler that is not ours: the rates of its groups.
OTHERS: dict[str, Callable[[Any], Any]] = {
    "sequential": lambda o: lrdsl.compile("warmup(3) >> cosine(5)", o, scheduler="sequential"),
    "StepLR": lambda o: torch_lr.StepLR(o, 2),
    "OneCycleLR": lambda o: torch_lr.OneCycleLR(o, 0.3, 9),
    "ChainedScheduler": lambda o: torch_lr.ChainedScheduler([torch_lr.StepLR(o, 2)], o),
    "ReduceLROnPlateau": lambda o: torch_lr.ReduceLROnPlateau(o, patience=0),
}


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("count", [1, 2])
def test_the_rates_of_any_scheduler(name: str, count: int) -> None:
    optimizer = sgd(count, ("a", None))
    labels = ["lr"] if count == 1 else ["lr/a", "lr/1"]
    scheduler = OTHERS[name](optimizer)
    for _ in range(6):
        rates = [group["lr"] for group in optimizer.param_groups]
        assert lrdsl.log(scheduler) == dict(zip(labels, rates, strict=True))
        optimizer.step()
        scheduler.step(*[1.0] * (name == "ReduceLROnPlateau"))


def test_a_scheduler_inside_another_object() -> None:
    scheduler = lrdsl.compile("const", sgd())
    observer = lrdsl.lightning(lrdsl.compile("const * plateau()", sgd()), monitor="loss")[1][1]
    assert lrdsl.log(SimpleNamespace(scheduler=scheduler)) == {"lr": 0.1}
    assert lrdsl.log(observer["scheduler"]) == {"lr": 0.1, "plateau": 1.0}


@pytest.mark.parametrize("thing", [sgd(), None, "const", [1], lrdsl.parse("const")])
def test_anything_else_is_refused(thing: Any) -> None:
    with pytest.raises(
        TypeError, match=rf"^lrdsl\.log takes a scheduler, not `{type(thing).__name__}`$"
    ):
        lrdsl.log(thing)
