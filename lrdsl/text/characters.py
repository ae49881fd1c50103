"""Words, and edits, for characters that the language does not have."""

from __future__ import annotations

import re
import unicodedata

from lrdsl.text.hint import CHOICE, HYPERPARAMETERS, Hint, of_range, unquoted
from lrdsl.wording import SEQUENCE, on_one_line

_STRAIGHT = 'text stands in straight double quotes: `lr["head"]`'

# What a character was probably meant to be, in words and as a text; None if that is not known.
_CHARACTERS: dict[str, tuple[str, str | None]] = {
    "|": (SEQUENCE, ">>"),
    ";": ("statements need no separator: leave the `;` out", ""),
    "'": ('text stands in double quotes: `lr["head"]`', None),
    "{": ("the language has no braces: group with `(` and `)`", None),
    "}": ("the language has no braces: group with `(` and `)`", None),
    "&": ("the language has no `&`; several guards are separated by commas", None),
    "!": ("compare with `!=`", None),
    "\u00a0": (
        "this is a non-breaking space, often pasted from a web page: type an ordinary space", " ",
    ),
    "\ufeff": (
        "this is a byte order mark, which only has a place at the start of a file: delete it", "",
    ),
    "\r": (
        "a carriage return without a line feed ends no line: end lines with LF or CR LF", "\n",
    ),
    "\ufffd": ("this was not UTF-8: save the file as UTF-8", None),
    "−": ("this is a typographic minus: type `-`", "-"),
    "–": ("this is a typographic dash: type `-`", "-"),
    "×": ("multiply with `*`", "*"),
    "·": ("multiply with `*`", "*"),
    "÷": ("divide with `/`", "/"),
    "≥": ("compare with `>=`", ">="),
    "≤": ("compare with `<=`", "<="),
    "≠": ("compare with `!=`", "!="),
    "→": (SEQUENCE, ">>"),
    "»": (SEQUENCE, ">>"),
    ".": ("a number needs a digit next to its point: `0.5` or `.5`", None),
    "?": (CHOICE, None),
    "%": ("a percentage is written against its number: `10%`", None),
    '"': ("a text ends on the line it starts on, with a second double quote", None),
    "\\": ("a statement may run over several lines as it is: leave the `\\` out", ""),
}  # fmt: skip
_CHARACTERS |= dict.fromkeys("\u201c\u201d\u201e\u2018\u2019", (_STRAIGHT, None))
_NOTHING_FOLLOWS = "nothing follows this point: delete it"
# A name as shells and templates have it.
_MARKED = re.compile(
    r"(?:\$\{|\{\{[ \t]*|[$@]|%(?=\w+%))([A-Za-z_]\w*)"
    r"(?:[ \t]*\}\}|\}|(?<=\w)%(?=[ \t]*(?:[,)\n]|\Z)))?"
)
_QUOTES = "'\u201c\u201d\u201e\u2018\u2019"
# The edit changes more than how the text looks.
_GUESSED = frozenset("|")


def of_character(text: str, start: int) -> Hint:
    """Guesses what a character at a place was meant to be."""
    char = text[start]
    help, edit = _CHARACTERS.get(char, ("", None))
    if char in _QUOTES and (found := _quoted(text, start, help)):
        return found
    if found := _elsewhere(text, start):
        return found
    if char == "%" and (gap := re.search(r"([0-9][\w.]*)[ \t]+\Z", text[:start])):
        help = f"a percentage is written against its number: `{gap[1]}%`"
        return Hint(help, gap.end(1), start, "", "remove the space", safe=True)
    if char == "&" and re.search(r"\bwhere\b[^=]*(?:[<>!=]=[^=]*)*\Z", text[:start]):
        end = start + len(re.match("&+", text[start:])[0])  # type: ignore[index]
        return Hint(help, start, end, ",", "write `,`", safe=True)
    if char == "|" and text[start : start + 2] == "|>":
        return Hint(help, start, start + 2, ">>", "write `>>`", safe=True)
    if char == ";" and opened(text[:start]):
        return Hint("arguments are separated by commas", start, start + 1, ",", "write `,`")
    if char == ";" and _between_parts(text, start):
        return Hint(SEQUENCE, start, start + 1, " >>", "write `>>`")
    if not help:
        return _unnamed(text, start)
    return Hint(help, start, start + 1, edit, _title(edit), char not in _GUESSED)


