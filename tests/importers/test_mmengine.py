"""mmengine: the texts for its schedulers, how configs are put together, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

import lrdsl
from lrdsl.importers.imports import Outcome, outcomes
from tests.importers.sources import imported, program

EPOCHS = "train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=12, val_interval=1)\n"
UPDATES = "train_cfg = dict(type='IterBasedTrainLoop', max_iters=400)\n"
OPTIMIZER = "optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.02, momentum=0.9))\n"


def _of(folder: Path, schedulers: str, loop: str = EPOCHS) -> Outcome:
    return imported(folder, "c.py", f"{loop}{OPTIMIZER}param_scheduler = {schedulers}\n")


@pytest.mark.parametrize(
    ("scheduler", "text"),
    [
        ("LinearLR", "every(1ep, warmup(11ep, base / 3)) >> const"),
        ("ConstantLR", "const(11ep, base / 3) >> const(value = base)"),
        ("StepLR', step_size=4, s='", "step(4ep)"),
        ("MultiStepLR', milestones=[8, 11], s='", "multistep([8ep, 11ep])"),
        ("ExponentialLR', gamma=0.9, s='", "step(1ep, 0.9)"),
        ("CosineAnnealingLR", "every(1ep, cosine(12ep))"),
        ("PolyLR", "every(1ep, linear(11ep)) >> const"),
        ("CosineRestartLR', periods=[12], eta_min=0, s='", "every(1ep, cosine(12ep, base, 0))"),
    ],
)
def test_the_text_at_defaults(tmp_path: Path, scheduler: str, text: str) -> None:
    """By default a scheduler is stepped once an epoch, to the end of the run."""
    settings = f"dict(type='{scheduler}')".replace(", s='')", ")")
    assert program(_of(tmp_path, settings)) == ["run total = 12ep", text]


@pytest.mark.parametrize(
    ("scheduler", "text"),
    [
        ("dict(type='LinearLR', start_factor=0.1, end_factor=0.8, by_epoch=False, begin=5, end=31)",
         "const(5st) >> linear(25st, base * 0.1, base * 0.8) >> const"),
        ("dict(type='ConstantLR', factor=0.2, by_epoch=False, begin=5, end=31)",
         "const(5st) >> const(25st, base * 0.2) >> const(value = base)"),
        ("dict(type='StepLR', step_size=4, gamma=0.5, begin=1, end=9, convert_to_iter_based=True)",
         "const(1ep) >> step(4ep, 0.5, length = 8ep - 1) >> const"),
        ("dict(type='MultiStepLR', milestones=[2, 2, 5, 9], gamma=0.5, begin=1, end=9)",
         "const(1ep) >> multistep([2ep, 2ep, 5ep], 0.5, length = 7ep) >> const"),
        ("dict(type='ExponentialLR', gamma=0.9, by_epoch=False, begin=5, end=31)",
         "const(5st) >> exponential(0.9, length = 25st) >> const"),
        ("dict(type='CosineAnnealingLR', T_max=8, eta_min_ratio=0.1, begin=1, end=6)",
         "const(1ep) >> until(4ep, every(1ep, cosine(8ep, end = base * 0.1))) >> const"),
        ("dict(type='PolyLR', power=0.9, eta_min=1e-4, by_epoch=False, begin=5, end=31)",
         "const(5st) >> poly(25st, end = 0.0001, power = 0.9) >> const"),
        ("dict(type='OneCycleLR', eta_max=0.1, pct_start=0.2, anneal_strategy='linear',"
         " div_factor=10., final_div_factor=100., three_phase=True, convert_to_iter_based=True)",
         "onecycle( 12ep, 0.1, pct_start = 0.2, div = 10, final_div = 100, anneal = straight,"
         " three_phase = true )"),
    ],
)  # fmt: skip
def test_the_text_away_from_defaults(tmp_path: Path, scheduler: str, text: str) -> None:
    """The last of the steps in [begin, end) is the end of a line or a power, and then held."""
    run, *lines = program(_of(tmp_path, scheduler))
    assert run == "run total = 12ep"
    assert " ".join(" ".join(lines).split()) == text


def test_a_warm_up_ends_one_update_before_its_end(tmp_path: Path) -> None:
    """LinearLR divides by `end - begin - 1`: with end=50 the full rate is reached at step 49."""
    schedulers = (
        "[dict(type='LinearLR', start_factor=0.001, by_epoch=False, begin=0, end=50),"
        " dict(type='PolyLR', eta_min=1e-4, power=0.9, by_epoch=False, begin=50, end=400)]"
    )
    assert program(_of(tmp_path, schedulers, UPDATES)) == [
        "run total = 400",
        "warmup(49, base * 0.001) >> const(1) >> poly(349, end = 0.0001, power = 0.9) >> const",
    ]
    assert "steps_per_epoch" not in _of(tmp_path, schedulers, UPDATES).text


def test_schedulers_that_multiply_overlap_as_a_product(tmp_path: Path) -> None:
    schedulers = (
        "[dict(type='LinearLR', start_factor=0.001, by_epoch=False, begin=0, end=500),"
        " dict(type='MultiStepLR', begin=0, end=12, by_epoch=True, milestones=[8, 11])]"
    )
    assert program(_of(tmp_path, schedulers)) == [
        "run total = 12ep",
        "(warmup(499st, 0.001, 1) >> const) * multistep([8ep, 11ep])",
    ]


def test_momentum_has_a_schedule_of_its_own(tmp_path: Path) -> None:
    """A cosine that begins at another's end starts from the value of the step before it."""
    per_update = "by_epoch=True, convert_to_iter_based=True"
    schedulers = (
        f"[dict(type='CosineAnnealingLR', T_max=5, eta_min=0.2, end=5, {per_update}),"
        f" dict(type='CosineAnnealingLR', T_max=7, eta_min=2e-6, begin=5, end=12, {per_update}),"
        f" dict(type='CosineAnnealingMomentum', T_max=5, eta_min=0.85, end=5, {per_update})]"
    )
    assert program(_of(tmp_path, schedulers)) == [
        "run total = 12ep",
        "lr: until(5ep - 1, cosine(5ep, end = 0.2)) >> const(1st) >> cosine(7ep, end = 2e-6)",
        "momentum: until(5ep - 1, cosine(5ep, end = 0.85)) >> const",
    ]


