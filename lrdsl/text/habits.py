"""Habits of other languages that do not parse: their words, names and brackets, as edits."""

from __future__ import annotations

import re

from lark import Token

from lrdsl.text.hint import (
    CHOICE,
    ENDS,
    OPENERS,
    OWN_CURVE,
    Hint,
    first_of,
    open_brackets,
    place_of,
    unit_of,
)
from lrdsl.wording import SEQUENCE, on_one_line

# Tokens that a value ends with, and those that one starts with.
_ENDS = frozenset(["NUMBER", "NAME", "RPAR", "RSQB", "STRING"])
_STARTS = frozenset(["NUMBER", "NAME", "CALLEE", "LPAR", "LSQB"])
# Values that are no units.
_VALUES = frozenset(["base", "prev", "next", "rest", "pi", "true", "false"])
# Functions whose arguments are side by side; those of others that take two schedules follow.
_BESIDE = frozenset(["min", "max"])
# A list of whole numbers, such as `[30, 60]`.
_ROW = r"\[((?:\s*[0-9]+\s*,)*\s*[0-9]+\s*)\]\Z"
_HYPHENS = re.compile(r"[A-Za-z_]\w*(?:-[A-Za-z_]\w*)+")


def of_word(text: str, before: list[Token], token: Token) -> Hint | None:
    """The meaning of a word of another language; None if it is not such a word.

    Args:
        text: the part of a source that was parsed.
        before: the tokens before the one that does not belong.
        token: that one.
    """
    return first_of((_lambda, _choice, _hyphen, _brackets), text, before, token)


def _lambda(text: str, before: list[Token], token: Token) -> Hint | None:
    """A function without a name."""
    found = next((t for t in [*before, token] if t.type == "NAME" and t == "lambda"), None)
    if found is None:
        return None
    return Hint(OWN_CURVE, message="there is no `lambda`", span=place_of(found))


def _choice(text: str, before: list[Token], token: Token) -> Hint | None:
    """``a if condition else b``."""
    if token != "if" or not before or before[-1].type not in _ENDS:
        return None
    return Hint(CHOICE)


def _hyphen(text: str, before: list[Token], token: Token) -> Hint | None:
    """A hyphen in a name: of a target, of an argument, or of what a `let` defines."""
    start, end = place_of(token)
    if token.type not in {"TARGET", "EQUAL", "MINUS"} or not before:
        return None
    last, _ = place_of(before[-1])
    run = next((m for m in _HYPHENS.finditer(text) if m.start() <= last < m.end()), None)
    if run is None:
        return None
    defined = token.type == "MINUS" and [t.type for t in before[-2:]] == ["LET", "NAME"]
    target = token.type == "TARGET" and end == run.end()
    argument = token.type == "EQUAL" and last < run.end() <= start
    if not (defined or target or argument):
        return None
    name = run[0].replace("-", "_")
    return Hint(
        f"write `{name}`", *run.span(), name, safe=True,
        message="a name has no hyphen", span=run.span(),
    )  # fmt: skip


def _brackets(text: str, before: list[Token], token: Token) -> Hint | None:
    """A call in the brackets of a list: ``repeat(cosine[10], 3)``, ``cosine[length = 20]``."""
    opened = open_brackets(before)
    if token.type == "LSQB" and opened:
        heads, place = [*before, token], len(before)
    elif token.type == "EQUAL" and opened and before[opened[-1]].type == "LSQB":
        heads, place = before, opened[-1]
    else:
        return None
    if not place or heads[place - 1].type != "NAME":
        return None
    name, (start, _) = heads[place - 1], place_of(heads[place])
    end = _closing(text, start)
    if name.end_pos != start or end is None:
        return None
    inside = text[start + 1 : end - 1].strip()
    return Hint(
        f"write `{name}({on_one_line(inside)})`", start, end, f"({inside})", safe=True,
        message="the arguments of a call stand in parentheses",
    )  # fmt: skip


