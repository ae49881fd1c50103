"""Schedules of other systems, and their counterparts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from lrdsl.check.library import Counterpart, counterparts, find
from lrdsl.check.signatures import Interface, signature
from lrdsl.text.nodes import (
    Argument,
    Call,
    Definition,
    Expression,
    Items,
    Name,
    Number,
    Operation,
)
from lrdsl.text.source import Span


def there(other: Counterpart) -> str:
    """The call in the other system, such as ``CosineAnnealingLR(T_max, eta_min)``."""
    settings = (f"{name}={value}" for name, value in other.settings.items())
    arguments = ", ".join([*settings, *other.arguments])
    return f"{other.name}({arguments})" if arguments else other.name


def here(definition: Definition, other: Counterpart) -> str:
    """The program that replaces it, with the other system's names for its arguments.

    A parameter that needs a value and has no counterpart stands for itself:
    ``cosine(T_max, end = eta_min)``, ``points(times, values)``.

    Args:
        definition: the library's definition.
        other: the other system's name and arguments.
    """
    if other.program is not None:
        return other.program
    given = {ours: theirs for theirs, ours in other.arguments.items() if ours is not None}
    words: list[str] = []
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


def written_here(
    interface: Interface, other: Counterpart, arguments: Sequence[Argument]
) -> str | None:
    """The program for a call of another system's function, if it is not only another name.

    Args:
        interface: the parameters of the library's definition.
        other: the other system's name and arguments.
        arguments: those of the call, in the other system's order and by its names.

    Returns:
        The program with these arguments; None if they leave something open.
    """
    given = _given(interface, other, arguments)
    if given is None:
        return None
    values = {name: argument.value for name, argument in given.items()}
    for program in (other.call, other.program):
        if program is not None and (text := _filled(program, values, other)):
            return text
    if other.program is not None or all(a.name for a in arguments):
        return None
    return _called(interface, other, values)


def as_far_as_known(other: Counterpart, arguments: Sequence[Argument]) -> str:
    """The program that another system's name stands for, with the values of a call.

    Args:
        other: the other system's name and arguments, with its program.
        arguments: those of the call; what they leave open keeps its name.
    """
    assert other.program is not None
    texts = {a.name: a.value.span.text for a in arguments if a.name is not None}
    known = {**other.defaults, **texts} if arguments else {}
    return _WORD.sub(lambda word: known.get(word[0], word[0]), other.program)


def _given(
    interface: Interface, other: Counterpart, arguments: Sequence[Argument]
) -> dict[str, Argument] | None:
    """The arguments of a call by the other system's names; None if it has no such arguments."""
    order = [*(other.order or other.arguments)]
    given: dict[str, Argument] = {}
    for place, argument in enumerate(arguments):
        if argument.name is None and place >= len(order):
            return None
        name = argument.name or order[place]
        known = name in order or name in other.arguments or name in interface.names
        if name in given or not known:
            return None
        given[name] = argument
    return given


_WORD = re.compile(r"[A-Za-z_]\w*(?![\w(]| *=)")


def _filled(program: str, values: Mapping[str, Expression], other: Counterpart) -> str | None:
    """A program with the values of a call; None if it needs others, or has no use for one."""
    names = {*other.arguments, *other.order}
    uses = [word for word in _WORD.findall(program) if word in names]
    texts = {name: value.span.text for name, value in values.items()}
    missing = {word for word in uses if word not in texts} - other.defaults.keys()
    if missing or not texts.keys() <= {*uses}:
        return None
    if not all(_fills(name, value, uses.count(name)) for name, value in values.items()):
        return None
    known = {**other.defaults, **texts}
    text = _WORD.sub(lambda word: known.get(word[0], word[0]), program)
    text = re.sub(r"\b([0-9]+) - ([0-9]+)\b(?![.\w%])", _difference, text)
    if "(-" in text or "(0)" in text:  # the run is shorter than its warm-up
        return None
    return re.sub(r"\bbase \* 1(?:\.0)?(?=[,)]| / )", "base", text)


