"""Guesses at a name that was meant for something of the parameter groups, or of the run.

Loaded only to report a name that nothing defines.
"""

from __future__ import annotations

import re

from lrdsl.check.state import State
from lrdsl.check.surroundings import Around
from lrdsl.diagnostics.fix import Fix, fix
from lrdsl.text.nodes import Number, Operation, Target
from lrdsl.text.source import Span


def of_groups(
    state: State, name: str, span: Span, around: Around
) -> tuple[str, tuple[Fix, ...]] | None:
    """A number of the groups, a capture, the name of a signal, or another target by its name.

    Args:
        state: the definitions.
        name: the name that nothing defines.
        span: where it stands.
        around: what is around it.

    Returns:
        What to say of it, and its fixes; None for any other name.
    """
    if around.call is not None and around.call.id == "signal":
        return f'write `signal("{name}")`', (fix(span, f'"{name}"', "write it in quotes"),)
    if found := _of_metric(around, span):
        return found
    if name in {"lr_scale", "lr_mult"}:
        return f'write `own("{name}")`', (fix(span, f'own("{name}")', f'write `own("{name}")`'),)
    if name == "own":
        return 'it takes the name of a number: `own("lr_scale")`', ()
    for statement in state.written.statements:
        if not isinstance(statement, Target):
            continue
        if statement.name == name and statement.span != span and not around.is_function:
            inside = statement.span.start <= span.start < statement.span.end
            if not inside:
                return f"share the curve: `let f = …`, and `f` in `{name}:` and here", ()
        selector = statement.selector or ""
        if not (
            statement.span.start <= span.start < statement.span.end and isinstance(selector, str)
        ):
            continue
        if len(name) == 1 and (captured := re.findall(r"\{(\w+)\}", selector)):
            only = captured[0]
            own = (fix(span, only, f"write `{only}`"),) if len(captured) == 1 else ()
            return f"the selector captures `{only}`", own
        if len(name) == 1 and (captures := _capturing(selector, name)):
            at = span.source.text.find(selector, statement.span.start)
            place = Span(span.source, at, at + len(selector))
            written = f"{statement.name}[{captures}]"
            own = (fix(place, captures, f"write `{written}`"),) if at >= 0 else ()
            return f"to count groups, capture the number: `{written}`", own
    return None


def _of_metric(around: Around, span: Span) -> tuple[str, tuple[Fix, ...]] | None:
    """The event in ``until(loss < 0.3, const)``: a program has no name for its metric."""
    if around.call is None or around.call.id != "until" or around.argument is None:
        return None
    compared = around.argument.value
    if not isinstance(compared, Operation) or compared.op not in {"<", "<=", ">", ">="}:
        return None
    metric, limit = compared.operands
    if metric.span != span or not isinstance(limit, Number):
        return None
    event = f"{'below' if compared.op[0] == '<' else 'above'}({limit.span.text})"
    return f"for the metric, write `{event}`", (fix(compared.span, event),)


def _capturing(selector: str, name: str) -> str | None:
    """A pattern that captures a number: in the place of its name, or of the first `*`."""
    found = re.sub(rf"(?<![\w{{]){name}(?![\w}}])", f"{{{name}}}", selector, count=1)
    if found == selector:
        found = selector.replace("*", f"{{{name}}}", 1)
    return None if found == selector else found
