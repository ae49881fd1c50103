"""A schedule called with a step of any kind, bound to a base rate, and read between steps."""

from __future__ import annotations

import math
import pickle
from typing import Any

import numpy
import pytest
import torch
from torch.fx.experimental.proxy_tensor import make_fx

import lrdsl
from tests.arrays.programs import COMBINED, factors_of, schedule, steps_of

TEXT = "warmup(5) >> cosine(20, base, base / 10)"
STRETCHED = "repeat(cosine(1.2345678ep, 1, 0))"
WAITING = {
    "const * plateau()": "the metric of a `plateau`",
    'until(signal("go"), const) >> linear(4)': "events",
    'const(1) * own("lr_scale")': 'own("lr_scale")',
}


@pytest.fixture(scope="module")
def jax() -> Any:
    return pytest.importorskip("jax")  # which the oldest Pythons cannot install


def test_a_step_of_any_kind_gives_its_kind(jax: Any) -> None:
    made = lrdsl.parse(TEXT).resolve()
    wanted = made(7, base=0.3)
    for reading in (lambda t: made(t, base=0.3), made.bind(0.3)):
        for step in (7, numpy.int64(7), numpy.uint8(7)):
            assert type(reading(step)) is float
            assert reading(step) == wanted
        array = reading(numpy.array(7))
        tensor = reading(torch.tensor(7))
        traced = reading(jax.numpy.array(7))
        assert isinstance(array, numpy.ndarray | numpy.float64)
        assert isinstance(tensor, torch.Tensor)
        assert isinstance(traced, jax.Array)
        assert (array.dtype, tensor.dtype, str(traced.dtype)) == (
            "float64",
            torch.float64,
            "float32",
        )
        assert [float(array), float(tensor), float(traced)] == pytest.approx([wanted] * 3, rel=1e-6)
        assert float(array) == float(tensor) == wanted


def test_jax_takes_a_schedule_as_it_is(jax: Any) -> None:
    made = lrdsl.parse(TEXT).resolve()
    steps = jax.numpy.arange(30)
    wanted = made.values(30).astype(numpy.float32)
    for curve in (jax.jit(made), jax.vmap(made), jax.jit(jax.vmap(made.bind()))):
        assert numpy.abs(curve(steps) - wanted).max() <= 4 * 2.0**-23
    slope = jax.grad(made)(15.0)
    assert float(slope) == pytest.approx(-0.45 * math.pi / 20, rel=1e-5)


def test_a_curve_is_bound_again_where_jax_changes_its_numbers(jax: Any) -> None:
    """In 32 bits a curve knows no step after 2^31, and must not be asked for one."""
    rate = lrdsl.parse("const(3B, 0.25) >> const(value = 0.5)").resolve().bind()
    assert float(rate(jax.numpy.array(5))) == 0.25
    with jax.enable_x64(True):
        assert float(rate(jax.numpy.array(3 * 10**9))) == 0.5
    assert float(rate(jax.numpy.array(6))) == 0.25


@pytest.mark.parametrize("name", COMBINED)
def test_torch_traces_the_first_call(name: str) -> None:
    """With no list on the host, which a CUDA graph could not copy."""
    found = schedule(name)
    rate = found.bind(0.3, factors=factors_of(found))
    steps = torch.tensor(steps_of(found)[:20])
    graph = make_fx(rate)(steps)
    copied = [node for node in graph.graph.nodes if "_tensor_constant" in str(node.target)]
    assert not copied
    assert torch.equal(graph(steps), rate(steps))


def test_a_training_step_counts_by_itself() -> None:
    """The step counter is a tensor, and the whole step is one compiled graph."""
    weight = torch.tensor(1.0, dtype=torch.float64)
    rate = lrdsl.parse("warmup(3) >> cosine(5, base, 0)").resolve().bind(0.1)
    count = torch.zeros((), dtype=torch.int64)
    torch._dynamo.reset()

    @torch.compile(fullgraph=True, backend="eager")
    def step() -> None:
        weight.sub_(rate(count) * 2)
        count.add_(1)

    for t in range(9):
        before = float(weight)
        step()
        assert before - float(weight) == pytest.approx(2 * rate(t), abs=1e-15)


