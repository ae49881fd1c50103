"""What `base` is: noted once, in the scheduler's state, under keys that no program changes."""

from __future__ import annotations

import copy
import io
import json
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.distributed.checkpoint.state_dict_loader import load
from torch.distributed.checkpoint.state_dict_saver import save
from torch.optim import SGD, Adam, Optimizer
from torch.optim.lr_scheduler import CosineAnnealingLR, LambdaLR, LinearLR, SequentialLR

import lrdsl
from lrdsl.diagnostics import warn
from lrdsl.frameworks.torch.lambda_lr import ScheduleLR
from tests.frameworks.torch.driving import drive, optimizer, parameter, rates

TEXT = "warmup(10) >> cosine(90)"
BASE, STEP = 0.01, 30


@pytest.fixture(autouse=True)
def nothing_given_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warn, "_given", set())


def wanted(step: int, base: float = BASE, text: str = TEXT) -> float:
    """The rate by the definition of a schedule: the function itself, and no optimizer."""
    return lrdsl.parse(text).resolve()(step, base=base)


def run(text: str = TEXT, *, base: float = BASE) -> ScheduleLR:
    """A run after some updates."""
    scheduler = lrdsl.compile(text, SGD([parameter()], lr=base, momentum=0.5, weight_decay=0.1))
    drive(scheduler, STEP)
    assert isinstance(scheduler, ScheduleLR)
    return scheduler


def fresh(base: float = BASE) -> Optimizer:
    return SGD([parameter()], lr=base, momentum=0.5, weight_decay=0.1)


def without_initial(driven: Optimizer) -> dict[str, Any]:
    """The state of an optimizer as it is loaded key by key into one that no scheduler has seen."""
    state = copy.deepcopy(driven.state_dict())
    for group in state["param_groups"]:
        del group["initial_lr"]
    return state


def agree(scheduler: Any, rate: float) -> None:
    """The groups, and all who tell of them, have a rate."""
    found = rates(scheduler.optimizer)
    assert found == [rate] * len(found)
    assert scheduler.get_last_lr() == scheduler._last_lr == found


