"""Words that a fix brings to light, where they are wrong too.

In ``mode = "auto"`` and ``optax.cosine_decay_schedule(0.3, 100)`` a word has quotes or a module,
and the language has no such word without them; in ``ReduceLROnPlateau(mode = "auto")`` the call has
another name, and its arguments are checked only under the new one. That is one mistake: it gets one
fix, which writes what was meant. Loaded only where a text has errors.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from lrdsl import limits
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.diagnostics.fix import Edit, Fix, apply
from lrdsl.record import replace
from lrdsl.text.source import Source, Span
from lrdsl.wording import on_one_line

# The text is read again for each of them, and for each of the fixes: not for more than these.
_WORDS, _FIXES, _ROUNDS = 4, 2, 3

# The value of an argument, or of a target, whose name is wrong too.
_QUOTED = re.compile(r"""\s*=?\s*(?:"[^"\n]*"|'[^'\n]*')""")
_QUOTES = "\"'\u201c\u201d\u201e\u2018\u2019"

# The errors of a text, in its order, without those that were known before.
Read = Callable[[str], list[Diagnostic]]


def with_revealed(
    source: Source, errors: list[Diagnostic], read: Callable[[Source], list[Diagnostic]]
) -> list[Diagnostic]:
    """The errors of a text, of which those that hide another one have its fixes.

    Args:
        source: the text.
        errors: what is wrong with it.
        read: gives the errors of a text.
    """
    hiding = [error for error in errors if _hides(error)]
    if not hiding or len(hiding) > _WORDS or len(source.text) > limits.TOKENS:
        return errors
    known = {(error.slug, error.span.text) for error in errors}

    def further(text: str) -> list[Diagnostic]:
        found = [d for d in read(Source("", text)) if (d.slug, d.span.text) not in known]
        return sorted([d for d in found if not d.needs], key=lambda error: error.span.start)

    told = [_told(source, e, further) if any(e is h for h in hiding) else e for e in errors]
    quoted = [new for old, new in zip(errors, told, strict=True) if _is_quote(old) and new.fixes]
    besides = [found for error in quoted[:_WORDS] for found in _besides(source, error, further)]
    return [*told, *{(found.slug, found.span.start): found for found in besides}.values()]


def _hides(error: Diagnostic) -> bool:
    """True if the fix of an error leaves something that may be wrong in a word or a call."""
    if len(error.fixes) != 1:
        return False
    return _is_call(error) or all(map(_peels, error.fixes[0].edits))


def _is_call(error: Diagnostic) -> bool:
    """True if a fix gives a call the name under which its arguments are checked."""
    if error.slug != "unknown-name" or not error.fixes:
        return False
    edit = error.fixes[0].edits[0]
    renamed = edit.span.source.text.startswith("(", edit.span.end) and edit.text.isidentifier()
    return renamed or edit.text.endswith(")")


def _peels(edit: Edit) -> bool:
    """True if an edit takes quotes, a hyphen or a module away, or joins parts with a `>>`."""
    old = edit.span.text
    if edit.text.strip() == ">>" or ("-" in old and edit.text.isidentifier()):
        return True
    if edit.text.rstrip(": ").isidentifier() and _QUOTED.match(
        edit.span.source.text, edit.span.end
    ):
        return True
    quoted = len(old) > 2 and old[0] in _QUOTES and re.fullmatch(r"\w+", edit.text)
    return bool(quoted) or (not edit.text and re.fullmatch(r"(?:\w+\.)+", old) is not None)


