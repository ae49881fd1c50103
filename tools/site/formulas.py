"""The formulas of the site, set by KaTeX.

They are set while the site is built, so that a page needs no script to show them, and a formula
that KaTeX does not understand stops the build.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

from tools.site import ROOT, SiteError, packages

FORMULA = re.compile(r'<(?P<tag>div|code) class="formula"[^>]*>(?P<tex>.*?)</(?P=tag)>', re.DOTALL)
_PROGRAM = ROOT / "tools" / "site" / "typeset.cjs"


def typeset(build: Path) -> int:
    """Sets the formulas of all pages; how many there are.

    Args:
        build: the folder of the site, and of KaTeX.

    Raises:
        SiteError: KaTeX does not understand one.
    """
    site = build / "site"
    texts = {page: page.read_text("utf-8") for page in sorted(site.rglob("*.html"))}
    found = [(page, match) for page, text in texts.items() for match in FORMULA.finditer(text)]
    asked = [{"tex": _tex(match), "display": match["tag"] == "div"} for _, match in found]
    answers = _katex(asked, build)
    wrong = [
        f"{page.relative_to(site)}: `{_tex(match)}`: {answer['error']}"
        for (page, match), answer in zip(found, answers, strict=True)
        if "error" in answer
    ]
    if wrong:
        raise SiteError("\n".join(wrong))
    done = iter(answers)
    for page, text in texts.items():
        changed = FORMULA.sub(lambda match: _element(match, next(done)["html"]), text)
        if changed != text:
            page.write_text(changed, encoding="utf-8")
    return len(found)


def _tex(match: re.Match[str]) -> str:
    return html.unescape(match["tex"]).strip()


def _element(match: re.Match[str], inner: str) -> str:
    tag = "div" if match["tag"] == "div" else "span"
    return f'<{tag} class="typeset">{inner}</{tag}>'


def _katex(asked: list[dict[str, object]], build: Path) -> list[dict[str, str]]:
    """What KaTeX makes of formulas: the HTML of each, or the error."""
    node = shutil.which("node") or "node"
    done = subprocess.run(
        [node, str(_PROGRAM), str((build / packages.MODULES).absolute())],
        input=json.dumps(asked), capture_output=True, text=True, encoding="utf-8", check=True,
    )  # fmt: skip
    answers: list[dict[str, str]] = json.loads(done.stdout)
    return answers
