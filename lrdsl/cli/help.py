"""The ``--help`` of a command: an example first, then its options in groups."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import click

# The groups of options, in the order in which they are shown. Options without one come last.
READ, RUN, LINTS, FIXES, OUTPUT, OTHER = (
    "What is read", "The run", "Lints", "Fixes", "Output", "Other",
)  # fmt: skip
GROUPS = (READ, RUN, LINTS, FIXES, OUTPUT, OTHER)
# The groups of commands, likewise.
WRITE, CHECK, LOOK, MOVE, WATCH, EDIT = (
    "Write", "Check", "Look", "Move in and out", "Watch", "Edit",
)  # fmt: skip
COMMAND_GROUPS = (WRITE, CHECK, LOOK, MOVE, WATCH, EDIT, OTHER)

# A longer option has its text on the next line.
_COLUMN = 24
# One that no line is broken at.
_SPACE = "\N{NO-BREAK SPACE}"
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class _Option(click.Option):
    """An option that knows its group."""

    def __init__(self, *declarations: Any, group: str, **settings: Any) -> None:
        # The help shows every default, and no text has to name it.
        settings.setdefault("show_default", settings.get("default") is not None)
        super().__init__(*declarations, **settings)
        self.group = group


class _Argument(click.Argument):
    """An argument with a line of help of its own."""

    group = READ

    def __init__(self, *declarations: Any, told: str, **settings: Any) -> None:
        super().__init__(*declarations, **settings)
        self.told = told

    def get_help_record(self, ctx: click.Context) -> tuple[str, str]:
        return re.sub(r"\W+", " ", self.human_readable_name).strip(), self.told


def option(group: str, *declarations: str, **settings: Any) -> Decorator:
    """An option of a command.

    Args:
        group: the heading it is shown under, one of `GROUPS`.
        declarations: its names.
        settings: arguments of ``click.option``.
    """
    return click.option(*declarations, cls=_Option, group=group, **settings)


def argument(name: str, told: str, **settings: Any) -> Decorator:
    """An argument of a command.

    Args:
        name: its parameter in the function.
        told: its help, in a line.
        settings: arguments of ``click.argument``.
    """
    return click.argument(name, cls=_Argument, told=told, **settings)


class Told:
    """Additions to a click command for the layout of its help.

    The docstring gives the first line, which also stands in the list of commands, and the
    paragraphs after the examples.

    Args:
        group: the heading that the command is listed under, one of `COMMAND_GROUPS`.
        examples: commands as they are typed.
        statuses: what the exit statuses 0, 1 and 2 mean; none if that needs no word.
        settings: arguments of click's command.
    """

    def __init__(
        self,
        *arguments: Any,
        group: str = OTHER,
        examples: Sequence[str] = (),
        statuses: Sequence[str] = (),
        **settings: Any,
    ) -> None:
        super().__init__(*arguments, **settings)
        self.heading = group
        self.examples = tuple(examples)
        self.statuses = tuple(statuses)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the help, for ``click``."""
        assert isinstance(self, click.Command)
        self.format_usage(ctx, formatter)
        first, *paragraphs = inspect.cleandoc(self.help or "").split("\n\n")
        _write_paragraph(formatter, first)
        if self.examples:
            with formatter.section("Example" if len(self.examples) == 1 else "Examples"):
                for example in self.examples:
                    _write_example(formatter, example)
        for paragraph in paragraphs:
            _write_paragraph(formatter, paragraph)
        if isinstance(self, click.Group):
            commands = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
            _write_commands(formatter, {name: c for name, c in commands.items() if c})
        _write_options(formatter, self.get_params(ctx), ctx)
        if self.statuses:
            rows = [(str(status), meaning) for status, meaning in enumerate(self.statuses)]
            _write_section(formatter, "Exit status", rows, _column(rows))


class Command(Told, click.Command):
    """A command whose help has examples, and its options in groups."""


def _write_commands(formatter: click.HelpFormatter, commands: Mapping[str, click.Command]) -> None:
    """Writes the commands by their groups."""
    groups: dict[str, list[tuple[str, str]]] = {group: [] for group in COMMAND_GROUPS}
    for name, command in commands.items():
        row = (name, command.get_short_help_str(200))
        groups[getattr(command, "heading", OTHER)].append(row)
    _write_sections(formatter, groups)


def _write_options(
    formatter: click.HelpFormatter, params: Iterable[click.Parameter], ctx: click.Context
) -> None:
    """Writes arguments and options by their groups."""
    groups: dict[str, list[tuple[str, str]]] = {group: [] for group in GROUPS}
    for param in params:
        if record := param.get_help_record(ctx):
            groups.setdefault(getattr(param, "group", OTHER), []).append(record)
    _write_sections(formatter, groups)


def _write_sections(
    formatter: click.HelpFormatter, groups: Mapping[str, Sequence[tuple[str, str]]]
) -> None:
    """Writes the groups that are not empty, with one column for the names of all."""
    column = _column(row for rows in groups.values() for row in rows)
    for group, rows in groups.items():
        if rows:
            _write_section(formatter, group, rows, column)


def _column(rows: Iterable[tuple[str, str]]) -> int:
    """The width of the first column."""
    return max((len(name) for name, _ in rows if len(name) <= _COLUMN), default=_COLUMN)


def _write_section(
    formatter: click.HelpFormatter, heading: str, rows: Iterable[tuple[str, str]], column: int
) -> None:
    with formatter.section(heading):
        for name, text in rows:
            indent = " " * (column + 4)
            first = f"  {name:<{column}}  "
            if len(first) > len(indent):
                formatter.write(f"{first.rstrip()}\n")
                first = indent
            formatter.write(filled(text, formatter.width, first, indent))


def _write_paragraph(formatter: click.HelpFormatter, text: str) -> None:
    formatter.write_paragraph()
    formatter.write(filled(text, formatter.width, "  ", "  "))


def _write_example(formatter: click.HelpFormatter, example: str) -> None:
    """Writes a command that can be copied: where it is too long, the shell reads on."""
    line = f"  {example}"
    if len(line) > formatter.width:
        *heads, last = re.split(r" (?=--)", example)
        line = " \\\n      ".join([f"  {' '.join(heads)}", last] if heads else [f"  {last}"])
    formatter.write(f"{line}\n")


def filled(text: str, width: int, first: str, indent: str) -> str:
    """A paragraph broken between words: ``--steps-per-epoch``, code and a default are words.

    Args:
        text: the paragraph.
        width: the maximum length of a line.
        first: the prefix of the first line.
        indent: the prefix of the other lines.
    """
    from textwrap import fill

    whole = re.compile(r"`[^`]*`|\[default: [^]]*\]")
    words = whole.sub(lambda code: code[0].replace(" ", _SPACE), " ".join(text.split()))
    lines = fill(
        words, width, initial_indent=first, subsequent_indent=indent,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    return lines.replace(_SPACE, " ") + "\n"
