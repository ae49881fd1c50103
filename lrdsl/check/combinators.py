"""Combinators that no formula can say; their signatures and texts stand in ``prelude.lrs``."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lrdsl import limits
from lrdsl.check.conversions import as_schedule, number_instead
from lrdsl.check.operators import schedule
from lrdsl.check.problems import REPORTED, Refusal, refuse, together, wrong_kind
from lrdsl.check.specialize import named
from lrdsl.check.tree import VARIABLE, Meter, Over, Repeat, Shape, Through, extent
from lrdsl.check.values import (
    REST_AMOUNTS,
    FunctionValue,
    Length,
    LengthValue,
    NumberValue,
    ScheduleValue,
    Unknown,
    Value,
)
from lrdsl.diagnostics.fix import fix
from lrdsl.formula.formula import Const, Var
from lrdsl.formula.kernel import Kernel
from lrdsl.record import record
from lrdsl.text.nodes import Definition
from lrdsl.text.numbers import exact, whole
from lrdsl.text.source import Span
from lrdsl.wording import closest


@record
class Application:
    """A combinator with its arguments.

    Attributes:
        definition: the combinator's, in the library.
        arguments: the values of all its parameters, lengths turned into lengths already.
        span: where a user has to look for it.
        through: the definitions of the text that it came through, and their calls.
        count: how many calls of combinators came before it.
    """

    definition: Definition
    arguments: Mapping[str, Value]
    span: Span
    through: Through
    count: int

    def number(self, name: str) -> float | Refusal:
        """An argument that is a number and known before training."""
        value = self.arguments[name]
        what = f"`{name}` of `{self.definition.name}`"
        match value:
            case NumberValue(formula=Const(value=known)):
                return known
            case NumberValue():
                return self.refuse_argument(name, f"{what} must be known before training")
            case Unknown():
                return REPORTED
        return wrong_kind(value, what, "a number", *number_instead(value, what))

    def schedule(self) -> ScheduleValue | Refusal:
        """The schedule it is given."""
        what = f"`schedule` of `{self.definition.name}`"
        return as_schedule(self.arguments["schedule"], what)

    def word(self, name: str, words: tuple[str, str]) -> str | Refusal:
        """An argument that is one of two functions, which stand for themselves."""
        value = self.arguments[name]
        match value:
            case FunctionValue() if value.name in words:
                return value.name
            case Unknown():
                return REPORTED
        message = f"`{name}` of `{self.definition.name}` is `{words[0]}` or `{words[1]}`"
        near = closest(value.span.text, words) or words[0]
        help = f"write `{name} = {near}`"
        return refuse("wrong-kind", value.span, message, help, (fix(value.span, near, help),))

    def refuse_argument(self, name: str, message: str) -> Refusal:
        """Refuses the value of an argument, as a guard would."""
        help = f"what it takes: `lrdsl shapes {self.definition.name}`"
        return refuse("guard", self.arguments[name].span, message, help)


def _over(call: Application) -> ScheduleValue | Refusal:
    body, value = call.schedule(), call.arguments["length"]
    if isinstance(body, Refusal):
        return body
    assert isinstance(value, LengthValue)
    if value.length.is_rest:
        message = "`over` sets a length, and `rest` is what others leave"
        return refuse("rest-arithmetic", value.span, message, "give it a length of its own")
    tree = body.tree
    return schedule(Over(call.span, value.length, tree, *extent([tree]), call.through))


def _repeat(call: Application) -> ScheduleValue | Refusal:
    body, times = call.schedule(), _times(call)
    if isinstance(times, Refusal):
        return together([side for side in (body, times) if isinstance(side, Refusal)])
    stretch, decay = call.number("stretch"), call.number("decay")
    if isinstance(stretch, float | int) and stretch <= 0:
        stretch = call.refuse_argument("stretch", "`stretch` of `repeat` is above 0")
    if isinstance(decay, float | int) and decay < 0:
        decay = call.refuse_argument("decay", "`decay` of `repeat` is not below 0")
    if isinstance(body, Refusal) or isinstance(stretch, Refusal) or isinstance(decay, Refusal):
        return together([side for side in (body, stretch, decay) if isinstance(side, Refusal)])
    if stretch != 1 and times is not None and times > limits.CYCLES:
        message = f"these are {times:,} cycles, each of another length"
        help = f"the limit is {limits.CYCLES:,}; without `stretch` there is none"
        return refuse("too-many-cycles", call.arguments["times"].span, message, help)
    tree = body.tree
    size, depth = extent([tree])
    return schedule(
        Repeat(call.span, tree, times, exact(stretch), decay, size, depth, call.through)
    )


def _times(call: Application) -> int | Refusal | None:
    """The number of cycles of a `repeat`; None for as many as fit."""
    value = call.arguments["times"]
    if isinstance(value, LengthValue) and value.length.is_rest:
        return None
    if isinstance(value, ScheduleValue) and (found := _second(call, value)):
        return found
    count = call.number("times")
    if isinstance(count, Refusal):
        return count
    cycles = whole(count)
    if cycles is None or cycles < 1:
        return call.refuse_argument("times", "`times` of `repeat` is a whole number, 1 or more")
    return cycles


def _second(call: Application, value: ScheduleValue) -> Refusal | None:
    """Refuses a second schedule that stands where the number of cycles does."""
    first = call.arguments["schedule"].span
    source = value.span.source
    between = Span(source, first.end, value.span.start)
    if first.source is not source or between.text.strip() != ",":
        return None
    message = "`repeat` repeats one schedule, and here a second one starts"
    help = "to run one after the other, put `>>` between them"
    own = fix(between, " >> ", help)
    return refuse("wrong-kind", value.span, message, help, (own,))


def _plateau(call: Application) -> ScheduleValue | Refusal:
    factor, patience, threshold = map(call.number, ("factor", "patience", "threshold"))
    cooldown, eps = map(call.number, ("cooldown", "eps"))
    mode = call.word("mode", ("min", "max"))
    threshold_mode = call.word("threshold_mode", ("rel", "abs"))
    if (
        isinstance(factor, Refusal)
        or isinstance(patience, Refusal)
        or isinstance(threshold, Refusal)
        or isinstance(cooldown, Refusal)
        or isinstance(eps, Refusal)
        or isinstance(mode, Refusal)
        or isinstance(threshold_mode, Refusal)
    ):
        every = (factor, patience, threshold, cooldown, eps, mode, threshold_mode)
        return together([found for found in every if isinstance(found, Refusal)])
    name = f"{VARIABLE}{call.count + 1}"
    meter = Meter(
        name, factor, patience, threshold, threshold_mode == "rel", mode == "max", cooldown, eps
    )
    functions = {n: v for n, v in call.arguments.items() if isinstance(v, FunctionValue)}
    tree = Shape(
        call.span, "plateau", _FACTOR, Length(REST_AMOUNTS, call.span), (("value", Var(name)),),
        (), (), meter, call.definition, named(functions), through=call.through,
    )  # fmt: skip
    return ScheduleValue(tree, call.span)


# A plateau is a part whose one argument is the factor it has come down to.
_FACTOR = Kernel("plateau", ["value"], Var("value"))

NATIVES: dict[str, Callable[[Application], ScheduleValue | Refusal]] = {
    "over": _over,
    "plateau": _plateau,
    "repeat": _repeat,
}