def test_a_single_scheduler_and_none(tmp_path: Path) -> None:
    one = f"{EPOCHS}param_scheduler = dict(type='StepLR', step_size=3)\n"
    assert program(imported(tmp_path, "one.py", one, steps_per_epoch=7)) == [
        "run total = 12ep, 1ep = 7st",
        "step(3ep)",
    ]
    assert program(_of(tmp_path, "None"))[-1] == "const"
    assert program(_of(tmp_path, "[]"))[-1] == "const"


def test_without_a_train_loop_the_schedulers_say_how_long_the_run_is(tmp_path: Path) -> None:
    config = "{param_scheduler: {type: PolyLR, by_epoch: false, end: 80}}"
    outcome = imported(tmp_path, "c.yaml", config)
    assert program(outcome) == ["run total = 80", "linear(79) >> const"]
    assert "# there is no `train_cfg`: the run ends with its last scheduler" in outcome.text


def test_what_is_beside_the_schedule_is_noted(tmp_path: Path) -> None:
    config = (
        "train_cfg = dict(by_epoch=True, max_epochs=12)\n"
        "optim_wrapper = dict(optimizer=dict(type='AdamW', lr=1e-3), accumulative_counts=4)\n"
        "auto_scale_lr = dict(enable=True, base_batch_size=16)\n"
        "param_scheduler = dict(type='MultiStepLR', milestones=[8])\n"
    )
    notes = imported(tmp_path, "c.py", config).text
    assert "# the optimizer's learning rate is 0.001\n" in notes
    assert "# a step is an iteration: the optimizer makes an update every 4 of them\n" in notes
    joined = " ".join(notes.replace("#  ", "").split())
    assert (
        "`auto_scale_lr` multiplies the optimizer's rate by the batch size over 16 before the run"
        in joined
    )


