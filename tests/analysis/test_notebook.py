"""What notebooks show: a chart, a table and no traceback; a line on axes; arrays and rows."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

import lrdsl
from tests.blocks import ROOT

TEXT = "warmup(5) >> cosine(20, base, base / 10)"
SEVERAL = "lr: warmup(10) >> cosine(90)  momentum: const(value = 0.9)"


def elements(value: Any) -> ElementTree.Element:
    """What a value shows, as a tree: so it is well formed."""
    return ElementTree.fromstring(f"<div>{value._repr_html_()}</div>")


def cells(table: ElementTree.Element) -> list[list[str]]:
    return [[cell.text or "" for cell in row] for row in table.iter("tr")]


def test_a_program_and_its_schedule_are_a_chart_and_a_table() -> None:
    program = lrdsl.parse(TEXT)
    for value in (program, program.resolve()):
        shown = elements(value)
        (table,) = shown.iter("table")
        assert cells(table) == [
            ["part", "step", "length", "from", "to"],
            ["warmup", "0", "5", "0", "1"],
            ["cosine", "5", "20", "1", "0.1"],
        ]
        assert len([*shown.iter("{http://www.w3.org/2000/svg}svg")]) == 1
        assert [text.text for text in shown.iter("pre")] == [TEXT] * (value is program)


def test_each_target_has_a_table() -> None:
    shown = elements(lrdsl.parse(SEVERAL).resolve_all())
    assert [caption.text for caption in shown.iter("caption")] == ["lr", "momentum"]
    assert len([*shown.iter("table")]) == 2


def test_a_schedule_has_the_name_of_its_target() -> None:
    momentum = lrdsl.parse(SEVERAL).resolve(target="momentum")
    assert "momentum" in momentum._repr_html_()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("warmup(5) >> cosine", "total"),
        ("run clock = h, total = 9h  linear", "schedule(at=…)"),
    ],
)
def test_what_cannot_be_drawn_says_why(text: str, said: str) -> None:
    shown = elements(lrdsl.parse(text))
    assert not [*shown.iter("table")]
    assert said in "".join(shown.itertext())
    assert text.split()[0] in "".join(shown.itertext())


def test_text_is_no_markup() -> None:
    """A program may come from anyone."""
    program = lrdsl.parse("# <script>alert(1)</script> & more\nlinear(4)")
    assert "<script>" not in program._repr_html_()
    assert "".join(elements(program).itertext()).startswith("# <script>alert(1)</script> & more")


def test_no_array_library_is_needed() -> None:
    code = f"""
import sys
sys.modules["numpy"] = sys.modules["matplotlib"] = None
import lrdsl
assert "<svg" in lrdsl.parse({TEXT!r}).resolve()._repr_html_()
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_an_error_is_shown_as_on_the_command_line() -> None:
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse("cosin(20)")
    lines = caught.value._render_traceback_()
    assert lines == ["LrsError", *str(caught.value).splitlines()]


def test_a_line_on_the_axes_of_a_figure() -> None:
    schedule = lrdsl.parse("const(2, 1) >> const(2, 0.5) >> linear(4, prev, 0)").resolve()
    axes = Figure().subplots()
    assert schedule.plot(axes, base=2.0, color="red", label="mine") is axes
    (line,) = axes.lines
    assert (line.get_color(), line.get_label()) == ("red", "mine")
    assert np.transpose(np.asarray(line.get_data())).tolist() == [
        [0, 1], [1, 1], [2, 1], [2, 0.5], [3, 0.5], [4, 0.5], [5, 0.375], [6, 0.25], [7, 0.125],
        [8, 0],
    ]  # fmt: skip
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("step", "rate")
    axes.set_xlabel("updates")
    schedule.plot(axes, first=2, last=5)
    assert axes.get_xlabel() == "updates"
    assert len(axes.lines) == 2
    with pytest.raises(ValueError, match="nothing to show from step 9 to step 2"):
        schedule.plot(axes, first=9, last=2)


def test_a_line_on_the_current_axes() -> None:
    mpl.use("agg")
    from matplotlib import pyplot

    axes = lrdsl.parse(TEXT).resolve().plot()
    assert axes is pyplot.gca()
    pyplot.close()


def test_an_array_has_a_value_for_each_update() -> None:
    schedule = lrdsl.parse(TEXT).resolve()
    assert np.asarray(schedule).tolist() == schedule.values(25).tolist()
    assert np.asarray(schedule, dtype=np.float32).dtype == np.float32
    with pytest.raises(ValueError, match=r"has no end, and an array has: use schedule.values\(n\)"):
        np.asarray(lrdsl.parse("const").resolve())


def test_a_part_is_a_row() -> None:
    part = lrdsl.parse("warmup(10%) >> cosine").resolve(total=100).parts[1]
    assert dict(part) == {
        "name": "cosine", "start_step": 10, "length": 90, "written_length": None, "start": "base",
        "end": "0", "start_value": 1.0, "end_value": 0.0,
    }  # fmt: skip
    with pytest.raises(KeyError, match="_block"):
        part["_block"]


def test_a_program_is_drawn_in_its_own_unit_where_its_run_is_not_known() -> None:
    shown = elements(lrdsl.parse("warmup(5%) >> cosine"))
    cells = ["".join(cell.itertext()) for cell in shown.iter("td")]
    assert cells[:5] == ["warmup", "0", "5%", "0", "1"]
    assert "100%" in {
        "".join(text.itertext()) for text in shown.iter() if text.tag.endswith("text")
    }
