"""State: what is saved, what is refused, and that a resumed run is the uninterrupted one."""

from __future__ import annotations

import hashlib
import io
from itertools import permutations
from typing import Any

import pytest
import torch
from torch.optim import SGD, Adam, AdamW, Optimizer
from torch.optim.lr_scheduler import CosineAnnealingLR, LambdaLR, LRScheduler

import lrdsl
from tests.frameworks.torch.driving import (
    Kind,
    drive,
    furthest,
    optimizer,
    parameter,
    rates,
    weights,
)

TEXT = "warmup(5) >> cosine(20, base, 0.01) * step(4, 0.7, start = 1) >> const(2) >> linear(9)"
UNTIL, ALL = 13, 50
ORDERS = [o for o in permutations(("build", "optimizer", "scheduler")) if o.index("build") != 2]
ORDERS = [o for o in ORDERS if o.index("build") < o.index("scheduler")]


def through_a_file(state: dict[str, Any]) -> dict[str, Any]:
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    loaded: dict[str, Any] = torch.load(file, weights_only=True)
    return loaded


MANY = f"""
lr["head"]: {TEXT}
lr: linear(40, base, 0.01)
momentum: linear(20, base, 0.75) >> linear(20, prev, base)
weight_decay[1]: cosine(30)
"""
PROGRAMS = {"one target": TEXT, "several targets": MANY}
KINDS: dict[str, Kind] = {
    "SGD": lambda groups: SGD(groups, momentum=0.5, weight_decay=0.1),
    "Adam": lambda groups: Adam(groups, betas=(0.5, 0.9), weight_decay=0.1),
    "AdamW": lambda groups: AdamW(groups, weight_decay=0.1, amsgrad=True),
}


def fresh(kind: str, bases: tuple[float, ...], tensors: bool) -> Optimizer:
    """An optimizer as a training script builds it."""
    groups: list[dict[str, Any]] = []
    for name, base in zip(("head", "body"), bases, strict=True):
        rate = torch.tensor(base, dtype=torch.float64) if tensors else base
        groups.append({"params": [parameter()], "lr": rate, "name": name})
    return KINDS[kind](groups)


def numbers(driven: Optimizer) -> list[list[Any]]:
    """Every number of every group, as it is now."""
    keys = ("lr", "momentum", "betas", "weight_decay")
    return [[as_number(g[key]) for key in keys if key in g] for g in driven.param_groups]


def as_number(value: Any) -> Any:
    return value.item() if isinstance(value, torch.Tensor) else value


def trained(scheduler: LRScheduler, updates: int) -> list[list[list[Any]]]:
    """The numbers that the next updates use, and those after them."""
    used = [numbers(scheduler.optimizer)]
    for _ in range(updates):
        scheduler.optimizer.step()
        scheduler.step()
        used.append(numbers(scheduler.optimizer))
    return used


def saved(text: str, driven: Optimizer) -> dict[str, Any]:
    """A checkpoint of a run that has been interrupted."""
    scheduler = lrdsl.compile(text, driven)
    trained(scheduler, UNTIL)
    checkpoint = {
        "weights": [p for group in driven.param_groups for p in group["params"]],
        "optimizer": driven.state_dict(),
        "scheduler": scheduler.state_dict(),
    }
    return through_a_file(checkpoint)


def resumed(
    text: str, checkpoint: dict[str, Any], driven: Optimizer, order: tuple[str, ...]
) -> LRScheduler:
    """The run taken up again; `order` says what is loaded and built when."""
    parameters = [p for group in driven.param_groups for p in group["params"]]
    with torch.no_grad():
        for parameter, was in zip(parameters, checkpoint["weights"], strict=True):
            parameter.copy_(was)
    scheduler: Any = None
    for act in order:
        if act == "build":
            scheduler = lrdsl.compile(text, driven)
        elif act == "optimizer":
            driven.load_state_dict(checkpoint["optimizer"])
        else:
            scheduler.load_state_dict(checkpoint["scheduler"])
    assert isinstance(scheduler, LRScheduler)
    return scheduler


