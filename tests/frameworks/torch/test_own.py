"""``own``: other numbers of the same group, on real optimizers."""

from __future__ import annotations

import json
import pickle
from typing import Any

import numpy as np
import pytest
import torch
from torch.optim import SGD, Adam, AdamW, Optimizer

import lrdsl
from lrdsl import arrays
from lrdsl.schedule.bound import array_curve
from tests.frameworks.torch.driving import drive, parameter


def scaled(*scales: Any, key: str = "lr_scale", kind: Any = SGD, **extra: Any) -> Optimizer:
    """An optimizer of rate 0.4 with a group for each number."""
    groups = [{"params": [parameter()], key: scale} for scale in scales]
    made: Optimizer = kind(groups, lr=0.4, **extra)
    return made


def refusal(text: str, optimizer: Optimizer) -> tuple[str, str]:
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.compile(text, optimizer)
    (found,) = caught.value.diagnostics
    return found.slug, f"{found.message}; {found.help}"


SCALED = 'lr: warmup(10) >> const * own("lr_scale")'


def test_the_groups_of_timm_have_the_rates_that_it_gives_them() -> None:
    # timm multiplies group["lr"] by group["lr_scale"] = 0.75 ** (layers left).
    scales = [0.75**left for left in range(14)]
    scheduler = lrdsl.compile(
        '(warmup(10) >> cosine(20, base, 0)) * own("lr_scale")', scaled(*scales)
    )
    for scale, rates in zip(scales, drive(scheduler, 30), strict=True):
        for t, rate in enumerate(rates):
            share = np.cos(np.pi * (t - 10) / 20)
            wanted = scale * (0.4 * t / 10 if t < 10 else 0.2 * (1 + share))
            assert abs(rate - wanted) <= 1e-12 * 0.4


def test_the_example_of_the_language() -> None:
    scheduler = lrdsl.compile(SCALED, scaled(0.75**2))
    assert drive(scheduler, 12)[0][10:] == pytest.approx([0.225, 0.225], rel=1e-14)


def test_one_evaluation_for_each_distinct_pair_of_base_and_own() -> None:
    scheduler = lrdsl.compile('const * own("lr_scale")', scaled(*[0.5, 0.25, 1.0] * 40))
    assert len([*scheduler.driven()]) == 3
    assert scheduler.get_last_lr() == [0.2, 0.1, 0.4] * 40


def test_it_is_the_number_when_the_group_joined_not_the_driven_one() -> None:
    text = 'lr: const * own("weight_decay")  weight_decay: linear(10)'
    driven = scaled(0.5, key="weight_decay")
    scheduler = lrdsl.compile(text, driven)
    assert drive(scheduler, 5) == [[0.2] * 5]
    assert driven.param_groups[0]["weight_decay"] == 0.25


def test_of_what_is_driven_it_is_base() -> None:
    (schedule,) = lrdsl.parse('lr: linear(10, own("lr"), 0)').resolve_all().values()
    assert (schedule.is_proportional, schedule.owns, schedule(5, base=0.3)) == (True, (), 0.15)
    driven = scaled(0.5)
    assert drive(lrdsl.compile('lr: linear(10, own("lr"), 0)', driven), 6)[0][5] == 0.2
    with pytest.raises(lrdsl.LrsError, match="LRS407"):
        lrdsl.parse('lr: const * own("lr")').resolve()


def test_numbers_are_called_as_in_targets() -> None:
    driven = Adam([parameter()], lr=0.4, betas=(0.5, 0.75))
    for key, value in {"beta1": 0.5, "momentum": 0.5, "beta2": 0.75, "eps": 1e-8}.items():
        scheduler = lrdsl.compile(f'lr: const * own("{key}")', driven)
        assert scheduler.get_last_lr() == [0.4 * value]


def test_a_tensor_is_a_number() -> None:
    assert lrdsl.compile('const * own("lr_scale")', scaled(torch.tensor(0.5))).get_last_lr() == [
        0.2
    ]


def test_a_missing_number_is_named_with_its_group() -> None:
    groups: list[dict[str, Any]] = [
        {"params": [parameter()], "name": "body", "lr_scale": 0.5},
        {"params": [parameter()], "name": "head"},
    ]
    driven = SGD(groups, lr=0.4)
    slug, told = refusal(SCALED, driven)
    assert slug == "unknown-hyperparameter"
    assert 'group "head" has no `lr_scale`, which `own("lr_scale")` reads' in told
    assert '`{"params": …, "lr_scale": 1.0}`' in told


