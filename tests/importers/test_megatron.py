"""Megatron's arguments: what is read, what is refused, and what is easily got wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import lrdsl
from lrdsl.importers.imports import outcomes
from tests.importers.sources import check_numbers, found, notes, program, program_text, stored

PUBLIC = Path(__file__).parent / "public" / "megatron"


def text(folder: Path, options: str) -> str:
    (outcome,) = found(folder, "train.sh", f"python pretrain.py --lr 1e-3 {options}\n")
    return program_text(outcome)


@pytest.mark.parametrize(
    "options, expected",
    [
        ("--train-iters 100", "run total = 100\nlinear\n"),
        ("--train-iters $N", "param n = 1000\nrun total = n\nlinear\n"),
        ("--train-iters 100 --lr-decay-style constant --lr-warmup-iters 10 --min-lr 1e-4",
         "run total = 100\nwarmup(10) >> const\n"),
        ("--train-iters 100 --lr-decay-style cosine --lr-warmup-iters 10 --min-lr 1e-4"
         " --lr-warmup-init 1e-5 --lr-decay-iters 80 --weight-decay 0.1 --fp16",
         "run total = 100\nwarmup(10, start = 1e-5) >> cosine(70, end = 0.0001) >> const\n"),
        ("--train-iters 100 --lr-decay-style cosine --lr-warmup-iters 10 --lr-decay-iters 120",
         "run total = 100\nwarmup(10) >> cosine(110)\n"),
        ("--train-iters 100 --lr-decay-style WSD --lr-warmup-iters 10 --lr-wsd-decay-iters 20",
         "run total = 100\nwsd(10, 20, decay_ease = exponential_ease)\n"),
        ("--train-iters 100 --lr-decay-style inverse-square-root --lr-warmup-iters 10",
         "run total = 100\nwarmup(10) >> inverse_sqrt(10)\n"),
        ("--train-iters 100 --lr-decay-style inverse-square-root --global-batch-size 8",
         "run total = 100\nrun clock = sample, 1st = 8sample\n"
         "const(1sample) >> inverse_sqrt(1sample)\n"),
        ("--train-samples 800 --global-batch-size 8 --lr-warmup-samples 80",
         "run total = 100\nwarmup(10) >> linear\n"),
        ("--train-samples 803 --global-batch-size 8 --lr-warmup-samples 81",
         "run clock = sample, total = 803sample, 1st = 8sample\nwarmup(81sample) >> linear\n"),
        ("--train-samples 9000 --global-batch-size 16 --rampup-batch-size 4 4 300"
         " --lr-warmup-samples 50",
         "run clock = sample, total = 9000sample\n"
         "run 1st = ramp(4sample, 16sample, by = 4sample, over = 300sample)\n"
         "warmup(50sample) >> linear\n"),
        ("--train-iters 100 --weight-decay-incr-style cosine --start-weight-decay 0.1"
         " --end-weight-decay 0.3",
         "run total = 100\nlr: linear\nweight_decay: cosine(rest, 0.1, 0.3)\n"),
    ],
)  # fmt: skip
def test_the_text(options: str, expected: str, tmp_path: Path) -> None:
    assert text(tmp_path, options) == expected


# What is easily got wrong.


def test_a_fraction_is_not_rounded(tmp_path: Path) -> None:
    """0.01 of 4567 updates is a warm-up of 45.67."""
    options = "--train-iters 4567 --lr-warmup-fraction 0.01 --lr-decay-style constant"
    found = text(tmp_path, options)
    assert found == ("run total = 4567\nrun clock = sample, 1st = 1sample\nwarmup(1%) >> const\n")
    schedule = lrdsl.parse(found).resolve()
    assert [schedule(t) for t in (0, 1, 45, 46)] == pytest.approx([0, 1 / 45.67, 45 / 45.67, 1])


def test_a_fraction_is_of_the_decay(tmp_path: Path) -> None:
    options = "--train-iters 400 --lr-decay-iters 200 --lr-warmup-fraction 0.1"
    assert text(tmp_path, options) == "run total = 400\nwarmup(20) >> linear(180) >> const\n"


def test_every_style_jumps_to_the_lowest_rate_after_the_decay(tmp_path: Path) -> None:
    options = "--train-iters 100 --lr-decay-style inverse-square-root --lr-warmup-iters 4"
    found = text(tmp_path, f"{options} --lr-decay-iters 64 --min-lr 1e-4")
    schedule = lrdsl.parse(found).resolve()
    expected = [1e-3, 0.5e-3, 0.25e-3, 1e-4]
    assert [schedule(t, base=1e-3) for t in (4, 16, 64, 65)] == pytest.approx(expected)


def test_a_cooldown_of_wsd_is_exponential(tmp_path: Path) -> None:
    options = "--train-iters 100 --lr-decay-style WSD --lr-warmup-iters 10 --lr-wsd-decay-iters 20"
    schedule = lrdsl.parse(text(tmp_path, options)).resolve()
    assert schedule(90) == pytest.approx(2 * 0.5**0.5 - 1)


def test_a_rise_of_the_batch_makes_the_curve_one_of_samples(tmp_path: Path) -> None:
    """Batches of 2, 4 and 6: after two updates 4 samples are seen, and after three 8."""
    options = "--train-samples 600 --global-batch-size 6 --rampup-batch-size 2 2 8"
    found = text(tmp_path, f"{options} --lr-warmup-samples 100 --lr-decay-style constant")
    schedule = lrdsl.parse(found).resolve()
    assert [schedule(t) for t in range(6)] == pytest.approx([0, 0.02, 0.04, 0.08, 0.14, 0.2])


def test_options_of_a_functional_test_in_yaml(tmp_path: Path) -> None:
    source = "MODEL_ARGS:\n  --lr: 0.00015\n  --train-iters: 50\n  --lr-warmup-fraction: .1\n"
    (outcome,) = found(tmp_path, "model_config.yaml", source)
    assert program_text(outcome) == "run total = 50\nwarmup(5) >> linear\n"


# What is refused.


@pytest.mark.parametrize(
    "options, reason",
    [
        ("--train-iters 9 --decoupled-lr 1e-4", "1 field not understood: `decoupled_lr`"),
        ("--train-iters 9 --lr-decay-style exp", "Megatron has no decay style `exp`"),
        ("--train-iters 9 --lr-warmup-iters 9",
         "Megatron raises for a warm-up of 9 in a decay of 9"),
        ("--train-iters 9 --min-lr 1",
         "Megatron raises for a lowest or a first rate above the peak"),
        ("--train-iters 9 --lr-warmup-iters 1 --lr-warmup-fraction 0.1",
         "Megatron raises for a warm-up with both a length and a fraction"),
        ("--train-samples 9 --global-batch-size 3 --lr-warmup-iters 1",
         "Megatron raises for a `lr_warmup_iters` in a run of samples"),
        ("--train-samples 9", "a run of samples needs a `global_batch_size`"),
        ("--train-samples 9 --rampup-batch-size 1 1 3",
         "a `rampup_batch_size` needs a `global_batch_size`"),
        ("--train-samples 9 --global-batch-size 8 --rampup-batch-size 1 3 3",
         "Megatron raises for a rise from 1 to 8 by 3"),
        ("--train-iters 9 --lr-decay-style WSD", "`lr_wsd_decay_iters` is missing"),
        ("--train-iters 9 --step-batch-size-schedule 0:7",
         "a `step_batch_size_schedule` is not translated"),
        ("--train-iters $N --lr-warmup-fraction 0.1",
         "the warm-up is a fraction of n updates, not rounded, and the source does not tell how"
         " many these are: pass --total"),
        ("--train-iters 9 --weight-decay-incr-style linear", "`start_weight_decay` is missing"),
    ],
)  # fmt: skip
def test_refusals(options: str, reason: str, tmp_path: Path) -> None:
    (outcome,) = found(tmp_path, "train.sh", f"python pretrain.py --lr 1e-3 {options}\n")
    assert (outcome.refused, outcome.text) == (reason, "")


@pytest.mark.parametrize("source", ["python train.py --lr 1e-3 --epochs 9", "ls", ""])
def test_nothing_is_found(source: str, tmp_path: Path) -> None:
    assert found(tmp_path, "train.sh", source) == []


# Off by one.


def _is_short(entry: dict[str, Any]) -> bool:
    """True where all lengths end within the run, and none is hidden under the lowest rate."""
    command = entry["files"]["pretrain.sh"]
    decay = command.partition("--lr-decay-iters ")[2].split(" ")[0].strip() or "0"
    is_hidden = "inverse" in command or "rampup" in command
    return "target" not in entry and int(decay) <= 300 and not is_hidden


@pytest.mark.parametrize("entry", [e for e in stored("megatron") if _is_short(e)])
def test_a_text_that_is_wrong_by_one_gives_another_curve(
    entry: dict[str, Any], tmp_path: Path
) -> None:
    check_numbers(tmp_path, entry)


def test_the_example_of_175_billion_parameters() -> None:
    """NVIDIA/Megatron-LM: examples/gpt3/train_gpt3_175b_distributed.sh, from its facts."""
    (outcome,) = outcomes(str(PUBLIC / "train_gpt3_175b_distributed.sh"), PUBLIC)
    assert program_text(outcome) == (
        "run total = 500000\n"
        "run clock = sample\n"
        "run 1st = ramp(16sample, 1536sample, by = 16sample, over = 5859375sample)\n"
        "warmup(660480sample) >> cosine(659819520sample, end = 6e-6) >> const\n"
    )
    assert notes(outcome) == [
        "the optimizer's learning rate is 6e-5",
        "most versions of Megatron allow a rising batch size in runs of samples only",
    ]


@pytest.mark.parametrize(
    "name, expected",
    [
        (
            "train_bert_340m_distributed.sh",
            "run total = 1000000\nwarmup(9900) >> linear(980100, end = 1e-5) >> const\n",
        ),
        ("run-175b.sh", "run total = 1000\ncosine(end = 6e-6)\n"),
    ],
)
def test_public_scripts(name: str, expected: str) -> None:
    """Rebuilt from their facts: NVIDIA/Megatron-LM, examples/bert and examples/azure."""
    (outcome,) = outcomes(str(PUBLIC / name), PUBLIC)
    assert program_text(outcome) == expected


def test_lengths_in_tokens_are_refused(tmp_path: Path) -> None:
    """Megatron-DeepSpeed counts tokens: examples/MoE/ds_pretrain_gpt_1.3B_dense.sh."""
    options = "--override-lr-scheduler --train-samples 9 --global-batch-size 3"
    text = f'O=" \\\n --lr 2e-4 {options} \\\n --lr-decay-tokens 9 --lr-warmup-tokens 3"\nrun $O\n'
    (outcome,) = found(tmp_path, "train.sh", text)
    assert outcome.refused == "2 fields not understood: `lr_decay_tokens` and `lr_warmup_tokens`"


def test_each_command_has_its_own_schedule(tmp_path: Path) -> None:
    run = "pretrain_gpt.py --lr 1e-4 --lr-decay-style cosine --train-iters 90 --global-batch-size 8"
    text = f"python {run} --lr-warmup-iters 10\npython {run} --load here\n"
    first, second = found(tmp_path, "train.sh", text)
    assert program(first) == ["run total = 90", "warmup(10) >> cosine"]
    assert program(second) == ["run total = 90", "cosine"]
