"""``lrdsl audit``: whether a run followed its schedule, by its log."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lrdsl.cli import output
from lrdsl.cli.completion import any_file
from lrdsl.cli.config_options import ConfigOptions, config_options, gathered, only
from lrdsl.cli.help import OUTPUT, READ, WATCH, Command, argument, option
from lrdsl.cli.log_options import log_options
from lrdsl.cli.run_options import (
    Amount,
    Text,
    base_option,
    described_run,
    expression_option,
    format_option,
    is_given,
    output_option,
    rate_of,
)
from lrdsl.logs.reader import Wanted

if TYPE_CHECKING:
    from lrdsl.resolve.run_arguments import RunArguments


@click.command(
    cls=Command,
    group=WATCH,
    examples=(
        "lrdsl audit examples/logs/sft.json examples/logs/sft.lrs",
        "lrdsl audit examples/logs/sft.json --expression 'warmup(20) >> cosine(180)'",
    ),
    statuses=(
        "Every rate follows its schedule.",
        "One leaves it, or is not auditable.",
        "Wrong use, or a file that cannot be read or has errors.",
    ),
)
@argument(
    "sources",
    "A log, and a file with its schedule.",
    nargs=-1,
    metavar="LOG SCHEDULE",
    shell_complete=any_file,
)
@expression_option
@described_run()
@config_options
@base_option
@log_options
@option(READ, "--metric", metavar="COLUMN", help="The column with the metric of a plateau.")
@option(READ, "--offset", type=int, metavar="N",
        help="At step s, the log holds the rate of update s + N.")  # fmt: skip
@option(READ, "--git", is_flag=True, help="Try earlier revisions of the file, too.")
@option(READ, "--follow", is_flag=True, help="Watch a log that grows until it leaves.")
@option(READ, "--every", type=Amount(0), default=10, metavar="SECONDS",
        help="How often --follow looks.")  # fmt: skip
@option(OUTPUT, "--fail-under", type=Amount(0, 1), default=1, metavar="SHARE",
        help="Share of logged steps that must agree.")  # fmt: skip
@format_option("github", "json", "text")
@output_option("Draw both to a .png, .svg or .html file.")
def command(
    sources: tuple[str, ...],
    expressions: tuple[str, ...],
    configs: ConfigOptions,
    step: str | None,
    rates: tuple[str, ...],
    metric: str | None,
    run_name: str | None,
    logging_steps: int | None,
    offset: int | None,
    git: bool,
    follow: bool,
    every: float,
    bases: dict[str, float],
    fail_under: float,
    form: str,
    path: str | None,
    run: RunArguments,
) -> None:
    """Compare a run's log with its schedule.

    Finds out which update each logged rate is of, and compares it with the schedule at every logged
    step, as exactly as the log holds rates. Where a run leaves its schedule, both are drawn, and
    the mistakes are named that explain every logged rate.

    If the schedule depends on `base` and --base is left out, it is fitted. A plateau is replayed
    with the metric in the log.

    --follow ends when the log leaves the schedule, when the run is over, or with Ctrl-C.
    """
    log, schedule = _sources(sources, expressions)
    _check_use(path, follow)
    output.need("preview", "numpy", *(["plotext"] if form == "text" else []))
    from lrdsl.cli import auditing

    columns = Wanted(step, rates, metric, run_name, logging_steps)
    text = _text(schedule, expressions, configs, run)
    base = rate_of(bases, "an audit")
    own = () if base is None else (base,)
    asked = auditing.Request(log, text, run, columns, own, git, path, form, fail_under, offset)
    found = auditing.followed(asked, every) if follow else None
    auditing.report(asked, *(found or asked.audited()))


def _sources(sources: tuple[str, ...], expressions: tuple[str, ...]) -> tuple[str, str | None]:
    """The log and the schedule; None for the one of ``-e``."""
    if len(expressions) > 1:
        raise click.UsageError("Give one schedule with -e.")
    if len(sources) == 2 and expressions:
        raise click.UsageError("Give the schedule as a file or after -e, not both.")
    if len(sources) + len(expressions) != 2 or not sources:
        given = len(sources) + len(expressions)
        raise click.UsageError(f"Give a LOG and a SCHEDULE, not {given}; or a LOG, and -e.")
    if sources[0].endswith(".lrs"):
        raise click.UsageError(f"Give the LOG first: {sources[0]} is a schedule.")
    return sources[0], sources[1] if len(sources) > 1 else None


def _check_use(path: str | None, follow: bool) -> None:
    """Refuses options that would have no effect, and pictures of no known format."""
    if is_given("every") and not follow:
        raise click.UsageError("--every says how often --follow looks: give it too.")
    if follow and is_given("fail_under"):
        raise click.UsageError("--follow ends where the log leaves: leave --fail-under out.")
    if path is None:
        return
    suffix = Path(path).suffix.lower()
    if suffix not in (".png", ".svg", ".html"):
        raise click.BadParameter(f"end {path} in .png, .svg or .html", param_hint="-o")
    if suffix == ".png":
        output.need("preview", "matplotlib")


def _text(
    schedule: str | None, expressions: tuple[str, ...], configs: ConfigOptions, run: RunArguments
) -> Text:
    """The one schedule; ends the command where there is none, or are several."""
    files = () if schedule is None else (schedule,)
    texts, unreadable = gathered(files, expressions, None, configs, run, may_be_empty=True)
    output.print_unreadable(unreadable)
    if unreadable:
        sys.exit(output.MISUSE)
    return only(schedule or "-e", texts)
