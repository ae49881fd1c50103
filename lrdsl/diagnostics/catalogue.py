"""The catalogue of diagnostics: one page a code in ``pages/``, and nothing else to keep in step.

A page is named ``LRS201-unknown-name.md``: its code and its slug. Its text is what
``lrdsl explain LRS201`` prints.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

PAGES = Path(__file__).parent / "pages"


@lru_cache(maxsize=1)
def codes() -> dict[str, str]:
    """Every slug and its code, in the order of the codes."""
    stems = sorted(page.stem for page in PAGES.glob("LRS*.md"))
    return {slug: code for code, _, slug in (stem.partition("-") for stem in stems)}


def page(word: str) -> str | None:
    """The explanation of a code or a slug, in Markdown; None where there is no such code."""
    for slug, code in codes().items():
        if word.upper() == code or word.lower() == slug:
            return (PAGES / f"{code}-{slug}.md").read_text(encoding="utf-8")
    return None
