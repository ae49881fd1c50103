"""Hugging Face transformers: the schedules of ``transformers.optimization``."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from tests.oracles.peers.case import Case, Draw, System, find, steps
from tests.oracles.torch_rates import torch_rates

_MODULE = "transformers.optimization.get_"
# The eases of its warm-up and decay, and what lrdsl calls them.
_EASES = {"linear": "straight", "cosine": "half_cosine", "1-sqrt": "one_minus_sqrt"}


def _runs(draw: Draw, count: int) -> Iterator[tuple[int, int, int]]:
    """Lengths of warm-up, of what follows, and of the run: the corners, then random ones."""
    corners = [(0, 1), (0, 20), (1, 1), (1, 9), (5, 20)]
    for i in range(count):
        up, down = corners[i] if i < len(corners) else (draw.randint(2, 60), draw.randint(2, 400))
        yield up, down, up + down


def _cases(draw: Draw) -> Iterator[Case]:
    yield from _without_decay(draw)
    yield from _to_an_end(draw)
    yield from _cosines(draw)
    yield from _restarts(draw)
    yield from _first_update_above_zero(draw)
    yield from _stable(draw)


def _without_decay(draw: Draw) -> Iterator[Case]:
    yield Case("const", f"{_MODULE}constant_schedule", {}, [0, 1, 10, 500], draw.rate())
    for up in [0, 1, 2, 5, draw.randint(20, 300)]:
        yield Case(
            f"warmup({up}) >> const",
            f"{_MODULE}constant_schedule_with_warmup",
            {"num_warmup_steps": up},
            steps(up + 20, up),
            draw.rate(),
        )
    for up, scale in [(0, None), (4, None), (1, 1), (10, 3), (draw.randint(20, 200), None),
                      (draw.randint(0, 50), draw.randint(1, 3000))]:  # fmt: skip
        given = {"num_warmup_steps": up} | ({} if scale is None else {"timescale": scale})
        yield Case(
            f"warmup({up}) >> inverse_sqrt({scale or up or 10_000})",
            f"{_MODULE}inverse_sqrt_schedule",
            given,
            steps(up + 300, up, up + 50),
            draw.rate(),
        )


def _to_an_end(draw: Draw) -> Iterator[Case]:
    for up, down, total in _runs(draw, 9):
        yield Case(
            f"warmup({up}) >> linear({down})",
            f"{_MODULE}linear_schedule_with_warmup",
            {"num_warmup_steps": up, "num_training_steps": total},
            steps(total + 10, up, total),
            draw.rate(),
        )
    # The warm-up takes the whole run; behind it the rate is 0.
    yield Case(
        "warmup(12, end = base) >> const(value = 0)",
        f"{_MODULE}linear_schedule_with_warmup",
        {"num_warmup_steps": 12, "num_training_steps": 12},
        steps(20, 12),
        draw.rate(),
    )
    for i, (up, down, total) in enumerate(_runs(draw, 10)):
        end, power = draw.rate(1e-7, 1e-4), draw.choice([0.5, 2.0, draw.factor(0.2, 4)])
        end, power = [(0.0, 1.0), (1e-7, 1.0)][i] if i < 2 else (end, power)
        yield Case(
            f"warmup({up}) >> poly({down}, end = {end}, power = {power})",
            f"{_MODULE}polynomial_decay_schedule_with_warmup",
            {
                "num_warmup_steps": up,
                "num_training_steps": total,
                "lr_end": end,
                "power": power,
            },
            steps(total + 10, up, total),
            draw.rate(),
        )


def _cosines(draw: Draw) -> Iterator[Case]:
    """Behind the end of the run these rise again, so they are compared up to it."""
    for up, down, total in _runs(draw, 9):
        given = {"num_warmup_steps": up, "num_training_steps": total}
        call = f"{_MODULE}cosine_schedule_with_warmup"
        yield Case(f"warmup({up}) >> cosine({down})", call, given, steps(total, up), draw.rate())
    for up, down, total in _runs(draw, 10):
        waves = draw.choice([1.0, 1.5, 2.0, 2.5, draw.factor(0.1, 4)])
        yield Case(
            f"warmup({up}) >> cosine_waves({down}, cycles = {waves})",
            f"{_MODULE}cosine_schedule_with_warmup",
            {"num_warmup_steps": up, "num_training_steps": total, "num_cycles": waves},
            steps(total, up),
            draw.rate(),
        )
    for i, (up, down, total) in enumerate(_runs(draw, 10)):
        base, share = draw.rate(), draw.factor(0.01, 0.5)
        absolute = float(f"{base * share:.3g}")
        given = {"num_warmup_steps": up, "num_training_steps": total}
        low = {"min_lr": absolute} if i % 2 else {"min_lr_rate": share}
        end = f"{absolute}" if i % 2 else f"base * {share}"
        yield Case(
            f"warmup({up}) >> cosine({down}, end = {end})",
            f"{_MODULE}cosine_with_min_lr_schedule_with_warmup",
            given | low,
            steps(total, up),
            base,
        )


def _restarts(draw: Draw) -> Iterator[Case]:
    for i, (up, down, total) in enumerate(_runs(draw, 12)):
        # 49 times the double nearest to 1 / 49 is below 1, and so are more of this cycle's kind.
        cycles = [1, 2, 1, 3, 2, 3][i] if i < 6 else 49 if i == 11 else draw.randint(2, 7)
        down, total = (98, up + 98) if i == 11 else (down, total)
        down, total = (down - down % cycles, total - down % cycles) if i > 8 else (down, total)
        base = draw.rate()
        jumps = [up + k * down // cycles for k in range(1, cycles) if k * down % cycles == 0]
        yield Case(
            f"warmup({up}) >> cosine_restarts({down}, cycles = {cycles})",
            f"{_MODULE}cosine_with_hard_restarts_schedule_with_warmup",
            {"num_warmup_steps": up, "num_training_steps": total, "num_cycles": cycles},
            steps(total + 10, up, *jumps, total),
            base,
            restarts=dict.fromkeys(jumps, base),
        )


def _first_update_above_zero(draw: Draw) -> Iterator[Case]:
    """Its warm-up starts at one part of n and is over at update n - 1, its cosine one earlier."""
    for i, (up, down, total) in enumerate(_runs(draw, 10)):
        if up < 2:
            continue
        share, low = draw.factor(0.01, 0.5), draw.factor(0.01, 0.5)
        start = f"base / {up}" if i % 2 else f"base * {share}"
        given = {"num_warmup_steps": up, "num_training_steps": total, "min_lr_rate": low}
        yield Case(
            f"warmup({up - 1}, {start}) >> cosine({down}, end = base * {low})",
            f"{_MODULE}cosine_with_min_lr_schedule_with_warmup_lr_rate",
            given | ({} if i % 2 else {"warmup_lr_rate": share}),
            steps(total - 1, up),
            draw.rate(),
        )


def _stable(draw: Draw) -> Iterator[Case]:
    corners = [(0, 5, 9), (3, 4, 12), (4, 6, 10), (1, 1, 3)]
    for i in range(18):
        up, down = draw.randint(1, 40), draw.randint(1, 90)
        up, down, total = corners[i] if i < 4 else (up, down, up + down + draw.randint(0, 200))
        low = 0 if i % 3 == 0 else draw.factor(0.01, 0.5)
        rise, fall = list(_EASES)[i % 3], list(_EASES)[i // 3 % 3]
        eases = f"warmup_ease = {_EASES[rise]}, decay_ease = {_EASES[fall]}"
        low_text = f"start = base * {low}, end = base * {low}, " if low else ""
        yield Case(
            f"wsd({up}, {down}, {low_text}{eases})",
            f"{_MODULE}wsd_schedule",
            {
                "num_warmup_steps": up,
                "num_decay_steps": down,
                "num_training_steps": total,
                "warmup_type": rise,
                "decay_type": fall,
                "min_lr_ratio": low,
            },
            steps(total + 10, up, total - down, total),
            draw.rate(),
            run={"total": total},
        )


def _rates(case: Case) -> list[float]:
    rates = torch_rates(partial(find(case.call), **case.arguments), case.steps[-1] + 1, case.base)
    return [rates[t] for t in case.steps]


SYSTEM = System("transformers", "{}(optimizer, **arguments), stepped", _cases, _rates)
