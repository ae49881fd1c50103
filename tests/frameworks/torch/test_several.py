"""Several optimizers under one text; separate schedulers and formulas are the judges."""

from __future__ import annotations

import copy
import gc
import io
import itertools
import pickle
import warnings
import weakref
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.optim import SGD, AdamW, Muon, Optimizer
from torch.optim.lr_scheduler import LambdaLR

import lrdsl
from lrdsl.frameworks.torch.several import SeveralLR
from tests.frameworks.torch.driving import parameter, rates, weights

MUON, ADAM = "warmup(3) >> cosine(20)", "warmup(5) >> linear(20, base, base / 10)"
TEXT = f'lr["muon"]: {MUON}\nlr["adam"]: {ADAM}\nmomentum["adam"]: linear(10, 0.8, 0.9)'


def network() -> torch.nn.Sequential:
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(6, 6, bias=False), torch.nn.Linear(6, 3))


def pair(model: torch.nn.Sequential | None = None) -> tuple[Optimizer, Optimizer]:
    """Muon for the matrix inside, AdamW for the rest: two groups, one with a name."""
    inner, outer = model or network()
    muon = Muon([{"params": [inner.weight], "name": "hidden"}], lr=0.02)
    groups: list[dict[str, Any]] = [
        {"params": [outer.weight]},
        {"params": [outer.bias], "name": "bias", "lr": 0.01},
    ]
    return muon, AdamW(groups, lr=0.001)


def both(text: str = TEXT, **options: Any) -> tuple[Optimizer, Optimizer, SeveralLR]:
    muon, adam = pair()
    return muon, adam, lrdsl.compile(text, {"muon": muon, "adam": adam}, **options)


def sgd(*names: str | None, lr: float = 1.0) -> SGD:
    """An optimizer with a group for each name."""
    named = [{} if name is None else {"name": name} for name in names]
    return SGD([{"params": [parameter()], **one} for one in named], lr=lr)


def stored(state: object) -> Any:
    """A state as a checkpoint gives it back."""
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


def slugs(call: Callable[[], object]) -> list[str]:
    with pytest.raises(lrdsl.LrsError) as caught:
        call()
    return [one.slug for one in caught.value.diagnostics]


class TestOneText:
    def test_a_network_trains_as_under_a_scheduler_for_each_optimizer(self) -> None:
        together, apart = network(), network()
        muon, adam = pair(together)
        scheduler = lrdsl.compile(TEXT, {"muon": muon, "adam": adam})
        mine, yours = pair(apart)
        separate = [
            lrdsl.compile(MUON, mine),
            lrdsl.compile(f"lr: {ADAM} momentum: linear(10, 0.8, 0.9)", yours),
        ]
        for step in range(30):
            for model, pair_of in ((together, (muon, adam)), (apart, (mine, yours))):
                model(torch.ones(2, 6) * step).square().mean().backward()
                for optimizer in pair_of:
                    optimizer.step()
                    optimizer.zero_grad()
            scheduler.step()
            for one in separate:
                one.step()
        assert weights(muon) == weights(mine)
        assert weights(adam) == weights(yours)
        assert adam.param_groups[0]["betas"] == yours.param_groups[0]["betas"]
        assert scheduler.last_epoch == 30

    def test_each_optimizer_has_a_lambda_lr_of_its_own(self) -> None:
        muon, adam, scheduler = both()
        assert [*scheduler.schedulers] == ["muon", "adam"]
        assert all(isinstance(one, LambdaLR) for one in scheduler.schedulers.values())
        assert [one.optimizer for one in scheduler.schedulers.values()] == [muon, adam]
        scheduler.set_step(4)
        assert scheduler.get_last_lr() == scheduler._last_lr == [*rates(muon), *rates(adam)]
        assert repr(scheduler) == "<SeveralLR of muon at step 4, adam at step 4>"

    @pytest.mark.parametrize(
        ("text", "wanted"),
        [
            ('lr["g"]: 2.0  lr: 1.0', [2, 2, 1, 1]),
            ('lr["g.head"]: 2.0  lr: 1.0', [2, 1, 1, 1]),
            ('lr["head"]: 2.0  lr: 1.0', [2, 1, 2, 1]),
            ('lr["g.1"]: 2.0  lr["d.*"]: 3.0  lr: 1.0', [1, 2, 3, 3]),
            ('lr["*.1"]: 2.0  lr["?"]: 3.0', None),
            ('lr["*.head"]: 2.0  lr["*.1"]: 3.0', [2, 3, 2, 3]),
            ("lr: 5.0", [5, 5, 5, 5]),
        ],
    )
    def test_selectors_find_optimizers_and_groups(
        self, text: str, wanted: list[float] | None
    ) -> None:
        g, d = sgd("head", None), sgd("head", None)
        if wanted is None:
            assert slugs(lambda: lrdsl.compile(text, {"g": g, "d": d})) == ["overlapping-targets"]
            return
        lrdsl.compile(text, {"g": g, "d": d})
        assert rates(g) + rates(d) == wanted

    def test_those_of_a_list_are_called_by_their_place(self) -> None:
        first, second = sgd(None), sgd("head", None)
        scheduler = lrdsl.compile('lr["0"]: 2.0  lr["1.1"]: 3.0  lr: 4.0', (first, second))
        assert [*scheduler.schedulers] == ["0", "1"]
        assert rates(first) + rates(second) == [2, 4, 3]

    def test_a_number_that_one_optimizer_lacks_is_driven_in_the_others(self) -> None:
        muon, adam = pair()
        scheduler = lrdsl.compile("lr: const  ns_steps: linear(5, 5, 0)", [adam, muon])
        scheduler.set_step(5)
        assert muon.param_groups[0]["ns_steps"] == 0
        assert "ns_steps" not in adam.param_groups[0]

    def test_pipeline_parts_decay_by_stage_and_by_layer(self) -> None:
        stages = [sgd(*[f"layers.{4 * s + i}" for i in range(2)], "norm") for s in range(3)]
        named = {f"stage{s}": one for s, one in enumerate(stages)}
        text = 'lr["layers.{i}"]: base * 0.5 ^ i  lr["stage{s}.norm"]: base * (s + 2)'
        scheduler = lrdsl.compile(text, named)
        found = [rates(one) for one in stages]
        assert found == [[0.5 ** (4 * s), 0.5 ** (4 * s + 1), s + 2] for s in range(3)]
        stages[0].add_param_group({"params": [parameter()], "name": "layers.3", "lr": 1.0})
        assert rates(stages[0])[-1] == 0.125
        again = [sgd(*[f"layers.{4 * s + i}" for i in range(2)], "norm") for s in range(3)]
        again[0].add_param_group({"params": [parameter()], "name": "layers.3", "lr": 1.0})
        resumed = lrdsl.compile(text, {f"stage{s}": one for s, one in enumerate(again)})
        resumed.load_state_dict(stored(scheduler.state_dict()))
        assert [rates(one) for one in again] == [rates(one) for one in stages]


