"""What was probably meant where a token does not belong: in words, and as an edit."""

from __future__ import annotations

import re
from itertools import takewhile

from lark import Token

from lrdsl.record import record
from lrdsl.text.source import Span
from lrdsl.wording import shortened

OPENERS = {"(": ")", "[": "]"}
_SEQUENCE = "to put one part after another, write `>>`"
_COMMENT = "a comment starts with `#`"
_COMPARE = "compare with `==`, `<=` or `>=`"

# Units as they are torn from their numbers, and as they are written.
UNITS = {"ep": "ep", "epoch": "ep", "epochs": "ep", "st": "st", "step": "st", "steps": "st"}
UNITS |= {"k": "k", "M": "M", "B": "B", "percent": "%", "pct": "%"}
UNITS |= {"thousand": "k", "million": "M", "billion": "B"}
# What joins two parts in a sentence.
_JOINS = frozenset(["then", "and"])

# What people call the rate, or its schedule, on the left of a `=`.
_RATES = frozenset(["lr", "learning_rate", "lr_schedule", "lr_scheduler", "schedule", "scheduler"])

# What follows from the type of the token that was found and that of the token before it: the help,
# and what the two of them are to be; None where that is not known.
_PAIRS: dict[tuple[str, str], tuple[str, str | None]] = {
    ("STAR", "STAR"): ("powers are written with `^`", "^"),
    ("COMPARE", "COMPARE"): (_SEQUENCE, ">>"),
    ("MINUS", "COMPARE"): (_SEQUENCE, ">>"),
    ("THEN", "COMPARE"): ("one `>>` stands between two parts", ">>"),
    ("THEN", "THEN"): ("one `>>` stands between two parts", ">>"),
    ("COMPARE", "EQUAL"): (_COMPARE, None),
    ("EQUAL", "COMPARE"): ("compare with `>=` or `<=`", None),
    ("EQUAL", "EQUAL"): (_COMPARE, "=="),
    ("SHAPE", "NAME"): ("a `shape` takes arguments, as in `shape f(n)`", None),
}


@record
class Hint:
    """What was probably meant.

    Attributes:
        help: it in words.
        start: where the edit that does it starts, in the stretch.
        end: where that ends.
        text: what replaces it; None where no edit is known.
        title: what the edit does; by default, what ``help`` says.
        safe: whether nothing else can have been meant.
        message: what is wrong, where the sentence about a token does not say it.
        slug: of what it is reported as, where that is not an unexpected token.
        span: what it is reported about, in the stretch, where that is not the token.
    """

    help: str
    start: int = 0
    end: int = 0
    text: str | None = None
    title: str = ""
    safe: bool = False
    message: str = ""
    slug: str = "unexpected-token"
    span: tuple[int, int] | None = None


def unit_of(word: str) -> str | None:
    """The unit, or the suffix, that a word after a number is.

    >>> unit_of("epochs"), unit_of("Steps"), unit_of("K"), unit_of("m"), unit_of("tok")
    ('ep', 'st', 'k', None, None)
    """
    # A `b` or an `m` by itself is too many things.
    return UNITS.get(word) or UNITS.get(word.lower() if len(word) > 1 or word == "K" else "")


def place_of(token: Token) -> tuple[int, int]:
    """Where a token starts and ends in its stretch."""
    start = token.start_pos or 0
    return start, start + len(token)


def of_token(stretch: Span, before: list[Token], token: Token) -> Hint | None:
    """What was probably meant where a token is found; None where nothing comes to mind.

    Args:
        stretch: the part of a source that was parsed.
        before: the tokens before it.
        token: the token.
    """
    text = stretch.text
    for rule in (_detached, _comma, _unit, _bracket, _named, _defined, _quoted, _selected):
        if found := rule(text, before, token):
            return found
    return _other(text, before, token)


def open_brackets(before: list[Token]) -> list[int]:
    """Where the brackets are that are still open."""
    opened: list[int] = []
    for place, token in enumerate(before):
        if token in OPENERS:
            opened.append(place)
        elif opened and token == OPENERS[before[opened[-1]]]:
            opened.pop()
    return opened


