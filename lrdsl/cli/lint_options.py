"""The options of ``lrdsl check`` that choose lints, and what they come to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from lrdsl.record import record

_F = TypeVar("_F", bound=Callable[..., Any])


def _slugs(ctx: click.Context, param: click.Parameter, values: Sequence[str]) -> frozenset[str]:
    """The lints that codes and slugs name; several may stand in one value, parted by commas."""
    if not values:
        return frozenset()
    from lrdsl.lints.ignores import named

    found: set[str] = set()
    for word in (word.strip() for value in values for word in value.split(",")):
        slug = named(word)
        if slug is None:
            raise click.BadParameter(f"{word!r} is no lint; `lrdsl explain` lists them, LRS6…")
        found.add(slug)
    return frozenset(found)


@record
class Choice:
    """Which lints to run, and whether what they find is an error."""

    select: frozenset[str]
    ignore: frozenset[str]
    strict: bool

    def __call__(self, slug: str) -> bool:
        """Whether to run a lint."""
        return slug not in self.ignore and (not self.select or slug in self.select)


_OPTIONS = (
    click.option("--select", multiple=True, callback=_slugs, metavar="LINT",
                 help="Report these lints only; a code or a name, or several with commas."),
    click.option("--ignore", multiple=True, callback=_slugs, metavar="LINT",
                 help="Do not report these lints."),
    click.option("--strict", is_flag=True, help="Treat warnings as errors."),
)  # fmt: skip


def lint_options(function: _F) -> _F:
    """Adds the options that choose lints."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function
