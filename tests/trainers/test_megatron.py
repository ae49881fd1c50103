"""Megatron: a schedule in its scheduler, which counts samples and drives weight decay itself."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from torch.optim import AdamW

import lrdsl
from tests.blocks import blocks
from tests.trainers.training import BASES, model

# It warns of what it does without, such as Apex.
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from megatron.core.optimizer_param_scheduler import OptimizerParamScheduler

(BLOCK,) = (block for block in blocks("python") if block.mark == "trainer: megatron")
PAGE: dict[str, Any] = {"__name__": __name__}
exec(compile(BLOCK.text, BLOCK.place, "exec", dont_inherit=True), PAGE)
Scheduled = PAGE["Scheduled"]

# Samples: those of the run, and those of each batch while batches grow.
TOTAL = 1000
BATCHES = [8] * 20 + [16] * 20 + [24] * 20
Numbers = list[list[tuple[float, float]]]


def scheduler(kind: Any = Scheduled) -> Any:
    """A scheduler made as ``get_optimizer_param_scheduler`` of Megatron's training makes it."""
    layers = model()
    groups = [
        {"params": layers[i].parameters(), "max_lr": base, "min_lr": base / 10, "wd_mult": decays}
        for i, base, decays in zip((0, 2), BASES, (1.0, 0.0), strict=True)
    ]
    return kind(
        AdamW(groups),
        init_lr=0.0,
        max_lr=BASES[0],
        min_lr=BASES[0] / 10,
        lr_warmup_steps=TOTAL * 2 // 100,
        lr_decay_steps=TOTAL,
        lr_decay_style="cosine",
        start_wd=0.1,
        end_wd=0.3,
        wd_incr_steps=TOTAL,
        wd_incr_style="linear",
    )


def train(made: Any, sizes: list[int]) -> Numbers:
    """The rate and weight decay of each group, for each update, as ``train_step`` makes them."""
    used = []
    for size in sizes:
        groups = made.optimizer.param_groups
        used.append([(group["lr"], group["weight_decay"]) for group in groups])
        made.optimizer.step()
        made.step(increment=size)
    return used


def test_every_update_has_the_rate_of_its_samples() -> None:
    schedule = lrdsl.parse(Scheduled.source).resolve(total=TOTAL)
    seen = 0
    for numbers, size in zip(train(scheduler(), BATCHES), BATCHES, strict=True):
        assert [rate for rate, _ in numbers] == [schedule(seen, base=base) for base in BASES]
        seen += size
    assert seen < TOTAL


def test_it_is_what_megatron_computes_for_the_same_schedule() -> None:
    ours, its = scheduler(), scheduler(OptimizerParamScheduler)
    for mine, wanted in zip(train(ours, BATCHES), train(its, BATCHES), strict=True):
        for (rate, decay), (its_rate, its_decay) in zip(mine, wanted, strict=True):
            assert rate == pytest.approx(its_rate, rel=1e-12)
            assert decay == its_decay
    assert ours.state_dict() == its.state_dict()


@pytest.mark.parametrize("kind", [Scheduled, OptimizerParamScheduler])
def test_it_goes_on_from_a_checkpoint_of_either(kind: Any) -> None:
    whole = train(scheduler(), BATCHES)
    saved = scheduler(kind)
    train(saved, BATCHES[:30])
    resumed = scheduler()
    resumed.load_state_dict(saved.state_dict())
    assert train(resumed, BATCHES[30:]) == whole[30:]
