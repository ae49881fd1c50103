"""The catalogue of diagnostics: one page a code in ``pages/``, and nothing else to keep in step.

A page is named ``LRS201-unknown-name.md``: its code and its slug. Its text is what
``lrdsl explain LRS201`` prints.
"""

from __future__ import annotations

from functools import lru_cache

from lrdsl import files

PAGES = files.of_package("diagnostics", "pages")
# How the codes of lints start: what they report is allowed.
LINTS = "LRS6"


@lru_cache(maxsize=1)
def codes() -> dict[str, str]:
    """Every slug and its code, in the order of the codes."""
    stems = files.stems(PAGES, ".md")
    return {slug: code for code, _, slug in (stem.partition("-") for stem in stems)}


def page(word: str) -> str | None:
    """The explanation of a code or a slug, in Markdown; None where there is no such code."""
    for slug, code in codes().items():
        if word.upper() == code or word.lower() == slug:
            return files.read(f"{PAGES}/{code}-{slug}.md")
    return None
