"""The options that say where configs have their schedules and their run."""

from __future__ import annotations

from functools import wraps

from lrdsl import files as disk
from lrdsl.cli import output
from lrdsl.cli.help import READ, RUN, option
from lrdsl.cli.run_options import Command, Text, texts
from lrdsl.record import record
from lrdsl.resolve.run_arguments import RunArguments
from lrdsl.wording import listed

_OPTIONS = (
    option(READ, "--key", "keys", multiple=True, metavar="KEYS",
           help="Key of schedules in configs, such as **.schedule."),
    option(RUN, "--total-from", metavar="KEYS=UNIT",
           help="Key of the length in configs: train.epochs=ep."),
    option(RUN, "--steps-per-epoch-from", "steps_from", metavar="KEYS",
           help="Key of the updates in one epoch in configs."),
)  # fmt: skip


@record
class ConfigOptions:
    """The options about configs.

    Attributes:
        keys: ``--key``.
        total_from: ``--total-from``.
        steps_from: ``--steps-per-epoch-from``.
    """

    keys: tuple[str, ...]
    total_from: str | None
    steps_from: str | None

    def note_unused(self) -> None:
        """Says which of them have no effect where there is no config.

        That is no misuse: a hook is given those files that have changed, whatever they are.
        """
        options = {
            "--key": self.keys,
            "--total-from": self.total_from,
            "--steps-per-epoch-from": self.steps_from,
        }
        given = [option for option, value in options.items() if value]
        if given:
            have = "has" if len(given) == 1 else "have"
            output.say(f"note: {listed(given)} {have} no effect: no config was read")


def config_options(function: Command) -> Command:
    """Adds the options about configs.

    Args:
        function: takes them as ``configs``, which is a `ConfigOptions`.
    """

    @wraps(function)
    def command(
        keys: tuple[str, ...], total_from: str | None, steps_from: str | None, **others: object
    ) -> None:
        function(configs=ConfigOptions(keys, total_from, steps_from), **others)

    decorated: Command = command
    for added in reversed(_OPTIONS):
        decorated = added(decorated)
    return decorated


def gathered(
    files: tuple[str, ...],
    expressions: tuple[str, ...],
    stdin_filename: str | None,
    configs: ConfigOptions,
    run: RunArguments,
) -> tuple[list[Text], list[str]]:
    """The programs of a command, those in configs too, and what could not be read.

    Args:
        files: files and folders.
        expressions: ``-e``.
        stdin_filename: the file name for standard input.
        configs: where configs have theirs.
        run: what the command line says of the run.
    """
    if any(map(disk.may_hold_schedules, [*files, stdin_filename or ""])):
        from lrdsl.cli.config_files import gather

        return gather(files, expressions, stdin_filename, configs, run)
    configs.note_unused()
    return texts(files, expressions, stdin_filename)
