"""The options of ``lrdsl check`` that say where configs have their schedules and their run."""

from __future__ import annotations

import click

from lrdsl.cli.run_options import Command

_OPTIONS = (
    click.option("--key", "keys", multiple=True, metavar="KEYS",
                 help="Where configs have schedules, such as optimizer.schedule or **.lr."),
    click.option("--total-from", metavar="KEYS=UNIT",
                 help="Where configs have the length of the run, such as trainer.max_epochs=ep."),
    click.option("--steps-per-epoch-from", metavar="KEYS",
                 help="Where configs have the updates in one epoch."),
)  # fmt: skip


def config_options(function: Command) -> Command:
    """Adds the options about configs."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function
