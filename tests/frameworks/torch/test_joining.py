"""Groups that join a run or vanish from it, and selectors for groups that are yet to come."""

from __future__ import annotations

import copy
import gc
import weakref
from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest
import torch
from torch.optim import SGD, Optimizer

import lrdsl
from tests.frameworks.torch.driving import drive, optimizer, parameter, rates


def named(*names: str) -> Optimizer:
    return SGD([{"params": [parameter()], "name": name} for name in names], lr=0.1)


def group(rate: float = 0.1, name: str = "tail") -> dict[str, Any]:
    return {"params": [parameter()], "lr": rate, "name": name}


class TestJoining:
    def test_a_group_has_its_rate_at_once(self) -> None:
        driven = optimizer(0.1)
        scheduler = lrdsl.compile("warmup(10) >> const", driven)
        drive(scheduler, 2)
        driven.add_param_group(group(0.5))
        wanted = [pytest.approx(0.02), pytest.approx(0.1)]
        assert rates(driven) == scheduler.get_last_lr() == scheduler._last_lr == wanted
        assert scheduler.base_lrs == [0.1, 0.5]
        assert len(scheduler.lr_lambdas) == 2
        driven.step()
        scheduler.step()
        assert rates(driven) == [pytest.approx(0.03), pytest.approx(0.15)]

    def test_the_others_keep_what_somebody_else_gave_them(self) -> None:
        driven = optimizer(0.1)
        scheduler = lrdsl.compile("linear(10)", driven, start_step=5)
        driven.param_groups[0]["lr"] = 0.7
        driven.add_param_group(group(0.5))
        assert rates(driven) == [0.7, 0.25]
        assert scheduler.get_last_lr() == [0.05, 0.25]  # what the schedule wrote

    def test_all_its_numbers_join(self) -> None:
        driven = SGD([parameter()], lr=0.1, momentum=0.5)
        scheduler = lrdsl.compile("lr: linear(10)  momentum: linear(10)", driven)
        drive(scheduler, 5)
        driven.add_param_group({**group(0.4), "momentum": 0.25})
        assert [one["momentum"] for one in driven.param_groups] == [0.25, 0.125]
        scheduler.set_step(0)
        assert [one["momentum"] for one in driven.param_groups] == [0.5, 0.25]

    def test_one_rate_for_groups_that_differ_is_warned_of_when_they_do(self) -> None:
        driven = optimizer(0.1)
        scheduler = lrdsl.compile("cosine(20, 0.3)", driven)
        with pytest.warns(
            UserWarning, match=r"gives one rate to groups .*: 0\.1 .*, 0\.5"
        ) as caught:
            driven.add_param_group(group(0.5))
        assert [warning.filename for warning in caught] == [__file__]
        assert scheduler.get_last_lr() == [0.3, 0.3]

    def test_a_group_that_does_not_differ_joins_in_silence(self) -> None:
        driven = optimizer(0.1)
        scheduler = lrdsl.compile("cosine(20, 0.3)", driven)
        driven.add_param_group(group(0.1))  # a warning would be an error
        assert rates(driven) == scheduler.get_last_lr() == [0.3, 0.3]

    def test_the_guard_knows_of_it(self) -> None:
        driven = optimizer(0.1)
        scheduler = lrdsl.compile("linear(10)", driven, warn_on_overwrite=True)
        driven.add_param_group(group(0.5))
        drive(scheduler, 2)
        driven.param_groups[1]["lr"] = 0.9
        driven.step()
        with pytest.warns(UserWarning, match='changed `lr` of group "tail" from 0.4 to 0.9'):
            scheduler.step()

    def test_every_scheduler_of_an_optimizer_takes_it_in(self) -> None:
        driven = SGD([parameter()], lr=0.1, momentum=0.5)
        first = lrdsl.compile("linear(10)", driven, start_step=5)
        second = lrdsl.compile("momentum: linear(10)", driven, start_step=5)
        driven.add_param_group({**group(0.4), "momentum": 0.25})
        found = driven.param_groups[1]
        assert (found["lr"], found["momentum"]) == (0.2, 0.125)
        assert first.get_last_lr() == second.get_last_lr() == [0.05, 0.2]

    def test_so_does_a_copy(self) -> None:
        scheduler: Any = copy.deepcopy(lrdsl.compile("linear(10)", optimizer(0.1), start_step=5))
        scheduler.optimizer.add_param_group(group(0.4))
        assert rates(scheduler.optimizer) == [0.05, 0.2]

    def test_the_optimizer_is_freed_without_the_garbage_collector(self) -> None:
        driven = optimizer(0.1)
        scheduler = lrdsl.compile("linear(10)", driven)
        driven.add_param_group(group(0.4))
        watched: list[weakref.ref[Any]] = [weakref.ref(driven), weakref.ref(scheduler)]
        gc.disable()
        try:
            del driven, scheduler
            assert [ref() for ref in watched] == [None, None]
        finally:
            gc.enable()

    def test_an_optimizer_is_freed_whose_parameters_refer_to_it(self) -> None:
        weight = torch.nn.Parameter(torch.ones(2))
        driven = SGD([weight], lr=0.1)
        weight.register_hook(lambda _, driven=driven: driven.zero_grad())
        scheduler = lrdsl.compile("linear(10)", driven)
        watched: list[weakref.ref[Any]] = [weakref.ref(driven), weakref.ref(scheduler)]
        del weight, driven, scheduler
        gc.collect()
        assert [ref() for ref in watched] == [None, None]

    def test_nothing_but_the_groups_is_saved_or_copied(self) -> None:
        driven = optimizer(0.1)
        scheduler = lrdsl.compile("linear(10)", driven)
        copied = copy.deepcopy(driven)
        assert set(driven.__getstate__()) == {"defaults", "state", "param_groups"}
        copied.add_param_group(group(0.4))
        assert (len(rates(copied)), scheduler.get_last_lr()) == (2, [0.1])

    def test_a_group_that_was_put_there_by_hand_joins_when_it_is_noticed(self) -> None:
        driven = optimizer(0.1)
        scheduler = lrdsl.compile("linear(10)", driven, start_step=5)
        driven.param_groups.append({**driven.param_groups[0], **group(0.4)})
        del driven.param_groups[1]["initial_lr"]
        assert scheduler.get_last_lr() == rates(driven) == [0.05, 0.2]