class TestRefused:
    @pytest.mark.parametrize(
        ("text", "slug", "said"),
        [
            ('lr["x"]: const  lr: const', "unknown-group", "none of the 2 optimizers'"),
            ('lr["muon.bias"]: const  lr: const', "unknown-group", 'group "adam.bias"'),
            ('lr["mon"]: const  lr: const', "unknown-group", 'the optimizers are "muon", "adam"'),
            ("lr[0]: const  lr: const", "unknown-group", 'write `lr["muon.hidden"]:`'),
            ("lr: const  foo: const", "unknown-hyperparameter", 'group "muon.hidden" has no'),
            ('lr: const  ns_steps["adam"]: const', "unknown-hyperparameter", '"adam.0" has no'),
            ('lr["muon"]: const', "undriven-group", 'group "adam.0", group "adam.bias"'),
            (
                'lr["muon"]: const  lr["hid*"]: const  lr: const',
                "overlapping-targets",
                'both drive group "muon.hidden"',
            ),
        ],
    )
    def test_what_fits_none_of_them(self, text: str, slug: str, said: str) -> None:
        muon, adam = pair()
        before = copy.deepcopy([muon.state_dict(), adam.state_dict()])
        with pytest.raises(lrdsl.LrsError, match=slug) as caught:
            lrdsl.compile(text, {"muon": muon, "adam": adam})
        assert said in str(caught.value)
        assert [muon.state_dict(), adam.state_dict()] == before

    def test_selectors_for_groups_to_come(self) -> None:
        g, d = sgd("a"), sgd("b")
        text = 'lr["x", optional]: base / 4  lr: const'
        _kept = lrdsl.compile(text, {"g": g, "d": d})
        d.add_param_group({"params": [parameter()], "name": "x"})
        assert rates(d) == [1, 0.25]
        text = 'lr["d.x"]: base / 4  lr: const'
        g, d = sgd("a"), sgd("b")
        _kept = lrdsl.compile(text, {"g": g, "d": d}, allow_missing_groups=True)
        d.add_param_group({"params": [parameter()], "name": "x"})
        assert rates(d) == [1, 0.25]

    def test_nothing_begins_if_the_second_does_not_fit(self) -> None:
        """The first event makes the second's rate negative; the first optimizer stays as it was."""
        first, second = sgd(None), sgd(None, lr=0.25)
        text = 'until(signal("x"), const) >> const(value = base - 0.5)'
        with pytest.raises(lrdsl.LrsError, match="negative-rate"):
            lrdsl.compile(text, [first, second])
        assert "initial_lr" not in first.param_groups[0]

    @pytest.mark.parametrize(
        ("given", "error", "said"),
        [
            ({}, ValueError, "no optimizer"),
            ([], ValueError, "no optimizer"),
            ([5], TypeError, "int is not an Optimizer"),
            ("adam", TypeError, "str is not an Optimizer"),
            ({1: sgd(None)}, TypeError, "is a string"),
            ({"a*": sgd(None)}, ValueError, "cannot be the name"),
            ({"": sgd(None)}, ValueError, "cannot be the name"),
            ({"a": sgd("a")}, lrdsl.LrsError, "LRS513"),
            ({"a": sgd(None), "b": sgd("x", "a")}, lrdsl.LrsError, "LRS513"),
            ({"a": sgd("b"), "a.b": sgd(None)}, lrdsl.LrsError, "LRS513"),
            ({"a": sgd("b.c"), "a.b": sgd("c")}, lrdsl.LrsError, "LRS513"),
            ({"a": sgd("h"), "b": sgd("a.h")}, lrdsl.LrsError, "LRS513"),
            ({"b": sgd("a.0"), "a": sgd(None)}, lrdsl.LrsError, "LRS513"),
        ],
    )
    def test_wrong_names(self, given: Any, error: type[Exception], said: str) -> None:
        with pytest.raises(error, match=said.replace("*", r"\*")):
            lrdsl.compile("const", given)

    def test_one_optimizer_twice(self) -> None:
        one = sgd(None)
        with pytest.raises(ValueError, match="'a' and 'b' are the same optimizer"):
            lrdsl.compile("const", {"a": one, "b": one})

    def test_a_group_that_takes_the_name_of_an_optimizer_later(self) -> None:
        g, d = sgd("a"), sgd("b")
        _kept = lrdsl.compile("const", {"g": g, "d": d})
        group = {"params": [parameter()], "name": "d"}
        assert slugs(lambda: g.add_param_group(group)) == ["shared-name"]
        group = {"params": [parameter()], "name": "d.b"}
        assert slugs(lambda: g.add_param_group(group)) == ["shared-name"]
        assert len(g.param_groups) == 1
        g.add_param_group({"params": [parameter()], "name": "b"})
        d.add_param_group({"params": [parameter()], "name": "b"})
        assert [len(one.param_groups) for one in (g, d)] == [2, 2]

    def test_a_sequential_lr_has_one_optimizer(self) -> None:
        with pytest.raises(TypeError, match="takes a single optimizer"):
            lrdsl.compile("const", [sgd(None)], scheduler="sequential")


