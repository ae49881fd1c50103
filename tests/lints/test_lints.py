"""Each lint: what it reports, with both values where it names two, and what it leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest

import lrdsl
from lrdsl.diagnostics import catalogue
from lrdsl.diagnostics.fix import apply
from lrdsl.lints import engine
from lrdsl.program import run_for
from lrdsl.resolve.run_arguments import RunArguments
from lrdsl.text.format import formatted
from tests.diagnostics.examples import findings, read_run
from tests.lints.cases import REPORTED, SILENT
from tools.pages import recipes

ROOT = Path(lrdsl.__file__).parents[1]


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
    ("warmup(10) >> const * plateau(0.95, rise = 1.05, max = 2)", "total=100"),
    ("const * adaptive(0.005, 0.02, min = 0.01, max = 10)", "total=100"),
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
    # A step of this one is an epoch, as it says.
    steps = 1.0 if path.stem == "d2l_cosine" else 1251.0
    run: RunArguments = {"total": "90ep", "steps_per_epoch": steps}
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


@pytest.mark.parametrize(
    ("text", "slugs", "mended"),
    [
        ("multistep([30, 60])", ["early-changes"], "multistep([30ep, 60ep])"),
        ("restarts(10)", ["short-cycles"], "restarts(10ep)"),
        ("step(30)", ["early-changes"], "step(30ep)"),
    ],
)
def test_numbers_that_were_found_to_ruin_a_run_are_one_finding_with_a_fix(
    text: str, slugs: list[str], mended: str
) -> None:
    run = read_run("total=100ep steps_per_epoch=1000")
    found = findings(text, run)
    assert [d.slug for d in found] == slugs
    assert [apply(text, [fix]) for fix in found[0].fixes] == [mended]
    assert findings(mended, run) == []


def test_an_example_in_steps_is_reported_in_a_run_of_many_steps_per_epoch() -> None:
    """Five updates of 112,590 are no warm-up; the example is for a step per epoch."""
    text = (ROOT / "examples" / "d2l_cosine.lrs").read_text("utf-8")
    (found,) = findings(text, read_run("total=90ep steps_per_epoch=1251"))
    assert found.message == "`5` and `15` count steps, and the run is 90 epochs"
