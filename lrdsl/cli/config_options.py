"""The options of ``lrdsl check`` that say where configs have their schedules and their run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

_F = TypeVar("_F", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--key", "keys", multiple=True, metavar="KEYS",
                 help="Where configs have schedules, such as optimizer.schedule or **.lr."),
    click.option("--total-from", metavar="KEYS=UNIT",
                 help="Where configs have the length of the run, such as trainer.max_epochs=ep."),
    click.option("--steps-per-epoch-from", metavar="KEYS",
                 help="Where configs have the updates in one epoch."),
)  # fmt: skip


def config_options(function: _F) -> _F:
    """Adds the options about configs."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function
