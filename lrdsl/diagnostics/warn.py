"""Findings that stop nothing, as Python's warnings: each once in a process."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lrdsl.diagnostics.diagnostic import Diagnostic

_PACKAGE = str(Path(__file__).parents[1])
_given: set[tuple[str, str, int, int]] = set()


class LrsWarning(UserWarning):
    """Something that is allowed and probably not meant.

    Attributes:
        diagnostic: what was found, where, and a way out.
    """

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic)
        self.diagnostic = diagnostic

    def __str__(self) -> str:
        diagnostic = self.diagnostic
        place = f"{diagnostic.name}:{diagnostic.line}:{diagnostic.column}"
        sentences = [
            f"{diagnostic.message} ({place})",
            diagnostic.help,
            f"more: lrdsl explain {diagnostic.code}",
        ]
        text = ". ".join(filter(None, sentences))
        return f"[{diagnostic.code} {diagnostic.slug}] {text}"


def warn(diagnostic: Diagnostic) -> None:
    """Gives a warning, once for its code and its place in a text; on the first process only.

    It is attributed to the first caller outside this package.

    Args:
        diagnostic: what was found.
    """
    key = (diagnostic.code, diagnostic.span.source.text, diagnostic.span.start, diagnostic.span.end)
    if key in _given or not _is_first_process():
        return
    _given.add(key)
    warnings.warn(LrsWarning(diagnostic), stacklevel=_level())


def _is_first_process() -> bool:
    """Whether a launcher such as torchrun numbers this process 0, or there is none."""
    rank = os.environ.get("RANK") or os.environ.get("LOCAL_RANK") or "0"
    return rank == "0"


def _level() -> int:
    """How many calls up the first one outside this package is."""
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame, level = frame.f_back, level + 1
    return level
