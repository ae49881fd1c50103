"""Events: what ``until`` waits for. Loaded where a program names one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrdsl.check.operators import schedule
from lrdsl.check.problems import REPORTED, Problem, Refusal, refuse, wrong_kind
from lrdsl.check.targets import Drive
from lrdsl.check.tree import Event, Every, Plateau, Repeat, Skip, UntilEvent, children, extent
from lrdsl.check.values import EventValue, ScheduleValue, TextValue, Unknown

if TYPE_CHECKING:
    from lrdsl.check.combinators import Application
    from lrdsl.check.tree import Constant, Tree

_HELP = 'name it, as in `signal("cooldown")`'


def event(call: Application) -> EventValue | Refusal:
    """The event that a call of ``signal``, ``stalled``, ``below`` or ``above`` stands for.

    Args:
        call: the call.
    """
    kind = call.definition.name
    if kind == "signal":
        return _signal(call)
    if kind == "stalled":
        mode = call.word("mode", ("min", "max"))
        threshold_mode = call.word("threshold_mode", ("rel", "abs"))
        numbers = call.numbers(("patience", "threshold"), (mode, threshold_mode))
        if isinstance(numbers, Refusal):
            return numbers
        rules = Plateau(
            "stalled", factor=0.5, min=0.0, max=1.0, eps=0.0, cooldown=0.0, rise=1.0,
            rise_cooldown=0.0, window=1.0, reset=0.0, relative=threshold_mode == "rel",
            maximize=mode == "max", **numbers,
        )  # fmt: skip
        return EventValue(Event("", kind, 0.0, rules), call.span)
    limit = call.number("value")
    return limit if isinstance(limit, Refusal) else EventValue(Event("", kind, limit), call.span)


def _signal(call: Application) -> EventValue | Refusal:
    match call.arguments["name"]:
        case TextValue(text=text) if text and "@" not in text:
            return EventValue(Event(text, "signal"), call.span)
        case TextValue() as value:
            message = "the name of a signal has a character or more, and no `@`"
            return refuse("wrong-kind", value.span, message, _HELP)
        case Unknown():
            return REPORTED
        case value:
            return wrong_kind(value, "`name` of `signal`", "a text", _HELP)


def until_event(call: Application, value: EventValue) -> ScheduleValue | Refusal:
    """A schedule that an event ends.

    Args:
        call: the call of ``until``.
        value: the event.
    """
    body = call.schedule()
    if isinstance(body, Refusal):
        return body
    size, depth = extent([body.tree])
    return schedule(UntilEvent(call.span, value.event, body.tree, size, depth, call.through))


def with_events(drive: Drive, problems: list[Problem]) -> Drive:
    """A checked statement with the events that end parts of it.

    Args:
        drive: the statement.
        problems: takes what is wrong with where they stand.
    """
    found: dict[str, Event] = {}
    stack: list[tuple[Tree | Constant, Tree | None]] = [(drive.tree, None)]
    while stack:
        top, outer = stack.pop()
        if isinstance(top, UntilEvent):
            found.setdefault(top.event.key, top.event)
            if outer is not None:
                problems.append(_inside(top, outer))
        if isinstance(top, Repeat | Skip | Every):
            outer = top
        stack.extend((child, outer) for child in reversed(children(top)))
    return Drive(drive.target, drive.tree, tuple(found.values()))


def _inside(until: UntilEvent, outer: Tree) -> Problem:
    message = f"an event ends this `until`, and it is inside `{outer.name}`"
    help = f"put `until` around it, or after it, as in `{outer.name}(…) >> …`"
    return Problem("event-inside", until.span, message, help)
