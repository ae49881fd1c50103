"""What people ask for: the texts of docs/explanation/demands.md, and what they ought to be.

The texts are read from the page. What is expected is written here anew, from the paper, the code
or the table that a demand comes from.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.optim import SGD, AdamW, Optimizer
from torch.optim.lr_scheduler import OneCycleLR

import lrdsl
from tests.docs.demands import SECTIONS, TEXTS, group
from tests.oracles.closeness import assert_close
from tests.oracles.peers import greedy


def curve(number: int, place: int = 0, *, target: str = "lr", steps: int, base: float = 1) -> Any:
    """The values of the steps of a run, one by one."""
    text, arguments = TEXTS[number][place]
    schedule = lrdsl.parse(text).resolve(target=target, **arguments)
    return [schedule(t, base=base) for t in range(steps)]


def compiled(number: int, optimizer: Optimizer, place: int = 0) -> Any:
    text, arguments = TEXTS[number][place]
    return lrdsl.compile(text, optimizer, **arguments)


def one(rate: float) -> Optimizer:
    return SGD([group()], lr=rate)


def half_cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2


def followed(
    scheduler: Any, steps: int, read: Callable[[dict[str, Any]], float]
) -> list[list[float]]:
    """One number of every group, at every update."""
    optimizer, found = scheduler.optimizer, []
    for _ in range(steps):
        found.append([read(each) for each in optimizer.param_groups])
        scheduler.step()
    return [list(column) for column in zip(*found, strict=True)]


def rate(group: dict[str, Any]) -> float:
    return float(group["lr"])


def test_the_page_has_all_demands_and_says_where_they_come_from() -> None:
    assert list(TEXTS) == list(range(1, 32))
    assert [number for number, texts in TEXTS.items() if not texts] == [31]
    assert [number for number, text in SECTIONS.items() if "](http" not in text] == []


def test_1_tokens_while_the_batch_grows() -> None:
    """The tokens are summed update by update."""
    seen, wanted = 0, []
    while seen < 60_000_000_000:
        wanted.append(seen)
        seen += 2_000_000 if seen < 2e9 else 4_000_000 if seen < 6e9 else 8_000_000
    up = sum(tokens < 1e9 for tokens in wanted)
    held = sum(tokens < 50e9 for tokens in wanted)
    end = len(wanted)
    assert (up, held, end) == (500, 7500, 8750)  # also by hand
    values = [
        t / up if t < up else 1.0 if t < held else (end - t) / (end - held) for t in range(end + 1)
    ]
    assert_close(curve(1, steps=end + 1), values)
    on_tokens = [
        min(tokens / 1e9, 1.0) if tokens < 50e9 else max(60e9 - tokens, 0) / 10e9
        for tokens in [*wanted, seen]
    ]
    assert_close(curve(1, 1, steps=end + 1), on_tokens)


def test_2_muon_and_adamw_are_those_of_nanochat() -> None:
    muon = torch.optim.Muon([group()], lr=0.02, momentum=0.95, weight_decay=0.2)
    adamw = AdamW([group("embedding", lr=0.2), group("head", lr=0.004)], weight_decay=0.01)
    ((text, arguments),) = TEXTS[2]
    scheduler = lrdsl.compile(text, {"muon": muon, "adamw": adamw}, **arguments)
    for it in range(1000):
        factor = 1.0 if it <= 500 else (1000 - it) / 500
        share = min(it / 300, 1)
        found = muon.param_groups[0]
        wanted = [0.02 * factor, (1 - share) * 0.85 + share * 0.95, 0.2 * (1 - it / 1000)]
        assert_close([found["lr"], found["momentum"], found["weight_decay"]], wanted)
        assert_close(map(rate, adamw.param_groups), [0.2 * factor, 0.004 * factor])
        assert {(each["betas"], each["weight_decay"]) for each in adamw.param_groups} == {
            ((0.9, 0.999), 0.01)
        }
        muon.step()
        adamw.step()
        scheduler.step()


def test_3_the_teacher_is_that_of_dinov2() -> None:
    """Its ``CosineScheduler``, and the ``linspace`` of its teacher's temperature."""
    scheduler = compiled(3, one(1e-3))
    linear = [0.04 + (0.07 - 0.04) * t / 299 for t in range(300)]
    for t in range(1000):
        scalars = dict(scheduler.scalars)
        momentum = 1 + 0.5 * (0.992 - 1) * (1 + math.cos(math.pi * t / 1000))
        temperature = linear[t] if t < 300 else 0.07
        assert_close([scalars["teacher_momentum"]], [momentum])
        assert_close([scalars["teacher_temperature"]], [temperature])
        assert scalars["batch_size"] == (256 if t < 600 else 512 if t < 800 else 1024)
        scheduler.optimizer.step()
        scheduler.step()


