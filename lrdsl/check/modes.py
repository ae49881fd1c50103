"""The modes of a `plateau` by position, where other systems have them: ``plateau("max", 0.5)``.

Loaded only to report a call.
"""

from __future__ import annotations

from collections.abc import Sequence

from lrdsl.check.arguments import MODES, mode_of
from lrdsl.check.problems import Problem
from lrdsl.check.signatures import Interface
from lrdsl.diagnostics.fix import fix
from lrdsl.text.nodes import Argument
from lrdsl.text.source import Span
from lrdsl.wording import on_one_line


def by_place(interface: Interface, arguments: Sequence[Argument], call: Span) -> Problem:
    """The problem of a call with a mode by position, and the call with it by name.

    Args:
        interface: the parameters of what is called.
        arguments: those of the call, with the word of a mode among them.
        call: the call.
    """
    words = [(argument, word) for argument in arguments if (word := mode_of(argument))]
    (first, word), name = words[0], interface.definition.name
    others = [argument for argument in arguments if mode_of(argument) is None]
    placed = [argument for argument in others if argument.name is None]
    message = f"`{MODES[word]}` of `{name}` goes by name"
    if len(placed) > sum(not parameter.keyword_only for parameter in interface.parameters):
        help = f"the last arguments go by name too, as in `{name}(0.1, 10, mode = {word})`"
        return Problem("surplus-argument", first.span, message, help)
    is_open = any(word == "auto" for _, word in words)
    calls: list[str] = []
    for choice in ("min", "max") if is_open else (word,):
        named = [f"{MODES[w]} = {choice if w == 'auto' else w}" for _, w in words]
        calls.append(f"{name}({', '.join([*(other.span.text for other in others), *named])})")
    help = f"write `{on_one_line(calls[0])}`" + (", or `max`" if is_open else "")
    fixes = tuple([fix(call, text) for text in calls])
    return Problem("surplus-argument", first.span, message, help, fixes)