@pytest.mark.parametrize("held", ["x", None, [0.5], torch.ones(2)])
def test_what_is_no_number_is_refused(held: Any) -> None:
    slug, told = refusal(SCALED, scaled(held))
    assert slug == "no-base"
    assert '`own("lr_scale")`' in told and "group 0" in told


def test_values_are_looked_at_for_the_numbers_of_the_groups() -> None:
    text = 'const * (own("lr_scale") - 1.5)'
    assert lrdsl.compile(text, scaled(2.0)).get_last_lr() == [0.2]
    assert refusal(text, scaled(1.0))[0] == "negative-rate"
    assert refusal('lr: const(value = base / own("lr_scale"))', scaled(0.0))[0] == "not-finite"


def test_it_works_in_shapes_definitions_and_lets() -> None:
    text = """
      shape rising(length: steps = rest) = own("lr_scale") * u
      def twice(x) = 2 * x
      let scale = own("lr_scale")
      rising(10) + const * twice(scale)
    """
    scheduler = lrdsl.compile(text, scaled(0.5))
    assert drive(scheduler, 11)[0] == pytest.approx([0.4 + 0.05 * t for t in range(11)])


def test_a_name_in_a_variable_of_a_definition() -> None:
    scheduler = lrdsl.compile('def of(key) = const * own(key)  of("lr_scale")', scaled(0.5))
    assert scheduler.get_last_lr() == [0.2]


def test_a_definition_of_that_name_comes_first() -> None:
    assert lrdsl.parse("def own(x) = const * x  own(0.5)").resolve()(0, base=0.4) == 0.2


def test_it_joins_with_its_group() -> None:
    driven = scaled(0.5)
    scheduler = lrdsl.compile('const * own("lr_scale")', driven)
    driven.add_param_group({"params": [parameter()], "lr_scale": 0.25})
    assert scheduler.get_last_lr() == [0.2, 0.1]
    with pytest.raises(lrdsl.LrsError, match="group 2 has no `lr_scale`"):
        driven.add_param_group({"params": [parameter()]})
    assert len(driven.param_groups) == 2


class TestStates:
    TEXT = 'linear(10) * own("lr_scale")'

    def test_numbers_are_kept_like_bases(self) -> None:
        scheduler = lrdsl.compile(self.TEXT, scaled(0.5, 0.25))
        scheduler.set_step(5)
        state = scheduler.state_dict()
        assert json.loads(state["bases"])["lr_scale"] == [0.5, 0.25]
        # Built otherwise: the run goes on as it was.
        again = lrdsl.compile(self.TEXT, scaled(1.0, 1.0))
        again.load_state_dict(state)
        assert again.get_last_lr() == [0.1, 0.05]

    def test_a_program_with_another_number_is_another_schedule(self) -> None:
        state = lrdsl.compile("linear(10)", scaled(0.5), start_step=1).state_dict()
        again = lrdsl.compile(self.TEXT, scaled(0.5))
        with pytest.raises(ValueError, match=r"0\.4 then, 0\.2 now"):
            again.load_state_dict(state)

    def test_a_copy_has_them(self) -> None:
        scheduler = lrdsl.compile(self.TEXT, scaled(0.5))
        again = pickle.loads(pickle.dumps(scheduler))
        again.optimizer.step()
        again.step()
        assert again.get_last_lr() == pytest.approx([0.18], rel=1e-14)


def test_the_array_reading_is_the_scalar_one() -> None:
    driven = AdamW([parameter()], lr=0.4, weight_decay=0.25)
    scheduler = lrdsl.compile('linear(10) * own("weight_decay")', driven)
    ((one, base, _),) = scheduler.driven()
    wanted = [one.schedule(t, base=base) for t in range(12)]
    assert one.schedule.values(12, base=base).tolist() == wanted
    assert array_curve(one.schedule, arrays.find(np), base)(np.arange(12)).tolist() == wanted
    assert wanted[0] == 0.1


def test_sequential_exports_it() -> None:
    text = '(warmup(5) >> linear(10)) * own("lr_scale")'
    wanted = drive(lrdsl.compile(text, scaled(0.5, 0.25)), 20)
    found = drive(lrdsl.compile(text, scaled(0.5, 0.25), scheduler="sequential"), 20)
    assert found == [pytest.approx(rates, rel=1e-14) for rates in wanted]
