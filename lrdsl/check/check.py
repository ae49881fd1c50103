"""Syntax tree to program tree: every name, argument and kind looked at, every error collected."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from lrdsl import limits
from lrdsl.check import library
from lrdsl.check.expander import Expander
from lrdsl.check.kinds import ANNOTATIONS, called_in
from lrdsl.check.problems import Problem
from lrdsl.check.specialize import with_def
from lrdsl.check.state import LOCAL_WORDS, WORDS, Enough, Scope, State
from lrdsl.check.targets import Drive, drives, driving, nothing_driven, statements
from lrdsl.check.targets import Statement as Driving
from lrdsl.check.values import Unknown, Value
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.diagnostics.fix import Fix, fix
from lrdsl.formula.functions import FUNCTIONS
from lrdsl.record import replace
from lrdsl.text.nodes import (
    Call,
    Definition,
    Expression,
    Items,
    Module,
    Name,
    Number,
    Operation,
    Statement,
    Target,
)
from lrdsl.text.precheck import attached
from lrdsl.text.source import Span
from lrdsl.wording import closest, listed

if TYPE_CHECKING:
    from lrdsl.check.run_statement import Stated

# Kinds as other languages call them.
_KINDS = {
    "int": "number", "float": "number", "bool": "truth", "length": "steps", "callable": "function",
    "epochs": "steps", "list": "[number]",
}  # fmt: skip


def check(
    module: Module,
    overrides: Mapping[str, Value] | None = None,
    groups: Sequence[str] | None = None,
) -> tuple[tuple[Drive, ...] | None, Stated | None, list[Diagnostic]]:
    """Expands a module.

    Args:
        module: the syntax tree.
        overrides: values for ``param`` statements, by name.
        groups: the names of the groups, which captures take their numbers from; None where they
            are not known.

    Returns:
        What the program drives, or None if there is nothing to speak of; what it says of its run,
        or None if it says nothing; and the errors.
    """
    expander = Expander(module, overrides or {})
    found = stated = None
    try:
        top = _defined(expander)
        if module.runs:
            from lrdsl.check.run_statement import read

            stated = read(expander, module.runs, top)
        found = _drives(expander, top, groups)
    except Enough:
        found = None
    errors = list(expander.state.errors.values())
    return found, stated, _merged(errors, module) if len(errors) > 1 else errors


_MERGED = frozenset(["single-angle", "wrong-operands"])


def _merged(errors: list[Diagnostic], module: Module) -> list[Diagnostic]:
    """The errors, with one for all the signs of a statement that are wrong in one way."""
    angles = [error for error in errors if error.slug in _MERGED]
    if len(angles) < 2:
        return errors
    ends = [statement.span.end for statement in module.statements]
    of_statement: dict[tuple[int, str], list[Diagnostic]] = {}
    for error in sorted(angles, key=lambda error: error.span.start):
        key = bisect_left(ends, error.span.end), f"{error.slug} {error.help}"
        of_statement.setdefault(key, []).append(error)
    found = [error for error in errors if error.slug not in _MERGED]
    for same in of_statement.values():
        fixes = [own for error in same for own in error.fixes]
        edits = tuple([edit for own in fixes for edit in own.edits])
        safe = all(own.safe for own in fixes)
        every = all(len(error.fixes) == 1 for error in same)
        whole = (Fix(fixes[0].title, edits, safe),) if every else ()
        found.append(replace(same[0], fixes=whole))
    return found


def _defined(expander: Expander) -> Scope:
    """Looks at every definition; gives the scope of what stands outside of them."""
    state = expander.state
    state.module = _without_torn(state)
    module, torn = _without_rows(state)
    state.module = module
    _define(expander)
    top = Scope(module.source)
    # In the order of the text, so that a long row of definitions is not one deep recursion.
    for definition in state.definitions.values():
        if definition.keyword in {"let", "param"}:
            expander.evaluate(Name(definition.name_span, definition.name), top)
    for part in torn:
        expander.evaluate(part, top)
    return top


def _drives(
    expander: Expander, top: Scope, groups: Sequence[str] | None
) -> tuple[Drive, ...] | None:
    state, module = expander.state, expander.state.module
    mains, problems = statements(module)
    _report(state, problems)
    if len(mains) > limits.TARGETS:
        return None
    if "{" in module.source.text and any(main.target.names for main in mains):
        written, values = _written_out(expander, mains, top, groups)
    else:
        written, values = mains, [driving(expander, main, top) for main in mains]
    for definition in state.definitions.values():
        if definition.name not in state.expanded:
            _check_unused(expander, definition)
    if not mains:
        if module.complete and not state.errors:
            state.report(nothing_driven(module, expander.values))
        return None
    found, problems = drives(written, values)
    if expander.has_events:
        from lrdsl.check.events import with_events

        found = tuple([with_events(drive, problems) for drive in found])
    _report(state, problems)
    return found


def _written_out(
    expander: Expander, mains: list[Driving], scope: Scope, groups: Sequence[str] | None
) -> tuple[list[Driving], list[Value]]:
    """The statements with an expansion for each set of captures, and the values of all."""
    from lrdsl.check.expansions import Expansions

    expansions = Expansions(expander, groups)
    found: list[tuple[Driving, Value]] = []
    for main in mains:
        if main.target.names:
            found += expansions.of(main, scope)
        else:
            found.append((main, driving(expander, main, scope)))
    return [main for main, _ in found], [value for _, value in found]


def _report(state: State, problems: Iterable[Problem]) -> None:
    for problem in problems:
        state.report(problem)


def _without_torn(state: State) -> Module:
    """The module without the calls whose `(` does not touch their names; they are reported."""
    module = state.module
    statements = list(module.statements)
    kept: list[Statement | None] = list(statements)
    keywords = {s.name: s.keyword for s in statements if isinstance(s, Definition)}
    for place, (first, second) in enumerate(pairwise(statements)):
        if isinstance(second, Definition | Target) or not second.span.text.startswith("("):
            continue
        name: object = first.body if isinstance(first, Definition | Target) else first
        while isinstance(name, Operation):
            name = name.operands[-1]
        if not isinstance(name, Name):
            continue
        span = Span(name.span.source, name.span.start, second.span.start + 1)
        if isinstance(first, Definition):
            # `let x = y` may well stand before a schedule in brackets, unless y takes arguments.
            known = library.find(name.id) or name.id in FUNCTIONS
            called = keywords.get(name.id, "def" if known else "let") in {"def", "shape"}
            if not called or "\n" in span.text:
                continue
        message = f"the `(` of a call touches its name, as in `{name.id}(`"
        own = attached(Span(span.source, name.span.end, second.span.start))
        help = "remove the space"
        if keywords.get(name.id) in {"let", "param"}:
            help, own = f"`{name.id}` is a value, and a value cannot be called", ()
        state.report(Problem("detached-call", span, message, help, own))
        kept[place] = replace(first, body=None) if isinstance(first, Definition) else None
        kept[place + 1] = None
    left = tuple(statement for statement in kept if statement is not None)
    return replace(module, statements=left) if len(left) < len(kept) else module


def _without_rows(state: State) -> tuple[Module, list[Expression]]:
    """The module without expressions side by side on one line, and the parts of these.

    Each such line is reported, once.
    """
    statements = state.module.statements
    torn: list[Expression] = []
    first: Statement | None
    kept: list[Statement] = []
    place, changed = 0, False
    while place < len(statements):
        first = statements[place]
        together = 1
        if _may_be_assigned(first) or _may_be_in_other_words(statements, place):
            from lrdsl.check.misread import misread

            if (found := misread(statements, place)) is not None:
                state.report(found.problem)
                kept += [] if found.defined is None else [found.defined]
                place += found.taken
                changed = True
                continue
        if place + 1 < len(statements) and _may_be_beside(first, statements[place + 1]):
            from lrdsl.check import rows

            together = rows.row(statements, place)
            if together > 1:
                line = statements[place : place + together]
                state.report(rows.problem(line))
                torn += rows.parts(line)
                first = replace(first, body=None) if isinstance(first, Definition) else None
                changed = True
        kept += [] if first is None else [first]
        place += together
    return state.module if not changed else replace(state.module, statements=tuple(kept)), torn


def _may_be_assigned(statement: Statement) -> bool:
    """True if a statement may be ``n <- 20``, which reads as a comparison, or ``n: 20``."""
    if isinstance(statement, Target):
        return isinstance(statement.body, Number | Items) and not statement.is_scalar
    while isinstance(statement, Operation) and statement.op == ">>":
        statement = statement.operands[0]
    return isinstance(statement, Operation) and statement.op == "<"


def _may_be_in_other_words(statements: Sequence[Statement], place: int) -> bool:
    """True if a statement may be ``run total: 90ep`` or ``scalar kl weight: …``."""
    first = statements[place]
    if isinstance(first, Name | Call) and first.id in {"run", "scalar", "optional"}:
        return True
    if isinstance(first, Target):
        return first.name == "scalar"
    if not isinstance(first, Name):
        return False
    following = statements[place + 1] if place + 1 < len(statements) else None
    text, start = first.span.source.text, first.span.start
    return isinstance(following, Items) or text.startswith("run ", text.rfind("\n", 0, start) + 1)


def _may_be_beside(first: Statement, second: object) -> bool:
    """True if two statements may be one sentence; a schedule after a definition cannot."""
    if isinstance(second, Definition | Target):
        return isinstance(first, Name)
    while isinstance(second, Operation):
        second = second.operands[0]
    return not isinstance(first, Definition) or isinstance(second, Name | Number)


def _define(expander: Expander) -> None:
    state = expander.state
    defined = state.definitions
    for statement in state.module.statements:
        if not isinstance(statement, Definition):
            continue
        name, span = statement.name, statement.name_span
        if name in WORDS or name in LOCAL_WORDS:
            message = f"`{name}` has a meaning of its own and cannot be defined"
            state.report(Problem("reserved-name", span, message, "choose another name"))
        elif name in defined:
            message = f"`{name}` is defined already, on line {defined[name].name_span.place[0]}"
            state.report(Problem("repeated-definition", span, message, "choose another name"))
        else:
            defined[name] = statement
        _report(state, _wrong_parameters(statement))
    for name, definition in defined.items():
        if definition.keyword == "shape":
            problems = _wrong_kinds(expander, definition)
            _report(state, problems)
            if problems:  # which no call of it can mend
                defined[name] = replace(definition, body=None)


def _wrong_parameters(definition: Definition) -> Iterator[Problem]:
    """The errors in the parameters of a definition themselves."""
    is_shape = definition.keyword == "shape"
    seen: set[str] = set()
    for parameter in definition.parameters:
        name, kind = parameter.name, parameter.kind
        if name in seen:
            message = f"`{definition.name}` has two parameters `{name}`"
            help = "choose another name"
            yield Problem("repeated-definition", parameter.span, message, help)
        seen.add(name)
        # An ease is naturally a function of `u`; in a shape that is the clock.
        if name in WORDS or (is_shape and name in {"t", "u", "v"}):
            message = f"`{name}` has a meaning of its own and cannot be a parameter"
            yield Problem("reserved-name", parameter.span, message, "choose another name")
        span = parameter.kind_span or parameter.span
        if kind and kind not in ANNOTATIONS:
            message = f"there is no kind `{kind}` of parameter"
            kinds = f"the kinds are {listed(f'`{word}`' for word in ANNOTATIONS)}"
            near = closest(_KINDS.get(kind.strip("[]"), kind), ANNOTATIONS)
            help = f"did you mean `{near}`?" if near else kinds
            fixes = (fix(span, near),) if near and span.text == kind else ()
            yield Problem("unknown-kind", span, message, help, fixes)


def _wrong_kinds(expander: Expander, definition: Definition) -> list[Problem]:
    """Finds what a shape calls though nothing says that it is a function, and takes in vain."""
    called = called_in(definition)
    problems: list[Problem] = []
    interface = expander.interface(definition)
    scope = Scope(definition.span.source)
    for parameter, kind in zip(interface.parameters, interface.kinds, strict=True):
        name, span = parameter.name, parameter.span
        if name == "length" and parameter.kind in {*ANNOTATIONS} - {"steps"}:
            message = f"`length` is what `{definition.name}` lasts, in steps"
            span = parameter.kind_span or span
            steps = fix(span, "steps", "write `length: steps`")
            problems.append(Problem("wrong-kind", span, message, steps.title, (steps,)))
        elif kind == "schedule":
            message = "the formula of a `shape` is made of numbers, and takes no schedule"
            help = f"define `{definition.name}` with `def`"
            own = with_def(definition, help)
            problems.append(Problem("wrong-kind", parameter.kind_span or span, message, help, own))
        # A parameter that is no function does not hide one: `warmup(warmup)`.
        hides = name not in called or parameter.kind or expander.state.find(name, scope)
        if kind != "function" and not hides:
            message = f"`{definition.name}` calls its parameter `{name}`, which takes a number"
            span = Span(span.source, span.start, span.start + len(name))
            help = f"to take a function, write `{name}: function`"
            annotated = fix(span.after(), ": function", f"write `{name}: function`")
            problems.append(Problem("not-callable", span, message, help, (annotated,)))
    return problems


def _check_unused(expander: Expander, definition: Definition) -> None:
    """Checks what the schedule does not use, as far as can be without arguments."""
    if definition.body is None:
        return
    state, interface = expander.state, expander.interface(definition)
    is_shape = definition.keyword == "shape"
    local: dict[str, Value] = {}
    scope = Scope(definition.span.source, local)
    for parameter in interface.parameters:
        value: Value = Unknown(parameter.span)
        if parameter.default is not None:
            found = expander.evaluate(parameter.default, scope)
            value = value if is_shape else found
        local[parameter.name] = value
    with state.expanding(definition, definition.name_span) as ends:
        if ends and is_shape:
            expander.formula(interface, local)
        elif ends:
            for node in (*definition.guards, definition.body):
                expander.evaluate(node, scope)
