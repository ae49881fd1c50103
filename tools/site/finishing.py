"""What is changed in the HTML of the site once it is there, besides the formulas."""

from __future__ import annotations

import os
import re
from pathlib import Path

from tools.site import packages, staging

_SHIM = re.compile(r'(?<=src=")https://unpkg\.com/iframe-worker/shim(?=")')
_CODE = re.compile(r"(?<!\">)<code>(?:lrdsl\.)?(?P<name>\w+(?:\.\w+)?)(?:\(\))?</code>(?!</a>)")
_ID = re.compile(r'id="lrdsl\.([\w.]+)"')


def finish(site: Path) -> None:
    """Changes the pages.

    Args:
        site: the folder of the site.
    """
    for page in site.rglob("*.html"):
        text = page.read_text("utf-8")
        shim = os.path.relpath(site / packages.SHIM, page.parent)
        page.write_text(_SHIM.sub(shim, text), encoding="utf-8")
    reference = (site / staging.API).with_suffix(".html")
    reference.write_text(_linked(reference.read_text("utf-8")), encoding="utf-8")


def _linked(text: str) -> str:
    """The reference, where a name of the reference that a text sets as code leads to its place."""
    names = set(_ID.findall(text))

    def linked(match: re.Match[str]) -> str:
        found = match["name"]
        return f'<a href="#lrdsl.{found}">{match[0]}</a>' if found in names else match[0]

    return _CODE.sub(linked, text)
