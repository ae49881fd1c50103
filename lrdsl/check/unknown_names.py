"""Guesses at the meaning of a name that nothing defines.

Loaded only to report one. What is proposed has to fit where it stands: a call that takes these
arguments, a schedule where a schedule goes, a number in a calculation.
"""

from __future__ import annotations

import re

from lrdsl.check import library
from lrdsl.check.arguments import bind, is_mode
from lrdsl.check.foreign_words import CLOCKS, EASES, VALUES_ELSEWHERE, operator_elsewhere
from lrdsl.check.instead import edits_to_call, needs_arguments
from lrdsl.check.modes import by_place
from lrdsl.check.names_elsewhere import of_another_system
from lrdsl.check.names_of_groups import of_groups
from lrdsl.check.problems import Problem
from lrdsl.check.state import LOCAL_WORDS, Scope, State
from lrdsl.check.surroundings import Around, Interfaces, around_name
from lrdsl.check.values import Unknown
from lrdsl.diagnostics.fix import Edit, Fix, fix
from lrdsl.formula.functions import CONSTANTS, FUNCTIONS
from lrdsl.text.hint import IN_ORDER, OUTSIDE, OWN_CURVE, OWN_SHAPE, unit_of, with_comma
from lrdsl.text.nodes import (
    Call,
    Name,
    Number,
    Operation,
    Target,
)
from lrdsl.text.source import Span
from lrdsl.wording import listed, nearest, on_one_line

# How many names are tried, the most alike first.
_TRIED = 4
_WORDS = ("base", "prev", "next", "rest")


def unknown_name(
    state: State, interfaces: Interfaces, name: str, span: Span, scope: Scope
) -> Problem:
    """The problem of a name that nothing defines.

    Args:
        state: the definitions.
        interfaces: the parameters of definitions.
        name: the name.
        span: where it stands.
        scope: the names it sees.
    """
    for statement in state.written.statements:
        if isinstance(statement, Target) and f"{{{name}}}" in (statement.selector or ""):
            shown = f"{statement.name}[{statement.selector}]"
            help = f"only `{shown}` sees it: pass it to a `def`"
            return Problem("unknown-name", span, f"there is no `{name}` here", help)
    around = around_name(state.written, interfaces, state, scope, span)
    help, fixes = _proposal(state, interfaces, name, span, scope, around)
    return Problem("unknown-name", span, f"there is no `{name}`", help, fixes)


def _proposal(
    state: State,
    interfaces: Interfaces,
    name: str,
    span: Span,
    scope: Scope,
    around: Around | None,
) -> tuple[str, tuple[Fix, ...]]:
    if name in LOCAL_WORDS:
        return f"`{name}` has a meaning inside the formula of a `shape` only, as in {OWN_SHAPE}", ()
    if name in {"None", "null", "nil"}:
        return "drop the argument, or write a value", ()
    if around is None:  # it stands in the library
        return "", ()
    if name == "lambda":
        return OWN_CURVE, ()
    if found := of_groups(state, name, span, around):
        return found
    if own := _parameter(state, interfaces, scope, name, span, around):
        return own
    argument = around.argument
    if name in OUTSIDE and argument is not None and argument.span == span:
        gone = with_comma(span.source.text, span.start, span.end)
        return OUTSIDE[name], (fix(Span(span.source, *gone), "", "leave it out"),)
    if name == "lr" and not around.is_number:
        return "to drive the rate, write `lr: …`, or the schedule alone", ()
    if (
        isinstance(around.node, Name)
        and (word := VALUES_ELSEWHERE.get(name.lower()))
        and _is_value(around)
    ):
        return f"it is called `{word}` here", (fix(span, word),)
    if name == "auto" and (found := _by_place(state, interfaces, scope, around)):
        return found
    if words := _words_of(around):
        # What another system makes of the metric's name is to be said here.
        starts = [word for word in words if name.lower().startswith(word)]
        meant = words if name == "auto" else starts or nearest(name, words, 1)
        fixes = tuple([fix(span, word) for word in meant])
        parameter = around.argument.name if around.argument else name
        return f"`{parameter}` is {listed([f'`{word}`' for word in words], 'or')}", fixes
    if around.is_function and around.argument is not None and name.lower() in EASES:
        ease = EASES[name.lower()]
        return f"the ease is called `{ease}`", (fix(span, ease),)
    if span.source.text[: span.start].rstrip().endswith("^"):
        return OWN_CURVE, ()
    if isinstance(around.node, Name) and (unit := unit_of(name)) and around.is_number:
        return f"a unit is written against its number: `1{unit}`", (fix(span, f"1{unit}"),)
    if isinstance(around.node, Name) and name in CLOCKS and around.is_operand:
        chosen = around.call is not None and around.call.id == "if"
        return (IN_ORDER if chosen else OWN_CURVE), ()
    return _alike(state, interfaces, name, span, scope, around)


