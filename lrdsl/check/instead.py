"""Another definition in the place of a name: what has to change so that its arguments are right."""

from __future__ import annotations

from lrdsl.check.argument_words import in_epochs, meant
from lrdsl.check.arguments import bind, left_out, without_outside
from lrdsl.check.elsewhere import may_be
from lrdsl.check.signatures import Interface
from lrdsl.check.surroundings import Around, Interfaces
from lrdsl.diagnostics.fix import Edit
from lrdsl.record import replace
from lrdsl.text.nodes import Argument, Call, Definition
from lrdsl.text.source import Span


def edits_to_call(
    interfaces: Interfaces, definition: Definition, around: Around
) -> tuple[Edit, ...]:
    """The edits that call a definition instead; none if the arguments are not its.

    Args:
        interfaces: the parameters of definitions.
        definition: the definition.
        around: the name that stands there, and what is around it.
    """
    node = around.node
    if isinstance(node, Call):
        return renamed(interfaces(definition), node) or ()
    if around.is_number or (needs_arguments(definition) and not around.is_function):
        return ()
    return (Edit(node.span, definition.name),)


def renamed(interface: Interface, call: Call) -> tuple[Edit, ...] | None:
    """The edits that make a call one of a definition, its arguments by their names here.

    Args:
        interface: the parameters of the definition.
        call: the call.

    Returns:
        The edits; None if the definition does not take these arguments.
    """
    edits = [Edit(call.callee, interface.definition.name), *left_out(call.arguments)]
    arguments: list[Argument] = []
    given: set[str] = set()
    for argument in without_outside(call.arguments):
        if argument.name is not None and argument.name not in interface.names:
            ours = meant(interface, argument.name, given)
            if ours is None or in_epochs(argument.name):
                return None
            start = argument.span.start
            span = Span(argument.span.source, start, start + len(argument.name))
            edits.append(Edit(span, ours))
            argument = replace(argument, name=ours)
        if argument.name is not None:
            given.add(argument.name)
        arguments.append(argument)
    bound, problems = bind(interface, arguments, call.span)
    kinds = {p.name: kind for p, kind in zip(interface.parameters, interface.kinds, strict=True)}
    if problems or not all(may_be(kinds[name], a.value) for name, a in bound.items()):
        return None
    return tuple(edits)


def needs_arguments(definition: Definition) -> bool:
    """True if a definition cannot be called without arguments.

    Args:
        definition: the definition.
    """
    return any(parameter.default is None for parameter in definition.parameters)
