"""The catalogue of diagnostics: every code, and the page that explains it.

A slug says what is wrong in a word. Its code is its family's number and its place in there, so a
new one goes to the end of its family, and none is ever taken out or moved. The page of each is
``pages/LRS201-unknown-name.md``, the text that ``lrdsl explain LRS201`` prints.
"""

from __future__ import annotations

from typing import Literal, get_args

from lrdsl import files

# LRS101 and on: what the parser refuses.
Syntax = Literal[
    "unexpected-token",
    "unexpected-end",
    "unexpected-character",
    "bad-number",
    "too-long",
    "too-deep",
    "detached-call",
    "single-angle",
    "second-schedule",
    "decimal-comma",
    "no-schedule",
    "too-many-items",
    "too-many-errors",
]

# LRS201 and on: names and the arguments of a call.
Names = Literal[
    "unknown-name",
    "missing-argument",
    "surplus-argument",
    "unknown-argument",
    "repeated-argument",
    "positional-after-named",
    "reserved-name",
    "repeated-definition",
    "recursion",
    "not-callable",
    "unknown-kind",
    "unknown-param",
]

# LRS301 and on: kinds, numbers and lengths.
Values = Literal[
    "wrong-kind",
    "wrong-operands",
    "guard",
    "fractional-length",
    "negative-length",
    "unknown-unit",
    "unresolved-unit",
    "too-many-steps",
    "no-value",
    "bad-run",
    "negative-rate",
    "not-finite",
    "rest-arithmetic",
    "stated-twice",
    "overridden-run",
]

# LRS401 and on: how parts are put together.
Composition = Literal[
    "second-rest",
    "after-endless",
    "missing-length",
    "nothing-left",
    "overfull",
    "short-cycle",
    "product-of-rates",
    "too-many-parts",
    "too-many-cycles",
    "held-metric",
    "event-inside",
]

# LRS501 and on: what an optimizer has to have.
Targets = Literal[
    "unsupported-target",
    "not-sequential",
    "repeated-target",
    "bad-selector",
    "unknown-group",
    "undriven-group",
    "unknown-hyperparameter",
    "overlapping-targets",
    "above-limit",
    "no-base",
    "leftover-base",
    "base-in-scalar",
    "shared-name",
    "not-exportable",
]

# LRS601 and on: what is valid but probably a mistake.
Lints = Literal[
    "jump",
    "unreached-end",
    "short-schedule",
    "zero-first",
    "zero-rest",
    "long-warmup",
    "rising-tail",
    "zero-length",
    "bare-steps",
    "unused-name",
    "hidden-name",
    "unreached-minimum",
    "unequal-groups",
    "useless-ignore",
    "hidden-character",
    "falling-warmup",
    "high-rate",
    "low-rate",
    "early-changes",
    "short-cycles",
    "late-milestones",
    "sum-of-rates",
    "cut-side",
    "repeated-warmup",
    "growing-decay",
    "unknown-target",
    "repeated-event",
]

# LRS701 and on: schedules inside configs.
Configs = Literal[
    "host-syntax",
    "split-at-comma",
    "cut-by-comment",
    "missing-file",
    "unknown-key",
    "not-a-schedule",
    "repeated-key",
    "bad-reference",
]

# LRS801 and on: what happens while a schedule trains.
Running = Literal[
    "too-few-steps",
    "past-total",
    "numbered-step",
    "mixed-steps",
    "other-base",
]

# A slug that is not one of these is an error of type checking, wherever it is written.
Slug = Syntax | Names | Values | Composition | Targets | Lints | Configs | Running
FAMILIES = (Syntax, Names, Values, Composition, Targets, Lints, Configs, Running)
CODES: dict[Slug, str] = {
    slug: f"LRS{family}{place:02}"
    for family, slugs in enumerate(FAMILIES, 1)
    for place, slug in enumerate(get_args(slugs), 1)
}


def find(word: str) -> Slug | None:
    """The slug that a code or a slug names, in whatever case; None if there is none."""
    for slug, code in CODES.items():
        if word.upper() == code or word.lower() == slug:
            return slug
    return None


def page(slug: Slug) -> str:
    """The explanation of a slug, in Markdown."""
    return files.of_package(f"diagnostics/pages/{CODES[slug]}-{slug}.md")


def lints() -> dict[Slug, str]:
    """The slugs and codes of lints."""
    return {slug: CODES[slug] for slug in get_args(Lints)}