STEPS: dict[str, Callable[[SeveralLR], object]] = {
    "whole": lambda s: s.step(),
    "by name": lambda s: s.step(only="muon"),
    "alone": lambda s: s.schedulers["adam"].step(),
}


class TestClocks:
    def test_a_gan_steps_its_discriminator_five_times_as_often(self) -> None:
        g, d = sgd(None), sgd(None)
        scheduler = lrdsl.compile('lr["g"]: linear(10)  lr["d"]: linear(50)', {"g": g, "d": d})
        used = []
        for _ in range(4):
            for _ in range(5):
                used.append(rates(d)[0])
                d.step()
                scheduler.step(only="d")
            g.step()
            scheduler.step(only="g")
        assert used == pytest.approx([1 - t / 50 for t in range(20)])
        assert (rates(g), rates(d)) == ([0.6], [0.6])
        assert [one.last_epoch for one in scheduler.schedulers.values()] == [4, 20]
        with pytest.raises(ValueError, match=r"not the same for all optimizers: g at step 4, d at"):
            _ = scheduler.last_epoch

    @pytest.mark.parametrize(("first", "second"), [*itertools.permutations(STEPS, 2)])
    def test_two_ways_to_step_at_a_time(self, first: str, second: str) -> None:
        _, _, scheduler = both()
        STEPS[first](scheduler)
        STEPS[first](scheduler)
        before = scheduler.get_last_lr(), repr(scheduler)
        assert slugs(lambda: STEPS[second](scheduler)) == ["mixed-steps"]
        assert (scheduler.get_last_lr(), repr(scheduler)) == before
        STEPS[first](scheduler)
        scheduler.set_step(7)
        STEPS[second](scheduler)
        scheduler.load_state_dict(scheduler.state_dict())
        STEPS[first](scheduler)

    def test_a_step_that_fails_decides_no_way(self) -> None:
        _, _, scheduler = both()
        with pytest.raises(ValueError, match="is no step"):
            scheduler.step(3.5)
        with pytest.raises(ValueError, match="a step is a whole number"):
            scheduler.schedulers["muon"].step(epoch=0.5)
        with pytest.raises(ValueError, match=r"not 'muom'; did you mean"):
            scheduler.step(only="muom")
        scheduler.step(only="muon")

    def test_if_one_cannot_go_there_none_does(self) -> None:
        g, d = sgd(None), sgd(None)
        scheduler = lrdsl.compile("run clock = tok, total = 100tok  linear", {"g": g, "d": d})
        scheduler.schedulers["d"].set_step(at=50)
        before = scheduler.state_dict()
        with pytest.raises(ValueError, match="already, and cannot go back"):
            scheduler.step(at=20)
        assert (rates(g), rates(d), scheduler.state_dict()) == ([1.0], [0.5], before)
        scheduler.step(at=60, only="d")
        scheduler.step(at=20, only="g")
        assert (rates(g), rates(d)) == ([0.8], [0.4])

    def test_the_arguments_of_a_step_are_those_of_each(self) -> None:
        _, _, scheduler = both()
        scheduler.step(increment=3)
        scheduler.step(epoch=9)
        assert scheduler.last_epoch == 9
        scheduler.last_epoch = 2
        assert repr(scheduler).count("at step 2") == 2

    def test_calls_per_update(self) -> None:
        _, _, scheduler = both(calls_per_update=2)
        for _ in range(6):
            scheduler.step()
        assert scheduler.last_epoch == 3

    def test_start_step(self) -> None:
        _, _, scheduler = both(start_step=7)
        _, _, sent = both()
        sent.set_step(7)
        assert scheduler.get_last_lr() == sent.get_last_lr()


EVENTS = 'let f = until(signal("cool"), const) >> linear(4)  lr["g"]: f  lr["d"]: f / 2'


