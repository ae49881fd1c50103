"""Captures: the numbers in the names of groups that a pattern such as ``layers.{i}.*`` picks out.

Loaded only where a selector has a brace.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fnmatch import translate
from functools import lru_cache

from lrdsl.check.problems import Problem
from lrdsl.diagnostics.fix import fix
from lrdsl.limits import STEPS
from lrdsl.text.source import Span

# A doubled brace, a capture, or a brace that is neither.
_BRACE = re.compile(r"\{\{|\}\}|\{([A-Za-z_]\w*)\}|[{}]", re.ASCII)
# A whole run of digits.
_DIGITS = r"(?<![0-9])({}[0-9]+)(?![0-9])"
# What stands for a capture while the rest of a pattern is translated.
_MARK = "\ue000"
# A capture as format strings and other languages have it: ``{}``, ``{0}``, ``{i:d}``, ``{ i }``.
_OTHER = re.compile(
    r"(?<!\{)\{[ \t]*(?:([A-Za-z_]\w*)(?:[ \t]+|[ \t]*:[^{}]*)|[0-9]*[ \t]*)\}(?!\})", re.ASCII
)


def names_in(pattern: str, span: Span, problems: list[Problem]) -> tuple[str, ...]:
    """What a pattern calls its captures, each once.

    Args:
        pattern: the text between the quotes.
        span: where it stands.
        problems: takes what is wrong with its braces.
    """
    found: dict[str, None] = {}
    if other := _OTHER.search(pattern):
        place = Span(span.source, span.start + other.start(), span.start + other.end())
        name = other[1] or "i"
        message = f"`{other[0]}` is not a capture: it is a name in braces"
        own = fix(place, f"{{{name}}}", f"write `{{{name}}}`")
        help = f"write `{{{name}}}`; for braces in a name, `{{{{` and `}}}}`"
        problems.append(Problem("bad-selector", place, message, help, (own,)))
        return (name,)
    for match in _BRACE.finditer(pattern):
        if match[1] is not None:
            found[match[1]] = None
            if _is_in_class(pattern, match.start()):
                place = Span(span.source, span.start + match.start(), span.start + match.end())
                message = f"`{match[0]}` stands in `[…]`, which is one letter of a name"
                help = "write it outside of the `[…]`; a bracket in a name is `[[]`"
                problems.append(Problem("bad-selector", place, message, help))
        elif len(match[0]) == 1:
            place = Span(span.source, span.start + match.start(), span.start + match.end())
            message = f"`{match[0]}` in a pattern belongs to a capture such as `{{i}}`"
            own = fix(place, match[0] * 2, f"write `{match[0] * 2}`")
            help = f"for a brace in a name, write `{match[0] * 2}`"
            problems.append(Problem("bad-selector", place, message, help, (own,)))
    return tuple(found)


def _is_in_class(pattern: str, place: int) -> bool:
    """True if a place is in square brackets that are closed."""
    i = 0
    while i < place:
        end = _end_of_class(pattern, i) if pattern[i] == "[" else i
        if i < place < end:
            return True
        i = max(end, i + 1)
    return False


def _end_of_class(pattern: str, start: int) -> int:
    """The place after the `]` of a `[` as fnmatch reads it, or that of the `[` without one."""
    first = start + 1 + pattern.startswith("!", start + 1)
    end = pattern.find("]", first + 1)
    return start if end < 0 else end + 1


@lru_cache(256)
def _compiled(pattern: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """The regular expression of a pattern, and the name of each of its groups.

    Each `*` takes as few letters as possible and is not asked again, as in fnmatch: so a name is
    read once, whatever the pattern.
    """
    names: list[str] = []

    def literal(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0][0]
        names.append(match[1])
        return _MARK

    stretches = _BRACE.sub(literal, pattern).split("*")
    made: list[str] = []
    stars = 0
    for place, stretch in enumerate(stretches):
        text = _expression(stretch)
        if place == 0:
            made.append(text)
        elif place == len(stretches) - 1:
            made.append(f".*{text}" if _MARK not in stretch else f".*?{text}")
        elif stretch:
            made.append(f"(?=(?P<s{stars}>.*?{text}))(?P=s{stars})")
            stars += 1
    expression = "".join(made)
    order: list[str] = []
    parts = expression.split(_MARK)
    text = parts[0]
    for number, (name, part) in enumerate(zip(names, parts[1:], strict=True)):
        order.append(name)
        text += _DIGITS.format(f"?P<n{number}>") + part
    return re.compile(f"(?s:{text})\\Z", re.ASCII), tuple(order)


def _expression(stretch: str) -> str:
    """The regular expression of a stretch of a pattern without `*`."""
    made = translate(stretch)
    return made[made.index(":") + 1 : made.rindex(")")]


def captured(pattern: str, names: Sequence[str], group: str) -> tuple[int, ...] | None:
    """The numbers that a pattern captures in the name of a group; None if it does not match.

    Leading zeros are dropped, and captures of one name have to be equal.

    Args:
        pattern: the pattern.
        names: what it calls its captures, each once.
        group: the name of the group.
    """
    expression, order = _compiled(pattern)
    match = expression.match(group)
    if match is None:
        return None
    found: dict[str, int] = {}
    for number, name in enumerate(order):
        digits = match[f"n{number}"].lstrip("0") or "0"
        value = int(digits) if len(digits) <= len(str(STEPS)) else STEPS + 1
        if value > STEPS or found.setdefault(name, value) != value:
            return None
    return tuple([found[name] for name in names])


def literal(pattern: str) -> str:
    """A pattern without captures, with single braces, as fnmatch takes it."""
    return pattern.replace("{{", "{").replace("}}", "}")


def labeled(pattern: str, captures: Sequence[int]) -> str:
    """A pattern with the numbers it has captured: ``layers.{i=3}.*``.

    Args:
        pattern: the pattern.
        captures: a number for each of its names.
    """
    known: dict[str, int] = {}
    numbers = iter(captures)

    def shown(match: re.Match[str]) -> str:
        name = match[1]
        if name is None:
            return match[0]
        if name not in known:
            known[name] = next(numbers)
        return f"{{{name}={known[name]}}}"

    return _BRACE.sub(shown, pattern)


def representatives(
    patterns: Iterable[tuple[str, Sequence[str]]], groups: Iterable[str]
) -> tuple[str, ...]:
    """The first group with each set of captures: the names that expansions depend on.

    Args:
        patterns: the patterns, each with what it calls its captures.
        groups: the names of all groups.
    """
    kept: dict[str, None] = {}
    seen: set[tuple[str, tuple[int, ...]]] = set()
    listed = list(dict.fromkeys(groups))
    for pattern, names in patterns:
        for group in listed:
            found = captured(pattern, names, group)
            if found is not None and (pattern, found) not in seen:
                seen.add((pattern, found))
                kept[group] = None
    return tuple(kept)
