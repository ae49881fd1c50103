"""What the ``##`` text of a definition says, taken apart by its labels."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lrdsl.check import library
from lrdsl.check.arguments import signature
from lrdsl.text.nodes import Definition

_LABEL = re.compile(r"(Dive into Deep Learning|\w+): (.*)", re.DOTALL)
_CALL = re.compile(r"([\w.]+)(?:\(([^()]*)\))?(?: \(([^()]*)\))?")
_IS = re.compile(r"([\w.]+(?:\([^()]*\))?) is (.*)")
# A sign that parts, outside brackets.
_BETWEEN = r"{}\s+(?![^()]*\))"


@dataclass(frozen=True, slots=True)
class Notes:
    """The parts of a definition's documentation.

    Attributes:
        summary: what it is, in sentences.
        formula: the formula as it is usually written, or nothing.
        sources: where the formula is from.
        elsewhere: system and what it is called there, as the documentation says it.
    """

    summary: str
    formula: str
    sources: tuple[str, ...]
    elsewhere: tuple[tuple[str, str], ...]


def read(definition: Definition) -> Notes:
    """Takes the documentation of a definition apart."""
    lines = [
        line for line in library.text(definition).splitlines() if not line.startswith("Example: ")
    ]
    first = next((i for i, line in enumerate(lines) if _LABEL.fullmatch(line)), len(lines))
    formula = ""
    sources: list[str] = []
    elsewhere: list[tuple[str, str]] = []
    for clause in _clauses(lines[first:]):
        label = _LABEL.fullmatch(clause)
        if label is None:
            sources.append(clause)
        elif label[1] == "Formula":
            formula = label[2]
        else:
            elsewhere.append((label[1], label[2]))
    return Notes(" ".join(lines[:first]), formula, tuple(sources), tuple(elsewhere))


def _clauses(lines: list[str]) -> list[str]:
    """What stands between semicolons; a label at the start of a line starts a clause too."""
    text = ""
    for line in lines:
        starts = _LABEL.fullmatch(line) and text.endswith((".", ";"))
        text = f"{text[:-1]}; {line}" if starts else f"{text} {line}"
    return re.split(_BETWEEN.format(";"), text.strip().removesuffix("."))


@dataclass(frozen=True, slots=True)
class Translation:
    """How something is written elsewhere, and here.

    Attributes:
        there: the call elsewhere.
        remark: what has to be said about it, or nothing.
        here: the call that replaces it.
    """

    there: str
    remark: str
    here: str


def translations(definition: Definition, there: str) -> list[Translation]:
    """What is written elsewhere, and what is written here instead.

    Args:
        definition: the definition that stands for it.
        there: how the documentation words it: ``StepLR(step_size = every, gamma)``, or
            ``CALL is PROGRAM``. A second bracket behind a space holds a remark, or arguments here.
    """
    if means := _IS.fullmatch(there):
        return [Translation(means[1], "", means[2])]
    found = []
    for part in re.split(_BETWEEN.format(","), there):
        call = _CALL.match(part)
        assert call, there
        extra = call[3] or ""
        theirs, given = _arguments(definition, call[2] or "")
        only, more = (
            _arguments(definition, extra) if "=" in extra else ([extra] if extra else [], {})
        )
        remark = " ".join([*only, part[call.end() :].strip()]).strip()
        words = f"{call[1]}({', '.join(theirs)})" if theirs else call[1]
        found.append(Translation(words, remark, _call(definition, given | more)))
    return found


def _arguments(definition: Definition, text: str) -> tuple[list[str], dict[str, str]]:
    """The arguments as they are written there, and what they give to our parameters."""
    names = [parameter.name for parameter in signature(definition)]
    theirs: list[str] = []
    given: dict[str, str] = {}
    for argument in filter(None, text.split(", ")):
        left, equals, right = argument.partition(" = ")
        if equals and right not in names and left in names:
            given[left] = right
            continue
        theirs.append(left if not equals or right in names else f"{left}={right}")
        ours = right or left
        if ours in names:
            given[ours] = left
    return theirs, given


def _call(definition: Definition, given: dict[str, str]) -> str:
    """Our call with those arguments; the ones it needs besides are left open."""
    words = []
    by_place = True
    for parameter in signature(definition):
        needed = parameter.default is None
        by_place = by_place and not parameter.keyword_only and (parameter.name in given or needed)
        if parameter.name in given:
            value = given[parameter.name]
            words.append(value if by_place else f"{parameter.name} = {value}")
        elif needed:
            words.append(parameter.name)
    return f"{definition.name}({', '.join(words)})" if words else definition.name
