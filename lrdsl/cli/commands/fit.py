"""``lrdsl fit``: the text that explains a logged curve."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from lrdsl import files as disk
from lrdsl.cli import output
from lrdsl.cli.completion import any_file
from lrdsl.cli.help import MOVE, Command, argument
from lrdsl.cli.log_options import log_options
from lrdsl.cli.run_options import base_option, described_run, format_option, rate_of
from lrdsl.diagnostics.diagnostic import LrsError

if TYPE_CHECKING:
    from lrdsl.resolve.run_arguments import RunArguments

VERSION = 1


@click.command(
    cls=Command,
    group=MOVE,
    examples=("lrdsl fit examples/logs/sft.json",),
    statuses=(
        "A text explains every reading.",
        "No text does.",
        "Wrong use, or a log that cannot be read.",
    ),
)
@argument("log", "A log with learning rates.", metavar="LOG", shell_complete=any_file)
@described_run("total")
@base_option
@log_options
@format_option("json", "text")
def command(
    log: str,
    step: str | None,
    rates: tuple[str, ...],
    run_name: str | None,
    logging_steps: int | None,
    bases: dict[str, float],
    form: str,
    run: RunArguments,
) -> None:
    """Find the text that explains a logged curve.

    Prints the shortest text of which every rate of the log is, within the precision of the log:
    warm-ups, decays and joints of the library, with whole lengths and round numbers. Where the log
    cannot tell several texts apart, each has a line.

    The proof goes to standard error: how many readings were compared, and which updates they are
    of. Steps for which no text was found are named there.
    """
    if len(rates) > 1:
        raise click.UsageError("A text is found for one rate: give one --rate.")
    output.need("preview", "numpy")
    from lrdsl.fitting.fit import fit
    from lrdsl.logs.reader import Unreadable

    try:
        found = fit(
            log, total=run.get("total"), base=rate_of(bases, "a fit"), step=step,
            rate=rates[0] if rates else None, run_name=run_name, logging_steps=logging_steps,
        )  # fmt: skip
    except LrsError as error:
        output.print_diagnostics(error.diagnostics, err=True)
        sys.exit(output.MISUSE)
    except (Unreadable, ValueError) as error:
        output.say(f"lrdsl: {error}")
        sys.exit(output.MISUSE)
    except OSError as error:
        output.say(f"lrdsl: cannot read {log}: {disk.reason(error)}")
        sys.exit(output.MISUSE)
    if form == "json":
        click.echo(output.document(VERSION, found.to_json()))
    else:
        for text in found.texts:
            click.echo(text)
        output.say(found.proof)
    sys.exit(0 if found else output.FINDINGS)
