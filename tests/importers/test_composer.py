"""Composer and llm-foundry: the texts for their settings, their traps, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

import lrdsl
from lrdsl.importers.imports import outcomes
from tests.importers.sources import imported, program


def _table(scheduler: str, duration: str = "100ba", **more: object) -> str:
    lines = "".join(f"{key}: {value}\n" for key, value in more.items())
    return (
        f"scheduler: {{{scheduler}}}\noptimizer: {{name: decoupled_adamw, lr: 1e-4}}\n"
        f"max_duration: {duration}\n{lines}"
    )


def _script(schedulers: str, more: str = "") -> str:
    return (
        "from composer import Trainer\nfrom composer.core import Time, TimeUnit\n"
        "from composer.optim import *\nimport composer.optim as optim\n"
        f"schedulers = {schedulers}\n"
        f"trainer = Trainer(model=model, schedulers=schedulers, max_duration='100ba'{more})\n"
    )


def test_a_warm_up_in_epochs_that_may_be_longer_than_the_run(tmp_path: Path) -> None:
    source = _table("name: cosine_with_warmup, t_warmup: 1ep")
    assert imported(tmp_path, "a.yaml", source).refused == (
        "`t_warmup` is in epochs and `t_max` is 100ba: which of them is longer depends on how many"
        " updates an epoch has: pass --steps-per-epoch"
    )
    assert program(imported(tmp_path, "a.yaml", source, steps_per_epoch=40)) == [
        "run total = 100", "const(1, 0) >> warmup(40) >> cosine(60)",
    ]  # fmt: skip
    assert program(
        imported(tmp_path, "a.yaml", _table("name: cosine_with_warmup, t_warmup: 1ep", "900ba"))
    )[-1] == ("const(1st, 0) >> warmup(1ep) >> cosine(900 - 1ep)")


@pytest.mark.parametrize(
    ("scheduler", "text"),
    [
        ("name: cosine_with_warmup, t_warmup: 10ba",
         ["const(1, 0) >> warmup(10) >> cosine(90)"]),
        ("name: cosine_with_warmup, t_warmup: 10ba, t_max: 200ba, alpha_f: 0.1, scale_warmup: true",
         ["const(1, 0) >> warmup(10) >> cosine(190, end = base * 0.1)"]),
        ("name: cosine_with_warmup, t_warmup: 0ba", ["const(1) >> cosine(100)"]),
        ("name: cosine_with_warmup, t_warmup: 0.05dur",
         ["const(1, 0) >> warmup(5) >> cosine(95)"]),
        # int(0.999 * 100) is 99: shares are cut off.
        ("name: cosine_with_warmup, t_warmup: 0.029dur",
         ["const(1, 0) >> warmup(2) >> cosine(98)"]),
        ("name: cosine_with_warmup, t_warmup: 1e1ba",
         ["const(1, 0) >> warmup(10) >> cosine(90)"]),
        ("name: cosine_with_warmup, t_warmup: 100ba", ["const(1, 0) >> warmup(100, 0, base)"]),
        ("name: linear_decay_with_warmup, t_warmup: 10ba",
         ["const(1, 0) >> warmup(10) >> linear(90)"]),
        ("name: linear_decay_with_warmup, t_warmup: 10ba, alpha_i: 0.5, alpha_f: 0.1",
         ["const(1, 0) >> warmup(10, 0, base * 0.5) >> linear(90, end = base * 0.1)"]),
        ("name: constant_with_warmup, t_warmup: 10ba", ["const(1, 0) >> warmup(10) >> const"]),
        ("name: inv_sqrt_with_warmup, t_warmup: 10ba, t_scale: 20ba, t_cooldown: 15ba",
         ["const(1, 0) >> warmup(10) >> inverse_sqrt(20, length = 75) >> linear(15)"]),
        # Its floor is mixed in, and not added.
        ("name: inv_sqrt_with_warmup, t_warmup: 10ba, t_scale: 20ba, t_cooldown: 15ba,"
         " alpha_f_decay: 0.1",
         ["const(1, 0)", "  >> warmup(10)",
          "  >> base * 0.1 + 0.9 * inverse_sqrt(20, length = 75, start = base)",
          "  >> linear(15)"]),
    ],
)  # fmt: skip
def test_the_text_for_a_table(tmp_path: Path, scheduler: str, text: list[str]) -> None:
    outcome = imported(tmp_path, "train.yaml", _table(scheduler))
    assert program(outcome) == ["run total = 100", *text]
    assert "# the optimizer's learning rate is 0.0001" in outcome.text


def test_the_rates_are_one_update_late(tmp_path: Path) -> None:
    """What Composer 0.32.1's own trainer used, at every update of a run of ten."""
    text = _table("name: cosine_with_warmup, t_warmup: 4ba, alpha_f: 0.1", "10ba")
    schedule = lrdsl.parse(imported(tmp_path, "train.yaml", text).text).resolve()
    used = [0.0, 0.0, 0.25, 0.5, 0.75, 1.0, 0.93971, 0.775, 0.55, 0.325]
    assert [schedule(t, base=1.0) for t in range(10)] == pytest.approx(used, abs=5e-6)


