"""What changes in the text of one page on its way from a repository host to the site."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from tools.site import lists

_FENCE = re.compile(
    r"^(?P<indent> *)(?P<fence>`{3,}|~{3,})(?P<info>[^\n]*)\n"
    r"(?P<body>.*?)^(?P=indent)(?P=fence) *$",
    re.MULTILINE | re.DOTALL,
)
# Outside of blocks. Code comes before a formula between dollars, which may stand in code.
_INLINE = re.compile(
    r"\$`(?P<ticked>[^`]+)`\$"
    r"|(?P<code>(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))"
    r"|(?<![\w$\\])\$(?P<dollars>[^\s$](?:[^$\n]*[^\s$])?)\$(?!\w)"
    r"|(?P<before>\]\()(?P<link>[^)\s]+)"
    r'|(?P<attribute>\b(?:src|href)=")(?P<value>[^"]+)'
    r"|^(?P<label>\[[^\]\n]+\]: +)(?P<target>\S+)",
    re.MULTILINE | re.DOTALL,
)
# Marks for the tests, such as `run: total=100`, and for the pages that are derived.
_MARK = re.compile(r"^<!-- [^\n]* -->\n", re.MULTILINE)
# A host reads Markdown in it, the site only where it is told to.
_DETAILS = re.compile(r"^<details>$", re.MULTILINE)
_EXTERNAL = re.compile(r"[a-z][a-z+.-]*:|//")


def rewritten(text: str, leads_to: Callable[[str], str]) -> str:
    """A page for the site.

    Args:
        text: the page.
        leads_to: what a relative path in it, without an anchor, becomes.
    """
    found: list[str] = []
    end = 0
    for match in _FENCE.finditer(text):
        found += [_prose(text[end : match.start()], leads_to), _block(match)]
        end = match.end()
    return lists.indented("".join([*found, _prose(text[end:], leads_to)]))


def title(text: str) -> str:
    """The first heading of a page."""
    found = re.search(r"^# (.+)$", text, re.MULTILINE)
    assert found, f"a page without a heading: {text[:80]!r}"
    return found[1]


def links(text: str) -> list[str]:
    """The pages and files that a page links to, in order, each as it is written there."""
    found: list[str] = []

    def noted(path: str) -> str:
        found.append(path)
        return path

    rewritten(text, noted)
    return found


def _block(match: re.Match[str]) -> str:
    """A fenced block: a formula keeps its text, and is set later."""
    indent, fence, body = match["indent"], match["fence"], match["body"]
    if match["info"].strip() == "math":
        return f'{indent}<div class="formula" data-search-exclude>{html.escape(body.strip())}</div>'
    # What follows the language, such as the run that an example is for, is not for readers.
    language = "".join(match["info"].split()[:1])
    return f"{indent}{fence}{language}\n{body}{indent}{fence}"


def _prose(text: str, leads_to: Callable[[str], str]) -> str:
    text = _DETAILS.sub("<details markdown>", _MARK.sub("", text))

    def changed(match: re.Match[str]) -> str:
        if formula := match["ticked"] or match["dollars"]:
            return f"`{formula}`{{ .formula }}"
        for before, link in (("before", "link"), ("attribute", "value"), ("label", "target")):
            if match[link]:
                return match[before] + _moved(match[link], leads_to)
        line = text[text.rfind("\n", 0, match.start()) + 1 :]
        # A host needs the backslash in the code of a table, and the site would show it.
        return match[0].replace("\\|", "|") if line.startswith("|") else match[0]

    return _INLINE.sub(changed, text)


def _moved(link: str, leads_to: Callable[[str], str]) -> str:
    path, mark, anchor = link.partition("#")
    if not path or _EXTERNAL.match(link):
        return link
    return leads_to(path) + mark + anchor
