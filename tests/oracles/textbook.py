"""Every shape and ease of the library as its paper or definition has it, in 50 digits.

Nothing here is read from the library: a wrong formula there cannot be right here. A shape takes
one line, in ``SHAPES``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import mpmath
from mpmath import cos, exp, floor, mpf, pi, sin, sqrt, tanh

mpmath.mp.dps = 50

# The two ends of a transition: falls, a rise, and ends that are nearly the same.
ENDS = ((0.3, 0.01), (3e-4, 0.0), (0.1, 0.09999), (0.0, 0.3))
POSITIVE_ENDS = ((0.3, 0.01), (1e-6, 1.0), (0.1, 0.09999))


@dataclass(frozen=True)
class At:
    """A place on a curve.

    Attributes:
        t: the step.
        n: the length.
        start: the value that is written for START.
        end: the value that is written for END.
    """

    t: int
    n: int
    start: mpf
    end: mpf

    @property
    def u(self) -> mpf:
        """The share of the length that has passed."""
        return mpf(self.t) / self.n

    def rise(self, share: mpf) -> mpf:
        """The value after a share of the way from START to END."""
        return self.start + (self.end - self.start) * share

    def fall(self, share: mpf) -> mpf:
        """The value where a share of the way from START to END is left."""
        return self.end + (self.start - self.end) * share


@dataclass(frozen=True)
class Reference:
    """A call, and what its values are.

    Attributes:
        call: the program, where N, START and END stand for numbers.
        value: its value at a place.
        least: the shortest length that it is defined for.
        ends: the values to write for START and END.
    """

    call: str
    value: Callable[[At], mpf]
    least: int = 1
    ends: tuple[tuple[float, float], ...] = ENDS

    def program(self, length: int, ends: tuple[float, float]) -> str:
        """The call, with a length and two ends."""
        start, end = map(repr, ends)
        text = self.call.replace("START", start).replace("END", end)
        return text.replace("N", str(length))

    def at(self, t: int, length: int, ends: tuple[float, float]) -> mpf:
        """The value at a step, where the ends are the numbers that their text stands for."""
        return self.value(At(t, length, *map(mpf, ends)))


EASES: dict[str, Callable[[mpf], mpf]] = {
    "straight": lambda u: u,
    "half_cosine": lambda u: (1 - cos(pi * u)) / 2,
    "quarter_cosine": lambda u: 1 - cos(pi * u / 2),
    "quarter_sine": lambda u: sin(pi * u / 2),
    "square": lambda u: u**2,
    "one_minus_sqrt": lambda u: 1 - sqrt(1 - u),
    "exponential_ease": lambda u: mpf(2) ** u - 1,
}


def _rise(ease: str) -> Reference:
    return Reference(f"warmup(N, START, END, {ease})", lambda at: at.rise(EASES[ease](at.u)))


def _fall(ease: str) -> Reference:
    return Reference(f"cooldown(N, START, END, {ease})", lambda at: at.fall(EASES[ease](1 - at.u)))


def _waves(cycles: float) -> Reference:
    def value(at: At) -> mpf:
        return at.fall((1 + cos(2 * pi * cycles * at.u)) / 2)

    return Reference(f"cosine_waves(N, START, END, {cycles})", value)


def _restarts(cycles: int) -> Reference:
    def value(at: At) -> mpf:
        return at.end if at.t == at.n else at.fall((1 + cos(pi * (cycles * at.u % 1))) / 2)

    return Reference(f"cosine_restarts(N, START, END, {cycles})", value)


def _sgdr(at: At, first: int, mult: int) -> mpf:
    """Loshchilov and Hutter 2017, equation 5, walked cycle by cycle."""
    t, length = at.t, first
    if mult == 1:
        t %= first
    while t >= length:
        t, length = t - length, length * mult
    return at.fall((1 + cos(pi * t / length)) / 2)


def _triangle(t: int, up: int) -> mpf:
    """Smith 2017, section 3: the share of the way up, on a cycle of twice as many steps."""
    cycle = floor(1 + mpf(t) / (2 * up))
    return max(mpf(0), 1 - abs(mpf(t) / up - 2 * cycle + 1))


def _onecycle(at: At, *, three: bool, share: Callable[[mpf], mpf]) -> mpf:
    """Torch's OneCycleLR, by the ends and values of its phases."""
    up, last, peak = mpf(0.3) * at.n - 1, mpf(at.n - 1), at.start
    first = peak / 25
    phases = [(up, first, peak), (last, peak, first / 10_000)]
    if three:
        phases[1:] = [(2 * up, peak, first), (last, first, first / 10_000)]
    begin = mpf(0)
    for stop, a, b in phases:
        if at.t <= stop:
            return a + (b - a) * share((at.t - begin) / (stop - begin)) if stop > begin else b
        begin = stop
    return first / 10_000


