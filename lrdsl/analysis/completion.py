"""What may be written at a place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from lrdsl.analysis import words
from lrdsl.analysis.called import Callables, Called, Parameter
from lrdsl.analysis.signature import OpenCall, open_call
from lrdsl.check import library
from lrdsl.check.kinds import Kind
from lrdsl.check.state import LOCAL_WORDS
from lrdsl.check.state import WORDS as EVERYWHERE
from lrdsl.formula.functions import FUNCTIONS
from lrdsl.record import record, replace
from lrdsl.text.grammar import pieces_of_any
from lrdsl.text.nodes import Definition, Module, Target
from lrdsl.text.source import Source, comments

CompletionKind = Literal[
    "argument", "function", "group", "keyword", "shape", "target", "unit", "value", "word"
]
# A word that is being written, and a number that waits for its unit.
_WORD = re.compile(r"[A-Za-z_]\w*\Z")
_NUMBER = re.compile(r"(?<![\w.])(\.?[0-9][0-9_]*\.?[0-9]*[kMB]?)([A-Za-z%]*)\Z")
_SELECTOR = re.compile(r'\[\s*"([^"\n]*)\Z')
# The kinds of arguments that can be schedules.
_SCHEDULES = {None, "schedule", "any"}
# The heading of the library under which values of the kind `function` are.
_EASES = "eases"


@record
class Completion:
    """Something that may be written.

    Attributes:
        label: what is written.
        kind: what it is.
        detail: its signature, its kind or its value, in one line; may be empty.
        documentation: what it does; may be empty.
        start: the offset from which on it replaces what is written.
        rank: 0 for what is most likely, and more for the rest.
    """

    label: str
    kind: CompletionKind
    detail: str
    documentation: str
    start: int
    rank: int = 0


def completions(
    source: Source, offset: int, module: Module, callables: Callables, units: tuple[str, ...]
) -> tuple[Completion, ...]:
    """What may be written at a place of a document, the likeliest first.

    Args:
        source: the text, which may be unfinished, and where it stands.
        offset: the place.
        module: the syntax tree, of as much of the text as parsed.
        callables: what its names stand for.
        units: the units of the run besides those of the language.
    """
    here, written = source.inner(offset), source.whole[:offset]
    if here is None:
        return ()
    found = [
        replace(one, start=source.outer(one.start, here)[0])
        for one in _in_text(source.text, here, module, callables, units)
    ]
    found.sort(key=lambda one: (not one.label.startswith(written[one.start :]), one.rank))
    return tuple(found)


def _in_text(
    text: str, offset: int, module: Module, callables: Callables, units: tuple[str, ...]
) -> Iterator[Completion]:
    """What may be written at a place of a text."""
    before = text[:offset]
    if any(start < offset <= start + len(comment) for start, comment in comments(text)):
        return
    if selector := _SELECTOR.search(before):
        yield from _groups(module, offset - len(selector[1]), selector[1])
        return
    if before.count('"', before.rfind("\n") + 1) % 2:
        return
    if number := _NUMBER.search(before):
        yield from _units(offset - len(number[2]), units)
        return
    word = _WORD.search(before)
    start = offset - len(word[0]) if word else offset
    yield from _names(text, start, module, callables)


def _names(text: str, start: int, module: Module, callables: Callables) -> Iterator[Completion]:
    """Arguments, definitions, shapes, functions and words."""
    pieces = list(pieces_of_any(text[:start]))
    call = open_call(text, start)
    called = callables.find(call.name) if call is not None else None
    expected = _expected(call, called)
    last = pieces[-1][1] if pieces else ""
    if call is not None and called is not None and last in {"LPAR", "COMMA"}:
        yield from _arguments(start, call, called)
    if call is None and last in {"", "RPAR", "NAME", "NUMBER", "RSQB", "STRING"}:
        yield from _statements(start)
    inside = _inside(module, start)
    if inside is not None:
        for parameter in inside.parameters:
            yield Completion(parameter.name, "value", "parameter", "", start)
        if inside.keyword == "shape":
            for word in LOCAL_WORDS:
                yield Completion(word, "word", "", words.WORDS[word], start)
    yield from _own(start, module, callables)
    yield from _library(start, callables, expected)
    for word in EVERYWHERE:
        yield Completion(word, "word", "", words.WORDS[word], start, 2)
    rank = 1 if inside is not None else 4
    for name in FUNCTIONS:
        found = callables.find(name)
        if found is not None:
            yield Completion(name, "function", found.signature, found.about, start, rank)


def _expected(call: OpenCall | None, called: Called | None) -> Kind | None:
    """The kind of value that the argument at a place takes."""
    if call is None or called is None:
        return None
    parameter: Parameter | None = None
    if call.keyword is not None:
        parameter = next((p for p in called.parameters if p.name == call.keyword), None)
    elif call.before < len(called.parameters):
        parameter = called.parameters[call.before]
    return parameter.kind if parameter is not None else None


def _arguments(start: int, call: OpenCall, called: Called) -> Iterator[Completion]:
    """The arguments that are not given yet."""
    if called.definition is None:
        return
    for parameter in called.parameters[call.before - len(call.given) :]:
        if parameter.name not in call.given:
            detail = f"{parameter.text}: {words.KINDS.get(parameter.kind, parameter.kind)}"
            yield Completion(f"{parameter.name} = ", "argument", detail, "", start)


def _statements(start: int) -> Iterator[Completion]:
    for word, about in words.KEYWORDS.items():
        if word != "where":
            yield Completion(f"{word} ", "keyword", "", about, start, 3)
    for word, about in words.TARGETS.items():
        yield Completion(f"{word}: ", "target", "", about, start, 3)


def _own(start: int, module: Module, callables: Callables) -> Iterator[Completion]:
    """The definitions of the text."""
    for statement in module.statements:
        if isinstance(statement, Definition):
            called = callables.find(statement.name)
            is_called = called is not None and statement.keyword in {"def", "shape"}
            detail = called.signature if called is not None and is_called else statement.keyword
            kind: CompletionKind = "shape" if is_called else "value"
            yield Completion(statement.name, kind, detail, statement.doc, start)


def _library(start: int, callables: Callables, expected: Kind | None) -> Iterator[Completion]:
    """The definitions of the library: what formulas are made of comes after schedules."""
    for heading, names in library.sections().items():
        is_ease = heading == _EASES
        rank = 1
        if is_ease or heading.startswith("helpers"):
            rank = 0 if is_ease and expected == "function" else 4
        elif expected not in _SCHEDULES:
            continue
        for name in names:
            called = callables.find(name)
            if called is not None:
                kind: CompletionKind = "function" if rank == 4 or is_ease else "shape"
                yield Completion(name, kind, called.signature, called.about, start, rank)


def _units(start: int, units: tuple[str, ...]) -> Iterator[Completion]:
    for unit, about in words.UNITS.items():
        yield Completion(unit, "unit", about, "", start)
    for unit in units:
        if unit not in words.UNITS:
            yield Completion(unit, "unit", "a unit of the run", "", start)


def _groups(module: Module, start: int, written: str) -> Iterator[Completion]:
    """The selectors that the text has elsewhere."""
    found = [s.selector for s in module.statements if isinstance(s, Target) and s.selector]
    for selector in dict.fromkeys(found):
        name = selector.strip('"')
        if selector.startswith('"') and name != written:
            yield Completion(name, "group", "a selector of this text", "", start)


def _inside(module: Module, offset: int) -> Definition | None:
    """The definition whose parameters can be used at a place."""
    for statement in module.statements:
        if isinstance(statement, Definition) and statement.keyword in {"def", "shape"}:
            text = module.source.text
            end = statement.span.end
            if statement.span.start < offset and not text[end:offset].strip(" \t+-*/^(,"):
                return statement
            if statement.span.start < offset <= end:
                return statement
    return None
