"""Every scheduler of torch that computes a curve, with random arguments, and run for real."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from torch.optim import lr_scheduler as torch_lr

from tests.oracles.curve import Curve
from tests.oracles.peers.case import Draw
from tests.oracles.torch_rates import torch_rates


def curves() -> list[Curve]:
    """All of them; the same in every process."""
    draw = Draw("torch")
    found: list[Curve] = []
    for make in (_steps, _exponentials, _lines, _cosines, _restarts, _cyclic, _one_cycles):
        for text, cls, given, last, base, held in make(draw):
            wanted = partial(torch_rates, partial(cls, **given), last + 1, base)
            name = f"torch:{cls.__name__}:{len(found)}"
            found.append(Curve(name, text, list(range(last + 1)), wanted, base, held=held))
    return found


# A program, the class, its arguments, the last step of its domain, and the optimizer's rate; then
# whether lrdsl holds the value at that step where torch does something else.
_Cases = Iterator[tuple[str, Any, dict[str, Any], int, float, bool]]


def _lengths(draw: Draw, count: int) -> Iterator[int]:
    corners = [1, 2, 3, 10, 1000]
    yield from (corners[i] if i < len(corners) else draw.randint(2, 300) for i in range(count))


def _steps(draw: Draw) -> _Cases:
    for i, every in enumerate(_lengths(draw, 10)):
        gamma = [0.1, 0.0, 1.0, 1.1][i] if i < 4 else draw.factor()
        last = min(5 * every + 3, 1200)
        given: dict[str, Any] = {"step_size": every, "gamma": gamma}
        text = f"step({every}, {gamma}{', length = 300' if gamma > 1 else ''})"
        yield text, torch_lr.StepLR, given, last, draw.rate(), False
    for i, count in enumerate([0, 1, 1, 2, 3, 5, 8, 13]):
        at = sorted([*draw.ascending(count, 200), *([0, 5, 5, 5] if i > 4 else [])])
        gamma = [0.1, 0.0, 1.0][i] if i < 3 else draw.factor()
        given = {"milestones": at, "gamma": gamma}
        yield f"multistep({at}, {gamma})", torch_lr.MultiStepLR, given, 220, draw.rate(), False


def _exponentials(draw: Draw) -> _Cases:
    for gamma in [0.9, 1.0, 1.01, 0.5, 0.999, draw.factor(), draw.factor(0.9, 1.02)]:
        # What grows for ever is no rate: it has to end.
        text = f"exponential({gamma}{', length = 900' if gamma > 1 else ''})"
        yield text, torch_lr.ExponentialLR, {"gamma": gamma}, 800, draw.rate(), False


def _lines(draw: Draw) -> _Cases:
    for i, length in enumerate(_lengths(draw, 8)):
        factor = [1 / 3, 1.0][i] if i < 2 else draw.factor()
        text = f"const({length}, base * {factor}) >> const(value = base)"
        given = {"factor": factor, "total_iters": length}
        yield text, torch_lr.ConstantLR, given, length + 20, draw.rate(), False
    for i, length in enumerate(_lengths(draw, 10)):
        start, end = [(1 / 3, 1.0), (1.0, 0.0), (0.5, 0.5)][i] if i < 3 else (
            draw.factor(), draw.choice([0.0, 1.0, draw.factor()])
        )  # fmt: skip
        text = f"linear({length}, base * {start}, base * {end})"
        given = {"start_factor": start, "end_factor": end, "total_iters": length}
        yield text, torch_lr.LinearLR, given, length + 20, draw.rate(), False
    for i, length in enumerate(_lengths(draw, 10)):
        power = [1.0, 2.0, 0.5][i] if i < 3 else draw.factor(0.2, 4)
        text = f"poly({length}, power = {power})"
        given = {"total_iters": length, "power": power}
        yield text, torch_lr.PolynomialLR, given, length + 20, draw.rate(), False


def _cosines(draw: Draw) -> _Cases:
    """CosineAnnealingLR rises again behind its end."""
    for i, length in enumerate(_lengths(draw, 12)):
        base = draw.rate()
        end = [0.0, base, 2 * base][i % 3] if i < 3 else draw.choice([0.0, draw.rate(1e-5, 0.1)])
        given = {"T_max": length, "eta_min": end}
        yield (
            f"cosine({length}, end = {end})",
            torch_lr.CosineAnnealingLR,
            given,
            length,
            base,
            True,
        )


def _restarts(draw: Draw) -> _Cases:
    for i, first in enumerate([1, 2, 10, 10, 10, *(draw.randint(1, 60) for _ in range(7))]):
        mult, end = i % 3 + 1, draw.choice([0.0, draw.rate(1e-5, 1e-3)])
        cls = torch_lr.CosineAnnealingWarmRestarts
        given = {"T_0": first, "T_mult": mult, "eta_min": end}
        text = f"restarts({first}, {mult}, end = {end})"
        yield text, cls, given, 1500, draw.rate(0.01, 1), False
        if i < 3:
            text = f"repeat(cosine({first}, end = {end}), stretch = {mult})"
            yield text, cls, given, 300, draw.rate(0.01, 1), False


def _cyclic(draw: Draw) -> _Cases:
    """CyclicLR takes no notice of the optimizer's rate."""
    for i in range(24):
        up, down = [(1, 1), (4, 6), (7, 2)][i] if i < 3 else (draw.randint(1, 60), None)
        down = (up if i % 2 else draw.randint(1, 60)) if down is None else down
        low, high, gamma = draw.rate(1e-4, 1e-2), draw.rate(0.1, 1), draw.factor(0.9, 1)
        mode = ["triangular", "triangular2", "exp_range"][i % 3]
        given = {
            "base_lr": low,
            "max_lr": high,
            "step_size_up": up,
            "step_size_down": down,
            "mode": mode,
            "gamma": gamma,
            "cycle_momentum": False,
        }
        more = f", {gamma}" if mode == "exp_range" else ""
        more += "" if up == down else f", down = {down}"
        text = f"{mode}({up}, {low}, {high}{more})"
        yield text, torch_lr.CyclicLR, given, 5 * (up + down) + 3, low, False


def _one_cycles(draw: Draw) -> _Cases:
    """OneCycleLR cannot be asked behind its end."""
    # Among them a rise that is over before the first step, and runs of hardly any steps.
    shares = {
        20: 0.3,
        10: 0.0,
        100: 0.25,
        7: 0.4,
        1000: 0.3,
        33: 0.5,
        1: 0.3,
        2: 0.3,
        3: 0.3,
        37: 0.02,
    }
    for i in range(40):
        total = list(shares)[i] if i < len(shares) else draw.randint(11, 400)
        phases = 3 if i % 4 > 1 else 2
        share = shares.get(total, draw.factor(0.1, 0.5 if phases == 3 else 0.95))
        if share * total == 1:
            continue  # torch divides by zero
        div, final = draw.choice([25.0, 10.0, 1.0]), draw.choice([1e4, 100.0])
        anneal, ease = [("cos", "half_cosine"), ("linear", "straight")][i % 2]
        peak = draw.rate(0.01, 1)
        given = {
            "max_lr": peak,
            "total_steps": total,
            "pct_start": share,
            "anneal_strategy": anneal,
            "cycle_momentum": False,
            "div_factor": div,
            "final_div_factor": final,
            "three_phase": phases == 3,
        }
        three = ", three_phase = true" if phases == 3 else ""
        text = f"onecycle({total}, {peak}, {share}, {div}, {final}, anneal = {ease}{three})"
        yield text, torch_lr.OneCycleLR, given, total - 1, 0.5, True
