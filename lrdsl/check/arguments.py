"""Arguments to parameters: which goes where, and everything that can be wrong about that."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from lrdsl.check import library
from lrdsl.check.state import Checker, closest
from lrdsl.text.nodes import Argument, Definition, Name, Number, Parameter
from lrdsl.text.source import Span

# The kinds of parameters that are lengths.
LENGTHS = ("steps", "[steps]")


def signature(definition: Definition) -> tuple[Parameter, ...]:
    """The parameters of a definition; every shape can be given a length."""
    parameters = definition.parameters
    if definition.keyword == "shape" and all(p.name != "length" for p in parameters):
        span = definition.name_span
        default = Name(span, "rest")
        length = Parameter(span, "length", "steps", default=default, keyword_only=True)
        parameters = (*parameters, length)
    return parameters


def bind(
    checker: Checker, definition: Definition, arguments: Sequence[Argument], call: Span
) -> dict[str, Argument] | None:
    """Gives each argument its parameter.

    Returns:
        The arguments by parameter name, or None where something was wrong and reported.
    """
    parameters = signature(definition)
    before = checker.reported
    positional = [argument for argument in arguments if argument.name is None]
    if _decimal_commas(checker, definition, arguments, parameters):
        return None
    bound = _positional(checker, definition, positional, parameters)
    _keywords(checker, definition, arguments, parameters, bound)
    missing = [p for p in parameters if p.default is None and p.name not in bound]
    if missing and checker.reported == before:
        names = " and ".join(f"`{p.name}`" for p in missing)
        help = f"it is called as {usage(definition)}"
        # The caret belongs where the argument does: before the closing parenthesis.
        closed = call.text.endswith(")")
        span = Span(call.source, call.end - 1, call.end) if closed else call.after()
        checker.report("missing-argument", span, f"`{definition.name}` needs {names}", help)
    return bound if checker.reported == before else None


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


def default_text(default: object) -> str:
    """A default as it was written."""
    return default.id if isinstance(default, Name) else default.span.text  # type: ignore[attr-defined]


def _positional(
    checker: Checker,
    definition: Definition,
    arguments: Sequence[Argument],
    parameters: Sequence[Parameter],
) -> dict[str, Argument]:
    places = [p for p in parameters if not p.keyword_only]
    for argument in arguments[len(places) :]:
        count = f"at most {len(places)} argument{'s' * (len(places) != 1)}"
        message = f"`{definition.name}` takes {count if places else 'no argument'} by position"
        named = [f"`{p.name} = …`" for p in parameters if p.keyword_only]
        if places and places[0].kind.startswith("["):
            help = f"`{places[0].name}` is one list: `{definition.name}([…])`"
        elif named:
            help = f"the rest go by name: {', '.join(named)}"
        else:
            help = f"call it as {usage(definition)}"
        checker.report("surplus-argument", argument.span, message, help)
    return {place.name: argument for place, argument in zip(places, arguments, strict=False)}


def _keywords(
    checker: Checker,
    definition: Definition,
    arguments: Sequence[Argument],
    parameters: Sequence[Parameter],
    bound: dict[str, Argument],
) -> None:
    names = {p.name for p in parameters}
    named = False
    for argument in arguments:
        if argument.name is None:
            if named:
                message = "an argument by position cannot follow one by name"
                checker.report(
                    "positional-after-named",
                    argument.span,
                    message,
                    "name it too, or move it to the front",
                )
            continue
        named = True
        if argument.name in bound:
            message = f"`{definition.name}` is given `{argument.name}` twice"
            checker.report("repeated-argument", argument.span, message, "leave one of them out")
        elif argument.name not in names:
            nearest = closest(argument.name, names)
            message = f"`{definition.name}` has no argument `{argument.name}`"
            other = library.argument_elsewhere(definition, argument.name)
            if other in names:
                help = f"it is called `{other}` here"
            else:
                help = (
                    f"did you mean `{nearest}`?" if nearest else f"call it as {usage(definition)}"
                )
            checker.report("unknown-argument", argument.span, message, help)
        else:
            bound[argument.name] = argument


def _decimal_commas(
    checker: Checker,
    definition: Definition,
    arguments: Sequence[Argument],
    parameters: Sequence[Parameter],
) -> bool:
    """Reports ``0,3`` where ``0.3`` was meant.

    Two whole numbers that touch their comma are taken for one when the first is 0, or when the
    call has more arguments than it can take.
    """
    surplus = len(arguments) > len(parameters)
    found = False
    for left, right in pairwise(arguments):
        if right.name or not _whole(left.value) or not _whole(right.value):
            continue
        span = left.value.span.to(right.value.span)
        if "," not in span.text or len(span.text) != len(left.value.span.text) + 1 + len(
            right.value.span.text
        ):
            continue
        if surplus or left.value.span.text == "0":
            written = span.text.replace(",", ".")
            help = f"write `{written}`, or put a space after the comma of two arguments"
            checker.report("decimal-comma", span, f"`{span.text}` reads as two arguments", help)
            found = True
    return found


def _whole(node: object) -> bool:
    return isinstance(node, Number) and node.spelling.isdecimal()
