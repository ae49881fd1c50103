"""What `lrdsl.compile` takes, and what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from torch.optim import SGD
from torch.optim.lr_scheduler import LambdaLR, SequentialLR

import lrdsl
from lrdsl.frameworks.torch.compile import SCHEDULERS
from tests.frameworks.torch.driving import drive, furthest, optimizer, parameter, rates

TEXT = "linear(10, 0.3, 0.1) >> const"
FIRST = [[0.3, 0.28, 0.26]]


@pytest.mark.parametrize("form", ["text", "program", "path", "string path"])
def test_a_program_comes_as_text_program_or_file(tmp_path: Path, form: str) -> None:
    path = tmp_path / "fine.lrs"
    path.write_text(TEXT, encoding="utf-8")
    forms: dict[str, Any] = {
        "text": TEXT,
        "program": lrdsl.parse(TEXT),
        "path": path,
        "string path": str(path),
    }
    scheduler = lrdsl.compile(forms[form], optimizer(0.1))
    assert furthest(drive(scheduler, 3), FIRST) < 1e-15


def test_a_path_may_have_any_suffix(tmp_path: Path) -> None:
    path = tmp_path / "schedule.txt"
    path.write_text("const(value = 0.25)", encoding="utf-8")
    assert drive(lrdsl.compile(path, optimizer(0.1)), 2) == [[0.25, 0.25]]


def test_errors_of_a_file_name_the_file(tmp_path: Path) -> None:
    path = tmp_path / "broken.lrs"
    path.write_text("cosin(20)", encoding="utf-8")
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.compile(path, optimizer(0.1))
    assert [(d.name, d.slug) for d in caught.value.diagnostics] == [(str(path), "unknown-name")]


def test_a_missing_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere\.lrs"):
        lrdsl.compile(str(tmp_path / "nowhere.lrs"), optimizer(0.1))


@pytest.mark.parametrize("number", [0.3, 1])
def test_a_number_is_refused_with_what_to_write(number: float) -> None:
    wanted = f"not {number}; to hold a rate, write 'const(value = {number})'"
    driven = optimizer(0.1)
    with pytest.raises(TypeError) as caught:
        lrdsl.compile(number, driven)  # type: ignore[call-overload]
    assert str(caught.value).endswith(wanted)
    scheduler = lrdsl.compile(f"const(value = {number})", driven)
    assert drive(scheduler, 1) == [[number]]


@pytest.mark.parametrize("thing", [None, ["const"], b"const"])
def test_other_things_are_refused(thing: object) -> None:
    with pytest.raises(TypeError) as caught:
        lrdsl.compile(thing, optimizer(0.1))  # type: ignore[call-overload]
    assert str(caught.value) == f"a schedule is a text, a Program or a path, not {thing!r}"


def test_an_unknown_target_is_refused_with_those_there_are() -> None:
    with pytest.raises(
        ValueError, match=r"^scheduler is one of lambda, sequential, not 'chained'$"
    ):
        lrdsl.compile("const", optimizer(0.1), scheduler="chained")


def test_every_scheduler_module_is_a_scheduler() -> None:
    folder = Path(lrdsl.__file__).parent / "frameworks" / "torch"
    assert sorted(path.stem for path in folder.glob("*_lr.py")) == sorted(SCHEDULERS.values())


@pytest.mark.parametrize(
    ("scheduler", "kind"), [("lambda", LambdaLR), ("sequential", SequentialLR)]
)
def test_the_result_is_torchs_own_class(scheduler: Any, kind: type) -> None:
    assert isinstance(lrdsl.compile(TEXT, optimizer(0.1), scheduler=scheduler), kind)


RUN: dict[str, Any] = {
    "total": "90ep",
    "steps_per_epoch": 4,
    "per_step": {"tok": 0.5},
    "params": {"peak": 0.8},
}


@pytest.mark.parametrize("scheduler", ["lambda", "sequential"])
def test_the_run_is_passed_on(scheduler: Any) -> None:
    text = "param peak = 0.4\nwarmup(2ep) >> const(10tok) >> linear(rest, peak)"
    made = lrdsl.compile(text, optimizer(0.1), scheduler=scheduler, **RUN)
    (used,) = drive(made, 360)
    # 8 steps up and 20 flat at the optimizer's own 0.1, then what is left of 360 steps down to 0.
    assert used[0] == 0
    assert used[27] == pytest.approx(0.1, rel=1e-15)
    assert used[28] == pytest.approx(0.8, rel=1e-15)
    assert used[28 + 166] == pytest.approx(0.4, rel=1e-12)
    assert rates(made.optimizer) == [0]


def test_a_run_that_says_too_little_is_refused() -> None:
    driven = optimizer(0.1)
    with pytest.raises(lrdsl.LrsError, match="steps_per_epoch"):
        lrdsl.compile("warmup(5ep) >> const", driven)
    assert rates(driven) == [0.1]
    assert "initial_lr" not in driven.param_groups[0]


@pytest.mark.parametrize("scheduler", ["lambda", "sequential"])
def test_a_mixed_schedule_is_judged_for_the_rates_it_meets(scheduler: Any) -> None:
    text = "linear(10, base, 0.05) - 0.04"
    made = lrdsl.compile(text, optimizer(0.1, 0.04), scheduler=scheduler)
    assert drive(made, 1) == [[pytest.approx(0.06, rel=1e-12)], [0.0]]
    driven = optimizer(0.1, 0.01)
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.compile(text, driven, scheduler=scheduler)
    (found,) = caught.value.diagnostics
    assert (found.slug, found.span.text) == ("negative-rate", text)
    assert "at step 0: -0.03" in found.message
    assert rates(driven) == [0.1, 0.01]


@pytest.mark.parametrize("scheduler", ["lambda", "sequential"])
def test_what_is_no_optimizer_is_refused_as_torch_does(scheduler: Any) -> None:
    with pytest.raises(TypeError, match=r"^Parameter is not an Optimizer$"):
        lrdsl.compile("const", parameter(), scheduler=scheduler)  # type: ignore[call-overload]
    with pytest.raises(TypeError, match=r"^Parameter is not an Optimizer$"):
        lrdsl.compile("const", [parameter()], scheduler=scheduler)  # type: ignore[list-item]


def test_nothing_of_torch_is_needed_to_find_what_is_wrong() -> None:
    with pytest.raises(lrdsl.LrsError, match="LRS201"):
        lrdsl.compile("cosin(20)", SGD([parameter()], lr=0.1))
