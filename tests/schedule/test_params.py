"""The resolved values of ``param`` statements."""

from __future__ import annotations

import json

import lrdsl

TEXT = """
param peak = 0.4
param floor = peak / 1000
param warm = 5ep
param tail = warm * 2
param scale = base / 10
param marks = [30ep, 60ep]
param filler = rest
param cool = true
let unlisted = 3
warmup(warm) >> cosine(tail, peak, floor) >> const(filler) * if(cool, 1, scale)
"""


def test_plain_numbers_and_texts() -> None:
    resolved = lrdsl.parse(TEXT).resolve_all(steps_per_epoch=10, total=500)
    assert resolved.params == {
        "peak": 0.4,
        "floor": 0.0004,
        "warm": "5ep",
        "tail": "10ep",
        "scale": "base / 10",
        "marks": "[30ep, 60ep]",
        "filler": "rest",
        "cool": True,
    }
    assert json.loads(json.dumps(resolved.params)) == resolved.params


def test_what_the_run_gives_wins_and_others_follow() -> None:
    given: dict[str, float | str] = {"peak": 0.2, "warm": "2.5ep", "scale": "1e-3"}
    resolved = lrdsl.parse(TEXT).resolve_all(steps_per_epoch=10, total=500, params=given)
    found = resolved.params
    assert (found["peak"], found["floor"], found["scale"]) == (0.2, 0.0002, 0.001)
    assert (found["warm"], found["tail"]) == ("2.5ep", "5ep")


def test_none_are_none() -> None:
    assert lrdsl.parse("let a = 3\nconst(value = a)").resolve_all().params == {}