@pytest.mark.parametrize("text", WAITING)
def test_what_needs_more_than_the_step_is_refused(text: str) -> None:
    found = lrdsl.parse(text).resolve()
    for ask in (lambda: found.bind(), lambda: found(numpy.arange(3)), lambda: found.at(0.5)):
        with pytest.raises(ValueError, match=r"^a bound schedule ") as caught:
            ask()
        assert WAITING[text] in str(caught.value)


def test_a_table_where_cycles_cannot_be_counted(jax: Any) -> None:
    found = lrdsl.parse(STRETCHED).resolve(steps_per_epoch=10)
    for steps in (numpy.arange(60), torch.arange(60), jax.numpy.arange(60)):
        with pytest.raises(NotImplementedError, match=r"too many to be listed: .* steps=…"):
            found.bind()(steps)
        table = found.bind(0.5, steps=50)
        wanted = [found(min(t, 49), base=0.5) for t in range(60)]
        assert numpy.asarray(table(steps)).tolist() == pytest.approx(wanted, rel=1e-6)
        assert table(59) == found(59, base=0.5)
    for steps in (0, -1):
        with pytest.raises(ValueError, match=r"^a table has 1 step or more, not "):
            found.bind(steps=steps)
    with pytest.raises(TypeError, match=r"^steps is a whole number, not 1.5"):
        found.bind(steps=1.5)  # type: ignore[arg-type]


def test_positions_between_steps(jax: Any) -> None:
    found = lrdsl.parse("multistep([2, 4], gamma = 0.5)").resolve()
    places = [0.0, 1.5, 1.75, 2.0, 3.25, 9.5]
    wanted = [1.0, 0.75, 0.625, 0.5, 0.4375, 0.25]
    assert [found.at(place) for place in places] == wanted
    assert [found.at(place, base=2.0) for place in places] == [2 * one for one in wanted]
    assert found.at(3) == found(3)
    assert found.at(numpy.array(places)).tolist() == wanted
    assert found.at(numpy.array([[1, 2], [3, 4]])).tolist() == [[1.0, 0.5], [0.5, 0.25]]
    assert found.at(torch.tensor(places, dtype=torch.float64)).tolist() == wanted
    assert jax.jit(found.at)(jax.numpy.array(places)).tolist() == wanted
    for place in (-0.5, math.nan, math.inf, 2.0**60):
        with pytest.raises(ValueError, match=r"^a position is from 0 to 2\^53 steps, not "):
            found.at(place)
        with pytest.raises(ValueError, match=r"^a position is from 0 to 2\^53 steps, not "):
            found.at(numpy.array([1.5, place]))
    with pytest.raises(TypeError, match=r"^a position is a number, not '1'"):
        found.at("1")
    for wrong in (numpy.array([True]), numpy.array(["1"]), numpy.array([None])):
        with pytest.raises(TypeError, match=r"^positions are numbers, not "):
            found.at(wrong)


NOT_STEPS = (math.nan, math.inf, 1e30)


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "repeat(linear(7, 1, 0), decay = 0.5)",
        f"stairs({[*range(1, 40)]}, {[*range(1, 41)]})",
        "every(2.5ep, cosine(40))",
    ],
)
def test_what_an_array_cannot_refuse(text: str, jax: Any) -> None:
    """At once, compiled, from a table and between steps: below 0 is 0, and NaN stays NaN."""
    found = lrdsl.parse(text).resolve(steps_per_epoch=3)
    rate, table = found.bind(0.3), found.bind(0.3, steps=50)
    first, second = found(0, base=0.3), found(2, base=0.3)
    torch._dynamo.reset()
    compiled = torch.compile(rate, fullgraph=True, backend="eager")
    readings = [(curve, torch.tensor) for curve in (rate, table, rate.at, compiled)]
    readings += [(curve, jax.numpy.array) for curve in (rate, table, rate.at, jax.jit(rate))]
    for curve, kind in readings:
        wanted = pytest.approx([first, second], rel=1e-6)
        assert curve(kind([-3, 2])).tolist() == wanted
        assert curve(kind([-3.5, 2.0])).tolist() == wanted
        for wrong in NOT_STEPS:
            nothing, something = curve(kind([wrong, 2.0])).tolist()
            assert math.isnan(nothing)
            assert something == pytest.approx(second, rel=1e-6)


