"""``lrdsl export --to csv``: the values themselves."""

from __future__ import annotations

import csv
import io
import re

import pytest

import lrdsl
from tests.exporting.programs import examples


def test_a_row_for_every_update_and_a_column_for_every_target() -> None:
    text = 'lr: warmup(5) >> cosine(20)  momentum: linear(9, 0.9, 0.8)  lr["a"]: const(3, 0.1)'
    rows = list(csv.reader(io.StringIO(lrdsl.export(text, "csv", base=0.3))))
    resolved = lrdsl.parse(text).resolve_all()
    assert rows[0] == ["step", "lr", "momentum", 'lr["a"]']
    assert [int(row[0]) for row in rows[1:]] == list(range(25))
    for row in rows[1:]:
        wanted = [schedule(int(row[0]), base=0.3) for schedule in resolved.values()]
        assert [float(cell) for cell in row[1:]] == wanted


def test_what_has_no_formula_has_values() -> None:
    for text in (
        "repeat(repeat(linear(10ep), 3) >> const(2))",
        "repeat(linear(2) >> const(3), stretch = 1.01)",
        "run clock = tok, 1st = 3tok\nlinear(100tok) >> const",
    ):
        run = {"steps_per_epoch": 1.13, "total": 900}
        with pytest.raises(lrdsl.LrsError, match="`--to csv` writes its values"):
            lrdsl.export(text, "python", **run)  # type: ignore[arg-type]
        rows = lrdsl.export(text, "csv", base=0.3, steps=70, **run).splitlines()  # type: ignore[arg-type]
        schedule = lrdsl.parse(text).resolve(**run)  # type: ignore[arg-type]
        assert rows[1:] == [f"{t},{schedule(t, base=0.3)!r}" for t in range(70)]


def test_what_is_missing_is_said() -> None:
    with pytest.raises(ValueError, match="depend on `base`: give its value"):
        lrdsl.export("linear(5)", "csv")
    with pytest.raises(ValueError, match="has no end: give the number of steps"):
        lrdsl.export("const(value = 1)", "csv")
    with pytest.raises(ValueError, match="steps are the rows of a csv"):
        lrdsl.export("linear(5)", "json", steps=3)
    with pytest.raises(lrdsl.LrsError, match=re.escape("`lrdsl preview --metric LOG")):
        lrdsl.export("const(5, 0.1) * plateau(0.1)", "csv")
    assert lrdsl.export(examples()["cosine"], "csv", steps=0) == "step,lr\n"
