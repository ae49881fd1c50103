"""What a statement drives something with: a schedule, or a number that stands for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrdsl.check import library
from lrdsl.check.state import Scope
from lrdsl.check.values import NumberValue
from lrdsl.text.nodes import Argument, Call, Name

if TYPE_CHECKING:
    from lrdsl.check.expander import Expander
    from lrdsl.check.targets import Statement
    from lrdsl.check.values import Value


def driving(expander: Expander, statement: Statement, scope: Scope) -> Value:
    """The value of a statement; after a target a number x is short for ``const(value = x)``.

    Args:
        expander: what evaluates its expression.
        statement: the statement.
        scope: the names that it sees.
    """
    value = expander.evaluate(statement.body, scope)
    if not (statement.has_target and isinstance(value, NumberValue)):
        return value
    span = value.span
    call = Call(span, span, "const", (Argument(span, "value", Name(span, "value")),), 2)
    # Where the library is in force, so that no `const` of the text is meant.
    return expander.evaluate(call, Scope(library.source(), {"value": value}))
