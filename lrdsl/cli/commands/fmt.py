"""``lrdsl fmt``: the one layout of schedules."""

from __future__ import annotations

import os
import sys

import click

from lrdsl import files as disk
from lrdsl.analysis.layout import laid_out
from lrdsl.cli import output
from lrdsl.cli.completion import schedules
from lrdsl.cli.help import OUTPUT, WRITE, Command, argument, option
from lrdsl.cli.run_options import (
    as_expression,
    check_stdin,
    is_config,
    stdin_filename,
    within,
)

_MOVE = f"put the schedule into a {disk.SUFFIX} file"


@click.command(
    cls=Command,
    group=WRITE,
    examples=("lrdsl fmt examples", "lrdsl fmt --check --diff resnet50.lrs"),
    statuses=(
        "Formatted.",
        "Errors, or changes that --check or --diff reports.",
        "Wrong use, or a file that cannot be read or written.",
    ),
)
@argument(
    "files",
    "A schedule or folder; - for standard input.",
    nargs=-1,
    metavar="[FILE]...",
    shell_complete=schedules,
)
@option(OUTPUT, "--check", "only_check", is_flag=True, help="List the files; write nothing.")
@option(OUTPUT, "--diff", is_flag=True, help="Print the changes as a patch; write nothing.")
@stdin_filename
def command(
    files: tuple[str, ...], only_check: bool, diff: bool, stdin_filename: str | None
) -> None:
    """Format schedules in the one standard layout.

    A statement is one line, or is broken before each >>. Comments keep their place; numbers
    and parentheses stay as they were written. Standard input is written to standard output.
    Schedules inside configs are left as they are.
    """
    if not files:
        raise click.UsageError("Give a file, a folder, or `-` for standard input.")
    check_stdin(files, stdin_filename)
    unreadable: list[str] = []
    unwritable: list[str] = []
    broken = changed = False
    expanded = _expanded(files, unreadable)
    if not expanded and not unreadable:
        output.say(f"note: no {disk.SUFFIX} file was found")
    for file in expanded:
        name = stdin_filename or "<stdin>" if file == "-" else file
        try:
            text = _read(file)
        except OSError as error:
            unreadable.append(f"{file or repr(file)}: {disk.reason(error)}{as_expression(file)}")
            continue
        except UnicodeDecodeError:
            # A byte that was replaced on reading would be lost on writing.
            unreadable.append(f"{file}: it is not UTF-8")
            continue
        if is_config(name):
            # Keys and colons are those of statements: a config may pass for a program.
            unreadable.append(f"{name}: it is a config, which is left as it is; {_MOVE}")
            continue
        new, errors = laid_out(text, name)
        output.print_diagnostics(errors, err=file == "-")
        broken |= bool(errors)
        if only_check or diff:
            changed |= _report(name, text, new, diff)
        elif file == "-" and not errors:
            click.echo(new.encode(), nl=False)
        elif file != "-" and new != text:
            unwritable += [f"{file}: {problem}" for problem in _write(file, new)]
    output.print_unreadable(unreadable)
    for sentence in unwritable:
        output.say(f"lrdsl: cannot write {sentence}")
    if unreadable or unwritable:
        sys.exit(output.MISUSE)
    sys.exit(output.FINDINGS if broken or changed else 0)


def _expanded(files: tuple[str, ...], unreadable: list[str]) -> list[str]:
    """The files, and those in folders."""
    expanded: list[str] = []
    for file in files:
        expanded += within(file, unreadable, disk.SUFFIX) if os.path.isdir(file) else [file]
    return expanded


def _read(file: str) -> str:
    if file == "-":
        return sys.stdin.buffer.read().decode("utf-8")
    with open(file, "rb") as stream:
        return stream.read().decode("utf-8")


def _write(file: str, text: str) -> list[str]:
    """Replaces what a file says, and gives the reason where that fails."""
    if not os.path.isfile(file):
        return ["it is not a regular file"]
    try:
        with disk.replacing(file) as stream:
            stream.write(text.encode())
    except OSError as error:
        return [disk.reason(error)]
    return []


def _report(name: str, old: str, new: str, diff: bool) -> bool:
    """Says whether a text would change, and how."""
    if old == new:
        return False
    output.say(f"would be laid out anew: {name}", err=diff)
    if diff:
        output.print_patch(name, old, new)
    return True
