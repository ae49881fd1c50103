"""mmcv 1.x: the texts for its policies and warm-ups, its traps, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrdsl.importers.imports import Outcome, outcomes
from tests.importers.sources import imported, program

EPOCHS = "runner = dict(type='EpochBasedRunner', max_epochs=12)\n"
ITERATIONS = "runner = dict(type='IterBasedRunner', max_iters=400)\n"
OPTIMIZER = "optimizer = dict(type='SGD', lr=0.02, momentum=0.9)\n"


def _of(folder: Path, policy: str, runner: str = EPOCHS) -> Outcome:
    return imported(folder, "c.py", f"{runner}{OPTIMIZER}lr_config = {policy}\n")


@pytest.mark.parametrize(
    ("policy", "text"),
    [
        ("policy='fixed'", "const"),
        ("policy='step', step=[8, 11]", "multistep([8ep, 11ep])"),
        ("policy='step', step=3", "step(3ep)"),
        ("policy='exp', gamma=0.9", "step(1ep, 0.9)"),
        ("policy='poly'", "every(1ep, linear)"),
        ("policy='inv', gamma=0.1", "every(1ep, inverse_time(0.1, every = 1ep))"),
        ("policy='CosineAnnealing', min_lr=0", "every(1ep, cosine)"),
        ("policy='LinearAnnealing', min_lr=0", "every(1ep, linear)"),
        ("policy='FlatCosineAnnealing', min_lr=0", "const(9ep) >> every(1ep, cosine)"),
        ("policy='CosineRestart', periods=[12], min_lr=0", "every(1ep, restarts(12ep))"),
        ("policy='OneCycle', max_lr=0.1", "onecycle(peak = 0.1)"),
        ("policy='step', step=[8], gamma=0.5, min_lr=1e-3, by_epoch=False",
         "max(multistep([8st], 0.5), 0.001)"),
        ("policy='exp', gamma=0.99, by_epoch=False", "exponential(0.99)"),
        ("policy='poly', power=0.9, min_lr=1e-4, by_epoch=False",
         "poly(end = 0.0001, power = 0.9)"),
        ("policy='inv', gamma=0.01, by_epoch=False", "inverse_time(0.01)"),
        ("policy='CosineAnnealing', min_lr_ratio=0.1, by_epoch=False",
         "cosine(end = base * 0.1)"),
        ("policy='CosineRestart', periods=[4, 8], restart_weights=[1, 0.5], min_lr=1e-3",
         "every(1ep, cosine(4ep, base, 0.001) >> cosine(8ep, base * 0.5 + 0.001 * 0.5, 0.001))"),
        ("policy='cyclic', step_ratio_up=0.5",
         "cosine(6ep, base, base * 10) >> cosine(6ep, base * 10, base * 0.0001)"),
        ("policy='cyclic', target_ratio=(6, 1e-3), cyclic_times=3, step_ratio_up=0.25,"
         " anneal_strategy='linear'",
         "repeat(linear(1ep, base, base * 6) >> linear(3ep, base * 6, base * 0.001))"),
    ],
)  # fmt: skip
def test_the_text_for_a_policy(tmp_path: Path, policy: str, text: str) -> None:
    run, *lines = program(_of(tmp_path, f"dict({policy})"))
    assert run == "run total = 12ep"
    assert " ".join(" ".join(lines).split()) == text


@pytest.mark.parametrize(
    ("warmup", "text"),
    [
        ("warmup='linear', warmup_iters=500, warmup_ratio=0.001",
         "(warmup(500st, 0.001, 1) >> const) * multistep([8ep, 11ep])"),
        ("warmup='exp', warmup_iters=500", "(geometric(500st, 0.1, 1) >> const)"
         " * multistep([8ep, 11ep])"),
        ("warmup='constant', warmup_iters=2, warmup_ratio=0.5, warmup_by_epoch=True",
         "(const(2ep, 0.5) >> const(value = 1)) * multistep([8ep, 11ep])"),
        # Without `warmup` its settings have no effect.
        ("warmup_iters=500, warmup_ratio=0.001", "multistep([8ep, 11ep])"),
    ],
)  # fmt: skip
def test_a_warm_up_multiplies_the_policy(tmp_path: Path, warmup: str, text: str) -> None:
    policy = f"dict(policy='step', step=[8, 11], {warmup})"
    assert program(_of(tmp_path, policy)) == ["run total = 12ep", text]


@pytest.mark.parametrize(
    ("warmup", "text"),
    [
        ("linear", "warmup(5, base * 0.1) >> const"),
        ("exp", "geometric(5, base * 0.1, base) >> const"),
        ("constant", "const(5, base * 0.1) >> const(value = base)"),
    ],
)
def test_a_warm_up_to_a_constant(tmp_path: Path, warmup: str, text: str) -> None:
    policy = f"dict(policy='fixed', by_epoch=False, warmup='{warmup}', warmup_iters=5)"
    assert program(_of(tmp_path, policy, ITERATIONS)) == ["run total = 400", text]


def test_how_old_configs_say_the_length_of_the_run(tmp_path: Path) -> None:
    policy = "dict(policy='poly', by_epoch=False)"
    assert program(_of(tmp_path, policy, "total_epochs = 3\n"))[0] == "run total = 3ep"
    assert program(_of(tmp_path, policy, "total_iters = 300\n"))[0] == "run total = 300"


def test_what_is_beside_the_schedule_is_noted(tmp_path: Path) -> None:
    runner = (
        f"{EPOCHS}momentum_config = dict(policy='cyclic')\n"
        "optimizer_config = dict(type='GradientCumulativeOptimizerHook', cumulative_iters=8)\n"
    )
    text = _of(tmp_path, "dict(policy='fixed')", runner).text
    assert "# the momentum has a schedule too (`momentum_config`), not translated\n" in text
    assert "# a step is an iteration: the optimizer makes an update every 8 of them\n" in text


@pytest.mark.parametrize(
    ("policy", "runner", "reason"),
    [
        ("dict(policy='step', step=[8])", ITERATIONS,
         "it counts epochs (`by_epoch`), and an IterBasedRunner has none"),
        ("dict(policy='fixed', by_epoch=False, warmup='linear', warmup_iters=1,"
         " warmup_by_epoch=True)", ITERATIONS,
         "it counts epochs (`by_epoch`), and an IterBasedRunner has none"),
        ("dict(policy='cosineannealing', min_lr=0)", EPOCHS,
         "mmcv has no policy `cosineannealing`"),
        ("dict(policy='CosineAnnealing')", EPOCHS, "it needs either `min_lr` or `min_lr_ratio`"),
        ("dict(policy='CosineAnnealing', min_lr=0, min_lr_ratio=0)", EPOCHS,
         "it needs either `min_lr` or `min_lr_ratio`"),
        ("dict(policy='cyclic', by_epoch=True)", EPOCHS,
         "mmcv has `Cyclic` in iterations only, and `by_epoch` is true"),
        ("dict(policy='cyclic')", EPOCHS,
         "a cycle and its way up are cut to whole updates: pass --steps-per-epoch"),
        ("dict(policy='FlatCosineAnnealing', min_lr=0, by_epoch=False)", EPOCHS,
         "the cosine begins at a share of the run, rounded to whole updates: pass"
         " --steps-per-epoch"),
        ("dict(policy='CosineRestart', periods=[4], min_lr=0)", EPOCHS,
         "mmcv raises at the end of `periods`, which is before that of the run"),
        ("dict(policy='CosineRestart', periods=[6, 6], min_lr=0)", EPOCHS,
         "`periods` and `restart_weights` are not equally many"),
        ("dict(policy='fixed', warmup='cosine', warmup_iters=3)", EPOCHS,
         "mmcv knows no `warmup` cosine"),
        ("dict(policy='fixed', warmup='linear')", EPOCHS,
         "`warmup_iters` is not above 0, or `warmup_ratio` not in (0, 1]"),
        ("dict(policy='step', step=[11, 8])", EPOCHS,
         "the numbers of `step` are not in ascending order, or not above 0"),
        ("dict(policy='step', step=[8], warmup_steps=3)", EPOCHS,
         "1 field not understood: `warmup_steps`"),
        ("dict(policy='OneCycle', max_lr=[0.1, 0.2])", EPOCHS,
         "a `max_lr` for each group is not translated"),
        ("dict(step=[8])", EPOCHS, "`policy` is missing"),
        ("dict(policy='fixed')", "runner = dict(type='MyRunner', max_epochs=3)\n",
         "mmcv has no runner `MyRunner`: how it steps is not known"),
        ("dict(policy='fixed')", "",
         "neither `runner` nor `total_epochs` says how long the run is"),
        ("dict(policy='fixed')", "runner = dict(max_epochs=args.epochs)\n",
         "the length of the run, epochs, is not a number"),
        ("make()\nlr_config.update(policy='step')", EPOCHS,
         "`lr_config` is made or changed by code, which is not run"),
    ],
)  # fmt: skip
def test_refusals(tmp_path: Path, policy: str, runner: str, reason: str) -> None:
    assert _of(tmp_path, policy, runner).refused == reason


def test_nothing_found(tmp_path: Path) -> None:
    (tmp_path / "c.py").write_text("model = dict(type='FasterRCNN')\n", encoding="utf-8")
    assert outcomes(str(tmp_path / "c.py"), tmp_path) == []


class TestPublicConfigs:
    """Rebuilt from their values."""

    def test_faster_rcnn(self, tmp_path: Path) -> None:
        """open-mmlab/mmdetection 2.x, configs/_base_/schedules/schedule_2x.py, in a 1x model."""
        (tmp_path / "schedule.py").write_text(
            "optimizer = dict(type='SGD', lr=0.02, momentum=0.9, weight_decay=0.0001)\n"
            "optimizer_config = dict(grad_clip=None)\n"
            "lr_config = dict(policy='step', warmup='linear', warmup_iters=500,\n"
            " warmup_ratio=0.001, step=[16, 22])\n"
            "runner = dict(type='EpochBasedRunner', max_epochs=24)\n",
            encoding="utf-8",
        )
        config = (
            "_base_ = ['schedule.py']\nlr_config = dict(step=[8, 11])\n"
            "runner = dict(max_epochs=12)\n"
        )
        assert program(imported(tmp_path, "c.py", config)) == [
            "run total = 12ep",
            "(warmup(500st, 0.001, 1) >> const) * multistep([8ep, 11ep])",
        ]

    def test_segformer(self, tmp_path: Path) -> None:
        """open-mmlab/mmsegmentation 0.x, configs/segformer: the warm-up replaces the file's."""
        (tmp_path / "schedule_160k.py").write_text(
            "optimizer = dict(type='SGD', lr=0.01)\n"
            "lr_config = dict(policy='poly', power=0.9, min_lr=1e-4, by_epoch=False)\n"
            "runner = dict(type='IterBasedRunner', max_iters=16000)\n",
            encoding="utf-8",
        )
        config = (
            "_base_ = './schedule_160k.py'\n"
            "optimizer = dict(_delete_=True, type='AdamW', lr=0.00006, betas=(0.9, 0.999))\n"
            "lr_config = dict(_delete_=True, policy='poly', warmup='linear', warmup_iters=1500,\n"
            " warmup_ratio=1e-6, power=1.0, min_lr=0.0, by_epoch=False)\n"
        )
        outcome = imported(tmp_path, "c.py", config)
        assert program(outcome) == [
            "run total = 16000",
            "(warmup(1500, 1e-6, 1) >> const) * linear",
        ]
        assert "# the optimizer's learning rate is 6e-5\n" in outcome.text
