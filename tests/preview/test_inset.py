"""What follows an event: drawn in a frame of its own, until it is known when the event comes."""

from __future__ import annotations

import re

import pytest

from lrdsl.preview import svg, window
from lrdsl.preview.inset import inset
from lrdsl.record import replace
from tests.preview.conftest import MakeCurve

TEXT = 'warmup(500) >> until(signal("cooldown"), const) >> linear(2000)'


def test_it_is_what_follows_from_its_first_step_to_its_last(curve: MakeCurve) -> None:
    shown = inset(curve(TEXT))
    assert shown is not None
    assert shown.label == "after cooldown: 2,000 steps"
    assert (shown.line[0], shown.line[-1]) == ((0, 1), (1, 0))
    assert all(abs(x + y - 1) < 1e-9 for x, y in shown.line)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("until(below(0.35), const) >> cosine(300)", "once below 0.35: 300 steps"),
        ("until(stalled(5), const) >> cosine(1)", "once stalled: 1 step"),
        ('max(until(signal("c"), const) >> linear(9), 0.1)', "after c: 100 steps"),
    ],
)
def test_its_label_says_when(curve: MakeCurve, text: str, label: str) -> None:
    shown = inset(curve(text))
    assert shown is not None
    assert shown.label == label


@pytest.mark.parametrize("width", [76, 116, 20])
def test_a_terminal_has_it_in_a_dashed_frame(curve: MakeCurve, width: int) -> None:
    shown = inset(curve(TEXT))
    assert shown is not None
    label, top, *rows, foot = shown.text(width)
    assert label == "after cooldown: 2,000 steps"[: len(label) - 1] + label[-1]
    assert {len(line) for line in (top, *rows, foot)} == {min(width, 42)}
    assert (set(top), set(foot)) == ({*"╭╌╮"}, {*"╰╌╯"})
    # It falls: the first row is drawn at the left, the last one at the right.
    assert rows[0][1] != " " and rows[0][-2] == " "
    assert rows[-1][1] == " " and rows[-1][-2] != " "


def test_an_svg_draws_it_dashed_and_clear_of_the_curve(curve: MakeCurve) -> None:
    shown = [curve(TEXT)]
    picture = svg(shown, window(shown))
    assert ">after cooldown: 2,000 steps<" in picture
    (frame,) = re.findall(r'stroke-dasharray="4 3" d="M(.*?)Z"', picture)
    _, low, _, high, _ = map(float, re.findall(r"[\d.]+", frame))
    (line,) = re.findall(r'stroke-width="2" stroke-linejoin="round" d="M(.*?)"', picture)
    assert not high < float(line.split()[-1]) < low


def test_nothing_is_uncertain_once_the_event_is_known(curve: MakeCurve) -> None:
    one = curve(TEXT)
    after = replace(one, schedule=one.schedule.after({"cooldown": 700}))
    assert inset(after) is None
    assert "after cooldown" not in svg([after], window([after]))
    assert inset(curve("warmup(5) >> const")) is None
