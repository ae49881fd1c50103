"""Programs of the command line, resolved to be drawn, compared and explained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from lrdsl.analysis.picture import laid_out
from lrdsl.cli.run_options import Text
from lrdsl.cli.stated_runs import known_run
from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.program import Program
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
