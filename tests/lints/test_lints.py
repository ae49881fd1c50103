"""Each lint: what it reports, with both values where it names two, and what it leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest

import lrdsl
from lrdsl.diagnostics import catalogue
from lrdsl.lints import engine
from lrdsl.program import run_for
from lrdsl.resolve.run_arguments import RunArguments
from lrdsl.text.format import formatted
from tests.diagnostics.examples import findings, read_run
from tools.pages import recipes

ROOT = Path(lrdsl.__file__).parents[1]

# Lint: text, run, words of the message, and the text that is marked.
REPORTED = [
    (
        "jump",
        "warmup(5, 0, 0.4) >> cosine(20, 0.3)",
        "",
        "from 0.4 to 0.3 at step 5",
        "cosine(20, 0.3)",
    ),
    ("jump", "warmup(5, 0, 0.4) >> cosine(20, 0.3)", "", "by a factor of 0.75", "cosine(20, 0.3)"),
    (
        "jump",
        "cosine(20) >> linear(5, base / 2)",
        "",
        "from 0 to 0.5 × `base` at step 20",
        "linear(5, base / 2)",
    ),
    (
        "jump",
        "repeat(linear(5, 0.1, 1) >> linear(5, 0.5, 0.1), 3)",
        "",
        "inside `repeat`",
        "linear(5, 0.5, 0.1)",
    ),
    (
        "jump",
        "over(10, warmup(5, 0.1, 1) >> linear(5, 0.5, 0.1))",
        "",
        "inside `over`",
        "linear(5, 0.5, 0.1)",
    ),
    (
        "unreached-end",
        "linear(100, 1, 0.5)",
        "total=50",
        "the schedule is 100 steps, the run is 50: it stops at 0.755 and never reaches 0.5",
        "linear(100, 1, 0.5)",
    ),
    (
        "unreached-end",
        "const(50, 1) >> const(50, 0.5)",
        "total=50",
        "stops at 1 and never reaches 0.5",
        "const(50, 1)",
    ),
    (
        "short-schedule",
        "warmup(5) >> linear(20, 1, 0.5)",
        "total=100",
        "a rate of 0.5 is held for 75 steps",
        "linear(20, 1, 0.5)",
    ),
    (
        "short-schedule",
        "const\nmomentum: linear(20, 0.8, 0.9)",
        "total=100",
        "a momentum of 0.9 is held for 80 steps",
        "linear(20, 0.8, 0.9)",
    ),
    (
        "zero-first",
        "linear(5, 0, 0.3) >> const",
        "",
        "first update has a rate of 0",
        "linear(5, 0, 0.3)",
    ),
    ("zero-first", "warmup(1) >> const", "", "the only update of this warm-up", "warmup(1)"),
    (
        "zero-rest",
        "linear(20, 1)",
        "total=100",
        "from step 20 on the rate is 0: the last 80 steps",
        "linear(20, 1)",
    ),
    (
        "zero-rest",
        "linear(20, 1) >> const(7)",
        "",
        "from step 20 on the rate is 0: the last 7 steps",
        "const(7)",
    ),
    (
        "zero-rest",
        "max(linear(20, 1, -1), 0)",
        "",
        "from step 10 on the rate is 0: the last 10 steps",
        "max(linear(20, 1, -1), 0)",
    ),
    (
        "long-warmup",
        "warmup(60) >> const",
        "total=100",
        "60 steps of the 100 of the run",
        "warmup(60)",
    ),
    (
        "long-warmup",
        "warmup(60) >> linear(40)",
        "",
        "60 steps of the 100 of the schedule",
        "warmup(60)",
    ),
    (
        "rising-tail",
        "over(55, triangular(20, 0.1, 1))",
        "",
        "0.73 on the last update",
        "over(55, triangular(20, 0.1, 1))",
    ),
    (
        "zero-length",
        "warmup(10) >> const(80) >> linear(0.1%)",
        "total=100",
        "`linear` lasts 0.1 steps",
        "linear(0.1%)",
    ),
    (
        "bare-steps",
        "warmup(500) >> cosine(10ep)",
        "steps_per_epoch=100",
        "`500` counts steps",
        "500",
    ),
    ("bare-steps", "multistep([5, 9st], length = 20%)", "total=100", "that counts in `%`", "5"),
    (
        "unused-name",
        "param peak = 1\nconst",
        "",
        "`peak` is not used by any schedule; overriding",
        "peak",
    ),
    ("unused-name", "let a = 1\nlet b = a\nconst", "", "`a` is not used", "a"),
    ("unused-name", "def f(n) = const(n)\nconst", "", "`f` is not used by any schedule", "f"),
    ("hidden-name", "let step = 0.1\nconst(value = step)", "", "this hides `step`", "step"),
    ("hidden-character", "const(5)  # a \u202e b", "", "U+202E (right-to-left override)", "\u202e"),
    ("hidden-character", "const(5)  # a \u2066 b", "", "U+2066 (left-to-right isolate)", "\u2066"),
    ("hidden-character", "const(5)  # a\u2028b", "", "U+2028 (line separator)", "\u2028"),
    ("hidden-character", "# a \x0b b\nconst(5)", "", "holds U+000B", "\x0b"),
    ("hidden-character", "# a \f b\nconst(5)", "", "holds U+000C", "\f"),
    (
        "unreached-minimum",
        "restarts(30, start = 1)",
        "total=70",
        "10 of 30 steps into cycle 3",
        "restarts(30, start = 1)",
    ),
    (
        "unreached-minimum",
        "warmup(10) >> restarts(30, start = 1, decay = 0.5)",
        "total=80",
        "10 of 30 steps into cycle 3",
        "restarts(30, start = 1, decay = 0.5)",
    ),
    ("useless-ignore", "const  # lrs: ignore[jump]", "total=5", "nothing here is reported", "jump"),
    ("useless-ignore", "const  # lrs: ignore[LRS201]", "", "no lint `LRS201`", "LRS201"),
    (
        "useless-ignore",
        "const(5)  # lrs: ignore[unused-name]",
        "",
        "nothing here is reported",
        "unused-name",
    ),
]

# Lint: text and run, ordinary or meant.
SILENT = [
    ("jump", "warmup(5) >> cosine(20, 0.3, 0.01) >> const", ""),
    ("jump", "const(30, 0.1) >> const(30, 0.01) >> const", ""),
    ("jump", "repeat(cosine(10, 1), 3)", ""),
    ("jump", "warmup(5, 0, 0.4) >> multistep([10])", ""),
    ("jump", "warmup(5, 0, base) >> cosine(20, 0.3)", ""),
    ("jump", "warmup(5, 0, 0.4) >> cosine(20, 0.4) >> linear(5, 0.1)  # lrs: ignore[jump]", ""),
    ("jump", "const\nweight_decay: linear(5, 0, 0.1) >> linear(5, 0.3, 0)", ""),
    ("jump", "linear(5, 0.5, 0.4) >> linear(5, 0.1, 0)", "total=5"),
    ("unreached-end", "warmup(5) >> cosine(95)", "total=100"),
    ("unreached-end", "warmup(5) >> const(500)", "total=100"),
    ("unreached-end", "exponential(0.99)", "total=100"),
    ("short-schedule", "warmup(5) >> linear(20, 1, 0.5) >> const", "total=100"),
    ("short-schedule", "linear(99, 1, 0.5)", "total=100"),
    ("short-schedule", "linear(20, 1, 0.5)", ""),
    ("zero-first", "warmup(5) >> const", ""),
    ("zero-first", "max(warmup(5) >> const, 0)", ""),
    ("zero-first", 'lr["head"]: const(5, 0) >> linear(5, 0, 1)\nlr: const', ""),
    ("zero-first", "const\nweight_decay: linear(5, 0, 0.1)", ""),
    ("zero-rest", "linear(20, 1)", "total=21"),
    ("zero-rest", "linear(20, 1) >> const", ""),
    ("zero-rest", 'lr["head"]: linear(20, 1)\nlr: const', "total=100"),
    ("long-warmup", "warmup(50) >> const", "total=100"),
    ("long-warmup", "warmup(50)", ""),
    ("long-warmup", "warmup(50) >> const", ""),
    ("rising-tail", "geometric(100, 1e-6, 1)", ""),
    ("rising-tail", "over(80, triangular(20, 0.1, 1))", ""),
    ("rising-tail", "const\nmomentum: linear(10, 0.95, 0.8) >> linear(10, 0.8, 0.95)", "total=20"),
    ("rising-tail", "repeat(cosine(10, 1), 3)", "total=21"),
    ("rising-tail", "linear(20, 1, 0.999) >> linear(20, 0.999, 1)", ""),
    ("zero-length", "warmup(0) >> const(80) >> linear(1%)", "total=100"),
    ("bare-steps", "warmup(500) >> cosine(1000)", ""),
    ("bare-steps", "warmup(500st) >> cosine(10ep)", "steps_per_epoch=100"),
    ("bare-steps", "points([0, 10ep], [0, 1])", "steps_per_epoch=100"),
    ("bare-steps", "warmup(500) >> cosine(rest, 0.3)", "total=1000"),
    ("bare-steps", "over(10ep, exponential(0.9))", "steps_per_epoch=100"),
    ("unused-name", "let a = 1\nlet b = a\ndef f(x) = const(value = x)\nf(b)", ""),
    ("unused-name", "let a = 5\nshape g(n: steps = a) = 1 / n\ng", ""),
    ("unused-name", "let a = 0.1\nconst\nmomentum: max(const, a)", ""),
    ("hidden-character", "const(5)\f>> const  # \u00e9t\u00e9, \u4f60\u597d, \u05e9", ""),
    ("hidden-name", "let floor = 0.1\ndef f(step) = const(step)\nf(5) >> max(const, floor)", ""),
    ("unreached-minimum", "restarts(30, start = 1)", "total=90"),
    ("unreached-minimum", "restarts(10, 2, 1)", "total=70"),
    ("unreached-minimum", "triangular(20, 0.1, 1)", "total=70"),
    ("unreached-minimum", "restarts(30, start = 1)", ""),
    ("useless-ignore", "const  # lrs: ignore[unreached-end]", ""),
    ("useless-ignore", 'lr["#"]: const\nlr: linear(9, 0, 1)  # lrs: ignore[zero-first]', "total=9"),
    ("useless-ignore", "linear(9, 0, 1)  # lrs: ignore[LRS604, Long-Warmup]", ""),
]  # fmt: skip


@pytest.mark.parametrize(("slug", "text", "run", "words", "marked"), REPORTED)
def test_what_is_reported(slug: str, text: str, run: str, words: str, marked: str) -> None:
    found = [d for d in findings(text, read_run(run)) if d.slug == slug]
    assert [d.severity for d in found] == ["warning"] * len(found)
    assert [words in d.message for d in found].count(True) == 1, found
    assert marked in [d.span.text for d in found]
    assert all(d.help for d in found)


@pytest.mark.parametrize(("slug", "text", "run"), SILENT)
def test_what_is_left_alone(slug: str, text: str, run: str) -> None:
    assert [
        d for d in findings(text, read_run(run)) if d.slug == slug or d.severity == "error"
    ] == []


def test_every_lint_has_a_case_of_each_kind() -> None:
    lints = set(catalogue.lints())
    # Only an optimizer has groups: tests/frameworks/torch/test_groups.py.
    lints -= {"unequal-groups"}
    assert {case[0] for case in REPORTED} == {case[0] for case in SILENT} == lints


def test_every_lint_is_a_file_with_its_slug() -> None:
    folder = Path(engine.__file__).parent
    for subject, slugs in engine.LINTS.items():
        files = {path.stem for path in (folder / subject).glob("[a-z]*.py")}
        assert {slug.replace("-", "_") for slug in slugs} == files
    found = [slug for slugs in engine.LINTS.values() for slug in slugs]
    assert sorted(found) == sorted(set(catalogue.lints()) - {"useless-ignore"})


ORDINARY = [
    ("warmup(5) >> cosine(20, 0.3, 0.01) >> const", "total=100"),
    ("warmup(5ep) >> cosine(85ep, 0.4, 0.0004) >> const", "steps_per_epoch=1251 total=90ep"),
    ("warmup(2%) >> const >> linear(20%)", "total=1000"),
    ("warmup(2%) >> cosine", "total=1000"),
    ("warmup(5) >> const", "total=1000"),
    ("warmup(4000) >> inverse_sqrt(4000)", "total=100000"),
    ("step(30)", "total=100"),
    ("multistep([30, 60, 80], start = 0.1)", "total=100"),
    ("max(exponential(0.9), 1e-5)", "total=100"),
    ("onecycle(peak = 0.1)", "total=100"),
    ("wsd(10%, 20%)", "total=1000"),
    ("warmup(10) >> reduce_on_plateau", "total=100"),
    ("restarts(25)", "total=100"),
    ("triangular(25, 0.1, 1)", "total=100"),
    ("noam(400)", "total=10000"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "run"), ORDINARY)
def test_ordinary_programs_are_not_talked_about(text: str, run: str) -> None:
    assert findings(text, read_run(run)) == []


EXAMPLES = sorted((ROOT / "examples").glob("*.lrs"))
RECIPES = sorted(recipes.FOLDER.rglob("*.lrs"))


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_has_no_warning_in_its_run(path: Path) -> None:
    recipe = recipes.read(path)
    assert findings(path.read_text("utf-8"), recipes.run(recipe.words)) == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_has_no_warning(path: Path) -> None:
    run: RunArguments = {"total": "90ep", "steps_per_epoch": 1251.0}
    assert findings(path.read_text("utf-8"), run) == []


@pytest.mark.parametrize("path", [*EXAMPLES, *RECIPES], ids=lambda path: path.stem)
def test_an_ignore_comment_says_why(path: Path) -> None:
    """Only what follows the brackets can say it."""
    for line in path.read_text("utf-8").splitlines():
        _, comment, rest = line.partition("# lrs: ignore[")
        assert not comment or rest.partition("]")[2].strip()


BROKEN = """\
warmup(5ep, end = 0.4)
  >> cosine(30ep, 0.3, 0.004)
  >> const(50ep, 0.004)
  >> linear(5ep, 0.01, 0.001)  # lrs: ignore[jump] both of them
