"""Diagnostics as Python warnings: each once in a process."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

    from lrdsl.diagnostics.diagnostic import Diagnostic

_PACKAGE = str(Path(__file__).parents[1])
_given: set[tuple[str, str, int, int]] = set()


class LrsWarning(UserWarning):
    """Category of lrdsl's warnings: a schedule or a call is valid but probably a mistake.

    Filter them with Python's ``warnings`` module as any other category.

    Attributes:
        diagnostic: what was found, where, and how to fix it.
    """

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic)
        self.diagnostic = diagnostic

    def __str__(self) -> str:
        found = self.diagnostic
        # The message already quotes the argument of a call, which is in no file.
        place = "" if found.span.source.is_said else f" ({found.place})"
        help = f"\nhelp: {found.help}" if found.help else ""
        message = f"[{found.code} {found.slug}] {found.message}{place}"
        return f"{message}{help}\nmore: lrdsl explain {found.code}"


def warn(diagnostic: Diagnostic, *, again: bool = False) -> None:
    """Issues a warning once for its code and place in a text, and in the first process only.

    It is attributed to the first caller outside this package and torch.

    Args:
        diagnostic: what was found.
        again: True to repeat it in this process, because it is about one run of several.
    """
    key = (diagnostic.code, diagnostic.span.source.text, diagnostic.span.start, diagnostic.span.end)
    if (key in _given and not again) or not is_first_process():
        return
    _given.add(key)
    warnings.warn(LrsWarning(diagnostic), stacklevel=level())


def is_first_process() -> bool:
    """True if a launcher such as torchrun numbers this process 0, or there is no launcher."""
    rank = os.environ.get("RANK") or os.environ.get("LOCAL_RANK") or "0"
    return rank == "0"


def level() -> int:
    """How many calls up the first one outside this package and torch is, for ``stacklevel``."""
    return _outside()[1] - 1


def caller() -> str:
    """The name of the module that the first call outside this package and torch is in."""
    name: object = _outside()[0].f_globals.get("__name__")
    return name if isinstance(name, str) else ""


def _outside() -> tuple[FrameType, int]:
    """The first call outside this package and torch, and how many calls up it is."""
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None and _is_inside(frame):
        frame, level = frame.f_back, level + 1
    return frame, level


def _is_inside(frame: FrameType) -> bool:
    if frame.f_code.co_filename.startswith(_PACKAGE):
        return True
    name: object = frame.f_globals.get("__name__")
    return isinstance(name, str) and name.partition(".")[0] == "torch"
