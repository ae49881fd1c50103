"""States of another schedule: finds the differences that matter, and reports them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest

from lrdsl.check.targets import RATE
from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.frameworks.torch import state
from lrdsl.frameworks.torch.assign import Drivers, assign, numbers_in
from lrdsl.frameworks.torch.bases import Bases
from lrdsl.frameworks.torch.events import Events
from lrdsl.frameworks.torch.hyperparameters import Hyperparameter
from lrdsl.record import record
from lrdsl.resolve.fingerprint import fingerprint
from lrdsl.resolve.resolved import Driven, Resolved
from lrdsl.schedule.difference import CLOSE, first_in_past
from lrdsl.schedule.plateau import Meters, NamedFactors, for_schedule
from lrdsl.schedule.schedule import Schedule
from lrdsl.wording import apart, number

_NONE: NamedFactors = {}


@record
class Released:
    """A number that nothing drives any more.

    Attributes:
        slot: which number of its group it is.
        index: which group.
        base: what it goes back to.
        driven: what it was driven to; None if a metric or events decided that.
    """

    slot: Hyperparameter
    index: int
    base: float
    driven: float | None


@record
class Pair:
    """One number under two programs; None if a program does not drive it.

    Attributes:
        slot: which number of its group it is; None for a scalar.
        index: which group.
        base: what `base` is in it.
        old: what drove it before.
        new: what drives it now.
    """

    slot: Hyperparameter | None
    index: int
    base: float
    old: Driven | None
    new: Driven | None


@record
class Taken:
    """How a scheduler continues from a saved state.

    Attributes:
        schedules: the schedules to follow from now on.
        meters: the state of its meters.
        events: what has happened to it.
        bases: the values of `base` in every group.
        step: where it is.
        released: the numbers that go back to their bases, as they are no longer driven.
        is_settled: True if the state itself had the bases.
        at: where it is on the clock, if the state says so.
        jump: what the next update does to a value, if only that is not as in the saved schedule.
    """

    schedules: Resolved
    meters: Meters
    events: Events
    bases: Bases
    step: int
    released: list[Released]
    is_settled: bool
    at: int | float | None = None
    jump: str = ""


def taken(
    given: state.State, schedules: Resolved, bases: Bases, on_change: str, owner: str | None = None
) -> Taken:
    """Decides how to continue from a saved state.

    Args:
        given: the state, from outside.
        schedules: the scheduler's schedules.
        bases: the optimizer's parameter groups, and their bases so far.
        on_change: what to do with the state of another schedule.
        owner: what the optimizer was called in the state, if it is known to be called otherwise.

    Raises:
        ValueError: it is no state, or that of another schedule, or of another optimizer.
    """
    if (torchs := state.of_torch(given)) is not None:
        if on_change != "new":
            raise ValueError(state.refusal_of_torchs(torchs))
        own = bases.restored(torchs.bases)
        meters = Meters(schedules.meters)
        events = Events(schedules.events)
        return Taken(schedules, meters, events, own, torchs.step, [], bool(torchs.bases))
    saved = state.read(given)
    if saved.owner and bases.owner and saved.owner != (owner or bases.owner):
        message = f'this is the state of the optimizer "{saved.owner}", not of "{bases.owner}"'
        raise ValueError(f"{message}: load it into the scheduler of that optimizer")
    if saved.bases is not None:
        bases = bases.restored(saved.bases)
    step, is_settled = saved.step, saved.bases is not None
    meters, events = Meters(schedules.meters), Events(schedules.events)
    events.load(saved.events)
    is_same = saved.fingerprint == fingerprint(schedules) and saved.owner == bases.owner
    if is_same and (saved.at is None) != (schedules.ticks is None):
        raise ValueError("`at` of this state is damaged: only a program on a clock has a position")
    if is_same and not _recaptured(schedules, saved, bases):
        # A group that has joined since may have meters of its own.
        known = {name.rpartition(".")[0] for name in saved.measured}
        kept = [meter for meter in schedules.meters if meter.name in known]
        meters.load(saved.measured, kept if schedules.program.captured else None)
        return Taken(schedules, meters, events, bases, step, [], is_settled, saved.at)
    old = saved.schedules()
    at, jump = _place(saved, old, schedules, on_change), ""
    measured = Meters(old.meters)
    measured.load(saved.measured)
    happened = Events(old.events)
    happened.load(saved.events)
    if on_change == "error":
        was, will = old.after(happened.steps), schedules.after(events.steps)
        if why := refusal(was, will, bases, step, measured.factors, saved):
            raise ValueError(why)
        jump = jumping(was, will, bases, step, measured.factors, saved)
    elif on_change == "old":
        return Taken(old, measured, happened, bases, step, [], is_settled, saved.at)
    meters.load(saved.measured, old.meters)
    left = released(old, schedules, bases, step, saved)
    return Taken(schedules, meters, events, bases, step, left, is_settled, at, jump)


def _place(saved: state.Saved, old: Resolved, new: Resolved, on_change: str) -> int | float | None:
    """Where a state is on the clock of a changed program; None if it cannot be known."""
    was, now = old.ticks, new.ticks
    if was is None and now is None:
        return None
    if on_change == "old" and (was is None or now is None):
        message = "only one of the saved schedule and this one follows a clock of its own: "
        raise ValueError(f"{message}compile the saved one to go on under it")
    if was is None or now is None or was.unit != now.unit:
        return None
    if on_change == "error" and (was.grid is None or now.grid is None):
        message = "this is the state of another schedule, and without `1st` the two cannot be"
        raise ValueError(
            f'{message} compared: pass on_change="new" or on_change="old" to lrdsl.compile'
        )
    return saved.at


def _recaptured(schedules: Resolved, saved: state.Saved, bases: Bases) -> bool:
    """True if a group is called otherwise now, so that a selector captures another number."""
    if not (targets := schedules.program.captured):
        return False
    before = _before(bases, saved)
    return any(
        numbers_in(target, before, i)[1] != numbers_in(target, bases, i)[1]
        for i in range(min(len(saved.groups), len(bases.groups)))
        for target in targets
        if before.answers(i) != bases.answers(i)
    )


def refusal(
    old: Resolved,
    new: Resolved,
    bases: Bases,
    step: int,
    factors: NamedFactors,
    saved: state.Saved | None = None,
) -> str | None:
    """Returns why a saved state is incompatible with the new program, or None if it fits.

    Args:
        old: the program of the state.
        new: the program that loads it.
        bases: the optimizer's parameter groups, and what `base` is in each.
        step: the step of the state. Two programs that agree in every update before it are one.
        factors: the current factor of each ``plateau`` of the old program.
        saved: the state, for what it calls the groups; None if they are called as they were.
    """
    rules = [program.meters for program in (old, new)]
    try:
        difference = _first([*pairs(old, new, bases, saved), *_scalars(old, new)], step)
    except LrsError as error:
        difference, reason = None, f"the saved one does not fit this optimizer:\n{error}"
    else:
        if difference is not None:
            reason = _described(*difference, bases, step, factors)
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


def jumping(
    old: Resolved,
    new: Resolved,
    bases: Bases,
    step: int,
    factors: NamedFactors,
    saved: state.Saved,
) -> str:
    """Says which value the next update changes, where two programs agree so far; mostly nothing.

    Args:
        old: as for `refusal`.
        new: as for `refusal`.
        bases: as for `refusal`.
        step: the step of the state, which is the index of the next update; 0 if there was none.
        factors: as for `refusal`.
        saved: as for `refusal`.
    """
    for pair in [*pairs(old, new, bases, saved), *_scalars(old, new)] if step else ():
        was, will = (_value(one, pair.base, step, factors) for one in (pair.old, pair.new))
        if abs(was - will) > CLOSE * max(abs(was), abs(will)):
            before, after = apart(was, will)
            return (
                f"every update so far is as in the saved schedule, and at step {step:,}, which is"
                f" next, {_called(pair, bases)} jumps from {before} to {after}; if that is meant,"
                ' on_change="new" of lrdsl.compile says so'
            )
    return ""


def pairs(
    old: Resolved, new: Resolved, bases: Bases, saved: state.Saved | None = None
) -> Iterator[Pair]:
    """Every number that one of two programs drives.

    Args:
        old: the one program.
        new: the other.
        bases: the parameter groups, and what `base` is in each.
        saved: a state under the old one, for what it calls the groups.

    Raises:
        LrsError: one of them does not fit the groups.
    """
    # The new one fits: what it selects may have gone since, or be yet to come.
    before = bases if saved is None else _before(bases, saved)
    drivers = zip(assign(old, before), assign(new, bases, missing=True), strict=True)
    for i, (was, now) in enumerate(drivers):
        for name, (slot, _) in {**was, **now}.items():
            yield Pair(slot, i, bases.of(slot, i), _driver(was, name), _driver(now, name))


def _before(bases: Bases, saved: state.Saved) -> Bases:
    """The groups under the names that a state has for them, if it has any.

    Groups that have joined since have none.
    """
    groups = bases.groups
    if saved.groups:
        pairs = zip_longest(groups, saved.groups[: len(groups)])
        groups = [{**group, "name": name} for group, name in pairs]
    return Bases(groups, bases.numbers, bases.places, saved.owner)


def _scalars(old: Resolved, new: Resolved) -> Iterator[Pair]:
    """The scalars of both programs. One of only one of them has no past to agree with."""
    before = {one.target.key: one for one in old.driven if one.target.is_scalar}
    for one in new.driven:
        if one.target.is_scalar and one.target.key in before:
            yield Pair(None, 0, 1.0, before[one.target.key], one)


def _driver(drivers: Drivers, name: str) -> Driven | None:
    return drivers[name][1] if name in drivers else None


def released(
    old: Resolved, new: Resolved, bases: Bases, step: int, saved: state.Saved | None = None
) -> list[Released]:
    """The numbers that only the old program drives; they return to their own values."""
    try:
        driven = list(pairs(old, new, bases, saved))
    except LrsError:
        return []
    return [
        Released(one.slot, one.index, one.base, None if old.ticks else _driven_to(one, step))
        for one in driven
        if one.new is None and one.slot is not None
    ]


def _driven_to(pair: Pair, step: int) -> float | None:
    """The value of a number under the old program; None where more than the step decides it."""
    schedule = _schedule(pair.old)
    if schedule is None or schedule.meters or schedule.events or schedule.owns:
        return None
    return _value(pair.old, pair.base, step)


def _first(driven: list[Pair], step: int) -> tuple[Pair, int] | None:
    """The pair that differs first, and where."""
    known: dict[tuple[object, object, float], int | None] = {}
    differing: list[tuple[int, Pair]] = []
    for pair in driven:
        # Groups that have the same numbers of their own share a schedule.
        key = (id(pair.old), id(pair.new), pair.base)
        if key not in known:
            known[key] = first_in_past(_schedule(pair.old), _schedule(pair.new), pair.base, step)
            if (first := known[key]) is not None:
                differing.append((first, pair))
    if not differing:
        return None
    first, pair = min(differing, key=lambda entry: entry[0])
    return pair, first


def _schedule(driven: Driven | None) -> Schedule | None:
    return driven.schedule if driven else None


def _called(pair: Pair, bases: Bases) -> str:
    """What a pair is called in messages."""
    if pair.slot is None:
        assert pair.new is not None
        return f"`scalar {pair.new.target.key}`"
    group = bases.called(pair.index)
    return f"the {'rate' if pair.slot.name == RATE else pair.slot.name} of {group}"


def _described(pair: Pair, first: int, bases: Bases, step: int, factors: NamedFactors) -> str:
    then, now = apart(_value(pair.old, pair.base, first), _value(pair.new, pair.base, first))
    was, will = (_value(one, pair.base, step, factors) for one in (pair.old, pair.new))
    jump = "it is {} in both" if was == will else "it would jump from {} to {}"
    what = _called(pair, bases)
    return (
        f"  they differ first at step {first:,}, in {what}: {then} then, {now} now\n"
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


def _said(value: object) -> str:
    """An argument of a run as messages have it, whatever type its numbers came in."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {_said(x)}" for name, x in value.items()) + "}"
    return number(value, 15) if isinstance(value, int | float) else str(value)


def _shown(word: str, resolved: Resolved) -> str:
    lines = [_brief(line) for line in str(resolved.program).split("\n")]
    if len(lines) > _LINES:
        lines = [*lines[:_LINES], f"… {len(lines) - _LINES:,} more lines"]
    if resolved.arguments:
        described = ", ".join(f"{name}={_said(x)}" for name, x in resolved.arguments.items())
        lines.append(_brief(f"with {described}"))
    head = f"  {word + ':':<7}"
    return "\n".join([head + lines[0], *(f"{'':<9}{line}" for line in lines[1:])])
