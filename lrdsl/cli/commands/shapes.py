"""``lrdsl shapes``: the library, as its own text and notes tell it."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from shutil import get_terminal_size
from textwrap import indent

import click

from lrdsl.check import elsewhere, library
from lrdsl.check.signatures import usage
from lrdsl.cli import output
from lrdsl.cli.completion import shapes
from lrdsl.cli.help import WRITE, Command, argument, filled
from lrdsl.formula.functions import FUNCTIONS
from lrdsl.program import parse
from lrdsl.record import replace
from lrdsl.schedule.shape import ShapeBlock
from lrdsl.schedule.views import blocks_of
from lrdsl.text.nodes import Definition
from lrdsl.wording import closest


@click.command(
    cls=Command,
    group=WRITE,
    examples=("lrdsl shapes cosine", "lrdsl shapes get_cosine_schedule_with_warmup"),
)
@argument(
    "name",
    "A shape, ease or combinator; none: a list of all.",
    required=False,
    shell_complete=shapes,
)
def command(name: str | None) -> None:
    """List the shapes, or show one.

    Shows its text, its formula, what it is called elsewhere, and a small chart. Names from torch,
    transformers, optax, timm, Keras and others are found too.
    """
    if name is None:
        _list()
        return
    definition = library.find(name)
    others = [] if definition else library.counterparts(name)
    warmed = None if definition or others else library.after_warmup(name)
    definition = definition or library.find(others[0][0] if others else warmed or "")
    if definition is None:
        from lrdsl.check.foreign_words import operator_elsewhere

        if operator := operator_elsewhere(name):
            _print_wrapped(f"There is no {name} here: {operator}.")
            return
        nearest = closest(name, library.names())
        hint = f"did you mean {nearest}?" if nearest else "`lrdsl shapes` lists them all"
        output.say(f"lrdsl: there is no shape {name}; {hint}")
        sys.exit(output.MISUSE)
    if warmed:
        _print_wrapped(f"{name} is a warm-up and then {warmed}: `warmup(…) >> {warmed}`.")
        click.echo()
    _translate(name, others)
    _show(definition)


def _translate(name: str, others: Sequence[tuple[str, library.Counterpart | None]]) -> None:
    """Prints what is written for a name of other systems."""
    for ours, other in others:
        definition = library.find(ours)
        if definition is None or other is None:
            _print_wrapped(f"{name} is called `{ours}` here.")
        else:
            same = next((x for x in other.names if x.lower() == name.lower()), other.name)
            _print_counterpart(definition, replace(other, name=same), indent=0)
    if others:
        click.echo()


def _list() -> None:
    for heading, names in library.sections().items():
        click.echo(f"{heading[0].upper()}{heading[1:]}:\n")
        for definition in filter(None, map(library.find, names)):
            _print_code(usage(definition).strip("`"), indent=2)
            _print_wrapped(definition.doc.partition("\n")[0], indent=6)
        click.echo()
    _print_wrapped("Functions of formulas, with + - * / ^, comparisons, pi, true and false:")
    click.echo()
    for function in FUNCTIONS.values():
        line = filled(function.about, _width(), f"  {function.signature:<24} ", " " * 27)
        click.echo(line, nl=False)


def _show(definition: Definition) -> None:
    notes = library.notes(definition)
    _print_code(usage(definition).strip("`"), indent=0)
    click.echo()
    _print_wrapped(definition.doc)
    click.echo()
    if not library.is_native(definition):
        click.echo(f"As it is defined:\n\n{indent(definition.span.text, '  ')}\n")
    if definition.keyword == "shape" and notes.example:
        _print_wrapped(_ends(definition.name, notes.example))
        click.echo()
    if notes.source:
        _print_wrapped(f"Source: {notes.source}.")
        click.echo()
    if notes.elsewhere:
        click.echo("In other systems:\n")
        for other in notes.elsewhere:
            _print_counterpart(definition, other, indent=2)
        click.echo()
    if notes.example and all(find_spec(module) for module in ("numpy", "plotext")):
        _chart(notes.example)


def _print_counterpart(definition: Definition, other: library.Counterpart, *, indent: int) -> None:
    """Prints a call of another system, and below it what is written here."""
    remark = f" ({other.remark})" if other.remark else ""
    _print_code(f"{other.system}: {elsewhere.there(other)}{remark}", indent=indent)
    _print_code(elsewhere.here(definition, other), indent=indent + 4)


def _width() -> int:
    """The number of columns for the text."""
    return min(max(get_terminal_size().columns, 50), 100)


def _print_wrapped(text: str, *, indent: int = 0) -> None:
    click.echo(filled(text, _width(), " " * indent, " " * indent), nl=False)


def _print_code(code: str, *, indent: int) -> None:
    """Prints a call or a program, broken after a comma or before what joins two parts."""
    pieces = re.split(r"(?<=, )|(?= >> )|(?= \()", code)
    lines, line = [], " " * indent
    for piece in pieces:
        if line.strip() and len(line + piece.rstrip()) > _width():
            lines.append(line.rstrip())
            line = " " * (indent + 8) + piece.lstrip()
        else:
            line += piece
    click.echo("\n".join([*lines, line]))


def _ends(name: str, example: str) -> str:
    """The values that a shape starts and ends with, if its formula shows them."""
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
    width = min(_width(), 72)
    click.echo(chart(curves, window(curves), width=width, height=12, color=output.color()))
