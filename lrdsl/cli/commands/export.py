"""``lrdsl export``: a schedule as code or data that needs no lrdsl."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from lrdsl import files as disk
from lrdsl.analysis.picture import laid_out
from lrdsl.cli import output
from lrdsl.cli.completion import schedules_and_configs
from lrdsl.cli.config_options import ConfigOptions, config_options, gathered, only
from lrdsl.cli.help import MOVE, OUTPUT, Command, option
from lrdsl.cli.resolving import check_bases, parsed
from lrdsl.cli.run_options import base_option, group_option, output_option, run_options
from lrdsl.cli.stated_runs import known_run
from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.exporting import FORMATS
from lrdsl.exporting.order import Order

if TYPE_CHECKING:
    from lrdsl.cli.run_options import Text
    from lrdsl.resolve.run_arguments import RunArguments


@click.command(
    cls=Command,
    group=MOVE,
    examples=(
        "lrdsl export resnet50.lrs --to python --steps-per-epoch 1251",
        "lrdsl export -e 'warmup(5) >> cosine(20, 0.3)' --to python -o rate.py",
    ),
    statuses=(
        "Exported.",
        "Errors, or a schedule that has no formula.",
        "Wrong use, or a file that cannot be read.",
    ),
)
@run_options("A schedule or config; - for standard input.", schedules_and_configs)
@config_options
@base_option
@group_option
@option(OUTPUT, "--to", "form", type=click.Choice(FORMATS), default="python",
        help="What to write.")  # fmt: skip
@option(OUTPUT, "--steps", type=click.IntRange(0), metavar="N",
        help="Rows of a csv; by default those until the end.")  # fmt: skip
@output_option("Write to a file instead of standard output.")
def command(
    files: tuple[str, ...],
    expressions: tuple[str, ...],
    run: RunArguments,
    configs: ConfigOptions,
    bases: dict[str, float],
    groups: tuple[str, ...],
    form: str,
    steps: int | None,
    path: str | None,
) -> None:
    """Write a schedule as code or data that needs no lrdsl.

    python writes a function for each target, which needs nothing but the standard library. torch
    writes a function that makes a LambdaLR, optax functions of jax.numpy, and keras a class for an
    optimizer of Keras. json writes the parts with their formulas, for other languages. csv writes
    the value of every step.

    Where the schedule depends on `base`, functions and formulas do; --base puts a number in its
    place. A schedule that has no formula of the step, such as a plateau, is refused.
    """
    text = _text(files, expressions, configs, run)
    try:
        written = _exported(text, run, bases, groups, form, steps)
    except LrsError as error:
        output.print_diagnostics(text.explained(error.diagnostics, run), err=True)
        sys.exit(output.FINDINGS)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if path is None:
        click.echo(written.encode(), nl=False)
        return
    try:
        with disk.replacing(path) as stream:
            stream.write(written.encode())
    except OSError as error:
        output.say(f"lrdsl: cannot write {path}: {disk.reason(error)}")
        sys.exit(output.MISUSE)


def _text(
    files: tuple[str, ...], expressions: tuple[str, ...], configs: ConfigOptions, run: RunArguments
) -> Text:
    """The one schedule; ends the command where there is none, or are several."""
    if len(files) + len(expressions) > 1:
        raise click.UsageError("Give one schedule: a file, or one after -e.")
    texts, unreadable = gathered(files, expressions, None, configs, run, may_be_empty=True)
    output.print_unreadable(unreadable)
    if unreadable:
        sys.exit(output.MISUSE)
    return only((files or ("-e",))[0], texts)


def _exported(
    text: Text,
    run: RunArguments,
    bases: dict[str, float],
    groups: tuple[str, ...],
    form: str,
    steps: int | None,
) -> str:
    from lrdsl.exporting.export import exported

    program = parsed(text, groups)
    known = known_run(text, program, run)
    schedules = laid_out(program, known, bases)
    check_bases(bases, (driven.target for driven, _ in schedules.values()))
    return exported(Order(program.resolve_all(**known), bases, steps), form)
