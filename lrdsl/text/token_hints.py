"""Guesses for a token in the wrong place: in words, and as an edit."""

from __future__ import annotations

import re

from lark import Token

from lrdsl.text.definition_hints import of_definition
from lrdsl.text.hint import (
    AGAIN,
    IN_ORDER,
    Hint,
    first_of,
    of_range,
    open_brackets,
    place_of,
    unit_of,
)
from lrdsl.text.settings import setting
from lrdsl.text.source import Span
from lrdsl.wording import SEQUENCE, on_one_line

_COMPARE = "compare with `==`, `<=` or `>=`"
_NO_SEPARATOR = "statements need no separator: leave the `,` out"
# A target after a comma: `weight_decay: 0.1`, `lr["head"]: cosine`.
_TARGET = re.compile(r"\s*[A-Za-z_]\w*\s*(?:\[[^\]\n]*\]\s*)?:")

# What joins two parts in a sentence.
_JOINS = frozenset(["then", "and"])

# What follows from the type of the token that was found and that of the token before it: the help,
# and what the two of them are to be; None if that is not known.
_PAIRS: dict[tuple[str, str], tuple[str, str | None]] = {
    ("STAR", "STAR"): ("powers are written with `^`", "^"),
    ("SLASH", "SLASH"): ("a quotient is cut to a whole number with `floor(a / b)`", None),
    ("COMPARE", "COMPARE"): (SEQUENCE, ">>"),
    ("MINUS", "COMPARE"): (SEQUENCE, ">>"),
    ("THEN", "COMPARE"): ("one `>>` stands between two parts", ">>"),
    ("THEN", "THEN"): ("one `>>` stands between two parts", ">>"),
    ("COMPARE", "EQUAL"): (_COMPARE, None),
    ("EQUAL", "COMPARE"): ("compare with `>=` or `<=`", None),
    ("EQUAL", "EQUAL"): (_COMPARE, "=="),
    ("SHAPE", "NAME"): ("a `shape` takes arguments, as in `shape f(n)`", None),
}


def of_token(stretch: Span, before: list[Token], token: Token) -> Hint | None:
    """A guess at what a token was meant to be; None without a guess.

    Args:
        stretch: the part of a source that was parsed.
        before: the tokens before it.
        token: the token.
    """
    text = stretch.text
    if found := _setting(stretch, before, token):
        return found
    rules = (_detached, _comma, _unit, _bracket, of_definition, _other)
    return first_of(rules, text, before, token)


def _setting(stretch: Span, before: list[Token], token: Token) -> Hint | None:
    """``warmup_steps = 100``, which no program has."""
    if token.type != "EQUAL" or not before or before[-1].type not in {"NAME", "COLON"}:
        return None
    name = before[-2] if before[-1].type == "COLON" and len(before) > 1 else before[-1]
    found = setting(stretch.source.text, stretch.start + (name.start_pos or 0))
    if found is None or (len(before) > 1 and before[-2].type in {"LET", "PARAM"}):
        return None
    start, end = found.start - stretch.start, found.end - stretch.start
    edit = found.text if end <= len(stretch.text) else None
    message = f"a program sets no `{name}`"
    return Hint(found.help, start, end, edit, found.title, message=message, span=place_of(name))


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
    if before[-1].type in {"LPAR", "LSQB", "COMMA"}:
        start, end = place_of(token)
        return Hint("nothing stands before this comma: delete it", start, end, "", "delete it")
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
    if place and before[place - 1].type == "LSQB" and (pairs := _pairs(text, before, place)):
        return pairs
    help = f"a list stands in square brackets: `[{on_one_line(items)}]`"
    return Hint(help, start, end, f"[{items}]", "write it in square brackets")


_IN_PAIRS = re.compile(r"\[\s*(?:\(\s*[\w.%-]+\s*,\s*[\w.%-]+\s*,?\s*\)\s*,?\s*)+\]")


def _pairs(text: str, before: list[Token], place: int) -> Hint | None:
    """Times and values in pairs, as in ``points([(0, 0), (10, 0.1)])``, which are two lists."""
    opened, _ = place_of(before[place - 1])
    whole = _IN_PAIRS.match(text, opened)
    if whole is None:
        return None
    found = re.findall(r"\(\s*([\w.%-]+)\s*,\s*([\w.%-]+)", whole[0])
    lists = "[{}], [{}]".format(*(", ".join(column) for column in zip(*found, strict=True)))
    called = place > 2 and before[place - 2].type == "LPAR" and before[place - 3].type == "CALLEE"
    written = lists if called else f"points({lists})"
    help = f"times and values are two lists: write `{written}`"
    return Hint(help, opened, whole.end(), written, f"write `{on_one_line(written)}`")


def _unit(text: str, before: list[Token], token: Token) -> Hint | None:
    """A unit that does not touch its number."""
    last, unit = before[-1] if before else None, unit_of(token)
    if unit and last is not None and last.type == "NAME" and token in {"ep", "st"}:
        (start, end), (_, after) = place_of(last), place_of(token)
        written = f"{text[start:end]} * 1{unit}"
        return Hint(f"write `{written}`", start, after, written)
    if not unit or last is None or last.type != "NUMBER":
        return None
    (start, end), (_, after) = place_of(last), place_of(token)
    return Hint(
        f"a unit is written against its number: `{last}{unit}`",
        end, after, unit, f"write `{text[start:end]}{unit}`", safe=True,
    )  # fmt: skip