class TestEvents:
    @pytest.mark.parametrize("sender", ["whole", "g", "d"])
    def test_a_signal_is_for_all_at_the_step_of_each(self, sender: str) -> None:
        g, d = sgd(None), sgd(None)
        scheduler = lrdsl.compile(EVENTS, {"g": g, "d": d})
        for _ in range(3):
            scheduler.step(only="d")
        scheduler.step(only="g")
        one: Any = scheduler if sender == "whole" else scheduler.schedulers[sender]
        assert one.signal("cool") is True
        assert one.signal("cool") is False
        assert [part.events for part in scheduler.schedulers.values()] == [{"cool": 1}, {"cool": 3}]
        for _ in range(2):
            scheduler.step(only="g")
        scheduler.step(only="d")
        assert (rates(g), rates(d)) == ([0.5], [0.375])
        with pytest.raises(ValueError, match="cool"):
            one.signal("cold")

    @pytest.mark.parametrize("way", ["step", "observe", "alone"])
    def test_an_event_that_a_metric_decides_is_for_all(self, way: str) -> None:
        """Only the part of `d` listens, and `g` has the same event."""
        text = 'let f = until(below(0.5), const) >> linear(4)  lr["g"]: f  lr["d"]: f'
        g, d = sgd(None), sgd(None)
        scheduler = lrdsl.compile(text, {"g": g, "d": d})
        scheduler.step(0.9)
        if way == "step":
            scheduler.step(0.3)
        elif way == "observe":
            scheduler.step()
            scheduler.observe(0.3)
        else:
            scheduler.step()
            scheduler.schedulers["d"].observe(0.3)
        assert {part.events["below@1"] for part in scheduler.schedulers.values()} == {2}
        scheduler.step()
        assert (rates(g), rates(d)) == ([0.75], [0.75])

    def test_going_back_forgets_an_event_in_all(self) -> None:
        scheduler = lrdsl.compile(EVENTS, {"g": sgd(None), "d": sgd(None)})
        scheduler.set_step(5)
        scheduler.signal("cool")
        with pytest.warns(UserWarning, match="forgotten") as caught:
            scheduler.set_step(2)
        assert caught[0].filename == __file__
        assert scheduler.events == {}

    def test_each_optimizer_counts_the_metrics_that_it_is_given(self) -> None:
        g, d = sgd(None), sgd(None)
        text = "const * plateau(0.5, patience = 0)"
        scheduler = lrdsl.compile(text, {"g": g, "d": d})
        for loss in (2.0, 2.0):
            scheduler.step(loss, only="d")
            scheduler.step(only="g")
        assert (rates(g), rates(d)) == ([1.0], [0.5])
        assert lrdsl.log(scheduler)["plateau/d"] == 0.5
        assert lrdsl.log(scheduler)["plateau/g"] == 1.0

    def test_a_metric_without_a_plateau(self) -> None:
        _, _, scheduler = both()
        with pytest.raises(ValueError, match="driven by a metric"):
            scheduler.observe(1.0)


ORDERS = [*itertools.permutations(["muon", "adam", "scheduler"])]