class TestTheStateHasThem:
    def test_of_every_group_and_number(self) -> None:
        driven = Adam([{"params": [parameter()], "lr": rate} for rate in (0.1, 0.2)])
        text = "lr: linear(9)  momentum[1]: linear(9)"
        state = lrdsl.compile(text, driven).state_dict()
        assert json.loads(state["bases"]) == {"lr": [0.1, 0.2], "beta1": [None, 0.9]}

    def test_an_optimizer_that_was_loaded_before_compile_without_initial_lr(self) -> None:
        old = run()
        driven = fresh()
        driven.load_state_dict(without_initial(old.optimizer))
        assert rates(driven) == [wanted(STEP)]
        scheduler = lrdsl.compile(TEXT, driven)
        scheduler.load_state_dict(old.state_dict())
        agree(scheduler, wanted(STEP))
        assert driven.param_groups[0]["initial_lr"] == BASE
        assert scheduler.base_lrs == [BASE]
        assert drive(scheduler, 3) == [[wanted(STEP + k) for k in range(3)]]

    @pytest.mark.filterwarnings("ignore:.LRS805")  # tests/frameworks/torch/test_other_base.py
    def test_an_optimizer_that_is_loaded_last_does_not_change_them(self) -> None:
        old = run()
        scheduler = lrdsl.compile(TEXT, fresh(0.7))
        scheduler.load_state_dict(old.state_dict())
        other = lrdsl.compile(TEXT, fresh(0.7)).optimizer.state_dict()
        for state in (other, without_initial(old.optimizer)):
            scheduler.optimizer.load_state_dict(state)
            agree(scheduler, wanted(STEP))
            assert scheduler.optimizer.param_groups[0]["initial_lr"] == BASE

    def test_of_other_numbers_too(self) -> None:
        text = "lr: const  momentum: linear(100)"
        old = run(text)
        driven = fresh()
        driven.load_state_dict(old.optimizer.state_dict())
        scheduler = lrdsl.compile(text, driven)
        scheduler.load_state_dict(old.state_dict())
        assert driven.param_groups[0]["momentum"] == pytest.approx(0.35)
        assert scheduler.state_dict() == old.state_dict()

    @pytest.mark.filterwarnings("ignore:.LRS805")  # tests/frameworks/torch/test_other_base.py
    def test_a_group_more_or_less_than_the_state_has(self) -> None:
        two = lrdsl.compile("linear(10)", optimizer(0.1, 0.2)).state_dict()
        for own, found in (((0.5,), [0.1]), ((0.5, 0.6, 0.7), [0.1, 0.2, 0.7])):
            scheduler = lrdsl.compile("linear(10)", optimizer(*own))
            scheduler.load_state_dict(two)
            assert rates(scheduler.optimizer) == found

    def test_a_state_of_the_first_format_has_them_in_the_optimizers(self) -> None:
        old = run("lr: linear(60)  momentum: linear(60)")
        later = {"bases", "measured", "groups", "events", "at"}
        state = {k: v for k, v in old.state_dict().items() if k not in later}
        state["format"] = 1
        before = copy.deepcopy(old.optimizer.state_dict())
        before["param_groups"][0]["initial_momentum"] = 0.5
        for order in (True, False):
            scheduler = lrdsl.compile("lr: linear(60)  momentum: linear(60)", fresh(0.7))
            if order:
                scheduler.load_state_dict(state)
            scheduler.optimizer.load_state_dict(before)
            if not order:
                scheduler.load_state_dict(state)
            agree(scheduler, 0.005)
            assert scheduler.optimizer.param_groups[0]["momentum"] == 0.25


class TestTheKeysDoNotDependOnTheProgram:
    PROGRAMS = (
        "linear(60)",
        "lr: linear(60)  weight_decay: linear(60)",
        "lr: linear(60)  momentum: linear(60)",
        "linear(60) * plateau(0.5)",
        "linear(60) * plateau(0.5) * plateau(0.1, 3)",
    )

    def test_of_the_schedulers_state_and_of_the_optimizers(self) -> None:
        made = [lrdsl.compile(text, fresh()) for text in self.PROGRAMS]
        assert len({tuple(one.state_dict()) for one in made}) == 1
        groups = [one.optimizer.param_groups[0] for one in made]
        assert {tuple(group) for group in groups} == {(*fresh().param_groups[0], "initial_lr")}

    @pytest.mark.parametrize("old", PROGRAMS)
    @pytest.mark.parametrize("new", [PROGRAMS[1], PROGRAMS[3]])
    def test_a_checkpoint_that_is_loaded_key_by_key(
        self, old: str, new: str, tmp_path: Path
    ) -> None:
        saving = lrdsl.compile(old, fresh())
        drive(saving, STEP)
        loading = lrdsl.compile(new, fresh(), on_change="new")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its own, about processes that are not there
            save(stateful(saving), checkpoint_id=tmp_path / "saved")
            state = stateful(loading)
            load(state, checkpoint_id=tmp_path / "saved")
        loading.optimizer.load_state_dict(state["optimizer"])
        loading.load_state_dict(state["scheduler"])
        assert (loading.last_epoch, rates(loading.optimizer)) == (STEP, [0.005])


def stateful(scheduler: LambdaLR) -> dict[str, Any]:
    optimizer: dict[str, Any] = dict(scheduler.optimizer.state_dict())
    optimizer["state"] = {}
    return {"optimizer": optimizer, "scheduler": scheduler.state_dict()}