def _elsewhere(text: str, start: int) -> Hint | None:
    """The meaning in other languages of a character that this one does not have."""
    char, before, after = text[start], text[:start], text[start + 1 :]
    if char == "." and (ends := re.match(r"\.\.?[ \t]*([0-9.][\w.]*)", after)):
        first = re.search(r"(?<![\w.])([0-9.][\w.]*)[ \t]+\Z", before)
        if first is not None:
            end, opens = start + 1 + ends.end(), opened(before)
            edit = f", {ends[1]}" if opens and "," in before[before.rindex("(") :] else None
            return Hint(
                of_range(first[1], ends[1]), first.end(1), end, edit,
                f"write `{first[1]}, {ends[1]}`",
            )  # fmt: skip
    if char == "." and re.search(r"[0-9)\]][ \t]*\Z", before):
        return _after_point(before, after, start)
    if char == "." and (grouped := _group(before, after)):
        return grouped
    line = before.rpartition("\n")[2]
    if char == "." and re.match(r"\s*(?:from|import)\s", line):
        end = start + len(after.partition("\n")[0]) + 2
        others = text[: start - len(line)].strip() or text[end:].strip()
        return Hint(
            "a program has no imports: leave this line out",
            start - len(line), min(end, len(text)), "" if others else None, "leave it out",
        )  # fmt: skip
    if char == "." and (module := re.search(r"(?<![\w.])[A-Za-z_]\w*\Z", before)):
        path = re.match(r"(?:\w+\.)*(?=[A-Za-z_])", after)
        if path is not None:
            end = start + 1 + path.end()
            named = re.match(r"\w+", text[end:])
            shown = f"write `{named[0] if named else ''}`"
            help = f"names have no module: {shown}"
            return Hint(help, module.start(), end, "", shown, safe=True)
    if char == "{" and (found := re.match(r"\{([^{}:\n]*)\}", text[start:])):
        return _braces(before, found, start)
    if char == "@" and (grouped := _group(before, after)):
        return grouped
    if marked := _MARKED.match(text, start):
        help = f"a name has no mark: write `{marked[1]}`"
        return Hint(help, start, marked.end(), marked[1], f"write `{marked[1]}`")
    if char == "{" and re.match(r"\{[^{}]*:", text[start:]):
        help = "the language has no braces: a target is a line, as in `lr: cosine(20)`"
        return Hint(f"{help}, and times and values are two lists, as in `stairs([30], [1, 0.1])`")
    if char == "'" and (groups := re.match(r"(?:'[0-9]{3})+(?!\w)", text[start:])):
        first = re.search(r"(?<![\w.'])[1-9][0-9]{0,2}\Z", before)
        if first:
            number = (first[0] + groups[0]).replace("'", "")
            end = start + groups.end()
            return Hint(f"write `{number}`", first.start(), end, number, safe=True)
    joins = re.match(r"(&&?)\s*[A-Za-z_(]", text[start:])
    if joins and re.search(r"[\w)]\s*\Z", before) and "where" not in before:
        return Hint(SEQUENCE, start, start + joins.end(1), ">>", "write `>>`")
    if char == "%" and re.match(r"\s*[\w(]", after):
        return Hint("the language has no remainder; `repeat(…)` starts a part again and again")
    return None


def _group(before: str, after: str) -> Hint | None:
    """The group of a target with a point: ``head.lr:`` and ``lr.head:``."""
    first, second = re.search(r"(?<![\w.])[A-Za-z_]\w*\Z", before), re.match(r"\w+(?=\s*:)", after)
    set_to = re.match(r"(\w+)[ \t]*=(?!=)[ \t]*([0-9.]+(?:e-?[0-9]+)?)?", after)
    if first is not None and set_to is not None and HYPERPARAMETERS & {first[0], set_to[1]}:
        key, name = first[0], set_to[1]
        key, name = (key, name) if key in HYPERPARAMETERS else (name, key)
        value = f"const(value = {set_to[2]})" if set_to[2] else ""
        text = f'{key}["{name}"]: {value}'.rstrip()
        end = len(before) + 1 + set_to.end()
        help = f"a group is selected in brackets: write `{text}`"
        return Hint(help, first.start(), end, text if value else text + " ", f"write `{text}`")
    if first is None or second is None:
        return None
    names = (first[0], second[0]) if first[0] in HYPERPARAMETERS else (second[0], first[0])
    text = f'{names[0]}["{names[1]}"]'
    end = len(before) + 1 + second.end()
    return Hint(
        f"a group is selected in brackets: `{text}:`", first.start(), end, text, f"write `{text}`"
    )