class TestState:
    @pytest.mark.parametrize("order", ORDERS)
    @pytest.mark.parametrize("before", range(4))
    def test_every_order_of_building_and_loading(self, order: tuple[str, ...], before: int) -> None:
        """Some of the states are loaded before the scheduler is built, the others after it."""
        muon, adam, scheduler = both()
        for _ in range(11):
            muon.step()
            adam.step()
            scheduler.step()
        saved = stored(
            {
                "muon": muon.state_dict(),
                "adam": adam.state_dict(),
                "scheduler": scheduler.state_dict(),
            }
        )
        fresh: dict[str, Any] = dict(zip(["muon", "adam"], pair(), strict=True))
        first = order[: min(before, order.index("scheduler"))]
        for name in first:
            fresh[name].load_state_dict(saved[name])
        optimizers = {name: fresh[name] for name in ("muon", "adam")}
        fresh["scheduler"] = lrdsl.compile(TEXT, optimizers, rebase=False)
        for name in order[len(first) :]:
            fresh[name].load_state_dict(saved[name])
        for _ in range(9):
            assert rates(fresh["muon"]) == rates(muon)
            assert rates(fresh["adam"]) == rates(adam)
            assert fresh["scheduler"].get_last_lr() == scheduler.get_last_lr()
            for one in (muon, adam, scheduler, *fresh.values()):
                one.step()
        assert lrdsl.log(fresh["scheduler"]) == lrdsl.log(scheduler)

    @pytest.mark.parametrize("name", ["muon", "adam"])
    def test_loading_one_optimizer_keeps_the_others_right(self, name: str) -> None:
        muon, adam, scheduler = both()
        one = {"muon": muon, "adam": adam}[name]
        old = copy.deepcopy(one.state_dict())
        for step in range(20):
            if step in (5, 12):
                one.load_state_dict(old)
            scheduler.step()
            _, _, sent = both(start_step=step + 1)
            assert scheduler.get_last_lr() == sent.get_last_lr() == rates(muon) + rates(adam)

    def test_it_is_flat_and_plain_and_has_the_same_keys_for_all_names(self) -> None:
        states = [both()[2].state_dict(), lrdsl.compile("const", [sgd(None)]).state_dict()]
        assert {type(value) for state in states for value in state.values()} == {int, str}
        assert states[0].keys() == states[1].keys()

    def test_optimizers_may_come_in_another_order(self) -> None:
        _, _, scheduler = both()
        scheduler.set_step(9)
        muon, adam = pair()
        other = lrdsl.compile(TEXT, {"adam": adam, "muon": muon})
        other.load_state_dict(stored(scheduler.state_dict()))
        assert lrdsl.log(other) == lrdsl.log(scheduler)

    def test_renamed_optimizers_are_refused_with_the_mapping(self) -> None:
        _, _, scheduler = both()
        scheduler.set_step(9)
        muon, adam = pair()
        text = TEXT.replace('"muon"', '"inner"')
        other = lrdsl.compile(text, {"inner": muon, "adam": adam})
        state, before = stored(scheduler.state_dict()), other.state_dict()
        with pytest.raises(ValueError, match="other names") as caught:
            other.load_state_dict(state)
        assert "  saved: muon, adam\n  now:   inner, adam\n  muon → inner\n" in str(caught.value)
        assert "renamed={'muon': 'inner'}" in str(caught.value)
        assert other.state_dict() == before
        other.load_state_dict(state, renamed={"muon": "inner"})
        assert other.get_last_lr() == scheduler.get_last_lr()
        other.step()
        scheduler.step()
        assert other.get_last_lr() == scheduler.get_last_lr()

    def test_a_list_may_get_names(self) -> None:
        scheduler = lrdsl.compile("cosine(20)", [*pair()])
        scheduler.set_step(9)
        muon, adam = pair()
        other = lrdsl.compile("cosine(20)", {"muon": muon, "adam": adam})
        with pytest.raises(ValueError, match="0 → muon\n  1 → adam"):
            other.load_state_dict(scheduler.state_dict())
        other.load_state_dict(scheduler.state_dict(), renamed={"0": "muon", "1": "adam"})
        assert other.get_last_lr() == scheduler.get_last_lr()

    def test_optimizers_that_come_and_go(self) -> None:
        three = lrdsl.compile("const", {"a": sgd(None), "b": sgd(None), "c": sgd(None)})
        two = lrdsl.compile("const", {"a": sgd(None), "b": sgd(None)})
        with pytest.raises(ValueError, match="only here: c"):
            three.load_state_dict(two.state_dict())
        with pytest.raises(ValueError, match="only in the state: c"):
            two.load_state_dict(three.state_dict())
        with pytest.raises(ValueError, match="`renamed` gives two optimizers the name 'b'"):
            two.load_state_dict(two.state_dict(), renamed={"a": "b"})
        with pytest.raises(ValueError, match=r"`renamed` has 'x', which is not in this state"):
            two.load_state_dict(two.state_dict(), renamed={"x": "b"})

    def test_those_that_both_have_go_on(self) -> None:
        text = 'lr["a"]: linear(10)  lr["b"]: linear(20)'
        before = lrdsl.compile(text, {"a": sgd(None), "b": sgd(None)})
        before.schedulers["a"].set_step(5)
        before.schedulers["b"].set_step(5)
        state = stored(before.state_dict())
        three = {name: sgd(None) for name in "abc"}
        more = lrdsl.compile(text + '  lr["c"]: linear(40)', three)
        with pytest.raises(ValueError, match="other optimizers") as caught:
            more.load_state_dict(state)
        said = "to load 'a' and 'b' alone, pass only=['a', 'b']; the others stay where they are"
        assert said in str(caught.value)
        more.load_state_dict(state, only=["a", "b"])
        assert more.get_last_lr() == [0.5, 0.75, 1.0]
        more.step()
        assert more.get_last_lr() == [0.4, 0.7, 0.975]
        fewer = lrdsl.compile('lr["b"]: linear(20)', {"b": sgd(None)})
        with pytest.raises(ValueError, match=r"to load 'b' alone, pass only=\['b'\]$"):
            fewer.load_state_dict(state)
        fewer.load_state_dict(state, only=["b"])
        assert fewer.get_last_lr() == [0.75]

    def test_what_has_happened_holds_for_an_added_optimizer(self) -> None:
        before = lrdsl.compile(EVENTS, {"g": sgd(None), "d": sgd(None)})
        before.set_step(6)
        before.signal("cool")
        text = EVENTS + '  lr["e"]: f'
        after = lrdsl.compile(text, {name: sgd(None) for name in ("g", "d", "e")})
        after.load_state_dict(stored(before.state_dict()), only={"g", "d"})
        assert [one.events["cool"] for one in after.schedulers.values()] == [6, 6, 0]
        after.step()
        assert after.get_last_lr() == [0.75, 0.375, 0.75]

    @pytest.mark.parametrize(
        ("only", "error", "said"),
        [
            (["z"], ValueError, "`only` has 'z', and no optimizer is called so"),
            (["c"], ValueError, "`only` has 'c', which is not in this state"),
            ([], ValueError, "`only` names no optimizer"),
            ("a", TypeError, "`only` is a list of names"),
            (3, TypeError, "`only` is a list of names"),
        ],
    )
    def test_names_that_cannot_be_loaded(
        self, only: Any, error: type[Exception], said: str
    ) -> None:
        state = lrdsl.compile("const", {"a": sgd(None), "b": sgd(None)}).state_dict()
        three = lrdsl.compile("const", {name: sgd(None) for name in "abc"})
        with pytest.raises(error, match=said):
            three.load_state_dict(state, only=only)

    def test_states_of_others(self) -> None:
        _, _, scheduler = both()
        state = scheduler.state_dict()
        muon, adam = scheduler.schedulers.values()
        with pytest.raises(ValueError, match='of the optimizer "adam", not of "muon"'):
            muon.load_state_dict(adam.state_dict())
        with pytest.raises(ValueError, match="of several optimizers together"):
            muon.load_state_dict(state)
        with pytest.raises(ValueError, match="but of one optimizer"):
            scheduler.load_state_dict(muon.state_dict())
        swapped = {**state, "schedulers": state["schedulers"].replace("muon", "x")}
        with pytest.raises(ValueError, match="other names"):
            scheduler.load_state_dict(swapped)

    @pytest.mark.parametrize(
        "change",
        [
            {"format": 2},
            {"format": 0},
            {"format": True},
            {"more": 1},
            {"schedulers": 5},
            {"schedulers": "["},
            {"schedulers": "[]"},
            {"schedulers": '{"muon": 1, "adam": {}}'},
            {"schedulers": '{"muon": {}, "adam": {}}'},
        ],
    )
    def test_damaged_states_change_nothing(self, change: dict[str, Any]) -> None:
        _, _, scheduler = both()
        scheduler.set_step(4)
        state = scheduler.state_dict()
        with pytest.raises(ValueError, match="state"):
            scheduler.load_state_dict({**state, **change})
        with pytest.raises(ValueError, match="state"):
            scheduler.load_state_dict(None)  # type: ignore[arg-type]
        assert scheduler.state_dict() == state

    def test_another_schedule_of_one_of_them_is_refused_for_all(self) -> None:
        _, _, saved = both()
        saved.set_step(9)
        _, _, scheduler = both(TEXT.replace("linear(20", "linear(30"))
        before = scheduler.state_dict()
        with pytest.raises(ValueError, match=r'in the rate of group "adam\.0"'):
            scheduler.load_state_dict(saved.state_dict())
        assert scheduler.state_dict() == before
        _, _, scheduler = both(TEXT.replace("linear(20", "linear(30"), on_change="new")
        scheduler.load_state_dict(saved.state_dict())
        _, _, sent = both(TEXT.replace("linear(20", "linear(30"), start_step=9)
        assert scheduler.get_last_lr() == sent.get_last_lr()
        _, _, scheduler = both("cosine(100)", on_change="old")
        scheduler.load_state_dict(saved.state_dict())
        assert lrdsl.log(scheduler) == lrdsl.log(saved)

    def test_the_state_of_a_scheduler_for_one_optimizer_goes_to_its_part(self) -> None:
        muon, _ = pair()
        alone = lrdsl.compile(MUON, muon)
        alone.set_step(8)
        _, _, scheduler = both()
        scheduler.schedulers["muon"].load_state_dict(alone.state_dict())
        assert scheduler.schedulers["muon"].get_last_lr() == alone.get_last_lr()

    def test_a_checkpoint_that_is_loaded_key_by_key(self, tmp_path: Any) -> None:
        from torch.distributed.checkpoint import state_dict_loader, state_dict_saver

        _, _, scheduler = both()
        scheduler.set_step(9)
        _, _, other = both()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of torch, that no processes are there
            state_dict_saver.save({"scheduler": scheduler}, checkpoint_id=tmp_path, no_dist=True)
            state_dict_loader.load({"scheduler": other}, checkpoint_id=tmp_path, no_dist=True)
        assert lrdsl.log(other) == lrdsl.log(scheduler)


