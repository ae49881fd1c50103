"""What definitions may multiply into, and how deep a text may go: refused, never a hang."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

import pytest

import lrdsl
from tests.texts import chain, layers, nested


def codes(text: str) -> set[str]:
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse(text)
    return {d.code for d in caught.value.diagnostics}


def test_a_macro_that_doubles_forty_times() -> None:
    text = "def a(x) = x >> x\n" + nested("a(", "const(1)", ")", 40)
    assert codes(text) == {"LRS408"}


def test_a_macro_that_doubles_ten_times() -> None:
    text = "def a(x) = x >> x\n" + nested("a(", "const(1, 0.5)", ")", 10)
    schedule = lrdsl.parse(text).resolve()
    assert (schedule.length, schedule(1023), schedule(1024)) == (1024, 0.5, 0.5)


MULTIPLYING = {
    "schedules": layers("def a0() = const(1)", "def a{i}() = a{j}() >> a{j}()", "a40()", 41),
    "numbers": layers("def a0() = 1", "def a{i}() = a{j}() + a{j}()", "const(5, a40())", 41),
    "formulas": layers("let a0 = base", "let a{i} = a{j} + a{j}", "const(value = a40)", 41),
    "arguments": "def a(x) = x + x\nconst(value = " + "a(" * 40 + "base" + ")" * 40 + ")",
    "shapes": "def a(x) = x + x\nshape f(length: steps) = " + "a(" * 40 + "t" + ")" * 40 + "\nf(5)",
    "sides": "def a(x) = x + x\n" + "a(" * 40 + "const(5)" + ")" * 40,
}


@pytest.mark.parametrize("case", MULTIPLYING)
def test_what_definitions_multiply_beyond_reason(case: str) -> None:
    assert codes(MULTIPLYING[case]) == {"LRS408"}


DEPTHS = {
    "parentheses": "const(value = " + "(" * 99 + "1" + ")" * 99 + ")",
    "sums": "const(value = 1" + " + 1" * 90 + ")",
    "calls": "const(value = " + "max(1, " * 90 + "1" + ")" * 90 + ")",
    "sequences": "const(1)" + " >> const(1)" * 2000,
    "overs": "over(10, " * 90 + "const" + ")" * 90,
}


@pytest.mark.parametrize("case", DEPTHS)
def test_what_is_deep_or_long_and_fine(case: str) -> None:
    schedule = lrdsl.parse(DEPTHS[case]).resolve()
    assert schedule(0) in {1.0, 91.0}


TOO_DEEP = {
    "calls": "const(value = " + "max(1, " * 5000 + "1" + ")" * 5000 + ")",
    "sums": "const(value = 1" + " + 1" * 5000 + ")",
    "signs": "const(value = " + "-" * 5000 + "1)",
    "powers": "const(value = 1" + " ^ 1" * 5000 + ")",
    "lists": "multistep(" + "[" * 5000 + "]" * 5000 + ")",
    "overs": "over(10, " * 5000 + "const" + ")" * 5000,
    "parentheses": "(" * 101 + "const" + ")" * 101,
    "lets": "let a0 = const\n"
    + "".join(f"let a{i} = max(a{i - 1}, 1)\n" for i in range(1, 200))
    + "a199",
    "formulas": "let a0 = base\n"
    + "".join(f"let a{i} = a{i - 1} / 2\n" for i in range(1, 200))
    + "const(value = a199)",
}


@pytest.mark.parametrize("case", TOO_DEEP)
def test_what_is_too_deep(case: str) -> None:
    assert codes(TOO_DEEP[case]) == {"LRS106"}


def test_what_is_too_long() -> None:
    assert codes("# " + "x" * 4_000_000) == {"LRS105"}


def row_of_lets(count: int) -> str:
    lines = [f"let x{i} = x{i - 1} + 1" for i in range(1, count)]
    return "\n".join(["let x0 = 1", *lines, f"const(value = x{count - 1})"])


LONG: dict[str, Callable[[int], str]] = {
    "parts": lambda n: chain("cosine(10)", n),
    "words": lambda n: "const(1, 0.5)" + " >> const(1)" * n,
    "lets": row_of_lets,
    "list": lambda n: f"multistep([{', '.join(map(str, range(n)))}], 0.999, length = 5k)",
    "errors": lambda n: chain("cosine(10)", n) + " >> cosin(10)",
}


def calls(text: str) -> int:
    """How many functions are called for a text, those of Python's own among them."""
    count = 0

    def profile(frame: FrameType, event: str, arg: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(profile)
    try:
        with suppress(lrdsl.LrsError):
            lrdsl.parse(text).resolve()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("case", LONG)
def test_a_long_text_takes_its_work_and_no_more(case: str) -> None:
    """Eight times the text takes about eight times the work, where a square would take 64."""
    short, long = calls(LONG[case](250)), calls(LONG[case](2000))
    assert long < 12 * short
