"""Programs of the command line, resolved to be drawn, compared and explained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from lrdsl.cli.run_options import Text
from lrdsl.cli.stated_runs import known_run
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.frameworks.bounds import limit, typical
from lrdsl.program import Program
from lrdsl.resolve.outlook import agreed, errors_of
from lrdsl.wording import did_you_mean, listed

if TYPE_CHECKING:
    from lrdsl.check.targets import Target
    from lrdsl.resolve.resolved import Driven
    from lrdsl.resolve.run_arguments import RunArguments


def lay_out(
    text: Text, run: RunArguments, bases: Mapping[str, float], groups: Sequence[str] = ()
) -> dict[str, tuple[Driven, float]]:
    """Parses a text for the groups of `--group`, and resolves it as `laid_out` does."""
    program = parsed(text, groups)
    try:
        return laid_out(program, known_run(text, program, run), bases)
    except LrsError as error:
        raise LrsError(text.explained(error.diagnostics, run)) from None


def parsed(text: Text, groups: Sequence[str] = ()) -> Program:
    """Parses a text for the groups of `--group`, if any.

    Args:
        text: the text.
        groups: their names.

    Raises:
        LrsError: the text has errors, or the config that it is in.
    """
    config = text.in_config
    if config is not None and config.errors:
        raise LrsError(config.errors)
    try:
        return for_groups(Program(text.source, text.name), groups)
    except LrsError as error:
        raise LrsError(text.explained(error.diagnostics)) from None


def for_groups(program: Program, groups: Sequence[str]) -> Program:
    """A program for the groups that `--group` names, if any.

    Args:
        program: the program.
        groups: their names.
    """
    return program.for_groups(groups) if groups else program


def laid_out(
    program: Program, run: RunArguments, bases: Mapping[str, float]
) -> dict[str, tuple[Driven, float]]:
    """Lays a program out for a run, and looks at its values.

    Args:
        program: the program.
        run: the arguments of the run.
        bases: the optimizer's own value of what is driven, by key; 1 where none is given, and 0.9
            for what stays below 1.

    Returns:
        Each target with its schedule, by its label, with its base.

    Raises:
        LrsError: the program has errors, or a schedule has no rate at some step.
    """
    schedules: dict[str, tuple[Driven, float]] = {}
    errors: list[tuple[Target, Sequence[Diagnostic]]] = []
    resolved = program.resolve_all(**run)
    for driven in resolved.driven:
        target = driven.target
        base = bases.get(target.key, typical(target))
        found = errors_of(driven, resolved.run, base, limit(target))
        errors.append((target, found))
        if not found:
            schedules[target.label] = driven, base
    if every := agreed(errors):
        raise LrsError(every)
    return schedules


def check_bases(bases: Mapping[str, float], targets: Iterable[Target]) -> None:
    """Refuses a base rate of what nothing drives, which would have no effect.

    Args:
        bases: what was given, by key.
        targets: the hyperparameters that the programs drive.

    Raises:
        BadParameter: there is one.
    """
    keys = list(dict.fromkeys(target.key for target in targets if not target.is_scalar))
    for name in bases:
        if name not in keys:
            others = f"it drives {listed(f'`{key}`' for key in keys)}"
            help = did_you_mean(name, keys, others if keys else "a `scalar` has no base")
            message = f"nothing here drives `{name}`; {help}"
            raise click.BadParameter(message, param_hint="--base")
