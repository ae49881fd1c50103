"""Parameters and optimizers in shards: FSDP2 with its checkpoints, and ZeroRedundancyOptimizer.

Two processes save, and three go on. What is compared are the numbers that the updates used.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import distributed, nn
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_state_dict,
    set_state_dict,
)
from torch.distributed.checkpoint.state_dict_loader import load as load_shards
from torch.distributed.checkpoint.state_dict_saver import save as save_shards
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor, Replicate, distribute_tensor
from torch.nn.parallel import DistributedDataParallel

import lrdsl
from tests.trainers.processes import Runs, in_each
from tests.trainers.training import BASES, Rates, batches, model

SAVED, AFTER = 6, 2
LOADERS = 3
TEXT = 'lr: warmup(3) >> cosine(10, base, base / 10)\nlr["head"]: cosine(12, base, base / 10)'
LONGER = TEXT.replace("\n", " >> linear(20)\n")
DECAY = "\nweight_decay: linear(20, 0.1, 0.01)"
OTHER = "const"
# The text that is saved, the text that goes on, and the options it is compiled with.
CHANGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "same": (TEXT, TEXT, {}),
    "longer": (TEXT, LONGER, {}),
    "one number more": (TEXT, TEXT + DECAY, {"on_change": "new"}),
    "one number less": (TEXT + DECAY, TEXT, {"on_change": "new"}),
    "the saved one": (TEXT + DECAY, OTHER, {"on_change": "old"}),
}
ORDERS = ["compiled first", "compiled last", "scheduler first", "together", "as a dict"]


def numbers(optimizer: Any) -> tuple[float, ...]:
    groups = optimizer.param_groups
    return tuple(float(group[name]) for name in ("lr", "weight_decay") for group in groups)


def train(layers: Any, optimizer: Any, scheduler: Any, updates: int) -> Rates:
    used = []
    for batch in batches(updates):
        layers(batch).square().mean().backward()
        used.append(numbers(optimizer))
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()
    return used


def wanted(text: str, first: int, updates: int) -> Rates:
    """The numbers of some updates, by the schedules themselves."""
    found = lrdsl.parse(text).resolve_all()
    both = [found["lr"], found['lr["head"]'] if 'lr["head"]' in found else found["lr"]]
    rates = [
        tuple(schedule(t, base=base) for schedule, base in zip(both, BASES, strict=True))
        for t in range(first, first + updates)
    ]
    decays = [
        found["weight_decay"](t) if "weight_decay" in found else 0.1
        for t in range(first, first + updates)
    ]
    return [(*pair, decay, decay) for pair, decay in zip(rates, decays, strict=True)]


def sharded(
    rate: Callable[[float], Any] = float, kind: Any = torch.optim.AdamW
) -> tuple[nn.Module, torch.optim.Optimizer]:
    layers = model()
    for layer in (layers[0], layers[2], layers):
        fully_shard(layer)
    groups = [
        {"params": layers[i].parameters(), "lr": rate(base), "name": name}
        for i, base, name in zip((0, 2), BASES, ("body", "head"), strict=True)
    ]
    return layers, kind(groups, weight_decay=0.1)


def options(is_flat: bool) -> StateDictOptions:
    return StateDictOptions(flatten_optimizer_state_dict=is_flat)


def place(folder: Path, text: str, is_flat: bool) -> str:
    return str(folder / f"{'decay' if DECAY in text else 'rate'}-{is_flat}")


def save(folder: Path) -> Runs:
    found: Runs = {}
    for text in (TEXT, TEXT + DECAY):
        for is_flat in (False, True):
            layers, optimizer = sharded()
            scheduler = lrdsl.compile(text, optimizer)
            found[place(folder, text, is_flat)] = train(layers, optimizer, scheduler, SAVED)
            weights, optim = get_state_dict(layers, optimizer, options=options(is_flat))
            state = {"model": weights, "optim": optim, "sched": scheduler}
            save_shards(state, checkpoint_id=place(folder, text, is_flat))
    return found | zero() | in_tensors()


def cases() -> Iterator[tuple[str, str, bool, str]]:
    """Ways to go on: a name, the change, whether states are flat, and the order.

    Each change meets each order, and each of both meets states of both kinds.
    """
    for i, change in enumerate(CHANGES):
        for j, order in enumerate(ORDERS):
            is_flat = bool((i + j) % 2)
            yield f"{change}, {order}{', flat' * is_flat}", change, is_flat, order


def go_on(folder: Path) -> Runs:
    found = {
        name: _resumed(folder, *CHANGES[change], is_flat, order)
        for name, change, is_flat, order in cases()
    }
    return {**found, "refused": refused(folder)}


def _resumed(
    folder: Path, old: str, new: str, given: dict[str, Any], is_flat: bool, order: str
) -> Rates:
    layers, optimizer = sharded()
    path, flat = place(folder, old, is_flat), options(is_flat)
    scheduler = None if order == "compiled last" else lrdsl.compile(new, optimizer, **given)
    if order == "scheduler first":
        load_shards({"sched": scheduler}, checkpoint_id=path)
    weights, optim = get_state_dict(layers, optimizer, options=flat)
    state: dict[str, Any] = {"model": weights, "optim": optim}
    if order == "together":
        state["sched"] = scheduler
    elif order == "as a dict":
        assert scheduler is not None
        state["sched"] = scheduler.state_dict()
    load_shards(state, checkpoint_id=path)
    set_state_dict(
        layers, optimizer, model_state_dict=weights, optim_state_dict=optim, options=flat
    )
    if scheduler is None:
        scheduler = lrdsl.compile(new, optimizer, **given)
    if order in ("compiled first", "compiled last"):
        load_shards({"sched": scheduler}, checkpoint_id=path)
    elif order == "as a dict":
        scheduler.load_state_dict(state["sched"])
    assert scheduler.last_epoch == SAVED
    return train(layers, optimizer, scheduler, AFTER)


def refused(folder: Path) -> Rates:
    """A changed past is an error in every process, after which the optimizer is as it was."""
    _, optimizer = sharded()
    scheduler = lrdsl.compile(OTHER, optimizer)
    before = numbers(optimizer)
    with pytest.raises(ValueError, match="state of another schedule"):
        load_shards({"sched": scheduler}, checkpoint_id=place(folder, TEXT, False))
    return [before, numbers(optimizer)]


def zero() -> Runs:
    """ZeroRedundancyOptimizer steps an optimizer of its own, to whose groups it copies."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # this import itself uses what torch has deprecated
        from torch.distributed.optim import ZeroRedundancyOptimizer
    layers = model()
    parallel = DistributedDataParallel(layers)

    def made() -> tuple[Any, Any]:
        groups = [
            {"params": list(layers[i].parameters()), "lr": base, "name": name}
            for i, base, name in zip((0, 2), BASES, ("body", "head"), strict=True)
        ]
        optimizer = ZeroRedundancyOptimizer(groups, torch.optim.AdamW, lr=0.1, weight_decay=0.1)
        return optimizer, lrdsl.compile(TEXT + DECAY, optimizer)

    def inner(optimizer: Any, scheduler: Any, updates: int) -> Rates:
        """The numbers of the optimizer that makes the updates."""
        used: Rates = []
        hook = optimizer.optim.register_step_pre_hook(lambda own, *_: used.append(numbers(own)))
        train(parallel, optimizer, scheduler, updates)
        hook.remove()
        return used

    optimizer, scheduler = made()
    found = {"zero": inner(optimizer, scheduler, SAVED)}
    optimizer.consolidate_state_dict(to=0)
    box = [optimizer.state_dict() if distributed.get_rank() == 0 else None]
    distributed.broadcast_object_list(box)
    state = scheduler.state_dict()
    for order in ("optimizer first", "scheduler first"):
        optimizer, scheduler = made()
        if order == "scheduler first":
            scheduler.load_state_dict(state)
        optimizer.load_state_dict(copy.deepcopy(box[0]))
        if order == "optimizer first":
            scheduler.load_state_dict(state)
        found[f"zero, {order}"] = inner(optimizer, scheduler, AFTER)
    return found


