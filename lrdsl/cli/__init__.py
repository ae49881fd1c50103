"""The command line: one file a command, in ``commands/``."""

from __future__ import annotations

from importlib import import_module

import click

from lrdsl import __version__

# Each is `command` in the file of its name in `commands/`.
COMMANDS = ("check", "diff", "explain", "fmt", "preview", "shapes")


class _Commands(click.Group):
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
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "-V", "--version", prog_name="lrdsl")
def main() -> None:
    """Learning-rate schedules as text: check them, look at them, look things up.

    A schedule is written like this: warmup(5ep) >> cosine(85ep, 0.4, 0.0004) >> const
    """
