"""Schedules of other systems, and their counterparts."""

from __future__ import annotations

import re
from collections.abc import Callable

from lrdsl.check.library import Counterpart, counterparts, find
from lrdsl.check.signatures import Interface, signature
from lrdsl.text.nodes import Call, Definition, Name, Operation
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


def written_here(definition: Definition, other: Counterpart, call: Call) -> str | None:
    """The program for a call of another system's function, if it takes more than one call.

    Args:
        definition: the library's definition.
        other: the other system's name and arguments.
        call: a call by the other system's name.

    Returns:
        The program with the arguments of the call; None if they leave something open.
    """
    program = here(definition, other)
    names = [*other.arguments]
    given: dict[str, str] = {}
    for argument in call.arguments:
        # The order of arguments is known where there is one of them.
        name = argument.name or (names[0] if len(names) == 1 and not given else "")
        if name not in names or name in given:
            return None
        given[name] = argument.value.span.text
    if given.keys() != other.arguments.keys():
        return None
    return re.sub(r"[A-Za-z_]\w*", lambda word: given.get(word[0], word[0]), program)


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
