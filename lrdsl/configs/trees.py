"""What TOML and JSON share: syntax trees of tree-sitter, whose offsets count bytes."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from typing import TYPE_CHECKING

from lrdsl.configs import scalars
from lrdsl.configs.config_file import Scalar, first_line
from lrdsl.text.source import Source, Span

if TYPE_CHECKING:
    from tree_sitter import Node

# Finds the characters of a string: in a file, from its first quote to its last, by its value.
Trace = Callable[[str, int, int, str], scalars.Traced]


class Places:
    """A file, and where its bytes are among its characters."""

    def __init__(self, source: Source) -> None:
        self.source = source
        # Half a character, which JSON can escape but no file can hold, never gets here.
        self.data = source.text.encode("utf-8", errors="replace")
        self._starts: dict[int, int] | None = None
        if not source.text.isascii():
            widths = (len(char.encode("utf-8", errors="replace")) for char in source.text)
            self._starts = {byte: i for i, byte in enumerate(accumulate(widths, initial=0))}

    def char(self, byte: int) -> int:
        """The offset of a character by that of its first byte."""
        return byte if self._starts is None else self._starts[byte]

    def first_line(self, node: Node) -> Span:
        """Where a table stands: its first line."""
        return first_line(self.source, self.char(node.start_byte), self.char(node.end_byte))

    def span(self, node: Node) -> Span:
        """Where a node stands."""
        return Span(self.source, self.char(node.start_byte), self.char(node.end_byte))

    def text(self, node: Node) -> str:
        """What is written in a node."""
        return self.span(node).text

    def string(self, node: Node, value: str, trace: Trace) -> Scalar:
        """A string.

        Args:
            node: what was parsed.
            value: what it means.
            trace: finds its characters.
        """
        text, start, end = self.source.text, self.char(node.start_byte), self.char(node.end_byte)
        return Scalar(
            self.source, start, end, "text", value, text[start], "",
            lambda: trace(text, start, end, value),
        )  # fmt: skip

    def scalar(self, node: Node, kind: str) -> Scalar:
        """A value that is no string.

        Args:
            node: what was parsed.
            kind: what it is.
        """
        text, start, end = self.source.text, self.char(node.start_byte), self.char(node.end_byte)
        return Scalar(
            self.source, start, end, kind, text[start:end], "", "",
            lambda: scalars.verbatim(text, start, end),
        )  # fmt: skip
