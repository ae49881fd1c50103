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
    (
        "falling-warmup",
        "warmup(5, 0.4, 0.1) >> const",
        "",
        "the warm-up falls, from 0.4 to 0.1",
        "warmup(5, 0.4, 0.1)",
    ),
    (
        "falling-warmup",
        "2 * (warmup(5, base, base / 2) >> const)",
        "",
        "from `base` to 0.5 × `base`",
        "warmup(5, base, base / 2)",
    ),
    ("high-rate", "cosine(90, 300)", "", "the rate goes up to 300", "cosine(90, 300)"),
    ("high-rate", "cosine(90, base * 600)", "", "up to 600 × `base`", "cosine(90, base * 600)"),
    ("low-rate", "0.01 * cosine(90)", "", "above 0.01 × `base`", "0.01 * cosine(90)"),
    (
        "early-changes",
        "multistep([30, 60])",
        "total=9000",
        "falls from `base` to 0.01 × `base` in the first 60 steps of 9,000, and never changes",
        "multistep([30, 60])",
    ),
    (
        "early-changes",
        "warmup(5) >> exponential(0.5)",
        "total=9000",
        "in the first 19 steps of 9,000, and trains nothing after",
        "exponential(0.5)",
    ),
    (
        "short-cycles",
        "restarts(10)",
        "total=112590",
        "a cycle lasts 10 steps, and the run has 11,259 of them",
        "restarts(10)",
    ),
    (
        "late-milestones",
        "multistep([30, 60, 90])",
        "total=60",
        "the milestones at 60 and 90 never come: the run ends at 60",
        "multistep([30, 60, 90])",
    ),
    (
        "late-milestones",
        "warmup(5st) >> multistep([10ep, 70ep])",
        "total=60ep steps_per_epoch=10",
        "the milestone at 70 epochs never comes: the run ends at 59.5 epochs, counted from step 5,",
        "multistep([10ep, 70ep])",
    ),
    (
        "late-milestones",
        "step(100)",
        "total=60",
        "the first drop, at 100, never comes: the run ends at 60",
        "step(100)",
    ),
    (
        "late-milestones",
        "multistep([30, 60], length = 40) >> const",
        "",
        "the milestone at 60 never comes: the part ends at 40",
        "multistep([30, 60], length = 40)",
    ),
    (
        "sum-of-rates",
        "warmup(5) + cosine(20)",
        "",
        "`warmup + cosine` adds two rates up",
        "warmup(5) + cosine(20)",
    ),
    (
        "cut-side",
        "linear(3, 0.1, 1) * multistep([4, 8]) >> const",
        "",
        "`multistep` ends after 3 steps, with `linear`: the milestones at 4 and 8 never come",
        "multistep([4, 8])",
    ),
    (
        "cut-side",
        "warmup(5, 0, 1) * exponential(0.9) >> const",
        "",
        "`exponential` ends after 5 steps, with `warmup`: its decay stops there",
        "exponential(0.9)",
    ),
    (
        "repeated-warmup",
        "repeat(warmup(5, 0, 0.1) >> cosine(45, 0.1), 2)",
        "",
        "`repeat` warms up from 0 again in every cycle",
        "warmup(5, 0, 0.1)",
    ),
    (
        "growing-decay",
        "power_law(100, 0.5)",
        "",
        "`power_law` is a decay, and rises here from `base` on",
        "power_law(100, 0.5)",
    ),
    (
        "growing-decay",
        "const(5) >> exponential(1.1, length = 10)",
        "",
        "from `base` to 2.59374 × `base`",
        "exponential(1.1, length = 10)",
    ),
    ("unknown-target", "const  wd: const", "", "torch's optimizers have no `wd`", "wd"),
    ("unknown-target", "const  momentun[0]: const", "", "have no `momentun`", "momentun[0]"),
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
    ("falling-warmup", "warmup(5, 0.1) >> cosine(20)", ""),
    ("falling-warmup", "warmup(5, 0.1, 0.1) >> cosine(20, 0.1)", ""),
    ("falling-warmup", "warmup(5) >> const\nmomentum: warmup(5, 0.95, 0.85) >> const", ""),
    ("high-rate", "cosine(90, 40)", ""),
    ("high-rate", "geometric(100, base / 1000, base * 1000)", ""),
    ("high-rate", "linear(100, base / 1000, base * 1000)", ""),
    ("high-rate", "const(50, 1) >> linear(50, 1, 300)", "total=40"),
    ("low-rate", "0.02 * cosine(90)", ""),
    ("low-rate", 'lr["body"]: cosine(90, base / 1000)\nlr: cosine(90)', ""),
    ("low-rate", "cosine(90, 1e-6)", ""),
    ("low-rate", "warmup(1000)", "total=5"),
    ("early-changes", "multistep([30, 60, 600])", "total=9000"),
    ("early-changes", "warmup(5) >> cosine(20, base, base / 10) >> const", "total=9000"),
    ("early-changes", "stairs([10, 20], [0.1, 0.2, 0.4])", "total=9000"),
    ("early-changes", "inverse_sqrt", "total=100k"),
    ("early-changes", "const\nweight_decay: multistep([30])", "total=9000"),
    ("short-cycles", "restarts(10ep)", "total=9000ep steps_per_epoch=1"),
    ("short-cycles", "restarts(10, 2)", "total=10230"),
    ("short-cycles", "restarts(90)", "total=9000"),
    ("late-milestones", "multistep([30, 60, 90])", "total=90"),
    ("late-milestones", "multistep([5], length = 5) >> const", ""),
    ("late-milestones", "step(30, offset = 20)", "total=20"),
    ("sum-of-rates", "0.01 + cosine(20, 0.3)", ""),
    ("sum-of-rates", "cosine(20, 0.3) + const(20, 0.2)", ""),
    ("sum-of-rates", "linear(20, 1, 0) + linear(20, 0, 1)", ""),
    ("sum-of-rates", "restarts(25, start = 1, end = 0.1, decay = 0.5)", "total=100"),
    ("sum-of-rates", "const\nmomentum: linear(5, 0, 0.4) + linear(5, 0.4, 0.1)", ""),
    ("cut-side", "(linear(3, 0.1, 1) >> const) * multistep([4, 8])", ""),
    ("cut-side", "linear(3, 0.1, 1) * multistep([1, 2])", ""),
    ("cut-side", "linear(9, 1, 0) * exponential(0.9)", ""),
    ("cut-side", "linear(9, 0.1, 1) * exponential(0.9, length = 9)", ""),
    ("cut-side", "linear(9, 0.1, 1) * exponential(0.9)", "total=9"),
    ("repeated-warmup", "repeat(warmup(5, 0.05, 0.1) >> cosine(45, 0.1), 2)", ""),
    ("repeated-warmup", "repeat(warmup(5) >> cosine(45), 1)", ""),
    ("repeated-warmup", "repeat(warmup(5) >> cosine(45), 2)", "total=50"),
    ("repeated-warmup", "repeat(linear(5, 0, 0.1) >> linear(5, 0.1, 0), 2)", ""),
    ("growing-decay", "exponential(1.1, length = 100, start = 1e-6)", ""),
    ("growing-decay", "const\nmomentum: cooldown(10, 0.8, 0.9)", ""),
    ("growing-decay", "multistep([30], 1)", "total=60"),
    ("unknown-target", "const  weight_decay: const  beta3: const  eps: const", ""),
    ("unknown-target", "const  temperature: const", ""),
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
