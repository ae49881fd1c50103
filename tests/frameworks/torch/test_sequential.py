"""`scheduler="sequential"`: plain torch classes that give the rates of the default target."""

from __future__ import annotations

import gc
import warnings
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from torch.optim.lr_scheduler import SequentialLR

import lrdsl
from lrdsl.check import library
from tests.frameworks.torch.driving import drive, furthest, optimizer, parameter, rates
from tests.library import parameters
from tests.strategies import RUN, programs

# Groups of different rates are what these tests are about.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.lr.{2} gives one rate to groups"),
    # Both go on past the end of the run, so that what they hold there is compared too.
    pytest.mark.filterwarnings("ignore:.LRS802 past-total"),
]

BASES = (0.1, 0.02, 0.5)
CLOSE = 1e-12

SHAPES = [name for name in library.names() if (d := library.find(name)) and d.keyword == "shape"]
DEFINITIONS = [d for d in map(library.find, library.names()) if d]
# What a metric drives is refused; `test_metrics.py` shows it.
# What waits for metrics and signals, which torch's SequentialLR cannot receive.
OUTSIDE = ("plateau", "adaptive", "signal", "stalled", "below", "above")
EXAMPLES = {
    d.name: text
    for d in DEFINITIONS
    if (text := library.notes(d).example) and not any(f"{word}(" in text for word in OUTSIDE)
}

# The shapes that are called with their length, their start and their end, and change between them.
CURVES = [name for name in SHAPES if parameters(name)[:3] == ["length", "start", "end"]]

# Every shape with each end inferred, in terms of `base`, and absolute.
ENDS = {
    **{
        name: [f"{name}(7)", f"{name}(7, base, base / 3)", f"{name}(7, 0.3, 0.02)"]
        for name in CURVES
    },
    "const": ["const(7)", "const(7, base)", "const(7, base / 3)", "const(7, 0.3)"],
    "warmup": ["warmup(7)", "warmup(7, base / 3)", "warmup(7, 0.01, 0.3)", "warmup(7, base, 0.2)"],
    "linear": ["linear(7)", "linear(7, base, base / 3)", "linear(7, 0.3)", "linear(7, base / 3)"],
    "cosine": ["cosine(7)", "cosine(7, base, 0.01)", "cosine(7, base, base / 9)", "cosine(7, 0.3)"],
    "poly": ["poly(7)", "poly(7, power = 2)", "poly(7, base, 0.01, 0.5)", "poly(7, 0.3)"],
    "exponential": [
        f"exponential(0.9, length = 7{x})" for x in ("", ", start = 0.3", ", every = 2")
    ],
    "step": [
        f"step(3, 0.5, length = 7{x})"
        for x in ("", ", start = base", ", start = 0.3", ", offset = 1")
    ],
    "multistep": [f"multistep({m}, length = 7)" for m in ([], [3], [0, 3], [3, 3, 6], [5, 9])],
    "inverse_sqrt": ["inverse_sqrt(length = 7)", "inverse_sqrt(3, length = 7, start = 0.3)"],
    "linear_cosine": ["linear_cosine(7)", "linear_cosine(7, 0.3, periods = 1.5)"],
    "natural_exponential": [
        f"natural_exponential(0.1, length = 7{x})" for x in ("", ", start = 0.3", ", every = 2")
    ],
    "inverse_time": ["inverse_time(0.5, length = 7)", "inverse_time(1, every = 2, length = 7)"],
    "power_law": ["power_law(3, length = 7)", "power_law(3, -1, length = 7, start = 0.3)"],
    "stairs": ["stairs([3], [0.3, 0.1], length = 7)", "stairs([], [base], length = 7)"],
    "points": ["points([0, 3, 7], [0, base, 0.01])", "points([0, 7], [0.3, 0])"],
    "onecycle": ["onecycle(7)", "onecycle(7, 0.3, three_phase = true)"],
    "noam": ["noam(3, length = 7)", "noam(3, d_model = 64, factor = 2, length = 7)"],
    "slanted_triangular": ["slanted_triangular(7)", "slanted_triangular(70, 0.3, ratio = 8)"],
}
PARTS = [part for parts in ENDS.values() for part in parts]

