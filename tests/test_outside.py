"""Numbers of other libraries, wherever one is taken, and those beyond what can be counted."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy
import pytest
import torch

import lrdsl
from lrdsl import RunContext
from lrdsl.limits import STEPS
from lrdsl.outside import as_number
from lrdsl.resolve.run_arguments import RunArguments
from lrdsl.resolve.run_json import to_json
from tests.frameworks.torch.driving import optimizer

# The oldest Pythons cannot install jax.
jax_array: Any = import_module("jax.numpy" if find_spec("jax") else "numpy").array

HALVES: list[Any] = [
    0.5, Fraction(1, 2), Decimal("0.5"), numpy.float64(0.5), numpy.float32(0.5), numpy.float16(0.5),
    numpy.longdouble(0.5), numpy.array(0.5), torch.tensor(0.5), torch.tensor(0.5).bfloat16(),
    jax_array(0.5),
]  # fmt: skip
HUNDREDS: list[Any] = [
    100, 100.0, numpy.int64(100), numpy.uint8(100), numpy.array(100), numpy.ceil(99.5),
    torch.tensor(100), torch.tensor(100.0), jax_array(100), Fraction(100),
]  # fmt: skip
NO_NUMBERS: list[Any] = [
    True, numpy.True_, torch.tensor(True), numpy.array([1.0]), torch.tensor([1]), 1j, b"1", None,
    [1], torch.tensor(1.0, device="meta"), jax_array(True), object(),
]  # fmt: skip


@pytest.mark.parametrize("half", HALVES, ids=repr)
def test_a_half_is_one_wherever_a_number_is_taken(half: Any) -> None:
    program = lrdsl.parse("param peak = 1  linear(1tok, peak)")
    run: RunArguments = {"params": {"peak": half}, "per_step": {"tok": half}}
    resolved = program.resolve_all(**run)
    assert resolved["lr"].values(3).tolist() == [0.5, 0.25, 0.0]
    assert resolved.params == {"peak": 0.5}
    assert RunContext.model_validate(run).params == {"peak": "0.5"}
    schedule = lrdsl.parse("linear(2)").resolve()
    assert schedule(1, base=half) == schedule.bind(half)(1) == 0.25
    assert type(schedule(1, base=half)) is type(schedule.bind(half)(1)) is float
    assert schedule.values(2, base=half).tolist() == [0.5, 0.25]
    assert schedule.bind(half)(numpy.arange(2)).tolist() == [0.5, 0.25]
    assert [part.start_value for part in schedule.parts_at(half)] == [0.5]


@pytest.mark.parametrize("hundred", HUNDREDS, ids=repr)
def test_a_hundred_is_one_wherever_steps_are_counted(hundred: Any) -> None:
    run: RunArguments = {"total": hundred, "steps_per_epoch": hundred}
    program = lrdsl.parse("cosine")
    assert program.resolve(**run).length == 100
    assert lrdsl.parse("cosine(1ep)").resolve(**run).length == 100
    resolved = program.resolve_all(**run)
    assert pickle.loads(pickle.dumps(resolved.arguments)) == {"total": 100, "steps_per_epoch": 100}
    assert to_json(RunContext.model_validate(run).model_dump()) == to_json(run)  # type: ignore[arg-type]


def test_runs_that_are_shown_alike_are_two() -> None:
    """Of a number torch shows four digits."""
    program = lrdsl.parse("param a = 1  const(5, a)")
    first, second = (torch.tensor(x, dtype=torch.float64) for x in (0.10001, 0.10002))
    assert repr(first) == repr(second)
    assert program.resolve(params={"a": first})(0) == 0.10001  # type: ignore[dict-item]
    assert program.resolve(params={"a": second})(0) == 0.10002  # type: ignore[dict-item]


@pytest.mark.parametrize("value", NO_NUMBERS, ids=lambda value: repr(value).split(" at 0x")[0])
def test_what_is_no_number(value: Any) -> None:
    with pytest.raises(ValueError, match=r"^this is not a number$"):
        as_number(value)
    with pytest.raises(TypeError, match="a base is a number, not"):
        lrdsl.parse("linear(2)").resolve()(0, base=value)
    if value is not None:
        with pytest.raises(lrdsl.LrsError, match="LRS310"):
            lrdsl.parse("cosine").resolve(total=value)


@pytest.mark.parametrize("total", [STEPS + 1, str(STEPS + 1), f"{STEPS + 1}st", 2**60])
def test_a_run_beyond_what_can_be_counted(total: Any) -> None:
    with pytest.raises(lrdsl.LrsError, match="LRS308"):
        lrdsl.parse("cosine").resolve(total=total)
    assert lrdsl.parse("cosine").resolve(total=STEPS).length == STEPS


@pytest.mark.parametrize(
    ("text", "is_fine"),
    [
        (f"cosine({STEPS})", True),
        (f"cosine({STEPS + 1})", False),
        (f"cosine({STEPS + 1}st)", False),
        (f"let n = {STEPS + 1}  cosine(n)", False),
        (f"let n = {STEPS - 1}  cosine(n)", True),
        (f"multistep([{STEPS + 1}])", False),
    ],
)
def test_a_length_beyond_what_can_be_counted(text: str, is_fine: bool) -> None:
    if is_fine:
        assert lrdsl.parse(text).resolve().length >= STEPS - 1
        return
    with pytest.raises(lrdsl.LrsError, match="LRS308"):
        lrdsl.parse(text).resolve()


@pytest.mark.parametrize("step", [STEPS + 1, 2**60])
def test_a_step_that_no_state_could_hold(step: int) -> None:
    with pytest.raises(ValueError, match=rf"^a step is at most 2\^53, about 9e15, not {step}$"):
        lrdsl.compile("const", optimizer(0.1), start_step=step)
    scheduler = lrdsl.compile("const", optimizer(0.1), start_step=STEPS)
    with pytest.raises(ValueError, match="a step is at most"):
        scheduler.set_step(step)
    again = lrdsl.compile("const", optimizer(0.1))
    again.load_state_dict(scheduler.state_dict())
    assert again.last_epoch == STEPS


def test_values_start_at_a_step() -> None:
    schedule = lrdsl.parse("linear(4, 1, 0)").resolve()
    with pytest.raises(ValueError, match=r"^a step is 0 or more, not -1$"):
        schedule.values(2, first=-1)
    with pytest.raises(ValueError, match=r"^there are 0 values or more, not -2$"):
        schedule.values(-2)
    assert schedule.values(0).tolist() == []
    three: Any = numpy.int64(3)
    assert schedule.values(2, first=three).tolist() == [0.25, 0.0]


READINGS: list[Callable[[lrdsl.Schedule, float], Any]] = [
    lambda schedule, base: [schedule(t, base=base) for t in range(4)],
    lambda schedule, base: schedule.values(4, base=base),
    lambda schedule, base: schedule.bind(base),
]


@pytest.mark.parametrize("reading", READINGS, ids=["call", "values", "bind"])
@pytest.mark.parametrize(
    ("text", "base", "code"),
    [
        ("linear(5)", -1.0, "LRS311"),
        ("linear(5)", math.nan, "LRS312"),
        ("linear(5)", math.inf, "LRS312"),
        ("const(2, 0.1) >> linear(5, base, 0) - 0.5", 0.1, "LRS311"),
        ("linear(4, 1 / (base - 0.5), 0)", 0.5, "LRS312"),
        ("linear(5, 1, 0)", -1.0, ""),  # which never speaks of it
        ("max(linear(5), 0.1)", -1.0, ""),
        ("linear(5, base, 0.1) + 0.5", 0.1, ""),
        ("linear(5)", 0.0, ""),
    ],
)
def test_every_reading_refuses_the_same(
    reading: Callable[[lrdsl.Schedule, float], Any], text: str, base: float, code: str
) -> None:
    schedule = lrdsl.parse(text).resolve()
    if not code:
        reading(schedule, base)
        return
    with pytest.raises(lrdsl.LrsError) as caught:
        reading(schedule, base)
    assert {diagnostic.code for diagnostic in caught.value.diagnostics} == {code}


NO_STEPS: list[Any] = [
    True, numpy.True_, torch.tensor(True), 3.0, "3", None, [3], 1j, numpy.array([3.0]), object(),
    numpy.array([True]),
]  # fmt: skip
NO_STEP = [
    *NO_STEPS, numpy.array([3]), torch.tensor([1, 2]), torch.tensor(3.0),
    torch.tensor(3, device="meta"),
]  # fmt: skip
TEXT = "warmup(5) >> cosine(20)"
STEP_TAKERS: dict[str, Callable[[Any], object]] = {
    "values(first)": lambda step: lrdsl.parse(TEXT).resolve().values(2, first=step),
    "start_step": lambda step: lrdsl.compile(TEXT, optimizer(0.1), start_step=step),
    "set_step": lambda step: lrdsl.compile(TEXT, optimizer(0.1)).set_step(step),
    "last_epoch": lambda step: setattr(lrdsl.compile(TEXT, optimizer(0.1)), "last_epoch", step),
}


@pytest.mark.parametrize("taker", STEP_TAKERS)
@pytest.mark.parametrize("step", NO_STEP, ids=lambda value: repr(value).split(" at 0x")[0])
def test_a_step_is_a_whole_number_and_no_truth(taker: str, step: Any) -> None:
    with pytest.raises(TypeError, match=r"^a step is a whole number, not "):
        STEP_TAKERS[taker](step)


@pytest.mark.parametrize("step", NO_STEPS, ids=lambda value: repr(value).split(" at 0x")[0])
def test_steps_are_whole_numbers_and_no_truths(step: Any) -> None:
    schedule = lrdsl.parse(TEXT).resolve()
    for reading in (schedule, schedule.bind(0.1)):
        with pytest.raises(
            TypeError, match=r"^(a step is a whole number|steps are whole numbers), "
        ):
            reading(step)


def test_steps_end_there_too() -> None:
    """In numpy, where they can be looked at without waiting for a device."""
    rate = lrdsl.parse(TEXT).resolve().bind(0.1)
    for steps in (numpy.array([3, -1]), numpy.array([0, STEPS + 1]), numpy.array([2**64 - 1])):
        with pytest.raises(ValueError, match=r"^a step is (0 or more|at most 2\^53)"):
            rate(steps)
    assert rate(numpy.array([], dtype=int)).tolist() == []


@pytest.mark.parametrize("taker", STEP_TAKERS)
@pytest.mark.parametrize("step", [STEPS + 1, 2**60, 10**400, 10**5000], ids=["+1", "60", "4", "5"])
def test_a_step_ends_where_steps_can_be_counted(taker: str, step: int) -> None:
    with pytest.raises(ValueError, match=r"^a step is at most 2\^53, about 9e15, not "):
        STEP_TAKERS[taker](step)


def test_the_last_values_there_are() -> None:
    """Of a cycle of 7 steps, at steps that a float can still tell apart."""
    schedule = lrdsl.parse("repeat(linear(7, 1, 0.1))").resolve()
    expected = [1 - 0.9 * (t % 7) / 7 for t in (STEPS - 1, STEPS)]
    assert schedule.values(2, first=STEPS - 1).tolist() == pytest.approx(expected, rel=1e-15)
    assert [schedule(STEPS - 1), schedule(STEPS)] == pytest.approx(expected, rel=1e-15)
    with pytest.raises(
        ValueError, match=r"^a step is at most 2\^53, and 3 values from .* pass it$"
    ):
        schedule.values(3, first=STEPS - 1)
    with pytest.raises(
        ValueError, match=r"^a step is at most 2\^53, and 1000.* … values from 0 on"
    ):
        schedule.values(10**400)


COUNTS = ["updates_per_step", "calls_per_update"]


@pytest.mark.parametrize("name", COUNTS)
@pytest.mark.parametrize("value", NO_STEP, ids=lambda value: repr(value).split(" at 0x")[0])
def test_a_count_is_a_whole_number_and_no_truth(name: str, value: Any) -> None:
    with pytest.raises(TypeError, match=f"^{name} is a whole number, not "):
        lrdsl.compile(TEXT, optimizer(0.1), **{name: value})


@pytest.mark.parametrize(
    "name", ["rebase", "warn_on_overwrite", "allow_missing_groups", "strict_params"]
)
@pytest.mark.parametrize("value", ["false", 0, 1, numpy.True_, [], torch.tensor([1, 2])], ids=repr)
def test_a_switch_is_a_truth_value_and_nothing_that_counts_as_one(name: str, value: Any) -> None:
    with pytest.raises(TypeError, match=f"^{name} is True or False, not "):
        lrdsl.compile(TEXT, optimizer(0.1), **{name: value})


@pytest.mark.parametrize("value", [["lambda"], {}, 3, None, torch.tensor([1, 2])], ids=repr)
@pytest.mark.parametrize("name", ["scheduler", "on_change"])
def test_a_word_is_one_of_those_there_are(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"^{name} is one of .*, not "):
        lrdsl.compile(TEXT, optimizer(0.1), **{name: value})


@pytest.mark.parametrize("base", [10**400, 10**5000], ids=["400", "5000"])
@pytest.mark.parametrize("reading", [0, 1, 2])
def test_a_base_beyond_what_a_float_holds(reading: int, base: int) -> None:
    schedule = lrdsl.parse("linear(5)").resolve()
    with pytest.raises(TypeError, match=r"^a base is at most 1.8e308, not "):
        READINGS[reading](schedule, base)


@pytest.mark.parametrize("factors", [0.5, "1", [], (1, 1), ("1",), (True,), (1j,), (10**400,)])
def test_factors_are_a_number_for_each_meter(factors: Any) -> None:
    schedule = lrdsl.parse("const * plateau()").resolve()
    half: Any = (Fraction(1, 2),)
    assert schedule(0, factors=(0.5,)) == schedule(0, factors=half) == 0.5
    with pytest.raises(TypeError, match=r"^(factors are a tuple for 1 meter|a factor is )"):
        schedule(0, factors=factors)


@pytest.mark.parametrize("text", [None, 3, b"const", ["const"], object(), numpy.array([1, 2])])
def test_a_program_is_a_text(text: Any) -> None:
    with pytest.raises(TypeError, match=r"^a program is a text, not "):
        lrdsl.parse(text)
    with pytest.raises(TypeError, match=r"^its name is a text, not "):
        lrdsl.parse("const", name=text)


@pytest.mark.parametrize("path", [0, 1, True, None, ["a.lrs"]], ids=repr)
def test_a_number_is_not_taken_for_an_open_file(path: Any) -> None:
    with pytest.raises(TypeError, match=r"^a file is a path, not "):
        lrdsl.load(path)


def test_a_truth_value_is_not_proposed_as_a_rate() -> None:
    with pytest.raises(TypeError, match=r"^a schedule is a text, a Program or a path, not True$"):
        lrdsl.compile(True, optimizer(0.1))  # type: ignore[call-overload]
    with pytest.raises(TypeError, match=r"write 'const\(value = 0.1\)'$"):
        lrdsl.compile(0.1, optimizer(0.1))  # type: ignore[call-overload]
