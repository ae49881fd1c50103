"""The lark parser: built from ``lrs.lark``, or loaded as it was saved when the package was built.

Building takes about 60 ms in a fresh process and loading under 10, so a wheel and an editable
install carry the parser in ``lrs.parser``. That file is used only while it belongs to this very
grammar and this very lark; otherwise the parser is built again, so it can be stale but not wrong.
"""

from __future__ import annotations

import hashlib
import pickle
from io import BytesIO
from pathlib import Path
from typing import Any

import lark

HERE = Path(__file__).parent
SAVED = HERE / "lrs.parser"
# Inside the wheel the grammar lies in the package, in a checkout at the top.
_PLACES = (HERE.parent / "grammar" / "lrs.lark", HERE.parents[1] / "grammar" / "lrs.lark")


def grammar_text() -> str:
    """The text of ``lrs.lark``."""
    place = next(place for place in _PLACES if place.exists())
    return place.read_text(encoding="utf-8")


def key(text: str) -> str:
    """What a saved parser must carry to be used for this grammar under this lark."""
    return hashlib.sha256(f"{lark.__version__}\n{text}".encode()).hexdigest()


def build(text: str, transformer: Any = None) -> lark.Lark:
    """A parser built from the grammar's text."""
    return lark.Lark(
        text, parser="lalr", maybe_placeholders=False, keep_all_tokens=True, transformer=transformer
    )


def save(path: Path) -> None:
    """Writes the parser for :func:`load`. Called when the package is built."""
    text = grammar_text()
    data = BytesIO()
    build(text).save(data)
    path.write_bytes(key(text).encode() + data.getvalue())


def load(transformer: Any = None, saved: Path = SAVED) -> lark.Lark:
    """The parser, from ``saved`` where that is fresh, else built.

    Args:
        transformer: lark transformer whose methods are called as rules are recognised.
        saved: file written by :func:`save`.
    """
    text = grammar_text()
    expected = key(text).encode()
    data = saved.read_bytes() if saved.exists() else b""
    if not data.startswith(expected):
        return build(text, transformer)
    # Lark.load takes no transformer; _load does, and the key has fixed lark's version.
    parser = lark.Lark.__new__(lark.Lark)
    return parser._load(pickle.loads(data[len(expected) :]), transformer=transformer)
