"""The playground: the page of ``lrdsl serve`` with an editor, and the package in the browser."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build" / "playground"
SITE = BUILD / "site"
"""The finished playground, which any web server can serve as it is."""
