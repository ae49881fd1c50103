"""``lrdsl explain``: what an error code means."""

from __future__ import annotations

import sys

import click

from lrdsl.cli import output
from lrdsl.diagnostics import catalogue


@click.command()
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """Explain an error code: what it means, why it is refused, a bad and a good example.

    CODE is a code or its name, as in LRS201 or unknown-name. Without it, all are listed.
    """
    if code is None:
        for slug, number in catalogue.codes().items():
            click.echo(f"{number}  {slug}")
        return
    page = catalogue.page(code)
    if page is None:
        click.echo(f"lrdsl: there is no code {code}; `lrdsl explain` lists them all", err=True)
        sys.exit(output.MISUSE)
    click.echo(page, nl=False)