def test_of_several_schedulers_the_last_one_counts(tmp_path: Path) -> None:
    """So did its trainer, although its documentation says that they multiply.

    Each of them sets the rate anew, from the rate that the optimizer was made with.
    """
    text = _script("[optim.LinearScheduler(), CosineAnnealingWithWarmupScheduler('4ba')]")
    outcome = imported(tmp_path, "train.py", text)
    assert program(outcome) == ["run total = 100", "const(1, 0) >> warmup(4) >> cosine(96)"]
    assert "# of several schedulers the last one sets the rate" in outcome.text


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("optim.ConstantScheduler()", ["const"]),
        ("optim.ConstantScheduler(0.5, '20ba')",
         ["const(21, base * 0.5) >> const(value = base)"]),
        ("optim.LinearScheduler()", ["const(1) >> linear(100)"]),
        ("optim.LinearScheduler(0.1, 1.0, '0.5dur')",
         ["const(1, base * 0.1) >> linear(50, start = base * 0.1, end = base)"]),
        ("optim.StepScheduler('30ba')", ["const(1) >> step(30)"]),
        ("optim.StepScheduler('30ba', 0.5)", ["const(1) >> step(30, 0.5)"]),
        ("optim.MultiStepScheduler(['30ba', '60ba'])", ["const(1) >> multistep([30, 60])"]),
        ("optim.ExponentialScheduler(0.9, '10ba')", ["const(1) >> exponential(0.9, every = 10)"]),
        ("optim.CosineAnnealingScheduler()", ["const(1) >> cosine(100)"]),
        ("optim.CosineAnnealingScheduler('0.5dur', 0.1)",
         ["const(1) >> cosine(50, end = base * 0.1)"]),
        ("optim.CosineAnnealingWarmRestartsScheduler('10ba')", ["const(1) >> restarts(10)"]),
        ("optim.CosineAnnealingWarmRestartsScheduler('10ba', 2, 0.1)",
         ["const(1) >> restarts(10, 2, end = base * 0.1)"]),
        # Every cycle is cut off to whole batches: 30, 45, 67.
        ("optim.CosineAnnealingWarmRestartsScheduler('30ba', 1.5)",
         ["const(1) >> cosine(30, base) >> cosine(45, base) >> cosine(67, base)"]),
        ("optim.PolynomialScheduler(2.0)", ["const(1) >> poly(100, power = 2)"]),
        ("MultiStepWithWarmupScheduler('10ba', ['30ba', '60ba'])",
         ["const(1, 0) >> warmup(10) >> multistep([20, 50])"]),
        # A milestone in the warm-up takes effect when that is over.
        ("MultiStepWithWarmupScheduler('10ba', ['5ba', '60ba'], 0.5)",
         ["const(1, 0) >> warmup(10, 0, base) >> multistep([50], 0.5, start = base * 0.5)"]),
        ("ConstantWithWarmupScheduler('10ba', 0.5)",
         ["const(1, 0) >> warmup(10, 0, base * 0.5) >> const(value = base * 0.5)"]),
        ("LinearWithWarmupScheduler('10ba')", ["const(1, 0) >> warmup(10) >> linear(90)"]),
        ("CosineAnnealingWithWarmupScheduler(t_warmup='4ba', alpha_f=0.1)",
         ["const(1, 0) >> warmup(4) >> cosine(96, end = base * 0.1)"]),
        ("PolynomialWithWarmupScheduler('10ba')",
         ["const(1, 0) >> warmup(10) >> poly(90, power = 2)"]),
        ("CosineAnnealingWithWarmupScheduler(t_warmup=Time(0.1, 'dur'))",
         ["const(1, 0) >> warmup(10) >> cosine(90)"]),
        ("CosineAnnealingWithWarmupScheduler(t_warmup=Time(4, TimeUnit.BATCH))",
         ["const(1, 0) >> warmup(4) >> cosine(96)"]),
    ],
)  # fmt: skip
def test_the_text_for_a_call(tmp_path: Path, call: str, text: list[str]) -> None:
    call = call.replace("=Time(", "=composer.core.Time(")
    if not call.startswith("optim."):
        call = f"optim.{call}"
    assert program(imported(tmp_path, "train.py", _script(call))) == ["run total = 100", *text]


