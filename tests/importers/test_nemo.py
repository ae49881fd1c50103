"""NeMo's configs: what is read, what is refused, and what is easily got wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import lrdsl
from lrdsl.importers.imports import Outcome, outcomes
from tests.importers.sources import check_numbers, notes, program_text, stored
from tests.importers.sources import found as all_found

PUBLIC = Path(__file__).parent / "public" / "nemo"


def found(folder: Path, sched: str, trainer: str = "max_steps: 100", **given: int) -> Outcome:
    text = f"trainer: {{{trainer}}}\noptim:\n  lr: 0.01\n  sched: {{{sched}}}\n"
    (outcome,) = all_found(folder, "config.yaml", text, given)
    return outcome


@pytest.mark.parametrize(
    "sched, expected",
    [
        ("name: CosineAnnealing", "cosine"),
        ("name: CosineAnnealing, warmup_steps: 10, min_lr: 1e-4, max_steps: 100, last_epoch: -1",
         "warmup(10, base / 11) >> cosine(end = 0.0001)"),
        ("name: CosineAnnealing, warmup_steps: 10, constant_steps: 20, min_lr: 1e-4",
         "warmup(10) >> cosine(70, end = 0.0001) >> const"),
        ("name: WarmupAnnealing, warmup_ratio: 0.1", "warmup(10, base / 11) >> linear"),
        ("name: WarmupPolicy, warmup_steps: 10", "warmup(10, base / 11) >> const"),
        ("name: WarmupHoldPolicy, warmup_steps: 10, hold_steps: 5",
         "warmup(10, base / 11) >> const"),
        ("name: SquareAnnealing", "max(poly(power = 2), 1e-5)"),
        ("name: SquareRootAnnealing, warmup_steps: 10",
         "warmup(10, base / 11, base) >> const(1) >> skip(11, poly(start = base, power = 0.5))"),
        ("name: PolynomialDecayAnnealing, warmup_steps: 10, power: 2, min_lr: 1e-4",
         "warmup(10, base / 11) >> poly(end = 0.0001, power = 2)"),
        ("name: PolynomialHoldDecayAnnealing, warmup_steps: 10, hold_steps: 5, cycle: true",
         "warmup(10, base / 11) >> const(5) >> linear"),
        ("name: InverseSquareRootAnnealing, warmup_steps: 10",
         "warmup(10, base / 11) >> inverse_sqrt(11)"),
        ("name: NoamAnnealing, d_model: 512, warmup_steps: 10",
         "const(1, next) >> noam(10, d_model = 512, factor = base)"),
        ("name: NoamHoldAnnealing, warmup_steps: 10, hold_ratio: 0.25, decay_rate: 1.0",
         "warmup(10, base / 11) >> const(25) >> power_law(10, -1)"),
        ("name: T5InverseSquareRootAnnealing, constant_steps: 10",
         "const(10, 1 / sqrt(10)) >> inverse_sqrt(10)"),
        ("name: CosineAnnealing, args: {name: auto, params: {warmup_steps: 10}}",
         "warmup(10, base / 11) >> cosine"),
    ],
)  # fmt: skip
def test_the_text(sched: str, expected: str, tmp_path: Path) -> None:
    assert program_text(found(tmp_path, sched)) == f"run total = 100\n{expected}\n"


# What is easily got wrong.


def test_a_warmup_counts_from_one_to_one_more_than_its_length(tmp_path: Path) -> None:
    schedule = lrdsl.parse(
        program_text(found(tmp_path, "name: WarmupPolicy, warmup_steps: 4"))
    ).resolve()
    assert [schedule(t) for t in range(6)] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1, 1])


def test_constant_steps_change_the_warmup_and_the_groups(tmp_path: Path) -> None:
    outcome = found(tmp_path, "name: CosineAnnealing, warmup_steps: 4, constant_steps: 6")
    schedule = lrdsl.parse(program_text(outcome)).resolve()
    assert [schedule(t) for t in (0, 1, 4, 49, 94, 99)] == pytest.approx([0, 0.25, 1, 0.5, 0, 0])
    assert notes(outcome)[-1] == "NeMo gives every group the rate of the first"


def test_a_decay_of_square_roots_began_with_the_run(tmp_path: Path) -> None:
    text = program_text(found(tmp_path, "name: SquareRootAnnealing, warmup_steps: 35"))
    assert lrdsl.parse(text).resolve()(36) == pytest.approx(0.8)


def test_the_first_two_updates_of_noam_are_the_same(tmp_path: Path) -> None:
    text = program_text(found(tmp_path, "name: NoamAnnealing, d_model: 4, warmup_steps: 16"))
    schedule = lrdsl.parse(text).resolve()
    assert [schedule(t) for t in (0, 1, 2, 16)] == pytest.approx([1 / 128, 1 / 128, 1 / 64, 1 / 8])


def test_t5_takes_no_notice_of_the_rate(tmp_path: Path) -> None:
    text = program_text(found(tmp_path, "name: T5InverseSquareRootAnnealing, constant_steps: 16"))
    schedule = lrdsl.parse(text).resolve()
    assert [schedule(t, base=b) for t in (0, 64) for b in (1, 9)] == pytest.approx(
        [0.25, 0.25, 0.125, 0.125]
    )


def test_the_trainers_updates_win(tmp_path: Path) -> None:
    outcome = found(tmp_path, "name: CosineAnnealing, max_steps: 70", "max_steps: 50")
    assert program_text(outcome) == "run total = 50\ncosine\n"
    outcome = found(tmp_path, "name: CosineAnnealing, max_steps: 70", "max_steps: -1")
    assert program_text(outcome) == "run total = 70\ncosine\n"
    outcome = found(tmp_path, "name: CosineAnnealing", "max_epochs: 5")
    assert program_text(outcome) == "run total = 5ep\ncosine\n"


# What is refused.


@pytest.mark.parametrize(
    "sched, reason",
    [
        ("name: CosineAnnealing, iters_per_batch: 3",
         "1 field not understood: `optim.sched.iters_per_batch`"),
        ("name: WarmupPolicy, constant_steps: 3",
         "1 field not understood: `optim.sched.constant_steps`"),
        ("name: StepLR, step_size: 3", "`StepLR` is a scheduler of torch: it is not translated"),
        ("name: Mine", "`Mine` is no schedule of NeMo"),
        ("name: WarmupPolicy, warmup_steps: 3, warmup_ratio: 0.1",
         "NeMo raises for both `warmup_steps` and `warmup_ratio`"),
        ("name: NoamAnnealing", "`optim.sched.d_model` is missing"),
        ("name: NoamHoldAnnealing", "NeMo raises for a `NoamHoldAnnealing` without a warm-up"),
        ("name: T5InverseSquareRootAnnealing",
         "NeMo divides by the `constant_steps` of a `T5InverseSquareRootAnnealing`"),
        ("name: T5InverseSquareRootAnnealing, constant_ratio: 0.1",
         "NeMo raises for a `constant_ratio` here: it needs `constant_steps`"),
        ("name: PolynomialHoldDecayAnnealing, warmup_steps: 3, cycle: true",
         "a `cycle` without a hold begins anew before the run ends"),
        ("name: WarmupPolicy, last_epoch: 3", "`last_epoch` starts it in its middle"),
    ],
)  # fmt: skip
def test_refusals(sched: str, reason: str, tmp_path: Path) -> None:
    outcome = found(tmp_path, sched)
    assert (outcome.refused, outcome.text) == (reason, "")


def test_a_share_of_a_run_of_unknown_length_is_refused(tmp_path: Path) -> None:
    sched = "name: CosineAnnealing, warmup_ratio: 0.1"
    assert found(tmp_path, sched, "max_epochs: 5").refused == (
        "`warmup_ratio` is of the run, rounded down to whole updates, and the source does not tell"
        " how many the run has: pass --total"
    )
    text = program_text(found(tmp_path, sched, "max_epochs: 5", total=59))
    assert text == "run total = 59\nwarmup(5, base / 6) >> cosine\n"


@pytest.mark.parametrize("source", ["a: 1", "sched: 3", "optim: {sched: {}}"])
def test_nothing_is_found(source: str, tmp_path: Path) -> None:
    assert all_found(tmp_path, "config.yaml", source) == []


# Off by one.


# Below its lowest rate the length of a noam is not seen.
@pytest.mark.parametrize(
    "entry", [e for e in stored("nemo") if "Noam" not in e["files"]["config.yaml"]]
)
def test_a_text_that_is_wrong_by_one_gives_another_curve(
    entry: dict[str, Any], tmp_path: Path
) -> None:
    check_numbers(tmp_path, entry)


@pytest.mark.parametrize(
    "name, expected",
    [
        (
            "megatron_gpt_config",
            "run total = 100000\nwarmup(500) >> cosine(49500, end = 2e-5) >> const\n",
        ),
        (
            "conformer_ctc_bpe",
            "run total = 1000ep\n"
            "const(1st, next)\n"
            "  >> until(10000st, noam(10000st, d_model = 512, factor = base))\n"
            "  >> max(skip(10000st, noam(10000st, d_model = 512, factor = base)), 1e-6)\n",
        ),
    ],
)
def test_public_configs(name: str, expected: str) -> None:
    """Rebuilt from their facts.

    NVIDIA/NeMo: examples/nlp/language_modeling/conf/megatron_gpt_config.yaml;
    examples/asr/conf/conformer/conformer_ctc_bpe.yaml.
    """
    (outcome,) = outcomes(str(PUBLIC / f"{name}.yaml"), PUBLIC)
    assert program_text(outcome) == expected
