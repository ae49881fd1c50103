"""The slips of a statement, one after the other, and the edits that fix each of them.

The parser stops at the first slip. With the edit that its hint gives, the statement is parsed
again, and the next slip comes to light: so each has its own words and its own fix, and what the
fixes come to together is known to be of the language.
"""

from __future__ import annotations

from collections.abc import Set
from itertools import groupby, pairwise

from lark import Token, UnexpectedInput, UnexpectedToken

from lrdsl.diagnostics.fix import Edit, Fix
from lrdsl.record import entity
from lrdsl.text.build import TooDeep
from lrdsl.text.characters import of_character
from lrdsl.text.definition_hints import after_last_item
from lrdsl.text.grammar import parse_statements, tokens
from lrdsl.text.habits import of_gap, of_word
from lrdsl.text.hint import Hint, closing, place_of, until
from lrdsl.text.source import Source, Span
from lrdsl.text.statement_words import meant
from lrdsl.text.token_hints import of_token

# Lark's token for the end of the text. It has the place of the last token.
END = "$END"
# A statement is parsed again for each edit: not one longer than this, and not more often.
_TRIED = 2_000
_TIMES = 8


@entity
class Slip:
    """One thing that is wrong with a statement.

    Attributes:
        stretch: the statement, with the slips before this one mended.
        error: where parsing it failed.
        hint: a guess at what was meant; None without one.
        origin: which characters of the statement as it was written are those of ``stretch``.
        fixes: its fixes, as edits of the original statement.
    """

    stretch: Span
    error: UnexpectedInput
    hint: Hint | None
    origin: Origin
    fixes: tuple[Fix, ...] = ()