def _detached(text: str, before: list[Token], token: Token) -> Hint | None:
    """The `(` of a call that does not touch its name."""
    heads = [*before, token]
    opened = open_brackets(before)
    if token.type == "LPAR":
        place = len(before)
    elif token.type in {"COMMA", "EQUAL", "TARGET"} and opened and before[opened[-1]] == "(":
        place = opened[-1]
    elif token.type == "NAME" and before and before[-1].type in {"DEF", "SHAPE"}:
        start, end = place_of(token)
        gap = re.match(r"[ \t]+(?=\()", text[end:])
        return _attached(text, start, end, end + gap.end()) if gap else None
    else:
        return None
    if not place or heads[place - 1].type != "NAME":
        return None
    (start, end), (opening, _) = place_of(heads[place - 1]), place_of(heads[place])
    return _attached(text, start, end, opening)


def _attached(text: str, start: int, end: int, opening: int) -> Hint:
    message = f"the `(` of a call touches its name, as in `{text[start:end]}(`"
    gap = text[end:opening]
    edit = "" if not gap.strip() else None
    return Hint(
        "remove the space", end, opening, edit, "remove the space", "\n" not in gap,
        message, "detached-call", (start, opening + 1),
    )  # fmt: skip


def _comma(text: str, before: list[Token], token: Token) -> Hint | None:
    """A comma in a number, or a list in parentheses, where no list of arguments can stand."""
    if token.type != "COMMA" or not before:
        return None
    if found := _tuple(text, before, token):
        return found
    if not before[-1].isdecimal() or before[-1].end_pos != token.start_pos:
        return None
    start, _ = place_of(before[-1])
    groups = re.match(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?![\w.,])", text[start:])
    decimal = re.match(r"[0-9]+,([0-9]+)", text[start:])
    if decimal is None:
        return None
    whole = groups or decimal
    number = whole[0].replace(",", "" if groups else ".")
    end = start + whole.end()
    message = f"`{whole[0]}` is not a number"
    return Hint(
        f"write `{number}`", start, end, number, message=message, slug="decimal-comma",
        span=(start, end),
    )  # fmt: skip


def _tuple(text: str, before: list[Token], token: Token) -> Hint | None:
    """A list in parentheses, as Python has them; ``(0,3)`` is a number."""
    opened = open_brackets(before)
    if not opened or before[opened[-1]].type != "LPAR":
        return None
    place = opened[-1]
    if place and before[place - 1].type in {"CALLEE", "NAME"}:
        return None
    start, _ = place_of(before[place])
    inside = re.match(r"\(([^()\[\]#]*)\)", text[start:])
    if not inside or re.fullmatch(r"\s*0,[0-9]+\s*", inside[1]):
        return None
    items = ", ".join(item.strip() for item in inside[1].split(",") if item.strip())
    end = start + inside.end()
    help = f"a list stands in square brackets: `{shortened(f'[{items}]')}`"
    return Hint(help, start, end, f"[{items}]")


def _unit(text: str, before: list[Token], token: Token) -> Hint | None:
    """A unit that does not touch its number."""
    last, unit = before[-1] if before else None, unit_of(token)
    if not unit or last is None or last.type != "NUMBER":
        return None
    (start, end), (_, after) = place_of(last), place_of(token)
    return Hint(
        f"a unit is written against its number: `{last}{unit}`",
        end, after, unit, f"write `{text[start:end]}{unit}`", safe=True,
    )  # fmt: skip


def _bracket(text: str, before: list[Token], token: Token) -> Hint | None:
    """A bracket that closes nothing."""
    if token.type in {"RPAR", "RSQB"} and not open_brackets(before):
        help = f"nothing is open that this `{token}` could close"
        return Hint(help, *place_of(token), "", f"delete the `{token}`")
    return None