@pytest.mark.filterwarnings("ignore:The PyTorch API of MaskedTensors:UserWarning")
def test_steps_behind_a_mask_are_refused() -> None:
    found = lrdsl.parse(TEXT).resolve()
    masked = torch.masked.masked_tensor(torch.tensor([1, 2]), torch.tensor([True, False]))
    hidden = numpy.ma.array([1, -5], mask=[False, True])
    for steps in (hidden, hidden[:1], hidden[1], masked):
        for reading in (found, found.bind(0.3), found.at, found.bind(steps=9)):
            with pytest.raises(TypeError, match=r"^steps have no mask: pass those that count, not"):
                reading(steps)
    assert found.bind()(hidden.compressed()).tolist() == [found(1)]


def test_a_bound_schedule_travels() -> None:
    found = lrdsl.parse("const(4) * plateau(0.5) >> linear(4)").resolve()
    rate = found.bind(0.2, factors=(0.5,))
    again = pickle.loads(pickle.dumps(rate))
    assert [again(t) for t in range(10)] == [found(t, base=0.2, factors=(0.5,)) for t in range(10)]
    assert again(torch.arange(10)).tolist() == rate(torch.arange(10)).tolist()
    assert repr(rate) == f"<{found!r} for a base of 0.2>"


def test_a_run_that_says_where_it_is_has_no_arrays() -> None:
    found = lrdsl.parse("run clock = h, total = 9h  linear").resolve().following(lambda t: t / 2)
    assert found(9) == 0.5
    for ask in (lambda: found(numpy.arange(3)), lambda: found.bind(), lambda: found.at(0.5)):
        with pytest.raises(ValueError, match="the run says itself where its updates are"):
            ask()


def test_floats_of_16_bits_are_read_in_32(jax: Any) -> None:
    """They could not count beyond 2,048."""
    rate = lrdsl.parse("linear(3000)").resolve().bind()
    for steps in (torch.tensor([1.0, 1030.0]).half(), torch.tensor([1.0, 1032.0]).bfloat16()):
        wanted = [1 - float(t) / 3000 for t in steps]
        assert rate(steps).tolist() == pytest.approx(wanted, rel=1e-6)
        assert rate(steps).dtype == torch.float32
        traced = rate(jax.numpy.asarray(steps.float().numpy()).astype("bfloat16"))
        assert traced.tolist() == pytest.approx(wanted, rel=1e-2)
        assert str(traced.dtype) == "float32"


def test_truths_and_complex_numbers_are_no_steps(jax: Any) -> None:
    rate = lrdsl.parse("linear(3)").resolve().bind()
    for steps in ([True], [1j]):
        for array in (numpy.array(steps), torch.tensor(steps), jax.numpy.array(steps)):
            with pytest.raises(TypeError, match=r"^steps are whole numbers, not (torch\.)?[bc]"):
                rate(array)
            with pytest.raises(TypeError, match=r"^positions are numbers, not (torch\.)?[bc]"):
                rate.at(array)


@pytest.mark.parametrize("step", [2**24 + 1, 2**31 - 1])
def test_positions_that_are_whole_numbers_stay_whole(step: int, jax: Any) -> None:
    rate = lrdsl.parse("repeat(linear(2, 1, 0))").resolve().bind()
    assert rate(step) == rate.at(step) == 0.5
    for array in (numpy.array([step]), torch.tensor([step]), jax.numpy.array([step])):
        assert rate.at(array).tolist() == [0.5]
