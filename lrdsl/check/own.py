"""``own("lr_scale")``: another number of the same parameter group. Loaded where it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrdsl.check.problems import Refusal, refuse, wrong_kind
from lrdsl.check.state import WORDS, Scope
from lrdsl.check.values import NumberValue, TextValue, Unknown, Value
from lrdsl.diagnostics.fix import fix
from lrdsl.formula.formula import Var, own_name
from lrdsl.text.nodes import Call, Name
from lrdsl.wording import plural

if TYPE_CHECKING:
    from lrdsl.check.expander import Expander

_HELP = 'name a number of the parameter groups, as in `own("lr_scale")`'


def own_number(expander: Expander, node: Call, scope: Scope) -> Value | Refusal:
    """The value of a call of ``own``: a number that is known once there are groups.

    Args:
        expander: what evaluates its arguments.
        node: the call.
        scope: the names that it sees.
    """
    if len(node.arguments) == 1 and isinstance(name := node.arguments[0].value, Name):
        word = name.id
        if not (word in scope.local or word in WORDS or expander.state.find(word, scope)):
            message = f"`own` takes a name in double quotes, and `{word}` has none"
            help = f'write `own("{word}")`'
            return refuse("wrong-kind", name.span, message, help, (fix(name.span, f'"{word}"'),))
    values = [expander.evaluate(argument.value, scope) for argument in node.arguments]
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
                "wrong-kind", values[0].span, "`own` takes a name, and this is not one", _HELP
            )
        case TextValue(text=text):
            return NumberValue(Var(own_name(text)), node.span)
        case Unknown():
            return values[0]
    return wrong_kind(values[0], "the argument of `own`", "a text", _HELP)
