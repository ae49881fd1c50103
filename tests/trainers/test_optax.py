"""optax and flax take a bound schedule as a learning rate; JAX compiles the training step."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import optax
import pytest
from flax import nnx

import lrdsl

TEXT = "warmup(3) >> cosine(9, base, base / 10)"
BASE = 0.1
UPDATES = 14


def schedule() -> lrdsl.Schedule:
    return lrdsl.parse(TEXT).resolve()


def wanted() -> list[float]:
    """Single precision, in which JAX computes."""
    return [schedule()(t, base=BASE) for t in range(UPDATES)]


def test_an_update_is_the_rate_times_the_gradient() -> None:
    optimizer = optax.sgd(schedule().bind(BASE))

    @jax.jit
    def step(weights: Any, state: Any) -> Any:
        updates, state = optimizer.update(jax.numpy.ones(3), state, weights)
        return updates, optax.apply_updates(weights, updates), state

    weights = jax.numpy.zeros(3)
    state = optimizer.init(weights)
    used = []
    for _ in range(UPDATES):
        updates, weights, state = step(weights, state)
        used.append(-float(updates[0]))
    assert used == pytest.approx(wanted(), rel=1e-6)


def test_adamw_with_the_rate_in_its_state() -> None:
    optimizer = optax.inject_hyperparams(optax.adamw)(learning_rate=schedule().bind(base=BASE))
    weights = jax.numpy.ones(3)
    state = optimizer.init(weights)
    used = []
    for _ in range(UPDATES):
        _, state = optimizer.update(jax.numpy.ones(3), state, weights)
        used.append(float(state.hyperparams["learning_rate"]))
    assert used == pytest.approx(wanted(), rel=1e-6)


def test_flax_trains_with_it() -> None:
    model = nnx.Linear(2, 1, rngs=nnx.Rngs(0))
    optimizer = nnx.Optimizer(model, optax.sgd(schedule().bind(BASE)), wrt=nnx.Param)

    @nnx.jit  # type: ignore[untyped-decorator]
    def step(model: Any, optimizer: Any) -> None:
        gradients = nnx.grad(lambda model: model(jax.numpy.ones((1, 2))).sum())(model)
        optimizer.update(model, gradients)

    used = []
    for _ in range(UPDATES):
        before = float(model.bias[...][0])
        step(model, optimizer)
        used.append(before - float(model.bias[...][0]))
    assert np.abs(np.array(used) - wanted()).max() < 1e-6


def test_optax_says_the_same() -> None:
    """The schedule of optax's own, from its definition of both parts."""
    own = optax.join_schedules(
        [optax.linear_schedule(0, BASE, 3), optax.cosine_decay_schedule(BASE, 9, alpha=0.1)], [3]
    )
    steps = jax.numpy.arange(UPDATES)
    found, theirs = (jax.jit(jax.vmap(one))(steps) for one in (schedule().bind(BASE), own))
    assert np.abs(np.asarray(found) - np.asarray(theirs)).max() <= 4 * 2.0**-23 * BASE
