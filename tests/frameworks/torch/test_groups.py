"""Targets and selectors: which number of which group each schedule of a program drives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch.optim import SGD, Adam, AdamW, NAdam, Optimizer, RMSprop

import lrdsl
from tests.diagnostics.examples import check_golden
from tests.frameworks.torch.driving import drive, optimizer, parameter, rates

GOLDENS = Path(__file__).parent / "goldens"
NAMES = ("head", "layer.0", "layer.1")


def named(*names: str, **extra: Any) -> Optimizer:
    """An optimizer with a group of rate 0.1 for each name."""
    groups = [{"params": [parameter()], "lr": 0.1, "name": name} for name in names]
    return SGD([{**group, **extra} for group in groups], lr=0.1)


def refused(text: str, driven: Optimizer, **options: Any) -> list[tuple[str, str, str]]:
    """The slug, place and text of everything that is wrong; the optimizer is as it was."""
    before = [{k: v for k, v in g.items() if k != "params"} for g in driven.param_groups]
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.compile(text, driven, **options)
    after = [{k: v for k, v in g.items() if k != "params"} for g in driven.param_groups]
    assert after == before
    found = caught.value.diagnostics
    return [(d.slug, d.span.text, f"{d.message}; {d.help}") for d in found]


def column(driven: Optimizer, scheduler: Any, key: str, updates: int) -> list[list[Any]]:
    """A number of every group, as each of the next updates uses it."""
    used = []
    for _ in range(updates):
        used.append([group[key] for group in driven.param_groups])
        driven.step()
        scheduler.step()
    return [list(values) for values in zip(*used, strict=True)]


class TestSelectors:
    def test_names_patterns_and_the_rest(self) -> None:
        text = 'lr["head"]: const(value = 0.5)  lr["layer.*"]: linear(2)  lr: const'
        scheduler = lrdsl.compile(text, named(*NAMES, "other"))
        wanted = [[0.5] * 3, [0.1, 0.05, 0], [0.1, 0.05, 0], [0.1] * 3]
        assert drive(scheduler, 3) == wanted
        assert scheduler.get_last_lr() == [0.5, 0, 0, 0.1]

    def test_an_index(self) -> None:
        scheduler = lrdsl.compile("lr[1]: const(value = 0.5)\nlinear(2)", optimizer(0.1, 0.2))
        assert drive(scheduler, 3) == [[0.1, 0.05, 0], [0.5] * 3]

    def test_every_group_selected_needs_no_rest(self) -> None:
        scheduler = lrdsl.compile("lr[0]: const  lr[1]: linear(1)", optimizer(0.1, 0.2))
        assert drive(scheduler, 2) == [[0.1, 0.1], [0.2, 0]]

    def test_a_pattern_is_about_the_whole_name_and_its_case(self) -> None:
        for selector in ("hea", "Head", "ead", "layer"):
            found = refused(f'lr["{selector}"]: const  lr: const', named(*NAMES))
            assert [(slug, place) for slug, place, _ in found] == [
                ("unknown-group", f'lr["{selector}"]')
            ]
            assert 'there are group "head", group "layer.0", group "layer.1"' in found[0][2]

    def test_groups_without_names_are_told_how_to_get_them(self) -> None:
        ((slug, _, text),) = refused('lr["head"]: const  lr: const', optimizer(0.1, 0.2))
        assert slug == "unknown-group"
        assert "there are group 0, group 1; name them" in text

    def test_an_index_that_is_not_there(self) -> None:
        ((slug, place, _),) = refused("lr: const  lr[2]: const", optimizer(0.1, 0.2))
        assert (slug, place) == ("unknown-group", "lr[2]")

    def test_a_group_that_nothing_drives(self) -> None:
        ((slug, place, text),) = refused('lr["layer.*"]: const', named(*NAMES))
        assert (slug, place) == ("undriven-group", 'lr["layer.*"]')
        assert 'nothing drives the learning rate of group "head"; add `lr: const`' in text

    def test_a_group_that_two_selectors_drive(self) -> None:
        text = 'lr: const  lr["layer.*"]: const  lr["layer.0"]: const'
        ((slug, place, message),) = refused(text, named(*NAMES))
        assert (slug, place) == ("overlapping-targets", 'lr["layer.0"]')
        assert '`lr["layer.0"]:` and `lr["layer.*"]:` both drive group "layer.0"' in message
        ((slug, _, _),) = refused('lr: const lr[0]: const lr["head"]: const', named(*NAMES))
        assert slug == "overlapping-targets"

    def test_all_errors_at_once(self) -> None:
        found = refused('lr["a"]: const lr["b"]: const eps: const', named(*NAMES))
        assert [slug for slug, _, _ in found] == [
            "unknown-group", "unknown-group", "undriven-group", "unknown-hyperparameter",
        ]  # fmt: skip

    def test_freezing_a_group_and_warming_it_up_then(self) -> None:
        text = 'lr["head"]: linear(8)  lr: const(5ep, 0) >> warmup(2ep) >> const'
        scheduler = lrdsl.compile(text, named("head", "body"), steps_per_epoch=2)
        body = drive(scheduler, 16)[1]
        assert body == [0.0] * 10 + [0.0, 0.025, 0.05, pytest.approx(0.075), 0.1, 0.1]

    def test_base_is_that_of_the_group(self) -> None:
        text = "lr[0]: linear(2)  lr: const(value = base / 2)"
        scheduler = lrdsl.compile(text, optimizer(0.1, 0.2, 0.4))
        assert drive(scheduler, 2) == [[0.1, 0.05], [0.1, 0.1], [0.2, 0.2]]


class TestHyperparameters:
    def test_momentum_of_sgd(self) -> None:
        driven = SGD([parameter()], lr=0.1, momentum=0.5)
        scheduler = lrdsl.compile("lr: const  momentum: linear(2, base, 0.75)", driven)
        assert column(driven, scheduler, "momentum", 3) == [[0.5, 0.625, 0.75]]
        assert [key for key in driven.param_groups[0] if key.startswith("initial_")] == [
            "initial_lr"
        ]
        assert rates(driven) == [0.1]

    @pytest.mark.parametrize("kind", [Adam, AdamW, NAdam])
    @pytest.mark.parametrize("key", ["momentum", "beta1"])
    def test_momentum_of_adam_is_its_first_beta(self, kind: Any, key: str) -> None:
        driven = kind([parameter()], lr=0.1, betas=(0.5, 0.999))
        scheduler = lrdsl.compile(f"lr: linear(4)  {key}: linear(2, base, 0.75)", driven)
        wanted = [[(0.5, 0.999), (0.625, 0.999), (0.75, 0.999)]]
        assert column(driven, scheduler, "betas", 3) == wanted

    def test_both_betas(self) -> None:
        driven = Adam([parameter()], lr=0.1, betas=(0.5, 0.75))
        scheduler = lrdsl.compile("beta1: linear(2)  beta2: linear(2, base, 0.5)", driven)
        assert column(driven, scheduler, "betas", 2) == [[(0.5, 0.75), (0.25, 0.625)]]

    @pytest.mark.parametrize("key", ["beta1", "momentum"])
    def test_three_betas(self, key: str) -> None:
        """As Adan and AdEMAMix have them."""
        driven = Adam([{"params": [parameter()], "betas": (0.5, 0.92, 0.99)}], lr=0.1)
        text = f"lr: const  {key}: linear(2, base, 0.75)  beta3: linear(2, base, 0)"
        scheduler = lrdsl.compile(text, driven)
        scheduler.set_step(1)
        assert driven.param_groups[0]["betas"] == (0.625, 0.92, 0.495)
        ((slug, _, told),) = refused("beta4: const", driven)
        assert slug == "unknown-hyperparameter"
        assert "amsgrad" not in told
        assert told.endswith("momentum, beta1, beta2, beta3")

    @pytest.mark.parametrize(
        ("betas", "known"),
        [((0.9,), "momentum, beta1"), ((0.9, None, 0.99), "momentum, beta1, beta3"), ((), "eps")],
    )
    def test_betas_of_other_forms(self, betas: tuple[float | None, ...], known: str) -> None:
        groups = [{"params": [parameter()], "betas": betas, "lr": 0.1, "eps": 1e-8}]
        ((_, _, told),) = refused("beta2: const", SGD(groups, weight_decay=0))
        assert f"{known}" in told
        assert ("beta" in told.partition("it has")[2]) == bool(betas)

    def test_a_third_beta_of_1_is_refused(self) -> None:
        with pytest.raises(lrdsl.LrsError, match="LRS509"):
            driven = Adam([{"params": [parameter()], "betas": (0.5, 0.92, 0.99)}])
            lrdsl.compile("beta3: const(value = 1)", driven)

    def test_betas_that_are_tensors_are_filled(self) -> None:
        betas = (torch.tensor(0.5), torch.tensor(0.999))
        driven = Adam([parameter()], lr=torch.tensor(0.1), betas=betas, capturable=True)
        driven.param_groups[0]["betas"] = betas
        scheduler = lrdsl.compile("lr: linear(2)  momentum: linear(2)", driven)
        scheduler.set_step(1)
        assert driven.param_groups[0]["betas"][0] is betas[0]
        assert betas[0].item() == 0.25
        scheduler.set_step(0)
        assert betas[0].item() == 0.5

    def test_momentum_and_beta1_are_one_number(self) -> None:
        driven = Adam([parameter()])
        ((slug, place, _),) = refused("momentum: const(value = 0.5)  beta1: const", driven)
        assert (slug, place) == ("overlapping-targets", "beta1")

    def test_rmsprop_has_a_momentum_and_an_alpha(self) -> None:
        driven = RMSprop([parameter()], lr=0.1, momentum=0.5)
        scheduler = lrdsl.compile("momentum: linear(2)  alpha: const(value = 0.75)", driven)
        scheduler.set_step(1)
        group = driven.param_groups[0]
        assert (group["momentum"], group["alpha"], group["lr"]) == (0.25, 0.75, 0.1)

    def test_weight_decay_of_some_groups(self) -> None:
        groups: list[dict[str, Any]] = [
            {"params": [parameter()], "name": "decay", "weight_decay": 0.1},
            {"params": [parameter()], "name": "no_decay", "weight_decay": 0},
        ]
        driven = AdamW(groups, lr=0.1)
        text = 'linear(4)  weight_decay["decay"]: linear(2, base, 0.05)'
        scheduler = lrdsl.compile(text, driven)
        used = column(driven, scheduler, "weight_decay", 3)
        assert used == [[0.1, pytest.approx(0.075), 0.05], [0, 0, 0]]
        assert rates(driven) == [0.1 * 0.25] * 2

    def test_any_number_of_a_group(self) -> None:
        driven = SGD([{"params": [parameter()], "temperature": 2}], lr=0.1)
        scheduler = lrdsl.compile("temperature: linear(4)", driven)
        assert column(driven, scheduler, "temperature", 3) == [[2.0, 1.5, 1.0]]

    def test_a_program_without_lr_leaves_the_rate_alone(self) -> None:
        driven = SGD([parameter()], lr=0.1, weight_decay=0.5)
        scheduler = lrdsl.compile("weight_decay: linear(2)", driven)
        driven.param_groups[0]["lr"] = 0.7
        scheduler.set_step(1)
        assert (rates(driven), driven.param_groups[0]["weight_decay"]) == ([0.7], 0.25)
        assert scheduler.get_last_lr() == scheduler.get_lr() == [0.7]
        assert [factor(3) for factor in scheduler.lr_lambdas] == [1.0]

    def test_a_number_that_a_group_lacks(self) -> None:
        ((slug, place, text),) = refused("momentun: const", SGD([parameter()], lr=0.1))
        assert (slug, place) == ("unknown-hyperparameter", "momentun")
        assert "group 0 has no `momentun` that could be driven; did you mean `momentum`?" in text
        assert "it has lr, momentum, dampening, weight_decay" in text
        ((_, _, text),) = refused("beta2: const", SGD([parameter()], lr=0.1))
        assert "it has lr, momentum, dampening, weight_decay" in text

    @pytest.mark.parametrize("key", ["nesterov", "params", "name", "betas", "initial_lr"])
    def test_what_is_no_number_of_a_group(self, key: str) -> None:
        driven = Adam([{"params": [parameter()], "name": "a", "nesterov": True}], lr=0.1)
        driven.param_groups[0]["initial_lr"] = 0.1
        ((slug, _, _),) = refused(f"{key}: const(value = 0.5)", driven)
        assert slug == "unknown-hyperparameter"

    def test_a_tensor_of_several_numbers_is_no_number(self) -> None:
        scales = {"pair": torch.ones(2), "whole": torch.ones(1, dtype=torch.int64)}
        driven = SGD([{"params": [parameter()], **scales, "one": torch.ones(1)}], lr=0.1)
        for key in scales:
            ((slug, _, text),) = refused(f"{key}: const(value = 0.5)", driven)
            assert slug == "unknown-hyperparameter"
            assert text.endswith("it has one, lr, momentum, dampening, weight_decay")

    def test_a_momentum_of_1_for_this_optimizer(self) -> None:
        driven = SGD([parameter()], lr=0.1, momentum=0.5)
        found = refused("lr: const  momentum: const(5, base) >> const(value = base * 2)", driven)
        assert [(slug, place) for slug, place, _ in found] == [
            ("above-limit", "const(value = base * 2)")
        ]
        assert "the momentum is 1 at step 5" in found[0][2]

    @pytest.mark.parametrize("scheduler", ["lambda", "sequential"])
    @pytest.mark.parametrize(
        ("rate", "why"),
        [(None, "it is None"), (torch.ones((), device="meta"), "a tensor on the meta device")],
        ids=["None", "meta"],
    )
    def test_a_rate_without_a_value(self, rate: Any, why: str, scheduler: Any) -> None:
        """As Adafactor has it where it chooses its own rate, and a model that is not yet there."""
        driven = SGD([parameter()], lr=0.1)
        driven.param_groups[0]["lr"] = rate
        ((slug, place, told),) = refused("cosine(20)", driven, scheduler=scheduler)
        assert (slug, place) == ("no-base", "cosine(20)")
        assert "`lr` of group 0 cannot be driven: it is" in told
        assert why in told
        assert "build the optimizer with a rate, as in `lr=1e-3`" in told

    @pytest.mark.parametrize("scheduler", ["lambda", "sequential"])
    def test_an_optimizer_without_a_rate(self, scheduler: Any) -> None:
        driven = SGD([parameter()], lr=0.1)
        del driven.param_groups[0]["lr"]
        ((slug, _, told),) = refused("cosine(20)", driven, scheduler=scheduler)
        assert slug == "unknown-hyperparameter"
        assert "group 0 has no `lr` that could be driven" in told

    def test_a_rate_that_is_not_driven_and_not_there(self) -> None:
        driven = SGD([parameter()], lr=0.1, momentum=0.5)
        driven.param_groups[0]["lr"] = None
        scheduler = lrdsl.compile("momentum: linear(10)", driven)
        assert scheduler.get_last_lr() == [None]
        del driven.param_groups[0]["lr"]
        ((slug, _, told),) = refused("momentum: linear(10)", driven)
        assert slug == "unknown-hyperparameter"
        assert "group 0 has no `lr`, which torch reads in every group" in told

    def test_a_step_that_fails_changes_nothing(self) -> None:
        text = "shape f() = 1 / abs(t - 10 ^ 9)\nlr: linear(1M, 0.1, 0.2) >> const  momentum: f"
        driven = SGD([parameter()], lr=0.1, momentum=0.5)
        scheduler = lrdsl.compile(text, driven)
        before = (rates(driven), driven.param_groups[0]["momentum"], scheduler.state_dict())
        with pytest.raises(
            lrdsl.LrsError, match=r"the momentum has no value at step 1,000,000,000"
        ):
            scheduler.set_step(10**9)
        assert (rates(driven), driven.param_groups[0]["momentum"], scheduler.state_dict()) == before


def test_the_sequential_target_drives_lr_only() -> None:
    text = 'lr["head"]: const  lr: const  momentum: const'
    found = refused(text, named(*NAMES), scheduler="sequential")
    assert [(slug, place) for slug, place, _ in found] == [
        ("unsupported-target", 'lr["head"]'),
        ("unsupported-target", "momentum"),
    ]
    assert "SequentialLR cannot drive `momentum:`; SequentialLR drives `lr`" in found[1][2]


@pytest.mark.usefixtures("linted")
class TestOneRateForUnequalGroups:
    @pytest.mark.parametrize("scheduler", ["lambda", "sequential"])
    def test_it_warns_with_ways_out(self, scheduler: Any) -> None:
        with pytest.warns(lrdsl.LrsWarning) as caught:
            lrdsl.compile("cosine(20, 0.3)", optimizer(0.1, 0.01), scheduler=scheduler)
        (warning,) = caught
        assert warning.filename == __file__
        check_golden(GOLDENS / "LRS613.txt", f"{warning.message}\n")

    def test_a_decay_for_groups_that_have_none(self) -> None:
        groups = [{"params": [parameter()], "weight_decay": decay} for decay in (0.1, 0.0)]
        with pytest.warns(UserWarning, match=r"`weight_decay:` gives one weight_decay to groups"):
            lrdsl.compile("lr: const  weight_decay: linear(9, 0.2, 0)", SGD(groups, lr=0.1))

    @pytest.mark.parametrize(
        ("text", "bases"),
        [
            ("cosine(20, 0.3)", (0.1, 0.1)),
            ("cosine(20)", (0.1, 0.2)),
            ("cosine(20, base, 0.01)", (0.1, 0.2)),
            ("const(value = 0)  # lrs: ignore[zero-first] frozen", (0.1, 0.2)),
            ("lr[0]: const(value = 0.3)  lr: const(value = 0.1)", (0.1, 0.2)),
            ("cosine(20, 0.3)  # lrs: ignore[unequal-groups] one rate is what we want", (0.1, 0.2)),
            ("lr: cosine(20, 0.3)\n  >> const  # lrs: ignore[unequal-groups] meant", (0.1, 0.2)),
        ],
    )
    def test_otherwise_it_does_not(self, text: str, bases: tuple[float, ...]) -> None:
        lrdsl.compile(text, optimizer(*bases))  # a warning would be an error


class TestAddedGroups:
    def test_it_joins_at_the_step_with_its_own_base(self) -> None:
        driven = SGD([parameter()], lr=0.1, momentum=0.5)
        scheduler = lrdsl.compile("lr: linear(10)  momentum: linear(10)", driven)
        drive(scheduler, 3)
        driven.add_param_group({"params": [parameter()], "lr": 0.4, "momentum": 0.25})
        driven.step()
        scheduler.step()
        lr = lrdsl.parse("linear(10)").resolve()
        assert rates(driven) == scheduler.get_last_lr() == [lr(4, base=0.1), lr(4, base=0.4)]
        assert [g["momentum"] for g in driven.param_groups] == [lr(4, base=0.5), lr(4, base=0.25)]

    def test_a_selector_takes_it(self) -> None:
        driven = named("head")
        scheduler = lrdsl.compile('lr["h*"]: linear(10)', driven)
        driven.add_param_group({"params": [parameter()], "lr": 0.4, "name": "head.2"})
        scheduler.set_step(5)
        assert rates(driven) == [0.05, 0.2]

    def test_one_that_nothing_drives_is_refused_when_it_joins(self) -> None:
        driven = named("head")
        scheduler = lrdsl.compile('lr["head"]: linear(10)', driven)
        tail = parameter()
        with pytest.raises(lrdsl.LrsError, match=r'LRS506 undriven-group.*group "tail"'):
            driven.add_param_group({"params": [tail], "lr": 0.4, "name": "tail"})
        assert (rates(driven), scheduler.last_epoch) == ([0.1], 0)
        driven.add_param_group({"params": [tail], "lr": 0.4, "name": "head"})
        assert rates(driven) == [0.1, 0.4]