def _ulmfit(at: At) -> mpf:
    """Howard and Ruder 2018, section 3.2."""
    cut = floor(at.n * mpf(0.1))
    p = at.t / cut if at.t < cut else 1 - (at.t - cut) / (cut * (1 / mpf(0.1) - 1))
    return at.start * (1 + max(p, mpf(0)) * 31) / 32


def _tri_stage(at: At) -> mpf:
    """Park et al. 2019, as fairseq has it: 3 steps up, 4 held, and N of decay."""
    if at.t < 3:
        return at.start * (mpf(0.01) + (1 - mpf(0.01)) * at.t / 3)
    return at.start * mpf(0.01) ** (mpf(max(at.t - 7, 0)) / at.n)


def _wsd(at: At) -> mpf:
    """Hu et al. 2024: 3 steps up, and at the end 4 down."""
    if at.t < 3:
        return at.start * at.t / 3
    return at.rise(max(mpf(0), 1 - mpf(at.n - at.t) / 4))


SHAPES: dict[str, Reference] = {
    "const": Reference("const(N, START)", lambda at: at.start),
    **{f"warmup {ease}": _rise(ease) for ease in EASES},
    **{f"cooldown {ease}": _fall(ease) for ease in EASES},
    "linear": Reference("linear(N, START, END)", lambda at: at.rise(at.u)),
    "cosine": Reference("cosine(N, START, END)", lambda at: at.fall((1 + cos(pi * at.u)) / 2)),
    "cosine_power 2.3": Reference(
        "cosine_power(N, START, END, 2.3)",
        lambda at: at.fall(((1 + cos(pi * at.u)) / 2) ** mpf(2.3)),
    ),
    "cosine_power 0.5": Reference(
        "cosine_power(N, START, END, 0.5)",
        lambda at: at.fall(((1 + cos(pi * at.u)) / 2) ** mpf(0.5)),
    ),
    "kdecay_cosine": Reference(
        "kdecay_cosine(N, START, END, 3.3)",
        lambda at: at.fall((1 + cos(pi * at.u ** mpf(3.3))) / 2),
    ),
    **{f"cosine_waves {cycles}": _waves(cycles) for cycles in (0.5, 2.5, 100.5)},
    **{f"cosine_restarts {cycles}": _restarts(cycles) for cycles in (1, 3, 100)},
    "poly 0.7": Reference("poly(N, START, END, 0.7)", lambda at: at.fall((1 - at.u) ** mpf(0.7))),
    "poly 2": Reference("poly(N, START, END, 2)", lambda at: at.fall((1 - at.u) ** 2)),
    "geometric": Reference(
        "geometric(N, START, END)",
        lambda at: at.start ** (1 - at.u) * at.end**at.u,
        ends=POSITIVE_ENDS,
    ),
    "tanh_decay": Reference(
        "tanh_decay(N, START, END)",
        lambda at: at.end if at.t == at.n else at.fall((1 - tanh(-7 * (1 - at.u) + 3 * at.u)) / 2),
    ),
    "rex 0.5": Reference(
        "rex(N, START, END)", lambda at: at.fall((1 - at.u) / (0.5 + 0.5 * (1 - at.u)))
    ),
    "rex 0.9": Reference(
        "rex(N, START, END, beta = 0.9)", lambda at: at.fall((1 - at.u) / (1 - mpf(0.9) * at.u))
    ),
    "linear_cosine": Reference(
        "linear_cosine(N, START, periods = 2.5, alpha = 0.1)",
        lambda at: at.start * ((mpf(0.1) + 1 - at.u) * (1 + cos(5 * pi * at.u)) / 2 + mpf(0.001)),
    ),
    "exponential": Reference(
        "exponential(0.01, every = N, length = N, start = START)",
        lambda at: at.start * mpf(0.01) ** at.u,
    ),
    "natural_exponential": Reference(
        "natural_exponential(2, every = N, length = N, start = START)",
        lambda at: at.start * exp(-2 * at.u),
    ),
    "inverse_time": Reference(
        "inverse_time(2, every = N, length = N, start = START)",
        lambda at: at.start / (1 + 2 * at.u),
    ),
    "inverse_sqrt": Reference(
        "inverse_sqrt(30, length = N, start = START)",
        lambda at: at.start * sqrt(30) / sqrt(at.t + 30),
    ),
    "power_law": Reference(
        "power_law(30, -0.51, length = N, start = START)",
        lambda at: at.start * (1 + mpf(at.t) / 30) ** mpf(-0.51),
    ),
    "step": Reference(
        "step(30, 0.9, length = N, start = START)",
        lambda at: at.start * mpf(0.9) ** (at.t // 30),
    ),
    "multistep": Reference(
        "multistep([30, 80], length = N, start = START)",
        lambda at: at.start * mpf(0.1) ** ((at.t >= 30) + (at.t >= 80)),
    ),
    "stairs": Reference(
        "stairs([30, 80], [START, 0.1, END], length = N)",
        lambda at: at.start if at.t < 30 else mpf(0.1) if at.t < 80 else at.end,
    ),
    "points": Reference(
        "points([0, 7, N], [START, END, START])",
        lambda at: at.rise(mpf(at.t) / 7 if at.t < 7 else mpf(at.n - at.t) / (at.n - 7)),
        least=10,
    ),
    "restarts 1": Reference("restarts(7, 1, START, END)", lambda at: _sgdr(at, 7, 1)),
    "restarts 2": Reference("restarts(7, 2, START, END)", lambda at: _sgdr(at, 7, 2)),
    "triangular": Reference("triangular(5, START, END)", lambda at: at.rise(_triangle(at.t, 5))),
    "triangular2": Reference(
        "triangular2(5, START, END + 0.3)",
        lambda at: (
            at.start
            + (at.end + mpf(0.3) - at.start) * _triangle(at.t, 5) * mpf(0.5) ** (at.t // 10)
        ),
    ),
    "exp_range": Reference(
        "exp_range(5, START, END + 0.3, 0.999)",
        lambda at: (
            at.start + (at.end + mpf(0.3) - at.start) * _triangle(at.t, 5) * mpf(0.999) ** at.t
        ),
    ),
    "wsds": Reference(
        "wsds(3, 4, START, END)", lambda at: at.rise(max(mpf(0), mpf(at.t % 7 - 3) / 4))
    ),
    "wsd": Reference("over(N, wsd(3, 4, START, END))", _wsd, least=7),
    "onecycle": Reference(
        "onecycle(N, START)", lambda at: _onecycle(at, three=False, share=EASES["half_cosine"])
    ),
    "onecycle in three phases": Reference(
        "onecycle(N, START, three_phase = true, anneal = straight)",
        lambda at: _onecycle(at, three=True, share=EASES["straight"]),
    ),
    "noam": Reference(
        "noam(30, length = N)",
        lambda at: min(1 / sqrt(at.t + 1), (at.t + 1) / mpf(30) ** 1.5) / sqrt(512),
    ),
    "tri_stage": Reference("tri_stage(3, 4, N, START)", _tri_stage),
    "slanted_triangular": Reference("slanted_triangular(N, START)", _ulmfit, least=10),
}
