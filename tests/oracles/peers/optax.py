"""optax: its schedules, computed in float64."""

from __future__ import annotations

from collections.abc import Iterator

from tests.oracles.peers.case import Case, Draw, System, find, items, steps

# Lengths to begin with; the others are random.
_LENGTHS = [1, 2, 10, 100]


def _cases(draw: Draw) -> Iterator[Case]:
    yield from _polynomials(draw)
    yield from _exponentials(draw)
    yield from _cosines(draw)
    yield from _warmups(draw)
    yield from _warmups_and_exponentials(draw)
    yield from _piecewise(draw)
    yield from _one_cycles(draw)
    yield from _joined(draw)


def _lengths(draw: Draw, count: int) -> Iterator[int]:
    yield from (_LENGTHS[i] if i < len(_LENGTHS) else draw.randint(3, 400) for i in range(count))


def _polynomials(draw: Draw) -> Iterator[Case]:
    rate = draw.rate()
    yield Case("const", "optax.constant_schedule", {"value": rate}, [0, 1, 10, 10**6], rate)
    for length in [0, *_lengths(draw, 7)]:
        first, end, wait = draw.rate(), draw.choice([0.0, draw.rate()]), draw.choice([0, 0, 7])
        yield Case(
            f"const({wait}) >> linear({length}, end = {end})",
            "optax.linear_schedule",
            {
                "init_value": first,
                "end_value": end,
                "transition_steps": length,
                "transition_begin": wait,
            },
            steps(wait + length + 10, wait, wait + length),
            first,
        )
    for length in _lengths(draw, 8):
        first, end, wait = draw.rate(), draw.choice([0.0, draw.rate()]), draw.choice([0, 0, 11])
        power = draw.choice([0.5, 2, draw.factor(0.2, 4)])
        yield Case(
            f"const({wait}) >> poly({length}, end = {end}, power = {power})",
            "optax.polynomial_schedule",
            {
                "init_value": first,
                "end_value": end,
                "power": power,
                "transition_steps": length,
                "transition_begin": wait,
            },
            steps(wait + length + 10, wait, wait + length),
            first,
        )


def _exponentials(draw: Draw) -> Iterator[Case]:
    for i, every in enumerate(_lengths(draw, 12)):
        first, rate, wait = draw.rate(), draw.factor(), draw.choice([0, 0, 7])
        given = {
            "init_value": first,
            "transition_steps": every,
            "decay_rate": rate,
            "transition_begin": wait,
            "staircase": i % 2 == 1,
        }
        text = f"step({every}, {rate})" if i % 2 else f"exponential({rate}, every = {every})"
        if i % 3 == 2:
            given["end_value"] = end = float(f"{first * draw.factor():.3g}")
            text = f"max({text}, {end})"
        yield Case(
            f"const({wait}) >> {text}" if wait else text,
            "optax.exponential_decay",
            given,
            steps(wait + 4 * every + 10, wait, wait + every, wait + 2 * every, wait + 3 * every),
            first,
        )


def _cosines(draw: Draw) -> Iterator[Case]:
    for i, length in enumerate(_lengths(draw, 12)):
        alpha = 0.0 if i % 3 == 0 else draw.factor()
        exponent = draw.choice([0.5, 2.0, draw.factor(0.3, 3)])
        plain = f"cosine({length}, end = base * {alpha})"
        given = {"init_value": draw.rate(), "decay_steps": length, "alpha": alpha}
        yield Case(
            f"cosine_power({length}, end = base * {alpha}, exponent = {exponent})"
            if i % 2
            else plain,
            "optax.cosine_decay_schedule",
            given | ({"exponent": exponent} if i % 2 else {}),
            steps(length + 10, length),
            given["init_value"],
        )


def _warmups(draw: Draw) -> Iterator[Case]:
    for up in _lengths(draw, 5):
        peak = draw.rate()
        first = draw.choice([0.0, draw.rate()])
        yield Case(
            f"warmup({up}, {first}) >> const",
            "optax.warmup_constant_schedule",
            {"init_value": first, "peak_value": peak, "warmup_steps": up},
            steps(up + 10, up),
            peak,
        )
    for i, down in enumerate(_lengths(draw, 10)):
        up, peak = draw.choice([0, 1, 5, draw.randint(2, 60)]), draw.rate()
        first, end = draw.choice([0.0, peak / 4]), draw.choice([0.0, peak / 8])
        exponent = 1.0 if i % 2 else draw.factor(0.3, 3)
        down_text = "cosine({}, {}, {})" if i % 2 else "cosine_power({}, {}, {}, exponent = {})"
        yield Case(
            f"warmup({up}, {first}) >> {down_text.format(down, peak, end, exponent)}",
            "optax.warmup_cosine_decay_schedule",
            {
                "init_value": first,
                "peak_value": peak,
                "warmup_steps": up,
                "decay_steps": up + down,
                "end_value": end,
                "exponent": exponent,
            },
            steps(up + down + 10, up, up + down),
        )


