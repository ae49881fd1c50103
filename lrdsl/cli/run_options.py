"""The options that say which schedules, and what the run is."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Container, Mapping, Sequence
from functools import wraps
from typing import TYPE_CHECKING, cast

import click
from click.core import ParameterSource

from lrdsl import files as disk
from lrdsl.cli import completion
from lrdsl.cli.help import OUTPUT, READ, RUN, argument, option
from lrdsl.outside import as_step
from lrdsl.record import record
from lrdsl.resolve.run_arguments import NAMES, RunArguments, normalized
from lrdsl.wording import visible

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from lrdsl.configs.schedules import ConfigSchedule
    from lrdsl.diagnostics.diagnostic import Diagnostic
    from lrdsl.text.source import Source

EXPRESSION = "<expression>"
# What click calls with the options: a command, or what is to become one.
Command = Callable[..., None]
Complete = Callable[..., list["CompletionItem[str]"]]


@record
class Text:
    """A program given on the command line, or found in a file that was.

    Attributes:
        name: its file, or what stands for one.
        text: its text.
        in_config: the config it was found in, and what that says about it; None without one.
        is_utf8: True if it says that in UTF-8.
        is_stdin: True if it came by standard input.
    """

    name: str
    text: str
    in_config: ConfigSchedule | None = None
    is_utf8: bool = True
    is_stdin: bool = False

    @property
    def source(self) -> str | Source:
        """Its text, with places in the config that contains it."""
        inside = self.in_config.text if self.in_config is not None else None
        return self.text if inside is None else inside

    @property
    def label(self) -> str:
        """The name of its curve: its file, or its text."""
        is_given = self.name == EXPRESSION
        return visible(" ".join(self.text.split()) if is_given else self.name)

    @property
    def place(self) -> str:
        """Its place: the file, with line and column if that is a config."""
        return visible(self.name) if self.in_config is None else self.in_config.place

    @property
    def address(self) -> str:
        """What names it on the command line: its file, with its keys if that is a config."""
        return self.name if self.in_config is None else self.in_config.address

    def known(self, run: RunArguments) -> RunArguments:
        """What is known of its run: what the command line says goes before what its config says.

        Args:
            run: the arguments on the command line.
        """
        return run if self.in_config is None else {**self.in_config.run, **run}

    def explained(
        self, errors: Sequence[Diagnostic], given: Container[str] = ()
    ) -> list[Diagnostic]:
        """Its errors, as its config explains them.

        Args:
            errors: the errors.
            given: the arguments of the run that the command line gave.
        """
        found = list(errors)
        return found if self.in_config is None else self.in_config.explained(found, given)


def pairs(ctx: click.Context, param: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    """``NAME=VALUE`` options as a mapping."""
    mapping: dict[str, str] = {}
    for value in values:
        name, equals, rest = value.partition("=")
        if not (name.strip() and equals and rest.strip()):
            raise click.BadParameter(f"{value!r} is not of the form NAME=VALUE")
        if name.strip() in mapping:
            raise click.BadParameter(f"{name.strip()!r} is given twice")
        mapping[name.strip()] = rest.strip()
    return mapping


class Amount(click.FloatRange):
    """A finite number in a range."""

    name = "number"

    def convert(
        self, value: float | str, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Reads one, for ``click``, whose own ranges let NaN pass."""
        number: float = super().convert(cast(float, value), param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a finite number.", param, ctx)
        return number


def is_given(name: str) -> bool:
    """True if an option of the command was given, whatever its value.

    Args:
        name: its parameter in the function.
    """
    source = click.get_current_context().get_parameter_source(name)
    return source is not ParameterSource.DEFAULT


def bases_of(ctx: click.Context, param: click.Parameter, values: Sequence[str]) -> dict[str, float]:
    """``RATE`` and ``NAME=RATE`` options as a mapping; without a name it is that of ``lr``."""
    bases: dict[str, float] = {}
    for value in values:
        name, _, rate = value.rpartition("=")
        key = name.strip() or "lr"
        if key in bases:
            raise click.BadParameter(f"{key!r} is given twice")
        bases[key] = Amount().convert(rate, param, ctx)
    return bases


def rate_of(bases: Mapping[str, float], command: str) -> float | None:
    """The base rate for a command that knows no hyperparameter but ``lr``; None without one.

    Args:
        bases: ``--base``.
        command: the noun for what it does.

    Raises:
        BadParameter: there is one of something else.
    """
    for name in bases:
        if name != "lr":
            message = f"{command} is of `lr`, not of `{name}`"
            raise click.BadParameter(message, param_hint="--base")
    return bases.get("lr")


def step_of(ctx: click.Context, param: click.Parameter, value: int | None) -> int | None:
    """An option that is the index of an update."""
    try:
        return None if value is None else as_step(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


# What says each of the `RunArguments`.
OPTIONS = {
    "total": "--total",
    "steps_per_epoch": "--steps-per-epoch",
    "per_step": "--per-step",
    "params": "--param",
}
_RUN = {
    "total": option(
        RUN, "--total", metavar="LENGTH", help="Length of the run: steps, or such as 90ep.",
    ),
    "steps_per_epoch": option(
        RUN, "--steps-per-epoch", type=float, metavar="N", help="Updates in one epoch.",
    ),
    "per_step": option(
        RUN, "--per-step", multiple=True, callback=pairs, metavar="NAME=N",
        help="Units of your own in one step, such as tok=4M.",
    ),
    "params": option(
        RUN, "--param", "params", multiple=True, callback=pairs, metavar="NAME=VALUE",
        help="A value for a `param` of the program.",
    ),
}  # fmt: skip


def run_options(
    told: str, complete: Complete = completion.schedules
) -> Callable[[Command], Command]:
    """Adds the arguments and options of a command about any number of schedules.

    Args:
        told: a line of help about its FILE arguments.
        complete: the shell completion of one.
    """

    def add(function: Command) -> Command:
        files = argument("files", told, nargs=-1, metavar="[FILE]...", shell_complete=complete)
        return files(expression_option(described_run()(function)))

    return add


def described_run(*names: str) -> Callable[[Command], Command]:
    """Adds the options that say what the run is.

    Args:
        names: the `RunArguments` that the command takes; by default all. Its function takes them
            as ``run``, in one mapping.
    """

    def add(function: Command) -> Command:
        @wraps(function)
        def command(**options: object) -> None:
            run = {name: options.pop(name) for name in names or NAMES}
            function(run=normalized(cast(RunArguments, run), function.__name__), **options)

        decorated: Command = command
        for name in reversed(names or NAMES):
            decorated = _RUN[name](decorated)
        return decorated

    return add


def format_option(*formats: str) -> Callable[[Command], Command]:
    """The option that says how to write what a command found.

    Args:
        formats: what can be chosen, in the order of the alphabet; ``text`` is one of them.
    """
    return option(
        OUTPUT, "--format", "form", type=click.Choice(formats), default="text",
        help="How to write what was found.",
    )  # fmt: skip


def output_option(told: str) -> Callable[[Command], Command]:
    """The option that names the file to write.

    Args:
        told: its help, which says what is written.
    """
    return option(
        OUTPUT, "-o", "--output", "path", metavar="FILE", shell_complete=completion.any_file,
        help=told,
    )  # fmt: skip


expression_option = option(
    READ, "-e", "--expression", "expressions", multiple=True, metavar="EXPR",
    help="A schedule given here, in quotes.",
)  # fmt: skip


base_option = option(
    RUN, "--base", "bases", multiple=True, callback=bases_of, metavar="[NAME=]RATE",
    help="The optimizer's own rate, or its value of NAME.",
)  # fmt: skip


group_option = option(
    RUN, "--group", "groups", multiple=True, metavar="NAME",
    help='A parameter group, for lr["layers.{i}.*"].',
)  # fmt: skip


stdin_filename = option(
    OUTPUT, "--stdin-filename", metavar="FILE", shell_complete=completion.any_file,
    help="What to call standard input in messages.",
)  # fmt: skip


def check_stdin(files: Sequence[str], stdin_filename: str | None) -> None:
    """Refuses a second ``-``, of which nothing would be left, and a name for no standard input.

    Args:
        files: what was given.
        stdin_filename: the file name for standard input.

    Raises:
        UsageError: something would have no effect.
    """
    if files.count("-") > 1:
        raise click.UsageError("Give `-` once: standard input can be read once.")
    if stdin_filename is not None and "-" not in files:
        raise click.UsageError("--stdin-filename names standard input: give `-` too.")


def within(folder: str, unreadable: list[str], *suffixes: str) -> list[str]:
    """The files with some suffix in a folder and in those inside it, sorted.

    Args:
        folder: its path.
        unreadable: takes a sentence for each folder that cannot be read.
        suffixes: the endings of their names.
    """
    failed: list[OSError] = []
    found = disk.walk(folder, suffixes, failed)
    unreadable += [f"{error.filename}: {disk.reason(error)}" for error in failed]
    endless = [path for path in found if disk.is_endless(path)]
    unreadable += [f"{path}: it is not a regular file" for path in endless]
    return [path for path in found if path not in endless] if endless else found


def as_expression(word: str) -> str:
    """A hint if a schedule was given in place of a file; usually empty."""
    context = click.get_current_context(silent=True)
    if context is None or not re.search(r">>|\w\(.*\)", word, re.DOTALL):
        return ""
    quoted = "'" + word.replace("'", "'\\''") + "'"
    if "expressions" in context.params:
        return f"; to give a schedule here, write: lrdsl {context.info_name} -e {quoted}"
    pipe = f", or write: echo {quoted} | lrdsl {context.info_name} -"
    return "; put the schedule in a file" + pipe * ("stdin_filename" in context.params)


def is_config(name: str) -> bool:
    """True if a file is a config by its name, which as a schedule would be read wrongly.

    Args:
        name: the file.
    """
    return name.lower().endswith(disk.CONFIGS)


def texts(
    files: Sequence[str],
    expressions: Sequence[str],
    stdin_filename: str | None = None,
) -> tuple[list[Text], list[str]]:
    """Reads every program that was asked for.

    Args:
        files: their paths; ``-`` is standard input.
        expressions: programs that were given as such.
        stdin_filename: the file name for standard input.

    Returns:
        The programs, and a sentence for each file that could not be read.
    """
    if not files and not expressions:
        raise click.UsageError("Give a file, `-` for standard input, or -e with a schedule.")
    check_stdin(files, stdin_filename if "-" in files else None)
    programs = [Text(EXPRESSION, text) for text in expressions]
    unreadable: list[str] = []
    for file in files:
        try:
            is_stdin = file == "-"
            data = sys.stdin.buffer.read(disk.MOST_BYTES) if is_stdin else disk.read_bytes(file)
        except OSError as error:
            unreadable.append(f"{file or repr(file)}: {disk.reason(error)}{as_expression(file)}")
        else:
            name = stdin_filename or "<stdin>" if is_stdin else file
            programs.append(Text(name, disk.decode(data), None, disk.is_utf8(data), is_stdin))
    return programs, unreadable
