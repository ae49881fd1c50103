"""The options of ``lrdsl check`` that choose lints, and what they come to."""

from __future__ import annotations

from collections.abc import Sequence

import click

from lrdsl.cli.completion import lints
from lrdsl.cli.help import LINTS, option
from lrdsl.cli.run_options import Command
from lrdsl.record import record


def _slugs(ctx: click.Context, param: click.Parameter, values: Sequence[str]) -> frozenset[str]:
    """The lints that codes and slugs name; several may stand in one value, parted by commas."""
    if not values:
        return frozenset()
    from lrdsl.lints.ignores import named

    slugs: set[str] = set()
    for word in (word.strip() for value in values for word in value.split(",")):
        slug = named(word)
        if slug is None:
            raise click.BadParameter(f"{word!r} is no lint; `lrdsl explain` lists them, LRS6…")
        slugs.add(slug)
    return frozenset(slugs)


@record
class Choice:
    """Which lints to run, and whether what they find is an error."""

    select: frozenset[str]
    ignore: frozenset[str]
    strict: bool

    def __call__(self, slug: str) -> bool:
        """True to run a lint."""
        return slug not in self.ignore and (not self.select or slug in self.select)


_OPTIONS = (
    option(LINTS, "--select", multiple=True, callback=_slugs, metavar="LINT", shell_complete=lints,
           help="Report only these lints, such as jump,LRS602."),
    option(LINTS, "--ignore", multiple=True, callback=_slugs, metavar="LINT", shell_complete=lints,
           help="Do not report these lints."),
    option(LINTS, "--strict", is_flag=True, help="Treat warnings as errors."),
)  # fmt: skip


def lint_options(function: Command) -> Command:
    """Adds the options that choose lints."""
    for added in reversed(_OPTIONS):
        function = added(function)
    return function
