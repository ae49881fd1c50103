"""The way out that each lint names, followed to the letter: the finding is gone, and no new one."""

from __future__ import annotations

import pytest

from lrdsl.diagnostics import catalogue
from lrdsl.diagnostics.fix import apply
from tests.diagnostics.examples import findings, read_run

JUMP = "warmup(5, 0, 0.4) >> cosine(20, 0.3)"
CUT = "linear(3, base / 3, base) * multistep([4, 8], start = 1)"
EPOCHS = "total=112590 steps_per_epoch=1251"

# Lint, text, run, the words of its help that are followed, the text after that, and its run where
# that is what changes.
FOLLOWED: list[tuple[str, ...]] = [
    ("jump", JUMP, "", "follow with `next`", "warmup(5, 0, next) >> cosine(20, 0.3)"),
    ("jump", JUMP, "", "or `prev`", "warmup(5, 0, 0.4) >> cosine(20, prev)"),
    ("jump", JUMP, "", "`# lrs: ignore[jump]`", f"{JUMP}  # lrs: ignore[jump]"),
    ("unreached-end", "linear(99, 1, 0.5)", "total=50", "`rest`", "linear(rest, 1, 0.5)"),
    ("unreached-end", "linear(99, 1, 0.5)", "total=50", "in `%`", "linear(100%, 1, 0.5)"),
    (
        "short-schedule",
        "warmup(5) >> linear(20, 1, 0.5)",
        "total=100",
        "say so with `>> const`",
        "warmup(5) >> linear(20, 1, 0.5) >> const",
    ),
    (
        "short-schedule",
        "warmup(5) >> linear(20, 1, 0.5)",
        "total=112590",
        "say so with `>> const`",
        "warmup(5) >> linear(20, 1, 0.5) >> const",
    ),
    (
        "short-schedule",
        "warmup(5) >> linear(20, 1, 0.5)",
        "total=100",
        "stretch the schedule to the run",
        "warmup(20) >> linear(80, 1, 0.5)",
    ),
    ("zero-first", "linear(5, 0, 1) >> const", "", "start above 0", "linear(5, 0.2, 1) >> const"),
    (
        "zero-first",
        "linear(5, 0, 1) >> const",
        "",
        "rise of a `warmup`",
        "warmup(5, 0, 1) >> const",
    ),
    ("zero-first", "warmup(1) >> const", "", "give it more steps", "warmup(5) >> const"),
    ("zero-rest", "linear(20, 1)", "total=90", "end the run there", "linear(20, 1)", "total=20"),
    ("zero-rest", "linear(20, 1)", "total=90", "lengthen the schedule", "linear(90, 1)"),
    ("zero-rest", "cosine(9, 1) >> const(7)", "", "`cosine` take these steps", "cosine(16, 1)"),
    (
        "zero-rest",
        "cosine(9, 1) >> const(7)",
        "total=16",
        "`cosine` take these steps",
        "cosine(16, 1)",
    ),
    (
        "zero-rest",
        "cosine(9, 1) >> const(7)",
        "",
        "or end above 0",
        "cosine(9, 1, 0.1) >> const(7)",
    ),
    (
        "zero-rest",
        "max(linear(20, 1, -1), 0)",
        "",
        "as with `max(…, 1e-5)`",
        "max(max(linear(20, 1, -1), 0), 1e-5)",
    ),
    (
        "long-warmup",
        "warmup(60) >> cosine(40)",
        "",
        "as in `warmup(5)`",
        "warmup(5) >> cosine(95)",
    ),
    (
        "long-warmup",
        "warmup(60) >> cosine(40)",
        "total=100",
        "as in `warmup(5)`",
        "warmup(5) >> cosine(95)",
    ),
    (
        "rising-tail",
        "over(55, triangular(20, 0.1, 1))",
        "",
        "shorten it to whole cycles",
        "over(40, triangular(20, 0.1, 1))",
    ),
    (
        "rising-tail",
        "over(55, triangular(20, 0.1, 1))",
        "",
        "put a part that falls after it",
        "over(55, triangular(20, 0.1, 1)) >> linear(9)",
    ),
    (
        "zero-length",
        "warmup(10%) >> const >> linear(0.1%)",
        "total=100",
        "make it longer",
        "warmup(10%) >> const >> linear(1%)",
    ),
    (
        "zero-length",
        "warmup(10%) >> const >> linear(0.1%)",
        "total=100",
        "remove it",
        "warmup(10%) >> const",
    ),
    (
        "bare-steps",
        "warmup(500) >> cosine(10ep)",
        "steps_per_epoch=100",
        "write `500st`",
        "warmup(500st) >> cosine(10ep)",
    ),
    (
        "bare-steps",
        "warmup(5) >> cosine",
        "total=200ep steps_per_epoch=100",
        "write `5ep`",
        "warmup(5ep) >> cosine",
    ),
    (
        "bare-steps",
        "warmup(5) >> cosine",
        "total=200ep steps_per_epoch=100",
        "or `5st`",
        "warmup(5st) >> cosine",
    ),
    (
        "bare-steps",
        "warmup(5) >> cosine(90)",
        "steps_per_epoch=100",
        "write `5ep` and `90ep`",
        "warmup(5ep) >> cosine(90ep)",
    ),
    (
        "bare-steps",
        "warmup(5) >> const(500) >> cosine",
        "total=200ep steps_per_epoch=100",
        "write `5ep` and `500st`, or `5st` and `500st` if steps are meant",
        "warmup(5st) >> const(500st) >> cosine",
    ),
    (
        "bare-steps",
        "cosine(200)",
        "steps_per_epoch=100",
        "leave `steps_per_epoch` out",
        "cosine(200)",
        "total=200",
    ),
    (
        "bare-steps",
        "cosine(200)",
        "steps_per_epoch=100",
        "`200st` if steps are meant",
        "cosine(200st)",
    ),
    ("unused-name", "let a = 1\nconst", "", "use it", "let a = 1\nconst(value = a)"),
    ("unused-name", "let a = 1\nconst", "", "remove it", "const"),
    (
        "hidden-name",
        "def cosine(n) = linear(n)\ncosine(20)",
        "",
        "rename it",
        "def down(n) = linear(n)\ndown(20)",
    ),
    (
        "unreached-minimum",
        "restarts(30, start = 1)",
        "total=70",
        "change their length",
        "restarts(35, start = 1)",
    ),
    (
        "unreached-minimum",
        "restarts(30, start = 1)",
        "total=70",
        "or that of the run",
        "restarts(30, start = 1)",
        "total=90",
    ),
    (
        "useless-ignore",
        f"{JUMP}  # lrs: ignore[jumps]",
        "",
        "did you mean `jump`?",
        f"{JUMP}  # lrs: ignore[jump]",
    ),
    ("useless-ignore", "const  # lrs: ignore[jump]", "total=9", "remove the comment", "const"),
    (
        "useless-ignore",
        f"# lrs: ignore[jump]\n{JUMP}",
        "total=25",
        "move it to the line",
        f"{JUMP}  # lrs: ignore[jump]",
    ),
    ("hidden-character", "const(5)  # a \u202e b", "", "delete it", "const(5)  # a  b"),
    (
        "falling-warmup",
        "warmup(5, 0.4, 0.1) >> cosine(20, 0.1)",
        "",
        "leave it out",
        "warmup(5, end = 0.1) >> cosine(20, 0.1)",
    ),
    (
        "falling-warmup",
        "warmup(5, 0.4) >> cosine(20, 0.1)",
        "",
        "`start = next / 10`",
        "warmup(5, start = next / 10) >> cosine(20, 0.1)",
    ),
    (
        "falling-warmup",
        "warmup(5, 0.1) >> cosine(20, 0.1)",
        "",
        "leave it out",
        "warmup(5) >> cosine(20, 0.1)",
    ),
    (
        "high-rate",
        "warmup(10) >> cosine(90, 300)",
        "",
        "write the rate that is meant",
        "warmup(10) >> cosine(90, 0.3)",
    ),
    (
        "high-rate",
        "wsd(2000, 80000, 10000)",
        "total=112590",
        "are two arguments in the wrong order?",
        "wsd(2000, 10000, 0.1)",
    ),
    ("high-rate", "cosine(90, 900 * base)", "", "by a smaller number", "cosine(90, 9 * base)"),
    ("low-rate", "1e-3 * cosine(90)", "", "leave the small number out", "cosine(90)"),
    ("low-rate", "1e-3 * cosine(90)", "", "as in `cosine(90, 1e-3)`", "cosine(90, 1e-3)"),
    (
        "early-changes",
        "warmup(5) >> multistep([30, 60, 80])",
        EPOCHS,
        "such as `30ep`",
        "warmup(5ep) >> multistep([30ep, 60ep, 80ep])",
    ),
    (
        "early-changes",
        "multistep([30, 60, 80])",
        EPOCHS,
        "`30%`",
        "multistep([30%, 60%, 80%])",
    ),
    (
        "early-changes",
        "exponential(0.95)",
        EPOCHS,
        "`every = 1ep`",
        "exponential(0.95, every = 1ep)",
    ),
    ("short-cycles", "restarts(10)", EPOCHS, "such as `10ep`", "restarts(10ep)"),
    ("short-cycles", "restarts(10)", EPOCHS, "or `10%`", "restarts(10%)"),
    (
        "late-milestones",
        "multistep([30, 60, 90])",
        "total=60",
        "leave them out",
        "multistep([30])",
    ),
    (
        "late-milestones",
        "warmup(5) >> multistep([30, 90])",
        "total=60",
        "lengthen the run",
        "warmup(5) >> multistep([30, 90])",
        "total=100",
    ),
    (
        "late-milestones",
        "multistep([30, 60], length = 40) >> const",
        "",
        "lengthen the part",
        "multistep([30, 60], length = 70) >> const",
    ),
    ("late-milestones", "step(100)", "total=60", "write a shorter one", "step(20)"),
    ("sum-of-rates", "warmup(5) + cosine(20)", "", "write `>>`", "warmup(5) >> cosine(20)"),
    (
        "cut-side",
        f"{CUT} >> const",
        "",
        "`(linear(…) >> const) * multistep(…)`",
        "(linear(3, base / 3, base) >> const) * multistep([4, 8], start = 1)",
    ),
    (
        "cut-side",
        CUT,
        "total=100",
        "`(linear(…) >> const) * multistep(…)`",
        "(linear(3, base / 3, base) >> const) * multistep([4, 8], start = 1)",
    ),
    (
        "cut-side",
        "exponential(0.9, start = 1) * warmup(5, 0, base) >> const",
        "total=100",
        "`(warmup(…) >> const) * exponential(…)`",
        "(warmup(5, 0, base) >> const) * exponential(0.9, start = 1)",
    ),
    (
        "repeated-warmup",
        "repeat(warmup(5) >> cosine(45), 2)",
        "total=100",
        "as in `warmup(5, next / 10)`",
        "repeat(warmup(5, next / 10) >> cosine(45), 2)",
    ),
    (
        "repeated-warmup",
        "repeat(warmup(5) >> cosine(45), 2)",
        "",
        "warm up once, before the `repeat`",
        "warmup(5) >> repeat(cosine(45), 2)",
    ),
    (
        "repeated-warmup",
        "repeat(warmup(5) >> cosine(45), 2)",
        "",
        "`# lrs: ignore[repeated-warmup]`",
        "repeat(warmup(5) >> cosine(45), 2)  # lrs: ignore[repeated-warmup]",
    ),
    ("growing-decay", "power_law(9, 0.5)", "", "an `exponent` below 0", "power_law(9, -0.5)"),
    ("growing-decay", "exponential(1.1)", "total=9", "a `gamma` below 1", "exponential(0.9)"),
    ("growing-decay", "step(3, 2)", "total=9", "a `gamma` below 1", "step(3, 0.5)"),
    (
        "growing-decay",
        "natural_exponential(-1)",
        "total=9",
        "a `rate` above 0",
        "natural_exponential(1)",
    ),
    (
        "growing-decay",
        "cooldown(9, base, 2 * base)",
        "",
        "below where it starts",
        "cooldown(9, 2 * base, base)",
    ),
    ("growing-decay", "power_law(9, 0.5)", "", "write `linear`", "linear(9, base, 2 * base)"),
    (
        "growing-decay",
        "step(3, 2)",
        "total=9",
        "or `stairs`",
        "stairs([3, 6], [base, 2 * base, 4 * base])",
    ),
    (
        "repeated-event",
        'until(signal("c"), const) >> linear(9, base, 0.5) >> until(signal("c"), const) >> linear(5)',  # noqa: E501
        "",
        'another signal, such as `signal("c_2")`',
        'until(signal("c"), const) >> linear(9, base, 0.5) >> until(signal("c_2"), const) >> linear(5)',  # noqa: E501
    ),
    (
        "repeated-event",
        'until(signal("c"), const) >> linear(9, base, 0.5) >> until(signal("c"), const) >> linear(5)',  # noqa: E501
        "",
        "or remove it",
        'until(signal("c"), const) >> linear(9, base, 0.5) >> linear(5)',
    ),
    (
        "repeated-event",
        "let hold = until(below(0.3), const)  hold >> linear(9, base, 0.5) >> hold >> linear(5)",
        "",
        "write `until(below(…), …)` out for each part",
        "until(below(0.3), const) >> linear(9, base, 0.5) >> until(below(0.3), const) >> linear(5)",
    ),
    ("unknown-target", "const  wd: const", "", "`weight_decay`", "const  weight_decay: const"),
    (
        "unknown-target",
        "lr: cosine(20)  min_lr: const",
        "",
        "`cosine(20, end = 1e-5)`",
        "lr: cosine(20, end = 1e-5)",
    ),
    ("unknown-target", "base_lr: cosine(20)", "", "`lr`", "lr: cosine(20)"),
    ("unknown-target", "const  betas: const", "", "`beta1`", "const  beta1: const"),
]