def _bracket(text: str, before: list[Token], token: Token) -> Hint | None:
    """A bracket that closes nothing."""
    if token == ")" and [t.type for t in before[-2:]] == ["NAME", "NUMBER"]:
        (_, end), (start, stop) = place_of(before[-2]), place_of(before[-1])
        if not open_brackets(before) and "\n" not in text[end:start]:
            help = f"the arguments of `{before[-2]}` stand in parentheses"
            written = f"write `{before[-2]}({text[start:stop]})`"
            return Hint(f"{help}: {written}", end, start, "(", written)
    if token.type in {"RPAR", "RSQB"} and not open_brackets(before):
        help = f"nothing is open that this `{token}` could close"
        return Hint(help, *place_of(token), "", f"delete the `{token}`")
    return None


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
        return Hint(SEQUENCE, start, end, ">>", "write `>>`", safe=token == "then")
    if token.type == "COMMA" and not opened:
        if re.match(r"\s*[A-Za-z_]\w*\s*=[^=]", after):
            help = "every definition starts with a `let` of its own"
            return Hint(help, start, end, " let", "write `let`", safe=True)
        if _ends_a_statement(before, after):
            return Hint(_NO_SEPARATOR, start, end, "", "delete it", safe=True)
        if found := _listed(text, before, start, end):
            return found
        if re.match(r"\s*\.?[0-9]", after):
            return Hint("numbers stand side by side in a list, as in `multistep([30, 60])`")
        joins = re.match(r"\s*(?:and\s+)?then\b|\s*and\b", after)
        end += joins.end() if joins else 0
        return Hint(SEQUENCE, start, end, " >>", "write `>>`")
    if token.type == "TARGET" and last == "-" and len(before) == 1:
        return Hint("parts follow each other with `>>`, as in `warmup(5) >> cosine(20)`")
    line = text[:start].rpartition("\n")[2]
    if token.type == "COLON" and (word := re.match(r"\s*(if|elif|else|for|while)\b", line)):
        help = AGAIN if word[1] in {"for", "while"} else IN_ORDER
        message = f"`{word[1]}` starts no statement here"
        return Hint(help, message=message, span=(start - len(line) + word.start(1), end))
    if token == ">" and not opened and (arrow := re.search(r"[-=~]{2,}\Z", text[:start])):
        return Hint(SEQUENCE, arrow.start(), end, ">>", "write `>>`", safe=True)
    ranged = token.type == "COLON" and last is not None and last.type == "NUMBER"
    ends = re.match(r"[ \t]*([0-9.e-]+)(?::([0-9.e-]+))?", after) if ranged else None
    if last is not None and ends is not None:
        return Hint(of_range(last, ends[2] or ends[1]))
    if token.type == "THEN" and last is None:
        help = "`>>` stands between two parts, and nothing comes before it"
        return Hint(help, start, end, "", "delete the `>>`")
    if opened and [t.type for t in before[-2:]] == ["NUMBER", "MINUS"] and token == ">":
        first, _ = place_of(last) if last is not None else (start, end)
        help = "the two ends are two arguments, with a comma between them"
        return Hint(help, first, end, ",", "write `,`")
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


def _ends_a_statement(before: list[Token], after: str) -> bool:
    """True if a comma stands before a target, or after a `let` or a `param` of a number."""
    if _TARGET.match(after):
        return True
    starts = [n for n, found in enumerate(before) if found.type in {"LET", "PARAM"}]
    named = before[starts[-1] :] if starts else []
    number = bool(named) and not any(found.type in {"CALLEE", "COLON"} for found in named)
    return number and re.match(r"\s*[A-Za-z_]\w*\s*\(", after) is not None


def _listed(text: str, before: list[Token], start: int, end: int) -> Hint | None:
    """A comma after a definition, and ``cosine 20, 0.3`` without parentheses."""
    line = text[:start].rpartition("\n")[2]
    if re.match(r"\s*(?:let|param)\b", line) and re.match(
        r"[ \t]*(?:#[^\n]*)?(?:\n|\Z)", text[end:]
    ):
        return Hint(_NO_SEPARATOR, start, end, "", "delete it", safe=True)
    more = re.match(r"(?:,[ \t]*[0-9.][\w.%]*(?:e-[0-9]+)?[ \t]*)+(?=\n|\Z|>>|#)", text[start:])
    if more is None or [found.type for found in before[-2:]] != ["NAME", "NUMBER"]:
        return None
    if len(before) > 2 and before[-3].type not in {"THEN", "COLON", "EQUAL"}:
        return None
    first, (_, after) = place_of(before[-1])[0], place_of(before[-2])
    arguments = text[first : start + more.end()].rstrip()
    written = f"{before[-2]}({arguments})"
    help = f"the arguments of `{before[-2]}` stand in parentheses: write `{on_one_line(written)}`"
    return Hint(
        help, after, first + len(arguments), f"({arguments})", f"write `{on_one_line(written)}`"
    )