class TestYetToCome:
    TEXT = 'lr["body"]: linear(10)  lr["head"]: const'

    def test_a_selector_for_a_group_that_is_added_later(self) -> None:
        driven = named("head")
        with pytest.raises(lrdsl.LrsError, match=r"LRS505.*\n(.*\n)*.*allow_missing_groups=True"):
            lrdsl.compile(self.TEXT, driven)
        scheduler = lrdsl.compile(self.TEXT, driven, allow_missing_groups=True)
        assert drive(scheduler, 5) == [[0.1] * 5]
        driven.add_param_group(group(0.4, "body"))
        assert rates(driven) == scheduler.get_last_lr() == [0.1, 0.2]

    def test_what_drives_nothing_in_a_group_is_said_all_the_same(self) -> None:
        driven = named("head", "tail")
        with pytest.raises(lrdsl.LrsError, match="LRS506 undriven-group"):
            lrdsl.compile(self.TEXT, driven, allow_missing_groups=True)

    def test_the_run_is_resumed_before_the_group_is_there(self) -> None:
        driven = named("head")
        old = lrdsl.compile(self.TEXT, driven, allow_missing_groups=True)
        drive(old, 4)
        driven.add_param_group(group(0.4, "body"))
        drive(old, 1)
        again = lrdsl.compile(self.TEXT, named("head"), allow_missing_groups=True)
        again.load_state_dict(old.state_dict())
        again.optimizer.add_param_group(group(0.4, "body"))
        assert rates(again.optimizer) == rates(driven) == [0.1, 0.2]

    def test_the_sequential_scheduler_has_no_selectors(self) -> None:
        with pytest.raises(TypeError, match="takes no allow_missing_groups"):
            lrdsl.compile("const", named("a"), scheduler="sequential", allow_missing_groups=True)


