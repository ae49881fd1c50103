"""Programs for the formulas of papers and of systems that are not installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy

from tests.oracles import d2l, formulas, textbook
from tests.oracles.curve import Curve
from tests.oracles.peers.case import Draw, items, steps

# A source, a program, its formula, the steps, and the optimizer's rate.
_Case = tuple[str, str, Callable[[int], float], list[int], float]
_Cases = Iterator[_Case]


def curves() -> list[Curve]:
    """All of them; the same in every process."""
    draw = Draw("formulas")
    found: list[Curve] = []
    for make in (
        _transformers,
        _papers,
        _guides,
        _figure_of_sgdr,
        _stacks,
        _warmups,
        _d2l,
        _points,
        _textbook,
        _combined,
    ):
        for source, text, formula, at, base in make(draw):
            wanted = partial(_values, formula, at)
            found.append(Curve(f"{source}:{len(found)}", text, at, wanted, base))
    return found


def _values(formula: Callable[[int], float], at: list[int]) -> list[float]:
    return [formula(t) for t in at]


def _transformers(draw: Draw) -> _Cases:
    for warm, width in [(4000, 512), (1, 64), (draw.randint(2, 300), draw.randint(8, 4096))]:
        at = [*steps(3 * warm + 20, warm - 1, warm), 10**6]
        formula = partial(formulas.transformer, d_model=width, warmup=warm, factor=2.0)
        yield "noam", f"noam({warm}, d_model = {width}, factor = 2)", formula, at, 1.0
    for warm in [10_000, 1, draw.randint(2, 500)]:
        text = f"const({warm}, 1 / {warm} ^ 0.5) >> inverse_sqrt({warm})"
        at = [*steps(3 * warm + 20, warm), 10**6]
        yield "T5", text, partial(formulas.t5, warm=warm), at, 1.0
    for warm in [1, 10, draw.randint(2, 100)]:
        peak, first = draw.rate(), draw.rate(1e-7, 1e-3)
        formula = partial(formulas.fairseq_inverse_sqrt, peak=peak, warm=warm, first=first)
        text = f"warmup({warm}, {first}) >> inverse_sqrt({warm})"
        yield "fairseq-inverse_sqrt", text, formula, steps(5 * warm + 40, warm), peak


def _papers(draw: Draw) -> _Cases:
    for total in [100, 200, 37, draw.randint(50, 300)]:
        cut = {100: 0.1, 200: 0.25, 37: 0.1}.get(total, draw.factor(0.1, 0.9))
        peak, ratio = draw.rate(), draw.choice([32, 10.0, draw.randint(2, 50)])
        formula = partial(formulas.ulmfit, total=total, peak=peak, cut_frac=cut, ratio=ratio)
        text = f"slanted_triangular({total}, cut = {cut}, ratio = {ratio})"
        yield "ULMFiT", text, formula, steps(total + 10, int(total * cut), total), peak
    for beta in [0.5, 0.9, 0.0, draw.factor()]:
        total, peak = draw.randint(1, 300), draw.rate()
        text = f"rex({total}, beta = {beta})"
        formula = partial(formulas.rex, total=total, peak=peak, beta=beta)
        yield "REX", text, formula, steps(total + 10, total), peak
    for exponent in [-0.51, -0.5, -1.0, draw.factor(-0.9, -0.1)]:
        warm, peak = draw.randint(1, 90), draw.rate()
        formula = partial(formulas.power_lr, warm=warm, peak=peak, exponent=exponent)
        text = f"warmup({warm}) >> power_law({warm}, {exponent})"
        yield "PowerLR", text, formula, [*steps(9 * warm + 9, warm), 10**6], peak
    for _ in range(4):
        stable, decay, peak = draw.randint(0, 60), draw.randint(1, 60), draw.rate()
        end, cycle = draw.choice([0.0, peak / 10, draw.rate(1e-5, 1e-3)]), stable + decay
        formula = partial(formulas.wsd_s, stable=stable, decay=decay, peak=peak, end=end)
        text = f"wsds({stable}, {decay}, {peak}, {end})"
        yield "WSD-S", text, formula, steps(3 * cycle + 3, stable, cycle, 2 * cycle), 1.0
    for i in range(4):
        count, low, high = draw.randint(1, 300), draw.rate(1e-7, 1e-3), draw.rate(0.1, 10)
        shape = "linear" if i % 2 else "geometric"
        formula = partial(formulas.range_test, count=count, low=low, high=high, linear=i % 2 == 1)
        yield (
            "range-test",
            f"{shape}({count}, {low}, {high})",
            formula,
            steps(count + 10, count),
            1.0,
        )


def _guides(draw: Draw) -> _Cases:
    waves = [(0.5, 0.0, 0.001), (1.0, 0.1, 0.0), (2.0, 0.0, 0.01), (1.3, 0.2, 0.1)]
    for periods, alpha, beta in waves:
        length, rate = draw.randint(1, 300), draw.rate()
        formula = partial(
            formulas.linear_cosine,
            rate=rate, steps=length, periods=periods, alpha=alpha, beta=beta,
        )  # fmt: skip
        text = f"linear_cosine({length}, periods = {periods}, alpha = {alpha}, beta = {beta})"
        yield "linear_cosine_decay", text, formula, steps(length + 10, length), rate
    for i in range(4):
        every, decay, rate = draw.choice([1, 10, draw.randint(2, 90)]), draw.factor(), draw.rate()
        text = f"natural_exponential({decay}, every = {every})"
        text = f"step({every}, exp(-{decay}))" if i % 2 else text
        formula = partial(
            formulas.natural_exponential, rate=rate, every=every, decay=decay, stairs=i % 2 == 1
        )
        yield "natural_exp_decay", text, formula, steps(5 * every, every, 2 * every), rate
    for every in [1, 2, 10, draw.randint(3, 50)]:
        drop, rate = draw.factor(), draw.rate()
        formula = partial(formulas.step_decay, rate=rate, drop=drop, every=every)
        text = f"step({every}, {drop}, offset = 1)"
        yield "step-decay", text, formula, steps(5 * every, every, 2 * every), rate


def _figure_of_sgdr(draw: Draw) -> _Cases:
    """The seven schedules of its figure, one epoch a step."""
    for rate in [0.1, 0.05]:
        formula = partial(formulas.drops, rate=rate, at=(60, 120, 160), factor=0.2)
        yield "SGDR", "multistep([60, 120, 160], 0.2)", formula, list(range(201)), rate
    for first, mult in [(50, 1), (100, 1), (200, 1), (1, 2), (10, 2)]:
        formula = partial(formulas.sgdr, rate=0.05, first=first, mult=mult)
        yield "SGDR", f"restarts({first}, {mult})", formula, list(range(201)), 0.05


def _stacks(draw: Draw) -> _Cases:
    yield from (_tri_stage(draw) for _ in range(8))
    yield from (_megatron(draw, style, ease) for style, ease in 2 * _STYLES)
    total, peak = draw.randint(10, 300), draw.rate()
    formula = partial(formulas.quarter_cosine, total=total, peak=peak)
    text = f"cooldown({total}, ease = quarter_sine)"
    yield "L3C", text, formula, steps(total + 10, total), peak


def _tri_stage(draw: Draw) -> _Case:
    warm, hold, decay = draw.randint(1, 60), draw.choice([0, 1, 80]), draw.randint(1, 90)
    first, last = draw.choice([0.01, draw.factor()]), draw.choice([0.01, draw.factor()])
    stages, peak = (warm, hold, decay), draw.rate()
    formula = partial(formulas.fairseq_tri_stage, peak=peak, stages=stages, scales=(first, last))
    text = f"tri_stage({warm}, {hold}, {decay}, init_scale = {first}, final_scale = {last})"
    at = steps(sum(stages) + 10, warm, warm + hold, sum(stages))
    return "tri_stage", text, formula, at, peak


# Megatron's ways to anneal, and the ease that lrdsl has for each.
_STYLES = [
    ("linear", "straight"),
    ("cosine", "half_cosine"),
    ("exponential", "exponential_ease"),
    ("minus_sqrt", "one_minus_sqrt"),
]


def _megatron(draw: Draw, style: str, ease: str) -> _Case:
    warm, stable, anneal = draw.randint(1, 60), draw.randint(0, 90), draw.randint(1, 90)
    ends, whole = (draw.rate(0.1, 1), draw.choice([0.0, 1e-3])), warm + stable + anneal
    formula = partial(formulas.megatron, lengths=(warm, whole, anneal), ends=ends, style=style)
    cooldown = f"cooldown({anneal}, end = {ends[1]}, ease = {ease})"
    text = f"warmup({warm}) >> const({stable}, {ends[0]}) >> {cooldown}"
    return "Megatron", text, formula, steps(whole + 10, warm, warm + stable, whole), ends[0]


def _warmups(draw: Draw) -> _Cases:
    """The two other conventions for a warm-up, by arguments."""
    for warm in [1, 2, 10, draw.randint(3, 90)]:
        total, peak = warm + draw.randint(1, 200), draw.rate()
        low = peak / 10
        formula = partial(formulas.nano_gpt, warm=warm, total=total, peak=peak, low=low)
        text = f"warmup({warm}, base / ({warm} + 1)) >> cosine({total - warm}, end = base / 10)"
        yield "nanoGPT", text, formula, steps(total + 10, warm, total), peak
        formula = partial(formulas.open_clip, warm=warm, total=total, peak=peak)
        # Its cosine stands at the peak at n - 1 and at n.
        text = f"warmup({warm - 1}, base / {warm}) >> const(1) >> cosine({total - warm})"
        yield "open_clip", text, formula, steps(total, warm, total), peak


def _d2l(draw: Draw) -> _Cases:
    yield "D2L-square-root", "inverse_sqrt", partial(d2l.square_root, rate=0.1), steps(999), 0.1
    milestones = (15, 30)
    formula = partial(d2l.multi_factor, milestones=milestones, factor=0.5, base=0.5)
    yield "D2L-multi-factor", "multistep([15, 30], 0.5)", formula, steps(60, *milestones), 0.5
    yield "D2L-factor", "max(exponential(0.9), 1e-2)", _factor, steps(100, 50), 2.0
    text = "warmup(5) >> cosine(15, 0.3, 0.01)"
    yield "D2L-cosine", text, d2l.Cosine(20, 0.3, 0.01, 5), steps(40, 5, 20), 0.1


def _factor(t: int) -> float:
    """The rate after t calls of the chapter's object, which starts at its base."""
    scheduler = d2l.Factor(0.9, floor=1e-2, base=2.0)
    return [2.0, *(scheduler() for _ in range(t))][t]