@pytest.mark.filterwarnings("ignore:.LRS805")  # tests/frameworks/torch/test_other_base.py
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("order", ORDERS, ids="-".join)
@pytest.mark.parametrize("bases", [(0.1, 0.04), (0.5, 0.5)], ids=["same script", "other rates"])
@pytest.mark.parametrize("tensors", [False, True], ids=["floats", "tensors"])
@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS)
def test_a_resumed_run_is_the_uninterrupted_one(
    text: str, order: tuple[str, ...], bases: tuple[float, ...], kind: str, tensors: bool
) -> None:
    whole = lrdsl.compile(text, fresh(kind, (0.1, 0.04), tensors))
    wanted = trained(whole, ALL)[UNTIL:]
    # `bases`: rates in the resuming script. The optimizer's own state holds those of the run.
    checkpoint = saved(text, fresh(kind, (0.1, 0.04), tensors))
    scheduler = resumed(text, checkpoint, fresh(kind, bases, tensors), order)
    assert trained(scheduler, ALL - UNTIL) == wanted
    assert weights(scheduler.optimizer) == weights(whole.optimizer)
    assert scheduler.get_last_lr() == whole.get_last_lr()


@pytest.mark.parametrize("updates", [0, 1, 2])
def test_the_optimizers_state_may_be_of_another_moment(updates: int) -> None:
    """The optimizer was saved some updates before or after the scheduler; the step decides."""
    whole = lrdsl.compile(TEXT, optimizer(0.1, 0.04))
    (early, late) = whole.optimizer.state_dict(), None
    drive(whole, UNTIL)
    wanted = rates(whole.optimizer)
    state = whole.state_dict()
    drive(whole, updates)
    late = whole.optimizer.state_dict()
    for other in (early, late):
        scheduler = lrdsl.compile(TEXT, optimizer(0.1, 0.04))
        scheduler.load_state_dict(state)
        scheduler.optimizer.load_state_dict(other)
        assert rates(scheduler.optimizer) == scheduler.get_last_lr() == wanted


def test_an_optimizer_by_name_only_has_no_place_for_a_hook() -> None:
    class Wrapper(Optimizer):
        def __init__(self, inner: Optimizer) -> None:
            self.inner = inner
            self.param_groups, self.state = inner.param_groups, inner.state
            self.defaults = inner.defaults

        def step(self, closure: Any = None) -> Any:
            return self.inner.step(closure)

    scheduler = lrdsl.compile("linear(4)", Wrapper(optimizer(0.1)))
    assert drive(scheduler, 3) == [[0.1, pytest.approx(0.075), 0.05]]


def test_loading_writes_the_rates_of_every_group() -> None:
    scheduler = lrdsl.compile(TEXT, optimizer(0.1, 0.04))
    drive(scheduler, UNTIL)
    other = lrdsl.compile(TEXT, optimizer(0.1, 0.04))
    other.load_state_dict(scheduler.state_dict())
    assert other.last_epoch == UNTIL
    assert other.get_last_lr() == rates(other.optimizer) == rates(scheduler.optimizer)


def test_loading_fills_tensors_in_place() -> None:
    state = {**lrdsl.compile("linear(4)", optimizer(0.1)).state_dict(), "step": 2}
    rate = torch.tensor(0.1, dtype=torch.float64)
    scheduler = lrdsl.compile("linear(4)", optimizer(rate))
    scheduler.load_state_dict(state)
    assert rate.item() == 0.05
    assert scheduler.optimizer.param_groups[0]["lr"] is rate


def test_the_state_is_plain_and_survives_a_file() -> None:
    scheduler = lrdsl.compile("warmup(5)>>const", optimizer(0.1))
    drive(scheduler, 3)
    state = scheduler.state_dict()
    assert {type(value) for value in state.values()} <= {int, str, float}
    assert (state["step"], state["source"], state["format"]) == (3, "warmup(5) >> const", 3)
    assert (state["bases"], state["measured"]) == ('{"lr": [0.1]}', "{}")
    assert through_a_file(state) == state
    keys = {"format", "step", "source", "context", "fingerprint", "bases", "measured"}
    keys |= {"groups", "events", "at"}
    assert set(state) == keys


