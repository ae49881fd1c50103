"""Selectors with captures on real optimizers, against the factors that others publish."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
import torch
from torch.optim import SGD, Adam, Optimizer

import lrdsl
from lrdsl.frameworks.torch.assign import assign
from lrdsl.frameworks.torch.bases import Bases
from tests.frameworks.torch.driving import parameter

PEAK = 0.4


def named(*names: str, kind: Any = SGD, **extra: Any) -> Optimizer:
    made: Optimizer = kind(
        [{"params": [parameter()], "name": name, **extra} for name in names], lr=PEAK
    )
    return made


def used(text: str, optimizer: Optimizer, updates: int, **run: Any) -> dict[str, list[float]]:
    """The rates of each group, as each of the first updates uses them."""
    scheduler = lrdsl.compile(text, optimizer, lint="off", **run)
    found: dict[str, list[float]] = {group["name"]: [] for group in optimizer.param_groups}
    for _ in range(updates):
        for group in optimizer.param_groups:
            found[group["name"]].append(group["lr"])
        optimizer.step()
        scheduler.step()
    return found


def warmed_cosine(t: int, warmup: int, total: int) -> float:
    if t < warmup:
        return PEAK * t / warmup
    share = torch.tensor((t - warmup) / (total - warmup), dtype=torch.float64)
    return PEAK * 0.5 * (1 + float(torch.cos(torch.pi * share)))


def is_near(found: list[float], wanted: list[float]) -> bool:
    return max(abs(a - b) for a, b in zip(found, wanted, strict=True)) <= 1e-12 * max(wanted)


VIT = ("embed", *(f"blocks.{i}.{part}" for i in range(12) for part in ("attn", "mlp")), "head")


def vit_layer(name: str) -> int:
    """The layer of BEiT and MAE: 0 for the stem, i + 1 for block i, 13 for the head."""
    if name == "embed":
        return 0
    return int(name.split(".")[1]) + 1 if name.startswith("blocks.") else 13


def test_layer_wise_decay_of_a_vit_is_that_of_beit_mae_and_timm() -> None:
    text = """
      let curve = warmup(10%) >> cosine
      lr["blocks.{i}.*"]: curve * 0.75 ^ (12 - i)
      lr["embed"]: curve * 0.75 ^ 13
      lr: curve
    """
    # layer_decay ** (num_layers + 1 - layer), for 12 blocks
    scales = [0.75 ** (13 - layer) for layer in range(14)]
    found = used(text, named(*VIT), 100, total=100)
    for name, rates in found.items():
        wanted = [scales[vit_layer(name)] * warmed_cosine(t, 10, 100) for t in range(100)]
        assert is_near(rates, wanted), name


def test_one_line_for_the_groups_that_timm_names() -> None:
    # param_groups_layer_decay calls a group "layer_3_no_decay", and scales it by 0.75 ** (13 - 3).
    names = [f"layer_{i}_{kind}" for i in range(14) for kind in ("decay", "no_decay")]
    text = 'lr["layer_{i}_*"]: (warmup(10%) >> cosine) * 0.75 ^ (13 - i)'
    for name, rates in used(text, named(*names), 100, total=100).items():
        scale = 0.75 ** (13 - int(name.split("_")[1]))
        assert is_near(rates, [scale * warmed_cosine(t, 10, 100) for t in range(100)]), name


def electra_rates(rate: float, decay: float, layers: int) -> dict[str, float]:
    """`_get_layer_lrs` of electra/model/optimization.py."""
    depths = {"embeddings": 0, "task_specific": layers + 2}
    depths |= {f"encoder/layer_{layer}/": layer + 1 for layer in range(layers)}
    return {key: rate * decay ** (layers + 2 - depth) for key, depth in depths.items()}


def test_electra() -> None:
    # The top layer is at decay ^ 2, not at decay or 1: the pooler that is not there counts.
    published = electra_rates(PEAK, 0.8, 12)
    assert published["encoder/layer_11/"] == PEAK * 0.8**2
    text = """
      lr["encoder/layer_{i}/"]: base * 0.8 ^ (13 - i)
      lr["embeddings"]: base * 0.8 ^ 14
      lr: const
    """
    found = used(text, named(*published), 1)
    assert {name: rates[0] for name, rates in found.items()} == pytest.approx(published, rel=1e-14)


def test_bert_with_the_decay_of_sun_et_al() -> None:
    # How to Fine-Tune BERT (2019): each layer has 0.95 of the rate of the layer above it.
    names = [f"encoder.layer.{i}.weight" for i in range(12)]
    text = 'lr["encoder.layer.{i}.*"]: (warmup(10%) >> linear) * 0.95 ^ (11 - i)'
    found = used(text, named(*names, kind=Adam), 50, total=50)
    rate = PEAK
    for name in reversed(names):
        wanted = [rate * (t / 5 if t < 5 else (50 - t) / 45) for t in range(50)]
        assert is_near(found[name], wanted), name
        rate *= 0.95


def slanted(t: int, length: int) -> float:
    """The slanted triangular rate of ULMFiT (Howard and Ruder 2018), with its own constants."""
    cut_frac, ratio = 0.1, 32
    cut = int(length * cut_frac)
    p = t / cut if t < cut else 1 - (t - cut) / (cut * (1 / cut_frac - 1))
    return PEAK * (1 + p * (ratio - 1)) / ratio


def test_gradual_unfreezing_is_one_line() -> None:
    names = [f"layers.{i}.w" for i in range(13)]
    text = 'lr["layers.{i}.*"]: const((12 - i) * 1ep, 0) >> slanted_triangular'
    found = used(text, named(*names), 200, total=200, steps_per_epoch=10)
    for i, name in enumerate(names):
        frozen = (12 - i) * 10
        wanted = [0.0 if t < frozen else slanted(t - frozen, 200 - frozen) for t in range(200)]
        assert found[name][:frozen] == [0.0] * frozen
        assert is_near(found[name], wanted), name


class TestGroups:
    TEXT = 'lr["l{i}", optional]: base / (i + 1)  lr: const'

    def test_one_evaluation_for_all_groups_with_the_same_numbers(self) -> None:
        names = [f"layers.{i % 12}.{j}" for j in range(20) for i in range(12)]
        scheduler = lrdsl.compile('lr["layers.{i}.*"]: const * 0.5 ^ i', named(*names))
        assert len([*scheduler.driven()]) == 12
        rates = scheduler.get_last_lr()
        assert rates == [PEAK * 0.5 ** (i % 12) for _ in range(20) for i in range(12)]

    @pytest.mark.parametrize("text", ['lr["body", optional]: 0.1  lr: const', TEXT])
    def test_an_optional_selector_may_match_nothing(self, text: str) -> None:
        assert lrdsl.compile(text, named("head")).get_last_lr() == [PEAK]

    def test_without_the_word_it_may_not(self) -> None:
        for text in ('lr["body"]: 0.1  lr: const', 'lr["l{i}"]: base * i  lr: const'):
            with pytest.raises(lrdsl.LrsError, match=r"LRS505(.|\n)*optional\]:`"):
                lrdsl.compile(text, named("head"))

    def test_a_group_that_joins_is_matched_then(self) -> None:
        driven = named("head")
        scheduler = lrdsl.compile(self.TEXT, driven)
        for name in ("l3", "l1", "l3", "tail"):
            group = {"params": [parameter()], "name": name}
            driven.add_param_group(group)
        wanted = [PEAK, PEAK / 4, PEAK / 2, PEAK / 4, PEAK]
        assert scheduler.get_last_lr() == [group["lr"] for group in driven.param_groups] == wanted
        assert set(scheduler.schedules) == {'lr["l{i=1}"]', 'lr["l{i=3}"]', "lr"}

    def test_a_meter_goes_on_when_a_group_joins(self) -> None:
        driven = named("l0")
        scheduler = lrdsl.compile('lr["l{i}"]: const * plateau(0.5, patience = 1)', driven)
        for _ in range(3):
            driven.step()
            scheduler.step(1.0)
        assert scheduler.get_last_lr() == [PEAK / 2]
        driven.add_param_group({"params": [parameter()], "name": "l1"})
        assert scheduler.get_last_lr() == [PEAK / 2, PEAK]

    def test_a_group_of_two_selectors_is_refused(self) -> None:
        text = 'lr["l{i}"]: base * i  lr["*3"]: const'
        with pytest.raises(lrdsl.LrsError, match=r'LRS508(.|\n)*l\{i=3\}(.|\n)*group "l3"'):
            lrdsl.compile(text, named("l3"))

    def test_a_plain_pattern_has_doubled_braces(self) -> None:
        scheduler = lrdsl.compile('lr["a{{*}}"]: 0.1  lr: const', named("a{b}", "ab"))
        assert scheduler.get_last_lr() == [0.1, PEAK]

    def test_sequential_says_why_not(self) -> None:
        with pytest.raises(lrdsl.LrsError) as caught:
            lrdsl.compile('lr["l{i}"]: const', named("l1", "l2"), scheduler="sequential")
        (found,) = caught.value.diagnostics
        assert found.message == 'SequentialLR cannot drive `lr["l{i}"]:`'

    def test_a_copy_goes_on(self) -> None:
        scheduler = lrdsl.compile(self.TEXT, named("l1", "head"))
        for made in (copy.deepcopy(scheduler), pickle.loads(pickle.dumps(scheduler))):
            made.optimizer.step()
            made.step()
            assert made.get_last_lr() == [PEAK / 2, PEAK]

    def test_many_groups_are_assigned_in_one_pass(self) -> None:
        groups = [{"params": [], "lr": 0.1, "name": f"layers.{i % 1000}.w"} for i in range(100_000)]
        program = lrdsl.parse('lr["layers.{i}.*"]: base * i')
        resolved = program.for_groups(str(group["name"]) for group in groups).resolve_all()
        bases = Bases(groups, [{} for _ in groups], list(range(len(groups))))
        found = assign(resolved, bases)
        assert [one["lr"][1].target.captures for one in found[998:1002]] == [
            (998,), (999,), (0,), (1,)
        ]  # fmt: skip


class TestStates:
    TEXT = 'lr["l{i}"]: const(5) >> const(value = base / (i + 1))'

    def at(self, step: int, *names: str) -> tuple[Optimizer, Any]:
        driven = named(*names)
        scheduler = lrdsl.compile(self.TEXT, driven, lint="off")
        scheduler.set_step(step)
        return driven, scheduler

    def test_the_keys_are_those_of_any_program(self) -> None:
        plain = lrdsl.compile("const", named("l1")).state_dict()
        _, scheduler = self.at(7, "l1")
        assert list(scheduler.state_dict()) == list(plain)
        assert json.loads(plain["groups"]) == []

    def test_the_same_groups_go_on(self) -> None:
        _, scheduler = self.at(7, "l1", "l3")
        driven, again = self.at(0, "l1", "l3")
        again.load_state_dict(scheduler.state_dict())
        assert [group["lr"] for group in driven.param_groups] == [PEAK / 2, PEAK / 4]

    def test_other_numbers_are_another_schedule(self) -> None:
        state = self.at(7, "l1", "l3")[1].state_dict()
        driven, again = self.at(0, "l1", "l2")
        with pytest.raises(ValueError, match=r'differ first at step 5, in the rate of group "l2"'):
            again.load_state_dict(state)
        assert [group["lr"] for group in driven.param_groups] == [PEAK, PEAK]

    def test_they_may_differ_where_nothing_was_trained_yet(self) -> None:
        state = self.at(4, "l1", "l3")[1].state_dict()
        _, again = self.at(0, "l1", "l2")
        again.load_state_dict(state)
        assert again.last_epoch == 4

    def test_another_name_with_the_same_number_makes_no_difference(self) -> None:
        state = self.at(7, "l1", "l3")[1].state_dict()
        driven, again = self.at(0, "l01", "l3")
        again.load_state_dict(state)
        assert driven.param_groups[0]["lr"] == PEAK / 2

    def test_a_group_of_a_new_number_may_have_joined_since(self) -> None:
        state = self.at(7, "l1")[1].state_dict()
        driven, again = self.at(0, "l1", "l3")
        again.load_state_dict(state)
        assert [group["lr"] for group in driven.param_groups] == [PEAK / 2, PEAK / 4]

    @pytest.mark.parametrize("groups", ["", "{}", "[1]", '["a", 2]', "[" * 100_000])
    def test_damaged_names_are_refused(self, groups: str) -> None:
        _, scheduler = self.at(7, "l1")
        with pytest.raises(ValueError, match="`groups` of this state is damaged"):
            scheduler.load_state_dict({**scheduler.state_dict(), "groups": groups})

    def test_a_state_of_the_second_format_has_no_names(self) -> None:
        scheduler = lrdsl.compile("linear(10)", named("a"))
        state = {**scheduler.state_dict(), "format": 2, "step": 5}
        del state["groups"], state["events"], state["at"]
        scheduler.load_state_dict(state)
        assert scheduler.get_last_lr() == [PEAK / 2]
