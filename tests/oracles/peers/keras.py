"""Keras: the schedules of ``keras.optimizers.schedules``, computed in float64."""

from __future__ import annotations

import os
from collections.abc import Iterator

from tests.oracles.peers.case import Case, Draw, System, find, items, steps

_MODULE = "keras.optimizers.schedules."


def _lengths(draw: Draw, count: int) -> Iterator[int]:
    corners = [1, 2, 10, 100]
    yield from (corners[i] if i < len(corners) else draw.randint(3, 300) for i in range(count))


def _cases(draw: Draw) -> Iterator[Case]:
    yield from _decays(draw)
    yield from _polynomials(draw)
    yield from _pieces(draw)
    yield from _cosines(draw)
    yield from _restarts(draw)


def _decays(draw: Draw) -> Iterator[Case]:
    for i, every in enumerate(_lengths(draw, 14)):
        rate, stairs = draw.factor(), i % 4 in (1, 3)
        inverse = f"inverse_time({rate}, every = {every})"
        smooth = inverse if i % 4 > 1 else f"exponential({rate}, every = {every})"
        if stairs and i % 4 == 3:
            # An inverse time in stairs has no shape of its own, and is defined with a line.
            text = (
                "shape stairs_of_inverse(rate, every: steps, start = prev)"
                " = start / (1 + rate * floor(t / every))"
                f" stairs_of_inverse({rate}, {every})"
            )
        else:
            text = f"step({every}, {rate})" if stairs else smooth
        first = draw.rate()
        yield Case(
            text,
            f"{_MODULE}{'InverseTimeDecay' if i % 4 > 1 else 'ExponentialDecay'}",
            {
                "initial_learning_rate": first,
                "decay_steps": every,
                "decay_rate": rate,
                "staircase": stairs,
            },
            steps(4 * every + 5, every, 2 * every, 3 * every),
            first,
        )


def _polynomials(draw: Draw) -> Iterator[Case]:
    for length in _lengths(draw, 7):
        first, end, power = draw.rate(), draw.rate(1e-5, 1), draw.choice([0.5, 1.0, 2.5])
        yield Case(
            f"poly({length}, end = {end}, power = {power})",
            f"{_MODULE}PolynomialDecay",
            {
                "initial_learning_rate": first,
                "decay_steps": length,
                "end_learning_rate": end,
                "power": power,
            },
            steps(length + 10, length),
            first,
        )


def _pieces(draw: Draw) -> Iterator[Case]:
    for count in [1, 2, 3, 4, 5, 7]:
        at = draw.ascending(count, 200)
        values = [draw.choice([0.0, draw.rate()]) for _ in range(count + 1)]
        yield Case(
            # The old value is kept at a boundary, so the milestones are one step later.
            f"stairs({[t + 1 for t in at]}, {items(values)})",
            f"{_MODULE}PiecewiseConstantDecay",
            {"boundaries": at, "values": values},
            steps(220, *at),
        )


def _cosines(draw: Draw) -> Iterator[Case]:
    for i, length in enumerate(_lengths(draw, 10)):
        up, alpha = draw.choice([1, 5, 30]), draw.choice([0.0, draw.factor()])
        first, target = draw.rate(), draw.rate()
        given = {"initial_learning_rate": first, "decay_steps": length, "alpha": alpha}
        text = f"cosine({length}, end = base * {alpha})"
        if i % 2:
            given |= {"warmup_target": target, "warmup_steps": up}
            text = f"warmup({up}, base, {target}) >> cosine({length}, end = {target} * {alpha})"
        else:
            up = 0
        yield Case(
            text, f"{_MODULE}CosineDecay", given, steps(up + length + 10, up, up + length), first
        )


def _restarts(draw: Draw) -> Iterator[Case]:
    for i, first in enumerate([10, 10, 10, 1, 7, 30, *(draw.randint(2, 40) for _ in range(6))]):
        mult, decay = [2.0, 3.0, 1.0][i % 3], draw.choice([1.0, draw.factor(0.3, 1)])
        low = draw.factor(0.05, 0.5) if i % 2 else 0.0
        rate, starts = draw.rate(), [0]
        while starts[-1] < [100_000, 300_000, 300][i % 3] and len(starts) < 14:
            starts.append(starts[-1] + first * int(mult) ** (len(starts) - 1))
        # The lowest value stays while the peaks decay.
        body = f"restarts({first}, {mult}, base * {1 - low}, decay = {decay})"
        yield Case(
            f"{body} + base * {low}" if low else body,
            f"{_MODULE}CosineDecayRestarts",
            {
                "initial_learning_rate": rate,
                "first_decay_steps": first,
                "t_mul": mult,
                "m_mul": decay,
                "alpha": low,
            },
            steps(starts[-1] - 1, *starts[:-1]),
            rate,
            restarts={
                t: rate * ((1 - low) * decay**k + low) for k, t in enumerate(starts[:-1]) if k
            },
        )


def _rates(case: Case) -> list[float]:
    os.environ["KERAS_BACKEND"] = "torch"
    # Without it Keras computes in float32, which leaves seven digits to compare.
    find("keras.config.set_floatx")("float64")
    schedule = find(case.call)(**case.arguments)
    return [float(schedule(t)) for t in case.steps]


SYSTEM = System("keras", "{}(**arguments)(step), in float64", _cases, _rates)
