"""DeepSpeed: its engine steps the scheduler and saves it, whichever stage of ZeRO it uses."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import lrdsl
from tests.trainers.processes import Runs, in_each
from tests.trainers.training import TEXT, Rates, batches, model, optimizer, wanted

# Where it is installed: accelerate, transformers and TRL import it wherever they can.
APART = Path(sys.prefix) / "apart"
STAGES = range(4)
ACCUMULATED, SAVED, UPDATES = 3, 8, 20
# With a total, it is known to count updates.
COUNTED = f"{TEXT} >> const"
# The same curve for steps that are samples: so many make an update.
SAMPLES = 4
BY_SAMPLE = "warmup(12) >> cosine(40, base, base / 10)"

Making = Callable[[Any], Any]


class Training:
    """A training run with DeepSpeed's engine, on a CPU.

    Args:
        make: makes the ``lr_scheduler`` of ``deepspeed.initialize`` from the optimizer.
        stage: the stage of ZeRO.
        **config: more of its config.
    """

    def __init__(self, make: Making, stage: int, **config: Any) -> None:
        import deepspeed

        layers = model()
        self.driven = optimizer(layers)
        self.stage = stage
        config |= {
            "train_micro_batch_size_per_gpu": 2,
            "gradient_accumulation_steps": ACCUMULATED,
            "zero_optimization": {"stage": stage},
            # The optimizer is torch's own, but of a class that remembers its rates.
            "zero_allow_untested_optimizer": True,
            "zero_force_ds_cpu_optimizer": False,
        }
        self.engine, *_ = deepspeed.initialize(
            model=layers, optimizer=self.driven, lr_scheduler=make(self.driven), config=config
        )

    def train(self, updates: int, **options: Any) -> Rates:
        """The rates of some updates."""
        self.driven.used.clear()
        dtype = next(self.engine.parameters()).dtype
        for batch in batches(updates * ACCUMULATED):
            self.engine.backward(self.engine(batch.to(dtype)).float().square().mean())
            self.engine.step(**options)
        used = self.driven.used
        if self.stage == 0:
            return used
        # ZeRO calls the optimizer once for each group: with that group, or one without parameters.
        first, second = used[::2], used[1::2]
        if self.stage < 3:
            return [(*one, *other) for one, other in zip(first, second, strict=True)]
        assert first == second
        return first


def compiled(driven: Any) -> Any:
    return lrdsl.compile(COUNTED, driven, total=UPDATES)


def runs(folder: Path) -> Runs:
    # Other packages than ours warn when they are imported, and of the CPU.
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", lrdsl.LrsWarning)
    sys.path.append(str(APART))
    import deepspeed

    # Otherwise it compiles an extension, which takes minutes.
    deepspeed.ops.__compatible_ops__["deepspeed_shm_comm"] = False
    found = {}
    for stage in STAGES:
        first = Training(compiled, stage)
        used = first.train(SAVED)
        first.engine.save_checkpoint(str(folder / f"stage{stage}"))
        second = Training(compiled, stage)
        second.engine.load_checkpoint(str(folder / f"stage{stage}"))
        found[f"stage {stage}"] = used + second.train(UPDATES - SAVED)
    found["bf16"] = Training(compiled, 2, bf16={"enabled": True}).train(UPDATES)
    found["callable"] = Training(lambda _: compiled, 1).train(UPDATES)
    by_sample = Training(lambda driven: lrdsl.compile(BY_SAMPLE, driven), 0)
    found["samples"] = by_sample.train(UPDATES, lr_kwargs={"increment": SAMPLES})
    return found


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """The rates of every run, once it is known that both processes agree on them."""
    first, second = in_each(runs, tmp_path_factory.mktemp("deepspeed"))
    assert first == second
    return first


@pytest.mark.parametrize("stage", STAGES)
def test_a_run_that_is_resumed_has_the_rate_of_every_update(found: Runs, stage: int) -> None:
    assert found[f"stage {stage}"] == wanted(UPDATES)


@pytest.mark.parametrize("name", ["bf16", "callable"])
def test_every_update_has_its_rate(found: Runs, name: str) -> None:
    assert found[name] == wanted(UPDATES)


def test_a_schedule_of_samples(found: Runs) -> None:
    assert found["samples"] == wanted(UPDATES * SAMPLES, text=BY_SAMPLE)[::SAMPLES]
