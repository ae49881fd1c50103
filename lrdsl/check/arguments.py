"""Arguments to parameters: which goes where, and everything that can be wrong about that."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from lrdsl.check import library
from lrdsl.check.kinds import Kind
from lrdsl.check.problems import Problem
from lrdsl.record import record
from lrdsl.text.nodes import Argument, Definition, Expression, Name, Number, Parameter
from lrdsl.text.source import Span
from lrdsl.wording import did_you_mean, plural


def signature(definition: Definition) -> tuple[Parameter, ...]:
    """The parameters of a definition; every shape can be given a length."""
    parameters = definition.parameters
    if definition.keyword == "shape" and all(p.name != "length" for p in parameters):
        span = definition.name_span
        default = Name(span, "rest")
        length = Parameter(span, "length", "steps", default=default, keyword_only=True)
        parameters = (*parameters, length)
    return parameters


@record
class Interface:
    """What a definition takes.

    Attributes:
        definition: the definition.
        parameters: its parameters, the ``length`` of every shape among them.
        kinds: what each of them takes.
        names: what they are called.
    """

    definition: Definition
    parameters: tuple[Parameter, ...]
    kinds: tuple[Kind, ...]
    names: frozenset[str]


def bind(
    interface: Interface, arguments: Sequence[Argument], call: Span
) -> tuple[dict[str, Argument], list[Problem]]:
    """Gives each argument its parameter.

    Returns:
        The arguments by parameter name, and what is wrong with them.
    """
    definition, parameters = interface.definition, interface.parameters
    if len(arguments) > 1 and (commas := _decimal_commas(arguments, len(parameters))):
        return {}, commas
    bound, problems = _positional(definition, arguments, parameters)
    problems += _keywords(interface, arguments, bound)
    if problems:
        return bound, problems
    missing: list[str] = []
    for parameter in parameters:
        if parameter.default is None and parameter.name not in bound:
            missing.append(f"`{parameter.name}`")
    if missing:
        names = " and ".join(missing)
        help = f"it is called as {usage(definition)}"
        # The caret belongs where the argument does: before the closing parenthesis.
        closed = call.text.endswith(")")
        span = Span(call.source, call.end - 1, call.end) if closed else call.after()
        message = f"`{definition.name}` needs {names}"
        problems.append(Problem("missing-argument", span, message, help))
    return bound, problems


def usage(definition: Definition) -> str:
    """How a definition is called: ``cosine(length = rest, start = prev, end = 0)``."""
    words: list[str] = []
    only = False
    for parameter in signature(definition):
        if parameter.keyword_only and not only:
            words.append("*")
            only = True
        default = parameter.default
        words.append(f"{parameter.name} = {default_text(default)}" if default else parameter.name)
    return f"`{definition.name}({', '.join(words)})`"


def default_text(default: Expression) -> str:
    """A default as it was written."""
    return default.id if isinstance(default, Name) else default.span.text


def _positional(
    definition: Definition, arguments: Sequence[Argument], parameters: Sequence[Parameter]
) -> tuple[dict[str, Argument], list[Problem]]:
    bound: dict[str, Argument] = {}
    problems: list[Problem] = []
    place = 0
    for argument in arguments:
        if argument.name is not None:
            continue
        if place < len(parameters) and not parameters[place].keyword_only:
            bound[parameters[place].name] = argument
            place += 1
        else:
            problems.append(_surplus(definition, argument, parameters))
    return bound, problems


def _surplus(
    definition: Definition, argument: Argument, parameters: Sequence[Parameter]
) -> Problem:
    places = [parameter for parameter in parameters if not parameter.keyword_only]
    count = f"at most {plural(len(places), 'argument')}"
    message = f"`{definition.name}` takes {count if places else 'no argument'} by position"
    named = [f"`{p.name} = …`" for p in parameters if p.keyword_only]
    if places and places[0].kind.startswith("["):
        help = f"`{places[0].name}` is one list: `{definition.name}([…])`"
    elif named:
        help = f"the rest go by name: {', '.join(named)}"
    else:
        help = f"call it as {usage(definition)}"
    return Problem("surplus-argument", argument.span, message, help)


def _keywords(
    interface: Interface, arguments: Sequence[Argument], bound: dict[str, Argument]
) -> list[Problem]:
    """Adds the arguments by name to those by position."""
    definition = interface.definition
    problems: list[Problem] = []
    named = False
    for argument in arguments:
        name = argument.name
        if name is None:
            if named:
                message = "an argument by position cannot follow one by name"
                help = "name it too, or move it to the front"
                problems.append(Problem("positional-after-named", argument.span, message, help))
            continue
        named = True
        if name in bound:
            message = f"`{definition.name}` is given `{name}` twice"
            help = "leave one of them out"
            problems.append(Problem("repeated-argument", argument.span, message, help))
        elif name not in interface.names:
            message = f"`{definition.name}` has no argument `{name}`"
            help = _renamed(interface, name)
            problems.append(Problem("unknown-argument", argument.span, message, help))
        else:
            bound[name] = argument
    return problems


def _renamed(interface: Interface, name: str) -> str:
    """What to write instead of the name of an argument that a definition does not have."""
    other = library.argument_elsewhere(interface.definition, name)
    if other in interface.names:
        return f"it is called `{other}` here"
    return did_you_mean(name, interface.names, f"call it as {usage(interface.definition)}")


def _decimal_commas(arguments: Sequence[Argument], places: int) -> list[Problem]:
    """Finds ``0,3`` where ``0.3`` was meant.

    Two whole numbers that touch their comma are taken for one when the first is 0, or when the
    call has more arguments than it can take.
    """
    surplus = len(arguments) > places
    problems: list[Problem] = []
    for left, right in pairwise(arguments):
        if right.name or not (
            isinstance(left.value, Number)
            and isinstance(right.value, Number)
            and left.value.spelling.isdecimal()
            and right.value.spelling.isdecimal()
        ):
            continue
        whole, decimals = left.value.span, right.value.span
        text = whole.to(decimals).text
        if text != f"{whole.text},{decimals.text}" or not (surplus or whole.text == "0"):
            continue
        help = f"write `{text.replace(',', '.')}`, or put a space after the comma of two arguments"
        message = f"`{text}` reads as two arguments"
        problems.append(Problem("decimal-comma", whole.to(decimals), message, help))
    return problems
