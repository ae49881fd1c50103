"""What is found does not depend on how a program is spelled."""

from __future__ import annotations

import pytest

from tests.diagnostics.examples import findings, read_run

# Programs with something to find in them, and their runs.
PROGRAMS = [
    ("warmup(60) >> cosine(40)", ""),
    ("warmup(5) >> cosine(40)", "total=100"),
    ("warmup(5) >> linear(40, 1, 0.5)", "total=100"),
    ("linear(5, 0, 1) >> cosine(20, 1)", ""),
    ("warmup(5, 0, 4) >> cosine(20, 3)", ""),
    ("warmup(1) >> cosine(20)", ""),
    ("warmup(5, base, base / 2) >> cosine(20, base / 2)", ""),
    ("restarts(30)", "total=70"),
    ("restarts(10)", "total=11260"),
    ("warmup(5) >> restarts(10)", "total=11265"),
    ("multistep([30, 60, 90])", "total=60"),
    ("multistep([30, 60, 90])", "total=11260"),
    ("warmup(5) >> step(30)", "total=11260"),
    ("repeat(warmup(5) >> cosine(45), 2)", ""),
    ("power_law(100, 0.5)", ""),
    ("warmup(10) >> cosine(90, 3000)", ""),
    ("(warmup(5) + cosine(20)) >> linear(5, 0)", ""),
    ("over(55, triangular(20, 0.1, 1))", ""),
    ("linear(3, base * 0.4, base) * multistep([4, 8], start = 1) >> const", ""),
]


@pytest.mark.parametrize(("text", "run"), PROGRAMS)
@pytest.mark.parametrize("wrapped", ["0.5 * ({})", "({}) * 0.5", "({}) / 2", "max({}, 0)"])
def test_a_number_beside_a_schedule_hides_nothing(text: str, run: str, wrapped: str) -> None:
    plain = [d.slug for d in findings(text, read_run(run))]
    assert plain
    assert [d.slug for d in findings(wrapped.format(text), read_run(run))] == plain


@pytest.mark.parametrize(("text", "run"), PROGRAMS)
def test_parentheses_hide_nothing(text: str, run: str) -> None:
    plain = [d.slug for d in findings(text, read_run(run))]
    assert [d.slug for d in findings(f"({text})", read_run(run))] == plain


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1e-3 * (warmup(10) >> cosine(90))", "(warmup(10) >> cosine(90)) * 1e-3"),
        (
            "(warmup(5) >> const) * multistep([30], start = 1)",
            "multistep([30], start = 1) * (warmup(5) >> const)",
        ),
        ("linear(3, 0.1, 1) * multistep([4])", "multistep([4]) * linear(3, 0.1, 1)"),
        ("warmup(5) + cosine(20)", "cosine(20) + warmup(5)"),
        ("restarts(30) * const(value = 1)", "const(value = 1) * restarts(30)"),
    ],
)
@pytest.mark.parametrize("run", ["", "total=20", "total=70", "total=11260"])
def test_the_order_of_the_sides_does_not_matter(one: str, other: str, run: str) -> None:
    found, turned = (
        sorted((d.slug, d.help) for d in findings(text, read_run(run))) for text in (one, other)
    )
    assert found == turned
