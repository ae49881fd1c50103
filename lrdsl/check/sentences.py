"""A schedule in the words of a sentence, and how it is written here.

``warmup 5 then cosine for 20 epochs`` is ``warmup(5) >> cosine(20ep)``. A row of expressions is
read from left to right; where a word of it has no place in such a sentence, nothing is proposed.
Loaded only where a text has such a row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lrdsl.check import library
from lrdsl.record import record
from lrdsl.text.hint import ENDS, unit_of
from lrdsl.text.nodes import (
    Call,
    Definition,
    Expression,
    Items,
    Name,
    Number,
    Operation,
    Statement,
    Target,
)
from lrdsl.text.numbers import SUFFIXES

# What joins two parts in a sentence: a word, or two of them.
JOINS = frozenset(["then", "and", "andthen", "followed_by"])
_TWO = frozenset([("and", "then"), ("followed", "by")])
# What a value is held `for`.
LASTS = frozenset(["for", "during", "over", "in", "lasting"])
_JOIN = ">>"


@record
class Read:
    """A part of a sentence: its counterpart, and the number of expressions it spans."""

    text: str
    taken: int


def translated(statements: Sequence[Statement]) -> str | None:
    """The program for a row of expressions; None if it is not such a sentence.

    Args:
        statements: the row. Where it starts with a target, the text is that after its colon.
    """
    first = statements[0]
    values = {p.name for p in first.parameters} if isinstance(first, Definition) else set()
    words = [_valued(word, values) for word in _words(statements)]
    parts: list[str] = []
    place = 0
    while True:
        part = _part(words[place:])
        if part is None:
            return None
        parts.append(part.text)
        place += part.taken
        if place == len(words):
            return f" {_JOIN} ".join(parts)
        join = _join(words[place:])
        if not join:
            return None
        place += join


def _valued(word: Expression | str, values: set[str]) -> Expression | str:
    """A word of a row, as a number where it is the parameter of a definition."""
    if isinstance(word, Name) and word.id in values:
        return Number(word.span, word.id)
    return word


def _words(statements: Sequence[Statement]) -> Iterator[Expression | str]:
    """The expressions of a row, and the `>>` between them."""
    for statement in statements:
        node = statement.body if isinstance(statement, Definition | Target) else statement
        if isinstance(node, Operation) and node.op == _JOIN and not node.span.text.startswith("("):
            for number, operand in enumerate(node.operands):
                yield from [_JOIN] * (number > 0)
                yield operand
        elif node is not None:
            yield node


def _word(words: Sequence[Expression | str], place: int = 0) -> str:
    """The name at a place, in lower case; empty if there is none."""
    word = words[place] if place < len(words) else None
    return word.id.lower() if isinstance(word, Name) else ""


def _join(words: Sequence[Expression | str]) -> int:
    """The number of expressions that only join their neighbors."""
    if words[0] == _JOIN:
        return 1
    if (_word(words), _word(words, 1)) in _TWO:
        return 2
    return int(_word(words) in JOINS)


def _part(words: Sequence[Expression | str]) -> Read | None:
    """The part that a sentence, or what is left of it, starts with."""
    first = words[0] if words else None
    if (times := _times(words)) is not None:
        part = _part(words[times.taken :])
        text = part and f"repeat({part.text}, {times.text})"
        return Read(text, times.taken + part.taken) if part and text else None
    if isinstance(first, Number):
        return _held(first, words, 1) or _led(words) or _last(first, words)
    if isinstance(first, Operation):
        return _repeated(Read(first.span.text[1:-1].strip(), 1), words)
    if isinstance(first, Call):
        held = _length(words, 1, {*LASTS})
        text = f"over({held.text}, {first.span.text})" if held else first.span.text
        return _repeated(Read(text, 1 + (held.taken if held else 0)), words)
    name = _word(words)
    if (shape := _shape(f"{name}_{_word(words, 1)}")) is not None:  # "linear warmup"
        return _repeated(_described(shape, words, 2), words)
    if not isinstance(first, Name) or (shape := _shape(first.id)) is None:
        return None
    value = words[1] if len(words) > 1 else None
    if shape.name == "const" and isinstance(value, Number) and (held := _held(value, words, 2)):
        return held
    return _repeated(_in_brackets(shape, words) or _described(shape, words, 1), words)


def _times(words: Sequence[Expression | str]) -> Read | None:
    """``repeat 3``, ``repeat(3)`` and ``3 times`` before what is repeated."""
    first = words[0] if words else None
    count = words[1] if len(words) > 1 else None
    taken = 2 + (_word(words, 2) == "times")
    if isinstance(first, Call) and first.id == "repeat" and len(first.arguments) == 1:
        count, taken = first.arguments[0].value, 1
    elif _word(words, 1) == "times":
        count, taken = first, 2
    elif _word(words) != "repeat":
        return None
    if not isinstance(count, Number) or not count.span.text.isdecimal():
        return None
    return Read(count.span.text, taken)


def _held(value: Number, words: Sequence[Expression | str], place: int) -> Read | None:
    """``0.1 for 20 steps``: a value that is held for the length at a place."""
    held = _length(words, place, {*LASTS})
    return held and Read(f"const({held.text}, {value.span.text})", place + held.taken)


def _led(words: Sequence[Expression | str]) -> Read | None:
    """``5 epochs of warmup``, ``10% warmup``: a length before its part."""
    length = _length(words, 0, {""})
    if length is None:
        return None
    place = length.taken + (_word(words, length.taken) == "of")
    shape = _shape(_word(words, place))
    two = _shape(f"{_word(words, place)}_{_word(words, place + 1)}")  # "linear warmup"
    found = two or shape
    name = words[place] if place < len(words) else None
    bare = isinstance(name, Name) and not name.span.text.startswith("(")
    if found is None or found.keyword != "shape" or not bare:
        return None
    return Read(f"{found.name}({argument(found.name, length.text)})", place + 1 + (two is not None))


def _last(value: Number, words: Sequence[Expression | str]) -> Read | None:
    """A rate that the sentence ends with, which is held to the end of the run."""
    text = value.span.text
    is_rate = re.fullmatch(r"[0-9]*\.[0-9]+(?:[eE]-?[0-9]+)?|[0-9]+[eE]-[0-9]+", text)
    return Read(f"const(value = {text})", 1) if is_rate and len(words) == 1 else None


def _shape(word: str) -> Definition | None:
    """The definition of the library that a word is the name of, here or elsewhere."""
    if {*word.split("_")} & {"", *JOINS, *LASTS, *ENDS}:
        return None
    found = library.find(word)
    if found is None and (known := library.counterpart(word)):
        ours, other = known
        found = None if other is not None and other.program is not None else library.find(ours)
    return found if found is not None and found.parameters else None


def _in_brackets(shape: Definition, words: Sequence[Expression | str]) -> Read | None:
    """``cosine[20]``: a call in the brackets of a list."""
    items = words[1] if len(words) > 1 else None
    if not isinstance(items, Items) or not items.items:
        return None
    takes_list = shape.parameters[0].kind.startswith("[")
    text = items.span.text if takes_list else items.span.text[1:-1].strip()
    return Read(f"{shape.name}({text})", 2)


def _described(shape: Definition, words: Sequence[Expression | str], place: int) -> Read:
    """``cosine 20``, ``warmup from 0 to 0.3 over 5 epochs``, or a name by itself."""
    names = [parameter.name for parameter in shape.parameters]
    length, given = "", list[str]()
    while place < len(words):
        if not length and (found := _length(words, place, {*LASTS, ""})):
            length, place = found.text, place + found.taken
            continue
        end = ENDS.get(_word(words, place))
        value = words[place + 1] if place + 1 < len(words) else None
        if end not in names or not isinstance(value, Number | Name):
            break
        given.append(f"{end} = {value.span.text}")
        place += 2
    arguments = ", ".join([argument(shape.name, length)] * bool(length) + given)
    return Read(f"{shape.name}({arguments})" if arguments else shape.name, place)


def argument(shape: str, number: str) -> str:
    """The number that follows the name of a shape in a sentence, as an argument of it.

    >>> argument("const", "0.1"), argument("const", "20"), argument("cosine", "20")
    ('value = 0.1', '20', '20')
    """
    is_value = "." in number or "e-" in number.lower()
    return f"value = {number}" if shape == "const" and is_value else number


def _length(words: Sequence[Expression | str], place: int, starts: set[str]) -> Read | None:
    """A length such as ``for 5 epochs``, with one of some words before it."""
    word = _word(words, place)
    taken = 1 if word else 0
    amount = words[place + taken] if place + taken < len(words) else None
    if word not in starts or not isinstance(amount, Number):
        return None
    text = amount.span.text
    if _word(words, place + taken + 1) == "times":
        return None
    bare = text[-1:].isdecimal() or text[-1:] in SUFFIXES
    unit = unit_of(_word(words, place + taken + 1)) if bare else None
    if unit is None:
        return Read(text, taken + 1)
    return Read(text + ("" if unit == "st" else unit), taken + 2)


def _repeated(part: Read, words: Sequence[Expression | str]) -> Read:
    """A part with the ``x 3``, ``3 times`` or ``for 3 times`` that may follow it."""
    place = part.taken
    word = _word(words, place)
    if re.fullmatch("x[1-9][0-9]*", word) and not _is_defined(words[place]):
        return Read(_again(words[0], part.text, word[1:]), place + 1)
    start = place + (word in {"x", "for"})
    count = words[start] if start < len(words) else None
    if not isinstance(count, Number) or not count.span.text.isdecimal():
        return part
    times = _word(words, start + 1) in {"times", "x"}
    if word != "x" and not times:
        return part
    return Read(_again(words[0], part.text, count.span.text), start + 1 + times)


def _is_defined(word: Expression | str) -> bool:
    text = word.span.source.text if isinstance(word, Name) else ""
    return isinstance(word, Name) and bool(re.search(rf"\b(?:let|param)\s+{word.id}\b", text))


def _again(first: Expression | str, text: str, count: str) -> str:
    """A repetition of a part, which may say by itself that it is repeated."""
    if isinstance(first, Call) and first.id == "repeat" and len(first.arguments) == 1:
        text = first.arguments[0].span.text if text == first.span.text else text
    return f"repeat({text}, {count})"
