"""A state loaded under another schedule: taken where the past is the same, else as was asked."""

from __future__ import annotations

import copy
import warnings
from typing import Any

import pytest

import lrdsl
from lrdsl.preview.compare import verdicts
from lrdsl.preview.curve import Curve
from tests.frameworks.torch.driving import drive, optimizer, rates

UNTIL = 12
TEXT = "warmup(5) >> const"


def state(text: str, *bases: float, until: int = UNTIL, **run: Any) -> dict[str, Any]:
    """The state of a run under a program after some updates."""
    scheduler = lrdsl.compile(text, optimizer(*(bases or (0.1,))), **run)
    drive(scheduler, until)
    found: dict[str, Any] = scheduler.state_dict()
    return found


def refusal(text: str, saved: dict[str, Any], *bases: float, **run: Any) -> str:
    """Why a state is refused, which changes nothing."""
    scheduler = lrdsl.compile(text, optimizer(*(bases or (0.1,))), **run)
    before = (scheduler.state_dict(), rates(scheduler.optimizer), scheduler._step_count)
    with pytest.raises(ValueError) as caught:
        scheduler.load_state_dict(saved)
    assert (scheduler.state_dict(), rates(scheduler.optimizer), scheduler._step_count) == before
    return str(caught.value)


SAME_PAST: dict[str, tuple[str, dict[str, Any], str, dict[str, Any]]] = {
    "a cooldown appended": (TEXT, {}, "warmup(5) >> const(20) >> linear(10)", {}),
    "a cooldown from the next step on": (TEXT, {}, "warmup(5) >> const(7) >> linear(10)", {}),
    "a run extended": ("warmup(5) >> const", {"total": 20}, "warmup(5) >> const", {"total": 90}),
    "the same in other words": (TEXT, {}, "let n = 5\nlinear(n, 0, base) >> const", {}),
    "an epoch instead of its steps": (TEXT, {}, "warmup(1ep) >> const", {"steps_per_epoch": 5}),
    "a factor of 1": ("cosine(40)", {}, "cosine(40) * 1", {}),
    "a part that has not started": ("const(20) >> linear(5)", {}, "const(20) >> cosine(5)", {}),
    "an idle target": ("linear(40)", {}, "lr: linear(40)  momentum: const", {}),
    "one target in two": ("linear(40)", {}, "lr[0]: linear(40)", {}),
    "a target left out that was idle": ("lr: linear(40)  dampening: const", {}, "linear(40)", {}),
}


@pytest.mark.parametrize("name", SAME_PAST)
def test_where_the_past_is_the_same_it_is_taken_without_question(name: str) -> None:
    old, old_run, new, new_run = SAME_PAST[name]
    scheduler = lrdsl.compile(new, optimizer(0.1), **new_run)
    scheduler.load_state_dict(state(old, **old_run))
    schedule = lrdsl.parse(new).resolve(**new_run)
    assert drive(scheduler, 30) == [[schedule(t, base=0.1) for t in range(UNTIL, UNTIL + 30)]]
    assert scheduler.state_dict()["source"] == str(lrdsl.parse(new))


def test_the_message_has_both_and_the_step_and_the_jump() -> None:
    text = refusal("let n = 5\nwarmup(n) >> cosine", state("cosine(20, base, 0.01)"), total=50)
    assert text == (
        "this is the state of another schedule, or of another run of it:\n"
        "  saved: cosine(20, base, 0.01)\n"
        "  now:   let n = 5\n"
        "         warmup(n) >> cosine\n"
        "         with total=50\n"
        "  they differ first at step 0, in the rate of group 0: 0.1 then, 0 now\n"
        "  at step 12, where the state is, it would jump from 0.0410942 to 0.0941474\n"
        'to go on under one of them, pass on_change="new" or on_change="old" to lrdsl.compile'
    )


@pytest.mark.parametrize("given", [25, 25.0])
def test_a_number_of_the_run_is_written_in_one_way(given: float) -> None:
    saved = state("warmup(1ep) >> const", steps_per_epoch=given)
    text = refusal("warmup(2ep) >> const", saved, steps_per_epoch=25)
    assert text.count("with steps_per_epoch=25\n") == 2
    saved = state("warmup(1Mtok) >> const", per_step={"tok": 1e5})
    text = refusal("warmup(2Mtok) >> const", saved, per_step={"tok": 100_000})
    assert text.count("with per_step={tok: 100000}\n") == 2


