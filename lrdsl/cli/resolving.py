"""Programs of the command line, laid out and looked at: what is drawn, compared and explained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lrdsl.cli.run_options import Text
from lrdsl.diagnostics.diagnostic import LrsError

if TYPE_CHECKING:
    from lrdsl.resolve.run_arguments import RunArguments
    from lrdsl.schedule.schedule import Schedule


def lay_out(
    text: Text, run: RunArguments, bases: Mapping[str, float]
) -> dict[str, tuple[Schedule, float]]:
    """Lays a program out for a run, and looks at its values.

    Args:
        text: the program.
        run: what the run is like.
        bases: the optimizer's own value of what is driven, by key; 1 where none is given, and 0.9
            for what stays below 1.

    Returns:
        Each schedule by its label, with its base.

    Raises:
        LrsError: the program has errors, or a schedule has no rate at some step.
    """
    from lrdsl.program import Program

    laid_out: dict[str, tuple[Schedule, float]] = {}
    errors = []
    for label, schedule in Program(text.text, text.name).resolve_all(**run).items():
        base = bases.get(schedule.aim.key, schedule.aim.typical)
        errors += schedule.faults(base)
        laid_out[label] = schedule, base
    if errors:
        raise LrsError(errors)
    return laid_out
