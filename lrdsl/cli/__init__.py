"""The command line: one file a command, in ``commands/``."""

from __future__ import annotations

from importlib import import_module

import click

from lrdsl import __version__
from lrdsl.cli.help import Told

# Each is `command` in the file of its name in `commands/`.
COMMANDS = (
    "audit",
    "check",
    "diff",
    "explain",
    "export",
    "fit",
    "fmt",
    "import",
    "lsp",
    "preview",
    "serve",
    "shapes",
)


class _Commands(Told, click.Group):
    """The commands, each imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"lrdsl.cli.commands.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command


@click.command(
    cls=_Commands,
    examples=(
        "lrdsl check resnet50.lrs",
        "lrdsl preview -e 'warmup(5) >> cosine(20, 0.3, 0.01)'",
        "lrdsl shapes CosineAnnealingLR",
    ),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "-V", "--version", prog_name="lrdsl")
def main() -> None:
    """Check, draw and compare learning-rate schedules.

    A schedule is text: `warmup(5ep) >> cosine(85ep, 0.4, 4e-4) >> const` warms up for 5 epochs,
    follows half a cosine for 85, and stays at its last value. Each command has its own --help.
    """
