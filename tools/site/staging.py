"""The pages as Zensical reads them: a copy in which every link stays on the site.

A page of ``docs/`` keeps its place. The README is the first page unless ``docs/index.md`` is there.
Whatever else in the repository a page links to gets a page that shows it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path, PurePosixPath

from lrdsl.wording import count
from tools import playground
from tools.site import ROOT, SiteError, api, markdown

SECTIONS = {"how-to": "How-to guides", "reference": "Reference", "explanation": "Explanation"}
"""The folders of ``docs/`` in the order of the navigation."""
API, CODES = "reference/api.md", "reference/codes.md"
_LANGUAGES = {".lrs": "lrs", ".py": "python", ".yaml": "yaml", ".toml": "toml", ".json": "json"}
_CODE_PAGES = "reference/codes"
_DIAGNOSTICS = "lrdsl/diagnostics/pages/"
# Where a page has the playground.
_PLAYGROUND = "<!-- playground -->"
_FRAME = """<iframe src="playground/index.html" title="Playground" class="playground" loading="lazy"
allow="clipboard-write"></iframe>

<a href="playground/index.html">Open it in a page of its own</a>."""


def write(build: Path) -> Path:
    """Writes the pages and the configuration, whose path it returns.

    Args:
        build: the folder for them, and for the site.

    Raises:
        SiteError: a link leads to no file.
    """
    folder = build / "pages"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "docs", folder, ignore=shutil.ignore_patterns("*.md"))
    shutil.copytree(ROOT / "tools" / "site" / "assets", folder / "assets")
    if playground.SITE.exists():
        shutil.copytree(playground.SITE, folder / "playground")
    staged = pages()
    for place, text in staged.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(text, encoding="utf-8")
    config = build / "mkdocs.yml"
    own = {"docs_dir": "pages", "site_dir": "site", "nav": navigation(staged)}
    lines = [(ROOT / "mkdocs.yml").read_text("utf-8")]
    lines += [f"{name}: {json.dumps(value)}\n" for name, value in own.items()]
    config.write_text("".join(lines), encoding="utf-8")
    return config


def pages() -> dict[str, str]:
    """The text of every page, by its place on the site."""
    sources = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
    sources += sorted((ROOT / _DIAGNOSTICS).glob("*.md"))
    if (ROOT / "docs" / "index.md").exists():
        sources.remove(ROOT / "README.md")
    staged: dict[str, str] = {}
    shown: set[str] = set()
    for source in sources:
        name = source.relative_to(ROOT).as_posix()
        text = source.read_text("utf-8")
        shown |= {found for link in markdown.links(text) if _is_shown(found := _target(name, link))}
        staged[place(name)] = page_text(name, text)
    staged[API] = api.page()
    staged[CODES] = _codes(staged)
    while shown:
        name = shown.pop()
        staged[place(name)] = _listing(name) if (ROOT / name).is_dir() else _source(name)
        shown |= {found for found in _inside(name) if place(found) not in staged}
    return staged


def place(name: str) -> str:
    """Where a file of the repository is on the site.

    Args:
        name: its path from the root of the repository.
    """
    if name in {"README.md", "docs/index.md"}:
        return "index.md"
    if "/" not in name and name.endswith(".md"):
        return name.lower()
    if name.startswith("docs/"):
        return name.removeprefix("docs/")
    if name.startswith(_DIAGNOSTICS):
        return f"{_CODE_PAGES}/{name.removeprefix(_DIAGNOSTICS)}"
    return f"source/{name}/index.md" if (ROOT / name).is_dir() else f"source/{name}.md"


def navigation(staged: dict[str, str]) -> list[str | dict[str, object]]:
    """The pages of docs/, a section for each of its folders, and those of the repository itself.

    The pages of a folder are in the order in which the first page links to them.

    Args:
        staged: the text of every page, by its place.
    """
    linked = [_joined("index.md", link) for link in markdown.links(staged["index.md"])]

    def order(page: str) -> tuple[int, str]:
        return (linked.index(page) if page in linked else len(linked), page)

    outer = {place(path.name) for path in ROOT.glob("*.md")} - {"index.md"}
    top = {page for page in staged if "/" not in page} - outer - {"index.md"}
    found: list[str | dict[str, object]] = [{"lrdsl": "index.md"}, *sorted(top, key=order)]
    for folder, title in SECTIONS.items():
        own = [p for p in staged if str(PurePosixPath(p).parent) == folder]
        if own:
            found.append({title: sorted(own, key=order)})
    return [*found, *sorted(outer)]


def page_text(name: str, text: str) -> str:
    """The text of a page of the repository, with links that fit its place on the site.

    Args:
        name: its path from the root of the repository.
        text: what it says there.

    Raises:
        SiteError: a link leads to no file.
    """

    def leads_to(link: str) -> str:
        return os.path.relpath(place(_target(name, link)), PurePosixPath(place(name)).parent)

    if playground.SITE.exists():
        text = text.replace(_PLAYGROUND, _FRAME)
    return markdown.rewritten(text, leads_to)


def _target(name: str, link: str) -> str:
    """What a link in a file leads to, as a path from the root of the repository."""
    found = _joined(name, link)
    if not (ROOT / found).exists():
        raise SiteError(f"{name} links to {link}, which is not there")
    return found


def _joined(name: str, link: str) -> str:
    return os.path.normpath(PurePosixPath(name).parent / link)


def _is_shown(name: str) -> bool:
    """Whether a file or folder is shown on a page of its own, because it is none itself."""
    return place(name).startswith("source/")


def _inside(name: str) -> list[str]:
    """The files and folders of a folder; nothing for a file."""
    path = ROOT / name
    if not path.is_dir():
        return []
    listed = (found for found in sorted(path.iterdir()) if found.name != "__pycache__")
    return [found.relative_to(ROOT).as_posix() for found in listed]


def _listing(name: str) -> str:
    """A page that lists a folder."""
    here = PurePosixPath(place(name)).parent
    lines = [f"* [`{found}`]({os.path.relpath(place(found), here)})" for found in _inside(name)]
    return "\n".join([f"# {name}", "", *lines, ""])


def _source(name: str) -> str:
    """A page that shows a file."""
    language = _LANGUAGES.get(PurePosixPath(name).suffix, "text")
    data = (ROOT / name).read_bytes()
    try:
        text = data.decode("utf-8").rstrip()
    except UnicodeDecodeError:
        return f"# {name}\n\nA binary file of {count(len(data))} bytes.\n"
    return f"# {name}\n\n``````{language}\n{text}\n``````\n"


def _codes(staged: dict[str, str]) -> str:
    """The page that lists the codes, each with the first sentence of its page."""
    lines = ["# Error codes", "", "`lrdsl explain LRS201` prints the page of a code.", ""]
    lines += ["| code | name | meaning |", "|---|---|---|"]
    for page, text in sorted(staged.items()):
        if page.startswith(_CODE_PAGES):
            code, _, slug = markdown.title(text).partition(" ")
            paragraph = " ".join(text.split("\n\n")[1].split()).replace("|", "\\|")
            sentence = re.match(r"(.+?)[.:](?= |$)", paragraph)
            assert sentence, f"{page} does not start with a sentence"
            lines.append(
                f"| [{code}](codes/{PurePosixPath(page).name}) | `{slug}` | {sentence[1]}. |"
            )
    return "\n".join([*lines, ""])