def _warmups_and_exponentials(draw: Draw) -> Iterator[Case]:
    for i, every in enumerate(_lengths(draw, 8)):
        up, peak, rate = draw.choice([0, 1, 5, 40]), draw.rate(), draw.factor()
        first, end = draw.choice([0.0, peak / 4]), peak / 10
        decay = f"step({every}, {rate})" if i % 2 else f"exponential({rate}, every = {every})"
        wait = draw.choice([0, 3])
        yield Case(
            f"warmup({up}, {first}, {peak}) >> const({wait}, {peak}) >> max({decay}, {end})",
            "optax.warmup_exponential_decay_schedule",
            {
                "init_value": first,
                "peak_value": peak,
                "warmup_steps": up,
                "transition_steps": every,
                "decay_rate": rate,
                "transition_begin": wait,
                "staircase": i % 2 == 1,
                "end_value": end,
            },
            steps(up + wait + 4 * every, up, up + wait, up + wait + every, up + wait + 2 * every),
            peak,
        )


def _scaled(first: float, scales: dict[int, float]) -> list[float]:
    """The values between boundaries that multiply them."""
    values = [first]
    for scale in scales.values():
        values.append(values[-1] * scale)
    return values


def _piecewise(draw: Draw) -> Iterator[Case]:
    for i in range(10):
        at = draw.ascending(draw.randint(1, 5), 200)
        scales = {m: 0.1 if i % 2 else draw.factor(0.05, 1.5) for m in at}
        first = draw.rate()
        text = (
            f"multistep({at}, 0.1)" if i % 2 else f"stairs({at}, {items(_scaled(first, scales))})"
        )
        yield Case(
            text,
            "optax.piecewise_constant_schedule",
            {"init_value": first, "boundaries_and_scales": scales},
            steps(220, *at),
            first,
        )
    for i in range(10):
        at = draw.ascending(draw.randint(1, 4), 200)
        scales = {m: draw.choice([0.0, draw.factor(0.05, 1.5)]) for m in at}
        first = draw.rate()
        values, times = _scaled(first, scales), [0, *at]
        parts = [
            f"cosine({b - a}, {values[k]}, {values[k + 1]})"
            for k, (a, b) in enumerate(zip(times, at, strict=False))
        ]
        yield Case(
            " >> ".join(parts) if i % 2 else f"points({times}, {items(values)})",
            "optax.piecewise_interpolate_schedule",
            {
                "interpolate_type": "cosine" if i % 2 else "linear",
                "init_value": first,
                "boundaries_and_scales": scales,
            },
            steps(220, *at),
        )


def _one_cycles(draw: Draw) -> Iterator[Case]:
    for i, length in enumerate([10, 20, 100, *(draw.randint(10, 400) for _ in range(4))]):
        peak, share, late = draw.rate(), draw.factor(0.1, 0.5), draw.factor(0.6, 0.95)
        share, late, div, final = (0.3, 0.85, 25.0, 1e4) if i == 0 else (share, late, 10.0, 100.0)
        a, b = int(share * length), int(late * length)
        given = {
            "transition_steps": length,
            "peak_value": peak,
            "pct_start": share,
            "div_factor": div,
            "final_div_factor": final,
        }
        yield Case(
            f"linear({a}, {peak} / {div}, {peak}) >> linear({b - a}, end = {peak} / {div})"
            f" >> linear({length - b}, end = {peak} / {div} / {final})",
            "optax.linear_onecycle_schedule",
            given | {"pct_final": late},
            steps(length + 10, a, b, length),
        )
        yield Case(
            f"cosine({a}, {peak} / {div}, {peak})"
            f" >> cosine({length - a}, end = {peak} / {div} / {final})",
            "optax.cosine_onecycle_schedule",
            given,
            steps(length + 10, a, length),
        )


def _joined(draw: Draw) -> Iterator[Case]:
    for _ in range(4):
        cycles, parts, starts, total = [], [], [], 0
        for _ in range(draw.randint(1, 4)):
            up, down, peak = draw.randint(1, 10), draw.randint(1, 40), draw.rate()
            cycles.append(
                {
                    "init_value": 0.0,
                    "peak_value": peak,
                    "warmup_steps": up,
                    "decay_steps": up + down,
                    "end_value": peak / 10,
                }
            )
            parts.append(f"warmup({up}) >> cosine({down}, {peak}, {peak / 10})")
            starts.append(total)
            total += up + down
        yield Case(
            " >> ".join(parts),
            "optax.sgdr_schedule",
            {"cosine_kwargs": cycles},
            steps(total + 10, *starts, total),
        )


def _rates(case: Case) -> list[float]:
    # Without it jax computes in float32, which leaves seven digits to compare.
    find("jax.config").update("jax_enable_x64", True)
    schedule = find(case.call)(**case.arguments)
    return [float(schedule(t)) for t in case.steps]


SYSTEM = System("optax", "{}(**arguments)(step), in float64", _cases, _rates)
