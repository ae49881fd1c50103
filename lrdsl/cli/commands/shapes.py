"""``lrdsl shapes``: the library, as its own text and notes tell it."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from textwrap import indent

import click

from lrdsl.check import elsewhere, library
from lrdsl.check.signatures import usage
from lrdsl.cli import output
from lrdsl.formula.functions import FUNCTIONS
from lrdsl.program import parse
from lrdsl.schedule.schedule import blocks_of
from lrdsl.schedule.shape import ShapeBlock
from lrdsl.text.nodes import Definition
from lrdsl.wording import closest


@click.command()
@click.argument("name", required=False)
def command(name: str | None) -> None:
    """List the shapes, or show one: its text, its formula, a small chart.

    NAME is a shape, a combinator or an ease. Names that other systems use are understood:
    `lrdsl shapes CosineAnnealingLR`.
    """
    if name is None:
        _list()
        return
    definition = library.find(name) or library.find(library.known_elsewhere_as(name) or "")
    if definition is None:
        nearest = closest(name, library.names())
        hint = f"did you mean {nearest}?" if nearest else "`lrdsl shapes` lists them all"
        click.echo(f"lrdsl: there is no shape {name}; {hint}", err=True)
        sys.exit(output.MISUSE)
    _show(definition)


def _list() -> None:
    for heading, names in library.sections().items():
        click.echo(f"{heading[0].upper()}{heading[1:]}:\n")
        for definition in filter(None, map(library.find, names)):
            click.echo(f"  {usage(definition).strip('`')}")
            click.echo(f"      {definition.doc.partition(chr(10))[0]}")
        click.echo()
    click.echo("Functions of formulas, with + - * / ^, comparisons, pi, true and false:\n")
    for function in FUNCTIONS.values():
        click.echo(f"  {function.signature:<24} {function.about}")


def _show(definition: Definition) -> None:
    notes = library.notes(definition)
    click.echo(f"{usage(definition).strip('`')}\n\n{definition.doc}\n")
    if not library.is_native(definition):
        click.echo(f"As it is defined:\n\n{indent(definition.span.text, '  ')}\n")
    if definition.keyword == "shape" and notes.example:
        click.echo(f"{_ends(definition.name, notes.example)}\n")
    if notes.source:
        click.echo(f"Source: {notes.source}.\n")
    if notes.elsewhere:
        click.echo("In other systems:\n")
        for other in notes.elsewhere:
            remark = f" ({other.remark})" if other.remark else ""
            click.echo(f"  {other.system}: {elsewhere.there(other)}{remark}")
            click.echo(f"      {elsewhere.here(definition, other)}")
        click.echo()
    if notes.example and all(find_spec(module) for module in ("numpy", "plotext")):
        _chart(notes.example)


def _ends(name: str, example: str) -> str:
    """What a shape starts and ends with, as far as its formula says."""
    for _, block, _ in blocks_of(parse(example).resolve(), 1.0):
        for part in block.walk():
            if isinstance(part, ShapeBlock) and part.name == name:
                first, last = part.kernel.starts_at, part.kernel.ends_at
                starts = f"Starts at `{first}`" if first else "Starts at what all arguments decide"
                ends = f"ends at `{last}`" if last else "ends at what all arguments decide"
                return f"{starts}, {ends}."
    raise AssertionError(f"the example of {name} does not show it")


def _chart(example: str) -> None:
    from lrdsl.preview.chart import chart
    from lrdsl.preview.curve import Curve, window
    from lrdsl.preview.metric import sampled

    curves = sampled([Curve(example, parse(example).resolve())])
    click.echo(chart(curves, window(curves), width=72, height=16, color=output.color()))
