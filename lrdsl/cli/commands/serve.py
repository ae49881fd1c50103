"""``lrdsl serve``: a page that follows schedules while they are written."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from lrdsl import files as disk
from lrdsl.cli import output
from lrdsl.cli.completion import schedules_and_configs
from lrdsl.cli.config_options import ConfigOptions, config_options
from lrdsl.cli.help import LOOK, OUTPUT, Command, argument, option
from lrdsl.cli.run_options import as_expression, base_option, described_run, group_option
from lrdsl.cli.stated_runs import said_of

if TYPE_CHECKING:
    from lrdsl.resolve.run_arguments import RunArguments


@click.command(
    cls=Command,
    group=LOOK,
    examples=(
        "lrdsl serve resnet50.lrs",
        "lrdsl serve resnet50.lrs wsd.lrs --steps-per-epoch 1251",
        "lrdsl serve configs/resnet50.yaml:optimizer.schedule --port 0",
    ),
    statuses=("Ended by Ctrl-C.", "Not used.", "Wrong use, or a file that cannot be read."),
)
@argument("files", "A schedule, config, or train.yaml:its.key.", nargs=-1, required=True,
          metavar="FILE...", shell_complete=schedules_and_configs)  # fmt: skip
@described_run()
@config_options
@base_option
@group_option
@option(OUTPUT, "--port", type=click.IntRange(0, 65535), default=8170, metavar="N",
        help="Where to serve; 0 for any free port.")  # fmt: skip
def command(
    files: tuple[str, ...],
    run: RunArguments,
    configs: ConfigOptions,
    bases: dict[str, float],
    groups: tuple[str, ...],
    port: int,
) -> None:
    """Show schedules in the browser, redrawn on save.

    The page has the curves of all files over each other, their parts and values, what is wrong with
    them, and a slider for every `param`. Save a file, and the page follows; a file with errors
    keeps its last curve. Ctrl-C ends it.

    Where the run is not known, lengths in epochs, tokens or percent are drawn in that unit.

    Only this machine can open the page. To see it from another one, forward the port: `ssh -L
    8170:localhost:8170 HOST`.
    """
    from lrdsl.page.documents import Document, Settings
    from lrdsl.page.server import Server

    _check(files, configs)
    settings = Settings(
        run, bases, groups, configs.keys, configs.total_from, configs.steps_from, said_of
    )
    try:
        server = Server([Document(word, settings) for word in files], port)
    except OSError as error:
        output.say(
            f"lrdsl: port {port} cannot be used: {disk.reason(error)}; choose another --port"
        )
        sys.exit(output.MISUSE)
    try:
        output.say(f"{server.address} shows {', '.join(files)}; Ctrl-C ends it", err=False)
        sys.stdout.flush()
        server.serve_forever(poll_interval=0.1)
    except KeyboardInterrupt:
        click.echo()
    finally:
        server.server_close()


def _check(words: tuple[str, ...], configs: ConfigOptions) -> None:
    """Refuses what cannot be shown, and says what has no effect."""
    has_config = False
    for word in words:
        path = disk.addressed(word)[0]
        try:
            disk.read_bytes(path)
        except OSError as error:
            output.say(f"lrdsl: cannot read {word}: {disk.reason(error)}{as_expression(word)}")
            sys.exit(output.MISUSE)
        if path.lower().endswith(disk.CONFIGS):
            from lrdsl.configs import config_file

            has_config = True
            output.need("configs", *config_file.modules(path))
    if not has_config:
        configs.note_unused()