def _points(draw: Draw) -> _Cases:
    for count in [1, 1, 2, 4, 7]:
        times = [draw.choice([0, 5]), *(5 + t for t in draw.ascending(count, 150))]
        values = [draw.rate(), *(draw.choice([0.0, draw.rate()]) for _ in times[1:])]

        def formula(t: int, times: list[int] = times, values: list[float] = values) -> float:
            return float(numpy.interp(t, times, values))

        yield "numpy.interp", f"points({times}, {items(values)})", formula, steps(180, *times), 1.0


def _textbook(_: Draw) -> _Cases:
    """Each shape by its definition; `test_accuracy.py` asks for more of them than nearness."""
    length = 60
    for name, reference in textbook.SHAPES.items():
        for ends in reference.ends[:2]:

            def formula(
                t: int,
                reference: textbook.Reference = reference,
                ends: tuple[float, float] = ends,
            ) -> float:
                return float(reference.at(t, length, ends))

            text = reference.program(length, ends)
            yield f"textbook-{name}", text, formula, list(range(length + 1)), 1.0


def _combined(draw: Draw) -> _Cases:
    """Schedules that are entered late, left early, or changed only once an epoch."""
    for epoch, warm, epochs in [(7, 5, 300), (50, 20, 90), (1, 1, 10)]:
        first, peak, low = 1e-5, draw.rate(), draw.choice([0.0, 1e-5])
        text = (
            f"every({epoch}, warmup({warm * epoch}, {first}, base)"
            f" >> skip({warm * epoch}, cosine({epochs * epoch}, base, {low})))"
        )
        formula = partial(
            formulas.timm_cosine, epoch=epoch, warm=warm, epochs=epochs, ends=(first, peak, low)
        )
        at = steps(epochs * epoch + 20, epoch, warm * epoch, epochs * epoch)
        yield "timm-default", text, formula, at, peak
    # DeiT: https://github.com/facebookresearch/deit, main.py, for batches of 1,024 images.
    text = "every(1251, warmup(6255, 1e-6, 1e-3) >> skip(6255, cosine(375_300, 1e-3, 1e-5)))"
    formula = partial(formulas.timm_cosine, epoch=1251, warm=5, epochs=300, ends=(1e-6, 1e-3, 1e-5))
    yield "DeiT", text, formula, steps(376_000, 1251, 6255, 375_300), 1e-3
    for warm, total in [(1000, 90_000), (10, 100), (draw.randint(2, 50), 200)]:
        peak, factor = draw.rate(), draw.choice([0.001, 0.1])
        text = f"warmup({warm}, {factor} * base) >> skip({warm}, cosine({total}, base))"
        formula = partial(
            formulas.detectron2_cosine, warm=warm, total=total, peak=peak, factor=factor
        )
        yield "detectron2", text, formula, steps(total + 20, warm, total), peak
    for warm, total in [(10_000, 1_000_000), (1, 2), (draw.randint(2, 50), 300)]:
        peak = draw.rate(1e-5, 1e-3)
        text = f"warmup({warm}, end = base) >> skip({warm}, linear({total}))"
        formula = partial(formulas.google_bert, warm=warm, total=total, peak=peak)
        yield "google-bert", text, formula, steps(total + 20, warm, total), peak
    for branch, total, decay in [(4000, 15_000, 2000), (1, 10, 5), (draw.randint(2, 90), 100, 20)]:
        peak = draw.rate(1e-5, 1e-2)
        text = f"until({branch}, cosine({total})) >> linear({decay})"
        formula = partial(
            formulas.olmo_decay_from_here, branch=branch, total=total, decay=decay, peak=peak
        )
        yield "OLMo", text, formula, steps(branch + decay + 20, branch, branch + decay), peak
