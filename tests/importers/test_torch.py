"""torch's schedulers in scripts and configs: their texts, and what is refused."""

from __future__ import annotations

import inspect
import math
import re
from pathlib import Path

import pytest
import torch
from torch.optim import SGD, lr_scheduler, swa_utils

import lrdsl
from lrdsl.comparison import by_group
from lrdsl.importers.documents import read
from lrdsl.importers.imports import Outcome, outcomes
from lrdsl.importers.proof import compared, laid_out, run_length, values_of
from lrdsl.importers.torch import IMPORTER, keys_of, measurements, owner_of
from lrdsl.importers.torch_made import rows
from lrdsl.importers.torch_texts import NESTS, PARAMETERS
from lrdsl.importers.trial import Trial

PUBLIC = Path(__file__).parent / "public" / "torch"
HEAD = """\
import torch
from torch.optim.lr_scheduler import *
from torch.optim.swa_utils import SWALR
opt = torch.optim.SGD(model.parameters(), lr=0.1)
"""


def imported(folder: Path, source: str, name: str = "train.py", **given: int) -> Outcome:
    (outcome,) = found(folder, source, name, **given)
    return outcome


def found(folder: Path, source: str, name: str = "train.py", **given: int) -> list[Outcome]:
    (folder / name).write_text(source, encoding="utf-8")
    return outcomes(str(folder / name), folder, given)


def body(outcome: Outcome) -> str:
    """The program on one line, without its comments."""
    assert outcome, (outcome.refused, str(outcome.proof))
    lines = [line.strip() for line in outcome.text.splitlines() if not line.startswith("#")]
    return " ".join(lines).replace("( ", "(").replace(" )", ")")


def notes(outcome: Outcome) -> str:
    lines = [line[1:].strip() for line in outcome.text.splitlines() if line.startswith("#")]
    return " ".join(lines)


def test_the_table_of_parameters_is_torchs() -> None:
    classes = {name: getattr(lr_scheduler, name) for name in lr_scheduler.__all__}
    classes |= {"SWALR": swa_utils.SWALR}
    del classes["LRScheduler"]
    theirs = {
        name: tuple(p for p in inspect.signature(cls).parameters if p != "optimizer")
        for name, cls in classes.items()
    }
    assert theirs == PARAMETERS
    assert [name for name in theirs if "schedulers" in theirs[name]] == list(NESTS)


