"""The surroundings of a name that nothing defines: what a proposal has to fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lrdsl.check.arguments import bind
from lrdsl.check.signatures import Interface
from lrdsl.check.state import Scope, State
from lrdsl.record import record
from lrdsl.text.nodes import (
    Argument,
    Call,
    Definition,
    Expression,
    Module,
    Name,
    Operation,
    Target,
    walk,
)
from lrdsl.text.source import Span

Interfaces = Callable[[Definition], Interface]


@record
class Around:
    """The surroundings of an unknown name.

    Attributes:
        node: the name, or the call of it.
        call: the innermost call whose argument it is a part of.
        argument: that argument.
        is_number: True if it is part of a calculation, or a number is needed there.
        is_function: True if only a function is allowed there.
        is_operand: True if it is calculated with, or compared.
    """

    node: Name | Call
    call: Call | None
    argument: Argument | None
    is_number: bool
    is_function: bool
    is_operand: bool


def around_name(
    module: Module, interfaces: Interfaces, state: State, scope: Scope, span: Span
) -> Around | None:
    """Finds the expression around a name; None if it is not in the module.

    Args:
        module: the text.
        interfaces: the parameters of definitions.
        state: the definitions.
        scope: the names it sees.
        span: where it stands.
    """
    path = next((path for root in _roots(module, span) if (path := _path(root, span))), None)
    if not path or not isinstance(path[-1], Name | Call):
        return None
    node = path[-1]
    call, argument, is_number, is_function = None, None, False, False
    inner: Expression = node
    is_operand = False
    for outer in reversed(path[:-1]):
        if isinstance(outer, Operation):
            is_number = is_number or outer.op == "^"
            is_operand = is_operand or outer.op != ">>"
        if isinstance(outer, Call):
            call = outer
            argument = next((a for a in outer.arguments if a.value is inner), None)
            kind = _kind(state, interfaces, scope, outer, argument)
            is_function = kind == "function" and inner is node
            is_number = is_number or kind in {"number", "steps"}
            break
        inner = outer
    return Around(node, call, argument, is_number and not is_function, is_function, is_operand)


def _kind(
    state: State, interfaces: Interfaces, scope: Scope, call: Call, argument: Argument | None
) -> str:
    """The kind of an argument's parameter; empty if it is not known."""
    called = state.find(call.id, scope)
    if called is None or called.keyword not in {"def", "shape"} or argument is None:
        return ""
    interface = interfaces(called)
    bound, _ = bind(interface, call.arguments, call.span)
    for parameter, kind in zip(interface.parameters, interface.kinds, strict=True):
        if bound.get(parameter.name) is argument:
            return kind
    return ""


def _roots(module: Module, span: Span) -> Iterator[Expression]:
    """The expressions of the statement that a place is in."""
    for statement in module.statements:
        if not statement.span.start <= span.start < statement.span.end:
            continue
        if isinstance(statement, Definition):
            defaults = [p.default for p in statement.parameters]
            yield from (e for e in (statement.body, *statement.guards, *defaults) if e is not None)
        else:
            yield statement.body if isinstance(statement, Target) else statement


def _path(root: Expression, span: Span) -> list[Expression]:
    """The expressions that lead from a root to the name at a place."""
    path: list[Expression] = []
    for node in walk(root):
        own = node.callee if isinstance(node, Call) else node.span
        if node.span.start <= span.start and span.end <= node.span.end:
            path.append(node)
            if own == span and isinstance(node, Name | Call):
                return path
    return []
