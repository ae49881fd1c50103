"""Schedulers driven at random, beside a model that is a formula and a step."""

from __future__ import annotations

import io
import math
from typing import Any

import torch
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from torch.optim import SGD, Adam, Optimizer

import lrdsl
from lrdsl.frameworks.torch.lambda_lr import ScheduleLR
from tests.frameworks.torch.driving import parameter

PROGRAM = """
lr["head"]: warmup(4, 0, base) >> linear(10, base, 0.01)
  >> const * plateau(0.5, 1, 0, threshold_mode = abs)
lr: linear(12, base, 0)
momentum: linear(8, 0.9, 0.5)
"""
NAMES = ("head", "body", "tail")


class Model:
    """What a scheduler is: a step, and what its plateau has seen; everything follows from them."""

    def __init__(self) -> None:
        self.step = 0
        self.best, self.waited, self.reductions = math.inf, 0, 0

    def copy(self) -> Model:
        other = Model()
        other.__dict__ |= self.__dict__
        return other

    def rate(self, name: str, base: float) -> float:
        t = self.step
        if name != "head":
            return base * (1 - t / 12) if t < 12 else 0.0
        if t < 4:
            return base * t / 4
        if t < 14:
            return base + (0.01 - base) * (t - 4) / 10
        return 0.01 * 0.5**self.reductions

    def momentum(self) -> float:
        return 0.9 - 0.4 * min(self.step, 8) / 8

    def observe(self, metric: float) -> None:
        """Patience 1: the second measurement in a row that is no better makes a reduction."""
        if self.step - 1 < 14:  # the update measured is the one before
            return
        if metric < self.best:
            self.best, self.waited = metric, 0
            return
        self.waited += 1
        if self.waited > 1:
            self.waited = 0
            # torch's rule: a change of at most 1e-8 is none.
            if 0.01 * 0.5**self.reductions * 0.5 > 1e-8:
                self.reductions += 1


class Scheduling(RuleBasedStateMachine):
    """The scheduler and the model, through the same calls in any order."""

    kind: type[Optimizer] = SGD

    def __init__(self) -> None:
        super().__init__()
        self.bases = {"head": 0.1, "body": 0.2}
        self.optimizer = self.fresh(self.bases)
        self.scheduler = self.compiled(self.optimizer)
        self.model = Model()
        # What was loaded with the optimizer's state stands until the scheduler is told where it is.
        self.standing: dict[str, Model] = {}
        self.is_under_way = False
        self.saved: list[tuple[bytes, Model, tuple[str, ...]]] = []

    def moved(self) -> None:
        self.standing, self.is_under_way = {}, True

    def fresh(self, bases: dict[str, float]) -> Optimizer:
        groups = [{"params": [parameter()], "lr": b, "name": name} for name, b in bases.items()]
        return SGD(groups, momentum=0.1) if self.kind is SGD else Adam(groups, betas=(0.1, 0.99))

    def compiled(self, optimizer: Optimizer) -> ScheduleLR:
        made = lrdsl.compile(PROGRAM, optimizer)
        assert isinstance(made, ScheduleLR)
        return made

    @rule(updates=st.integers(1, 4))
    def step(self, updates: int) -> None:
        for _ in range(updates):
            self.optimizer.step()
            self.scheduler.step()
            self.model.step += 1
            self.moved()

    @rule(step=st.integers(0, 30))
    def set_step(self, step: int) -> None:
        self.scheduler.set_step(step)
        self.model.step = step
        self.moved()

    @rule(step=st.integers(0, 30))
    def last_epoch(self, step: int) -> None:
        self.scheduler.last_epoch = step
        self.model.step = step
        self.moved()

    @rule(metric=st.sampled_from([0.5, 1.0, 1.0, 2.0, math.nan]))
    def observe(self, metric: float) -> None:
        self.scheduler.observe(metric)
        self.model.observe(metric)

    @rule(metric=st.sampled_from([1.0, 2.0]))
    def step_with_metric(self, metric: float) -> None:
        self.optimizer.step()
        self.scheduler.step(metric)
        self.model.step += 1
        self.moved()
        self.model.observe(metric)

    @rule()
    def save(self) -> None:
        if self.standing:  # two halves of two runs
            return
        file = io.BytesIO()
        torch.save((self.scheduler.state_dict(), self.optimizer.state_dict()), file)
        self.saved.append((file.getvalue(), self.model.copy(), tuple(self.bases)))

    @precondition(lambda self: self.saved)
    @rule(data=st.data(), anew=st.booleans())
    def load(self, data: st.DataObject, anew: bool) -> None:
        states, model, _ = data.draw(st.sampled_from(self.saved), label="state")
        if anew:
            self.begin_anew()
        self.scheduler.load_state_dict(torch.load(io.BytesIO(states), weights_only=True)[0])
        self.model = model.copy()
        self.moved()

    @precondition(lambda self: self.saved)
    @rule(data=st.data(), anew=st.booleans())
    def load_optimizer(self, data: st.DataObject, anew: bool) -> None:
        states, model, names = data.draw(st.sampled_from(self.saved), label="state")
        if names != tuple(self.bases):
            return
        if anew:
            self.begin_anew()
        self.optimizer.load_state_dict(torch.load(io.BytesIO(states), weights_only=True)[1])
        if not self.is_under_way:
            self.standing = {name: model.copy() for name in names}

    def begin_anew(self) -> None:
        """Builds everything again, as the script of a resumed run does."""
        self.optimizer = self.fresh(self.bases)
        self.scheduler = self.compiled(self.optimizer)
        self.model = Model()
        self.standing, self.is_under_way = {}, False

    @rule()
    def refuse(self) -> None:
        """A state that is refused leaves everything as it was; the invariants look."""
        state: dict[str, Any] = {**self.scheduler.state_dict(), "step": "7"}
        try:
            self.scheduler.load_state_dict(state)
        except ValueError:
            return
        raise AssertionError("a step that is no number was taken")

    @precondition(lambda self: "tail" not in self.bases)
    @rule(base=st.sampled_from([0.05, 0.4]))
    def add_param_group(self, base: float) -> None:
        numbers = {"momentum": 0.1} if self.kind is SGD else {"betas": (0.1, 0.99)}
        group = {"params": [parameter()], "lr": base, "name": "tail", **numbers}
        self.optimizer.add_param_group(group)
        self.bases = {**self.bases, "tail": base}

    @invariant()
    def agree(self) -> None:
        assert self.scheduler.last_epoch == self.model.step
        for group in self.optimizer.param_groups:
            base = self.bases[group["name"]]
            model = self.standing.get(group["name"], self.model)
            wanted = model.rate(group["name"], base)
            assert math.isclose(group["lr"], wanted, rel_tol=1e-12, abs_tol=base * 1e-12)
            momentum = group["momentum"] if self.kind is SGD else group["betas"][0]
            assert math.isclose(momentum, model.momentum(), rel_tol=1e-12)
        rates = [group["lr"] for group in self.optimizer.param_groups]
        assert self.scheduler.get_last_lr() == self.scheduler._last_lr == rates
        assert self.scheduler.base_lrs == list(self.bases.values())


class SchedulingAdam(Scheduling):
    kind = Adam


Scheduling.TestCase.settings = SchedulingAdam.TestCase.settings = settings(
    deadline=None, max_examples=40, stateful_step_count=30
)
TestSGD = Scheduling.TestCase
TestAdam = SchedulingAdam.TestCase
