"""Loops of one's own: plain, with accumulated gradients, with a scaler that skips updates."""

from __future__ import annotations

import torch
from torch import nn

import lrdsl
from tests.trainers.training import TEXT, Remembering, batches, model, optimizer, wanted

INFINITE = float("inf")


def weights(layers: nn.Module) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in layers.parameters()])


def test_a_plain_loop() -> None:
    layers = model()
    driven = optimizer(layers)
    scheduler = lrdsl.compile(TEXT, driven)
    for batch in batches(20):
        driven.zero_grad()
        layers(batch).square().mean().backward()
        driven.step()
        scheduler.step()
    assert driven.used == wanted(20)
    assert scheduler.last_epoch == 20


def test_accumulated_gradients_make_one_update() -> None:
    """Half batches, two to an update, train as whole ones do."""
    whole, halves = model(), model()
    driven, accumulated = optimizer(whole), optimizer(halves)
    schedulers = [lrdsl.compile(TEXT, driven), lrdsl.compile(TEXT, accumulated)]
    for batch in batches(20, size=4):
        driven.zero_grad()
        whole(batch).square().mean().backward()
        driven.step()
        schedulers[0].step()
    for i, batch in enumerate(batches(20, size=4).reshape(40, 2, 4)):
        (halves(batch).square().mean() / 2).backward()
        if i % 2:
            accumulated.step()
            schedulers[1].step()
            accumulated.zero_grad()
    assert accumulated.used == driven.used == wanted(20)
    torch.testing.assert_close(weights(halves), weights(whole))


def scaled(updates: int, infinite: set[int], *, count_skipped: bool) -> Remembering:
    """Trains as the documentation says; the gradients of some updates are infinite."""
    layers = model()
    driven = optimizer(layers)
    scheduler = lrdsl.compile(TEXT, driven)
    scaler = torch.amp.GradScaler("cpu", init_scale=4.0)
    for t, batch in enumerate(batches(updates)):
        loss = layers(batch).square().mean() * (INFINITE if t in infinite else 1.0)
        scaler.scale(loss).backward()
        scaler.step(driven)
        scale = scaler.get_scale()
        scaler.update()
        if count_skipped or scaler.get_scale() >= scale:
            scheduler.step()
        driven.zero_grad()
    assert scaler.get_scale() == 4.0 * 0.5 ** len(infinite)
    assert scheduler.last_epoch == (updates if count_skipped else len(driven.used))
    return driven


def test_an_update_that_a_scaler_skips_counts() -> None:
    driven = scaled(20, {0, 1, 7}, count_skipped=True)
    assert driven.used == [rates for t, rates in enumerate(wanted(20)) if t not in {0, 1, 7}]


def test_an_update_that_a_scaler_skips_can_be_left_out() -> None:
    driven = scaled(20, {0, 1, 7}, count_skipped=False)
    assert driven.used == wanted(17)