class TestLoadedRatesStand:
    """Until the scheduler has stepped, or was told where it is."""

    def test_when_the_optimizers_state_is_loaded_alone(self) -> None:
        scheduler = lrdsl.compile(TEXT, fresh())
        scheduler.optimizer.load_state_dict(run().optimizer.state_dict())
        agree(scheduler, wanted(STEP))

    def test_and_the_last_epoch_that_is_set_goes_on_from_there(self) -> None:
        """The container of torchtitan saves `last_epoch`, and nothing else."""
        scheduler = lrdsl.compile(TEXT, fresh())
        scheduler.optimizer.load_state_dict(run().optimizer.state_dict())
        scheduler.last_epoch = STEP
        agree(scheduler, wanted(STEP))
        assert drive(scheduler, 3) == [[wanted(STEP + k) for k in range(3)]]

    def test_nobody_else_is_said_to_have_changed_them(self) -> None:
        scheduler = lrdsl.compile(TEXT, fresh(), warn_on_overwrite=True)
        scheduler.optimizer.load_state_dict(run().optimizer.state_dict())
        drive(scheduler, 2)
        agree(scheduler, wanted(2))

    @pytest.mark.parametrize(
        "go",
        [
            lambda s: drive(s, 5),
            lambda s: s.set_step(5),
            lambda s: setattr(s, "last_epoch", 5),
            lambda s: s.load_state_dict({**s.state_dict(), "step": 5}),
        ],
        ids=["step", "set_step", "last_epoch", "load_state_dict"],
    )
    def test_not_afterwards(self, go: Callable[[Any], None]) -> None:
        scheduler = lrdsl.compile(TEXT, fresh())
        go(scheduler)
        scheduler.optimizer.load_state_dict(run().optimizer.state_dict())
        agree(scheduler, wanted(5))

    def test_in_a_copy_too(self) -> None:
        scheduler = lrdsl.compile(TEXT, fresh())
        scheduler.optimizer.load_state_dict(run().optimizer.state_dict())
        copied: Any = copy.deepcopy(scheduler)
        agree(copied, wanted(STEP))
        drive(copied, 1)
        agree(copied, wanted(1))

    def test_a_place_of_0_is_a_place(self) -> None:
        for go in ("set_step", "load"):
            scheduler = lrdsl.compile(TEXT, fresh())
            scheduler.set_step(0) if go == "set_step" else scheduler.load_state_dict(
                scheduler.state_dict()
            )
            scheduler.optimizer.load_state_dict(run().optimizer.state_dict())
            agree(scheduler, 0.0)


class TestLastEpoch:
    def test_setting_it_goes_there(self) -> None:
        scheduler = lrdsl.compile(TEXT, fresh())
        for step in (STEP, 7, 0, 10**12):
            scheduler.last_epoch = step
            assert scheduler.last_epoch == step
            agree(scheduler, wanted(step))

    def test_where_there_is_no_value_nothing_changes(self) -> None:
        text = "shape f() = 1 / abs(t - 10 ^ 9)\nf"
        scheduler = lrdsl.compile(text, fresh())
        with pytest.raises(lrdsl.LrsError, match=r"no value at step 1,000,000,000"):
            scheduler.last_epoch = 10**9
        assert scheduler.last_epoch == 0

    def test_torchs_own_sequence_takes_it_as_a_part(self) -> None:
        """It takes the first step of its parts back, by setting this."""
        driven = fresh()
        parts = [LinearLR(driven, 0.5, 1.0, 4), lrdsl.compile("linear(10)", driven, rebase=False)]
        whole = SequentialLR(driven, parts, [4])
        assert [round(one[0], 9) for one in zip(*drive(whole, 7), strict=True)] == [
            0.005, 0.00625, 0.0075, 0.00875, 0.01, 0.009, 0.008,
        ]  # fmt: skip


