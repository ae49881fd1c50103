"""The options that say where configs have their schedules and their run."""

from __future__ import annotations

from collections.abc import Sequence
from functools import wraps

import click

from lrdsl import files as disk
from lrdsl.cli import output
from lrdsl.cli.help import READ, RUN, option
from lrdsl.cli.run_options import Command, Text, texts
from lrdsl.record import record
from lrdsl.resolve.run_arguments import RunArguments
from lrdsl.wording import count, listed, visible

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
    *,
    may_be_empty: bool = False,
    skip_unrelated: bool = False,
) -> tuple[list[Text], list[str]]:
    """The programs of a command, those in configs too, and what could not be read.

    Args:
        files: files, folders, and addresses of schedules in configs.
        expressions: ``-e``.
        stdin_filename: the file name for standard input.
        configs: where configs have theirs.
        run: what the command line says of the run.
        may_be_empty: True if no note is needed where there is no schedule.
        skip_unrelated: True to pass over configs without a schedule, as in a folder.
    """
    if any(map(disk.may_hold_schedules, [*files, stdin_filename or ""])):
        from lrdsl.cli.config_files import gather

        return gather(
            files, expressions, stdin_filename, configs, run,
            may_be_empty=may_be_empty or skip_unrelated, skip_unrelated=skip_unrelated,
        )  # fmt: skip
    configs.note_unused()
    return texts(files, expressions, stdin_filename)


def only(source: str, programs: Sequence[Text]) -> Text:
    """The one schedule of a file, where a command takes no more; or what is wrong with it.

    Args:
        source: what was given.
        programs: what is there.

    Raises:
        UsageError: there are several, or there is none.
    """
    found = [one for one in programs if one.in_config is None or one.in_config.text is not None]
    if len(found) == 1 or (programs and not found):
        return (found or programs)[0]
    if not found:
        help = f"name its key, as in {source}:optimizer.schedule"
        raise click.UsageError(visible(f"{source} has no schedule; {help}"))
    names = "".join(f"\n  {visible(text.address)}" for text in found)
    raise click.UsageError(f"{visible(source)} has {count(len(found))} schedules; name one:{names}")
