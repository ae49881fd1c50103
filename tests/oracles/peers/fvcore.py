"""fvcore: the parameter schedulers that Detectron2 uses, asked at the share of the run t / T."""

from __future__ import annotations

from collections.abc import Iterator

from tests.oracles.peers.case import Case, Draw, Made, System, build, find, items, steps

_MODULE = "fvcore.common.param_scheduler."


def _lengths(draw: Draw, count: int) -> Iterator[int]:
    corners = [1, 2, 10, 90]
    yield from (corners[i] if i < len(corners) else draw.randint(3, 300) for i in range(count))


def _cases(draw: Draw) -> Iterator[Case]:
    yield from _smooth(draw)
    yield from _stairs(draw)
    yield from _sequences(draw)


def _smooth(draw: Draw) -> Iterator[Case]:
    for i, length in enumerate(_lengths(draw, 25)):
        first, end = draw.rate(), draw.choice([0.0, draw.rate()])
        share, power = draw.factor(0.01, 2), draw.choice([0.5, 0.9, 1.0, 2.0])
        call, text, given = [
            ("Cosine", f"cosine({length}, {first}, {end})",
             {"start_value": first, "end_value": end}),
            ("Linear", f"linear({length}, {first}, {end})",
             {"start_value": first, "end_value": end}),
            ("Exponential", f"exponential({share}, every = {length}, start = {first})",
             {"start_value": first, "decay": share}),
            ("Exponential", f"geometric({length}, {first}, {first} * {share})",
             {"start_value": first, "decay": share}),
            ("PolynomialDecay", f"poly({length}, {first}, power = {power})",
             {"base_value": first, "power": power}),
        ][i % 5]  # fmt: skip
        yield Case(text, f"{_MODULE}{call}ParamScheduler", given, steps(length), run=_run(length))


def _run(length: int) -> dict[str, int]:
    """It is told of the length of the run only through the share of it that has passed."""
    return {"total": length}


def _stairs(draw: Draw) -> Iterator[Case]:
    for count in [1, 2, 2, 3, 5, 7]:
        length = draw.randint(50, 300)
        at = draw.ascending(count, length)
        values = [draw.rate() for _ in range(count + 1)]
        yield Case(
            f"stairs({at}, {items(values)})",
            f"{_MODULE}MultiStepParamScheduler",
            {"values": values, "milestones": at, "num_updates": length},
            steps(length - 1, *at),
            run=_run(length),
        )
    for count in [2, 3, 5, 8]:
        length = draw.randint(50, 300)
        at = [-(-k * length // count) for k in range(1, count)]
        values = [draw.rate() for _ in range(count)]
        yield Case(
            f"stairs({at}, {items(values)})",
            f"{_MODULE}StepParamScheduler",
            {"values": values, "num_updates": length},
            steps(length - 1, *at),
            run=_run(length),
        )
    for count in [1, 2, 3, 5]:
        every, first, gamma = draw.randint(1, 50), draw.rate(), draw.factor()
        length = every * (count + 1)
        yield Case(
            f"step({every}, {gamma}, start = {first})",
            f"{_MODULE}StepWithFixedGammaParamScheduler",
            {"base_value": first, "num_decays": count, "gamma": gamma, "num_updates": length},
            steps(length - 1, *(every * k for k in range(1, count + 1))),
            run=_run(length),
        )


def _sequences(draw: Draw) -> Iterator[Case]:
    for _ in range(6):
        length, share = 100 * draw.randint(1, 4), draw.factor(0.1, 0.5)
        peak, end = draw.rate(), draw.choice([0.0, draw.rate()])
        rise = Made(f"{_MODULE}LinearParamScheduler", start_value=0.0, end_value=peak)
        fall = Made(f"{_MODULE}CosineParamScheduler", start_value=peak, end_value=end)
        up = round(share * length)
        yield Case(
            f"warmup({share * 100:g}%) >> cosine(rest, {peak}, {end})",
            f"{_MODULE}CompositeParamScheduler",
            {
                "schedulers": [rise, fall],
                "lengths": [share, 1 - share],
                "interval_scaling": ["rescaled", "rescaled"],
            },
            steps(length - 1, up),
            run=_run(length),
        )


def _rates(case: Case) -> list[float]:
    schedule = find(case.call)(**{n: build(v) for n, v in case.arguments.items()})
    return [float(schedule(t / case.run["total"])) for t in case.steps]


SYSTEM = System("fvcore", "{}(**arguments)(step / total)", _cases, _rates)