class TestVanished:
    """Some optimizers drop groups that have no parameters, after the scheduler was built."""

    @pytest.mark.parametrize(
        "text", ['lr["a"]: linear(10)  lr: const', "lr[0]: linear(10)  lr: const"]
    )
    def test_the_run_goes_on_without_the_group(self, text: str) -> None:
        driven = named("a", "b")
        scheduler = lrdsl.compile(text, driven)
        drive(scheduler, 3)
        del driven.param_groups[0]
        assert scheduler.get_last_lr() == [0.1]
        drive(scheduler, 2)
        assert scheduler.get_last_lr() == scheduler._last_lr == rates(driven) == [0.1]
        assert len(scheduler.base_lrs) == 1

    def test_an_index_means_the_group_that_it_meant(self) -> None:
        driven = optimizer(0.1, 0.2, 0.4)
        scheduler = lrdsl.compile("lr[0]: const  lr[1]: linear(10)  lr[2]: linear(20)", driven)
        del driven.param_groups[0]
        drive(scheduler, 5)
        assert rates(driven) == [0.1, pytest.approx(0.3)]

    def test_groups_in_another_order_keep_their_rates(self) -> None:
        driven = optimizer(0.4, 0.8)
        scheduler = lrdsl.compile("linear(10)", driven)
        drive(scheduler, 5)
        driven.param_groups.reverse()
        assert scheduler.get_last_lr() == scheduler._last_lr == rates(driven) == [0.4, 0.2]
        drive(scheduler, 1)
        assert scheduler.get_last_lr() == rates(driven) == pytest.approx([0.32, 0.16])

    def test_bases_go_along_with_their_groups(self) -> None:
        groups = [{"params": [parameter()], "momentum": m, "lr": m} for m in (0.2, 0.4, 0.8)]
        driven = SGD(groups)
        scheduler = lrdsl.compile("lr: linear(10)  momentum: linear(10)", driven)
        drive(scheduler, 5)
        del driven.param_groups[1]
        scheduler.set_step(0)
        assert rates(driven) == [one["momentum"] for one in driven.param_groups] == [0.2, 0.8]
        copied: Any = copy.deepcopy(scheduler)
        copied.set_step(0)
        assert rates(copied.optimizer) == [0.2, 0.8]


BASES = (0.01, 0.02)
TEXT = "warmup(10) >> cosine(90)"
SAVED = 30  # the step of the states that are loaded
OPERATIONS = ("step", "last_epoch", "load the scheduler", "load the optimizer", "add a group")


def at(step: int, base: float) -> float:
    return lrdsl.parse(TEXT).resolve()(step, base=base)


def saved(groups: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The states of an optimizer and its scheduler, from a run of so many groups."""
    scheduler = lrdsl.compile(TEXT, optimizer(*BASES[:groups]), start_step=SAVED)
    return scheduler.optimizer.state_dict(), scheduler.state_dict()


class Expected:
    """What a run is after some operations: where it is, and the rates that stand."""

    def __init__(self) -> None:
        self.step, self.is_under_way, self.rates = 0, False, [at(0, BASES[0])]

    def after(self, operation: str) -> list[float]:
        if operation == "add a group":
            self.rates = [*self.rates, at(self.step, BASES[1])]
        elif operation == "load the optimizer":
            # Until the scheduler is under way the rates that were loaded stand.
            step = self.step if self.is_under_way else SAVED
            self.rates = [at(step, base) for base in BASES[: len(self.rates)]]
        else:
            moves = {"step": self.step + 1, "last_epoch": 7, "load the scheduler": SAVED}
            self.step, self.is_under_way = moves[operation], True
            self.rates = [at(self.step, base) for base in BASES[: len(self.rates)]]
        return self.rates


@pytest.mark.parametrize("order", [*permutations(OPERATIONS)], ids=", ".join)
def test_every_order_keeps_all_in_agreement(order: tuple[str, ...]) -> None:
    states = {groups: saved(groups) for groups in (1, 2)}
    driven = optimizer(BASES[0])
    scheduler = lrdsl.compile(TEXT, driven)
    expected = Expected()

    def step() -> None:
        driven.step()
        scheduler.step()

    does: dict[str, Callable[[], Any]] = {
        "step": step,
        "last_epoch": lambda: setattr(scheduler, "last_epoch", 7),
        "load the scheduler": lambda: scheduler.load_state_dict(states[1][1]),
        "load the optimizer": lambda: driven.load_state_dict(states[len(driven.param_groups)][0]),
        "add a group": lambda: driven.add_param_group({"params": [parameter()], "lr": BASES[1]}),
    }
    for operation in order:
        does[operation]()
        wanted = expected.after(operation)
        assert scheduler.last_epoch == expected.step
        assert rates(driven) == scheduler.get_last_lr() == scheduler._last_lr == wanted
        assert scheduler.base_lrs == list(BASES[: len(wanted)])
