"""Program tree and run to schedule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from lrdsl.check.targets import Drive, Target
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.formula.formula import Formula, own_key
from lrdsl.record import replace
from lrdsl.resolve.boundaries import Layout, Room
from lrdsl.resolve.measure import Measure
from lrdsl.resolve.outlook import agreed
from lrdsl.resolve.resolved import Driven
from lrdsl.resolve.run import Run
from lrdsl.schedule.block import Block, Lookup, Ref
from lrdsl.schedule.endpoints import BASE, Endpoints, Node, circular
from lrdsl.schedule.schedule import Schedule
from lrdsl.schedule.sequence import SequenceBlock
from lrdsl.schedule.shape import ShapeBlock
from lrdsl.schedule.views import faults_of

if TYPE_CHECKING:
    from lrdsl.check.tree import Tree
    from lrdsl.text.numbers import Rational

    # A tree, what measures it, and the length of the run.
    _Measured = tuple[Tree, Measure, Rational | None]


def resolve(drives: Iterable[Drive], run: Run) -> tuple[Driven, ...]:
    """Lays out everything that a program drives.

    Args:
        drives: the checked program.
        run: the run.

    Returns:
        Each target with its schedule.

    Raises:
        LrsError: with everything that is wrong for this run.
    """
    drives = tuple(drives)
    if run.clock is not None:
        from lrdsl.resolve.clock import in_ticks

        run = in_ticks(run, drives)
    driven: list[Driven] = []
    errors: list[tuple[Target, Sequence[Diagnostic]]] = []
    for drive in drives:
        found: Sequence[Diagnostic] = ()
        try:
            driven.append(_laid_out(drive, run))
        except LrsError as error:
            found = error.diagnostics
        errors.append((drive.target, found))
    _stop(agreed(errors))
    return tuple(driven)


def _measured(drive: Drive, run: Run, events: Mapping[str, int] | None) -> _Measured:
    """The tree of one schedule, with every length in it measured by itself."""
    tree = drive.tree
    measure = Measure(run)
    total = None if run.total is None else measure.steps(run.total, None)
    if run.ramp is not None:
        from lrdsl.resolve.placing import placed

        tree = placed(tree, run, run.ramp, measure, events or {})
        _stop(measure.errors.values())
    # First every length by itself, so that all unknown units are reported at once.
    if drive.events:
        from lrdsl.resolve.events import eventful

        measure.eventful = eventful(tree)
    measure.size(tree, total)
    _stop(measure.errors.values())
    return tree, measure, total


def _laid_out(
    drive: Drive,
    run: Run,
    events: Mapping[str, int] | None = None,
    measured: _Measured | None = None,
) -> Driven:
    """Lays one schedule out; ``measured`` is what it has in common with other events."""
    tree, measure, total = measured or _measured(drive, run, events)
    layout = Layout(measure, events)
    chain = layout.chain(tree, Room(total, total, left=total))
    _stop(measure.errors.values())
    blocks = tuple(chain.walk())
    words = _words(chain, blocks, layout, drive.target.key)
    if drive.target.is_scalar and (words.uses_base or words.owns):
        from lrdsl.resolve.without_base import refusals

        _stop(refusals(drive.target, chain))
    _stop(_products(blocks, words.degrees_of))
    lowest = drive.target.lowest
    if drive.events:
        from lrdsl.resolve.events import meters_of
        from lrdsl.schedule.events import EventSchedule

        known = {} if events is None else {**events}
        # Plain mappings, so that a schedule can be pickled.
        again = partial(_after, drive, replace(run, units=dict(run.units), params={}), known)
        waits = tuple([one for one in drive.events if one.key not in known]), meters_of(tree)
        schedule: Schedule = EventSchedule(chain, words, blocks, lowest, waits, again)
    elif run.ticks is not None:
        from lrdsl.resolve.clock import schedule_of

        schedule = schedule_of(chain, words, blocks, lowest, run.ticks)
    else:
        schedule = Schedule(chain, words, blocks, lowest)
    # What depends on the base otherwise, or on other numbers, is looked at where they are known.
    if (schedule.is_absolute or schedule.is_proportional) and not schedule.owns:
        _stop(faults_of(schedule, noun=drive.target.noun))
    if drive.events and events is None:
        shared = None if run.ramp is not None else (tree, measure, total)
        _stop(_errors_after(drive, run, total, shared))
    return Driven(drive.target, schedule, layout.vanished)


def _errors_after(
    drive: Drive,
    run: Run,
    total: Rational | None,
    measured: _Measured | None,
) -> Iterable[Diagnostic]:
    """What is wrong once events have happened, at once or later."""
    from lrdsl.resolve.events import said_after, samples

    for events in samples(drive.events, total):
        try:
            _laid_out(drive, run, events, measured)
        except LrsError as error:
            return said_after(error.diagnostics, events)
    return ()


def _after(drive: Drive, run: Run, known: Mapping[str, int], events: Mapping[str, int]) -> Schedule:
    """A schedule for events that have happened, after those that were known."""
    return _laid_out(drive, run, {**known, **events}).schedule


def _stop(errors: Iterable[Diagnostic]) -> None:
    if every := list(errors):
        raise LrsError(every)


def _words(chain: SequenceBlock, blocks: Sequence[Block], layout: Layout, key: str) -> Endpoints:
    """Computes the values of the words that are used in a schedule of a hyperparameter."""
    refs: dict[str, Ref] = {}
    chain.link(None, None, refs)
    shapes = [block for block in blocks if isinstance(block, ShapeBlock)]
    meters = dict.fromkeys(shape.meter for shape in shapes)
    factors = tuple(meter.name for meter in meters if meter is not None)
    known = {"base", *factors}
    used: set[str] = set()
    nodes: dict[str, Node] = {}
    # A group's own number is 1 until there are groups; that of what is driven is `base`.
    owns: dict[str, float | None] = {}
    for shape in shapes:
        for formula in shape.arguments.values():
            for word in formula.names - known:
                if (own := own_key(word)) is not None:
                    owns[word] = None if own == key else 1.0
                else:
                    nodes[word] = shape.place, word.partition("@")[0]
            used |= formula.names
    circles = circular(refs, nodes)
    formulas: dict[str, Formula] = {}
    for word in sorted(nodes):
        ref = refs[word]
        # Where nothing comes before, or nothing after, a word is the optimizer's own rate.
        formulas[word] = BASE if ref is None or word in circles else ref[0].at(ref[1])
        layout.spend(formulas[word].size // 10, chain.span)
    uses_base = "base" in used or None in owns.values()
    return Endpoints(formulas, factors, uses_base=uses_base, owns=owns)


def _products(blocks: Iterable[Block], of: Lookup) -> Iterator[Diagnostic]:
    """Reports products of two rates: their values would go with the square of the base rate."""
    for block in blocks:
        if getattr(block, "op", "") != "*" or block.degrees(of).high < 2:
            continue
        first, second = block.children()
        if max(first.degrees(of).high, second.degrees(of).high) >= 2:
            continue  # which is the fault of what is inside
        message = f"this multiplies two rates: `{first.name}` and `{second.name}`"
        inner = second
        while (source := inner.source(0, 0)) is not None:
            inner = source[0]
        help = f"make one of them a plain factor, as in `{inner.name}(…, start = 1)`"
        yield Diagnostic("product-of-rates", message, help, block.span)
