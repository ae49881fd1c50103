"""Numbers in tensors: one buffer per device and type, written once, whose address never changes."""

from __future__ import annotations

import copy
import io
import pickle
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.optim import SGD, Adam, Optimizer
from torch.utils._python_dispatch import TorchDispatchMode

import lrdsl
from tests.frameworks.torch.driving import drive, optimizer, parameter, rates, weights

TEXT = "linear(10, base, 0)"
SINGLE, DOUBLE = torch.float32, torch.float64


def tensors(*values: float, dtype: torch.dtype = DOUBLE) -> list[Tensor]:
    return [torch.tensor(value, dtype=dtype) for value in values]


def held(driven: Optimizer) -> list[Tensor]:
    """The tensors of the rates."""
    return [group["lr"] for group in driven.param_groups]


def numbers(driven: Optimizer) -> list[float]:
    """The rates of the groups."""
    return [float(number) for number in held(driven)]


def addresses(numbers: list[Tensor]) -> list[int]:
    return [number.data_ptr() for number in numbers]


def storages(numbers: list[Tensor]) -> set[int]:
    return {number.untyped_storage().data_ptr() for number in numbers}


class Writes(TorchDispatchMode):
    """Counts the operations that torch makes with a tensor that is written to."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.counts: Counter[str] = Counter()

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> object:
        if func._schema.is_mutable:
            self.counts[str(func)] += 1
        return func(*args, **(kwargs or {}))


def writes(driven: Optimizer, text: str = TEXT) -> int:
    """How often a step writes to a tensor."""
    scheduler = lrdsl.compile(text, driven)
    driven.step()
    with Writes() as counted:
        scheduler.step()
    return sum(counted.counts.values())


class TestWriting:
    def test_a_thousand_groups_are_written_as_one(self) -> None:
        one, many = optimizer(*tensors(1.0)), optimizer(*tensors(*[1.0] * 1000))
        assert writes(one) == writes(many) == 1
        assert rates(many) == [0.9] * 1000

    def test_so_are_many_distinct_rates(self) -> None:
        bases = [1.0 + i for i in range(50)] * 2
        driven = optimizer(*tensors(*bases))
        assert writes(driven) == 1
        assert rates(driven) == [base * 0.9 for base in bases]

    def test_each_type_is_written_once(self) -> None:
        driven = optimizer(*tensors(1.0, 1.0), *tensors(1.0, 1.0, dtype=SINGLE), 1.0)
        assert writes(driven) == 2
        single = torch.tensor(0.9).item()
        assert rates(driven) == [0.9, 0.9, single, single, 0.9]
        assert [number.dtype for number in held(driven)[:4]] == [DOUBLE, DOUBLE, SINGLE, SINGLE]

    def test_values_are_rounded_as_torch_rounds_them(self) -> None:
        for dtype in (torch.float16, torch.bfloat16, SINGLE, DOUBLE):
            driven = optimizer(*tensors(0.1, 0.3, dtype=dtype))
            used = drive(lrdsl.compile("linear(7, base, 0) + 0.01", driven), 8)
            bases = [torch.tensor(base, dtype=dtype).item() for base in (0.1, 0.3)]
            expected = lrdsl.parse("linear(7, base, 0) + 0.01").resolve()
            for base, found in zip(bases, used, strict=True):
                values = [expected(t, base=base) for t in range(8)]
                assert found == [torch.tensor(value, dtype=dtype).item() for value in values]

    def test_rates_and_betas_are_in_one_buffer(self) -> None:
        betas = (torch.tensor(0.5), torch.tensor(0.9))
        driven = Adam([parameter()], lr=torch.tensor(0.1), betas=betas, capturable=True)
        lrdsl.compile("lr: linear(4, 0.1, 0)  momentum: linear(4, 0.5, 0)", driven).set_step(2)
        group = driven.param_groups[0]
        assert len(storages([group["lr"], group["betas"][0]])) == 1
        found = [float(number) for number in (group["lr"], *group["betas"])]
        assert found == [torch.tensor(value).item() for value in (0.05, 0.25, 0.9)]

    def test_what_is_not_driven_any_more_stays(self) -> None:
        """A second scheduler finds the buffer of the first, and drives only a part of it."""
        driven = optimizer(*tensors(0.5, 1.0, 2.0))
        for group in driven.param_groups:
            group["temperature"] = torch.tensor(3.0, dtype=DOUBLE)
        drive(lrdsl.compile("lr: linear(4)  temperature: linear(4)", driven), 2)
        before = addresses(held(driven))
        scheduler = lrdsl.compile("lr: linear(8)", driven, rebase=True)
        scheduler.set_step(4)
        assert rates(driven) == [0.125, 0.25, 0.5]
        lrdsl.compile("lr: const(value = 7)", driven)
        assert rates(driven) == [7.0] * 3
        assert [float(group["temperature"]) for group in driven.param_groups] == [1.5] * 3
        assert addresses(held(driven)) == before

    @pytest.mark.parametrize(
        "options", [{"foreach": True}, {"foreach": False}, {"fused": True}], ids=str
    )
    def test_every_way_to_update_reads_it(self, options: dict[str, bool]) -> None:
        def run(rate: Callable[[], Any]) -> list[list[float]]:
            driven = SGD([{"params": [parameter()]} for _ in range(3)], lr=rate(), **options)
            drive(lrdsl.compile(TEXT, driven), 12)
            return weights(driven)

        assert run(lambda: torch.tensor(0.5, dtype=DOUBLE)) == run(lambda: 0.5)

    @pytest.mark.parametrize("options", [{"fused": True}, {"foreach": False}], ids=str)
    def test_adam(self, options: dict[str, Any]) -> None:
        def run(rate: Callable[[], Any]) -> list[list[float]]:
            groups = [{"params": [parameter()], "lr": rate()} for _ in range(3)]
            driven = Adam(groups, **options)
            drive(lrdsl.compile(TEXT, driven), 12)
            return weights(driven)

        for ours, plain in zip(
            run(lambda: torch.tensor(0.5, dtype=DOUBLE)), run(lambda: 0.5), strict=True
        ):
            assert ours == pytest.approx(plain, rel=1e-6)


class TestPlaces:
    def test_the_callers_tensors_stay_those_of_the_groups(self) -> None:
        own = tensors(0.5, 1.0)
        driven = optimizer(*own)
        drive(lrdsl.compile(TEXT, driven), 5)
        assert all(a is b for a, b in zip(held(driven), own, strict=True))
        assert [float(one) for one in own] == [0.25, 0.5]

    def test_a_single_tensor_does_not_move(self) -> None:
        """So whatever was captured before the scheduler was made goes on seeing it."""
        rate = torch.tensor(1.0)
        before = rate.data_ptr()
        drive(lrdsl.compile(TEXT, SGD([parameter()], lr=rate)), 5)
        assert rate.data_ptr() == before
        assert rate == 0.5

    def test_views_of_the_callers_stay_in_the_callers_memory(self) -> None:
        own = torch.tensor([0.5, 1.0])
        drive(lrdsl.compile(TEXT, optimizer(*own.unbind())), 5)
        assert own.tolist() == [0.25, 0.5]

    def test_a_tensor_of_one_dimension_keeps_it(self) -> None:
        driven = optimizer(torch.tensor([0.5]), torch.tensor([[1.0]]))
        drive(lrdsl.compile(TEXT, driven), 5)
        assert [rate.tolist() for rate in held(driven)] == [[0.25], [[0.5]]]

    def test_the_optimizers_state_loaded(self) -> None:
        driven = optimizer(*tensors(0.5, 1.0))
        scheduler = lrdsl.compile(TEXT, driven)
        drive(scheduler, 5)
        state, before = copy.deepcopy(driven.state_dict()), addresses(held(driven))
        drive(scheduler, 3)
        driven.load_state_dict(state)
        drive(scheduler, 1)
        assert rates(driven) == [pytest.approx(0.05), pytest.approx(0.1)]
        assert addresses(held(driven)) == before

    def test_a_state_that_holds_floats(self) -> None:
        state = optimizer(0.5, 1.0).state_dict()
        driven = optimizer(*tensors(0.5, 1.0))
        scheduler = lrdsl.compile(TEXT, driven)
        drive(scheduler, 4)
        before = addresses(held(driven))
        driven.load_state_dict(state)
        drive(scheduler, 1)
        assert rates(driven) == [0.25, 0.5]
        assert addresses(held(driven)) == before

    def test_a_state_of_another_type(self) -> None:
        state = optimizer(*tensors(0.5, 1.0, dtype=SINGLE)).state_dict()
        driven = optimizer(*tensors(0.5, 1.0))
        scheduler = lrdsl.compile(TEXT, driven)
        drive(scheduler, 3)
        driven.load_state_dict(state)
        drive(scheduler, 2)
        assert [rate.dtype for rate in held(driven)] == [DOUBLE] * 2
        assert rates(driven) == [0.25, 0.5]

    def test_a_state_loaded_before_the_first_step_keeps_its_rates(self) -> None:
        state = optimizer(*tensors(0.25, 0.75)).state_dict()
        driven = optimizer(*tensors(0.5, 1.0))
        scheduler = lrdsl.compile(TEXT, driven)
        before = addresses(held(driven))
        driven.load_state_dict(state)
        assert rates(driven) == [0.25, 0.75]
        assert scheduler.last_epoch == 0
        assert addresses(held(driven)) == before

    def test_the_schedulers_state_loaded(self) -> None:
        driven = optimizer(*tensors(0.5, 1.0))
        scheduler = lrdsl.compile(TEXT, driven)
        drive(scheduler, 5)
        state, before = scheduler.state_dict(), addresses(held(driven))
        drive(scheduler, 3)
        scheduler.load_state_dict(state)
        assert rates(driven) == [0.25, 0.5]
        assert addresses(held(driven)) == before

    def test_states_hold_no_tensors(self) -> None:
        scheduler = lrdsl.compile(TEXT, optimizer(*tensors(0.5, 1.0)))
        drive(scheduler, 5)

        def plain(value: object) -> bool:
            if isinstance(value, dict):
                return all(map(plain, value.values()))
            if isinstance(value, list | tuple):
                return all(map(plain, value))
            return value is None or type(value) in (int, float, str, bool)

        state = scheduler.state_dict()
        assert plain(state)
        file = io.BytesIO()
        torch.save(state, file)
        file.seek(0)
        assert torch.load(file, weights_only=True) == state

    @pytest.mark.parametrize(
        "copied",
        [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))],
        ids=["copy", "pickle"],
    )
    def test_copies_have_buffers_of_their_own(self, copied: Callable[[Any], Any]) -> None:
        scheduler = lrdsl.compile(TEXT, optimizer(*tensors(0.5, 1.0, 0.5)))
        drive(scheduler, 5)
        other, driven = copied((scheduler, scheduler.optimizer))
        assert other.optimizer is driven
        before = addresses(held(driven))
        drive(other, 3)
        assert rates(driven) == [pytest.approx(value) for value in (0.1, 0.2, 0.1)]
        assert rates(scheduler.optimizer) == [0.25, 0.5, 0.25]
        assert addresses(held(driven)) == before
        assert len(storages(held(driven))) == 1
        assert not storages(held(driven)) & storages(held(scheduler.optimizer))

    def test_a_group_that_joins_gets_a_further_buffer(self) -> None:
        driven = optimizer(*tensors(0.5, 1.0))
        scheduler = lrdsl.compile(TEXT, driven)
        drive(scheduler, 4)
        before = addresses(held(driven))
        for rate in tensors(2.0, 4.0):
            driven.add_param_group({"params": [parameter()], "lr": rate})
        drive(scheduler, 1)
        assert rates(driven) == [0.25, 0.5, 1.0, 2.0]
        assert addresses(held(driven))[:2] == before

    def test_a_group_that_joins_without_a_hook(self) -> None:
        """As where another library appends to the list, or puts another one in its place."""
        driven = optimizer(*tensors(0.5, 1.0))
        scheduler = lrdsl.compile(TEXT, driven)
        drive(scheduler, 4)
        before = addresses(held(driven))
        new = {**driven.param_groups[0], "params": [parameter()], "lr": tensors(2.0)[0]}
        driven.param_groups = [*driven.param_groups, new | {"initial_lr": 2.0}]
        drive(scheduler, 1)
        assert rates(driven) == [0.25, 0.5, 1.0]
        assert addresses(held(driven))[:2] == before

    def test_a_group_in_front_that_shares_a_tensor_gets_its_own(self) -> None:
        driven = optimizer(*tensors(0.5, 1.0))
        scheduler = lrdsl.compile('lr: const  lr["new", optional]: const / 2', driven)
        drive(scheduler, 1)
        before = addresses(held(driven))
        first = driven.param_groups[0]
        driven.param_groups.insert(0, {**first, "params": [parameter()], "name": "new"})
        drive(scheduler, 2)
        assert rates(driven) == [0.25, 0.5, 1.0]
        assert addresses(held(driven))[1:] == before

    @pytest.mark.parametrize("value", [7.0, torch.tensor(7.0)], ids=["float", "tensor"])
    def test_what_replaces_a_number_gives_way(self, value: float | Tensor) -> None:
        driven = optimizer(*tensors(0.5, 1.0))
        scheduler = lrdsl.compile(TEXT, driven)
        drive(scheduler, 4)
        before = addresses(held(driven))
        driven.param_groups[1]["lr"] = value
        drive(scheduler, 1)
        assert rates(driven) == [0.25, 0.5]
        assert addresses(held(driven)) == before

    def test_among_many_groups_within_a_few_steps(self) -> None:
        driven = optimizer(*tensors(*[1.0] * 100))
        scheduler = lrdsl.compile("const", driven)
        drive(scheduler, 1)
        driven.param_groups[77]["lr"] = 7.0
        drive(scheduler, 7)
        assert rates(driven) == [1.0] * 100

    def test_betas_that_are_replaced(self) -> None:
        betas = (torch.tensor(0.5), torch.tensor(0.9))
        driven = Adam([parameter()], lr=torch.tensor(0.1), betas=betas, capturable=True)
        scheduler = lrdsl.compile("lr: const  beta1: linear(4, 0.5, 0)", driven)
        group, own = driven.param_groups[0], driven.param_groups[0]["betas"][0]
        group["betas"] = (0.7, 0.8)
        scheduler.set_step(2)
        assert group["betas"][0] is own
        assert [float(beta) for beta in group["betas"]] == [0.25, 0.8]


def test_several_optimizers_have_buffers_of_their_own() -> None:
    one, other = (
        optimizer(*tensors(0.5, 1.0)),
        optimizer(*tensors(0.5, 1.0), *tensors(0.5, dtype=SINGLE)),
    )
    scheduler = lrdsl.compile(TEXT, {"one": one, "other": other})
    for _ in range(5):
        one.step()
        other.step()
        scheduler.step()
    assert rates(one) + rates(other) == [0.25, 0.5, 0.25, 0.5, 0.25]
    assert len(storages(held(one))) == 1
    assert len(storages(held(other))) == 2
    before = addresses(held(one))
    one.load_state_dict(optimizer(*tensors(0.5, 1.0)).state_dict())
    scheduler.step()
    assert rates(one) == [pytest.approx(0.2), pytest.approx(0.4)]
    assert addresses(held(one)) == before


def test_a_group_that_joins_with_the_tensor_of_another_leaves_that_one_alone() -> None:
    rate = torch.tensor(0.1)
    driven = SGD([parameter()], lr=rate)
    scheduler = lrdsl.compile("linear(10)", driven)
    for _ in range(5):
        driven.step()
        scheduler.step()
    for _ in range(2):
        driven.add_param_group({"params": [parameter()], "lr": rate})
        assert numbers(driven) == list(map(float, scheduler.get_last_lr()))
    assert numbers(driven) == pytest.approx([0.05, 0.025, 0.025])


def test_an_optimizer_leaves_the_tensors_of_another_one_alone() -> None:
    rate = torch.tensor(0.1)
    one, other = (SGD([parameter()], lr=rate) for _ in range(2))
    both = lrdsl.compile('lr["a"]: linear(20) lr["b"]: cosine(10)', {"a": one, "b": other})
    for _ in range(5):
        both.step()
    other.add_param_group({"params": [parameter()], "lr": rate})
    other.param_groups[0]["lr"] = one.param_groups[0]["lr"]
    assert numbers(one) == pytest.approx([0.075])
    both.step()
    assert numbers(one) == pytest.approx([0.07])
    third = SGD([parameter()], lr=rate)
    alone = lrdsl.compile("const(value = 0.5)", third)
    third.step()
    alone.step()
    assert numbers(one) == pytest.approx([0.07])
    assert numbers(third) == [0.5]


def test_two_views_of_one_number_are_two_numbers() -> None:
    pair = torch.tensor([0.1])
    groups = [{"params": [parameter()], "lr": pair[0]} for _ in range(2)]
    driven = SGD(groups)
    scheduler = lrdsl.compile("lr[0]: linear(20) lr[1]: const", driven)
    for _ in range(5):
        driven.step()
        scheduler.step()
    assert numbers(driven) == pytest.approx([0.075, 0.1])


def test_inference_mode() -> None:
    with torch.inference_mode():
        rate = torch.tensor(0.1)
    with pytest.raises(lrdsl.LrsError, match="inference_mode"):
        lrdsl.compile("linear(10)", SGD([parameter()], lr=rate))
    groups = [{"params": [parameter()]} for _ in range(2)]
    driven = SGD(groups, lr=torch.tensor(0.1))
    with torch.inference_mode():
        scheduler = lrdsl.compile("linear(10)", driven)
    driven.step()
    scheduler.step()
    assert numbers(driven) == pytest.approx([0.09, 0.09])