def test_a_state_is_not_changed_by_loading_or_by_the_run() -> None:
    scheduler = lrdsl.compile("linear(10)", optimizer(0.1))
    state = scheduler.state_dict()
    was = dict(state)
    drive(scheduler, 4)
    scheduler.load_state_dict(state)
    assert state == was


def test_another_layout_of_the_same_program_is_the_same_schedule() -> None:
    state = lrdsl.compile("warmup(5)>>const  # as it was", optimizer(0.1)).state_dict()
    lrdsl.compile("warmup( 5 )\n  >> const", optimizer(0.1)).load_state_dict({**state, "step": 2})


OWN = {
    "format": 1, "step": 3, "source": "linear(10)", "context": "{}",
    "fingerprint": lrdsl.compile("linear(10)", optimizer(0.1)).state_dict()["fingerprint"],
}  # fmt: skip
FIRST = OWN  # as the first format had it
OWN = {**OWN, "format": 3, "bases": '{"lr": [0.1]}', "measured": "{}", "groups": "[]"}
OWN["events"], OWN["at"] = "{}", "null"
NO_STATE = "this is not the state of an lrdsl scheduler"
TORCHS = (
    f"{NO_STATE}, but of one of torch's own, which was stepped 0 times; to go on from there under"
    ' this schedule, after 0 updates, pass on_change="new" to lrdsl.compile'
)
SECOND = {k: v for k, v in OWN.items() if k not in {"groups", "events", "at"}} | {"format": 2}
DAMAGED = "this state is damaged: its fingerprint is not that of its source and context"
FOREIGN: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({}, NO_STATE),
    "LambdaLR": (LambdaLR(optimizer(0.1), lambda t: 1.0).state_dict(), TORCHS),
    "CosineAnnealingLR": (CosineAnnealingLR(optimizer(0.1), 10).state_dict(), TORCHS),
    "later format": (
        {**OWN, "format": 4}, "this is the state of a later lrdsl: its format is 4, not 3",
    ),
    "format 2^53": (
        {**OWN, "format": 2**53},
        "this is the state of a later lrdsl: its format is 9007199254740992, not 3",
    ),
    "the first format with bases": (
        {**FIRST, "bases": "{}"}, f"{NO_STATE}: it has `bases` besides",
    ),
    "the second format with events": (
        {**SECOND, "events": "{}"}, f"{NO_STATE}: it has `events` besides",
    ),
    "bases that are no JSON": (
        {**OWN, "bases": "{"}, "`bases` of this state is damaged: it is no mapping in JSON",
    ),
    "bases that are a list": (
        {**OWN, "bases": "[0.1]"}, "`bases` of this state is damaged: it is no mapping in JSON",
    ),
    **{
        f"a base of {base}": (
            {**OWN, "bases": f'{{"lr": {base}}}'},
            "`bases` of this state is damaged: it has to list numbers",
        )
        for base in ("0.1", '["0.1"]', "[NaN]", "[true]", "[[0.1]]", f"[{10**400}]")
    },
    **{
        f"at {at}": (
            {**OWN, "at": at},
            "`at` of this state is damaged: it has to be a number of 0 or more",
        )
        for at in ("-1", '"3"', "NaN", "1e999", "true", "[", "[1]")
    },
    "measurements as a list": (
        {**OWN, "measured": "[]"}, "`measured` of this state is damaged: it is no mapping in JSON",
    ),
    "format beyond 2^53": ({**OWN, "format": 2**53 + 1}, f"{NO_STATE}: it has no such format"),
    "format 0": ({**OWN, "format": 0}, f"{NO_STATE}: it has no such format"),
    "format True": ({**OWN, "format": True}, "`format` of this state is of type bool, not int"),
    "a format and a fingerprint": (
        {"format": 1, "fingerprint": ""}, "this state of an lrdsl scheduler lacks its `step`",
    ),
    **{
        f"no {name}": (
            {k: v for k, v in OWN.items() if k != name},
            f"this state of an lrdsl scheduler lacks its `{name}`",
        )
        for name in ("step", "source", "context", "bases", "measured")
    },
    "fingerprint as None": (
        {**OWN, "fingerprint": None}, "`fingerprint` of this state is of type NoneType, not str",
    ),
    "step as text": ({**OWN, "step": "7"}, "`step` of this state is of type str, not int"),
    "step as bool": ({**OWN, "step": True}, "`step` of this state is of type bool, not int"),
    "step as float": ({**OWN, "step": 7.0}, "`step` of this state is of type float, not int"),
    "step below 0": ({**OWN, "step": -1}, f"{NO_STATE}: its step is not one from 0 to 2^53"),
    "step beyond 2^53": (
        {**OWN, "step": 2**53 + 1}, f"{NO_STATE}: its step is not one from 0 to 2^53",
    ),
    "source as bytes": (
        {**OWN, "source": b"linear(10)"}, "`source` of this state is of type bytes, not str",
    ),
    "another source": ({**OWN, "source": "linear(11)"}, DAMAGED),
    "another context": ({**OWN, "context": '{"total": "9"}'}, DAMAGED),
    "another fingerprint": ({**OWN, "fingerprint": "0" * 64}, DAMAGED),
    "something besides": ({**OWN, "last_lr": 0.1}, f"{NO_STATE}: it has `last_lr` besides"),
}  # fmt: skip