COMPOSITIONS = [
    "const",
    "step(3)",
    "multistep([3, 8])",
    "multistep([3, 8], 0.5)",
    "exponential(0.9)",
    "inverse_sqrt(4)",
    "warmup(5) >> cosine(20, 0.3, 0.01) >> const",
    "warmup(5) >> cosine(20) >> cosine(5, base) >> const",
    "cosine(10, base, 0.01) >> linear(5, base, base / 2) >> step(2, length = 9) >> poly(6, base)",
    "const(3) >> const(4) >> const(2, 0.2) >> const",
    "repeat(cosine(10), 3)",
    "warmup(3) >> repeat(cosine(4) >> linear(3, base), stretch = 2, times = 3, decay = 0.5)",
    "max(step(3), 0.01)",
    "cosine(20) * step(5, 0.5, start = 1)",
    "over(30, warmup(10%) >> const >> linear(20%))",
    "exponential(0.5, length = 6) >> const(3) >> exponential(0.9)",
    "min(linear(9, 0, base), 0.05) >> cosine(8, base, 0)",
    "until(7, cosine(20)) >> linear(6)",
    "warmup(5) >> skip(5, cosine(20))",
    "every(3, warmup(5, base / 5) >> skip(5, cosine(20, base))) >> const",
]


def both(text: str, *bases: float, **run: Any) -> tuple[list[list[float]], list[list[float]]]:
    """The rates of the sequential target and of the default one, over twice the length."""
    length = lrdsl.parse(text).resolve(**run).length
    updates = 2 * int(length) + 3 if length < 10_000 else 60
    found = lrdsl.compile(text, optimizer(*bases), scheduler="sequential", **run)
    wanted = lrdsl.compile(text, optimizer(*bases), **run)
    return drive(found, updates), drive(wanted, updates)


def same(text: str, *bases: float, **run: Any) -> None:
    """Asserts that both targets give the same rates, and none below 0."""
    found, wanted = both(text, *bases, **run)
    assert furthest(found, wanted) <= CLOSE
    assert min(map(min, found)) >= 0


