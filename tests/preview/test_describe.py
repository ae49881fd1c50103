"""Schedules in words: golden texts, and that the numbers in them are those of the schedule."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

import lrdsl
from lrdsl.check import library
from lrdsl.check.combinators import METERED
from lrdsl.preview.describe import Teller
from lrdsl.text.nodes import Definition
from lrdsl.wording import number
from tests import strategies
from tests.diagnostics.examples import check_golden
from tools.pages import recipes

GOLDENS = Path(__file__).parent / "told"
DEFINITIONS = [found for found in map(library.find, library.names()) if found]


def told(text: str, base: float = 1.0, *, known: bool = False, **run: Any) -> str:
    schedule = lrdsl.parse(text).resolve(**run)
    teller = Teller(schedule, base, given=known, per_epoch=run.get("steps_per_epoch"))
    return "\n".join(teller.lines())


def test_the_library_in_words() -> None:
    lines = []
    for definition in DEFINITIONS:
        example = library.notes(definition).example
        if example:
            lines.append(f"{example}\n  " + told(example).replace("\n", "\n  "))
    assert len(lines) == len(DEFINITIONS)
    check_golden(GOLDENS / "library.txt", "\n\n".join([*lines, ""]))


def test_the_recipes_in_words() -> None:
    lines = []
    for path in sorted(recipes.FOLDER.rglob("*.lrs")):
        run = recipes.run(recipes.read(path).words)
        lines.append(
            f"{path.stem}\n  " + told(path.read_text("utf-8"), **run).replace("\n", "\n  ")
        )
    check_golden(GOLDENS / "recipes.txt", "\n\n".join([*lines, ""]))


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda definition: definition.name)
def test_every_shape_says_what_it_does(definition: Definition) -> None:
    verb = library.verb(definition)
    needs_one = definition.keyword == "shape" or definition.name in METERED
    assert (verb is not None) == needs_one
    assert verb is None or re.fullmatch(r"[a-z]+s( .*[^.])?", verb)


@strategies.MANY
@given(strategies.programs())
def test_any_program_is_told_with_its_own_numbers(text: str) -> None:
    schedule = lrdsl.parse(text).resolve(**strategies.RUN)
    lines = Teller(schedule, 0.3, given=True).lines()
    parts = schedule.parts_at(0.3)
    ends = schedule.length < math.inf
    assert len(lines) == len(parts) + ends
    assert [line[-1] for line in lines] == [","] * (len(lines) - 1) + ["."]
    for line, part in zip(lines, parts, strict=False):
        if part.name in strategies.SHAPES:
            assert f" {number(part.start_value)} " in f"{line[:-1]} "
            if 0 < part.length < math.inf:
                assert f" {int(part.length):,} step" in line
    if ends:
        value = number(schedule(int(schedule.length), base=0.3))
        assert lines[-1] == f"and stays at {value} from step {int(schedule.length):,} on."


BASES: dict[str, tuple[str, dict[str, Any], str]] = {
    "what is in proportion": ("warmup(5) >> cosine(20, base, base / 100)", {}, "to `base` over"),
    "a share of it": ("const(value = base / 4)", {}, "holds 0.25 × `base` forever."),
    "a base that is known": ("const(value = base / 4)", {"base": 0.2, "known": True}, "holds 0.05"),
    "what is neither": (
        "const(value = base + 0.1)", {"base": 0.2}, "holds 0.3 forever (for a base of 0.2).",
    ),
    "plain numbers": ("const(value = 0.5)", {"base": 0.2}, "holds 0.5 forever."),
    "no curve for another base": (
        "geometric(9, base - 0.6, 0.1)", {}, "from 0.4 to 0.1 over 9 steps",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BASES)
def test_values_in_terms_of_the_base(case: str) -> None:
    text, options, wanted = BASES[case]
    assert wanted in told(text, **options)


RUN: dict[str, Any] = {"steps_per_epoch": 10, "total": 1000, "per_step": {"tok": 1e8}}
LENGTHS = {
    "warmup(1ep)": "over 10 steps (1 epoch)",
    "warmup(1.5ep)": "over 15 steps (1.5 epochs)",
    "warmup(10%)": "over 100 steps (10%)",
    "warmup(20Btok)": "over 200 steps (20Btok)",
    "warmup(20.5Btok)": "over 205 steps (20.5Btok)",
    "warmup(20)": "over 20 steps (2 epochs)",
    "warmup(25)": "over 25 steps,",
    "warmup(1)": "over 1 step,",
    "warmup(2ep - 5)": "over 15 steps,",
    "warmup(12345)": "over 12,345 steps,",
    "linear": "over 1,000 steps (100 epochs)",
}


@pytest.mark.parametrize("text", LENGTHS)
def test_lengths_as_they_were_written(text: str) -> None:
    assert LENGTHS[text] in told(text, **RUN)


WORDS = {
    "repeat(cosine(10), 3)": "repeats 3 times: [follows half",
    "repeat(cosine(10), 1)": "repeats 1 time: [",
    "repeat(cosine(10))": "repeats forever: [",
    "repeat(cosine(10), 3, stretch = 2)": "in cycles of 10, 20 and 40 steps: [",
    "repeat(cosine(10), 9, stretch = 2)": "in cycles of 10, 20, 40, 80, … steps: [",
    "repeat(cosine(10), 2, decay = 0.5)": "each 0.5 times as high as the one before: [",
    "until(25, cosine(90))": "runs the first 25 steps of [follows half a cosine from `base`",
    "skip(25, linear(90))": "goes on, as if begun 25 steps before, with [goes in a straight",
    "every(2, linear(9))": "changes only every 2 steps: [goes in a straight line from `base` to 0",
    "over(25, repeat(cosine(10)))": "repeats 3 times, the last of them 5 steps short: [",
    "cosine(10) * 2": "] times 2,",
    'cosine(10) * own("lr_scale")': '] times `own("lr_scale")`,',
    "cosine(10) / 2": "] divided by 2,",
    "cosine(10) + 2": "] plus 2,",
    "cosine(10, 3, 2) - 1": "] minus 1,",
    "1 - cosine(10, 1)": "] subtracted from 1,",
    "max(cosine(10), 0.1)": "], never below 0.1,",
    "min(cosine(10, 9), 0.1)": "], never above 0.1,",
    "min(const(5), const(6), 2)": "base` for 6 steps], never above 2,",
    "const(5) * step(3, start = 1)": "is the product of [holds `base` for 5 steps] and [",
    "warmup(5, ease = square)": "over 5 steps, with ease = square,",
    "over(9, const * plateau(mode = max))": "and mode = max]",
    "exponential(0.9)": "from `base` without an end, with gamma = 0.9 and every = 1 step.",
    "shape up(length: steps, k) = u ^ k up(5, 2)": "follows `up` from 0 to 1 over 5 steps, with",
    "## Verb: climbs.\nshape up(length: steps) = u up(5)": "climbs from 0 to 1 over 5 steps,",
    "over(9, reduce_on_plateau)": "and stays where it is from step 9 on.",
}


@pytest.mark.parametrize("text", WORDS)
def test_how_parts_are_combined(text: str) -> None:
    assert WORDS[text] in told(text)


EVENTS = {
    'warmup(5) >> until(signal("cooldown"), const) >> linear(2000)': (
        "warms up from 0 to `base` over 5 steps,\n"
        "then holds `base` until the signal `cooldown` comes.\n"
        "Once the signal `cooldown` has come: goes in a straight line from `base` to 0 over 2,000"
        " steps, and stays at 0 after that."
    ),
    "until(below(0.35), cosine(2000)) >> linear(20)": (
        "until a metric is below 0.35: [follows half a cosine from `base` to 0 over 2,000 steps].\n"
        "Once a metric has been below 0.35: goes in a straight line from where it is to 0 over 20"
        " steps, and stays at 0 after that."
    ),
    'cosine(20) * (until(signal("spike"), const(value = 1)) >> const(value = 0.5))': (
        "is the product of [follows half a cosine from `base` to 0 over 20 steps] and [holds 1"
        " until the signal `spike` comes].\n"
        "Once the signal `spike` has come: is the product of [follows half a cosine from `base` to"
        " 0 over 20 steps] and [holds 1 until the signal `spike` comes, then holds 0.5 forever]."
    ),
    'until(signal("a"), const) >> until(stalled(5), linear(9)) >> const(value = 0.1)': (
        "holds `base` until the signal `a` comes.\n"
        "Once the signal `a` has come: until a metric has stopped improving: [goes in a straight"
        " line from `base` to 0 over 9 steps].\n"
        "Once a metric has stopped improving: holds 0.1 forever."
    ),
}


@pytest.mark.parametrize("text", EVENTS)
def test_what_follows_an_event_is_told(text: str) -> None:
    assert told(text) == EVENTS[text]


def test_what_is_left_of_a_run_after_an_event_is_told_without_numbers() -> None:
    found = told('until(signal("c"), const) >> linear', total=100)
    assert "goes in a straight line from `base` to 0 over the steps that are left" in found
