"""Semantic tokens: what each piece of a schedule is, for highlighting."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from lrdsl.lsp.documents import Document

_MODIFIERS = (types.SemanticTokenModifiers.Documentation, types.SemanticTokenModifiers.Readonly)
# What the protocol calls each kind of token, and the bits of its modifiers; what is missing has no
# color of its own.
_KINDS = {
    "comment": (types.SemanticTokenTypes.Comment, 0),
    "documentation": (types.SemanticTokenTypes.Comment, 1),
    "keyword": (types.SemanticTokenTypes.Keyword, 0),
    "operator": (types.SemanticTokenTypes.Operator, 0),
    "number": (types.SemanticTokenTypes.Number, 0),
    "string": (types.SemanticTokenTypes.String, 0),
    "target": (types.SemanticTokenTypes.Property, 0),
    "function": (types.SemanticTokenTypes.Function, 0),
    "variable": (types.SemanticTokenTypes.Variable, 0),
    "word": (types.SemanticTokenTypes.Variable, 2),
    "kind": (types.SemanticTokenTypes.Type, 0),
}
_TYPES = [*dict.fromkeys(kind.value for kind, _ in _KINDS.values())]
LEGEND = types.SemanticTokensLegend(_TYPES, [modifier.value for modifier in _MODIFIERS])
"""The names of the numbers in tokens."""


def colored(document: Document) -> types.SemanticTokens:
    """The tokens of all schedules of a document.

    Args:
        document: the document.
    """
    data: list[int] = []
    line = column = 0
    for place, length, kind, modifiers in sorted(_pieces(document)):
        gap = place[1] - (column if place[0] == line else 0)
        data += (place[0] - line, gap, length, kind, modifiers)
        line, column = place
    return types.SemanticTokens(data)


def _pieces(document: Document) -> Iterator[tuple[tuple[int, int], int, int, int]]:
    """Each token: its place, its length, its type and the bits of its modifiers."""
    for one in document.reading.schedules:
        for token in one.tokens:
            if token.kind not in _KINDS:
                continue
            kind, modifiers = _KINDS[token.kind]
            found = document.positions.range(token.start, token.end)
            start, end = found.start, found.end
            # One that a config breaks over two lines is none that clients could show.
            if start.line == end.line:
                place = (start.line, start.character)
                length = end.character - start.character
                yield place, length, _TYPES.index(kind.value), modifiers
