"""What the site takes from npm, at the versions of ``package-lock.json``: KaTeX, and a shim.

The shim lets the search work in a page that is opened from a disk; Zensical would have each page
load it from a server.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools.site import ROOT

MODULES = Path("npm", "node_modules")
"""Where the packages are installed, in the folder of the build."""
SHIM = Path("assets", "iframe-worker.js")
"""Where the shim is on the site."""
_LISTS = ROOT / "tools" / "site"
_OLDER_FONT = re.compile(r',url\([^)]+\.(?:woff|ttf)\) format\("(?:woff|truetype)"\)')


def install(build: Path) -> None:
    """Installs the packages, and copies what pages need of them beside the pages.

    Args:
        build: the folder of the build.
    """
    modules, pages = build / MODULES, build / "pages"
    _install(modules.parent)
    shutil.copy(modules / "iframe-worker" / "shim" / "index.js", pages / SHIM)
    fonts = pages / "assets" / "katex" / "fonts"
    fonts.mkdir(parents=True)
    # Every browser that shows the rest of the site reads this format, so the older ones can go.
    for font in (modules / "katex" / "dist" / "fonts").glob("*.woff2"):
        shutil.copy(font, fonts)
    style = (modules / "katex" / "dist" / "katex.min.css").read_text("utf-8")
    (fonts.parent / "katex.min.css").write_text(_OLDER_FONT.sub("", style), encoding="utf-8")


def _install(folder: Path) -> None:
    """Installs the packages into a folder, unless they are there."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("error: the formulas need Node.js with npm; install it, and run this again")
    kept = folder / "package-lock.json"
    if kept.exists() and kept.read_bytes() == (_LISTS / "package-lock.json").read_bytes():
        return
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(_LISTS / "package.json", folder)
    shutil.copy(_LISTS / "package-lock.json", folder)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    try:
        subprocess.run(command, cwd=folder, check=True)
    except subprocess.CalledProcessError:
        kept.unlink()  # so that the next run tries again
        raise