class TestCopies:
    @pytest.mark.parametrize("copied", [copy.deepcopy, lambda s: pickle.loads(pickle.dumps(s))])
    def test_copies_go_on_by_themselves(self, copied: Callable[[SeveralLR], SeveralLR]) -> None:
        g, d = sgd(None), sgd(None)
        scheduler = lrdsl.compile(EVENTS, {"g": g, "d": d})
        scheduler.step()
        other = copied(scheduler)
        other.signal("cool")
        other.step()
        assert other.get_last_lr() == [0.75, 0.375]
        assert (scheduler.get_last_lr(), scheduler.events) == ([1.0, 0.5], {})
        assert slugs(lambda: other.step(only="g")) == ["mixed-steps"]
        assert slugs(other.schedulers["d"].step) == ["mixed-steps"]

    @pytest.mark.parametrize("copied", [copy.deepcopy, lambda s: pickle.loads(pickle.dumps(s))])
    def test_what_is_copied_together_shares_its_events(self, copied: Any) -> None:
        """A trainer keeps the schedulers, and is copied."""
        scheduler = lrdsl.compile(EVENTS, {"g": sgd(None), "d": sgd(None)})
        scheduler.step()
        kept, _ = copied(([*scheduler.schedulers.values()], "more"))
        kept[0].signal("cool")
        for one in kept:
            one.step()
        assert [one.get_last_lr() for one in kept] == [[0.75], [0.375]]
        assert (scheduler.events, scheduler.get_last_lr()) == ({}, [1.0, 0.5])
        again, alone = copied([scheduler, scheduler.schedulers["d"]])
        assert again.schedulers["d"] is alone
        alone.signal("cool")
        assert again.events == {"cool": 1}

    @pytest.mark.parametrize("copied", [copy.deepcopy, lambda s: pickle.loads(pickle.dumps(s))])
    def test_one_that_is_copied_alone_is_by_itself(self, copied: Any) -> None:
        scheduler = lrdsl.compile(EVENTS, {"g": sgd(None), "d": sgd(None)})
        scheduler.step()
        d = copied(scheduler.schedulers["d"])
        assert d.optimizer is not scheduler.schedulers["d"].optimizer
        scheduler.signal("cool")
        assert d.events == {}
        d.step()
        assert d.signal("cool")
        d.step()
        assert (d.events, d.get_last_lr()) == ({"cool": 2}, [0.375])
        assert scheduler.schedulers["d"].last_epoch == 1

    def test_the_schedulers_are_enough_to_go_on(self) -> None:
        """A trainer keeps them, and drops what held them together."""
        g, d = sgd(None), sgd(None)
        scheduler = lrdsl.compile(EVENTS, {"g": g, "d": d})
        kept = [*scheduler.schedulers.values()]
        del scheduler
        kept[0].signal("cool")
        for one in kept:
            one.step()
        assert (rates(g), rates(d)) == ([0.75], [0.375])

    def test_nothing_holds_the_optimizers_once_it_is_gone(self) -> None:
        muon, adam, scheduler = both()
        scheduler.step()
        watched = [weakref.ref(one) for one in (muon, adam, scheduler)]
        gc.disable()
        try:
            del muon, adam, scheduler
            assert [one() for one in watched] == [None, None, None]
        finally:
            gc.enable()


