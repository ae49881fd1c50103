"""torchtitan: the texts for its settings, their traps, and what is refused."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import lrdsl
from lrdsl.importers.imports import outcomes
from tests.importers.sources import imported, program


def _toml(scheduler: str, steps: int = 100) -> str:
    return f"[optimizer]\nlr = 3e-4\n\n[lr_scheduler]\n{scheduler}\n\n[training]\nsteps = {steps}\n"


@pytest.mark.parametrize(
    ("scheduler", "text"),
    [
        # Its defaults: 200 updates of warm-up, then a straight line to 0 at the end.
        ("", ["warmup(99, base / 100) >> const"]),
        ("warmup_steps = 10", ["warmup(9, base / 10) >> const(1) >> linear(90)"]),
        ("warmup_steps = 1", ["const(1) >> linear(99)"]),
        ("warmup_steps = 0", ["linear(100)"]),
        ("warmup_steps = 0\ndecay_ratio = 0.5", ["const(50) >> linear(50)"]),
        (
            "warmup_steps = 10\ndecay_ratio = 0.3\ndecay_type = 'cosine'\nmin_lr_factor = 0.1",
            ["warmup(9, base / 10) >> const(61) >> cosine(30, end = base * 0.1)"],
        ),
        (
            "warmup_steps = 10\ndecay_type = 'sqrt'\nlr_min = 0.2",
            [
                "warmup(9, base / 10)",
                "  >> const(1)",
                "  >> cooldown(90, end = base * 0.2, ease = one_minus_sqrt)",
            ],
        ),
        # It warns that they do not fit, and takes what is left.
        ("warmup_steps = 90\ndecay_ratio = 0.3",
         ["warmup(89, base / 90) >> const(1) >> linear(10)"]),
        # Python's round: half of 5 is 2.
        ("warmup_steps = 10\ndecay_ratio = 0.025\n",
         ["warmup(9, base / 10) >> const(89) >> linear(2)"]),
    ],
)  # fmt: skip
def test_the_text_for_a_table(tmp_path: Path, scheduler: str, text: list[str]) -> None:
    outcome = imported(tmp_path, "train.toml", _toml(scheduler))
    assert program(outcome) == ["run total = 100", *text]
    assert "# the optimizer's learning rate is 0.0003" in outcome.text


def test_the_first_update_has_a_share_of_the_warm_up_and_the_last_one_is_not_0(
    tmp_path: Path,
) -> None:
    """By hand: (t + 1) / W up, and (t + 1 - W - S) / D down, with S = T + 1 - W - D = 1."""
    outcome = imported(tmp_path, "train.toml", _toml("warmup_steps = 4", steps=8))
    schedule = lrdsl.parse(outcome.text).resolve()
    rates = [0.25, 0.5, 0.75, 1.0, 1.0, 0.75, 0.5, 0.25]
    assert [schedule(t, base=1.0) for t in range(8)] == pytest.approx(rates)


@pytest.mark.parametrize("version", ["0.1.0", "0.2.0", "0.2.2", "0.3.0"])
def test_every_version_is_proven_by_its_formula(tmp_path: Path, version: str) -> None:
    text = _toml("warmup_steps = 10")
    outcome = imported(tmp_path, "train.toml", text, version=f"torchtitan=={version}")
    assert outcome and str(outcome.proof.witness) == f"the formula of torchtitan {version}"  # type: ignore[union-attr]


def test_a_field_tells_the_version(tmp_path: Path) -> None:
    outcome = imported(tmp_path, "train.toml", _toml("lr_min = 0.1\nwarmup_steps = 5"))
    assert str(outcome.proof.witness) == "the formula of torchtitan 0.1.0"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("scheduler", "version", "reason"),
    [
        ("lr_min = 0.1", "0.2.0", "torchtitan 0.2.0 has no `lr_min`"),
        ("min_lr_factor = 0.1", "0.1.0", "torchtitan 0.1.0 has no `min_lr_factor`"),
        ("total_steps = 200", "0.2.0", "torchtitan 0.2.0 has no `total_steps`"),
        ("lr_min = 0.1\nmin_lr_factor = 0.1", "",
         "no version of torchtitan has both `lr_min` and `min_lr_factor`"),
        ("decay_type = 'exp'", "", "torchtitan has no decay `exp`"),
        ("total_steps = 50", "",
         "the schedule is over after 50 updates of 100: what torchtitan does then goes on beyond"
         " its end"),
        ("warmup = 5\nwarmup_steps = 5", "", "1 field not understood: `lr_scheduler.warmup`"),
        ("decay_ratio = 'half'", "",
         "`lr_scheduler.decay_ratio` is `half`, which is no number"),
    ],
)  # fmt: skip
def test_what_is_refused(tmp_path: Path, scheduler: str, version: str, reason: str) -> None:
    said = f"torchtitan=={version}" if version else ""
    assert imported(tmp_path, "train.toml", _toml(scheduler), version=said).refused == reason


def test_a_schedule_that_is_longer_than_the_run(tmp_path: Path) -> None:
    outcome = imported(tmp_path, "train.toml", _toml("warmup_steps = 10\ntotal_steps = 250"))
    assert program(outcome) == [
        "run total = 100", "warmup(9, base / 10) >> const(1) >> linear(240)",
    ]  # fmt: skip


CONFIG = "from torchtitan.components.optimizer import LRSchedulersContainer\n"


def test_a_config_beside_its_run(tmp_path: Path) -> None:
    text = CONFIG + (
        "def debug():\n"
        "    return Trainer.Config(\n"
        "        optimizer=default_adamw(lr=8e-4),\n"
        "        lr_scheduler=LRSchedulersContainer.Config(warmup_steps=2, decay_ratio=0.8,\n"
        "            decay_type='linear', min_lr_factor=0.0),\n"
        "        training=TrainingConfig(local_batch_size=8, steps=10),\n"
        "    )\n"
    )
    outcome = imported(tmp_path, "config_registry.py", text)
    assert program(outcome) == ["run total = 10", "warmup(1, base / 2) >> const(1) >> linear(8)"]


def test_a_config_alone_has_no_length(tmp_path: Path) -> None:
    text = f"{CONFIG}config.lr_scheduler = LRSchedulersContainer.Config(warmup_steps=20)\n"
    outcome = imported(tmp_path, "config_registry.py", text)
    assert program(outcome) == ["warmup(19st, base / 20) >> const(1st) >> linear(100% - 20)"]
    assert "# the source does not say how long the run is: pass `total`" in outcome.text
    given = imported(tmp_path, "config_registry.py", text, total=100)
    assert program(given) == [
        "run total = 100", "warmup(19, base / 20) >> const(1) >> linear(80)",
    ]  # fmt: skip


def test_a_share_of_a_run_without_length_is_refused(tmp_path: Path) -> None:
    text = f"{CONFIG}LRSchedulersContainer.Config(warmup_steps=20, decay_ratio=0.1)\n"
    assert imported(tmp_path, "config_registry.py", text).refused == (
        "the decay is a share of the run, rounded to whole updates, and how many the run has is"
        " not said: pass --total"
    )


def test_a_name_of_the_script_is_a_param(tmp_path: Path) -> None:
    text = f"{CONFIG}LRSchedulersContainer.Config(warmup_steps=args.warmup_steps)\n"
    outcome = imported(tmp_path, "config_registry.py", text)
    assert program(outcome) == [
        "param warmup_steps = 10",
        "warmup(warmup_steps - 1, base / warmup_steps)",
        "  >> const(1st)",
        "  >> linear(100% - warmup_steps)",
    ]


def test_other_tables_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("[lr_scheduler]\nname = 'step'\n[training]\nepochs = 3\n")
    assert outcomes(str(tmp_path / "a.toml"), tmp_path) == []


# Settings that are published, with the file of pytorch/torchtitan that has them.
PUBLISHED = [
    # torchtitan/models/llama3/train_configs/llama3_8b.toml
    ("[optimizer]\nname = 'AdamW'\nlr = 3e-4\neps = 1e-8\n[lr_scheduler]\nwarmup_steps = 200\n"
     "[training]\nseq_len = 8192\nmax_norm = 1.0\nsteps = 1000\n",
     "warmup(199, base / 200) >> const(1) >> linear(800)", 1000),
    # torchtitan/experiments/torchft/llama3/config_registry.py, as TOML
    ("[optimizer]\nlr = 8e-4\n[lr_scheduler]\nwarmup_steps = 2\ndecay_ratio = 0.8\n"
     "decay_type = 'linear'\nmin_lr_factor = 0.0\n[training]\nlocal_batch_size = 8\nsteps = 100\n",
     "warmup(1, base / 2) >> const(19) >> linear(80)", 100),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said", "steps"), PUBLISHED)
def test_published_settings(tmp_path: Path, text: str, said: str, steps: int) -> None:
    outcome = imported(tmp_path, "train.toml", text)
    assert program(outcome) == [f"run total = {steps}", said]
    schedule = lrdsl.parse(outcome.text).resolve()
    assert math.isclose(schedule(0, base=1.0), 1 / int(said.split("/ ")[1].split(")")[0]))
