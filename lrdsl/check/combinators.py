"""Combinators that no formula can say; their signatures and texts stand in ``prelude.lrs``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from lrdsl import limits
from lrdsl.check.conversions import as_schedule, number_instead
from lrdsl.check.operators import schedule
from lrdsl.check.problems import REPORTED, Refusal, refuse, together, wrong_kind
from lrdsl.check.specialize import named
from lrdsl.check.tree import (
    VARIABLE,
    Adaptive,
    Constant,
    Every,
    Meter,
    Over,
    Plateau,
    Pointwise,
    Repeat,
    Sequence,
    Shape,
    Skip,
    Through,
    Timed,
    Tree,
    Until,
    UntilEvent,
    extent,
)
from lrdsl.check.values import (
    REST_AMOUNTS,
    EventValue,
    FunctionValue,
    Length,
    LengthValue,
    NumberValue,
    ScheduleValue,
    TextValue,
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
        meter: what a meter of it is called, after ``plateau@``.
    """

    definition: Definition
    arguments: Mapping[str, Value]
    span: Span
    through: Through
    meter: str

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

    def numbers(
        self, names: Iterable[str], others: Iterable[object] = ()
    ) -> dict[str, float] | Refusal:
        """The arguments that are numbers, by name; or why one, or one of the others, is refused."""
        found = {name: self.number(name) for name in names}
        refusals = [one for one in (*found.values(), *others) if isinstance(one, Refusal)]
        if refusals:
            return together(refusals)
        return {n: float(x) for n, x in found.items() if not isinstance(x, Refusal)}

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
        what = f"`{name}` of `{self.definition.name}`"
        either = f"`{words[0]}` or `{words[1]}`"
        if isinstance(value, TextValue):
            return wrong_kind(value, what, either, f"`{name}` is {either}, without quotes")
        near = closest(value.span.text, words)
        help = f"write {'' if near else 'one of them, such as '}`{name} = {near or words[0]}`"
        own = (fix(value.span, near, help),) if near else ()
        return refuse("wrong-kind", value.span, f"{what} is {either}", help, own)

    def refuse_argument(self, name: str, message: str) -> Refusal:
        """Refuses the value of an argument, as a guard would."""
        help = f"what it takes: `lrdsl shapes {self.definition.name}`"
        return refuse("guard", self.arguments[name].span, message, help)


def _timed(call: Application, make: type[Over | Until | Skip | Every]) -> ScheduleValue | Refusal:
    """A combinator of a length and a schedule."""
    body, value = call.schedule(), call.arguments["length"]
    if isinstance(value, EventValue):
        return _of_event(call, value)
    if isinstance(body, Refusal):
        return body
    assert isinstance(value, LengthValue)
    if value.length.is_rest:
        message = f"`{make.name}` needs a length, and `rest` is what others leave"
        return refuse("rest-arithmetic", value.span, message, "give it a length of its own")
    tree = body.tree
    return schedule(make(call.span, value.length, tree, *extent([tree]), call.through))


def _of_event(call: Application, value: EventValue) -> ScheduleValue | Refusal:
    """A combinator of an event and a schedule."""
    name = call.definition.name
    if name == "until":
        from lrdsl.check.events import until_event

        return until_event(call, value)
    help = "an event ends what `until` is given: `until(event, schedule)`"
    return wrong_kind(value, f"`length` of `{name}`", "a length", help)


def _event(call: Application) -> EventValue | Refusal:
    from lrdsl.check.events import event

    return event(call)


def _every(call: Application) -> ScheduleValue | Refusal:
    found = _timed(call, Every)
    if isinstance(found, Refusal) or (part := _metered(found.tree)) is None:
        return found
    message = f"`{part.name}` inside `every`: a metric lowers it, and `every` holds values"
    help = f"multiply what `every` holds: `every(…) * {part.name}(…)`"
    return refuse("held-metric", part.span, message, help)


def _metered(tree: Tree) -> Shape | None:
    """The first part of a tree that a metric drives."""
    stack: list[Tree | Constant] = [tree]
    while stack:
        top = stack.pop()
        if isinstance(top, Shape) and top.meter is not None:
            return top
        if isinstance(top, Timed | Repeat | UntilEvent):
            stack.append(top.body)
        elif isinstance(top, Sequence | Pointwise):
            stack.extend(reversed(top.parts if isinstance(top, Sequence) else top.sides))
    return None


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
    mode = call.word("mode", ("min", "max"))
    threshold_mode = call.word("threshold_mode", ("rel", "abs"))
    numbers = call.numbers(_PLATEAU, (mode, threshold_mode))
    if isinstance(numbers, Refusal):
        return numbers
    name = f"{VARIABLE}{call.meter}"
    return _factor(
        call, Plateau(name, relative=threshold_mode == "rel", maximize=mode == "max", **numbers)
    )


_PLATEAU = (
    "factor", "patience", "threshold", "cooldown", "eps", "rise", "rise_cooldown", "min", "max",
    "window", "reset",
)  # fmt: skip


def _adaptive(call: Application) -> ScheduleValue | Refusal:
    numbers = call.numbers(("low", "high", "factor", "min", "max"))
    if isinstance(numbers, Refusal):
        return numbers
    return _factor(call, Adaptive(f"{VARIABLE}{call.meter}", eps=0.0, **numbers))


def _factor(call: Application, meter: Meter) -> ScheduleValue:
    """A part that is the factor of a meter."""
    name = call.definition.name
    functions = {n: v for n, v in call.arguments.items() if isinstance(v, FunctionValue)}
    tree = Shape(
        call.span, name, _FACTOR, Length(REST_AMOUNTS, call.span), (("value", Var(meter.name)),),
        (), (), meter, call.definition, named(functions), through=call.through,
    )  # fmt: skip
    return ScheduleValue(tree, call.span)


# Its one argument is the factor that it has come to.
_FACTOR = Kernel("plateau", ["value"], Var("value"))

# The combinators that a metric drives.
METERED = ("adaptive", "plateau")

NATIVES: dict[str, Callable[[Application], ScheduleValue | EventValue | Refusal]] = {
    "adaptive": _adaptive,
    "above": _event,
    "below": _event,
    "every": _every,
    "over": partial(_timed, make=Over),
    "plateau": _plateau,
    "repeat": _repeat,
    "signal": _event,
    "skip": partial(_timed, make=Skip),
    "stalled": _event,
    "until": partial(_timed, make=Until),
}
