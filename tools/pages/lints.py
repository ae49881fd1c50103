"""The table of lints in ``docs/how-to/checking.md``: what each reports, from its page."""

from __future__ import annotations

from collections.abc import Iterator

from lrdsl.diagnostics import catalogue
from lrdsl.lints.engine import LINTS

# What has to be known for the lints of a folder to run.
SUBJECTS = {"text": "text", "curve": "schedule", "run": "run", "groups": "`compile`"}


def table() -> str:
    """A row for each lint: its code, its name, what it reports, and what it looks at."""
    return "\n".join(["| code | name | reports | looks at |", "|---|---|---|---|", *_rows()]) + "\n"


def _rows() -> Iterator[str]:
    subjects = {slug: SUBJECTS[folder] for folder, slugs in LINTS.items() for slug in slugs}
    for slug, code in catalogue.lints().items():
        # What comments ignore is known when all others have looked at the text.
        looks_at = subjects.get(slug, "text")
        yield f"| {code} | `{slug}` | {_reports(slug)} | {looks_at} |"


def _reports(slug: catalogue.Slug) -> str:
    """The first sentence of a lint's page, without its opening words."""
    _, meaning, *_ = catalogue.page(slug).split("\n\n")
    _, _, reported = " ".join(meaning.split()).partition(": ")
    return reported.partition(". ")[0].removesuffix(".")
