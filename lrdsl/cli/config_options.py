"""The options that say where configs have their schedules and their run."""

from __future__ import annotations

from lrdsl import files as disk
from lrdsl.cli import output
from lrdsl.cli.help import READ, RUN, option
from lrdsl.cli.run_options import Command, Text, texts

_OPTIONS = (
    option(READ, "--key", "keys", multiple=True, metavar="KEYS",
           help="Key of schedules in configs, such as **.schedule."),
    option(RUN, "--total-from", metavar="KEYS=UNIT",
           help="Key of the length in configs: train.epochs=ep."),
    option(RUN, "--steps-per-epoch-from", metavar="KEYS",
           help="Key of the updates in one epoch in configs."),
)  # fmt: skip


def gathered(
    files: tuple[str, ...],
    expressions: tuple[str, ...],
    stdin_filename: str | None,
    keys: tuple[str, ...],
    total_from: str | None,
    steps_from: str | None,
) -> tuple[list[Text], list[str]]:
    """The programs of a command, those in configs too, and what could not be read.

    Args:
        files: files and folders.
        expressions: ``-e``.
        stdin_filename: what standard input stands for.
        keys: ``--key``.
        total_from: ``--total-from``.
        steps_from: ``--steps-per-epoch-from``.
    """
    if any(map(disk.may_hold_schedules, [*files, stdin_filename or ""])):
        from lrdsl.cli.config_files import gather

        return gather(files, expressions, stdin_filename, keys, total_from, steps_from)
    output.note_unused(keys, total_from, steps_from)
    return texts(files, expressions, stdin_filename)


def config_options(function: Command) -> Command:
    """Adds the options about configs."""
    for added in reversed(_OPTIONS):
        function = added(function)
    return function