@pytest.mark.parametrize(
    ("old", "new", "first", "jump"),
    [
        ("linear(10)", "linear(20)", 1, "from 0 to 0.04"),
        ("const", "const(5) >> const(3, 0) >> const(value = 0.1)", 5, "it is 0.1 in both"),
        ("warmup(5) >> const", "warmup(6) >> const", 1, "it is 0.1 in both"),
        ("step(4)", "step(6)", 4, "from 1e-4 to 0.001"),
        ("repeat(cosine(5))", "repeat(cosine(6))", 1, "from 0.0654508 to 0.1"),
    ],
)
def test_the_first_difference_and_the_jump(old: str, new: str, first: int, jump: str) -> None:
    text = refusal(new, state(old))
    assert f"they differ first at step {first}, in the rate of group 0" in text
    assert jump in text


def test_both_values_at_the_first_difference_are_said() -> None:
    text = refusal("linear(20)", state("linear(10)"))
    assert "step 1, in the rate of group 0: 0.09 then, 0.095 now" in text


JUMPS = "const(12) >> linear(9)", "const(12, base) >> const(value = 0.5)"


def test_a_jump_at_the_next_update_is_taken_with_a_warning() -> None:
    """A state at step 12 has used the values of the steps 0 to 11."""
    old, new = JUMPS
    lrdsl.compile(new, optimizer(0.1)).load_state_dict(state(old, until=11))
    scheduler = lrdsl.compile(new, optimizer(0.1))
    with pytest.warns(UserWarning, match="at step 12, which is next, the rate of group 0 jumps"):
        scheduler.load_state_dict(state(old, until=12))
    assert drive(scheduler, 3) == [[0.5, 0.5, 0.5]]
    text = refusal(new, state(old, until=13))
    assert "they differ first at step 12, in the rate of group 0: 0.1 then, 0.5 now" in text


def test_a_jump_that_is_meant_is_taken_silently() -> None:
    old, new = JUMPS
    scheduler = lrdsl.compile(new, optimizer(0.1), on_change="new")
    scheduler.load_state_dict(state(old, until=12))
    assert drive(scheduler, 2) == [[0.5, 0.5]]


def test_before_the_first_update_there_is_no_past() -> None:
    scheduler = lrdsl.compile("const(value = 0.5)", optimizer(0.1))
    scheduler.load_state_dict(state("const", until=0))
    assert drive(scheduler, 2) == [[0.5, 0.5]]


@pytest.mark.parametrize("at", [0, 1, 4, 5, 6, 11, 12, 13])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        JUMPS,
        ("warmup(5) >> const", "warmup(5, 0, 0.2) >> const(value = 0.2)"),
        ("const(5) >> linear(20)", "const(5) >> cosine(20)"),
        ("multistep([5])", "multistep([12])"),
        ("const", "const(5, 0.1) >> const(value = 0.3)"),
    ],
)
def test_loading_and_diff_have_one_verdict(old: str, new: str, at: int) -> None:
    curves = [
        {"lr": Curve("a", lrdsl.parse(text).resolve(), 0.1, target=None)} for text in (old, new)
    ]
    (verdict,) = verdicts(curves[0], curves[1], surely=False, at=at)
    scheduler = lrdsl.compile(new, optimizer(0.1), lint="off")
    saved = lrdsl.compile(old, optimizer(0.1), lint="off", start_step=at).state_dict()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if verdict.change is None:
            scheduler.load_state_dict(saved)
        else:
            with pytest.raises(ValueError, match=f"differ first at step {verdict.change.first},"):
                scheduler.load_state_dict(saved)


def test_it_says_which_target_and_group() -> None:
    old, new = "lr: linear(20)  lr[1]: const", "lr: linear(20)  lr[1]: linear(40)"
    text = refusal(new, state(old, 0.1, 0.2), 0.1, 0.2)
    assert "in the rate of group 1: 0.2 then, 0.195 now" in text
    text = refusal("lr: const  dampening: linear(9, 0.5)", state("lr: const"))
    assert "in the dampening of group 0: 0 then, 0.5 now" in text


def test_a_saved_program_that_does_not_fit_is_shown_with_the_reason() -> None:
    text = refusal("const", state("lr[1]: linear(9)  lr: const", 0.1, 0.1))
    assert "the saved one does not fit this optimizer:\nerror[LRS505 unknown-group]" in text


@pytest.mark.parametrize(
    ("old", "new"),
    [("lr[0]: const  lr: linear(20)", "const"), ("const", "lr[0]: const  lr: linear(20)")],
)
def test_groups_of_one_rate_and_two_schedules_are_both_compared(old: str, new: str) -> None:
    assert "at step 1, in the rate of group 1" in refusal(new, state(old, 0.1, 0.1), 0.1, 0.1)


def test_groups_of_many_rates_are_compared_once_a_rate() -> None:
    bases = [0.1, 0.2] * 50
    text = refusal("linear(20)", state("linear(10)", *bases), *bases)
    assert "at step 1, in the rate of group 0" in text