# A call, and the program: each class with its defaults, and with none of its arguments at default.
TEXTS = {
    "StepLR(opt, 30)": "step(30)",
    "StepLR(opt, step_size=7, gamma=0.5)": "step(7, 0.5)",
    "MultiStepLR(opt, [30, 80])": "multistep([30, 80])",
    "MultiStepLR(opt, [80, 30, 30], 0.5)": "multistep([30, 30, 80], 0.5)",
    "ConstantLR(opt)": "const(5, base / 3) >> const(value = base)",
    "ConstantLR(opt, 0.1, 8)": "const(8, base * 0.1) >> const(value = base)",
    "ConstantLR(opt, 0.25, 0)": "const(value = base * 0.25)",
    "LinearLR(opt)": "warmup(5, base / 3) >> const",
    "LinearLR(opt, 0.1, 0.5, 10)": "linear(10, base * 0.1, base * 0.5)",
    "LinearLR(opt, 0.1, 1.0, 0)": "const(value = base * 0.1)",
    "ExponentialLR(opt, 0.9)": "exponential(0.9)",
    "PolynomialLR(opt)": "linear(5)",
    "PolynomialLR(opt, 20, 2.0)": "poly(20, power = 2)",
    "PolynomialLR(opt, 0)": "const",
    "CosineAnnealingLR(opt, 50)": "cosine(50)",
    "CosineAnnealingLR(opt, T_max=1, eta_min=0.01)": "cosine(1, end = 0.01)",
    "CosineAnnealingWarmRestarts(opt, 5)": "restarts(5)",
    "CosineAnnealingWarmRestarts(opt, 5, 2, 1e-3)": "restarts(5, 2, end = 0.001)",
    "CyclicLR(opt, 0.01, 0.1)": "lr: triangular(2000, 0.01, 0.1)"
    " momentum: triangular(2000, 0.9, 0.8)",
    "CyclicLR(opt, 0.01, 0.1, 4, 7, 'exp_range', 0.99, None, 'cycle', True, 0.7, 0.8)":
    "lr: exp_range(4, 0.01, 0.1, 0.99, down = 7) momentum: exp_range(4, 0.8, 0.7, 0.99, down = 7)",
    "CyclicLR(opt, 0.01, 0.1, 4, mode='triangular2', cycle_momentum=False)":
    "triangular2(4, 0.01, 0.1)",
    "OneCycleLR(opt, 0.1, 100)": "lr: onecycle(100, 0.1)"
    " momentum: onecycle(100, 0.85, div = 0.85 / 0.95, final_div = 1)",
    "OneCycleLR(opt, 0.1, None, 4, 25, 0.25, 'linear', False, 0.8, 0.9, 10, 100, True)":
    "onecycle(100, 0.1, pct_start = 0.25, div = 10, final_div = 100, anneal = straight,"
    " three_phase = true)",
    "OneCycleLR(opt, [0.1, 0.2], 50, cycle_momentum=False)":
    "lr[0]: onecycle(50, 0.1) lr[1]: onecycle(50, 0.2)",
    "ReduceLROnPlateau(opt)": "reduce_on_plateau()",
    "ReduceLROnPlateau(opt, 'max', 0.5, 2, 0.01, 'abs', 3, 0.001, 1e-9)":
    "max(reduce_on_plateau(factor = 0.5, patience = 2, threshold = 0.01, mode = max,"
    " threshold_mode = abs, cooldown = 3, eps = 1e-9), 0.001)",
    "SWALR(opt, 0.05)": "cosine(10, end = 0.05)",
    "SWALR(opt, 0.05, 5, 'linear')": "linear(5, end = 0.05)",
    "SequentialLR(opt, [LinearLR(opt, 0.1, 1, 10), CosineAnnealingLR(opt, 90)], [10])":
    "warmup(10, base * 0.1) >> cosine(90)",
    "SequentialLR(opt, [ConstantLR(opt, 0.1, 5), ExponentialLR(opt, 0.9)], [10])":
    "const(5, base * 0.1) >> const(5, base) >> exponential(0.9)",
    "SequentialLR(opt, [StepLR(opt, 3), CosineAnnealingLR(opt, 8, 0.01)], [7])":
    "step(3, length = 7) >> cosine(8, base, 0.01)",
    "SequentialLR(opt, [CosineAnnealingLR(opt, 90), LinearLR(opt, 1, 0, 9)], [30])":
    "until(30, cosine(90)) >> linear(9, base)",
    "SequentialLR(opt, [LinearLR(opt, 0.5, 1, 4), OneCycleLR(opt, 1.0, 8)], [4])":
    "lr: linear(4, 0.02, 0.04) >> onecycle(8, 1)"
    " momentum: const(4, 0.95) >> onecycle(8, 0.85, div = 0.85 / 0.95, final_div = 1)",
    "ChainedScheduler([LinearLR(opt, 0.1, 1, 10), ExponentialLR(opt, 0.9)])":
    "(warmup(10, base * 0.1) >> const) * exponential(0.9, start = 1)",
    "ChainedScheduler([CosineAnnealingLR(opt, 20), ExponentialLR(opt, 0.9)], opt)":
    "cosine(20) * exponential(0.9, start = 1)",
    # Unknown numbers are `param`s; the length of a loader is an epoch.
    "SequentialLR(opt, [LinearLR(opt, 0.1, 1, args.warmup),"
    " CosineAnnealingLR(opt, args.epochs - args.warmup)], [args.warmup])":
    "param epochs = 30 param n_warmup = 10"
    " warmup(n_warmup, base * 0.1) >> cosine(epochs - n_warmup)",
    "StepLR(opt, args.every, gamma=args.gamma)":
    "param n_every = 1000 param gamma = 0.5 step(n_every, gamma)",
    "CosineAnnealingLR(opt, T_max=90 * len(loader))": "cosine(90ep)",
}  # fmt: skip


@pytest.mark.parametrize("call", TEXTS)
def test_the_text_of_a_call(call: str, tmp_path: Path) -> None:
    assert body(imported(tmp_path, f"{HEAD}{call}\n")) == TEXTS[call]


def test_the_cosine_of_torch_rises_again_and_the_text_says_so(tmp_path: Path) -> None:
    source = f"{HEAD}CosineAnnealingLR(opt, 50, 0.01)\n"
    short = imported(tmp_path, source)
    assert "after its 50 steps torch's cosine rises again; this one stays" in notes(short)
    assert "; after the run, from step 51 on, the original has" in str(short.proof)
    whole = imported(tmp_path, source, total=100)
    assert body(whole) == (
        "run total = 100 repeat(cosine(50, base, 0.01) >> cosine(50, 0.01, base))"
    )
    # By hand: half a cosine back up from 0.01 to 0.1.
    assert lrdsl.parse(whole.text).resolve()(75, base=0.1) == pytest.approx(0.055, abs=1e-15)


