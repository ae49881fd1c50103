"""What is wrong with a program in a run: its errors, its warnings, and what is not known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.frameworks.bounds import refused
from lrdsl.record import entity

if TYPE_CHECKING:
    from lrdsl.program import Program
    from lrdsl.resolve.resolved import Resolved
    from lrdsl.resolve.run_arguments import RunArguments


@entity
class Findings:
    """What was found out about a program.

    Attributes:
        errors: what is wrong in this run, or in every run.
        warnings: what is probably a mistake; looked for only where there are no errors.
        needs: the options that would say what has to be known of the run, such as ``--total``.
        resolved: the program in the run; None if it could not be laid out.
    """

    errors: tuple[Diagnostic, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    needs: tuple[str, ...] = ()
    resolved: Resolved | None = None


def findings(
    program: Program,
    run: RunArguments,
    *,
    is_whole: bool = False,
    chosen: Callable[[str], bool] = lambda slug: True,
    bases: Mapping[str, float] = MappingProxyType({}),
) -> Findings:
    """Lays a program out and looks at it, as far as its run is known.

    Args:
        program: the program, which has no errors of its own.
        run: the arguments of the run.
        is_whole: True if whoever gave them means them to be enough, so that what is missing is an
            error.
        chosen: which lints to run, by slug.
        bases: the optimizer's own values of what is driven, by key, as far as they are known.
    """
    resolved: Resolved | None = None
    needs: tuple[str, ...] = ()
    try:
        resolved = program.resolve_all(**run)
        if errors := refused(resolved, bases):
            return Findings(tuple(errors), resolved=resolved)
    except LrsError as error:
        if is_whole:
            return Findings(error.diagnostics)
        needs = tuple(dict.fromkeys(d.needs for d in error.diagnostics if d.needs))
        if errors := _in_every_run(program, run, error):
            return Findings(tuple(errors), needs=needs)
    return Findings((), tuple(_warnings(program, run, resolved, chosen, bases)), needs, resolved)


def _in_every_run(program: Program, run: RunArguments, error: LrsError) -> list[Diagnostic]:
    """The errors that no further argument of the run would mend."""
    errors = dict.fromkeys(d for d in error.diagnostics if not d.needs)
    if len(errors) < len(error.diagnostics):
        from lrdsl.resolve.without_run import certain

        errors |= dict.fromkeys(certain(program.expanded(program.run_of(run).params)))
    return list(errors)


def _warnings(
    program: Program,
    run: RunArguments,
    resolved: Resolved | None,
    chosen: Callable[[str], bool],
    bases: Mapping[str, float],
) -> list[Diagnostic]:
    known = program.run_of(run)
    if resolved is None and known.total is not None:
        from lrdsl.lints.epochs import lint_any

        return lint_any(program, run, chosen)
    from lrdsl.lints.engine import lint

    targets = [one.target for one in resolved.driven] if resolved is not None and bases else []
    built = {one.label: {bases[one.key]} for one in targets if one.key in bases}
    return lint(program, known, resolved, chosen, built)