class TestChoices:
    def test_new_goes_on_with_the_new_schedule(self) -> None:
        scheduler = lrdsl.compile("linear(20)", optimizer(0.1), on_change="new")
        scheduler.load_state_dict(state("linear(40)"))
        schedule = lrdsl.parse("linear(20)").resolve()
        assert drive(scheduler, 9) == [[schedule(t, base=0.1) for t in range(UNTIL, UNTIL + 9)]]
        assert scheduler.state_dict()["source"] == "linear(20)"

    def test_old_goes_on_with_the_saved_one(self) -> None:
        text = "param peak = 0.3\nlinear(4ep, peak)"
        run: dict[str, Any] = {"steps_per_epoch": 10, "params": {"peak": 0.4}}
        saved = state(text, **run)
        scheduler = lrdsl.compile("linear(20)", optimizer(0.1), on_change="old")
        scheduler.load_state_dict(saved)
        schedule = lrdsl.parse(text).resolve(**run)
        assert drive(scheduler, 9) == [[schedule(t, base=0.1) for t in range(UNTIL, UNTIL + 9)]]
        assert scheduler.schedule(3) == schedule(3)
        scheduler.set_step(UNTIL)
        assert scheduler.state_dict() == saved

    def test_new_gives_back_what_it_does_not_drive(self) -> None:
        scheduler = lrdsl.compile("linear(20)", optimizer(0.1), on_change="new")
        group = scheduler.optimizer.param_groups[0]
        old = lrdsl.compile("lr: linear(20)  weight_decay: const(value = 0.5)", optimizer(0.1))
        drive(old, UNTIL)
        scheduler.load_state_dict(old.state_dict())
        scheduler.optimizer.load_state_dict(old.optimizer.state_dict())
        group = scheduler.optimizer.param_groups[0]
        scheduler.load_state_dict(old.state_dict())
        assert (group["weight_decay"], rates(scheduler.optimizer)) == (0, rates(old.optimizer))

    def test_new_keeps_no_count_of_a_plateau_of_other_rules(self) -> None:
        old = lrdsl.compile("const * plateau(0.5, patience = 0)", optimizer(0.1))
        old.observe(1.0)
        old.observe(1.0)
        assert rates(old.optimizer) == [0.05]
        new = "const * plateau(0.1, patience = 0)"
        scheduler = lrdsl.compile(new, optimizer(0.1), on_change="new")
        scheduler.load_state_dict(old.state_dict())
        assert rates(scheduler.optimizer) == [0.1]
        scheduler.observe(1.0)
        assert rates(scheduler.optimizer) == [0.1]

    def test_old_that_does_not_fit_is_refused(self) -> None:
        saved = state("lr[1]: linear(9)  lr: const", 0.1, 0.1)
        scheduler = lrdsl.compile("const", optimizer(0.1), on_change="old")
        with pytest.raises(lrdsl.LrsError, match="LRS505"):
            scheduler.load_state_dict(saved)
        assert (scheduler.last_epoch, str(scheduler.schedules.program)) == (0, "const")

    def test_other_words_are_refused(self) -> None:
        with pytest.raises(ValueError, match=r"^on_change is one of error, new, old, not 'keep'$"):
            lrdsl.compile("const", optimizer(0.1), on_change="keep")  # type: ignore[call-overload]


@pytest.mark.parametrize("is_first", [True, False])
def test_what_is_no_longer_driven_goes_back_in_either_order_of_loading(is_first: bool) -> None:
    old = lrdsl.compile("lr: linear(20)  weight_decay: linear(20, 0.5, 0.1)", optimizer(0.1))
    drive(old, UNTIL)
    states = old.state_dict(), old.optimizer.state_dict()
    assert states[1]["param_groups"][0]["weight_decay"] == pytest.approx(0.26)
    scheduler = lrdsl.compile("linear(20)", optimizer(0.1), on_change="new")
    if is_first:
        scheduler.load_state_dict(states[0])
    scheduler.optimizer.load_state_dict(states[1])
    if not is_first:
        scheduler.load_state_dict(states[0])
    group = scheduler.optimizer.param_groups[0]
    assert (group["weight_decay"], group["lr"]) == (0, pytest.approx(0.1 * 8 / 20))
    # What is set on purpose stays.
    group["weight_decay"] = 0.3
    scheduler.optimizer.load_state_dict(copy.deepcopy(scheduler.optimizer.state_dict()))
    assert scheduler.optimizer.param_groups[0]["weight_decay"] == 0.3
    # From the next step on the number is the user's.
    drive(scheduler, 1)
    group["weight_decay"] = 0.3
    scheduler.optimizer.load_state_dict(scheduler.optimizer.state_dict())
    assert scheduler.optimizer.param_groups[0]["weight_decay"] == 0.3