def test_what_grows_needs_an_end(tmp_path: Path) -> None:
    source = f"{HEAD}ExponentialLR(opt, 1.05)\n"
    assert imported(tmp_path, source).refused == (
        "it grows without end, and the source does not say how long the run is"
    )
    assert body(imported(tmp_path, source, total=100)) == (
        "run total = 100 exponential(1.05, length = 100)"
    )


REFUSED = {
    "CyclicLR(opt, 0.01, 0.1, 4, scale_fn=lambda x: 1)":
    "its `scale_fn` is a function, which is not run",
    "StepLR(opt, 30, last_epoch=5)":
    "a StepLR that starts at `last_epoch` goes on from an earlier run",
    "StepLR(opt, 30, gama=0.5)": "1 field not understood: `gama`",
    "StepLR(opt, 30.5)": "`step_size` is 30.5, which is no whole number",
    "StepLR(opt)": "`step_size` is missing",
    "ConstantLR(opt, 0, 3)": "the original ends at step 3 of 1000",
    "LinearLR(opt, 1.5)": "torch does not build it: ValueError: Starting multiplicative factor"
    " expected to be greater than 0 and less or equal to 1",
    "OneCycleLR(opt, 0.1, 10, pct_start=0.1)":
    "torch does not build it: ZeroDivisionError: float division by zero",
    "ChainedScheduler([CosineAnnealingLR(opt, 9, 0.01), ExponentialLR(opt, 0.9)])":
    "a CosineAnnealingLR with an `eta_min` in a ChainedScheduler aims there from wherever the"
    " others have brought the rate, which is no product",
    "ChainedScheduler([CosineAnnealingWarmRestarts(opt, 9), ExponentialLR(opt, 0.9)])":
    "a CosineAnnealingWarmRestarts in a ChainedScheduler does not multiply what the others make:"
    " it computes the rate anew in each step",
    "ChainedScheduler([SequentialLR(opt, [StepLR(opt, 3), StepLR(opt, 4)], [5]), StepLR(opt, 3)])":
    "a SequentialLR in a ChainedScheduler sets the rate anew at its milestones",
    "SequentialLR(opt, [StepLR(opt, 3), SequentialLR(opt, [StepLR(opt, 4)], [])], [5])":
    "torch cannot start a SequentialLR at a milestone of another one",
    "SequentialLR(opt, [StepLR(opt, 3), ChainedScheduler([StepLR(opt, 4), StepLR(opt, 9)])], [5])":
    "torch cannot start a ChainedScheduler at a milestone of a SequentialLR",
    "SequentialLR(opt, [LinearLR(opt), make()], [5])":
    "not all schedulers that this SequentialLR is made of are in the source",
    "SequentialLR(opt, [LinearLR(opt), StepLR(opt, 3)], [5, 9])":
    "a SequentialLR has one milestone fewer than schedulers",
    "SequentialLR(opt, [StepLR(opt, 3), StepLR(opt, 4), StepLR(opt, 5)], [9, 5])":
    "the milestones of a SequentialLR have to ascend",
    "SequentialLR(opt, [StepLR(opt, 3), SWALR(opt, 0.05)], [5])":
    "a SWALR starts from whatever rate there is when it is stepped",
    "SequentialLR(opt, [CyclicLR(opt, 0.1, 0.2), StepLR(opt, 3)], [9])":
    "the momentum stays where a scheduler leaves it that is not the last one",
    "SequentialLR(opt, [StepLR(opt, 3), LinearLR(opt, total_iters=0)], [9])":
    "torch divides by zero where a LinearLR of 0 steps follows another",
    "PolynomialLR(opt, -1)":
    "the translation cannot be laid out: `length` of `linear` is -1,"
    " and a length cannot be negative",
    "ExponentialLR(opt, 0.0)":
    "the translation cannot be laid out: `exponential` needs `gamma > 0`, and `gamma` is 0",
    "CosineAnnealingLR(opt, 10, -0.5)":
    "lrdsl refuses its values: the value is negative at step 3: -0.0236644",
    "ChainedScheduler([])": "a ChainedScheduler has at least one scheduler",
    "OneCycleLR(opt, [0.1, 0.2], 50, base_momentum=[0.7, 0.8, 0.9])":
    "`max_lr` has 2 values, and another list has more",
}  # fmt: skip