def replicated(base: float) -> DTensor:
    """A rate that is a DTensor, as the parameters are."""
    mesh = init_device_mesh("cpu", (distributed.get_world_size(),))
    return distribute_tensor(torch.tensor(base, dtype=torch.float64), mesh, [Replicate()])


RATES: dict[str, Callable[[float], Any]] = {
    "float": float,
    "tensor": lambda base: torch.tensor(base, dtype=torch.float64),
    "DTensor": replicated,
}
KINDS = (torch.optim.AdamW, torch.optim.SGD)


def in_tensors() -> Runs:
    """Rates in tensors over parameters in shards: the numbers, and the weights they lead to."""
    found: Runs = {}
    for kind in KINDS:
        for name, rate in RATES.items():
            layers, optimizer = sharded(rate, kind)
            scheduler = lrdsl.compile(TEXT, optimizer)
            found[f"{name}, {kind.__name__}"] = train(layers, optimizer, scheduler, SAVED)
            held = [group["lr"] for group in optimizer.param_groups]
            optimizer.load_state_dict(copy.deepcopy(optimizer.state_dict()))
            again = train(layers, optimizer, scheduler, AFTER)
            found[f"{name}, {kind.__name__}, loaded"] = again
            rates = [group["lr"] for group in optimizer.param_groups]
            assert all(type(one) is type(rate(0.0)) for one in rates)
            if name == "tensor":  # the memory of a DTensor is its own
                assert [one.data_ptr() for one in rates] == [one.data_ptr() for one in held]
            shards: Any = layers.parameters()
            whole = [one.full_tensor().flatten() for one in shards]
            found[f"{name}, {kind.__name__}, weights"] = [tuple(one.tolist()) for one in whole]
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sharded")