@pytest.mark.parametrize("case", FOLLOWED, ids=lambda case: f"{case[0]}: {case[3]}")
def test_the_help_is_followed(case: tuple[str, ...]) -> None:
    slug, text, run, words, mended, *rest = case
    found = findings(text, read_run(run))
    assert [words in d.help for d in found if d.slug == slug].count(True) == 1, found
    left = findings(mended, read_run(rest[0] if rest else run))
    assert {d.slug for d in left} <= {d.slug for d in found} - {slug}, left


# Lints whose help names a text that can be written without knowing more.
FIXED = {
    "bare-steps", "cut-side", "falling-warmup", "hidden-character", "jump", "late-milestones",
    "repeated-event", "repeated-warmup", "short-schedule", "sum-of-rates", "unknown-target",
    "unreached-end", "unused-name", "useless-ignore", "zero-length",
}  # fmt: skip


def test_each_fix_of_a_lint_mends_it_and_makes_no_new_finding() -> None:
    fixed = set()
    for slug, text, words, *_ in FOLLOWED:
        run = read_run(words)
        found = findings(text, run)
        before = {d.slug for d in found}
        for finding in found:
            for fix in finding.fixes if finding.slug == slug else ():
                fixed.add(slug)
                mended = apply(text, [fix])
                assert {d.slug for d in findings(mended, run)} <= before - {slug}, mended
                # A lint is about what was meant: nothing of it is mended unasked, but for
                # what cannot be seen.
                assert fix.safe == (slug == "hidden-character")
    assert fixed == FIXED