@pytest.mark.parametrize(
    ("call", "ratio", "text"),
    [
        # The ratio leaves the warm-up alone, and what follows is stretched.
        ("LinearWithWarmupScheduler('10ba')", 2.0, "const(1, 0) >> warmup(10) >> linear(190)"),
        # With `scale_warmup` it rises more slowly, and is left at the same batch: there it jumps.
        ("LinearWithWarmupScheduler('10ba', scale_warmup=True)", 2.0,
         "const(1, 0) >> until(10, warmup(20, 0, base)) >> linear(190, start = base)"),
        ("LinearWithWarmupScheduler('10ba', scale_warmup=True)", 0.5,
         "const(1, 0) >> warmup(5, 0, base) >> const(5) >> linear(40)"),
        ("StepScheduler('25ba')", 0.5, "const(1) >> step(12)"),
        ("StepScheduler('0.25dur')", 2.0, "const(1) >> step(50)"),
    ],
)  # fmt: skip
def test_the_ratio_of_the_schedule(tmp_path: Path, call: str, ratio: float, text: str) -> None:
    script = _script(f"optim.{call}", f", scale_schedule_ratio={ratio}")
    total = f"run total = {int(100 * ratio)}"
    assert program(imported(tmp_path, "train.py", script)) == [total, text]


def test_epochs(tmp_path: Path) -> None:
    text = _table("name: cosine_with_warmup, t_warmup: 10ba", "3ep")
    assert program(imported(tmp_path, "train.yaml", text)) == [
        "run total = 3ep", "const(1st, 0) >> warmup(10st) >> cosine(3ep - 10)",
    ]  # fmt: skip
    text = _table("name: cosine_with_warmup, t_warmup: 0.1dur", "3ep")
    outcome = imported(tmp_path, "train.yaml", text, steps_per_epoch=37)
    assert program(outcome)[1] == "const(1st, 0) >> warmup(11st) >> cosine(100st)"


def test_samples_and_tokens(tmp_path: Path) -> None:
    run = {"global_train_batch_size": 8, "max_seq_len": 64}
    text = _table("name: cosine_with_warmup, t_warmup: 80sp", "800sp", **run)
    assert program(imported(tmp_path, "train.yaml", text)) == [
        "run total = 100", "const(1, 0) >> warmup(10) >> cosine(90)",
    ]  # fmt: skip
    text = _table("name: cosine_with_warmup, t_warmup: 5120tok", "51200tok", **run)
    outcome = imported(tmp_path, "train.yaml", text)
    assert program(outcome)[1] == "const(1, 0) >> warmup(10) >> cosine(90)"
    assert "# an update has 8 * 64 tokens, none of them padding" in outcome.text


def test_a_scheduler_without_its_trainer(tmp_path: Path) -> None:
    text = "from composer.optim import *\ns = CosineAnnealingWithWarmupScheduler('10ba')\n"
    outcome = imported(tmp_path, "train.py", text)
    assert program(outcome) == ["const(1st, 0) >> warmup(10st) >> cosine(100% - 10)"]
    assert "# the source does not say how long the run is: pass `total`" in outcome.text


def _refused(folder: Path, text: str) -> str:
    name = "train.py" if text.startswith("from") else "train.yaml"
    return imported(folder, name, text).refused


