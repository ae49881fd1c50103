"""The options of ``lrdsl check`` that say where configs have their schedules and their run."""

from __future__ import annotations

import click

from lrdsl.cli.run_options import Command
from lrdsl.wording import listed

_OPTIONS = (
    click.option("--key", "keys", multiple=True, metavar="KEYS",
                 help="Where configs have schedules, such as optimizer.schedule or **.lr."),
    click.option("--total-from", metavar="KEYS=UNIT",
                 help="Where configs have the length of the run, such as trainer.max_epochs=ep."),
    click.option("--steps-per-epoch-from", metavar="KEYS",
                 help="Where configs have the updates in one epoch."),
)  # fmt: skip


def note_unused(keys: tuple[str, ...], total_from: str | None, steps_from: str | None) -> None:
    """Says which of the options have no effect where there is no config.

    That is no misuse: a hook is given those files that have changed, whatever they are.

    Args:
        keys: ``--key``.
        total_from: ``--total-from``.
        steps_from: ``--steps-per-epoch-from``.
    """
    options = {"--key": keys, "--total-from": total_from, "--steps-per-epoch-from": steps_from}
    given = [option for option, value in options.items() if value]
    if given:
        have = "has" if len(given) == 1 else "have"
        click.echo(f"note: {listed(given)} {have} no effect: no config was read", err=True)


def config_options(function: Command) -> Command:
    """Adds the options about configs."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function
