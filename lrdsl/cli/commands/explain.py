"""``lrdsl explain``: explains an error code or a schedule."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from lrdsl.cli import output
from lrdsl.cli.completion import codes_and_schedules
from lrdsl.cli.config_options import ConfigOptions, config_options, gathered
from lrdsl.cli.help import LOOK, Command
from lrdsl.cli.run_options import as_expression, base_option, group_option, run_options
from lrdsl.diagnostics import catalogue
from lrdsl.diagnostics.diagnostic import LrsError

if TYPE_CHECKING:
    from lrdsl.check.targets import Target
    from lrdsl.resolve.run_arguments import RunArguments


@click.command(
    cls=Command,
    group=LOOK,
    examples=(
        "lrdsl explain LRS201",
        "lrdsl explain resnet50.lrs --steps-per-epoch 1251",
    ),
    statuses=(
        "Explained.",
        "A schedule with errors.",
        "Wrong use, an unknown code, or a file that cannot be read.",
    ),
)
@run_options("A code, its name, or a schedule; none: all codes.", codes_and_schedules)
@config_options
@base_option
@group_option
def command(
    files: tuple[str, ...],
    expressions: tuple[str, ...],
    bases: dict[str, float],
    groups: tuple[str, ...],
    run: RunArguments,
    configs: ConfigOptions,
) -> None:
    """Explain an error code, or what a schedule does.

    For a code such as LRS201, or its name, unknown-name: what it means, why it is refused, a bad
    and a good example. For a schedule: what each part does in the run, in words. If the length of
    an epoch, or of the run, is not known, it counts in epochs, or in percent of the run.

    In a config, schedules are found as `lrdsl check` finds them, and train.yaml:optimizer.schedule
    names one of them.
    """
    if (run or bases or groups) and not expressions and all(catalogue.find(word) for word in files):
        raise click.UsageError(
            "--base, --group and what describes the run are for schedules: give one."
        )
    if not files and not expressions:
        for name, number in catalogue.CODES.items():
            click.echo(f"{number}  {name}")
        return
    schedules = []
    for file in files:
        slug = _slug(file)
        if slug is None:
            schedules.append(file)
        else:
            click.echo(catalogue.page(slug), nl=False)
    if schedules or expressions:
        _tell(schedules, expressions, configs, run, bases, groups)


def _slug(word: str) -> catalogue.Slug | None:
    """The slug that a word names; ends the command where it is nothing that could be explained."""
    slug = catalogue.find(word) or catalogue.find(f"LRS{word}")
    if slug or word == "-" or "." in word or os.sep in word or os.path.exists(word):
        return slug
    from lrdsl.analysis.analyze import analyze

    found = analyze(word).definition(0)
    shape = f"; for the shape, `lrdsl shapes {word}`" if found and found.is_library else ""
    otherwise = as_expression(word) or shape or "; `lrdsl explain` lists them all"
    output.say(f"lrdsl: there is no code {word}{otherwise}")
    sys.exit(output.MISUSE)


def _tell(
    files: list[str],
    expressions: tuple[str, ...],
    configs: ConfigOptions,
    run: RunArguments,
    bases: dict[str, float],
    groups: tuple[str, ...],
) -> None:
    """Prints what schedules do, or what is wrong with them."""
    from lrdsl.analysis.picture import told
    from lrdsl.cli.resolving import check_bases, parsed
    from lrdsl.cli.stated_runs import known_run
    from lrdsl.preview.describe import Teller

    programs, unreadable = gathered(tuple(files), expressions, None, configs, run)
    output.print_unreadable(unreadable)
    status = output.MISUSE if unreadable else 0
    targets: list[Target] = []
    for text in programs:
        if len(programs) > 1:
            click.echo(f"{text.label if text.in_config is None else text.place}:")
        try:
            program = parsed(text, groups)
            known = known_run(text, program, run)
            schedules, unit = told(program, known, bases)
        except LrsError as error:
            output.print_diagnostics(text.explained(error.diagnostics, run))
            status = max(status, output.FINDINGS)
            continue
        targets += [driven.target for driven, _ in schedules.values()]
        for label, (driven, base) in schedules.items():
            has_base = driven.target.key in bases
            epoch = program.run_of(known).units.get("ep")
            per_epoch = None if epoch is None else float(epoch)
            teller = Teller(driven.schedule, base, given=has_base, per_epoch=per_epoch, unit=unit)
            click.echo(f"{label}: " + "\n    ".join(teller.lines()))
    if not status:
        check_bases(bases, targets)
    sys.exit(status)
