"""PyTorch-Ignite: the parameter schedulers of ``ignite.handlers``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch.optim import SGD

from tests.oracles.peers.case import Case, Draw, Made, System, build, find, items, steps

_MODULE = "ignite.handlers."


def _cases(draw: Draw) -> Iterator[Case]:
    yield from _triangles(draw)
    yield from _cosines(draw)
    yield from _lines(draw)
    yield from _sequences(draw)
    yield from _warmups(draw)


def _cycle(draw: Draw, i: int, half: int) -> dict[str, Any]:
    """Arguments of a cyclic scheduler: sizes that double or treble, and values that shrink."""
    return {
        "param_name": "lr",
        "start_value": draw.rate(),
        "end_value": draw.choice([0.0, draw.rate()]),
        "cycle_size": 2 * half,
        "cycle_mult": float(i % 3 + 1),
        "start_value_mult": (shrink := draw.choice([1.0, draw.factor(0.3, 1)])),
        "end_value_mult": shrink,
    }


def _triangles(draw: Draw) -> Iterator[Case]:
    for i, half in enumerate([1, 2, 10, *(draw.randint(1, 40) for _ in range(9))]):
        given = _cycle(draw, i, half)
        first, end = given["start_value"], given["end_value"]
        mult, shrink = i % 3 + 1, given["end_value_mult"]
        once = f"linear({half}, {first}, {end}) >> linear({half}, {end}, {first})"
        if i % 4 == 3:
            given["monotonic"] = True
            once = f"linear({2 * half}, {first}, {end})"
        text = f"repeat({once}, stretch = {mult}, decay = {shrink})"
        if mult == 1 and shrink == 1 and i % 4 != 3:
            text = f"triangular({half}, {first}, {end})"
        yield Case(
            text,
            f"{_MODULE}LinearCyclicalScheduler",
            given,
            steps(8 * half * mult + 3, half, 2 * half, 2 * half * (1 + mult)),
        )


def _cosines(draw: Draw) -> Iterator[Case]:
    for i, half in enumerate([1, 2, 10, *(draw.randint(1, 40) for _ in range(9))]):
        given = _cycle(draw, i, half)
        first, end = given["start_value"], given["end_value"]
        mult, shrink = i % 3 + 1, given["end_value_mult"]
        yield Case(
            f"repeat(cosine({2 * half}, {first}, {end}), stretch = {mult}, decay = {shrink})"
            if end
            # The lowest value is 0 and stays it, however the peaks shrink.
            else f"restarts({2 * half}, {mult}, {first}, decay = {shrink})",
            f"{_MODULE}CosineAnnealingScheduler",
            given,
            steps(8 * half * mult + 3, half, 2 * half, 2 * half * (1 + mult)),
        )


def _points(draw: Draw, first: int, count: int) -> list[tuple[float, float]]:
    return [
        (time, draw.choice([0.0, draw.rate(), draw.rate()]))
        for time in [first, *(first + t for t in draw.ascending(count, 150))]
    ]


def _lines(draw: Draw) -> Iterator[Case]:
    for i, count in enumerate([1, 1, 2, 3, 4, 5, 6, 8]):
        # The first value is held before its time.
        points = _points(draw, draw.randint(1, 20) if i % 2 else 0, count)
        times = [int(time) for time, _ in points]
        yield Case(
            f"points({times}, {items(value for _, value in points)})",
            f"{_MODULE}PiecewiseLinear",
            {"param_name": "lr", "milestones_values": points},
            steps(180, *times),
        )


def _sequences(draw: Draw) -> Iterator[Case]:
    for _ in range(6):
        up, down = draw.randint(2, 20), 2 * draw.randint(1, 30)
        low, peak, end = draw.rate(1e-4, 1e-2), draw.rate(0.1, 1), draw.rate(1e-4, 1e-2)
        rise = Made(
            f"{_MODULE}PiecewiseLinear", param_name="lr", milestones_values=[(0, low), (up, peak)]
        )
        fall = Made(
            f"{_MODULE}CosineAnnealingScheduler",
            param_name="lr",
            start_value=peak,
            end_value=end,
            cycle_size=down,
        )
        yield Case(
            f"warmup({up}, {low}, {peak}) >> repeat(cosine({down}, {peak}, {end}))",
            f"{_MODULE}ConcatScheduler",
            {"schedulers": [rise, fall], "durations": [up]},
            steps(up + 2 * down + 5, up, up + down),
        )


def _warmups(draw: Draw) -> Iterator[Case]:
    """Its warm-up of n events reaches the peak at event n - 1."""
    for _ in range(6):
        up, down = draw.randint(2, 20), 2 * draw.randint(2, 30)
        low, peak, end = draw.rate(1e-4, 1e-2), draw.rate(0.1, 1), draw.rate(1e-4, 1e-2)
        fall = Made(
            f"{_MODULE}CosineAnnealingScheduler",
            param_name="lr",
            start_value=peak,
            end_value=end,
            cycle_size=down,
        )
        yield Case(
            f"warmup({up - 1}, {low}, {peak}) >> repeat(cosine({down}, {peak}, {end}))",
            f"{_MODULE}create_lr_scheduler_with_warmup",
            {
                "lr_scheduler": fall,
                "warmup_start_value": low,
                "warmup_duration": up,
                "warmup_end_value": peak,
            },
            steps(up + 2 * down + 5, up, up + down),
        )


def _rates(case: Case) -> list[float]:
    optimizer = SGD([torch.nn.Parameter(torch.zeros(1))], lr=case.base)
    given = {n: build(v, optimizer) for n, v in case.arguments.items()}
    first = () if "schedulers" in given or "lr_scheduler" in given else (optimizer,)
    scheduler = find(case.call)(*first, **given)
    found = []
    for _ in range(case.steps[-1] + 1):
        scheduler(None)
        found.append(float(optimizer.param_groups[0]["lr"]))
    return [found[t] for t in case.steps]


SYSTEM = System(
    "pytorch-ignite", "{}(optimizer, **arguments), called at every event", _cases, _rates
)
