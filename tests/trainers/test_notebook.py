"""Notebooks, run by Jupyter's own client and kernel."""

from __future__ import annotations

from typing import Any

import pytest
from nbclient import NotebookClient
from nbformat import v4

CELLS = [
    'import lrdsl\nschedule = lrdsl.parse("warmup(5) >> cosine(20, base, base / 10)").resolve()',
    "schedule",
    'lrdsl.parse("warmup(5) >> cosine(20)")',
    'lrdsl.parse("lr: linear(9)  momentum: const(value = 0.9)").resolve_all()',
    'lrdsl.parse("cosin(20)")',
    "import pandas\npandas.DataFrame(schedule.parts)",
    "import numpy\nnumpy.asarray(schedule)[:3].tolist()",
]


@pytest.fixture(scope="module")
def outputs() -> list[Any]:
    """What each cell put out."""
    notebook = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in CELLS])
    NotebookClient(notebook, timeout=200, allow_errors=True).execute()
    return [cell.outputs for cell in notebook.cells]


def test_schedules_are_charts_with_tables(outputs: list[Any]) -> None:
    for place, tables in ((1, 1), (2, 1), (3, 2)):
        (shown,) = outputs[place]
        html = shown.data["text/html"]
        assert html.count("<table>") == tables
        assert html.count("<svg ") == 1
        assert "warmup" in shown.data["text/plain"] or place == 3


def test_an_error_has_no_traceback(outputs: list[Any]) -> None:
    (shown,) = outputs[4]
    assert shown.output_type == "error"
    assert shown.traceback == [
        "LrsError",
        "error[LRS201 unknown-name]: there is no `cosin`",
        " --> <string>:1:1",
        "  |",
        "1 | cosin(20)",
        "  | ^^^^^",
        "help: did you mean `cosine`?",
        "more: lrdsl explain LRS201",
    ]


def test_parts_are_a_table_and_a_schedule_an_array(outputs: list[Any]) -> None:
    html = outputs[5][0].data["text/html"]
    for word in ("<th>name</th>", "<th>start_step</th>", "<td>cosine</td>", "<td>base / 10</td>"):
        assert word in html
    assert outputs[6][0].data["text/plain"] == "[0.0, 0.2, 0.4]"
