"""The parts of a schedule as a tree: where they come from, when they run, what they start from."""

from __future__ import annotations

import math

import pytest

import lrdsl
from lrdsl import Part
from lrdsl.formula.formula import Apply, Const, Formula, Var
from lrdsl.schedule.formula_text import written


def parts(text: str, base: float = 1.0, **run: int) -> tuple[Part, ...]:
    return lrdsl.parse(text).resolve(total=run.get("total")).parts_at(base)


def steps(found: tuple[Part, ...]) -> list[tuple[str, int, float]]:
    return [(part.name, part.start_step, part.length) for part in found]


def test_a_definition_that_is_called_twice() -> None:
    found = parts("def w(n) = warmup(n, 0, 0.1) >> const(10)  w(5) >> w(9)")
    assert steps(found) == [
        ("warmup", 0, 5),
        ("const", 5, 10),
        ("warmup", 15, 9),
        ("const", 24, 10),
    ]
    assert [part.span.text for part in found] == ["warmup(n, 0, 0.1)", "const(10)"] * 2
    calls = [[(name, call.text) for name, call in part.definitions] for part in found]
    assert calls == [[("w", "w(5)")], [("w", "w(5)")], [("w", "w(9)")], [("w", "w(9)")]]


def test_definitions_inside_definitions_come_from_the_outside_in() -> None:
    text = "def a(n) = const(n, 0.1)  def b(n) = a(n) >> a(n + n)  const(1) >> b(3)"
    found = parts(text.replace("n + n", "2 * n"))
    calls = [[(name, call.text) for name, call in part.definitions] for part in found]
    assert calls == [
        [],
        [("b", "b(3)"), ("a", "a(n)")],
        [("b", "b(3)"), ("a", "a(2 * n)")],
    ]


def test_a_schedule_of_the_library_is_at_its_call() -> None:
    found = parts("const(1) >> wsd(10, 20)", total=100)
    assert [part.span.text for part in found] == ["const(1)"] + ["wsd(10, 20)"] * 3
    calls = [[(name, call.text) for name, call in part.definitions] for part in found]
    assert calls == [[]] + [[("wsd", "wsd(10, 20)")]] * 3


def test_values_for_a_base_and_in_terms_of_it() -> None:
    found = parts(
        "warmup(5) >> cosine(20, base, base / 10) >> const(3) >> linear(4, prev / 2)", 0.5
    )
    assert [(part.start, part.end) for part in found] == [
        ("0", "base"),
        ("base", "base / 10"),
        ("base / 10", "base / 10"),
        ("base / 20", "0"),
    ]
    assert [(part.start_value, part.end_value) for part in found] == [
        (0, 0.5),
        (0.5, 0.05),
        (0.05, 0.05),
        (0.025, 0),
    ]


def test_lengths_as_they_were_written() -> None:
    schedule = lrdsl.parse("warmup(5ep) >> const(10) >> cosine").resolve(
        total=100, steps_per_epoch=3
    )
    assert [part.written_length for part in schedule.parts] == ["5ep", None, None]


def test_a_part_without_an_end() -> None:
    (part,) = parts("const(value = base / 3)")
    assert (part.length, part.end_value, part.end) == (math.inf, None, None)
    assert part.start == "base / 3"


def test_what_is_inside_a_repetition() -> None:
    before, found = parts(
        "const(7) >> repeat(cosine(10, base, base / 4) >> const(3), 4, decay = 0.5)"
    )
    assert before.children == ()
    assert steps((found,)) == [("repeat", 7, 52)]
    assert steps(found.children) == [("cosine", 7, 10), ("const", 17, 3)]
    assert [part.end for part in found.children] == ["base / 4", "base / 4"]


def test_the_first_cycle_is_as_long_as_it_is() -> None:
    (found,) = parts("repeat(warmup(1) >> cosine(rest, base), 3, stretch = 2)", total=70)
    assert steps(found.children) == [("warmup", 0, 1), ("cosine", 1, 9)]


def test_what_is_inside_a_length_of_its_own() -> None:
    _, found = parts("const(5) >> over(20, warmup(10%) >> const)")
    assert steps((found,)) == [("over", 5, 20)]
    assert steps(found.children) == [("warmup", 5, 2), ("const", 7, 18)]


def test_the_sides_of_an_operator_share_its_clock() -> None:
    _, found = parts("const(5) >> (warmup(4, 0, 1) >> linear(6, 1)) * step(3) * 2")
    assert steps((found,)) == [("(warmup >> linear) * step * 2", 5, 10)]
    product, *others = found.children
    assert others == []  # a number is no part
    sequence, step = product.children
    assert steps((sequence, step)) == [("warmup >> linear", 5, 10), ("step", 5, 10)]
    assert steps(sequence.children) == [("warmup", 5, 4), ("linear", 9, 6)]


def test_a_side_that_has_no_value_somewhere() -> None:
    (lone,) = parts("shape f(length: steps) = 1 / (9 - t) repeat(f(9))")
    (inside,) = lone.children
    assert (inside.name, inside.start_value) == ("f", 1 / 9)
    assert math.isnan(inside.end_value or 0)


def test_a_part_shows_what_it_is() -> None:
    assert repr(parts("cosine(10)")[0]) == "<Part cosine from step 0, length 10>"


BASE = Var("base")


def long_one() -> Formula:
    found: Formula = BASE
    for _ in range(300):
        found = Apply.of("+", found, BASE)
    return found


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (Const(0.3), "0.3"),
        (Const(3e-5), "3e-5"),
        (Const(100000.0), "100000"),
        (Apply.of("/", BASE, Const(1000.0)), "base / 1000"),
        (Apply.of("/", Apply.of("*", BASE, Const(2.0)), Const(2.0)), "base"),
        (Apply.of("*", Const(0.5), Apply.of("/", BASE, Const(5.0))), "base / 10"),
        (Apply.of("*", Const(3.0), Apply.of("*", Const(0.5), BASE)), "1.5 * base"),
        (Apply.of("*", Apply.of("+", BASE, Const(1.0)), BASE), "(base + 1) * base"),
        (Apply.of("-", BASE, Apply.of("-", BASE, Const(1.0))), "base - (base - 1)"),
        (Apply.of("-", Const(0.0), BASE), "-base"),
        (Apply.of("^", Apply.of("^", BASE, Const(2.0)), Const(3.0)), "(base ^ 2) ^ 3"),
        (Apply.of("^", BASE, Apply.of("^", Const(2.0), BASE)), "base ^ 2 ^ base"),
        (Apply.of("^", Const(-2.0), BASE), "(-2) ^ base"),
        (Apply.of("max", BASE, Const(1e-5)), "max(base, 1e-5)"),
        (
            Apply.of("if", Apply.of("<", BASE, Const(1.0)), BASE, Const(1.0)),
            "if(base < 1, base, 1)",
        ),
        (Apply.of("last", Apply.of("list", BASE, Const(1.0))), "last([base, 1])"),
        (long_one(), "…"),
    ],
)
def test_formulas_are_written_in_the_language(formula: Formula, text: str) -> None:
    assert written(formula) == text
