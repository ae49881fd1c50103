"""What a parameter group may hold for a number that is driven, and what is said of the rest."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy
import pytest
import torch
from torch.optim import SGD

import lrdsl
from lrdsl.wording import number
from tests.frameworks.torch.driving import drive, optimizer, parameter

TEXT = "linear(4)"
RATES: dict[str, Any] = {
    "int": 1, "numpy float64": numpy.float64(1), "numpy float32": numpy.float32(1),
    "numpy int64": numpy.int64(1), "numpy array": numpy.array(1.0), "fraction": Fraction(1),
    "decimal": Decimal(1), "tensor": torch.tensor(1.0), "one of a row": torch.tensor([1.0]),
    "double": torch.tensor(1.0, dtype=torch.float64), "half": torch.tensor(1.0).half(),
}  # fmt: skip
NO_RATES: dict[str, tuple[Any, str]] = {
    "two in a tensor": (torch.tensor([0.1, 0.2]), "it is a tensor of 2 numbers, and one is needed"),
    "none in a tensor": (torch.tensor([]), "it is a tensor of 0 numbers, and one is needed"),
    "a tensor of ints": (
        torch.tensor(1), "it is a tensor of torch.int64, and a float tensor is needed"
    ),
    "a tensor of truth": (
        torch.tensor(True), "it is a tensor of torch.bool, and a float tensor is needed"
    ),
    "a complex tensor": (
        torch.tensor(1j), "it is a tensor of torch.complex64, and a float tensor is needed"
    ),
    "a sparse tensor": (
        torch.tensor([0.1]).to_sparse(), "it is a sparse tensor, and a dense one is needed"
    ),
    "a parameter": (
        torch.tensor(0.1, requires_grad=True),
        "it is a tensor that requires a gradient: detach it",
    ),
    "a meta tensor": (torch.tensor(1.0, device="meta"), "it is a tensor on the meta device"),
    "a huge int": (10**400, f"it is 1{'0' * 35} …, which is not a number"),
    "a complex": (1j, "it is 1j, which is not a number"),
    "a text": ("0.1", "it is '0.1', which is not a number"),
    "a truth": (True, "it is True, which is not a number"),
    "a list": ([0.1], "it is [0.1], which is not a number"),
    "a row of numpy": (numpy.array([0.1]), "it is array([0.1]), which is not a number"),
    "nothing": (None, "it is None"),
}  # fmt: skip
KINDS = pytest.mark.parametrize("kind", ["lambda", "sequential"])


@KINDS
@pytest.mark.parametrize("case", RATES)
def test_a_rate_is_a_number_of_any_kind(case: str, kind: str) -> None:
    driven = optimizer(0.1)
    held = RATES[case]
    driven.param_groups[0]["lr"] = held.clone() if isinstance(held, torch.Tensor) else held
    scheduler = lrdsl.compile(TEXT, driven, scheduler=kind)
    assert drive(scheduler, 5) == [[1.0, 0.75, 0.5, 0.25, 0.0]]


@KINDS
@pytest.mark.parametrize("case", NO_RATES)
def test_a_rate_that_no_schedule_can_write_is_refused(case: str, kind: str) -> None:
    held, reason = NO_RATES[case]
    driven = optimizer(0.1)
    driven.param_groups[0]["lr"] = held
    keys = list(driven.param_groups[0])
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.compile("warmup(5) >> cosine(20)", driven, scheduler=kind)
    (found,) = caught.value.diagnostics
    assert found.code == "LRS510"
    assert found.message == f"`lr` of group 0 cannot be driven: {reason}"
    assert list(driven.param_groups[0]) == keys
    assert driven.param_groups[0]["lr"] is held


@KINDS
@pytest.mark.parametrize("base", [math.nan, math.inf, -1.0, torch.tensor(math.nan)], ids=repr)
def test_a_base_that_is_no_rate_is_refused_before_anything_is_written(base: Any, kind: str) -> None:
    driven = optimizer(0.1)
    driven.param_groups[0]["lr"] = base.clone() if isinstance(base, torch.Tensor) else base
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.compile("linear(5)", driven, scheduler=kind)
    found = caught.value.diagnostics[0]
    assert found.code in {"LRS311", "LRS312"}
    written = number(float(base))
    assert found.help == (
        f"`base` is {written}, which group 0 was built with: build it with a rate of 0 or more"
    )
    assert "initial_lr" not in driven.param_groups[0]
    assert drive(lrdsl.compile("const(value = 0.5)", driven), 1) == [[0.5]]  # which has no base


def test_other_numbers_are_those_of_any_library() -> None:
    momentum: Any = numpy.float32(0.5)
    driven = SGD([parameter()], lr=0.1, momentum=momentum)
    lrdsl.compile("momentum: linear(5)", driven)
    assert driven.param_groups[0]["momentum"] == 0.5
    driven = SGD([parameter()], lr=0.1, momentum=0.5)
    driven.param_groups[0]["weight_decay"] = torch.tensor(1)
    with pytest.raises(lrdsl.LrsError, match="LRS507"):
        lrdsl.compile("weight_decay: linear(5)", driven)
