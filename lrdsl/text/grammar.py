"""Lark's parser for ``lrs.lark``: restored as the build saved it, or built now.

Restoring it takes 5 ms at the start of a process, building it ten times as long. The saved parser
is a pickle inside the package, as trustworthy as the code next to it. It is used only with the
version of Lark that wrote it and for this very grammar, so it can be stale but never wrong.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from hashlib import sha256
from io import BytesIO
from pkgutil import get_data

import lark
from lark import Lark

from lrdsl import files
from lrdsl.text.build import NodeBuilder

# Inside the wheel the grammar lies in the package, in a checkout next to it.
_CHECKOUT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_OPTIONS = {
    "parser": "lalr",
    "lexer": "basic",
    "keep_all_tokens": True,
    "g_regex_flags": int(re.ASCII),
}
# Written by the build, next to this file.
SAVED = "text/lrs.parser"


def grammar_text() -> str:
    """The text of ``lrs.lark``."""
    try:
        return files.of_package("grammar/lrs.lark")
    except OSError:
        return files.read(os.path.join(_CHECKOUT, "grammar", "lrs.lark"))


def build(text: str, builder: NodeBuilder | None = None) -> Lark:
    """Builds a parser.

    Args:
        text: the grammar.
        builder: makes nodes of its rules; without one they become Lark's trees.
    """
    return Lark(text, transformer=builder, **_OPTIONS)


def dumped() -> bytes:
    """The parser as bytes, for :func:`load`."""
    text, file = grammar_text(), BytesIO()
    build(text, NodeBuilder()).save(file)
    return _mark(text) + file.getvalue()


def load(saved: bytes) -> Lark:
    """The parser, to syntax nodes.

    Args:
        saved: what :func:`dumped` returned, now or in an older version, or anything else.
    """
    text = grammar_text()
    mark = _mark(text)
    if saved.startswith(mark):
        # A pickle that is cut off raises almost anything.
        with suppress(Exception):
            return Lark.load(BytesIO(saved[len(mark) :]))
    return build(text, NodeBuilder())


def saved() -> bytes:
    """The saved parser of the package; empty where there is none."""
    try:
        return get_data("lrdsl", SAVED) or b""
    except OSError:
        return b""


def _mark(text: str) -> bytes:
    """The line a saved parser starts with. Lark checks neither its own version nor the grammar."""
    name = f"{NodeBuilder.__module__}.{NodeBuilder.__qualname__}"
    digest = sha256(repr((lark.__version__, text, _OPTIONS, name)).encode())
    return digest.hexdigest().encode() + b"\n"
