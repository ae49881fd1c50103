"""Kinds: what an operator means between which of them."""

from __future__ import annotations

import math
from typing import Any

import pytest

import lrdsl

KINDS = {
    "number": "1",
    "length": "1ep",
    "rest": "rest",
    "list": "[1]",
    "truth": "1 < 2",
    "schedule": "const(1)",
    "function": "sqrt",
}
# What comes of an operator between two kinds; what is not here is refused.
MEANING = {
    **{("number", op, "number"): "number" for op in "+-*/^"},
    ("number", "<", "number"): "truth",
    **{("length", op, "length"): "length" for op in "+-"},
    **{("number", op, "length"): "length" for op in "+-*"},
    **{("length", op, "number"): "length" for op in "+-*/"},
    **{("schedule", op, "schedule"): "schedule" for op in "+-*/"},
    **{("schedule", op, "number"): "schedule" for op in "+-*/"},
    **{("number", op, "schedule"): "schedule" for op in "+-*/"},
    ("schedule", ">>", "schedule"): "schedule",
}
OPERATORS = ["+", "-", "*", "/", "^", "<", ">>"]
CASES = [(left, op, right) for left in KINDS for op in OPERATORS for right in KINDS]


def kind_of(expression: str) -> str | None:
    """The kind of an expression, found by trying each place that takes one kind only."""
    places = {
        "number": "def it() = {}\nconst(value = it())",
        "length": "def it() = {}\nover(it(), const)",
        "truth": "shape s() where {} = 1\nconst",
        "schedule": "{}",
    }
    for kind, text in places.items():
        try:
            lrdsl.parse(text.format(expression))
        except lrdsl.LrsError:
            continue
        return kind
    return None


@pytest.mark.parametrize(("left", "op", "right"), CASES, ids=lambda word: word)
def test_operators(left: str, op: str, right: str) -> None:
    found = kind_of(f"({KINDS[left]}) {op} ({KINDS[right]})")
    assert found == MEANING.get((left, op, right))


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [("number", "number"), ("schedule", "schedule"), ("list", None), ("truth", None),
     ("rest", None), ("function", None)],
)  # fmt: skip
def test_signs(kind: str, wanted: str | None) -> None:
    assert kind_of(f"-({KINDS[kind]})") == wanted


def test_a_number_plus_a_length_counts_steps() -> None:
    schedule = lrdsl.parse("const(2ep + 5)").resolve(steps_per_epoch=10)
    assert schedule.length == 25


LENGTHS = {
    "half": ("1ep / 2", 5),
    "third": ("1ep / 3", 3),
    "two-thirds": ("2 * (1ep / 3)", 7),
    "decimal": ("0.1 * 1ep", 1),
    "difference": ("1ep - 3st", 7),
    "to-nothing": ("1ep - 10", 0),
    "less": ("2ep + -(1ep - 3st)", 13),
    "mixed": ("1ep + 10% + 3tok", 10 + 20 + 6),
}


@pytest.mark.parametrize("case", LENGTHS)
def test_lengths_are_calculated_exactly(case: str) -> None:
    text, wanted = LENGTHS[case]
    run: dict[str, Any] = {"steps_per_epoch": 10, "per_step": {"tok": 0.5}, "total": 200}
    assert lrdsl.parse(f"const({text})").resolve(**run).length == wanted


def test_thirds_add_up() -> None:
    """A length divided by three, three times, is the length: nothing is rounded on the way."""
    third = "let third = 1ep / 3\n"
    schedule = lrdsl.parse(f"{third}const(third + third + third)").resolve(steps_per_epoch=10**15)
    assert schedule.length == 10**15


NUMBERS = {
    "pi": ("pi", math.pi),
    "power": ("2 ^ 0.5", math.sqrt(2)),
    "function": ("sqrt(2) * sqrt(2)", 2.0),
    "lists": ("passed([1, 2, 3], 2)", 2.0),
    "interpolate": ("interpolate(5, [0, 10], [1, 3])", 2.0),
    "min-of-many": ("min(3, 2, 1 + 1 / 2)", 1.5),
    "if": ("if(1 < 2, 3, 4)", 3.0),
    "if-not": ("if(1 > 2, 3, 4)", 4.0),
    "equal": ("if(2 == 1 + 1, 3, 4)", 3.0),
    "not-equal": ("if(2 != 1 + 1, 3, 4)", 4.0),
    "ascending": ("if(ascending([1, 2]), 3, 4)", 3.0),
}


@pytest.mark.parametrize("case", NUMBERS)
def test_numbers(case: str) -> None:
    text, wanted = NUMBERS[case]
    assert math.isclose(lrdsl.parse(f"const(value = {text})").resolve()(0), wanted, rel_tol=1e-15)


UNDEFINED = ["1 / 0", "0 / 0", "0 ^ -1", "(-8) ^ (1 / 3)", "sqrt(-1)", "log(0)", "exp(1000)"]
TOO_LARGE = ["1e308 * 10", "10 ^ 400", "-1e308 - 1e308"]


@pytest.mark.parametrize("text", [*UNDEFINED, *TOO_LARGE])
def test_what_has_no_value_is_refused(text: str) -> None:
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse(f"const(value = {text})")
    assert [d.code for d in caught.value.diagnostics] == ["LRS309"]
