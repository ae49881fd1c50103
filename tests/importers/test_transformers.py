"""transformers and axolotl: the texts for their settings, their traps, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrdsl.importers.imports import outcomes
from tests.importers.sources import found, imported, program


def _yaml(**settings: object) -> str:
    return "".join(f"{key}: {value}\n" for key, value in settings.items())


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("get_constant_schedule(opt)", ["const"]),
        ("get_constant_schedule_with_warmup(opt, 5)", ["warmup(5) >> const"]),
        ("get_linear_schedule_with_warmup(opt, 5, 50)", ["run total = 50", "warmup(5) >> linear"]),
        ("get_cosine_schedule_with_warmup(opt, 0, 50)", ["run total = 50", "cosine"]),
        (
            "get_cosine_schedule_with_warmup(opt, 5, 50, 1.5)",
            ["run total = 50", "warmup(5) >> cosine_waves(cycles = 1.5)"],
        ),
        (
            "get_cosine_with_hard_restarts_schedule_with_warmup(opt, 5, 50, num_cycles=2)",
            ["run total = 50", "warmup(5) >> cosine_restarts(cycles = 2)"],
        ),
        (
            "get_polynomial_decay_schedule_with_warmup(opt, 5, 50)",
            ["run total = 50", "warmup(5) >> linear(end = 1e-7)"],
        ),
        (
            "get_polynomial_decay_schedule_with_warmup(opt, 5, 50, 0.1, 2)",
            ["run total = 50", "warmup(5) >> poly(end = 0.1, power = 2)"],
        ),
        ("get_inverse_sqrt_schedule(opt, 5)", ["warmup(5) >> inverse_sqrt(5)"]),
        ("get_inverse_sqrt_schedule(opt, 0)", ["inverse_sqrt(10000)"]),
        ("get_inverse_sqrt_schedule(opt, 5, 20)", ["warmup(5) >> inverse_sqrt(20)"]),
        (
            "get_wsd_schedule(opt, 5, 20, 50)",
            ["run total = 50", "warmup(5) >> const >> cooldown(20, ease = half_cosine)"],
        ),
        (
            "get_wsd_schedule(opt, 5, 20, 50, warmup_type='1-sqrt', decay_type='linear',"
            " min_lr_ratio=0.1)",
            [
                "run total = 50",
                "warmup(5, start = base * 0.1, ease = one_minus_sqrt)",
                "  >> const",
                "  >> cooldown(20, end = base * 0.1)",
            ],
        ),
        (
            "get_cosine_with_min_lr_schedule_with_warmup_lr_rate(opt, 5, 50, min_lr_rate=0.1)",
            ["run total = 50", "warmup(4, base / 5) >> cosine(45, base, base * 0.1)"],
        ),
    ],
)
def test_the_text_for_a_call(tmp_path: Path, call: str, text: list[str]) -> None:
    outcome = imported(tmp_path, "train.py", f"from transformers import *\ns = {call}\n")
    assert program(outcome) == text


def test_the_defaults_of_the_arguments(tmp_path: Path) -> None:
    """Nothing is set: linear over three epochs from 5e-5, without a warm-up."""
    outcome = imported(tmp_path, "train.yaml", "lr_scheduler_type:\n")
    assert program(outcome) == ["run total = 3ep", "linear"]
    assert "# the optimizer's learning rate is 5e-5" in outcome.text
    assert "# pass `steps_per_epoch`, the updates of an epoch" in outcome.text


@pytest.mark.parametrize(
    ("warmup", "updates"),
    [("warmup_ratio: 0.1", 11), ("warmup_steps: 0.1", 11), ("warmup_steps: 1", 1),
     ("warmup_steps: 1.0", 1), ("warmup_steps: 7\nwarmup_ratio: 0.5", 7), ("warmup_steps: '7'", 7)],
)  # fmt: skip
def test_a_share_is_rounded_up_and_one_is_an_update(
    tmp_path: Path, warmup: str, updates: int
) -> None:
    text = f"lr_scheduler_type: cosine\nmax_steps: 101\n{warmup}\n"
    assert program(imported(tmp_path, "train.yaml", text))[1] == f"warmup({updates}) >> cosine"


def test_a_lowest_rate_is_a_share_of_the_optimizers(tmp_path: Path) -> None:
    """It scales with the rate of each group, as its own code divides by that of the first."""
    text = _yaml(
        lr_scheduler_type="cosine_with_min_lr", learning_rate="2e-5", max_steps=100,
        lr_scheduler_kwargs="'{\"min_lr\": 2e-6}'",
    )  # fmt: skip
    assert program(imported(tmp_path, "train.yaml", text)) == [
        "run total = 100", "cosine(end = base * 2e-6 / 2e-5)",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (
            {"lr_scheduler_type": "cosine", "warmup_ratio": 0.1},
            "the warm-up is 0.1 of the run, rounded up to whole updates, and the source does not"
            " say how many those are: pass --total or --steps-per-epoch",
        ),
        (
            {"lr_scheduler_type": "reduce_lr_on_plateau", "max_steps": 10},
            "a metric drives `reduce_lr_on_plateau`, which no file says anything of: in lrdsl it"
            " is `reduce_on_plateau(…)`",
        ),
        (
            {"lr_scheduler_type": "cosign", "max_steps": 10},
            "`cosign` is no kind of transformers that is known here; did you mean `cosine`?",
        ),
        (
            {"lr_scheduler_type": "cosine_with_min_lr", "max_steps": 10},
            "`lr_scheduler_kwargs.min_lr_rate` is missing",
        ),
        (
            {"lr_scheduler_type": "linear", "max_steps": "ten"},
            "`max_steps` is `ten`, which is no number",
        ),
        (
            {"lr_scheduler_type": "linear", "max_steps": 9, "lr_scheduler_kwargs": "{power: 2}"},
            "1 field not understood: `lr_scheduler_kwargs.power`",
        ),
    ],
)
def test_what_is_refused(tmp_path: Path, settings: dict[str, object], reason: str) -> None:
    assert imported(tmp_path, "train.yaml", _yaml(**settings)).refused == reason


def test_a_scheduler_of_deepspeed_would_win(tmp_path: Path) -> None:
    text = _yaml(lr_scheduler_type="linear", max_steps=10, deepspeed="zero2.json")
    assert "# a scheduler in the DeepSpeed config takes the place of this one" in (
        imported(tmp_path, "train.yaml", text).text
    )


# Settings that are published, with the file that has them; the runs are given to it.
PUBLISHED = [
    # hiyouga/LLaMA-Factory, examples/train_lora/llama3_lora_sft.yaml
    (
        {"learning_rate": "1.0e-4", "num_train_epochs": "3.0", "lr_scheduler_type": "cosine",
         "warmup_ratio": 0.1, "per_device_train_batch_size": 1},
        136, ["run total = 408", "warmup(41) >> cosine"],
    ),
    # huggingface/open-r1, recipes/OlympicCoder-7B/sft/config_v00.00.yaml
    (
        {"learning_rate": "1.0e-05", "lr_scheduler_type": "cosine_with_min_lr", "max_steps": -1,
         "lr_scheduler_kwargs": "\n  min_lr_rate: 0.1", "num_train_epochs": 10,
         "warmup_ratio": 0.03},
        64, ["run total = 640", "warmup(20) >> cosine(end = base * 0.1)"],
    ),
    # huggingface/alignment-handbook, recipes/smollm3/sft/sft.yaml
    (
        {"learning_rate": "2.0e-05", "lr_scheduler_type": "cosine_with_min_lr", "max_steps": -1,
         "lr_scheduler_kwargs": "\n  min_lr_rate: 0.1", "num_train_epochs": 5,
         "warmup_ratio": 0.03},
        101, ["run total = 505", "warmup(16) >> cosine(end = base * 0.1)"],
    ),
    # axolotl-ai-cloud/axolotl, examples/llama-3/lora-8b.yml: int, where transformers rounds up
    (
        {"base_model": "NousResearch/Meta-Llama-3-8B", "micro_batch_size": 2, "num_epochs": 4,
         "lr_scheduler": "cosine", "learning_rate": 0.0002, "warmup_ratio": 0.1},
        33, ["run total = 132", "warmup(13) >> cosine"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("settings", "steps_per_epoch", "text"), PUBLISHED)
def test_published_settings(
    tmp_path: Path, settings: dict[str, object], steps_per_epoch: int, text: list[str]
) -> None:
    outcome = imported(tmp_path, "train.yaml", _yaml(**settings), steps_per_epoch=steps_per_epoch)
    assert program(outcome) == text


OWN = {"base_model": "llama", "micro_batch_size": 2, "learning_rate": 1e-3, "max_steps": 4567}


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({}, "warmup(100) >> cosine"),
        ({"max_steps": 400}, "warmup(12) >> cosine"),
        ({"warmup_steps": 1}, "warmup(2) >> cosine"),
        ({"warmup_steps": 0}, "cosine"),
        ({"warmup_ratio": 0.0999}, "warmup(456) >> cosine"),
        ({"lr_scheduler": "linear", "warmup_steps": 9}, "warmup(9) >> linear"),
        (
            {"lr_scheduler": "rex", "warmup_steps": 9},
            "warmup(8, base / 9) >> rex(4558, base, 0, beta = 0.9)",
        ),
        ({"warmup_steps": 9, "cosine_min_lr_ratio": 0.1}, "warmup(9) >> cosine(end = base * 0.1)"),
        (
            {"warmup_steps": 9, "cosine_min_lr_ratio": 0.1, "cosine_constant_lr_ratio": 0.8},
            "warmup(9) >> cosine(3644, end = base * 0.1) >> const",
        ),
        (
            {"warmup_steps": 9, "lr_quadratic_warmup": "true"},
            "warmup(9, ease = square) >> cosine",
        ),
    ],
)
def test_axolotls_own_rules(tmp_path: Path, settings: dict[str, object], text: str) -> None:
    outcome = imported(tmp_path, "run.yml", _yaml(**(OWN | settings)))
    assert program(outcome)[1:] == [text]


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (
            {"warmup_steps": 1, "warmup_ratio": 0.1},
            "`warmup_steps` and `warmup_ratio` exclude each other",
        ),
        (
            {"lr_scheduler": "one_cycle"},
            "`one_cycle` is not read from a config: in lrdsl it is `onecycle`, with a line for"
            " `beta1`",
        ),
        (
            {"jagged_restart_steps": 100},
            "`jagged_restart_steps` restarts another schedule, which is not translated",
        ),
        (
            {"max_steps": ""},
            "the warm-up is 0.03 of the run, cut to whole updates, and the source does not say how"
            " many those are: pass --total or --steps-per-epoch",
        ),
    ],
)
def test_what_of_axolotls_is_refused(
    tmp_path: Path, settings: dict[str, object], reason: str
) -> None:
    assert imported(tmp_path, "run.yml", _yaml(**(OWN | settings))).refused == reason


@pytest.mark.parametrize(
    "call",
    [
        "TrainingArguments('out', lr_scheduler_type='cosine', max_steps=50, warmup_steps=5)",
        "Seq2SeqTrainingArguments(lr_scheduler_type='cosine', max_steps=50, warmup_steps=5)",
        "trl.SFTConfig(learning_rate=1e-4, lr_scheduler_type='cosine', max_steps=50, **more)",
        "TrainingArguments('out', lr_scheduler_type=SchedulerType.COSINE, max_steps=50, **more)",
        "get_scheduler(SchedulerType.COSINE, optimizer, 5, 50)",
    ],
)
def test_arguments_of_a_trainer_in_a_script(call: str, tmp_path: Path) -> None:
    text = f"import trl\nmore = dict(warmup_steps=5)\nx = {call}\n"
    assert program(imported(tmp_path, "train.py", text)) == [
        "run total = 50",
        "warmup(5) >> cosine",
    ]


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ("TrainingArguments('out', max_steps=50, **more)",
         "`TrainingArguments` is called with `**more`, which the source does not tell"),
        ("trl.DPOConfig(lr_scheduler_type='cosine', max_steps=50)",
         "`learning_rate` is missing, and `DPOConfig` has a default of its own: write it there"),
        ("TrainingArguments(lr_scheduler_type=SchedulerType.REDUCE_ON_PLATEAU)",
         "a metric drives `reduce_lr_on_plateau`, which no file says anything of: in lrdsl it is"
         " `reduce_on_plateau(…)`"),
        ("TrainingArguments(max_steps=50, warmup_steps=-5)",
         "`warmup_steps` is -5, which is below 0"),
        ("TrainingArguments(max_steps=50, lr_scheduler_type='polynomial', learning_rate=1e-8)",
         "transformers raises for an `lr_end` of 1e-7, with a rate of 1e-8"),
        ("TrainingArguments(max_steps=50, learning_rate=0)",
         "the optimizer's rate is 0, and so every text would be equal"),
        ("TrainingArguments(max_steps=50, warmup_ratio=5)",
         "`warmup_ratio` is 5, which is no share of the run"),
    ],
)  # fmt: skip
def test_refused_arguments_of_a_trainer(call: str, reason: str, tmp_path: Path) -> None:
    assert imported(tmp_path, "train.py", f"import trl\nx = {call}\n").refused == reason


@pytest.mark.parametrize("approximate", [False, True])
def test_a_run_that_is_too_long_to_be_compared_is_refused(
    approximate: bool, tmp_path: Path
) -> None:
    source = tmp_path / "train.yaml"
    source.write_text("lr_scheduler_type: cosine\nmax_steps: 100000000000\n")
    (outcome,) = outcomes(str(source), tmp_path, approximate=approximate)
    assert outcome.refused == "only runs of up to 20,000,000 updates are compared"


@pytest.mark.parametrize(
    "text",
    [
        "def get_scheduler(name, optimizer, n, m):\n    pass\nget_scheduler('cosine', o, 5, 50)\n",
        "class A:\n    def f(self):\n        from utils import get_scheduler\n"
        "        get_scheduler('cosine', o, 5, 50)\n",
        "self.get_scheduler('cosine', o, 5, 50)\n",
        "import utils\nutils.get_linear_schedule_with_warmup(o, 5, 50)\n",
    ],
)
def test_a_function_of_the_same_name_is_not_theirs(text: str, tmp_path: Path) -> None:
    assert not found(tmp_path, "train.py", text)


def test_a_function_that_hydra_calls(tmp_path: Path) -> None:
    text = (
        "scheduler:\n"
        "  _target_: transformers.get_cosine_schedule_with_warmup\n"
        "  _partial_: true\n"
        "  num_warmup_steps: 5\n"
        "  num_training_steps: 50\n"
    )
    outcome = imported(tmp_path, "train.yaml", text)
    assert program(outcome) == ["run total = 50", "warmup(5) >> cosine"]
    assert outcome.line == 2
    text += "  verbose: 3\n"
    reason = "1 field not understood: `scheduler.verbose`"
    assert imported(tmp_path, "train.yaml", text).refused == reason


def test_the_length_of_lightnings_run_is_the_run(tmp_path: Path) -> None:
    source = (
        "from transformers import get_cosine_schedule_with_warmup\n"
        "get_cosine_schedule_with_warmup(opt, 300, self.trainer.estimated_stepping_batches)\n"
    )
    path = tmp_path / "module.py"
    path.write_text(source, encoding="utf-8")
    (outcome,) = outcomes(str(path), tmp_path)
    assert outcome.text.splitlines()[-1] == "warmup(300) >> cosine"
    assert "pass `total`" in outcome.text
    (known,) = outcomes(str(path), tmp_path, {"total": 5000})
    assert known.unused == {}
    assert "5,000 steps equal" in str(known.proof)