def _closing(text: str, start: int) -> int | None:
    """The place where the bracket that opens at a place is closed."""
    opened: list[str] = []
    for match in re.finditer(r"#[^\n]*|\"[^\"\n]*\"|[()\[\]]", text[start:]):
        if match[0] in OPENERS:
            opened.append(OPENERS[match[0]])
        elif match[0] in {")", "]"}:
            if opened.pop() != match[0]:
                return None
            if not opened:
                return start + match.end()
    return None


def of_gap(text: str, before: list[Token], token: Token) -> Hint | None:
    """The sign missing between two values in a call or a list.

    Args:
        text: the part of a source that was parsed.
        before: the tokens before the second one.
        token: the second one.
    """
    opened = open_brackets(before)
    last = before[-1] if before else None
    if last is None or last.type not in _ENDS or token.type not in _STARTS or not opened:
        return None
    opener = before[opened[-1]]
    head = before[opened[-1] - 1] if opened[-1] else None
    is_list = opener.type == "LSQB"
    if not is_list and (head is None or head.type != "CALLEE"):
        return None
    (first, end), (start, stop) = place_of(last), place_of(token)
    if groups := re.match(r"[1-9][0-9]{0,2}(?: [0-9]{3})+(?![\w.])", text[first:]):
        number = groups[0].replace(" ", "")
        help = f"write `{number}`; two numbers have a comma between them"
        return Hint(help, first, first + groups.end(), number, f"write `{number}`")
    if token == "of" and last.endswith("%"):
        of_what = re.match(r"of(?:[ \t]+\w+)*", text[start:])
        help = f"a percentage is a share of the enclosing length: write `{last}`"
        return Hint(help, end, start + len(of_what[0] if of_what else token), "", f"write `{last}`")
    if token in ENDS and last.type == "NUMBER":
        name = ENDS[token]
        help = f"name the argument: `{name} = …`"
        return Hint(help, end, stop, f", {name} =", f"write `{name} =`")
    if _is_unit(text, last, token):
        help = f"a unit is written against its number: `{last}{token}`"
        return Hint(help, end, start, "", f"write `{last}{token}`")
    if (unit := unit_of(token)) and (row := re.search(_ROW, text[:end])):
        items = ", ".join(f"{item.strip()}{unit}" for item in row[1].split(","))
        help = f"each number has its unit: write `[{items}]`"
        return Hint(help, row.start(), stop, f"[{items}]", f"write `[{items}]`")
    is_first = before[-2].type in {"LPAR", "COMMA"}
    if not is_list and is_first and token.type == "NUMBER" and _is_word(text, last):
        help = f"name an argument with `=`: `{last} = {token}`"
        return Hint(help, end, end, " =", f"write `{last} = {token}`")
    calls = last.type == "RPAR" and token.type in {"CALLEE", "NAME"}
    if calls and not is_list and head not in _BESIDE:
        return Hint(SEQUENCE, end, end, " >>", "write `>>`")
    between = "items" if is_list else "arguments"
    shown = f"{text[first:end]}, {text[start:stop]}"
    if last.type in {"RPAR", "RSQB"}:
        shown = f"…{last}, {token}…"
    return Hint(f"put a comma between two {between}: `{shown}`", end, end, ",", "write `,`")


def _is_unit(text: str, last: Token, token: Token) -> bool:
    """True if a name after a number is a unit of the run, and nothing that the text defines."""
    if last.type != "NUMBER" or token.type != "NAME" or not last[-1:].isdecimal():
        return False
    return unit_of(token) is None and _is_word(text, token)


def _is_word(text: str, token: Token) -> bool:
    """True if a name is no value that the language has or the text defines."""
    if token.type != "NAME" or token in _VALUES:
        return False
    return not re.search(rf"\b(?:let|param)\s+{token}\b|\b{token}\s*[:=]", text)