@pytest.fixture(scope="module")
def saved(folder: Path) -> Runs:
    first, second = in_each(save, folder)
    assert first == second
    return first


@pytest.fixture(scope="module")
def resumed(folder: Path, saved: Runs) -> Runs:
    (folder / "meeting").unlink(missing_ok=True)
    first, *others = in_each(go_on, folder, LOADERS)
    assert all(other == first for other in others)
    return first


@pytest.mark.parametrize("text", [TEXT, TEXT + DECAY])
@pytest.mark.parametrize("is_flat", [False, True])
def test_every_update_has_its_numbers(saved: Runs, folder: Path, text: str, is_flat: bool) -> None:
    assert saved[place(folder, text, is_flat)] == wanted(text, 0, SAVED)


@pytest.mark.parametrize(
    ("name", "change"), [one[:2] for one in cases()], ids=[one[0] for one in cases()]
)
def test_three_processes_go_on_from_two(resumed: Runs, name: str, change: str) -> None:
    old, new, given = CHANGES[change]
    text = old if given.get("on_change") == "old" else new
    assert resumed[name] == wanted(text, SAVED, AFTER)


def test_a_changed_past_is_refused_and_nothing_changes(resumed: Runs) -> None:
    before, after = resumed["refused"]
    assert before == after == (*BASES, 0.1, 0.1)


def test_zero_redundancy(saved: Runs) -> None:
    assert saved["zero"] == wanted(TEXT + DECAY, 0, SAVED)
    rest = wanted(TEXT + DECAY, SAVED, AFTER)
    assert [saved[f"zero, {first} first"] for first in ("optimizer", "scheduler")] == [rest] * 2


@pytest.mark.parametrize("kind", [kind.__name__ for kind in KINDS])
@pytest.mark.parametrize("rate", [name for name in RATES if name != "float"])
def test_a_rate_in_a_tensor(saved: Runs, rate: str, kind: str) -> None:
    for runs, first, updates in (("", 0, SAVED), (", loaded", SAVED, AFTER)):
        found = saved[f"{rate}, {kind}{runs}"]
        assert found == saved[f"float, {kind}{runs}"] == wanted(TEXT, first, updates)
    pairs = zip(saved[f"{rate}, {kind}, weights"], saved[f"float, {kind}, weights"], strict=True)
    assert all(one == pytest.approx(other, rel=1e-6) for one, other in pairs)
