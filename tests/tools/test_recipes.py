"""The recipes are clean, and have the rates that were published."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

import lrdsl
from lrdsl.schedule.views import faults_of
from tools.pages import recipes
from tools.pages.recipes import Recipe

RECIPES = {recipe.name: recipe for _, drawn in recipes.pictures() for recipe in drawn}

# Step and rate, from the sources by hand; where a recipe turns, and at its end.
# fmt: off
PUBLISHED: dict[str, list[tuple[int, float]]] = {
    # 400 updates at 0.01, then 0.1, divided by 10 at 32k and 48k, over at 64k.
    "resnet110": [(0, 0.01), (399, 0.01), (400, 0.1), (31_999, 0.1), (32_000, 0.01),
        (47_999, 0.01), (48_000, 0.001), (64_000, 0.001)],
    # 156 steps an epoch: epochs 5, 30, 60, 80 and 90 are steps 780, 4680, 9360, 12480 and 14040.
    "resnet50_one_hour": [(0, 0.1), (390, 1.65), (780, 3.2), (4679, 3.2), (4680, 0.32),
        (9359, 0.32), (9360, 0.032), (12_479, 0.032), (12_480, 0.0032), (14_040, 0.0032)],
    # 391 steps an epoch: restarts at epochs 10, 30 and 70; halfway through a cycle, half the rate.
    "sgdr": [(0, 0.05), (1955, 0.025), (3910, 0.05), (7820, 0.025), (11_730, 0.05),
        (27_370, 0.05), (43_010, 0.025), (58_650, 0)],
    "super_convergence": [(0, 0.1), (2500, 1.55), (5000, 3), (7500, 1.55), (10_000, 0.1)],
    # Step n of the paper is counted from 1: 512^-0.5 min(n^-0.5, n 4000^-1.5).
    "transformer": [(0, 512**-0.5 * 4000**-1.5), (3999, (512 * 4000) ** -0.5),
        (15_999, (512 * 16_000) ** -0.5), (99_999, (512 * 100_000) ** -0.5)],
    # Up in a tenth of 1,000 from 0.01 / 32; halfway, 33 / 64 of the peak.
    "ulmfit": [(0, 0.01 / 32), (50, 0.01 * 33 / 64), (100, 0.01), (550, 0.01 * 33 / 64),
        (1000, 0.01 / 32)],
    "bert": [(0, 0), (5000, 5e-5), (10_000, 1e-4), (505_000, 5e-5), (1_000_000, 0)],
    # 1 / sqrt(n): 40,000 is four times 10,000.
    "t5": [(0, 0.01), (9_999, 0.01), (10_000, 0.01), (40_000, 0.005), (2**19, 2**-9.5)],
    # 375M and 260B tokens are 117.2 and 81,250 batches of 3.2M.
    "gpt3": [(0, 0), (117, 6e-5), (81_250, 6e-6), (93_750, 6e-6)],
    # A tenth, four tenths, a half of 80k; exponentially, so halfway down it is sqrt(0.05).
    "wav2vec2": [(0, 3e-7), (8_000, 3e-5), (39_999, 3e-5), (60_000, 3e-5 * math.sqrt(0.05)),
        (80_000, 1.5e-6)],
    # 1251 steps an epoch, which have one rate; halfway, at epoch 150, the mean of both ends.
    "deit": [(0, 1e-6), (1250, 1e-6), (1251, 0.8e-6 + 0.2e-3), (6254, 0.2e-6 + 0.8e-3),
        (6255, 1e-5 + 0.99e-3 * (1 + math.cos(math.pi / 60)) / 2), (187_650, 5.05e-4),
        (188_900, 5.05e-4), (375_300, 1e-5)],
    # 312 steps an epoch; halfway down, at epoch 160, the mean of both ends.
    "convnext": [(0, 0), (3120, 2e-3), (6240, 4e-3), (49_920, 2.0005e-3), (93_600, 1e-6)],
    "chinchilla": [(0, 1e-4), (700_000, 5.5e-5), (1_400_000, 1e-5)],
    # Step t of the warm-up is (t + 1) / 2001 of the peak.
    "nanogpt": [(0, 6e-4 / 2001), (1000, 6e-4 * 1001 / 2001), (2000, 6e-4),
        (301_000, 3.3e-4), (600_000, 6e-5)],
    "llama2": [(0, 0), (2000, 1.5e-4), (251_000, 8.25e-5), (500_000, 1.5e-5)],
    "llama3": [(0, 0), (8000, 8e-5), (604_000, 4.04e-5), (1_200_000, 8e-7)],
    # 80 % and 90 % of 105,964 steps are 84,771.2 and 95,367.6.
    "deepseek_llm": [(0, 0), (2000, 3.2e-4), (84_770, 3.2e-4), (84_771, 0.316 * 3.2e-4),
        (95_367, 0.316 * 3.2e-4), (95_368, 3.2e-5), (105_964, 3.2e-5)],
    "minicpm": [(2750, 0.01), (254_999, 0.01), (260_000, 0.005), (275_000, 0.000625)],
    # 391 steps an epoch: divided by 5 at epochs 60, 120 and 160.
    "sgdr_figure/1_step_0.1": [(0, 0.1), (23_460, 0.02), (46_920, 0.004), (62_560, 0.0008)],
    "sgdr_figure/2_step_0.05": [(0, 0.05), (23_460, 0.01), (46_920, 0.002), (62_560, 0.0004)],
    "sgdr_figure/3_t50": [(0, 0.05), (9775, 0.025), (19_550, 0.05), (58_650, 0.05)],
    "sgdr_figure/4_t100": [(0, 0.05), (19_550, 0.025), (39_100, 0.05), (58_650, 0.025)],
    "sgdr_figure/5_t200": [(0, 0.05), (39_100, 0.025), (78_200, 0)],
    # Cycle k starts at epoch 2^k - 1.
    "sgdr_figure/6_t1_mult2": [(0, 0.05)] + [(391 * (2**k - 1), 0.05) for k in range(8)],
    # Cycle k starts at epoch 10 (2^k - 1).
    "sgdr_figure/7_t10_mult2": [(1955, 0.025)] + [(3910 * (2**k - 1), 0.05) for k in range(5)],
}
# fmt: on


def each() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.name)


@each()
def test_a_recipe_is_clean_in_its_run(recipe: Recipe) -> None:
    schedule = recipe.schedule()
    assert faults_of(schedule) == []
    assert schedule.is_absolute
    assert schedule.length == lrdsl.parse("const").resolve(**recipes.run(recipe.words)).length


@each()
def test_a_recipe_has_the_published_rates(recipe: Recipe) -> None:
    schedule = recipe.schedule()
    published = PUBLISHED[recipe.name]
    peak = max(rate for _, rate in published)
    for step, rate in published:
        assert schedule(step) == pytest.approx(rate, rel=1e-12, abs=1e-12 * peak), step


def test_every_recipe_has_its_numbers() -> None:
    assert set(PUBLISHED) == set(RECIPES)
    assert len(set(PUBLISHED)) >= 15


@each()
def test_a_recipe_cites_its_paper_or_repository(recipe: Recipe) -> None:
    assert recipe.path.read_text("utf-8").startswith(f"# {recipe.title}\n# Source: ")
    assert re.match(r"[A-Z]\w+( et al\.| and [A-Z]\w+)? (19|20)\d\d, ", recipe.source)
    assert re.search(r"arXiv:\d{4}\.\d{5}, |https://github\.com/[\w-]+/\w+", recipe.source)
    assert all(len(line) <= 100 for line in recipe.path.read_text("utf-8").splitlines())


def test_a_recipe_without_its_comments_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.lrs"
    path.write_text("# Title\n# Run: total=3\ncosine\n", encoding="utf-8")
    with pytest.raises(ValueError, match="a recipe starts with its title"):
        recipes.read(path)


def test_the_words_of_a_run() -> None:
    found = recipes.run("total=300Btok steps_per_epoch=2.5 per_step.tok=3.2M")
    assert found == {"total": "300Btok", "steps_per_epoch": 2.5, "per_step": {"tok": "3.2M"}}
    with pytest.raises(ValueError, match="a run has no 'totl'"):
        recipes.run("totl=5")