class TestLogged:
    def test_every_name_ends_in_that_of_its_optimizer(self) -> None:
        text = TEXT + "\nscalar kl: linear(10, 0, 1)"
        _, _, scheduler = both(text)
        scheduler.set_step(5)
        assert lrdsl.log(scheduler) == {
            "lr/muon": scheduler.get_last_lr()[0],
            "lr/adam.0": 0.001,
            "lr/adam.bias": 0.01,
            "momentum/adam.0": 0.8500000000000001,
            "momentum/adam.bias": 0.8500000000000001,
            "kl/muon": 0.5,
            "kl/adam": 0.5,
        }
        alone = lrdsl.log(scheduler.schedulers["muon"])
        assert alone.items() <= lrdsl.log(scheduler).items()
        assert {**scheduler.scalars} == {"kl": 0.5}
        scheduler.step(only="muon")
        with pytest.raises(
            ValueError, match=r'read it of one, as in `schedulers\["muon"\].scalars'
        ):
            _ = scheduler.scalars
        assert lrdsl.log(scheduler)["kl/muon"] == 0.6

    @pytest.mark.usefixtures("linted")
    def test_a_finding_comes_once(self) -> None:
        with pytest.warns(lrdsl.LrsWarning) as caught:
            lrdsl.compile("warmup(5, 0.1) >> cosine(20, 0.1)", [*pair()])
        assert len({str(one.message) for one in caught}) == len(caught)
        assert [str(one.message).count("gives one rate") for one in caught].count(1) == 1
        assert any('in group "0.hidden"' in str(one.message) for one in caught)

    @pytest.mark.usefixtures("linted")
    def test_a_finding_is_refused_before_anything_changes(self) -> None:
        muon, adam = pair()
        before = rates(muon) + rates(adam)
        with pytest.raises(lrdsl.LrsError, match="unequal-groups"):
            lrdsl.compile("lr: 0.1", {"muon": muon, "adam": adam}, lint="error")
        assert rates(muon) + rates(adam) == before

    @pytest.mark.usefixtures("linted")
    def test_a_finding_speaks_of_several_optimizers(self) -> None:
        with pytest.raises(lrdsl.LrsError) as one:
            lrdsl.compile("lr: 0.2", pair()[1], lint="error")
        with pytest.raises(lrdsl.LrsError) as two:
            muon, adam = pair()
            lrdsl.compile("lr: 0.2", {"muon": muon, "adam": adam}, lint="error")
        with pytest.raises(lrdsl.LrsError) as other:
            muon, adam = pair()
            lrdsl.compile("lr: 0.2", {"m": muon, "a": adam}, lint="error")
        helps = [caught.value.diagnostics[0].help for caught in (one, two, other)]
        assert "select groups" in helps[0]
        assert helps[0].endswith("or build the optimizer with equal values")
        for text, name in zip(helps[1:], ("muon", "m"), strict=True):
            assert f'select an optimizer by its name, as in `lr["{name}"]:`' in text
            assert text.endswith("or build the optimizers with equal values")

    def test_a_rhythm_names_the_optimizer(self) -> None:
        muon, adam, scheduler = both(total=100)
        with pytest.warns(lrdsl.LrsWarning) as caught:
            for _ in range(3):
                for _ in range(4):
                    adam.step()
                muon.step()
                scheduler.step()
        (text,) = {str(one.message) for one in caught}
        assert '4 updates of the optimizer "adam" were made before' in text
        assert 'call `scheduler.step(only="adam")` after each' in text

    def test_the_end_of_a_run_names_the_optimizer(self) -> None:
        muon, _, scheduler = both(total=3)
        with pytest.warns(lrdsl.LrsWarning, match='update 4 of the optimizer "muon" was made'):
            for _ in range(4):
                muon.step()
                scheduler.step(only="muon")

    def test_the_order_of_steps_names_the_optimizer(self) -> None:
        muon, adam, scheduler = both()
        with pytest.warns(UserWarning, match='before `optimizer.step.*the optimizer "adam"'):
            muon.step()
            scheduler.step()
            adam.step()

    def test_an_overwrite_names_the_optimizer(self) -> None:
        _, adam, scheduler = both(warn_on_overwrite=True)
        adam.param_groups[1]["lr"] = 0.7
        with pytest.warns(UserWarning, match='changed `lr` of group "adam.bias"'):
            scheduler.step()


EVENT = "until(below(0.35), const) >> linear(4)"
METRICS = (1.0, 1.0, 0.3, 0.2, 0.1, 0.1)


@pytest.mark.parametrize("updates", [True, False])
@pytest.mark.parametrize("way", ["only", "alone"])
def test_a_metric_given_in_turn_decides_an_event_for_all_at_once(way: str, updates: bool) -> None:
    def used(way: str) -> tuple[list[float], dict[str, int]]:
        driven = {"a": sgd("x"), "b": sgd("y")}
        scheduler = lrdsl.compile(EVENT, driven, lint="off")
        found = []
        for metric in METRICS:
            for one in driven.values():
                found += rates(one)
                if updates:
                    one.step()
            if way == "all":
                scheduler.step(metric)
            for name in driven:
                if way == "only":
                    scheduler.step(metric, only=name)
                elif way == "alone":
                    scheduler.schedulers[name].step(metric)
        return found, scheduler.events

    assert used(way) == used("all")


