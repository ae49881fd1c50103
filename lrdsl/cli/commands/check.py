"""``lrdsl check``: every error of every file."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

import click

from lrdsl.analysis.findings import findings
from lrdsl.cli import output
from lrdsl.cli.completion import schedules_and_configs
from lrdsl.cli.config_options import ConfigOptions, config_options, gathered
from lrdsl.cli.formats import FORMATS
from lrdsl.cli.help import CHECK, FIXES, READ, Command, option
from lrdsl.cli.lint_options import Choice, lint_options
from lrdsl.cli.run_options import (
    Text,
    base_option,
    check_stdin,
    format_option,
    group_option,
    run_options,
    stdin_filename,
)
from lrdsl.cli.stated_runs import known_run
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.program import Program
from lrdsl.record import record, replace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lrdsl.resolve.run_arguments import RunArguments


@click.command(
    cls=Command,
    group=CHECK,
    examples=(
        "lrdsl check resnet50.lrs --total 90ep --steps-per-epoch 1251",
        "lrdsl check -e 'warmup(5) >> cosine(20, 0.3, 0.01)'",
        "lrdsl check configs/ --key optimizer.schedule --total-from trainer.max_epochs=ep",
    ),
    statuses=(
        "No errors; there may be warnings.",
        "Errors, or changes that --diff shows.",
        "Wrong use, or a file that cannot be read.",
    ),
)
@run_options("A schedule, config or folder; - for standard input.", schedules_and_configs)
@config_options
@base_option
@group_option
@lint_options
@option(READ, "--skip-unrelated", is_flag=True,
        help="Pass over configs without a schedule, even broken.")  # fmt: skip
@option(FIXES, "--fix", is_flag=True, help="Make the safe fixes, in the files.")
@option(FIXES, "--diff", is_flag=True, help="Print the changes as a patch; write nothing.")
@format_option(*FORMATS)
@stdin_filename
def command(
    files: tuple[str, ...],
    expressions: tuple[str, ...],
    run: RunArguments,
    configs: ConfigOptions,
    bases: dict[str, float],
    groups: tuple[str, ...],
    select: frozenset[str],
    ignore: frozenset[str],
    strict: bool,
    skip_unrelated: bool,
    fix: bool,
    diff: bool,
    form: str,
    stdin_filename: str | None,
) -> None:
    """Find mistakes in schedules.

    Prints each error and warning with its place and what to write instead, and nothing if all is
    well. A comment such as `# lrs: ignore[jump]` marks a line as intentional.

    Boundaries and values depend on the run. Describe it with --total, --steps-per-epoch and
    --per-step, or in the schedule, as `run total = 90ep, 1ep = 1251st`, and every step is checked;
    otherwise a note says what was left out.

    A selector such as lr["layers.{i}.*"] is checked for i = 0 and i = 1, and what is wrong with
    both is an error; name the groups with --group to have it checked for theirs.

    In a config (YAML, TOML or JSON), schedules are the values of the keys that --key or
    [tool.lrdsl] in pyproject.toml names, paths that end in .lrs, and values tagged !lrs;
    train.yaml:optimizer.schedule names one of them. They are checked but not fixed.
    """
    check_stdin(files, stdin_filename)
    if diff and form != "text":
        raise click.UsageError("--diff prints a patch, which has no other --format.")
    programs, unreadable = gathered(
        files, expressions, stdin_filename, configs, run, skip_unrelated=skip_unrelated
    )
    choice = Choice(select, ignore, strict)
    built = Built(bases, groups)
    changed = False
    if fix or diff:
        from lrdsl.cli import fixing

        def found(text: Text) -> list[Diagnostic]:
            return _findings(text, run, choice, built, quiet=True)

        if diff:
            fixed = fixing.show_changes(programs, found)
            changed = any(new not in programs for new in fixed)
        else:
            fixed = fixing.fix_files(programs, found, unreadable)
        programs = fixed
    output.print_unreadable(unreadable)
    findings = _all_findings(programs, run, choice, built)
    if diff:  # what is left goes where a patch does not
        output.print_diagnostics(findings, err=True)
        _end(unreadable, findings, changed)
    written: str = import_module(f"lrdsl.cli.formats.{form}").written(findings)
    click.echo(written, nl=False)
    _end(unreadable, findings, changed)


def _end(unreadable: list[str], findings: list[Diagnostic], changed: bool) -> NoReturn:
    if unreadable:
        sys.exit(output.MISUSE)
    errors = any(d.severity == "error" for d in findings)
    sys.exit(output.FINDINGS if errors or changed else 0)


@record
class Built:
    """What is known of the optimizer: its own values by key, and the names of its groups."""

    bases: dict[str, float]
    groups: tuple[str, ...]


def _all_findings(
    programs: Iterable[Text], run: RunArguments, choice: Choice, built: Built
) -> list[Diagnostic]:
    findings: dict[Diagnostic, None] = {}
    for text in programs:
        # A file may be named by several configs; what is wrong with it in all runs is said once.
        own = [d for d in _findings(text, run, choice, built) if d not in findings]
        if own and text.in_config is not None and text.in_config.is_shared:
            note = f"note: {text.name} was checked for the run of {text.in_config.user}"
            output.say(note)
        findings |= dict.fromkeys(own)
    return list(findings)


def _findings(
    text: Text, run: RunArguments, choice: Choice, built: Built, *, quiet: bool = False
) -> list[Diagnostic]:
    """The errors of one program; where it has none, its warnings.

    Args:
        text: the program.
        run: the known arguments of the run.
        choice: which lints there are.
        built: what is known of the optimizer.
        quiet: True to leave out the note on what could not be looked at.
    """
    config = text.in_config
    if config is not None and config.errors:
        return [replace(d, severity="error") if choice.strict else d for d in config.errors]
    try:
        program = Program(text.source, text.name)
        if built.groups:
            program = program.for_groups(built.groups)
    except LrsError as error:
        return text.explained(error.diagnostics)
    known = known_run(text, program, run, quiet=quiet)
    is_given = bool(run.keys() - {"params"})
    found = findings(program, known, is_whole=is_given, chosen=choice, bases=built.bases)
    if found.needs and not quiet:
        described = known.keys() - {"params"} or program.module.runs
        extent = "as far as its run is known" if described else "without a run"
        options = " and ".join(found.needs)
        output.say(f"note: {text.place} was checked {extent}; it needs {options} to be laid out")
    if found.errors:
        is_refused = found.resolved is not None
        return [*found.errors] if is_refused else text.explained(found.errors, run)
    warnings = [*found.warnings]
    return [replace(d, severity="error") for d in warnings] if choice.strict else warnings
