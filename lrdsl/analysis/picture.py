"""The curve of a program: as far as its run is known, and otherwise in a unit of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING

from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.formula.formula import UNDEFINED
from lrdsl.frameworks.bounds import limit, typical
from lrdsl.preview.assumed import assumed
from lrdsl.preview.curve import Curve, View, window
from lrdsl.preview.units import Unit, spoken
from lrdsl.record import entity
from lrdsl.resolve.outlook import agreed, errors_of

if TYPE_CHECKING:
    from lrdsl.check.targets import Target
    from lrdsl.diagnostics.diagnostic import Diagnostic
    from lrdsl.program import Program
    from lrdsl.resolve.resolved import Driven, Resolved
    from lrdsl.resolve.run import Run
    from lrdsl.resolve.run_arguments import RunArguments


@entity
class Picture:
    """What can be drawn of a program.

    Attributes:
        resolved: the program, laid out.
        unit: the unit of its steps; None for steps alone. If it ``is_assumed``, the run does not
            say how many steps one is, and only the unit means anything.
        curves: a curve for each target that has values.
    """

    resolved: Resolved
    unit: Unit | None
    curves: tuple[Curve, ...]

    def view(self, first: int = 0, last: int | None = None, *, log: bool | None = None) -> View:
        """The stretch that is shown.

        Args:
            first: the first step.
            last: the last step; None for all.
            log: True if the axis of the values is logarithmic; None if the values say it.

        Raises:
            ValueError: there is nothing there to show.
        """
        return window(self.curves, first, last, unit=self.unit, log=log)

    def svg(self, view: View | None = None, width: int | None = None) -> str:
        """The curves as a picture.

        Args:
            view: what of them is shown; by default all.
            width: the width in pixels; by default that of all pictures.
        """
        from lrdsl.preview.svg import WIDTH, svg

        return svg(self.curves, view or self.view(), width or WIDTH)

    def label(self, step: int) -> str:
        """A step, in the unit if steps are not known.

        Args:
            step: the index of an update.
        """
        if self.unit is not None and self.unit.is_assumed:
            return self.unit.label(step)
        return f"{step:,}"


def picture(
    program: Program, run: RunArguments, bases: Mapping[str, float] = MappingProxyType({})
) -> Picture | None:
    """What can be drawn of a program; None if nothing can.

    Args:
        program: the program.
        run: the arguments of its run, as far as they are known.
        bases: the optimizer's own values of what is driven, by key, as far as they are known.
    """
    (known,), unit = assumed([(program, run)])
    try:
        resolved = program.resolve_all(**known)
    except LrsError:
        return None
    curves = tuple(_curves(resolved, bases))
    return Picture(resolved, unit or spoken([program], known), curves) if curves else None


def _curves(resolved: Resolved, bases: Mapping[str, float]) -> Iterator[Curve]:
    for driven in resolved.driven:
        target, base = driven.target, _base(driven.target, bases)
        with suppress(LrsError, ValueError, *UNDEFINED):  # no value, or no position on its clock
            if not _errors(driven, resolved.run, base):
                driven.schedule.parts_at(base)
                yield Curve(target.label, driven.schedule, base, target=target)


def laid_out(
    program: Program, run: RunArguments, bases: Mapping[str, float]
) -> dict[str, tuple[Driven, float]]:
    """Lays a program out for a run, and looks at its values.

    Args:
        program: the program.
        run: the arguments of the run.
        bases: the optimizer's own values of what is driven, by key, as far as they are known.

    Returns:
        Each target with its schedule, by its label, with its base.

    Raises:
        LrsError: the program has errors, or a schedule has no value at some step.
    """
    resolved = program.resolve_all(**run)
    with_bases = [(driven, _base(driven.target, bases)) for driven in resolved.driven]
    errors = [(one.target, _errors(one, resolved.run, base)) for one, base in with_bases]
    if every := agreed(errors):
        raise LrsError(every)
    pairs = zip(with_bases, errors, strict=True)
    return {target.label: found for found, (target, own) in pairs if not own}


def told(
    program: Program, run: RunArguments, bases: Mapping[str, float]
) -> tuple[dict[str, tuple[Driven, float]], Unit | None]:
    """Lays a program out to be put into words: if its run is not known, in a unit of its own.

    Args:
        program: the program.
        run: the arguments of the run, as far as they are known.
        bases: the optimizer's own values of what is driven, by key, as far as they are known.

    Returns:
        What `laid_out` returns, and the unit, if how many steps one has is assumed; else None.

    Raises:
        LrsError: the program has errors, or what it needs to know of the run is not known.
    """
    (known,), unit = assumed([(program, run)])
    return laid_out(program, known, bases), unit


def _base(target: Target, bases: Mapping[str, float]) -> float:
    """The optimizer's own value, or a typical one where it is not known."""
    return bases.get(target.key, typical(target))


def _errors(driven: Driven, run: Run, base: float) -> list[Diagnostic]:
    return errors_of(driven, run, base, limit(driven.target))
