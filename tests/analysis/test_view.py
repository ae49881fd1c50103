"""An analysis as plain data."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

import lrdsl
from lrdsl.analysis.view import view
from lrdsl.resolve.run_arguments import RunArguments

if TYPE_CHECKING:
    from typing_extensions import Unpack

TEXTS = [
    "warmup(5, end = 1) >> const",
    "warmup(5ep) >> cosine(85ep, 0.4, 4e-4) >> const",
    "warmup(5) >> cosine(20, en",
    "cosin(20)",
    "",
    "lr: const(5, base) momentum: linear(10, 0.8, 0.9)",
    "repeat(warmup(2, 0.1, 0.3) >> cosine(8), 3) * 2 >> const",
    'warmup(5) >> until(signal("cooldown"), const) >> linear(100)',
    "shape bad(n: steps) = 1 / (t - 3)  bad(10)",
    "const(5, 0.1) * exponential(0.5)",
    "# \N{ROCKET}\nlr: cosine(10, 0.1, 0) # \N{ROCKET}",
    "let x = 1e400  const(x)",
    "x" * 3000,
]


def of(text: str, **run: Unpack[RunArguments]) -> dict[str, Any]:
    return dict(view(lrdsl.analyze(text, **run)))


def numbers(value: object) -> Iterator[float]:
    match value:
        case float():
            yield value
        case list():
            for item in value:
                yield from numbers(item)
        case dict():
            for item in value.values():
                yield from numbers(item)


@pytest.mark.parametrize("text", TEXTS)
def test_it_is_plain_data_whatever_the_text(text: str) -> None:
    found = of(text)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert all(map(math.isfinite, numbers(found)))
    assert found["text"] == text
    size = len(text)
    places = [one[:2] for one in found["tokens"]]
    places += [[one["start"], one["end"]] for one in found["diagnostics"]]
    places += [one["place"] for parts in found["parts"].values() for one in parts if one["place"]]
    assert all(0 <= start <= end <= size for start, end in places)


def test_the_points_are_the_values_of_the_formula() -> None:
    (curve,) = of("warmup(5, end = 1) >> const(3)")["curves"]
    assert curve["points"] == [[k, min(k / 5, 1)] for k in range(9)]
    assert (curve["label"], curve["quantity"], curve["noun"], curve["base"]) == (
        "lr", "lr", "rate", None,
    )  # fmt: skip


def test_a_jump_is_upright() -> None:
    (curve,) = of("const(5, 1) >> const(5, 0.5)")["curves"]
    assert [point for point in curve["points"] if point[0] == 5] == [[5, 1.0], [5, 0.5]]


def test_steps_without_a_value_are_left_out() -> None:
    found = of("shape bad(n: steps) = 1 / (t - 3)  bad(10)")
    assert [one["severity"] for one in found["diagnostics"]] == ["error"]
    assert found["curves"] == []


def test_a_part_says_its_values_in_terms_of_base() -> None:
    found = of("warmup(5) >> cosine(10, base, base / 10) >> const")
    rows = [(p["name"], p["start"], p["end"], p["length"]) for p in found["parts"]["lr"]]
    assert rows == [
        ("warmup", "0", "base", 5),
        ("cosine", "base", "base / 10", 10),
        ("const", "base / 10", None, None),
    ]
    assert found["curves"][0]["base"] == 1.0
    places = [found["text"][slice(*part["place"])] for part in found["parts"]["lr"]]
    assert places == ["warmup(5)", "cosine(10, base, base / 10)", "const"]
    assert found["boundaries"] == [5, 15]


def test_parts_inside_parts_are_a_tree() -> None:
    (repeat,) = of("repeat(warmup(2, 0.1, 0.3) >> cosine(8), 3)")["parts"]["lr"]
    assert [part["name"] for part in repeat["children"]] == ["warmup", "cosine"]


def test_a_very_deep_tree_ends() -> None:
    text = "over(9, " * 40 + "cosine(9, 1)" + ")" * 40
    depth, parts = 0, of(text)["parts"]["lr"]
    while parts:
        depth, parts = depth + 1, parts[0]["children"]
    assert depth <= 21


def test_an_unknown_run_is_drawn_in_its_unit() -> None:
    found = of("warmup(5ep) >> cosine(85ep, 0.4)")
    assert found["needs"] == ["--steps-per-epoch"]
    assert found["unit"]["name"] == "ep" and found["unit"]["is_assumed"]
    steps = found["unit"]["steps"]
    assert [part["start_step"] / steps for part in found["parts"]["lr"]] == [0, 5]
    known = of("warmup(5ep) >> cosine(85ep, 0.4)", steps_per_epoch=1251)
    assert known["unit"] == {"name": "ep", "steps": 1251.0, "is_assumed": False}
    assert known["steps"] == [0, 112590]


def test_other_steps() -> None:
    analysis = lrdsl.analyze("cosine(1_000_000, 1)")
    found: dict[str, Any] = dict(view(analysis, first=500_000, last=500_003, points=100))
    assert [step for step, _ in found["curves"][0]["points"]] == [500_000 + k for k in range(4)]
    assert found["curves"][0]["points"][0][1] == pytest.approx(0.5)
    for first, last in ((-5, -3), (10**20, None), (7, 3), (0, 10**30)):
        odd: dict[str, Any] = dict(view(analysis, first=first, last=last, points=10))
        assert odd["steps"][0] <= odd["steps"][1]


def test_params() -> None:
    text = "## The peak.\nparam peak = 0.3\nparam warm = 5ep\nwarmup(warm, 0, peak)"
    peak, warm = of(text, params={"peak": "0.5"})["params"]
    assert peak == {
        "name": "peak", "default": 0.3, "kind": "number", "documentation": "The peak.",
        "written": "0.3", "value": "0.5", "place": [26, 29],
    }  # fmt: skip
    assert (warm["default"], warm["kind"], warm["value"]) == ("5ep", "length", "5ep")


def test_fixes_are_replacements_in_the_document() -> None:
    host = "# A config.\nschedule: cosin(20)\n"
    found: dict[str, Any] = dict(view(lrdsl.analyze("cosin(20)", host=host)))
    (error,) = found["diagnostics"]
    assert host[error["start"] : error["end"]] == "cosin"
    (edit,) = error["fixes"][0]["edits"]
    assert host[: edit["start"]] + edit["text"] + host[edit["end"] :] == host.replace(
        "cosin", "cosine"
    )


def test_a_text_in_a_config() -> None:
    text = "train: {epochs: 90}\noptim:\n  lr: warmup(5ep) >> cosine(85ep, 0.3)\n"
    found = lrdsl.analyze_config(
        text, name="x.yaml", address="optim.lr", keys=["optim.lr"], total_from="train.epochs=ep"
    )
    (analysis,) = found.schedules
    shown: dict[str, Any] = dict(view(analysis))
    assert shown["name"] == "x.yaml:optim.lr"
    assert text[shown["start"] : shown["end"]] == "warmup(5ep) >> cosine(85ep, 0.3)"
    assert text[slice(*shown["parts"]["lr"][1]["place"])] == "cosine(85ep, 0.3)"


def test_an_address_without_a_schedule() -> None:
    with pytest.raises(ValueError, match=r"no key `optim\.l`"):
        lrdsl.analyze_config("optim: {lr: const}\n", name="x.yaml", address="optim.l")


def test_a_schedule_in_another_file(tmp_path: Any) -> None:
    (tmp_path / "own.lrs").write_text("cosine(20, 0.3)\n", encoding="utf-8")
    name = str(tmp_path / "x.yaml")
    found = lrdsl.analyze_config("schedule: own.lrs\n", name=name)
    (analysis,) = found.elsewhere
    assert (found.schedules, found.files) == ((), (str(tmp_path / "own.lrs"),))
    assert analysis.address == f"{name}:schedule"


def test_groups() -> None:
    text = 'lr["layers.{i}.*"]: base * 0.5 ^ (2 - i)'
    found = lrdsl.analyze(text, groups=["layers.0.w", "layers.7.w"])
    assert [curve["label"] for curve in dict(view(found))["curves"]] == [  # type: ignore[union-attr, index, call-overload]
        'lr["layers.{i=0}.*"]',
        'lr["layers.{i=7}.*"]',
    ]
    wrong = lrdsl.analyze('lr["layers.{i}.*"]: const(i - 1)', groups=["layers.0.w"])
    assert [one.severity for one in wrong.diagnostics] == ["error"] and wrong.program is None
