"""Findings in epochs that hold for any number of steps per epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.lints.engine import Chosen, lint
from lrdsl.lints.lint import place

if TYPE_CHECKING:
    from lrdsl.diagnostics.diagnostic import Diagnostic
    from lrdsl.program import Program
    from lrdsl.resolve.run_arguments import RunArguments

# Primes: what is found in the same words under both of them depends on neither.
_STEPS = (999_983, 1_000_003)


def lint_any(program: Program, known: RunArguments, chosen: Chosen) -> list[Diagnostic]:
    """The probable mistakes in a program that do not depend on the length of an epoch.

    Args:
        program: a program without errors, which needs the steps of an epoch to be laid out.
        known: the known arguments of the run.
        chosen: which lints to run, by slug.

    Returns:
        The findings, in the order of the text, without those that a comment ignores.
    """
    certain = lint(program, program.run_of(known), None, chosen)
    findings: list[list[Diagnostic]] = []
    for steps in _STEPS:
        assumed: RunArguments = {**known, "steps_per_epoch": steps}
        try:
            schedules = program.resolve_all(**assumed)
        except LrsError:
            return certain
        findings.append(lint(program, schedules.run, schedules, chosen))
    # A comment may well be of use in the run as it really is.
    both = [d for d in findings[0] if d in findings[1] and d.slug != "useless-ignore"]
    return sorted(dict.fromkeys([*certain, *both]), key=place)