@pytest.mark.parametrize(
    ("slug", "text", "run", "mended"),
    [
        ("jump", JUMP, "", "warmup(5, 0, 0.4) >> cosine(20, prev)"),
        ("jump", "linear(5, 0.3, 0.1) >> linear(5, 0.5)", "",
         "linear(5, 0.3, 0.1) >> linear(5, prev)"),
        (
            "jump",
            "def f(n) = cosine(n, 0.3)\nwarmup(5, 0, 0.4) >> f(20)",
            "",
            "def f(n) = cosine(n, prev)\nwarmup(5, 0, 0.4) >> f(20)",
        ),
        ("cut-side", f"{CUT} >> const", "", f"({CUT.replace(' *', ' >> const) *')}"),
        (
            "cut-side",
            "exponential(0.9, start = 1) * warmup(5, 0, base) >> const",
            "total=100",
            "exponential(0.9, start = 1) * (warmup(5, 0, base) >> const)",
        ),
        (
            "repeated-warmup",
            "repeat(warmup(length = 5) >> cosine(45), 2)",
            "",
            "repeat(warmup(length = 5, start = next / 10) >> cosine(45), 2)",
        ),
        ("short-schedule", "lr: linear(20, 1, 0.5)  # a", "total=50",
         "lr: linear(20, 1, 0.5) >> const  # a"),
        ("short-schedule", "def f(n) = linear(n, 1, 0.5)\nf(20)\n", "total=50",
         "def f(n) = linear(n, 1, 0.5)\nf(20) >> const\n"),
        ("zero-length", "linear(0.1%) >> const", "total=100", "const"),
        ("late-milestones", "multistep([30, 60, 90,])", "total=70", "multistep([30, 60,])"),
        ("unused-name", "let a = 1  # one\nconst\n", "", "  # one\nconst\n"),
        ("unused-name", "param a = 1\nlet b = 2\nconst", "", "let b = 2\nconst"),
        ("useless-ignore", "# lrs: ignore[jump]\nconst\n", "total=9", "const\n"),
        ("sum-of-rates", "warmup(5) + cosine(20)", "", "warmup(5) >> cosine(20)"),
    ],
)  # fmt: skip
def test_what_the_first_fix_of_a_lint_writes(slug: str, text: str, run: str, mended: str) -> None:
    found = [d for d in findings(text, read_run(run)) if d.slug == slug]
    assert apply(text, found[0].fixes[:1]) == mended


@pytest.mark.parametrize(
    ("slug", "text", "run"),
    [
        ("late-milestones", "multistep([70, 90])", "total=60"),
        ("late-milestones", "stairs([30, 90], [1, 0.5, 0.1])", "total=60"),
        ("unused-name", "let a = 1\nlet b = a\nconst", ""),
        ("useless-ignore", "const  # lrs: ignore[jump, low-rate]", "total=9"),
    ],
)
def test_where_one_edit_is_not_enough_a_lint_has_no_fix(slug: str, text: str, run: str) -> None:
    found = [d for d in findings(text, read_run(run)) if d.slug == slug]
    assert found
    assert found[0].fixes == ()


def test_every_lint_is_followed() -> None:
    # Only an optimizer has groups: tests/frameworks/torch/test_findings.py.
    assert {case[0] for case in FOLLOWED} == set(catalogue.lints()) - {"unequal-groups"}


def test_a_help_that_leads_nowhere_is_noticed() -> None:
    with pytest.raises(AssertionError):
        test_the_help_is_followed(("jump", JUMP, "", "`next`", JUMP))
