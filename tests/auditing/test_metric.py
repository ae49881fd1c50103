"""Schedules that a metric drives, replayed with the metric in the log."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
import torch

import lrdsl
from tests.auditing.runs import FLOAT32, Reading, as_float32, log_of

PLATEAU = "reduce_on_plateau(0.5, patience = 3, start = 0.1)"


def losses(updates: int) -> Iterator[float]:
    """A loss that falls in steps, with stretches in which it does not."""
    for t in range(updates):
        yield 1 / (1 + t // 40) + 0.001 * math.sin(t)


def reduced(updates: int, every: int = 1) -> tuple[list[Reading], list[Reading]]:
    """The rates and the metrics of a run under torch's own ReduceLROnPlateau."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=3)
    rates, metrics = [], []
    for t, loss in enumerate(losses(updates)):
        rates.append((t, float(optimizer.param_groups[0]["lr"])))
        optimizer.step()
        if (t + 1) % every == 0:
            metrics.append((t, loss))
            scheduler.step(loss)
    return rates, metrics


@pytest.mark.parametrize("every", [1, 5])
@pytest.mark.parametrize("offset", [-1, 0])
def test_a_plateau_is_replayed(every: int, offset: int) -> None:
    rates, metrics = reduced(200, every)
    assert len({rate for _, rate in rates}) > 3
    moved = [[(t - offset, x) for t, x in own] for own in (rates, metrics)]
    log = log_of(moved[0], metric=moved[1])
    (found,) = lrdsl.audit(log, PLATEAU, metric="loss").verdicts
    assert (found.status, found.agreeing) == ("follows", 200), str(found)
    assert found.offset == offset or offset in found.offsets


def test_a_plateau_with_a_base_to_be_fitted() -> None:
    rates, metrics = reduced(200)
    log = log_of(as_float32(rates), FLOAT32, metric=metrics)
    (found,) = lrdsl.audit(log, "reduce_on_plateau(0.5, patience = 3)", metric="loss").verdicts
    assert (found.status, found.base) == ("same form", 0.1)


def test_other_rules_leave_it() -> None:
    rates, metrics = reduced(200)
    log = log_of(rates, metric=metrics)
    (found,) = lrdsl.audit(log, PLATEAU.replace("3", "4"), metric="loss").verdicts
    assert found.status == "leaves" and found.first is not None
    # The first reduction of torch's run is where the two part.
    assert found.first.step == next(t for t, rate in rates if rate != 0.1) - (found.offset or 0)


def test_without_its_metric_it_is_not_auditable() -> None:
    rates, metrics = reduced(50)
    (found,) = lrdsl.audit(log_of(rates, metric=metrics), PLATEAU).verdicts
    assert found.status == "not auditable" and "--metric" in found.why
    (found,) = lrdsl.audit(log_of(rates), PLATEAU, metric="loss").verdicts
    assert found.why == "a metric decides its rates, and the log has no `loss`"


def test_an_event_that_a_metric_decides() -> None:
    """A cooldown of 20 updates from the first loss below 0.4 on, written as a loop."""
    rates, metrics = [], []
    start = None
    for t, loss in enumerate(losses(120)):
        done = 0 if start is None else min(t - start, 20)
        rates.append((t, 0.1 * (1 - done / 20)))
        metrics.append((t, loss))
        if start is None and loss < 0.4:
            start = t + 1
    assert start is not None and 10 < start < 100
    text = "until(below(0.4), const(value = 0.1)) >> linear(20)"
    (found,) = lrdsl.audit(log_of(rates, metric=metrics), text, metric="loss").verdicts
    assert (found.status, found.agreeing) == ("follows", 120), str(found)


def test_a_signal_is_taken_never_to_have_come() -> None:
    text = 'until(signal("cooldown"), const(value = 0.1)) >> linear(20)'
    (found,) = lrdsl.audit(log_of([(t, 0.1) for t in range(9)]), text).verdicts
    assert "compared as if `cooldown` never came" in found.notes
