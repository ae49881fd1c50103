"""Every array library gives the curve: numpy, torch and jax, run at once, compiled or mapped."""

from __future__ import annotations

import math
from typing import Any

import numpy
import pytest
import torch

import lrdsl
from lrdsl import Schedule, arrays
from tests.arrays.programs import COMBINED, NAMES, factors_of, schedule, steps_of

# A unit in the last place of float64 and of jax's float32, as a share of the peak.
DOUBLE, SINGLE = 2.0**-52, 2.0**-23


@pytest.fixture(scope="module")
def jax() -> Any:
    return pytest.importorskip("jax")  # which the oldest Pythons cannot install


def wanted(found: Schedule, steps: list[int], base: float = 1.0) -> Any:
    return numpy.array([found(t, base=base, factors=factors_of(found)) for t in steps])


def check(values: Any, reference: Any, unit: float, peak: float | None = None) -> None:
    given = numpy.asarray(values, dtype=numpy.float64)
    assert given.shape == reference.shape
    assert numpy.abs(given - reference).max() <= 4 * unit * (peak or reference.max())


@pytest.mark.parametrize("name", NAMES)
def test_numpy(name: str) -> None:
    found = schedule(name)
    steps = steps_of(found)
    curve = found.bind(0.3, factors=factors_of(found))
    values = curve(numpy.array(steps))
    assert values.dtype == numpy.float64
    check(values, wanted(found, steps, 0.3), DOUBLE)
    assert curve(numpy.array(steps, dtype=numpy.uint64)).tolist() == values.tolist()
    assert curve(numpy.array([steps])).shape == (1, len(steps))
    assert curve(numpy.array(steps[-1])).shape == ()
    assert [curve(t) for t in steps] == wanted(found, steps, 0.3).tolist()
    assert type(curve(numpy.int64(steps[-1]))) is float


@pytest.mark.parametrize("name", NAMES)
def test_the_whole_curve(name: str) -> None:
    """In chunks, from anywhere, and held exactly."""
    found = schedule(name)
    last = int(min(found.length, 3000))
    reference = numpy.array([found(t) for t in range(last + 5)])
    values = found.values(last + 5)
    check(values, reference, DOUBLE)
    assert found.values(50, first=last - 7 if last > 7 else 0).tolist() == (
        found.values(last + 50)[last - 7 if last > 7 else 0 :][:50].tolist()
    )
    if found.length < math.inf:
        end = int(found.length)
        assert found.values(3, first=end).tolist() == [found(end)] * 3


@pytest.mark.parametrize("name", NAMES)
def test_torch(name: str) -> None:
    found = schedule(name)
    steps = steps_of(found)
    curve = found.bind(factors=factors_of(found))
    values = curve(torch.tensor(steps))
    assert values.dtype == torch.float64
    check(values, wanted(found, steps), DOUBLE)
    assert curve(torch.tensor(steps[3], dtype=torch.int32)).shape == ()


@pytest.mark.parametrize("name", COMBINED)
def test_torch_compiled(name: str) -> None:
    found = schedule(name)
    steps = steps_of(found)
    torch._dynamo.reset()
    curve = found.bind(factors=factors_of(found))
    compiled = torch.compile(curve, fullgraph=True, backend="eager")
    check(compiled(torch.tensor(steps)), wanted(found, steps), DOUBLE)


@pytest.mark.parametrize("name", COMBINED)
def test_slopes_have_values(name: str) -> None:
    """At joints too; only a root is infinitely steep, where it starts."""
    found = schedule(name)
    steps = torch.arange(120, dtype=torch.float64, requires_grad=True)
    values = found.bind(factors=factors_of(found))(steps)
    if values.requires_grad:
        values.sum().backward()
        assert steps.grad is not None
        steep = torch.nonzero(~torch.isfinite(steps.grad)).flatten().tolist()
        assert steep == ([0, 10] if name == "a root" else [])
        assert not torch.isnan(steps.grad).any()


@pytest.mark.parametrize("name", NAMES)
def test_jax(name: str, jax: Any) -> None:
    found = schedule(name)
    steps = [t for t in steps_of(found) if t < 2**31]
    curve = found.bind(factors=factors_of(found))
    # Padded to one length, so that operations are compiled once for all schedules.
    padded = jax.numpy.array([*steps, *[steps[-1]] * (256 - len(steps))])
    values = curve(padded)
    assert values.dtype == jax.numpy.float32
    check(values[: len(steps)], wanted(found, steps), SINGLE)


@pytest.mark.parametrize("name", COMBINED)
def test_jax_traced(name: str, jax: Any) -> None:
    found = schedule(name)
    steps = [t for t in steps_of(found) if t < 2**31]
    curve = found.bind(factors=factors_of(found))
    mapped = jax.jit(jax.vmap(curve))
    check(mapped(jax.numpy.array(steps)), wanted(found, steps), SINGLE)


@pytest.mark.parametrize("name", ["warm-up", "thirds for ever", "stretch and decay", "a root"])
def test_jax_slopes_have_values(name: str, jax: Any) -> None:
    curve = schedule(name).bind()
    slopes = jax.vmap(jax.grad(curve))(jax.numpy.arange(120, dtype=jax.numpy.float32))
    steep = numpy.flatnonzero(~numpy.isfinite(slopes)).tolist()
    assert steep == ([0, 10] if name == "a root" else [])
    assert not numpy.isnan(slopes).any()


