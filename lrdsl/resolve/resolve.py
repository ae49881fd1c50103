"""Program tree and run to schedule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from lrdsl.check.targets import Drive
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.formula.formula import Formula
from lrdsl.resolve.boundaries import Layout, Room
from lrdsl.resolve.measure import Measure
from lrdsl.resolve.resolved import Driven
from lrdsl.resolve.run import Run
from lrdsl.schedule.block import Block, Lookup, Ref
from lrdsl.schedule.endpoints import BASE, Endpoints, Node, circular
from lrdsl.schedule.schedule import Schedule
from lrdsl.schedule.sequence import SequenceBlock
from lrdsl.schedule.shape import ShapeBlock
from lrdsl.schedule.views import faults_of


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
    driven: list[Driven] = []
    errors: dict[Diagnostic, None] = {}
    for drive in drives:
        try:
            driven.append(_laid_out(drive, run))
        except LrsError as error:
            # What several statements share, such as a `let`, is reported once.
            errors |= dict.fromkeys(error.diagnostics)
    _stop(errors)
    return tuple(driven)


def _laid_out(drive: Drive, run: Run) -> Driven:
    """Lays one schedule out."""
    tree = drive.tree
    measure = Measure(run)
    total = None if run.total is None else measure.steps(run.total, None)
    # First every length by itself, so that all unknown units are reported at once.
    measure.size(tree, total)
    _stop(measure.errors.values())
    layout = Layout(measure)
    chain = layout.chain(tree, Room(total, total, left=total))
    _stop(measure.errors.values())
    blocks = tuple(chain.walk())
    words = _words(chain, blocks, layout)
    _stop(_products(blocks, words.degrees_of))
    schedule = Schedule(chain, words, blocks)
    # What depends on the base otherwise can be looked at when the base is known.
    if schedule.is_absolute or schedule.is_proportional:
        _stop(faults_of(schedule, noun=drive.target.noun))
    return Driven(drive.target, schedule, layout.vanished)


def _stop(errors: Iterable[Diagnostic]) -> None:
    if every := list(errors):
        raise LrsError(every)


def _words(chain: SequenceBlock, blocks: Sequence[Block], layout: Layout) -> Endpoints:
    """Computes the values of the words that are used."""
    refs: dict[str, Ref] = {}
    chain.link(None, None, refs)
    shapes = [block for block in blocks if isinstance(block, ShapeBlock)]
    meters = dict.fromkeys(shape.meter for shape in shapes)
    factors = tuple(meter.name for meter in meters if meter is not None)
    known = {"base", *factors}
    used: set[str] = set()
    nodes: dict[str, Node] = {}
    for shape in shapes:
        for formula in shape.arguments.values():
            for word in formula.names - known:
                nodes[word] = shape.place, word.partition("@")[0]
            used |= formula.names
    circles = circular(refs, nodes)
    formulas: dict[str, Formula] = {}
    for word in sorted(nodes):
        ref = refs[word]
        # Where nothing comes before, or nothing after, a word is the optimizer's own rate.
        formulas[word] = BASE if ref is None or word in circles else ref[0].at(ref[1])
        layout.spend(formulas[word].size // 10, chain.span)
    return Endpoints(formulas, factors, uses_base="base" in used)


def _products(blocks: Iterable[Block], of: Lookup) -> Iterator[Diagnostic]:
    """Reports products of two rates: their values would go with the square of the base rate."""
    for block in blocks:
        if getattr(block, "op", "") != "*" or block.degrees(of).high < 2:
            continue
        first, second = block.children()
        if max(first.degrees(of).high, second.degrees(of).high) >= 2:
            continue  # which is the fault of what is inside
        message = f"this multiplies two rates: `{first.name}` and `{second.name}`"
        help = f"make one of them a plain factor, as in `{second.name}(…, start = 1)`"
        yield Diagnostic("product-of-rates", message, help, block.span)
