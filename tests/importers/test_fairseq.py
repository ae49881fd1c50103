"""fairseq's configs and commands: what is read, refused, and easily got wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import lrdsl
from lrdsl.importers.imports import Outcome, outcomes
from tests.importers.sources import check_numbers, notes, program_text, stored
from tests.importers.sources import found as all_found

PUBLIC = Path(__file__).parent / "public" / "fairseq"


def found(
    folder: Path, scheduler: str, run: str = "max_update: 1000, lr: [0.01]", **given: int
) -> Outcome:
    text = f"optimization: {{{run}}}\nlr_scheduler: {{_name: {scheduler}}}\n"
    (outcome,) = all_found(folder, "config.yaml", text, given)
    return outcome


@pytest.mark.parametrize(
    "scheduler, expected",
    [
        ("inverse_sqrt", "warmup(4000, end = base)"),
        ("inverse_sqrt, warmup_updates: 100, warmup_init_lr: 1e-7",
         "warmup(100, 1e-7) >> inverse_sqrt(100)"),
        ("cosine", "cosine"),
        ("cosine, warmup_updates: 100, min_lr: 1e-5, warmup_init_lr: -1",
         "warmup(100, 1e-5) >> cosine(end = 1e-5)"),
        ("cosine, warmup_updates: 100, warmup_init_lr: 1e-6, min_lr: 1e-5, t_mult: 2,"
         " lr_period_updates: 90, lr_shrink: 0.5",
         "warmup(100, 1e-6) >> repeat(cosine(90, end = 1e-5), stretch = 2, decay = 0.5)"),
        ("cosine, lr_period_updates: 90", "repeat(cosine(90), decay = 0.1)"),
        ("polynomial_decay", "linear"),
        ("polynomial_decay, warmup_updates: 100, end_learning_rate: 1e-5, power: 2,"
         " total_num_update: 900, force_anneal: null",
         "warmup(100) >> poly(800, end = 1e-5, power = 2) >> const"),
        ("polynomial_decay, total_num_update: '${optimization.max_update}'", "linear"),
        ("tri_stage, decay_steps: 90", "tri_stage(0, 0, 90)"),
        ("tri_stage, phase_ratio: [0.1, 0.4, 0.5], init_lr_scale: 0.1, final_lr_scale: 0.05",
         "tri_stage(100, 400, 500, init_scale = 0.1, final_scale = 0.05)"),
        ("fixed", "const"),
        ("fixed, warmup_updates: 100, lr_shrink: 0.5", "warmup(99, base / 100) >> const"),
        ("triangular, max_lr: 0.1, lr_period_updates: 60, lr_shrink: 1",
         "triangular(30, base, 0.1)"),
        ("triangular, max_lr: 0.1, lr_period_updates: 60, shrink_min: true",
         "repeat(linear(30, base, 0.1) >> linear(30, 0.1, base), decay = 0.1)"),
        ("step", "step(25000, 0.5)"),
        ("step, warmup_updates: 100, min_lr: 1e-5, lr_deacy_period: 50, lr_decay: 0.9",
         "warmup(100, 1e-5) >> max(step(50, 0.9), 1e-5)"),
    ],
)  # fmt: skip
def test_the_text(scheduler: str, expected: str, tmp_path: Path) -> None:
    assert program_text(found(tmp_path, scheduler)) == f"run total = 1000\n{expected}\n"


# What is easily got wrong.


def test_update_0_has_the_rate_that_the_warmup_starts_from(tmp_path: Path) -> None:
    outcome = found(tmp_path, "inverse_sqrt, warmup_updates: 4, warmup_init_lr: 0.002")
    schedule = lrdsl.parse(program_text(outcome)).resolve()
    assert [schedule(t, base=0.01) for t in (0, 1, 4, 16)] == pytest.approx(
        [0.002, 0.004, 0.01, 0.005]
    )


def test_the_warmup_of_fixed_counts_from_1(tmp_path: Path) -> None:
    schedule = lrdsl.parse(program_text(found(tmp_path, "fixed, warmup_updates: 4"))).resolve()
    assert [schedule(t) for t in range(5)] == pytest.approx([0.25, 0.5, 0.75, 1, 1])


def test_a_cosine_shrinks_at_both_ends(tmp_path: Path) -> None:
    outcome = found(tmp_path, "cosine, min_lr: 0.001, lr_period_updates: 10")
    schedule = lrdsl.parse(program_text(outcome)).resolve()
    assert [schedule(t, base=0.01) for t in (0, 5, 10, 15)] == pytest.approx(
        [0.01, 0.0055, 0.001, 0.00055]
    )


def test_the_first_of_two_rates_is_never_used(tmp_path: Path) -> None:
    outcome = found(tmp_path, "polynomial_decay", "max_update: 9, lr: [0.1, 0.01]")
    assert program_text(outcome) == "run total = 9\nlinear\n"
    assert notes(outcome) == [
        "the optimizer's learning rate is 0.01",
        "fairseq counts epochs from 1: it never uses the first of two rates",
    ]


def test_rates_of_epochs(tmp_path: Path) -> None:
    run = "max_update: 100, lr: [0.1, 0.02, 0.003]"
    outcome = found(tmp_path, "fixed", run, steps_per_epoch=20)
    assert program_text(outcome).endswith("stairs([1ep, 2ep], [0.1, 0.02, 0.003])\n")
    outcome = found(tmp_path, "fixed, force_anneal: 3, warmup_updates: 5")
    assert program_text(outcome).endswith(
        "(warmup(4st, 1 / 5, 1) >> const(value = 1)) * (\n"
        "  const(2ep, base) >> step(1ep, 0.1, start = base * 0.1)\n)\n"
    )


def test_a_command_of_another_system_is_not_found(tmp_path: Path) -> None:
    assert all_found(tmp_path, "train.sh", "python main.py --lr-scheduler cosine --lr 1e-3") == []


# What is refused.


@pytest.mark.parametrize(
    "scheduler, reason",
    [
        ("cosine, max_lr: 1", "1 field not understood: `lr_scheduler.max_lr`"),
        ("inverse_sqrt, warmup_updates: 0",
         "fairseq divides by the `warmup_updates` of `inverse_sqrt`"),
        ("pass_through",
         "the optimizer has the schedule of `pass_through`, and the source does not"),
        ("reduce_lr_on_plateau",
         "a metric drives `reduce_lr_on_plateau`: in lrdsl it is `reduce_on_plateau`"),
        ("manual", "`manual` is not translated"),
        ("mine", "`mine` is no schedule of fairseq"),
        ("polynomial_decay, force_anneal: 3",
         "`force_anneal` keeps a rate that the schedule had by chance"),
        ("tri_stage", "fairseq divides by the `decay_steps` of `tri_stage`"),
        ("tri_stage, phase_ratio: [0.1, 0.4, 0.4]",
         "fairseq raises for a `phase_ratio` whose sum is not 1"),
        ("triangular", "`lr_scheduler.max_lr` is missing"),
        ("triangular, max_lr: 0.001",
         "fairseq raises for a `max_lr` that is not above `lr`, or no period"),
        ("fixed, force_anneal: 0", "epochs are counted from 1, and `force_anneal` is 0"),
        ("cosine, lr_period_updates: 10, t_mult: 0.5",
         "cycles that become shorter come to an end, at which fairseq raises"),
    ],
)  # fmt: skip
def test_refusals(scheduler: str, reason: str, tmp_path: Path) -> None:
    outcome = found(tmp_path, scheduler)
    assert (outcome.refused, outcome.text) == (reason, "")


def test_rates_and_lengths_that_are_not_there_are_refused(tmp_path: Path) -> None:
    for scheduler, run, reason in (
        ("cosine", "max_update: 9", "`optimization.lr` is missing"),
        ("cosine", "max_update: 9, lr: [1, 2]",
         "fairseq raises for `cosine` with more than one rate"),
        ("polynomial_decay", "max_update: 9, lr: [1, 2, 3]",
         "a rate for each epoch is translated for `fixed` only"),
        ("cosine", "lr: [1]",
         "fairseq needs `max_update` or `lr_period_updates`: pass one of them"),
        ("polynomial_decay", "lr: [1]",
         "fairseq needs `max_update` or `total_num_update`: pass one of them"),
    ):  # fmt: skip
        assert found(tmp_path, scheduler, run).refused == reason


def test_cycles_that_fairseq_gets_wrong_are_refused(tmp_path: Path) -> None:
    """With cycles of 100, 1000 and 10,000 updates, update 11,100 is taken for the second's."""
    scheduler = "cosine, lr_period_updates: 100, t_mult: 10"
    assert found(tmp_path, scheduler, "max_update: 20000, lr: [1]").refused == (
        "fairseq finds a cycle by a rounded logarithm: it has the last value of the one before at"
        " the first update of a cycle, 11100"
    )


