"""The parsing tables: made of ``lrs.lark`` by lark, or read as they were saved.

Lark needs 60 ms to make them in a fresh process, and as long again to be imported, so a wheel and
an editable install carry them in ``lrs.tables``. That file is used only while it belongs to this
very grammar; otherwise lark makes the tables again, so it can be stale but not wrong.

The build loads this file by itself, so it imports nothing of lrdsl; ``lrdsl.files`` says why it
uses no pathlib.
"""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import lark

_HERE = os.path.dirname(os.path.abspath(__file__))
_PACKAGE = os.path.dirname(_HERE)
SAVED = os.path.join(_HERE, "lrs.tables")
# Inside the wheel the grammar lies in the package, in a checkout at the top.
_FOLDERS = (_PACKAGE, os.path.dirname(_PACKAGE))


def grammar_text() -> str:
    """The text of ``lrs.lark``."""
    places = (os.path.join(folder, "grammar", "lrs.lark") for folder in _FOLDERS)
    with open(next(filter(os.path.exists, places)), encoding="utf-8") as file:
        return file.read()


def build(text: str) -> lark.Lark:
    """Lark's own parser for the grammar's text."""
    import lark

    return lark.Lark(
        text,
        parser="lalr",
        lexer="basic",
        maybe_placeholders=False,
        keep_all_tokens=True,
        g_regex_flags=re.ASCII,
    )


def tables(text: str) -> dict[str, Any]:
    """What ``lrdsl.text.lalr`` runs, for the grammar's text; JSON can hold it."""
    import pickle
    from io import BytesIO

    parser, file = build(text), BytesIO()
    parser.save(file)
    saved = pickle.loads(file.getvalue())
    made, memo = saved["data"]["parser"]["parser"], saved["memo"]
    symbols, states = made["tokens"], made["states"]
    rules = [key for key, entry in memo.items() if entry["__type__"] == "Rule"]

    def row(state: int) -> list[tuple[str, tuple[int, Any]]]:
        return sorted((symbols[symbol], action) for symbol, action in states[state].items())

    # Lark numbers the states as a set of strings happens to be ordered. Counted from the start, by
    # name, they are the same in every build.
    order = [made["start_states"]["start"]]
    for state in order:
        follow = (to for _, (reduces, to) in row(state) if not reduces)
        order += [to for to in dict.fromkeys(follow) if to not in order]
    # The order in which lark's lexer tries them.
    terminals = sorted(
        parser.terminals,
        key=lambda t: (-t.priority, -t.pattern.max_width, -len(t.pattern.value), t.name),
    )
    return {
        "pattern": "|".join(f"(?P<{t.name}>{t.pattern.to_regexp()})" for t in terminals),
        "ignored": sorted(parser.ignore_tokens),
        "rules": [_rule(memo[key]) for key in rules],
        "rows": [
            {
                symbol: ~rules.index(to["@"]) if reduces else order.index(to)
                for symbol, (reduces, to) in row(state)
            }
            for state in order
        ],
        "start": 0,
        "end": order.index(made["end_states"]["start"]),
    }


def _rule(entry: dict[str, Any]) -> list[Any]:
    """The fields of a ``lrdsl.text.lalr.Rule``."""
    origin, symbols = entry["origin"]["name"], entry["expansion"]
    spliced = [
        place
        for place, symbol in enumerate(symbols)
        if symbol["__type__"] == "NonTerminal" and symbol["name"].startswith("_")
    ]
    callback = None if origin.startswith("_") else entry["alias"] or origin
    transparent = entry["options"]["expand1"] and not entry["alias"]
    return [origin, len(symbols), callback, spliced, transparent]


def save(path: str | os.PathLike[str]) -> None:
    """Writes the tables for :func:`load`. Called when the package is built."""
    text = grammar_text()
    with open(path, "w", encoding="utf-8") as file:
        json.dump([text, tables(text)], file)


def load(saved: str | os.PathLike[str] = SAVED) -> dict[str, Any]:
    """The tables, from ``saved`` where that is fresh, else made now.

    Args:
        saved: file written by :func:`save`.
    """
    text = grammar_text()
    try:
        with open(saved, encoding="utf-8") as file:
            known, found = json.load(file)
        if known == text:
            return dict(found)
    except (OSError, ValueError, TypeError):
        pass  # none, or not one of ours
    return tables(text)