def _named(text: str, before: list[Token], token: Token) -> Hint | None:
    """``name:`` for an argument, and for a definition."""
    if token.type != "TARGET":
        return None
    _, end = place_of(token)
    colon = re.match(r"[ \t]*:[ \t]*=?[ \t]*", text[end:])
    if colon is None:  # it has a selector
        return None
    stop = end + colon.end()
    if before and before[-1].type in {"LET", "PARAM"}:
        rest = shortened(text[stop:].partition("\n")[0]) or "…"
        help = f"write `{before[-1]} {token} = {rest}`"
        return Hint(help, end, stop, " = ", safe=True)
    if open_brackets(before):
        help = f"name an argument with `=`: `{token} = …`"
        return Hint(help, end, stop, " = ", f"write `{token} = …`", safe=True)
    return None


def _defined(text: str, before: list[Token], token: Token) -> Hint | None:
    """A definition without its `=`, without its keyword, or with another one."""
    start, end = place_of(token)
    opened = open_brackets(before)
    last = before[-1] if before else None
    keyword = before[-2] if len(before) > 1 and before[-2].type in {"LET", "PARAM"} else None
    same_line = last is not None and "\n" not in text[place_of(last)[1] : start]
    if keyword is not None and last is not None and last.type == "NAME" and same_line:
        rest = shortened(text[start:].partition("\n")[0])
        if token == "==":
            rest = shortened(text[end:].partition("\n")[0])
            return Hint(f"write `{keyword} {last} = {rest}`", start, end, "=", safe=True)
        if token.type in {"NUMBER", "CALLEE", "NAME", "LPAR", "LSQB"}:
            help = f"write `{keyword} {last} = {rest}`"
            return Hint(help, start, start, "= ", safe=True)
    if found := _function(text, before, token):
        return found
    if last is not None and last.type == "DEF" and token.type == "NAME":
        help = "a `def` takes arguments, as in `def f(n)`; a `let` names a value"
        return Hint(help, *place_of(last), "let", "write `let`")
    if token.type == "EQUAL" and last is not None and last.type == "NAME" and not opened:
        first, after = place_of(last)
        if last in _RATES:
            return _rate(text, first, after, end)
        help = f"to name a value, write `let {last} = …`"
        return Hint(help, first, first, "let ", f"write `let {last} = …`", safe=True)
    return None


def _rate(text: str, start: int, after: int, end: int) -> Hint:
    """``lr = …`` and ``schedule = …``; a plain number is held."""
    if number := re.match(r"[ \t]*([0-9.]+(?:e-?[0-9]+)?)[ \t]*(?:#[^\n]*)?(?=\n|\Z)", text[end:]):
        held = f"lr: const(value = {number[1]})"
        return Hint(f"write `{held}`", start, end + number.end(1), held, safe=True)
    if text[start:after] == "lr":
        return Hint("write `lr: …`", after, end, ":", "write `lr:`", safe=True)
    return Hint("write `lr: …`", start, end, "lr:", "write `lr:`")


def _function(text: str, before: list[Token], token: Token) -> Hint | None:
    """A function that is not defined with `def`, or whose `=` is a colon."""
    start, end = place_of(token)
    last = before[-1] if before else None
    if last is None or open_brackets(before):
        return None
    if token.type == "CALLEE" and last.type == "LET":
        help = f"a function is defined with `def`: write `def {token}(…) = …`"
        return Hint(help, *place_of(last), "def", "write `def`", safe=True)
    if last.type != "RPAR":
        return None
    if token.type == "EQUAL" and text[end : end + 1] == ">":
        return Hint(_SEQUENCE, start, end + 1, ">>", "write `>>`", safe=True)
    line = text[:start].rpartition("\n")[2]
    head = re.match(r"\s*(def\s+)?(\w+)\([^()]*\)\s*\Z", line)
    if head is None:
        return None
    if token.type == "COLON" and head[1]:
        return Hint(
            "a `def` has a `=` before its formula", start, end, " =", "write `=`", safe=True
        )
    if token.type == "EQUAL" and not head[1]:
        place = start - len(line) + head.start(2)
        help = f"a function is defined with `def`: write `def {head[2]}(…) = …`"
        return Hint(help, place, place, "def ", "write `def`", safe=True)
    return None


