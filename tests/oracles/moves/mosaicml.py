"""Composer and llm-foundry: tables in YAML, and calls of Composer's schedulers and its trainer."""

from __future__ import annotations

import datetime
import inspect
import logging
import math
import re
import textwrap
import typing
import warnings
from collections.abc import Callable, Iterator
from enum import Enum
from types import SimpleNamespace
from typing import Any

from tests.oracles.moves.definitions import defined
from tests.oracles.moves.move import Move, Moves
from tests.oracles.peers.case import Draw

_FOUNDRY = {
    "constant_with_warmup": "ConstantWithWarmupScheduler",
    "cosine_with_warmup": "CosineAnnealingWithWarmupScheduler",
    "linear_decay_with_warmup": "LinearWithWarmupScheduler",
    "inv_sqrt_with_warmup": "InverseSquareRootWithWarmupScheduler",
}
_SCHEDULERS = {
    "ComposerScheduler", "_convert_time", "compile_composer_scheduler", "StepScheduler",
    "MultiStepScheduler", "ConstantScheduler", "LinearScheduler", "ExponentialScheduler",
    "_cosine_anneal", "CosineAnnealingScheduler", "CosineAnnealingWarmRestartsScheduler",
    "PolynomialScheduler", "_raise_if_max_duration_exceeds_t_max",
    "_raise_if_warmup_and_max_incompatible", "MultiStepWithWarmupScheduler",
    "ConstantWithWarmupScheduler", "LinearWithWarmupScheduler",
    "CosineAnnealingWithWarmupScheduler", "PolynomialWithWarmupScheduler",
}  # fmt: skip
_BATCH, _SEQUENCE = 4, 32


class _Serializable:
    """What a time inherits from."""


def _composer() -> dict[str, Any]:
    """Composer's times and schedulers, with the one of llm-foundry."""
    from torch.optim.lr_scheduler import LambdaLR

    given = {"datetime": datetime, "re": re, "Serializable": _Serializable, "Enum": Enum,
             "textwrap": textwrap, "warnings": warnings, "inspect": inspect, "math": math,
             "log": logging.getLogger("composer"), "LambdaLR": LambdaLR, "State": object,
             "Protocol": object,
             "experimental_class": lambda name: lambda found: found}  # fmt: skip
    given |= {name: getattr(typing, name) for name in ("Any", "Generic", "TypeVar", "Union",
                                                       "Optional", "cast")}  # fmt: skip
    given |= defined("mosaicml", "composer/utils/string_enum.py", {"StringEnum"}, given)
    times = {"verify_wct", "TimeUnit", "_TIME_STR_REGEX", "TValue", "Time", "Timestamp",
             "ensure_time"}  # fmt: skip
    given |= defined("mosaicml", "composer/core/time.py", times, given)
    given |= defined("mosaicml", "composer/optim/scheduler.py", _SCHEDULERS, given)
    own = {"_raise_if_units_dont_match", "_raise_if_units_dur",
           "InverseSquareRootWithWarmupScheduler"}  # fmt: skip
    return given | defined("llm-foundry", "llmfoundry/optim/scheduler.py", own, given)


def _rates(
    made: list[tuple[str, dict[str, Any]]], duration: str, ratio: float, epoch: int, lr: float
) -> Callable[[int], list[float]]:
    """Steps the schedulers as the trainer does: before it counts the batch.

    That is ``Trainer.__init__`` (they are compiled with the length before its ratio, lines
    1570-1574) and ``Trainer._train_loop`` (``scheduler.step()`` in line 2492, and
    ``to_next_batch`` in line 2501) of ``composer/trainer/trainer.py`` 0.32.1.
    """

    def rates(updates: int) -> list[float]:
        import torch

        composer = _composer()
        optimizer = torch.optim.SGD([torch.zeros(1)], lr=lr)
        longest = composer["ensure_time"](duration, composer["TimeUnit"].EPOCH)
        state = SimpleNamespace(optimizers=[optimizer], max_duration=longest,
                                dataloader_len=epoch or None,
                                timestamp=composer["Timestamp"]())  # fmt: skip
        compiled = [
            composer["compile_composer_scheduler"](composer[kind](**settings), state, ratio)
            for kind, settings in made
        ]
        state.max_duration = longest * ratio
        found = []
        for update in range(1, updates + 1):
            found.append(float(optimizer.param_groups[0]["lr"]))
            optimizer.step()
            for scheduler in compiled:
                scheduler.step()
            tokens = _BATCH * _SEQUENCE
            state.timestamp = state.timestamp.to_next_batch(samples=_BATCH, tokens=tokens)
            if epoch and update % epoch == 0:
                state.timestamp = state.timestamp.to_next_epoch()
        return found

    return rates