@pytest.mark.parametrize("source", ["a: 1", "lr_scheduler: cosine", "lr_scheduler: {name: x}"])
def test_nothing_is_found(source: str, tmp_path: Path) -> None:
    assert all_found(tmp_path, "config.yaml", source) == []


# Off by one.


def _is_short(entry: dict[str, Any]) -> bool:
    """True where all lengths end within the run: not with the defaults of 2500 and 25000."""
    (text,) = entry["files"].values()
    is_step = "tri_stage" not in text and "step" in text
    return ("deacy" in text or not is_step) and ("period" in text or "triangular" not in text)


@pytest.mark.parametrize("entry", [e for e in stored("fairseq") if _is_short(e)])
def test_a_text_that_is_wrong_by_one_gives_another_curve(
    entry: dict[str, Any], tmp_path: Path
) -> None:
    check_numbers(tmp_path, entry)


@pytest.mark.parametrize(
    "name, expected",
    [
        ("base_100h.yaml",
         "run total = 80000\ntri_stage(8000, 32000, 40000, final_scale = 0.05)\n"),
        ("iwslt14.sh", "warmup(4000) >> inverse_sqrt(4000)\n"),
    ],
)  # fmt: skip
def test_public_configs(name: str, expected: str) -> None:
    """Rebuilt from their facts.

    facebookresearch/fairseq: examples/wav2vec/config/finetuning/base_100h.yaml and
    examples/translation/README.md.
    """
    (outcome,) = outcomes(str(PUBLIC / name), PUBLIC)
    assert program_text(outcome) == expected
