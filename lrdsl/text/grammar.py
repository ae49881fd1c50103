"""The lark parser: built from ``lrs.lark``, or loaded as it was saved when the package was built.

Building takes about 60 ms in a fresh process and loading under 10, so a wheel and an editable
install carry the parser in ``lrs.parser``. That file is used only while it belongs to this very
grammar and this very lark; otherwise the parser is built again, so it can be stale but not wrong.

The build loads this file by itself, so it imports nothing of lrdsl; ``lrdsl.files`` says why it
uses no pathlib.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import re
from io import BytesIO
from typing import Any

import lark

_HERE = os.path.dirname(os.path.abspath(__file__))
_PACKAGE = os.path.dirname(_HERE)
SAVED = os.path.join(_HERE, "lrs.parser")
# Inside the wheel the grammar lies in the package, in a checkout at the top.
_FOLDERS = (_PACKAGE, os.path.dirname(_PACKAGE))


def grammar_text() -> str:
    """The text of ``lrs.lark``."""
    places = (os.path.join(folder, "grammar", "lrs.lark") for folder in _FOLDERS)
    with open(next(filter(os.path.exists, places)), encoding="utf-8") as file:
        return file.read()


def key(text: str) -> str:
    """What a saved parser must carry to be used for this grammar under this lark."""
    return hashlib.sha256(f"{lark.__version__}\n{text}".encode()).hexdigest()


def build(text: str, transformer: Any = None) -> lark.Lark:
    """A parser built from the grammar's text."""
    return lark.Lark(
        text,
        parser="lalr",
        lexer="basic",
        maybe_placeholders=False,
        keep_all_tokens=True,
        g_regex_flags=re.ASCII,
        transformer=transformer,
    )


def save(path: str | os.PathLike[str]) -> None:
    """Writes the parser for :func:`load`. Called when the package is built."""
    text = grammar_text()
    data = BytesIO()
    build(text).save(data)
    with open(path, "wb") as file:
        file.write(key(text).encode() + data.getvalue())


def load(transformer: Any = None, saved: str | os.PathLike[str] = SAVED) -> lark.Lark:
    """The parser, from ``saved`` where that is fresh, else built.

    Args:
        transformer: lark transformer whose methods are called as rules are recognised.
        saved: file written by :func:`save`.
    """
    text = grammar_text()
    expected = key(text).encode()
    data = b""
    if os.path.exists(saved):
        with open(saved, "rb") as file:
            data = file.read()
    if not data.startswith(expected):
        return build(text, transformer)
    # Lark.load takes no transformer; _load does, and the key has fixed lark's version.
    parser = lark.Lark.__new__(lark.Lark)
    return parser._load(pickle.loads(data[len(expected) :]), transformer=transformer)
