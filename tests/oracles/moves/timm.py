"""timm: arguments of ``train.py``, calls of its factory and of its classes.

``train.py`` is no part of the package. What it does was read in the repository
(``huggingface/pytorch-image-models``): it makes the scheduler of ``scheduler_kwargs(args)``, calls
``step_update(num_updates)`` after each update and ``step(epoch + 1)`` after each epoch.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterator
from typing import Any

from tests.oracles.moves.move import Move, Moves
from tests.oracles.peers.case import Draw
from tests.oracles.peers.timm import load

# Its defaults, as args.yaml always has them.
_ARGS: dict[str, Any] = {
    "sched": "cosine", "sched_on_updates": False, "lr": 0.05, "lr_noise": None,
    "lr_noise_pct": 0.67, "lr_noise_std": 1.0, "lr_cycle_mul": 1.0, "lr_cycle_decay": 0.5,
    "lr_cycle_limit": 1, "lr_k_decay": 1.0, "warmup_lr": 1e-5, "min_lr": 0, "epochs": 300,
    "decay_milestones": [90, 180, 270], "decay_epochs": 90, "warmup_epochs": 5,
    "warmup_prefix": False, "cooldown_epochs": 0, "patience_epochs": 10, "decay_rate": 0.1,
    "layer_decay": None, "opt": "sgd", "batch_size": 128, "model": "resnet50",
}  # fmt: skip


def _stepped(make: Callable[[Any], Any], lr: float, epoch: int) -> Callable[[int], list[float]]:
    """The rates of a scheduler, stepped as ``train.py`` does."""

    def rates(updates: int) -> list[float]:
        load()
        import torch

        optimizer = torch.optim.SGD([torch.zeros(1)], lr=lr)
        scheduler = make(optimizer)
        found = []
        for num_updates in range(1, updates + 1):
            found.append(float(optimizer.param_groups[0]["lr"]))
            if scheduler is None:
                continue
            scheduler.step_update(num_updates=num_updates)
            if num_updates % epoch == 0:
                scheduler.step(num_updates // epoch)
        return found

    return rates


def _args(draw: Draw) -> Iterator[Move]:
    for settings, epochs in _settings(draw):
        for on_updates in (False, True):
            epoch = draw.randint(3, 9)
            if on_updates and settings.get("decay_epochs") == 2.4:
                epoch = 5  # the steps of other lengths are no whole updates
            own = settings | ({"sched_on_updates": True} if on_updates else {})
            yield _of_args(own, epochs, epoch)


def _of_args(settings: dict[str, Any], epochs: int, epoch: int) -> Move:
    given = _ARGS | {k: _number(v) for k, v in settings.items()}
    lr = given["lr"] or 0.1 * given["batch_size"] / 256

    def make(optimizer: Any) -> Any:
        from timm.scheduler.scheduler_factory import create_scheduler_v2, scheduler_kwargs

        kwargs = scheduler_kwargs(Namespace(**given))
        scheduler, length = create_scheduler_v2(optimizer, **kwargs, updates_per_epoch=epoch)
        assert length == epochs
        return scheduler

    text = "".join(f"{k}: {_spelled(v)}\n" for k, v in sorted((_ARGS | settings).items()))
    return Move(
        {"args.yaml": text},
        _stepped(make, lr, epoch),
        epochs * epoch,
        {"steps_per_epoch": epoch},
        base=lr,
    )


def _number(value: Any) -> Any:
    """What YAML 1.1 reads as a text, argparse makes a number of."""
    return float(value) if isinstance(value, str) and "e-" in value else value


def _spelled(value: Any) -> str:
    words = {True: "true", False: "false", None: "null"}
    return words[value] if value is None or isinstance(value, bool) else str(value)


def _settings(draw: Draw) -> Iterator[tuple[dict[str, Any], int]]:
    """Settings, and how many epochs they are trained for."""
    yield {}, 300
    yield {"lr": None, "opt": "momentum", "batch_size": 512}, 300
    yield {"epochs": 30, "warmup_epochs": 0}, 30
    own: dict[str, Any]
    for sched in ("cosine", "tanh", "poly"):
        epochs, up = draw.randint(20, 60), draw.randint(2, 9)
        low = "1e-6" if sched == "cosine" else draw.rate(1e-5, 1e-3)
        own = {"sched": sched, "epochs": epochs, "warmup_epochs": up, "min_lr": low}
        yield own, epochs
        yield own | {"warmup_prefix": True, "cooldown_epochs": 10}, epochs + up + 10
        yield own | {"warmup_epochs": 0, "cooldown_epochs": 1}, epochs + 1
        yield own | {"warmup_epochs": 1, "warmup_lr": 0.0}, epochs
        yield own | {"warmup_epochs": epochs - 1, "lr": draw.rate(0.01)}, epochs
        yield own | {"lr_cycle_limit": 3, "lr_cycle_decay": 1.0}, 3 * epochs
        yield own | {"lr_cycle_limit": 3, "lr_cycle_decay": 0.7, "min_lr": 0}, 3 * epochs
        yield own | {"lr_cycle_limit": 2, "warmup_prefix": True}, 2 * epochs + up
        yield own | {"lr_cycle_limit": 3, "lr_cycle_mul": 2.0}, 7 * epochs
        if sched != "tanh":
            yield own | {"lr_k_decay": draw.choice([0.5, 1.5, 2.0])}, epochs
            yield own | {"lr_k_decay": 2.0, "lr_cycle_limit": 2}, 2 * epochs
    yield {"sched": "poly", "epochs": 40, "decay_rate": 1.0, "min_lr": "1e-4"}, 40
    yield {"sched": "poly", "epochs": 40, "decay_rate": 0.9}, 40
    for sched in ("step", "multistep"):
        epochs, rate = draw.randint(40, 90), draw.factor()
        marks = [mark + 1 for mark in draw.ascending(3, epochs - 2)]
        own = {"sched": sched, "epochs": epochs, "decay_rate": rate, "decay_epochs": 7.0}
        own |= {"decay_milestones": marks}
        yield own, epochs
        yield own | {"warmup_prefix": True, "cooldown_epochs": 5}, epochs + 5
        yield own | {"warmup_epochs": 0}, epochs
        yield own | {"warmup_epochs": 12, "warmup_lr": "1e-6"}, epochs
    # The step of EfficientNet's recipe.
    yield {"sched": "step", "epochs": 90, "decay_epochs": 2.4, "decay_rate": 0.97}, 90
    for sched in ("constant", "none"):
        yield {"sched": sched, "epochs": 10}, 10
    for sched in ("wsd", "rsqrt"):
        own = {"sched": sched, "epochs": 45, "decay_epochs": 0.2, "min_lr": 0.001}
        yield own, 45
        yield own | {"warmup_prefix": True, "cooldown_epochs": 3, "epochs": 40}, 48
        yield own | {"decay_epochs": 40, "min_lr": 0}, 45
        yield own | {"decay_epochs": 1, "warmup_epochs": 1}, 45
        yield own | {"decay_epochs": 7, "warmup_epochs": 10, "min_lr": 0.02}, 45
    for fall in ("linear", "1-sqrt", "cosine", "power", "exp"):
        yield {"sched": "wsd", "epochs": 25, "decay_epochs": 9, "lr_decay_fn": fall}, 25
        yield {"sched": "rsqrt", "epochs": 25, "decay_epochs": 9, "lr_decay_fn": fall,
               "lr_stable_timescale": 3}, 25  # fmt: skip


def _calls() -> Iterator[Move]:
    """Calls of a script: of the factory, and of classes in epochs and in updates."""
    for call, arguments, length, epoch, is_counting in _CALLS:
        text = ", ".join(f"{name}={value!r}" for name, value in arguments.items())

        def make(optimizer: Any, call: str = call, arguments: Any = arguments) -> Any:
            from timm import scheduler as schedulers

            made = getattr(schedulers, call)(optimizer, **arguments)
            return made[0] if isinstance(made, tuple) else made

        yield Move(
            {"train.py": f"from timm.scheduler import {call}\ns = {call}(optimizer, {text})\n"},
            _stepped(make, 1.0, epoch),
            length * epoch,
            {} if is_counting else {"steps_per_epoch": epoch},
        )


# What is called with what, for how many epochs of how many updates, and if it needs no epochs.
_CALLS: list[tuple[str, dict[str, Any], int, int, bool]] = [
    ("create_scheduler_v2", {"warmup_epochs": 3, "num_epochs": 20}, 20, 4, False),
    ("create_scheduler_v2", {"num_epochs": 20, "step_on_epochs": False, "updates_per_epoch": 6},
     20, 6, True),
    ("create_scheduler_v2",
     {"sched": "step", "decay_epochs": 4, "num_epochs": 20, "step_on_epochs": False,
      "updates_per_epoch": 6, "warmup_epochs": 2, "warmup_prefix": True}, 22, 6, True),
    ("CosineLRScheduler", {"t_initial": 30}, 30, 5, False),
    ("CosineLRScheduler",
     {"t_initial": 30, "warmup_t": 5, "warmup_lr_init": 1e-6, "lr_min": 1e-5, "cycle_limit": 1,
      "t_in_epochs": False}, 30, 1, True),
    ("CosineLRScheduler",
     {"t_initial": 10, "cycle_mul": 2.0, "cycle_decay": 0.5, "cycle_limit": 4, "lr_min": 0.01,
      "warmup_t": 3, "warmup_prefix": True, "t_in_epochs": False}, 153, 1, True),
    ("TanhLRScheduler", {"t_initial": 30, "lb": -6.0, "ub": 4.0, "t_in_epochs": False},
     30, 1, True),
    ("TanhLRScheduler",
     {"t_initial": 30, "warmup_t": 4, "warmup_prefix": True, "t_in_epochs": False}, 34, 1, True),
    ("PolyLRScheduler", {"t_initial": 30, "t_in_epochs": False}, 30, 1, True),
    ("PolyLRScheduler", {"t_initial": 30, "power": 2.0, "k_decay": 0.5, "t_in_epochs": False},
     30, 1, True),
    ("StepLRScheduler",
     {"decay_t": 7, "decay_rate": 0.3, "warmup_t": 3, "t_in_epochs": False}, 31, 1, True),
    ("StepLRScheduler",
     {"decay_t": 7, "decay_rate": 0.3, "warmup_t": 3, "warmup_prefix": False}, 31, 3, False),
    ("MultiStepLRScheduler",
     {"decay_t": [5, 9], "decay_rate": 0.3, "warmup_t": 3, "t_in_epochs": False}, 14, 1, True),
    ("MultiStepLRScheduler", {"decay_t": [5, 9], "decay_rate": 0.3}, 11, 4, False),
    ("WSDLRScheduler",
     {"t_initial": 30, "decay_t": 10, "warmup_t": 4, "lr_min": 0.01, "t_in_epochs": False},
     34, 1, True),
    ("WSDLRScheduler",
     {"t_initial": 30, "decay_t": 10, "warmup_t": 4, "stable_fn": "power", "stable_power": 0.7,
      "stable_timescale": 3.0, "decay_fn": "exp", "decay_ratio": 0.2, "t_in_epochs": False},
     34, 1, True),
    ("WSDLRScheduler", {"t_initial": 10, "decay_t": 10, "decay_fn": "power", "decay_power": 3.0},
     10, 4, False),
]  # fmt: skip


def _drawn(draw: Draw) -> Iterator[Move]:
    yield from _args(draw)
    yield from _calls()


MOVES = Moves("timm", _drawn)
