"""The catalogue of diagnostics: every code, and the page that explains it.

A slug says what is wrong in a word; it and its code never change. The page of each is
``pages/LRS201-unknown-name.md``, the text that ``lrdsl explain LRS201`` prints.
"""

from __future__ import annotations

from typing import Literal

from lrdsl import files

# A slug that is not one of these is an error of type checking, wherever it is written.
Slug = Literal[
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
    "second-rest",
    "after-endless",
    "missing-length",
    "nothing-left",
    "overfull",
    "short-cycle",
    "product-of-rates",
    "too-many-parts",
    "too-many-cycles",
    "unsupported-target",
    "not-sequential",
    "repeated-target",
    "bad-selector",
    "unknown-group",
    "undriven-group",
    "unknown-hyperparameter",
    "overlapping-targets",
    "above-limit",
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
    "host-syntax",
    "split-at-comma",
    "cut-by-comment",
    "missing-file",
]
CODES: dict[Slug, str] = {
    "unexpected-token": "LRS101",
    "unexpected-end": "LRS102",
    "unexpected-character": "LRS103",
    "bad-number": "LRS104",
    "too-long": "LRS105",
    "too-deep": "LRS106",
    "detached-call": "LRS107",
    "single-angle": "LRS108",
    "second-schedule": "LRS109",
    "decimal-comma": "LRS110",
    "no-schedule": "LRS111",
    "too-many-items": "LRS112",
    "too-many-errors": "LRS113",
    "unknown-name": "LRS201",
    "missing-argument": "LRS202",
    "surplus-argument": "LRS203",
    "unknown-argument": "LRS204",
    "repeated-argument": "LRS205",
    "positional-after-named": "LRS206",
    "reserved-name": "LRS207",
    "repeated-definition": "LRS208",
    "recursion": "LRS209",
    "not-callable": "LRS210",
    "unknown-kind": "LRS211",
    "unknown-param": "LRS212",
    "wrong-kind": "LRS301",
    "wrong-operands": "LRS302",
    "guard": "LRS303",
    "fractional-length": "LRS304",
    "negative-length": "LRS305",
    "unknown-unit": "LRS306",
    "unresolved-unit": "LRS307",
    "too-many-steps": "LRS308",
    "no-value": "LRS309",
    "bad-run": "LRS310",
    "negative-rate": "LRS311",
    "not-finite": "LRS312",
    "rest-arithmetic": "LRS313",
    "second-rest": "LRS401",
    "after-endless": "LRS402",
    "missing-length": "LRS403",
    "nothing-left": "LRS404",
    "overfull": "LRS405",
    "short-cycle": "LRS406",
    "product-of-rates": "LRS407",
    "too-many-parts": "LRS408",
    "too-many-cycles": "LRS409",
    "unsupported-target": "LRS501",
    "not-sequential": "LRS502",
    "repeated-target": "LRS503",
    "bad-selector": "LRS504",
    "unknown-group": "LRS505",
    "undriven-group": "LRS506",
    "unknown-hyperparameter": "LRS507",
    "overlapping-targets": "LRS508",
    "above-limit": "LRS509",
    "jump": "LRS601",
    "unreached-end": "LRS602",
    "short-schedule": "LRS603",
    "zero-first": "LRS604",
    "zero-rest": "LRS605",
    "long-warmup": "LRS606",
    "rising-tail": "LRS607",
    "zero-length": "LRS608",
    "bare-steps": "LRS609",
    "unused-name": "LRS610",
    "hidden-name": "LRS611",
    "unreached-minimum": "LRS612",
    "unequal-groups": "LRS613",
    "useless-ignore": "LRS614",
    "hidden-character": "LRS615",
    "host-syntax": "LRS701",
    "split-at-comma": "LRS702",
    "cut-by-comment": "LRS703",
    "missing-file": "LRS704",
}
# How the codes of lints start: what they report is allowed.
LINTS = "LRS6"


def find(word: str) -> Slug | None:
    """The slug that a code or a slug names, in whatever case; None where there is none."""
    for slug, code in CODES.items():
        if word.upper() == code or word.lower() == slug:
            return slug
    return None


def page(slug: Slug) -> str:
    """The explanation of a slug, in Markdown."""
    return files.of_package(f"diagnostics/pages/{CODES[slug]}-{slug}.md")


def lints() -> dict[Slug, str]:
    """The slugs and codes of lints."""
    return {slug: code for slug, code in CODES.items() if code.startswith(LINTS)}