def _after_point(before: str, after: str, start: int) -> Hint | None:
    """A point after a number that has one or an exponent already, or after a part."""
    if re.search(r"[)\]][ \t]*\Z", before):
        if re.match(r"[ \t]*(?:\n|\Z)", after):
            return Hint(_NOTHING_FOLLOWS, start, start + 1, "", "delete it", True)
        if not re.match(r"\s*[A-Za-z_]", after):
            return None
        called = re.match(r"[ \t]*(?:and_)?then(?=\()", after)
        end = start + 1 + (called.end() if called else 0)
        return Hint(SEQUENCE, start, end, " >> " if before[-1] in ")]" else ">>", "write `>>`")
    if before[-1].isdecimal() and not re.match(r"\w", after):
        return Hint(_NOTHING_FOLLOWS, start, start + 1, "", "delete it", True)
    return None


def _braces(before: str, found: re.Match[str], start: int) -> Hint:
    """Braces for parentheses, or for the brackets of a list."""
    called = re.search(r"[A-Za-z_]\w*\Z", before) is not None
    is_list = not called and "," in found[1]
    text = f"[{found[1].strip()}]" if is_list else f"({found[1].strip()})"
    what = "a list stands in square brackets" if is_list else "the language has no braces"
    end = start + found.end()
    title = f"write `{on_one_line(text)}`"
    return Hint(f"{what}: {title}", start, end, text, title, safe=called)


def opened(text: str) -> bool:
    """True if a text opens a bracket that it does not close."""
    code = re.sub(r'#[^\n]*|"[^"\n]*"', "", text)
    return sum(map(code.count, "([")) > sum(map(code.count, ")]"))


def _between_parts(text: str, start: int) -> bool:
    """True if a `;` separates two schedules, neither of which is a definition."""
    opens = r"\s*(?:let|param|def|shape|run)\b"
    before = re.split(r"[;\n]", text[:start])[-1]
    after = text[start + 1 :].split("\n")[0] or text[start + 1 :]
    if not before.strip() or not after.strip() or re.match(opens, before):
        return False
    return not re.match(rf"{opens}|\s*\w+\s*(?:\[[^\]]*\]\s*)?(?::|=(?!=))|\s*#", after)


def _unnamed(text: str, start: int) -> Hint:
    """A hint for a character by what Unicode says of it."""
    char = text[start]
    if 0x202A <= ord(char) <= 0x202E or 0x2066 <= ord(char) <= 0x2069:
        help = "this turns the direction of the text that follows: delete it"
        return Hint(help, start, start + 1, "", "delete it", safe=True)
    if unicodedata.category(char) in {"Cc", "Cf", "Zs"}:
        help = "this character cannot be seen: delete it"
        edit = " " if unicodedata.category(char) == "Zs" else ""
        return Hint(help, start, start + 1, edit, "delete it", safe=True)
    if char.isascii():
        return Hint("")
    folded = unicodedata.normalize("NFKC", char)
    if len(folded) == 1 and folded.isascii() and not folded.isalnum():
        return Hint(f"write `{folded}`", start, start + 1, folded, safe=True)
    return _spelled(text, start) or Hint("names are made of the letters a to z, digits and `_`")


def _quoted(text: str, start: int, help: str) -> Hint | None:
    """Something in quotes that are not the language's: the name of a group, or a value."""
    found = re.match(rf"[{_QUOTES}]([^\"{_QUOTES}\n]+)[\"{_QUOTES}]", text[start:])
    if not found:
        return None
    end = start + found.end()
    if text[:start].rstrip().endswith("["):
        return Hint(help, start, end, f'"{found[1]}"', f'write `"{found[1]}"`', safe=True)
    word = unquoted(found[1])
    return Hint(f"write `{word}` without quotes", start, end, word, safe=True)


def _spelled(text: str, start: int) -> Hint | None:
    """The word that a word with a letter of another alphabet looks like."""
    from lrdsl.text.confusables import latin

    before = re.search(r"\w*\Z", text[max(0, start - 40) : start])
    after = re.match(r"\w*", text[start : start + 40])
    assert before and after
    word, letter = latin(before[0] + after[0]), latin(text[start])
    if not word or not letter:
        return None
    help = f"this looks like the letter `{letter}`: write `{word}`"
    first = start - len(before[0])
    return Hint(help, first, start + after.end(), word, f"write `{word}`", safe=True)


def _title(edit: str | None) -> str:
    if edit is None:
        return ""
    return f"write `{edit}`" if edit.strip() else "put an ordinary space" if edit == " " else (
        "end the line with LF" if edit else "delete it"
    )  # fmt: skip
