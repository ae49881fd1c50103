"""timm (PyTorch Image Models): the schedulers of ``timm.scheduler``.

Importing ``timm`` loads its models, and with them torchvision, which has no build for every torch.
Its schedulers need torch alone, so they are loaded as they are, without the package around them.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import torch
from torch.optim import SGD

from tests.oracles.peers.case import Case, Draw, System, find, steps

_MODULE = "timm.scheduler."


def _lengths(draw: Draw, count: int) -> Iterator[int]:
    corners = [1, 2, 7, 100]
    yield from (corners[i] if i < len(corners) else draw.randint(3, 300) for i in range(count))


def _warmup(draw: Draw) -> tuple[int, str, dict[str, Any]]:
    """Length of a warm-up or 0, its text, and its arguments."""
    up, first = draw.choice([0, 1, 5, draw.randint(2, 40)]), draw.choice([0.0, 1e-6, 1e-3])
    if not up:
        return 0, "", {}
    given = {"warmup_t": up, "warmup_lr_init": first, "warmup_prefix": True}
    return up, f"warmup({up}, {first}, base) >> ", given


def _cases(draw: Draw) -> Iterator[Case]:
    yield from _one_cycle(draw)
    yield from _cycles(draw)
    yield from _steps(draw)
    yield from _stable(draw)
    yield from _stable_that_decays(draw)
    yield from _entered(draw)


def _one_cycle(draw: Draw) -> Iterator[Case]:
    for i, length in enumerate(_lengths(draw, 24)):
        up, warmup, given = _warmup(draw)
        end = draw.choice([0.0, draw.rate(1e-6, 1e-3)])
        k, power = draw.choice([0.5, 1.5, 2.0, 3.0]), draw.choice([0.5, 0.9, 1.0, 2.0])
        low, high = draw.choice([(-7.0, 3.0), (-6.0, 3.0), (-4.0, 4.0)])
        call, text, more = [
            ("CosineLRScheduler", f"cosine({length}, end = {end})", {}),
            ("CosineLRScheduler", f"kdecay_cosine({length}, end = {end}, k = {k})", {"k_decay": k}),
            ("PolyLRScheduler", f"poly({length}, end = {end}, power = {power})", {"power": power}),
            ("TanhLRScheduler", f"tanh_decay({length}, end = {end}, low = {low}, high = {high})",
             {"lb": low, "ub": high}),
        ][i % 4]  # fmt: skip
        yield Case(
            f"{warmup}{text}",
            f"{_MODULE}{call}",
            {"t_initial": length, "lr_min": end, **more, **given},
            steps(up + length + 10, up, up + length),
            draw.rate(0.01, 1),
        )


def _cycles(draw: Draw) -> Iterator[Case]:
    # The last of these ends exactly at a step in each of its cycles.
    fixed = [(10, 3, 7), (1, 2, 7), (10, 2, 6), (50, 1, 4), (64, 1.5, 5)]
    for i in range(14):
        first, mult, times = fixed[i] if i < 5 else (draw.randint(2, 30), i % 3 + 1, i % 4 + 1)
        up, warmup, given = _warmup(draw)
        end, decay, base = draw.choice([0.0, 1e-4]), draw.factor(0.3, 1), draw.rate(0.01, 1)
        starts = [int(up + first * sum(mult**j for j in range(k))) for k in range(times + 1)]
        yield Case(
            f"{warmup}restarts({first}, {mult}, end = {end}, decay = {decay}, times = {times})",
            f"{_MODULE}CosineLRScheduler",
            {
                "t_initial": first,
                "lr_min": end,
                "cycle_mul": float(mult),
                "cycle_decay": decay,
                "cycle_limit": times,
                **given,
            },
            steps(starts[-1] + 10, *starts),
            base,
            restarts={t: base * decay**k for k, t in enumerate(starts[:-1]) if k},
        )


def _steps(draw: Draw) -> Iterator[Case]:
    for every in _lengths(draw, 7):
        up, warmup, given = _warmup(draw)
        rate = draw.factor()
        yield Case(
            f"{warmup}step({every}, {rate})",
            f"{_MODULE}StepLRScheduler",
            {"decay_t": every, "decay_rate": rate, **given},
            steps(up + 3 * every + 5, up, up + every, up + 2 * every),
            draw.rate(),
        )
    for count in [1, 1, 2, 3, 5, 8]:
        at = [t + 1 for t in draw.ascending(count, 200)]
        rate = draw.factor()
        yield Case(
            # Its milestones come one step early, and are meant to.
            f"multistep({[t - 1 for t in at]}, {rate})",
            f"{_MODULE}MultiStepLRScheduler",
            {"decay_t": at, "decay_rate": rate},
            steps(220, *at),
            draw.rate(),
        )


# Its cooldowns, with the ease that lrdsl has for them.
_DECAYS: list[tuple[dict[str, Any], str]] = [
    ({"decay_fn": "1-sqrt"}, "one_minus_sqrt"),
    ({"decay_fn": "linear"}, "straight"),
    ({"decay_fn": "cosine"}, "half_cosine"),
    ({"decay_fn": "exp", "decay_ratio": 0.5}, "exponential_ease"),
    ({"decay_fn": "power", "decay_power": 0.5}, "one_minus_sqrt"),
]


def _stable(draw: Draw) -> Iterator[Case]:
    for i in range(12):
        up, stable, down = draw.choice([0, 1, 20]), draw.choice([0, 1, 30]), draw.randint(1, 60)
        more, ease = _DECAYS[i % 5]
        end, first = draw.choice([0.0, 1e-4]), draw.choice([0.0, 1e-3])
        yield Case(
            f"wsd({up}, {down}, end = {end}, start = {first}, decay_ease = {ease})",
            f"{_MODULE}WSDLRScheduler",
            {
                "t_initial": stable + down,
                "decay_t": down,
                "lr_min": end,
                "warmup_t": up,
                "warmup_lr_init": first,
                **more,
            },
            steps(up + stable + down + 10, up, up + stable, up + stable + down),
            draw.rate(0.01, 1),
            run={"total": up + stable + down},
        )


def _stable_that_decays(draw: Draw) -> Iterator[Case]:
    """The reciprocal square root, or another power, times a cooldown."""
    for i in range(8):
        up, stable, down = draw.randint(1, 20), draw.randint(0, 90), draw.randint(1, 60)
        more, ease = _DECAYS[i % 5]
        scale, power = draw.choice([up, 3, 50]), draw.factor(0.2, 0.9)
        body = f"power_law({scale}, -{power}" if i % 2 else f"inverse_sqrt({scale}"
        yield Case(
            f"warmup({up}, end = base) >> {body}, length = {stable + down})"
            f" * (const({stable}, 1) >> cooldown({down}, 1, ease = {ease}))",
            f"{_MODULE}WSDLRScheduler",
            {
                "t_initial": stable + down,
                "decay_t": down,
                "warmup_t": up,
                "stable_fn": "power" if i % 2 else "rsqrt",
                "stable_timescale": scale,
                "stable_power": power,
                **more,
            },
            steps(up + stable + down + 10, up, up + stable, up + stable + down),
            draw.rate(),
        )


def _entered(draw: Draw) -> Iterator[Case]:
    """Its default: a schedule begins with the run, and is entered after the warm-up."""
    for up, length in [(5, 300), (20, 90), (1, 10), (3, 4), (draw.randint(2, 20), 100)]:
        first, end = draw.choice([0.0, 1e-6, 1e-5]), draw.choice([0.0, 1e-5])
        for call, peak, text in [
            ("CosineLRScheduler", "base", f"cosine({length}, base, {end})"),
            ("PolyLRScheduler", "base", f"poly({length}, base, {end}, power = 0.5)"),
            # Its warm-up alone leads to where the schedule has come by then.
            (
                "TanhLRScheduler",
                "next",
                f"tanh_decay({length}, base, {end}, low = -7.0, high = 3.0)",
            ),
        ]:
            yield Case(
                f"warmup({up}, {first}, {peak}) >> skip({up}, {text})",
                f"{_MODULE}{call}",
                {"t_initial": length, "lr_min": end, "warmup_t": up, "warmup_lr_init": first},
                steps(length + 10, up, length),
                draw.rate(0.01, 1),
            )


def load() -> None:
    """Makes the schedulers importable without the package around them."""
    if "timm" not in sys.modules:
        spec = find_spec("timm")
        assert spec is not None and spec.submodule_search_locations is not None
        package = ModuleType("timm")
        package.__path__ = list(spec.submodule_search_locations)
        sys.modules["timm"] = package
        # It warns that a cycle of one step has no effect; that is the corner case.
        logging.getLogger("timm").setLevel(logging.ERROR)


def _rates(case: Case) -> list[float]:
    load()
    optimizer = SGD([torch.nn.Parameter(torch.zeros(1))], lr=case.base)
    scheduler = find(case.call)(optimizer, **case.arguments)
    found = []
    for t in case.steps:
        scheduler.step(t)
        found.append(float(optimizer.param_groups[0]["lr"]))
    return found


SYSTEM = System("timm", "{}(optimizer, **arguments).step(step)", _cases, _rates)
