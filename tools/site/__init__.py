"""The site: the pages of ``docs/``, the reference of the Python names, and every error code.

``python -m tools.site`` builds it into ``build/site``, as ``make docs`` does. The pages are written
for a repository host; what a site needs beyond that is changed in a copy of them (``staging``).
Zensical makes HTML of the copy, KaTeX sets its formulas (``formulas``), and the result is looked
at: a link that leads nowhere, a formula that is not set, a file from elsewhere (``checks``).
"""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build"
SITE = BUILD / "site"


class SiteError(Exception):
    """What is wrong with the pages, a line each."""