"""


def test_a_comment_behind_a_statement_is_about_all_of_it() -> None:
    run: RunArguments = {"steps_per_epoch": 10.0, "total": "90ep"}
    joined = BROKEN.replace("\n  >>", " >>")
    assert formatted(lrdsl.parse(joined).module) == BROKEN
    assert findings(BROKEN, run) == findings(joined, run) == []
    uncommented = findings(BROKEN.partition("  #")[0], run)
    assert [(d.slug, d.line) for d in uncommented] == [("jump", 2), ("jump", 4)]
    inside = BROKEN.replace("0.4)\n", "0.4)  # lrs: ignore[jump]\n")
    moved = findings(inside, run)
    assert [(d.slug, d.line) for d in moved] == [("useless-ignore", 1)]


def test_a_lint_can_be_left_out() -> None:
    program = lrdsl.parse("linear(5, 0, 0.3) >> cosine(20, 0.1)  # lrs: ignore[zero-first]")
    run = run_for({})
    resolved = program.resolve_all()
    assert [d.slug for d in engine.lint(program, run, resolved)] == ["jump"]
    assert engine.lint(program, run, resolved, lambda slug: slug != "jump") == []


def test_a_schedule_without_values_for_the_base_that_is_tried_is_passed_over() -> None:
    assert findings("geometric(20, 1 - base, 0.1) >> linear(5)", {}) == []


@pytest.mark.parametrize("text", ["warmup(5) >> const", "linear(9, 0, 1)"])
def test_without_a_run_the_text_is_still_looked_at(text: str) -> None:
    program = lrdsl.parse(f"let a = 1\n{text}")
    found = engine.lint(program, run_for({}), None)
    assert [d.slug for d in found] == ["unused-name"]