@pytest.mark.parametrize(
    ("schedulers", "loop", "reason"),
    [
        ("[dict(type='LinearLR', by_epoch=False, end=50),"
         " dict(type='CosineAnnealingLR', eta_min=1e-3)]", EPOCHS,
         "schedulers overlap, and CosineAnnealingLR among them does more than to multiply the"
         " value"),
        ("dict(type='LinearLR', start_factor=0)", EPOCHS,
         "mmengine divides by the `start_factor` of LinearLR, which is 0"),
        ("dict(type='LinearLR', start_factor=2)", EPOCHS,
         "`start_factor` is 2, and has to be between 0 and 1"),
        ("dict(type='CosineAnnealingLR', eta_min=0.1, eta_min_ratio=0.1)", EPOCHS,
         "`eta_min` and `eta_min_ratio` are both given"),
        ("dict(type='CosineRestartLR', periods=[12])", EPOCHS,
         "CosineRestartLR has neither `eta_min` nor `eta_min_ratio`"),
        ("dict(type='CosineRestartLR', periods=[6, 6], eta_min=0)", EPOCHS,
         "`periods` and `restart_weights` are not equally many"),
        ("dict(type='LinearLR', begin=4, end=4)", EPOCHS,
         "the `end` of LinearLR, 4, is not after its `begin`, 4"),
        ("dict(type='StepLR', step_size=3)", UPDATES,
         "StepLR is `by_epoch`, and an IterBasedTrainLoop has no epochs"),
        ("dict(type='StepLR', step_size=3, by_epoch=False, convert_to_iter_based=True)", EPOCHS,
         "`convert_to_iter_based` is for schedulers that are `by_epoch`"),
        ("dict(type='ReduceOnPlateauLR')", EPOCHS,
         "`ReduceOnPlateauLR` follows a metric of the run, which no comparison has: write"
         " `plateau(…)`"),
        ("dict(type='QuadraticWarmupLR')", EPOCHS, "mmengine has no scheduler `QuadraticWarmupLR`"),
        ("dict(type='StepLR', step_size=3, warmup=4)", EPOCHS, "1 field not understood: `warmup`"),
        ("dict(type='StepLR', step_size=3, last_step=4)", EPOCHS,
         "a `last_step` goes on with a run: its first values are not in the config"),
        ("dict(type='OneCycleLR', eta_max=0.1)", EPOCHS,
         "an OneCycleLR that is stepped once an epoch is not translated"),
        ("dict(type='LinearLR', end=0.5, convert_to_iter_based=True)", EPOCHS,
         "0.5 epochs are cut to whole updates: pass --steps-per-epoch"),
        ("made()", EPOCHS, "`param_scheduler` has `made(…)`, whose value is not in the config"),
        ("dict(type='StepLR', step_size=3)\nparam_scheduler.update(gamma=0.5)", EPOCHS,
         "`param_scheduler` is made or changed by code, which is not run"),
        ("dict(type='StepLR', step_size=3)", "train_cfg = dict(type='MyLoop', max_epochs=3)\n",
         "mmengine has no train loop `MyLoop`: how it steps is not known"),
        ("dict(type='StepLR', step_size=3)",
         "train_cfg = dict(by_epoch=True, max_epochs=a.epochs)\n",
         "the length of the run, epochs, is not a number"),
    ],
)  # fmt: skip
def test_refusals(tmp_path: Path, schedulers: str, loop: str, reason: str) -> None:
    outcome = _of(tmp_path, schedulers, loop)
    assert outcome.refused == reason


