"""What TOML and JSON share: syntax trees of tree-sitter, whose offsets count bytes."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from typing import TYPE_CHECKING

from lrdsl.configs import scalars
from lrdsl.configs.config_file import Scalar
from lrdsl.text.source import Source

if TYPE_CHECKING:
    from tree_sitter import Node

    Trace = Callable[[str, int, int], scalars.Traced]


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

    def text(self, node: Node) -> str:
        """What is written in a node."""
        return self.source.text[self.char(node.start_byte) : self.char(node.end_byte)]

    def scalar(self, node: Node, kind: str, trace: Trace) -> Scalar:
        """A value.

        Args:
            node: what was parsed.
            kind: what it is.
            trace: what reads it where it is a string.
        """
        text, start, end = self.source.text, self.char(node.start_byte), self.char(node.end_byte)
        reads = trace if kind == "text" else scalars.verbatim
        style = text[start] if kind == "text" else ""
        spelled = reads(text, start, end).text
        return Scalar(
            self.source, start, end, kind, spelled, style, "", lambda: reads(text, start, end)
        )
