"""timm: what its settings become, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

import lrdsl
from tests.importers.sources import PUBLIC, found, imported, stored, words, wrong_by_one

ARGS = """\
sched: {sched}
epochs: 30
lr: 0.5
warmup_epochs: 5
warmup_lr: 1e-5
min_lr: 0
cooldown_epochs: 0
decay_epochs: 10
decay_milestones: [10, 20]
decay_rate: 0.1
"""
ENTERED = "every(1ep, warmup(5ep, 1e-5, base) >> skip(5ep, {}))"


def args(folder: Path, sched: str = "cosine", more: str = "", epoch: int = 4) -> str:
    """The program of args.yaml with some arguments changed."""
    changed = {line.partition(":")[0] for line in more.splitlines()}
    kept = [
        line for line in ARGS.format(sched=sched).splitlines(keepends=True)
        if line.partition(":")[0] not in changed
    ]  # fmt: skip
    outcome = imported(folder, "args.yaml", "".join(kept) + more, {"steps_per_epoch": epoch})
    assert outcome, outcome.refused or str(outcome.proof)
    return words(outcome).removeprefix("run total = 30ep, 1ep = 4st ")


def call(folder: Path, arguments: str) -> str:
    """The program of a call."""
    text = f"from timm.scheduler import *\nscheduler = {arguments}\n"
    outcome = imported(folder, "train.py", text)
    assert outcome, outcome.refused or str(outcome.proof)
    return words(outcome)


@pytest.mark.parametrize(
    ("sched", "more", "text"),
    [
        ("cosine", "", ENTERED.format("cosine(30ep, base)")),
        ("cosine", "warmup_epochs: 0\n", "every(1ep, cosine(30ep))"),
        ("cosine", "min_lr: 1e-6\n", ENTERED.format("cosine(30ep, base, 1e-6)")),
        ("cosine", "warmup_lr: 0\n",
         "every(1ep, warmup(5ep, end = base) >> skip(5ep, cosine(30ep, base)))"),
        ("cosine", "sched_on_updates: true\n",
         "warmup(5ep, 1e-5, base) >> skip(5ep, cosine(30ep, base))"),
        ("cosine", "lr_k_decay: 2\n", ENTERED.format("kdecay_cosine(30ep, base, k = 2)")),
        # Only its warm-up leads to where the schedule has come by then.
        ("tanh", "", "every(1ep, warmup(5ep, 1e-5) >> skip(5ep, tanh_decay(30ep, base)))"),
        ("tanh", "warmup_epochs: 0\n",
         "every(1ep, const(1ep) >> skip(1ep, tanh_decay(30ep, base)))"),
        # The decay rate of this one is the power.
        ("poly", "decay_rate: 0.9\n", ENTERED.format("poly(30ep, base, power = 0.9)")),
        ("poly", "decay_rate: 1\n", ENTERED.format("linear(30ep, base)")),
        ("step", "", ENTERED.format("step(10ep, 0.1, start = base)")),
        # Each milestone comes one epoch early.
        ("multistep", "", ENTERED.format("multistep([9ep, 19ep], 0.1, start = base)")),
        ("multistep", "sched_on_updates: true\nwarmup_epochs: 0\n",
         "multistep([10ep - 1, 20ep - 1], 0.1)"),
        # Its warm-up is always a part of the epochs, and its decay falls as 1 - sqrt.
        ("wsd", "", "every(1ep, warmup(5ep, 1e-5) >> const(15ep)"
         " >> cooldown(10ep, ease = one_minus_sqrt))"),
        ("wsd", "decay_epochs: 0.2\nlr_decay_fn: linear\n",
         "every(1ep, warmup(5ep, 1e-5) >> const(20ep) >> cooldown(5ep))"),
        ("rsqrt", "", "every(1ep, warmup(5ep, 1e-5, base)"
         " >> inverse_sqrt(5ep, length = 25ep, start = base)"
         " * (const(15ep, 1) >> cooldown(10ep, 1)))"),
        ("constant", "", "every(1ep, warmup(5ep, 1e-5) >> const)"),
        ("none", "", "const"),
    ],
)  # fmt: skip
def test_arguments(sched: str, more: str, text: str, tmp_path: Path) -> None:
    assert args(tmp_path, sched, more) == text


def test_none_at_its_default(tmp_path: Path) -> None:
    more = (
        "warmup_prefix: true\ncooldown_epochs: 10\nmin_lr: 1e-6\nlr_cycle_limit: 2\n"
        "lr_cycle_mul: 2.0\nlr_cycle_decay: 0.7\nsched_on_updates: true\n"
    )
    assert args(tmp_path, more=more) == (
        "run total = 105ep, 1ep = 4st warmup(5ep, 1e-5)"
        " >> restarts(30ep, 2, base, 1e-6, decay = 0.7, times = 2) >> const(10ep)"
    )


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        # A class counts epochs by default, and the optimizer's rate is what it is built with.
        ("CosineLRScheduler(optimizer, 30)", "every(1ep, cosine(30ep))"),
        ("CosineLRScheduler(optimizer, t_initial=30, warmup_t=5, t_in_epochs=False)",
         "warmup(5, end = base) >> skip(5, cosine(30, base))"),
        ("CosineLRScheduler(optimizer, 300, 1e-6, 2.0, 0.5, 3, 5, 1e-5, True, False, k_decay=2)",
         "warmup(5, 1e-5) >> (repeat(kdecay_cosine(300, base, k = 2), 3, stretch = 2, decay = 0.5)"
         " + repeat(kdecay_cosine(300, 0, 1e-6, k = 2), 3, stretch = 2))"),
        # Unlike the factory, these two have a warm-up that comes before by default.
        ("StepLRScheduler(optimizer, 9, 0.5, warmup_t=3, t_in_epochs=False)",
         "warmup(3) >> step(9, 0.5)"),
        ("MultiStepLRScheduler(optimizer, [9, 20], 0.5, warmup_t=3, t_in_epochs=False)",
         "warmup(3) >> multistep([8, 19], 0.5)"),
        ("PolyLRScheduler(optimizer, 30, t_in_epochs=False)", "poly(30, power = 0.5)"),
        ("WSDLRScheduler(optimizer, 30, 10, decay_fn='exp', t_in_epochs=False)",
         "def fall(u) = (0.1 ^ (1 - u) - 0.1) / (1 - 0.1)"
         " const(20) >> cooldown(10, ease = fall)"),
        ("create_scheduler_v2(optimizer, updates_per_epoch=8)",
         "run total = 300ep, 1ep = 8st every(1ep, cosine(300ep))"),
        ("create_scheduler_v2(optimizer, 'cosine', args.epochs, step_on_epochs=False,"
         " updates_per_epoch=len(loader))", "param epochs = 30 cosine(epochs * 1ep)"),
        # A list of names and numbers that the run has.
        ("CosineLRScheduler(optimizer, t_initial=num_steps - warmup_steps, warmup_t=warmup_steps,"
         " warmup_prefix=True, t_in_epochs=False)",
         "param num_steps = 1000 param warmup_steps = 10"
         " warmup(warmup_steps) >> cosine(num_steps - warmup_steps)"),
    ],
)  # fmt: skip
def test_calls(arguments: str, text: str, tmp_path: Path) -> None:
    assert call(tmp_path, arguments) == text


def test_a_table_that_names_the_class(tmp_path: Path) -> None:
    text = (
        "scheduler:\n  _target_: timm.scheduler.cosine_lr.CosineLRScheduler\n  _partial_: true\n"
        "  t_initial: 50\n  lr_min: 0.0\n  warmup_t: 0\n  t_in_epochs: true\n"
        "  noise_range_t: null\n  initialize: true\n"
    )
    outcome = imported(tmp_path, "config.yaml", text)
    assert outcome and words(outcome) == "every(1ep, cosine(50ep))"


def test_the_rate_is_computed_from_the_batch(tmp_path: Path) -> None:
    # 0.1 * 512 / 256 with SGD; with Adam the square root of the two.
    for opt, lr in (("sgd", "0.2"), ("adamw", f"{0.1 * 2**0.5}")):
        text = ARGS.format(sched="cosine").replace(
            "lr: 0.5", f"lr: null\nlr_base: 0.1\nbatch_size: 512\nopt: {opt}"
        )
        note = imported(tmp_path, "args.yaml", text).text.replace("\n#  ", "")
        assert f"the optimizer's learning rate is {lr}, which train.py computes" in note


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ("sched: plateau\n", "`plateau` follows a metric, so it has no curve to compare"),
        ("sched: cosin\n", "timm has no `cosin`"),
        ("lr_noise: [0.4, 0.9]\n", "its noise is random, and lrdsl's schedules are not"),
        ("layer_decay: 0.65\n",
         "`layer_decay` gives each group an `lr_scale` of its own: import it without, and write"
         ' `* own("lr_scale")` after the schedule'),
        ("lr_cycle_limit: 0\n", "a `cycle_limit` of 0 has another meaning in each version"),
        ("epochs: many\n", "`num_epochs` is `many`, which is no number"),
        ("warmup_epochs: 2.5\n", "`warmup_epochs` is 2.5, which is no whole number"),
        ("sched: multistep\ndecay_milestones: [20, 10]\n", "its milestones are not in order"),
        ("sched: multistep\ndecay_milestones: [1, 10]\n",
         "its milestone at 1 or before comes before the first step"),
        ("sched: wsd\ndecay_epochs: 26\n", "it decays for 26 of 25"),
        ("sched: wsd\nmin_lr: 0.6\n",
         "its lowest rate, 0.6, is above the optimizer's, 0.5"),
        ("sched: wsd\ndecay_epochs: 0.3\nsched_on_updates: true\n",
         "it decays for 7.5 epochs, rounded to whole updates"),
        ("sched: rsqrt\nwarmup_epochs: 0\n",
         "without a warm-up it needs a `stable_timescale`"),
        ("sched: wsd\nlr_decay_fn: sine\n", "timm has no `sine`"),
    ],
)  # fmt: skip
def test_refused(more: str, reason: str, tmp_path: Path) -> None:
    changed = {line.partition(":")[0] for line in more.splitlines()}
    kept = [
        line for line in ARGS.format(sched="cosine").splitlines(keepends=True)
        if line.partition(":")[0] not in changed
    ]  # fmt: skip
    assert imported(tmp_path, "args.yaml", "".join(kept) + more).refused == reason


def test_a_default_that_changed_is_asked_for(tmp_path: Path) -> None:
    text = "sched: cosine\nlr: 0.5\nepochs: 30\n"
    outcome = imported(tmp_path, "args.yaml", text)
    assert outcome.refused == (
        "the default of `warmup_epochs` changed in train.py with timm 0.8, and the source does not"
        " say which it was"
    )
    assert outcome.versions == ("timm==0.6.13", "timm==1.0.31")
    new = imported(tmp_path, "args.yaml", text, version="timm==1.0.31")
    assert words(new) == f"run total = 30ep {ENTERED.format('cosine(30ep, base)')}"
    old = imported(tmp_path, "args.yaml", text, version="timm==0.6.13")
    assert words(old) == (
        "run total = 40ep every(1ep, warmup(3ep, 0.0001, base)"
        " >> skip(3ep, cosine(30ep, base, 1e-6)) >> const(10ep))"
    )


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ("CosineLRScheduler(optimizer, 30, cycles=2)", "1 field not understood: `cycles`"),
        ("CosineLRScheduler(optimizer)", "`t_initial` is missing"),
        ("CosineLRScheduler(optimizer, 30, noise_range_t=9)",
         "its noise is random, and lrdsl's schedules are not"),
        ("create_scheduler_v2(optimizer, **scheduler_kwargs(args))",
         "`create_scheduler_v2` is called with `**scheduler_kwargs(args)`, which the source does"
         " not tell"),
        ("create_scheduler_v2(optimizer, 'wsd', args.epochs)",
         "how long it decays is a rounded number that the source does not tell"),
        ("WSDLRScheduler(optimizer, 30, 10, stable_fn='cubic', warmup_t=3)", "timm has no `cubic`"),
    ],
)  # fmt: skip
def test_refused_calls(arguments: str, reason: str, tmp_path: Path) -> None:
    text = f"from timm.scheduler import *\nscheduler = {arguments}\n"
    assert imported(tmp_path, "train.py", text).refused == reason


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("train.yaml", "scheduler: cosine\nsched: [cosine]\n"),
        ("train.py", "from mine import CosineLRScheduler\ns = CosineLRScheduler(optimizer, 30)\n"),
    ],
)
def test_nothing_found(name: str, text: str, tmp_path: Path) -> None:
    assert not found(tmp_path, name, text)


@pytest.mark.parametrize("index", [3, 15, 77, 88, 108, 140])
def test_a_text_that_is_wrong_by_one_is_noticed(index: int, tmp_path: Path) -> None:
    entry = stored("timm")[index]
    ((name, source),) = entry["files"].items()
    text = imported(tmp_path, name, source, entry["given"]).text
    wrong = list(wrong_by_one(text))
    assert wrong
    for other in wrong:
        try:
            schedule = lrdsl.parse(other).resolve()
        except lrdsl.LrsError:
            continue  # it does not fit its run any more
        ours = [schedule(t, base=entry["base"]) for t in entry["steps"]]
        assert ours != pytest.approx(entry["values"], rel=0, abs=1e-12)


# Facts of files of public repositories, rebuilt.


def test_hf_exp() -> None:
    # bolotyuh/hf-exp: rafflesia/run-exp-wds.sh
    path = PUBLIC / "timm" / "hf_exp.sh"
    outcome = imported(path.parent, path.name, path.read_text("utf-8"))
    assert outcome
    assert words(outcome) == "run total = 10ep every(1ep, cosine(10ep, end = 5e-5))"


def test_efficientnet_b2() -> None:
    # huggingface/pytorch-image-models: hfdocs/source/training_script.mdx, EfficientNet-B2
    path = PUBLIC / "timm" / "efficientnet_b2.sh"
    outcome = imported(path.parent, path.name, path.read_text("utf-8"), version="timm==1.0.31")
    assert outcome
    assert words(outcome) == (
        "run total = 450ep every(1ep, warmup(5ep, 1e-6, base)"
        " >> skip(5ep, repeat(const(2.4ep, base), decay = 0.97)))"
    )


def test_seresnet34() -> None:
    # huggingface/pytorch-image-models: hfdocs/source/training_script.mdx, SE-ResNet34
    path = PUBLIC / "timm" / "seresnet34.sh"
    outcome = imported(path.parent, path.name, path.read_text("utf-8"), version="timm==1.0.31")
    assert outcome
    assert words(outcome) == (
        "run total = 150ep every(1ep, warmup(5ep, 1e-5, base) >> skip(5ep, cosine(150ep, base)))"
    )
