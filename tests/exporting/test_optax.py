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
# As many steps for every schedule; all of most.
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


def differences(jax: Any, many: list[Resolved]) -> list[float]:
    """The largest difference of each at any step, as a share of the peak.

    They are compiled together, which takes less than half of the time that they take one by one.
    """
    steps, wanted, exported = [], [], []
    for one in many:
        for schedule, curve in zip(one.values(), curves(one), strict=True):
            every = math.ceil((min(schedule.length, 10**9) + 9) / COUNT)
            steps.append(numpy.arange(COUNT) * every)
            wanted.append(
                schedule.values(COUNT, base=BASE)
                if every == 1
                else numpy.array([schedule(int(step), base=BASE) for step in steps[-1]])
            )
            exported.append(curve)

    def together(every_steps: list[Any]) -> list[Any]:
        return [curve(one) for curve, one in zip(exported, every_steps, strict=True)]

    found = jax.jit(together)([jax.numpy.asarray(one) for one in steps])
    return [
        float(abs(numpy.asarray(values, dtype=float) - right).max()) / (float(right.max()) or 1.0)
        for values, right in zip(found, wanted, strict=True)
    ]


def test_the_library_and_the_recipes_in_float64(jax: Any) -> None:
    with jax.enable_x64(True):
        found = differences(jax, [*examples().values(), *recipe_programs().values()])
    assert max(found) <= 4 * DOUBLE


# Whatever is rounded in these is enlarged: by an exponent, or by a number of cycles.
ENLARGED = (
    "poly(45, power = 7)",
    "poly(1000, power = 200)",
    "warmup(300, ease = rise) >> const(10)",
    "poly(9000, 0.3, 0.1, power = 200.5)",
    "cosine_power(900, exponent = 25.5)",
    "repeat(cosine_power(45, 352.35, exponent = 11.1176), decay = 0.7)",
    "repeat(poly(4.5ep, power = 12) >> poly(7, 0, 1, power = 9))",
    "repeat(poly(20, power = 30), 4, stretch = 1.5)",
    "poly(50, power = 8) * poly(50, 1, 0, power = 9) + step(7, 0.5, length = 50)",
    "kdecay_cosine(800, k = 30)",
    "cosine_waves(45, 352.35, 0, cycles = 11.1176)",
    "cosine_waves(3000, cycles = 250.75)",
    # Not between 0 and 1, so that there is no logarithm of the base.
    "shape both(length: steps) = ((50 - t) / 50) ^ 6 both(90) >> const",
    "shape rise(length: steps) = (t / 10) ^ 5 rise(30)",
)


def test_what_enlarges_errors_in_float32(jax: Any) -> None:
    definition = "def rise(x) = x ^ 30 "
    many = [
        resolved(definition + text if "rise)" in text else text, steps_per_epoch=3)
        for text in ENLARGED
    ]
    # The scalar reading loses digits here too, so that there is nothing to compare 64 bits with.
    near = resolved("shape near(length: steps) = (1 - u / 1000) ^ 5000 near(1000)")
    assert max(differences(jax, [*many, near])) <= 4 * SINGLE
    with jax.enable_x64(True):  # XLA's logarithm is off by more than a unit
        assert max(differences(jax, many)) <= 24 * DOUBLE


def test_drawn_programs_in_float32(jax: Any) -> None:
    """Within 4 units in the last place of the peak."""
    calls = [resolved(text, total=programs.TOTAL) for n in PARTS for text in library_texts(n)[:1]]
    random = [resolved(text) for text in random_texts()[: programs.RANDOM // 15]]
    assert max(differences(jax, [*calls, *random])) <= 4 * SINGLE


def test_it_is_traced_mapped_and_differentiated(jax: Any) -> None:
    one = resolved("warmup(5, end = base) >> inverse_sqrt(7, length = 90) >> poly(30, power = 0.5)")
    (curve,) = curves(one)
    steps = jax.numpy.arange(140)
    values = curve(steps)
    assert values.shape == (140,)
    numpy.testing.assert_allclose(jax.jit(curve)(steps), values, rtol=1e-6)
    numpy.testing.assert_allclose(jax.jit(jax.vmap(curve))(steps), values, rtol=1e-6)
    assert curve(7).shape == ()
    names: dict[str, Any] = {}
    exec(lrdsl.export(one, "optax"), names)
    slope = jax.jit(jax.vmap(jax.grad(lambda base, t: names["learning_rate"](t, base)), (None, 0)))
    assert numpy.isfinite(slope(BASE, steps)).all()


def test_steps_beyond_the_floats_of_32_bits(jax: Any) -> None:
    one = resolved("warmup(16M) >> linear(2130M) >> const", total=2**31 + 10)
    (curve,) = curves(one)
    steps = [0, 2**24 - 1, 2**24, 2**24 + 1, 16_000_001, 2**31 - 1]
    wanted = [one["lr"](step, base=BASE) for step in steps]
    assert numpy.asarray(curve(numpy.array(steps))) == pytest.approx(wanted, abs=4 * SINGLE * BASE)
    for text in (
        "linear(3B)",
        "cosine_restarts(1B, cycles = 5)",
        "repeat(cosine_waves(2B, cycles = 2))",
    ):
        with pytest.raises(lrdsl.LrsError, match="counts beyond 2"):
            lrdsl.export(text, "optax")
