"""The output and the exit status of a command: 0 clean, 1 findings, 2 misuse."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec

import click

from lrdsl import __version__
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.wording import installing, listed, visible

FINDINGS, MISUSE = 1, 2


def color() -> bool:
    """True to print in color: on a terminal, unless NO_COLOR is set."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def say(sentence: str, *, err: bool = True) -> None:
    """Prints a sentence on a line of its own, whatever the names in it.

    Args:
        sentence: what is to be said.
        err: True for standard error, False for standard output.
    """
    click.echo(visible(sentence), err=err)


def print_diagnostics(diagnostics: Iterable[Diagnostic], *, err: bool = False) -> None:
    """Prints diagnostics for people, in the order given.

    Args:
        diagnostics: the diagnostics to print.
        err: True to print it as errors of the command, as its output is something else.
    """
    for diagnostic in diagnostics:
        click.echo(shown(diagnostic, plain=err), err=err)


def print_patch(name: str, old: str, new: str) -> None:
    """Prints how a text would change, as a patch that ``patch`` and git take.

    Args:
        name: the file.
        old: its present text.
        new: its new text.
    """
    from difflib import unified_diff

    name = _quoted(name)
    for line in unified_diff(_lines(old), _lines(new), name, name):
        # The mark by which `patch` and git know such a last line.
        if not line.endswith("\n"):
            line += "\n\\ No newline at end of file\n"
        # Bytes, as a patch has to be the same whatever a terminal can show.
        click.echo(line.encode(errors="surrogateescape"), nl=False)


def _quoted(name: str) -> str:
    """A name as git quotes it in a patch, where it has to be quoted."""
    if name.isprintable():
        return name
    plain = (
        chr(b) if 31 < b < 127 and b not in b'"\\' else f"\\{b:03o}" for b in os.fsencode(name)
    )
    return f'"{"".join(plain)}"'


def _lines(text: str) -> list[str]:
    """The lines of a text with their ends; no other character than a newline ends one."""
    return [line for line in text.replace("\n", "\n\0").split("\0") if line]


def shown(diagnostic: Diagnostic, *, plain: bool = False) -> str:
    """A diagnostic for people, in color where that is wanted."""
    from lrdsl.diagnostics.render import render

    text = render(diagnostic)
    return text if plain or not color() else _painted(text)


def _painted(text: str) -> str:
    """A rendered diagnostic in color."""
    lines = text.split("\n")
    head, colon, message = lines[0].partition("]: ")
    tone = "yellow" if head.startswith("warning") else "red"
    lines[0] = (
        click.style(head + colon.rstrip(), fg=tone, bold=True)
        + " "
        + click.style(message, bold=True)
    )
    for i, line in enumerate(lines[1:], start=1):
        if set(line.partition("|")[2].strip()) == {"^"}:
            lines[i] = click.style(line, fg=tone)
        elif line.startswith(("help:", "more:")):
            word, _, rest = line.partition(":")
            lines[i] = click.style(word + ":", fg="cyan") + rest
    return "\n".join(lines)


def document(version: int, fields: Mapping[str, object]) -> str:
    """A JSON document for programs, whose fields a schema in ``docs/reference/`` describes.

    Args:
        version: the version of its format, which rises when a reader of the one before would
            misunderstand. A field that is new is no reason.
        fields: what it says.
    """
    import json  # which most commands start without

    return json.dumps({"version": version, "lrdsl": __version__, **fields}, indent=2)


def print_unreadable(sentences: Sequence[str]) -> None:
    """Prints what could not be read."""
    for sentence in sentences:
        say(f"lrdsl: cannot read {sentence}")


def need(extra: str, *modules: str) -> None:
    """Ends the command where a module is missing, saying which extra brings it."""
    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        click.echo(f"lrdsl: this needs {listed(missing)}: {installing(extra)}", err=True)
        sys.exit(MISUSE)
