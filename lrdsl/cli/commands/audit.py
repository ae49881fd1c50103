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
from lrdsl.cli.run_options import Text, base_option, described_run, format_option
from lrdsl.logs.reader import Wanted

if TYPE_CHECKING:
    from lrdsl.resolve.run_arguments import RunArguments

# Seconds from one look of --follow to the next.
_EVERY = 10.0


def _share(ctx: click.Context, param: click.Parameter, value: float | None) -> float | None:
    """An option that is a share, from 0 to 1."""
    if value is not None and not 0 <= value <= 1:
        raise click.BadParameter(f"{value} is not a share, from 0 to 1")
    return value


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
@option(READ, "-e", "--expression", "expressions", multiple=True, metavar="EXPR",
        help="The schedule given here, in quotes.")  # fmt: skip
@config_options
@option(READ, "--step", metavar="COLUMN", help="The column with the steps.")
@option(READ, "--rate", "rates", multiple=True, metavar="COLUMN", help="A column with a rate.")
@option(READ, "--metric", metavar="COLUMN", help="The column with the metric of a plateau.")
@option(READ, "--run", "run_name", metavar="NAME", help="The run to read, of several.")
@option(READ, "--logging-steps", type=click.IntRange(1), metavar="N",
        help="Updates between readings, if no step is logged.")  # fmt: skip
@option(READ, "--offset", type=int, metavar="N",
        help="At step s, the log holds the rate of update s + N.")  # fmt: skip
@option(READ, "--git", is_flag=True, help="Try earlier revisions of the file, too.")
@option(READ, "--follow", is_flag=True, help="Watch a log that grows until it leaves.")
@option(READ, "--every", type=click.FloatRange(0), metavar="SECONDS",
        help="How often --follow looks; 10 by default.")  # fmt: skip
@described_run
@base_option
@option(OUTPUT, "--fail-under", type=float, callback=_share, metavar="SHARE",
        help="Share of logged steps that must agree (1).")  # fmt: skip
@format_option("github", "json", "text")
@option(OUTPUT, "-o", "--output", "path", metavar="FILE", shell_complete=any_file,
        help="Draw both to a .png, .svg or .html file.")  # fmt: skip
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
    every: float | None,
    bases: dict[str, float],
    fail_under: float | None,
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
    _check_use(path, follow, every, fail_under)
    output.need("preview", "numpy", *(["plotext"] if form == "text" else []))
    from lrdsl.cli import auditing

    columns = Wanted(step, rates, metric, run_name, logging_steps)
    text = _text(schedule, expressions, configs, run)
    own = _base(bases)
    asked = auditing.Request(log, text, run, columns, own, git, path, form, fail_under, offset)
    found = auditing.followed(asked, _EVERY if every is None else every) if follow else None
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


def _check_use(
    path: str | None, follow: bool, every: float | None, fail_under: float | None
) -> None:
    """Refuses options that would have no effect, and pictures of no known format."""
    if every is not None and not follow:
        raise click.UsageError("--every says how often --follow looks: give it too.")
    if follow and fail_under is not None:
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


def _base(bases: dict[str, float]) -> tuple[float, ...]:
    for name in bases:
        if name != "lr":
            raise click.BadParameter(f"an audit is of `lr`, not of `{name}`", param_hint="--base")
    return tuple(bases.values())