def _drawn(draw: Draw) -> Iterator[Move]:
    yield from _tables(draw)
    yield from _calls(draw)
    yield from _scaled(draw)


def _tables(draw: Draw) -> Iterator[Move]:
    """What llm-foundry reads."""
    total = 500
    inverse = {"t_warmup": "30ba", "t_scale": "50ba", "t_cooldown": "60ba"}
    for name, settings in (
        ("cosine_with_warmup", {"t_warmup": "100ba"}),
        ("cosine_with_warmup", {"t_warmup": "100ba", "alpha_f": 0.1}),
        ("cosine_with_warmup", {"t_warmup": "0ba", "alpha_f": 0.02}),
        ("cosine_with_warmup", {"t_warmup": "1ba"}),
        ("cosine_with_warmup", {"t_warmup": "0.03dur", "alpha_f": 0.1}),
        ("cosine_with_warmup", {"t_warmup": "499ba"}),
        ("cosine_with_warmup", {"t_warmup": "500ba"}),
        ("cosine_with_warmup", {"t_warmup": "20ba", "t_max": "800ba", "alpha_f": 0.1}),
        ("linear_decay_with_warmup", {"t_warmup": "0ba", "alpha_f": 0}),
        ("linear_decay_with_warmup", {"t_warmup": "25ba"}),
        ("linear_decay_with_warmup", {"t_warmup": "25ba", "alpha_i": 0.8, "alpha_f": 0.2}),
        ("constant_with_warmup", {"t_warmup": "40ba"}),
        ("constant_with_warmup", {"t_warmup": "40ba", "alpha": 0.5}),
        ("inv_sqrt_with_warmup", inverse),
        ("inv_sqrt_with_warmup", inverse | {"alpha_f_decay": 0.2, "alpha_f_cooldown": 0.05}),
        ("inv_sqrt_with_warmup", inverse | {"t_cooldown": "0ba"}),
        ("inv_sqrt_with_warmup", inverse | {"t_cooldown": "480ba"}),
        ("inv_sqrt_with_warmup", inverse | {"t_warmup": "0ba"}),
    ):
        yield _table(name, settings, f"{total}ba", total, draw.rate(1e-5, 1e-2))
    inverse = {"t_warmup": "10ba", "t_scale": "20ba", "t_cooldown": "15ba"}
    for name, settings in (
        ("cosine_with_warmup", {"t_warmup": "10ba", "alpha_f": 0.1}),
        ("linear_decay_with_warmup", {"t_warmup": "10ba", "alpha_f": 0.1}),
        ("constant_with_warmup", {"t_warmup": "10ba"}),
        ("inv_sqrt_with_warmup", inverse),
        ("inv_sqrt_with_warmup", inverse | {"alpha_f_decay": 0.2, "alpha_f_cooldown": 0.1}),
    ):
        yield _table(name, settings, "100ba", 100, 1e-3, is_bare=True)
    warmup = {"t_warmup": "20ba"}
    yield _table("cosine_with_warmup", warmup, "3ep", 240, draw.rate(), epoch=80)
    yield _table("cosine_with_warmup", {"t_warmup": "1ep"}, "3ep", 240, draw.rate(), epoch=80)
    yield _table("linear_decay_with_warmup", {"t_warmup": "0.05dur"}, "3ep", 240, draw.rate(),
                 epoch=80)  # fmt: skip
    yield _table("cosine_with_warmup", {"t_warmup": "80sp"}, "1200sp", 300, draw.rate())
    tokens = {"t_warmup": f"{20 * _BATCH * _SEQUENCE}tok", "alpha_f": 0.1}
    duration = f"{300 * _BATCH * _SEQUENCE}tok"
    yield _table("cosine_with_warmup", tokens, duration, 300, draw.rate())