def test_every_shape_is_looked_at() -> None:
    assert sorted(ENDS) == sorted(SHAPES)
    assert set(EXAMPLES) >= set(SHAPES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_of_every_definition(name: str) -> None:
    same(EXAMPLES[name], *BASES)


@pytest.mark.parametrize("part", PARTS)
def test_a_shape_alone_in_the_middle_and_at_the_end(part: str) -> None:
    same(part, *BASES)
    same(f"const(2, base / 2) >> {part} >> linear(4, base, base / 5)", *BASES)
    same(f"warmup(3, base / 7) >> {part}", *BASES)


@pytest.mark.parametrize("text", COMPOSITIONS)
def test_compositions(text: str) -> None:
    same(text, *BASES)
    same(text, 0.3)


@given(programs())
@settings(max_examples=40)
def test_programs(text: str) -> None:
    same(text, 0.1, 0.4, **RUN)


NATIVE = {
    "cosine(8)": "CosineAnnealingLR LambdaLR",
    "cosine(8, base, 0.01)": "CosineAnnealingLR LambdaLR",
    "cosine(8) >> const": "CosineAnnealingLR LambdaLR",
    "cosine(8, base, base / 10)": "LambdaLR",
    "cosine(8, 0.3)": "LambdaLR",
    "linear(8)": "LinearLR",
    "linear(8, base, base / 4)": "LinearLR",
    "linear(8, base / 4, base)": "LinearLR",
    "linear(8, base, 0.01)": "LambdaLR",
    "linear(8, base, base * 2)": "LambdaLR",
    "linear(8, base / 3)": "LambdaLR",
    "linear(8, base * 1.5, base)": "LambdaLR",
    "const(5) >> warmup(8, base / 3) >> const": "ConstantLR LinearLR ConstantLR",
    "warmup(8) >> cosine(8)": "LambdaLR CosineAnnealingLR LambdaLR",
    "const": "ConstantLR",
    "const(value = base / 2)": "LambdaLR",
    "poly(8, power = 2)": "PolynomialLR",
    "poly(8, base, 0.01)": "LambdaLR",
    "exponential(0.9)": "ExponentialLR",
    "exponential(0.9, length = 8)": "ExponentialLR LambdaLR",
    "exponential(0.999)": "ExponentialLR",
    "exponential(0.9999)": "LambdaLR",
    "exponential(0.9, every = 2)": "LambdaLR",
    "step(3)": "StepLR",
    "step(1)": "StepLR",
    "step(3, 0.999)": "StepLR",
    "step(3, 0.9999)": "LambdaLR",
    "step(3, length = 10)": "StepLR LambdaLR",
    "multistep([3, 8], 0.5)": "MultiStepLR",
    "multistep([3, 8], length = 10)": "MultiStepLR LambdaLR",
    "inverse_sqrt": "LambdaLR",
    "cosine(8) * 1": "LambdaLR",
    "repeat(cosine(8), 2)": "LambdaLR",
    "cosine(100_000)": "CosineAnnealingLR LambdaLR",
    "cosine(100_001)": "LambdaLR",
    "linear(100_001)": "LambdaLR",
    "poly(100_001)": "LambdaLR",
}


def classes(text: str, *bases: float | torch.Tensor) -> list[str]:
    scheduler = lrdsl.compile(text, optimizer(*bases), scheduler="sequential")
    assert isinstance(scheduler, SequentialLR)
    return [type(child).__name__ for child in scheduler._schedulers]


@pytest.mark.parametrize("text", NATIVE)
def test_torchs_own_class_where_it_is_the_same_curve(text: str) -> None:
    # In these bases a share such as base / 3 is the same factor to the last bit.
    assert classes(text, 0.1, 0.2, 0.4) == NATIVE[text].split()


def test_groups_that_agree_by_chance_and_groups_that_do_not() -> None:
    assert classes("linear(8, 0.1, 0.05)", 0.1) == ["LinearLR"]
    assert classes("linear(8, 0.1, 0.05)", 0.1, 0.2) == ["LambdaLR"]


def test_a_rate_of_zero_is_no_base_for_torchs_own_classes() -> None:
    assert classes("cosine(8)", 0.1, 0.0) == ["LambdaLR"]
    same("cosine(8)", 0.1, 0.0)


def test_a_tensor_is_filled_with_rates_that_have_not_drifted() -> None:
    rate = torch.tensor(0.1)
    text = "cosine(200) >> exponential(0.99)"
    assert classes(text, rate) == ["LambdaLR", "LambdaLR"]
    found = lrdsl.compile(text, optimizer(rate), scheduler="sequential")
    assert [group["initial_lr"] for group in found.optimizer.param_groups] == [float(rate)]
    assert type(found.optimizer.param_groups[0]["initial_lr"]) is float
    wanted = drive(lrdsl.compile(text, optimizer(torch.tensor(0.1))), 250)
    # The two compute in double precision and round to the tensor's own once a step.
    assert furthest(drive(found, 250), wanted) <= torch.finfo(torch.float32).eps
    assert found.optimizer.param_groups[0]["lr"] is rate


_STAIRS = (
    "shape stairs(every, gamma = 0.9, *, offset = 0, length: steps = rest, start = prev)"
    " = start * gamma ^ floor((t + offset) / every)"
)
_DROPS = (
    "shape drops(milestones: [number], gamma = 0.1, *, length: steps = rest, start = prev)"
    " = start * gamma ^ passed(milestones, t)"
)
USERS_OWN = {
    "another formula": "shape cosine(length: steps) = base * cos(pi * u / 2)\ncosine(9)",
    "an interval that is no whole number": f"{_STAIRS}\nstairs(2.5, length = 20)",
    "an interval that has begun": f"{_STAIRS}\nstairs(3, offset = 1, length = 20)",
    "an interval below a step": f"{_STAIRS}\nstairs(0.5, length = 20)",
    "milestones between steps": f"{_DROPS}\ndrops([2.5, 4], length = 9)",
    "milestones in disorder": f"{_DROPS}\ndrops([6, 4], length = 9)",
}


@pytest.mark.parametrize("name", USERS_OWN)
def test_a_shape_of_the_users_is_not_taken_for_torchs(name: str) -> None:
    assert classes(USERS_OWN[name], *BASES) == ["LambdaLR"]
    same(USERS_OWN[name], *BASES)


def test_a_shape_is_known_by_its_formula_whatever_its_name() -> None:
    assert classes(f"{_STAIRS}\nstairs(3)", *BASES) == ["StepLR"]
    text = "shape glide(length: steps, start = prev, end = 0) = start * v + end * u\nglide(8)"
    assert classes(text, *BASES) == ["LinearLR"]
    same(text, *BASES)


@pytest.mark.parametrize("text", ["cosine(5)", "exponential(0.5, length = 5)", "linear(5, 0.3)"])
def test_the_end_is_held(text: str) -> None:
    scheduler = lrdsl.compile(text, optimizer(*BASES), scheduler="sequential")
    for column, base in zip(drive(scheduler, 500), BASES, strict=True):
        end = lrdsl.parse(text).resolve()(5, base=base)
        assert column[5:] == pytest.approx([end] * 495, abs=1e-12 * max(column))


def test_base_is_the_rate_before_any_scheduler() -> None:
    driven = optimizer(0.1, 0.4)
    drive(lrdsl.compile("linear(10)", driven), 7)
    second = lrdsl.compile("cosine(10, base, 0.01)", driven, scheduler="sequential")
    assert isinstance(second._schedulers[0], torch.optim.lr_scheduler.CosineAnnealingLR)
    assert rates(driven) == [0.1, 0.4]
    drive(second, 3)
    third = lrdsl.compile("cosine(10, base / 2, 0.01)", driven, scheduler="sequential")
    assert isinstance(third._schedulers[0], torch.optim.lr_scheduler.LambdaLR)
    assert rates(driven) == [0.05, 0.2]
    drive(third, 3)
    drive(lrdsl.compile("linear(10, base, 0.01)", driven, scheduler="sequential"), 5)
    assert rates(driven) == pytest.approx([0.055, 0.205], rel=1e-15)


LRS502 = """\
error[LRS502 not-sequential]: `cosine` gives a rate to group 1, whose own rate is 0
 --> <string>:1:13
  |
1 | const(5) >> cosine(20, 0.3, 0.01) >> const
  |             ^^^^^^^^^^^^^^^^^^^^^
help: SequentialLR only multiplies: use scheduler="lambda", or give the group a rate
more: lrdsl explain LRS502
"""


def test_an_absolute_rate_for_a_group_of_rate_zero_is_refused() -> None:
    text = "const(5) >> cosine(20, 0.3, 0.01) >> const"
    driven = optimizer(0.1, 0.0)
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.compile(text, driven, scheduler="sequential")
    assert str(caught.value) == LRS502
    assert rates(driven) == [0.1, 0.0]


def test_zero_for_a_group_of_rate_zero_is_fine() -> None:
    same("const(5, 0) >> const(value = base / 2)", 0.1, 0.0)


def test_a_loop_of_every_class_raises_no_warnings() -> None:
    heads = ["cosine(5", "linear(5", "poly(5", "const(5", "exponential(0.9, length = 5"]
    heads += ["step(2, length = 5", "multistep([2], length = 5", "inverse_sqrt(length = 5"]
    named = {"const": ", base)"}
    text = " >> ".join(head + named.get(head[:5], ", start = base)") for head in heads)
    driven = optimizer(*BASES)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        scheduler = lrdsl.compile(text, driven, scheduler="sequential")
        drive(scheduler, 60)
    assert caught == []
    assert [type(child).__name__.removesuffix("LR") for child in scheduler._schedulers] == [
        "CosineAnnealing", "Linear", "Polynomial", "Constant",
        "Exponential", "Step", "MultiStep", "Lambda",
    ]  # fmt: skip


LATER = [
    "warmup(5) >> cosine(20)",  # torch would fail at the next step
    "exponential(0.9)",  # and here go on from the group's own rate
    "warmup(2) >> multistep([30])",
]


@pytest.mark.parametrize("text", LATER)
def test_a_group_that_joins_is_refused_before_it_is_trained(text: str) -> None:
    driven = optimizer(0.1)
    scheduler = lrdsl.compile(text, driven, scheduler="sequential")
    drive(scheduler, 3)
    before = rates(driven)
    late = parameter()
    driven.add_param_group({"params": [late], "lr": 0.5, "name": "late"})
    with pytest.raises(lrdsl.LrsError) as caught:
        driven.step()
    (found,) = caught.value.diagnostics
    assert found.code == "LRS502"
    assert found.message == (
        'a SequentialLR cannot drive group "late", which was added to its optimizer'
    )
    assert rates(driven) == [*before, 0.5]
    assert late.tolist() == parameter().tolist()


@pytest.mark.parametrize("kind", ["lambda", "sequential"])
def test_a_group_that_joins_is_driven_by_the_next_scheduler(kind: str) -> None:
    driven = optimizer(0.1)
    first = lrdsl.compile("linear(10)", driven, scheduler="sequential")
    driven.add_param_group({"params": [parameter()], "lr": 0.5})
    second = lrdsl.compile("const", driven, scheduler=kind)
    assert drive(second, 2) == [[0.1, 0.1], [0.5, 0.5]]
    assert first.last_epoch == 0


def test_a_group_that_joins_after_the_scheduler_is_gone_is_free() -> None:
    driven = optimizer(0.1)
    scheduler = lrdsl.compile("linear(10)", driven, scheduler="sequential")
    del scheduler
    gc.collect()
    driven.add_param_group({"params": [parameter()], "lr": 0.5})
    driven.step()
    assert rates(driven) == [0.1, 0.5]