def test_an_event_reaches_an_optimizer_before_the_update_that_it_has_yet_to_make() -> None:
    """`b` is updated once where `a` is updated twice; the reference is written by hand."""
    driven = {"a": sgd("x"), "b": sgd("y")}
    scheduler = lrdsl.compile(EVENT, driven, lint="off")
    used: list[float] = []
    for i, metric in enumerate(METRICS):
        driven["a"].step()
        scheduler.step(metric, only="a")
        if i % 2:
            used += rates(driven["b"])
            driven["b"].step()
            scheduler.step(only="b")
    # The event comes after the third update of `a`, and before the second of `b`.
    assert scheduler.schedulers["a"].events == {"below@1": 3}
    assert scheduler.schedulers["b"].events == {"below@1": 1}
    assert used == [1.0, 1.0, 0.75]


def test_an_event_that_comes_with_the_next_step_is_saved() -> None:
    driven = {"a": sgd("x"), "b": sgd("y")}
    scheduler = lrdsl.compile(EVENT, driven, lint="off")
    for one in driven.values():
        one.step()
    scheduler.step(0.3, only="a")
    again = lrdsl.compile(EVENT, {"a": sgd("x"), "b": sgd("y")}, lint="off")
    again.load_state_dict(stored(scheduler.state_dict()))
    for each in (scheduler, again, copy.deepcopy(scheduler)):
        assert each.events == {"below@1": 1}
        each.step(0.3, only="b")
        assert each.events == {"below@1": 1}


ACTIONS = st.one_of(
    st.tuples(st.just("step"), st.sampled_from(["g", "d"])),
    st.tuples(st.just("set"), st.sampled_from(["g", "d"]), st.integers(0, 40)),
    st.tuples(st.just("observe"), st.sampled_from(["g", "d"]), st.sampled_from([0.1, 0.5, 0.9])),
    st.tuples(st.sampled_from(["copy", "pickle", "reload", "group"])),
    st.tuples(st.just("load"), st.sampled_from(["g", "d"])),
)
ONE = {"g": "warmup(4) >> const * plateau(0.5, patience = 0)", "d": "linear(30, base, 0.1)"}


@given(actions=st.lists(ACTIONS, max_size=25))
def test_whatever_happens_each_is_as_under_a_text_of_its_own(
    actions: list[tuple[Any, ...]],
) -> None:
    text = "\n".join(f'lr["{name}"]: {one}' for name, one in ONE.items())
    # Every number a metric drives is one of `g`; `d` is given metrics that change nothing.
    text += "\nscalar s: linear(10, 0, 1)"
    driven = {"g": sgd("a"), "d": sgd("b", None)}
    alone = {"g": sgd("a"), "d": sgd("b", None)}
    scheduler = lrdsl.compile(text, driven)
    texts = {name: f"lr: {one}\nscalar s: linear(10, 0, 1)" for name, one in ONE.items()}
    separate = {name: lrdsl.compile(texts[name], alone[name]) for name in alone}
    for what, *arguments in actions:
        if what == "step":
            scheduler.step(only=arguments[0])
            separate[arguments[0]].step()
        elif what == "set":
            name, step = arguments
            scheduler.schedulers[name].set_step(step)
            separate[name].set_step(step)
        elif what == "observe":
            name, metric = arguments
            scheduler.schedulers[name].observe(metric)
            if name == "g":
                separate[name].observe(metric)
        elif what == "copy":
            scheduler = copy.deepcopy(scheduler)
        elif what == "pickle":
            scheduler = pickle.loads(pickle.dumps(scheduler))
        elif what == "reload":
            again = {
                name: copy.deepcopy(one.optimizer) for name, one in scheduler.schedulers.items()
            }
            state = stored(scheduler.state_dict())
            scheduler = lrdsl.compile(text, again, rebase=False)
            scheduler.load_state_dict(state)
        elif what == "load":
            optimizer = scheduler.schedulers[arguments[0]].optimizer
            optimizer.load_state_dict(copy.deepcopy(optimizer.state_dict()))
        else:
            for one in (scheduler.schedulers["d"].optimizer, alone["d"]):
                one.add_param_group({"params": [parameter()], "lr": 0.5})
        for name, part in scheduler.schedulers.items():
            assert rates(part.optimizer) == rates(alone[name]) == separate[name].get_last_lr()
            assert {**part.scalars} == {**separate[name].scalars}


def test_a_tensor_that_optimizers_share_is_separated() -> None:
    """As among the groups of one: filled in place it would be one rate for both."""
    rate = torch.tensor(1.0)
    a, b = (torch.optim.Adam([parameter()], lr=rate) for _ in range(2))
    scheduler = lrdsl.compile('lr["a"]: linear(10)  lr["b"]: linear(20)', {"a": a, "b": b})
    for _ in range(5):
        a.step()
        b.step()
        scheduler.step()
    assert [float(one.param_groups[0]["lr"]) for one in (a, b)] == [0.5, 0.75]
    assert a.param_groups[0]["lr"] is rate
    assert float(b.defaults["lr"]) == 1


def test_a_group_that_optimizers_share_is_refused() -> None:
    group = {"params": [parameter()]}
    a, b = (torch.optim.SGD([group], lr=0.1) for _ in range(2))
    with pytest.raises(ValueError, match="the same dictionary"):
        lrdsl.compile("const", {"a": a, "b": b})


def test_a_new_name_that_is_not_there_is_named() -> None:
    optimizers = {name: torch.optim.SGD([parameter()], lr=0.1) for name in "ab"}
    scheduler = lrdsl.compile("const", optimizers)
    with pytest.raises(ValueError, match="'z'"):
        scheduler.load_state_dict(scheduler.state_dict(), renamed={"a": "z"})
    with pytest.raises(TypeError, match="renamed"):
        scheduler.load_state_dict(scheduler.state_dict(), renamed=["a"])  # type: ignore[arg-type]
