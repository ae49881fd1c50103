"""OLMo-core: the texts for its settings, their traps, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import lrdsl
from lrdsl.importers.imports import outcomes
from tests.importers.sources import imported, program


def _script(scheduler: str, duration: str = "Duration.steps(100)") -> str:
    return (
        "from olmo_core.optim import *\nimport olmo_core.optim as optim\n"
        "from olmo_core.train import Duration, TrainerConfig\n"
        "BATCH = 8 * 64\n"
        "module = TransformerTrainModuleConfig(\n"
        f"    optim=AdamWConfig(lr=3e-4), scheduler={scheduler})\n"
        f"trainer = TrainerConfig(max_duration={duration})\n"
        "loader = NumpyDataLoaderConfig(global_batch_size=BATCH)\n"
    )


@pytest.mark.parametrize(
    ("scheduler", "text"),
    [
        ("optim.ConstantScheduler()", ["const"]),
        ("ConstantWithWarmup(warmup=10)", ["warmup(9, base / 10) >> const"]),
        ("ConstantWithWarmup(warmup=1)", ["const"]),
        # The last update has a rate of 0.
        ("WSD(warmup=10)", ["warmup(9, base / 10) >> const(80) >> linear(10)"]),
        ("WSD(warmup=10, warmup_min_lr=1e-6, decay=20, decay_fraction=None, decay_min_lr=1e-5)",
         ["warmup(9, 1e-6 + (base - 1e-6) / 10) >> const(70) >> linear(20, end = 1e-5)"]),
        ("WSD(warmup=90)", ["warmup(89, base / 90) >> linear(10)"]),
        ("WSD(warmup=0)", ["const(89) >> linear(10)"]),
        ("PowerLR(warmup=10)",
         ["warmup(9, base / 10) >> power_law(10, -0.51, length = 80) >> linear(10)"]),
        ("LinearWithWarmup(warmup=10)", ["warmup(9, base / 10) >> linear(90, end = base * 0.1)"]),
        ("LinearWithWarmup(alpha_f=0.0, t_max=80, warmup=10)",
         ["warmup(9, base / 10) >> linear(70)"]),
        ("InvSqrtWithWarmup(alpha_f=0.0, warmup=10)",
         ["warmup(9, base / 10) >> inverse_sqrt(10)"]),
        # Its floor is mixed in, and not added.
        ("InvSqrtWithWarmup(warmup=10)",
         ["warmup(9, base / 10) >> base * 0.1 + 0.9 * inverse_sqrt(10, start = base)"]),
        ("InvSqrtWithWarmup(warmup=0)", ["const(value = base * 0.1)"]),
        ("CosWithWarmup(warmup_steps=10)",
         ["warmup(9, base / 10) >> cosine(90, end = base * 0.1)"]),
        # Python's round: a half goes to the even number.
        ("CosWithWarmup(warmup_fraction=0.125, alpha_f=0.0)",
         ["warmup(11, base / 12) >> cosine(88)"]),
        ("CosWithWarmup(warmup=0, alpha_f=0.0)", ["skip(1, cosine(100))"]),
        # Its peak is half-way down the cosine.
        ("HalfCosWithWarmup(warmup=10)",
         ["warmup(9, (base + base * 0.1) / 2 / 10)"
          " >> skip(90, cosine(180, base, end = base * 0.1))"]),
        ("CosWithWarmupAndLinearDecay(warmup=10)",
         ["warmup(9, base / 10) >> until(80, cosine(90, end = base * 0.1)) >> linear(10)"]),
    ],
)  # fmt: skip
def test_the_text_for_a_call(tmp_path: Path, scheduler: str, text: list[str]) -> None:
    call = scheduler if scheduler.startswith("optim.") else f"optim.{scheduler}"
    outcome = imported(tmp_path, "train.py", _script(call))
    assert program(outcome) == ["run total = 100", *text]
    assert "# the optimizer's learning rate is 0.0003" in outcome.text


def test_the_first_update_is_step_1(tmp_path: Path) -> None:
    """By hand: k / 4 up to step 4, and (8 - k) / 2 from step 6 on."""
    call = "optim.WSD(warmup=4, decay=2, decay_fraction=None)"
    text = imported(tmp_path, "train.py", _script(call, "Duration.steps(8)")).text
    schedule = lrdsl.parse(text).resolve()
    rates = [0.25, 0.5, 0.75, 1.0, 1.0, 1.0, 0.5, 0.0]
    assert [schedule(t, base=1.0) for t in range(8)] == pytest.approx(rates)


@pytest.mark.parametrize(
    ("duration", "total"),
    [
        ("Duration.steps(100)", "run total = 100"),
        ("Duration.tokens(int(51_200))", "run total = 100"),
        ("Duration.tokens(51_201)", "run total = 101"),
        ("Duration.epochs(2)", "run total = 2ep"),
    ],
)
def test_the_length_of_the_run(tmp_path: Path, duration: str, total: str) -> None:
    script = _script("optim.ConstantWithWarmup(warmup=10)", duration)
    assert program(imported(tmp_path, "train.py", script))[0] == total


def test_tokens(tmp_path: Path) -> None:
    call = "optim.CosWithWarmup(units=SchedulerUnits.tokens, warmup=5120, alpha_f=0.0)"
    script = _script(call, "Duration.tokens(51_200)")
    assert program(imported(tmp_path, "train.py", script)) == [
        "run total = 100", "warmup(9, base / 10) >> cosine(90)",
    ]  # fmt: skip


def test_a_run_without_a_length(tmp_path: Path) -> None:
    text = "from olmo_core.optim import WSD\ns = WSD(warmup=10, decay=20, decay_fraction=None)\n"
    outcome = imported(tmp_path, "train.py", text)
    assert program(outcome) == ["warmup(9st, base / 10) >> const(100% - 10 - 20) >> linear(20st)"]
    assert "# the source does not say how long the run is: pass `total`" in outcome.text


def _json(scheduler: dict[str, Any], **more: Any) -> str:
    """What ``Config.as_config_dict`` of 3.0.0 writes."""
    own = {"lr_field": "lr", "initial_lr_field": "initial_lr", "units": "steps", **scheduler}
    config = {
        "data_loader": {"global_batch_size": 512, "_CLASS_": "olmo_core.data.DataLoaderConfig"},
        "train_module": {"optim": {"lr": 3e-4}, "scheduler": own},
        "trainer": {"max_duration": {"value": 100, "unit": "steps"}, **more},
    }
    return json.dumps(config, indent=1)


WSD = {"_CLASS_": "olmo_core.optim.scheduler.WSD", "type": "wsd"}


def test_a_saved_config(tmp_path: Path) -> None:
    """What was None is not in it: with a decay there is no `decay_fraction`."""
    scheduler = {"warmup": 10, "decay": 20, "warmup_min_lr": 0.0, "decay_min_lr": 0.0} | WSD
    outcome = imported(tmp_path, "config.json", _json(scheduler))
    assert program(outcome) == [
        "run total = 100", "warmup(9, base / 10) >> const(70) >> linear(20)",
    ]  # fmt: skip
    scheduler = {"warmup_fraction": 0.1, "decay_fraction": 0.2} | WSD
    assert program(imported(tmp_path, "config.json", _json(scheduler))) == program(outcome)


def test_a_batch_that_grows(tmp_path: Path) -> None:
    """How many updates the rest of the tokens take is computed anew with every batch."""
    callback = {"_CLASS_": "olmo_core.train.callbacks.BatchSizeSchedulerCallback"}
    more = {"callbacks": {"batchwup": callback}}
    text = _json({"warmup": 10} | WSD, **more)
    assert imported(tmp_path, "config.json", text)
    text = text.replace('"value": 100', '"value": 51200').replace(
        '"unit": "steps"', '"unit": "tokens"'
    )
    assert imported(tmp_path, "config.json", text).refused == (
        "its batch grows in the run, and its length in updates is not one number"
    )


ONE_OF = "it takes either `{0}` or `{0}_fraction`, and raises otherwise"


@pytest.mark.parametrize(
    ("scheduler", "reason"),
    [
        ("CosWithWarmup()", ONE_OF.format("warmup")),
        ("CosWithWarmup(warmup=10, warmup_fraction=0.1)", ONE_OF.format("warmup")),
        # Its `decay_fraction` is 0.1 unless it is None.
        ("WSD(warmup=10, decay=20)", ONE_OF.format("decay")),
        ("WSD(warmup=10, decay_fraction=None)", ONE_OF.format("decay")),
        ("WSD(warmup=10, decay_fraction=0.0)",
         "without a decay it divides by 0 at its last update"),
        ("WSD(warmup=95)",
         "nothing is left for what it holds: the warm-up and the decay overlap"),
        ("PowerLR(warmup=0)", "without a warm-up its power of time divides by 0"),
        ("CosWithWarmup(warmup=100)", "nothing is left for its decay"),
        ("CosWithWarmup(warmup=10, units='hours')", "OLMo-core has no units `hours`"),
        ("ConstantWithWarmup(warmup=10, alpha_f=0.1)", "1 field not understood: `alpha_f`"),
        ("SequentialScheduler(schedulers=[WSD(warmup=1)], schedulers_max=[1])",
         "OLMo-core has `SequentialScheduler`, which is not translated"),
        ("CosWithWarmup(warmup=1000, units='tokens')",
         "`warmup` is 1000 tokens, which is no whole number of updates of 512 tokens"),
    ],
)  # fmt: skip
def test_what_is_refused(tmp_path: Path, scheduler: str, reason: str) -> None:
    assert imported(tmp_path, "train.py", _script(f"optim.{scheduler}")).refused == reason


def test_a_share_of_a_run_without_length_is_refused(tmp_path: Path) -> None:
    text = "from olmo_core.optim import WSD\ns = WSD(warmup=10)\n"
    assert imported(tmp_path, "train.py", text).refused == (
        "the decay is a share of the run, rounded to whole updates, and how many the run has is"
        " not said: pass --total"
    )


def test_schedulers_of_other_systems_are_left_alone(tmp_path: Path) -> None:
    text = "from other import WSD, ConstantScheduler\na, b = WSD(warmup=1), ConstantScheduler()\n"
    (tmp_path / "train.py").write_text(text)
    assert outcomes(str(tmp_path / "train.py"), tmp_path) == []


def test_a_published_script(tmp_path: Path) -> None:
    """The settings of src/scripts/train/OLMo2/OLMo2-7B.py of allenai/OLMo-core.

    With a hundredth of its 4e12 tokens: all updates are compared.
    """
    text = (
        "from olmo_core.optim import CosWithWarmup, SkipStepAdamWConfig\n"
        "from olmo_core.train import Duration, TrainerConfig\n"
        "SEQUENCE_LENGTH = 4096\nGLOBAL_BATCH_SIZE = 1024 * SEQUENCE_LENGTH\n"
        "MAX_DURATION = int(4e10)\n\n\n"
        "def build_train_module_config(common):\n"
        "    return TransformerTrainModuleConfig(\n"
        "        optim=SkipStepAdamWConfig(lr=3e-4, weight_decay=0.1),\n"
        "        scheduler=CosWithWarmup(warmup_steps=2000),\n    )\n\n\n"
        "def build_trainer_config(common):\n"
        "    return TrainerConfig(max_duration=Duration.tokens(MAX_DURATION)).with_callback('a')\n"
        "\n\nbuilder = partial(build_config, global_batch_size=GLOBAL_BATCH_SIZE)\n"
    )
    assert program(imported(tmp_path, "OLMo2-7B.py", text)) == [
        "run total = 9537", "warmup(1999, base / 2000) >> cosine(7537, end = base * 0.1)",
    ]  # fmt: skip


def test_another_published_config(tmp_path: Path) -> None:
    """The settings of src/scripts/train/OLMo3-7B.py, as its run would save them, with one batch."""
    scheduler = {"warmup": 2000, "decay": 5960, "warmup_min_lr": 0.0, "decay_min_lr": 0.0} | WSD
    text = _json(scheduler).replace('"value": 100', '"value": 100000')
    assert program(imported(tmp_path, "config.json", text)) == [
        "run total = 100000", "warmup(1999, base / 2000) >> const(92040) >> linear(5960)",
    ]  # fmt: skip
