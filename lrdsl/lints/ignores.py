"""``# lrs: ignore[slug]``: the comment by which a line says that something is meant."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Set
from functools import lru_cache

from lrdsl.diagnostics import catalogue
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.diagnostics.fix import Fix, fix
from lrdsl.lints.lint import warning
from lrdsl.record import entity
from lrdsl.text.parse import parse_module
from lrdsl.text.source import Embedded, Source, Span, comments
from lrdsl.wording import closest

# What may stand between a text and a comment of its config: quotes, and ends of what holds it.
_BEHIND = re.compile(r"""["'\])},\t ]*(#[^\n]*)""")
_IGNORE = re.compile(r"\blrs:\s*ignore\s*\[(?P<words>[^\]\n]*)\]")
_WORD = re.compile(r"[^,\s][^,]*[^,\s]|[^,\s]")


@entity
class Ignore:
    """One word of such a comment.

    Attributes:
        line: the line it is about.
        word: the code or slug as written.
        slug: the lint that it names, or None.
        span: where it stands.
    """

    line: int
    word: str
    slug: catalogue.Slug | None
    span: Span


def of(source: Source) -> list[Ignore]:
    """Every word of every such comment of a text, or after it in the config that holds it."""
    found: list[Ignore] = []
    places = [(source, start, comment) for start, comment in comments(source.text)]
    if isinstance(source, Embedded):
        behind = _BEHIND.match(source.host.text, source.starts[-1])
        places += [(source.host, behind.start(1), behind[1])] if behind else []
    for where, start, comment in places:
        match = _IGNORE.search(comment)
        if not match:
            continue
        offset = start + match.start("words")
        for word in _WORD.finditer(match["words"]):
            span = Span(where, offset + word.start(), offset + word.end())
            line = where.position(span.start)[0]
            found.append(Ignore(line, word[0], named(word[0]), span))
    return found


def named(word: str) -> catalogue.Slug | None:
    """The slug of the lint that a code or a slug names; None if there is none."""
    return _names().get(word.lower())


@lru_cache(maxsize=1)
def _names() -> dict[str, catalogue.Slug]:
    """The names of each lint, in lower case."""
    return {word: slug for slug, code in catalogue.lints().items() for word in (slug, code.lower())}


def apply(
    found: Iterable[Diagnostic],
    ignores: list[Ignore],
    looked_for: Set[str],
) -> Iterator[Diagnostic]:
    """The findings that no comment ignores, and the comments that ignore nothing.

    Args:
        found: the findings.
        ignores: the comments of their text.
        looked_for: the slugs of the lints that have seen all that they need.
    """
    by_place: dict[tuple[str | None, int], list[Ignore]] = {}
    for ignore in ignores:
        by_place.setdefault((ignore.slug, ignore.line), []).append(ignore)
    used: set[tuple[str | None, int]] = set()
    for finding in found:
        places = {(finding.slug, line) for line in _lines(finding)} & by_place.keys()
        used |= places
        if not places:
            yield finding
    for ignore in ignores:
        if ignore.slug is None:
            message = f"there is no lint `{ignore.word}` to ignore"
            near = closest(ignore.word, catalogue.lints())
            help = f"did you mean `{near}`?" if near else "`lrdsl explain` lists them: LRS6…"
            fixes = (fix(ignore.span, near),) if near else ()
            yield warning("useless-ignore", message, help, ignore.span, *fixes)
        elif (ignore.slug, ignore.line) not in used and ignore.slug in looked_for:
            message = f"nothing here is reported as `{ignore.slug}`"
            help = "remove the comment, or move it to the line that a report names"
            yield warning("useless-ignore", message, help, ignore.span, *_removed(ignore.span))


def _removed(word: Span) -> tuple[Fix, ...]:
    """The fix that removes a comment which says nothing else."""
    text = word.source.text
    before = re.search(r"[ \t]*#\s*lrs:\s*ignore\s*\[\s*\Z", text[: word.start])
    after = re.match(r"\s*\][ \t]*(?=\n|\Z)", text[word.end :])
    if not before or not after or isinstance(word.source, Embedded):
        return ()
    start, end = before.start(), word.end + after.end()
    if text[:start].endswith("\n") or not start:  # a line of its own
        end = min(end + 1, len(text))
    whole = Span(word.source, start, end)
    return (fix(whole, "", "remove the comment"),)


def ignored(finding: Diagnostic) -> bool:
    """True if a comment of its text, which parses, ignores a finding."""
    ignores = of(finding.span.source)
    if not ignores:
        return False
    lines = _lines(finding)
    return any(ignore.slug == finding.slug and ignore.line in lines for ignore in ignores)


def _lines(finding: Diagnostic) -> set[int]:
    """The lines whose comments are about a finding: its own, and the last one of its statement.

    So a comment after a statement stays right when the statement is broken into lines.
    """
    spans = _statements(finding.span.source)
    at = bisect_right(spans, finding.span.start, key=lambda span: span.start) - 1
    own = spans[at : at + 1] if at >= 0 and finding.span.start < spans[at].end else ()
    return {finding.line, *(span.place[2] for span in own)}


# A text with many findings is asked for the statement of each.
@lru_cache(maxsize=1)
def _statements(source: Source) -> tuple[Span, ...]:
    return tuple([statement.span for statement in parse_module(source)[0].written])