@pytest.mark.parametrize("call", REFUSED)
def test_what_is_refused(call: str, tmp_path: Path) -> None:
    assert imported(tmp_path, f"{HEAD}{call}\n").refused == REFUSED[call]


@pytest.mark.parametrize("call", ["mmengine.optim.StepLR(opt, 30)", "print(opt)"])
def test_what_is_no_scheduler_of_torch(call: str, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(f"{HEAD}{call}\n")
    assert outcomes(str(tmp_path / "train.py"), tmp_path) == []


def test_a_chain_that_is_a_product_no_longer_is_told(tmp_path: Path) -> None:
    """At its turn torch's cosine adds to the rate, whatever the others made of it."""
    chain = "ChainedScheduler([CosineAnnealingLR(opt, 20), ExponentialLR(opt, 0.9)])"
    outcome = imported(tmp_path, f"{HEAD}{chain}\n", total=40)
    assert not outcome
    assert str(outcome.proof).startswith("differ from step 21 on")


@pytest.mark.parametrize(
    "lines",
    [
        "from torch.optim.lr_scheduler import StepLR\nStepLR(opt, 30)",
        "from torch.optim.lr_scheduler import StepLR as Stairs\nStairs(opt, 30)",
        "from torch.optim import lr_scheduler\nlr_scheduler.StepLR(opt, 30)",
        "import torch.optim as optim\noptim.lr_scheduler.StepLR(opt, 30)",
        "import torch.optim.lr_scheduler as sched\nsched.StepLR(opt, 30)",
        "def build(o):\n    return torch.optim.lr_scheduler.StepLR(o, step_size=30)",
    ],
)
def test_a_class_is_found_however_it_was_imported(lines: str, tmp_path: Path) -> None:
    assert body(imported(tmp_path, f"{lines}\n")) == "step(30)"


@pytest.mark.parametrize(
    ("optimizer", "name", "rate"),
    [
        ("torch.optim.SGD(p, lr=0.3)", "SGD", 0.3),
        ("torch.optim.Adam(p, 2e-3)", "Adam", 0.002),
        ("Lion(p, lr=0.3)", "SGD", 0.3),
        ("torch.optim.SGD(p, lr=args.lr)", "SGD", 1.0),
        ("get_optimizer()", "SGD", 1.0),
    ],
)
def test_the_rate_is_that_of_the_optimizer(
    optimizer: str, name: str, rate: float, tmp_path: Path
) -> None:
    path = tmp_path / "train.py"
    path.write_text(f"o = {optimizer}\ntorch.optim.lr_scheduler.StepLR(o, 30)\n", encoding="utf-8")
    (setting,) = IMPORTER.find(read(str(path), tmp_path, Trial()))
    assert (owner_of(setting).name, owner_of(setting).rates) == (name, (rate,))


LIGHTNING = """\
optimizer:
  class_path: torch.optim.AdamW
  init_args: {lr: 1e-3}
lr_scheduler:
  class_path: torch.optim.lr_scheduler.CosineAnnealingLR
  init_args:
    T_max: 10
    eta_min: 1e-5
"""
HYDRA = """\
optimizer: {_target_: torch.optim.SGD, _partial_: true, lr: 0.1}
scheduler:
  _target_: torch.optim.lr_scheduler.SequentialLR
  _partial_: true
  milestones: [5]
  schedulers:
  - {_target_: torch.optim.lr_scheduler.LinearLR, start_factor: 0.01, total_iters: 5}
  - {_target_: torch.optim.lr_scheduler.StepLR, step_size: 30}
"""


def test_a_config_of_the_lightning_cli(tmp_path: Path) -> None:
    outcome = imported(tmp_path, LIGHTNING, "config.yaml")
    # `ScheduleCallback` would step it after every update without this `run`.
    assert body(outcome) == "run 1ep = 1st cosine(10, end = 1e-5)"
    assert "the Lightning CLI calls the scheduler's `step` once per epoch" in notes(outcome)


def test_the_lightning_cli_says_how_long_its_run_is(tmp_path: Path) -> None:
    short = imported(tmp_path, f"{LIGHTNING}trainer: {{max_epochs: 8}}\n", "config.yaml")
    assert body(short) == "run total = 8ep, 1ep = 1st cosine(10, end = 1e-5)"
    assert "8 steps equal" in str(short.proof)
    assert "after its 10 steps" not in notes(short)
    long = imported(tmp_path, f"{LIGHTNING}trainer: {{max_epochs: 15}}\n", "config.yaml")
    assert "repeat(cosine(10, base, 1e-5)" in body(long)
    endless = imported(tmp_path, f"{LIGHTNING}trainer: {{max_epochs: -1}}\n", "config.yaml")
    assert body(endless) == "run 1ep = 1st cosine(10, end = 1e-5)"


def test_the_plateau_of_the_lightning_cli_names_its_metric(tmp_path: Path) -> None:
    for room in ("lightning.pytorch.cli", "pytorch_lightning.cli"):
        source = (
            f"lr_scheduler:\n  class_path: {room}.ReduceLROnPlateau\n"
            "  init_args: {monitor: val_loss, factor: 0.5, patience: 3}\n"
        )
        outcome = imported(tmp_path, source, "config.yaml")
        assert body(outcome) == "run 1ep = 1st reduce_on_plateau(factor = 0.5, patience = 3)"
        assert "`val_loss`, the `monitor` of ScheduleCallback" in notes(outcome)
        long = imported(tmp_path, f"{source}trainer: {{max_epochs: 20}}\n", "config.yaml")
        assert body(long).startswith("run total = 20ep, 1ep = 1st reduce_on_plateau(")
    torchs = source.replace("pytorch_lightning.cli", "torch.optim.lr_scheduler")
    assert "`lr_scheduler.monitor`" in imported(tmp_path, torchs, "config.yaml").refused


def test_a_config_of_the_lightning_cli_with_more_in_it(tmp_path: Path) -> None:
    outcome = imported(tmp_path, f"{LIGHTNING}  monitor: loss\n", "config.yaml")
    assert outcome.refused == "1 field not understood: `lr_scheduler.monitor`"


def test_the_defaults_of_a_command_line_are_what_its_params_have(tmp_path: Path) -> None:
    source = (
        f"{HEAD}parser.add_argument('--epochs', type=int, default=90)\n"
        "parser.add_argument('-w', '--warmup-epochs', default=5)\n"
        "parser.add_argument('--g', dest='gamma', default=0.2)\n"
        "parser.add_argument('--every', default=None)\n"
        "StepLR(opt, args.epochs - args.warmup_epochs, args.gamma)\n"
    )
    outcome = imported(tmp_path, source)
    assert "param epochs = 90 param warmup_epochs = 5 param gamma = 0.2" in body(outcome)
    assert "`epochs`, `warmup_epochs` and `gamma`: the defaults of the source" in notes(outcome)
    assert "are examples" not in notes(outcome)
    every = imported(tmp_path, f"{source}".replace("args.epochs -", "args.every -"))
    assert "no value for `n_every`: those below are examples" in notes(every)


def test_a_part_of_a_table_of_the_script(tmp_path: Path) -> None:
    table = f"{HEAD}cfg = dict(milestones=[60, 120], gammas=(0.5, 0.2))\n"
    call = "MultiStepLR(opt, cfg['milestones'], gamma=cfg['gammas'][1])\n"
    assert body(imported(tmp_path, table + call)) == "multistep([60, 120], 0.2)"
    for change in ("cfg['milestones'] = [7]\n", "cfg.update(more)\n", "cfg = other()\n"):
        changed = imported(tmp_path, table + change + call)
        assert changed.refused or "param" in body(changed), change
    indexed = imported(tmp_path, f"{HEAD}MultiStepLR(opt, [[7]][0], 0.2)")
    assert body(indexed) == "multistep([7], 0.2)"


def test_interpolations_of_a_config_have_its_own_values(tmp_path: Path) -> None:
    source = (
        "trainer: {epochs: 40}\noptimizer: {_target_: torch.optim.SGD, lr: 0.1}\n"
        "scheduler:\n  _target_: torch.optim.lr_scheduler.OneCycleLR\n"
        "  max_lr: ${optimizer.lr}\n  total_steps: ${trainer.epochs}\n"
        "  cycle_momentum: false\n  pct_start: ${oc.env:SHARE}\n"
    )
    outcome = imported(tmp_path, source.replace("${oc.env:SHARE}", "0.2"), "config.yaml")
    assert body(outcome) == "onecycle(40, 0.1, pct_start = 0.2)"
    assert outcome.line == 4  # that of the scheduler, and not of the values that it names
    assert "`${oc.env:SHARE}`" in imported(tmp_path, source, "config.yaml").refused
    other = source.replace("${trainer.epochs}", "${other.epochs}").replace("${oc.env:SHARE}", "0.2")
    assert body(imported(tmp_path, other, "config.yaml")) == (
        "param epochs = 30 onecycle(epochs, 0.1, pct_start = 0.2)"
    )


def test_a_config_of_hydra(tmp_path: Path) -> None:
    outcome = imported(tmp_path, HYDRA, "config.yaml")
    assert body(outcome) == "warmup(5, base * 0.01) >> step(30)"
    assert "a step is a call of the scheduler's `step`, once per update or once" in notes(outcome)


def test_a_plateau_is_driven_by_a_metric(tmp_path: Path) -> None:
    call = "ReduceLROnPlateau(opt, factor=0.5, patience=2, cooldown=1, min_lr=0.01)"
    path = tmp_path / "train.py"
    path.write_text(HEAD + call, encoding="utf-8")
    (setting,) = IMPORTER.find(read(str(path), tmp_path, Trial()))
    translation = IMPORTER.translate(setting)
    metric = measurements(setting)
    theirs = by_group(rows(setting, owner_of(setting), keys_of(translation), metric))
    assert len(set(theirs[0])) == 5  # 0.1, 0.05, 0.025, 0.0125 and the floor

    def differs(text: str) -> bool:
        other = lrdsl.parse(text).resolve_all()
        ours = values_of(other, translation.columns, len(metric), metric)
        return not compared(theirs, ours, translation)

    resolved = laid_out(translation, Trial())
    assert compared(theirs, values_of(resolved, translation.columns, len(metric), metric),
                    translation)  # fmt: skip
    for old, new in (("0.5", "0.6"), ("patience = 2", "patience = 3"),
                     ("cooldown = 1", "cooldown = 2"), ("0.01", "0.02")):  # fmt: skip
        assert differs(translation.text.replace(old, new))


LENGTHS = [
    "StepLR(opt, 30)", "MultiStepLR(opt, [30, 80])", "ConstantLR(opt)", "LinearLR(opt)",
    "PolynomialLR(opt)", "CosineAnnealingLR(opt, 50)", "CosineAnnealingWarmRestarts(opt, 5)",
    "OneCycleLR(opt, 0.1, 100)", "SWALR(opt, 0.05)",
    "CyclicLR(opt, 0.01, 0.1, 4, 7, 'exp_range', 0.99, None, 'cycle', True, 0.7, 0.8)",
    "SequentialLR(opt, [LinearLR(opt, 0.1, 1, 10), CosineAnnealingLR(opt, 90)], [10])",
    "SequentialLR(opt, [ConstantLR(opt, 0.1, 5), ExponentialLR(opt, 0.9)], [10])",
    "SequentialLR(opt, [CosineAnnealingLR(opt, 90), LinearLR(opt, 1, 0, 9)], [30])",
    "ChainedScheduler([LinearLR(opt, 0.1, 1, 10), ExponentialLR(opt, 0.9)])",
]  # fmt: skip


@pytest.mark.parametrize("call", LENGTHS)
def test_a_length_that_is_off_by_one_is_noticed(call: str, tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    path.write_text(HEAD + call, encoding="utf-8")
    (setting,) = IMPORTER.find(read(str(path), tmp_path, Trial()))
    translation = IMPORTER.translate(setting)
    steps = min(run_length(translation, laid_out(translation, Trial())), 200)
    theirs = by_group(rows(setting, owner_of(setting), keys_of(translation), [0.0] * steps))

    def is_equal(text: str) -> bool:
        resolved = lrdsl.parse(text).resolve_all()
        return bool(compared(theirs, values_of(resolved, translation.columns, steps), translation))

    assert is_equal(translation.text)
    lengths = [*re.finditer(r"(?<=[\[( ])[1-9]\d*(?=[,)\]])", translation.text)]
    lengths = [m for m in lengths if not translation.text[: m.start()].endswith("final_div = ")]
    assert lengths
    for length in lengths:
        start, end = length.span()
        other = f"{translation.text[:start]}{int(length[0]) + 1}{translation.text[end:]}"
        assert not is_equal(other), other


def test_the_plateau_of_a_public_template() -> None:
    """ashleve/lightning-hydra-template: configs/model/mnist.yaml."""
    (outcome,) = outcomes(str(PUBLIC / "mnist.yaml"), PUBLIC)
    assert body(outcome) == "reduce_on_plateau()"


def test_the_cosine_of_a_public_config() -> None:
    """PHYRA47/generalized-aberrations: configs/telephoto/defaults_e2e.yml."""
    (outcome,) = outcomes(str(PUBLIC / "defaults_e2e.yml"), PUBLIC)
    assert body(outcome) == "run 1ep = 1st cosine(25000)"


def test_the_reference_script_of_torchvision(tmp_path: Path) -> None:
    """pytorch/vision: references/classification/train.py."""
    source = (PUBLIC / "torchvision_train.txt").read_text(encoding="utf-8")
    *alone, whole = found(tmp_path, source)
    assert [body(outcome) for outcome in alone] == [
        "param lr_step_size = 1000 param lr_gamma = 0.5 step(lr_step_size, lr_gamma)",
        "param epochs = 30 param lr_warmup_epochs = 10 param lr_min = 0.5"
        " cosine(epochs - lr_warmup_epochs, end = lr_min)",
        "param lr_gamma = 0.5 exponential(lr_gamma)",
        "param lr_warmup_epochs = 10 param lr_warmup_decay = 0.5"
        " warmup(lr_warmup_epochs, base * lr_warmup_decay) >> const",
        "param lr_warmup_epochs = 10 param lr_warmup_decay = 0.5"
        " const(lr_warmup_epochs, base * lr_warmup_decay) >> const(value = base)",
    ]
    # Which two it is made of, an option decides.
    assert whole.refused == "not all schedulers that this SequentialLR is made of are in the source"


def test_the_version_is_that_of_torch(tmp_path: Path) -> None:
    outcome = imported(tmp_path, f"{HEAD}StepLR(opt, 30)\n")
    version = torch.__version__.partition("+")[0]
    assert str(outcome.proof).endswith(f", by torch {version}")


# A step of arithmetic is computed, and the scheduler of torch is built with it.
LAMBDAS = {
    "LambdaLR(opt, lambda epoch: 0.95 ** epoch)": "exponential(0.95)",
    "LambdaLR(opt, lr_lambda=lambda _: 0.5)": "const(value = base * 0.5)",
    "LambdaLR(opt, [lambda e: 0.5 * 0.9 ** e])": "exponential(0.9, start = base * 0.5)",
    "MultiplicativeLR(opt, lr_lambda=lambda epoch: 0.95)": "exponential(0.95)",
    "MultiplicativeLR(opt, lambda epoch: 1)": "const",
    "half = lambda epoch: 0.5 ** epoch\nLambdaLR(opt, half)": "exponential(0.5)",
    "SequentialLR(opt, [LinearLR(opt, 0.1, 1, 5), LambdaLR(opt, lambda e: 0.9 ** e)], [5])":
    "linear(5, base * 0.1, base) >> exponential(0.9)",
}  # fmt: skip


@pytest.mark.parametrize("call", LAMBDAS)
def test_a_lambda_that_is_arithmetic_of_the_step_is_computed(call: str, tmp_path: Path) -> None:
    assert body(imported(tmp_path, f"{HEAD}{call}\n")) == LAMBDAS[call]


@pytest.mark.parametrize(
    ("function", "text"),
    [
        ("0.1 ** (e // 30)", "run total = 100 (step(30)) * base"),
        ("min(1.0, e / 40)", "run total = 100 (warmup(40) >> const) * base"),
    ],
)
def test_a_text_is_fitted_to_a_lambda_where_the_run_has_a_length(
    function: str, text: str, tmp_path: Path
) -> None:
    source = f"{HEAD}LambdaLR(opt, lambda e: {function})\n"
    assert "with `--total` a text is looked for" in imported(tmp_path, source).refused
    outcome = imported(tmp_path, source, total=100)
    schedule = lrdsl.parse(outcome.text).resolve()
    ours = [schedule(t, base=2.0) for t in range(100)]
    assert ours == pytest.approx([2 * eval(function, {"e": t, "min": min}) for t in range(100)])


@pytest.mark.parametrize(
    "function",
    [
        "lambda e: gamma ** e", "lambda e: open('x')", "lambda e: __import__('os')",
        "lambda e: e.real", "lambda e, f: 1", "lambda *e: 1", "lambda e: [1][0]", "decay",
        "lambda math: math.pi", "lambda e: 'a'", "lambda e: (e := 2)", "lambda e: max(*e)",
    ],
)  # fmt: skip
def test_a_lambda_of_anything_else_is_not_run(function: str, tmp_path: Path) -> None:
    outcome = imported(tmp_path, f"{HEAD}LambdaLR(opt, {function})\n")
    assert outcome.refused == (
        "its function is not run: in your script, `lrdsl.from_torch(scheduler, steps=…)` reads it"
    )


def test_a_sequence_may_begin_with_another(tmp_path: Path) -> None:
    """Torch steps the inner one twice before the first update: it is a step ahead."""
    inner = "SequentialLR(opt, [LinearLR(opt, 0.1, 1.0, 5), ConstantLR(opt, 0.9, 9)], [6])"
    outcome = imported(tmp_path, f"{HEAD}SequentialLR(opt, [{inner}, StepLR(opt, 4)], [20])\n")
    assert body(outcome) == (
        "linear(5, base * 0.1, base) >> const(9, base * 0.9) >> const(6, base) >> step(4)"
    )


def test_a_lambda_that_changes_late_is_no_constant(tmp_path: Path) -> None:
    source = f"{HEAD}LambdaLR(opt, lambda e: 1.0 if e < 15000 else 0.1)\n"
    outcome = imported(tmp_path, source)
    assert not outcome
    assert "with `--total` a text is looked for" in outcome.refused


def test_a_lambda_that_python_cannot_compute_is_refused(tmp_path: Path) -> None:
    outcome = imported(tmp_path, f"{HEAD}LambdaLR(opt, lambda e: 1 / e)\n")
    assert "ZeroDivisionError" in outcome.refused


def test_a_second_scheduler_of_one_optimizer_is_named(tmp_path: Path) -> None:
    """Both may be stepped, and then they multiply; or a branch makes one of them."""
    (tmp_path / "train.py").write_text(
        "from torch.optim import SGD\n"
        "from torch.optim.lr_scheduler import ExponentialLR, LinearLR, SequentialLR, StepLR\n"
        "opt = SGD(model.parameters(), 0.1)\n"
        "other = SGD(model.parameters(), 0.1)\n"
        "first = ExponentialLR(opt, 0.9)\n"
        "second = StepLR(opt, 10)\n"
        "alone = SequentialLR(other, [LinearLR(other), StepLR(other, 9)], milestones=[5])\n",
        encoding="utf-8",
    )
    found = outcomes(str(tmp_path / "train.py"), tmp_path, {"total": 50})
    texts = [(one.text or "").replace("\n# ", " ") for one in found]
    said = [re.search(r"scheduler of line (\d), which has the same", text) for text in texts]
    assert [match and match[1] for match in said] == ["6", "5", None]


ROUGH = {
    "LambdaLR(opt, lambda t: 0.5 + 0.5 * math.sin(t / 7) * math.exp(-t / 30))": "",
    "ChainedScheduler([CosineAnnealingLR(opt, 100, eta_min=0.01), ExponentialLR(opt, 0.97)])": "",
    "ChainedScheduler([CosineAnnealingLR(opt, 40, eta_min=0.01), ExponentialLR(opt, 0.97)])": (
        "aims there from wherever the others have brought the rate, which is no product; nor can"
        " points follow it: the translation cannot be laid out: the rate turns negative"
    ),
    "LambdaLR(opt, lambda t: unknown(t))": "steps=…)` reads it; nor can points follow it",
}


@pytest.mark.parametrize("call", ROUGH)
def test_what_cannot_be_said_is_approximated_if_torch_computes_it(
    call: str, tmp_path: Path
) -> None:
    source = tmp_path / "train.py"
    source.write_text(
        "import math\nfrom torch.optim import SGD\nfrom torch.optim.lr_scheduler import *\n"
        f"opt = SGD(model.parameters(), lr=0.1)\ns = {call}\n",
        encoding="utf-8",
    )
    (exact,) = outcomes(str(source), tmp_path, {"total": 100})
    (rough,) = outcomes(str(source), tmp_path, {"total": 100}, approximate=True)
    assert exact.refused
    if ROUGH[call]:
        assert ROUGH[call] in rough.refused
        return
    assert rough.approximation is not None
    assert not rough
    schedule = lrdsl.parse(rough.text).resolve()
    optimizer = SGD([torch.zeros(1, requires_grad=True)], 0.1)
    scheduler = eval(call, {"math": math, "opt": optimizer} | vars(lr_scheduler))
    gaps = []
    for t in range(100):
        (rate,) = scheduler.get_last_lr()
        gaps.append(abs(rate - schedule(t, base=0.1)) / 0.1)
        optimizer.step()
        scheduler.step()
    assert max(gaps) <= rough.approximation.largest * 1.001
