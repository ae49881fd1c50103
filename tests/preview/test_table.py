from __future__ import annotations

import pytest

from lrdsl.preview import Unit, table
from tests.preview.conftest import MakeCurve


def test_plain_steps(curve: MakeCurve) -> None:
    shown = curve("warmup(5) >> cosine(15, 0.1 + 0.2, 0.01) >> const")
    assert table(None, shown.parts).splitlines() == [
        "part    step   length  from    to",
        "warmup     0        5     0   0.3",
        "cosine     5       15   0.3  0.01",
        "const     20  endless  0.01     –",
    ]


def test_the_files_own_units_and_the_rest_in_a_unit(curve: MakeCurve) -> None:
    shown = curve(
        "warmup(5ep) >> const(rest, 0.4) >> linear(20%)", steps_per_epoch=391, total=39100
    )
    assert table("resnet.lrs", shown.parts, 0.1, Unit("ep", 391)).splitlines() == [
        "resnet.lrs, base 0.1",
        "part      step  length  as written  from   to",
        "warmup       0   1,955         5ep     0  0.4",
        "const    1,955  29,325      (75ep)   0.4  0.4",
        "linear  31,280   7,820         20%   0.4    0",
        "0 is held forever from step 39,100 on",
    ]


def test_an_assumed_unit_takes_the_place_of_steps(curve: MakeCurve) -> None:
    shown = curve("warmup(5ep) >> linear(1.5ep, 0.4)", steps_per_epoch=1000)
    assert table(None, shown.parts, None, Unit("ep", 1000, is_assumed=True)).splitlines() == [
        "part    start  length  from   to",
        "warmup      0     5ep     0  0.4",
        "linear    5ep   1.5ep   0.4    0",
        "0 is held forever from 6.5ep on",
    ]


def test_a_length_in_a_unit_is_as_short_as_it_was_written(curve: MakeCurve) -> None:
    shown = curve("warmup(2Btok) >> const(375_000tok)", per_step={"tok": 1000})
    assert [part.written_length for part in shown.parts] == ["2Btok", "375ktok"]


def test_a_length_that_is_uneven_in_the_unit_is_not_rounded(curve: MakeCurve) -> None:
    shown = curve("warmup(1ep) >> cosine(rest, 1)", steps_per_epoch=7, total=30)
    assert "ep)" not in table(None, shown.parts, None, Unit("ep", 7))
    assert "1ep" in table(None, shown.parts, None, Unit("ep", 7))


def test_label_and_base(curve: MakeCurve) -> None:
    parts = curve("const").parts
    assert table("a\nb", parts).splitlines()[0] == "a b"
    assert table(None, parts, 0.1).splitlines()[0] == "base 0.1"


@pytest.mark.parametrize("total", [100, 10**9])
def test_fits_80_columns(curve: MakeCurve, total: int) -> None:
    product = " * ".join(["cosine(rest, 1, 1 / 3)"] * 8)
    shown = curve(f"warmup(10%) >> {product}", total=total)
    lines = table("x", shown.parts, 1 / 3, Unit("ep", 10)).splitlines()
    assert max(map(len, lines)) <= 80
    assert "…" in lines[3]
