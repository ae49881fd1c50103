"""detectron2: the texts for its schedulers, fvcore's rounding, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

import lrdsl
from lrdsl.importers import documents
from lrdsl.importers.detectron2 import IMPORTER
from lrdsl.importers.imports import Outcome, outcomes
from lrdsl.importers.trial import Trial
from tests.importers.sources import imported, program


def _of(folder: Path, **settings: object) -> Outcome:
    lines = "".join(f"  {name}: {value}\n" for name, value in settings.items())
    return imported(folder, "c.yaml", f"SOLVER:\n  IMS_PER_BATCH: 16\n{lines}")


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({}, "warmup(1000, base * 0.001) >> skip(1000, multistep([30000], start = base))"),
        ({"LR_SCHEDULER_NAME": "WarmupCosineLR"},
         "warmup(1000, base * 0.001) >> skip(1000, cosine(start = base))"),
        ({"LR_SCHEDULER_NAME": "WarmupStepWithFixedGammaLR"},
         "warmup(1000, base * 0.001) >> skip(1000, multistep([10000, 20000, 30000], start ="
         " base))"),
    ],
)  # fmt: skip
def test_the_text_at_defaults(tmp_path: Path, settings: dict[str, str], text: str) -> None:
    """Once the warm-up is over the schedule is where it would be without one."""
    assert program(_of(tmp_path, **settings)) == ["run total = 40000", text]


SHORT = {"MAX_ITER": 90, "STEPS": "(60, 80)", "WARMUP_ITERS": 10}


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"WARMUP_ITERS": 0}, "multistep([60, 80])"),
        ({"GAMMA": 0.5, "WARMUP_FACTOR": 0.25},
         "warmup(10, base * 0.25) >> skip(10, multistep([60, 80], 0.5, start = base))"),
        ({"WARMUP_METHOD": "constant"},
         "const(10, base * 0.001) >> skip(10, multistep([60, 80], start = base))"),
        # Squeezed into the 80 updates after the warm-up: 60/90 and 80/90 of them, rounded up.
        ({"RESCALE_INTERVAL": "true"}, "warmup(10, base * 0.001) >> multistep([54, 72])"),
        ({"STEPS": "()"}, "warmup(10, base * 0.001) >> const"),
        ({"STEPS": "[60, 200]"},
         "warmup(10, base * 0.001) >> skip(10, multistep([60], start = base))"),
        # All milestones are in the warm-up.
        ({"WARMUP_ITERS": 85},
         "warmup(85, base * 0.001) >> const(value = base * 0.010000000000000002)"),
        # A warm-up as long as the run, or longer: it aims at the last value.
        ({"WARMUP_ITERS": 500}, "linear(90, base * 0.001, base * 0.010000000000000002)"),
        ({"LR_SCHEDULER_NAME": "WarmupCosineLR", "BASE_LR": 0.02, "BASE_LR_END": "1e-4"},
         "warmup(10, base * 0.001)"
         " >> skip(10, cosine(start = base, end = base * 0.0001 / 0.02))"),
        ({"LR_SCHEDULER_NAME": "WarmupCosineLR", "RESCALE_INTERVAL": "true"},
         "warmup(10, base * 0.001) >> cosine"),
    ],
)  # fmt: skip
def test_the_text_away_from_defaults(
    tmp_path: Path, settings: dict[str, object], text: str
) -> None:
    assert program(_of(tmp_path, **SHORT | settings)) == ["run total = 90", text]


def test_a_warm_up_over_a_milestone_aims_at_the_lower_rate(tmp_path: Path) -> None:
    """At update 69 of a warm-up of 70 over a milestone at 60: 0.001 + 0.099 * 69 / 70."""
    outcome = _of(tmp_path, **SHORT | {"WARMUP_ITERS": 70})
    assert program(outcome)[1] == (
        "warmup(70, base * 0.001) >> skip(70, multistep([80], start = base * 0.1))"
    )
    schedule = lrdsl.parse(outcome.text).resolve()
    assert schedule(69, base=1.0) == pytest.approx(0.001 + 0.099 * 69 / 70, rel=1e-12)
    assert schedule(70, base=1.0) == pytest.approx(0.1, rel=1e-12)


def test_a_run_so_long_that_fvcore_is_ahead_by_an_update(tmp_path: Path) -> None:
    """1e-6 of 1,440,000 updates is more than one: all its boundaries come one update early."""
    path = tmp_path / "config.yaml"
    path.write_text("SOLVER:\n  MAX_ITER: 1440000\n  STEPS: (1280000, 1386666)\n")
    (setting,) = IMPORTER.find(documents.read(str(path), tmp_path, Trial()))
    assert IMPORTER.translate(setting).text == (
        "until(999, linear(1000, base * 0.001, base))"
        " >> skip(999, multistep([1279999, 1386665], start = base))"
    )


def test_workers_are_noted(tmp_path: Path) -> None:
    text = " ".join(_of(tmp_path, **SHORT | {"REFERENCE_WORLD_SIZE": 8}).text.split())
    assert "with another number of workers than 8, `REFERENCE_WORLD_SIZE`, detectron2" in text


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"LR_SCHEDULER_NAME": "WarmupPolyLR"}, "detectron2 has no scheduler `WarmupPolyLR`"),
        ({"WARMUP_METHOD": "exp"}, "detectron2 knows no `WARMUP_METHOD` exp"),
        ({"STEPS": "(90,)"},
         "detectron2 raises: `STEPS` do not ascend from 1 to below `MAX_ITER`"),
        ({"STEPS": "(80, 60)"},
         "detectron2 raises: `STEPS` do not ascend from 1 to below `MAX_ITER`"),
        ({"STEPS": "60 and 80"}, "`SOLVER.STEPS` is `60 and 80`, which is no list"),
        ({"LR_SCHEDULER_NAME": "WarmupCosineLR", "BASE_LR_END": 1},
         "detectron2 raises: `BASE_LR_END` is not between 0 and `BASE_LR`"),
        ({"POLY_LR_POWER": 0.9}, "1 field not understood: `SOLVER.POLY_LR_POWER`"),
        ({"WARMUP_FACTOR": "1.0 / 1000"},
         "`SOLVER.WARMUP_FACTOR` is `1.0 / 1000`, which is no number"),
    ],
)  # fmt: skip
def test_refusals(tmp_path: Path, settings: dict[str, object], reason: str) -> None:
    assert _of(tmp_path, **SHORT | settings).refused == reason


def test_nothing_found(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("MODEL:\n  MASK_ON: true\n", encoding="utf-8")
    assert outcomes(str(tmp_path / "c.yaml"), tmp_path) == []


@pytest.mark.parametrize(
    ("own", "text"),
    [
        # configs/COCO-Detection/faster_rcnn_R_50_FPN_3x.yaml
        ("SOLVER:\n  STEPS: (210000, 250000)\n  MAX_ITER: 270000\n",
         ["run total = 270000",
          "warmup(1000, base * 0.001) >> skip(1000, multistep([210000, 250000], start = base))"]),
        # configs/COCO-Detection/faster_rcnn_R_50_FPN_1x.yaml
        ("MODEL:\n  MASK_ON: False\n",
         ["run total = 90000",
          "warmup(1000, base * 0.001) >> skip(1000, multistep([60000, 80000], start = base))"]),
    ],
)  # fmt: skip
def test_public_configs(tmp_path: Path, own: str, text: list[str]) -> None:
    """facebookresearch/detectron2, over the values of configs/Base-RCNN-FPN.yaml."""
    (tmp_path / "Base-RCNN-FPN.yaml").write_text(
        "SOLVER:\n  IMS_PER_BATCH: 16\n  BASE_LR: 0.02\n  STEPS: (60000, 80000)\n"
        "  MAX_ITER: 90000\nVERSION: 2\n",
        encoding="utf-8",
    )
    folder = tmp_path / "COCO-Detection"
    folder.mkdir()
    path = folder / "c.yaml"
    path.write_text(f'_BASE_: "../Base-RCNN-FPN.yaml"\n{own}', encoding="utf-8")
    (outcome,) = outcomes(str(path), tmp_path)
    assert program(outcome) == text
    assert "# the optimizer's learning rate is 0.02\n" in outcome.text
