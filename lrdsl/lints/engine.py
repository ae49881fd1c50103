"""Runs the lints on a program: those that can be, each imported when its turn comes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from lrdsl import files, limits
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.formula.formula import UNDEFINED
from lrdsl.lints.lint import Line, Text, place, warning

if TYPE_CHECKING:
    from lrdsl.program import Program
    from lrdsl.resolve.run import Run
    from lrdsl.schedule.schedule import Schedule

Find = Callable[[Any], Iterable[Diagnostic]]
Chosen = Callable[[str], bool]


@lru_cache
def slugs(folder: str) -> tuple[str, ...]:
    """The lints of a folder: ``text``, ``curve``, ``run`` or ``groups``."""
    stems = files.stems(files.of_package("lints", folder), ".py")
    return tuple(stem.replace("_", "-") for stem in stems)


def lint(
    program: Program,
    run: Run,
    schedules: Mapping[str, Schedule] | None,
    chosen: Chosen = lambda slug: True,
) -> list[Diagnostic]:
    """What in a program is probably not meant.

    Args:
        program: a program without errors.
        run: the run it was laid out for; a run that says nothing where it was not.
        schedules: its schedules; None where it could not be laid out.
        chosen: which lints to run, by slug.

    Returns:
        The findings, in the order of the text, without those that a comment ignores.
    """
    text = Text(program, program.expanded(run.params))
    found = dict.fromkeys(d for find in _load("text", chosen) for d in find(text))
    complete = set(slugs("text"))
    if schedules is not None:
        described = run.total is not None
        folders = ["curve", "run"] if described else ["curve"]
        finds = [find for folder in folders for find in _load(folder, chosen)]
        for schedule in schedules.values():
            found |= dict.fromkeys(_of_schedule(schedule, _total(run), _epoch(run), finds))
        if described:
            complete |= {*slugs("curve"), *slugs("run")}
    left: Iterable[Diagnostic] = found
    if "lrs:" in program.module.source.whole:
        from lrdsl.lints import ignores

        comments = ignores.of(program.module.source)
        looked_for = {slug for slug in complete if chosen(slug)}
        left = ignores.apply(found, comments, looked_for, program.module.statements)
    kept = [d for d in left if chosen(d.slug)]
    kept.sort(key=place)
    return kept if len(kept) <= limits.ERRORS else [*kept[: limits.ERRORS], _more(kept)]


def _more(found: list[Diagnostic]) -> Diagnostic:
    """What is said in the place of warnings beyond a limit."""
    message = f"there are more warnings, and only the first {limits.ERRORS} are shown"
    span = found[limits.ERRORS].span
    return warning("too-many-errors", message, "mend those first", span)


def _load(folder: str, chosen: Chosen) -> list[Find]:
    return [
        import_module(f"lrdsl.lints.{folder}.{slug.replace('-', '_')}").find
        for slug in slugs(folder)
        if chosen(slug)
    ]


def _total(run: Run) -> float:
    if run.total is None:
        return math.inf
    from lrdsl.resolve.measure import Measure, nearest

    return nearest(Measure(run).steps(run.total, None))


def _epoch(run: Run) -> float | None:
    """The steps of an epoch, where the length of the run is told in epochs."""
    units = [unit for unit, _ in run.total.amounts] if run.total is not None else []
    return float(run.units["ep"]) if units == ["ep"] else None


def _of_schedule(
    schedule: Schedule, total: float, epoch: float | None, finds: list[Find]
) -> list[Diagnostic]:
    """The findings about one schedule; none where it has no values for the base that is tried."""
    base = schedule.aim.typical
    try:
        curve = schedule.at_base(base)
        blocks = tuple(
            (first, block, block.scalar(env)) for first, block, env in schedule.blocks_at(base)
        )
        line = Line(schedule, blocks, curve, total, epoch)
        return [finding for find in finds for finding in find(line)]
    except (LrsError, *UNDEFINED):
        return []
