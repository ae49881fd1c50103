"""OLMo: the texts for its settings, their traps, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

import lrdsl
from lrdsl.importers.imports import outcomes
from tests.importers.sources import imported, program


def _config(scheduler: str, duration: str = "100", more: str = "") -> str:
    return (
        f"optimizer: {{name: adamw, learning_rate: 3.0e-4}}\nscheduler: {{{scheduler}}}\n"
        f"max_duration: {duration}\n{more}"
    )


@pytest.mark.parametrize(
    ("scheduler", "text"),
    [
        # The first update is step 1, and the warm-up starts from a tenth of the rate.
        ("name: cosine_with_warmup, t_warmup: 10",
         ["warmup(9, base * (0.1 + 0.9 / 10)) >> cosine(90, end = base * 0.1)"]),
        ("t_warmup: 10, alpha_f: 0",
         ["warmup(9, base * (0.1 + 0.9 / 10)) >> cosine(90)"]),
        ("name: linear_with_warmup, t_warmup: 10, warmup_min_lr: 0.0, t_max: 80, alpha_f: 0.2",
         ["warmup(9, base / 10) >> linear(70, end = base * 0.2)"]),
        ("name: linear_with_warmup, t_warmup: 10, warmup_min_lr: 1e-6",
         ["warmup(9, 1e-6 + (base - 1e-6) / 10) >> linear(90, end = base * 0.1)"]),
        ("name: linear_with_warmup, t_warmup: 1", ["linear(99, end = base * 0.1)"]),
        ("name: linear_with_warmup, t_warmup: 0, alpha_f: 0", ["skip(1, linear(100))"]),
        ("name: inverse_sqrt_with_warmup, t_warmup: 10",
         ["warmup(9, base * (0.1 + 0.9 / 10)) >> inverse_sqrt(10)"]),
        ("name: max_scheduler, t_warmup: 10",
         ["warmup(9, base * (0.1 + 0.9 / 10))",
          "  >> max(cosine(90, start = base, end = base * 0.1), inverse_sqrt(10, start = base))"]),
        ("name: cosine_linear_envelope, t_warmup: 10",
         ["warmup(9, base * (0.1 + 0.9 / 10))",
          "  >> base * 0.1 + linear(90, start = 1) * cosine(90, start = base * 0.9)"]),
        ("name: constant", ["const"]),
        ("name: constant_with_warmup, t_warmup: 10.9",
         ["warmup(9, base * (0.1 + 0.9 / 10)) >> const"]),
    ],
)  # fmt: skip
def test_the_text_for_a_config(tmp_path: Path, scheduler: str, text: list[str]) -> None:
    outcome = imported(tmp_path, "train.yaml", _config(scheduler))
    assert program(outcome) == ["run total = 100", *text]
    assert "# the optimizer's learning rate is 0.0003" in outcome.text


def test_the_first_updates_by_hand(tmp_path: Path) -> None:
    """The rate of step k is 0.1 + 0.9 * k / 4, and the first update is step 1."""
    text = _config("name: constant_with_warmup, t_warmup: 4")
    schedule = lrdsl.parse(imported(tmp_path, "train.yaml", text).text).resolve()
    rates = [0.325, 0.55, 0.775, 1.0, 1.0]
    assert [schedule(t, base=1.0) for t in range(5)] == pytest.approx(rates)


def test_the_defaults(tmp_path: Path) -> None:
    text = "optimizer: {learning_rate: 1e-4}\nscheduler: {name: cosine_with_warmup}\n"
    assert program(imported(tmp_path, "train.yaml", text)) == [
        "run total = 10000",
        "warmup(99, base * (0.1 + 0.9 / 100)) >> cosine(9900, end = base * 0.1)",
    ]


RUN = "model: {max_sequence_length: 64}\nglobal_train_batch_size: 8\n"


def test_tokens(tmp_path: Path) -> None:
    """An update has 512 of them; the end of a decay need not be a whole number of updates."""
    text = _config("units: tokens, t_warmup: 5120, alpha_f: 0", "51200T", RUN)
    assert program(imported(tmp_path, "train.yaml", text)) == [
        "run total = 100", "warmup(9, base * (0.1 + 0.9 / 10)) >> cosine(90)",
    ]  # fmt: skip
    text = _config("units: tokens, t_warmup: 5120, alpha_f: 0", "50000T", RUN)
    assert program(imported(tmp_path, "train.yaml", text)) == [
        "run total = 98",
        "shape cosine_over(span, end, *, length: steps = rest, start = prev) =",
        "  blend(end, start, (1 + cos(pi * min(1, t / span))) / 2)",
        "",
        "warmup(9, base * (0.1 + 0.9 / 10)) >> cosine_over(50000 / 512 - 10, 0)",
    ]
    # In steps, the run has that many, rounded up.
    text = _config("t_warmup: 10, alpha_f: 0", "50000T", RUN)
    assert program(imported(tmp_path, "train.yaml", text)) == [
        "run total = 98", "warmup(9, base * (0.1 + 0.9 / 10)) >> cosine(88)",
    ]  # fmt: skip


def test_epochs(tmp_path: Path) -> None:
    text = _config("t_warmup: 10, alpha_f: 0", "2ep")
    assert program(imported(tmp_path, "train.yaml", text)) == [
        "run total = 2ep", "warmup(9st, base * (0.1 + 0.9 / 10)) >> cosine(2ep - 10)",
    ]  # fmt: skip


def test_the_warm_up_of_clipping_is_told_of(tmp_path: Path) -> None:
    text = _config("t_warmup: 10, grad_clip_warmup_steps: 5, grad_clip_warmup_factor: 10")
    said = "# the warm-up of gradient clipping is not translated"
    assert said in imported(tmp_path, "train.yaml", text).text


@pytest.mark.parametrize(
    ("scheduler", "duration", "reason"),
    [
        ("name: bolt_on_warmup_scheduler, t_warmup: 10", "100",
         "OLMo 0.6.0 has no scheduler `bolt_on_warmup_scheduler`"),
        ("units: hours", "100", "OLMo has no units `hours`"),
        ("t_warmup: 10, warmup: 10", "100", "1 field not understood: `scheduler.warmup`"),
        ("t_warmup: 100", "100",
         "the warm-up, 100 updates, is as long as the decay's end, 100"),
        ("units: tokens, t_warmup: 1000", "50000T",
         "`scheduler.t_warmup` is 1000 tokens, which is no whole number of updates of 512 tokens"),
        ("name: inverse_sqrt_with_warmup, t_warmup: 0", "100",
         "without a warm-up its inverse square root is 0 from the first update on"),
        ("t_warmup: 2000", "1ep",
         "how many updates an epoch has is not said, and the warm-up has 2000: pass"
         " --steps-per-epoch"),
        ("t_warmup: 10", "manyT", "`max_duration` is `many`, which is no number"),
        ("t_warmup: 10", "many", "`max_duration` is `many`, which is no number"),
    ],
)  # fmt: skip
def test_what_is_refused(tmp_path: Path, scheduler: str, duration: str, reason: str) -> None:
    text = _config(scheduler, duration, RUN)
    assert imported(tmp_path, "train.yaml", text).refused == reason


def test_other_tables_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("optimizer: {learning_rate: 0.1}\nscheduler: {name: step}\n")
    assert outcomes(str(tmp_path / "a.yaml"), tmp_path) == []


# Settings that are published, with the file of allenai/OLMo that has them.
PUBLISHED = [
    # configs/official/OLMo-7B.yaml, with a tenth of its 2e12 tokens: all updates are compared
    ("model: {max_sequence_length: 2048}\noptimizer: {name: adamw, learning_rate: 3.0e-4}\n"
     "scheduler:\n  name: linear_with_warmup\n  t_warmup: 5000\n  alpha_f: 0.1\n"
     "  grad_clip_warmup_steps: 1000\n  grad_clip_warmup_factor: 10.0\n"
     "max_duration: 2e11T  # 0.2T tokens\nglobal_train_batch_size: 2048\n", 0,
     ["run total = 47684",
      "warmup(4999, base * (0.1 + 0.9 / 5000)) >> linear(42684, end = base * 0.1)"]),
    # configs/official-1124/OLMo2-7B-stage1.yaml
    ("model: {max_sequence_length: 4096}\noptimizer: {name: adamw, learning_rate: 3.0e-4}\n"
     "scheduler:\n  name: cosine_with_warmup\n  units: tokens\n  t_warmup: 8388608000\n"
     "  t_max: 5e12\n  alpha_f: 0.1\n  warmup_min_lr: 0.0\nmax_duration: 1ep\n"
     "global_train_batch_size: 1024\n", 30_000,
     ["run total = 1ep",
      "shape cosine_over(span, end, *, length: steps = rest, start = prev) =",
      "  blend(end, start, (1 + cos(pi * min(1, t / span))) / 2)", "",
      "warmup(1999, base / 2000) >> cosine_over(5000000000000 / 4194304 - 2000, base * 0.1)"]),
    # configs/official-1124/OLMo2-7B-stage2-seed42.yaml
    ("optimizer: {name: adamw, learning_rate: 0.000061499}\nscheduler:\n"
     "  name: linear_with_warmup\n  t_warmup: 0\n  alpha_f: 0\nmax_duration: 100\n", 0,
     ["run total = 100", "skip(1, linear(100))"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "epoch", "said"), PUBLISHED)
def test_published_settings(tmp_path: Path, text: str, epoch: int, said: list[str]) -> None:
    outcome = imported(tmp_path, "train.yaml", text, steps_per_epoch=epoch or 100)
    assert program(outcome) == said
