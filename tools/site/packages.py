"""What the site takes from npm, at the versions of ``package-lock.json``: KaTeX, and a shim.

The shim lets the search work in a page that is opened from a disk; Zensical would have each page
load it from a server.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tools import npm
from tools.site import ROOT

MODULES = Path("npm", "node_modules")
"""Where the packages are installed, in the folder of the build."""
SHIM = Path("assets", "iframe-worker.js")
"""Where the shim is on the site."""
_OLDER_FONT = re.compile(r',url\([^)]+\.(?:woff|ttf)\) format\("(?:woff|truetype)"\)')


def install(build: Path) -> None:
    """Installs the packages, and copies what pages need of them beside the pages.

    Args:
        build: the folder of the build.

    Raises:
        NpmError: npm is missing, or failed.
    """
    pages = build / "pages"
    modules = npm.install(ROOT / "tools" / "site", (build / MODULES).parent)
    shutil.copy(modules / "iframe-worker" / "shim" / "index.js", pages / SHIM)
    fonts = pages / "assets" / "katex" / "fonts"
    fonts.mkdir(parents=True)
    # Every browser that shows the rest of the site reads this format, so the older ones can go.
    for font in (modules / "katex" / "dist" / "fonts").glob("*.woff2"):
        shutil.copy(font, fonts)
    style = (modules / "katex" / "dist" / "katex.min.css").read_text("utf-8")
    (fonts.parent / "katex.min.css").write_text(_OLDER_FONT.sub("", style), encoding="utf-8")
