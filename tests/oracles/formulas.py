"""Schedules of papers and of systems that are not installed, from their formulas.

Each is written the way its source counts: with its own counter, its own branches and its own end.
``t`` is the 0-based index of the update that uses the value.
"""

from __future__ import annotations

import math
from collections.abc import Sequence


def transformer(t: int, d_model: int, warmup: int, factor: float = 1.0) -> float:
    """Vaswani et al. 2017, equation 3, in which the first update is number 1."""
    n = t + 1
    return float(factor * d_model**-0.5 * min(n**-0.5, n * warmup**-1.5))


def ulmfit(t: int, total: int, peak: float, cut_frac: float, ratio: float) -> float:
    """Howard and Ruder 2018, section 3.2: slanted triangular; p does not fall below 0."""
    cut = math.floor(total * cut_frac)
    p = t / cut if t < cut else 1 - (t - cut) / (cut * (1 / cut_frac - 1))
    return peak * (1 + max(p, 0.0) * (ratio - 1)) / ratio


def rex(t: int, total: int, peak: float, beta: float = 0.5) -> float:
    """Chen et al. 2021 (REX): the reflected exponential."""
    z = min(t, total) / total
    return peak * (1 - z) / (1 - beta + beta * (1 - z))


def fairseq_tri_stage(
    n: int, peak: float, stages: tuple[int, int, int], scales: tuple[float, float]
) -> float:
    """The tri_stage of fairseq: warm-up, hold and exponential decay, n updates done."""
    warm, hold, decay = stages
    first, last = peak * scales[0], peak * scales[1]
    if n < warm:
        return first + (peak - first) / warm * n
    if n < warm + hold:
        return peak
    n -= warm + hold
    return peak * math.exp(math.log(scales[1]) / decay * n) if n <= decay else last


def fairseq_inverse_sqrt(n: int, peak: float, warm: int, first: float) -> float:
    """The inverse_sqrt of fairseq: the peak times the square root of warm-up over updates."""
    if n < warm:
        return first + n * (peak - first) / warm
    return peak * math.sqrt(warm) * float(n**-0.5)


def megatron(n: int, lengths: tuple[int, int, int], ends: tuple[float, float], style: str) -> float:
    """Megatron-LM's WSD: the share of the way from its lowest to its highest rate.

    Args:
        n: updates done.
        lengths: of warm-up, of the whole decay, and of the annealing at its end.
        ends: highest and lowest rate.
        style: the name of its way to anneal.
    """
    warm, whole, anneal = lengths
    high, low = ends
    if n <= warm:
        return high * n / warm
    if n > whole:
        return low
    start = whole - anneal
    if n <= start:
        return high
    done = (n - start) / anneal
    share = {
        "linear": 1 - done,
        "cosine": 0.5 * (math.cos(math.pi * done) + 1),
        "exponential": 2 * math.pow(0.5, done) - 1,
        "minus_sqrt": 1 - math.sqrt(done),
    }[style]
    return low + share * (high - low)


def t5(t: int, warm: int) -> float:
    """T5 (rsqrt_decay): the reciprocal square root of the step, which counts from the warm-up."""
    return 1 / math.sqrt(max(t, warm))


def power_lr(t: int, warm: int, peak: float, exponent: float) -> float:
    """OLMo-core's PowerLR, and Shen et al. 2024: a power of the share of the warm-up."""
    return float(peak * t / warm if t <= warm else peak * (t / warm) ** exponent)


def linear_cosine(
    t: int, rate: float, steps: int, periods: float, alpha: float, beta: float
) -> float:
    """TensorFlow 1's linear_cosine_decay."""
    step = min(t, steps)
    linear = (steps - step) / steps
    cosine = 0.5 * (1 + math.cos(math.pi * 2 * periods * step / steps))
    return rate * ((alpha + linear) * cosine + beta)


def natural_exponential(t: int, rate: float, every: int, decay: float, *, stairs: bool) -> float:
    """TensorFlow 1's natural_exp_decay."""
    p = t // every if stairs else t / every
    return rate * math.exp(-decay * p)