def _fills(name: str, value: Expression, uses: int) -> bool:
    """True if a value can stand where a program has its name: twice, or in a calculation."""
    if not isinstance(value, Number):
        return uses == 1 and not isinstance(value, Operation)
    counts = re.search("steps|iters|update", name) is not None
    return not counts or "." not in value.spelling


def _difference(match: re.Match[str]) -> str:
    return str(int(match[1]) - int(match[2]))


def _called(
    interface: Interface, other: Counterpart, values: Mapping[str, Expression]
) -> str | None:
    """The call here that a call there is, its arguments in our order; None if it needs others."""
    ours: dict[str, str] = {}
    kinds = {p.name: k for p, k in zip(interface.parameters, interface.kinds, strict=True)}
    for name, value in {**other.defaults, **values}.items():
        own = other.arguments.get(name, name)
        if own is None or own not in interface.names or own in ours:
            return None
        if not isinstance(value, str) and not may_be(kinds[own], value):
            return None
        ours[own] = value if isinstance(value, str) else value.span.text
    words: list[str] = []
    by_place = True
    for parameter in interface.parameters:
        by_place = by_place and not parameter.keyword_only and parameter.name in ours
        if parameter.name in ours:
            text = ours[parameter.name]
            words.append(text if by_place else f"{parameter.name} = {text}")
        elif parameter.default is None:
            return None
    return f"{interface.definition.name}({', '.join(words)})"


def held(arguments: Sequence[Argument]) -> str | None:
    """The part that holds a rate, for a call with no more than that: ``constant(0.1)``.

    Args:
        arguments: those of the call.
    """
    values = [a.value for a in arguments if a.name is None]
    if len(arguments) != 1 or not values or may_be("steps", values[0]):
        return None
    return f"const(value = {values[0].span.text})" if may_be("number", values[0]) else None


def are_stairs(arguments: Sequence[Argument]) -> bool:
    """True if a call has a value before each of its times, and one after the last.

    Args:
        arguments: those of the call.
    """
    lists = [len(a.value.items) for a in arguments if isinstance(a.value, Items)]
    return len(lists) == len(arguments) == 2 and lists[1] == lists[0] + 1


def grouped(text: str, place: Span) -> str:
    """A sequence in parentheses, where it would be torn apart without.

    Args:
        text: the sequence.
        place: the stretch to replace.
    """
    source = place.source.text
    before, after = source[: place.start].rstrip(), source[place.end :].lstrip()
    tight = before[-1:] in {"*", "/", "+", "-", "^"} or after[:1] in {"*", "/", "+", "-", "^"}
    return f"({text})" if tight else text


def counterpart(
    interfaces: Callable[[Definition], Interface], name: str, node: Name | Call
) -> tuple[str, Counterpart | None] | None:
    """What another system's name is called here; a combinator where it is given a schedule.

    Args:
        interfaces: the parameters of definitions.
        name: the other system's name.
        node: the name, or the call of it.
    """
    found = counterparts(name)
    given = [argument.value for argument in node.arguments] if isinstance(node, Call) else []
    if len(found) > 1 and any(isinstance(value, Call | Operation) for value in given):
        for known in found:
            definition = find(known[0])
            if definition is not None and "schedule" in interfaces(definition).kinds:
                return known
    return found[0] if found else None


def may_be(kind: str, value: Expression) -> bool:
    """True if what is written can be of a kind, as far as its spelling shows.

    Args:
        kind: what a parameter takes.
        value: the argument.
    """
    match value:
        case Number():
            plain = re.fullmatch(r"[0-9_]+[kMB]?|[0-9.]+e[0-9]+", value.spelling) is not None
            unit = re.search(r"[A-Za-z%]$", value.spelling.rstrip("kMB")) is not None
            if kind == "steps":
                return plain or unit
            return kind == "any" or (kind == "number" and not unit)
        case Items():
            return kind in {"[steps]", "[number]", "any"}
    return not kind.startswith("[") or not isinstance(value, Operation)
