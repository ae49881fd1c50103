from __future__ import annotations

import itertools
import os
import re
from pathlib import Path

import plotext
import pytest

from lrdsl.preview import Curve, View, chart, window
from tests.preview.conftest import MakeCurve

GOLDENS = Path(__file__).parent / "goldens"
UPDATE = os.environ.get("LRDSL_UPDATE_GOLDENS") == "1"
BRAILLE = re.compile("[\u2801-\u28ff]")
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")

CASES: dict[str, tuple[list[str], dict[str, int]]] = {
    "d2l": (["warmup(5) >> cosine(15, 0.3, 0.01) >> const"], {}),
    "long": (["warmup(2%) >> cosine(rest, 3e-4)"], {"total": 100_000}),
    "multistep": (["const(30, 0.1) >> const(30, 0.01) >> const(30, 0.001)"], {}),
    "staircase": (["multistep([30, 60, 80], 0.5, length = 90, start = 0.1)"], {}),
    "restarts": (["warmup(10) >> repeat(cosine(30, 0.1, 0))"], {}),
    "stable_decay": (["warmup(2%) >> const(rest, 6e-4) >> linear(20%)"], {"total": 50_000}),
    "momentum": (["linear(30, 0.95, 0.85) >> linear(60, 0.85, 0.95)"], {}),
    "tiny": (["warmup(500) >> cosine(4500, 1e-5, 1e-6)"], {}),
    "jumps": (["linear(5, 0, 0.3) >> const(6, 0.1) >> cosine(9, 0.3, 0)"], {}),
    "constant": (["const(value = 0.1)"], {}),
    "zero": (["const(value = 0)"], {}),
    "crowded": (["const(10, 0.1) >> " * 40 + "const(10, 0.2)"], {}),
    "two": (["warmup(5) >> cosine(15, 0.3, 0.01)", "warmup(5) >> linear(15, 0.3)"], {}),
    "four": (
        [f"warmup(500) >> cosine(9500, 3e-4, {k}e-4)" for k in range(3)] + ["const(value = 2e-4)"],
        {},
    ),
}


def drawn(curve: MakeCurve, name: str) -> tuple[list[Curve], View]:
    texts, run = CASES[name]
    curves = [curve(text, **run) for text in texts]
    return curves, window(curves)


@pytest.mark.parametrize("width", [50, 80, 120])
@pytest.mark.parametrize("name", CASES)
def test_golden(curve: MakeCurve, name: str, width: int) -> None:
    text = chart(*drawn(curve, name), width) + "\n"
    path = GOLDENS / f"{name}_{width}.txt"
    if UPDATE:
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.skipif(UPDATE, reason="the files are being written")
def test_every_golden_belongs_to_a_case() -> None:
    expected = {f"{name}_{width}.txt" for name in CASES for width in (50, 80, 120)}
    assert {path.name for path in GOLDENS.iterdir()} == expected


# Every width is that of one of these, and the least and the largest are those of all.
FILLING = ["d2l", "long", "four", "constant"]
WIDTHS = [
    (name, width)
    for place, name in enumerate(FILLING)
    for width in [*range(20, 60), 80, 100, 120, 200, 400]
    if width in {20, 21, 80, 400} or width // 2 % len(FILLING) == place
]


@pytest.mark.parametrize(("name", "width"), WIDTHS)
def test_fills_the_width_exactly(
    curve: MakeCurve, monkeypatch: pytest.MonkeyPatch, name: str, width: int
) -> None:
    # A terminal narrower than the chart must not shrink it.
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setenv("LINES", "5")
    lines = chart(*drawn(curve, name), width).splitlines()
    assert max(map(len, lines)) == width
    assert len(axis_line(lines)) == width


@pytest.mark.parametrize("height", [8, 9, 12, 20, 33, 50])
@pytest.mark.parametrize("name", CASES)
def test_stays_within_the_height(curve: MakeCurve, name: str, height: int) -> None:
    lines = chart(*drawn(curve, name), 80, height).splitlines()
    assert 4 <= len(lines) <= height
    assert len(axis_line(lines)) == 80


@pytest.mark.parametrize("height", range(12, 40))
def test_rate_ticks_are_evenly_spaced(curve: MakeCurve, height: int) -> None:
    lines = chart(*drawn(curve, "d2l"), 80, height).splitlines()
    rows = [k for k, line in enumerate(lines) if "┤" in line]
    assert len({b - a for a, b in itertools.pairwise(rows)}) == 1
    assert len(rows) == 4


@pytest.mark.parametrize("name", CASES)
def test_no_escape_codes_without_color(curve: MakeCurve, name: str) -> None:
    assert "\x1b" not in chart(*drawn(curve, name), 80)


