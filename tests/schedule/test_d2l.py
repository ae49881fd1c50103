"""The schedulers of Dive into Deep Learning, chapter 12.11, each as a line of lrdsl."""

from __future__ import annotations

import pytest

import lrdsl
from tests.oracles import d2l
from tests.oracles.closeness import assert_close

FAR = [10**4, 10**6, 10**9]


def curve(text: str, steps: list[int], base: float = 0.1) -> list[float]:
    schedule = lrdsl.parse(text).resolve()
    return [schedule(t, base=base) for t in steps]


def test_cosine_with_warmup() -> None:
    """Its warm-up is counted within max_update: 5 updates of 20."""
    steps = [*range(10_001), *FAR]
    scheduler = d2l.Cosine(20, base_lr=0.3, final_lr=0.01, warmup_steps=5)
    wanted = [scheduler(t) for t in steps]
    assert_close(curve("warmup(5) >> cosine(15, 0.3, 0.01) >> const", steps), wanted)


def test_cosine_with_a_warmup_that_starts_above_0() -> None:
    steps = [*range(100), *FAR]
    scheduler = d2l.Cosine(20, base_lr=0.3, final_lr=0.01, warmup_steps=5, warmup_begin_lr=0.1)
    wanted = [scheduler(t) for t in steps]
    assert_close(curve("warmup(5, 0.1) >> cosine(15, 0.3, 0.01) >> const", steps), wanted)


def test_cosine() -> None:
    steps = [*range(100), *FAR]
    scheduler = d2l.Cosine(20, base_lr=0.3, final_lr=0.01)
    assert_close(curve("cosine(20, 0.3, 0.01)", steps), [scheduler(t) for t in steps])


def test_square_root() -> None:
    steps = [*range(1000), *FAR]
    wanted = [d2l.square_root(t, 0.1) for t in steps]
    assert_close(curve("inverse_sqrt", steps), wanted)


def test_factor() -> None:
    """The scheduler gives the rate after each update, so the first of a training is its base."""
    scheduler = d2l.Factor(0.9, floor=1e-2, base=2.0)
    wanted = [2.0, *(scheduler() for _ in range(200))]
    found = curve("max(exponential(0.9, start = 2), 1e-2)", list(range(201)))
    assert_close(found, wanted)
    assert found[50:52] == [2 * 0.9**50, 1e-2]


def test_multi_factor() -> None:
    steps = [*range(100), *FAR]
    wanted = [d2l.multi_factor(t, (15, 30), 0.5, 0.5) for t in steps]
    assert_close(curve("multistep([15, 30], 0.5, start = 0.5)", steps), wanted)


@pytest.mark.parametrize("t", [4, 5, 19, 20, 21])
def test_the_comparison_notices_a_step(t: int) -> None:
    """The boundaries of the cosine are where an implementation is off by one."""
    scheduler = d2l.Cosine(20, base_lr=0.3, final_lr=0.01, warmup_steps=5)
    wrong = curve("warmup(6) >> cosine(16, 0.3, 0.01) >> const", [t])
    with pytest.raises(AssertionError):
        assert_close(wrong, [scheduler(t)])