def test_nothing_found(tmp_path: Path) -> None:
    (tmp_path / "c.py").write_text("model = dict(type='FasterRCNN')\n", encoding="utf-8")
    assert outcomes(str(tmp_path / "c.py"), tmp_path) == []


class TestConfigsOfConfigs:
    """``_base_``: tables merge, lists replace, ``_delete_`` replaces a table."""

    def _write(self, folder: Path, **files: str) -> Outcome:
        for name, text in files.items():
            path = folder / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        (outcome,) = outcomes(str(folder / f"{next(iter(files))}.py"), folder)
        return outcome

    def test_rtmdet(self, tmp_path: Path) -> None:
        """The values of open-mmlab/mmdetection, configs/rtmdet: the x model over the l model.

        Its rate halves, its epochs are those of the file it is made of, and the schedule below
        the rate's is replaced as a list is.
        """
        outcome = self._write(
            tmp_path,
            x="_base_ = './l.py'\nbase_lr = 0.002\n"
            "optim_wrapper = dict(optimizer=dict(lr=base_lr))\n"
            "param_scheduler = [\n"
            " dict(type='LinearLR', start_factor=1.0e-5, by_epoch=False, begin=0, end=1000),\n"
            " dict(type='CosineAnnealingLR', eta_min=base_lr * 0.05,\n"
            "  begin=_base_.max_epochs // 2, end=_base_.max_epochs,\n"
            "  T_max={{_base_.max_epochs}} // 2, by_epoch=True, convert_to_iter_based=True)]\n",
            l="_base_ = ['schedules/s.py', 'schedules/runtime.py']\nmax_epochs = 300\n"
            "base_lr = 0.004\ntrain_cfg = dict(max_epochs=max_epochs, val_interval=10)\n"
            "optim_wrapper = dict(_delete_=True, type='OptimWrapper',\n"
            " optimizer=dict(type='AdamW', lr=base_lr, weight_decay=0.05))\n"
            "param_scheduler = []\n",
            schedules__s="train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=12)\n"
            "optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.02), accumulative_counts=2)\n"
            "param_scheduler = [dict(type='MultiStepLR', milestones=[8, 11])]\n",
            schedules__runtime="default_scope = 'mmdet'\n",
        )
        assert program(outcome) == [
            "run total = 300ep",
            "warmup(999st, base * 1e-5) >> const(150ep - 999) >> cosine(150ep, end = 0.0001)",
        ]
        assert "learning rate is 0.002" in outcome.text
        assert "accumulative" not in outcome.text and "every 2" not in outcome.text

    def test_swin(self, tmp_path: Path) -> None:
        """open-mmlab/mmpretrain, configs/_base_/schedules/imagenet_bs1024_adamw_swin.py."""
        outcome = self._write(
            tmp_path,
            c="_base_ = ['s.py']\n",
            s="param_scheduler = [\n"
            " dict(type='LinearLR', start_factor=1e-3, by_epoch=True, end=20,\n"
            "  convert_to_iter_based=True),\n"
            " dict(type='CosineAnnealingLR', eta_min=1e-5, by_epoch=True, begin=20)]\n"
            "optim_wrapper = dict(optimizer=dict(type='AdamW', lr=5e-4 * 1024 / 512))\n"
            "train_cfg = dict(by_epoch=True, max_epochs=300, val_interval=1)\n"
            "auto_scale_lr = dict(base_batch_size=1024)\n",
        )
        assert program(outcome) == [
            "run total = 300ep",
            "warmup(20ep - 1, base * 0.001) >> const(1st) >> every(1ep, cosine(280ep, end = 1e-5))",
        ]

    def test_segmentation_in_updates(self, tmp_path: Path) -> None:
        """open-mmlab/mmsegmentation, configs/_base_/schedules/schedule_20k.py."""
        outcome = self._write(
            tmp_path,
            s="optimizer = dict(type='SGD', lr=0.01, momentum=0.9, weight_decay=0.0005)\n"
            "optim_wrapper = dict(type='OptimWrapper', optimizer=optimizer, clip_grad=None)\n"
            "param_scheduler = [dict(type='PolyLR', eta_min=1e-4, power=0.9, begin=0, end=20000,\n"
            " by_epoch=False)]\n"
            "train_cfg = dict(type='IterBasedTrainLoop', max_iters=20000, val_interval=2000)\n",
        )
        assert program(outcome) == [
            "run total = 20000",
            "poly(19999, end = 0.0001, power = 0.9) >> const",
        ]

    def test_imports_below_read_base(self, tmp_path: Path) -> None:
        outcome = self._write(
            tmp_path,
            c="from mmengine.config import read_base\nfrom mmengine.optim import StepLR\n"
            "with read_base():\n    from .b.loop import *\n"
            "param_scheduler = [dict(type=StepLR, step_size=3)]\n",
            b__loop=EPOCHS,
        )
        assert program(outcome) == ["run total = 12ep", "step(3ep)"]

    @pytest.mark.parametrize(
        ("files", "reason"),
        [
            ({"a": "_base_ = 'b.py'\n", "b": "_base_ = 'a.py'\n"},
             "these files are made of each other: a.py > b.py > a.py"),
            ({"a": "_base_ = 'mmdet::x.py'\n"},
             "a.py is made of mmdet::x.py, which is a file of another package"),
            ({"a": "_base_ = f()\n"}, "`_base_` of a.py is not a list of files"),
            ({"a": "_base_ = ['b.py', 'c.py']\n", "b": "x = 1\n", "c": "x = 2\n"},
             "more than one file of `_base_` has 'x'"),
            ({"a": "_base_ = 'b.py'\nx = dict(y=1)\n", "b": "x = 2\n"},
             "`x` is a table here and something else in a file of `_base_`"),
            ({"a": "with read_base():\n    import b\n"}, "`import b` in a.py is not followed"),
            ({"a": "_base_ = 'b.py'\n"}, "b.py cannot be read: No such file or directory"),
        ],
    )  # fmt: skip
    def test_what_is_not_put_together(
        self, tmp_path: Path, files: dict[str, str], reason: str
    ) -> None:
        assert self._write(tmp_path, **files).refused == reason

    def test_a_file_outside_of_the_folder(self, tmp_path: Path) -> None:
        inner = tmp_path / "inner"
        inner.mkdir()
        (tmp_path / "secret.py").write_text("x = 1\n", encoding="utf-8")
        outcome = imported(inner, "a.py", "_base_ = '../secret.py'\n")
        assert outcome.refused == f"a.py is made of ../secret.py, which is outside of {inner}"


def test_schedulers_that_overlap_are_approximated(tmp_path: Path) -> None:
    """A line times a cosine that does not end at 0, which mmengine computes from its last value."""
    (tmp_path / "own.py").write_text(
        "optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.1))\n"
        "train_cfg = dict(type='IterBasedTrainLoop', max_iters=100)\n"
        "param_scheduler = [\n"
        "    dict(type='LinearLR', start_factor=0.1, by_epoch=False, begin=0, end=20),\n"
        "    dict(type='CosineAnnealingLR', by_epoch=False, begin=0, end=100, eta_min=0.01),\n"
        "]\n",
        encoding="utf-8",
    )
    (outcome,) = outcomes(str(tmp_path / "own.py"), tmp_path, approximate=True)
    assert outcome.approximation is not None
    assert outcome.approximation.largest < 1e-3
    schedule = lrdsl.parse(outcome.text).resolve()
    # Before the line has ended, in the middle of the cosine, and at its end.
    assert schedule(0, base=0.1) == pytest.approx(0.01, rel=1e-3)
    assert schedule(99, base=0.1) == pytest.approx(0.01, rel=2e-2)
