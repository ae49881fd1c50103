"""Definitions that choose: `if` between schedules, guards of a `def`, names that meet."""

from __future__ import annotations

import pytest

import lrdsl

EITHER = """
def either(restart, n: steps, ease = straight) where n_is_known(1) =
    if(restart, repeat(cosine(n)), warmup(n, ease = ease))
def n_is_known(x) = x > 0
"""


def refusals(text: str) -> list[tuple[str, str, str]]:
    """The code, the message and the place of every error of a text."""
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse(text)
    lines = text.splitlines()
    return [
        (d.code, d.message, lines[d.line - 1][d.column - 1 : d.end_column - 1])
        for d in caught.value.diagnostics
    ]


@pytest.mark.parametrize(
    ("call", "same"),
    [
        ("either(true, 5)", "repeat(cosine(5))"),
        ("either(1 < 0, 5)", "warmup(5)"),
        ("either(2 == 1 + 1, 5)", "repeat(cosine(5))"),
        ("either(false, if(true, 4, 5ep), square)", "warmup(4, ease = square)"),
    ],
)
def test_a_known_condition_chooses_between_values_of_any_kind(call: str, same: str) -> None:
    found = lrdsl.parse(EITHER + call).resolve().values(20)
    assert found.tolist() == lrdsl.parse(same).resolve().values(20).tolist()


def test_an_unknown_condition_chooses_between_numbers_only() -> None:
    found = refusals("if(base > 1, const(5), const(value = 1))")
    assert [code for code, *_ in found] == ["LRS301", "LRS301"]


def test_a_condition_is_no_number() -> None:
    ((code, message, place),) = refusals("onecycle(10, three_phase = 1)")
    assert (code, place) == ("LRS301", "three_phase = 1"[-1])
    assert message == "`three_phase` of `onecycle` is a condition, and `1` is a number"


def test_the_guard_of_a_def_is_in_its_own_words() -> None:
    text = "def half(n: steps, low) where low < 0.5 = linear(n, 1, low)\nhalf(5, 0.7)"
    message = "`half` needs `low < 0.5`, and `low` is 0.7"
    assert refusals(text) == [("LRS303", message, "0.7")]
    assert lrdsl.parse(text.replace("0.7", "0.2")).resolve()(5) == 0.2


def test_the_guard_of_a_def_is_decided_before_the_run() -> None:
    text = "def half(low) where low < 0.5 = linear(5, 1, low)\nhalf(base / 2)"
    message = "`half` needs `low < 0.5`, which must be known before training"
    assert refusals(text) == [("LRS303", message, "base / 2")]


def test_the_guard_of_a_def_that_nothing_calls_is_looked_at() -> None:
    assert refusals("def f(x) where y > 0 = const(5)\nconst(5)")[0][2] == "y"


def test_a_parameter_does_not_hide_a_shape_of_its_name() -> None:
    text = "def up(warmup: steps) = warmup(warmup) >> const\nup(4)"
    assert lrdsl.parse(text).resolve()(2, base=1.0) == 0.5


def test_a_parameter_that_is_called_is_the_function_that_was_given() -> None:
    text = "def f(square) = warmup(4, ease = square)\nf(straight) >> const"
    assert lrdsl.parse(text).resolve()(1, base=1.0) == 0.25


def test_a_number_handed_on_to_a_function_is_a_number() -> None:
    assert refusals("warmup(5, start = 5ep) >> const")[0][0] == "LRS301"
    assert refusals("cooldown(5, start = 10%)")[0][1].startswith(
        "`start` of `cooldown` is a number"
    )


@pytest.mark.parametrize("text", ["wsd(5tok, 5)", "restarts(5tok)", "triangular(5tok, 0.1, 1)"])
def test_what_a_definition_of_the_library_is_made_of_is_reported_at_its_call(text: str) -> None:
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse(text).resolve(total=100)
    assert [d.name for d in caught.value.diagnostics] == ["<string>"]


def test_the_parts_of_a_definition_of_the_library_lie_at_its_call() -> None:
    parts = lrdsl.parse("const(1) >> wsd(10, 20)").resolve(total=100).parts
    assert [s.name for s in parts] == ["const", "warmup", "const", "cooldown"]
    assert {s.span.text for s in parts[1:]} == {"wsd(10, 20)"}


def test_the_last_of_a_list_is_of_its_own_kind() -> None:
    text = "let ends = [3ep, 5ep]\nconst(last(ends))"
    assert lrdsl.parse(text).resolve(steps_per_epoch=10).length == 50
