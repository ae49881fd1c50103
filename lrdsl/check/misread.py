"""Statements of another language that parse, as something that nobody meant.

``lr <- cosine(20)`` is a comparison, and ``warmup: 5`` drives a hyperparameter of that name.
Loaded only where a text has such a statement.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lrdsl.check import library
from lrdsl.check.hyperparameters import meant as meant_hyperparameter
from lrdsl.check.problems import Problem
from lrdsl.check.sentences import argument
from lrdsl.diagnostics.fix import Fix, fix
from lrdsl.record import record
from lrdsl.text.definition_hints import RATES, assignment
from lrdsl.text.hint import HYPERPARAMETERS, unit_of
from lrdsl.text.nodes import Definition, Items, Name, Number, Operation, Statement, Target
from lrdsl.text.settings import referred, setting
from lrdsl.text.source import Span
from lrdsl.text.statement_words import meant

# An assignment as R has it, which reads as a comparison with what is less than 0.
_ARROW = re.compile(r"([A-Za-z_]\w*)[ \t]*(<-)")


@record
class Misread:
    """Statements of another language that parse as something else.

    Attributes:
        problem: what is wrong with them.
        taken: how many they are.
        defined: the name that they were to define.
    """

    problem: Problem
    taken: int
    defined: Definition | None = None


def misread(statements: Sequence[Statement], place: int) -> Misread | None:
    """What is wrong with the statements from a place on, if they are of another language.

    Args:
        statements: all of them.
        place: where to look.
    """
    first = statements[place]
    if (found := _in_other_words(statements, place)) is not None:
        return found
    if isinstance(first, Operation):
        return _assigned(first)
    others = [*statements[:place], *statements[place + 1 :]]
    if (found := _assigned_with_colon(first, others)) is not None:
        return found
    count = _called_with_colons(statements, place)
    if not count:
        return None
    others = [s for s in (*statements[:place], *statements[place + count :]) if _drives_rate(s)]
    return Misread(_colons(statements[place : place + count], alone=not others), count)


def _in_other_words(statements: Sequence[Statement], place: int) -> Misread | None:
    """``run total: 90ep``, ``scalar kl weight: …``: the line is one statement."""
    first = statements[place]
    text = first.span.source.text
    line = meant(text, first.span.start)
    is_run = line is not None and line.text.startswith("run")
    if line is None or not (is_run or line.start == first.span.start):
        return None
    end = text.find("\n", line.end) if "\n" in text[line.end :] else len(text)
    taken = sum(1 for other in statements[place:] if other.span.start < end)
    span = Span(first.span.source, line.start, line.end)
    own = fix(span, line.text, line.help)
    problem = Problem("unexpected-token", span, line.message, line.help, (own,))
    return Misread(problem, taken)


def _drives_rate(statement: Statement) -> bool:
    if isinstance(statement, Target):
        return statement.name == "lr" or (
            meant_hyperparameter(statement.name, ["lr"]) == "lr"
            and not isinstance(statement.body, Number)
        )
    return not isinstance(statement, Definition)


def _assigned(statement: Operation) -> Misread | None:
    """``lr <- cosine(20)``."""
    source, start = statement.span.source, statement.span.start
    arrow = _ARROW.match(source.text, start)
    first = statement.operands[0]
    while isinstance(first, Operation):
        first = first.operands[0]
    if arrow is None or not isinstance(first, Name):
        return None
    hint = assignment(source.text, start, arrow.end(1), *arrow.span(2))
    assert hint.text is not None
    own = fix(Span(source, hint.start, hint.end), hint.text, hint.title, safe=hint.safe)
    span = Span(source, *arrow.span(2))
    problem = Problem("unexpected-token", span, "`<-` does not belong here", hint.help, (own,))
    is_let = hint.text.startswith("let")
    named = Definition(first.span, "let", first.id, first.span, None) if is_let else None
    return Misread(problem, 1, named)


def _assigned_with_colon(statement: Statement, others: Sequence[Statement]) -> Misread | None:
    """``n: 20`` for a name that is used elsewhere, and ``learning_rate: 0.1``."""
    if not isinstance(statement, Target) or not isinstance(statement.body, Number | Items):
        return None
    name, value, source = statement.name, statement.body, statement.span.source
    if statement.selector is not None or name in HYPERPARAMETERS:
        return None
    message = f"`{name}` is no number of an optimizer"
    if (line := setting(source.text, statement.span.start)) is not None:
        place = Span(source, line.start, line.end)
        fixes = () if line.text is None else (fix(place, line.text, line.title),)
        return Misread(Problem("wrong-kind", statement.name_span, message, line.help, fixes), 1)
    if not isinstance(value, Number):
        return _of_betas(statement, value) if name in {"betas", "adam_betas"} else None
    if name in RATES:
        if any(map(_drives_rate, others)):
            help = f"`base` is the rate that the optimizer is built with: `lr={value.span.text}`"
            return Misread(Problem("wrong-kind", statement.name_span, message, help), 1)
        own = fix(statement.span, f"lr: {value.span.text}")
        return Misread(Problem("wrong-kind", statement.name_span, message, own.title, (own,)), 1)
    if name not in referred(source.text):
        return None
    title = f"write `let {name} = {value.span.text}`"
    gap = Span(source, statement.name_span.start, value.span.start)
    own = fix(gap, f"let {name} = ", title)
    named = Definition(statement.span, "let", name, statement.name_span, None)
    help = f"to name a value, {title}"
    return Misread(Problem("wrong-kind", statement.name_span, message, help, (own,)), 1, named)


def _of_betas(statement: Target, value: Items) -> Misread:
    """``betas: [0.9, 0.999]``, of which each is a number of its own."""
    held = [
        f"beta{n}: const(value = {item.span.text})" for n, item in enumerate(value.items, start=1)
    ]
    help = f"each of the betas is driven by itself: write `{' '.join(held)}`"
    own = fix(statement.span, "\n".join(held), "write one line for each")
    message = "`betas` is a list, and a schedule gives one number"
    return Misread(Problem("wrong-kind", statement.name_span, message, help, (own,)), 1)


def _called_with_colons(statements: Sequence[Statement], place: int) -> int:
    """How many statements from a place on are of ``warmup: 5 cosine: 20 const``."""
    end = place
    if isinstance(statements[place], Target):
        while end < len(statements) and (taken := _shape_of(statements, end)):
            end += taken[1]
    return end - place


def _shape_of(statements: Sequence[Statement], place: int) -> tuple[str, int] | None:
    """A shape with its length as if it were driven, or by itself, as a call; and how many it is."""
    statement = statements[place]
    if isinstance(statement, Name):
        return (statement.id, 1) if library.find(statement.id) else None
    if not isinstance(statement, Target) or not isinstance(statement.body, Number):
        return None
    shape = library.find(statement.name)
    if statement.selector is not None or shape is None or not shape.parameters:
        return None
    length, taken = statement.body.span.text, 1
    follows = statements[place + 1] if place + 1 < len(statements) else None
    if isinstance(follows, Name) and length[-1:].isdecimal() and (unit := unit_of(follows.id)):
        length, taken = length + ("" if unit == "st" else unit), 2
    return f"{shape.name}({argument(shape.name, length)})", taken


def _colons(statements: Sequence[Statement], *, alone: bool) -> Problem:
    """The problem of shapes that have colons for parentheses."""
    parts: list[str] = []
    place = 0
    while place < len(statements) and (found := _shape_of(statements, place)):
        parts.append(found[0])
        place += found[1]
    text = " >> ".join(parts)
    span = statements[0].span.to(statements[-1].span)
    assert isinstance(statements[0], Target)
    message = f"`{statements[0].name}` is a shape, and no number of an optimizer"
    fixes: tuple[Fix, ...] = (fix(span, text),)
    help = f"write `{text}`"
    if not alone:
        help, fixes = f"a shape is a part of a schedule: `{text}`, joined with `>>`", ()
    return Problem("wrong-kind", statements[0].name_span, message, help, fixes)
