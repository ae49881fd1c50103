"""DeepSpeed's configs: what is read, what is refused, and what is easily got wrong."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

import lrdsl
from lrdsl.importers.imports import outcomes
from tests.importers.sources import check_numbers, found, notes, program_text, stored

PUBLIC = Path(__file__).parent / "public" / "deepspeed"
ADAM = {"type": "Adam", "params": {"lr": 3e-4}}
LOG = (
    "shape log_warmup(length: steps, start = 0, end = next) =\n"
    "  blend(start, end, min(1, log(t + 1) / log(length)))\n"
)
RISING = (
    "shape rising(rate, every: steps, *, length: steps = rest, start = prev) =\n"
    "  start * (1 + rate * t / every)\n"
)


def config(kind: str, params: dict[str, Any], optimizer: dict[str, Any] | None = None) -> str:
    rest = {} if optimizer is None else {"optimizer": optimizer}
    return json.dumps({"scheduler": {"type": kind, "params": params}, **rest}, indent=1)


def text(
    folder: Path, kind: str, params: dict[str, Any], optimizer: dict[str, Any] | None = None
) -> str:
    (outcome,) = found(folder, "ds.json", config(kind, params, optimizer))
    return program_text(outcome)


@pytest.mark.parametrize(
    "kind, params, expected",
    [
        ("WarmupLR", {}, f"{LOG}const(1, 0) >> log_warmup(1000) >> const\n"),
        (
            "WarmupLR",
            {"warmup_min_lr": 1e-5, "warmup_max_lr": "3e-4", "warmup_num_steps": 200,
             "warmup_type": "linear", "last_batch_iteration": -1},
            "const(1, 1e-5) >> warmup(200, 1e-5, end = 0.0003) >> const\n",
        ),
        (
            "WarmupDecayLR",
            {"total_num_steps": 5000},
            f"{LOG}const(1, 0) >> log_warmup(1000, end = 0.001) >> linear(4000)\n",
        ),
        (
            "WarmupDecayLR",
            {"total_num_steps": 900, "warmup_min_lr": 1e-5, "warmup_max_lr": 3e-4,
             "warmup_num_steps": 200, "warmup_type": "linear"},
            "const(1, 1e-5) >> warmup(200, 1e-5, end = 0.0003) >> linear(700, end = 1e-5)\n",
        ),
        (
            "WarmupCosineLR",
            {"total_num_steps": 5000},
            f"{LOG}const(1, 0)\n"
            "  >> log_warmup(1000, end = base)\n"
            "  >> skip(1, cosine(4000, base, base * 0.0001))\n",
        ),
        (
            "WarmupCosineLR",
            {"total_num_steps": 900, "warmup_min_ratio": 0.1, "cos_min_ratio": 0.01,
             "warmup_num_steps": 200, "warmup_type": "linear"},
            "const(1, 0)\n"
            "  >> warmup(200, base * 0.1, end = base)\n"
            "  >> skip(1, cosine(700, base, base * 0.01))\n",
        ),
        (
            "OneCycle",
            {"cycle_min_lr": 1e-4, "cycle_max_lr": 1e-3, "cycle_momentum": False},
            "linear(2000, 0.0001, 0.001) >> linear(2000, 0.001, 0.0001) >> const(value = 0.0001)\n",
        ),
        (
            "OneCycle",
            {"cycle_min_lr": 1e-4, "cycle_max_lr": 1e-3, "cycle_first_step_size": 30,
             "cycle_second_step_size": 50, "decay_step_size": 10, "decay_lr_rate": 0.5,
             "cycle_min_mom": 0.85, "cycle_max_mom": 0.95, "decay_mom_rate": 0.01,
             "cycle_first_stair_count": 0, "cycle_second_stair_count": 0},
            RISING
            + "beta1: const(1, 0.85)\n"
            "  >> skip(1, linear(30, 0.95, 0.85))\n"
            "  >> linear(50, 0.85, 0.95)\n"
            "  >> rising(0.01, 10, start = 0.95)\n"
            "beta2: const(value = 0.99)\n"
            "lr: linear(30, 0.0001, 0.001)\n"
            "  >> linear(50, 0.001, 0.0001)\n"
            "  >> inverse_time(0.5, every = 10, start = 0.0001)\n",
        ),
        ("LRRangeTest", {}, f"{RISING}rising(1, 2000, start = 0.001)\n"),
        (
            "LRRangeTest",
            {"lr_range_test_min_lr": 1e-4, "lr_range_test_step_size": 50,
             "lr_range_test_step_rate": 5, "lr_range_test_staircase": True},
            RISING.replace("t / every", "floor(t / every)") + "rising(5, 50, start = 0.0001)\n",
        ),
    ],
)  # fmt: skip
def test_the_text(kind: str, params: dict[str, Any], expected: str, tmp_path: Path) -> None:
    assert text(tmp_path, kind, params) == expected


# What is easily got wrong.


def test_the_warmup_is_one_update_late(tmp_path: Path) -> None:
    """The engine steps after an update, and a schedule starts at -1."""
    params = {"warmup_num_steps": 4, "warmup_max_lr": 0.4, "warmup_type": "linear"}
    schedule = lrdsl.parse(text(tmp_path, "WarmupLR", params)).resolve()
    assert [schedule(t) for t in range(7)] == pytest.approx([0, 0, 0.1, 0.2, 0.3, 0.4, 0.4])


def test_a_warmup_without_a_type_is_a_logarithm(tmp_path: Path) -> None:
    params = {"warmup_num_steps": 8, "warmup_max_lr": 1}
    schedule = lrdsl.parse(text(tmp_path, "WarmupLR", params)).resolve()
    # log(2) / log(8) at the third update, and the peak one update before the warm-up is over.
    assert [schedule(t) for t in (2, 8, 9)] == pytest.approx([1 / 3, 1, 1])


def test_a_warmup_of_one_takes_two(tmp_path: Path) -> None:
    assert "log_warmup(2)" in text(tmp_path, "WarmupLR", {"warmup_num_steps": 1})


def test_without_a_peak_warmup_lr_takes_the_optimizers_rate_and_decay_its_own(
    tmp_path: Path,
) -> None:
    decay = {"total_num_steps": 2_000}
    assert text(tmp_path, "WarmupLR", {}).endswith("log_warmup(1000) >> const\n")
    assert "end = 0.001" in text(tmp_path, "WarmupDecayLR", decay, ADAM)


def test_the_cosine_keeps_the_groups_own_rates(tmp_path: Path) -> None:
    """Update T is its last, and the first one is 0 whatever the warm-up starts at."""
    params = {
        "total_num_steps": 12, "warmup_num_steps": 2, "warmup_type": "linear",
        "warmup_min_ratio": 0.5, "cos_min_ratio": 0,
    }  # fmt: skip
    schedule = lrdsl.parse(text(tmp_path, "WarmupCosineLR", params)).resolve()
    for base in (1.0, 0.25):
        found = [schedule(t, base=base) for t in (0, 1, 2, 3, 12)]
        first = (1 + math.cos(math.pi / 10)) / 2
        assert found == pytest.approx([0, 0.5 * base, 0.75 * base, first * base, 0])


def test_an_unknown_warmup_is_a_logarithm(tmp_path: Path) -> None:
    source = config("WarmupLR", {"warmup_type": "cosine"})
    (outcome,) = found(tmp_path, "ds.json", source)
    assert "log_warmup(1000)" in program_text(outcome)
    assert notes(outcome) == ["DeepSpeed takes the unknown warm-up `cosine` for `log`"]


def test_the_momentum_of_an_optimizer_without_betas_stays(tmp_path: Path) -> None:
    ends = {"cycle_min_lr": 1e-4, "cycle_max_lr": 1e-3}
    assert text(tmp_path, "OneCycle", ends, {"type": "SGD"}).startswith("linear(2000, 0.0001")
    (outcome,) = found(tmp_path, "ds.json", config("OneCycle", ends))
    assert program_text(outcome).startswith("beta1: const(1, 0.8)")
    assert notes(outcome) == ["the optimizer is taken for one with `betas`, such as Adam"]


# What transformers fills in.


AUTO = {
    "warmup_min_lr": "auto", "warmup_max_lr": "auto", "warmup_num_steps": "auto",
    "total_num_steps": "auto",
}  # fmt: skip


def test_auto_values_become_params(tmp_path: Path) -> None:
    (outcome,) = found(tmp_path, "ds.json", config("WarmupDecayLR", AUTO))
    assert program_text(outcome) == (
        "param warmup_num_steps = 10\n"
        "param total_num_steps = 1000\n"
        f"{LOG}"
        "const(1, 0)\n"
        "  >> log_warmup(warmup_num_steps)\n"
        "  >> linear(total_num_steps - warmup_num_steps)\n"
    )
    assert notes(outcome) == [
        "`warmup_max_lr` is auto: transformers puts the optimizer's rate there",
        "the source has no value for `warmup_num_steps`, `total_num_steps`: those below are"
        " examples",
    ]


def test_auto_values_of_a_config_in_the_arguments_of_a_trainer(tmp_path: Path) -> None:
    source = (
        "learning_rate: 2e-5\nmax_steps: 700\nwarmup_steps: 50\nlr_scheduler_type: cosine\n"
        "deepspeed:\n  scheduler:\n    type: WarmupDecayLR\n    params:\n"
        + "".join(f"      {key}: auto\n" for key in AUTO)
    )
    arguments, scheduler = found(tmp_path, "train.yaml", source)
    assert program_text(scheduler).endswith("const(1, 0) >> log_warmup(50) >> linear(650)\n")
    assert notes(scheduler)[0] == "the optimizer's learning rate is 2e-5"
    assert notes(arguments)[-1] == "a scheduler in the DeepSpeed config takes the place of this one"


# What is refused.


@pytest.mark.parametrize(
    "kind, params, reason",
    [
        ("WarmupLR", {"warmup_steps": 3},
         "1 field not understood: `scheduler.params.warmup_steps`"),
        ("WarmupLR", {"total_num_steps": "auto"},
         "1 field not understood: `scheduler.params.total_num_steps`"),
        ("WarmupDecayLR", {}, "`scheduler.params.total_num_steps` is missing"),
        ("WarmupLR", {"warmup_num_steps": 0}, "DeepSpeed raises for a `warmup_num_steps` of 0"),
        ("WarmupLR", {"warmup_num_steps": 2.5},
         "`scheduler.params.warmup_num_steps` is 2.5, which is no whole number"),
        ("WarmupLR", {"warmup_max_lr": [0.1, 0.2]},
         "`warmup_max_lr` has a rate for each group, and the config names no groups"),
        ("WarmupLR", {"last_batch_iteration": 7}, "`last_batch_iteration` starts it in its middle"),
        ("OneCycle", {"cycle_min_lr": 0.1, "cycle_max_lr": 1, "cycle_first_stair_count": 4},
         "the stairs of its cycle are not translated"),
        ("OneCycle", {}, "`cycle_min_lr` and `cycle_max_lr` have no default"),
    ],
)  # fmt: skip
def test_refusals(kind: str, params: dict[str, Any], reason: str, tmp_path: Path) -> None:
    (outcome,) = found(tmp_path, "ds.json", config(kind, params))
    assert (outcome.refused, outcome.text) == (reason, "")


def test_a_scheduler_of_torch_is_refused(tmp_path: Path) -> None:
    source = '{"train_batch_size": 8, "scheduler": {"type": "OneCycleLR", "params": {}}}'
    (outcome,) = found(tmp_path, "ds.json", source)
    assert outcome.refused == (
        "`OneCycleLR` is a scheduler of torch, which DeepSpeed steps after each update: it is not"
        " translated"
    )


@pytest.mark.parametrize("source", ["{}", '{"scheduler": {"type": "Other"}}', '{"scheduler": 3}'])
def test_nothing_is_found(source: str, tmp_path: Path) -> None:
    assert found(tmp_path, "ds.json", source) == []


# Off by one.


@pytest.mark.parametrize("entry", [e for e in stored("deepspeed") if "target" not in e])
def test_a_text_that_is_wrong_by_one_gives_another_curve(
    entry: dict[str, Any], tmp_path: Path
) -> None:
    check_numbers(tmp_path, entry)


# Public configs.


@pytest.mark.parametrize(
    "name, expected",
    [
        ("hana", f"{LOG}const(1, 0) >> log_warmup(10000, end = 0.0001) >> const\n"),
        (
            "self_control",
            f"param warmup_num_steps = 10\n{LOG}"
            "const(1, 1e-6) >> log_warmup(warmup_num_steps, 1e-6) >> const\n",
        ),
        (
            "ds_config_zero2",
            f"param warmup_num_steps = 10\n{LOG}"
            "const(1, 0) >> log_warmup(warmup_num_steps) >> const\n",
        ),
    ],
)
def test_public_configs(name: str, expected: str) -> None:
    """Rebuilt from their facts.

    IDEA-Research/hana: config/deepspeed.py; HenryCai11/LLM-Self-Control:
    self_control/prefix_control/configs/deepspeed.py; huggingface/transformers:
    tests/deepspeed/ds_config_zero2.json.
    """
    (outcome,) = outcomes(str(PUBLIC / f"{name}.json"), PUBLIC)
    assert program_text(outcome) == expected
