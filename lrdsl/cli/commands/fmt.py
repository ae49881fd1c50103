"""``lrdsl fmt``: the one layout of schedules."""

from __future__ import annotations

import os
import sys

import click

from lrdsl import files as disk
from lrdsl.check.check import check
from lrdsl.cli import output
from lrdsl.cli.run_options import stdin_filename, within
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.program import too_deep
from lrdsl.text.format import formatted
from lrdsl.text.parse import parse_module
from lrdsl.text.source import unmarked


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--check", "only_check", is_flag=True, help="Write nothing; name what would change.")
@click.option("--diff", is_flag=True, help="Write nothing; print what would change.")
@stdin_filename
def command(
    files: tuple[str, ...], only_check: bool, diff: bool, stdin_filename: str | None
) -> None:
    """Lay schedules out in the one way there is.

    FILE is a schedule, a folder of them, or `-` for standard input, which is written to standard
    output. A statement is one line, or is broken before each >>. Comments stay where they
    are; numbers and parentheses stay as they were written.

    Exit status: 0 laid out, 1 errors found or, with --check or --diff, something would change, 2
    misuse or an unreadable file.

    \b
    lrdsl fmt examples
    lrdsl fmt --check --diff resnet50.lrs
    """  # noqa: D301 - click reads the backspace as "keep these lines"
    if not files:
        raise click.UsageError("Give a file, a folder, or `-` for standard input.")
    unreadable: list[str] = []
    unwritable: list[str] = []
    broken = changed = False
    for file in _expanded(files, unreadable):
        name = stdin_filename or "<stdin>" if file == "-" else file
        try:
            text = _read(file)
        except OSError as error:
            unreadable.append(f"{file}: {error.strerror or error}")
            continue
        except UnicodeDecodeError:
            # A byte that was replaced on reading would be lost on writing.
            unreadable.append(f"{file}: it is not UTF-8")
            continue
        new, errors = _formatted(text, name)
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
        click.echo(f"lrdsl: cannot write {sentence}", err=True)
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
        return [error.strerror or str(error)]
    return []


def _formatted(text: str, name: str) -> tuple[str, list[Diagnostic]]:
    """A text as it is to be laid out, or as it is with the errors for which it cannot be."""
    module, errors = parse_module(unmarked(name, text))
    if not errors:
        try:
            with too_deep(module.source):
                # Such a call reads as two statements, which would be torn apart for good.
                errors = [d for d in check(module)[1] if d.slug == "detached-call"]
        except LrsError:
            pass  # which is for `check` to say
    return (text, errors) if errors else (formatted(module), [])


def _report(name: str, old: str, new: str, diff: bool) -> bool:
    """Says whether a text would change, and how."""
    if old == new:
        return False
    click.echo(f"would be laid out anew: {name}", err=diff)
    if diff:
        output.print_patch(name, old, new)
    return True
