"""``lrdsl diff``: the effect of a change to a schedule."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from lrdsl import files as disk
from lrdsl.cli import output
from lrdsl.cli.completion import schedules_and_configs
from lrdsl.cli.config_options import ConfigOptions, config_options, gathered, only
from lrdsl.cli.help import CHECK, OUTPUT, RUN, Command, argument, option
from lrdsl.cli.importing import found_in, imported, is_source
from lrdsl.cli.resolving import check_bases, lay_out
from lrdsl.cli.run_options import (
    EXPRESSION,
    Amount,
    Text,
    base_option,
    check_stdin,
    described_run,
    expression_option,
    format_option,
    group_option,
    step_of,
    texts,
)
from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.record import record
from lrdsl.schedule.difference import CLOSE
from lrdsl.wording import visible

if TYPE_CHECKING:
    from lrdsl.cli.config_files import Keyed
    from lrdsl.preview.compare import Verdict
    from lrdsl.preview.curve import Curve
    from lrdsl.resolve.run_arguments import RunArguments

VERSION = 1


@click.command(
    cls=Command,
    group=CHECK,
    examples=("lrdsl diff before.lrs resnet50.lrs --at 50000 --steps-per-epoch 1251",),
    statuses=(
        "The same curve, or with --at the same past. Git always gets 0.",
        "Another curve, or with --at a past that has changed, or may have.",
        "Wrong use, or a file that cannot be read or has errors.",
    ),
)
@argument(
    "files",
    "Two files with schedules, other systems' too.",
    nargs=-1,
    metavar="OLD NEW",
    shell_complete=schedules_and_configs,
)
@expression_option
@described_run()
@config_options
@base_option
@group_option
@option(RUN, "--at", type=int, callback=step_of, metavar="STEP", help="Where NEW takes over.")
@format_option("json", "text")
@option(OUTPUT, "--tolerance", type=Amount(0), default=CLOSE, metavar="SHARE",
        help="Share of the peak that counts as equal.")  # fmt: skip
def command(
    files: tuple[str, ...],
    expressions: tuple[str, ...],
    at: int | None,
    bases: dict[str, float],
    groups: tuple[str, ...],
    form: str,
    tolerance: float,
    run: RunArguments,
    configs: ConfigOptions,
) -> None:
    """Compare two schedules as curves.

    Says what differs, from which step on, and draws both. Parts with the same formula are the same
    curve, however long they are; other parts are compared at every step.

    With -e the schedule given is NEW, or with two of them OLD and NEW. Either may be a config, in
    which the schedule is found as `lrdsl check` finds it; of several, name one as in
    train.yaml:optimizer.schedule. It may also be another system's config, Python file or script
    with one schedule. That is imported first, as `lrdsl import` does, and has to be proven.

    --at is for a run that resumes under NEW. It says whether NEW agrees with the updates before
    STEP, and how far the value jumps there. The exit status is then about the updates before STEP
    alone: a gate for changes to a run that is under way.

    To see this in `git diff`, write `*.lrs diff=lrdsl` into .gitattributes and run
    `git config diff.lrdsl.command "lrdsl diff"`; configs are compared key by key.
    `git difftool -x "lrdsl diff"` works without.
    """
    output.need("preview", "numpy", *(["plotext"] if form == "text" else []))
    check_stdin(files, None)
    asked = _Asked(run, configs, bases, groups, at, form, tolerance)
    sides: list[str | Text] = [*files, *(Text(EXPRESSION, text) for text in expressions)]
    if len(sides) == 2:
        if not any(map(disk.may_hold_schedules, files)):
            configs.note_unused()
        named = [side.label if isinstance(side, Text) else side for side in sides]
        sys.exit(_compare(sides, named, asked))
    # What git hands to an external diff: PATH OLD HEX MODE NEW HEX MODE, and where the file was
    # renamed its new path and a message; of a file that is not merged yet, the path alone.
    if expressions or len(files) not in {1, 7, 9}:
        raise click.UsageError(f"Give two schedules, OLD and NEW, not {len(sides)}.")
    if len(files) == 1:
        output.say(f"{files[0]} is not merged yet", err=False)
        return
    path, old, _, _, new, _, _, *renamed = files
    now = renamed[0] if renamed else path
    both = [_Side(old, path, f"a/{path}"), _Side(new, now, f"b/{now}")]
    if not _compare_configs(both, asked):
        _compare_foreign(both, asked)


def _compare_configs(sides: Sequence[_Side], asked: _Asked) -> bool:
    """Prints how the schedules of two configs differ, key by key; False if they have none."""
    if not any(disk.may_hold_schedules(side.file) for side in sides):
        return False
    from lrdsl.cli.config_files import Keyed, by_key

    read = [
        by_key(side.file, side.path, asked.configs, asked.run)
        if disk.may_hold_schedules(side.file)
        else Keyed({}, (), (), "", ())
        for side in sides
    ]
    for note in dict.fromkeys(note for one in read for note in one.notes):
        output.say(f"note: {note}")
    faults = {output.shown(fault): fault for one in read for fault in one.faults}
    names = [side.name for side in sides]
    if any(_unfit(one) and not one.keys for one in read):
        _not_compared(names, [_unfit(one) for one in read], asked)
    else:
        for keys in dict.fromkeys(keys for one in read for keys in one.keys):
            named = [f"{name}:{keys}" for name in names]
            whys = [_unknown(one, keys) for one in read]
            if any(whys):
                _not_compared(named, whys, asked)
            else:
                _compare([one.texts.get(keys, os.devnull) for one in read], named, asked)
    output.print_diagnostics(faults.values(), err=asked.form == "json")
    return any(one.keys or one.faults or one.unreadable for one in read)


def _unfit(config: Keyed) -> str:
    """Why a schedule may be missing from what was read of a config; mostly empty."""
    if config.unreadable:
        return f"cannot be read: {config.unreadable}"
    return "has errors" if any(fault.severity == "error" for fault in config.faults) else ""


def _unknown(config: Keyed, keys: str) -> str:
    """Why nothing can be said of what a config has at some keys; mostly empty."""
    if keys in config.unknown:
        return "holds an interpolation, and is not known here"
    return "" if keys in config.texts else _unfit(config)


def _not_compared(named: Sequence[str], whys: Sequence[str], asked: _Asked) -> None:
    """Says why two schedules are not compared."""
    if asked.form != "json":
        click.echo(_heading(named))
    said = [f"{name} {why}" for name, why in zip(named, whys, strict=True) if why]
    output.say(f"not compared: {'; '.join(said)}", err=asked.form == "json")


def _heading(named: Sequence[str]) -> str:
    return f"--- {visible(named[0])}\n+++ {visible(named[1])}"


def _compare_foreign(sides: Sequence[_Side], asked: _Asked) -> None:
    """Prints how the schedules of two files differ, if either has one."""
    texts: list[str | Text] = []
    for side in sides:
        text: str | Text | None = side.file
        if is_source(side.file):
            if not _is_readable(side.file):
                return
            found = found_in(side.file, asked.run)
            text = imported(side.path, side.name, found) if found else os.devnull
        if text is None:
            return
        texts.append(text)
    if texts != [os.devnull, os.devnull]:
        _compare(texts, [side.name for side in sides], asked)


@record
class _Side:
    """A file as git hands it out.

    Attributes:
        file: where it can be read.
        path: the path that it belongs to.
        name: what git calls it.
    """

    file: str
    path: str
    name: str


@record
class _Asked:
    """What is known of the run, and how to compare.

    Attributes:
        run: the arguments of the run.
        configs: where configs have schedules, and their run.
        bases: the optimizer's own values, by key.
        groups: the names of parameter groups.
        at: the step at which the new schedule takes over; None if it does not.
        form: the format, ``json`` or ``text``.
        tolerance: the largest difference that counts as none, as a share of the peak.
    """

    run: RunArguments
    configs: ConfigOptions
    bases: dict[str, float]
    groups: tuple[str, ...]
    at: int | None
    form: str
    tolerance: float


def _compare(sides: Sequence[str | Text], named: Sequence[str], asked: _Asked) -> int:
    """Prints how two schedules differ, and gives the exit status."""
    from lrdsl.preview.compare import verdicts

    read = [_curves(side, name, asked) for side, name in zip(sides, named, strict=True)]
    if None in read:
        return output.MISUSE
    old, new = [curves or {} for curves in read]
    curves = [*old.values(), *new.values()]
    check_bases(asked.bases, (curve.target for curve in curves if curve.target))
    found = verdicts(old, new, surely=not asked.bases, tolerance=asked.tolerance, at=asked.at)
    is_lone = not (old and new)
    differing = [verdict for verdict in found if is_lone or verdict.differs]
    changed = [verdict for verdict in found if verdict.change]
    status = output.FINDINGS if (differing if asked.at is None else changed) else 0
    if asked.form == "json":
        click.echo(_document(found, named, asked, is_same=not differing))
        return status
    click.echo(_heading(named))
    if is_lone:
        click.echo("a new schedule" if new else "no schedule any more")
    else:
        for verdict in found:
            click.echo("\n".join(verdict.lines()))
    _draw([curve for verdict in differing for curve in verdict.curves])
    return status


def _document(
    found: Sequence[Verdict], named: Sequence[str], asked: _Asked, *, is_same: bool
) -> str:
    """The differences under the fields of ``docs/reference/diff.schema.json``."""
    is_unchanged = not any(verdict.change for verdict in found)
    fields = {
        "old": named[0],
        "new": named[1],
        "tolerance": asked.tolerance,
        "at": asked.at,
        "same": is_same,
        "past_unchanged": None if asked.at is None else is_unchanged,
        "targets": [verdict.to_json() for verdict in found],
    }
    return output.document(VERSION, fields)


def _curves(side: str | Text, name: str, asked: _Asked) -> dict[str, Curve] | None:
    """The curves of a file by what they drive; None, with a word on why, where it has none."""
    from lrdsl.preview.curve import Curve

    if side == os.devnull:
        return {}
    text = side if isinstance(side, Text) else _text(side, name, asked)
    if text is None:
        return None
    try:
        schedules = lay_out(text, asked.run, asked.bases, asked.groups)
    except LrsError as error:
        output.print_diagnostics(error.diagnostics, err=asked.form == "json")
        return None
    for driven, _ in schedules.values():
        ticks = driven.schedule.ticks
        if ticks is not None and ticks.grid is None:
            raise click.UsageError(f"{name}: {ticks.unplaced}")
    return {
        label: Curve(visible(name), driven.schedule, base, target=driven.target)
        for label, (driven, base) in schedules.items()
    }


def _text(side: str, name: str, asked: _Asked) -> Text | None:
    """The one schedule of a file; None, with a word on why, where it cannot be read."""
    if disk.may_hold_schedules(side):
        found, unreadable = gathered(
            (side,), (), None, asked.configs, asked.run, skip_unrelated=True
        )
    elif is_source(side):
        return _imported(side, name, asked) if _is_readable(side) else None
    else:
        found, unreadable = texts([side], [])
        found = [Text(name, text.text) for text in found]
    output.print_unreadable(unreadable)
    if unreadable:
        return None
    if not found and is_source(side):  # one of lrdsl's is what it says it is
        return _imported(side, name, asked)
    return only(side, found)


def _imported(side: str, name: str, asked: _Asked) -> Text | None:
    """The one schedule of another system's file; None, with a word on why, where it has none."""
    return imported(side, name, found_in(side, asked.run))


def _is_readable(side: str) -> bool:
    """True for a file that is there; a word on any other."""
    try:
        disk.read_bytes(side)
    except OSError as error:
        output.print_unreadable([f"{side}: {disk.reason(error)}"])
        return False
    return True


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
