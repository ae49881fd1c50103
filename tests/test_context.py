"""What is told about a run: taken where it makes sense, refused in its own words where not."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

import lrdsl
from lrdsl import Diagnostic, LrsError, RunContext

PARAMS = "param peak = 0.5\nparam warm = 5ep\nparam count = 5\nconst(warm, peak) >> const(count)"


def refused(text: str, **run: Any) -> Diagnostic:
    """The one thing that is wrong with a run."""
    with pytest.raises(LrsError) as caught:
        lrdsl.parse(text).resolve(**run)
    (found,) = caught.value.diagnostics
    return found


TOTALS: dict[str, tuple[Any, int]] = {
    "steps": (100, 100),
    "text": ("100", 100),
    "spaces": (" 100 ", 100),
    "epochs": ("90ep", 900),
    "fraction-of-epochs": ("2.5ep", 25),
    "rounded": ("0.25ep", 3),
    "exponent": ("1e3", 1000),
    "suffix": ("10k", 10_000),
    "groups": ("1_000", 1000),
    "whole-float": (100.0, 100),
    "unit": ("2Mtok", 20),
    "steps-by-name": ("50st", 50),
    "limit": (2**53, 2**53),
}


@pytest.mark.parametrize("case", TOTALS)
def test_the_length_of_a_run(case: str) -> None:
    total, wanted = TOTALS[case]
    run: dict[str, Any] = {"steps_per_epoch": 10, "per_step": {"tok": 1e5}}
    assert lrdsl.parse("cosine").resolve(total=total, **run).length == wanted


NO_TOTALS: dict[str, tuple[Any, str]] = {
    "negative": (-5, "above 0"),
    "negative-text": ("-5", "above 0"),
    "zero": (0, "above 0"),
    "zero-epochs": ("0ep", "above 0"),
    "share": ("10%", "a share of itself"),
    "fraction": (2.5, "whole steps"),
    "fraction-text": ("2.5", "whole steps"),
    "true": (True, "neither a number nor a length"),
    "false": (False, "neither a number nor a length"),
    "list": ([100], "neither a number nor a length"),
    "bytes": (b"100", "neither a number nor a length"),
    "word": ("long", ""),
    "empty": ("", ""),
    "nan": (float("nan"), ""),
    "inf": (float("inf"), ""),
    "expression": ("2 * 50", "not a number"),
    "exponent": ("1e999", "at most 308"),
}


@pytest.mark.parametrize("case", NO_TOTALS)
def test_what_is_no_length_of_a_run(case: str) -> None:
    total, reason = NO_TOTALS[case]
    found = refused("cosine", total=total)
    assert (found.code, found.name) == ("LRS310", "the run")
    assert found.message.startswith(f"`total` cannot be {total!r}: ")
    assert reason in found.message


@pytest.mark.parametrize(
    ("total", "code"), [("90ep", "LRS307"), ("5tok", "LRS307"), ("1e17", "LRS308")]
)
def test_a_length_of_a_run_that_cannot_be_counted(total: str, code: str) -> None:
    found = refused("cosine", total=total)
    assert (found.code, found.name, found.span.text) == (code, "the run", total)


@pytest.mark.parametrize("rate", [10, 10.0, "10", 2.5, 1e-3])
def test_steps_per_epoch(rate: Any) -> None:
    assert lrdsl.parse("const(1000ep)").resolve(steps_per_epoch=rate).length == 1000 * float(rate)


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf"), "many", [10], None])
def test_what_is_no_number_of_steps_per_epoch(rate: Any) -> None:
    found = refused("const(5ep)", steps_per_epoch=rate)
    assert found.code == ("LRS307" if rate is None else "LRS310")
    assert rate is None or found.message.startswith(f"`steps_per_epoch` cannot be {rate!r}: ")


@pytest.mark.parametrize("name", ["tok", "sample", "img", "Tok", "tok2", "epo", "e_2"])
def test_names_of_units(name: str) -> None:
    assert lrdsl.parse(f"const(5{name})").resolve(per_step={name: 0.5}).length == 10


@pytest.mark.parametrize(
    "name",
    [
        "st",
        "ep",
        "epoch",
        "epochs",
        "steps",
        "s",
        "e",
        "pct",
        "%",
        "",
        "a b",
        "5",
        "ktok",
        "Mtok",
        "B",
    ],
)
def test_what_is_no_name_of_a_unit(name: str) -> None:
    found = refused("const(5)", per_step={name: 2})
    assert (found.code, found.message.partition("`")[2].partition("`")[0]) == ("LRS310", name)


@pytest.mark.parametrize("amount", [0, -1, float("nan"), float("inf"), "many", None])
def test_what_cannot_be_in_a_step(amount: Any) -> None:
    found = refused("const(5)", per_step={"tok": amount})
    assert found.code == "LRS310"
    assert found.message.startswith(f"`tok` cannot be {amount!r}: ")


def test_a_unit_that_nothing_knows_is_proposed() -> None:
    found = refused("const(5toks)", per_step={"tok": 2})
    assert found.code == "LRS307"
    assert "did you mean `tok`?" in found.help


GIVEN: dict[str, tuple[dict[str, Any], int, float]] = {
    "nothing": ({}, 55, 0.5),
    "number": ({"peak": 0.25}, 55, 0.25),
    "text": ({"peak": "0.25"}, 55, 0.25),
    "exponent": ({"peak": "1e-5"}, 55, 1e-5),
    "exponent-as-a-float": ({"peak": 1e-05}, 55, 1e-5),
    "spaces": ({"peak": " 0.25 "}, 55, 0.25),
    "whole": ({"peak": 1}, 55, 1.0),
    "zero": ({"peak": 0}, 55, 0.0),
    "length": ({"warm": "2ep"}, 25, 0.5),
    "length-in-another-unit": ({"warm": "7st"}, 12, 0.5),
    "count": ({"count": 7}, 57, 0.5),
    "count-as-text": ({"count": "7"}, 57, 0.5),
    "count-as-a-float": ({"count": 7.0}, 57, 0.5),
    "all": ({"count": 7, "warm": "1ep", "peak": "1e-1"}, 17, 0.1),
}


@pytest.mark.parametrize("case", GIVEN)
def test_params(case: str) -> None:
    params, length, peak = GIVEN[case]
    schedule = lrdsl.parse(PARAMS).resolve(params=params, steps_per_epoch=10)
    assert (schedule.length, schedule(0)) == (length, peak)


NO_PARAMS: dict[str, tuple[dict[str, Any], str, str]] = {
    "misspelled": ({"peek": 1}, "LRS212", "peek"),
    "unit-by-accident": ({"peak": "1e-5x"}, "LRS310", "peak"),
    "length-for-a-number": ({"peak": "5ep"}, "LRS301", "peak"),
    "number-for-a-length": ({"warm": 10}, "LRS301", "warm"),
    "number-as-text-for-a-length": ({"warm": "10"}, "LRS301", "warm"),
    "fraction-for-a-count": ({"count": 2.5}, "LRS304", "count"),
    "word": ({"peak": "high"}, "LRS310", "peak"),
    "word-of-the-language": ({"peak": "base"}, "LRS310", "peak"),
    "expression": ({"peak": "0.1 * 2"}, "LRS310", "peak"),
    "empty": ({"peak": ""}, "LRS310", "peak"),
    "true": ({"peak": True}, "LRS310", "peak"),
    "none": ({"peak": None}, "LRS310", "peak"),
    "list": ({"peak": [1]}, "LRS310", "peak"),
    "nan": ({"peak": float("nan")}, "LRS310", "peak"),
    "two-signs": ({"peak": "--1"}, "LRS310", "peak"),
}


@pytest.mark.parametrize("case", NO_PARAMS)
def test_what_is_no_param(case: str) -> None:
    params, code, name = NO_PARAMS[case]
    found = refused(PARAMS, params=params, steps_per_epoch=10)
    assert found.code == code
    assert f"`{name}`" in found.message or name in found.span.source.text


def test_a_misspelled_param_is_proposed() -> None:
    assert refused(PARAMS, params={"peek": 1}).help == "did you mean `peak`?"


def test_every_param_is_named_where_none_is_near() -> None:
    found = refused(PARAMS, params={"zzz": 1})
    assert all(f"`{name}`" in found.help for name in ("peak", "warm", "count"))


def test_everything_that_is_wrong_is_reported() -> None:
    run: dict[str, Any] = {
        "total": -5,
        "steps_per_epoch": 0,
        "per_step": {"ep": 1},
        "params": {"a": ""},
    }
    with pytest.raises(LrsError) as caught:
        lrdsl.parse("cosine").resolve(**run)
    assert len(caught.value.diagnostics) == 4
    assert {d.code for d in caught.value.diagnostics} == {"LRS310"}


def test_the_model_may_be_used_by_itself() -> None:
    """As in the configuration of an experiment."""
    found = RunContext.model_validate({"total": "90ep", "steps_per_epoch": 100, "params": {"a": 1}})
    assert (found.total, found.steps_per_epoch, found.params) == ("90ep", 100.0, {"a": "1"})
    again = RunContext.model_validate_json(found.model_dump_json())
    assert again == found


@pytest.mark.parametrize("wrong", [{"totl": 5}, {"total": "5%"}, {"per_step": {"ep": 1}}])
def test_the_model_refuses_what_it_does_not_know(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RunContext.model_validate(wrong)