def _told(source: Source, error: Diagnostic, read: Read) -> Diagnostic:
    """An error with the fixes, or the advice, of the one that it hides."""
    (own,) = error.fixes
    edit, is_call = own.edits[0], _is_call(error)
    is_line = ">>" in edit.text and not is_call
    text = apply(source.text, [own])
    first, end = _stretch(text, error, own, len(text) - len(source.text), is_line=is_line)
    if edit.span.text.startswith("'"):
        text = _straight(text, end)
    hidden = _hidden(text, first, end, read)
    if hidden is None:
        return error
    if is_line and not edit.span.text.startswith(","):
        # What stands on both sides of a join may be wrong besides, with a fix of its own.
        return error if hidden.fixes else replace(error, help=hidden.help or error.help, fixes=())
    ends, last = _ends(text, hidden, first, end, read, _ROUNDS)
    fixes = tuple([_whole(source, end, is_line=is_line) for end in ends])
    if is_call:
        return _of_call(error, last, fixes)
    if not fixes:
        reason = f"names have no module, and {last.message}: {last.help}"
        help = f"no quotes here: {last.help}" if edit.text else reason
        help = last.help if edit.span.text[:1].isalpha() and edit.text else help
        return replace(error, help=help if last.help else error.help, fixes=())
    (written, *others), quoted = fixes, edit.span.text[:1] in _QUOTES
    new = on_one_line(written.edits[0].text)
    if not any(edit.text for edit in hidden.fixes[0].edits):
        titled = tuple([replace(one, title=hidden.fixes[0].title) for one in fixes])
        return replace(error, help=hidden.help, fixes=titled)
    alone = quoted and written.edits[0].span == edit.span
    help = f"write `{new}` without quotes" if alone else f"write `{new}`"
    return replace(error, help=last.help if others else help, fixes=fixes)


def _is_quote(error: Diagnostic) -> bool:
    """True if a statement does not parse because of words in quotes."""
    return error.slug == "unexpected-character" and error.span.text in _QUOTES


def _besides(source: Source, error: Diagnostic, read: Read) -> Iterator[Diagnostic]:
    """What is wrong besides an error, at its place: it was not checked because of that error."""
    own = error.fixes[0]
    for found in read(apply(source.text, [own])):
        span = _before(source, own, found.span)
        if span is not None:
            yield replace(found, span=span, fixes=_each_before(source, own, found.fixes))


def _each_before(source: Source, own: Fix, fixes: Iterable[Fix]) -> tuple[Fix, ...]:
    """Those fixes of a fixed text that are fixes of the source as well."""
    made: list[Fix] = []
    for one in fixes:
        spans = [_before(source, own, edit.span) for edit in one.edits]
        edits = [
            Edit(span, e.text) for span, e in zip(spans, one.edits, strict=True) if span is not None
        ]
        if len(edits) == len(spans):
            made.append(replace(one, edits=tuple(edits)))
    return tuple(made)


def _before(source: Source, own: Fix, span: Span) -> Span | None:
    """Where a stretch of a fixed text stands in the source; None if the fix changed it."""
    start, end = span.start, span.end
    for edit in sorted(own.edits, key=lambda edit: edit.span.start):
        longer = len(edit.text) - len(edit.span.text)
        if start >= edit.span.end + longer:
            start, end = start - longer, end - longer
        elif end > edit.span.start:
            return None
    return Span(source, start, end)


def _of_call(error: Diagnostic, last: Diagnostic, fixes: tuple[Fix, ...]) -> Diagnostic:
    """The error of a call under another name, of which an argument is wrong as well."""
    if len(fixes) == 1:
        return replace(error, help=fixes[0].title, fixes=fixes)
    advice = last.help if fixes else last.message
    named = fixes[0].title if fixes and error.help.startswith("write ") else error.help
    return replace(error, help=f"{named}; {advice}", fixes=fixes)