@pytest.mark.parametrize(
    ("scheduler", "reason"),
    [
        ("name: cosine_with_warmup", "`scheduler.t_warmup` is missing"),
        ("name: cosine_with_warmup, t_warmup: 10",
         "`scheduler.t_warmup` is `10`, which is no time"),
        ("name: cosine_with_warmup, t_warmup: ten",
         "`scheduler.t_warmup` is `ten`, which is no time"),
        ("name: cosine_with_warmup, t_warmup: 10sec",
         "`scheduler.t_warmup` is `10sec`: Composer schedules nothing by the clock"),
        ("name: cosine_with_warmup, t_warmup: 1h30m",
         "`scheduler.t_warmup` is `1h30m`: Composer schedules nothing by the clock"),
        ("name: cosine_with_warmup, t_warmup: 2iter",
         "`scheduler.t_warmup` is `2iter`, and what an iteration has is not said"),
        ("name: cosine_with_warmup, t_warmup: 1.5ba",
         "`scheduler.t_warmup` is `1.5ba`, and Composer takes whole numbers of them"),
        ("name: cosine_with_warmup, t_warmup: 10ba, t_max: 50ba",
         "`t_max` is 50ba, which is shorter than the run: it raises"),
        ("name: cosine_with_warmup, t_warmup: 10tok",
         "how many tokens an update has is not said"),
        ("name: cosine_with_warmup, t_warmup: 10ba, alpha: 1",
         "1 field not understood: `scheduler.alpha`"),
        ("name: inv_sqrt_with_warmup, t_warmup: 0.1dur, t_scale: 20ba, t_cooldown: 15ba",
         "`t_warmup` is in dur, and not in the unit of `max_duration`"),
        ("name: inv_sqrt_with_warmup, t_warmup: 1ba, t_scale: 20ba, t_cooldown: 15ba,"
         " alpha_f_cooldown: 0.1",
         "`alpha_f_decay` is less than `alpha_f_cooldown`: it raises"),
    ],
)  # fmt: skip
def test_tables_that_are_refused(tmp_path: Path, scheduler: str, reason: str) -> None:
    assert _refused(tmp_path, _table(scheduler)) == reason


@pytest.mark.parametrize(
    ("schedulers", "more", "reason"),
    [
        ("optim.LinearScheduler()", ", step_schedulers_every_batch=False",
         "its schedulers are stepped once an epoch"),
        ("[optim.LinearScheduler(), torch_scheduler]", "",
         "`a scheduler of another kind` is no scheduler of Composer's or llm-foundry's"),
        ("optim.MultiStepScheduler(['3ba', '3ba'])", "",
         "a milestone that is there twice counts twice"),
        ("optim.MultiStepScheduler('3ba')", "", "`milestones` is no list of times"),
        ("optim.ExponentialScheduler()", "", "`gamma` is missing"),
        ("optim.LinearScheduler(t_max='5sp')", "", "how many samples an update has is not said"),
        ("optim.CosineAnnealingWarmRestartsScheduler('2ba', 0.5)", "",
         "its cycles, each 0.5 times the last, come to nothing"),
    ],
)  # fmt: skip
def test_calls_that_are_refused(
    tmp_path: Path, schedulers: str, more: str, reason: str
) -> None:  # fmt: skip
    assert _refused(tmp_path, _script(schedulers, more)) == reason


def test_schedulers_of_other_systems_are_left_alone(tmp_path: Path) -> None:
    text = (
        "from ignite.handlers import CosineAnnealingScheduler\nfrom model import *\n"
        "a = CosineAnnealingScheduler(optimizer, 'lr', 0.1, 0.0, 100)\n"
        "b = CosineAnnealingWithWarmupScheduler(learning_rate=1e-4, warmup_iters=2000)\n"
    )
    (tmp_path / "train.py").write_text(text)
    assert outcomes(str(tmp_path / "train.py"), tmp_path) == []


# Settings that are published, with the file of mosaicml/llm-foundry that has them.
PUBLISHED = [
    # scripts/train/yamls/pretrain/mpt-7b.yaml
    ("max_seq_len: 2048\nscheduler:\n  name: cosine_with_warmup\n  t_warmup: 100ba\n"
     "  alpha_f: 0.1\noptimizer:\n  name: decoupled_adamw\n  lr: 1.2e-4\n"
     "max_duration: 63900ba  # ~ 134B tokens\nglobal_train_batch_size: 1024\n",
     ["run total = 63900", "const(1, 0) >> warmup(100) >> cosine(63800, end = base * 0.1)"]),
    # scripts/train/yamls/finetune/7b_dolly_sft.yaml
    ("scheduler:\n  name: linear_decay_with_warmup\n  t_warmup: 0ba\n  alpha_f: 0\n"
     "optimizer:\n  name: decoupled_adamw\n  lr: 1.0e-5\nmax_duration: 1ep\n"
     "global_train_batch_size: 64\n",
     ["run total = 1ep", "const(1st) >> linear(1ep)"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), PUBLISHED)
def test_published_settings(tmp_path: Path, text: str, said: list[str]) -> None:
    assert program(imported(tmp_path, "train.yaml", text)) == said