def _alike(
    state: State, interfaces: Interfaces, name: str, span: Span, scope: Scope, around: Around
) -> tuple[str, tuple[Fix, ...]]:
    """The name that was meant: of this text, of another system, or of the library."""
    # A word that every schedule has in its name is like none of them.
    known_names = library.names() if library.says_which(name) else ()
    names = {*scope.local, *state.definitions, *known_names, *FUNCTIONS, *_WORDS, *CONSTANTS}
    near = nearest(name, names, _TRIED)
    own_names = [n for n in near if n in state.definitions or n in scope.local]
    if not own_names and (operator := operator_elsewhere(name)):
        return operator, ()
    if not own_names and (found := of_another_system(interfaces, name, around)):
        return found
    for other in near:
        if edits := _fitting(state, interfaces, scope, other, around):
            return f"did you mean `{other}`?", (Fix(f"write `{other}`", edits),)
    if around.is_function and isinstance(around.node, Name):
        eases = listed([f"`{ease}`" for ease in ("straight", "half_cosine", "square")], "or")
        return f"an ease is a function of the share that has passed, such as {eases}", ()
    usable = [n for n in near if _is_of_the_kind(state, scope, n, around)]
    if usable:
        return f"did you mean `{usable[0]}`?", ()
    if re.search("(?i)decay|anneal", name):
        help = "which one? `linear`, `cosine`, `poly` and `exponential` fall"
        return f"{help}; `lrdsl shapes` lists all", ()
    keyword = "def" if isinstance(around.node, Call) else "let"
    return f"define it with `{keyword}`, or list the shapes with `lrdsl shapes`", ()


def _words_of(around: Around) -> tuple[str, ...]:
    """The words that an argument of a plateau can be, or of what other systems call so."""
    call, argument = around.call, around.argument
    if call is None or not (call.id == "stalled" or "plateau" in call.id.lower()):
        return ()
    name = argument.name if argument else None
    if name == "threshold_mode":
        return "rel", "abs"
    return ("min", "max") if around.is_function or name == "mode" else ()


def _by_place(
    state: State, interfaces: Interfaces, scope: Scope, around: Around
) -> tuple[str, tuple[Fix, ...]] | None:
    """The call with the mode that is given by position as ``auto``."""
    call, argument = around.call, around.argument
    called = state.find(call.id, scope) if call is not None else None
    if call is None or called is None or argument is None or called.keyword == "let":
        return None
    interface = interfaces(called)
    if not is_mode(interface, argument, Unknown(argument.span)):
        return None
    problem = by_place(interface, call.arguments, call.span)
    return problem.help, problem.fixes


def _parameter(
    state: State, interfaces: Interfaces, scope: Scope, name: str, span: Span, around: Around
) -> tuple[str, tuple[Fix, ...]] | None:
    """The value of a parameter of the call around a name, if it is not known there."""
    call = around.call
    called = None if call is None else state.find(call.id, scope)
    if call is None or called is None or isinstance(around.node, Call):
        return None
    if called.keyword not in {"def", "shape"} or called.body is None:
        return None
    interface = interfaces(called)
    compared = around.argument.value if around.argument is not None else None
    if (
        isinstance(compared, Operation)
        and compared.op == "=="
        and compared.operands[0].span == span
    ):
        text = f"{name} = {on_one_line(compared.operands[1].span.text)}"
        title = f"name an argument with `=`: `{text}`"
        return title, (
            (fix(compared.symbol, "=", f"write `{text}`"),) if name in interface.names else ()
        )
    parameter = next((p for p in interface.parameters if p.name == name), None)
    if parameter is None or around.argument is None or around.argument.name == name:
        return None
    bound, _ = bind(interface, call.arguments, call.span)
    given = bound[name].value if name in bound else parameter.default
    stands = isinstance(given, Number) or (isinstance(given, Name) and given.id in _WORDS)
    help = f"`{name}` is known inside `{call.id}` only"
    if not stands or given is None or given is around.argument.value:
        return help, ()
    text = given.id if isinstance(given, Name) else given.span.text
    return f"{help}: write `{text}`", (fix(span, text),)


def _is_value(around: Around) -> bool:
    """True if a name stands for a value: in a calculation, or as an argument by itself."""
    return around.is_number or (around.argument is not None and not around.is_function)


def _is_of_the_kind(state: State, scope: Scope, name: str, around: Around) -> bool:
    """True if a name can replace an unknown one, apart from its arguments."""
    if name in scope.local:
        return True
    definition = state.find(name, scope)
    is_call = isinstance(around.node, Call)
    if definition is None:
        words = name in _WORDS or name in CONSTANTS
        if name in {"true", "false"} and around.is_number:
            return False
        return not words if is_call else (words and not around.is_function) or around.is_function
    value = definition.keyword in {"let", "param"}
    if is_call:
        return not value
    if around.is_function:
        return not value
    if around.is_number:
        return value
    return value or not needs_arguments(definition)


def _fitting(
    state: State, interfaces: Interfaces, scope: Scope, name: str, around: Around
) -> tuple[Edit, ...]:
    """The edits that put a name in the place of another; none if it does not fit."""
    if not _is_of_the_kind(state, scope, name, around):
        return ()
    node = around.node
    definition = None if name in scope.local else state.find(name, scope)
    if definition is not None and definition.keyword in {"def", "shape"}:
        return edits_to_call(interfaces, definition, around)
    if isinstance(node, Call) and name in FUNCTIONS:
        function, amount = FUNCTIONS[name], len(node.arguments)
        named = any(argument.name for argument in node.arguments)
        if named or amount < function.least or amount > (function.most or amount):
            return ()
    return (Edit(node.callee if isinstance(node, Call) else node.span, name),)
