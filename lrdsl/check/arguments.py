"""Arguments to parameters: which goes where, and everything that can be wrong about that."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby, pairwise, takewhile

from lrdsl.check import library
from lrdsl.check.problems import Problem, Refusal
from lrdsl.check.signatures import Interface, usage
from lrdsl.check.values import FunctionValue, TextValue, Unknown, Value
from lrdsl.diagnostics.fix import Edit, Fix, fix
from lrdsl.text.nodes import (
    Argument,
    Call,
    Definition,
    Items,
    Name,
    Number,
    Operation,
    Parameter,
    Text,
)
from lrdsl.text.source import Span
from lrdsl.wording import closest, on_one_line, plural


def bind(
    interface: Interface, arguments: Sequence[Argument], call: Span
) -> tuple[dict[str, Argument], list[Problem]]:
    """Gives each argument its parameter.

    Returns:
        The arguments by parameter name, and what is wrong with them.
    """
    definition, parameters = interface.definition, interface.parameters
    if len(arguments) > 1 and (commas := _decimal_commas(arguments, interface)):
        return {}, commas
    bound, problems = _positional(definition, arguments, parameters)
    problems += _keywords(interface, arguments, bound, call, problems)
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
        if (first := _takes_length_first(interface, bound)) is not None:
            message = f"`{definition.name}` needs a length before the schedule"
            help = f"write how long first, as in `{definition.name}(10ep, {first})`"
        if call.text == "step":
            help += "; the number of a step is `t`, in the formula of a `shape`"
        problems.append(Problem("missing-argument", span, message, help))
    return bound, problems


def _takes_length_first(interface: Interface, bound: Mapping[str, Argument]) -> str | None:
    """The schedule in ``every(cosine(90))``, which lacks the length before it."""
    if interface.kinds != ("steps", "schedule") or len(bound) != 1:
        return None
    ((name, argument),) = bound.items()
    value = argument.value
    shape = library.find(value.id) if isinstance(value, Call | Name) else None
    if name != interface.parameters[0].name or shape is None or shape.keyword != "shape":
        return None
    return on_one_line(value.span.text)


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
            # One mistake, however many arguments there are too many.
            if not problems:
                problems.append(_surplus(definition, argument, parameters, arguments))
    return bound, problems


def _surplus(
    definition: Definition,
    argument: Argument,
    parameters: Sequence[Parameter],
    arguments: Sequence[Argument],
) -> Problem:
    places = [parameter for parameter in parameters if not parameter.keyword_only]
    count = f"at most {plural(len(places), 'argument')}"
    message = f"`{definition.name}` takes {count if places else 'no argument'} by position"
    named = [f"`{p.name} = …`" for p in parameters if p.keyword_only]
    fixes: tuple[Fix, ...] = ()
    row = on_one_line(", ".join(a.span.text for a in arguments))
    if definition.name == "step" and re.fullmatch(r"[0-9]+(?:k|ep)?(?:, [0-9]+(?:k|ep)?)+", row):
        span = arguments[0].span.to(arguments[-1].span)
        written = f"multistep([{row}])"
        call = Span(span.source, span.start - len("step("), span.end + 1)
        help = f"a list of milestones is for `multistep`: write `{written}`"
        if call.text.startswith("step(") and call.text.endswith(")"):
            fixes = (fix(call, written),)
    elif places and places[0].kind.startswith("["):
        fixes = _as_list(arguments)
        help = _one_list(definition, arguments, fixes)
    elif places and places[-1].kind == "schedule" and (joined := _as_sequence(arguments, argument)):
        help, fixes = "to run one after the other, put `>>` between them", joined
    elif named:
        help = f"the rest go by name: {', '.join(named)}"
    else:
        help = f"call it as {usage(definition)}"
    return Problem("surplus-argument", argument.span, message, help, fixes)


def _as_sequence(arguments: Sequence[Argument], surplus: Argument) -> tuple[Fix, ...]:
    """The fix that puts a schedule after the one before it, instead of beside it."""
    place = arguments.index(surplus)
    if not place or not all(
        isinstance(a.value, Call | Name | Operation) for a in arguments[place:]
    ):
        return ()
    edits: list[Edit] = []
    for before, after in pairwise(arguments[place - 1 :]):
        between = Span(after.span.source, before.span.end, after.span.start)
        if after.name is not None or between.text.strip() != ",":
            return ()
        edits.append(Edit(between, " >> "))
    return (Fix("put `>>` between them", tuple(edits)),)


def _as_list(arguments: Sequence[Argument]) -> tuple[Fix, ...]:
    """The fix that makes one list of the numbers that a call starts with."""
    row = [*takewhile(lambda a: a.name is None and isinstance(a.value, Number), arguments)]
    # What looks like a factor after whole numbers is not a milestone.
    while len(row) > 1 and "." in row[-1].span.text and "." not in row[0].span.text:
        row.pop()
    if len(row) < 2:
        return ()
    span = row[0].span.to(row[-1].span)
    listed = ", ".join(argument.span.text for argument in row)
    return (fix(span, f"[{listed}]"),)


def _one_list(definition: Definition, arguments: Sequence[Argument], fixes: tuple[Fix, ...]) -> str:
    """Says how a call with its numbers in a list is written."""
    texts = ["[…]"]
    if fixes:
        (edit,) = fixes[0].edits
        others = [a for a in arguments if a.span.start >= edit.span.end]
        texts = [edit.text, *(on_one_line(a.span.text) for a in others)]
    first = definition.parameters[0].name
    return f"`{first}` is one list: `{definition.name}({', '.join(texts)})`"


def _keywords(
    interface: Interface,
    arguments: Sequence[Argument],
    bound: dict[str, Argument],
    call: Span,
    surplus: Sequence[Problem],
) -> list[Problem]:
    """Adds the arguments by name to those by position."""
    definition = interface.definition
    problems: list[Problem] = []
    named = False
    for argument in arguments:
        name = argument.name
        if name is None:
            # One mistake, however many there are.
            if named and not any(p.slug == "positional-after-named" for p in problems):
                message = "an argument by position cannot follow one by name"
                help = "name it too, or move it to the front"
                problems.append(Problem("positional-after-named", argument.span, message, help))
            continue
        named = True
        if name in bound and any(p.slug == "surplus-argument" for p in surplus):
            continue  # it follows from the arguments that are too many
        if name in bound:
            message = f"`{definition.name}` is given `{name}` twice"
            help = "leave one of them out"
            fixes = _as_list(arguments) if interface.kinds[0].startswith("[") else ()
            if fixes:
                help = _one_list(definition, arguments, fixes)
            problems.append(Problem("repeated-argument", argument.span, message, help, fixes))
        elif name not in interface.names and _is_told_with_a_warmup(name, arguments):
            continue
        elif name not in interface.names:
            given = {*bound, *[a.name for a in arguments if a.name is not None]}
            problems.append(_unknown(interface, argument, name, given, call))
        else:
            bound[name] = argument
    return problems


def _is_told_with_a_warmup(name: str, arguments: Sequence[Argument]) -> bool:
    """True if a word means the length of the run, beside a word for its warm-up."""
    from lrdsl.check.argument_words import left_by_a_warmup

    return any(left_by_a_warmup(other, name) for other in arguments)


def _unknown(
    interface: Interface, argument: Argument, name: str, given: set[str], call: Span
) -> Problem:
    """The problem of an argument that a definition does not have, and the one that was meant."""
    from lrdsl.check.argument_words import (
        as_length,
        band_around,
        bound_of_rate,
        in_epochs,
        meant,
        of_a_delta,
        of_a_factor,
        of_its_own,
    )
    from lrdsl.check.elsewhere import grouped
    from lrdsl.text.hint import OUTSIDE, with_comma

    span, value = argument.span, argument.value.span
    own = Span(span.source, span.start, span.start + len(name))
    message = f"`{interface.definition.name}` has no argument `{name}`"
    near = closest(name, interface.names - given)
    ours = meant(interface, name, given) or near
    fixes: tuple[Fix, ...] = ()
    if name in OUTSIDE and ours is None:
        gone = Span(span.source, *with_comma(span.source.text, span.start, span.end))
        help, fixes = OUTSIDE[name], (fix(gone, "", "leave it out"),)
    elif advice := bound_of_rate(interface, argument):
        help = advice
    elif length := as_length(interface, argument, given):
        help, fixes = f"write `{length}`", (fix(span, length),)
    elif band := band_around(interface, argument, given):
        help, fixes = f"it keeps a metric between two values: write `{band}`", (fix(span, band),)
    elif factor := of_a_factor(interface, argument, given):
        help, fixes = f"write `{factor}`", (fix(span, factor),)
    elif delta := of_a_delta(interface, argument, given):
        help, fixes = f"it is a threshold that is no share: write `{delta}`", (fix(span, delta),)
    elif (ours is None or name == "until") and (program := of_its_own(argument, call)):
        help = f"write `{on_one_line(program)}`"
        fixes = (fix(call, grouped(program, call), help),)
    elif ours is None:
        help = f"call it as {usage(interface.definition)}"
    elif in_epochs(name) and value.text.isdecimal():
        text = f"{ours} = {value.text}ep"
        help, fixes = f"write `{text}`", (fix(own.to(value), text),)
    else:
        guessed = ours == near and closest(name, [ours]) is not None
        help = f"did you mean `{ours}`?" if guessed else f"it is called `{ours}` here"
        fixes = (fix(own, ours, f"write `{ours} = {on_one_line(value.text)}`"),)
    return Problem("unknown-argument", span, message, help, fixes)


def without_outside(arguments: Sequence[Argument]) -> list[Argument]:
    """The arguments without those that no program takes: an optimizer, also without a name."""
    from lrdsl.text.hint import OPTIMIZERS, OUTSIDE

    return [
        a
        for a in arguments
        if (a.name not in OUTSIDE if a.name else a.value.span.text not in OPTIMIZERS)
    ]


def left_out(arguments: Sequence[Argument]) -> list[Edit]:
    """The edits that leave out the arguments that no program takes."""
    from lrdsl.text.hint import with_comma

    kept = {*map(id, without_outside(arguments))}
    edits: list[Edit] = []
    for stays, group in groupby(arguments, lambda argument: id(argument) in kept):
        if not stays:
            run = [*group]
            source = run[0].span.source
            place = with_comma(source.text, run[0].span.start, run[-1].span.end)
            edits.append(Edit(Span(source, *place), ""))
    return edits


def means_nothing(interface: Interface, argument: Argument) -> bool:
    """True if an argument is a word for what a definition does not have, by no name like its.

    The word is no mistake of its own then.
    """
    name = argument.name
    if name is None or name in interface.names or not isinstance(argument.value, Name):
        return False
    from lrdsl.check.argument_words import meant

    return meant(interface, name, ()) is None and closest(name, interface.names) is None


# The words of a mode, and the parameters that take them.
MODES = {
    "auto": "mode", "min": "mode", "max": "mode", "rel": "threshold_mode", "abs": "threshold_mode",
}  # fmt: skip


def is_mode(interface: Interface, argument: Argument, value: Value) -> bool:
    """True if an argument by position is the word of a mode, and nothing that the text defines.

    Args:
        interface: the parameters of what is called.
        argument: the argument.
        value: its value.
    """
    if "mode" not in interface.names or mode_of(argument) is None:
        return False
    return isinstance(value, TextValue | FunctionValue | Unknown)


def mode_of(argument: Argument) -> str | None:
    """The word of a mode that an argument by position is, with or without quotes."""
    value = argument.value
    word = value.text if isinstance(value, Text) else value.id if isinstance(value, Name) else ""
    return word.lower() if argument.name is None and word.lower() in MODES else None


def _decimal_commas(arguments: Sequence[Argument], interface: Interface) -> list[Problem]:
    """Finds ``0,3`` where ``0.3`` was meant, and ``1,000`` where ``1000`` was.

    Two whole numbers that touch their comma are taken for one when the first is 0, when the second
    has the zeros of a thousand, or when the call has more arguments than it can take.
    """
    takes_list = any(kind.startswith("[") for kind in interface.kinds[:1])
    surplus = len(arguments) > len(interface.parameters) and not takes_list
    problems: list[Problem] = []
    for run in _touching(arguments):
        texts = [found.text for found in run]
        if _is_thousands(texts, surplus):
            problems.append(_one_number(run[0].to(run[-1]), "".join(texts)))
            continue
        for left, right in zip(run[::2], run[1::2], strict=False):
            if surplus or left.text == "0":
                problems.append(_one_number(left.to(right), f"{left.text}.{right.text}"))
    return problems


def _touching(arguments: Sequence[Argument]) -> list[list[Span]]:
    """The runs of whole numbers with nothing but commas between them, each of two or more."""
    runs: list[list[Span]] = []
    for argument in arguments:
        value = argument.value
        if not (isinstance(value, Number) and value.spelling.isdecimal()):
            continue
        before = runs[-1][-1] if runs else None
        span = value.span
        if before and not argument.name and before.to(span).text == f"{before.text},{span.text}":
            runs[-1].append(span)
        else:
            runs.append([span])
    return [run for run in runs if len(run) > 1]


def _is_thousands(texts: Sequence[str], surplus: bool) -> bool:
    """True if numbers between commas are the groups of one: ``1,000``, ``112,590``."""
    first, *others = texts
    groups = len(first) <= 3 and first[0] != "0" and all(len(text) == 3 for text in others)
    return groups and (surplus or any(text[0] == "0" for text in others))


def _one_number(span: Span, number: str) -> Problem:
    help = f"write `{number}`, or put a space after the comma of two arguments"
    many = "two" if span.text.count(",") == 1 else "several"
    message = f"`{span.text}` reads as {many} arguments"
    return Problem("decimal-comma", span, message, help, (fix(span, number),))


_GROUPED = r"(?<![\w.])[1-9][0-9]{0,2}(?:,[0-9]{3})*,0[0-9]{2}(?:,[0-9]{3})*(?![\w.])"


def thousands(node: Items) -> Refusal | None:
    """Refuses a list with numbers such as ``1,000`` in it, each of which would be two."""
    text = node.span.text
    if ",0" not in text or not all(isinstance(item, Number) for item in node.items):
        return None
    source, start = node.span.source, node.span.start
    edits = tuple(
        Edit(Span(source, start + match.start(), start + match.end()), match[0].replace(",", ""))
        for match in re.finditer(_GROUPED, text)
    )
    if not edits:
        return None
    first = edits[0]
    message = f"`{first.span.text}` reads as several items"
    help = f"write `{first.text}`, or put a space after each comma"
    own = Fix(f"write `{first.text}`", edits)
    return Refusal((Problem("decimal-comma", first.span, message, help, (own,)),))