def _quoted(text: str, before: list[Token], token: Token) -> Hint | None:
    """A value in quotes; only the names of groups have them."""
    if token.type != "STRING" or len(token) < 3:
        return None
    if len(before) > 1 and before[-1].type == "LSQB" and before[-2].type in {"TARGET", "NAME"}:
        return Hint(f"a selector is one name in double quotes: `{before[-2]}[{shortened(token)}]:`")
    content = str(token)[1:-1]
    return Hint(
        f"write `{shortened(content)}` without quotes", *place_of(token), content, safe=True
    )


def _selected(text: str, before: list[Token], token: Token) -> Hint | None:
    """The name of a group without its quotes."""
    if not (len(before) > 1 and before[-1].type == "LSQB" and before[-2].type == "TARGET"):
        return None
    start, _ = place_of(token)
    name = text[start:].partition("]")[0].strip(" \t'")
    if not re.fullmatch(r"[A-Za-z_*?][\w.*?-]*", name):
        return None
    end = start + text[start:].index("]")
    return Hint(
        f'expected a name in double quotes: `{before[-2]}["{name}"]`', start, end, f'"{name}"',
        f'write `"{name}"`', safe=True,
    )  # fmt: skip


def _other(text: str, before: list[Token], token: Token) -> Hint | None:
    start, end = place_of(token)
    last = before[-1] if before else None
    opened = open_brackets(before)
    after = text[end:]
    guarded = any(found.type == "WHERE" for found in before)
    if token.type == "WHERE":
        return Hint("`where` stands before the `=` of its definition")
    if token.type == "NAME" and token.lower() in _JOINS:
        if guarded and not any(found.type == "EQUAL" for found in before[-1:]):
            return Hint("several guards are separated by commas", start, end, ",", "write `,`")
        return Hint(_SEQUENCE, start, end, ">>", "write `>>`", safe=token == "then")
    if comment := _comment(text, before, token):
        return comment
    if token.type == "COMMA" and not opened:
        if re.match(r"\s*[A-Za-z_]\w*\s*=[^=]", after):
            help = "every definition starts with a `let` of its own"
            return Hint(help, start, end, " let", "write `let`", safe=True)
        joins = re.match(r"\s*(?:and\s+)?then\b|\s*and\b", after)
        end += joins.end() if joins else 0
        return Hint(_SEQUENCE, start, end, " >>", "write `>>`")
    if token.type == "THEN" and last is None:
        help = "`>>` stands between two parts, and nothing comes before it"
        return Hint(help, start, end, "", "delete the `>>`")
    help, edit = _PAIRS.get((last.type if last else "", token.type), ("", None))
    if not help or last is None:
        return None
    first, _ = place_of(last)
    if token.type == "EQUAL" and last in {"<", ">"}:
        edit = f"{last}="
    if token in {"<", ">"} and last == "=":
        edit = f"{token}="
    if last.type == "COMPARE" and token.type == "COMPARE" and {last, token} != {">"}:
        edit = None
    return Hint(help, first, end, edit, f"write `{edit}`", safe=edit in {">>", "^"})


def _comment(text: str, before: list[Token], token: Token) -> Hint | None:
    """A comment of another language."""
    start, end = place_of(token)
    slash = before[-1] if before and before[-1].type == "SLASH" else None
    if token.type in {"SLASH", "STAR"} and slash is not None and slash.end_pos == token.start_pos:
        start, _ = place_of(slash)
    elif token.type != "SLASH" or text[end : end + 1] not in {"/", "*"}:
        return None
    line = text[start:].partition("\n")[0]
    if line.startswith("//"):
        return Hint(_COMMENT, start, start + 2, "#", "write `#`", safe=True)
    said = line[2:].rstrip()
    if said.endswith("*/") and "*/" not in said[:-2]:
        comment = "#" + said[:-2].rstrip()
        return Hint(_COMMENT, start, start + len(line.rstrip()), comment, "write `#`", safe=True)
    return Hint(_COMMENT)


def closing(before: list[Token]) -> str:
    """What closes every bracket that is still open."""
    return "".join(OPENERS[before[place]] for place in reversed(open_brackets(before)))


def until(text: str, place: int, tokens: list[Token]) -> list[Token]:
    """The tokens that end at a place or before it."""
    return list(takewhile(lambda token: (token.end_pos or 0) <= place, tokens))