class TestTakeOver:
    """A run that one of torch's own schedulers drove goes on under a program."""

    @pytest.fixture(params=["LambdaLR", "SequentialLR"])
    def torchs(self, request: pytest.FixtureRequest) -> Iterator[Any]:
        driven = fresh()
        made: Any = CosineAnnealingLR(driven, 100)
        if request.param == "SequentialLR":
            parts = [LinearLR(driven, 0.5, 1.0, 4), CosineAnnealingLR(driven, 100)]
            made = SequentialLR(driven, parts, [4])
        drive(made, STEP)
        yield made

    @pytest.mark.filterwarnings("ignore:.LRS805")  # tests/frameworks/torch/test_other_base.py
    def test_from_its_state(self, torchs: Any) -> None:
        driven = fresh(0.7)
        scheduler = lrdsl.compile("cosine(100)", driven, on_change="new")
        scheduler.load_state_dict(torchs.state_dict())
        agree(scheduler, wanted(STEP, text="cosine(100)"))
        driven.load_state_dict(torchs.optimizer.state_dict())
        agree(scheduler, wanted(STEP, text="cosine(100)"))

    def test_not_unasked(self, torchs: Any) -> None:
        scheduler = lrdsl.compile("cosine(100)", fresh())
        with pytest.raises(ValueError, match=r"stepped 30 times; .*, pass on_change=\"new\""):
            scheduler.load_state_dict(torchs.state_dict())
        agree(scheduler, BASE)

    @pytest.mark.parametrize("loaded", ["before", "after", "same"])
    def test_from_a_step(self, torchs: Any, loaded: str) -> None:
        state = torchs.optimizer.state_dict()
        driven = torchs.optimizer if loaded == "same" else fresh()
        if loaded == "before":
            driven.load_state_dict(state)
        scheduler = lrdsl.compile("cosine(100)", driven, start_step=STEP)
        if loaded == "after":
            driven.load_state_dict(state)
        agree(scheduler, wanted(STEP, text="cosine(100)"))

    @pytest.mark.parametrize(
        "state",
        [
            {"last_epoch": -1}, {"last_epoch": True}, {"last_epoch": "7"}, {"last_epoch": 2**60},
            {"last_epoch": 7, "base_lrs": ["a"]}, {"last_epoch": 7, "base_lrs": 7}, {"step": 7},
        ],
    )  # fmt: skip
    def test_what_is_no_state_of_torchs(self, state: dict[str, Any]) -> None:
        scheduler = lrdsl.compile("cosine(100)", fresh(), on_change="new")
        with pytest.raises(ValueError, match=r"^this is not the state of an lrdsl scheduler$"):
            scheduler.load_state_dict(state)