def test_color_changes_nothing_but_colors(
    curve: MakeCurve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    shown = drawn(curve, "d2l")
    colored = chart(*shown, 80, color=True)
    assert "\x1b[38;5;" in colored
    # The terminal's own background is kept, be it dark or light.
    assert "\x1b[48;" not in colored
    plain = [line.rstrip() for line in ESCAPE.sub("", colored).splitlines()]
    assert plain == chart(*shown, 80).splitlines()


def test_no_color_is_honored(curve: MakeCurve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in chart(*drawn(curve, "four"), 80, color=True)


def test_every_curve_has_a_color_of_its_own(
    curve: MakeCurve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    curves, view = drawn(curve, "two")
    legend = chart(curves, view, 80, color=True).splitlines()[:2]
    assert len(set(re.findall(r"\x1b\[38;5;\d+m", "".join(legend)))) == 2


def axis_line(lines: list[str]) -> str:
    (found,) = [line for line in lines if "└" in line]
    return found


@pytest.mark.parametrize("width", [40, 77, 80, 120])
def test_boundaries_are_marked_and_labeled(curve: MakeCurve, width: int) -> None:
    lines = chart(*drawn(curve, "d2l"), width).splitlines()
    axis = axis_line(lines)
    left = axis.index("└") + 1
    columns = sorted({k for line in lines for k, letter in enumerate(line) if letter == "┊"})
    assert columns == [left + round(edge * (width - left - 1) / 21) for edge in (5, 20)]
    assert all(axis[column] == "┬" for column in columns)
    assert {"0", "5", "20"} <= set(lines[-1].split())
    assert lines[0].split() == ["warmup", "cosine", "const"]


def test_a_jump_is_one_upright_line(curve: MakeCurve) -> None:
    lines = chart([curve("const(10, 0.3) >> const(10, 0.1)")], View(range(20)), 80).splitlines()
    columns = [[hit.start() for hit in BRAILLE.finditer(line)] for line in lines]
    rows = [row for row in columns if row]
    upper, *between, lower = rows
    assert len(upper) > 30
    assert len(lower) > 30
    assert len(between) > 5
    assert {tuple(row) for row in between} == {(max(upper),)}
    assert max(upper) == min(lower)


def test_the_line_runs_where_the_rates_are(curve: MakeCurve) -> None:
    lines = chart([curve("linear(100, 1, 0)")], View(range(101)), 80, 20).splitlines()
    left = axis_line(lines).index("└") + 1
    rows = [k for k, line in enumerate(lines) if BRAILLE.search(line)]
    for column in range(80 - left):
        found = [k for k in rows if BRAILLE.match(lines[k].ljust(80), left + column)]
        expected = rows[0] + column / (79 - left) * (rows[-1] - rows[0])
        assert found
        assert all(abs(row - expected) <= 1 for row in found)


def test_labels_are_made_fit_for_a_terminal(curve: MakeCurve) -> None:
    labels = ["a\x1b[31mred\nlines", "x" * 300, "学习率" * 40]
    curves = [curve("cosine(20, 0.3)", label=label) for label in labels]
    text = chart(curves, View(range(21)), 60)
    assert "\x1b" not in text
    assert "red lines" in text
    wide = len(re.findall("[学习率]", text.splitlines()[2]))
    assert len(text.splitlines()[2]) + wide <= 60
    assert len(text.splitlines()[1]) == 60


def test_single_steps(curve: MakeCurve) -> None:
    lines = chart([curve("const(1, 0.2)")], View(range(1)), 40).splitlines()
    assert any(line.startswith("0.2┤") and BRAILLE.search(line) for line in lines)


def test_a_very_long_run(curve: MakeCurve) -> None:
    text = chart([curve("warmup(1%) >> cosine(rest, 1)", total=10**9)], View(range(10**9 + 1)), 80)
    assert text.splitlines()[-1].split()[-1] == "1B"


def test_leaves_plotext_as_it_was(curve: MakeCurve) -> None:
    figure = plotext.figure
    figure.clear().draw(figure.signal([1, 2], [3, 4]).lines(True))
    shown = drawn(curve, "d2l")
    text = chart(*shown, 80)
    before = figure.clear().plot_size(40, 10).build().string()
    assert chart(*shown, 80) == text
    assert figure.plot_size(40, 10).build().string() == before
    figure.clear()


@pytest.mark.parametrize(("width", "height"), [(19, 20), (80, 7)])
def test_refuses_what_cannot_be_drawn(curve: MakeCurve, width: int, height: int) -> None:
    with pytest.raises(ValueError, match="a chart needs"):
        chart([curve("const")], View(range(5)), width, height)


def test_refuses_no_curves() -> None:
    with pytest.raises(ValueError, match="a chart needs"):
        chart([], View(range(10)))