def _calls(draw: Draw) -> Iterator[Move]:
    """Calls of Composer's own classes."""
    cases: list[list[tuple[str, dict[str, Any]]]] = [
        [("ConstantScheduler", {})],
        [("ConstantScheduler", {"alpha": 0.5})],
        [("ConstantScheduler", {"alpha": 0.5, "t_max": "50ba"})],
        [("LinearScheduler", {})],
        [("LinearScheduler", {"alpha_i": 0.2, "alpha_f": 0.9, "t_max": "0.5dur"})],
        [("StepScheduler", {"step_size": "40ba"})],
        [("StepScheduler", {"step_size": "1ep", "gamma": 0.7})],
        [("MultiStepScheduler", {"milestones": ["60ba", "2ep"]})],
        [("MultiStepScheduler", {"milestones": ["0ba", "90ba", "298ba"], "gamma": 0.5})],
        [("ExponentialScheduler", {"gamma": 0.9})],
        [("ExponentialScheduler", {"gamma": 0.99, "decay_period": "1ba"})],
        [("CosineAnnealingScheduler", {})],
        [("CosineAnnealingScheduler", {"t_max": "100ba", "alpha_f": 0.2})],
        [("CosineAnnealingWarmRestartsScheduler", {"t_0": "30ba"})],
        [("CosineAnnealingWarmRestartsScheduler", {"t_0": "30ba", "t_mult": 2, "alpha_f": 0.1})],
        [("CosineAnnealingWarmRestartsScheduler", {"t_0": "0.1dur", "t_mult": 1.3})],
        [("PolynomialScheduler", {"power": 2.0})],
        [("PolynomialScheduler", {"power": 0.9, "t_max": "200ba", "alpha_f": 0.1})],
        [("MultiStepWithWarmupScheduler", {"t_warmup": "20ba", "milestones": ["60ba", "2ep"]})],
        [("MultiStepWithWarmupScheduler",
          {"t_warmup": "20ba", "milestones": ["10ba", "200ba"], "gamma": 0.3})],
        [("ConstantWithWarmupScheduler", {"t_warmup": "1ep"})],
        [("LinearWithWarmupScheduler", {"t_warmup": "20ba"})],
        [("CosineAnnealingWithWarmupScheduler", {"t_warmup": "4ba", "alpha_f": 0.1})],
        [("PolynomialWithWarmupScheduler", {"t_warmup": "20ba"})],
        [("PolynomialWithWarmupScheduler", {"t_warmup": "0ba", "power": 0.5, "alpha_f": 0.3})],
        [("LinearScheduler", {}), ("StepScheduler", {"step_size": "50ba", "gamma": 0.5})],
    ]  # fmt: skip
    for made in cases:
        yield _call(made, "300ba", 300, draw.rate(1e-5, 1e-2))
    warmup = {"t_warmup": "10ba"}
    times = {"t_max": "200ba", "scale_warmup": True}
    rows: list[tuple[str, dict[str, Any]]] = [
        ("ConstantScheduler", {}),
        ("ConstantScheduler", {"alpha": 0.5, "t_max": "50ba"}),
        ("LinearScheduler", {}),
        ("LinearScheduler", {"alpha_i": 0.2, "alpha_f": 0.9, "t_max": "50ba"}),
        ("StepScheduler", {"step_size": "30ba"}),
        ("StepScheduler", {"step_size": "30ba", "gamma": 0.5}),
        ("MultiStepScheduler", {"milestones": ["30ba", "60ba"]}),
        ("MultiStepScheduler", {"milestones": ["30ba", "60ba"], "gamma": 0.5}),
        ("ExponentialScheduler", {"gamma": 0.9, "decay_period": "10ba"}),
        ("CosineAnnealingScheduler", {}),
        ("CosineAnnealingScheduler", {"t_max": "0.5dur", "alpha_f": 0.1}),
        ("CosineAnnealingWarmRestartsScheduler", {"t_0": "10ba"}),
        ("CosineAnnealingWarmRestartsScheduler", {"t_0": "10ba", "t_mult": 2, "alpha_f": 0.1}),
        ("PolynomialScheduler", {"power": 2.0}),
        ("PolynomialScheduler", {"power": 2.0, "t_max": "50ba", "alpha_f": 0.1}),
        ("MultiStepWithWarmupScheduler", warmup | {"milestones": ["30ba", "60ba"]}),
        ("ConstantWithWarmupScheduler", warmup),
        ("ConstantWithWarmupScheduler", warmup | {"alpha": 0.5} | times),
        ("LinearWithWarmupScheduler", warmup),
        ("LinearWithWarmupScheduler", warmup | {"alpha_i": 0.5, "alpha_f": 0.1} | times),
        ("CosineAnnealingWithWarmupScheduler", warmup),
        ("CosineAnnealingWithWarmupScheduler", warmup | {"alpha_f": 0.1} | times),
        ("PolynomialWithWarmupScheduler", warmup),
        ("PolynomialWithWarmupScheduler", warmup | {"power": 3.0, "alpha_f": 0.1} | times),
    ]
    for kind, settings in rows:
        yield _row(kind, settings)