FAR = {
    "multistep": "multistep([{n}], length = 1000B)",
    "a joint": "const({n}, 1) >> const(value = 0.1)",
    "the end": "linear({n}, 0, 1) >> const(value = 0.5)",
    "a root at the end": "shape r(length: steps) = sqrt(v) r({n}) >> const(value = 2)",
    "a comparison": "shape c(length: steps) = if(t < {n} - 0.5, 0, 1) c(1000B)",
    "stairs": "stairs([{n} - 1, {n}], [1, 0.3, 0.1], length = 1000B)",
    "cycles": "repeat(multistep([2, 4], length = 7, start = 1)) ",
    "a late start": "const({n} - 5, 1) >> points([0, 3, 10], [0, 0.3, 1]) >> const",
    "even stairs": "shape f(every: steps) = floor((t + {over}) / every) / ({n} / every) f(1000)",
    "what is left over": "shape f(every: steps) = (3 * t - every * floor(3 * t / every)) / every"
    " f(101)",
}


def far(case: str, n: int) -> Schedule:
    text = FAR[case].replace("{n}", str(n)).replace("{over}", str(-n % 1000))
    return lrdsl.parse(text).resolve()


@pytest.mark.parametrize("n", [2**24 - 1, 2**24, 2**24 + 1, 2**31 - 4])
@pytest.mark.parametrize("case", FAR)
def test_whole_numbers_stay_whole(case: str, n: int, jax: Any) -> None:
    """float32 ends at 2^24, and int32 at 2^31."""
    found = far(case, n)
    steps = [n + more for more in (-7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3)]
    reference = wanted(found, steps)
    check(found.bind()(torch.tensor(steps)), reference, DOUBLE)
    check(found.bind()(numpy.array(steps)), reference, DOUBLE)
    check(found.values(len(steps), first=steps[0]), reference, DOUBLE)
    check(found.bind()(jax.numpy.array(steps)), reference, SINGLE)


@pytest.mark.parametrize("n", [2**31 + 5, 2**40, 2**50])
@pytest.mark.parametrize("case", FAR)
def test_steps_of_64_bits(case: str, n: int) -> None:
    found = far(case, n)
    steps = [n + more for more in (-7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3)]
    check(found.bind()(torch.tensor(steps)), wanted(found, steps), DOUBLE)
    check(found.bind()(numpy.array(steps)), wanted(found, steps), DOUBLE)


@pytest.mark.parametrize("n", [2**31 - 1, 2**31, 3 * 10**9, 2**40])
@pytest.mark.parametrize("case", FAR)
def test_jax_where_a_schedule_ends_beyond_its_steps(case: str, n: int, jax: Any) -> None:
    found = far(case, n)
    steps = [0, 1, 1000, 2**24 + 1, 2**31 - 2, 2**31 - 1]
    check(found.bind()(jax.numpy.array(steps)), wanted(found, steps), SINGLE)


def test_jax_with_64_bits(jax: Any) -> None:
    found = schedule("warm-up")
    steps = list(range(100))
    with jax.enable_x64(True):
        values = found.bind()(jax.numpy.array(steps))
        assert values.dtype == jax.numpy.float64
        check(values, wanted(found, steps), DOUBLE)


def test_unsigned_steps_of_jax(jax: Any) -> None:
    curve = schedule("warm-up").bind()
    values = curve(jax.numpy.array([3, 2**32 - 1], dtype=jax.numpy.uint32))
    assert values.tolist() == pytest.approx([0.18, 0.01])


def test_a_library_is_found_by_an_array_or_by_itself(jax: Any) -> None:
    for name, likes in {
        "NumpyArrays": [numpy, numpy.arange(3), numpy.int64(3)],
        "TorchArrays": [torch, torch.arange(3), torch.nn.Parameter(torch.ones(2))],
        "JaxArrays": [jax, jax.numpy, jax.numpy.arange(3)],
    }.items():
        assert {type(arrays.find(like)).__name__ for like in likes} == {name}
    seen = []

    def traced(t: Any) -> Any:
        seen.append(type(arrays.find(t)).__name__)
        return t

    jax.jit(traced)(3)
    assert seen == ["JaxArrays"]


@pytest.mark.parametrize("like", [3, 0.5, [1, 2], "numpy", math])
def test_what_is_no_array_is_refused(like: object) -> None:
    with pytest.raises(TypeError, match="no array of a library known here: numpy, jax, torch"):
        arrays.find(like)


def test_cycles_that_cannot_be_counted_are_refused() -> None:
    found = lrdsl.parse("repeat(cosine(1.2345678ep, 1, 0))").resolve(steps_per_epoch=10)
    with pytest.raises(NotImplementedError, match=r"cycles of 12\.345678 steps are too many"):
        found.bind()(numpy.arange(3))
    reference = wanted(found, list(range(10**6, 10**6 + 50)))
    check(found.values(50, first=10**6), reference, DOUBLE, peak=1.0)