def test_4_each_epoch_of_timm_has_one_value() -> None:
    def timm(epoch: int) -> float:
        return 1e-5 + epoch * (0.4 - 1e-5) / 5 if epoch < 5 else half_cosine(0.4, 0, epoch / 300)

    found = curve(4, steps=301 * 7, base=0.4)
    assert_close(found, [timm(t // 7) if t < 2100 else 0 for t in range(301 * 7)])


def test_4_only_what_follows_the_warmup_is_held() -> None:
    wanted = [t / 35 if t < 35 else half_cosine(1, 0, (t // 7 - 5) / 85) for t in range(630)]
    assert_close(curve(4, 1, steps=630), wanted)


def test_5_detectron2_warms_up_to_where_its_cosine_has_come() -> None:
    at = half_cosine(1, 0, 1000 / 90_000)
    wanted = [0.001 + (at - 0.001) * t / 1000 for t in range(1000)]
    wanted += [half_cosine(1, 0, t / 90_000) for t in range(1000, 3000)]
    assert_close(curve(5, steps=3000), wanted)


def test_5_bert_decays_from_where_it_would_be() -> None:
    wanted = [t / 10_000 if t < 10_000 else 1 - t / 1_000_000 for t in range(12_000)]
    assert_close(curve(5, 1, steps=12_000), wanted)


@pytest.mark.parametrize("name", ["test_lr_decrease_on_plateau", "test_lr_increase_on_improvement"])
def test_6_a_metric_moves_the_rate_as_in_transformers(name: str) -> None:
    """The rates that the installed ``GreedyLR`` sets in its own tests."""
    trace = next(trace for trace in greedy.read() if trace["name"] == name)
    optimizer = one(trace["base"])
    scheduler = compiled(6, optimizer)
    found = []
    for metric in trace["metrics"]:
        optimizer.step()
        scheduler.step(metric)
        found.append(optimizer.param_groups[0]["lr"])
    assert_close(found, trace["rates"])
    assert len(set(found)) == 2


def test_6_the_divergence_is_kept_between_two_values() -> None:
    """``KLAdaptiveLR`` of skrl, with a threshold of 0.01, a factor of 2 and lr_factor of 1.5."""
    optimizer, wanted = one(1e-3), 1e-3
    scheduler = compiled(6, optimizer, 1)
    for kl in [0.05, 0.03, 0.02, 0.01, 0.005, 0.004, *[0.001] * 9, *[1.0] * 30]:
        if kl > 0.01 * 2:
            wanted = max(wanted / 1.5, 1e-5)
        elif kl < 0.01 / 2:
            wanted = min(wanted * 1.5, 1e-2)
        optimizer.step()
        scheduler.step(kl)
        assert_close([rate(optimizer.param_groups[0])], [wanted])


def test_7_half_the_rate_after_a_spike() -> None:
    plain = [t / 100 if t < 100 else half_cosine(1, 0, (t - 100) / 900) for t in range(1000)]
    first = compiled(7, one(0.3))
    assert_close(followed(first, 400, rate)[0], [0.3 * value for value in plain[:400]])
    saved = first.state_dict()
    followed(first, 50, rate)  # here the loss is infinite
    again = compiled(7, one(0.3))
    again.load_state_dict(saved)
    again.signal("spike")
    assert_close(followed(again, 600, rate)[0], [0.15 * value for value in plain[400:]])


def test_8_the_factors_of_layers_are_those_of_beit() -> None:
    """``LayerDecayValueAssigner``: ids from the embedding, 0, to the head, 13."""
    factors = [0.75 ** (12 + 1 - i) for i in range(14)]
    names = ["embed.proj", *(f"layers.{i}.mlp" for i in range(12)), "head"]
    scheduler = compiled(8, AdamW([group(name) for name in names], lr=4e-3))
    scheduler.set_step(100)
    assert_close(scheduler.get_last_lr(), [4e-3 * factor for factor in factors])
    assert_close([factors[12], factors[1]], [0.75, 0.03167635202407837])
    scheduler = compiled(8, SGD([group(lr_scale=factor) for factor in factors], lr=4e-3), 1)
    scheduler.set_step(550)
    assert_close(scheduler.get_last_lr(), [2e-3 * factor for factor in factors])


def test_9_layers_start_one_after_the_other() -> None:
    """The formulas of section 3.2 of ULMFiT, for what each layer has left of the run."""

    def slanted(t: int, length: int) -> float:
        cut = math.floor(length * 0.1)
        share = t / cut if t < cut else 1 - (t - cut) / (cut * (1 / 0.1 - 1))
        return (1 + share * (32 - 1)) / 32

    scheduler = compiled(9, one_for(["head", *(f"layers.{i}.weight" for i in range(12))]))
    head, *layers = followed(scheduler, 2000, rate)
    assert_close(head, [0.01 * slanted(t, 2000) for t in range(2000)])
    for i, found in enumerate(layers):
        starts = (11 - i) * 100
        later = [slanted(t, 2000 - starts) for t in range(2000 - starts)]
        scale = 0.01 / 2.6 ** (11 - i)
        assert_close(found, [0.0] * starts + [scale * value for value in later])


def one_for(names: list[str]) -> Optimizer:
    return SGD([group(name) for name in names], lr=0.01)


def test_10_a_run_ends_when_its_time_is_over() -> None:
    """Updates that take from 1 to 900 seconds."""
    optimizer, hours, budget = one(0.3), 0.0, 23.0
    scheduler = lrdsl.compile(TEXTS[10][0][0], optimizer)
    for update in range(1000):
        hours += (1 + (update * 7919 % 9000) / 10) / 3600
        optimizer.step()
        scheduler.step(at=hours)
        now = min(hours, budget)
        up = budget * 0.05
        wanted = now / up if now < up else half_cosine(1, 0, (now - up) / (budget - up))
        assert_close([rate(optimizer.param_groups[0])], [0.3 * wanted], peak=0.3)
        if hours > budget:
            break
    assert rate(optimizer.param_groups[0]) == 0
    assert update > 100


def test_10_the_cooldown_starts_when_the_time_has_come() -> None:
    optimizer = one(1.0)
    scheduler = compiled(10, optimizer, 1)
    before = followed(scheduler, 1500, rate)[0]
    scheduler.signal("cooldown")
    after = followed(scheduler, 2001, rate)[0]
    assert_close(before, [min(t / 1000, 1) for t in range(1500)])
    assert_close(after, [1 - t / 2000 for t in range(2001)])


def test_11_a_schedule_is_a_function_of_the_progress_that_remains() -> None:
    """``linear_schedule`` of rl_zoo3: the progress that remains times the first value."""
    rates = lrdsl.parse(TEXTS[11][0][0]).resolve_all()
    lr, clip = rates["lr"], rates.scalars["clip_range"]
    for left in [1.0, 0.75, 1 / 3, 0.123456, 1e-6, 0.0]:
        assert abs(lr(at=1 - left, base=1e-3) - 1e-3 * left) <= 1e-3 * 1e-12
        assert abs(clip(at=1 - left) - 0.2 * left) <= 0.2 * 1e-12


def test_12_jax_compiles_it() -> None:
    jax = pytest.importorskip("jax")
    text, arguments = TEXTS[12][0]
    schedule = lrdsl.parse(text).resolve(**arguments)
    traced = jax.jit(schedule.bind(1e-3))
    wanted = [t / 100 if t < 100 else half_cosine(1, 0.1, (t - 100) / 900) for t in range(1001)]
    found = [float(traced(jax.numpy.int32(t))) for t in range(1001)]
    # jax counts in float32.
    assert max(abs(a - 1e-3 * b) for a, b in zip(found, wanted, strict=True)) < 1e-3 * 1e-6


def test_13_numbers_below_zero() -> None:
    bias = curve(13, target="logit_bias", steps=1001)
    assert_close(bias, [-10 if t < 100 else -10 + 8 * (t - 100) / 900 for t in range(1001)])
    heat = curve(13, target="log_temperature", steps=1001)
    low, high = -math.log(10), -math.log(100)
    assert_close(heat, [half_cosine(low, high, t / 1000) for t in range(1001)])


def test_14_the_weight_decay_follows_the_rate() -> None:
    """AdamC: the decay of normalized layers is its own value times the rate over its peak."""
    optimizer = AdamW([group("norm"), group("other")], lr=6e-4, weight_decay=0.05)
    scheduler = compiled(14, optimizer)
    decays = followed(scheduler, 1000, lambda group: float(group["weight_decay"]))
    wanted = [t / 100 if t < 100 else half_cosine(1, 0, (t - 100) / 900) for t in range(1000)]
    assert_close(decays[0], [0.05 * value for value in wanted])
    assert decays[1] == [0.05] * 1000
    scheduler = compiled(14, optimizer)
    assert_close(followed(scheduler, 1000, rate)[0], [6e-4 * value for value in wanted])


def test_15_the_cycles_are_those_of_fu_and_others() -> None:
    """``frange_cycle_linear(0, 1, 1000, 4, 0.5)`` of their repository, in exact numbers."""
    wanted = [1.0] * 1000
    for cycle in range(4):
        for i in range(125):
            wanted[cycle * 250 + i] = i / 125
    assert_close(curve(15, target="kl_weight", steps=1000), wanted)


def test_16_the_batch_grows_as_the_rate_falls() -> None:
    scheduler = compiled(16, one(1.0))
    for t, size, wanted in [(0, 256, 1.0), (399, 256, 1), (400, 512, 0.5**0.5), (600, 1024, 0.5)]:
        scheduler.set_step(t)
        assert scheduler.scalars["batch_size"] == size
        assert_close(scheduler.get_last_lr(), [wanted])


def test_17_a_constant_run_is_continued() -> None:
    constant = lrdsl.compile("const", one(1.0))
    followed(constant, 8000, rate)
    scheduler = compiled(17, one(1.0))
    scheduler.load_state_dict(constant.state_dict())
    assert_close(followed(scheduler, 2000, rate)[0], [1 - math.sqrt(t / 2000) for t in range(2000)])


def test_20_the_power_of_the_tokens() -> None:
    wanted = [min(0.02, 1024 * 4.6 * max(1, t) ** -0.51 * 4e6**-0.51) for t in range(90_000)]
    assert_close(curve(20, steps=90_000), wanted)


def test_25_one_cycle_of_torch() -> None:
    optimizer, peer = SGD([group()], lr=1, momentum=0.9), SGD([group()], lr=1, momentum=0.9)
    scheduler, torch_scheduler = compiled(25, optimizer), OneCycleLR(peer, 1, 100)
    for _ in range(99):
        ours, theirs = optimizer.param_groups[0], peer.param_groups[0]
        assert_close([ours["lr"], ours["momentum"]], [theirs["lr"], theirs["momentum"]])
        for each in (optimizer, scheduler, peer, torch_scheduler):
            each.step()


def test_31_the_scheduler_writes_every_rate_anew() -> None:
    optimizer = one(1.0)
    scheduler = lrdsl.compile("linear(10)", optimizer)
    for t in range(10):
        assert_close([rate(optimizer.param_groups[0])], [(1 - t / 10) * (1.5 if t else 1)])
        optimizer.step()
        scheduler.step()
        optimizer.param_groups[0]["lr"] *= 1.5
