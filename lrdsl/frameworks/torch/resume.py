"""The state of another schedule: whether the difference matters, and how to say so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lrdsl.check.targets import RATE
from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.frameworks.torch.assign import assign
from lrdsl.frameworks.torch.hyperparameters import Group, Hyperparameter, called
from lrdsl.record import record
from lrdsl.resolve.resolved import Driven, Resolved
from lrdsl.schedule.difference import first_difference
from lrdsl.schedule.plateau import Meters, NamedFactors, for_schedule
from lrdsl.schedule.schedule import Schedule
from lrdsl.wording import apart

_NONE: NamedFactors = {}


@record
class Pair:
    """One number of one group under two programs; None where a program does not drive it."""

    slot: Hyperparameter
    index: int
    base: float
    old: Driven | None
    new: Driven | None


def refusal(
    old: Resolved, new: Resolved, groups: Sequence[Group], step: int, factors: NamedFactors
) -> str | None:
    """Why a state of one program cannot go on under another without a word, or None where it can.

    Args:
        old: what the state was saved under.
        new: what it is loaded under.
        groups: the optimizer's parameter groups.
        step: the step of the state. Two programs that agree up to here, it included, are one.
        factors: what every ``plateau`` of the old program has come down to.
    """
    rules = [Meters.of(program.values()).meters for program in (old, new)]
    try:
        difference = _first(list(pairs(old, new, groups)), step)
    except LrsError as error:
        difference, reason = None, f"the saved one does not fit this optimizer:\n{error}"
    else:
        if difference is not None:
            reason = _described(*difference, groups, step, factors)
        elif rules[0] != rules[1]:
            reason = "  they differ in what a metric changes: a `plateau` is not the same in both"
        else:
            return None
    return "\n".join(
        [
            "this is the state of another schedule, or of another run of it:",
            _shown("saved", old),
            _shown("now", new),
            reason,
            'to go on under one of them, pass on_change="new" or on_change="old" to lrdsl.compile',
        ]
    )


def pairs(old: Resolved, new: Resolved, groups: Sequence[Group]) -> Iterator[Pair]:
    """Every number that one of two programs drives.

    Raises:
        LrsError: one of them does not fit the groups.
    """
    for i, (was, now) in enumerate(zip(assign(old, groups), assign(new, groups), strict=True)):
        for slot in {**was, **now}:
            yield Pair(slot, i, slot.base(groups[i]), was.get(slot), now.get(slot))


def released(
    old: Resolved, new: Resolved, groups: Sequence[Group]
) -> list[tuple[Hyperparameter, Group]]:
    """What the old program drives and the new one leaves alone: it goes back to its own value."""
    try:
        driven = list(pairs(old, new, groups))
    except LrsError:
        return []
    return [(pair.slot, groups[pair.index]) for pair in driven if pair.new is None]


def _first(driven: list[Pair], step: int) -> tuple[Pair, int] | None:
    """The pair that differs first, and where."""
    known: dict[tuple[str, str, float], int | None] = {}
    differing: list[tuple[int, Pair]] = []
    for pair in driven:
        key = (_label(pair.old), _label(pair.new), pair.base)
        if key not in known:
            known[key] = first_difference(_schedule(pair.old), _schedule(pair.new), pair.base, step)
            if (first := known[key]) is not None:
                differing.append((first, pair))
    if not differing:
        return None
    first, pair = min(differing, key=lambda entry: entry[0])
    return pair, first


def _label(driven: Driven | None) -> str:
    return driven.target.label if driven else ""


def _schedule(driven: Driven | None) -> Schedule | None:
    return driven.schedule if driven else None


def _described(
    pair: Pair, first: int, groups: Sequence[Group], step: int, factors: NamedFactors
) -> str:
    what = f"the {'rate' if pair.slot.name == RATE else pair.slot.name}"
    group = called(groups[pair.index], pair.index)
    then, now = apart(_value(pair.old, pair.base, first), _value(pair.new, pair.base, first))
    was, will = (_value(one, pair.base, step, factors) for one in (pair.old, pair.new))
    jump = "it is {} in both" if was == will else "it would jump from {} to {}"
    return (
        f"  they differ first at step {first:,}, in {what} of {group}: {then} then, {now} now\n"
        f"  at step {step:,}, where the state is, {jump.format(*apart(was, will))}"
    )


def _value(driven: Driven | None, base: float, step: int, factors: NamedFactors = _NONE) -> float:
    if driven is None:
        return base
    schedule = driven.schedule
    known = {meter.name: factors.get(meter.name, 1.0) for meter in schedule.meters}
    return schedule(step, base=base, factors=for_schedule(schedule, known))


# What is shown of a long program.
_LINES, _LINE = 20, 200


def _brief(line: str) -> str:
    return line if len(line) <= _LINE else f"{line[:_LINE]} …"


def _shown(word: str, resolved: Resolved) -> str:
    lines = [_brief(line) for line in str(resolved.program).split("\n")]
    if len(lines) > _LINES:
        lines = [*lines[:_LINES], f"… {len(lines) - _LINES:,} more lines"]
    if resolved.arguments:
        described = ", ".join(f"{name}={value}" for name, value in resolved.arguments.items())
        lines.append(_brief(f"with {described}"))
    head = f"  {word + ':':<7}"
    return "\n".join([head + lines[0], *(f"{'':<9}{line}" for line in lines[1:])])
