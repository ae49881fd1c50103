"""What is wrong with a built site: links, formulas, files from elsewhere, the Python names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import lrdsl
from tools.site import api, staging

# What a browser fetches by itself; a link is fetched by its reader.
_LOADED = {
    "script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "audio": "src",
    "embed": "src", "object": "data", "link": "href",
}  # fmt: skip
_NOT_LOADED = {"canonical", "prev", "next", "alternate", "edit", "license", "help"}
_SET_ASIDE = {"script", "style", "code", "pre", "annotation"}
_VOID = {"img", "br", "hr", "input", "meta", "link", "source", "wbr", "embed", "col", "area"}
# What a text of a page never shows where all of it was understood.
_LEFT = {
    "a formula": re.compile(r"\$`|`\$|\\\(|\\mathrm|\\frac|\$[^\s$][^$\n]*[\\^_][^$\n]*\$"),
    "a mark of a formula": re.compile(r"formula ?\}"),
    "a role of Sphinx": re.compile(r":(?:func|class|meth|mod|attr|data|exc|ref|doc):"),
    "a line for mkdocstrings": re.compile(r"^::: ", re.MULTILINE),
    "Markdown": re.compile(r"^```|\]\([\w./#-]+\)|\*\*\w", re.MULTILINE),
    "reStructuredText": re.compile(r"``"),
}


class Page(HTMLParser):
    """What there is to look at in a page.

    Attributes:
        ids: what a link can lead to.
        links: where its links lead.
        loaded: what a browser fetches for it.
        text: its text but for code.
        unset: formulas that were not set, or set wrongly.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.unset = 0
        self._open: list[str] = []
        self._text: list[str] = []
        self.feed(text)
        self.text = "".join(self._text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes what a tag names, links to and loads."""
        values = {name: value or "" for name, value in attrs}
        self.ids |= {values[name] for name in ("id", "name") if name in values}
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        loaded = values.get(_LOADED.get(tag, ""), "")
        if loaded and not (tag == "link" and values.get("rel") in _NOT_LOADED):
            self.loaded.append(loaded)
        self.loaded += [entry.split()[0] for entry in values.get("srcset", "").split(",") if entry]
        self.unset += bool({"formula", "katex-error"} & set(values.get("class", "").split()))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Forgets the tag that ends, and those in it that HTML lets end by themselves."""
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        """Notes text."""
        if not _SET_ASIDE & set(self._open):
            self._text.append(data)


def faults(site: Path) -> list[str]:
    """Everything that is wrong with a site, a line each.

    Args:
        site: its folder.
    """
    pages = {path: Page(path.read_text("utf-8")) for path in sorted(site.rglob("*.html"))}
    found = [
        f"{path.relative_to(site)}: {fault}"
        for path, page in pages.items()
        for fault in (*_left(page), *_dead(path, page, pages), *_elsewhere(page))
    ]
    reference = pages[site / Path(staging.API).with_suffix(".html")]
    return [*found, *_styles(site), *_names(reference)]


def _left(page: Page) -> Iterator[str]:
    """What was meant to become something else."""
    if page.unset:
        yield f"{page.unset} formulas are not set"
    for what, pattern in _LEFT.items():
        for match in pattern.finditer(page.text):
            shown = page.text[max(0, match.start() - 30) : match.end() + 30]
            yield f"{what} is left in the text: {' '.join(shown.split())!r}"


def _dead(path: Path, page: Page, pages: dict[Path, Page]) -> Iterator[str]:
    """Links within the site, and files of it, that lead nowhere."""
    if path.name == "404.html":
        return  # it is shown at any address, and so has links from the root of a server
    for link in [*page.links, *page.loaded]:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        if target.is_dir():
            target /= "index.html"
        anchor = unquote(parts.fragment)
        if not target.exists():
            yield f"{link} is not there"
        elif anchor and target in pages and anchor not in pages[target].ids:
            yield f"{link}: {target.name} has no {anchor}"


def _elsewhere(page: Page) -> Iterator[str]:
    """Files that a page loads from elsewhere."""
    for link in page.loaded:
        parts = urlsplit(link)
        if parts.netloc or parts.scheme not in {"", "data"}:
            yield f"{link} is loaded from elsewhere"


def _styles(site: Path) -> Iterator[str]:
    """Files that a style sheet loads from elsewhere, or that are not there."""
    for path in sorted(site.rglob("*.css")):
        text = path.read_text("utf-8")
        for link in re.findall(r"""(?:url\(|@import )["']?([^"')\s]+)""", text):
            if re.match(r"https?:|//", link):
                yield f"{path.relative_to(site)}: {link} is loaded from elsewhere"
            elif not link.startswith(("data:", "#")) and not (path.parent / link).exists():
                yield f"{path.relative_to(site)}: {link} is not there"


def _names(page: Page) -> Iterator[str]:
    """Public names that are not in the reference, and others that are."""
    shown = {name.removeprefix("lrdsl.") for name in page.ids if name.startswith("lrdsl.")}
    public = (set(lrdsl.__all__) - {"__version__"}) | api.public()
    yield from (f"{staging.API}: lrdsl.{name} is not there" for name in sorted(public - shown))
    for name in sorted(shown):
        owner = next((each for each in public if f"{name}.".startswith(f"{each}.")), "")
        members = name.removeprefix(owner).split(".")[1:]
        hidden = {*api.INTERNAL.get(owner, ())} & {*members}
        private = any(member.startswith("_") for member in members if member != "__call__")
        if not owner or hidden or private:
            yield f"{staging.API}: lrdsl.{name} is internal"
