"""What the names of numbers tell."""

from __future__ import annotations

import pytest

from lrdsl.logs.names import group_of, is_rate, offsets_of

RATES = {
    "lr": None, "LR": None, "learning_rate": None, "learning rate": None, "train/lr": None,
    "train/learning_rate": None, "lr-AdamW": None, "lr-AdamW/pg1": 0, "lr-AdamW-1/pg2": 1,
    "lr-AdamW/head": None, "lr-DecoupledAdamW/group0": 0, "optim/LR (group 1)": 1,
    "optim/learning_rate_group0": 0, "lr/group_1": 1, "lr/pg2": 2, "lr/AdamW/1": 1, "head_lr": None,
    "generator.lr": None, "epoch_learning_rate": None, "lrs/a": None, "lr0": None,
}  # fmt: skip
OTHERS = (
    "loss", "base_lr", "generator.base_lr", "initial_lr", "min_lr", "val_learning_rate", "clr_x",
    "lr-AdamW-momentum", "lr-AdamW/pg1-momentum", "lr-AdamW-weight_decay", "lr_scheduler/last",
    "lr_factor", "lr_mult", "RUN - lr__MIN", "color", "lr_scale",
)  # fmt: skip


@pytest.mark.parametrize("name", RATES)
def test_rates_and_their_groups(name: str) -> None:
    assert is_rate(name)
    assert group_of(name) == RATES[name]


@pytest.mark.parametrize("name", OTHERS)
def test_other_numbers(name: str) -> None:
    assert not is_rate(name)


def test_names_that_one_system_gives_tell_its_offsets() -> None:
    updates = {name: [one.updates for one in offsets_of(name)] for name in RATES}
    assert updates["train/learning_rate"] == [-1, 0]
    assert updates["lr-AdamW/pg1"] == updates["lr-DecoupledAdamW/group0"] == [0]
    assert updates["lr"] == updates["train/lr"] == []