class Origin:
    """Where the characters of a fixed text come from."""

    def __init__(self, length: int) -> None:
        self.ranges = [(place, place + 1) for place in range(length)]
        self.length = length

    def of(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the original that a stretch of the fixed text comes from.

        Args:
            start: where it starts.
            end: where it ends.
        """
        first = self.ranges[start][0] if start < len(self.ranges) else self.length
        return first, self.ranges[end - 1][1] if start < end else first

    def edited(self, start: int, end: int, text: str) -> Origin:
        """The origin of the characters after one more edit.

        Args:
            start: where it starts.
            end: where it ends.
            text: the new text.
        """
        changed = Origin(0)
        changed.length = self.length
        own = self.of(start, end)
        changed.ranges = self.ranges[:start] + [own] * len(text) + self.ranges[end:]
        return changed


def slips(stretch: Span, error: UnexpectedInput, *, mend: bool = True) -> list[Slip]:
    """The slips of a statement: one, or as many as are certain.

    The same slip may be there several times, as in ``lr | cosine | const``: one fix mends all.

    Args:
        stretch: the parsed stretch.
        error: where that failed.
        mend: True to look for fixes, and for slips after the first one.
    """
    first = Slip(stretch, error, _hint(stretch, error), Origin(len(stretch.text)))
    if not mend or first.hint is None or first.hint.text is None or len(stretch.text) > _TRIED:
        return [first]
    found, proven = _chain(first)
    if not proven:
        # What cannot be meant otherwise is mended all the same, if what follows is another slip.
        certain = _certain(found)
        if not certain:
            return [first]
        fixes = _fixes(stretch, certain)
        known = _leaders(certain)
        last = found[len(certain)]
        return [first] if fixes is None else [*_with(known, fixes), last]
    fixes = _fixes(stretch, found)
    return [first] if fixes is None else _with(_leaders(found), fixes)


def _chain(first: Slip) -> tuple[list[Slip], bool]:
    """The slips of a statement, each found with the edits of those before it made.

    Returns:
        The slips, and whether the statement is of the language with all of their edits.
    """
    found = [first]
    for _ in range(_TIMES):
        slip = found[-1]
        hint = slip.hint
        if hint is None or hint.text is None:
            return found, False
        stretch = _edited(slip.stretch, hint)
        try:
            parse_statements(stretch.source, stretch.start, stretch.end)
        except TooDeep:
            return found, False
        except UnexpectedInput as error:
            origin = slip.origin.edited(hint.start, hint.end, hint.text)
            found.append(Slip(stretch, error, _hint(stretch, error), origin))
        else:
            return found, True
    return found, False


def _edited(stretch: Span, hint: Hint) -> Span:
    """A stretch, in a source of its own, with the edit of a hint made."""
    text, source = stretch.text, stretch.source
    assert hint.text is not None
    new = text[: hint.start] + hint.text + text[hint.end :]
    whole = source.text[: stretch.start] + new + source.text[stretch.end :]
    return Span(Source(source.name, whole), stretch.start, stretch.start + len(new))


def _certain(found: list[Slip]) -> list[Slip]:
    """The first slips that can be meant in one way only, and that no other one is next to."""
    certain: list[Slip] = []
    for slip, following in pairwise(found):
        hint = slip.hint
        assert hint is not None
        assert hint.text is not None
        place, end = offset(following.error), hint.start + len(hint.text)
        if not hint.safe or place < end or (place == end and not _is_end(following.error)):
            break
        certain.append(slip)
    return certain


def _leaders(found: list[Slip]) -> list[Slip]:
    """The first of each kind of slips."""
    leaders: list[Slip] = []
    for slip in found:
        if not any(_alike(slip, leader) for leader in leaders):
            leaders.append(slip)
    return leaders


def _with(leaders: list[Slip], fixes: list[Fix]) -> list[Slip]:
    return [
        Slip(slip.stretch, slip.error, slip.hint, slip.origin, (fix,))
        for slip, fix in zip(leaders, fixes, strict=True)
    ]


def _alike(slip: Slip, other: Slip) -> bool:
    """True if two slips are the same one: their hints say the same but for the words in it."""
    one, two = slip.hint, other.hint
    if one is None or two is None:
        return False
    same = one.help.partition("`")[0] == two.help.partition("`")[0]
    return same and (one.slug, one.safe) == (two.slug, two.safe)


def _fixes(stretch: Span, found: list[Slip]) -> list[Fix] | None:
    """A fix for each kind of slips; None if two kinds change the same place."""
    leaders = _leaders(found)
    owners: list[tuple[int, int, int]] = []  # where the original changes, and for which of them
    for slip in found:
        assert slip.hint is not None
        place = slip.origin.of(slip.hint.start, slip.hint.end)
        kind = next(n for n, leader in enumerate(leaders) if _alike(slip, leader))
        owners.append((*place, kind))
    last = found[-1]
    assert last.hint is not None
    assert last.hint.text is not None
    final = _edited(last.stretch, last.hint).text
    origin = last.origin.edited(last.hint.start, last.hint.end, last.hint.text)
    edits: list[list[Edit]] = [[] for _ in leaders]
    for change in _changes(stretch.text, final, origin):
        pieces = change if len(_kinds(change, owners)) > 1 else [_joined(change)]
        for piece in pieces:
            kinds = _kinds([piece], owners)
            if len(kinds) != 1:
                return None
            start, end, text = piece
            span = Span(stretch.source, stretch.start + start, stretch.start + end)
            edits[kinds.pop()].append(Edit(span, text))
    if not all(edits):
        return None
    made: list[Fix] = []
    for leader, own in zip(leaders, edits, strict=True):
        hint = leader.hint
        assert hint is not None
        same = [slip.hint for slip in found if _alike(slip, leader) and slip.hint is not None]
        made.append(Fix(hint.title or hint.help, tuple(own), all(h.safe for h in same)))
    return made


# What of the original became which text: where it starts and ends there, and the text.
_Piece = tuple[int, int, str]


def _changes(old: str, new: str, origin: Origin) -> list[list[_Piece]]:
    """The differences between two texts, as one edit each."""
    kept = [
        (place, first)
        for place, (first, end) in enumerate(origin.ranges)
        if end == first + 1 and new[place] == old[first]
    ]
    changes: list[list[_Piece]] = []
    for (place, first), (after, stop) in pairwise([(-1, -1), *kept, (len(new), len(old))]):
        pieces: list[_Piece] = []
        done = first + 1
        for own, characters in groupby(range(place + 1, after), lambda n: origin.ranges[n]):
            if own[0] > done:
                pieces.append((done, own[0], ""))
            pieces.append((*own, "".join(new[n] for n in characters)))
            done = max(done, own[1])
        if done < stop:
            pieces.append((done, stop, ""))
        if pieces:
            changes.append(pieces)
    return changes


def _joined(pieces: list[_Piece]) -> _Piece:
    """The pieces of a change as one."""
    return pieces[0][0], max(end for _, end, _ in pieces), "".join(text for *_, text in pieces)


def _kinds(pieces: list[_Piece], owners: list[tuple[int, int, int]]) -> set[int]:
    """Which kinds of slips made a change."""
    start, end, _ = _joined(pieces)
    return {
        kind
        for first, stop, kind in owners
        if (first, stop) == (start, end) or (first < end and start < stop)
        or (len(pieces) > 1 and start <= first <= stop <= end)
    }  # fmt: skip


def _is_end(error: UnexpectedInput) -> bool:
    return isinstance(error, UnexpectedToken) and error.token.type == END


def offset(error: UnexpectedInput) -> int:
    """The offset in a stretch at which it stops parsing."""
    if isinstance(error, UnexpectedToken) and _is_end(error):
        return error.token.end_pos or 0
    return error.pos_in_stream or 0


def _hint(stretch: Span, error: UnexpectedInput) -> Hint | None:
    """Guesses what was meant, for any syntax error."""
    if line := meant(stretch.text, offset(error)):
        whole = (line.start, line.end)
        return Hint(line.help, *whole, line.text, message=line.message, span=whole)
    if not isinstance(error, UnexpectedToken):
        return of_character(stretch.text, offset(error))
    if error.token.type == END:
        before = list(tokens(stretch.text))
        if found := after_last_item(before):
            return found
        if before and before[-1].type == "THEN":
            help = "nothing follows this `>>`: delete it"
            return Hint(help, *place_of(before[-1]), "", "delete it")
        place, missing = offset(error), closing(before)
        if not missing or not _closes(error.accepts, missing):
            return None
        return Hint("", place, place, missing, f"write `{missing}`")
    text, place, token = stretch.text, offset(error), error.token
    before = until(text, place, _lexed(text, place))
    found = of_word(text, before, token) or of_token(stretch, before, token)
    return found or of_gap(text, before, token)


def _lexed(text: str, place: int) -> list[Token]:
    """The tokens of a text up to a place; the rest may be in no language."""
    found: list[Token] = []
    for token in tokens(text):
        if (token.end_pos or 0) > place:
            break
        found.append(token)
    return found


def _closes(accepts: Set[str], missing: str) -> bool:
    """True if the first of the missing brackets is allowed at an error."""
    return {")": "RPAR", "]": "RSQB"}[missing[0]] in accepts
