"""``own("lr_scale")``: another number of the same parameter group. Loaded where it is called."""

from __future__ import annotations

from collections.abc import Sequence

from lrdsl.check.problems import Refusal, refuse, wrong_kind
from lrdsl.check.values import NumberValue, TextValue, Unknown, Value
from lrdsl.formula.formula import Var, own_name
from lrdsl.text.nodes import Call
from lrdsl.wording import plural

_HELP = 'name a number of the parameter groups, as in `own("lr_scale")`'


def own(node: Call, values: Sequence[Value]) -> Value | Refusal:
    """The value of a call of ``own``: a number that is known once there are groups.

    Args:
        node: the call.
        values: its arguments.
    """
    named = [argument for argument in node.arguments if argument.name is not None]
    if named:
        message = f"`own` has no argument `{named[0].name}`"
        return refuse("unknown-argument", named[0].span, message, _HELP)
    if not values:
        return refuse("missing-argument", node.span, "`own` needs an argument", _HELP)
    if len(values) > 1:
        message = f"`own` takes {plural(1, 'argument')}"
        return refuse("surplus-argument", node.arguments[1].span, message, _HELP)
    match values[0]:
        case TextValue(text=""):
            return refuse(
                "wrong-kind", values[0].span, "`own` takes a name, and this is none", _HELP
            )
        case TextValue(text=text):
            return NumberValue(Var(own_name(text)), node.span)
        case Unknown():
            return values[0]
    return wrong_kind(values[0], "the argument of `own`", "a text", _HELP)
