"""optax: scripts that call its schedules. It computes in float32."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.oracles.moves.move import Move, Moves
from tests.oracles.peers.case import Draw, Made, build


def _rates(made: Made) -> Callable[[int], list[float]]:
    """What an optimizer reads: the schedule at its count of updates, from 0."""

    def rates(updates: int) -> list[float]:
        schedule = build(made)
        return [float(schedule(t)) for t in range(updates)]

    return rates


def _written(value: Any) -> str:
    if isinstance(value, Made):
        given = ", ".join(f"{name}={_written(v)}" for name, v in value.arguments.items())
        return f"{value.call}({given})"
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    return repr(value)


def _drawn(draw: Draw) -> Iterator[Move]:
    for name, arguments, updates in _settings(draw):
        made = Made(f"optax.{name}", **arguments)
        yield Move({"train.py": f"import optax\nrate = {_written(made)}\n"}, _rates(made), updates)


def _settings(draw: Draw) -> Iterator[tuple[str, dict[str, Any], int]]:
    yield "constant_schedule", {"value": draw.rate()}, 5
    yield from _lines(draw)
    yield from _falls(draw)
    yield from _arcs(draw)
    yield from _pieces(draw)
    yield from _joined(draw)


def _lines(draw: Draw) -> Iterator[tuple[str, dict[str, Any], int]]:
    for steps in (0, 1, 2, 40, draw.randint(50, 300)):
        own = {"init_value": draw.rate(), "end_value": 0.0, "transition_steps": steps}
        yield "linear_schedule", own, steps + 1
        own |= {"end_value": draw.rate(), "transition_begin": 7}
        yield "linear_schedule", own, steps + 8
        own = {"init_value": own["init_value"], "end_value": 0.0, "power": draw.factor(0.4, 3)}
        yield "polynomial_schedule", own | {"transition_steps": steps}, steps + 1
        own |= {"end_value": 0.01, "power": 1}
        yield "polynomial_schedule", own | {"transition_steps": steps}, steps + 1
    for up in (0, 1, 30):
        own = {"init_value": 0.0 if up == 1 else draw.rate(1e-3, 0.1), "peak_value": draw.rate(0.2)}
        yield "warmup_constant_schedule", own | {"warmup_steps": up}, up + 2


def _falls(draw: Draw) -> Iterator[tuple[str, dict[str, Any], int]]:
    for every in (1, 10, draw.randint(11, 60)):
        for more in (
            {},
            {"staircase": True},
            {"transition_begin": 9},
            {"transition_begin": 9, "staircase": True, "end_value": 0.05},
            {"end_value": 0.02},
        ):
            own = {"transition_steps": every, "decay_rate": draw.factor(0.3, 0.95)} | more
            yield "exponential_decay", {"init_value": draw.rate(0.1)} | own, 4 * every
            own |= {"init_value": draw.choice([0.0, 0.01]), "peak_value": draw.rate(0.1)}
            own |= {"warmup_steps": draw.choice([0, 1, 15])}
            yield "warmup_exponential_decay_schedule", own, 15 + 4 * every
    own = {"init_value": 0.01, "transition_steps": 10, "decay_rate": 1.5}
    yield "exponential_decay", own | {"end_value": 0.03, "staircase": True}, 50
    yield "exponential_decay", own | {"end_value": 0.03}, 40
    yield "exponential_decay", own | {"decay_rate": 0.0}, 10


def _arcs(draw: Draw) -> Iterator[tuple[str, dict[str, Any], int]]:
    for down in (1, 2, 50, draw.randint(60, 400)):
        own: dict[str, Any] = {"init_value": draw.rate(), "decay_steps": down}
        yield "cosine_decay_schedule", own, down + 1
        yield "cosine_decay_schedule", own | {"alpha": draw.factor()}, down + 1
        if down > 1:  # in one step no power can be seen
            own |= {"alpha": 0.1, "exponent": draw.factor(0.5, 3)}
            yield "cosine_decay_schedule", own, down + 1
        for up in (0, 1, 20):
            own = {"init_value": 0.0, "peak_value": draw.rate(), "warmup_steps": up}
            own |= {"decay_steps": up + down}
            yield _CYCLE, own, up + down + 1
            own |= {"init_value": 1e-4, "end_value": own["peak_value"] / 8}
            own |= {"exponent": 2.0} if down > 1 else {}
            yield _CYCLE, own, up + down + 1


_CYCLE = "warmup_cosine_decay_schedule"


def _pieces(draw: Draw) -> Iterator[tuple[str, dict[str, Any], int]]:
    yield "piecewise_constant_schedule", {"init_value": 0.3}, 3
    for count in (1, 1, 2, 3, 5):
        marks = draw.ascending(count, 90)
        scales = {mark: draw.factor(0.1, 1.5) for mark in marks}
        own: dict[str, Any] = {"init_value": draw.rate(), "boundaries_and_scales": scales}
        yield "piecewise_constant_schedule", own, marks[-1] + 2
        same = dict.fromkeys(marks, 0.1)
        yield "piecewise_constant_schedule", own | {"boundaries_and_scales": same}, marks[-1] + 2
        for shape in ("linear", "cosine"):
            own = {"interpolate_type": shape} | own
            yield "piecewise_interpolate_schedule", own, marks[-1] + 2
    for steps in (3, 10, 100, draw.randint(20, 300)):
        own = {"transition_steps": steps, "peak_value": draw.rate()}
        yield "linear_onecycle_schedule", own, steps + 1
        yield "cosine_onecycle_schedule", own, steps + 1
        own |= {"pct_start": draw.factor(0.1, 0.5), "div_factor": 10.0, "final_div_factor": 50.0}
        yield "cosine_onecycle_schedule", own, steps + 1
        yield "linear_onecycle_schedule", own | {"pct_final": draw.factor(0.6, 0.95)}, steps + 1


def _joined(draw: Draw) -> Iterator[tuple[str, dict[str, Any], int]]:
    for up, down in ((1, 9), (10, 90), (30, 20)):
        peak = draw.rate()
        line = Made("optax.linear_schedule", init_value=0.0, end_value=peak, transition_steps=up)
        arc = Made("optax.cosine_decay_schedule", init_value=peak, decay_steps=down, alpha=0.1)
        yield "join_schedules", {"schedules": [line, arc], "boundaries": [up]}, up + down + 1
        # One is cut off, and another one holds its end.
        yield (
            "join_schedules",
            {"schedules": [line, arc, line], "boundaries": [2 * up, 2 * up + 5]},
            3 * up + 6,
        )
        stays = Made("optax.constant_schedule", value=peak)
        falls = Made("optax.exponential_decay", init_value=peak, transition_steps=9, decay_rate=0.7)
        own = {"schedules": [line, stays, falls, arc], "boundaries": [up, up + 7, up + 27]}
        yield "join_schedules", own, up + 27 + down + 1
    for count in (1, 2, 4):
        cycles = [
            {"init_value": 0.0, "peak_value": draw.rate(), "warmup_steps": draw.randint(1, 9),
             "decay_steps": draw.randint(10, 50), "end_value": 0.001}
            for _ in range(count)
        ]  # fmt: skip
        total = sum(int(cycle["decay_steps"]) for cycle in cycles)
        yield "sgdr_schedule", {"cosine_kwargs": cycles}, total + 1


MOVES = Moves("optax", _drawn)
