"""Expressions side by side on one line: a sentence of another language, and one mistake.

``warmup(5) then cosine(20)`` parses as three statements, none of which anybody meant. It is
reported once, with what joins the parts here. Loaded only where a text has such a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from lrdsl.check import library
from lrdsl.check.problems import Problem
from lrdsl.check.sentences import JOINS, LASTS, argument, translated
from lrdsl.diagnostics.fix import Edit, Fix, fix
from lrdsl.text.hint import AGAIN, CHOICE, IN_ORDER, OWN_CURVE, unit_of
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
from lrdsl.text.source import Span
from lrdsl.wording import SEQUENCE, on_one_line, shortened

# Words of Python that start a statement of it, and what to do here.
FOREIGN = {
    "lambda": OWN_CURVE,
    "while": AGAIN,
}


def row(statements: Sequence[Statement], place: int) -> int:
    """The number of statements in a row from a place on, as no valid program has them."""
    end = place + 1
    first = statements[place]
    if isinstance(first, Name) and first.id in FOREIGN:
        while end < len(statements) and "\n" not in _gap(statements[end - 1], statements[end]):
            end += 1
        return end - place
    if (
        isinstance(first, Definition)
        and not isinstance(statements[end], Number)
        and not _goes_on(first, statements[end])
    ):
        # It has the one word after it; what follows is a statement of its own.
        return 1 + _beside(first, statements[end])
    while end < len(statements) and _beside(statements[end - 1], statements[end]):
        end += 1
    return end - place


def _gap(first: Statement, second: Statement) -> str:
    return Span(first.span.source, first.span.end, second.span.start).text


def _goes_on(first: Definition, second: Statement) -> bool:
    """True if a definition goes on as a sentence: ``def f(n) = warmup n then const``."""
    word, last = _first(second), _last(first)
    if not isinstance(word, Name) or "\n" in _gap(first, second):
        return False
    shape = library.find(last.id) if isinstance(last, Name) else None
    # Such a shape by itself has no length, whatever stands after it.
    called = shape is not None and any(p.default is None for p in shape.parameters)
    return word.id.lower() in JOINS or (called and _is_value(word, first))


def _is_value(name: Name, definition: Definition) -> bool:
    return any(name.id == parameter.name for parameter in definition.parameters)


def _beside(first: Statement, second: Statement) -> bool:
    """True if an expression follows another one with nothing but blanks between them."""
    if isinstance(second, Definition | Target):
        return False
    if _gap(first, second).strip(" \t"):
        return False
    if not isinstance(first, Definition) or _goes_on(first, second):
        return True
    # It may stand before a schedule; not a number before a unit, or a shape before a number.
    name = _last(first)
    called = isinstance(second, Number) and isinstance(name, Name) and library.find(name.id)
    return bool(called) or _unit(name, second) is not None


def parts(statements: Sequence[Statement]) -> list[Expression]:
    """The parts of a row to check by themselves: all but the words that join them."""
    joined = len(statements) == 2 or all(
        isinstance(s, Name) and _is_word(s) for s in statements[1::2]
    )
    last = statements[-1]
    if _of_python(statements) is not None or (isinstance(last, Name) and last.id == "end"):
        return []
    if not joined or _calls(statements) or _sentence(statements) or _each_held(statements):
        return []
    bodies = [s.body if isinstance(s, Definition | Target) else s for s in statements]
    joins = statements[1:2] if len(statements) == 2 else statements[1::2]
    words = [s for s in joins if isinstance(s, Name) and _is_word(s)]
    return [b for b in bodies if b is not None and not (isinstance(b, Name) and b in words)]


def _is_word(name: Name) -> bool:
    """True if a name is a word of a sentence, rather than a name without a definition."""
    word = name.id.lower()
    return word in JOINS or word in LASTS or unit_of(word) is not None


def problem(statements: Sequence[Statement]) -> Problem:
    """The errors of statements in a row.

    Args:
        statements: two or more of them.
    """
    found = _problem(statements)
    joined = isinstance(statements[1], Name) and statements[1].id.lower() in JOINS
    guessed = found.slug == "second-schedule" and len(statements) == 2 and not joined
    sentence = _sentence(statements) if guessed or not found.fixes else None
    if sentence is None:
        return found
    second, help = statements[1], f"write `{on_one_line(sentence.edits[0].text)}`"
    message = f"`{shortened(second.span.text)}` does not belong here"
    name = _last(statements[0])
    if isinstance(second, Number | Items) and isinstance(name, Name) and name.id != "lr":
        message = f"the arguments of `{name.id}` stand in parentheses"
    return Problem("second-schedule", second.span, message, help, (sentence,))


def _sentence(statements: Sequence[Statement]) -> Fix | None:
    """The fix that writes a row as the schedule that its words mean."""
    first, *others = statements
    if isinstance(first, Name) and first.id == "lr" and isinstance(others[0], Number):
        if len(others) > 1:
            return None
        text = f"lr: const(value = {others[0].span.text})"
        return fix(first.span.to(others[0].span), text)
    text = translated(statements) or ""
    body = first.body if isinstance(first, Definition | Target) else first
    if body is None:
        return None
    span = body.span.to(statements[-1].span)
    return fix(span, text) if text and text != span.text else None


def _problem(statements: Sequence[Statement]) -> Problem:
    """The errors of a row, from its first misplaced word on."""
    first, second = statements[0], statements[1]
    if unit := _unit(_last(first), second):
        return _torn_unit(statements, unit)
    if held := _held(statements) or _each_held(statements):
        return held
    if calls := _calls(statements):
        message = f"the arguments of `{calls[0].span.text.split()[0]}` stand in parentheses"
        own = Fix(f"write `{calls[0].text}`", calls)
        return Problem("detached-call", calls[0].span, message, own.title, (own,))
    if python := _of_python(statements):
        return python
    if isinstance(second, Name) and second.id == "x" and _is_factor(statements[2:]):
        own = fix(second.span, "*")
        message = "`x` does not belong here"
        return Problem("unexpected-token", second.span, message, "multiply with `*`", (own,))
    if len(statements) == 2 and isinstance(second, Name) and second.id == "end":
        message, help = "`end` does not belong here", "a statement ends by itself: leave it out"
        gone = Span(second.span.source, first.span.end, second.span.end)
        return Problem("second-schedule", second.span, message, help, (fix(gone, "", help),))
    if isinstance(first, Name) and first.id == "if":
        message = "`if` is a function of formulas, and starts no statement"
        return Problem("second-schedule", first.span, message, IN_ORDER)
    if isinstance(second, Name) and second.id.lower() in JOINS:
        message = f"`{second.id}` joins nothing here"
        joins = [s for s in statements[1::2] if isinstance(s, Name) and s.id.lower() in JOINS]
        edits = tuple(Edit(name.span, ">>") for name in joins)
        whole = len(joins) == len(statements) // 2 and len(statements) % 2 == 1
        # A part may be a mistake of its own, which is reported beside this one.
        fixes = (
            (Fix("write `>>`", edits, safe=all(name.id == "then" for name in joins)),)
            if whole
            else ()
        )
        return Problem("second-schedule", second.span, message, SEQUENCE, fixes)
    if any(isinstance(s, Name) and s.id == "if" for s in statements):
        message = f"`{shortened(second.span.text)}` does not belong here"
        return Problem("second-schedule", second.span, message, CHOICE)
    is_schedule = isinstance(second, Call) or (
        isinstance(second, Name) and library.find(second.id) is not None
    )
    if len(statements) > 2 and not is_schedule:
        message = f"`{shortened(second.span.text)}` does not belong here"
        help = "a schedule is made of calls with `>>` between them: `warmup(5) >> cosine(20)`"
        return Problem("second-schedule", second.span, message, help)
    return second_schedule(second.span, statements)


def _of_python(statements: Sequence[Statement]) -> Problem | None:
    """A statement of Python, which its first word tells."""
    first, second = statements[0], statements[1]
    if not isinstance(first, Name):
        return None
    if first.id == "return":
        own = fix(Span(first.span.source, first.span.start, second.span.start), "", "leave it out")
        message = "a program is a schedule, and returns nothing"
        fixes = (own,) if len(statements) == 2 else ()
        return Problem("second-schedule", first.span, message, "leave the `return` out", fixes)
    if first.id in {"import", "from"}:
        message = "a program has no imports: the shape library is always there"
        return Problem("second-schedule", first.span, message, "leave this line out")
    if first.id in FOREIGN:
        message = f"there is no `{first.id}`"
        return Problem("unexpected-token", first.span, message, FOREIGN[first.id])
    return None


def _is_factor(rest: Sequence[Statement]) -> bool:
    return len(rest) == 1 and isinstance(rest[0], Number) and not rest[0].span.text.isdecimal()


def second_schedule(span: Span, pair: Sequence[Statement] = ()) -> Problem:
    """The problem of a schedule after another.

    Args:
        span: where it stands.
        pair: the first one and the second, if nothing else stands between them.
    """
    message = "one program has one schedule, and here a second one starts"
    help = "to run one after the other, put `>>` between them"
    fixes: tuple[Fix, ...] = ()
    parts = [s.body if isinstance(s, Target) else s for s in pair]
    other = any(isinstance(s, Target) and s.name != "lr" for s in pair)
    if not other and parts and all(isinstance(part, Call | Name | Operation) for part in parts):
        fixes = (fix(Span(span.source, span.start, span.start), ">> ", "put `>>` between them"),)
    return Problem("second-schedule", span, message, help, fixes)


def _last(statement: Statement) -> Expression | None:
    """The expression that a statement ends with."""
    node = statement.body if isinstance(statement, Definition | Target) else statement
    while isinstance(node, Operation):
        node = node.operands[-1]
    return node


def _unit(number: Expression | None, word: Statement) -> str | None:
    """The unit that a word after a number is."""
    bare = isinstance(number, Number) and number.spelling[-1:].isdecimal()
    return unit_of(word.id) if bare and isinstance(word, Name) else None


def _torn_unit(statements: Sequence[Statement], unit: str) -> Problem:
    """The problem of a unit that is not written against its number."""
    first, word = statements[0], statements[1]
    number = _last(first)
    assert number is not None
    span = number.span.to(word.span)
    length = f"{number.span.text}{unit}"
    message = f"`{shortened(word.span.text)}` does not belong here"
    help = f"a unit is written against its number: `{length}`"
    text = length
    if first is number:  # a program that is a length
        text = f"const({length})"
        help += f"; to hold the rate for that long, write `{text}`"
    fixes = (fix(span, text, safe=first is not number),) if len(statements) == 2 else ()
    return Problem("unexpected-token", word.span, message, help, fixes)


def _calls(statements: Sequence[Statement]) -> tuple[Edit, ...]:
    """The edits that put numbers after the names of shapes in parentheses: ``warmup 5``."""
    edits: list[Edit] = []
    for before, after in pairwise(statements):
        name, number = _last(before), _first(after)
        if not (isinstance(name, Name) and isinstance(number, Number)):
            return ()
        definition = library.find(name.id)
        if definition is None or not definition.parameters:
            return ()
        edits.append(
            Edit(name.span.to(number.span), f"{name.id}({argument(name.id, number.span.text)})")
        )
    return tuple(edits)


def _first(statement: Statement) -> Expression | None:
    """The expression that a statement starts with."""
    node = statement.body if isinstance(statement, Definition | Target) else statement
    while isinstance(node, Operation):
        node = node.operands[0]
    return node


def _held(statements: Sequence[Statement]) -> Problem | None:
    """The problem of ``0.1 for 20 steps``."""
    value, word, *length = statements
    lasts = _lasts(word, length)
    if lasts is None or not isinstance(value, Number | Name | Call):
        return None
    shape = library.find(value.id) if isinstance(value, Name) else None
    help = "to give a schedule a length, write"
    if shape is not None and shape.keyword == "shape":
        text = f"{shape.name}({lasts})"
    elif isinstance(value, Call):
        text = f"over({lasts}, {value.span.text})"
    else:
        text, help = f"const({lasts}, {value.span.text})", "to hold a value for a length, write"
    message, help = f"`{word.span.text}` does not belong here", f"{help} `{text}`"
    span = value.span.to(statements[-1].span)
    return Problem("second-schedule", word.span, message, help, (fix(span, text),))


def _each_held(statements: Sequence[Statement]) -> Problem | None:
    """The problem of ``0.1 >> 0.01 for 20 steps``: numbers, and the length of all of them."""
    first, word, *length = statements
    body = first.body if isinstance(first, Target) else first
    lasts = _lasts(word, length)
    if lasts is None or not isinstance(body, Operation) or body.op != ">>":
        return None
    values = [operand.span.text for operand in body.operands if isinstance(operand, Number)]
    if len(values) < len(body.operands):
        return None
    texts = [" >> ".join(f"const({lasts}, {value})" for value in values)]
    help = f"to hold each value for that length, write `{on_one_line(texts[0])}`"
    if len(values) == 2:
        texts.append(f"linear({lasts}, {', '.join(values)})")
        help += f"; for a line between them, `{texts[1]}`"
    span = body.span.to(statements[-1].span)
    message = f"`{word.span.text}` does not belong here"
    return Problem("second-schedule", word.span, message, help, tuple(fix(span, t) for t in texts))


def _lasts(word: Statement, length: Sequence[Statement]) -> str | None:
    """The length of ``for 20 steps``; None for other words."""
    if not (isinstance(word, Name) and word.id.lower() in LASTS and length):
        return None
    amount = length[0]
    unit = _unit(amount, length[1]) if len(length) == 2 and isinstance(amount, Number) else ""
    if not isinstance(amount, Number) or unit is None or len(length) > 2:
        return None
    return amount.span.text + ("" if unit == "st" else unit)
