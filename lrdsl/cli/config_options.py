"""The options of ``lrdsl check`` that say where configs have their schedules and their run."""

from __future__ import annotations

from lrdsl.cli.help import READ, RUN, option
from lrdsl.cli.run_options import Command

_OPTIONS = (
    option(READ, "--key", "keys", multiple=True, metavar="KEYS",
           help="Key of schedules in configs, such as **.schedule."),
    option(RUN, "--total-from", metavar="KEYS=UNIT",
           help="Key of the length in configs: train.epochs=ep."),
    option(RUN, "--steps-per-epoch-from", metavar="KEYS",
           help="Key of the updates in one epoch in configs."),
)  # fmt: skip


def config_options(function: Command) -> Command:
    """Adds the options about configs."""
    for added in reversed(_OPTIONS):
        function = added(function)
    return function
