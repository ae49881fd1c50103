"""Guesses at the meaning of a name that nothing defines.

Loaded only to report one. What is proposed has to fit where it stands: a call that takes these
arguments, a schedule where a schedule goes, a number in a calculation.
"""

from __future__ import annotations

import re

from lrdsl.check import library
from lrdsl.check.argument_words import in_epochs, meant
from lrdsl.check.arguments import bind, is_mode, left_out, without_outside
from lrdsl.check.elsewhere import (
    are_stairs,
    as_far_as_known,
    counterpart,
    grouped,
    held,
    here,
    may_be,
    there,
    written_here,
)
from lrdsl.check.foreign_words import CLOCKS, EASES, VALUES_ELSEWHERE, operator_elsewhere
from lrdsl.check.modes import by_place
from lrdsl.check.names_of_groups import of_groups
from lrdsl.check.problems import Problem
from lrdsl.check.signatures import Interface
from lrdsl.check.state import LOCAL_WORDS, Scope, State
from lrdsl.check.surroundings import Around, Interfaces, around_name
from lrdsl.check.values import Unknown
from lrdsl.diagnostics.fix import Edit, Fix, fix
from lrdsl.formula.functions import CONSTANTS, FUNCTIONS
from lrdsl.record import replace
from lrdsl.text.hint import IN_ORDER, OUTSIDE, OWN_CURVE, OWN_SHAPE, unit_of, with_comma
from lrdsl.text.nodes import (
    Argument,
    Call,
    Definition,
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
    if not own_names and (known := counterpart(interfaces, name, around.node)):
        has_program = known[1] is not None and known[1].program is not None
        together = None if has_program else _with_warmup(interfaces, name, known[0], around)
        return (
            _translated(interfaces, name, around)
            or together
            or _elsewhere(interfaces, known, span, around)
        )
    if not own_names and (together := _with_warmup(interfaces, name, None, around)):
        return together
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


def _translated(
    interfaces: Interfaces, name: str, around: Around
) -> tuple[str, tuple[Fix, ...]] | None:
    """The program for a call of another system, its arguments in that system's order."""
    node = around.node
    if not isinstance(node, Call):
        return None
    arguments = without_outside(node.arguments)
    for ours, other in library.counterparts(name):
        definition = library.find(ours)
        if definition is None or (other is not None and name not in other.names):
            continue
        # A word that is everybody's may have the arguments of any of them.
        others = library.notes(definition).elsewhere if other is None else (other,)
        interface = interfaces(definition)
        found = [written_here(interface, one, arguments) for one in others]
        if other is None and (_renamed(interface, node) is not None or len(arguments) < 2):
            found = []
        found += [held(arguments)] if ours == "const" else []
        if ours == "points" and are_stairs(arguments):
            found = [f"stairs({', '.join(on_one_line(a.span.text) for a in arguments)})"]
        if text := next(filter(None, found), None):
            return _in_its_place(text, node.span)
    return None


def _in_its_place(text: str, place: Span) -> tuple[str, tuple[Fix, ...]]:
    """The help and the fix that write a program for a call; without its last part if others follow.

    torch's schedulers go on after their last change. Here another part does, and a `const` before
    it would take the rest of the run.
    """
    parts, _, last = text.rpartition(" >> ")
    if parts and last.startswith("const") and _is_followed(place):
        if last != "const":
            return f"write `{parts}`, and let the next part start at `base`", ()
        text = parts
    return f"write `{text}`", (fix(place, grouped(text, place)),)


def _is_followed(place: Span) -> bool:
    """True if a part, or an item of a list of schedulers, comes after a call."""
    text = place.source.text
    before, after = text[: place.start], text[place.end :].lstrip()
    listed = before.count("[") > before.count("]")
    return after.startswith(">>") or (listed and after.startswith(","))


def _elsewhere(
    interfaces: Interfaces,
    known: tuple[str, library.Counterpart | None],
    span: Span,
    around: Around,
) -> tuple[str, tuple[Fix, ...]]:
    """The counterpart of another system's name, with that system's arguments."""
    ours, other = known
    definition = library.find(ours)
    assert definition is not None
    node = around.node
    program = other.program if other is not None and isinstance(node, Call) else None
    if isinstance(node, Call) and other is not None and program is not None:
        # `polynomial(power = 0.9)` does not speak of the warm-up that it has elsewhere.
        is_one_part = ">>" not in program or (
            all(argument.name for argument in node.arguments) and "warmup" not in node.id
        )
        is_call = is_one_part and _renamed(interfaces(definition), node) is not None
        if not is_call:
            text = as_far_as_known(other, without_outside(node.arguments))
            return f"it is written `{on_one_line(text)}` here", ()
    help = f"it is called `{ours}` here"
    # What stands by position there may stand elsewhere here.
    if (
        other is not None
        and isinstance(node, Call)
        and not _in_order(interfaces, ours, other, node)
    ):
        return f"`{there(other)}` is `{here(definition, other)}` here", ()
    edits = _edits(interfaces, definition, around)
    return help, ((Fix(f"write `{ours}`", edits),) if edits else ())


def _in_order(interfaces: Interfaces, ours: str, other: library.Counterpart, call: Call) -> bool:
    """True if the arguments by position of another system's call are those of ours."""
    placed = [a for a in without_outside(call.arguments) if a.name is None]
    definition = library.find(ours)
    if len(placed) < 2 or definition is None:
        return True
    theirs = [other.arguments.get(name) for name in other.order or other.arguments]
    parameters = [p.name for p in interfaces(definition).parameters]
    return theirs[: len(placed)] == parameters[: len(placed)]


def _with_warmup(
    interfaces: Interfaces, name: str, known: str | None, around: Around
) -> tuple[str, tuple[Fix, ...]] | None:
    """The counterpart of ``cosine_with_warmup`` and ``warmup_cosine``: two parts."""
    second = library.after_warmup(name)
    if second is None or known == "warmup":
        return None
    ours = known or second
    definition = library.find(ours)
    if definition is None:
        return None
    node = around.node
    if isinstance(node, Call) and len(node.arguments) == 1 and not _required(definition):
        text = f"warmup({node.arguments[0].value.span.text}) >> {ours}"
        return f"write `{text}`", (fix(node.span, grouped(text, node.span)),)
    return f"a warm-up is a part of its own: `warmup(…) >> {ours}(…)`", ()


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
    return value or not _required(definition)


def _fitting(
    state: State, interfaces: Interfaces, scope: Scope, name: str, around: Around
) -> tuple[Edit, ...]:
    """The edits that put a name in the place of another; none if it does not fit."""
    if not _is_of_the_kind(state, scope, name, around):
        return ()
    node = around.node
    definition = None if name in scope.local else state.find(name, scope)
    if definition is not None and definition.keyword in {"def", "shape"}:
        return _edits(interfaces, definition, around)
    if isinstance(node, Call) and name in FUNCTIONS:
        function, amount = FUNCTIONS[name], len(node.arguments)
        named = any(argument.name for argument in node.arguments)
        if named or amount < function.least or amount > (function.most or amount):
            return ()
    return (Edit(node.callee if isinstance(node, Call) else node.span, name),)


def _edits(interfaces: Interfaces, definition: Definition, around: Around) -> tuple[Edit, ...]:
    """The edits that call a definition instead; none if the arguments are not its."""
    node = around.node
    if isinstance(node, Call):
        return _renamed(interfaces(definition), node) or ()
    if around.is_number or (_required(definition) and not around.is_function):
        return ()
    return (Edit(node.span, definition.name),)


def _renamed(interface: Interface, call: Call) -> tuple[Edit, ...] | None:
    """The edits that make a call one of a definition, its arguments by their names here."""
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


def _required(definition: Definition) -> bool:
    """True if a definition cannot be called without arguments."""
    return any(parameter.default is None for parameter in definition.parameters)
