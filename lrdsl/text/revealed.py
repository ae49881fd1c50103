"""Words that a fix of a syntax error brings to light, where they are wrong too.

In ``mode = "auto"`` and ``optax.cosine_decay_schedule(0.3, 100)`` a word has quotes or a module,
and the language has no such word without them. That is one mistake: it gets one fix, which writes
what was meant. Loaded only where a text has errors.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from lrdsl import limits
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.diagnostics.fix import Edit, Fix, apply
from lrdsl.record import replace
from lrdsl.text.source import Source, Span
from lrdsl.wording import on_one_line

# The text is read again for each of them, and for each of the fixes: not for more than these.
_WORDS, _FIXES, _ROUNDS = 4, 2, 3

# The value of an argument whose name is wrong too.
_QUOTED = re.compile(r"""\s*=\s*(?:"[^"\n]*"|'[^'\n]*')""")
_QUOTES = "\"'\u201c\u201d\u201e\u2018\u2019"

Read = Callable[[Source], list[Diagnostic]]


def with_revealed(source: Source, errors: list[Diagnostic], read: Read) -> list[Diagnostic]:
    """The errors of a text, of which those that hide another one have its fixes.

    Args:
        source: the text.
        errors: what is wrong with it.
        read: gives the errors of a text.
    """
    hiding = [error for error in errors if _hides(error)]
    if not hiding or len(hiding) > _WORDS or len(source.text) > limits.TOKENS:
        return errors
    return [_told(source, e, read) if any(e is h for h in hiding) else e for e in errors]


def _hides(error: Diagnostic) -> bool:
    """True if the fix of an error leaves something that may be wrong in one word or value."""
    return len(error.fixes) == 1 and all(map(_peels, error.fixes[0].edits))


def _peels(edit: Edit) -> bool:
    """True if an edit takes quotes or a module away, or puts a `>>` for a comma of a sentence."""
    old = edit.span.text
    if edit.text.strip() == ">>" and old.startswith(","):
        return True
    if edit.text.isidentifier() and _QUOTED.match(edit.span.source.text, edit.span.end):
        return True
    quoted = len(old) > 2 and old[0] in _QUOTES and re.fullmatch(r"\w+", edit.text)
    return bool(quoted) or (not edit.text and re.fullmatch(r"(?:\w+\.)+", old) is not None)


def _told(source: Source, error: Diagnostic, read: Read) -> Diagnostic:
    """An error with the fixes, or the advice, of the one that it hides."""
    (own,) = error.fixes
    edit = own.edits[0]
    text = apply(source.text, [own])
    first = edit.span.start
    last = max(one.span.end for one in own.edits) + len(text) - len(source.text)
    word = re.compile(r"\w*").match(text, last)
    end = word.end() if word else last
    if value := _QUOTED.match(text, last):
        end = value.end()
    if ">>" in edit.text:  # a sentence is a line
        first, end = (
            text.rfind("\n", 0, first) + 1,
            len(text[:end]) + len(text[end:].split("\n")[0]),
        )
    hidden = _hidden(text, first, end, read)
    if hidden is None:
        return error
    ends = _ends(text, hidden, first, end, read, _ROUNDS)
    fixes = tuple([_whole(source, end, is_line=">>" in edit.text) for end in ends])
    if not fixes:
        reason = f"names have no module, and {hidden.message}: {hidden.help}"
        help = f"no quotes here: {hidden.help}" if edit.text else reason
        return replace(error, help=help if hidden.help else error.help, fixes=())
    (written, *others), quoted = fixes, bool(edit.text)
    new = on_one_line(written.edits[0].text)
    if not any(edit.text for edit in hidden.fixes[0].edits):
        titled = tuple([replace(one, title=hidden.fixes[0].title) for one in fixes])
        return replace(error, help=hidden.help, fixes=titled)
    alone = quoted and written.edits[0].span == edit.span
    help = f"write `{new}` without quotes" if alone else f"write `{new}`"
    return replace(error, help=hidden.help if others else help, fixes=fixes)


def _hidden(text: str, start: int, end: int, read: Read) -> Diagnostic | None:
    """The first error of a text about a stretch of it."""
    found = [error for error in read(Source("", text)) if not error.needs]
    found.sort(key=lambda error: error.span.start)
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
) -> Sequence[str]:
    """The texts in which nothing about a stretch is wrong, each by the fixes of an error."""
    found: list[str] = []
    for own in hidden.fixes[:_FIXES] if rounds else ():
        new = apply(text, [own])
        first = min([start, *(edit.span.start for edit in own.edits)])
        last = max([end, *(edit.span.end for edit in own.edits)]) + len(new) - len(text)
        further = _hidden(new, first, last, read)
        if further is None:
            found.append(new)
        else:
            found += _ends(new, further, first, last, read, rounds - 1)[:1]
    return found


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
