"""``lrdsl diff``: the effect of a change to a schedule."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

import click

from lrdsl.cli import output
from lrdsl.cli.completion import schedules
from lrdsl.cli.help import RUN, Command, argument, option
from lrdsl.cli.resolving import check_bases, lay_out
from lrdsl.cli.run_options import (
    Text,
    base_option,
    check_stdin,
    described_run,
    group_option,
    step_of,
    texts,
)
from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.wording import visible

if TYPE_CHECKING:
    from lrdsl.preview.curve import Curve
    from lrdsl.resolve.run_arguments import RunArguments


@click.command(
    cls=Command,
    examples=("lrdsl diff before.lrs resnet50.lrs --at 50000 --steps-per-epoch 1251",),
    statuses=(
        "The same curve. Git always gets 0, since it would give up otherwise.",
        "Another curve.",
        "Wrong use, or a file that cannot be read or has errors.",
    ),
)
@argument(
    "files",
    "Two files with schedules.",
    nargs=-1,
    metavar="OLD NEW",
    required=True,
    shell_complete=schedules,
)
@option(RUN, "--at", type=int, callback=step_of, metavar="STEP", help="Where NEW takes over.")
@described_run
@base_option
@group_option
def command(
    files: tuple[str, ...],
    at: int | None,
    bases: dict[str, float],
    groups: tuple[str, ...],
    run: RunArguments,
) -> None:
    """Compare two schedules as curves.

    Says what differs, from which step on, and draws both. Parts with the same formula are the same
    curve, however long they are; other parts are compared at every step.

    --at is for a run that resumes under NEW. It says whether NEW agrees with the updates before
    STEP, and how far the value jumps there.

    To see this in `git diff`, write `*.lrs diff=lrdsl` into .gitattributes and run
    `git config diff.lrdsl.command "lrdsl diff"`. `git difftool -x "lrdsl diff"` works without.
    """
    output.need("preview", "numpy", "plotext")
    check_stdin(files, None)
    if len(files) == 2:
        sys.exit(_compare(files[0], files[1], files, run, bases, groups, at))
    # What git hands to an external diff: PATH OLD HEX MODE NEW HEX MODE, and where the file was
    # renamed its new path and a message; of a file that is not merged yet, the path alone.
    if len(files) == 1:
        output.say(f"{files[0]} is not merged yet", err=False)
    elif len(files) in {7, 9}:
        path, old, _, _, new, _, _, *renamed = files
        named = (f"a/{path}", f"b/{renamed[0] if renamed else path}")
        _compare(old, new, named, run, bases, groups, at)
    else:
        raise click.UsageError(f"Give two files, OLD and NEW, not {len(files)}.")


def _compare(
    old: str, new: str, named: tuple[str, ...], run: RunArguments, bases: dict[str, float],
    groups: tuple[str, ...], at: int | None,
) -> int:  # fmt: skip
    """Prints how two files differ, and gives the exit status."""
    from lrdsl.preview.compare import verdicts

    sides: list[dict[str, Curve]] = []
    broken = False
    for file, name in zip((old, new), named, strict=True):
        curves = {} if file == os.devnull else _curves(file, name, run, bases, groups)
        broken |= curves is None
        sides.append(curves or {})
    if broken:
        return output.MISUSE
    check_bases(bases, (c.target for curves in sides for c in curves.values() if c.target))
    click.echo(f"--- {visible(named[0])}\n+++ {visible(named[1])}")
    if not (sides[0] and sides[1]):
        click.echo("a new schedule" if sides[1] else "no schedule any more")
        _draw([*sides[0].values(), *sides[1].values()])
        return output.FINDINGS
    compared = verdicts(sides[0], sides[1], surely=not bases)
    for verdict in compared:
        click.echo("\n".join(verdict.lines(at)))
    differing = [verdict for verdict in compared if verdict.differs]
    _draw([curve for verdict in differing for curve in verdict.curves])
    return output.FINDINGS if differing else 0


def _curves(
    file: str, name: str, run: RunArguments, bases: dict[str, float], groups: tuple[str, ...]
) -> dict[str, Curve] | None:
    """The curves of a file by what they drive; None, with a word on why, where it has none."""
    from lrdsl.preview.curve import Curve

    programs, unreadable = texts([file], [])
    output.print_unreadable(unreadable)
    if unreadable:
        return None
    try:
        schedules = lay_out(Text(name, programs[0].text), run, bases, groups)
    except LrsError as error:
        output.print_diagnostics(error.diagnostics)
        return None
    for driven, _ in schedules.values():
        ticks = driven.schedule.ticks
        if ticks is not None and ticks.grid is None:
            raise click.UsageError(f"{name}: {ticks.unplaced}")
    return {
        label: Curve(visible(name), driven.schedule, base, target=driven.target)
        for label, (driven, base) in schedules.items()
    }


def _draw(curves: list[Curve]) -> None:
    """Draws curves of the same target over each other."""
    from lrdsl.preview.chart import MIN_WIDTH, chart
    from lrdsl.preview.curve import window

    width = max(MIN_WIDTH, shutil.get_terminal_size().columns)
    labels = dict.fromkeys(curve.target_label for curve in curves)
    for label in labels:
        same = [curve for curve in curves if curve.target_label == label]
        click.echo(f"\n{label}:" if len(labels) > 1 else "")
        click.echo(chart(same, window(same), width=width, color=output.color()))