@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_state_is_refused_and_changes_nothing(name: str) -> None:
    state, wanted = FOREIGN[name]
    scheduler = lrdsl.compile("linear(10)", optimizer(0.1))
    drive(scheduler, 3)
    before = (scheduler.state_dict(), rates(scheduler.optimizer), scheduler._step_count)
    with pytest.raises(ValueError) as caught:
        scheduler.load_state_dict(state)
    assert str(caught.value) == wanted
    assert (scheduler.state_dict(), rates(scheduler.optimizer), scheduler._step_count) == before


def test_the_last_step_that_can_be_counted() -> None:
    scheduler = lrdsl.compile("linear(10)", optimizer(0.1))
    scheduler.load_state_dict({**OWN, "step": 2**53})
    assert (scheduler.last_epoch, rates(scheduler.optimizer)) == (2**53, [0.0])


def forged(source: str, context: str) -> dict[str, Any]:
    """A state that is whole, and was not written by this version of lrdsl."""
    digest = hashlib.sha256(f"1\n{context}\n{source}".encode()).hexdigest()
    return {**OWN, "source": source, "context": context, "fingerprint": digest}


@pytest.mark.parametrize(
    ("source", "context"),
    [
        ("spiral(10)", "{}"),
        ("linear(5ep)", "{}"),
        ("linear(10)", "[]"),
        ("linear(10)", "{"),
        ("linear(10)", '{"speed": 9}'),
        ("linear(10)", '{"total": "never"}'),
    ],
)
def test_a_state_that_cannot_be_made_again(source: str, context: str) -> None:
    scheduler = lrdsl.compile("linear(10)", optimizer(0.1))
    with pytest.raises(ValueError, match=r"^the schedule of this state cannot be made again:\n"):
        scheduler.load_state_dict(forged(source, context))
    assert (scheduler.last_epoch, rates(scheduler.optimizer)) == (0, [0.1])


def test_a_sequential_run_is_resumed_too() -> None:
    text = "const(3) >> linear(10, base, base / 4) >> cosine(10, base, 0.01) >> const(value = 0.2)"
    whole = lrdsl.compile(text, optimizer(0.1, 0.04), scheduler="sequential")
    wanted = [column[11:] for column in drive(whole, 40)]
    first = lrdsl.compile(text, optimizer(0.1, 0.04), scheduler="sequential")
    drive(first, 11)
    states = {"o": first.optimizer.state_dict(), "s": first.state_dict()}
    checkpoint = through_a_file(states)
    second = lrdsl.compile(text, optimizer(0.1, 0.04), scheduler="sequential")
    second.optimizer.load_state_dict(checkpoint["o"])
    second.load_state_dict(checkpoint["s"])
    assert furthest(drive(second, 29), wanted) == 0
