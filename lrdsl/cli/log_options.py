"""The options that say how a log is read."""

from __future__ import annotations

import click

from lrdsl.cli.help import READ, option
from lrdsl.cli.run_options import Command

_OPTIONS = (
    option(READ, "--step", metavar="COLUMN", help="The column with the steps."),
    option(READ, "--rate", "rates", multiple=True, metavar="COLUMN",
           help="The column with the rates."),
    option(READ, "--run-name", metavar="NAME", help="The run to read, of several."),
    option(READ, "--logging-steps", type=click.IntRange(1), metavar="N",
           help="Updates between readings, if no step is logged."),
)  # fmt: skip


def log_options(function: Command) -> Command:
    """Adds the options about a log.

    Args:
        function: takes them as ``step``, ``rates``, ``run_name`` and ``logging_steps``.
    """
    for added in reversed(_OPTIONS):
        function = added(function)
    return function