def _scaled(draw: Draw) -> Iterator[Move]:
    """With ``scale_schedule_ratio``, which makes the run and most times longer."""
    for kind, settings in (
        ("LinearWithWarmupScheduler", {"t_warmup": "20ba"}),
        ("LinearWithWarmupScheduler", {"t_warmup": "20ba", "scale_warmup": True}),
        ("CosineAnnealingWithWarmupScheduler", {"t_warmup": "0.1dur", "scale_warmup": True}),
        ("PolynomialWithWarmupScheduler", {"t_warmup": "20ba", "scale_warmup": True}),
        ("MultiStepWithWarmupScheduler",
         {"t_warmup": "20ba", "milestones": ["60ba", "90ba"], "scale_warmup": True}),
        ("StepScheduler", {"step_size": "25ba"}),
        ("MultiStepScheduler", {"milestones": ["60ba", "91ba"]}),
        ("CosineAnnealingScheduler", {"alpha_f": 0.1}),
    ):  # fmt: skip
        for ratio in (2.0, 0.5):
            updates = int(200 * ratio)
            yield _call([(kind, settings)], "200ba", updates, draw.rate(1e-5, 1e-2), ratio)


def _row(kind: str, settings: dict[str, Any]) -> Move:
    arguments = ", ".join(f"{key}={value!r}" for key, value in settings.items())
    text = (
        f"from composer import Trainer\nfrom composer.optim import {kind}\n\n"
        f"scheduler = {kind}({arguments})\n"
        "trainer = Trainer(model=model, schedulers=scheduler, max_duration='100ba')\n"
    )
    rates = _rates([(kind, settings)], "100ba", 1.0, 0, 1.0)
    return Move({"train.py": text}, rates, 100)


def _table(
    name: str, settings: dict[str, Any], duration: str, updates: int, lr: float, *,
    epoch: int = 0, is_bare: bool = False,
) -> Move:  # fmt: skip
    lines = [f"  {key}: {value}" for key, value in settings.items()]
    batch = [] if is_bare else [f"max_seq_len: {_SEQUENCE}", f"global_train_batch_size: {_BATCH}"]
    text = "\n".join(
        ["scheduler:", f"  name: {name}", *lines, "optimizer:", f"  lr: {lr}",
         f"max_duration: {duration}", *batch, ""]
    )  # fmt: skip
    rates = _rates([(_FOUNDRY[name], settings)], duration, 1.0, epoch, lr)
    given = {"steps_per_epoch": epoch} if epoch else {}
    return Move({"train.yaml": text}, rates, updates, base=lr, given=given)


def _call(
    made: list[tuple[str, dict[str, Any]]], duration: str, updates: int, lr: float,
    ratio: float = 1.0,
) -> Move:  # fmt: skip
    calls = [
        f"{kind}({', '.join(f'{key}={value!r}' for key, value in settings.items())})"
        for kind, settings in made
    ]
    listed = calls[0] if len(calls) == 1 else f"[{', '.join(calls)}]"
    scaled = f", scale_schedule_ratio={ratio}" if ratio != 1 else ""
    text = (
        "from composer import Trainer\n"
        "from composer.optim import DecoupledSGDW\n"
        f"from composer.optim import {', '.join(kind for kind, _ in made)}\n\n"
        f"optimizer = DecoupledSGDW(model.parameters(), lr={lr})\n"
        f"schedulers = {listed}\n"
        "trainer = Trainer(model=model, optimizers=optimizer, schedulers=schedulers,\n"
        f"                  max_duration={duration!r}{scaled})\n"
    )
    epoch = 75 if "ep'" in text or "ExponentialScheduler(gamma=0.9)" in text else 0
    rates = _rates(made, duration, ratio, epoch, lr)
    given = {"steps_per_epoch": epoch} if epoch else {}
    return Move({"train.py": text}, rates, updates, base=lr, given=given)


MOVES = Moves("mosaicml", _drawn)