def _stretch(
    text: str, error: Diagnostic, own: Fix, longer: int, *, is_line: bool = False
) -> tuple[int, int]:
    """The start and the end of what a fix may leave wrong, in the text that it makes.

    Args:
        text: the new text.
        error: the error.
        own: the fix of it.
        longer: the number of characters by which the new text is longer than the old one.
        is_line: True if the fix writes a line.
    """
    first = own.edits[0].span.start
    last = max(edit.span.end for edit in own.edits) + longer
    if _is_call(error):
        opened = text.index("(", first)
        return first, max(last, _closed(text, opened + 1) + 1)
    word = re.compile(r"\w*").match(text, last)
    end = word.end() if word else last
    if value := _QUOTED.match(text, last):
        end = value.end()
    if is_line:
        return text.rfind("\n", 0, first) + 1, end + len(text[end:].split("\n")[0])
    return first, end


def _closed(text: str, start: int) -> int:
    """The place of the parenthesis that closes the call around a place, or the end of the text."""
    depth = 1
    for match in re.compile(r"[()]").finditer(text, start):
        depth += 1 if match[0] == "(" else -1
        if not depth:
            return match.start()
    return len(text)


def _straight(text: str, start: int) -> str:
    """A text with straight double quotes around the words that follow in a call."""
    inside = text[start : _closed(text, start)].partition("#")[0]
    return text[:start] + re.sub(r"'(\w+)'", r'"\1"', inside) + text[start + len(inside) :]


def _hidden(text: str, start: int, end: int, read: Read) -> Diagnostic | None:
    """The first error of a text about a stretch of it."""
    found = read(text)
    for error in found:
        if error.span.start < end and start < error.span.end:
            return error
    return next((error for error in found if _calls(error, text, start, end)), None)


def _calls(error: Diagnostic, text: str, start: int, end: int) -> bool:
    """True if an error is about the name of a call that has a stretch among its arguments."""
    place = error.span.end
    if error.slug != "unknown-name" or place > start or text[place : place + 1] != "(":
        return False
    inside = text[place:start]
    after = re.sub(r"\([^()]*\)", "", text[end:])
    return inside.count("(") > inside.count(")") and after.find(")") >= 0


def _ends(
    text: str, hidden: Diagnostic, start: int, end: int, read: Read, rounds: int
) -> tuple[list[str], Diagnostic]:
    """The texts in which nothing about a stretch is wrong any more, each by the fixes of an error.

    Returns:
        The texts, and the last error on the way to the first of them, or to where there is none.
    """
    found: list[str] = []
    final = hidden
    for own in hidden.fixes[:_FIXES] if rounds else ():
        new = apply(text, [own])
        longer = len(new) - len(text)
        stretch = _stretch(new, hidden, own, longer) if _is_call(hidden) else (start, end + longer)
        first = min([start, stretch[0], *(edit.span.start for edit in own.edits)])
        last = max([end, stretch[1] - longer, *(edit.span.end for edit in own.edits)]) + longer
        further = _hidden(new, first, last, read)
        if further is None:
            found.append(new)
            continue
        more, deeper = _ends(new, further, first, last, read, rounds - 1)
        final = final if found else deeper
        found += more
    return found[:_FIXES], hidden if found and len(hidden.fixes) > 1 else final


def _is_open(text: str) -> bool:
    return text.count("(") > text.count(")")


def _whole(source: Source, new: str, *, is_line: bool) -> Fix:
    """The fix that makes another text of a text, by one edit of whole words, or of a line."""
    old = source.text
    start, end, stop = 0, len(old), len(new)
    while start < min(end, stop) and old[start] == new[start]:
        start += 1
    while min(end, stop) > start and old[end - 1] == new[stop - 1]:
        end, stop = end - 1, stop - 1
    if is_line:
        start = old.rfind("\n", 0, start) + 1
        after = len(old[end:].partition("\n")[0])
        end, stop = end + after, stop + after
    while start and re.match(r"[\w\"']", old[start - 1]):
        start -= 1
    while end < len(old) and (re.match(r"[\w\"']", old[end]) or _is_open(new[start:stop])):
        end, stop = end + 1, stop + 1
    text = new[start:stop]
    return Fix(f"write `{on_one_line(text)}`", (Edit(Span(source, start, end), text),))
