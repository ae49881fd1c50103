"""Completions and signatures: what may be written at a place."""

from __future__ import annotations

import pytest

import lrdsl
from lrdsl.check import library
from lrdsl.formula.functions import FUNCTIONS
from lrdsl.resolve.run_arguments import RunArguments


def labels(text: str, kind: str | None = None, run: RunArguments | None = None) -> list[str]:
    """What may be written at the ``|`` of a text."""
    offset = text.index("|")
    analysis = lrdsl.analyze(text.replace("|", ""), **(run or {}))
    return [c.label for c in analysis.completions(offset) if kind is None or c.kind == kind]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("warmup(5) >> cosine(20, en|", "end = "),
        ("warmup(5) >> cos|", "cosine"),
        ("warm| >> const", "warmup"),
        ("warmup(5|) >> const", "st"),
        ("warmup(50|", "st"),
        ("warmup(5e|) >> const", "ep"),
        ("let peak = 0.3  warmup(5, 0, pe|)", "peak"),
        ("warmup(20, ease = half|)", "half_cosine"),
        ("shape bump(height) = hei|", "height"),
        ('lr["head"]: const\nlr["bo|', "head"),
        ("mom|", "momentum: "),
        ("par|", "param "),
        ("cosine(20, ba|", "base"),
        ("cosine(20, 1, co|", "cos"),
    ],
)
def test_the_first_proposal(text: str, first: str) -> None:
    assert labels(text)[0] == first


def test_every_schedule_of_the_library_is_proposed_where_one_may_stand() -> None:
    proposed = labels("|", "shape")
    outside = {"eases", "helpers of formulas"}
    for heading, names in library.sections().items():
        if heading not in outside:
            assert set(names) <= set(proposed), heading


def test_no_schedule_is_proposed_for_a_number() -> None:
    assert not labels("cosine(20, |", "shape")
    assert "warmup" in labels("repeat(|", "shape")


def test_every_function_is_proposed_in_a_formula() -> None:
    assert set(FUNCTIONS) <= set(labels("shape f(a) = |", "function"))


def test_arguments_are_those_that_are_missing() -> None:
    assert labels("warmup(5, |)", "argument") == ["start = ", "end = ", "ease = "]
    assert labels("warmup(ease = square, |)", "argument") == ["length = ", "start = ", "end = "]
    assert labels("cosine(end = |", "argument") == []


def test_units_are_those_of_the_language_and_of_the_run() -> None:
    assert labels("warmup(5|)", "unit") == ["st", "ep", "%"]
    run: RunArguments = {"per_step": {"tok": 4096}}
    assert labels("warmup(5|)", "unit", run) == ["st", "ep", "%", "tok"]
    assert labels("run 1st = 4096tok\nwarmup(5|)", "unit") == ["st", "ep", "%", "tok"]


@pytest.mark.parametrize("text", ["# cos|", "const # |", 'lr["a"]: const "x|'])
def test_nothing_is_proposed_in_comments_and_other_texts(text: str) -> None:
    assert labels(text) == []


def test_a_proposal_replaces_the_word_that_is_written() -> None:
    text = "let peak = 3  warmup(5) >> cos"
    (found, *_) = lrdsl.analyze(text).completions(len(text))
    assert (found.label, text[found.start :]) == ("cosine", "cos")
    assert found.detail == "cosine(length = rest, start = prev, end = 0)"
    assert found.documentation == "Half a cosine from one value to another."


@pytest.mark.parametrize("name", [n for names in library.sections().values() for n in names])
def test_what_is_proposed_is_known(name: str) -> None:
    """Each name of the library, written where it is proposed, is no unknown one."""
    analysis = lrdsl.analyze(name)
    assert not [d for d in analysis.diagnostics if d.slug == "unknown-name"]
    hover = analysis.hover(1)
    assert hover is not None
    assert hover.markdown.startswith(f"```lrs\n{name}(")


@pytest.mark.parametrize(
    ("text", "label", "active"),
    [
        ("cosine(|", "cosine(length = rest, start = prev, end = 0)", 0),
        ("cosine(20, |", "cosine(length = rest, start = prev, end = 0)", 1),
        ("cosine(20, end = |", "cosine(length = rest, start = prev, end = 0)", 2),
        ("cosine(20, ends = |", "cosine(length = rest, start = prev, end = 0)", None),
        ("cosine(20, (1 + |", "cosine(length = rest, start = prev, end = 0)", 1),
        ("multistep([10, 20, |", "multistep(", 0),
        ("repeat(cosine(5, |), 3)", "cosine(length = rest, start = prev, end = 0)", 1),
        ("repeat(cosine(5), |)", "repeat(", 1),
        ("def up(n, by = 1) = warmup(n, 0, by)  up(3, |", "up(n, by = 1)", 1),
        ("max(1, 2, 3, |", "max(a, b, …)", 2),
        ("shape f(a) = interpolate(|", "interpolate(t, xs, ys)", 0),
    ],
)
def test_signatures(text: str, label: str, active: int | None) -> None:
    found = lrdsl.analyze(text.replace("|", "")).signature(text.index("|"))
    assert found is not None
    assert found.label.startswith(label)
    assert found.active == active
    assert all(parameter in found.label for parameter in found.parameters)


@pytest.mark.parametrize("text", ["|", "warmup(5)| >> const", "nothing(|", "(|", "let x = 3|"])
def test_no_signature_outside_of_a_call(text: str) -> None:
    assert lrdsl.analyze(text.replace("|", "")).signature(text.index("|")) is None
