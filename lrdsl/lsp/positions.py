"""Offsets of an analysis as positions of the protocol, and back."""

from __future__ import annotations

from lsprotocol import types

from lrdsl.analysis.places import Places

_MARK = "\ufeff"


class Positions:
    """The positions of a document as the client counts them: in units of UTF-16.

    Analyses count the characters of a text without the mark of its encoding, which some clients
    send and others strip.

    Args:
        text: the document as the client sent it.
    """

    def __init__(self, text: str) -> None:
        self._places = Places(text)
        self._shift = len(_MARK) if text.startswith(_MARK) else 0

    def position(self, offset: int) -> types.Position:
        """The position of an offset.

        Args:
            offset: the characters before it, without a mark.
        """
        return types.Position(*self._places.position(offset + self._shift))

    def range(self, start: int, end: int) -> types.Range:
        """The range between two offsets.

        Args:
            start: the offset where it starts.
            end: the offset just after it.
        """
        return types.Range(self.position(start), self.position(end))

    def offset(self, position: types.Position) -> int:
        """The offset of a position.

        Args:
            position: the position; one outside of the text is moved into it.
        """
        return max(0, self._places.offset(position.line, position.character) - self._shift)
