"""``lrdsl lsp``: the language server."""

from __future__ import annotations

import sys

import click

from lrdsl.cli import output
from lrdsl.cli.help import EDIT, OTHER, Command, option


@click.command(cls=Command, group=EDIT, examples=("lrdsl lsp",))
@option(OTHER, "--stdio", is_flag=True, help="Talk on standard input and output, as always.")
def command(stdio: bool) -> None:
    """Start the language server for editors.

    Your editor starts it. It shows mistakes as you type, in .lrs files and in configs, and what a
    schedule does at the cursor. docs/how-to/editors.md has the settings for Neovim, Helix, Emacs
    and VS Code.
    """
    output.need("lsp", "pygls", "lsprotocol", "numpy")
    if sys.stdin.isatty():
        output.say("lrdsl: this waits for an editor, which starts it; Ctrl+C ends it")
    from lrdsl.lsp.server import serve

    serve()
