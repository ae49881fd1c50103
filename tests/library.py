"""The parts of the shape library, and arguments for each of them, drawn by parameter."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hypothesis import strategies as st

from lrdsl.check import library
from lrdsl.check.signatures import signature
from lrdsl.text.nodes import Definition


def names_elsewhere(definition: Definition) -> list[str]:
    """What other systems call a definition, each name once."""
    others = library.notes(definition).elsewhere
    return list(dict.fromkeys(name for other in others for name in other.names))


def makes_a_part(definition: Definition) -> bool:
    """Whether a definition of the library is a schedule: no ease, helper or combinator.

    What a metric drives is compared with torch in `tests/frameworks/torch/test_metrics.py`.
    """
    if definition.name in library.sections()["driven by a metric"]:
        return False
    lengths = {"steps", "[steps]"}
    return definition.keyword == "shape" or (
        not library.is_native(definition) and any(p.kind in lengths for p in definition.parameters)
    )


DEFINITIONS = {name: found for name in library.names() if (found := library.find(name))}
PARTS = [name for name, definition in DEFINITIONS.items() if makes_a_part(definition)]
EASES = [
    name
    for name, definition in DEFINITIONS.items()
    if [p.name for p in definition.parameters] == ["u"]
]


def parameters(name: str) -> list[str]:
    """The names of the parameters of a part."""
    return [parameter.name for parameter in signature(DEFINITIONS[name])]


def guards(name: str) -> list[str]:
    """The conditions of a definition, as it words them."""
    return [" ".join(guard.span.text.split()) for guard in DEFINITIONS[name].guards]


@dataclass(frozen=True)
class Called:
    """A call of a part: its text, and the numbers that were drawn for its parameters."""

    text: str
    numbers: dict[str, float]


def _decimals(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_subnormal=False).map(lambda x: float(f"{x:.6g}"))


lengths = st.integers(1, 60)
rates = st.just(0.0) | _decimals(1e-12, 1e3)
above_zero = _decimals(1e-6, 1e3)
eases = st.sampled_from(EASES)
# What a parameter may be, wherever it occurs; `part.parameter` goes before `parameter`.
ARGUMENTS: dict[str, st.SearchStrategy[float | str]] = {
    "length": lengths,
    "start": rates,
    "end": rates,
    "value": rates,
    "peak": rates,
    "low": rates,
    "high": rates,
    "ease": eases,
    "warmup_ease": eases,
    "decay_ease": eases,
    "anneal": eases,
    "power": _decimals(0.01, 20),
    "exponent": _decimals(0.01, 20),
    "k": _decimals(0.01, 20),
    "cycles": _decimals(0.01, 20),
    "periods": _decimals(0.01, 20),
    "alpha": _decimals(0, 2),
    "beta": _decimals(0, 0.999),
    "gamma": _decimals(0.01, 1.5),
    "rate": _decimals(0, 5),
    "every": lengths,
    "offset": st.integers(0, 20),
    "timescale": lengths,
    "mult": st.sampled_from([1, 2, 3, 1.5]),
    "decay": _decimals(0, 1.5),
    "times": st.integers(1, 4),
    "up": lengths,
    "down": lengths,
    "stable": st.integers(0, 60),
    "hold": st.integers(0, 60),
    "warmup": lengths,
    "pct_start": _decimals(0, 0.5),
    "div": _decimals(0.5, 100),
    "final_div": _decimals(0.5, 1e6),
    "three_phase": st.sampled_from(["true", "false"]),
    "d_model": st.integers(1, 10_000),
    "factor": _decimals(0, 10),
    "init_scale": _decimals(0, 1),
    "final_scale": _decimals(1e-6, 1),
    "cut": _decimals(0.01, 0.99),
    "ratio": _decimals(1, 100),
    "geometric.start": above_zero,
    "geometric.end": above_zero,
    "tanh_decay.low": _decimals(-20, 0),
    "tanh_decay.high": _decimals(0.1, 20),
    "power_law.exponent": _decimals(-3, 1),
    # Four cycles of these, the last 27 times as long as the first.
    "restarts.length": st.integers(1, 15),
    "cosine_restarts.cycles": st.integers(1, 9),
    "exp_range.gamma": _decimals(0.5, 1),
    "wsd.decay": lengths,
    "wsds.decay": lengths,
    "tri_stage.decay": lengths,
}


def _list(values: list[float] | list[int]) -> str:
    return f"[{', '.join(map(repr, values))}]"


@st.composite
def _points(draw: st.DrawFn, *, more: int) -> tuple[str, str]:
    """Some steps in order, and values: as many, or one more."""
    steps = sorted(draw(st.lists(st.integers(0, 60), min_size=2, max_size=6, unique=True)))
    values = draw(st.lists(rates, min_size=len(steps) + more, max_size=len(steps) + more))
    return _list(steps), _list(values)


@st.composite
def calls(draw: st.DrawFn, name: str) -> Called:
    """A call of a part with legal arguments, every parameter given by name.

    A parameter without a strategy is an error: a new one needs a line in ``ARGUMENTS``.
    """
    lists: dict[str, str] = {}
    wanted = parameters(name)
    if "values" in wanted:
        first = "milestones" if "milestones" in wanted else "times"
        steps, values = draw(_points(more=1 if first == "milestones" else 0))
        lists = {first: steps, "values": values}
    elif "milestones" in wanted:
        lists = {"milestones": draw(_points(more=0))[0]}
    given = {
        p: lists[p] if p in lists else draw(ARGUMENTS.get(f"{name}.{p}", ARGUMENTS[p]))
        for p in wanted
    }
    numbers = {p: float(v) for p, v in given.items() if isinstance(v, int | float)}
    return Called(f"{name}({', '.join(f'{p} = {v}' for p, v in given.items())})", numbers)


# A call of a part that breaks a guard: what is wrong in it, in the words of the definition.
REFUSED: dict[str, dict[str, str]] = {
    "poly": {"power > 0": "poly(9, power = 0)"},
    "cosine_power": {"exponent > 0": "cosine_power(9, exponent = -1)"},
    "kdecay_cosine": {"k > 0": "kdecay_cosine(9, k = 0)"},
    "cosine_waves": {"cycles > 0": "cosine_waves(9, cycles = 0)"},
    "cosine_restarts": {
        "cycles >= 1": "cosine_restarts(9, cycles = 0)",
        "cycles == floor(cycles)": "cosine_restarts(9, cycles = 1.5)",
    },
    "geometric": {
        "start > 0": "geometric(9, 0, 1)",
        "end > 0": "geometric(9, 1, 0)",
    },
    "tanh_decay": {"low < high": "tanh_decay(9, low = 3, high = 3)"},
    "rex": {"beta >= 0": "rex(9, beta = -0.1)", "beta < 1": "rex(9, beta = 1)"},
    "linear_cosine": {"periods > 0": "linear_cosine(9, periods = 0)"},
    "exponential": {
        "gamma > 0": "exponential(0)",
        "every > 0": "exponential(0.9, every = 0)",
    },
    "natural_exponential": {"every > 0": "natural_exponential(0.1, every = 0)"},
    "inverse_time": {
        "rate >= 0": "inverse_time(-0.1)",
        "every > 0": "inverse_time(0.1, every = 0)",
    },
    "inverse_sqrt": {"timescale > 0": "inverse_sqrt(0)"},
    "power_law": {"timescale > 0": "power_law(0)"},
    "step": {"every > 0": "step(0)", "gamma >= 0": "step(3, -0.1)"},
    "multistep": {
        "ascending(milestones)": "multistep([5, 3])",
        "gamma >= 0": "multistep([3, 5], -0.1)",
    },
    "stairs": {
        "ascending(milestones)": "stairs([5, 3], [1, 2, 3])",
        "count(values) == count(milestones) + 1": "stairs([3, 5], [1, 2])",
    },
    "points": {
        "ascending(times)": "points([0, 5, 3], [1, 2, 3])",
        "count(times) == count(values)": "points([0, 5], [1, 2, 3])",
    },
    "restarts": {
        "mult > 0": "restarts(9, 0)",
        "decay >= 0": "restarts(9, decay = -1)",
    },
    "exp_range": {"gamma > 0": "exp_range(4, 0.1, 1, 0)"},
    "onecycle": {
        "pct_start >= 0": "onecycle(9, pct_start = -0.1)",
        "pct_start <= if(three_phase, 0.5, 1)": "onecycle(9, pct_start = 0.6, three_phase = true)",
        "div > 0": "onecycle(9, div = 0)",
        "final_div > 0": "onecycle(9, final_div = 0)",
    },
    "noam": {"warmup > 0": "noam(0)", "d_model > 0": "noam(4, d_model = 0)"},
    "tri_stage": {
        "init_scale >= 0": "tri_stage(3, 4, 5, init_scale = -1)",
        "final_scale > 0": "tri_stage(3, 4, 5, final_scale = 0)",
    },
    "slanted_triangular": {
        "cut > 0": "slanted_triangular(9, cut = 0)",
        "cut < 1": "slanted_triangular(9, cut = 1)",
        "ratio >= 1": "slanted_triangular(9, ratio = 0.5)",
    },
}


def is_called(name: str, text: str) -> bool:
    """Whether a part is called in a program; a parameter may have the name of a part."""
    return re.search(rf"\b{name}\b(?! *=)", text) is not None
