"""Fixes, one by one: with each of them made, its finding is gone and none is new."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

import pytest

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.diagnostics.fix import apply
from lrdsl.resolve.run_arguments import RunArguments
from tests.diagnostics.corpus import PASTED, corpus
from tests.diagnostics.examples import findings
from tests.diagnostics.newcomers import ADVICE, SEVERAL
from tests.diagnostics.switchers import ADVISED

CORPUS = corpus()
# A sentence that names the very text to write.
NAMES_A_TEXT = re.compile(
    r"write `[^`…]+`(?!, `)|did you mean|it is called `\w+` here|remove the space|delete it"
    r"|leave the"
)

# What is wrong besides in a text, and could not be seen before the fix was made.
HIDDEN = {
    "shape f(length: steps, xs) = xs\nf(5, [5ep])": "the formula is the list",
    "shape f(length: steps, on) = on\nf(5, true)": "the formula is the condition",
    "shape f(length: steps, g) = g\nf(5, sqrt)": "the formula is the function",
    "shape f(length: steps, g: function, x) = interpolate(u, [0, x], [1, 2]) + g(x)"
    "\nf(5, sqrt, [1, 2])": "the formula has the list for a number",
    "def f(a: schedule) = a >> const\nf(5)": "two parts take the rest",
    "repeat(5)": "a cycle needs a length",
    "const(value = \u22125)": "the rate is negative",
    "const(value = -[1])": "the rate is negative",
    "warmup(0,3)": "a length of 0.3 is wrong as well",
    "base(3)": "the program is a number",
    "pi(3)": "the program is a number",
    "let x = 5\nx(3)": "the program is a number",
    "param n = 5\nn(3)": "the program is a number",
    "def f(x) = x(1)\nf(5)": "the program is a number",
    "def f(x) = x(y)\nf(5)": "the program is a number",
    "let n = exp\n(const) warmup (5)": "these are two schedules",
    "# resnet.lrs\nparam peak = 0.4\nlet floor = peak / thousand\n"
    "def tail(n) = cosine(n, peak, flor)\n\n"
    "warmup(0.1)\n  > const(10, rate = 0.3)\n  >> tail(20, 30)": "there is a `>` for a `>>`",
}
# Help that names a text without a fix that writes it, and why.
WITHOUT_A_FIX = {
    "ConstantLR(factor=0.3, total_iters=5) >> cosine(195)": "the next part is wrong as well",
    "cosine(20, end = base * 1%)": "a length may be meant",
    "ReduceLROnPlateau(10)": "under its name here the factor is too large",
    "param peak = 0.1\nwarmup(5) >> cosine(20, peak)": "it is the run that is wrong",
    "param peak = 1\nwarmup(5, peak)": "it is the run that is wrong",
    "param n = 5ep\nwarmup(n)": "it is the run that is wrong",
    "0.3 > cosine(20)": "a number is no part",
    "warmup(5) << cosine(20)": "the parts may be the wrong way round",
    "1e-3 * (warmup(10) >> cosine(90))": "the small number may be the rate",
    "multistep([30, 60, 90])": "the run may be too short",
    "warmup(5) + cosine(20)": "the sum may be meant",
    "power_law(100, 0.5)": "the rate may be meant to rise",
    "let peak = 0.3 +\nlet floor = (1\nlet end = 0.1\n"
    "lr: warmup(5, peek) >> cosin(20, peak, end, floor, end)": "the call has too many arguments",
}


def seen(found: list[Diagnostic], *, lints: bool) -> Counter[tuple[str, str]]:
    """What is found in a text, but for what only the run would have to say."""
    said = [d for d in found if not d.needs]
    return Counter((d.slug, d.span.text) for d in said if lints or d.severity == "error")


@pytest.mark.parametrize(("text", "meant"), PASTED)
def test_what_people_paste_is_one_mistake_with_the_way_out_that_was_meant(
    text: str, meant: str
) -> None:
    (found,) = findings(text, {})
    assert found.severity == "error"
    assert apply(text, found.fixes[:1]) == meant
    assert seen(findings(meant, {}), lints=False) == Counter()


@pytest.mark.parametrize(("text", "meant", "count"), SEVERAL)
def test_several_mistakes_are_reported_and_mended_each_by_itself(
    text: str, meant: str, count: int
) -> None:
    found = findings(text, {})
    assert len(found) == count
    assert apply(text, [d.fixes[0] for d in found]) == meant
    assert seen(findings(meant, {}), lints=False) == Counter()


@pytest.mark.parametrize(("text", "words"), [*ADVICE, *ADVISED])
def test_what_has_no_single_way_out_is_one_mistake_with_advice(text: str, words: str) -> None:
    (found,) = findings(text, {})
    assert words in found.help
    assert not found.fixes


@cache
def found_in_all() -> list[tuple[str, RunArguments, list[Diagnostic]]]:
    """What is found in each text of the corpus."""
    return [(text, run, findings(text, run)) for text, run in CORPUS]


def fixes() -> list[tuple[str, Diagnostic]]:
    return [(text, found) for text, _, several in found_in_all() for found in several]


def test_each_fix_mends_its_finding_and_makes_no_new_one() -> None:
    wrong = []
    revealed = set()
    made = 0
    for text, run, found, there in (
        (text, run, found, several) for text, run, several in found_in_all() for found in several
    ):
        lint = found.severity == "warning"
        before = seen(there, lints=lint) - Counter([(found.slug, found.span.text)])
        for fix in found.fixes:
            made += 1
            mended = apply(text, [fix])
            new = seen(findings(mended, run), lints=lint) - before
            if new and text in HIDDEN:
                revealed.add(text)
            elif new:
                wrong.append((text, fix.title, mended, dict(new)))
    assert wrong == []
    assert revealed == HIDDEN.keys()
    assert made > 250


def test_help_that_names_a_text_has_a_fix_that_writes_it() -> None:
    missing = [
        (text, found.slug, found.help)
        for text, found in fixes()
        if NAMES_A_TEXT.search(found.help) and not found.fixes and text not in WITHOUT_A_FIX
    ]
    assert missing == []


def test_every_fix_changes_the_text_it_is_about() -> None:
    for text, found in fixes():
        for fix in found.fixes:
            assert fix.title
            assert apply(text, [fix]) != text
            assert {edit.span.source.text for edit in fix.edits} == {text}


def test_safe_fixes_come_to_an_end() -> None:
    """Made again and again, they leave a text in which there is no safe fix any more."""
    for text, run, there in found_in_all():
        for _ in range(20):
            safe = [fix for found in there for fix in found.fixes if fix.safe]
            if not safe:
                break
            text = apply(text, safe[:1])
            there = findings(text, run)
        else:
            pytest.fail(f"there is always one more: {text!r}")


@pytest.mark.parametrize(
    "text",
    [
        "const(value = None)",  # no name is meant, least of all `cosine`
        "const(value = True)",
        "cosine(20, 0.3, 0.01, 5)",
        "exponential(0.95, 30)",
        "plateau(mode = best)",
        "warmup(5) >> decay(20)",  # which of them?
    ],
)
def test_where_nothing_is_certain_nothing_is_proposed(text: str) -> None:
    assert [fix for found in findings(text, {}) for fix in found.fixes] == []


@pytest.mark.parametrize(
    "text", ["warmup to 0.3 at epoch 5", "the rate falls", "rate 0.1 until 20 and 0.01 after"]
)
def test_a_sentence_of_another_language_is_one_mistake(text: str) -> None:
    assert len(findings(text, {})) == 1


def test_a_proposal_can_be_pasted_however_long_it_is() -> None:
    milestones = ", ".join(map(str, range(10, 400, 10)))
    (found,) = findings(f"multistep(({milestones}))", {})
    assert f"[{milestones}]" in found.help
    assert len(found.fixes[0].title) < 60
    schedule = "warmup(5, end = 0.3) >> linear(30, 0.3, 0.01) >> cosine(20, 0.01, 0.001)"
    (found,) = findings(f"let long: {schedule}\nlong", {})
    assert f"`let long = {schedule}`" in found.help
    assert found.fixes[0].title == "write `let long = …`"