class TestLeftBehind:
    """An `initial_lr` that an earlier schedule left, where the rate is another one now."""

    @pytest.fixture
    def used(self) -> Optimizer:
        driven = fresh(0.5)
        drive(lrdsl.compile("linear(10)", driven), 3)
        driven.param_groups[0]["lr"] = 0.01
        return driven

    def test_it_is_said_with_both_numbers_and_the_ways_out(self, used: Optimizer) -> None:
        with pytest.warns(lrdsl.LrsWarning, match=r"LRS511 leftover-base") as caught:
            scheduler = lrdsl.compile("cosine(10)", used)
        agree(scheduler, 0.5)
        assert len(caught) == 1
        text = str(caught[0].message)
        assert "`base` is 0.5, the rate that group 0 had when a schedule first drove it" in text
        assert "the rate was 0.01 when this schedule was compiled" in text
        assert "pass rebase=True to lrdsl.compile; to keep 0.5, rebase=False" in text
        assert caught[0].filename == __file__

    @pytest.mark.parametrize("scheduler", ["lambda", "sequential"])
    def test_the_ways_out_are_ways_out(self, used: Optimizer, scheduler: Any) -> None:
        for rebase, base in ((False, 0.5), (True, 0.01)):
            used.param_groups[0]["lr"] = 0.01
            made = lrdsl.compile("cosine(10)", used, scheduler=scheduler, rebase=rebase)
            assert rates(used) == made.get_last_lr() == [base]
            assert used.param_groups[0]["initial_lr"] == base

    def test_of_a_tensor(self) -> None:
        driven = SGD([parameter()], lr=torch.tensor(0.5, dtype=torch.float64))
        drive(lrdsl.compile("linear(10)", driven), 3)
        lrdsl.compile("linear(10)", driven)  # what a schedule wrote is no surprise
        driven.param_groups[0]["lr"].fill_(0.25)
        scheduler = lrdsl.compile("linear(10)", driven, rebase=True)
        assert rates(driven) == [0.25]
        assert scheduler.base_lrs[0].item() == 0.25  # type: ignore[union-attr]
        assert driven.param_groups[0]["initial_lr"] is not driven.param_groups[0]["lr"]

    def test_of_another_number(self) -> None:
        driven = fresh()
        lrdsl.compile("lr: const  momentum: linear(10)", driven).set_step(5)
        driven.param_groups[0]["momentum"] = 0.75
        with pytest.warns(lrdsl.LrsWarning, match=r"`base` is 0\.5, the momentum .* was 0\.75"):
            lrdsl.compile("lr: const  momentum: linear(20)", driven)
        driven.param_groups[0]["momentum"] = 0.75
        lrdsl.compile("lr: const  momentum: linear(10)", driven, rebase=True)
        assert driven.param_groups[0]["momentum"] == 0.75

    @pytest.mark.parametrize("scheduler", ["lambda", "sequential"])
    def test_by_one_of_torchs_own(self, scheduler: Any) -> None:
        driven = fresh(0.5)
        drive(CosineAnnealingLR(driven, 10), 3)
        with pytest.warns(lrdsl.LrsWarning, match="leftover-base"):
            lrdsl.compile("cosine(10)", driven, scheduler=scheduler)

    @pytest.mark.parametrize("scheduler", ["lambda", "sequential"])
    def test_an_optimizer_from_a_checkpoint_is_waited_for(self, scheduler: Any) -> None:
        """The state of the scheduler may follow: it is said when an update is made without it."""
        driven = fresh()
        driven.load_state_dict(run(base=0.5).optimizer.state_dict())
        made = lrdsl.compile(TEXT, driven, scheduler=scheduler)
        with pytest.warns(lrdsl.LrsWarning, match="leftover-base"):
            driven.step()
        made.step()

    def test_and_is_no_matter_where_the_state_follows(self) -> None:
        old = run(base=0.5)
        for follows in ("state", "step", "start"):
            driven = fresh()
            driven.load_state_dict(old.optimizer.state_dict())
            start = STEP if follows == "start" else 0
            scheduler = lrdsl.compile(TEXT, driven, start_step=start)
            if follows == "state":
                scheduler.load_state_dict(old.state_dict())
            if follows == "step":
                scheduler.last_epoch = STEP
            drive(scheduler, 2)  # a warning would be an error

    def test_a_schedule_that_never_speaks_of_it_has_none(self, used: Optimizer) -> None:
        lrdsl.compile("cosine(10, 0.3, 0.1)", used)

    def test_neither_has_a_group_that_a_schedule_moved(self) -> None:
        driven = fresh()
        first = lrdsl.compile("linear(10)", driven)
        drive(first, 7)
        second = lrdsl.compile("linear(10)", driven, scheduler="sequential")
        drive(second, 7)
        agree(lrdsl.compile("linear(10)", driven), BASE)


def test_a_copy_has_the_bases_of_all_numbers() -> None:
    text = "lr: const  momentum: linear(100)"
    scheduler = copy.deepcopy(run(text))
    scheduler.set_step(50)
    assert scheduler.optimizer.param_groups[0]["momentum"] == 0.25


def test_a_state_survives_weights_only_loading() -> None:
    state = run("lr: const * plateau(0.5)  momentum: linear(100)").state_dict()
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    assert torch.load(file, weights_only=True) == state