def step_decay(epoch: int, rate: float, drop: float, every: int) -> float:
    """The step decay of guides to Keras: it counts epochs from 1."""
    return float(rate * drop ** math.floor((1 + epoch) / every))


def sgdr(epoch: int, rate: float, first: int, mult: int) -> float:
    """Loshchilov and Hutter 2017, equation 5 with restarts, walked cycle by cycle."""
    length = first
    while epoch >= length:
        epoch -= length
        length *= mult
    return 0.5 * rate * (1 + math.cos(math.pi * epoch / length))


def drops(epoch: int, rate: float, at: Sequence[int], factor: float) -> float:
    """Zagoruyko and Komodakis 2016 (wide residual networks): a factor at each of some epochs."""
    for milestone in at:
        if epoch >= milestone:
            rate *= factor
    return rate


def wsd_s(t: int, stable: int, decay: int, peak: float, end: float) -> float:
    """Wen et al. 2024 (WSD-S): a decay, then on from the stable rate as if it had not been."""
    t %= stable + decay
    return peak if t < stable else peak + (end - peak) * (t - stable) / decay


def nano_gpt(t: int, warm: int, total: int, peak: float, low: float) -> float:
    """nanoGPT: a warm-up of (t + 1) / (n + 1), a cosine, and the lowest rate behind it."""
    if t < warm:
        return peak * (t + 1) / (warm + 1)
    if t > total:
        return low
    share = (t - warm) / (total - warm)
    return low + 0.5 * (1 + math.cos(math.pi * share)) * (peak - low)


def open_clip(t: int, warm: int, total: int, peak: float) -> float:
    """open_clip: a warm-up of (t + 1) / n, and a cosine whose clock starts behind it."""
    if t < warm:
        return peak * (t + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (t - warm) / (total - warm))) * peak


def range_test(t: int, count: int, low: float, high: float, *, linear: bool) -> float:
    """Smith 2017: the learning-rate range test, from a low to a high rate."""
    share = min(t, count) / count
    return low + (high - low) * share if linear else low * (high / low) ** share


def quarter_cosine(t: int, total: int, peak: float) -> float:
    """L3C and ParlAI: a quarter of a cosine wave, from its top to 0."""
    return peak * math.cos(math.pi / 2 * min(t, total) / total) if t < total else 0.0


def timm_cosine(t: int, epoch: int, warm: int, epochs: int, ends: tuple[float, ...]) -> float:
    """The `CosineLRScheduler` of timm as its training script uses it: once an epoch, no prefix."""
    first, peak, low = ends
    now = t // epoch
    if now < warm:
        return first + now * (peak - first) / warm
    if now >= epochs:
        return low
    return low + 0.5 * (peak - low) * (1 + math.cos(math.pi * now / epochs))


def detectron2_cosine(t: int, warm: int, total: int, peak: float, factor: float) -> float:
    """WarmupCosineLR of detectron2: a line up to where a cosine of the whole run has come."""
    share = 0.5 * (1 + math.cos(math.pi * min(t, total) / total))
    if t < warm:
        reached = 0.5 * (1 + math.cos(math.pi * warm / total))
        share = factor + (reached - factor) * t / warm
    return peak * share


def google_bert(t: int, warm: int, total: int, peak: float) -> float:
    """optimization.py of google-research/bert: a decay from step 0, and a warm-up in its place."""
    return peak * t / warm if t < warm else peak * (1 - min(t, total) / total)


def olmo_decay_from_here(t: int, branch: int, total: int, decay: int, peak: float) -> float:
    """A cosine that is left at a checkpoint, and a line from its rate there down to 0."""
    if t < branch:
        return peak * 0.5 * (1 + math.cos(math.pi * t / total))
    reached = peak * 0.5 * (1 + math.cos(math.pi * branch / total))
    return reached * max(branch + decay - t, 0) / decay
