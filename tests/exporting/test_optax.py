"""``lrdsl export --to optax``: the functions are the schedule, in float64 and in float32."""

from __future__ import annotations

import math
from functools import partial
from inspect import signature
from typing import Any

import numpy
import pytest

import lrdsl
from lrdsl import Resolved
from tests.exporting import programs
from tests.exporting.programs import (
    examples,
    library_texts,
    random_texts,
    recipe_programs,
    resolved,
)
from tests.library import PARTS

BASE = 0.7
# As many steps for every schedule, so that jax compiles each operation once; all of most.
COUNT = 4_096
DOUBLE, SINGLE = 2.0**-52, 2.0**-23


@pytest.fixture(scope="module")
def jax() -> Any:
    return pytest.importorskip("jax")  # which the oldest Pythons cannot install


def curves(one: Resolved) -> list[Any]:
    """The functions of a file, for one base."""
    names: dict[str, Any] = {}
    exec(compile(lrdsl.export(one, "optax"), "<exported>", "exec"), names)
    public = [f for name, f in names.items() if name.startswith(("learning_rate", "momentum"))]
    return [partial(f, base=BASE) if "base" in signature(f).parameters else f for f in public]


def largest(jax: Any, one: Resolved) -> float:
    """The largest difference at any step, as a share of the peak."""
    found = 0.0
    for schedule, curve in zip(one.values(), curves(one), strict=True):
        every = math.ceil((min(schedule.length, 10**9) + 9) / COUNT)
        steps = numpy.arange(COUNT) * every
        values = numpy.asarray(curve(jax.numpy.asarray(steps)), dtype=float)
        if every == 1:
            wanted = schedule.values(COUNT, base=BASE)
        else:
            wanted = numpy.array([schedule(int(step), base=BASE) for step in steps])
        peak = float(wanted.max())
        found = max(found, float(abs(values - wanted).max()) / (peak or 1.0))
    return found


def test_the_library_and_the_recipes_in_float64(jax: Any) -> None:
    with jax.enable_x64(True):
        for one in [*examples().values(), *recipe_programs().values()]:
            assert largest(jax, one) <= 4 * DOUBLE


def test_drawn_programs_in_float32(jax: Any) -> None:
    """Within 4 units in the last place of the peak, but for powers that enlarge every error."""
    calls = [resolved(text, total=programs.TOTAL) for n in PARTS for text in library_texts(n)[:1]]
    random = [resolved(text) for text in random_texts()[: programs.RANDOM // 15]]
    found = [largest(jax, one) / SINGLE for one in [*calls, *random]]
    assert max(found) <= 16
    assert sum(difference > 4 for difference in found) <= len(found) / 20


def test_it_is_traced_mapped_and_differentiated(jax: Any) -> None:
    one = resolved("warmup(5, end = base) >> inverse_sqrt(7, length = 90) >> poly(30, power = 0.5)")
    (curve,) = curves(one)
    steps = jax.numpy.arange(140)
    values = curve(steps)
    assert values.shape == (140,)
    numpy.testing.assert_allclose(jax.jit(curve)(steps), values, rtol=1e-6)
    numpy.testing.assert_allclose(jax.vmap(curve)(steps), values, rtol=1e-6)
    assert curve(7).shape == ()
    names: dict[str, Any] = {}
    exec(lrdsl.export(one, "optax"), names)
    slope = jax.vmap(jax.grad(lambda base, t: names["learning_rate"](t, base)), (None, 0))
    assert numpy.isfinite(slope(BASE, steps)).all()


def test_steps_beyond_the_floats_of_32_bits(jax: Any) -> None:
    one = resolved("warmup(16M) >> linear(2130M) >> const", total=2**31 + 10)
    (curve,) = curves(one)
    steps = [0, 2**24 - 1, 2**24, 2**24 + 1, 16_000_001, 2**31 - 1]
    wanted = [one["lr"](step, base=BASE) for step in steps]
    assert numpy.asarray(curve(numpy.array(steps))) == pytest.approx(wanted, abs=4 * SINGLE * BASE)
    with pytest.raises(lrdsl.LrsError, match="passes step 2"):
        lrdsl.export("linear(3B)", "optax")
